#pragma once
// The layout of journal.mtj, where its writer and reader meet; the words are in FORMAT.md.
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <type_traits>

namespace martinet::journal {

inline constexpr std::array<char, 8> kMagic = {'M', 'T', 'N', 'J', 'R', 'N', 'L', '1'};
inline constexpr std::uint32_t kVersion = 2;
inline constexpr std::uint32_t kRecordMagic = 0x524A544D;
inline constexpr std::size_t kPayloadMax = 65'536;

struct SegmentHeader {
  std::array<char, 8> magic = kMagic;
  std::uint32_t version = kVersion;
  std::uint32_t header_size = 256;
  std::uint64_t epoch = 0;
  std::uint64_t segment = 1;
  std::uint64_t first_sequence = 1;
  std::uint64_t previous_sequence = 0;
  std::uint32_t previous_chain = 0;
  std::uint32_t zero = 0;
  std::int64_t ts_begin_ns = 0;
  std::array<std::uint8_t, 32> config_sha256{};
  std::array<char, 64> build_id{};
  std::array<char, 64> account{};
  std::array<std::uint8_t, 28> zeros{};
  std::uint32_t crc = 0;
};
static_assert(sizeof(SegmentHeader) == 256 && std::is_trivially_copyable_v<SegmentHeader>);

struct RecordHead {
  std::uint32_t magic = kRecordMagic;
  std::uint32_t payload_size = 0;
  std::uint64_t sequence = 0;
  std::uint16_t type = 0;
  std::uint16_t version = 1;
  std::uint32_t zero = 0;
  std::int64_t t_mono_ns = 0;
  std::int64_t t_wall_ns = 0;
};
static_assert(sizeof(RecordHead) == 40 && std::is_trivially_copyable_v<RecordHead>);

/// Where a journal ends: what the next segment goes on from. All zero: there is none yet.
struct JournalPoint {
  std::uint64_t segment = 0;
  std::uint64_t sequence = 0;
  std::uint32_t chain = 0;
  bool operator==(const JournalPoint&) const = default;
};

inline constexpr std::size_t kTailSize = 8;  ///< chain checksum and a zero word

inline constexpr std::uint64_t kSegmentBytesMax = 4ULL << 30;  ///< a segment never grows past this, a larger file is none

constexpr std::size_t padded(std::size_t size) noexcept { return (size + 7) / 8 * 8; }
constexpr std::size_t record_size(std::size_t payload_size) noexcept { return sizeof(RecordHead) + padded(payload_size) + kTailSize; }

/// What is handed to the disk at once and waited for before the next is: at most so much is lost in a crash.
inline constexpr std::size_t kGroupBytesMax = 1024 * 1024 + record_size(kPayloadMax);
inline constexpr std::size_t kSectorBytes = 512;  ///< a disk keeps or loses a sector of a group as a whole

enum class RecordType : std::uint16_t {
  session = 1,
  configuration,
  instruments,
  checkpoint,
  decision,
  sent,
  venue_event,
  execution,
  position,
  equity,
  alert,
  segment_end
};

/// Head of a part of something longer than a payload.
struct PartHead {
  std::uint32_t index = 0;
  std::uint32_t count = 0;
};
inline constexpr std::size_t kPartBytesMax = kPayloadMax - sizeof(PartHead);

struct EquityRecord {
  std::int64_t equity = 0;  ///< 1e-8 of the account currency
  std::int64_t balance = 0;
};

struct AlertRecord {
  std::uint32_t code = 0;
  std::uint32_t instrument = 0;
};

struct SegmentEndRecord {
  std::uint64_t inputs = 0;
  std::uint64_t requests = 0;
  std::uint64_t records = 0;  ///< of the capture
};

[[nodiscard]] constexpr std::string_view name_of(RecordType type) noexcept {
  constexpr std::string_view kNames[] = {"unknown",     "session",   "configuration", "instruments", "checkpoint", "decision",   "sent",
                                         "venue_event", "execution", "position",      "equity",      "alert",      "segment_end"};
  const auto index = static_cast<std::size_t>(type);
  return index < std::size(kNames) ? kNames[index] : kNames[0];
}

}  // namespace martinet::journal

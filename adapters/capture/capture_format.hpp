#pragma once
// Where the capture's writer and reader meet: the bytes of FORMAT.md as structs, and the header as text of bytes.
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "adapters/capture/capture_types.hpp"
#include "engine/base/capacity.hpp"
#include "engine/base/result.hpp"

namespace martinet::capture {

static_assert(std::endian::native == std::endian::little, "captures are little-endian and are read in place");

inline constexpr std::array<char, 8> kFileMagic = {'M', 'T', 'N', 'C', 'A', 'P', '0', '1'};
inline constexpr std::uint32_t kFormatVersion = 1;
inline constexpr std::uint32_t kBlockMagic = 0x4B42544D;  ///< "MTBK" in the file
inline constexpr std::uint32_t kEndMagic = 0x444E544D;    ///< "MTND" in the file
inline constexpr std::uint32_t kBlockZstd = 1;            ///< BlockHead.flags: the payload is one zstd frame

inline constexpr std::size_t kHeaderBodyBytesMax = 1 << 20;  ///< 256 instruments, 64 streams and the note need about 115 KB

/// First bytes of a file; the same in every version, so that a newer file is named as such.
struct FilePrologue {
  std::array<char, 8> magic = kFileMagic;
  std::uint32_t version = kFormatVersion;
  std::uint32_t flags = 0;       ///< none defined: must be 0
  std::uint32_t body_bytes = 0;  ///< of the header body that follows
  std::uint32_t body_crc = 0;    ///< CRC-32C of the body
  std::uint32_t reserved = 0;    ///< 0
  std::uint32_t crc = 0;         ///< CRC-32C of the 28 bytes before it
};
static_assert(sizeof(FilePrologue) == 32 && std::is_trivially_copyable_v<FilePrologue>);

/// Before each block's payload, and (kEndMagic) before the end block's.
struct BlockHead {
  std::uint32_t magic = kBlockMagic;
  std::uint32_t flags = 0;
  std::uint32_t file_tag = 0;       ///< the prologue's crc: a block of another capture does not fit
  std::uint32_t payload_bytes = 0;  ///< as stored
  std::uint32_t record_bytes = 0;   ///< after decompression; a multiple of 8
  std::uint32_t record_count = 0;
  std::uint64_t number = 0;      ///< 0, 1, 2..: a block that is missing or there twice is seen
  std::int64_t ts_first_ns = 0;  ///< receive time of the first and last record
  std::int64_t ts_last_ns = 0;
  std::uint32_t payload_crc = 0;  ///< CRC-32C of the stored payload
  std::uint32_t crc = 0;          ///< CRC-32C of the 52 bytes before it
};
static_assert(sizeof(BlockHead) == 56 && std::is_trivially_copyable_v<BlockHead>);

struct RecordHead {
  std::uint32_t size = 0;  ///< payload bytes, without the zeros that pad it to a multiple of 8
  std::uint16_t kind = 0;
  std::uint16_t stream = 0;
  std::int64_t ts_receive_ns = 0;
};
static_assert(sizeof(RecordHead) == 16 && std::is_trivially_copyable_v<RecordHead>);

constexpr std::size_t padded(std::size_t bytes) noexcept { return (bytes + 7) & ~std::size_t{7}; }

/// The writer ends a block here: a few of them fit a core's share of the cache while the reading thread is ahead.
inline constexpr std::size_t kBlockBytesTarget = 256 * 1024;
/// No block holds more record bytes: one record of the largest frame.
inline constexpr std::size_t kBlockBytesMax = sizeof(RecordHead) + padded(capacity::frame_bytes_max);
static_assert(kBlockBytesTarget <= kBlockBytesMax);

/// The end block's payload.
struct EndPayload {
  std::array<std::uint64_t, kRecordKindCount> by_kind{};
  std::uint64_t records = 0;
  std::uint64_t payload_bytes = 0;
  std::uint64_t blocks = 0;
  std::int64_t ts_first_ns = 0;
  std::int64_t ts_last_ns = 0;
};
static_assert(sizeof(EndPayload) == 80 && std::is_trivially_copyable_v<EndPayload>);

// Ticks and candles are stored as they are in memory (FORMAT.md lists the offsets): a change of these structs is a new version.
static_assert(sizeof(Tick) == 64 && offsetof(Tick, bid_price) == 24 && offsetof(Tick, instrument) == 56 && offsetof(Tick, flags) == 60);
static_assert(sizeof(Candle) == 72 && offsetof(Candle, open) == 24 && offsetof(Candle, volume) == 56 && offsetof(Candle, history) == 67);

[[nodiscard]] std::uint32_t crc_of(const FilePrologue& prologue) noexcept;
[[nodiscard]] std::uint32_t crc_of(const BlockHead& head) noexcept;

/// The header body, field by field.
/// fails too_many_instruments, with a sentence: more streams, longer names or a longer note than the format holds
[[nodiscard]] Result<std::vector<std::byte>> encode_header(const CaptureHeader& header);

/// fails corrupted (a field outside its range, a text that does not end, bytes left over); `where` starts the sentence
[[nodiscard]] Result<CaptureHeader> decode_header(std::span<const std::byte> body, std::string_view where);

/// What a block's records must satisfy; `stream_count` and `instrument_count` are the header's.
struct RecordLimits {
  std::size_t stream_count = 0;
  std::size_t instrument_count = 0;
};

/// Walks a block's records and checks each head, the counts and the order of stamps.
/// in    records: the decompressed payload, aligned to 8; ts_before: stamp of the record before this block
/// out   totals: by_kind, records and payload_bytes grow by this block
/// fails a sentence without the file's name, or nullptr where all is well; `offset` is then set to the record's place
[[nodiscard]] const char* check_records(std::span<const std::byte> records, const BlockHead& head, const RecordLimits& limits,
                                        std::int64_t ts_before, CaptureTotals& totals, std::size_t& offset) noexcept;

}  // namespace martinet::capture

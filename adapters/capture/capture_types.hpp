#pragma once
// The words of a capture ("input.cap"): what its header says, what a record is, what its end block counts. The bytes are in
// FORMAT.md and capture_format.hpp; the writer is capture_writer.hpp, the reader capture_reader.hpp.
#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/messages/candle.hpp"
#include "engine/messages/tick.hpp"

namespace martinet::capture {

/// What a stream carries. The numbers are in the files: never renumber.
enum class StreamKind : std::uint8_t {
  public_ws = 0,   ///< frames of a public WebSocket, as received
  rest_depth = 1,  ///< bodies of REST depth answers, as received
  parsed = 2,      ///< ticks and candles in our own form (imported files)
};
inline constexpr std::size_t kStreamKindCount = 3;

/// What a record holds. The numbers are in the files: never renumber.
enum class RecordKind : std::uint16_t {
  raw_frame = 1,  ///< bytes as received
  tick = 2,       ///< one Tick
  candle = 3,     ///< one Candle
  note = 4,       ///< text of the recorder itself ("reconnected", "gap"): for people, not for the pipeline
};
inline constexpr std::size_t kRecordKindCount = 5;  ///< array size for counts indexed by kind; index 0 stays 0

[[nodiscard]] std::string_view name_of(StreamKind kind) noexcept;
[[nodiscard]] std::string_view name_of(RecordKind kind) noexcept;

/// One row of the stream table; a record's `stream` is the row's index.
struct StreamInfo {
  Venue venue = Venue::none;
  Market market = Market::none;
  StreamKind kind = StreamKind::public_ws;
  InstrumentId default_instrument = kNoInstrument;  ///< where frames do not name their symbol (REST depth, single raw streams)
  std::string name;                                 ///< for people: a file, a URL without secrets; at most 255 bytes
  bool operator==(const StreamInfo&) const = default;
};

inline constexpr std::size_t kNoteBytesMax = 65'535;  ///< of the header's note
inline constexpr std::size_t kNameBytesMax = 255;     ///< of a stream's name

struct CaptureHeader {
  InstrumentTable instruments;
  std::vector<StreamInfo> streams;  ///< at most capacity::streams_max
  std::string note;                 ///< what made the file: "import of 3 files", "synth seed 7"
};

/// Counts over whole blocks.
struct CaptureTotals {
  std::array<std::uint64_t, kRecordKindCount> by_kind{};  ///< records, indexed by RecordKind
  std::uint64_t records = 0;
  std::uint64_t payload_bytes = 0;  ///< of all records, without heads and padding
  std::uint64_t blocks = 0;         ///< without the end block
  std::int64_t ts_first_ns = 0;     ///< receive time of the first and last record; 0 when there is none
  std::int64_t ts_last_ns = 0;
  [[nodiscard]] std::uint64_t count(RecordKind kind) const noexcept { return by_kind[static_cast<std::size_t>(kind)]; }
  bool operator==(const CaptureTotals&) const = default;
};

/// One record as the reader hands it out. `payload` points into the reader and is valid until its next call of next().
struct CaptureRecord {
  RecordKind kind = RecordKind::raw_frame;
  std::uint16_t stream = 0;  ///< < header().streams.size()
  std::int64_t ts_receive_ns = 0;
  std::span<const std::byte> payload;  ///< starts on a multiple of 8

  /// raw_frame, note: the bytes as text.
  [[nodiscard]] std::string_view frame() const noexcept { return {reinterpret_cast<const char*>(payload.data()), payload.size()}; }
  /// kind must be tick; the reader has checked the size and that the instrument is in the header's table.
  [[nodiscard]] const Tick& tick() const noexcept { return *std::launder(reinterpret_cast<const Tick*>(payload.data())); }
  /// kind must be candle; checked as tick.
  [[nodiscard]] const Candle& candle() const noexcept { return *std::launder(reinterpret_cast<const Candle*>(payload.data())); }
};

}  // namespace martinet::capture

namespace martinet {
using capture::CaptureHeader;
using capture::CaptureRecord;
using capture::CaptureTotals;
using capture::RecordKind;
using capture::StreamInfo;
using capture::StreamKind;
}  // namespace martinet

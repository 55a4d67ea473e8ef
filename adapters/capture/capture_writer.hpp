#pragma once
// Writes a capture. The file grows as PATH.part beside PATH and becomes PATH in finish() alone, so PATH is never half-written.
//
//   auto writer = CaptureWriter::create("input.cap", header, {});
//   writer->raw_frame(0, ts_receive_ns, bytes);
//   auto totals = writer->finish();
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "adapters/capture/capture_types.hpp"
#include "engine/base/result.hpp"

namespace martinet::capture {

struct CaptureOptions {
  bool overwrite = false;        ///< finish() may replace an existing PATH
  bool compress = true;          ///< zstd for blocks that hold raw frames (FORMAT.md gives level and why)
  bool compress_parsed = false;  ///< zstd for blocks of ticks and candles too: smaller, slower to replay
};

/// Threads: one. A failed write stays failed: every later call, finish() too, gives the same error.
/// cost  about 2 MB of buffers, touched as far as blocks need them (mostly 0.5 MB); a record is one copy; a full block (256 KiB) is
/// compressed and written before the call returns
class CaptureWriter {
 public:
  /// Opens PATH.part (mode 0644) and locks it. A left-over PATH.part of a dead process is replaced.
  /// fails exists_already (PATH is there and `overwrite` is off, or another process is writing it), not_found (no such folder),
  ///       io_failed, disk_full, too_many_instruments (more streams or longer texts than the format holds)
  static Result<CaptureWriter> create(const std::filesystem::path& path, const CaptureHeader& header, CaptureOptions options = {});

  CaptureWriter(CaptureWriter&&) noexcept;
  CaptureWriter& operator=(CaptureWriter&&) noexcept;
  ~CaptureWriter();  ///< without finish(): removes PATH.part

  /// All four append one record. Receive times must not go back, over all streams together.
  /// fails out_of_order, frame_too_large (more than capacity::frame_bytes_max), missing_field (no such stream), unknown_symbol (an
  ///       instrument that is not in the header's table): nothing was appended, the writer goes on; io_failed, disk_full: latched
  Status raw_frame(std::uint16_t stream, std::int64_t ts_receive_ns, std::string_view bytes);
  Status tick(std::uint16_t stream, const Tick& tick);        ///< stamp: tick.ts_receive_ns
  Status candle(std::uint16_t stream, const Candle& candle);  ///< stamp: candle.ts_receive_ns
  Status note(std::uint16_t stream, std::int64_t ts_receive_ns, std::string_view text);

  /// Ends the block in hand and hands it to the system (no sync). For live recording, where age matters.
  Status flush();

  /// Ends the file, syncs it, renames PATH.part to PATH, syncs the folder. To be called once.
  /// fails exists_already (PATH has appeared and `overwrite` is off), io_failed, disk_full; PATH is then as it was
  Result<CaptureTotals> finish();

  [[nodiscard]] const CaptureTotals& totals() const noexcept;  ///< of everything appended so far

 private:
  struct State;
  explicit CaptureWriter(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace martinet::capture

namespace martinet {
using capture::CaptureOptions;
using capture::CaptureWriter;
}  // namespace martinet

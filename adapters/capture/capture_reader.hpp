#pragma once
// Reads a capture, record by record. A thread of its own reads, checks and decompresses blocks ahead into a few recycled
// buffers, so that memory does not depend on the length of the capture and the consumer makes no system call but a yield while
// that thread is behind. Everything is checked before the consumer sees it: checksums, sizes, kinds, streams, instruments, order.
//
//   auto reader = CaptureReader::open("input.cap");
//   CaptureRecord record;
//   while (reader->next(record) == ReadState::record) ...
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>

#include "adapters/capture/capture_format.hpp"
#include "adapters/capture/capture_types.hpp"
#include "engine/base/result.hpp"

namespace martinet::capture {

struct CaptureReadOptions {
  bool allow_truncated = false;  ///< a missing tail (a recorder that died) ends the capture after the last whole block
};

enum class ReadState : std::uint8_t {
  record,  ///< a record was handed out
  end,     ///< all records were handed out and the end block agrees
  failed,  ///< see error(); records handed out before are good
};

/// Threads: one consumer (whoever calls next, error, totals, fraction_read, and moves or destroys the reader); the reading
/// thread is inside. Movable while not in a call.
/// cost  next(): a few instructions per record; memory: 8 buffers of at most 1 MiB and one of that size for compressed bytes
class CaptureReader {
 public:
  /// Opens, checks the header and starts the reading thread.
  /// fails not_found, io_failed, empty_file, not_a_capture, unknown_version, truncated, corrupted
  static Result<CaptureReader> open(const std::filesystem::path& path, CaptureReadOptions options = {});

  CaptureReader(CaptureReader&&) noexcept;
  CaptureReader& operator=(CaptureReader&&) noexcept;
  ~CaptureReader();

  [[nodiscard]] const CaptureHeader& header() const noexcept;

  /// The next record. `record` is set only where the answer is `record`. After end or failed the answer stays.
  [[nodiscard]] ReadState next(CaptureRecord& record) noexcept {
    if (cursor_ == block_end_) [[unlikely]] {
      if (const ReadState state = next_block(); state != ReadState::record) return state;
    }
    RecordHead head;
    std::memcpy(&head, cursor_, sizeof head);
    record.kind = static_cast<RecordKind>(head.kind);
    record.stream = head.stream;
    record.ts_receive_ns = head.ts_receive_ns;
    record.payload = {cursor_ + sizeof head, head.size};
    cursor_ += sizeof head + padded(head.size);
    return ReadState::record;
  }

  /// After `failed`: truncated or corrupted (with the byte offset), io_failed.
  [[nodiscard]] const Error& error() const noexcept;
  /// Of the blocks handed out so far, the present one included; after `end`: of the file.
  [[nodiscard]] const CaptureTotals& totals() const noexcept;
  /// Part of the file's bytes whose records were handed out: 0..1.
  [[nodiscard]] double fraction_read() const noexcept;
  /// After `end` with allow_truncated: the tail is missing.
  [[nodiscard]] bool was_truncated() const noexcept;
  /// Bytes of the file.
  [[nodiscard]] std::uint64_t file_bytes() const noexcept;

 private:
  struct State;
  explicit CaptureReader(std::unique_ptr<State> state) noexcept;
  ReadState next_block() noexcept;

  const std::byte* cursor_ = nullptr;
  const std::byte* block_end_ = nullptr;
  std::unique_ptr<State> state_;
};

}  // namespace martinet::capture

namespace martinet {
using capture::CaptureReader;
using capture::CaptureReadOptions;
using capture::ReadState;
}  // namespace martinet

#pragma once
// Writes the journal of a session: append to memory, hand to the storage port in groups, learn when a group is on disk.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/cold/journal/record.hpp"
#include "engine/ports/storage.hpp"

namespace martinet {

struct JournalOptions {
  std::string folder;                    ///< exists; segments are made in it
  std::uint64_t epoch = 0;
  std::array<std::uint8_t, 32> config_sha256{};
  std::string build_id;                  ///< cut to 64 bytes
  std::string account;                   ///< cut to 64 bytes
  std::uint64_t segment_reserve_bytes = 16ULL << 20;  ///< reserved at creation; a segment may outgrow it
};

/// Threads: cold only.
/// A failed write or sync stays failed: every later call gives that error, nothing more is written.
class JournalWriter {
 public:
  JournalWriter(Storage& storage, JournalOptions options);

  /// Ends the segment under way (if any) and begins the next. Blocks: start, rotation.
  Status begin_segment(std::int64_t ts_begin_ns);

  /// Appends one record to the group under way.
  /// in    payload: at most kPayloadMax bytes, copied; ts_ns: stamp of the input in hand (both stamps of the record)
  /// out   its sequence number through `sequence` (may be null)
  /// fails the first storage error; lane_full when pending_bytes_max are waiting for the disk (call turn and try again)
  [[nodiscard]] Errc append(journal::RecordType type, std::int64_t ts_ns, std::span<const std::byte> payload, std::uint64_t* sequence = nullptr) noexcept;

  template <class T>
  [[nodiscard]] Errc append_struct(journal::RecordType type, std::int64_t ts_ns, const T& value, std::uint64_t* sequence = nullptr) noexcept {
    return append(type, ts_ns, std::as_bytes(std::span<const T, 1>(&value, 1)), sequence);
  }

  /// Appends something long as parts (journal::PartHead). Waits for the disk where that is needed: start, rotation.
  Status append_parts(journal::RecordType type, std::int64_t ts_ns, std::span<const std::byte> bytes);

  /// Takes completions and hands the pending group to storage if it is large enough or `flush` is set. Never blocks.
  void turn(bool flush) noexcept;

  /// Waits until all that was appended is durable or has failed.
  Status sync();

  /// sync, then cuts the segment to its records. Idempotent.
  Status close();

  [[nodiscard]] std::uint64_t last_sequence() const noexcept { return next_sequence_ - 1; }
  [[nodiscard]] std::uint64_t durable_sequence() const noexcept { return durable_sequence_; }  ///< all up to here survive a power cut
  [[nodiscard]] std::uint64_t segment_count() const noexcept { return segment_; }
  [[nodiscard]] std::uint64_t bytes_written() const noexcept { return bytes_total_; }
  [[nodiscard]] Errc status() const noexcept { return failed_; }

  static constexpr std::size_t kGroupBytes = 64 * 1024;          ///< a group is handed over at this size
  static constexpr std::size_t kPendingBytesMax = 1024 * 1024;   ///< more than this waiting: lane_full

 private:
  void fail(Errc code) noexcept;
  bool hand_over() noexcept;

  Storage& storage_;
  JournalOptions options_;
  std::vector<std::byte> pending_;
  FileId file_ = 0;
  bool open_ = false;
  bool group_under_way_ = false;
  Errc failed_ = Errc::ok;
  std::uint64_t segment_ = 0;
  std::uint64_t next_sequence_ = 1;
  std::uint64_t durable_sequence_ = 0;
  std::uint64_t offset_ = 0;             // of the next byte to hand over, in the segment
  std::uint64_t bytes_total_ = 0;
  std::uint32_t chain_ = 0;
};

/// "journal-000001.mtj"
[[nodiscard]] std::string segment_name(std::uint64_t segment);

}  // namespace martinet

#pragma once
// Writes the journal of a session: append to memory, hand to the storage port in groups, learn when a group is on disk.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/cold/journal/record.hpp"
#include "engine/ports/storage.hpp"

namespace martinet {

struct JournalOptions {
  std::string folder;  ///< exists; segments are made in it
  std::uint64_t epoch = 0;
  std::array<std::uint8_t, 32> config_sha256{};
  std::string build_id;                                         ///< cut to 64 bytes
  std::string account;                                          ///< cut to 64 bytes
  std::uint64_t segment_reserve_bytes = 16ULL << 20;            ///< reserved at creation; a segment may outgrow it
  std::uint64_t segment_bytes_max = journal::kSegmentBytesMax;  ///< at most journal::kSegmentBytesMax, what a reader takes
  std::uint64_t low_water_bytes = 1 << 20;  ///< less reserved room than this: low_water(). What protection still has to write fits in it
  journal::JournalPoint resume;             ///< what recovery found: numbers and chain go on from there
};

/// Threads: cold only. The completions of `storage` belong to the writer: nobody else polls it while the writer lives.
/// A failed write, sync, creation or close stays failed: every later call gives the first error, nothing more is written.
/// A writer that is destroyed without close() leaves what a crash leaves: a whole prefix and the unused reserve.
class JournalWriter {
 public:
  JournalWriter(Storage& storage, JournalOptions options);

  /// Ends the segment under way (if any) and begins the next. Blocks: start, rotation.
  /// fails as Storage::create and close; the first error
  Status begin_segment(std::int64_t ts_begin_ns);

  /// Makes and reserves the file of the next segment now, while there is time and space; begin_segment then needs neither. Blocks.
  /// A failure is not one of the journal: the segment under way goes on in its own reserve. Again: nothing to do.
  Status prepare_next();

  /// Appends one record to the group under way.
  /// in    payload: at most kPayloadMax bytes, copied; ts_ns: stamp of the input in hand (both stamps of the record)
  /// out   its sequence number through `sequence` (may be null)
  /// fails the first storage error; lane_full when kPendingBytesMax are waiting for the disk (call turn and try again);
  ///       no_capacity when the segment holds segment_bytes_max (begin the next)
  [[nodiscard]] Errc append(journal::RecordType type, std::int64_t ts_ns, std::span<const std::byte> payload,
                            std::uint64_t* sequence = nullptr) noexcept;

  template <class T>
  [[nodiscard]] Errc append_struct(journal::RecordType type, std::int64_t ts_ns, const T& value,
                                   std::uint64_t* sequence = nullptr) noexcept {
    return append(type, ts_ns, std::as_bytes(std::span<const T, 1>(&value, 1)), sequence);
  }

  /// Appends something long as parts (journal::PartHead). Waits for the disk where that is needed: start, rotation.
  Status append_parts(journal::RecordType type, std::int64_t ts_ns, std::span<const std::byte> bytes);

  /// Takes completions and hands the pending group to storage if it is large enough or `flush` is set. Never blocks.
  void turn(bool flush) noexcept;

  /// Waits until all that was appended is durable or has failed.
  Status sync();

  /// sync, then cuts the segment to its records. Again: the same answer.
  Status close();

  [[nodiscard]] std::uint64_t last_sequence() const noexcept { return next_sequence_ - 1; }
  [[nodiscard]] std::uint64_t durable_sequence() const noexcept { return durable_sequence_; }  ///< all up to here survive a power cut
  [[nodiscard]] std::uint64_t segment_count() const noexcept { return segment_; }
  [[nodiscard]] std::uint64_t bytes_written() const noexcept { return bytes_total_; }
  [[nodiscard]] Errc status() const noexcept { return failed_; }
  [[nodiscard]] journal::JournalPoint end() const noexcept { return {segment_, last_sequence(), chain_}; }

  /// The reserve, of this segment and a prepared one, runs out: on a full disk the next record might be the one that fails. Entries
  /// stop here; what protects goes on in what is left.
  [[nodiscard]] bool low_water() const noexcept;
  /// True while an entry may be decided on: nothing has failed and there is room to write down what becomes of it.
  [[nodiscard]] bool takes_entries() const noexcept { return open_ && failed_ == Errc::ok && !low_water(); }

  static constexpr std::size_t kGroupBytes = 64 * 1024;         ///< a group is handed over at this size
  static constexpr std::size_t kPendingBytesMax = 1024 * 1024;  ///< more than this waiting: lane_full

 private:
  void fail(Errc code) noexcept;
  Status fail(const Error& error);
  [[nodiscard]] Status first_error() const;
  Result<FileId> create_segment(std::uint64_t segment);
  void put(std::span<const std::byte> bytes) noexcept;
  void take_completions() noexcept;
  void hand_over() noexcept;

  Storage& storage_;
  JournalOptions options_;
  std::vector<std::byte> pending_;  // as large as a group ever gets; the first pending_size_ bytes are in use
  std::size_t pending_size_ = 0;
  FileId file_ = 0;
  FileId next_file_ = 0;  // of a prepared segment
  bool open_ = false;
  bool next_prepared_ = false;
  bool group_under_way_ = false;
  Errc failed_ = Errc::ok;
  std::string failed_what_;           // where the port had words for the first error
  std::uint64_t group_sequence_ = 0;  // last record of the group under way
  std::uint64_t segment_ = 0;
  std::uint64_t reserve_ = 0;  // of the segment under way
  std::uint64_t next_sequence_ = 1;
  std::uint64_t durable_sequence_ = 0;
  std::uint64_t offset_ = 0;  // of the next byte to hand over, in the segment
  std::uint64_t bytes_total_ = 0;
  std::uint32_t chain_ = 0;
};

/// "journal-000001.mtj"
[[nodiscard]] std::string segment_name(std::uint64_t segment);

}  // namespace martinet

#pragma once
// Reads and checks one segment of a journal, record by record. Whole-file: a segment is some megabytes.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/cold/journal/record.hpp"

namespace martinet {

struct JournalRecord {
  journal::RecordHead head;
  std::span<const std::byte> payload;  ///< valid as long as the reader
  std::uint64_t offset = 0;            ///< of the record in its file

  [[nodiscard]] journal::RecordType type() const noexcept { return static_cast<journal::RecordType>(head.type); }
  /// The payload as the struct it holds; false if its size is not that of T.
  template <class T>
  [[nodiscard]] bool as(T& value) const noexcept {
    if (payload.size() != sizeof(T)) return false;
    std::memcpy(&value, payload.data(), sizeof(T));
    return true;
  }
};

enum class JournalEnd : std::uint8_t {
  clean,  ///< zeros or the end of the file
  torn,   ///< a crash cut the last records; all that stand before are whole
};

class JournalReader {
 public:
  /// fails not_found, io_failed, frame_too_large (past kSegmentBytesMax), empty_file (nothing, or nothing but zeros: what a crash
  ///       leaves of a segment just made), truncated (its header never reached the disk), not_a_journal, unknown_version,
  ///       corrupted (header); with file and offset
  [[nodiscard]] static Result<JournalReader> open(const std::filesystem::path& file);

  /// As open, over bytes in memory; `name` stands for the file in messages.
  [[nodiscard]] static Result<JournalReader> from_bytes(std::vector<std::byte> bytes, std::string name);

  [[nodiscard]] const journal::SegmentHeader& header() const noexcept { return header_; }

  /// The next record, or false at the end or a failure; then see status() and end().
  [[nodiscard]] bool next(JournalRecord& record);

  /// ok, or corrupted with file and offset: the first record that does not check is not one that a crash has cut (FORMAT.md, Reading).
  [[nodiscard]] const Status& status() const noexcept { return status_; }

  /// ok if this segment continues `previous`, which was read to its end: next number, the very record that stands last there, and the
  /// same epoch or (after a restart) a later one. fails corrupted, naming both files: a segment is missing or torn, or of another journal
  [[nodiscard]] Status follows(const JournalReader& previous) const;

  [[nodiscard]] JournalEnd end() const noexcept { return end_; }
  [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }  ///< of the first byte that was not handed out
  [[nodiscard]] std::uint32_t chain() const noexcept { return chain_; }
  [[nodiscard]] std::uint64_t next_sequence() const noexcept { return next_sequence_; }
  /// The file up to offset(); valid as long as the reader.
  [[nodiscard]] std::span<const std::byte> bytes_read() const noexcept {
    return std::span(bytes_).first(static_cast<std::size_t>(offset_));
  }
  /// The file without the sectors of zeros at its end; valid as long as the reader.
  [[nodiscard]] std::span<const std::byte> used_bytes() const noexcept;

 private:
  JournalReader() = default;
  [[nodiscard]] Status read_header();
  [[nodiscard]] Error no_header() const;
  [[nodiscard]] bool record_at(std::uint64_t offset, std::uint64_t sequence_min, JournalRecord& record) const noexcept;
  [[nodiscard]] bool checks(const JournalRecord& record, std::uint32_t seed) const noexcept;
  [[nodiscard]] std::uint32_t chain_of(const JournalRecord& record, std::uint32_t seed) const noexcept;
  [[nodiscard]] std::uint32_t word_at(std::uint64_t offset) const noexcept;
  [[nodiscard]] bool find_behind(JournalRecord& found) const noexcept;
  [[nodiscard]] bool lost_a_sector() const noexcept;
  void judge_end();

  std::string name_;
  std::vector<std::byte> bytes_;
  journal::SegmentHeader header_;
  std::uint64_t offset_ = 0;
  std::uint64_t next_sequence_ = 1;
  std::uint32_t chain_ = 0;
  JournalEnd end_ = JournalEnd::clean;
  bool done_ = false;
  Status status_;
};

/// The number in "journal-000012.mtj"; 0 if the name is not of that form.
[[nodiscard]] std::uint64_t segment_number(const std::string& name);

/// The segments of a session folder, in order. fails not_found when there is none, or one is missing between others
[[nodiscard]] Result<std::vector<std::filesystem::path>> journal_segments(const std::filesystem::path& folder);

}  // namespace martinet

#pragma once
// Reads and checks one segment of a journal, record by record. Whole-file: a segment is some megabytes.
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
  /// fails not_found, empty_file, not_a_journal, unknown_version, corrupted (header), with file and offset
  [[nodiscard]] static Result<JournalReader> open(const std::filesystem::path& file);

  [[nodiscard]] const journal::SegmentHeader& header() const noexcept { return header_; }

  /// The next record, or false at the end or a failure; then see status() and end().
  [[nodiscard]] bool next(JournalRecord& record);

  /// ok, or corrupted with file and offset: a valid record stands beyond one that is not.
  [[nodiscard]] const Status& status() const noexcept { return status_; }
  [[nodiscard]] JournalEnd end() const noexcept { return end_; }
  [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }
  [[nodiscard]] std::uint32_t chain() const noexcept { return chain_; }
  [[nodiscard]] std::uint64_t next_sequence() const noexcept { return next_sequence_; }

 private:
  JournalReader() = default;
  [[nodiscard]] bool record_at(std::uint64_t offset, std::uint64_t sequence_min, JournalRecord& record) const noexcept;
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

/// The segments of a session folder, in order. fails not_found when there is none
[[nodiscard]] Result<std::vector<std::filesystem::path>> journal_segments(const std::filesystem::path& folder);

}  // namespace martinet

#pragma once
// A recorded session read back: what it was made of, and its records in order, through all segments.
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/base/result.hpp"
#include "engine/cold/journal/journal_reader.hpp"

namespace martinet {

/// What stands at the beginning of a segment: enough to make the session once more from there.
struct SegmentOrigin {
  std::filesystem::path segment;
  journal::SegmentHeader header;
  std::map<std::string, std::string, std::less<>> words;  ///< of the session record: command, input, folder, config, resumed, ...
  std::vector<std::string> made_with;  ///< its lines about plugins and models (session_folder.hpp)
  std::string config_text;
  InstrumentTable instruments;

  [[nodiscard]] std::string build_id() const;
  /// The word's value as a path: one that is not absolute begins in the folder in which the session was made. Empty if it is not there.
  [[nodiscard]] std::filesystem::path path_of(std::string_view word) const;
};

/// fails as JournalReader; checkpoint_mismatch where the segment ends before its checkpoint does
[[nodiscard]] Result<SegmentOrigin> origin_of(const std::filesystem::path& segment);

enum class SessionEnding : std::uint8_t {
  complete,  ///< closed: it says how many inputs there were
  open,      ///< whole to its last record, but not closed: it runs still, or was killed
  torn,      ///< a crash cut the last records; what stands before is durable
};

/// The records of a session folder, oldest segment first. A segment begun in a crash, without a header, counts as torn.
class SessionJournal {
 public:
  /// fails as journal_segments and JournalReader
  [[nodiscard]] static Result<SessionJournal> open(const std::filesystem::path& folder);

  /// The next record, or false at the end or a failure; its payload is valid until the next call.
  [[nodiscard]] bool next(JournalRecord& record);
  /// ok, or corrupted: a segment is damaged or missing
  [[nodiscard]] const Status& status() const noexcept { return status_; }
  [[nodiscard]] const std::vector<std::filesystem::path>& segments() const noexcept { return segments_; }
  /// Of the record handed out last.
  [[nodiscard]] const std::filesystem::path& segment() const noexcept { return segments_[index_]; }

  // At the end:
  [[nodiscard]] SessionEnding ending() const noexcept { return ending_; }
  [[nodiscard]] const journal::SegmentEndRecord& totals() const noexcept { return totals_; }  ///< of a complete one
  [[nodiscard]] std::string ending_text() const;  ///< "torn in journal-000002.mtj at offset 4096: ..."

 private:
  SessionJournal(std::vector<std::filesystem::path> segments, JournalReader first);
  [[nodiscard]] bool open_next();

  std::vector<std::filesystem::path> segments_;
  std::size_t index_ = 0;
  std::optional<JournalReader> reader_;
  Status status_;
  SessionEnding ending_ = SessionEnding::open;
  journal::SegmentEndRecord totals_;
};

}  // namespace martinet

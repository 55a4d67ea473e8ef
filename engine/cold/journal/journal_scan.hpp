#pragma once
// Reads every segment of a journal folder and says, in one word and one sentence, in which state it is. Changes nothing.
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/cold/journal/journal_reader.hpp"
#include "engine/ports/files.hpp"

namespace martinet {

/// The states a journal can be in. A crash leaves one of the first five; from `torn_inside` on, something else was at work.
enum class JournalFinding : std::uint8_t {
  none,             ///< no segment, or no folder
  whole,            ///< every record is there and checks
  last_empty,       ///< the last segment was made and nothing of it was written
  last_headerless,  ///< the last segment's first group is not whole: its header never reached the disk
  last_torn,        ///< the last segment's last group is not whole
  torn_inside,      ///< one of these, but another segment follows
  damaged,          ///< records that check follow one that does not, or more than a crash leaves
  header_damaged,
  not_a_journal,
  other_version,
  other_account,
  segment_missing,        ///< a number is missing between two
  sequence_gap,           ///< the next number, but its records do not continue
  chain_broken,           ///< the right numbers behind another record than the one that stands there
  epoch_backwards,        ///< a segment of an older process behind one of a newer
  epoch_newer,            ///< a segment of a process that comes after us: the state folder was put back
  unreadable,             ///< the system refuses to read one
  ends_before_snapshot,   ///< records that the snapshot already holds are not there any more (told by recovery)
  begins_after_snapshot,  ///< records between the snapshot and the first segment are not there (told by recovery)
  count_
};
[[nodiscard]] std::string_view name_of(JournalFinding finding) noexcept;

struct JournalScanOptions {
  std::string folder;
  std::string account;                   ///< segments of others are told; empty: any
  std::uint64_t epoch_end = UINT64_MAX;  ///< segments of this epoch or a later one are told
  /// Looks at the last segments only when no writer has them any more: what a killed process had under way may still reach the file
  /// after its end. For those who go on to change or continue the journal; a writer that lives makes it unreadable (held_elsewhere).
  bool wait_for_writer = false;
};

struct JournalScan {
  struct Segment {
    std::string path;
    std::uint64_t first_sequence = 0;  ///< of its first record, were there one
    std::uint64_t last_sequence = 0;   ///< first_sequence - 1: it holds none
    std::uint64_t epoch = 0;
    std::uint64_t bytes = 0;  ///< up to the last whole record
  };
  JournalFinding finding = JournalFinding::none;
  Errc code = Errc::ok;               ///< where the finding is none that a crash leaves
  std::string sentence;               ///< names file, offset and record; empty for none and whole
  std::vector<Segment> segments;      ///< whole to their last_sequence, in order; up to where the finding is
  journal::JournalPoint end;          ///< of what is whole
  std::vector<std::string> empty;     ///< last segments in which nothing was written
  std::string headerless;             ///< last segment without a header
  std::string torn;                   ///< the file to be cut, to the bytes of the last of `segments`
  std::vector<std::byte> torn_bytes;  ///< it as it stands, without the sectors of zeros at its end
  std::uint64_t tail_offset = 0;      ///< where the last bytes of the last of `segments` begin,
  std::vector<std::byte> tail_bytes;  ///< at most a group and one sector, up to its last whole record

  /// A journal to go on with, as it is or after what a crash left has been cleared away.
  [[nodiscard]] bool is_sound() const noexcept { return finding <= JournalFinding::last_torn; }
};

/// Called with every record that checks, in order, before it is known whether all of the journal does.
using RecordSink = std::function<void(const JournalRecord&)>;

[[nodiscard]] JournalScan scan_journal(Files& files, const JournalScanOptions& options, const RecordSink& sink = {});

}  // namespace martinet

#pragma once
// The start after whatever end: looks at snapshot and journal, decides by recovery_table, and carries it out so that doing it twice,
// or being cut in the middle and doing it again, comes to the same.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/cold/journal/recovery_table.hpp"

namespace martinet {

struct RecoveryOptions {
  std::string sessions_folder;     ///< holds the session folder that the snapshot names
  std::string session;             ///< looked at where no snapshot names one: the newest; may be empty
  bool accept_venue_only = false;  ///< the operator's word, for this start
};

/// What was found and what follows from it. Nothing has been changed yet.
struct RecoveryPlan {
  RecoveryOutcome outcome = RecoveryOutcome::refuse;
  JournalFinding journal_finding = JournalFinding::none;
  SnapshotSlots slots;
  JournalScan journal;
  Errc code = Errc::ok;              ///< of what is wrong, ok where nothing is
  std::string sentence;              ///< names file and offset; for refuse and venue_only: what to do
  std::vector<std::string> actions;  ///< what carrying it out does, in words, in order
};

/// What to go on from.
struct Recovered {
  RecoveryOutcome outcome = RecoveryOutcome::first_boot;
  std::optional<StoredSnapshot> snapshot;      ///< its body is in the current version; none: first boot, or the venue alone
  std::uint64_t replay_after = 0;              ///< the records behind this one are not in the snapshot
  std::vector<JournalScan::Segment> segments;  ///< that hold them
  journal::JournalPoint end;                   ///< for JournalOptions::resume
  bool latches_unknown = false;                ///< kills may have been in force: entries stay halted until an operator says otherwise
};

/// Threads: one at a time, before any other writer of the folder. Both outlive the call only.
[[nodiscard]] RecoveryPlan plan_recovery(Files& files, StateFolder& state, SnapshotStore& snapshots, const RecoveryOptions& options);

/// What it goes on from is durable when it returns: the journal's last group is written once more, the folders are synced.
/// fails with the plan's code and sentence: refuse, or venue_only without the operator's word (needs_operator); disk_full, io_failed
[[nodiscard]] Result<Recovered> carry_out(Files& files, SnapshotStore& snapshots, const RecoveryPlan& plan, bool accept_venue_only);

[[nodiscard]] Result<Recovered> recover(Files& files, StateFolder& state, SnapshotStore& snapshots, const RecoveryOptions& options);

/// Hands out the records behind the snapshot, in order. fails where the files have changed since they were looked at
[[nodiscard]] Status replay_records(Files& files, const Recovered& recovered, const RecordSink& sink);

/// What a crash left at the end of a sound journal, cleared away: empty segments removed, a torn tail cut, the original kept as
/// .broken. `journal`.is_sound(). Again: nothing to do. fails disk_full, io_failed
[[nodiscard]] Status clear_crash_traces(Files& files, const JournalScan& journal);
/// The same in words, as it would be done.
[[nodiscard]] std::vector<std::string> words_of_crash_traces(const JournalScan& journal);

}  // namespace martinet

#include "engine/cold/journal/recovery.hpp"

#include <algorithm>

#include "engine/base/assert.hpp"
#include "engine/cold/journal/file_steps.hpp"

namespace martinet {
namespace {

bool is_usable(SnapshotFinding finding) noexcept { return finding <= SnapshotFinding::older_only; }

Errc code_of(SnapshotFinding finding) noexcept {
  switch (finding) {
    case SnapshotFinding::newer_version:
      return Errc::unknown_version;
    case SnapshotFinding::unreadable:
      return Errc::io_failed;
    case SnapshotFinding::other_account:
    case SnapshotFinding::none_good:
      return Errc::corrupted;
    default:
      return Errc::needs_operator;
  }
}

std::string words_of(const StateFolder& state, const SnapshotSlots& slots) {
  const std::string where = state.path() + "/snapshot.json";
  const auto head = [&slots](auto member) { return slots.newest ? std::to_string(slots.newest->head.*member) : std::string("?"); };
  switch (slots.finding) {
    case SnapshotFinding::lost:
      return where + " is not there, though a process (epoch " + std::to_string(state.previous_epoch()) +
             ") held this folder before: it was lost, or that process ended before its first";
    case SnapshotFinding::first_boot:
      return where + " is not there";
    case SnapshotFinding::other_account:
      return where + " is of account " + slots.newest->head.account + ", not of " + state.account() + "; put back the one of this account";
    case SnapshotFinding::epoch_newer:
      return where + " is of epoch " + head(&SnapshotHead::epoch) + ", and we are " + std::to_string(state.epoch()) +
             ": the epoch file is an old copy";
    default:
      return slots.problem;
  }
}

// Where the journal begins and ends, beside the snapshot that it is to continue.
JournalFinding beside(const JournalScan& journal, const SnapshotHead& head, std::string& sentence) {
  const std::string snapshot =
      "the snapshot (generation " + std::to_string(head.generation) + ") holds the records up to " + std::to_string(head.journal_sequence);
  if (journal.segments.empty()) {
    // It names its session only when that session's first segment is durable.
    if (head.session.empty() && head.journal_sequence == 0) return journal.finding;
    sentence = snapshot + " and goes on in session " + head.session + ", which has no journal";
    return JournalFinding::ends_before_snapshot;
  }
  if (journal.segments.front().first_sequence > head.journal_sequence + 1) {
    sentence = snapshot + ", the journal begins with " + std::to_string(journal.segments.front().first_sequence) + " in " +
               journal.segments.front().path + ": what is between them is gone";
    return JournalFinding::begins_after_snapshot;
  }
  if (journal.end.sequence < head.journal_sequence) {
    sentence = snapshot + ", the journal ends with " + std::to_string(journal.end.sequence) + " in " + journal.segments.back().path +
               ": it lost what was durable, or is an old copy";
    return JournalFinding::ends_before_snapshot;
  }
  return journal.finding;
}

// Copies what a torn file holds to a name beside it, unless an earlier try has done so.
Status keep_original(Files& files, const std::string& path, std::span<const std::byte> bytes) {
  const Result<std::vector<std::string>> names = list_names(files, folder_of(path));
  if (!names) return names.error();
  const std::string base = name_in_folder(path) + ".broken";
  std::string name = base;
  for (int n = 2; std::binary_search(names->begin(), names->end(), name); ++n) {
    const Result<std::vector<std::byte>> kept = read_whole(files, folder_of(path) + "/" + name, journal::kSegmentBytesMax);
    if (!kept) return kept.error();
    if (std::equal(kept->begin(), kept->end(), bytes.begin(), bytes.end())) return files.sync_folder(folder_of(path));
    name = base + "-" + std::to_string(n);
  }
  return replace_whole(files, folder_of(path) + "/" + name, bytes);
}

}  // namespace

Status clear_crash_traces(Files& files, const JournalScan& journal) {
  MT_ASSERT(journal.is_sound());
  if (!journal.torn.empty()) {
    if (const Status kept = keep_original(files, journal.torn, journal.torn_bytes); !kept) return kept;
    if (const Status cut = cut_file(files, journal.torn, journal.segments.back().bytes); !cut) return cut;
  }
  for (const std::string& path : journal.empty) {
    if (const Status removed = remove_file(files, path); !removed && removed.error().code != Errc::not_found) return removed;
  }
  if (!journal.headerless.empty()) {
    if (const Status aside = set_aside(files, journal.headerless); !aside) return aside;
  }
  if (journal.empty.empty() && journal.headerless.empty()) return {};
  return files.sync_folder(folder_of(journal.empty.empty() ? journal.headerless : journal.empty.front()));
}

std::vector<std::string> words_of_crash_traces(const JournalScan& journal) {
  std::vector<std::string> words;
  if (!journal.torn.empty()) {
    words.push_back("keep " + journal.torn + " as " + name_in_folder(journal.torn) + ".broken, then cut it to " +
                    std::to_string(journal.segments.back().bytes) + " bytes, behind record " + std::to_string(journal.end.sequence));
  }
  for (const std::string& path : journal.empty) words.push_back("remove " + path + ", in which nothing was written");
  if (!journal.headerless.empty())
    words.push_back("rename " + journal.headerless + ", in which no record is whole, to " + name_in_folder(journal.headerless) + ".broken");
  return words;
}

RecoveryPlan plan_recovery(Files& files, StateFolder& state, SnapshotStore& snapshots, const RecoveryOptions& options) {
  RecoveryPlan plan;
  plan.slots = snapshots.examine();
  const std::string session = plan.slots.newest ? plan.slots.newest->head.session : options.session;
  if (!session.empty()) plan.journal = scan_journal(files, {options.sessions_folder + "/" + session, state.account(), state.epoch(), true});
  plan.journal_finding = plan.journal.finding;
  std::string sentence = plan.journal.is_sound() ? std::string() : plan.journal.sentence;
  plan.code = plan.journal.is_sound() ? Errc::ok : plan.journal.code;
  if (is_usable(plan.slots.finding) && plan.journal.is_sound()) {
    plan.journal_finding = beside(plan.journal, plan.slots.newest->head, sentence);
    if (!sentence.empty()) plan.code = Errc::needs_operator;
  }
  plan.outcome = decide(plan.journal_finding, plan.slots.finding);
  MT_ASSERT(plan.outcome != RecoveryOutcome::cannot_be);
  if (const std::string words =
          is_usable(plan.slots.finding) && plan.outcome != RecoveryOutcome::repair ? std::string() : words_of(state, plan.slots);
      !words.empty()) {
    sentence += (sentence.empty() ? "" : "; ") + words;
    if (plan.code == Errc::ok) plan.code = code_of(plan.slots.finding);
  }
  switch (plan.outcome) {
    case RecoveryOutcome::repair:
      plan.actions = words_of_crash_traces(plan.journal);
      if (plan.slots.newest_damaged) plan.actions.push_back("rename " + state.path() + "/snapshot.json to snapshot.json.broken");
      if (plan.slots.older_damaged) plan.actions.push_back("rename " + state.path() + "/snapshot.json.bak to snapshot.json.bak.broken");
      sentence = plan.journal.sentence + (plan.journal.sentence.empty() || sentence.empty() ? "" : "; ") + sentence;
      break;
    case RecoveryOutcome::venue_only:
      plan.code = Errc::needs_operator;
      plan.actions.push_back("rename the snapshots of " + state.path() +
                             " to .broken, leave the journal where it is, and take everything from the venue; entries stay halted");
      sentence += "; nothing was changed: restore the state folder and session from a copy, or start with venue-only accepted";
      break;
    case RecoveryOutcome::refuse:
      sentence += "; nothing was changed";
      break;
    default:
      break;
  }
  plan.sentence = sentence;
  return plan;
}

namespace {

// Only the last group of the last segment can be in memory alone: a group is begun when the one before is durable, a segment when the
// one before is closed.
Status make_durable(Files& files, const JournalScan& journal) {
  if (journal.segments.empty()) return {};
  const std::string& last = journal.segments.back().path;
  if (const Status written = write_again(files, last, journal.tail_offset, journal.tail_bytes); !written) return written;
  return files.sync_folder(folder_of(last));
}

}  // namespace

Result<Recovered> carry_out(Files& files, SnapshotStore& snapshots, const RecoveryPlan& plan, bool accept_venue_only) {
  Recovered recovered;
  recovered.outcome = plan.outcome;
  if (plan.outcome == RecoveryOutcome::refuse || (plan.outcome == RecoveryOutcome::venue_only && !accept_venue_only))
    return Error{plan.code, plan.sentence};
  if (plan.outcome == RecoveryOutcome::venue_only) {
    if (const Status aside = snapshots.set_all_aside(plan.slots); !aside) return aside.error();
    recovered.latches_unknown = true;
    return recovered;
  }
  if (const Status cleared = clear_crash_traces(files, plan.journal); !cleared) return cleared.error();
  if (const Status durable = make_durable(files, plan.journal); !durable) return durable.error();
  if (const Status settled = snapshots.settle(plan.slots); !settled) return settled.error();
  if (plan.outcome == RecoveryOutcome::first_boot) return recovered;
  recovered.snapshot = plan.slots.newest;
  Result<std::vector<std::byte>> body = snapshots.migrated(*recovered.snapshot);
  if (!body) return body.error();
  recovered.snapshot->body = std::move(*body);
  recovered.replay_after = recovered.snapshot->head.journal_sequence;
  recovered.end = plan.journal.end;
  std::copy_if(plan.journal.segments.begin(), plan.journal.segments.end(), std::back_inserter(recovered.segments),
               [&recovered](const JournalScan::Segment& segment) { return segment.last_sequence > recovered.replay_after; });
  return recovered;
}

Result<Recovered> recover(Files& files, StateFolder& state, SnapshotStore& snapshots, const RecoveryOptions& options) {
  return carry_out(files, snapshots, plan_recovery(files, state, snapshots, options), options.accept_venue_only);
}

Status replay_records(Files& files, const Recovered& recovered, const RecordSink& sink) {
  for (const JournalScan::Segment& segment : recovered.segments) {
    Result<std::vector<std::byte>> bytes = read_whole(files, segment.path, journal::kSegmentBytesMax);
    if (!bytes) return bytes.error();
    Result<JournalReader> reader = JournalReader::from_bytes(std::move(*bytes), segment.path);
    if (!reader) return reader.error();
    for (JournalRecord record; reader->next(record);) {
      if (record.head.sequence > recovered.replay_after) sink(record);
    }
    if (!reader->status()) return reader->status();
    if (reader->next_sequence() != segment.last_sequence + 1) {
      return Error{Errc::corrupted, segment.path + " has changed since it was looked at: it ended with record " +
                                        std::to_string(segment.last_sequence) + ", now with " +
                                        std::to_string(reader->next_sequence() - 1) + "; look who else writes there"};
    }
  }
  return {};
}

}  // namespace martinet

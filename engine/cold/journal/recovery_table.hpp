#pragma once
// What a start does with what it finds: one answer for each pair of a journal's state and a snapshot's. Nothing is left to judgement
// at 3 a.m.; each cell is made on a simulated disk by tests/engine/cold/journal/recovery_test.cpp.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/cold/journal/journal_scan.hpp"
#include "engine/cold/journal/snapshot_store.hpp"

namespace martinet {

enum class RecoveryOutcome : std::uint8_t {
  first_boot,  ///< nothing was ever here: begin
  resume,      ///< the snapshot, and the records behind it
  repair,      ///< the same, after what a crash left is out of the way; its original is kept as .broken
  venue_only,  ///< what is here is not to be trusted: an operator may have it set aside, then the venue alone says what is
  refuse,      ///< nothing is touched: restore from a copy, or start the right build on the right folder
  cannot_be,   ///< the two findings exclude each other
  count_
};
[[nodiscard]] constexpr std::string_view name_of(RecoveryOutcome outcome) noexcept {
  constexpr std::string_view kNames[] = {"first boot", "resume", "repair", "venue only", "refuse", "cannot be"};
  return kNames[static_cast<std::size_t>(outcome)];
}

namespace recovery {

inline constexpr std::size_t kJournals = static_cast<std::size_t>(JournalFinding::count_);
inline constexpr std::size_t kSnapshots = static_cast<std::size_t>(SnapshotFinding::count_);
using Row = std::array<RecoveryOutcome, kSnapshots>;

// Reasons, where they are not obvious:
// * No snapshot to start from (none good, lost): the journal alone could tell the orders, but not the latches and ledgers of the sessions
//   before it. Forgetting a kill is worse than asking an operator (invariant I10).
// * A journal that no crash leaves is refused beside a good snapshot: it can be restored. Without one there is nothing to restore it for.
// * Newer epoch, records missing before or behind the snapshot: state folder or session folder is an old copy.
// * Another account, a newer build, a disk that does not read: nothing here is ours to change, whatever the other half looks like.
// * At a first boot (no epoch, no snapshot) a journal can only have been put there.
inline constexpr std::array<Row, kJournals> kTable = [] {
  using enum RecoveryOutcome;
  constexpr auto B = first_boot, R = resume, P = repair, V = venue_only, X = refuse, O = cannot_be;
  // snapshot:      both   newest older  newest older  none         first  other  epoch  newer
  //                good   bad    bad    only   only   good   lost  boot   acc.   newer  vers.  unreadable
  std::array<Row, kJournals> t{};
  const auto row = [&t](JournalFinding finding) -> Row& { return t[static_cast<std::size_t>(finding)]; };
  row(JournalFinding::none) = {R, P, P, R, R, V, V, B, X, V, X, X};
  row(JournalFinding::whole) = {R, P, P, R, R, V, V, V, X, V, X, X};
  row(JournalFinding::last_empty) = {P, P, P, P, P, V, V, V, X, V, X, X};
  row(JournalFinding::last_headerless) = {P, P, P, P, P, V, V, V, X, V, X, X};
  row(JournalFinding::last_torn) = {P, P, P, P, P, V, V, V, X, V, X, X};
  row(JournalFinding::torn_inside) = {X, X, X, X, X, V, V, V, X, V, X, X};
  row(JournalFinding::damaged) = {X, X, X, X, X, V, V, V, X, V, X, X};
  row(JournalFinding::header_damaged) = {X, X, X, X, X, V, V, V, X, V, X, X};
  row(JournalFinding::not_a_journal) = {X, X, X, X, X, V, V, V, X, V, X, X};
  row(JournalFinding::other_version) = {X, X, X, X, X, X, X, X, X, X, X, X};
  row(JournalFinding::other_account) = {X, X, X, X, X, X, X, X, X, X, X, X};
  row(JournalFinding::segment_missing) = {X, X, X, X, X, V, V, V, X, V, X, X};
  row(JournalFinding::sequence_gap) = {X, X, X, X, X, V, V, V, X, V, X, X};
  row(JournalFinding::chain_broken) = {X, X, X, X, X, V, V, V, X, V, X, X};
  row(JournalFinding::epoch_backwards) = {X, X, X, X, X, V, V, V, X, V, X, X};
  row(JournalFinding::epoch_newer) = {V, V, V, V, V, V, V, V, X, V, X, X};
  row(JournalFinding::unreadable) = {X, X, X, X, X, X, X, X, X, X, X, X};
  row(JournalFinding::ends_before_snapshot) = {V, V, V, V, V, O, O, O, O, O, O, O};
  row(JournalFinding::begins_after_snapshot) = {V, V, V, V, V, O, O, O, O, O, O, O};
  return t;
}();

}  // namespace recovery

[[nodiscard]] constexpr RecoveryOutcome decide(JournalFinding journal, SnapshotFinding snapshot) noexcept {
  return recovery::kTable[static_cast<std::size_t>(journal)][static_cast<std::size_t>(snapshot)];
}

}  // namespace martinet

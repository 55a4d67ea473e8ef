// Every cell of the recovery table, made on a simulated disk: what is found is named rightly, what follows is what the table says, a
// refusal changes nothing, and doing it twice comes to the same.
#include "engine/cold/journal/recovery.hpp"

#include <gtest/gtest.h>

#include "engine/cold/journal/file_steps.hpp"
#include "engine/cold/journal/journal_writer.hpp"
#include "tests/support/fault_disk.hpp"

namespace martinet::recovery_test {

using test::FaultDisk;
using Bytes = FaultDisk::Bytes;

const std::string kState = "state/bitget-1";
const std::string kNewest = kState + "/snapshot.json";
const std::string kOlder = kNewest + ".bak";
constexpr std::uint64_t kOurEpoch = 5;
constexpr std::uint64_t kNewestSequence = 7, kOlderSequence = 5;  // of 12 records in three segments of four

std::string segment(std::uint64_t number) { return "sessions/s/" + segment_name(number); }

Bytes bytes_of(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
  return {bytes.begin(), bytes.end()};
}

JournalOptions journal_options(std::uint64_t epoch = 3, const std::string& account = "bitget-1") {
  JournalOptions options;
  options.folder = "sessions/s";
  options.epoch = epoch;
  options.account = account;
  options.segment_reserve_bytes = 2048;
  return options;
}

void write_segment(JournalWriter& writer) {
  ASSERT_TRUE(writer.begin_segment(1).ok());
  for (int i = 0; i < 4; ++i) {
    const std::uint64_t number = writer.last_sequence() + 1;
    ASSERT_EQ(writer.append(journal::RecordType::alert, 1, bytes_of("record " + std::to_string(number))), Errc::ok);
  }
  ASSERT_TRUE(writer.sync().ok());
}

void write_journal(FaultDisk& disk, const JournalOptions& options, int segments = 3) {
  disk.put_folder("sessions");
  disk.put_folder("sessions/s");
  JournalWriter writer(disk, options);
  for (int i = 0; i < segments; ++i) write_segment(writer);
  ASSERT_TRUE(writer.close().ok());
}

SnapshotHead head(std::uint64_t generation, std::uint64_t sequence, const std::string& session) {
  return {1, "bitget-1", generation, 4, sequence, session};
}

void flip(FaultDisk& disk, const std::string& path, std::uint64_t at) {
  Bytes bytes = *disk.find(path);
  bytes[static_cast<std::size_t>(at)] ^= std::byte{0x10};
  disk.put(path, bytes);
}

const std::uint64_t kRecordBytes = journal::record_size(8);  // "record N" of one digit

// A disk on which all is well; the epoch file says that a process of epoch 4 was here.
FaultDisk sound_disk(bool with_journal = true, std::uint64_t epoch = 3) {
  FaultDisk disk;
  disk.put_folder("state");
  disk.put_folder("state/bitget-1");
  while (true) {
    auto state = StateFolder::open(disk, {"state", "bitget", "1", 0});
    EXPECT_TRUE(state.ok());
    if ((*state)->epoch() == kOurEpoch - 1) break;
  }
  if (with_journal) write_journal(disk, journal_options(epoch));
  const std::string session = with_journal ? "s" : "";
  disk.put(kNewest, encode_snapshot(head(3, with_journal ? kNewestSequence : 0, session), bytes_of("{\"newest\":1}")));
  disk.put(kOlder, encode_snapshot(head(2, with_journal ? kOlderSequence : 0, session), bytes_of("{\"older\":1}")));
  return disk;
}

// ---- one maker per state of the journal; all but `none` start from the sound one

void make(FaultDisk& disk, JournalFinding finding, std::uint64_t epoch = 3) {
  const auto rewritten = [&disk](journal::JournalPoint resume, std::uint64_t epoch) {  // segment 3 anew
    disk.erase(segment(3));
    JournalOptions options = journal_options(epoch);
    options.resume = resume;
    JournalWriter writer(disk, options);
    write_segment(writer);
    ASSERT_TRUE(writer.close().ok());
  };
  const journal::JournalPoint at_8 = [&disk] {
    auto reader = JournalReader::from_bytes(*disk.find(segment(2)), "2");
    for (JournalRecord record; reader->next(record);) {
    }
    return journal::JournalPoint{2, 8, reader->chain()};
  }();
  switch (finding) {
    case JournalFinding::whole:
      return;
    case JournalFinding::last_empty:
      return disk.put(segment(4), Bytes(2048));
    case JournalFinding::last_headerless: {
      Bytes bytes(2048);
      bytes[600] = std::byte{7};
      return disk.put(segment(4), bytes);
    }
    case JournalFinding::last_torn:
      return flip(disk, segment(3), disk.find(segment(3))->size() - 20);
    case JournalFinding::torn_inside:
      return flip(disk, segment(2), disk.find(segment(2))->size() - 20);
    case JournalFinding::damaged:
      return flip(disk, segment(2), 256 + 45);
    case JournalFinding::header_damaged:
      return flip(disk, segment(2), 100);
    case JournalFinding::not_a_journal:
      return disk.put(segment(2), bytes_of("a letter"));
    case JournalFinding::other_version:
      return flip(disk, segment(2), 8);
    case JournalFinding::other_account:
      for (std::uint64_t n = 1; n <= 3; ++n) disk.erase(segment(n));
      return write_journal(disk, journal_options(epoch, "bitget-2"));
    case JournalFinding::segment_missing:
      return disk.erase(segment(2));
    case JournalFinding::sequence_gap:
      return rewritten({2, 9, at_8.chain}, epoch);
    case JournalFinding::chain_broken:
      return rewritten({2, 8, at_8.chain ^ 1}, epoch);
    case JournalFinding::epoch_backwards:
      return rewritten(at_8, epoch - 1);
    case JournalFinding::epoch_newer:
      return rewritten(at_8, kOurEpoch);
    case JournalFinding::unreadable:
      disk.unreadable.insert(segment(2));
      return;
    case JournalFinding::ends_before_snapshot:
      disk.erase(segment(2));
      return disk.erase(segment(3));
    case JournalFinding::begins_after_snapshot:
      disk.erase(segment(1));
      return disk.erase(segment(2));
    default:
      FAIL();
  }
}

// ---- and one per state of the slots

void make(FaultDisk& disk, SnapshotFinding finding) {
  const auto rewrite = [&disk](const std::string& path, auto change) {
    auto decoded = decode_snapshot(*disk.find(path), 1, path);
    change(decoded->head);
    disk.put(path, encode_snapshot(decoded->head, decoded->body));
  };
  switch (finding) {
    case SnapshotFinding::both_good:
      return;
    case SnapshotFinding::newest_bad:
      return flip(disk, kNewest, 30);
    case SnapshotFinding::older_bad:
      return flip(disk, kOlder, disk.find(kOlder)->size() - 5);
    case SnapshotFinding::newest_only:
      return disk.erase(kOlder);
    case SnapshotFinding::older_only:
      return disk.erase(kNewest);
    case SnapshotFinding::none_good:
      flip(disk, kNewest, 30);
      return flip(disk, kOlder, 30);
    case SnapshotFinding::lost:
      disk.erase(kNewest);
      return disk.erase(kOlder);
    case SnapshotFinding::first_boot:
      disk.erase(kNewest);
      disk.erase(kOlder);
      return disk.erase(kState + "/epoch");
    case SnapshotFinding::other_account:
      for (const std::string& path : {kNewest, kOlder}) rewrite(path, [](SnapshotHead& h) { h.account = "bitget-2"; });
      return;
    case SnapshotFinding::epoch_newer:
      return rewrite(kNewest, [](SnapshotHead& h) { h.epoch = kOurEpoch; });
    case SnapshotFinding::newer_version:
      return rewrite(kNewest, [](SnapshotHead& h) { h.version = 2; });
    case SnapshotFinding::unreadable:
      disk.unreadable.insert(kNewest);
      return;
    default:
      FAIL();
  }
}

bool is_usable(SnapshotFinding finding) { return finding <= SnapshotFinding::older_only; }

struct Boot {
  std::unique_ptr<StateFolder> state;
  std::unique_ptr<SnapshotStore> store;
  RecoveryOptions options{"sessions", "s", false};

  explicit Boot(FaultDisk& disk) {
    auto opened = StateFolder::open(disk, {"state", "bitget", "1", 0});
    EXPECT_TRUE(opened.ok()) << opened.error().what;
    state = std::move(*opened);
    store = std::make_unique<SnapshotStore>(disk, *state, SnapshotFormat{});
  }
};

std::string replayed(FaultDisk& disk, const Recovered& recovered) {
  std::string text;
  const Status done = replay_records(disk, recovered, [&text](const JournalRecord& record) {
    text += std::string(reinterpret_cast<const char*>(record.payload.data()), record.payload.size()).substr(7) + " ";
  });
  EXPECT_TRUE(done.ok());
  return text;
}

FaultDisk made(JournalFinding journal, SnapshotFinding snapshot) {
  // At a first boot our epoch is 1: only a journal without epochs (a replay's) is not newer.
  const std::uint64_t epoch = snapshot == SnapshotFinding::first_boot ? 0 : 3;
  FaultDisk disk = sound_disk(journal != JournalFinding::none, epoch);
  if (journal != JournalFinding::none) make(disk, journal, epoch);
  make(disk, snapshot);
  return disk;
}

// The table once more, letter by letter, so that a slip in it is not its own proof. Columns as in recovery_table.hpp.
const char* const kExpected[recovery::kJournals] = {
    "RPPRRVVBXVXX",                                                  // none
    "RPPRRVVVXVXX",                                                  // whole
    "PPPPPVVVXVXX", "PPPPPVVVXVXX", "PPPPPVVVXVXX",                  // last empty, headerless, torn
    "XXXXXVVVXVXX", "XXXXXVVVXVXX", "XXXXXVVVXVXX", "XXXXXVVVXVXX",  // torn inside, damaged, header damaged, no journal
    "XXXXXXXXXXXX", "XXXXXXXXXXXX",                                  // other version, other account
    "XXXXXVVVXVXX", "XXXXXVVVXVXX", "XXXXXVVVXVXX", "XXXXXVVVXVXX",  // missing, gap, chain, epoch backwards
    "VVVVVVVVXVXX", "XXXXXXXXXXXX", "VVVVV.......", "VVVVV.......",  // epoch newer, unreadable, ends before, begins after
};

TEST(Recovery, EveryCellOfTheTableIsWhatItSays) {
  for (std::size_t j = 0; j < recovery::kJournals; ++j) {
    for (std::size_t s = 0; s < recovery::kSnapshots; ++s) {
      const auto letter = "BRPVX."[static_cast<std::size_t>(decide(static_cast<JournalFinding>(j), static_cast<SnapshotFinding>(s)))];
      EXPECT_EQ(letter, kExpected[j][s]) << name_of(static_cast<JournalFinding>(j)) << " x " << name_of(static_cast<SnapshotFinding>(s));
    }
  }
}

TEST(Recovery, EveryStateOnDiskIsNamedAndDealtWithAsTheTableSays) {
  std::size_t cells = 0;
  for (std::size_t j = 0; j < recovery::kJournals; ++j) {
    for (std::size_t s = 0; s < recovery::kSnapshots; ++s, ++cells) {
      const auto journal = static_cast<JournalFinding>(j);
      const auto snapshot = static_cast<SnapshotFinding>(s);
      SCOPED_TRACE(std::string(name_of(journal)) + " x " + std::string(name_of(snapshot)));
      // Nothing is older than no epoch at all.
      if (journal == JournalFinding::epoch_backwards && snapshot == SnapshotFinding::first_boot) continue;
      FaultDisk disk = made(journal, snapshot);
      Boot boot(disk);
      const auto before = disk.everything();
      const RecoveryPlan plan = plan_recovery(disk, *boot.state, *boot.store, boot.options);
      // What lies before or behind a snapshot is only to be told beside one.
      const bool told =
          is_usable(snapshot) || (journal != JournalFinding::ends_before_snapshot && journal != JournalFinding::begins_after_snapshot);
      EXPECT_EQ(name_of(plan.journal_finding), name_of(told ? journal : JournalFinding::whole));
      EXPECT_EQ(name_of(plan.slots.finding), name_of(snapshot));
      EXPECT_EQ(plan.outcome, decide(plan.journal_finding, plan.slots.finding));
      EXPECT_TRUE(disk.everything() == before) << "planning changes nothing";
      const auto result = carry_out(disk, *boot.store, plan, false);
      switch (plan.outcome) {
        case RecoveryOutcome::refuse:
        case RecoveryOutcome::venue_only:
          ASSERT_FALSE(result.ok());
          EXPECT_NE(result.error().code, Errc::ok);
          EXPECT_TRUE(disk.everything() == before) << "a refusal changes nothing";
          EXPECT_TRUE(result.error().what.find("snapshot.json") != std::string::npos ||
                      result.error().what.find("sessions/s") != std::string::npos)
              << "names a file: " << result.error().what;
          EXPECT_NE(result.error().what.find("nothing was changed"), std::string::npos) << result.error().what;
          if (plan.outcome == RecoveryOutcome::venue_only) {
            EXPECT_EQ(result.error().code, Errc::needs_operator);
            const auto accepted = carry_out(disk, *boot.store, plan, true);
            ASSERT_TRUE(accepted.ok()) << accepted.error().what;
            EXPECT_TRUE(accepted->latches_unknown);
            EXPECT_FALSE(accepted->snapshot.has_value());
            EXPECT_EQ(accepted->end, journal::JournalPoint{});
            EXPECT_EQ(disk.find(kNewest), nullptr);
            EXPECT_EQ(disk.find(kOlder), nullptr);
            for (const auto& [path, bytes] : before)
              EXPECT_TRUE(disk.find(path) != nullptr || disk.find(path + ".broken") != nullptr) << path << " is kept";
            ASSERT_TRUE(boot.store->write("", 0, bytes_of("{}")).ok()) << "and it goes on";
          }
          break;
        case RecoveryOutcome::first_boot:
          ASSERT_TRUE(result.ok());
          EXPECT_FALSE(result->snapshot.has_value());
          EXPECT_FALSE(result->latches_unknown);
          EXPECT_TRUE(disk.everything() == before);
          break;
        default: {
          ASSERT_TRUE(result.ok()) << result.error().what;
          EXPECT_EQ(plan.outcome == RecoveryOutcome::repair, !plan.actions.empty());
          const bool newest = snapshot != SnapshotFinding::newest_bad && snapshot != SnapshotFinding::older_only;
          EXPECT_TRUE(result->snapshot->body == bytes_of(newest ? "{\"newest\":1}" : "{\"older\":1}"));
          if (journal == JournalFinding::none) {
            EXPECT_EQ(result->end, journal::JournalPoint{});
          } else {
            const std::uint64_t last = journal == JournalFinding::last_torn ? 11 : 12;
            EXPECT_EQ(result->end.sequence, last);
            EXPECT_EQ(result->end.segment, 3U);
            EXPECT_EQ(replayed(disk, *result), std::string(newest ? "" : "6 7 ") + "8 9 10 11 " + (last == 12 ? "12 " : ""));
          }
          // Again: the same, and nothing left to do.
          const auto after = disk.everything();
          const RecoveryPlan second = plan_recovery(disk, *boot.state, *boot.store, boot.options);
          EXPECT_EQ(second.outcome, RecoveryOutcome::resume);
          const auto again = carry_out(disk, *boot.store, second, false);
          ASSERT_TRUE(again.ok());
          EXPECT_EQ(again->end, result->end);
          EXPECT_TRUE(again->snapshot->body == result->snapshot->body);
          EXPECT_TRUE(disk.everything() == after);
          // Nothing that was there is gone, but for empty files.
          for (const auto& [path, bytes] : before) {
            const bool empty = std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
            EXPECT_TRUE((disk.find(path) != nullptr && *disk.find(path) == bytes) ||
                        (disk.find(path + ".broken") != nullptr && *disk.find(path + ".broken") == bytes) || empty)
                << path;
          }
          // And a writer goes on behind it.
          disk.put_folder("sessions/s");
          JournalOptions options = journal_options(kOurEpoch);
          options.resume = result->end;
          JournalWriter writer(disk, options);
          write_segment(writer);
          ASSERT_TRUE(writer.close().ok());
          EXPECT_EQ(scan_journal(disk, {"sessions/s", "bitget-1", kOurEpoch + 1}).end.sequence, result->end.sequence + 4);
        }
      }
    }
  }
  EXPECT_EQ(cells, 19U * 12U);
}

TEST(Recovery, ASentenceNamesFileOffsetAndRecord) {
  const auto sentence = [](JournalFinding finding) {
    FaultDisk disk = made(finding, SnapshotFinding::both_good);
    Boot boot(disk);
    return plan_recovery(disk, *boot.state, *boot.store, boot.options).sentence;
  };
  const auto expect_all = [&](JournalFinding finding, const std::vector<std::string>& parts) {
    const std::string text = sentence(finding);
    for (const std::string& part : parts) EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' in: " << text;
  };
  expect_all(JournalFinding::last_torn, {segment(3), "offset " + std::to_string(256 + 8 + 3 * (kRecordBytes + 8) - 16), "record 12"});
  expect_all(JournalFinding::damaged, {segment(2), "offset 256", "record 5"});
  expect_all(JournalFinding::header_damaged, {segment(2), "offset 0"});
  expect_all(JournalFinding::segment_missing, {"sessions/s", "lacks segment 2"});
  expect_all(JournalFinding::chain_broken, {segment(3), segment(2), "record 8"});
  expect_all(JournalFinding::epoch_newer, {segment(3), "epoch 5"});
  expect_all(JournalFinding::ends_before_snapshot, {segment(1), "ends with 4", "up to 7"});
  expect_all(JournalFinding::begins_after_snapshot, {segment(3), "begins with 9", "up to 7"});
}

TEST(Recovery, TracesOfSeveralCrashesAreKeptApart) {
  FaultDisk disk = made(JournalFinding::last_torn, SnapshotFinding::both_good);
  const Bytes first = *disk.find(segment(3));
  {
    Boot boot(disk);
    ASSERT_TRUE(recover(disk, *boot.state, *boot.store, boot.options).ok());
  }
  flip(disk, segment(3), disk.find(segment(3))->size() - 20);
  const Bytes second = *disk.find(segment(3));
  Boot boot(disk);
  ASSERT_TRUE(recover(disk, *boot.state, *boot.store, boot.options).ok());
  EXPECT_TRUE(*disk.find(segment(3) + ".broken") == first);
  EXPECT_TRUE(*disk.find(segment(3) + ".broken-2") == second);
}

TEST(Recovery, EmptyAndHeaderlessSegmentsBehindEachOther) {
  const auto finding = [](std::vector<int> kinds) {  // 0: zeros, 1: headerless
    FaultDisk disk = sound_disk();
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      Bytes bytes(2048);
      if (kinds[i] == 1) bytes[600] = std::byte{7};
      disk.put(segment(4 + i), bytes);
    }
    const JournalScan scan = scan_journal(disk, {"sessions/s", "", UINT64_MAX});
    if (scan.is_sound()) {
      EXPECT_TRUE(clear_crash_traces(disk, scan).ok());
      EXPECT_EQ(scan_journal(disk, {"sessions/s", "", UINT64_MAX}).finding, JournalFinding::whole);
    }
    return scan.finding;
  };
  EXPECT_EQ(finding({0, 0}), JournalFinding::last_empty) << "one begun, the next prepared";
  EXPECT_EQ(finding({1, 0}), JournalFinding::last_headerless);
  EXPECT_EQ(finding({0, 1}), JournalFinding::torn_inside) << "a segment is begun when the one before is closed";
  EXPECT_EQ(finding({1, 1}), JournalFinding::torn_inside);
  FaultDisk torn_and_prepared = made(JournalFinding::last_torn, SnapshotFinding::both_good);
  torn_and_prepared.put(segment(4), Bytes(2048));
  Boot boot(torn_and_prepared);
  const auto recovered = recover(torn_and_prepared, *boot.state, *boot.store, boot.options);
  ASSERT_TRUE(recovered.ok()) << recovered.error().what;
  EXPECT_EQ(recovered->end.sequence, 11U);
  EXPECT_EQ(torn_and_prepared.find(segment(4)), nullptr);
}

}  // namespace martinet::recovery_test

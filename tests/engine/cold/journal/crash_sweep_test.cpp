// Goal: what was acknowledged survives every crash, and nothing is invented (R4, I8). Method: a process lives by a script on the
// simulated disk; it is cut at every I/O operation, before it and after it; of what was not synced then, every set (few) or many sets
// (each prefix, suffix, single one, all but one, random) reaches the disk; on each such disk the next process boots, checks and goes on,
// and is cut in turn. A second kind of death leaves the page cache alive. Seeds are fixed and printed.
#include <gtest/gtest.h>

#include <set>

#include "tests/engine/cold/journal/journal_support.hpp"
#include "tests/engine/cold/journal/life_support.hpp"
#include "tests/support/fault_disk.hpp"

namespace martinet::journal_crash_sweep {

using journal_life::Life;
using journal_life::Witness;
using journal_test::Random;
using test::FaultDisk;

constexpr std::uint64_t kReserve = 4096;

std::string live(FaultDisk& disk, Witness& witness, const std::string& script) {
  Life life(disk, disk, witness, "r");
  if (std::string wrong = life.boot(); !wrong.empty()) return wrong;
  if (script.empty()) return {};
  life.begin(kReserve);
  for (const char what : script) life.step(what);
  return {};
}

FaultDisk new_disk() {
  FaultDisk disk;
  disk.put_folder("r");
  return disk;
}

/// Which of `count` unsynced things reach the disk: all sets of few, of many those named above.
std::vector<std::vector<bool>> choices(std::size_t count, Random& random) {
  std::set<std::vector<bool>> sets;
  if (count <= 6) {
    for (std::size_t mask = 0; mask < std::size_t{1} << count; ++mask) {
      std::vector<bool> kept(count);
      for (std::size_t i = 0; i < count; ++i) kept[i] = (mask >> i & 1) != 0;
      sets.insert(kept);
    }
    return {sets.begin(), sets.end()};
  }
  for (std::size_t i = 0; i <= count; ++i) {
    std::vector<bool> prefix(count), suffix(count, true), one(count), all_but_one(count, true);
    std::fill_n(prefix.begin(), i, true);
    std::fill_n(suffix.begin(), i, false);
    if (i < count) {
      one[i] = true;
      all_but_one[i] = false;
    }
    sets.insert({prefix, suffix, one, all_but_one});
  }
  for (int n = 0; n < 40; ++n) {
    std::vector<bool> kept(count);
    for (std::size_t i = 0; i < count; ++i) kept[i] = random.below(2) == 1;
    sets.insert(kept);
  }
  return {sets.begin(), sets.end()};
}

struct Sweep {
  std::uint64_t states = 0;      ///< of a disk on which a process was started
  std::uint64_t operations = 0;  ///< at which a process was cut
  std::uint64_t nested = 0;      ///< of the states: after a cut while recovering from a cut
  std::string wrong;             ///< the first violation, with where it was
  bool lying_sync = false;
  int depth_begin = 1;
  std::uint64_t states_deep_max = 150'000;  ///< from there on no deeper
  Random random{2024};

  /// Every cut of a life by `script` on `disk`, and every disk that it may leave. `depth`: lives that are cut one after the other.
  void run(const FaultDisk& disk, const Witness& witness, const std::string& script, int depth, const std::string& path) {
    for (std::uint64_t at = 1; wrong.empty(); ++at) {
      bool cut = false;
      for (const bool after : {false, true}) {
        FaultDisk used = disk.after_process_end();
        used.lying_sync = lying_sync;
        used.crash_at = at;
        used.crash_after = after;
        Witness told = witness;
        if (report(live(used, told, script), path)) return;
        cut = cut || used.is_dead();
        if (!used.is_dead()) continue;
        ++operations;
        const std::string here = path + " cut " + (after ? "after " : "before ") + std::to_string(at);
        continue_on(used, told, depth, here);
      }
      if (!cut) return;  // the script ends before operation `at`
    }
  }

  void continue_on(const FaultDisk& dead, const Witness& told, int depth, const std::string& here) {
    const auto sets = choices(dead.volatile_count(), random);
    for (std::size_t i = 0; i <= sets.size() && wrong.empty(); ++i) {
      // The last one is not a power cut: the process died, the page cache lives, and the power goes some time later.
      const bool process_only = i == sets.size();
      FaultDisk next = process_only ? dead.after_process_end() : dead.after_power_cut(sets[i]);
      next.lying_sync = lying_sync;
      ++states;
      nested += depth < depth_begin ? 1 : 0;
      const std::string where = here + " set " + (process_only ? "page cache" : std::to_string(i));
      const bool deeper =
          depth > 1 && states < states_deep_max && random.below(process_only ? 30 : 120) == 0;  // some: each level multiplies the states
      if (deeper) {
        run(next, told, random.below(4) == 0 ? "ak" : "", depth - 1, where);
      } else {
        Witness now = told;
        const bool writes = process_only || random.below(8) == 0;
        if (report(live(next, now, writes ? "ak" : ""), where)) return;
        if (!writes) continue;
        // Once more with everything lost that it had not synced.
        FaultDisk last = next.after_power_cut(std::vector<bool>(next.volatile_count(), false));
        ++states;
        if (report(live(last, now, ""), where + " and once more")) return;
      }
    }
  }

  bool report(const std::string& found, const std::string& where) {
    if (found.empty()) return false;
    if (wrong.empty()) wrong = found + " [" + where + "]";
    return true;
  }
};

/// By hand: append and commit, one group over many sectors, groups that wait, rotation, segments made ahead, snapshots. Then by chance.
std::vector<std::string> scripts() {
  std::vector<std::string> all = {"akbkckz", "abcabdk", "akcctbbkck", "akrbkrckr", "apkcckrbkpcrak", "aksbkskcks", "dkrsdkprsck"};
  Random random(7);
  for (int n = 0; n < 33; ++n) {
    constexpr std::string_view kSteps = "aabbccdkkkttrps";
    std::string script;
    for (std::size_t i = 6 + random.below(8); i > 0; --i) script += kSteps[random.below(kSteps.size())];
    all.push_back(script + "k");
  }
  return all;
}

TEST(JournalCrash, EveryCutOfEveryOperationLeavesWhatWasAcknowledged) {
  Sweep sweep;
  for (const std::string& script : scripts()) {
    // A first boot that is cut, and a later one that finds two lives before it.
    sweep.run(new_disk(), {}, script, 1, "first " + script);
    FaultDisk lived = new_disk();
    Witness witness;
    ASSERT_EQ(live(lived, witness, "akbks"), "");
    lived = lived.after_process_end();
    ASSERT_EQ(live(lived, witness, "ckrak"), "");
    sweep.run(lived.after_process_end(), witness, script, 1, "third " + script);
    ASSERT_EQ(sweep.wrong, "");
  }
  std::printf("crash sweep: %zu scripts, %llu operations cut, %llu states of the disk (seeds 7, 2024)\n", scripts().size(),
              static_cast<unsigned long long>(sweep.operations), static_cast<unsigned long long>(sweep.states));
  EXPECT_GE(sweep.states, 50'000U);
}

TEST(JournalCrash, RecoveryMayItselfBeCutAgainAndAgain) {
  Sweep sweep;
  sweep.depth_begin = 5;
  for (const std::string script : {"bkc", "akrck", "aksdk"}) {
    sweep.run(new_disk(), {}, script, sweep.depth_begin, script);
    ASSERT_EQ(sweep.wrong, "");
  }
  std::printf(
      "crash in recovery, up to five deep: %llu operations cut, %llu states of the disk, %llu of them behind a cut recovery (seed 2024)\n",
      static_cast<unsigned long long>(sweep.operations), static_cast<unsigned long long>(sweep.states),
      static_cast<unsigned long long>(sweep.nested));
  EXPECT_GE(sweep.nested, 10'000U);
}

// The sweep would be worth nothing if it passed a disk that lies.
TEST(JournalCrash, ADiskThatOnlyPretendsToSyncIsFoundOut) {
  Sweep sweep;
  sweep.lying_sync = true;
  sweep.run(new_disk(), {}, "akbk", 1, "lying");
  EXPECT_NE(sweep.wrong, "");
}

// ---- the n-th operation fails, once or from then on; then the power goes, and everything that was not synced is lost, kept or mixed

std::string fault_life(FaultDisk::Fault fault, std::uint64_t at, bool forever, const std::string& script, bool sync_forgives, bool& met,
                       std::size_t& states, std::size_t& sync_again) {
  FaultDisk disk = new_disk();
  Witness witness;
  if (std::string wrong = live(disk, witness, "akbks"); !wrong.empty()) return wrong;
  disk = disk.after_process_end();
  disk.fault = fault;
  disk.fault_at = at;
  disk.forever = forever;
  disk.sync_forgives = sync_forgives;
  if (std::string wrong = live(disk, witness, script); !wrong.empty()) return wrong;
  met = disk.fault_was_met();
  sync_again += disk.sync_after_failed_sync();
  Random random(at);
  for (int n = 0; n < 6; ++n, ++states) {
    std::vector<bool> kept(disk.volatile_count(), n == 1);
    for (std::size_t i = 0; n > 1 && i < kept.size(); ++i) kept[i] = random.below(2) == 1;
    Witness told = witness;
    FaultDisk next = disk.after_power_cut(kept);
    if (std::string wrong = live(next, told, "ak"); !wrong.empty()) return wrong + " after power cut " + std::to_string(n);
  }
  // No power cut: the next process finds the page cache, acts on it, and the power goes after that.
  Witness told = witness;
  FaultDisk next = disk.after_process_end();
  next.sync_forgives = false;
  if (std::string wrong = live(next, told, "ak"); !wrong.empty()) return wrong + " after the process ended";
  FaultDisk last = next.after_power_cut(std::vector<bool>(next.volatile_count(), false));
  states += 2;
  return live(last, told, "");
}

TEST(JournalCrash, EveryOperationMayFailOnceOrForEver) {
  std::size_t states = 0, lives = 0, sync_again = 0;
  for (const FaultDisk::Fault fault :
       {FaultDisk::Fault::io_failed, FaultDisk::Fault::disk_full, FaultDisk::Fault::interrupted, FaultDisk::Fault::short_write}) {
    for (const bool forever : {false, true}) {
      for (const std::string script : {"akbkck", "akrbks", "apkcrakscks"}) {
        bool met = true;
        for (std::uint64_t at = 1; met; ++at, ++lives) {
          met = false;
          const std::string wrong = fault_life(fault, at, forever, script, false, met, states, sync_again);
          ASSERT_EQ(wrong, "") << script << " fault " << static_cast<int>(fault) << (forever ? " from operation " : " at operation ") << at;
        }
      }
    }
  }
  std::printf("operations that fail: %zu lives, %zu states of the disk\n", lives, states);
  EXPECT_EQ(sync_again, 0U) << "no sync is tried again on a descriptor where one has failed";
  EXPECT_GT(lives, 1'000U);
}

TEST(JournalCrash, AProgramThatBelievedASecondSyncWouldBeFoundOut) {
  std::size_t found = 0, states = 0, sync_again = 0;
  bool met = true;
  for (std::uint64_t at = 1; met; ++at) {
    met = false;
    found += fault_life(FaultDisk::Fault::io_failed, at, false, "akbkck", true, met, states, sync_again).empty() ? 0 : 1;
  }
  EXPECT_GT(found, 0U);
}

}  // namespace martinet::journal_crash_sweep

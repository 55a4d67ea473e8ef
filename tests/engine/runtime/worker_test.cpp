// Goal: a free-running worker finishes what was pushed before stop(); in lock step the coordinator alone decides who runs when, and
// what one worker wrote the next one sees. Clean under ThreadSanitizer: the shared data below is plain, not atomic.
#include "engine/runtime/worker.hpp"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "engine/runtime/allocation_counter.hpp"
#include "engine/runtime/lane.hpp"
#include "engine/runtime/pinning.hpp"

namespace martinet::worker_test {
namespace {

TEST(Worker, DrainsAllThatWasPushedBeforeStop) {
  for (const IdleMode mode : {IdleMode::yield, IdleMode::park}) {
    for (int round = 0; round < 50; ++round) {
      Lane<std::uint64_t, 8192> lane;
      std::uint64_t taken = 0;
      Worker worker({"drain", kNotPinned, mode}, [&] {
        return static_cast<int>(lane.drain(16, [&](const std::uint64_t& value) { taken += value == taken ? 1U : 1'000'000U; }));
      });
      worker.start_free();
      for (std::uint64_t i = 0; i < 5000; ++i) ASSERT_TRUE(lane.push(i));
      worker.stop();
      ASSERT_EQ(taken, 5000U) << name_of(mode);
      EXPECT_EQ(worker.counters().messages, 5000U);
      EXPECT_GE(worker.counters().turns_busy, 5000U / 16);
    }
  }
}

TEST(Worker, DrainsAChainThatIsStoppedInDataOrder) {
  Lane<int, 4096> first, second;
  int forwarded = 0, received = 0;
  Worker source({"source", kNotPinned, IdleMode::yield}, [&] {
    return static_cast<int>(first.drain(7, [&](const int& value) {
      second.push_reserved(value);
      ++forwarded;
    }));
  });
  Worker sink({"sink", kNotPinned, IdleMode::yield}, [&] { return static_cast<int>(second.drain(3, [&](const int&) { ++received; })); });
  source.start_free();
  sink.start_free();
  for (int i = 0; i < 4000; ++i) ASSERT_TRUE(first.push(i));
  source.stop();
  sink.stop();
  EXPECT_EQ(forwarded, 4000);
  EXPECT_EQ(received, 4000);
}

TEST(Worker, StopsOnlyOnceAndAlsoWhenDestroyed) {
  int turns = 0;
  {
    Worker worker({"twice", kNotPinned, IdleMode::yield}, [&turns] {
      ++turns;
      return 0;
    });
    worker.start_free();
    worker.stop();
    worker.stop();
    EXPECT_GE(turns, 1) << "at least the last turn, which follows stop()";
    Worker never_started({"never", kNotPinned, IdleMode::yield}, [] { return 0; });
    never_started.stop();
    Worker running({"destroyed", kNotPinned, IdleMode::park}, [] { return 0; });
    running.start_free();
  }
}

TEST(LockStep, GrantsTurnsOneAtATimeInTheCoordinatorsOrder) {
  constexpr std::size_t kWorkers = 3;
  // Plain memory, written by whoever holds the turn.
  std::vector<std::size_t> log;
  int inside = 0, overlaps = 0;
  std::array<LockStep, kWorkers> steps;
  std::array<int, kWorkers> work_left{};
  std::vector<std::unique_ptr<Worker>> workers;
  for (std::size_t i = 0; i < kWorkers; ++i) {
    workers.push_back(std::make_unique<Worker>(WorkerOptions{"step", kNotPinned, i == 0 ? IdleMode::spin : IdleMode::yield}, [&, i] {
      overlaps += ++inside != 1 ? 1 : 0;
      log.push_back(i);
      --inside;
      return work_left[i]-- > 0 ? 1 : 0;
    }));
    workers[i]->start_lock_step(steps[i]);
  }
  std::mt19937 random(11);
  std::vector<std::size_t> expected;
  for (int turn = 0; turn < 3000; ++turn) {
    const std::size_t who = random() % kWorkers;
    const int work = static_cast<int>(random() % 3);
    work_left[who] = work;  // seen by the worker: granting the turn hands it over
    for (int i = 0; i < work + 1; ++i) expected.push_back(who);
    steps[who].grant_and_wait();
    ASSERT_FALSE(steps[who].has_turn());
    ASSERT_EQ(log.size(), expected.size()) << "the worker ran until it found nothing, and not once more";
  }
  for (const auto& worker : workers) worker->stop();
  EXPECT_EQ(log, expected);
  EXPECT_EQ(overlaps, 0);
  EXPECT_EQ(log.size(), expected.size()) << "nobody ran without a turn, not even at the end";
}

TEST(LockStep, LetsEachWorkerSeeWhatTheOneBeforeItWrote) {
  std::uint64_t value = 1;  // plain: every access is ordered by the turns
  LockStep doubles, adds;
  bool doubled = false, added = false;
  Worker first({"doubles", kNotPinned, IdleMode::yield}, [&] {
    if (doubled) return 0;
    value *= 2;
    doubled = true;
    return 1;
  });
  Worker second({"adds", kNotPinned, IdleMode::yield}, [&] {
    if (added) return 0;
    value += 3;
    added = true;
    return 1;
  });
  first.start_lock_step(doubles);
  second.start_lock_step(adds);
  std::uint64_t model = 1;
  for (int round = 0; round < 2000; ++round) {
    doubled = added = false;
    doubles.grant_and_wait();
    adds.grant_and_wait();
    model = model * 2 + 3;
    ASSERT_EQ(value, model);
  }
}

TEST(Idle, SpinsThenYieldsThenParks) {
  Idle spin(IdleMode::spin);
  for (int i = 0; i < 1000; ++i) spin.step();
  EXPECT_EQ(spin.yields(), 0U);
  EXPECT_EQ(spin.parks(), 0U);

  Idle yield(IdleMode::yield);
  for (int i = 0; i < 64; ++i) yield.step();
  EXPECT_EQ(yield.yields(), 0U) << "a short wait is spun";
  for (int i = 0; i < 1000; ++i) yield.step();
  EXPECT_EQ(yield.yields(), 1000U);
  EXPECT_EQ(yield.parks(), 0U);

  Idle park(IdleMode::park);
  for (int i = 0; i < 64 + 256; ++i) park.step();
  EXPECT_EQ(park.yields(), 256U);
  EXPECT_EQ(park.parks(), 0U);
  park.step();
  EXPECT_EQ(park.parks(), 1U);
}

TEST(Idle, StartsOverAfterWorkAndKeepsItsCounts) {
  Idle idle(IdleMode::yield);
  for (int i = 0; i < 65; ++i) idle.step();
  EXPECT_EQ(idle.yields(), 1U);
  idle.reset();
  for (int i = 0; i < 64; ++i) idle.step();
  EXPECT_EQ(idle.yields(), 1U);
  idle.step();
  EXPECT_EQ(idle.yields(), 2U);
}

TEST(Idle, SpinningIsRefusedWhereThreadsOutnumberCores) {
  EXPECT_EQ(fitting_idle(IdleMode::spin, 3, 2), IdleMode::yield);
  EXPECT_EQ(fitting_idle(IdleMode::spin, 2, 2), IdleMode::spin);
  EXPECT_EQ(fitting_idle(IdleMode::park, 3, 2), IdleMode::park);
  EXPECT_EQ(fitting_idle(IdleMode::yield, 3, 2), IdleMode::yield);
}

TEST(Pinning, KeepsAThreadOnItsCore) {
  const std::vector<int> cpus = allowed_cpus();
  ASSERT_FALSE(cpus.empty());
  std::thread([&cpus] {
    for (const int cpu : cpus) {
      const Status pinned = pin_this_thread(cpu);
      ASSERT_TRUE(pinned.ok()) << pinned.error().what;
      EXPECT_EQ(sched_getcpu(), cpu);
      EXPECT_EQ(allowed_cpus(), std::vector<int>{cpu});
    }
  }).join();
}

TEST(Pinning, SaysSoForACoreThatDoesNotExist) {
  for (const int cpu : {-1, 1023, 1'000'000}) {
    if (cpu == 1023 && allowed_cpus().back() >= 1023) continue;
    std::thread([cpu] {
      const Status pinned = pin_this_thread(cpu);
      ASSERT_FALSE(pinned.ok());
      EXPECT_EQ(pinned.error().code, Errc::unsupported);
      EXPECT_NE(pinned.error().what.find("core " + std::to_string(cpu)), std::string::npos) << pinned.error().what;
    }).join();
  }
}

TEST(Worker, RunsAllTheSameWhereItCannotBePinnedAndSaysWhy) {
  int done = 0;
  Worker worker({"unpinned", 1'000'000, IdleMode::yield}, [&done] { return done < 3 ? (++done, 1) : 0; });
  worker.start_free();
  worker.stop();
  EXPECT_EQ(done, 3);
  EXPECT_NE(worker.pin_warning().find("core 1000000"), std::string::npos);
  Worker pinned({"pinned", allowed_cpus().front(), IdleMode::yield}, [] { return 0; });
  pinned.start_free();
  pinned.stop();
  EXPECT_EQ(pinned.pin_warning(), "");
}

TEST(Worker, NamesItsThreadAndCutsALongName) {
  std::array<char, 32> name{};
  Worker worker({"a-name-of-more-than-15", kNotPinned, IdleMode::yield}, [&name] {
    pthread_getname_np(pthread_self(), name.data(), name.size());
    return 0;
  });
  worker.start_free();
  worker.stop();
  EXPECT_STREQ(name.data(), "a-name-of-more-");
  EXPECT_EQ(worker.counters().name, "a-name-of-more-than-15");
}

}  // namespace
}  // namespace martinet::worker_test

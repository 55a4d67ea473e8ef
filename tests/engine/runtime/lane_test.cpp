// Goal: a lane keeps order and never loses, invents or blocks, at its bounds too; and what each policy of a full lane means (I11).
#include "engine/runtime/lane.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "engine/runtime/idle.hpp"
#include "engine/runtime/worker_counters.hpp"

namespace martinet::lane_test {
namespace {

struct Numbered {
  std::uint64_t number = 0;
  std::uint64_t check = 0;
};
constexpr std::uint64_t check_of(std::uint64_t number) { return number * 0x9E3779B97F4A7C15ULL + 1; }

TEST(Lane, HoldsExactlyItsCapacityThenRefusesAndStaysAsItWas) {
  Lane<int, 4> lane;
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(lane.push(i));
  EXPECT_FALSE(lane.push(99));
  EXPECT_EQ(lane.size(), 4U);
  EXPECT_EQ(lane.free_slots(), 0U);
  int out = -1;
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(lane.pop(out));
    EXPECT_EQ(out, i);
  }
  EXPECT_FALSE(lane.pop(out));
  EXPECT_EQ(out, 3) << "a failed pop leaves its target alone";
}

TEST(Lane, HasRoomForTheReserveUpToItsLastSlot) {
  Lane<int, 4> lane;
  EXPECT_TRUE(lane.has_room(4));
  EXPECT_FALSE(lane.has_room(5));
  ASSERT_TRUE(lane.push(1));
  EXPECT_TRUE(lane.has_room(3));
  EXPECT_FALSE(lane.has_room(4));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(lane.push(i));
  EXPECT_TRUE(lane.has_room(0));
  EXPECT_FALSE(lane.has_room(1));
}

TEST(Lane, DrainsAtMostWhatItWasToldAndInOrder) {
  Lane<int, 16> lane;
  std::vector<int> seen;
  const auto see = [&seen](const int& value) { seen.push_back(value); };
  EXPECT_EQ(lane.drain(8, see), 0U);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(lane.push(i));
  EXPECT_EQ(lane.drain(0, see), 0U);
  EXPECT_EQ(lane.drain(3, see), 3U);
  EXPECT_EQ(lane.drain(7, see), 7U);
  EXPECT_EQ(lane.drain(1, see), 0U);
  EXPECT_EQ(seen, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(Lane, HandsOutWhatIsPushedWhileItIsDrainedButNoMoreThanAllowed) {
  Lane<int, 4> lane;
  ASSERT_TRUE(lane.push(0));
  int last = -1;
  const auto echo = [&](const int& value) {
    last = value;
    EXPECT_TRUE(lane.push(value + 1));
  };
  EXPECT_EQ(lane.drain(100, echo), 100U);
  EXPECT_EQ(last, 99);
  EXPECT_EQ(lane.size(), 1U);
}

TEST(Lane, GoesRoundItsEndAsAQueueWould) {
  Lane<std::uint32_t, 7> lane;
  std::deque<std::uint32_t> model;
  std::mt19937 random(20240805);
  std::uint32_t next = 0;
  for (int step = 0; step < 300'000; ++step) {
    switch (random() % 4) {
      case 0:
      case 1: {
        const bool pushed = lane.push(next);
        ASSERT_EQ(pushed, model.size() < 7);
        if (pushed) model.push_back(next);
        ++next;
        break;
      }
      case 2: {
        std::uint32_t value = 0;
        const bool popped = lane.pop(value);
        ASSERT_EQ(popped, !model.empty());
        if (popped) {
          ASSERT_EQ(value, model.front());
          model.pop_front();
        }
        break;
      }
      default: {
        const std::size_t wanted = random() % 10;
        const std::size_t there = model.size();
        ASSERT_EQ(lane.drain(wanted,
                             [&](const std::uint32_t& value) {
                               ASSERT_EQ(value, model.front());
                               model.pop_front();
                             }),
                  std::min(wanted, there));
      }
    }
    ASSERT_EQ(lane.size(), model.size());
    ASSERT_EQ(lane.empty(), model.empty());
    ASSERT_EQ(lane.free_slots(), 7 - model.size());
  }
}

TEST(LaneDeathTest, PushingWithoutRoomWhereRoomWasPromisedStopsTheProcess) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  Lane<int, 1> lane;
  lane.push_reserved(1);
  EXPECT_DEATH(lane.push_reserved(2), "queued");
}

TEST(Lane, StopIntakeTakesNothingNewBelowTheReserveAndLosesNothing) {
  // One input becomes up to three messages; the producer asks for room for three before it takes the next.
  constexpr std::size_t kReserve = 3;
  Lane<std::uint64_t, 8> lane;
  std::uint64_t inputs = 0, messages = 0, stops = 0, expected = 0;
  std::mt19937 random(7);
  while (inputs < 20'000) {
    if (lane.has_room(kReserve)) {
      const std::uint64_t count = 1 + inputs % 3;
      for (std::uint64_t i = 0; i < count; ++i) lane.push_reserved(messages++);
      ++inputs;
    } else {
      ++stops;
      ASSERT_LT(lane.free_slots(), kReserve);
      lane.drain(1 + random() % 8, [&expected](const std::uint64_t& message) { ASSERT_EQ(message, expected++); });
    }
  }
  lane.drain(8, [&expected](const std::uint64_t& message) { ASSERT_EQ(message, expected++); });
  EXPECT_EQ(expected, messages);
  EXPECT_GT(stops, 1000U);
}

TEST(Lane, RefuseEntryTurnsAwayTheNewAndKeepsTheOld) {
  Lane<int, 2> lane;
  std::vector<int> refused;
  for (int request = 0; request < 5; ++request) {
    if (!lane.push(request)) refused.push_back(request);
  }
  EXPECT_EQ(refused, (std::vector<int>{2, 3, 4}));
  std::vector<int> sent;
  lane.drain(10, [&sent](const int& request) { sent.push_back(request); });
  EXPECT_EQ(sent, (std::vector<int>{0, 1}));
}

template <class Take>
void transfer(Take&& take) {
  constexpr std::uint64_t kCount = 1'000'000;
  auto lane = std::make_unique<Lane<Numbered, 1024>>();
  std::thread producer([&lane] {
    Idle idle(IdleMode::yield);
    for (std::uint64_t i = 0; i < kCount;) {
      if (lane->push({i, check_of(i)})) {
        ++i;
        idle.reset();
      } else {
        idle.step();
      }
    }
  });
  std::uint64_t expected = 0, wrong = 0;
  const auto see = [&](const Numbered& message) {
    wrong += message.number != expected || message.check != check_of(expected) ? 1U : 0U;
    ++expected;
  };
  Idle idle(IdleMode::yield);
  while (expected < kCount) take(*lane, see) ? idle.reset() : idle.step();
  producer.join();
  EXPECT_EQ(wrong, 0U);
  EXPECT_TRUE(lane->empty());
}

TEST(Lane, CarriesAMillionMessagesBetweenTwoThreadsInOrderByDraining) {
  transfer([](auto& lane, auto& see) { return lane.drain(256, see) != 0; });
}

TEST(Lane, CarriesAMillionMessagesBetweenTwoThreadsInOrderByPopping) {
  transfer([](auto& lane, auto& see) {
    Numbered message;
    if (!lane.pop(message)) return false;
    see(message);
    return true;
  });
}

TEST(Lane, IsTouchedWhenMadeSoThatItsFirstRoundFaultsNoPage) {
#ifdef MARTINET_SANITIZED
  GTEST_SKIP() << "a sanitizer's shadow memory faults pages of its own";
#endif
  struct Wide {
    std::byte bytes[1024];
  };
  auto lane = std::make_unique<Lane<Wide, 4096>>();  // 4 MB: a mapping of its own
  const Wide message{};
  ASSERT_TRUE(lane->push(message));
  lane->drain(1, [](const Wide&) {});
  const WorkerCounters start = read_thread_counters();
  for (int i = 0; i < 4096; ++i) ASSERT_TRUE(lane->push(message));
  lane->drain(4096, [](const Wide&) {});
  EXPECT_EQ(since(start, read_thread_counters()).page_faults_minor, 0U);
}

}  // namespace
}  // namespace martinet::lane_test

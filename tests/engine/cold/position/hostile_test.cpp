// Goal: no message breaks the machine, however wrong it is. Method: seeded streams of events that no venue would send (fills of
// orders never placed, two outcomes of one order, entries that turn the position), where only the machine's own assertions and
// the forbidden combinations judge; and the transition tables are no wider than what such streams reach.
#include <gtest/gtest.h>

#include <set>
#include <tuple>

#include "tests/engine/cold/position/support.hpp"

namespace martinet {
namespace hostile_test {
using namespace position_test;

// Sanitizer and -O0 builds are some twenty times slower; what they need not show is that every cell is reached.
#ifdef MARTINET_DEBUG_ASSERTS
constexpr std::uint64_t kStreams = 200;
constexpr bool kComplete = false;
#else
constexpr std::uint64_t kStreams = 4'000;
constexpr bool kComplete = true;
#endif

TEST(PositionHostile, NoStreamOfEventsBreaksTheMachineAndEveryCellOfTheTablesIsReached) {
  const InstrumentTable table = one_instrument();
  std::set<std::pair<Exposure, Exposure>> exposures;
  std::set<std::pair<Protection, Protection>> protections;
  std::set<std::pair<Knowledge, Knowledge>> knowledges;
  std::set<std::tuple<Exposure, Protection, Knowledge>> combinations;
  for (std::uint64_t seed = 1; seed <= kStreams; ++seed) {
    std::mt19937_64 random(seed);
    PositionMachine machine(table, {}, {.reduce_only = true});
    std::int64_t now = kT0;
    for (int i = 0; i < 200; ++i) {
      const PositionSlot& slot = machine.slot(0);
      const auto from = std::tuple(slot.exposure, slot.protection, slot.knowledge);
      Sink sink;
      feed_hostile(machine, random(), now += static_cast<std::int64_t>(random() % 300) * kNanosPerMilli, sink);
      for (const OrderRequest& request : sink.commands) {
        ASSERT_EQ(request.request_id, 0u);
        ASSERT_TRUE(request.action == OrderAction::cancel || request.reduce_only == 1) << "seed " << seed;
      }
      ASSERT_FALSE(transitions::forbidden(slot.exposure, slot.protection, slot.knowledge)) << "seed " << seed;
      exposures.emplace(std::get<0>(from), slot.exposure);
      protections.emplace(std::get<1>(from), slot.protection);
      knowledges.emplace(std::get<2>(from), slot.knowledge);
      combinations.emplace(slot.exposure, slot.protection, slot.knowledge);
      ASSERT_EQ(slot.exposure == Exposure::flat, machine.position(0).exposure == Exposure::flat);
    }
  }
  std::printf("%llu streams: %zu, %zu and %zu kinds of step by region, %zu combinations\n", static_cast<unsigned long long>(kStreams),
              exposures.size(), protections.size(), knowledges.size(), combinations.size());
  if (!kComplete) return;
  for (int from = 0; from < kExposureCount; ++from) {
    for (int to = 0; to < kExposureCount; ++to) {
      bool allowed = false;
      for (int cause = 0; cause < kCauseCount; ++cause) allowed |= transitions::allowed(Cause(cause), Exposure(from), Exposure(to));
      EXPECT_EQ(allowed, exposures.contains({Exposure(from), Exposure(to)})) << name_of(Exposure(from)) << " to " << name_of(Exposure(to));
    }
  }
  for (int from = 0; from < kKnowledgeCount; ++from) {
    for (int to = 0; to < kKnowledgeCount; ++to) {
      const bool allowed = transitions::allowed(Knowledge(from), Knowledge(to));
      EXPECT_EQ(allowed, knowledges.contains({Knowledge(from), Knowledge(to)}))
          << name_of(Knowledge(from)) << " to " << name_of(Knowledge(to));
    }
  }
}

TEST(PositionHostile, ATimerAtTheDeadlineLeavesNoDeadlineInThePast) {
  const InstrumentTable table = one_instrument();
  std::size_t reached = 0;
  for (std::uint64_t seed = 1; seed <= kStreams / 4; ++seed) {
    std::mt19937_64 random(seed);
    PositionMachine machine(table, {}, {.reduce_only = true});
    std::int64_t now = kT0;
    for (int i = 0; i < 100; ++i) {
      Sink sink;
      feed_hostile(machine, random(), now += static_cast<std::int64_t>(random() % 300) * kNanosPerMilli, sink);
      if (machine.next_deadline_ns() == kNever) continue;
      const std::int64_t due = std::max(now, machine.next_deadline_ns());
      if (random() % 2 == 0) now = due;
      machine.on_timer({.ts_ns = now, .sequence = 0}, sink);
      ASSERT_GT(machine.next_deadline_ns(), now) << "a caller that waits for it would turn for ever; seed " << seed << " step " << i;
      reached += now == due ? 1 : 0;
    }
  }
  EXPECT_GT(reached, kStreams);
}

}  // namespace hostile_test
}  // namespace martinet

// The trailing stop alone: activation and step at both sides of their bounds, whole ticks, never backwards, both ATRs, both sides.
#include "engine/hot/signal/trailing_stop.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>

namespace martinet::trailing_stop_test {

// Tick 10. Entry 10'000, ATR 100, stop 300 below: active from 550 past the entry on, 550 behind the extreme.
constexpr InstrumentRules rules() {
  InstrumentRules r;
  r.tick_size = {10};
  return r;
}

struct Trail {
  explicit Trail(bool is_long = true, TrailingSettings given = {5.5, 5.5, 0.0, false}) : buy(is_long), settings(given) {
    state = {{100}, kNoPrice, at(-300)};
  }
  /// A price so far past the entry, in the direction of the trade.
  [[nodiscard]] Price at(std::int64_t past) const { return {10'000 + (buy ? past : -past)}; }
  /// A bar whose extreme and close lie so far past the entry.
  TrailingAdvice bar(std::int64_t extreme, std::int64_t close, std::int64_t atr_now = 100) {
    buy ? state.follow(true, at(extreme), {1}) : state.follow(false, {1'000'000}, at(extreme));
    return advise(settings, rules(), buy, {10'000}, at(close), {atr_now}, state);
  }
  [[nodiscard]] std::int64_t asked() const { return buy ? state.asked.v - 10'000 : 10'000 - state.asked.v; }

  bool buy;
  TrailingSettings settings;
  TrailingState state;
};

class TrailingStop : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(LongAndShort, TrailingStop, testing::Bool(), [](const auto& p) { return p.param ? "Long" : "Short"; });

TEST_P(TrailingStop, BeginsAtTheActivationAndNotBefore) {
  Trail trail(GetParam());
  EXPECT_EQ(trail.bar(549, 500), TrailingAdvice::hold);
  EXPECT_EQ(trail.asked(), -300) << "the plan's stop";
  EXPECT_EQ(trail.bar(550, 500), TrailingAdvice::move);
  EXPECT_EQ(trail.asked(), 0) << "at the entry price";
}

TEST_P(TrailingStop, HoldsUntilABarCounts) {
  Trail trail(GetParam());
  EXPECT_EQ(advise(trail.settings, rules(), trail.buy, {10'000}, trail.at(900), {100}, trail.state), TrailingAdvice::hold);
  trail.bar(900, 800);
  trail.state.extreme = trail.at(900);
  EXPECT_EQ(advise(trail.settings, rules(), trail.buy, kNoPrice, trail.at(800), {100}, trail.state), TrailingAdvice::hold)
      << "no entry price";
}

TEST_P(TrailingStop, MovesByWholeTicksTowardTheMarket) {
  Trail trail(GetParam());
  EXPECT_EQ(trail.bar(551, 540), TrailingAdvice::move);
  EXPECT_EQ(trail.asked(), 10) << "1 past the entry is no tick; the next one nearer to the market is 10";
  EXPECT_EQ(trail.bar(560, 540), TrailingAdvice::hold) << "still the same tick";
  EXPECT_EQ(trail.bar(561, 540), TrailingAdvice::move);
  EXPECT_EQ(trail.asked(), 20);
}

TEST_P(TrailingStop, MovesByAtLeastItsStep) {
  Trail trail(GetParam(), {5.5, 5.5, 0.5, false});
  EXPECT_EQ(trail.bar(550, 540), TrailingAdvice::move);
  EXPECT_EQ(trail.bar(590, 540), TrailingAdvice::hold) << "40 is less than half an ATR";
  EXPECT_EQ(trail.asked(), 0);
  EXPECT_EQ(trail.bar(600, 540), TrailingAdvice::move) << "50 is half an ATR, counted from what was asked";
  EXPECT_EQ(trail.asked(), 50);
  Trail first(GetParam(), {0, 2.6, 0.5, false});
  EXPECT_EQ(first.bar(0, 0), TrailingAdvice::hold) << "the first move is held to it too: -260 is 40 past the plan's stop";
  EXPECT_EQ(first.bar(10, 0), TrailingAdvice::move);
}

TEST_P(TrailingStop, NeverGoesBack) {
  Trail trail(GetParam());
  EXPECT_EQ(trail.bar(900, 880), TrailingAdvice::move);
  EXPECT_EQ(trail.asked(), 350);
  for (const std::int64_t close : {700, 500, 360}) EXPECT_EQ(trail.bar(close + 10, close), TrailingAdvice::hold);
  EXPECT_EQ(trail.asked(), 350);
  Trail wide(GetParam(), {0, 4.0, 0, false});
  EXPECT_EQ(wide.bar(50, 40), TrailingAdvice::hold) << "the level, -350, is behind the plan's stop";
  EXPECT_EQ(wide.asked(), -300);
}

TEST_P(TrailingStop, SaysWhereTheCloseHasReachedTheLevel) {
  Trail trail(GetParam());
  EXPECT_EQ(trail.bar(600, 51), TrailingAdvice::move);
  EXPECT_EQ(trail.asked(), 50);
  EXPECT_EQ(trail.bar(700, 150), TrailingAdvice::reached) << "the level is 150 now: no stop can stand there";
  EXPECT_EQ(trail.asked(), 50) << "nothing was asked for";
  EXPECT_EQ(trail.bar(700, 151), TrailingAdvice::move);
  EXPECT_EQ(trail.bar(100, 150), TrailingAdvice::reached) << "a stop that should have been hit: refused, or lost";
}

TEST_P(TrailingStop, CountsItsDistanceInTheAtrItIsTold) {
  Trail entry(GetParam(), {2.0, 2.0, 0, false});
  EXPECT_EQ(entry.bar(200, 190, 50), TrailingAdvice::move);
  EXPECT_EQ(entry.asked(), 0);
  Trail current(GetParam(), {2.0, 2.0, 0, true});
  EXPECT_EQ(current.bar(199, 190, 50), TrailingAdvice::hold) << "the activation is always in ATRs at entry";
  EXPECT_EQ(current.bar(200, 190, 50), TrailingAdvice::move);
  EXPECT_EQ(current.asked(), 100);
  EXPECT_EQ(current.bar(210, 190, 200), TrailingAdvice::hold) << "a wider ATR does not move it back";
  EXPECT_EQ(current.bar(210, 190, 0), TrailingAdvice::hold) << "no ATR, no distance";
  EXPECT_EQ(current.bar(210, 190, 30), TrailingAdvice::move);
  EXPECT_EQ(current.asked(), 150);
}

TEST_P(TrailingStop, HoldsWithoutAnAtrAndAsksAtOnceWithoutAKnownStop) {
  Trail trail(GetParam());
  trail.state.atr = {0};
  EXPECT_EQ(trail.bar(900, 800), TrailingAdvice::hold);
  trail.state.atr = {100};
  trail.state.asked = kNoPrice;
  EXPECT_EQ(trail.bar(900, 800), TrailingAdvice::move);
  EXPECT_EQ(trail.asked(), 350);
}

TEST(TrailingStopOfALong, HoldsWhereTheLevelWouldNotBeAPrice) {
  Trail trail(true, {5.5, 110, 0, false});
  EXPECT_EQ(trail.bar(1'000, 900), TrailingAdvice::hold) << "11'000 - 110 x 100 = 0";
  trail.settings.distance_atr = 100;
  EXPECT_EQ(trail.bar(1'000, 900), TrailingAdvice::hold) << "1'000 is a price, far behind the plan's stop";
  trail.state.atr = {std::int64_t{1} << 50};
  EXPECT_EQ(trail.bar(1'000, 900), TrailingAdvice::hold) << "distances beyond 64 bits";
}

// Whatever comes, levels asked for are whole ticks, rise by at least the step, and stay on their side of the close.
TEST_P(TrailingStop, KeepsItsRulesOverRandomBars) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const auto pick = [&random](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  int moves = 0;
  for (int n = 0; n < 2'000; ++n) {
    const double step = 0.1 * static_cast<double>(pick(0, 10));
    Trail trail(GetParam(), {0.5 * static_cast<double>(pick(0, 12)), 0.5 * static_cast<double>(pick(1, 12)), step, pick(0, 1) == 1});
    std::int64_t price = 0;
    for (int bar = 0; bar < 50; ++bar) {
      const std::int64_t extreme = price + pick(0, 150);
      const std::int64_t close = extreme - pick(0, 150);
      const std::int64_t before = trail.asked();
      const TrailingAdvice advice = trail.bar(extreme, close, pick(50, 200));
      if (advice == TrailingAdvice::move) {
        ++moves;
        ASSERT_EQ(trail.state.asked.v % 10, 0);
        ASSERT_GE(static_cast<double>(trail.asked() - before), std::max(10.0, step * 100 - 0.5));
        ASSERT_LT(trail.asked(), close);
      } else {
        ASSERT_EQ(trail.asked(), before);
      }
      price = close;
    }
  }
  EXPECT_GT(moves, 1'000);
}

}  // namespace martinet::trailing_stop_test

// grid_atr: where a cycle opens, its score, its two targets, its parameters. What it shares is in grid_cycle_strategy_test.
#include "engine/hot/signal/grid_atr.hpp"

#include <cmath>
#include <limits>

#include "tests/engine/hot/signal/grid_fixture.hpp"

namespace martinet::grid_atr_test {
using namespace martinet::signal_test;

Parameters direction(std::string_view text) { return {{"direction", std::string(text)}}; }

TEST(GridAtr, OpensWhereTheCloseIsAtOrBeyondLevelZero) {
  const auto opens = [](const GridBar& bar, std::string_view side = "both") {
    return GridRig("grid_atr", direction(side)).close(bar).size();
  };
  EXPECT_EQ(opens({.close = 96}), 1u);
  EXPECT_EQ(opens({.close = 95.99}), 1u);
  EXPECT_EQ(opens({.close = 96.01}), 0u);
  EXPECT_EQ(opens({.close = 96, .mean = std::nextafter(100.0, 99.0)}), 0u);
  EXPECT_EQ(opens({.close = 96, .atr = 2.0001}), 0u);
  EXPECT_EQ(opens({.close = 104}), 1u);
  EXPECT_EQ(opens({.close = 104.01}), 1u);
  EXPECT_EQ(opens({.close = 103.99}), 0u);
  EXPECT_EQ(opens({.close = 104, .mean = std::nextafter(100.0, 101.0)}), 0u);
  EXPECT_EQ(opens({.close = 100}), 0u);
}

TEST(GridAtr, TradesOnlyTheDirectionsItIsGivenAndLongByDefault) {
  EXPECT_EQ(GridRig("grid_atr").close({.close = 104}).size(), 0u);
  EXPECT_EQ(GridRig("grid_atr").close({.close = 96}).at(0).action, IntentAction::enter_long);
  EXPECT_EQ(GridRig("grid_atr", direction("short")).close({.close = 96}).size(), 0u);
  EXPECT_EQ(GridRig("grid_atr", direction("short")).close({.close = 104}).at(0).action, IntentAction::enter_short);
}

TEST(GridAtr, PutsItsLevelsWhereItsParametersSay) {
  GridRig rig("grid_atr", {{"first", 1.0}, {"spacing", 0.5}, {"levels", std::int64_t{4}}});
  const std::vector<OrderIntent> intents = rig.close({.close = 98});  // 98, 97, 96, 95
  ASSERT_EQ(intents.size(), 1u);
  EXPECT_EQ(intents[0].level_count, 4);
  EXPECT_EQ(intents[0].worst_average.v, 965'000);
  for (int legs = 1; legs < 4; ++legs) {
    rig.holds(legs, 980'000);
    EXPECT_TRUE(rig.close({.close = 98.01 - legs}).empty()) << legs;
    EXPECT_EQ(rig.close({.close = 98.0 - legs}).size(), 1u) << legs;
  }
}

TEST(GridAtr, ScoresTheDepthOfTheCloseBetweenTheFirstAndTheLastLevel) {
  const auto score = [](double close) { return GridRig("grid_atr", direction("both")).close({.close = close}).at(0).score; };
  EXPECT_DOUBLE_EQ(score(96), 0);
  EXPECT_DOUBLE_EQ(score(95), 0.25);
  EXPECT_DOUBLE_EQ(score(94), 0.5);
  EXPECT_DOUBLE_EQ(score(92), 1);
  EXPECT_DOUBLE_EQ(score(80), 1);
  EXPECT_DOUBLE_EQ(score(104), 0);
  EXPECT_DOUBLE_EQ(score(107), 0.75);
  EXPECT_DOUBLE_EQ(score(120), 1);
}

TEST(GridAtr, ClosesAtTheReturnToTheAverageOfThatBar) {
  GridRig rig("grid_atr", direction("both"));
  rig.holds(1, 960'000);
  EXPECT_TRUE(rig.close({.close = 99.99}).empty());
  const std::vector<OrderIntent> out = rig.close({.close = 100});
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].action, IntentAction::exit);
  EXPECT_EQ(out[0].exit_reason, ExitReason::tp_global);
  EXPECT_TRUE(rig.close({.close = 100, .mean = 100.01}).empty());
  EXPECT_EQ(rig.close({.close = 95, .mean = 95}).size(), 1u) << "the average came down below the entry: still the return to it";
  rig.holds(0);
  rig.holds(1, 1'040'000, -1);
  EXPECT_TRUE(rig.close({.close = 100.01}).empty());
  EXPECT_EQ(rig.close({.close = 100}).at(0).exit_reason, ExitReason::tp_global);
}

TEST(GridAtr, ClosesAtAPercentOfTheAverageEntryWhereAsked) {
  GridRig rig("grid_atr", {{"target", std::string("percent")}, {"target_fraction", 0.125}, {"direction", std::string("both")}});
  rig.holds(2, 960'000);  // 108 and, for a short, 84
  EXPECT_TRUE(rig.close({.close = 107.99}).empty()) << "past the average, which does not matter here";
  EXPECT_EQ(rig.close({.close = 108}).at(0).exit_reason, ExitReason::tp_global);
  rig.holds(0);
  rig.holds(2, 960'000, -1);
  EXPECT_TRUE(rig.close({.close = 84.01}).empty());
  EXPECT_EQ(rig.close({.close = 84}).at(0).exit_reason, ExitReason::tp_global);
}

TEST(GridAtr, IsSilentUntilEverySlotIsWarm) {
  GridRig rig("grid_atr");
  const IndicatorFrame whole = rig.frame({.close = 96});
  const std::size_t asked = rig.plan.requests.at(0).size();
  EXPECT_EQ(asked, 7u);
  for (std::size_t slot = 3; slot < 3 + asked; ++slot) {
    IndicatorFrame cold = whole;
    cold.warm_mask[0] &= ~(std::uint64_t{1} << slot);
    EXPECT_TRUE(rig.hand(cold).empty()) << slot;
  }
  EXPECT_EQ(rig.hand(whole).size(), 1u);
}

TEST(GridAtr, AsksForTheIndicatorsItsParametersName) {
  GridRig standard("grid_atr");
  GridRig other("grid_atr", {{"timeframe", std::string("15m")}, {"sma_period", std::int64_t{33}}, {"atr_period", std::int64_t{9}}});
  const auto period = [](const GridRig& rig, IndicatorKind kind, std::int64_t timeframe_ns) {
    for (const IndicatorRequest& r : rig.plan.requests.at(1)) {
      if (r.kind == kind) return r.timeframe_ns == timeframe_ns ? r.period[0] : -2;
    }
    return -1;
  };
  EXPECT_EQ(period(standard, IndicatorKind::sma, 3'600'000'000'000), 14);
  EXPECT_EQ(period(standard, IndicatorKind::atr, 3'600'000'000'000), 14);
  EXPECT_EQ(period(other, IndicatorKind::sma, 900'000'000'000), 33);
  EXPECT_EQ(period(other, IndicatorKind::atr, 900'000'000'000), 9);
}

TEST(GridAtr, TakesATargetFractionWithThePercentTargetAndNowhereElse) {
  const auto status = [](std::string_view target, double fraction) {
    ParameterSet set;
    set.set("target", std::string(target));
    set.set("target_fraction", fraction);
    return check_strategy("grid_atr", "strategy[1]", set);
  };
  EXPECT_TRUE(status("mean", 0).ok());
  EXPECT_TRUE(status("percent", 1e-300).ok());
  EXPECT_TRUE(status("percent", 0.5).ok());
  for (const Status& bad : {status("mean", 0.05), status("mean", 1e-300), status("percent", 0)}) {
    ASSERT_FALSE(bad.ok());
    EXPECT_EQ(bad.error().code, Errc::config_contradiction);
    EXPECT_NE(bad.error().what.find("strategy[1].target_fraction"), std::string::npos) << bad.error().what;
  }
}

}  // namespace martinet::grid_atr_test

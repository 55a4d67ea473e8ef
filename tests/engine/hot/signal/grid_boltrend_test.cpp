// grid_boltrend: what a break is, bar against bar, its levels and score, its way out, and the bar before across checkpoints and gaps.
#include "engine/hot/signal/grid_boltrend.hpp"

#include <cmath>
#include <limits>

#include "tests/engine/hot/signal/grid_fixture.hpp"

namespace martinet::grid_boltrend_test {
using namespace martinet::signal_test;

// Bands at 96, 100, 104, trend at 100.
const Parameters kBoth = {{"direction", std::string("both")}};

/// Intents of `bar` right after `before`.
std::vector<OrderIntent> after(const GridBar& before, const GridBar& bar, const Parameters& parameters = kBoth) {
  GridRig rig("grid_boltrend", parameters);
  EXPECT_TRUE(rig.close(before).empty()) << "the first bar has none before it";
  return rig.close(bar);
}

TEST(GridBoltrend, OpensALongOnTheBreakWithLevelsBelowIt) {
  const std::vector<OrderIntent> intents = after({.close = 103}, {.close = 105});
  ASSERT_EQ(intents.size(), 1u);
  const OrderIntent& i = intents[0];
  EXPECT_EQ(i.action, IntentAction::enter_long);
  EXPECT_EQ(i.level_count, 3);
  EXPECT_EQ(i.reference_price.v, 1'050'000);
  EXPECT_EQ(i.stop_price.v, 840'000);
  EXPECT_EQ(i.target_price, kNoPrice);
  EXPECT_EQ(i.target_rate.v, 0);
  EXPECT_EQ(i.stop_rate.v, 20'000'000);
  EXPECT_EQ(i.worst_price.v, 1'050'000);
  EXPECT_EQ(i.worst_average.v, 1'030'000);  // 105, 103, 101
  EXPECT_DOUBLE_EQ(i.score, 0.25);
}

TEST(GridBoltrend, OpensAShortOnTheMirroredBreak) {
  const std::vector<OrderIntent> intents = after({.close = 97}, {.close = 95});
  ASSERT_EQ(intents.size(), 1u);
  const OrderIntent& i = intents[0];
  EXPECT_EQ(i.action, IntentAction::enter_short);
  EXPECT_EQ(i.stop_price.v, 1'140'000);
  EXPECT_EQ(i.worst_price.v, 1'010'000);  // 95, 97, 99, and one spacing beyond
  EXPECT_EQ(i.worst_average.v, 990'000);  // (95 + 101 + 101) / 3
  EXPECT_DOUBLE_EQ(i.score, 0.25);
}

TEST(GridBoltrend, HoldsEachConditionOnBothSides) {
  const double up = std::numeric_limits<double>::infinity();
  const auto count = [](const GridBar& before, const GridBar& bar) { return after(before, bar).size(); };
  EXPECT_EQ(count({.close = 104}, {.close = 104}), 0u) << "on the band is not above it";
  EXPECT_EQ(count({.close = 104}, {.close = 104.01}), 1u) << "nor was the bar before";
  EXPECT_EQ(count({.close = 104}, {.close = 104, .upper = std::nextafter(104.0, 0.0)}), 1u);
  EXPECT_EQ(count({.close = 104.01}, {.close = 105}), 0u) << "above already";
  EXPECT_EQ(count({.close = 104.01, .upper = 104.01}, {.close = 105}), 1u) << "the bar before is held against its own band";
  EXPECT_EQ(count({.close = 103}, {.close = 105, .trend = 105}), 0u) << "on the trend is not above it";
  EXPECT_EQ(count({.close = 103}, {.close = 105, .trend = std::nextafter(105.0, 0.0)}), 1u);
  EXPECT_EQ(count({.close = 96}, {.close = 96}), 0u);
  EXPECT_EQ(count({.close = 96}, {.close = 95.99}), 1u);
  EXPECT_EQ(count({.close = 96}, {.close = 96, .lower = std::nextafter(96.0, up)}), 1u);
  EXPECT_EQ(count({.close = 95.99}, {.close = 95}), 0u);
  EXPECT_EQ(count({.close = 97}, {.close = 95, .trend = 95}), 0u);
  EXPECT_EQ(count({.close = 97}, {.close = 95, .trend = std::nextafter(95.0, up)}), 1u);
  EXPECT_EQ(count({.close = 95}, {.close = 105}), 1u) << "from below the lower band to above the upper one";
}

TEST(GridBoltrend, TradesOnlyTheDirectionsItIsGivenAndLongByDefault) {
  EXPECT_EQ(after({.close = 103}, {.close = 105}, {}).size(), 1u);
  EXPECT_EQ(after({.close = 97}, {.close = 95}, {}).size(), 0u);
  const Parameters shorts = {{"direction", std::string("short")}};
  EXPECT_EQ(after({.close = 103}, {.close = 105}, shorts).size(), 0u);
  EXPECT_EQ(after({.close = 97}, {.close = 95}, shorts).size(), 1u);
}

TEST(GridBoltrend, ScoresHowFarTheCloseIsBeyondTheBand) {
  const auto score = [](const GridBar& bar) { return after({.close = 100}, bar).at(0).score; };
  EXPECT_DOUBLE_EQ(score({.close = 106}), 0.5);
  EXPECT_DOUBLE_EQ(score({.close = 108}), 1.0);
  EXPECT_DOUBLE_EQ(score({.close = 150}), 1.0);
  EXPECT_DOUBLE_EQ(score({.close = 93}), 0.75);
  EXPECT_DOUBLE_EQ(score({.close = 100.01, .upper = 100, .lower = 100}), 1.0) << "bands without width";
}

TEST(GridBoltrend, ABreakIsOneBar) {
  GridRig rig("grid_boltrend");
  EXPECT_TRUE(rig.close({.close = 103}).empty());
  EXPECT_EQ(rig.close({.close = 105}).size(), 1u);
  EXPECT_TRUE(rig.close({.close = 106}).empty()) << "refused by the gate: the next bar is not a break";
  EXPECT_TRUE(rig.close({.close = 104}).empty());
  EXPECT_EQ(rig.close({.close = 105}).size(), 1u) << "below and above again is one";
}

TEST(GridBoltrend, TheBarBeforeCountsWhateverWasDoneOnIt) {
  GridRig rig("grid_boltrend", {{"cooldown_bars", std::int64_t{2}}});
  rig.holds(1, 1'050'000);
  EXPECT_TRUE(rig.close({.close = 106}).empty()) << "in a position";
  rig.holds(0);
  EXPECT_TRUE(rig.close({.close = 103}).empty()) << "cooling down";
  EXPECT_TRUE(rig.close({.close = 105}).empty()) << "a break, but still cooling down";
  EXPECT_TRUE(rig.close({.close = 106}).empty()) << "above since the bar before";
  rig.holds(1, 1'050'000, 1, 0, 1);
  EXPECT_TRUE(rig.close({.close = 103}).empty()) << "another strategy's position";
  rig.holds(0);
  EXPECT_EQ(rig.close({.close = 105}).size(), 1u);
}

TEST(GridBoltrend, TakesNoBreakWhereTheBarBeforeIsNotKnown) {
  GridRig rig("grid_boltrend");
  EXPECT_TRUE(rig.close({.close = 105}).empty()) << "the first bar of all";
  EXPECT_TRUE(rig.close({.close = 103}).empty());
  const IndicatorFrame whole = rig.frame({.close = 103});
  const std::size_t asked = rig.plan.requests.at(0).size();
  EXPECT_EQ(asked, 10u);
  for (std::size_t slot = 3; slot < 3 + asked; ++slot) {
    IndicatorFrame cold = whole;
    cold.warm_mask[0] &= ~(std::uint64_t{1} << slot);
    EXPECT_TRUE(rig.hand(cold).empty()) << slot;
    EXPECT_TRUE(rig.close({.close = 105}).empty()) << "after a bar without slot " << slot;
    EXPECT_TRUE(rig.close({.close = 103}).empty());
    EXPECT_EQ(rig.close({.close = 105}).size(), 1u) << slot;
  }
}

TEST(GridBoltrend, TakesNoBreakFromNumbersThatAreNotFinite) {
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()}) {
    EXPECT_TRUE(after({.close = bad}, {.close = 105}).empty());
    EXPECT_TRUE(after({.close = 103, .upper = bad}, {.close = 105}).empty());
    EXPECT_TRUE(after({.close = 103, .lower = bad}, {.close = 105}).empty());
    EXPECT_TRUE(after({.close = 103}, {.close = bad}).empty());
    EXPECT_TRUE(after({.close = 103}, {.close = 105, .atr = bad}).empty());
  }
  EXPECT_TRUE(after({.close = 103}, {.close = 105, .atr = 0}).empty());
  EXPECT_TRUE(after({.close = 103}, {.close = 105, .atr = 52.5}).empty()) << "the last level is at zero";
  EXPECT_TRUE(after({.close = 103}, {.close = 105, .trend = std::nan("")}).empty());
}

TEST(GridBoltrend, AddsInThePullbackAtLevelsOfTheBreak) {
  GridRig rig("grid_boltrend", {{"spacing", 0.5}});
  EXPECT_TRUE(rig.close({.close = 103}).empty());
  ASSERT_EQ(rig.close({.close = 105}).size(), 1u);  // 105, 104, 103
  rig.holds(1, 1'050'000);
  EXPECT_TRUE(rig.close({.close = 104.01, .atr = 9}).empty());
  EXPECT_EQ(rig.close({.close = 104, .atr = 9}).at(0).action, IntentAction::add_level);
  rig.holds(2, 1'045'000);
  EXPECT_TRUE(rig.close({.close = 103.01}).empty());
  EXPECT_EQ(rig.close({.close = 103}).at(0).action, IntentAction::add_level);
}

TEST(GridBoltrend, LeavesWhenTheCloseFallsThroughTheMiddleBand) {
  GridRig rig("grid_boltrend", kBoth);
  rig.holds(1, 1'050'000);
  EXPECT_TRUE(rig.close({.close = 100}).empty()) << "on it";
  EXPECT_EQ(rig.close({.close = 99.99}).at(0).exit_reason, ExitReason::sl_global) << "below the entry";
  EXPECT_EQ(rig.close({.close = 106, .mean = 107}).at(0).exit_reason, ExitReason::tp_global) << "the band rose above the entry";
  EXPECT_EQ(rig.close({.close = 105, .mean = 107}).at(0).exit_reason, ExitReason::sl_global) << "no better than the entry";
  EXPECT_EQ(rig.close({.close = 84, .mean = 80}).at(0).exit_reason, ExitReason::sl_global) << "the global stop";
  EXPECT_TRUE(rig.close({.close = 84.01, .mean = 80}).empty());
  rig.holds(0);
  rig.holds(1, 950'000, -1);
  EXPECT_TRUE(rig.close({.close = 100}).empty());
  EXPECT_EQ(rig.close({.close = 100.01}).at(0).exit_reason, ExitReason::sl_global);
  EXPECT_EQ(rig.close({.close = 94, .mean = 93}).at(0).exit_reason, ExitReason::tp_global);
}

TEST(GridBoltrend, RemembersTheBarBeforeAndTheCycleAcrossACheckpoint) {
  for (const double close : {103.0, 104.5}) {  // a break follows after the first, none after the second
    GridRig before("grid_boltrend", kBoth);
    EXPECT_TRUE(before.close({.close = close}).empty());
    ArchiveWriter written;
    before.signal->save(written);
    GridRig restored("grid_boltrend", kBoth);
    ArchiveReader reader(written.bytes());
    ASSERT_EQ(restored.signal->load(reader), Errc::ok);
    EXPECT_TRUE(reader.done());
    EXPECT_EQ(restored.close({.close = 105}).size(), close < 104 ? 1u : 0u);
  }
  GridRig before("grid_boltrend", kBoth);
  EXPECT_TRUE(before.close({.close = 97}).empty());
  ASSERT_EQ(before.close({.close = 95}).size(), 1u);  // 95, 97, 99
  before.holds(1, 950'000, -1);
  ArchiveWriter written;
  before.signal->save(written);
  GridRig restored("grid_boltrend", kBoth);
  ArchiveReader reader(written.bytes());
  ASSERT_EQ(restored.signal->load(reader), Errc::ok);
  EXPECT_TRUE(restored.close({.close = 96.99}).empty());
  EXPECT_EQ(restored.close({.close = 97}).at(0).action, IntentAction::add_level);
  for (std::size_t cut = 0; cut < written.bytes().size(); ++cut) {
    GridRig torn("grid_boltrend", kBoth);
    ArchiveReader short_reader(written.bytes().first(cut));
    ASSERT_EQ(torn.signal->load(short_reader), Errc::checkpoint_mismatch) << cut;
  }
}

TEST(GridBoltrend, AsksForTheIndicatorsItsParametersName) {
  GridRig standard("grid_boltrend");
  GridRig other(
      "grid_boltrend",
      {{"band_period", std::int64_t{20}}, {"band_deviations", 2.5}, {"trend_period", std::int64_t{50}}, {"timeframe", std::string("4h")}});
  const auto has = [](const GridRig& rig, IndicatorKind kind, std::int32_t period, double factor, std::int64_t hours) {
    for (const IndicatorRequest& r : rig.plan.requests.at(1)) {
      if (r.kind == kind) return r.period[0] == period && r.factor == factor && r.timeframe_ns == hours * 3'600'000'000'000;
    }
    return false;
  };
  for (const IndicatorKind kind : {IndicatorKind::bb_upper, IndicatorKind::bb_middle, IndicatorKind::bb_lower}) {
    EXPECT_TRUE(has(standard, kind, 100, 2.0, 1));
    EXPECT_TRUE(has(other, kind, 20, 2.5, 4));
  }
  EXPECT_TRUE(has(standard, IndicatorKind::sma, 200, 0, 1));
  EXPECT_TRUE(has(other, IndicatorKind::sma, 50, 0, 4));
}

TEST(GridBoltrend, RefusesATrendThatIsItsOwnMiddleBand) {
  ParameterSet set;
  set.set("band_period", std::int64_t{200});
  const Status bad = check_strategy("grid_boltrend", "strategy[0]", set);
  ASSERT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().code, Errc::config_contradiction);
  EXPECT_NE(bad.error().what.find("strategy[0].trend_period"), std::string::npos) << bad.error().what;
  set.set("band_period", std::int64_t{199});
  EXPECT_TRUE(check_strategy("grid_boltrend", "strategy[0]", set).ok());
}

}  // namespace martinet::grid_boltrend_test

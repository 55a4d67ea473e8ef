// What the grids share, seen through grid_atr: the worst case told to the gate, levels that stay fixed, one ask a bar until it is filled,
// the order of exits and adds, and a checkpoint in the middle of a cycle.
#include "engine/hot/signal/grid_cycle_strategy.hpp"

#include <cmath>
#include <limits>
#include <random>

#include "tests/engine/hot/signal/grid_fixture.hpp"

namespace martinet::grid_cycle_strategy_test {
using namespace martinet::signal_test;

// With a mean of 100 and an ATR of 2 the levels are 96, 94, 92, and 104, 106, 108.
const Parameters kBoth = {{"direction", std::string("both")}, {"cooldown_bars", std::int64_t{0}}};

std::vector<OrderIntent> asked(const Parameters& parameters, const GridBar& bar) { return GridRig("grid_atr", parameters).close(bar); }

TEST(GridCycleStrategy, OpensALongWithTheWorstCaseOfAllItsLevels) {
  const std::vector<OrderIntent> intents = asked({}, {.close = 96});
  ASSERT_EQ(intents.size(), 1u);
  const OrderIntent& i = intents[0];
  EXPECT_EQ(i.action, IntentAction::enter_long);
  EXPECT_EQ(i.level_count, 3);
  EXPECT_EQ(i.reference_price.v, 960'000);
  EXPECT_EQ(i.stop_price.v, 768'000);
  EXPECT_EQ(i.target_price, kNoPrice);
  EXPECT_EQ(i.worst_price.v, 960'000);
  EXPECT_EQ(i.worst_average.v, 940'000);
  EXPECT_EQ(i.stop_rate.v, 20'000'000);
  EXPECT_EQ(i.target_rate.v, 0);
  EXPECT_EQ(i.atr.v, 20'000);
  EXPECT_EQ(i.regime, MarketRegime::ranging);
  EXPECT_EQ(i.exit_reason, ExitReason::none);
}

TEST(GridCycleStrategy, CountsALevelAboveTheReferenceAtItsOwnPrice) {
  const OrderIntent i = asked({}, {.close = 93}).at(0);  // the first bar is past level 1 already, which may still fill at 94
  EXPECT_EQ(i.worst_price.v, 940'000);
  EXPECT_EQ(i.worst_average.v, 930'000);  // (93 + 94 + 92) / 3
}

TEST(GridCycleStrategy, AllowsAShortOneSpacingBeyondItsLastLevel) {
  const OrderIntent i = asked(kBoth, {.close = 104}).at(0);
  EXPECT_EQ(i.action, IntentAction::enter_short);
  EXPECT_EQ(i.level_count, 3);
  EXPECT_EQ(i.stop_price.v, 1'248'000);
  EXPECT_EQ(i.worst_price.v, 1'100'000);
  EXPECT_EQ(i.worst_average.v, 1'080'000);  // (104 + 110 + 110) / 3
  const OrderIntent far = asked(kBoth, {.close = 115}).at(0);
  EXPECT_EQ(far.worst_price.v, 1'150'000) << "the reference is beyond all of it";
  EXPECT_EQ(far.worst_average.v, 1'150'000);
}

TEST(GridCycleStrategy, LeavesRoomForFillsThatSlip) {
  const OrderIntent i = asked({{"fill_allowance", 0.01}}, {.close = 96}).at(0);
  EXPECT_EQ(i.worst_price.v, 969'600);    // 96.96
  EXPECT_EQ(i.worst_average.v, 949'400);  // 94.94
  EXPECT_EQ(i.stop_price.v, 768'000) << "the first level's own stop stays where it was";
}

TEST(GridCycleStrategy, RoundsTheWorstCaseUpAndTheStopTowardTheReference) {
  const OrderIntent buy = asked({}, {.close = 95.9999, .mean = 100.0301}).at(0);  // levels 96.0301, 94.0301, 92.0301
  EXPECT_EQ(buy.stop_price.v, 768'000);                                           // 76.79992
  EXPECT_EQ(buy.worst_price.v, 960'000);                                          // 95.9999 to the tick
  EXPECT_EQ(buy.worst_average.v, 940'201);                                        // (959'999 + 940'301 + 920'301) / 3 = 940'200.3
  const OrderIntent sell = asked(kBoth, {.close = 104.0301, .mean = 100.0301}).at(0);
  EXPECT_EQ(sell.stop_price.v, 1'248'300);     // 124.83612
  EXPECT_EQ(sell.worst_price.v, 1'100'400);    // 110.0301
  EXPECT_EQ(sell.worst_average.v, 1'080'367);  // (1'040'301 + 2 x 1'100'400) / 3
}

TEST(GridCycleStrategy, TellsTheVenueAPercentTargetAndKeepsAMeanToItself) {
  const Parameters percent = {{"target", std::string("percent")}, {"target_fraction", 0.125}, {"direction", std::string("both")}};
  const OrderIntent buy = asked(percent, {.close = 96}).at(0);
  EXPECT_EQ(buy.target_rate.v, 12'500'000);
  EXPECT_EQ(buy.target_price.v, 1'080'000);
  const OrderIntent sell = asked(percent, {.close = 104}).at(0);
  EXPECT_EQ(sell.target_rate.v, 12'500'000);
  EXPECT_EQ(sell.target_price.v, 910'000);
}

TEST(GridCycleStrategy, NoFillAtOrWithinItsLevelsPassesTheWorstCaseOfALong) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> unit(0, 1);
  int opened = 0;
  for (int n = 0; n < 3'000; ++n) {
    const auto count = static_cast<std::int64_t>(2 + random() % 15);
    const double spacing = 0.05 + unit(random);
    const double mean = 50 + 100 * unit(random);
    const double atr = mean * 0.02 * unit(random);
    const double close = std::floor((mean - atr * (2 + 3 * unit(random))) * 100) / 100;
    GridRig rig("grid_atr", {{"levels", count}, {"spacing", spacing}});
    const std::vector<OrderIntent> intents = rig.close({.close = close, .mean = mean, .atr = atr});
    if (intents.empty()) continue;
    ++opened;
    std::int64_t total = intents[0].reference_price.v;
    for (std::int64_t k = 1; k < count; ++k) {
      const double level = mean - atr * (2 + static_cast<double>(k) * spacing);
      const auto highest = static_cast<std::int64_t>(std::floor(level * 100)) * 100;  // the last tick that is not above the level
      EXPECT_LE(highest, intents[0].worst_price.v);
      total += highest;
    }
    ASSERT_GE(intents[0].worst_average.v * count, total) << "levels " << count << " mean " << mean << " atr " << atr << " close " << close;
    ASSERT_LE(intents[0].worst_average.v * count, total + 101 * count) << "and not by more than a tick";
    EXPECT_EQ(intents[0].worst_price.v % 100, 0);
  }
  EXPECT_GT(opened, 1'000);
}

TEST(GridCycleStrategy, GivesUpACycleThatCannotBePriced) {
  GridRig rig("grid_atr", kBoth);
  const double nan = std::nan("");
  EXPECT_TRUE(rig.close({.close = 5, .mean = 30, .atr = 7.5}).empty()) << "the last level is at zero";
  EXPECT_TRUE(rig.close({.close = 96, .mean = 100, .atr = 0}).empty()) << "levels on top of each other";
  EXPECT_TRUE(rig.close({.close = -1, .mean = 100}).empty());
  EXPECT_TRUE(rig.close({.close = 0, .mean = 100}).empty());
  EXPECT_TRUE(rig.close({.close = 0.01, .mean = 100}).empty()) << "a stop that rounds onto the reference";
  EXPECT_TRUE(rig.close({.close = 1e13, .mean = 100}).empty()) << "off the grid";
  EXPECT_EQ(rig.counters().unpriceable, 6u);
  EXPECT_TRUE(rig.close({.close = nan}).empty());
  EXPECT_TRUE(rig.close({.close = 96, .mean = nan}).empty());
  EXPECT_TRUE(rig.close({.close = 96, .atr = nan}).empty());
  EXPECT_EQ(rig.counters().entries_long + rig.counters().entries_short, 0u);
  EXPECT_EQ(rig.close({.close = 5.01, .mean = 30, .atr = 7.4975}).size(), 1u) << "the last level is just above zero";
}

TEST(GridCycleStrategy, AddsTheLevelAfterThoseFilledOnceTheCloseIsAtItsPrice) {
  GridRig rig("grid_atr");
  ASSERT_EQ(rig.close({.close = 96}).size(), 1u);
  rig.holds(1, 960'000);
  EXPECT_TRUE(rig.close({.close = 94.01}).empty());
  const std::vector<OrderIntent> second = rig.close({.close = 94});
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].action, IntentAction::add_level);
  EXPECT_EQ(second[0].reference_price.v, 940'000);
  EXPECT_EQ(second[0].level_count, 1) << "not a cycle of its own";
  EXPECT_EQ(second[0].atr.v, 20'000);
  rig.holds(2, 950'000);
  EXPECT_TRUE(rig.close({.close = 92.01}).empty());
  ASSERT_EQ(rig.close({.close = 91}).size(), 1u);
  rig.holds(3, 940'000);
  EXPECT_TRUE(rig.close({.close = 80}).empty()) << "there is no fourth";
}

TEST(GridCycleStrategy, AddsToAShortAsThePriceRises) {
  GridRig rig("grid_atr", kBoth);
  ASSERT_EQ(rig.close({.close = 104}).size(), 1u);
  rig.holds(1, 1'040'000, -1);
  EXPECT_TRUE(rig.close({.close = 105.99}).empty());
  const std::vector<OrderIntent> second = rig.close({.close = 106});
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].action, IntentAction::add_level);
  rig.holds(2, 1'050'000, -1);
  EXPECT_TRUE(rig.close({.close = 107.99}).empty());
  EXPECT_EQ(rig.close({.close = 108}).size(), 1u);
}

TEST(GridCycleStrategy, AddsOneLevelABarHoweverFarThePriceWent) {
  GridRig rig("grid_atr");
  ASSERT_EQ(rig.close({.close = 90}).size(), 1u) << "past every level at once, and still one entry";
  rig.holds(1, 900'000);
  EXPECT_EQ(rig.close({.close = 90}).size(), 1u);
  rig.holds(2, 900'000);
  EXPECT_EQ(rig.close({.close = 90}).size(), 1u);
  rig.holds(3, 900'000);
  EXPECT_TRUE(rig.close({.close = 90}).empty());
}

TEST(GridCycleStrategy, AsksAgainForALevelThatWasRefusedAsLongAsItsConditionHolds) {
  GridRig rig("grid_atr");
  ASSERT_EQ(rig.close({.close = 96}).size(), 1u);
  rig.holds(1, 960'000);
  EXPECT_EQ(rig.close({.close = 93.5}).size(), 1u);
  EXPECT_EQ(rig.close({.close = 93}).size(), 1u) << "the gate refused, or the venue: nothing was filled";
  EXPECT_TRUE(rig.close({.close = 94.5}).empty()) << "the price is back above the level";
  rig.holds(1, 960'000);
  EXPECT_EQ(rig.close({.close = 93}).size(), 1u);
  rig.holds(2, 945'000);
  EXPECT_TRUE(rig.close({.close = 93}).empty()) << "filled: the next one is at 92";
}

TEST(GridCycleStrategy, KeepsItsLevelsWhateverTheIndicatorsDoMeanwhile) {
  GridRig rig("grid_atr");
  ASSERT_EQ(rig.close({.close = 96}).size(), 1u);
  rig.holds(1, 960'000);
  EXPECT_TRUE(rig.close({.close = 94.01, .mean = 300, .atr = 50}).empty());
  EXPECT_EQ(rig.close({.close = 94, .mean = 95, .atr = 0.001}).size(), 1u);
}

TEST(GridCycleStrategy, ClosesAtTheGlobalStopOfTheAverageEntryBeforeAnythingElse) {
  GridRig rig("grid_atr", {{"stop_fraction", 0.25}});
  ASSERT_EQ(rig.close({.close = 96}).size(), 1u);
  rig.holds(1, 960'000);
  const std::vector<OrderIntent> add = rig.close({.close = 72.01});
  ASSERT_EQ(add.size(), 1u);
  EXPECT_EQ(add[0].action, IntentAction::add_level) << "96 x 0.75 is 72";
  const std::vector<OrderIntent> stop = rig.close({.close = 72});
  ASSERT_EQ(stop.size(), 1u) << "an exit, and no level with it";
  EXPECT_EQ(stop[0].action, IntentAction::exit);
  EXPECT_EQ(stop[0].exit_reason, ExitReason::sl_global);
  EXPECT_EQ(stop[0].reference_price.v, 720'000);
  rig.holds(2, 880'000);  // the average moved: 66
  EXPECT_EQ(rig.close({.close = 66.01}).at(0).action, IntentAction::add_level);
  EXPECT_EQ(rig.close({.close = 66}).at(0).exit_reason, ExitReason::sl_global);
  EXPECT_EQ(rig.close({.close = 60, .mean = 50}).at(0).exit_reason, ExitReason::sl_global) << "the stop goes before the target";
  EXPECT_EQ(rig.counters().exits, 3u);
}

TEST(GridCycleStrategy, ClosesAShortAtItsGlobalStop) {
  GridRig rig("grid_atr", {{"stop_fraction", 0.25}, {"direction", std::string("short")}});
  ASSERT_EQ(rig.close({.close = 104}).size(), 1u);
  rig.holds(1, 1'040'000, -1);
  EXPECT_EQ(rig.close({.close = 129.99}).at(0).action, IntentAction::add_level);
  EXPECT_EQ(rig.close({.close = 130}).at(0).exit_reason, ExitReason::sl_global);
}

TEST(GridCycleStrategy, ClosesAtATargetRatherThanAddALevelThatIsCrossedToo) {
  GridRig rig("grid_atr");
  ASSERT_EQ(rig.close({.close = 96}).size(), 1u);
  rig.holds(1, 960'000);
  const std::vector<OrderIntent> intents = rig.close({.close = 93, .mean = 93});  // the average came down to the price
  ASSERT_EQ(intents.size(), 1u);
  EXPECT_EQ(intents[0].action, IntentAction::exit);
  EXPECT_EQ(intents[0].exit_reason, ExitReason::tp_global);
}

TEST(GridCycleStrategy, LeavesByTimeWithoutAddingOnThatBar) {
  GridRig rig("grid_atr", {{"max_holding_bars", std::int64_t{2}}});
  ASSERT_EQ(rig.close({.close = 96}).size(), 1u);
  rig.holds(1, 960'000);
  EXPECT_EQ(rig.close({.close = 93}).at(0).action, IntentAction::add_level);
  const std::vector<OrderIntent> out = rig.close({.close = 93});
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].action, IntentAction::exit);
  EXPECT_EQ(out[0].exit_reason, ExitReason::time);
  EXPECT_EQ(rig.close({.close = 101}).at(0).exit_reason, ExitReason::tp_global) << "a reason of its own goes before the time";
}

TEST(GridCycleStrategy, StartsAnewAfterTheVenueStoppedTheCycle) {
  GridRig rig("grid_atr", {{"cooldown_bars", std::int64_t{2}}});
  ASSERT_EQ(rig.close({.close = 96}).size(), 1u);
  rig.holds(1, 960'000);
  ASSERT_EQ(rig.close({.close = 94}).size(), 1u);
  rig.holds(2, 950'000);
  rig.holds(0);
  EXPECT_TRUE(rig.close({.close = 70}).empty()) << "no exit of what is gone, no level of a cycle that is over";
  EXPECT_TRUE(rig.close({.close = 70}).empty()) << "cooling down";
  const std::vector<OrderIntent> next = rig.close({.close = 70, .mean = 80});  // levels 76, 74, 72
  ASSERT_EQ(next.size(), 1u);
  EXPECT_EQ(next[0].action, IntentAction::enter_long);
  EXPECT_EQ(next[0].worst_price.v, 740'000);
  rig.holds(1, 700'000);
  EXPECT_TRUE(rig.close({.close = 74.01, .mean = 80}).empty());
  EXPECT_EQ(rig.close({.close = 74, .mean = 80}).size(), 1u);
}

TEST(GridCycleStrategy, AnEntryThatWasRefusedIsJudgedAfreshOnTheNextBar) {
  GridRig rig("grid_atr");
  ASSERT_EQ(rig.close({.close = 96}).size(), 1u);
  const std::vector<OrderIntent> again = rig.close({.close = 95, .mean = 101});  // levels 97, 95, 93
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].worst_price.v, 950'000);
  rig.holds(1, 950'000);
  EXPECT_TRUE(rig.close({.close = 95.01, .mean = 101}).empty());
  EXPECT_EQ(rig.close({.close = 95, .mean = 101}).size(), 1u) << "the levels are those of the second attempt";
}

TEST(GridCycleStrategy, DropsTheLevelsOfARefusedEntryBeforeAPositionItDidNotOpen) {
  GridRig rig("grid_atr");
  ASSERT_EQ(rig.close({.close = 96}).size(), 1u);
  EXPECT_TRUE(rig.close({.close = 99}).empty()) << "flat again, and no reason to open";
  rig.holds(1, 990'000);
  EXPECT_TRUE(rig.close({.close = 93}).empty()) << "a position without levels gets none";
  EXPECT_EQ(rig.close({.close = 100}).at(0).exit_reason, ExitReason::tp_global) << "and is closed as any other";
}

TEST(GridCycleStrategy, AddsNothingToAPositionOfTheOtherSideOrAnotherOwner) {
  GridRig rig("grid_atr", kBoth);
  ASSERT_EQ(rig.close({.close = 96}).size(), 1u);
  rig.holds(1, 960'000, -1);
  EXPECT_TRUE(rig.close({.close = 106, .mean = 90}).empty());
  GridRig other("grid_atr");
  ASSERT_EQ(other.close({.close = 96}).size(), 1u);
  other.holds(1, 960'000, 1, 0, 1);
  EXPECT_TRUE(other.close({.close = 94}).empty());
  EXPECT_TRUE(other.close({.close = 100}).empty());
}

TEST(GridCycleStrategy, WaitsWhileThePositionIsOpeningOrClosing) {
  GridRig rig("grid_atr");
  ASSERT_EQ(rig.close({.close = 96}).size(), 1u);
  PositionView view = position(0, ++rig.version, 10);
  view.entry_price = {960'000};
  view.legs_filled = 1;
  for (const Exposure exposure : {Exposure::opening, Exposure::closing}) {
    view.exposure = exposure;
    view.version = ++rig.version;
    rig.signal->on_position_view(view);
    EXPECT_TRUE(rig.close({.close = 94}).empty());
    EXPECT_TRUE(rig.close({.close = 100}).empty());
  }
  view.exposure = Exposure::open;
  view.version = ++rig.version;
  rig.signal->on_position_view(view);
  EXPECT_EQ(rig.close({.close = 94}).size(), 1u) << "the levels outlived the opening";
}

TEST(GridCycleStrategy, APositionWithoutAnEntryPriceIsNotJudged) {
  GridRig rig("grid_atr");
  ASSERT_EQ(rig.close({.close = 96}).size(), 1u);
  PositionView view = position(0, ++rig.version, 10);
  rig.signal->on_position_view(view);
  EXPECT_TRUE(rig.close({.close = 10}).empty());
  EXPECT_TRUE(rig.close({.close = 100}).empty());
}

TEST(GridCycleStrategy, KeepsTheCyclesOfItsInstrumentsApart) {
  GridRig rig("grid_atr");
  ASSERT_EQ(rig.close({.close = 96}, 0).size(), 1u);
  rig.holds(1, 960'000, 1, 0);
  ASSERT_EQ(rig.close({.close = 46, .mean = 50}, 1).size(), 1u);  // levels 46, 44, 42
  rig.holds(1, 460'000, 1, 1);
  EXPECT_TRUE(rig.close({.close = 44.01, .mean = 50}, 1).empty());
  EXPECT_EQ(rig.close({.close = 44, .mean = 50}, 1).size(), 1u);
  EXPECT_EQ(rig.close({.close = 94}, 0).size(), 1u);
  rig.holds(0, 0, 1, 1);
  EXPECT_EQ(rig.close({.close = 94}, 0).size(), 1u);
}

TEST(GridCycleStrategy, GoesOnFromACheckpointInTheMiddleOfACycle) {
  GridRig before("grid_atr");
  ASSERT_EQ(before.close({.close = 96}).size(), 1u);
  before.holds(1, 960'000);
  ASSERT_EQ(before.close({.close = 94}).size(), 1u);
  ArchiveWriter written;
  before.signal->save(written);

  GridRig after("grid_atr");
  ArchiveReader reader(written.bytes());
  ASSERT_EQ(after.signal->load(reader), Errc::ok);
  EXPECT_TRUE(reader.done());
  after.sequence = before.sequence;
  after.version = before.version;
  for (const double close : {94.01, 94.0, 93.0, 95.0, 100.0}) {
    const std::vector<OrderIntent> a = before.close({.close = close, .mean = 100, .atr = 9});
    const std::vector<OrderIntent> b = after.close({.close = close, .mean = 100, .atr = 9});
    ASSERT_EQ(a.size(), b.size()) << close;
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(std::memcmp(&a[i], &b[i], sizeof(OrderIntent)), 0) << close;
  }
  ArchiveWriter again_before;
  ArchiveWriter again_after;
  before.signal->save(again_before);
  after.signal->save(again_after);
  EXPECT_TRUE(std::ranges::equal(again_before.bytes(), again_after.bytes()));
}

TEST(GridCycleStrategy, RefusesACheckpointOfAnotherGrid) {
  GridRig three("grid_atr");
  ASSERT_EQ(three.close({.close = 96}).size(), 1u);
  ArchiveWriter written;
  three.signal->save(written);
  GridRig four("grid_atr", {{"levels", std::int64_t{4}}});
  ArchiveReader reader(written.bytes());
  EXPECT_EQ(four.signal->load(reader), Errc::checkpoint_mismatch) << "a cycle of three levels is under way";
  GridRig other("grid_boltrend");
  ArchiveReader again(written.bytes());
  EXPECT_EQ(other.signal->load(again), Errc::checkpoint_mismatch);
  for (std::size_t cut = 0; cut < written.bytes().size(); ++cut) {
    GridRig whole("grid_atr");
    ArchiveReader torn(written.bytes().first(cut));
    ASSERT_EQ(whole.signal->load(torn), Errc::checkpoint_mismatch) << cut;
  }
}

TEST(GridCycleStrategy, RefusesAGridDeeperThanFiftyAtrByTheFieldsPath) {
  const auto status = [](std::string_view kind, std::int64_t levels, double spacing, double first) {
    ParameterSet set;
    set.set("levels", levels);
    set.set("spacing", spacing);
    if (kind == "grid_atr") set.set("first", first);
    return check_strategy(kind, "strategy[2]", set);
  };
  EXPECT_TRUE(status("grid_atr", 13, 4, 2).ok());
  EXPECT_TRUE(status("grid_boltrend", 11, 5, 0).ok());
  for (const Status& bad : {status("grid_atr", 13, 4, 2.01), status("grid_atr", 14, 4, 2), status("grid_boltrend", 12, 5, 0)}) {
    ASSERT_FALSE(bad.ok());
    EXPECT_EQ(bad.error().code, Errc::config_contradiction);
    EXPECT_NE(bad.error().what.find("strategy[2].spacing"), std::string::npos) << bad.error().what;
  }
}

}  // namespace martinet::grid_cycle_strategy_test

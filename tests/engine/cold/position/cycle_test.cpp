// Grid cycles: one position of several entries, one stop and one target for all of it, within what was admitted.
#include "tests/engine/cold/position/bench.hpp"

namespace martinet {
namespace cycle_test {
using namespace position_test;
using Kind = VenueEventKind;

constexpr CycleTerms kLong{};  // 3 x 10 at 10 000 on average: 30 000 may be lost
constexpr CycleTerms kShort{.side = Side::sell};
constexpr CycleTerms kWithTarget{.target_rate = {2'000'000}};

TEST(PositionCycle, TheFirstLegIsProtectedByTheAveragesStopNotTheIntents) {
  Bench bench;
  bench.decide(cycle_decision(1, kLong, bench.now));
  const Sink sink = bench.filled(kEntry, Side::buy, 10, 0, 9'990);
  EXPECT_EQ(placed(sink, stop_key(0)), (Placed{{10}, {8'991}}));
  ASSERT_EQ(sink.commands.size(), 1u) << "without target_rate the strategy closes the cycle, whatever target its intent had";
  EXPECT_EQ(sink.views.back().legs_filled, 1);
  EXPECT_EQ(sink.executions[0].stop_price, Price{8'991});
  EXPECT_EQ(sink.executions[0].target_price, kNoPrice);
}

TEST(PositionCycle, EachLegsFillMovesTheOneStopToTheNewAverage) {
  Bench bench;
  bench.open_cycle(kLong, 10'000);
  const Sink decided = bench.add(1, kLong);
  EXPECT_TRUE(decided.commands.empty() && decided.alerts.empty()) << "not an overlap";
  EXPECT_EQ(bench.slot().exposure, Exposure::open);
  const Sink half = bench.filled(leg_key(1), Side::buy, 5, 5, 9'400);
  EXPECT_EQ(placed(half, stop_key(1)), (Placed{{15}, {8'820}})) << "average 9 800";
  EXPECT_EQ(half.views.back().legs_filled, 2);
  EXPECT_EQ(half.views.back().entry_price, Price{9'800});
  EXPECT_EQ(half.executions[0].event, ExecutionEvent::add);
  EXPECT_EQ(half.executions[0].stop_price, Price{8'820});
  EXPECT_FALSE(cancels(half, stop_key(0))) << "place, then cancel";
  EXPECT_TRUE(cancels(bench.say(Kind::accepted, stop_key(1)), stop_key(0)));
  const Sink whole = bench.filled(leg_key(1), Side::buy, 5, 0, 9'400);
  EXPECT_EQ(placed(whole, stop_key(2)), (Placed{{20}, {8'730}})) << "average 9 700";
  EXPECT_EQ(whole.views.back().legs_filled, 2);
  bench.say(Kind::accepted, stop_key(2));
  bench.add(2, kLong);
  const Sink last = bench.filled(leg_key(2), Side::buy, 10, 0, 9'301);
  EXPECT_EQ(placed(last, stop_key(3)), (Placed{{30}, {8'611}})) << "average 9 567, less 10 %: 8 610.3";
  EXPECT_EQ(last.views.back().legs_filled, 3);
  EXPECT_EQ(last.views.back().covers_request, 12u);
  EXPECT_EQ(bench.slot().knowledge, Knowledge::known);
}

TEST(PositionCycle, AShortIsTheMirror) {
  Bench bench;
  bench.open_cycle(kShort, 10'000);
  bench.add(1, kShort);
  const Sink sink = bench.filled(leg_key(1), Side::sell, 10, 0, 10'601);
  EXPECT_EQ(placed(sink, stop_key(1)), (Placed{{20}, {11'330}})) << "average 10 300.5, 10 % on: 11 330.55";
  EXPECT_EQ(sink.views.back().qty, Qty{-20});
}

TEST(PositionCycle, TheTargetFollowsTheAverageTheSameWay) {
  Bench bench;
  bench.decide(cycle_decision(1, kWithTarget, bench.now));
  const Sink first = bench.filled(kEntry, Side::buy, 10, 0, 10'000);
  EXPECT_EQ(placed(first, target_key(0)), (Placed{{10}, {10'200}}));
  bench.say(Kind::accepted, stop_key(0));
  bench.say(Kind::accepted, target_key(0));
  bench.add(1, kWithTarget);
  const Sink second = bench.filled(leg_key(1), Side::buy, 10, 0, 9'501);
  EXPECT_EQ(placed(second, target_key(1)), (Placed{{20}, {9'945}})) << "9 750.5, and 2 %: 9 945.51";
  EXPECT_FALSE(cancels(second, target_key(0)));
  EXPECT_TRUE(cancels(bench.say(Kind::accepted, target_key(1)), target_key(0)));
  EXPECT_EQ(bench.filled(target_key(1), Side::sell, 20, 0, 9'945).executions[0].exit_reason, ExitReason::tp);
}

TEST(PositionCycle, TheStopWidensOnlyWhenALegFills) {
  Bench bench;
  bench.open_cycle(kLong, 10'000);
  bench.add(1, kLong);
  bench.mark(8'000);
  bench.say(Kind::accepted, leg_key(1));
  bench.wait(kMs);
  bench.part(50'000'000);
  bench.filled(close_key(0), Side::sell, 5, 0, 9'700);
  EXPECT_EQ(bench.slot().plan.stop_price, Price{9'000});
  bench.filled(leg_key(1), Side::buy, 10, 0, 9'400);
  EXPECT_EQ(bench.slot().plan.stop_price, Price{8'640}) << "5 at 10 000 and 10 at 9 400: 9 600";
}

TEST(PositionCycle, ALegFilledFarAboveThePlanPullsTheStopWithinTheAdmittedLoss) {
  for (const std::int64_t worst : {9'868, 9'866}) {
    CycleTerms terms;
    terms.levels = 2;
    terms.worst_average = {worst};
    Bench bench;
    bench.open_cycle(terms, 9'700);
    bench.add(1, terms);
    const Sink sink = bench.filled(leg_key(1), Side::buy, 10, 0, 10'032);
    // Average 9 866: the stop at 8 880 (8 879.4, up) loses 19 720; admitted are 2 x worst, so 19 736 and 19 732.
    EXPECT_EQ(placed(sink, stop_key(1)), (Placed{{20}, {8'880}})) << worst;
  }
  CycleTerms terms;
  terms.levels = 2;
  terms.worst_average = {9'700};
  Bench bench;
  bench.open_cycle(terms, 9'700);
  bench.add(1, terms);
  const Sink sink = bench.filled(leg_key(1), Side::buy, 10, 0, 10'032);
  EXPECT_EQ(placed(sink, stop_key(1)), (Placed{{20}, {8'896}})) << "19 400 are admitted: 9 866 - 970";
}

TEST(PositionCycle, WhatPartsHaveLostIsNotLostTwice) {
  CycleTerms terms;
  terms.levels = 2;
  Bench bench;
  bench.open_cycle(terms, 10'000);  // 20 000 admitted
  bench.part(50'000'000);
  bench.filled(close_key(0), Side::sell, 5, 0, 6'900);  // 15 500 lost
  EXPECT_EQ(bench.slot().plan.stop_price, Price{9'000}) << "a reduce moves nothing";
  bench.add(1, terms);
  const Sink sink = bench.filled(leg_key(1), Side::buy, 10, 0, 10'000);
  EXPECT_EQ(placed(sink, stop_key(1)), (Placed{{15}, {9'700}})) << "4 500 are left for 15";
}

TEST(PositionCycle, ALegsFillMayComeBeforeItsDecision) {
  Bench bench;
  bench.open_cycle(kLong, 10'000);
  const Sink early = bench.filled(leg_key(1), Side::buy, 4, 6, 9'300);
  EXPECT_EQ(placed(early, stop_key(1)), (Placed{{14}, {8'820}}));
  EXPECT_EQ(early.count(AlertCode::unexpected_fill), 0u);
  EXPECT_EQ(early.views.back().legs_filled, 2);
  EXPECT_EQ(early.views.back().covers_request, 10u);
  const Sink decided = bench.add(1, kLong);
  EXPECT_TRUE(decided.alerts.empty());
  EXPECT_EQ(bench.view().covers_request, 10u) << "six are still under way";
  bench.filled(leg_key(1), Side::buy, 6, 0, 9'300);
  EXPECT_EQ(bench.view().covers_request, 11u);
}

TEST(PositionCycle, ALegThatWasOverBeforeItsDecisionIsCoveredByIt) {
  Bench bench;
  bench.open_cycle(kLong, 10'000);
  bench.filled(leg_key(1), Side::buy, 10, 0, 9'300);
  const Sink sink = bench.add(1, kLong);
  ASSERT_EQ(sink.views.size(), 1u);
  EXPECT_EQ(sink.views[0].covers_request, 11u);
  EXPECT_EQ(sink.views[0].qty, Qty{20});
}

TEST(PositionCycle, FillsOfTheWholeCycleBeforeItsFirstDecisionAreProtectedWhenThePlanArrives) {
  Bench bench;
  bench.filled(kEntry, Side::buy, 10, 0, 9'900);
  const Sink sink = bench.decide(cycle_decision(1, kLong, bench.now));
  EXPECT_EQ(placed(sink, stop_key(0)), (Placed{{10}, {8'910}}));
}

TEST(PositionCycle, ALegThatWasRefusedCanBeAskedForAgain) {
  Bench bench;
  bench.open_cycle(kLong, 10'000);
  bench.add(1, kLong);
  const Sink refused = bench.say(Kind::rejected, leg_key(1), Errc::venue_error);
  ASSERT_EQ(refused.views.size(), 1u);
  EXPECT_EQ(refused.views[0].covers_request, 11u) << "its reservation ends";
  EXPECT_EQ(refused.views[0].legs_filled, 1);
  EXPECT_EQ(bench.slot().exposure, Exposure::open);
  EXPECT_TRUE(bench.add(2, kLong).alerts.empty());
  const Sink filled = bench.filled(leg_key(2), Side::buy, 10, 0, 9'600);
  EXPECT_EQ(filled.views.back().legs_filled, 2) << "legs with a fill, not attempts";
  EXPECT_EQ(placed(filled, stop_key(1)), (Placed{{20}, {8'820}}));
}

TEST(PositionCycle, ALegThatArrivesWhileClosingIsCancelledAndItsFillGoesOutAtOnce) {
  Bench bench;
  bench.open_cycle(kLong, 10'000);
  bench.exit();
  const Sink decided = bench.add(1, kLong);
  EXPECT_TRUE(cancels(decided, leg_key(1)));
  EXPECT_TRUE(decided.alerts.empty()) << "a race, not a fault";
  bench.filled(close_key(0), Side::sell, 10, 0, 9'900);
  EXPECT_EQ(bench.slot().exposure, Exposure::closing);
  const Sink late = bench.filled(leg_key(1), Side::buy, 10, 0, 9'400);
  EXPECT_EQ(find(late, OrderAction::place, close_key(1))->qty, Qty{10});
  EXPECT_EQ(placed(late, stop_key(1)).qty, Qty{10}) << "protected while it goes";
}

TEST(PositionCycle, ALegDecidedBeforeTheStopFiredIsCancelledOutOfFlat) {
  Bench bench;
  bench.open_cycle(kLong, 10'000);
  bench.filled(stop_key(0), Side::sell, 10, 0, 9'000);
  ASSERT_EQ(bench.slot().exposure, Exposure::flat);
  const Sink decided = bench.add(1, kLong);
  EXPECT_TRUE(cancels(decided, leg_key(1)));
  ASSERT_EQ(decided.views.size(), 1u);
  EXPECT_EQ(decided.views[0].exposure, Exposure::closing) << "the gate must not think it is open";
  EXPECT_EQ(decided.views[0].owner, 3);
  bench.say(Kind::cancelled, leg_key(1));
  EXPECT_EQ(bench.slot().exposure, Exposure::flat);
  EXPECT_EQ(bench.view().covers_request, 11u);
}

TEST(PositionCycle, ALegThatShowsItselfAfterTheStopFiredIsCancelledBeforeItsDecisionComes) {
  Bench bench;
  bench.open_cycle(kLong, 10'000);
  bench.filled(stop_key(0), Side::sell, 10, 0, 9'000);
  EXPECT_TRUE(cancels(bench.say(Kind::accepted, leg_key(1)), leg_key(1)));
  EXPECT_EQ(bench.view().exposure, Exposure::closing);
  EXPECT_TRUE(places(bench.filled(leg_key(1), Side::buy, 10, 0, 8'900), close_key(0)));
}

TEST(PositionCycle, ALegThatFillsAfterTheStopFiredGoesOutAtOnce) {
  for (const bool decided_first : {true, false}) {
    Bench bench;
    bench.open_cycle(kLong, 10'000);
    bench.filled(stop_key(0), Side::sell, 10, 0, 9'000);
    if (decided_first) bench.add(1, kLong);
    const Sink late = bench.filled(leg_key(1), Side::buy, 10, 0, 8'900);
    EXPECT_EQ(find(late, OrderAction::place, close_key(0))->qty, Qty{10});
    EXPECT_EQ(placed(late, stop_key(1)), (Placed{{10}, {8'010}})) << "protected while it goes, by no number used before";
    EXPECT_EQ(bench.view().exposure, Exposure::closing);
    EXPECT_EQ(bench.view().legs_filled, 1);
    if (!decided_first) {
      EXPECT_TRUE(bench.add(1, kLong).commands.empty()) << "over";
    }
    bench.filled(close_key(0), Side::sell, 10, 0, 8'900);
    bench.say(Kind::rejected, stop_key(1), Errc::reduce_only_refused);
    EXPECT_EQ(bench.slot().exposure, Exposure::flat);
    EXPECT_EQ(bench.view().covers_request, 11u);
    EXPECT_EQ(bench.machine.balance(), (Money{10'000 * kMoneyUnit - 10'000}));
  }
}

TEST(PositionCycle, ALevelOfAnotherCycleOrSideOrStrategyOrOfASinglePositionIsAnOverlap) {
  const auto overlaps = [](GateDecision d, bool cycle = true) {
    Bench bench;
    cycle ? bench.open_cycle(kLong, 10'000) : bench.open_long();
    const Sink sink = bench.decide(d);
    return sink.count(AlertCode::entry_overlap) == 1 && places(sink, close_key(0)) && cancels(sink, d.request.key);
  };
  GateDecision d = level_decision(1, 1, kLong, kT0);
  EXPECT_FALSE(overlaps(d));
  EXPECT_TRUE(overlaps(d, false));
  d.request.side = Side::sell;
  EXPECT_TRUE(overlaps(d));
  d = level_decision(1, 1, kLong, kT0);
  d.intent.strategy = 4;
  EXPECT_TRUE(overlaps(d));
  EXPECT_TRUE(overlaps(level_decision(2, 1, kLong, kT0)));
  EXPECT_TRUE(overlaps(cycle_decision(2, kLong, kT0)));
}

TEST(PositionCycle, ACycleWithoutSoundTermsStaysBehindTheStopOfItsFirstLevel) {
  CycleTerms terms;
  terms.worst_average = kNoPrice;
  Bench bench;
  bench.decide(cycle_decision(1, terms, bench.now));
  EXPECT_EQ(placed(bench.filled(kEntry, Side::buy, 10, 0, 9'990), stop_key(0)), (Placed{{10}, kStop}));
}

TEST(PositionCycle, SlippageIsMeasuredFromEachLegsOwnReference) {
  Bench bench;
  bench.open_cycle(kLong, 10'000);
  GateDecision d = level_decision(1, 1, kLong, bench.now);
  d.intent.reference_price = {9'000};
  bench.decide(d);
  EXPECT_EQ(bench.filled(leg_key(1), Side::buy, 10, 0, 9'045).count(AlertCode::slippage), 0u);
  d = level_decision(1, 2, kLong, bench.now);
  d.intent.reference_price = {9'000};
  bench.decide(d);
  EXPECT_EQ(bench.filled(leg_key(2), Side::buy, 10, 0, 9'046).count(AlertCode::slippage), 1u);
}

TEST(PositionCycle, ALegWhoseStopIsRefusedThriceClosesTheCycleAndTheSmallerStopStaysOn) {
  Bench bench;
  bench.open_cycle(kLong, 10'000);
  bench.add(1, kLong);
  bench.filled(leg_key(1), Side::buy, 10, 0, 9'400);
  for (std::uint8_t k = 1; k <= 3; ++k) {
    EXPECT_EQ(bench.slot().exposure, Exposure::open);
    bench.say(Kind::rejected, stop_key(k), Errc::venue_error);
    bench.wait(200 * kMs);
  }
  EXPECT_EQ(bench.alerts(AlertCode::stop_rejected), 2u);
  EXPECT_EQ(bench.alerts(AlertCode::stop_failed), 1u);
  EXPECT_EQ(bench.slot().exposure, Exposure::closing);
  EXPECT_EQ(bench.slot().covered_qty(), 10);
}

TEST(PositionCycle, ManyFillsBeforeTheFirstAnswerStillEndInOneFullTarget) {
  Bench bench;
  bench.decide(cycle_decision(1, kWithTarget, bench.now));
  for (int i = 1; i <= 6; ++i) bench.filled(kEntry, Side::buy, 1, 10 - i, 10'000);
  EXPECT_EQ(bench.machine.counters().targets_placed, 4u);
  for (std::uint8_t k = 0; k < 6; ++k) bench.say(Kind::accepted, stop_key(k));
  for (std::uint8_t k = 0; k < 4; ++k) bench.say(Kind::accepted, target_key(k));
  const Sink room = bench.say(Kind::cancelled, target_key(0));
  EXPECT_EQ(placed(room, target_key(4)), (Placed{{6}, {10'200}}));
  const Sink done = bench.say(Kind::accepted, target_key(4));
  for (std::uint8_t k = 1; k < 4; ++k) EXPECT_TRUE(cancels(done, target_key(k)));
}

TEST(PositionCycle, MoneyIsExactOverSeveralLegsPartsAndFees) {
  Bench bench;
  bench.decide(cycle_decision(1, kLong, bench.now));
  bench.filled(kEntry, Side::buy, 10, 0, 10'000, 10);
  bench.add(1, kLong);
  bench.filled(leg_key(1), Side::buy, 10, 0, 9'501, 10);  // 195 010 for 20
  bench.part(30'000'000);
  const Sink part = bench.filled(close_key(0), Side::sell, 6, 0, 9'800, 6);
  EXPECT_EQ(part.executions[0].exit_reason, ExitReason::partial);
  EXPECT_EQ(part.executions[0].event, ExecutionEvent::reduce);
  EXPECT_EQ(part.executions[0].pnl_net, Money{6 * 9'800 - 58'503 - 6 - 6}) << "its share of fees and cost";
  bench.add(2, kLong);
  bench.filled(leg_key(2), Side::buy, 10, 0, 9'300, 10);
  bench.exit();
  bench.filled(close_key(1), Side::sell, 24, 0, 9'650, 24);
  const std::int64_t cash = -100'000 - 95'010 - 93'000 + 58'800 + 24 * 9'650 - 60;
  EXPECT_EQ(bench.machine.balance(), (Money{10'000 * kMoneyUnit + cash}));
  EXPECT_EQ(bench.machine.ledger(3).pnl_net, Money{cash});
  EXPECT_EQ(bench.machine.ledger(3).trades, 1u);
}

}  // namespace cycle_test
}  // namespace martinet

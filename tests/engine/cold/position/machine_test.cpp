// The named behaviours, one by one: what goes out on which message, and with which words.
#include <gtest/gtest.h>

#include "tests/engine/cold/position/bench.hpp"

namespace martinet {
namespace machine_test {
using namespace position_test;
using Kind = VenueEventKind;

TEST(PositionMachine, AnAdmittedEntryIsOpeningAndSendsNothing) {
  Bench bench;
  const Sink sink = bench.decide(1, Side::buy, 10);
  EXPECT_TRUE(sink.commands.empty());
  ASSERT_EQ(sink.views.size(), 1u);
  EXPECT_EQ(sink.views[0].exposure, Exposure::opening);
  EXPECT_EQ(sink.views[0].owner, 3);
  EXPECT_EQ(sink.views[0].covers_request, 0u) << "the reservation stands until the outcome is known";
}

TEST(PositionMachine, ARefusedVerdictOnlyMovesTheSequence) {
  Bench bench;
  GateDecision d = decision(1, Side::buy, 10, bench.now);
  d.verdict = Verdict::price_collar;
  const Sink sink = bench.feed([&](Sink& s) { bench.machine.on_decision(d, s); });
  EXPECT_TRUE(sink.views.empty());
  EXPECT_EQ(bench.slot().exposure, Exposure::flat);
}

TEST(PositionMachine, TheFirstPartialFillSendsStopAndTargetForWhatIsFilled) {
  Bench bench;
  bench.decide(1, Side::buy, 10);
  bench.now += 5;
  bench.mark(10'000, 777);
  const Sink sink = bench.filled(kEntry, Side::buy, 4, 6);
  ASSERT_EQ(sink.commands.size(), 2u);
  const OrderRequest& stop = sink.commands[0];
  EXPECT_EQ(stop.key, stop_key(0));
  EXPECT_EQ(stop.type, OrderType::stop_market);
  EXPECT_EQ(stop.trigger_price, kStop);
  EXPECT_EQ(stop.qty, Qty{4});
  EXPECT_EQ(stop.side, Side::sell);
  EXPECT_EQ(stop.reduce_only, 1);
  EXPECT_EQ(stop.request_id, 0u);
  EXPECT_EQ(stop.ts_ns, bench.now);
  EXPECT_EQ(stop.sequence, 777u);
  EXPECT_EQ(stop.strategy, 3);
  const OrderRequest& target = sink.commands[1];
  EXPECT_EQ(target.key, target_key(0));
  EXPECT_EQ(target.type, OrderType::take_profit_limit);
  EXPECT_EQ(target.price, kTarget);
  EXPECT_EQ(target.trigger_price, kTarget);
  EXPECT_EQ(target.qty, Qty{4});
  EXPECT_EQ(target.reduce_only, 1);
  ASSERT_EQ(sink.views.size(), 1u);
  EXPECT_EQ(sink.views[0].qty, Qty{4});
  EXPECT_EQ(sink.views[0].covers_request, 0u) << "six are still under way";
}

TEST(PositionMachine, AShortIsProtectedByABuyAbove) {
  Bench bench;
  bench.decide(1, Side::sell, 10);
  const Sink sink = bench.filled(kEntry, Side::sell, 10, 0);
  ASSERT_EQ(sink.commands.size(), 2u);
  EXPECT_EQ(sink.commands[0].side, Side::buy);
  EXPECT_EQ(sink.commands[0].trigger_price, kTarget);
  EXPECT_EQ(sink.commands[1].price, kStop);
  EXPECT_EQ(sink.views[0].qty, Qty{-10});
}

TEST(PositionMachine, ALaterFillIsCoveredByALargerStopAndTheSmallerGoesWhenThatIsAccepted) {
  Bench bench;
  bench.decide(1, Side::buy, 10);
  bench.filled(kEntry, Side::buy, 4, 6);
  bench.say(Kind::accepted, stop_key(0));
  bench.say(Kind::accepted, target_key(0));
  const Sink more = bench.filled(kEntry, Side::buy, 6, 0);
  ASSERT_TRUE(places(more, stop_key(1)));
  EXPECT_EQ(find(more, OrderAction::place, stop_key(1))->qty, Qty{10});
  ASSERT_TRUE(places(more, target_key(1)));
  EXPECT_FALSE(cancels(more, stop_key(0))) << "place, then cancel";
  EXPECT_EQ(bench.slot().protection, Protection::replacing);
  const Sink accepted = bench.say(Kind::accepted, stop_key(1));
  EXPECT_TRUE(cancels(accepted, stop_key(0)));
  EXPECT_EQ(bench.slot().protection, Protection::live);
  EXPECT_TRUE(cancels(bench.say(Kind::accepted, target_key(1)), target_key(0)));
  EXPECT_EQ(more.views.back().covers_request, 10u);
}

TEST(PositionMachine, AReplacementLeavesTheOldStopWhenTheNewOneIsRefused) {
  Bench bench;
  bench.decide(1, Side::buy, 10);
  bench.filled(kEntry, Side::buy, 4, 6);
  bench.say(Kind::accepted, stop_key(0));
  bench.filled(kEntry, Side::buy, 6, 0);
  const Sink sink = bench.say(Kind::rejected, stop_key(1), Errc::venue_error);
  EXPECT_FALSE(cancels(sink, stop_key(0)));
  EXPECT_EQ(bench.slot().covered_qty(), 4);
}

TEST(PositionMachine, AStopIsTriedTwiceMoreAtTwoHundredMillisecondsThenThePositionIsClosed) {
  Bench bench;
  bench.decide(1, Side::buy, 10, false);
  bench.filled(kEntry, Side::buy, 10, 0);
  for (std::uint8_t k = 0; k < 2; ++k) {
    const Sink refused = bench.say(Kind::rejected, stop_key(k), Errc::venue_error);
    EXPECT_TRUE(refused.commands.empty());
    EXPECT_EQ(refused.count(AlertCode::stop_rejected), 1u);
    EXPECT_EQ(bench.machine.next_deadline_ns(), bench.now + 200 * kMs);
    EXPECT_TRUE(bench.wait(200 * kMs - 1).commands.empty()) << "one nanosecond early";
    EXPECT_TRUE(places(bench.wait(1), stop_key(static_cast<std::uint8_t>(k + 1))));
  }
  const Sink last = bench.say(Kind::rejected, stop_key(2), Errc::venue_error);
  ASSERT_EQ(last.count(AlertCode::stop_failed), 1u);
  EXPECT_TRUE(is_urgent(AlertCode::stop_failed));
  ASSERT_TRUE(places(last, close_key(0)));
  const OrderRequest* close = find(last, OrderAction::place, close_key(0));
  EXPECT_EQ(close->type, OrderType::market);
  EXPECT_EQ(close->qty, Qty{10});
  EXPECT_EQ(close->reduce_only, 1);
  EXPECT_EQ(bench.slot().exposure, Exposure::closing);
  EXPECT_EQ(bench.slot().protection, Protection::failed);
}

TEST(PositionMachine, AStopThatWouldTriggerClosesAtOnce) {
  Bench bench;
  bench.decide(1, Side::buy, 10);
  bench.filled(kEntry, Side::buy, 10, 0);
  const Sink sink = bench.say(Kind::rejected, stop_key(0), Errc::would_trigger);
  EXPECT_EQ(sink.count(AlertCode::stop_would_trigger), 1u);
  EXPECT_TRUE(places(sink, close_key(0)));
  const Sink refused = bench.say(Kind::rejected, close_key(0), Errc::venue_error);
  EXPECT_FALSE(places(refused, stop_key(1))) << "the price is through it: no stop can help";
}

TEST(PositionMachine, AnUnansweredStopEndsInACloseAtTheDeadlineAndNotBefore) {
  Bench bench;
  bench.decide(1, Side::buy, 10, false);
  bench.filled(kEntry, Side::buy, 10, 0);
  EXPECT_TRUE(bench.wait(1500 * kMs - 1).commands.empty()) << "an unknown outcome is not repeated blindly";
  EXPECT_EQ(bench.slot().knowledge, Knowledge::unknown);
  const Sink sink = bench.wait(1);
  EXPECT_EQ(sink.count(AlertCode::stop_deadline), 1u);
  EXPECT_TRUE(places(sink, close_key(0)));
}

TEST(PositionMachine, TheDeadlineCountsFromTheFillThatIsNotCovered) {
  Bench bench;
  bench.decide(1, Side::buy, 10, false);
  bench.filled(kEntry, Side::buy, 4, 6);
  bench.say(Kind::accepted, stop_key(0));
  bench.wait(10 * kNanosPerSecond);
  bench.filled(kEntry, Side::buy, 6, 0);
  EXPECT_EQ(bench.wait(1499 * kMs).count(AlertCode::stop_deadline), 0u);
  EXPECT_EQ(bench.wait(kMs).count(AlertCode::stop_deadline), 1u);
}

TEST(PositionMachine, ARefusedTargetIsAWarningAndThePositionIsKept) {
  Bench bench;
  bench.decide(1, Side::buy, 10);
  bench.filled(kEntry, Side::buy, 4, 6);
  bench.say(Kind::accepted, stop_key(0));
  const Sink sink = bench.say(Kind::rejected, target_key(0), Errc::filter_notional);
  EXPECT_EQ(sink.count(AlertCode::target_rejected), 1u);
  EXPECT_FALSE(is_urgent(AlertCode::target_rejected));
  EXPECT_TRUE(sink.commands.empty());
  EXPECT_TRUE(bench.wait(10 * kNanosPerSecond).commands.empty());
  EXPECT_EQ(bench.slot().exposure, Exposure::open);
  EXPECT_TRUE(places(bench.filled(kEntry, Side::buy, 6, 0), target_key(1))) << "a larger quantity may pass the filter";
}

TEST(PositionMachine, AnExitClosesOnceAndProtectionIsCancelledAfterFlat) {
  Bench bench;
  bench.open_long();
  const Sink sink = bench.exit();
  ASSERT_EQ(sink.commands.size(), 1u) << "a close, and no cancel of the stop";
  EXPECT_TRUE(places(sink, close_key(0)));
  EXPECT_TRUE(bench.exit().commands.empty());
  EXPECT_EQ(bench.machine.counters().exits_ignored, 1u);
  bench.say(Kind::accepted, close_key(0));
  const Sink flat = bench.filled(close_key(0), Side::sell, 10, 0, 10'500);
  EXPECT_TRUE(cancels(flat, stop_key(0)));
  EXPECT_TRUE(cancels(flat, target_key(0)));
  EXPECT_EQ(flat.executions[0].exit_reason, ExitReason::signal);
  EXPECT_EQ(bench.slot().exposure, Exposure::closing) << "the left-overs still rest";
  bench.say(Kind::cancelled, stop_key(0));
  const Sink last = bench.say(Kind::cancelled, target_key(0));
  ASSERT_EQ(last.views.size(), 1u);
  EXPECT_EQ(last.views[0].exposure, Exposure::flat);
  EXPECT_EQ(last.views[0].owner, kNoStrategy);
  EXPECT_EQ(bench.machine.open_positions(), 0u);
}

TEST(PositionMachine, OnlyTheOwnerOrTheOperatorMayExit) {
  Bench bench;
  bench.open_long();
  EXPECT_TRUE(bench.exit(4).commands.empty());
  EXPECT_TRUE(places(bench.exit(kNoStrategy, ExitReason::kill), close_key(0)));
  EXPECT_EQ(bench.filled(close_key(0), Side::sell, 10, 0).executions[0].exit_reason, ExitReason::kill);
}

TEST(PositionMachine, AnOperatorExitWhileOpeningCancelsTheEntry) {
  Bench bench;
  bench.decide(1, Side::buy, 10);
  EXPECT_TRUE(bench.exit(3).commands.empty()) << "a strategy can close only what is open";
  EXPECT_TRUE(cancels(bench.exit(kNoStrategy, ExitReason::kill), kEntry));
  bench.say(Kind::cancelled, kEntry);
  EXPECT_EQ(bench.slot().exposure, Exposure::flat);
}

TEST(PositionMachine, ARefusedCancelThatOvertookItsEntryProvesNothing) {
  Bench bench;
  bench.decide(1, Side::buy, 10);
  bench.exit(kNoStrategy, ExitReason::kill);
  bench.say(Kind::cancel_refused, kEntry, Errc::unknown_order);
  EXPECT_EQ(bench.slot().exposure, Exposure::closing) << "the entry may still arrive";
  EXPECT_EQ(bench.machine.position(0).covers_request, 0u) << "and its reservation stands";
  EXPECT_TRUE(cancels(bench.wait(kNanosPerSecond), kEntry)) << "asked again";
  bench.say(Kind::accepted, kEntry);
  bench.say(Kind::cancel_refused, kEntry, Errc::unknown_order);
  EXPECT_EQ(bench.slot().exposure, Exposure::flat) << "the venue had it and has it no more";
  EXPECT_EQ(bench.machine.position(0).covers_request, 10u);
}

TEST(PositionMachine, StopAndTargetFillsGiveTheirReasons) {
  for (const bool stop : {true, false}) {
    Bench bench;
    bench.open_long();
    const OrderKey key = stop ? stop_key(0) : target_key(0);
    const OrderKey other = stop ? target_key(0) : stop_key(0);
    const Sink sink = bench.filled(key, Side::sell, 10, 0, stop ? 9'000 : 11'000);
    ASSERT_EQ(sink.executions.size(), 1u);
    EXPECT_EQ(sink.executions[0].exit_reason, stop ? ExitReason::sl : ExitReason::tp);
    EXPECT_EQ(sink.executions[0].event, ExecutionEvent::close);
    EXPECT_EQ(sink.executions[0].pnl_net, Money{stop ? -10'000 : 10'000});
    EXPECT_TRUE(cancels(sink, other));
    EXPECT_FALSE(cancels(sink, key));
  }
}

TEST(PositionMachine, StopAndTargetBothFillingEndsFlatNotReversed) {
  Bench bench;
  bench.open_long();
  bench.filled(target_key(0), Side::sell, 6, 4, 11'000);  // the venue clamps: six here, four there
  const Sink sink = bench.filled(stop_key(0), Side::sell, 4, 0, 9'000);
  EXPECT_EQ(bench.slot().basis.qty, Qty{0});
  EXPECT_TRUE(cancels(sink, target_key(0)));
  bench.say(Kind::cancelled, target_key(0));
  EXPECT_EQ(bench.slot().exposure, Exposure::flat);
}

TEST(PositionMachine, AReduceLargerThanWeHoldWaitsForTheEntryFillThatExplainsIt) {
  Bench bench;
  bench.open_long(4);
  bench.exit();
  // The entry grew by six at the venue and the close took ten, but the close's fill reaches us first.
  bench.decide(2, Side::buy, 6);
  const Sink early = bench.filled(close_key(0), Side::sell, 10, 0);
  EXPECT_TRUE(early.executions.empty());
  EXPECT_EQ(bench.slot().basis.qty, Qty{4}) << "never a reverse position";
  EXPECT_EQ(bench.slot().knowledge, Knowledge::unknown);
  const Sink late = bench.filled({.intent_id = 2, .leg = OrderPurpose::entry}, Side::buy, 6, 0);
  EXPECT_EQ(late.executions.size(), 2u);
  EXPECT_EQ(bench.slot().basis.qty, Qty{0});
  EXPECT_EQ(bench.slot().knowledge, Knowledge::known);
}

TEST(PositionMachine, AReduceNobodyExplainsBlocksTheSymbol) {
  Bench bench;
  bench.open_long();
  bench.filled(stop_key(0), Side::sell, 10, 0);
  bench.say(Kind::cancelled, target_key(0));
  ASSERT_EQ(bench.slot().exposure, Exposure::flat);
  bench.filled(target_key(0), Side::sell, 3, 0);
  EXPECT_EQ(bench.slot().exposure, Exposure::closing);
  EXPECT_EQ(bench.wait(1500 * kMs).count(AlertCode::reduce_unexplained), 1u);
  EXPECT_EQ(bench.slot().knowledge, Knowledge::orphan);
  EXPECT_EQ(bench.machine.position(0).exposure, Exposure::closing) << "blocked";
  EXPECT_TRUE(bench.wait(kNanosPerMinute).commands.empty()) << "not touched";
}

TEST(PositionMachine, AnEntryFillDuringTheCloseIsProtectedAndClosed) {
  Bench bench;
  bench.decide(1, Side::buy, 10, false);
  bench.filled(kEntry, Side::buy, 4, 6);
  bench.say(Kind::accepted, stop_key(0));
  const Sink closing = bench.exit();
  EXPECT_TRUE(cancels(closing, kEntry)) << "the rest of the entry";
  EXPECT_TRUE(places(closing, close_key(0)));
  const Sink more = bench.filled(kEntry, Side::buy, 6, 0);
  ASSERT_TRUE(places(more, stop_key(1)));
  EXPECT_EQ(find(more, OrderAction::place, stop_key(1))->qty, Qty{10});
  EXPECT_FALSE(places(more, close_key(1))) << "one closing order at a time";
  const Sink rest = bench.filled(close_key(0), Side::sell, 4, 0);
  ASSERT_TRUE(places(rest, close_key(1)));
  EXPECT_EQ(find(rest, OrderAction::place, close_key(1))->qty, Qty{6});
}

TEST(PositionMachine, AStopFillDuringTheCloseLeavesNothingBehind) {
  Bench bench;
  bench.open_long();
  bench.exit();
  bench.say(Kind::accepted, close_key(0));
  const Sink sink = bench.filled(stop_key(0), Side::sell, 10, 0, 9'000);
  EXPECT_TRUE(cancels(sink, close_key(0)));
  EXPECT_TRUE(cancels(sink, target_key(0)));
  bench.say(Kind::cancel_refused, close_key(0), Errc::unknown_order);
  bench.say(Kind::cancelled, target_key(0));
  EXPECT_EQ(bench.slot().exposure, Exposure::flat);
}

TEST(PositionMachine, AnEntryWithoutAFillIsFlatAndCovered) {
  for (const Kind kind : {Kind::rejected, Kind::cancelled}) {
    Bench bench;
    bench.decide(1, Side::buy, 10);
    const Sink sink = bench.say(kind, kEntry, Errc::insufficient_balance);
    ASSERT_EQ(sink.views.size(), 1u);
    EXPECT_EQ(sink.views[0].exposure, Exposure::flat);
    EXPECT_EQ(sink.views[0].covers_request, 10u);
    EXPECT_TRUE(sink.commands.empty());
    EXPECT_EQ(bench.machine.counters().entries_unfilled, 1u);
  }
}

TEST(PositionMachine, AFillAfterTheEntryWasCancelledIsProtectedByItsPlan) {
  Bench bench;
  bench.decide(1, Side::buy, 10);
  bench.say(Kind::cancelled, kEntry);
  ASSERT_EQ(bench.slot().exposure, Exposure::flat);
  const Sink sink = bench.filled(kEntry, Side::buy, 4, 0);
  ASSERT_TRUE(places(sink, stop_key(0)));
  EXPECT_EQ(find(sink, OrderAction::place, stop_key(0))->qty, Qty{4});
  EXPECT_EQ(bench.slot().exposure, Exposure::open);
  EXPECT_EQ(bench.machine.position(0).owner, 3);
}

TEST(PositionMachine, ALateFillOfAnOlderEntryIsClosedAndTheNewEntryCancelled) {
  Bench bench;
  bench.decide(1, Side::sell, 10);
  bench.say(Kind::cancelled, kEntry);
  bench.decide(2, Side::buy, 10);
  const Sink sink = bench.filled(kEntry, Side::sell, 4, 0);
  EXPECT_EQ(sink.count(AlertCode::unexpected_fill), 1u);
  EXPECT_TRUE(cancels(sink, {.intent_id = 2, .leg = OrderPurpose::entry}));
  const OrderRequest* close = find(sink, OrderAction::place, {.intent_id = 2, .leg = OrderPurpose::close});
  ASSERT_NE(close, nullptr);
  EXPECT_EQ(close->side, Side::buy);
  EXPECT_EQ(close->qty, Qty{4});
}

TEST(PositionMachine, AStrangersFillThatTurnsThePositionIsClosedTheOtherWay) {
  Bench bench;
  bench.decide(1, Side::sell, 10);
  bench.say(Kind::cancelled, kEntry);
  bench.decide(2, Side::buy, 3);
  bench.filled({.intent_id = 2, .leg = OrderPurpose::entry}, Side::buy, 3, 0, 10'000, 30);
  const Sink sink = bench.filled(kEntry, Side::sell, 10, 0, 10'100, 100);
  EXPECT_EQ(bench.slot().basis.qty, Qty{-7});
  ASSERT_EQ(sink.executions.size(), 2u);
  EXPECT_EQ(sink.executions[0].fee + sink.executions[1].fee, Money{100});
  EXPECT_EQ(sink.executions[0].pnl_net, Money{300 - 30 - 30});
  const OrderRequest* close = find(sink, OrderAction::place, {.intent_id = 2, .leg = OrderPurpose::close});
  ASSERT_NE(close, nullptr);
  EXPECT_EQ(close->side, Side::buy);
  EXPECT_EQ(close->qty, Qty{7});
}

TEST(PositionMachine, AFillBeforeItsDecisionIsProtectedWhenThePlanArrives) {
  Bench bench;
  const Sink first = bench.filled(kEntry, Side::buy, 10, 0);
  EXPECT_TRUE(first.commands.empty()) << "there is no stop price yet";
  EXPECT_EQ(bench.slot().knowledge, Knowledge::unknown);
  const Sink plan = bench.decide(1, Side::buy, 10);
  EXPECT_TRUE(places(plan, stop_key(0)));
  EXPECT_EQ(plan.views.back().covers_request, 10u);
  EXPECT_EQ(bench.slot().knowledge, Knowledge::known);
}

TEST(PositionMachine, AFillWhoseDecisionNeverComesIsClosedAtTheDeadline) {
  Bench bench;
  bench.filled(kEntry, Side::buy, 10, 0);
  const Sink sink = bench.wait(1500 * kMs);
  EXPECT_EQ(sink.count(AlertCode::plan_missing), 1u);
  EXPECT_TRUE(places(sink, close_key(0)));
  EXPECT_TRUE(places(bench.decide(1, Side::buy, 10), stop_key(0))) << "a plan that comes after all protects the closing";
}

TEST(PositionMachine, AnEntryThatEndedBeforeItsDecisionIsCoveredByIt) {
  Bench bench;
  bench.say(Kind::rejected, kEntry, Errc::venue_error);
  EXPECT_EQ(bench.slot().exposure, Exposure::flat);
  const Sink sink = bench.decide(1, Side::buy, 10);
  ASSERT_EQ(sink.views.size(), 1u);
  EXPECT_EQ(sink.views[0].exposure, Exposure::flat);
  EXPECT_EQ(sink.views[0].covers_request, 10u);
}

TEST(PositionMachine, FillsBeforeTheAcceptCountAndDuplicatesDoNot) {
  Bench bench;
  bench.decide(1, Side::buy, 10);
  const VenueEvent twice = fill(kEntry, Side::buy, 4, 6, 10'000, 55, bench.now, 7);
  bench.feed([&](Sink& s) { bench.machine.on_venue_event(twice, s); });
  const Sink again = bench.feed([&](Sink& s) { bench.machine.on_venue_event(twice, s); });
  EXPECT_TRUE(again.commands.empty() && again.executions.empty() && again.views.empty());
  EXPECT_TRUE(bench.say(Kind::accepted, kEntry).commands.empty());
  EXPECT_EQ(bench.slot().basis.qty, Qty{4});
  EXPECT_EQ(bench.machine.counters().fills_duplicate, 1u);
  EXPECT_EQ(bench.machine.balance(), (Money{10'000 * kMoneyUnit - 7}));
}

TEST(PositionMachine, AStopCancelledBySomebodyElseIsPlacedAgainAtOnceButNotInAStorm) {
  Bench bench;
  bench.open_long();
  const Sink first = bench.say(Kind::cancelled, stop_key(0));
  EXPECT_EQ(first.count(AlertCode::stop_vanished), 1u);
  EXPECT_TRUE(places(first, stop_key(1)));
  bench.say(Kind::accepted, stop_key(1));
  EXPECT_TRUE(bench.say(Kind::cancelled, stop_key(1)).commands.empty()) << "twice within moments: wait";
  EXPECT_TRUE(places(bench.wait(200 * kMs), stop_key(2)));
}

TEST(PositionMachine, ATriggeredStopThatDoesNotFillIsHelpedByAClose) {
  Bench bench;
  bench.open_long();
  bench.say(Kind::triggered, stop_key(0));
  EXPECT_FALSE(places(bench.wait(1999 * kMs), close_key(0)));
  const Sink sink = bench.wait(kMs);
  EXPECT_EQ(sink.count(AlertCode::stop_unfilled), 1u);
  EXPECT_TRUE(places(sink, close_key(0)));
}

TEST(PositionMachine, ARefusedCloseIsTriedAgainLaterAndLater) {
  Bench bench;
  bench.open_long();
  bench.exit();
  std::int64_t wait = 500 * kMs;
  for (std::uint8_t k = 0; k < 8; ++k) {
    const Sink refused = bench.say(Kind::rejected, close_key(k), Errc::venue_error);
    EXPECT_EQ(refused.count(AlertCode::close_rejected), 1u);
    EXPECT_FALSE(places(bench.wait(wait - 1), close_key(static_cast<std::uint8_t>(k + 1))));
    EXPECT_TRUE(places(bench.wait(1), close_key(static_cast<std::uint8_t>(k + 1)))) << int{k};
    wait = std::min(2 * wait, 30 * kNanosPerSecond);
  }
  EXPECT_EQ(bench.slot().protection, Protection::live) << "the stop rests all the while";
}

TEST(PositionMachine, ARefusedCloseBringsBackAStopThatWasGivenUp) {
  Bench bench;
  bench.decide(1, Side::buy, 10, false);
  bench.filled(kEntry, Side::buy, 10, 0);
  bench.wait(1500 * kMs);  // no answer to the stop: closing
  bench.say(Kind::rejected, stop_key(0), Errc::venue_error);
  EXPECT_EQ(bench.slot().protection, Protection::failed);
  const Sink sink = bench.say(Kind::rejected, close_key(0), Errc::venue_error);
  EXPECT_TRUE(places(bench.wait(200 * kMs), stop_key(1)) || places(sink, stop_key(1)));
}

TEST(PositionMachine, AnUnansweredCloseIsCancelledAndRepeatedOnlyWhenItIsProvenGone) {
  Bench bench;
  bench.open_long();
  bench.exit();
  const Sink asked = bench.wait(kNanosPerSecond);
  EXPECT_TRUE(cancels(asked, close_key(0)));
  EXPECT_FALSE(places(asked, close_key(1)));
  EXPECT_TRUE(cancels(bench.wait(kNanosPerSecond), close_key(0))) << "the cancel itself may be lost";
  bench.say(Kind::cancel_refused, close_key(0), Errc::unknown_order);
  EXPECT_TRUE(places(bench.wait(500 * kMs), close_key(1)));
}

TEST(PositionMachine, CloseNumbersRunOutIntoAHalt) {
  Bench bench;
  bench.open_long();
  bench.exit();
  for (int k = 0; k < 256; ++k) {
    ASSERT_EQ(bench.slot().knowledge, Knowledge::known) << k;
    bench.say(Kind::rejected, close_key(static_cast<std::uint8_t>(k)), Errc::venue_error);
    const Sink sink = bench.wait(30 * kNanosPerSecond);
    ASSERT_EQ(places(sink, close_key(static_cast<std::uint8_t>(k + 1))), k < 255) << k;
    ASSERT_EQ(sink.count(AlertCode::attempts_exhausted), k == 255 ? 1u : 0u) << k;
  }
  EXPECT_EQ(bench.slot().knowledge, Knowledge::halted);
  EXPECT_EQ(bench.slot().protection, Protection::live);
  EXPECT_TRUE(bench.wait(kNanosPerMinute).alerts.empty()) << "said once";
}

TEST(PositionMachine, StopNumbersRunOutIntoAClose) {
  Bench bench;
  bench.decide(1, Side::buy, 1'000, false);
  bench.filled(kEntry, Side::buy, 1, 999);
  for (int k = 0; k < 300 && bench.slot().exposure == Exposure::open; ++k) {
    bench.say(Kind::accepted, stop_key(static_cast<std::uint8_t>(k)));
    if (k > 0) bench.say(Kind::cancelled, stop_key(static_cast<std::uint8_t>(k - 1)));
    bench.filled(kEntry, Side::buy, 1, 998 - k);
  }
  EXPECT_EQ(bench.slot().exposure, Exposure::closing);
  EXPECT_EQ(bench.machine.counters().alerts[static_cast<std::size_t>(AlertCode::attempts_exhausted)], 1u);
  EXPECT_EQ(bench.machine.counters().stops_placed, 240u);
}

TEST(PositionMachine, AGhostIsCancelledAndNeverCountsAsCover) {
  Bench bench;
  bench.open_long();
  bench.say(Kind::cancelled, stop_key(0));  // stop 1 goes out
  const Sink sink = bench.say(Kind::accepted, stop_key(0));
  EXPECT_TRUE(cancels(sink, stop_key(0)));
  EXPECT_EQ(bench.slot().covered_qty(), 0);
  EXPECT_EQ(bench.slot().protection, Protection::placing);
}

TEST(PositionMachine, AStopThatNeedsASecondSourceIsUnconfirmedUntilItSpeaks) {
  PositionConfig config;
  config.stop_needs_confirmation = true;
  Bench bench(config);
  bench.decide(1, Side::buy, 10, false);
  bench.filled(kEntry, Side::buy, 10, 0);
  bench.say(Kind::accepted, stop_key(0));
  EXPECT_EQ(bench.slot().protection, Protection::unconfirmed);
  EXPECT_EQ(bench.slot().covered_qty(), 0);
  bench.wait(1499 * kMs);
  EXPECT_EQ(bench.slot().exposure, Exposure::open);
  bench.say(Kind::accepted, stop_key(0));
  EXPECT_EQ(bench.slot().protection, Protection::live);
  EXPECT_TRUE(bench.wait(10 * kNanosPerSecond).commands.empty());
}

TEST(PositionMachine, SlippageBeyondTheGuardIsCountedOneUnitOnEachSide) {
  for (const std::int64_t price : {10'050, 10'051, 9'950, 9'949}) {
    Bench bench;
    bench.decide(1, Side::buy, 10);
    const Sink sink = bench.filled(kEntry, Side::buy, 10, 0, price);
    EXPECT_EQ(sink.count(AlertCode::slippage), price == 10'051 || price == 9'949 ? 1u : 0u) << price;
  }
}

TEST(PositionMachine, TheAccountFollowsFillsFeesAndMarks) {
  PositionConfig config;
  config.initial_balance = {1'000'000};
  config.leverage = 3;
  Bench bench(config);
  bench.decide(1, Side::buy, 10);
  const Sink open = bench.filled(kEntry, Side::buy, 10, 0, 10'000, 60);
  EXPECT_EQ(open.balance_last, Money{999'940});
  ASSERT_FALSE(open.guards.empty());
  EXPECT_EQ(open.guards.back().margin_used, Money{33'334}) << "100 000 / 3, rounded up";
  EXPECT_EQ(open.guards.back().open_positions, 1);
  EXPECT_EQ(open.views.back().notional, Money{100'000});
  const Sink up = bench.mark(10'100);
  EXPECT_EQ(up.equity_last, Money{1'000'940});
  EXPECT_EQ(up.balance_last, Money{999'940});
  bench.filled(target_key(0), Side::sell, 4, 6, 11'000, 30);
  const Sink closed = bench.filled(stop_key(0), Side::sell, 6, 0, 9'000, 40);
  EXPECT_EQ(closed.executions[0].pnl_net, Money{-6'000 - 36 - 40});
  EXPECT_EQ(bench.machine.balance(), Money{1'000'000 + 4'000 - 6'000 - 60 - 30 - 40});
  EXPECT_EQ(bench.machine.equity(), bench.machine.balance());
  EXPECT_EQ(bench.machine.margin_used(), Money{0});
  const StrategyLedger& ledger = bench.machine.ledger(3);
  EXPECT_EQ(ledger.trades, 1u);
  EXPECT_EQ(ledger.wins, 0u);
  EXPECT_EQ(ledger.executions, 3u);
  EXPECT_EQ(ledger.fees, Money{130});
  EXPECT_EQ(ledger.pnl_net, Money{-2'130});
}

TEST(PositionMachine, ExecutionLinesTellTheWholeStory) {
  Bench bench;
  bench.decide(1, Side::sell, 10);
  const Sink open = bench.filled(kEntry, Side::sell, 4, 6, 10'000, 4);
  ASSERT_EQ(open.executions.size(), 1u);
  EXPECT_EQ(open.executions[0].event, ExecutionEvent::open);
  EXPECT_EQ(open.executions[0].direction, Side::sell);
  EXPECT_EQ(open.executions[0].stop_price, kTarget);
  EXPECT_EQ(open.executions[0].score, 0.75);
  EXPECT_EQ(open.executions[0].regime, MarketRegime::ranging);
  EXPECT_EQ(open.executions[0].pnl_net, Money{0});
  const Sink add = bench.filled(kEntry, Side::sell, 6, 0, 9'999);
  EXPECT_EQ(add.executions[0].event, ExecutionEvent::add);
  EXPECT_EQ(add.executions[0].entry_price, Price{9'999}) << "9 999.4 rounded down for a short";
  bench.exit();
  const Sink reduce = bench.filled(close_key(0), Side::buy, 1, 9, 9'000);
  EXPECT_EQ(reduce.executions[0].event, ExecutionEvent::reduce);
  EXPECT_EQ(reduce.executions[0].direction, Side::sell);
  EXPECT_EQ(reduce.executions[0].side, Side::buy);
  EXPECT_EQ(reduce.executions[0].entry_price, Price{9'999});
}

TEST(PositionMachine, GuardViewsAreRefreshedBeforeTheyExpire) {
  Bench bench;
  const Sink first = bench.wait(0);
  ASSERT_EQ(first.guards.size(), 1u);
  EXPECT_EQ(first.guards[0].version, 1u);
  EXPECT_EQ(first.guards[0].ts_expires_ns, bench.now + 5 * kNanosPerSecond);
  EXPECT_TRUE(bench.wait(1250 * kMs - 1).guards.empty());
  const Sink second = bench.wait(1);
  ASSERT_EQ(second.guards.size(), 1u);
  EXPECT_EQ(second.guards[0].version, 2u);
}

TEST(PositionMachine, ALatchIsKeptCancelsEntriesAndLeavesStops) {
  Bench bench;
  bench.open_long(4);
  Sink sink = bench.feed([&](Sink& s) { bench.machine.on_latch(latch::kill, bench.now, s); });
  EXPECT_TRUE(sink.commands.empty());
  EXPECT_EQ(sink.guards.at(0).latches, latch::kill);
  Bench opening;
  opening.decide(1, Side::buy, 10);
  sink = opening.feed([&](Sink& s) { opening.machine.on_latch(latch::kill, opening.now, s); });
  EXPECT_TRUE(cancels(sink, kEntry));
  EXPECT_EQ(opening.wait(kNanosPerMinute).guards.at(0).latches, latch::kill);
}

TEST(PositionMachine, ViewVersionsCountUpAndAnEntryOverlapIsClosed) {
  Bench bench;
  bench.open_long(4);
  const std::uint64_t version = bench.machine.position(0).version;
  const Sink sink = bench.decide(2, Side::buy, 6);
  EXPECT_EQ(sink.count(AlertCode::entry_overlap), 1u);
  EXPECT_TRUE(cancels(sink, {.intent_id = 2, .leg = OrderPurpose::entry}));
  EXPECT_TRUE(places(sink, close_key(0)));
  EXPECT_GT(bench.machine.position(0).version, version);
  EXPECT_EQ(bench.machine.position(0).covers_request, 10u) << "the second request is not known yet";
}

TEST(PositionMachine, EventsThatCannotBeTrueAreRefusedAndSaid) {
  Bench bench;
  VenueEvent e = fill(kEntry, Side::buy, 0, 0, 10'000, 1, bench.now);
  const auto refused = [&bench](const VenueEvent& bad) {
    return bench.feed([&](Sink& s) { bench.machine.on_venue_event(bad, s); }).count(AlertCode::bad_event) == 1;
  };
  EXPECT_TRUE(refused(e));
  e = fill(kEntry, Side::none, 1, 0, 10'000, 1, bench.now);
  EXPECT_TRUE(refused(e));
  e = fill(kEntry, Side::buy, 1, 0, kNoPrice.v, 1, bench.now);
  EXPECT_TRUE(refused(e));
  e = fill(kEntry, Side::buy, std::int64_t{1} << 60, 0, 10'000, 1, bench.now);
  EXPECT_TRUE(refused(e));
  e = event(Kind::accepted, {}, bench.now);
  EXPECT_TRUE(refused(e));
  e = event(Kind::accepted, kEntry, bench.now);
  e.instrument = 1;
  EXPECT_TRUE(refused(e));
  EXPECT_EQ(bench.slot().exposure, Exposure::flat);
}

TEST(PositionMachine, AnAmountBeyond64BitsHaltsTheKey) {
  Bench bench;
  bench.open_long(1'000'000);
  const Sink sink = bench.mark(std::int64_t{1} << 60);
  EXPECT_EQ(sink.count(AlertCode::overflow), 1u);
  const Money equity = bench.machine.equity();
  EXPECT_TRUE(places(bench.wait(kMs), close_key(0)));
  EXPECT_EQ(bench.slot().knowledge, Knowledge::halted);
  EXPECT_EQ(bench.machine.equity(), equity) << "the last sound figure stands";
}

TEST(PositionMachine, MarkTriggersFallBackToLastWhereTheVenueHasNone) {
  PositionConfig config;
  config.trigger_ref = TriggerRef::mark;
  for (const bool able : {true, false}) {
    Bench bench(config, {.trigger_on_mark = able, .reduce_only = true});
    bench.decide(1, Side::buy, 10);
    EXPECT_EQ(bench.filled(kEntry, Side::buy, 10, 0).commands[0].trigger_ref, able ? TriggerRef::mark : TriggerRef::last);
  }
}

}  // namespace machine_test
}  // namespace martinet

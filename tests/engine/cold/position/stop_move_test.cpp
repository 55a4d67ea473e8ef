// Moving the stop: by placing, then cancelling; whatever the venue answers, the position stays covered.
#include "tests/engine/cold/position/bench.hpp"

namespace martinet {
namespace stop_move_test {
using namespace position_test;
using Kind = VenueEventKind;

TEST(PositionStopMove, TheNewStopIsPlacedBesideTheOldWhichGoesWhenItIsLive) {
  Bench bench;
  bench.open_long();
  const Sink asked = bench.move(9'500);
  ASSERT_EQ(asked.commands.size(), 1u);
  EXPECT_EQ(placed(asked, stop_key(1)), (Placed{{10}, {9'500}}));
  EXPECT_EQ(asked.commands[0].reduce_only, 1);
  EXPECT_EQ(bench.slot().protection, Protection::live);
  const Sink live = bench.say(Kind::accepted, stop_key(1));
  ASSERT_EQ(live.commands.size(), 1u);
  EXPECT_TRUE(cancels(live, stop_key(0)));
  EXPECT_EQ(bench.slot().protection, Protection::live);
  EXPECT_TRUE(bench.say(Kind::cancelled, stop_key(0)).alerts.empty());
  const Sink out = bench.filled(stop_key(1), Side::sell, 10, 0, 9'500);
  EXPECT_EQ(out.executions[0].exit_reason, ExitReason::trailing);
  EXPECT_EQ(out.executions[0].stop_price, Price{9'500});
}

TEST(PositionStopMove, OnlyTowardProfitOneTickOnEachSideAndOnlyTheOwner) {
  for (const Side side : {Side::buy, Side::sell}) {
    Bench bench({}, {.reduce_only = true}, {5});
    const std::int64_t sign = side == Side::buy ? 1 : -1;
    bench.decide(1, side, 10, false);
    bench.filled(kEntry, side, 10, 0);
    bench.say(Kind::accepted, stop_key(0));
    const std::int64_t stop = bench.slot().plan.stop_price.v;
    EXPECT_TRUE(bench.move(stop - sign).commands.empty()) << "rounds onto the stop itself";
    EXPECT_TRUE(bench.move(stop - 5 * sign).commands.empty());
    EXPECT_TRUE(bench.move(stop).commands.empty());
    EXPECT_TRUE(bench.move(stop + 100 * sign, 4).commands.empty()) << "not the owner";
    EXPECT_TRUE(bench.move(stop + 100 * sign, kNoStrategy).commands.empty());
    EXPECT_TRUE(bench.move(kNoPrice.v).commands.empty());
    EXPECT_TRUE(bench.move(0).commands.empty());
    EXPECT_TRUE(bench.move(INT64_MAX).commands.empty());
    EXPECT_EQ(bench.machine.counters().stop_moves_ignored, 8u);
    EXPECT_EQ(placed(bench.move(stop + sign), stop_key(1)).price, Price{stop + 5 * sign}) << "to the tick, toward the market";
    EXPECT_EQ(bench.machine.counters().stop_moves, 1u);
  }
}

TEST(PositionStopMove, IsIgnoredWhereNothingIsOpen) {
  Bench bench;
  EXPECT_TRUE(bench.move(9'500).commands.empty());
  bench.decide(1, Side::buy, 10);
  EXPECT_TRUE(bench.move(9'500).commands.empty());
  bench.filled(kEntry, Side::buy, 10, 0);
  bench.say(Kind::accepted, stop_key(0));
  bench.exit();
  EXPECT_TRUE(bench.move(9'500).commands.empty()) << "closing";
  EXPECT_EQ(bench.machine.counters().stop_moves_ignored, 3u);
  OrderIntent nowhere = move_intent(3, 9'500, bench.now);
  nowhere.instrument = 7;
  EXPECT_EQ(bench.feed([&](Sink& s) { bench.machine.on_stop_move(nowhere, s); }).count(AlertCode::bad_event), 1u);
  OrderIntent other = move_intent(3, 9'500, bench.now);
  EXPECT_TRUE(bench.feed([&](Sink& s) { bench.machine.on_exit(other, s); }).commands.empty()) << "not an exit";
}

TEST(PositionStopMove, ARefusedMoveKeepsTheOldStopAndIsAWarning) {
  Bench bench;
  bench.open_long();
  bench.move(9'500);
  const Sink refused = bench.say(Kind::rejected, stop_key(1), Errc::venue_error);
  EXPECT_EQ(refused.count(AlertCode::stop_move_refused), 1u);
  EXPECT_FALSE(is_urgent(AlertCode::stop_move_refused));
  EXPECT_EQ(refused.alerts.size(), 1u);
  EXPECT_TRUE(refused.commands.empty());
  EXPECT_EQ(bench.slot().plan.stop_price, kStop);
  EXPECT_EQ(bench.slot().exposure, Exposure::open);
  EXPECT_EQ(bench.slot().protection, Protection::live);
  EXPECT_TRUE(bench.wait(kNanosPerMinute).commands.empty()) << "the strategy asks again";
  EXPECT_EQ(placed(bench.move(9'500), stop_key(2)), (Placed{{10}, {9'500}}));
  bench.say(Kind::rejected, stop_key(2), Errc::venue_error);
  EXPECT_EQ(bench.filled(stop_key(0), Side::sell, 10, 0, 9'000).executions[0].exit_reason, ExitReason::sl);
}

TEST(PositionStopMove, AnyNumberOfRefusalsDoesNotClose) {
  Bench bench;
  bench.open_long();
  for (std::uint8_t k = 1; k <= 20; ++k) {
    bench.move(9'500);
    bench.say(Kind::rejected, stop_key(k), Errc::venue_error);
    ASSERT_EQ(bench.slot().exposure, Exposure::open);
  }
  EXPECT_EQ(bench.slot().protection, Protection::live);
  EXPECT_EQ(bench.alerts(AlertCode::stop_failed), 0u);
}

TEST(PositionStopMove, OneThatWouldTriggerHasBeenPassedAndClosesAsTrailing) {
  Bench bench;
  bench.open_long();
  bench.move(9'500);
  const Sink passed = bench.say(Kind::rejected, stop_key(1), Errc::would_trigger);
  EXPECT_TRUE(places(passed, close_key(0)));
  EXPECT_FALSE(cancels(passed, stop_key(0))) << "the old stop stays until that is through";
  EXPECT_EQ(passed.count(AlertCode::stop_would_trigger), 0u);
  EXPECT_EQ(bench.slot().protection, Protection::live);
  EXPECT_TRUE(bench.say(Kind::accepted, close_key(0)).commands.empty());
  EXPECT_EQ(bench.filled(close_key(0), Side::sell, 10, 0, 9'480).executions[0].exit_reason, ExitReason::trailing);
}

TEST(PositionStopMove, TheOldStopMayFillWhileTheMoveIsUnderWay) {
  Bench bench;
  bench.open_long();
  bench.move(9'500);
  const Sink out = bench.filled(stop_key(0), Side::sell, 10, 0, 9'000);
  EXPECT_EQ(out.executions[0].exit_reason, ExitReason::sl) << "it was not moved";
  EXPECT_TRUE(cancels(out, stop_key(1)));
  EXPECT_TRUE(cancels(out, target_key(0)));
  bench.say(Kind::rejected, stop_key(1), Errc::reduce_only_refused);
  bench.say(Kind::cancelled, target_key(0));
  EXPECT_EQ(bench.slot().exposure, Exposure::flat);
}

TEST(PositionStopMove, TheNewStopMayFillBeforeItsAcceptance) {
  Bench bench;
  bench.open_long();
  bench.move(9'500);
  const Sink out = bench.filled(stop_key(1), Side::sell, 4, 6, 9'500);
  EXPECT_EQ(out.executions[0].exit_reason, ExitReason::trailing);
  EXPECT_TRUE(cancels(out, stop_key(0))) << "a fill proves it live, and it covers what is left";
  EXPECT_EQ(bench.slot().protection, Protection::live);
  EXPECT_EQ(bench.filled(stop_key(0), Side::sell, 6, 4, 9'000).executions[0].exit_reason, ExitReason::sl) << "the cancel came too late";
}

TEST(PositionStopMove, TheOldStopThatVanishesWhileTheMoveIsUnderWayIsNotPlacedAgain) {
  Bench bench;
  bench.open_long();
  bench.move(9'500);
  const Sink gone = bench.say(Kind::cancelled, stop_key(0));
  EXPECT_EQ(gone.count(AlertCode::stop_vanished), 1u);
  EXPECT_TRUE(gone.commands.empty()) << "the new one covers soonest";
  EXPECT_EQ(bench.slot().protection, Protection::placing);
  bench.say(Kind::accepted, stop_key(1));
  EXPECT_EQ(bench.slot().protection, Protection::live);
}

TEST(PositionStopMove, AMoveRefusedAfterTheOldStopVanishedIsTriedAgainAsTheCoverItHasBecome) {
  Bench bench;
  bench.open_long();
  bench.move(9'500);
  bench.say(Kind::cancelled, stop_key(0));
  EXPECT_EQ(bench.say(Kind::rejected, stop_key(1), Errc::venue_error).count(AlertCode::stop_rejected), 1u);
  EXPECT_EQ(placed(bench.wait(200 * kMs), stop_key(2)), (Placed{{10}, {9'500}}));
}

TEST(PositionStopMove, AStopNotYetLiveIsMovedWhenItIs) {
  Bench bench;
  bench.decide(1, Side::buy, 10, false);
  bench.filled(kEntry, Side::buy, 10, 0);
  EXPECT_TRUE(bench.move(9'500).commands.empty()) << "the one under way covers soonest";
  const Sink live = bench.say(Kind::accepted, stop_key(0));
  EXPECT_EQ(placed(live, stop_key(1)), (Placed{{10}, {9'500}}));
  EXPECT_FALSE(cancels(live, stop_key(0)));
}

TEST(PositionStopMove, MovesAskedForFasterThanAnsweredAreGatheredIntoTheLast) {
  Bench bench;
  bench.open_long();
  bench.move(9'100);
  for (std::int64_t price = 9'200; price <= 9'800; price += 100) EXPECT_TRUE(bench.move(price).commands.empty());
  const Sink next = bench.say(Kind::accepted, stop_key(1));
  EXPECT_TRUE(cancels(next, stop_key(0)));
  EXPECT_EQ(placed(next, stop_key(2)), (Placed{{10}, {9'800}}));
  EXPECT_TRUE(cancels(bench.say(Kind::accepted, stop_key(2)), stop_key(1)));
}

TEST(PositionStopMove, ARefusedMoveThatWasOvertakenByAnotherLeavesTheOtherToBeTried) {
  Bench bench;
  bench.open_long();
  bench.move(9'100);
  bench.move(9'200);
  const Sink refused = bench.say(Kind::rejected, stop_key(1), Errc::venue_error);
  EXPECT_EQ(refused.count(AlertCode::stop_move_refused), 1u);
  EXPECT_EQ(placed(refused, stop_key(2)), (Placed{{10}, {9'200}}));
}

TEST(PositionStopMove, AMoveWithoutAnAnswerIsCancelledAndGivenUpOneNanosecondOnBothSides) {
  Bench bench;
  bench.open_long();
  bench.move(9'500);
  EXPECT_EQ(bench.machine.next_deadline_ns(), bench.now + kNanosPerSecond);
  EXPECT_TRUE(bench.wait(kNanosPerSecond - 1).commands.empty());
  const Sink lost = bench.wait(1);
  EXPECT_TRUE(cancels(lost, stop_key(1)));
  EXPECT_EQ(lost.count(AlertCode::stop_move_refused), 1u);
  EXPECT_EQ(bench.slot().plan.stop_price, kStop);
  EXPECT_EQ(bench.slot().knowledge, Knowledge::unknown) << "until it is proven gone";
  EXPECT_EQ(bench.slot().protection, Protection::live);
  EXPECT_TRUE(cancels(bench.wait(kNanosPerSecond), stop_key(1))) << "asked again";
  bench.say(Kind::accepted, stop_key(1));  // it was there after all, and must go: the plan has been put back
  EXPECT_EQ(bench.slot().cover(OrderPurpose::stop)->key(), stop_key(0));
  EXPECT_TRUE(bench.say(Kind::cancelled, stop_key(1)).alerts.empty());
  EXPECT_EQ(bench.slot().knowledge, Knowledge::known);
  EXPECT_TRUE(bench.wait(kNanosPerMinute).commands.empty());
}

TEST(PositionStopMove, AMoveThatNoSecondSourceConfirmsIsGivenUpAndTheOldStopWasThereAllTheWhile) {
  PositionConfig config;
  config.stop_needs_confirmation = true;
  Bench bench(config);
  bench.decide(1, Side::buy, 10, false);
  bench.filled(kEntry, Side::buy, 10, 0);
  bench.say(Kind::accepted, stop_key(0));
  bench.say(Kind::accepted, stop_key(0));
  bench.move(9'500);
  EXPECT_FALSE(cancels(bench.say(Kind::accepted, stop_key(1)), stop_key(0))) << "one source is not enough";
  EXPECT_EQ(bench.slot().protection, Protection::live);
  EXPECT_TRUE(bench.wait(1500 * kMs - 1).commands.empty());
  const Sink given_up = bench.wait(1);
  EXPECT_TRUE(cancels(given_up, stop_key(1)));
  EXPECT_EQ(given_up.count(AlertCode::stop_move_refused), 1u);
  EXPECT_EQ(bench.slot().exposure, Exposure::open);
}

TEST(PositionStopMove, AGrowingPositionsStopGoesOutAtOnceAtTheMovedPrice) {
  Bench bench;
  bench.decide(1, Side::buy, 10, false);
  bench.filled(kEntry, Side::buy, 4, 6);
  bench.say(Kind::accepted, stop_key(0));
  bench.move(9'500);  // stop 1 under way
  const Sink grown = bench.filled(kEntry, Side::buy, 6, 0);
  EXPECT_EQ(placed(grown, stop_key(2)), (Placed{{10}, {9'500}}));
  EXPECT_EQ(bench.slot().protection, Protection::replacing);
  // Refused there, the next attempt is made where a smaller one was accepted: a move must not end in a close.
  bench.say(Kind::rejected, stop_key(1), Errc::venue_error);
  bench.say(Kind::rejected, stop_key(2), Errc::venue_error);
  EXPECT_EQ(placed(bench.wait(200 * kMs), stop_key(3)), (Placed{{10}, kStop}));
  bench.say(Kind::accepted, stop_key(3));
  EXPECT_EQ(bench.slot().protection, Protection::live);
  EXPECT_EQ(bench.filled(stop_key(3), Side::sell, 10, 0, 9'000).executions[0].exit_reason, ExitReason::sl);
}

TEST(PositionStopMove, AMovedStopThatTriggersAndDoesNotFillClosesAsTrailing) {
  Bench bench;
  bench.open_long();
  bench.move(9'500);
  bench.say(Kind::accepted, stop_key(1));
  bench.say(Kind::cancelled, stop_key(0));
  bench.say(Kind::triggered, stop_key(1));
  EXPECT_TRUE(places(bench.wait(2000 * kMs), close_key(0)));
  EXPECT_EQ(bench.filled(close_key(0), Side::sell, 10, 0).executions[0].exit_reason, ExitReason::trailing);
}

TEST(PositionStopMove, ACyclesMovedStopIsNotWidenedByALeg) {
  const CycleTerms terms;
  Bench bench;
  bench.open_cycle(terms, 10'000);
  bench.move(9'300);
  bench.say(Kind::accepted, stop_key(1));
  bench.say(Kind::cancelled, stop_key(0));
  bench.add(1, terms);
  EXPECT_EQ(placed(bench.filled(leg_key(1), Side::buy, 10, 0, 9'600), stop_key(2)), (Placed{{20}, {9'300}})) << "not 8 820";
  bench.say(Kind::accepted, stop_key(2));
  EXPECT_EQ(bench.filled(stop_key(2), Side::sell, 20, 0, 9'300).executions[0].exit_reason, ExitReason::trailing);
}

TEST(PositionStopMove, AnAveragesStopBeyondAMovedOneTakesItsPlace) {
  const CycleTerms terms;
  Bench bench;
  bench.open_cycle(terms, 10'000);
  bench.move(9'050);
  bench.say(Kind::accepted, stop_key(1));
  bench.add(1, terms);
  bench.filled(leg_key(1), Side::buy, 10, 0, 10'200);
  EXPECT_EQ(bench.slot().plan.stop_price, Price{9'090});
  EXPECT_FALSE(bench.slot().plan.moved);
}

TEST(PositionStopMove, ACycleWhoseMoveIsRefusedWhereTheOldStopLosesTooMuchIsClosed) {
  CycleTerms terms;
  terms.levels = 2;
  terms.worst_average = {9'700};  // 19 400 admitted
  Bench bench;
  bench.open_cycle(terms, 9'700);  // stop 8 730
  bench.add(1, terms);
  bench.filled(leg_key(1), Side::buy, 5, 5, 10'032);
  bench.say(Kind::accepted, stop_key(1));  // 15 at 8 830
  bench.part(50'000'000);
  bench.filled(close_key(0), Side::sell, 7, 0, 8'500);  // loses 9 174.6: 10 225 are left
  bench.filled(leg_key(1), Side::buy, 5, 0, 10'032);    // 13 held: covered by the 15, but not within what is left
  EXPECT_GT(bench.slot().plan.stop_price, Price{8'830});
  const Sink refused = bench.say(Kind::rejected, stop_key(2), Errc::venue_error);
  EXPECT_EQ(refused.count(AlertCode::stop_move_refused), 1u);
  EXPECT_EQ(refused.count(AlertCode::stop_failed), 1u);
  EXPECT_TRUE(places(refused, close_key(1)));
  EXPECT_EQ(bench.slot().protection, Protection::live);
}

TEST(PositionStopMove, MovesEndBeforeTheNumbersThatQuantityWithoutCoverNeeds) {
  Bench bench;
  bench.decide(1, Side::buy, 11, false);
  bench.filled(kEntry, Side::buy, 10, 1);
  bench.say(Kind::accepted, stop_key(0));
  for (int k = 1; k < 200; ++k) {
    ASSERT_EQ(placed(bench.move(9'000 + k), stop_key(static_cast<std::uint8_t>(k))).price, Price{9'000 + k});
    bench.say(Kind::accepted, stop_key(static_cast<std::uint8_t>(k)));
    bench.say(Kind::cancelled, stop_key(static_cast<std::uint8_t>(k - 1)));
  }
  const Sink over = bench.move(9'300);
  EXPECT_TRUE(over.commands.empty());
  EXPECT_EQ(over.count(AlertCode::stop_move_refused), 1u);
  EXPECT_EQ(bench.slot().plan.stop_price, Price{9'199});
  EXPECT_EQ(bench.slot().exposure, Exposure::open);
  EXPECT_EQ(placed(bench.filled(kEntry, Side::buy, 1, 0), stop_key(200)), (Placed{{11}, {9'199}})) << "growth still finds one";
}

}  // namespace stop_move_test
}  // namespace martinet

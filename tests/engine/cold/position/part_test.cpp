// Closing a part: one reduce-only order for what the lot allows, asked once; stop and target stay on, a full exit wins.
#include "tests/engine/cold/position/bench.hpp"

namespace martinet {
namespace part_test {
using namespace position_test;
using Kind = VenueEventKind;

constexpr std::int64_t kHalf = kRateUnit / 2;

TEST(PositionPart, IsOneReduceOnlyMarketOrderRoundedDownToTheLot) {
  Bench bench({}, {.reduce_only = true}, {1}, {3}, {3});
  bench.open_long(21);
  const Sink sink = bench.part(kHalf);
  ASSERT_EQ(sink.commands.size(), 1u) << "stop and target stay";
  const OrderRequest& order = sink.commands[0];
  EXPECT_EQ(order.key, close_key(0));
  EXPECT_EQ(order.type, OrderType::market);
  EXPECT_EQ(order.side, Side::sell);
  EXPECT_EQ(order.qty, Qty{9}) << "10.5, down to lots of 3";
  EXPECT_EQ(order.reduce_only, 1);
  EXPECT_EQ(bench.slot().exposure, Exposure::open);
  bench.say(Kind::accepted, close_key(0));
  const Sink filled = bench.filled(close_key(0), Side::sell, 9, 0, 10'500);
  EXPECT_TRUE(filled.commands.empty());
  EXPECT_EQ(filled.executions[0].exit_reason, ExitReason::partial);
  EXPECT_EQ(filled.views.back().qty, Qty{12});
  EXPECT_EQ(filled.views.back().exposure, Exposure::open);
  EXPECT_EQ(filled.views.back().entry_price, kReference);
  EXPECT_EQ(bench.slot().protection, Protection::live);
  EXPECT_EQ(bench.machine.counters().parts_placed, 1u);
  EXPECT_EQ(bench.machine.counters().closes_placed, 0u);
  EXPECT_EQ(bench.part(kHalf).commands[0].qty, Qty{6}) << "of what is open now, by the next number";
}

TEST(PositionPart, BelowALotOrTheVenuesMinimumNothingIsSentAndItIsCounted) {
  Bench bench({}, {.reduce_only = true}, {1}, {1}, {3});
  bench.open_long(10);
  EXPECT_TRUE(bench.part(9'999'999).commands.empty()) << "0.9999999";
  EXPECT_TRUE(bench.part(29'999'999).commands.empty()) << "2, below 3";
  EXPECT_EQ(bench.machine.counters().parts_too_small, 2u);
  EXPECT_EQ(bench.part(30'000'000).commands[0].qty, Qty{3});
}

TEST(PositionPart, OnlyAFractionOnlyTheOwnerOnlyWhileOpen) {
  Bench bench;
  EXPECT_TRUE(bench.part(kHalf).commands.empty());
  bench.decide(1, Side::buy, 10);
  EXPECT_TRUE(bench.part(kHalf).commands.empty());
  EXPECT_TRUE(bench.part(kHalf, kNoStrategy).commands.empty()) << "there is no part of an entry under way";
  bench.filled(kEntry, Side::buy, 10, 0);
  EXPECT_TRUE(bench.part(0).commands.empty());
  EXPECT_TRUE(bench.part(-1).commands.empty());
  EXPECT_TRUE(bench.part(kRateUnit).commands.empty()) << "that is an exit";
  EXPECT_TRUE(bench.part(INT64_MAX).commands.empty());
  EXPECT_TRUE(bench.part(kHalf, 4).commands.empty());
  EXPECT_EQ(bench.machine.counters().exits_ignored, 8u);
  EXPECT_EQ(bench.part(kRateUnit - 1).commands[0].qty, Qty{9});
  EXPECT_TRUE(bench.part(kHalf).commands.empty()) << "one closing order at a time";
  EXPECT_EQ(bench.machine.counters().exits_ignored, 9u);
}

TEST(PositionPart, ARefusedPartIsNotTriedAgain) {
  Bench bench;
  bench.open_long();
  bench.part(kHalf);
  const Sink refused = bench.say(Kind::rejected, close_key(0), Errc::venue_error);
  EXPECT_EQ(refused.count(AlertCode::part_refused), 1u);
  EXPECT_FALSE(is_urgent(AlertCode::part_refused));
  EXPECT_EQ(refused.alerts.size(), 1u);
  EXPECT_TRUE(bench.wait(kNanosPerMinute).commands.empty());
  EXPECT_EQ(bench.slot().exposure, Exposure::open);
  EXPECT_TRUE(places(bench.part(kHalf), close_key(1))) << "the strategy asks again, at once if it likes";
}

TEST(PositionPart, AnUnansweredPartIsCancelledAndOverWhenItIsProvenGone) {
  Bench bench;
  bench.open_long();
  bench.part(kHalf);
  EXPECT_TRUE(bench.wait(kNanosPerSecond - 1).commands.empty());
  const Sink stuck = bench.wait(1);
  EXPECT_TRUE(cancels(stuck, close_key(0)));
  EXPECT_TRUE(bench.part(kHalf).commands.empty()) << "it may still fill";
  EXPECT_EQ(bench.say(Kind::cancel_refused, close_key(0), Errc::unknown_order).count(AlertCode::part_refused), 1u);
  EXPECT_TRUE(bench.wait(kNanosPerMinute).commands.empty());
  EXPECT_EQ(bench.slot().exposure, Exposure::open);
  EXPECT_EQ(bench.machine.counters().parts_refused, 1u);
}

TEST(PositionPart, AFullExitWaitsForThePartAndClosesTheRest) {
  Bench bench;
  bench.open_long();
  bench.part(kHalf);
  const Sink exit = bench.exit();
  EXPECT_TRUE(exit.commands.empty()) << "one closing order at a time";
  EXPECT_EQ(bench.slot().exposure, Exposure::closing);
  const Sink filled = bench.filled(close_key(0), Side::sell, 5, 0);
  EXPECT_EQ(filled.executions[0].exit_reason, ExitReason::partial);
  EXPECT_EQ(find(filled, OrderAction::place, close_key(1))->qty, Qty{5});
  EXPECT_EQ(bench.filled(close_key(1), Side::sell, 5, 0).executions[0].exit_reason, ExitReason::signal);
}

TEST(PositionPart, AFullExitGoesOutAtOnceWhenThePartItWaitsForIsRefusedOrGone) {
  for (const Kind kind : {Kind::rejected, Kind::cancelled}) {
    Bench bench;
    bench.open_long();
    bench.part(kHalf);
    bench.exit();
    const Sink sink = bench.say(kind, close_key(0), Errc::venue_error);
    EXPECT_EQ(find(sink, OrderAction::place, close_key(1))->qty, Qty{10}) << "no wait: it was not this close that was refused";
    EXPECT_EQ(sink.count(AlertCode::close_rejected), 0u);
  }
}

TEST(PositionPart, AFullExitBehindAStuckPartCancelsItAndWaitsForTheProof) {
  Bench bench;
  bench.open_long();
  bench.part(kHalf);
  bench.wait(500 * kMs);
  bench.exit();
  const Sink stuck = bench.wait(500 * kMs);
  EXPECT_TRUE(cancels(stuck, close_key(0)));
  EXPECT_FALSE(places(stuck, close_key(1)));
  EXPECT_EQ(find(bench.say(Kind::cancelled, close_key(0)), OrderAction::place, close_key(1))->qty, Qty{10});
}

TEST(PositionPart, TheStopMayFireWhileThePartIsUnderWay) {
  Bench bench;
  bench.open_long();
  bench.part(kHalf);
  const Sink fired = bench.filled(stop_key(0), Side::sell, 10, 0, 9'000);
  EXPECT_EQ(fired.executions[0].exit_reason, ExitReason::sl);
  EXPECT_TRUE(cancels(fired, close_key(0)));
  bench.say(Kind::rejected, close_key(0), Errc::reduce_only_refused);
  bench.say(Kind::cancelled, target_key(0));
  EXPECT_EQ(bench.slot().exposure, Exposure::flat);
  EXPECT_EQ(bench.alerts(AlertCode::part_refused), 0u) << "nothing was open any more";
}

TEST(PositionPart, StopAndPartShareWhatIsOpen) {
  Bench bench;
  bench.open_long();
  bench.part(kHalf);
  bench.filled(close_key(0), Side::sell, 5, 0, 9'100);
  const Sink fired = bench.filled(stop_key(0), Side::sell, 5, 5, 9'000);  // the venue clamps: reduce-only
  EXPECT_EQ(bench.slot().basis.qty, Qty{0});
  EXPECT_TRUE(cancels(fired, stop_key(0))) << "its rest must not wait for the next position";
  EXPECT_EQ(bench.machine.balance(), (Money{10'000 * kMoneyUnit - 5 * 900 - 5 * 1'000}));
}

TEST(PositionPart, APartsFillThatComesBeforeTheLegItTookFromKeepsItsReason) {
  const CycleTerms terms;
  Bench bench;
  bench.open_cycle(terms, 10'000);
  bench.part(90'000'000);
  bench.add(1, terms);
  bench.exit();
  // The part took nine of twenty at the venue; the stop took eleven, and that reaches us first.
  const Sink early = bench.filled(stop_key(0), Side::sell, 10, 0, 9'000);
  EXPECT_EQ(early.executions.size(), 1u);
  EXPECT_TRUE(bench.filled(close_key(0), Side::sell, 9, 0, 9'100).executions.empty());
  const Sink leg = bench.filled(leg_key(1), Side::buy, 10, 0, 9'500);
  ASSERT_EQ(leg.executions.size(), 2u);
  EXPECT_EQ(leg.executions[1].exit_reason, ExitReason::partial);
  EXPECT_EQ(bench.slot().basis.qty, Qty{1});
}

TEST(PositionPart, PartsEndBeforeTheNumbersThatAFullCloseNeeds) {
  Bench bench;
  bench.open_long(1'000'000);
  for (int k = 0; k < 128; ++k) {
    ASSERT_TRUE(places(bench.part(1'000'000), close_key(static_cast<std::uint8_t>(k)))) << k;
    bench.say(Kind::rejected, close_key(static_cast<std::uint8_t>(k)), Errc::venue_error);
  }
  EXPECT_TRUE(bench.part(1'000'000).commands.empty());
  EXPECT_TRUE(places(bench.exit(), close_key(128)));
}

TEST(PositionPart, PartsOfPartsAddUpToTheWhole) {
  Bench bench;
  bench.open_long(100);
  std::int64_t cash = 0;
  bench.part(kHalf);
  bench.filled(close_key(0), Side::sell, 50, 0, 10'200);
  cash += 50 * 200;
  EXPECT_EQ(bench.part(40'000'000).commands[0].qty, Qty{20});
  bench.filled(close_key(1), Side::sell, 20, 0, 10'401);
  cash += 20 * 401;
  bench.filled(stop_key(0), Side::sell, 30, 70, 9'000);
  cash -= 30 * 1'000;
  EXPECT_EQ(bench.machine.balance(), (Money{10'000 * kMoneyUnit + cash}));
  EXPECT_EQ(bench.machine.ledger(3).price_pnl, Money{cash});
  EXPECT_EQ(bench.machine.ledger(3).trades, 1u);
}

}  // namespace part_test
}  // namespace martinet

// Every reason for which an order is refused, on both sides of its bound; and what a full venue does.
#include <gtest/gtest.h>

#include "tests/adapters/paper/paper_kit.hpp"

namespace martinet::refusal_test {

using namespace paper_kit;
using Type = OrderType;

struct PaperRefusal : testing::Test {
  PaperRefusal() {
    kit.trade(100'00, 1);
    kit.trade(100'00, 1, Side::none, Kit::kSpot);
  }
  InstrumentRules& rules() { return kit.table.mutable_row(Kit::kContract).rules; }
  Kit kit;
};

TEST_F(PaperRefusal, SaysWhatItRefusesAndChangesNothing) {
  const auto said = kit.send(Kit::reducing(kit.market(Side::sell, 100)));
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].kind, VenueEventKind::rejected);
  EXPECT_EQ(said[0].reason, Errc::reduce_only_refused);
  EXPECT_EQ(said[0].leaves_qty, Qty{100});
  EXPECT_EQ(said[0].venue_order_id, 0U);
  EXPECT_EQ(said[0].strategy, 7);
  EXPECT_EQ(kit.balance(), 10'000 * kMoneyUnit);
  EXPECT_EQ(kit.venue->counters().rejects, 1U);
}

TEST_F(PaperRefusal, UnknownInstrument) {
  OrderRequest order = kit.market(Side::buy, 100);
  order.instrument = 2;
  EXPECT_EQ(kit.refusal(order), Errc::unknown_symbol);
  order.instrument = kNoInstrument;
  EXPECT_EQ(kit.refusal(order), Errc::unknown_symbol);
}

TEST_F(PaperRefusal, LotMinimumAndMaximum) {
  rules().lot_size = {10};
  rules().qty_min = {50};
  EXPECT_EQ(kit.refusal(kit.market(Side::buy, 0)), Errc::filter_qty);
  EXPECT_EQ(kit.refusal(kit.market(Side::buy, -100)), Errc::filter_qty);
  EXPECT_EQ(kit.refusal(kit.market(Side::buy, 105)), Errc::filter_qty);
  EXPECT_EQ(kit.refusal(kit.market(Side::buy, 40)), Errc::filter_qty);
  EXPECT_EQ(kit.refusal(kit.market(Side::buy, 50)), Errc::ok);
  EXPECT_EQ(kit.refusal(kit.market(Side::buy, 100'010)), Errc::filter_qty);
  EXPECT_EQ(kit.refusal(kit.market(Side::buy, 100'000)), Errc::ok);
  rules().qty_max = {0};  // no limit
  EXPECT_EQ(kit.refusal(kit.market(Side::buy, 100'010)), Errc::ok);
}

TEST_F(PaperRefusal, PricesOffTheTickOrMissing) {
  EXPECT_EQ(kit.refusal(kit.limit(Side::buy, 100, 99'05)), Errc::filter_price);
  EXPECT_EQ(kit.refusal(kit.limit(Side::buy, 100, 0)), Errc::filter_price);
  EXPECT_EQ(kit.refusal(kit.limit(Side::buy, 100, -10)), Errc::filter_price);
  EXPECT_EQ(kit.refusal(kit.limit(Side::buy, 100, kNoPrice.v)), Errc::filter_price);
  EXPECT_EQ(kit.refusal(kit.trigger(Type::stop_market, Side::buy, 100, 101'05, false)), Errc::filter_price);
  EXPECT_EQ(kit.refusal(kit.trigger(Type::stop_market, Side::buy, 100, kNoPrice.v, false)), Errc::filter_price);
  OrderRequest target = kit.trigger(Type::take_profit_limit, Side::buy, 100, 99'00, false);
  EXPECT_EQ(kit.refusal(target), Errc::filter_price);
  target.price = {99'00};
  EXPECT_EQ(kit.refusal(target), Errc::ok);
}

TEST_F(PaperRefusal, NotionalBelowTheMinimumUnlessItReduces) {
  rules().notional_min = {10 * kMoneyUnit};
  EXPECT_EQ(kit.refusal(kit.market(Side::buy, 99)), Errc::filter_notional);
  EXPECT_EQ(kit.refusal(kit.market(Side::buy, 100)), Errc::ok);
  EXPECT_EQ(kit.refusal(kit.limit(Side::buy, 100, 99'90)), Errc::filter_notional);
  EXPECT_EQ(kit.refusal(Kit::reducing(kit.market(Side::sell, 10))), Errc::ok);
}

TEST_F(PaperRefusal, HaltedAndCloseOnly) {
  kit.send(kit.market(Side::buy, 100));
  rules().status = TradingStatus::halted;
  EXPECT_EQ(kit.refusal(Kit::reducing(kit.market(Side::sell, 50))), Errc::instrument_halted);
  rules().status = TradingStatus::close_only;
  EXPECT_EQ(kit.refusal(kit.market(Side::buy, 50)), Errc::instrument_halted);
  EXPECT_EQ(kit.refusal(Kit::reducing(kit.market(Side::sell, 50))), Errc::ok);
  kit.send(Kit::on_spot(kit.market(Side::buy, 100)));
  kit.table.mutable_row(Kit::kSpot).rules.status = TradingStatus::close_only;
  EXPECT_EQ(kit.refusal(Kit::on_spot(kit.market(Side::buy, 50))), Errc::instrument_halted);
  EXPECT_EQ(kit.refusal(Kit::on_spot(kit.market(Side::sell, 50))), Errc::ok);
}

TEST_F(PaperRefusal, InverseContractsAndOrdersWithoutASide) {
  EXPECT_EQ(kit.refusal(kit.market(Side::none, 100)), Errc::unsupported_order);
  kit.table.mutable_row(Kit::kContract).kind = ContractKind::inverse;
  EXPECT_EQ(kit.refusal(kit.market(Side::buy, 100)), Errc::unsupported_order);
}

TEST_F(PaperRefusal, ReduceOnlyOnTheWrongSideOrFlat) {
  EXPECT_EQ(kit.refusal(kit.trigger(Type::stop_market, Side::sell, 100, 99'00)), Errc::reduce_only_refused);
  kit.send(kit.market(Side::sell, 100));
  EXPECT_EQ(kit.refusal(kit.trigger(Type::stop_market, Side::sell, 100, 99'00)), Errc::reduce_only_refused);
  EXPECT_EQ(kit.refusal(kit.trigger(Type::stop_market, Side::buy, 100, 101'00)), Errc::ok);
}

TEST_F(PaperRefusal, AKeyIsTakenOnce) {
  const OrderRequest resting = kit.limit(Side::buy, 100, 99'00);
  EXPECT_EQ(kit.refusal(resting), Errc::ok);
  EXPECT_EQ(kit.refusal(resting), Errc::duplicate_order);
  kit.send(Kit::cancel(resting));
  EXPECT_EQ(kit.refusal(resting), Errc::duplicate_order);
  const OrderRequest filled = kit.market(Side::buy, 100);
  EXPECT_EQ(kit.refusal(filled), Errc::ok);
  EXPECT_EQ(kit.refusal(filled), Errc::duplicate_order);
  EXPECT_EQ(kit.position(), 100);
  OrderRequest next = filled;
  next.key.attempt = 1;
  EXPECT_EQ(kit.refusal(next), Errc::ok);
}

TEST_F(PaperRefusal, ARefusedKeyMayComeAgain) {
  const OrderRequest order = Kit::reducing(kit.market(Side::sell, 100));
  EXPECT_EQ(kit.refusal(order), Errc::reduce_only_refused);
  kit.send(kit.market(Side::buy, 100));
  EXPECT_EQ(kit.refusal(order), Errc::ok);
}

TEST_F(PaperRefusal, DoneKeysAreForgottenOldestFirst) {
  const OrderRequest first = kit.market(Side::buy, 20);
  kit.send(first);
  for (std::size_t i = 1; i < capacity::paper_done_keys_max; ++i) kit.send(kit.market(i % 2 == 0 ? Side::buy : Side::sell, 20));
  EXPECT_EQ(kit.refusal(first), Errc::duplicate_order);
  kit.send(kit.market(Side::buy, 20));
  EXPECT_EQ(kit.refusal(first), Errc::ok);
}

TEST_F(PaperRefusal, MarginOfContractsOnBothSidesOfTheBound) {
  // 100 * 1000 lots = 100000 notional: 10000 margin + 60 fee is more than 10000; with 10060 it is just covered.
  rules().qty_max = {0};
  EXPECT_EQ(kit.refusal(kit.market(Side::buy, 1'000'000)), Errc::insufficient_balance);
  for (const std::int64_t missing : {1, 0}) {
    PaperConfig config = plain_config();
    config.initial_balance = {10'060 * kMoneyUnit - missing};
    Kit other(config);
    other.table.mutable_row(Kit::kContract).rules.qty_max = {0};
    other.trade(100'00, 1);
    EXPECT_EQ(other.refusal(other.market(Side::buy, 1'000'000)), missing == 1 ? Errc::insufficient_balance : Errc::ok);
  }
}

TEST_F(PaperRefusal, CostAndFeeOfSpotOnBothSidesOfTheBound) {
  for (const std::int64_t missing : {1, 0}) {
    PaperConfig config = plain_config();
    config.initial_balance = {1'001 * kMoneyUnit - missing};  // 1000 + 0.1 %
    Kit other(config);
    other.trade(100'00, 1, Side::none, Kit::kSpot);
    EXPECT_EQ(other.refusal(Kit::on_spot(other.market(Side::buy, 10'000))), missing == 1 ? Errc::insufficient_balance : Errc::ok);
  }
  EXPECT_EQ(kit.refusal(Kit::on_spot(kit.market(Side::sell, 100))), Errc::insufficient_balance);  // nothing held, no shorting
}

TEST_F(PaperRefusal, WhatClosesNeedsNoMargin) {
  kit.send(kit.market(Side::buy, 99'000));
  PaperConfig config = plain_config();
  config.initial_balance = {1'006 * kMoneyUnit};
  Kit poor(config);
  poor.trade(100'00, 1);
  EXPECT_EQ(poor.refusal(poor.market(Side::buy, 100'000)), Errc::ok);  // all of the margin
  EXPECT_EQ(poor.venue->account().free(), Money{});
  EXPECT_EQ(poor.refusal(poor.market(Side::buy, 100)), Errc::insufficient_balance);
  EXPECT_EQ(poor.refusal(Kit::reducing(poor.market(Side::sell, 100))), Errc::ok);
}

TEST_F(PaperRefusal, ANotionalThatDoesNotFit) {
  rules().qty_max = {0};
  EXPECT_EQ(kit.refusal(kit.market(Side::buy, std::int64_t{1} << 60)), Errc::overflow);
}

TEST_F(PaperRefusal, TooManyOpenOrders) {
  for (std::size_t i = 0; i < capacity::paper_orders_max; ++i) ASSERT_EQ(kit.refusal(kit.limit(Side::buy, 20, 90'00)), Errc::ok);
  EXPECT_EQ(kit.refusal(kit.limit(Side::buy, 20, 90'00)), Errc::too_many_orders);
  EXPECT_EQ(kit.refusal(kit.market(Side::buy, 20)), Errc::ok);  // a market order never rests
  OrderRequest first = kit.limit(Side::buy, 20, 90'00);
  first.key.intent_id = 1;
  EXPECT_EQ(kit.send(Kit::cancel(first))[0].kind, VenueEventKind::cancelled);
  EXPECT_EQ(kit.refusal(kit.limit(Side::buy, 20, 90'00)), Errc::ok);
}

TEST_F(PaperRefusal, RequestsBeyondTheQueueAreRefusedNotLost) {
  PaperConfig config = plain_config();
  config.order_latency_ns = 1'000'000;
  Kit slow(config);
  slow.trade(100'00, 1);
  const std::size_t extra = 10;
  for (std::size_t i = 0; i < capacity::paper_requests_max + extra; ++i) slow.submit(slow.market(i % 2 == 0 ? Side::buy : Side::sell, 20));
  EXPECT_EQ(slow.venue->counters().requests_dropped, extra);
  slow.now += 2'000'000;
  const auto said = slow.news();
  ASSERT_EQ(said.size(), capacity::paper_requests_max + extra);
  for (std::size_t i = 0; i < said.size(); ++i) {
    EXPECT_EQ(said[i].kind, i < extra ? VenueEventKind::rejected : VenueEventKind::filled);
    EXPECT_EQ(said[i].reason, i < extra ? Errc::too_many_orders : Errc::ok);
  }
}

TEST_F(PaperRefusal, UntakenEventsPutMatchingOffInsteadOfOverflowing) {
  PaperConfig config = plain_config();
  config.initial_balance = {1'000'000'000 * kMoneyUnit};
  config.event_latency_ns = 1'000'000'000;
  Kit slow(config);
  slow.trade(100'00, 1);
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 1'000; ++i) slow.submit(slow.market(i % 2 == 0 ? Side::buy : Side::sell, 20));
    slow.trade(100'00, 1);
  }
  EXPECT_GT(slow.venue->counters().deferred, 0U);
  slow.now += 4'000'000'000;
  std::size_t fills = 0;
  for (const VenueEvent& event : slow.news()) fills += event.kind == VenueEventKind::filled ? 1U : 0U;
  EXPECT_EQ(fills + slow.venue->counters().requests_dropped, 10'000U);
  EXPECT_EQ(slow.venue->counters().fills, fills);
}

}  // namespace martinet::refusal_test

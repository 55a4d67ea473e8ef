// Stops and targets that the venue places itself: when, for how much, how they are told, how they end.
#include <gtest/gtest.h>

#include <string>

#include "tests/adapters/paper/paper_kit.hpp"

namespace martinet::protection_test {

using namespace paper_kit;
using Kind = VenueEventKind;

PaperConfig dialect(AttachStop attach) {
  PaperConfig config = plain_config();
  config.attach = attach;
  return config;
}
OrderRequest entry(OrderRequest order, std::int64_t stop = 98'00, std::int64_t target = 103'00) {
  order.stop_price = {stop};
  order.target_price = {target};
  return order;
}

/// kind, leg and quantity of each event, short enough to compare whole stories.
std::string told(const std::vector<VenueEvent>& events) {
  std::string out;
  for (const VenueEvent& event : events) {
    const Qty qty = event.kind == Kind::filled ? event.fill_qty : event.leaves_qty;
    out += std::string(out.empty() ? "" : ", ") + std::string(name_of(event.kind)) + ' ' + std::string(name_of(event.key.leg)) + ' ' +
           std::to_string(qty.v);
  }
  return out;
}

struct PaperProtection : testing::TestWithParam<AttachStop> {
  PaperProtection() {
    kit.trade(100'00, 1);
    kit.book({{100'00, 500}}, {{100'10, 40}, {100'20, 60}, {100'30, 500}});
  }
  Kit kit{dialect(GetParam())};
};
struct PaperAttached : PaperProtection {};

TEST_P(PaperProtection, IsPlacedAtTheMomentOfMatching) {
  const OrderRequest order = entry(kit.market(Side::buy, 100));
  const auto said = kit.send(order);
  switch (GetParam()) {
    case AttachStop::none:
      EXPECT_EQ(told(said), "filled entry 40, filled entry 60");
      break;
    case AttachStop::on_full_fill:
      EXPECT_EQ(told(said), "filled entry 40, filled entry 60, accepted stop 100, accepted target 100");
      break;
    case AttachStop::on_each_fill:
    case AttachStop::position_attribute:
      EXPECT_EQ(told(said),
                "filled entry 40, accepted stop 40, accepted target 40, filled entry 60, accepted stop 100, accepted target 100");
      break;
  }
  for (const VenueEvent& event : said) {
    EXPECT_EQ(event.ts_exchange_ns, said[0].ts_exchange_ns);
    EXPECT_EQ(event.key.intent_id, order.key.intent_id);
    EXPECT_EQ(event.key.attempt, 0);
    EXPECT_EQ(event.strategy, 7);
    EXPECT_EQ(event.side, event.kind == Kind::accepted ? Side::sell : Side::buy);
  }
  EXPECT_EQ(kit.venue->capabilities().attach, GetParam());
  EXPECT_EQ(kit.venue->counters().attached, GetParam() == AttachStop::none ? 0U : 2U);
}

TEST_P(PaperProtection, OfAPartThatFillsAndIsThenCancelled) {
  const OrderRequest order = entry(kit.limit(Side::buy, 100, 100'10));
  EXPECT_EQ(told(kit.send(order)).substr(0, 35), "accepted entry 100, filled entry 40");
  kit.send(Kit::cancel(order));
  const bool bare = GetParam() == AttachStop::none || GetParam() == AttachStop::on_full_fill;
  EXPECT_EQ(kit.venue->open_order_count(), bare ? 0U : 2U);
}

TEST_P(PaperAttached, TheStopFiresAndTheTargetEndsWithThePosition) {
  kit.send(entry(kit.market(Side::buy, 100)));
  kit.book({{97'90, 500}}, {{98'20, 500}});
  EXPECT_TRUE(kit.news().empty());
  kit.trade(98'00, 1);
  EXPECT_EQ(told(kit.news()), "triggered stop 100, filled stop 100, cancelled target 100");
  EXPECT_EQ(kit.position(), 0);
  EXPECT_EQ(kit.venue->open_order_count(), 0U);
}

TEST_P(PaperAttached, AClosedPositionTakesBothWithIt) {
  kit.send(entry(kit.market(Side::buy, 100)));
  OrderRequest close = Kit::reducing(kit.market(Side::sell, 100));
  close.key.leg = OrderPurpose::close;
  const auto said = kit.send(close);
  EXPECT_EQ(told(said), "filled close 100, cancelled stop 100, cancelled target 100");
  EXPECT_EQ(said[1].reason, Errc::reduce_only_refused);
}

TEST_P(PaperAttached, ACancelledStopIsNotAttachedAgain) {
  const OrderRequest order = entry(kit.market(Side::buy, 100));
  kit.send(order);
  OrderRequest stop = order;
  stop.key.leg = OrderPurpose::stop;
  EXPECT_EQ(told(kit.send(Kit::cancel(stop))), "cancelled stop 100");
  OrderRequest leg = entry(kit.market(Side::buy, 50));
  leg.key = order.key;
  leg.key.attempt = 1;
  EXPECT_EQ(told(kit.send(leg)).find("stop"), std::string::npos);
}

TEST_P(PaperAttached, ALaterLegOfTheSameIntentMakesItGrowAndMovesIt) {
  const OrderRequest order = entry(kit.market(Side::buy, 40));
  kit.send(order);
  OrderRequest leg = entry(kit.market(Side::buy, 30), 97'00);
  leg.key = order.key;
  leg.key.attempt = 1;
  kit.send(leg);
  OrderRequest query = order;
  query.action = OrderAction::query_order;
  query.key.leg = OrderPurpose::stop;
  const auto said = kit.send(query);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].kind, Kind::order_open);
  EXPECT_EQ(said[0].leaves_qty, Qty{70});
  EXPECT_EQ(said[0].fill_price, Price{97'00});
}

TEST_P(PaperProtection, AnEntryWhosePlanTheVenueWouldNotTakeIsRefused) {
  const bool attaches = GetParam() != AttachStop::none;
  EXPECT_EQ(kit.refusal(entry(kit.market(Side::buy, 10), 98'05)), attaches ? Errc::filter_price : Errc::ok);
  EXPECT_EQ(kit.refusal(entry(kit.market(Side::buy, 10), 100'00)), attaches ? Errc::would_trigger : Errc::ok);  // the bid
  EXPECT_EQ(kit.refusal(entry(kit.market(Side::buy, 10), 99'90)), Errc::ok);
  EXPECT_EQ(kit.refusal(entry(kit.market(Side::buy, 10), 98'00, 100'00)), attaches ? Errc::would_trigger : Errc::ok);
}

INSTANTIATE_TEST_SUITE_P(Dialects, PaperAttached,
                         testing::Values(AttachStop::on_full_fill, AttachStop::on_each_fill, AttachStop::position_attribute));
INSTANTIATE_TEST_SUITE_P(Dialects, PaperProtection,
                         testing::Values(AttachStop::none, AttachStop::on_full_fill, AttachStop::on_each_fill,
                                         AttachStop::position_attribute));

TEST(PaperAttach, AStopThatTheMarketHasPassedMeanwhileIsRefusedAloud) {
  Kit kit(dialect(AttachStop::on_each_fill));
  kit.trade(100'00, 1);
  OrderRequest order = entry(kit.limit(Side::buy, 100, 99'00), 98'00);
  kit.send(order);
  kit.trade(97'00, 1);
  const auto said = kit.news();
  EXPECT_EQ(told(said), "filled entry 100, rejected stop 100, accepted target 100");
  EXPECT_EQ(said[1].reason, Errc::would_trigger);
}

TEST(PaperAttach, AttributesCoverThePositionWhateverItIs) {
  Kit kit(dialect(AttachStop::position_attribute));
  kit.trade(100'00, 1);
  kit.send(entry(kit.market(Side::buy, 100)));
  EXPECT_EQ(told(kit.send(Kit::reducing(kit.market(Side::sell, 30)))), "filled entry 30");
  kit.trade(98'00, 1);
  EXPECT_EQ(told(kit.news()), "triggered stop 70, filled stop 70, cancelled target 70");
}

TEST(PaperAttach, ANewerAttributeReplacesTheOlderAndARefusedOneDoesNot) {
  Kit kit(dialect(AttachStop::position_attribute));
  kit.trade(100'00, 1);
  const OrderRequest order = entry(kit.market(Side::buy, 100));
  kit.send(order);
  OrderRequest stop = kit.trigger(OrderType::stop_market, Side::sell, 10, 99'00);
  stop.key = {order.key.intent_id, OrderPurpose::stop, 1, {}};
  const auto said = kit.send(stop);
  EXPECT_EQ(told(said), "accepted stop 100, cancelled stop 100");  // all of the position, whatever its quantity said
  EXPECT_EQ(said[0].key.attempt, 1);
  EXPECT_EQ(said[1].key.attempt, 0);
  EXPECT_EQ(said[1].reason, Errc::ok);
  stop.key.attempt = 2;
  stop.trigger_price = {100'00};
  EXPECT_EQ(kit.refusal(stop), Errc::would_trigger);
  EXPECT_EQ(kit.venue->open_order_count(), 2U);
}

TEST(PaperAttach, ShortsAreProtectedTheOtherWayRound) {
  Kit kit(dialect(AttachStop::on_full_fill));
  kit.trade(100'00, 1);
  kit.send(entry(kit.market(Side::sell, 100), 102'00, 97'00));
  kit.trade(97'00, 1);
  EXPECT_EQ(told(kit.news()), "triggered target 100, filled target 100, cancelled stop 100");
  EXPECT_EQ(kit.venue->account().pnl_total(), Money{30'000'000});
}

TEST(PaperAttach, ATargetOfTheSameBarIsNotInTime) {
  Kit kit(dialect(AttachStop::on_full_fill));
  kit.bar(100'00, 100'00, 100'00, 100'00);
  kit.send(entry(kit.limit(Side::buy, 100, 99'00), 90'00, 103'00));
  kit.bar(100'00, 104'00, 98'00, 100'00);
  EXPECT_EQ(told(kit.news()), "filled entry 100, accepted stop 100, accepted target 100");
  kit.bar(100'00, 104'00, 98'00, 100'00);
  EXPECT_EQ(kit.position(), 0);
}

TEST(PaperAttach, OnSpotTheStopCoversWhatTheCommissionLeftAndLocksItFromTheTarget) {
  PaperConfig config = dialect(AttachStop::on_full_fill);
  config.stop_locks_asset = true;
  config.spot_fee_asset = SpotFeeAsset::base;
  Kit kit(config);
  kit.trade(100'00, 1, Side::none, Kit::kSpot);
  const auto said = kit.send(entry(Kit::on_spot(kit.market(Side::buy, 1'000))));
  ASSERT_EQ(said.size(), 3U);
  EXPECT_EQ(said[1].leaves_qty, Qty{999});
  EXPECT_EQ(said[2].kind, Kind::rejected);
  EXPECT_TRUE(kit.venue->capabilities().balances == false);  // this table has a contract too
}

TEST(PaperManners, WaitingOrdersOfAnInstrumentAreCounted) {
  PaperConfig config = plain_config();
  config.trigger_orders_max = 2;
  Kit kit(config);
  kit.trade(100'00, 1);
  const OrderRequest first = kit.trigger(OrderType::stop_market, Side::buy, 100, 105'00, false);
  EXPECT_EQ(kit.refusal(first), Errc::ok);
  EXPECT_EQ(kit.refusal(kit.trigger(OrderType::stop_market, Side::buy, 100, 105'00, false)), Errc::ok);
  EXPECT_EQ(kit.refusal(kit.trigger(OrderType::stop_market, Side::buy, 100, 105'00, false)), Errc::too_many_orders);
  EXPECT_EQ(kit.refusal(kit.limit(Side::buy, 100, 95'00)), Errc::ok);
  kit.send(Kit::cancel(first));
  EXPECT_EQ(kit.refusal(kit.trigger(OrderType::stop_market, Side::buy, 100, 105'00, false)), Errc::ok);
}

TEST(PaperManners, AnAttributeMayReplaceAtTheCap) {
  PaperConfig config = dialect(AttachStop::position_attribute);
  config.trigger_orders_max = 1;
  Kit kit(config);
  kit.trade(100'00, 1);
  kit.send(kit.market(Side::buy, 100));
  for (const std::int64_t price : {98'00, 99'00}) {
    OrderRequest stop = kit.trigger(OrderType::stop_market, Side::sell, 100, price);
    stop.key.leg = OrderPurpose::stop;
    EXPECT_EQ(kit.refusal(stop), Errc::ok);
  }
  EXPECT_EQ(kit.venue->open_order_count(), 1U);
}

TEST(PaperManners, PricesKeepWithinTheBandAroundTheMark) {
  PaperConfig config = plain_config();
  config.price_band = {5'000'000};  // 0.05
  Kit kit(config);
  kit.mark(100'00);
  kit.quote(105'00, 105'00);
  EXPECT_EQ(kit.refusal(kit.limit(Side::buy, 100, 95'00)), Errc::ok);
  EXPECT_EQ(kit.refusal(kit.limit(Side::buy, 100, 94'90)), Errc::filter_price);
  EXPECT_EQ(kit.refusal(kit.limit(Side::sell, 100, 105'10)), Errc::filter_price);
  EXPECT_EQ(kit.refusal(kit.market(Side::buy, 100)), Errc::ok);
  kit.quote(105'10, 105'10);
  EXPECT_EQ(kit.refusal(kit.market(Side::buy, 100)), Errc::filter_price);
}

TEST(PaperManners, AStopThatTriggersOutsideTheBandIsGivenUp) {
  PaperConfig config = plain_config();
  config.price_band = {5'000'000};
  Kit kit(config);
  kit.mark(100'00);
  kit.trade(100'00, 1);
  kit.send(kit.market(Side::buy, 100));
  kit.send(kit.trigger(OrderType::stop_market, Side::sell, 100, 98'00));
  kit.trade(94'90, 1);
  const auto said = kit.news();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].kind, Kind::cancelled);
  EXPECT_EQ(said[0].reason, Errc::filter_price);
  EXPECT_EQ(kit.position(), 100);
}

}  // namespace martinet::protection_test

// What the venue answers when it is asked: from its truth when the question arrives, or from an older one.
#include <gtest/gtest.h>

#include "tests/adapters/paper/paper_kit.hpp"

namespace martinet::query_test {

using namespace paper_kit;
using Kind = VenueEventKind;

OrderRequest ask(OrderAction action, const OrderRequest& about, std::uint64_t number) {
  OrderRequest query;
  query.action = action;
  query.key = about.key;
  query.instrument = about.instrument;
  query.strategy = 5;
  query.request_id = number;
  return query;
}

TEST(PaperQuery, TellsWhatBecameOfAnOrder) {
  Kit kit;
  kit.trade(100'00, 1);
  const OrderRequest open = kit.limit(Side::buy, 100, 99'00);
  const OrderRequest filled = kit.market(Side::buy, 70);
  const OrderRequest never = kit.market(Side::buy, 50);
  kit.send(open);
  kit.send(filled);

  auto said = kit.send(ask(OrderAction::query_order, open, 11));
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].kind, Kind::order_open);
  EXPECT_EQ(said[0].query_id, 11U);
  EXPECT_EQ(said[0].key, open.key);
  EXPECT_EQ(said[0].leaves_qty, Qty{100});
  EXPECT_EQ(said[0].fill_qty, Qty{0});
  EXPECT_EQ(said[0].fill_price, Price{99'00});
  EXPECT_EQ(said[0].side, Side::buy);
  EXPECT_EQ(said[0].strategy, 7);
  EXPECT_NE(said[0].venue_order_id, 0U);

  said = kit.send(ask(OrderAction::query_order, filled, 12));
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].kind, Kind::order_done);
  EXPECT_EQ(said[0].fill_qty, Qty{70});
  EXPECT_EQ(said[0].query_id, 12U);

  said = kit.send(ask(OrderAction::query_order, never, 13));
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].kind, Kind::order_unknown);
  EXPECT_EQ(said[0].key, never.key);
  EXPECT_EQ(kit.venue->counters().queries, 3U);
}

TEST(PaperQuery, ACancelledOrderTellsThePartThatFilledAndACutOneNoMore) {
  Kit kit;
  kit.quote(100'00, 100'10, 5, 5);
  const OrderRequest order = kit.limit(Side::buy, 100, 100'00);
  kit.send(order);
  kit.trade(100'00, 35, Side::sell);  // 5 ahead
  auto said = kit.send(ask(OrderAction::query_order, order, 1));
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[1].kind, Kind::order_open);
  EXPECT_EQ(said[1].fill_qty, Qty{30});
  EXPECT_EQ(said[1].leaves_qty, Qty{70});
  kit.send(Kit::cancel(order));
  said = kit.send(ask(OrderAction::query_order, order, 2));
  EXPECT_EQ(said[0].kind, Kind::order_done);
  EXPECT_EQ(said[0].fill_qty, Qty{30});

  const OrderRequest more_than_held = Kit::reducing(kit.market(Side::sell, 80));
  kit.send(more_than_held);
  said = kit.send(ask(OrderAction::query_order, more_than_held, 3));
  EXPECT_EQ(said[0].kind, Kind::order_done);
  EXPECT_EQ(said[0].fill_qty, Qty{30});
}

TEST(PaperQuery, ListsTheOpenOrdersOfOneInstrumentInOrderOfArrivalAndSaysHowMany) {
  Kit kit;
  kit.trade(100'00, 1);
  kit.trade(50'00, 1, Side::none, Kit::kSpot);
  const OrderRequest entry = kit.market(Side::buy, 100);
  OrderRequest stop = kit.trigger(OrderType::stop_market, Side::sell, 100, 98'00);
  OrderRequest target = kit.trigger(OrderType::take_profit_limit, Side::sell, 100, 103'00);
  target.price = {102'90};
  for (const OrderRequest& order : {entry, stop, target, Kit::on_spot(kit.limit(Side::buy, 100, 49'00))}) kit.send(order);

  auto said = kit.send(ask(OrderAction::query_orders, entry, 9));
  ASSERT_EQ(said.size(), 3U);
  EXPECT_EQ(said[0].key, stop.key);
  EXPECT_EQ(said[0].fill_price, Price{98'00});
  EXPECT_EQ(said[1].key, target.key);
  EXPECT_EQ(said[1].fill_price, Price{103'00});  // waits for its trigger
  EXPECT_EQ(said[2].kind, Kind::orders_end);
  EXPECT_EQ(said[2].trade_id, 2U);
  for (const VenueEvent& event : said) EXPECT_EQ(event.query_id, 9U);

  kit.trade(103'00, 1);  // the target rests now
  kit.trade(102'80, 1);
  said = kit.send(ask(OrderAction::query_orders, Kit::on_spot(entry), 10));
  EXPECT_EQ(said.back().trade_id, 1U);
  EXPECT_EQ(said.back().instrument, Kit::kSpot);
}

TEST(PaperQuery, ReportsThePositionWithItsEntryAndFlatAsFlat) {
  Kit kit;
  kit.trade(100'00, 1);
  const OrderRequest short_one = kit.market(Side::sell, 30);
  auto said = kit.send(ask(OrderAction::query_position, short_one, 1));
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].kind, Kind::position_report);
  EXPECT_EQ(said[0].fill_qty, Qty{0});
  EXPECT_EQ(said[0].fill_price, kNoPrice);
  kit.send(short_one);
  said = kit.send(ask(OrderAction::query_position, short_one, 2));
  EXPECT_EQ(said[0].fill_qty, Qty{-30});
  EXPECT_EQ(said[0].fill_price, Price{100'00});
}

TEST(PaperQuery, AnUnknownInstrumentIsAnAnswerNotACrash) {
  Kit kit;
  OrderRequest query = ask(OrderAction::query_position, kit.market(Side::buy, 1), 4);
  query.instrument = 2;
  const auto said = kit.send(query);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].kind, Kind::query_failed);
  EXPECT_EQ(said[0].reason, Errc::unknown_symbol);
  EXPECT_EQ(said[0].query_id, 4U);
}

TEST(PaperQuery, TravelsAndWaitsLikeAnOrderAndKeepsItsPlace) {
  PaperConfig config = plain_config();
  config.order_latency_ns = 300;
  config.event_latency_ns = 50;
  Kit kit(config);
  kit.trade(100'00, 1);
  const OrderRequest order = kit.market(Side::buy, 100);
  kit.submit(ask(OrderAction::query_order, order, 1));
  kit.submit(order);
  kit.submit(ask(OrderAction::query_order, order, 2));
  const std::int64_t made = kit.now;
  EXPECT_EQ(kit.venue->next_event_ts(), made + 350);
  kit.now += 349;
  EXPECT_TRUE(kit.news().empty());
  ++kit.now;
  const auto said = kit.news();
  ASSERT_EQ(said.size(), 3U);
  EXPECT_EQ(said[0].kind, Kind::order_unknown);
  EXPECT_EQ(said[1].kind, Kind::filled);
  EXPECT_EQ(said[2].kind, Kind::order_done);
  EXPECT_EQ(said[2].ts_exchange_ns, made + 300);
  EXPECT_EQ(said[2].ts_receive_ns, made + 350);
}

TEST(PaperQuery, ALaggingReadSideIsOlderByTheLagToTheNanosecond) {
  PaperConfig config = plain_config();
  config.query_lag_ns = 1'000;
  Kit kit(config);
  kit.trade(100'00, 1);
  const OrderRequest order = kit.limit(Side::buy, 100, 99'00);
  const OrderRequest market = kit.market(Side::buy, 40);
  kit.send(order);
  kit.send(market);
  const std::int64_t begin = kit.now;
  const auto kind_of = [&](OrderAction action, const OrderRequest& about) { return kit.send(ask(action, about, 1)).front().kind; };
  kit.now = begin + 999;
  EXPECT_EQ(kind_of(OrderAction::query_order, order), Kind::order_unknown);
  EXPECT_EQ(kind_of(OrderAction::query_orders, order), Kind::orders_end);
  EXPECT_EQ(kit.send(ask(OrderAction::query_position, order, 1))[0].fill_qty, Qty{0});
  kit.now = begin + 1'000;
  EXPECT_EQ(kind_of(OrderAction::query_order, order), Kind::order_open);
  EXPECT_EQ(kind_of(OrderAction::query_order, market), Kind::order_done);
  EXPECT_EQ(kit.send(ask(OrderAction::query_position, order, 1))[0].fill_qty, Qty{40});
  kit.send(Kit::cancel(order));
  kit.now = begin + 1'999;
  EXPECT_EQ(kind_of(OrderAction::query_orders, order), Kind::order_open);  // gone, and still listed
  kit.now = begin + 2'000;
  const auto said = kit.send(ask(OrderAction::query_order, order, 1));
  EXPECT_EQ(said[0].kind, Kind::order_done);
  EXPECT_EQ(said[0].fill_qty, Qty{0});
  EXPECT_EQ(said[0].ts_exchange_ns, begin + 2'000);  // no venue says how old its copy is
}

TEST(PaperQuery, DoneOrdersAreForgottenOldestFirst) {
  Kit kit;
  kit.trade(100'00, 1);
  const OrderRequest first = kit.market(Side::buy, 20);
  kit.send(first);
  for (std::size_t i = 1; i < capacity::paper_done_keys_max; ++i) kit.send(kit.market(i % 2 == 0 ? Side::buy : Side::sell, 20));
  EXPECT_EQ(kit.send(ask(OrderAction::query_order, first, 1))[0].kind, Kind::order_done);
  kit.send(kit.market(Side::buy, 20));
  EXPECT_EQ(kit.send(ask(OrderAction::query_order, first, 2))[0].kind, Kind::order_unknown);
}

TEST(PaperQuery, MoreChangesThanItHoldsBackArriveEarlyInsteadOfBeingLost) {
  PaperConfig config = plain_config();
  config.query_lag_ns = kNanosPerSecond;
  Kit kit(config);
  kit.trade(100'00, 1);
  const OrderRequest first = kit.market(Side::buy, 20);
  kit.send(first);
  for (std::size_t i = 1; i < capacity::paper_changes_max; ++i) kit.send(kit.market(i % 2 == 0 ? Side::buy : Side::sell, 20));
  EXPECT_EQ(kit.send(ask(OrderAction::query_order, first, 1))[0].kind, Kind::order_unknown);
  kit.send(kit.market(Side::buy, 20));
  EXPECT_EQ(kit.send(ask(OrderAction::query_order, first, 2))[0].kind, Kind::order_done);
}

}  // namespace martinet::query_test

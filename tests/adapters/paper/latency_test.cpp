// When things happen: order latency, event latency, and who comes first at equal stamps.
#include <gtest/gtest.h>

#include "tests/adapters/paper/paper_kit.hpp"

namespace martinet::latency_test {

using namespace paper_kit;

PaperConfig slow() {
  PaperConfig config = plain_config();
  config.order_latency_ns = 1'000;
  config.event_latency_ns = 300;
  return config;
}

Tick trade_at(std::int64_t ts_ns, std::int64_t price) {
  Tick tick;
  tick.ts_receive_ns = ts_ns;
  tick.kind = TickKind::trade;
  tick.bid_price = {price};
  tick.bid_qty = {1};
  tick.instrument = Kit::kContract;
  return tick;
}

OrderRequest at(OrderRequest request, std::int64_t ts_ns) {
  request.ts_ns = ts_ns;
  return request;
}

TEST(PaperLatency, AnOrderMeetsTheMarketOfItsArrivalAndTheEventComesLater) {
  Kit kit(slow());
  PaperVenue& venue = *kit.venue;
  venue.on_tick(trade_at(10'000, 100'00));
  venue.submit(at(kit.market(Side::buy, 100), 10'000));
  EXPECT_EQ(venue.next_event_ts(), 11'300);
  venue.on_tick(trade_at(10'999, 101'00));  // before it arrives at 11000
  venue.on_tick(trade_at(11'001, 102'00));  // after
  VenueEvent event;
  EXPECT_EQ(venue.next_event_ts(), 11'300);
  EXPECT_FALSE(venue.take_event(11'299, event));
  ASSERT_TRUE(venue.take_event(11'300, event));
  EXPECT_EQ(event.fill_price, Price{101'00});
  EXPECT_EQ(event.ts_exchange_ns, 11'000);
  EXPECT_EQ(event.ts_receive_ns, 11'300);
  EXPECT_EQ(venue.next_event_ts(), kNever);
  EXPECT_FALSE(venue.take_event(kNever - 1, event));
}

TEST(PaperLatency, AtEqualStampsTheArrivalComesBeforeTheMarket) {
  Kit kit(slow());
  PaperVenue& venue = *kit.venue;
  venue.on_tick(trade_at(10'000, 100'00));
  venue.submit(at(kit.market(Side::buy, 100), 10'000));
  venue.on_tick(trade_at(11'000, 102'00));
  VenueEvent event;
  ASSERT_TRUE(venue.take_event(11'300, event));
  EXPECT_EQ(event.fill_price, Price{100'00});
}

TEST(PaperLatency, DepthAndBarsAlsoComeAfterArrivalsOfTheirStamp) {
  for (const bool bars : {false, true}) {
    Kit kit(slow());
    PaperVenue& venue = *kit.venue;
    Candle bar;
    bar.instrument = Kit::kContract;
    bar.closed = 1;
    bar.ts_receive_ns = 10'000;
    bar.open = bar.high = bar.low = bar.close = {100'00};
    venue.on_candle(bar);
    venue.submit(at(kit.market(Side::buy, 100), 10'000));
    DepthUpdate update;
    update.ts_receive_ns = 11'000;
    update.instrument = Kit::kContract;
    update.flags = depth_flag::first | depth_flag::last | depth_flag::snapshot;
    update.level_count = 1;
    update.levels[0] = {{105'00}, {1'000}, Side::sell, 0, 0, {}};
    bar.ts_receive_ns = 11'000;
    bar.open = bar.high = bar.low = bar.close = {105'00};
    bars ? venue.on_candle(bar) : venue.on_depth(update);
    VenueEvent event;
    ASSERT_TRUE(venue.take_event(11'300, event));
    EXPECT_EQ(event.fill_price, Price{100'00}) << bars;
  }
}

TEST(PaperLatency, RequestsDoNotOvertakeEachOther) {
  Kit kit(slow());
  PaperVenue& venue = *kit.venue;
  venue.on_tick(trade_at(10'000, 100'00));
  const OrderRequest resting = kit.limit(Side::buy, 100, 99'00);
  venue.submit(at(resting, 10'500));
  venue.submit(at(Kit::cancel(resting), 10'000));  // an older stamp, submitted later
  VenueEvent event;
  ASSERT_TRUE(venue.take_event(11'800, event));
  EXPECT_EQ(event.kind, VenueEventKind::accepted);
  ASSERT_TRUE(venue.take_event(11'800, event));
  EXPECT_EQ(event.kind, VenueEventKind::cancelled);
  EXPECT_EQ(event.ts_exchange_ns, 11'500);
}

TEST(PaperLatency, NextEventIsExactEvenBeforeTheOrderArrives) {
  Kit kit(slow());
  PaperVenue& venue = *kit.venue;
  venue.on_tick(trade_at(10'000, 100'00));
  for (int i = 0; i < 50; ++i) {
    const std::int64_t ts = 10'000 + 37 * i;
    venue.submit(at(kit.market(i % 2 == 0 ? Side::buy : Side::sell, 20), ts));
    venue.submit(at(kit.limit(Side::buy, 20, 90'00), ts));
  }
  std::int64_t last = 0;
  VenueEvent event;
  int count = 0;
  for (; venue.next_event_ts() != kNever; ++count) {
    const std::int64_t due = venue.next_event_ts();
    ASSERT_GE(due, last);
    ASSERT_FALSE(venue.take_event(due - 1, event));
    ASSERT_TRUE(venue.take_event(due, event));
    ASSERT_EQ(event.ts_receive_ns, due);
    ASSERT_EQ(event.ts_exchange_ns + 300, due);
    last = due;
  }
  EXPECT_EQ(count, 100);
}

TEST(PaperLatency, ACancelMayComeTooLate) {
  Kit kit(slow());
  PaperVenue& venue = *kit.venue;
  venue.on_tick(trade_at(10'000, 100'00));
  const OrderRequest resting = kit.limit(Side::buy, 100, 99'00);
  venue.submit(at(resting, 10'000));
  venue.on_tick(trade_at(12'000, 100'00));
  venue.submit(at(Kit::cancel(resting), 12'000));
  venue.on_tick(trade_at(12'500, 98'00));  // fills while the cancel is under way
  VenueEvent event;
  ASSERT_TRUE(venue.take_event(20'000, event));
  EXPECT_EQ(event.kind, VenueEventKind::accepted);
  ASSERT_TRUE(venue.take_event(20'000, event));
  EXPECT_EQ(event.kind, VenueEventKind::filled);
  EXPECT_EQ(event.ts_receive_ns, 12'800);
  ASSERT_TRUE(venue.take_event(20'000, event));
  EXPECT_EQ(event.kind, VenueEventKind::cancel_refused);
  EXPECT_EQ(event.ts_receive_ns, 13'300);
}

TEST(PaperLatency, CapabilitiesFollowTheInstruments) {
  Kit kit;
  EXPECT_FALSE(kit.venue->capabilities().balances);
  EXPECT_TRUE(kit.venue->capabilities().shorting);
  EXPECT_TRUE(kit.venue->capabilities().reduce_only);
  EXPECT_TRUE(kit.venue->capabilities().trigger_on_mark);
  EXPECT_EQ(kit.venue->capabilities().attach, AttachStop::none);
  InstrumentTable table;
  ASSERT_TRUE(table.add(spot()).ok());
  const PaperVenue on_spot(table, plain_config());
  EXPECT_TRUE(on_spot.capabilities().balances);
  EXPECT_FALSE(on_spot.capabilities().shorting);
}

}  // namespace martinet::latency_test

// The gateway: what gets out once, what comes in once, and who finds a slot.
#include "engine/hot/gateway/gateway.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace martinet::gateway_test {

struct FakeVenue final : OrderVenue {
  std::vector<OrderRequest> got;
  void submit(const OrderRequest& request) noexcept override { got.push_back(request); }
  std::int64_t next_event_ts() const noexcept override { return 0; }
  bool take_event(std::int64_t, VenueEvent&) noexcept override { return false; }
  Capabilities capabilities() const noexcept override { return {}; }
};

struct Sink {
  std::vector<OrderRequest> sent_requests;
  std::vector<VenueEvent> events;
  void sent(const OrderRequest& request) { sent_requests.push_back(request); }
  void event(const VenueEvent& event) { events.push_back(event); }
};

OrderRequest place(std::uint64_t intent, OrderPurpose leg = OrderPurpose::entry, std::uint8_t attempt = 0) {
  OrderRequest request;
  request.ts_ns = 77;
  request.key.intent_id = intent;
  request.key.leg = leg;
  request.key.attempt = attempt;
  request.qty = {100};
  request.instrument = 3;
  request.strategy = 4;
  request.side = Side::sell;
  return request;
}

VenueEvent about(const OrderRequest& request, VenueEventKind kind, std::uint64_t trade_id = 0, std::int64_t leaves = 0) {
  VenueEvent event;
  event.key = request.key;
  event.kind = kind;
  event.trade_id = trade_id;
  event.fill_qty = {1};
  event.leaves_qty = {leaves};
  event.venue_order_id = request.key.intent_id + 1'000;
  return event;
}

using Kind = VenueEventKind;

struct GatewayTest : testing::Test {
  FakeVenue venue;
  Sink out;
  Gateway gateway{1, venue, 9};
  void on(const OrderRequest& request) { gateway.on_request(request, out); }
  void on(const VenueEvent& event) { gateway.on_venue_event(event, out); }
};

TEST_F(GatewayTest, PassesARequestToTheStreamAndTheVenue) {
  on(place(1));
  ASSERT_EQ(out.sent_requests.size(), 1U);
  ASSERT_EQ(venue.got.size(), 1U);
  EXPECT_EQ(order_stream_form(venue.got[0]), order_stream_form(out.sent_requests[0]));
  EXPECT_TRUE(out.events.empty());
  EXPECT_EQ(gateway.live_count(), 1U);
  EXPECT_EQ(gateway.epoch(), 1U);
}

TEST_F(GatewayTest, AKeyGoesOutOnceWhileItLivesAndAfter) {
  on(place(1));
  on(place(1));
  EXPECT_EQ(venue.got.size(), 1U);
  on(about(place(1), Kind::filled, 5, 0));
  EXPECT_EQ(gateway.live_count(), 0U);
  on(place(1));
  EXPECT_EQ(venue.got.size(), 1U);
  EXPECT_EQ(gateway.counters().duplicate_requests, 2U);
  on(place(1, OrderPurpose::entry, 1));
  on(place(1, OrderPurpose::stop));
  EXPECT_EQ(venue.got.size(), 3U);
  EXPECT_EQ(out.events.size(), 1U);  // the fill, and nothing about the duplicates
}

TEST_F(GatewayTest, EntriesHoldTwoThirdsOfTheSlots) {
  for (std::uint64_t i = 1; i <= 7; ++i) on(place(i));
  EXPECT_EQ(venue.got.size(), 6U);
  EXPECT_EQ(gateway.entries_live(), 6U);
  ASSERT_EQ(out.events.size(), 1U);
  const VenueEvent& refusal = out.events[0];
  EXPECT_EQ(refusal.kind, Kind::rejected);
  EXPECT_EQ(refusal.reason, Errc::no_capacity);
  EXPECT_EQ(refusal.key, place(7).key);
  EXPECT_EQ(refusal.ts_receive_ns, 77);
  EXPECT_EQ(refusal.leaves_qty, Qty{100});
  EXPECT_EQ(refusal.instrument, 3);
  EXPECT_EQ(refusal.strategy, 4);
  EXPECT_EQ(refusal.side, Side::sell);
  EXPECT_EQ(out.sent_requests.size(), 6U);
  for (const OrderPurpose leg : {OrderPurpose::stop, OrderPurpose::target, OrderPurpose::close}) on(place(1, leg));
  EXPECT_EQ(venue.got.size(), 9U);
  EXPECT_EQ(gateway.live_count(), 9U);
  on(about(place(2), Kind::cancelled));
  on(place(8));
  EXPECT_EQ(venue.got.size(), 10U);
}

TEST_F(GatewayTest, ProtectionMayFillTheTableAndThenStillGoesOut) {
  for (std::uint64_t i = 1; i <= 9; ++i) on(place(i, OrderPurpose::stop));
  EXPECT_EQ(gateway.live_count(), 9U);
  on(place(10));
  EXPECT_EQ(out.events.at(0).reason, Errc::no_capacity);
  on(place(10, OrderPurpose::stop));
  EXPECT_EQ(venue.got.size(), 10U);
  EXPECT_EQ(gateway.counters().untracked, 1U);
  on(about(place(10, OrderPurpose::stop), Kind::accepted));
  EXPECT_EQ(out.events.size(), 2U);
  EXPECT_EQ(gateway.counters().unknown_events, 1U);
}

TEST_F(GatewayTest, CancelsAlwaysGoOut) {
  OrderRequest cancel = place(1);
  cancel.action = OrderAction::cancel;
  on(cancel);
  on(place(1));
  on(cancel);
  on(cancel);
  EXPECT_EQ(venue.got.size(), 4U);
  EXPECT_EQ(gateway.counters().cancels, 3U);
  EXPECT_EQ(gateway.live_count(), 1U);
}

TEST_F(GatewayTest, AFillCountsOncePerTradeId) {
  on(place(1));
  on(about(place(1), Kind::filled, 11, 60));
  on(about(place(1), Kind::filled, 11, 60));
  on(about(place(1), Kind::filled, 12, 30));
  on(about(place(1), Kind::filled, 11, 60));
  EXPECT_EQ(out.events.size(), 2U);
  EXPECT_EQ(gateway.counters().duplicate_events, 2U);
  on(about(place(1), Kind::filled, 0, 20));
  on(about(place(1), Kind::filled, 0, 10));  // without trade ids nothing can be told apart
  EXPECT_EQ(out.events.size(), 4U);
  EXPECT_EQ(gateway.live_count(), 1U);
}

TEST_F(GatewayTest, AcceptedAndTriggeredPassOnce) {
  on(place(1, OrderPurpose::stop));
  for (int i = 0; i < 2; ++i) {
    on(about(place(1, OrderPurpose::stop), Kind::accepted));
    on(about(place(1, OrderPurpose::stop), Kind::triggered));
  }
  EXPECT_EQ(out.events.size(), 2U);
}

TEST_F(GatewayTest, EveryEndEndsOnceAndLateFillsStillPass) {
  for (const Kind end : {Kind::cancelled, Kind::rejected, Kind::filled}) {
    const OrderRequest order = place(10 + static_cast<std::uint64_t>(end));
    out.events.clear();
    on(order);
    on(about(order, end, 20, 0));
    EXPECT_EQ(gateway.live_count(), 0U);
    EXPECT_EQ(gateway.entries_live(), 0U);
    on(about(order, end, 20, 0));
    on(about(order, Kind::accepted));
    on(about(order, Kind::cancelled));
    EXPECT_EQ(out.events.size(), 1U) << name_of(end);
    on(about(order, Kind::filled, 19, 5));  // its execution report was overtaken
    EXPECT_EQ(out.events.size(), 2U);
    on(about(order, Kind::filled, 19, 5));
    EXPECT_EQ(out.events.size(), 2U);
    on(about(order, Kind::cancel_refused));
    EXPECT_EQ(out.events.size(), 3U);
    EXPECT_EQ(gateway.live_count(), 0U);
  }
  EXPECT_EQ(gateway.counters().late_fills, 3U);
}

TEST_F(GatewayTest, ARefusedDuplicateEndsNothing) {
  on(place(1));
  VenueEvent event = about(place(1), Kind::rejected);
  event.reason = Errc::duplicate_order;
  on(event);
  EXPECT_EQ(gateway.live_count(), 1U);
  EXPECT_EQ(out.events.size(), 1U);
}

TEST_F(GatewayTest, QueriesGoOutEveryTimeAndAreNoOrders) {
  on(place(1));
  OrderRequest query = place(1);
  for (const OrderAction action : {OrderAction::query_order, OrderAction::query_orders, OrderAction::query_position}) {
    query.action = action;
    on(query);
    on(query);
  }
  EXPECT_EQ(venue.got.size(), 7U);
  EXPECT_EQ(out.sent_requests.size(), 1U);  // not part of the order stream
  EXPECT_EQ(gateway.counters().queries, 6U);
  EXPECT_EQ(gateway.counters().placed, 1U);
  EXPECT_EQ(gateway.counters().duplicate_requests, 0U);
  EXPECT_EQ(gateway.live_count(), 1U);
}

TEST_F(GatewayTest, QueriesPassWhereNoSlotIsLeft) {
  for (std::uint64_t i = 1; i <= 9; ++i) on(place(i, OrderPurpose::stop));
  OrderRequest query = place(20);
  query.action = OrderAction::query_order;
  on(query);
  EXPECT_EQ(venue.got.size(), 10U);
  EXPECT_TRUE(out.events.empty());
}

TEST_F(GatewayTest, AnswersPassEveryTimeAndEndNothing) {
  on(place(1));
  for (const Kind kind :
       {Kind::order_open, Kind::order_done, Kind::order_unknown, Kind::orders_end, Kind::position_report, Kind::query_failed}) {
    on(about(place(1), kind, 11, 0));
    on(about(place(1), kind, 11, 0));
  }
  EXPECT_EQ(out.events.size(), 12U);
  EXPECT_EQ(gateway.counters().answers, 12U);
  EXPECT_EQ(gateway.counters().events, 12U);
  EXPECT_EQ(gateway.counters().duplicate_events, 0U);
  EXPECT_EQ(gateway.live_count(), 1U);
  on(about(place(1), Kind::filled, 11, 0));  // the same trade, told by the stream for the first time
  EXPECT_EQ(out.events.size(), 13U);
  EXPECT_EQ(gateway.live_count(), 0U);
}

TEST_F(GatewayTest, ALiquidationIsOfNobodysOrder) {
  VenueEvent event = about(place(0, OrderPurpose::close), Kind::liquidated, 5, 0);
  event.key.intent_id = 0;
  on(event);
  EXPECT_EQ(out.events.size(), 1U);
  EXPECT_EQ(gateway.counters().unknown_events, 1U);
  EXPECT_EQ(gateway.live_count(), 0U);
}

TEST_F(GatewayTest, UnknownKeysPassAndAreCounted) {
  on(about(place(5), Kind::filled, 1, 0));
  EXPECT_EQ(out.events.size(), 1U);
  EXPECT_EQ(gateway.counters().unknown_events, 1U);
  EXPECT_EQ(gateway.live_count(), 0U);
}

TEST_F(GatewayTest, RemembersAsManyDoneOrdersAsItHasSlotsOldestForgottenFirst) {
  for (std::uint64_t i = 1; i <= 10; ++i) {
    on(place(i));
    on(about(place(i), Kind::cancelled));
  }
  out.events.clear();
  on(place(2));
  EXPECT_EQ(gateway.counters().duplicate_requests, 1U);
  on(place(1));  // forgotten
  EXPECT_EQ(gateway.counters().duplicate_requests, 1U);
  EXPECT_EQ(venue.got.size(), 11U);
}

TEST_F(GatewayTest, RemembersTheLastTradeIdsOfAnOrder) {
  on(place(1));
  for (std::uint64_t t = 1; t <= InFlight::kTradesMax; ++t) on(about(place(1), Kind::filled, t, 5));
  for (std::uint64_t t = 1; t <= InFlight::kTradesMax; ++t) on(about(place(1), Kind::filled, t, 5));
  EXPECT_EQ(out.events.size(), InFlight::kTradesMax);
}

/// Random requests and events, many repeated.
struct Chaos {
  std::mt19937_64 random;
  std::uint64_t intent = 0;
  std::uint64_t trade = 0;
  std::uint64_t below(std::uint64_t n) { return random() % n; }
  template <class Gate>
  void step(Gate& gate, Sink& sink) {
    const auto leg = static_cast<OrderPurpose>(below(4));
    const std::uint64_t which = intent - std::min(intent, below(30));
    if (below(3) == 0) {
      OrderRequest request = place(below(4) == 0 ? which : ++intent, leg);
      if (below(8) == 0) request.action = OrderAction::cancel;
      gate.on_request(request, sink);
    } else {
      const auto kind = static_cast<Kind>(below(6));
      gate.on_venue_event(
          about(place(which, leg), kind, below(3) == 0 ? trade - std::min(trade, below(10)) : ++trade, static_cast<std::int64_t>(below(3))),
          sink);
    }
  }
};

TEST(GatewayCheckpoint, ResumedMidStreamItSaysTheSame) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    FakeVenue venue;
    Sink sink;
    Gateway gateway(1, venue, 12);
    Chaos chaos{std::mt19937_64(seed)};
    for (int i = 0; i < 2'000; ++i) chaos.step(gateway, sink);
    ArchiveWriter writer;
    gateway.save(writer);
    FakeVenue other_venue;
    Sink other_sink;
    Gateway other(1, other_venue, 12);
    ArchiveReader reader(writer.bytes());
    ASSERT_EQ(other.load(reader), Errc::ok);
    ASSERT_TRUE(reader.done());
    Chaos same = chaos;
    sink = {};
    for (int i = 0; i < 2'000; ++i) chaos.step(gateway, sink);
    for (int i = 0; i < 2'000; ++i) same.step(other, other_sink);
    ASSERT_EQ(sink.events.size(), other_sink.events.size()) << "seed " << seed;
    ASSERT_GT(sink.events.size(), 100U);
    for (std::size_t i = 0; i < sink.events.size(); ++i) {
      ASSERT_EQ(sink.events[i].key, other_sink.events[i].key);
      ASSERT_EQ(sink.events[i].kind, other_sink.events[i].kind);
      ASSERT_EQ(sink.events[i].trade_id, other_sink.events[i].trade_id);
    }
    ASSERT_EQ(sink.sent_requests.size(), other_sink.sent_requests.size());
    ASSERT_EQ(gateway.counters(), other.counters());
    ASSERT_EQ(gateway.live_count(), other.live_count());
    ArchiveWriter a;
    ArchiveWriter b;
    gateway.save(a);
    other.save(b);
    ASSERT_TRUE(std::equal(a.bytes().begin(), a.bytes().end(), b.bytes().begin(), b.bytes().end()));
  }
}

TEST(GatewayCheckpoint, AForeignOrCutCheckpointIsRefused) {
  FakeVenue venue;
  Sink sink;
  Gateway gateway(1, venue, 6);
  gateway.on_request(place(1), sink);
  ArchiveWriter writer;
  gateway.save(writer);
  Gateway bigger(1, venue, 7);
  ArchiveReader reader(writer.bytes());
  EXPECT_EQ(bigger.load(reader), Errc::checkpoint_mismatch);
  for (std::size_t size = 0; size < writer.bytes().size(); size += 5) {
    Gateway other(1, venue, 6);
    ArchiveReader cut(writer.bytes().first(size));
    ASSERT_EQ(other.load(cut), Errc::checkpoint_mismatch) << size;
  }
}

}  // namespace martinet::gateway_test

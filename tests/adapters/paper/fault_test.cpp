// The seam for faults: every message can be lost, late, twice or refused, and nothing else changes.
#include <gtest/gtest.h>

#include <functional>

#include "tests/adapters/paper/random_day.hpp"

namespace martinet::fault_test {

using namespace paper_kit;
using Kind = VenueEventKind;
using Fault = PaperFault::Kind;

struct Hook final : PaperFaults {
  std::function<PaperFault(const OrderRequest&)> request = [](const OrderRequest&) { return PaperFault{}; };
  std::function<PaperFault(const VenueEvent&)> event = [](const VenueEvent&) { return PaperFault{}; };
  std::function<PaperFault(const VenueEvent&)> answer = [](const VenueEvent&) { return PaperFault{}; };
  PaperFault on_request(const OrderRequest& r, std::int64_t) noexcept override { return request(r); }
  PaperFault on_event(const VenueEvent& e) noexcept override { return event(e); }
  PaperFault on_answer(const VenueEvent& e) noexcept override { return answer(e); }
};

struct PaperFaultSeam : testing::Test {
  PaperFaultSeam() {
    kit.venue->set_faults(&hook);
    kit.trade(100'00, 1);
  }
  /// As a loop that may be given nothing takes events.
  std::vector<VenueEvent> news() {
    std::vector<VenueEvent> out;
    VenueEvent event;
    while (kit.venue->next_event_ts() <= kit.now) {
      if (kit.venue->take_event(kit.now, event)) out.push_back(event);
    }
    return out;
  }
  std::vector<VenueEvent> send(const OrderRequest& request) {
    kit.submit(request);
    return news();
  }
  static PaperFault make(Fault kind, std::int64_t delay = 0, Errc reason = Errc::ok) { return {kind, reason, delay}; }
  Hook hook;
  Kit kit;
};

TEST_F(PaperFaultSeam, ALostRequestHasNotHappened) {
  hook.request = [](const OrderRequest&) { return make(Fault::drop); };
  EXPECT_TRUE(send(kit.market(Side::buy, 100)).empty());
  EXPECT_EQ(kit.position(), 0);
  EXPECT_EQ(kit.venue->next_event_ts(), kNever);
}

TEST_F(PaperFaultSeam, ALostEventHasHappened) {
  hook.event = [](const VenueEvent&) { return make(Fault::drop); };
  EXPECT_TRUE(send(kit.market(Side::buy, 100)).empty());
  EXPECT_EQ(kit.position(), 100);
  EXPECT_EQ(kit.venue->counters().faults, 1U);
}

TEST_F(PaperFaultSeam, ALateRequestIsOvertaken) {
  bool first = true;
  hook.request = [&](const OrderRequest&) { return std::exchange(first, false) ? make(Fault::delay, 500) : PaperFault{}; };
  const OrderRequest late = kit.market(Side::buy, 100);
  const OrderRequest prompt = kit.market(Side::sell, 30);
  kit.submit(late);
  auto said = send(prompt);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].key, prompt.key);
  EXPECT_EQ(kit.venue->next_event_ts(), kit.now + 500);
  kit.now += 499;
  EXPECT_TRUE(news().empty());
  ++kit.now;
  said = news();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].key, late.key);
  EXPECT_EQ(kit.position(), 70);
}

TEST_F(PaperFaultSeam, ARequestThatComesTwiceIsADuplicateToTheVenue) {
  hook.request = [](const OrderRequest&) { return make(Fault::duplicate, 10); };
  EXPECT_EQ(send(kit.market(Side::buy, 100)).size(), 1U);
  kit.now += 10;
  const auto said = news();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].reason, Errc::duplicate_order);
  EXPECT_EQ(kit.position(), 100);
}

TEST_F(PaperFaultSeam, ALateEventArrivesAfterItsSuccessorAndADuplicateTwice) {
  hook.event = [](const VenueEvent& e) {
    if (e.kind == Kind::accepted) return make(Fault::delay, 40);
    return e.kind == Kind::cancelled ? make(Fault::duplicate, 20) : PaperFault{};
  };
  const OrderRequest order = kit.limit(Side::buy, 100, 99'00);
  kit.submit(order);
  const std::int64_t begin = kit.now;
  std::vector<VenueEvent> said = send(Kit::cancel(order));
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].kind, Kind::cancelled);
  kit.now = begin + 40;
  said = news();
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[0].kind, Kind::cancelled);
  EXPECT_EQ(said[0].ts_receive_ns, begin + 20);
  EXPECT_EQ(said[1].kind, Kind::accepted);
  EXPECT_EQ(said[1].ts_receive_ns, begin + 40);
  EXPECT_EQ(said[1].ts_exchange_ns, begin);
}

TEST_F(PaperFaultSeam, ARefusalIsToldAsTheRequestsKindIs) {
  hook.request = [](const OrderRequest&) { return make(Fault::refuse, 0, Errc::venue_error); };
  const OrderRequest order = kit.market(Side::buy, 100);
  EXPECT_EQ(send(order).at(0).kind, Kind::rejected);
  EXPECT_EQ(send(Kit::cancel(order)).at(0).kind, Kind::cancel_refused);
  OrderRequest query = order;
  query.action = OrderAction::query_order;
  query.request_id = 3;
  const auto said = send(query);
  EXPECT_EQ(said.at(0).kind, Kind::query_failed);
  EXPECT_EQ(said.at(0).reason, Errc::venue_error);
  EXPECT_EQ(said.at(0).query_id, 3U);
  EXPECT_EQ(kit.position(), 0);
}

TEST_F(PaperFaultSeam, AnswersAreSpoiltApartFromEvents) {
  hook.answer = [](const VenueEvent& e) { return e.kind == Kind::orders_end ? make(Fault::drop) : PaperFault{}; };
  const OrderRequest order = kit.limit(Side::buy, 100, 99'00);
  EXPECT_EQ(send(order).size(), 1U);
  OrderRequest query = order;
  query.action = OrderAction::query_orders;
  const auto said = send(query);
  ASSERT_EQ(said.size(), 1U);  // a list without its end proves nothing
  EXPECT_EQ(said[0].kind, Kind::order_open);
}

TEST_F(PaperFaultSeam, TheNextSoManyOrdersOfAPurposeAreRefused) {
  RefuseNext refuse;
  kit.venue->set_faults(&refuse);
  refuse.reject_next(2, Errc::venue_error, OrderPurpose::stop);
  EXPECT_EQ(send(kit.market(Side::buy, 100)).at(0).kind, Kind::filled);
  for (int i = 0; i < 3; ++i) {
    OrderRequest stop = kit.trigger(OrderType::stop_market, Side::sell, 100, 98'00);
    stop.key.leg = OrderPurpose::stop;
    EXPECT_EQ(send(stop).at(0).kind, i < 2 ? Kind::rejected : Kind::accepted);
  }
  kit.venue->set_faults(nullptr);
}

TEST_F(PaperFaultSeam, AnOrderMayVanishWithOrWithoutAWord) {
  for (const bool told : {true, false}) {
    const OrderRequest order = kit.limit(Side::buy, 100, 99'00);
    send(order);
    EXPECT_TRUE(kit.venue->remove_order(order.key, told, kit.now));
    EXPECT_FALSE(kit.venue->remove_order(order.key, told, kit.now));
    EXPECT_EQ(news().size(), told ? 1U : 0U);
    EXPECT_EQ(kit.venue->account().free(), kit.venue->account().balance());
    EXPECT_EQ(kit.venue->open_order_count(), 0U);
  }
}

TEST(PaperFaults, ACheckpointHoldsWhatIsLate) {
  PaperConfig config = plain_config();
  config.query_lag_ns = 50;
  Hook hook;
  hook.request = [](const OrderRequest& r) { return r.qty.v == 17 ? PaperFault{Fault::delay, Errc::ok, 300} : PaperFault{}; };
  hook.event = [](const VenueEvent&) { return PaperFault{Fault::delay, Errc::ok, 200}; };
  Kit kit(config);
  kit.venue->set_faults(&hook);
  kit.lossy = true;
  kit.trade(100'00, 1);
  kit.submit(kit.market(Side::buy, 100));
  kit.submit(kit.market(Side::buy, 17));
  kit.trade(100'00, 1);
  ArchiveWriter writer;
  kit.venue->save(writer);
  Kit other(config);
  other.lossy = true;
  ArchiveReader reader(writer.bytes());
  ASSERT_EQ(other.venue->load(reader), Errc::ok);
  EXPECT_TRUE(reader.done());
  other.now = kit.now + 400;
  const auto said = other.news();
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[0].fill_qty, Qty{100});
  EXPECT_EQ(said[1].fill_qty, Qty{17});
}

TEST(PaperFaults, AHookThatDoesNothingChangesNothing) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const random_day::Day day = random_day::Maker(seed).make(1'000, true, true);
    Hook hook;
    std::vector<VenueEvent> events[2];
    for (const bool hooked : {false, true}) {
      PaperConfig config;
      config.order_latency_ns = 150;
      Kit kit(config);
      if (hooked) kit.venue->set_faults(&hook);
      random_day::Player player(*kit.venue);
      player.play(day, 0, day.inputs.size());
      player.drain(kNever - 1);
      events[hooked ? 1 : 0] = player.events;
    }
    ASSERT_EQ(events[0].size(), events[1].size());
    for (std::size_t i = 0; i < events[0].size(); ++i) ASSERT_TRUE(same_event(events[0][i], events[1][i]));
  }
}

}  // namespace martinet::fault_test

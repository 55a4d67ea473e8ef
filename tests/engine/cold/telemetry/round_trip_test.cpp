#include "engine/cold/telemetry/round_trip.hpp"

#include <gtest/gtest.h>

namespace martinet::telemetry_test::round_trip {
namespace {

Execution fill(ExecutionEvent event, std::int64_t ts_ns, std::int64_t qty, std::int64_t price, InstrumentId instrument = 0) {
  Execution e;
  e.event = event;
  e.ts_ns = ts_ns;
  e.qty = Qty{qty};
  e.price = Price{price};
  e.entry_price = Price{100};
  e.instrument = instrument;
  e.direction = Side::sell;
  e.fee = Money{7};
  if (event == ExecutionEvent::reduce || event == ExecutionEvent::close) {
    e.pnl_net = Money{50};
    e.exit_reason = event == ExecutionEvent::close ? ExitReason::sl : ExitReason::partial;
  }
  return e;
}

TEST(RoundTrip, RunsFromTheFirstFillToTheOneThatCloses) {
  const std::vector<Execution> executions = {fill(ExecutionEvent::open, 1, 10, 99), fill(ExecutionEvent::add, 2, 20, 101),
                                             fill(ExecutionEvent::reduce, 3, 5, 90), fill(ExecutionEvent::close, 4, 25, 80)};
  const std::vector<RoundTrip> trips = round_trips_of(executions);
  ASSERT_EQ(trips.size(), 1u);
  const RoundTrip& trip = trips[0];
  EXPECT_TRUE(trip.closed);
  EXPECT_EQ(trip.ts_open_ns, 1);
  EXPECT_EQ(trip.ts_close_ns, 4);
  EXPECT_EQ(trip.first_price, Price{99});
  EXPECT_EQ(trip.entry_price, Price{100});
  EXPECT_EQ(trip.exit_price, Price{80});
  EXPECT_EQ(trip.qty_max, Qty{30});
  EXPECT_EQ(trip.fees, Money{28});
  EXPECT_EQ(trip.pnl_net, Money{100});
  EXPECT_EQ(trip.direction, Side::sell);
  EXPECT_EQ(trip.exit_reason, ExitReason::sl) << "the last reason, not that of the part";
  EXPECT_EQ(trip.fills, 4u);
}

TEST(RoundTrip, ComeInTheOrderOfTheirClosesAndOpenOnesLast) {
  const std::vector<Execution> executions = {fill(ExecutionEvent::open, 1, 1, 1, 2),  fill(ExecutionEvent::open, 2, 1, 1, 1),
                                             fill(ExecutionEvent::open, 3, 1, 1, 0),  fill(ExecutionEvent::close, 4, 1, 1, 1),
                                             fill(ExecutionEvent::close, 5, 1, 1, 0), fill(ExecutionEvent::open, 6, 1, 1, 0)};
  const std::vector<RoundTrip> trips = round_trips_of(executions);
  ASSERT_EQ(trips.size(), 4u);
  EXPECT_EQ(trips[0].instrument, 1);
  EXPECT_EQ(trips[1].instrument, 0);
  EXPECT_EQ(trips[2].instrument, 0);
  EXPECT_FALSE(trips[2].closed);
  EXPECT_FALSE(has_price(trips[2].exit_price));
  EXPECT_EQ(trips[3].instrument, 2);
  EXPECT_FALSE(trips[3].closed);
}

TEST(RoundTrip, BeginsAtTheFirstFillSeenWhereThePositionWasTakenOver) {
  const std::vector<Execution> executions = {fill(ExecutionEvent::reduce, 1, 4, 90), fill(ExecutionEvent::close, 2, 6, 80)};
  const std::vector<RoundTrip> trips = round_trips_of(executions);
  ASSERT_EQ(trips.size(), 1u);
  EXPECT_TRUE(trips[0].closed);
  EXPECT_EQ(trips[0].pnl_net, Money{100});
  EXPECT_EQ(trips[0].qty_max, Qty{6});
}

TEST(RoundTrip, KeepsAPositionWhoseCloseIsMissingWhenTheNextOneOpens) {
  const std::vector<Execution> executions = {fill(ExecutionEvent::open, 1, 1, 1), fill(ExecutionEvent::open, 2, 1, 1),
                                             fill(ExecutionEvent::close, 3, 1, 1)};
  const std::vector<RoundTrip> trips = round_trips_of(executions);
  ASSERT_EQ(trips.size(), 2u);
  EXPECT_FALSE(trips[0].closed);
  EXPECT_TRUE(trips[1].closed);
}

}  // namespace
}  // namespace martinet::telemetry_test::round_trip

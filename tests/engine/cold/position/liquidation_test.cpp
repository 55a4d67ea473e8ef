// A venue that closes a position for want of margin says so with the fill of an order that is nobody's: the machine books it, tells
// somebody, and leaves nothing behind.
#include <gtest/gtest.h>

#include "tests/engine/cold/position/support.hpp"

namespace martinet::liquidation_test {
namespace {

using namespace martinet::position_test;

VenueEvent liquidation(std::int64_t price, std::int64_t qty, std::int64_t leaves, std::int64_t ts_ns) {
  VenueEvent event;
  event.kind = VenueEventKind::liquidated;
  event.reason = Errc::liquidated;
  event.key = {.intent_id = 0, .leg = OrderPurpose::close};
  event.trade_id = 900;
  event.instrument = 0;
  event.side = Side::sell;
  event.fill_price = {price};
  event.fill_qty = {qty};
  event.leaves_qty = {leaves};
  event.ts_exchange_ns = event.ts_receive_ns = ts_ns;
  return event;
}

struct Open {
  InstrumentTable table = one_instrument();
  PositionMachine machine{table, {}, {AttachStop::none, true, true, false, false, true}};
  Sink sink;
  Open() {
    machine.on_decision(decision(1, Side::buy, 100, kT0), sink);
    VenueEvent fill;
    fill.kind = VenueEventKind::filled;
    fill.key = {.intent_id = 1, .leg = OrderPurpose::entry};
    fill.trade_id = 1;
    fill.instrument = 0;
    fill.side = Side::buy;
    fill.fill_price = kReference;
    fill.fill_qty = {100};
    fill.ts_exchange_ns = fill.ts_receive_ns = kT0 + 1;
    machine.on_venue_event(fill, sink);
  }
};

TEST(Liquidation, IsBookedWithItsReasonAndItsLoss) {
  Open open;
  const Money before = open.machine.balance();
  open.machine.on_venue_event(liquidation(8'000, 100, 0, kT0 + 2), open.sink);
  const Execution& line = open.sink.executions.back();
  EXPECT_EQ(line.event, ExecutionEvent::close);
  EXPECT_EQ(line.exit_reason, ExitReason::liquidation);
  EXPECT_EQ(line.pnl_net.v, (8'000 - 10'000) * 100);
  EXPECT_EQ(open.machine.balance() - before, line.pnl_net);
  EXPECT_EQ(open.machine.position(0).qty.v, 0);
  EXPECT_EQ(open.sink.count(AlertCode::liquidated), 1u);
  EXPECT_TRUE(is_urgent(AlertCode::liquidated));
  EXPECT_EQ(open.sink.count(AlertCode::bad_event), 0u);
}

TEST(Liquidation, LeavesNoOrderOfOursBehind) {
  Open open;
  std::size_t placed = 0;
  for (const OrderRequest& request : open.sink.commands) placed += request.action == OrderAction::place ? 1 : 0;
  ASSERT_EQ(placed, 2u) << "stop and target";
  open.sink.commands.clear();
  open.machine.on_venue_event(liquidation(8'000, 100, 0, kT0 + 2), open.sink);
  ASSERT_EQ(open.sink.commands.size(), 2u);
  for (const OrderRequest& request : open.sink.commands) {
    EXPECT_EQ(request.action, OrderAction::cancel);
    VenueEvent gone;
    gone.kind = VenueEventKind::cancelled;
    gone.reason = Errc::liquidated;
    gone.key = request.key;
    gone.instrument = 0;
    gone.side = Side::sell;
    gone.ts_receive_ns = kT0 + 3;
    open.machine.on_venue_event(gone, open.sink);
  }
  EXPECT_EQ(open.machine.position(0).exposure, Exposure::flat);
}

TEST(Liquidation, OfAPartKeepsTheRestProtected) {
  Open open;
  open.machine.on_venue_event(liquidation(8'000, 40, 60, kT0 + 2), open.sink);
  EXPECT_EQ(open.machine.position(0).qty.v, 60);
  EXPECT_EQ(open.sink.executions.back().event, ExecutionEvent::reduce);
  EXPECT_NE(open.machine.slot(0).protection, Protection::none);
}

TEST(Liquidation, ToldTwiceIsBookedOnce) {
  Open open;
  open.machine.on_venue_event(liquidation(8'000, 40, 60, kT0 + 2), open.sink);
  open.machine.on_venue_event(liquidation(8'000, 40, 60, kT0 + 2), open.sink);
  EXPECT_EQ(open.machine.position(0).qty.v, 60);
  EXPECT_EQ(open.machine.counters().fills_duplicate, 1u);
}

}  // namespace
}  // namespace martinet::liquidation_test

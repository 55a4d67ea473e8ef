// What the venue answers when it is asked.
#include "adapters/paper/paper_venue.hpp"

namespace martinet {
namespace {

/// What an open order is known by in a list: the price that it waits for, else the one that it rests at.
Price shown_price(const PaperOrder& order) noexcept { return order.waiting != 0 ? order.request.trigger_price : order.request.price; }

}  // namespace

PositionImage PaperVenue::position_image(InstrumentId instrument) const noexcept {
  return {account_.position(instrument).qty, account_.entry_price(instrument)};
}

VenueEvent PaperVenue::answer_of(const OrderRequest& query, VenueEventKind kind) const noexcept {
  VenueEvent event;
  event.ts_exchange_ns = now_ns_;
  event.ts_receive_ns = now_ns_ + config_.event_latency_ns;
  event.key = query.key;
  event.instrument = query.instrument;
  event.strategy = query.strategy;
  event.kind = kind;
  event.query_id = query.request_id;
  return event;
}

void PaperVenue::answer(const OrderRequest& query) noexcept {
  ++counters_.queries;
  if (query.instrument >= markets_.size()) {
    VenueEvent event = answer_of(query, VenueEventKind::query_failed);
    event.reason = Errc::unknown_symbol;
    return send(event);
  }
  if (lagged_ != nullptr) lagged_->catch_up(now_ns_);
  const OpenOrders& orders = lagged_ != nullptr ? lagged_->orders() : open_;
  const auto say_open = [&](const PaperOrder& order) {
    VenueEvent event = answer_of(query, VenueEventKind::order_open);
    event.key = order.request.key;
    event.venue_order_id = order.venue_order_id;
    event.instrument = order.request.instrument;
    event.strategy = order.request.strategy;
    event.side = order.request.side;
    event.leaves_qty = order.leaves;
    event.fill_qty = order.filled;
    event.fill_price = shown_price(order);
    send(event);
  };

  if (query.action == OrderAction::query_order) {
    if (const OpenOrders::Slot slot = orders.find(query.key); slot != OpenOrders::kNone) return say_open(orders[slot]);
    const DoneOrder* done = orders.find_done(query.key);
    VenueEvent event = answer_of(query, done != nullptr ? VenueEventKind::order_done : VenueEventKind::order_unknown);
    if (done != nullptr) {
      event.venue_order_id = done->venue_order_id;
      event.fill_qty = done->filled;
      event.instrument = done->instrument;
      event.strategy = done->strategy;
      event.side = done->side;
    }
    return send(event);
  }
  if (query.action == OrderAction::query_orders) {
    VenueEvent end = answer_of(query, VenueEventKind::orders_end);
    for (OpenOrders::Slot slot = orders.first(query.instrument); slot != OpenOrders::kNone; slot = orders.next(slot)) {
      say_open(orders[slot]);
      ++end.trade_id;
    }
    return send(end);
  }
  const PositionImage position = lagged_ != nullptr ? lagged_->position(query.instrument) : position_image(query.instrument);
  VenueEvent event = answer_of(query, VenueEventKind::position_report);
  event.fill_qty = position.qty;
  event.fill_price = position.entry_price;
  send(event);
}

}  // namespace martinet

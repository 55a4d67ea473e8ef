// What the market does to orders that rest or wait.
#include "adapters/paper/paper_venue.hpp"

namespace martinet {

/// A limit order comes into force: trades what crosses, then rests (or ends, if ioc).
void PaperVenue::enter(OpenOrders::Slot slot) noexcept {
  PaperOrder& order = open_[slot];
  const OrderRequest& request = order.request;
  const Side other = opposite(request.side);
  if (crosses(request.side, request.price, best(request.instrument, other))) {
    if (const Errc cut = cut_to_position(order); cut != Errc::ok) return end(slot, cut);
    take(order, request.price);
    order.blind = 1;
  }
  if (order.leaves.v == 0) return drop(slot);
  if (request.time_in_force == TimeInForce::ioc) return end(slot, Errc::no_liquidity);
  rest(order);
}

void PaperVenue::rest(PaperOrder& order) noexcept {
  order.queue_ahead = queue_at(order.request);
  lock(order);
}

/// Sets aside what the order needs while it is open.
void PaperVenue::lock(PaperOrder& order) noexcept {
  const OrderRequest& request = order.request;
  if (order.reserved.v != 0 || order.sell_reserved.v != 0) return;  // since it waited
  if (!is_strict(request) && (request.reduce_only != 0 || order.waiting != 0)) return;
  if (is_spot(request.instrument) && request.side == Side::sell) order.sell_reserved = order.leaves;
  const Price price = has_price(request.price) ? request.price : request.trigger_price;
  const Errc error = account_.required(request.instrument, request.side, price, order.leaves, fee_set_aside(request), order.reserved);
  MT_ASSERT(error == Errc::ok);  // the whole order's notional fitted on admission
  account_.reserve(request.instrument, order.reserved, order.sell_reserved);
}

Qty PaperVenue::queue_at(const OrderRequest& request) const noexcept {
  const InstrumentId id = request.instrument;
  const Side side = request.side;
  const auto behind = [side](Price a, Price b) { return side == Side::buy ? a < b : a > b; };
  if (has_book(id, side)) {
    // Below the worst level shown there may be more that is not shown (books of 5 or 20 levels).
    return behind(request.price, books_[id].levels(side).front().price) ? kQueueUnknown : books_[id].qty_at(side, request.price);
  }
  const MarketState& market = markets_[id];
  const Price quote = side == Side::buy ? market.bid : market.ask;
  const Qty quote_qty = side == Side::buy ? market.bid_qty : market.ask_qty;
  if (!has_price(quote) || behind(request.price, quote)) return kQueueUnknown;
  if (request.price != quote) return Qty{};
  return quote_qty.v > 0 ? quote_qty : kQueueUnknown;
}

/// The order ends with its rest unfilled.
void PaperVenue::end(OpenOrders::Slot slot, Errc reason) noexcept {
  PaperOrder& order = open_[slot];
  emit(order, VenueEventKind::cancelled, reason);
  account_.release(order.request.instrument, order.reserved, order.sell_reserved);
  drop(slot);
}

/// tick: what happened; nullptr: the book changed.
void PaperVenue::match(InstrumentId instrument, const Tick* tick) noexcept {
  if (instruments_[instrument].rules.status == TradingStatus::halted) return;
  const MarketState& market = markets_[instrument];
  const std::uint64_t newest = venue_order_id_;
  for (OpenOrders::Slot slot = open_.first(instrument); slot != OpenOrders::kNone; slot = cursor_) {
    cursor_ = open_.next(slot);
    const PaperOrder& order = open_[slot];
    const OrderRequest& request = order.request;
    if (order.venue_order_id > newest) break;  // attached just now: this input was before it
    if (!has_event_room()) {
      ++counters_.deferred;
      break;
    }
    if (order.waiting == 0) {
      match_resting(slot, tick);
    } else if (fires(request.type, request.side, request.trigger_price, market.trigger_reference(request.side, request.trigger_ref))) {
      trigger(slot);
    }
  }
  cursor_ = OpenOrders::kNone;
}

void PaperVenue::match_resting(OpenOrders::Slot slot, const Tick* tick) noexcept {
  PaperOrder& order = open_[slot];
  const OrderRequest& request = order.request;
  if (tick != nullptr && tick->kind == TickKind::mark) return;
  if (tick != nullptr && tick->kind == TickKind::trade) {
    if (const Qty qty = traded_for(order, *tick); qty.v > 0) fill_resting(slot, qty);
    return;
  }
  const Side other = opposite(request.side);
  Price against = kNoPrice;
  if (tick != nullptr) against = other == Side::buy ? tick->bid_price : tick->ask_price;
  if (tick == nullptr && has_book(request.instrument, other)) against = books_[request.instrument].level(other, 0).price;
  if (!crosses(request.side, request.price, against)) {
    order.blind = 0;
  } else if (order.blind == 0) {
    fill_resting(slot, order.leaves);
  }
}

/// What a trade fills of a resting order; shortens its queue.
Qty PaperVenue::traded_for(PaperOrder& order, const Tick& trade) const noexcept {
  const OrderRequest& request = order.request;
  const bool is_buy = request.side == Side::buy;
  if (is_buy ? trade.price() < request.price : trade.price() > request.price) return order.leaves;
  if (trade.price() != request.price || trade.side == request.side || order.queue_ahead == kQueueUnknown) return Qty{};
  if (trade.qty() <= order.queue_ahead) {
    order.queue_ahead = order.queue_ahead - trade.qty();
    return Qty{};
  }
  const Qty beyond = trade.qty() - order.queue_ahead;
  order.queue_ahead = {};
  return lot_down(instruments_[request.instrument].rules, std::min(beyond, order.leaves));
}

void PaperVenue::fill_resting(OpenOrders::Slot slot, Qty qty) noexcept {
  PaperOrder& order = open_[slot];
  if (const Errc cut = cut_to_position(order); cut != Errc::ok) return end(slot, cut);
  fill(order, order.request.price, std::min(qty, order.leaves), true);
  if (order.leaves.v == 0) drop(slot);
}

void PaperVenue::trigger(OpenOrders::Slot slot) noexcept {
  PaperOrder& order = open_[slot];
  const OrderRequest& request = order.request;
  const bool limited = request.type == OrderType::take_profit_limit;
  const Price met = taker_price(request.instrument, request.side);
  if (!limited && !in_price_band(request.instrument, met)) return end(slot, Errc::filter_price);
  const Price begin = limited ? request.price : worsened(request.instrument, request.side, met);
  if (const Errc funds = check_funds(order, begin); funds != Errc::ok) return end(slot, funds);
  if (const Errc cut = cut_to_position(order); cut != Errc::ok) return end(slot, cut);
  order.waiting = 0;
  ++counters_.triggers;
  emit(order, VenueEventKind::triggered);
  if (limited) return enter(slot);
  take(order, kNoPrice);
  drop(slot);
}

}  // namespace martinet

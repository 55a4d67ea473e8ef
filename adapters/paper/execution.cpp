// At which prices orders trade, and what a fill does.
#include "adapters/paper/paper_venue.hpp"

namespace martinet {

bool PaperVenue::has_book(InstrumentId instrument, Side side) const noexcept {
  if (book_states_[instrument] != BookState::trusted) return false;
  const Book& book = books_[instrument];
  return !book.empty(side) && book.is_top_known(side) && !book.crossed();
}

/// Best price standing on `side`: of the book, else the quote, else the last price; kNoPrice if nothing is known.
Price PaperVenue::best(InstrumentId instrument, Side side) const noexcept {
  if (has_book(instrument, side)) return books_[instrument].level(side, 0).price;
  const MarketState& market = markets_[instrument];
  const Price quote = side == Side::buy ? market.bid : market.ask;
  return has_price(quote) ? quote : market.last;
}

/// Where an order on `side` begins to trade; the mark price where nothing else is known.
Price PaperVenue::taker_price(InstrumentId instrument, Side side) const noexcept {
  const Price price = best(instrument, opposite(side));
  return has_price(price) ? price : markets_[instrument].mark;
}

/// The price with slippage against an order on `side`, then to the next tick that is no better; at least one tick.
Price PaperVenue::worsened(InstrumentId instrument, Side side, Price price) const noexcept {
  if (config_.slippage.v == 0) return price;
  std::int64_t slip = 0;
  const Errc error = mul_div_up(price.v, config_.slippage.v, kRateUnit, slip);
  MT_ASSERT(error == Errc::ok);
  const InstrumentRules& rules = instruments_[instrument].rules;
  if (side == Side::buy) return tick_up(rules, {price.v + slip});
  return std::max(rules.tick_size, tick_down(rules, {std::max<std::int64_t>(price.v - slip, 0)}));
}

/// Cuts a reduce-only order (and a spot sell) to what there is to reduce. Fails if there is nothing; the order is then unchanged.
Errc PaperVenue::cut_to_position(PaperOrder& order) noexcept {
  const OrderRequest& request = order.request;
  const bool spot_sell = is_spot(request.instrument) && request.side == Side::sell;
  if (request.reduce_only == 0 && !spot_sell) return Errc::ok;
  const Qty most = reducible(request, order.sell_reserved);
  if (most.v == 0) return nothing_to_reduce(request);
  if (most < order.leaves) shrink(order, order.leaves - most);
  return Errc::ok;
}

/// Takes `by` off the leaves and gives back what was reserved for it.
void PaperVenue::shrink(PaperOrder& order, Qty by) noexcept {
  MT_ASSERT(by.v > 0);
  MT_ASSERT(by <= order.leaves);
  const Qty left = order.leaves - by;
  if (order.reserved.v != 0 || order.sell_reserved.v != 0) {
    Money kept;
    const Errc error = mul_div_up(order.reserved.v, left.v, order.leaves.v, kept.v);
    MT_ASSERT(error == Errc::ok);
    const Qty sell_kept = std::min(order.sell_reserved, left);
    account_.release(order.request.instrument, order.reserved - kept, order.sell_reserved - sell_kept);
    order.reserved = kept;
    order.sell_reserved = sell_kept;
  }
  order.leaves = left;
}

/// Trades at once what can be traded; without a limit (kNoPrice) that is everything.
void PaperVenue::take(PaperOrder& order, Price limit) noexcept {
  const InstrumentId id = order.request.instrument;
  const Side side = order.request.side;
  if (has_book(id, opposite(side))) return take_from_book(order, limit);
  Price price = taker_price(id, side);
  MT_ASSERT(has_price(price));
  price = worsened(id, side, price);
  if (has_price(limit)) price = side == Side::buy ? std::min(price, limit) : std::max(price, limit);
  fill(order, price, order.leaves, false);
}

void PaperVenue::take_from_book(PaperOrder& order, Price limit) noexcept {
  const InstrumentId id = order.request.instrument;
  const Side side = order.request.side;
  const Book& book = books_[id];
  const std::size_t count = std::min(book.size(opposite(side)), capacity::paper_fills_max - 1);
  for (std::size_t i = 0; i < count && order.leaves.v > 0; ++i) {
    const BookLevel& level = book.level(opposite(side), i);
    if (has_price(limit) && !crosses(side, limit, level.price)) return;
    const Qty qty = std::min(order.leaves, lot_down(instruments_[id].rules, level.qty));
    if (qty.v > 0) fill(order, level.price, qty, false);
  }
  if (order.leaves.v == 0 || has_price(limit)) return;
  fill(order, worsened(id, side, book.level(opposite(side), count - 1).price), order.leaves, false);
}

void PaperVenue::fill(PaperOrder& order, Price price, Qty qty, bool maker) noexcept {
  const InstrumentId id = order.request.instrument;
  const bool spot = is_spot(id);
  const Rate rate = maker ? (spot ? config_.spot_maker_fee : config_.maker_fee) : (spot ? config_.spot_taker_fee : config_.taker_fee);
  VenueEvent event = event_of(order, VenueEventKind::filled);
  event.fill_price = price;
  event.fill_qty = qty;
  event.maker = maker ? 1 : 0;
  Errc error = Errc::ok;
  if (spot && order.request.side == Side::buy && config_.spot_fee_asset == SpotFeeAsset::base) {
    Qty taken;
    error = mul_div_up(qty.v, rate.v, kRateUnit, taken.v);
    MT_ASSERT(error == Errc::ok);
    event.set_fee_qty(std::min(taken, qty));
    error = money_of_up(instruments_[id], price, event.fee_qty(), event.fee);
  } else {
    Money notional;
    error = money_of_up(instruments_[id], price, qty, notional);
    MT_ASSERT(error == Errc::ok);
    error = fee_of_up(notional, rate, event.fee);
  }
  MT_ASSERT(error == Errc::ok);
  book(order, event);
  if (config_.attach != AttachStop::none) follow_fill(order, qty);
}

/// Makes the event's fill true, and tells it.
void PaperVenue::book(PaperOrder& order, VenueEvent& event) noexcept {
  const InstrumentId id = order.request.instrument;
  shrink(order, event.fill_qty);
  order.filled = order.filled + event.fill_qty;
  account_.fill(id, order.request.side, event.fill_price, event.fill_qty, event.fee, event.fee_qty());
  const Qty held = account_.position(id).qty;
  markets_[id].held = held.v != 0 && !is_spot(id) ? 1 : 0;
  value(id);
  ++counters_.fills;
  event.trade_id = ++trade_id_;
  event.leaves_qty = order.leaves;
  tell(order, event);
}

}  // namespace martinet

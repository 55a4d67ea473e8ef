// Whether the simulated venue takes an order, and if not, why: the checks in the order in which venues make them.
#include "adapters/paper/paper_venue.hpp"

namespace martinet {
namespace {

bool on_tick_grid(const InstrumentRules& rules, Price price) noexcept {
  return has_price(price) && price.v > 0 && price.v % rules.tick_size.v == 0;
}

Errc check_status(const Instrument& instrument, const OrderRequest& request) noexcept {
  if (instrument.rules.status == TradingStatus::trading) return Errc::ok;
  if (instrument.rules.status == TradingStatus::halted) return Errc::instrument_halted;
  const bool reduces = request.reduce_only != 0 || (instrument.kind == ContractKind::spot && request.side == Side::sell);
  return reduces ? Errc::ok : Errc::instrument_halted;
}

/// may_be_small: what reduces may be dust.
Errc check_numbers(const InstrumentRules& rules, const OrderRequest& request, bool may_be_small) noexcept {
  if (request.qty.v <= 0 || request.qty.v % rules.lot_size.v != 0) return Errc::filter_qty;
  if (!may_be_small && request.qty < rules.qty_min) return Errc::filter_qty;
  if (rules.qty_max.v > 0 && request.qty > rules.qty_max) return Errc::filter_qty;
  const bool limited = request.type == OrderType::limit || request.type == OrderType::take_profit_limit;
  if (limited && !on_tick_grid(rules, request.price)) return Errc::filter_price;
  if (is_trigger(request.type) && !on_tick_grid(rules, request.trigger_price)) return Errc::filter_price;
  return Errc::ok;
}

}  // namespace

Errc PaperVenue::check(const OrderRequest& request) const noexcept {
  if (request.instrument >= markets_.size()) return Errc::unknown_symbol;
  const Instrument& instrument = instruments_[request.instrument];
  if (open_.is_known(request.key)) return Errc::duplicate_order;
  if (instrument.kind == ContractKind::inverse || request.side == Side::none) return Errc::unsupported_order;
  if (const Errc error = check_status(instrument, request); error != Errc::ok) return error;
  const bool may_be_small = request.reduce_only != 0 && !is_strict(request);
  if (const Errc error = check_numbers(instrument.rules, request, may_be_small); error != Errc::ok) return error;
  if (const Errc error = check_plan(instrument, request); error != Errc::ok) return error;
  if (const Errc error = check_market(instrument, request); error != Errc::ok) return error;
  if (request.type != OrderType::market && open_.full()) return Errc::too_many_orders;
  if (too_many_triggers(request)) return Errc::too_many_orders;
  return Errc::ok;
}

Errc PaperVenue::check_market(const Instrument& instrument, const OrderRequest& request) const noexcept {
  const InstrumentId id = request.instrument;
  if (request.reduce_only != 0 && reducible(request, {}).v == 0) return nothing_to_reduce(request);
  const Price reference = markets_[id].trigger_reference(request.side, request.trigger_ref);
  if (is_trigger(request.type) && fires(request.type, request.side, request.trigger_price, reference)) return Errc::would_trigger;

  Price price = request.price;
  if (request.type == OrderType::market) price = taker_price(id, request.side);
  const bool later = request.type == OrderType::stop_market || request.type == OrderType::take_profit_market;
  if (later) price = request.trigger_price;
  if (!has_price(price)) return Errc::no_liquidity;
  if (!later && !in_price_band(id, price)) return Errc::filter_price;
  Money notional;
  if (const Errc error = money_of_down(instrument, price, request.qty, notional); error != Errc::ok) return error;
  const bool may_be_small = request.reduce_only != 0 && !is_strict(request);
  if (!may_be_small && notional < instrument.rules.notional_min) return Errc::filter_notional;

  const bool post_only = request.type == OrderType::limit && request.time_in_force == TimeInForce::post_only;
  if (post_only && crosses(request.side, request.price, best(id, opposite(request.side)))) return Errc::would_cross;
  if (request.type == OrderType::market) price = worsened(id, request.side, price);
  PaperOrder order;
  order.request = request;
  order.leaves = request.qty;
  return check_funds(order, price);
}

Errc PaperVenue::check_funds(const PaperOrder& order, Price price) const noexcept {
  const OrderRequest& request = order.request;
  if (request.reduce_only != 0) return Errc::ok;  // needs none, and is cut to what there is
  if (is_spot(request.instrument) && request.side == Side::sell) {
    return order.leaves <= account_.sellable(request.instrument, order.sell_reserved) ? Errc::ok : Errc::insufficient_balance;
  }
  Money required;
  const Errc error = account_.required(request.instrument, request.side, price, order.leaves, fee_set_aside(request), required);
  if (error != Errc::ok) return error;
  return required <= account_.free() + order.reserved ? Errc::ok : Errc::insufficient_balance;
}

/// The fee that must be free in money besides the cost: none where it is taken out of what is bought.
Rate PaperVenue::fee_set_aside(const OrderRequest& request) const noexcept {
  if (!is_spot(request.instrument)) return config_.taker_fee;
  return config_.spot_fee_asset == SpotFeeAsset::base && request.side == Side::buy ? Rate{} : config_.spot_taker_fee;
}

/// What the order may reduce at most. own: of a spot balance, what it holds itself.
Qty PaperVenue::reducible(const OrderRequest& request, Qty own) const noexcept {
  const bool spot_sell = is_spot(request.instrument) && request.side == Side::sell;
  return spot_sell ? account_.sellable(request.instrument, own) : account_.reducible(request.instrument, request.side);
}

Errc PaperVenue::nothing_to_reduce(const OrderRequest& request) const noexcept {
  const bool locked = account_.reducible(request.instrument, request.side).v != 0;  // spot: held, but not free
  return request.reduce_only != 0 && !locked ? Errc::reduce_only_refused : Errc::insufficient_balance;
}

bool PaperVenue::in_price_band(InstrumentId instrument, Price price) const noexcept {
  if (config_.price_band.v == 0) return true;
  const MarketState& market = markets_[instrument];
  const Price reference = has_price(market.mark) ? market.mark : market.last;
  std::int64_t far = 0;
  if (!has_price(reference) || mul_div_down(reference.v, config_.price_band.v, kRateUnit, far) != Errc::ok) return true;
  return price.v >= reference.v - far && price.v <= reference.v + far;
}

bool PaperVenue::too_many_triggers(const OrderRequest& request) const noexcept {
  if (config_.trigger_orders_max == 0 || !is_trigger(request.type)) return false;
  std::int64_t count = 0;
  for (OpenOrders::Slot slot = open_.first(request.instrument); slot != OpenOrders::kNone; slot = open_.next(slot)) {
    const PaperOrder& order = open_[slot];
    const bool replaced = order.whole != 0 && is_attribute(request) && order.request.purpose() == request.purpose();
    count += order.waiting != 0 && !replaced ? 1 : 0;
  }
  return count >= config_.trigger_orders_max;
}

}  // namespace martinet

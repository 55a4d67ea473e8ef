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

Errc check_numbers(const InstrumentRules& rules, const OrderRequest& request) noexcept {
  if (request.qty.v <= 0 || request.qty.v % rules.lot_size.v != 0) return Errc::filter_qty;
  if (request.reduce_only == 0 && request.qty < rules.qty_min) return Errc::filter_qty;
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
  if (const Errc error = check_numbers(instrument.rules, request); error != Errc::ok) return error;
  if (const Errc error = check_market(instrument, request); error != Errc::ok) return error;
  if (request.type != OrderType::market && open_.full()) return Errc::too_many_orders;
  return Errc::ok;
}

Errc PaperVenue::check_market(const Instrument& instrument, const OrderRequest& request) const noexcept {
  const InstrumentId id = request.instrument;
  if (request.reduce_only != 0 && account_.reducible(id, request.side).v == 0) return Errc::reduce_only_refused;
  const Price reference = markets_[id].trigger_reference(request.side, request.trigger_ref);
  if (is_trigger(request.type) && fires(request.type, request.side, request.trigger_price, reference)) return Errc::would_trigger;

  Price price = request.price;
  if (request.type == OrderType::market) price = taker_price(id, request.side);
  if (request.type == OrderType::stop_market || request.type == OrderType::take_profit_market) price = request.trigger_price;
  if (!has_price(price)) return Errc::no_liquidity;
  Money notional;
  if (const Errc error = money_of_down(instrument, price, request.qty, notional); error != Errc::ok) return error;
  if (request.reduce_only == 0 && notional < instrument.rules.notional_min) return Errc::filter_notional;

  const bool post_only = request.type == OrderType::limit && request.time_in_force == TimeInForce::post_only;
  if (post_only && crosses(request.side, request.price, best(id, opposite(request.side)))) return Errc::would_cross;
  if (request.type == OrderType::market) price = worsened(id, request.side, price);
  return check_funds(request, price, request.qty);
}

Errc PaperVenue::check_funds(const OrderRequest& request, Price price, Qty qty) const noexcept {
  if (request.reduce_only != 0) return Errc::ok;
  const bool spot = is_spot(request.instrument);
  if (spot && request.side == Side::sell) return account_.can_sell_spot(request.instrument, qty) ? Errc::ok : Errc::insufficient_balance;
  Money required;
  const Rate fee = spot ? config_.spot_taker_fee : config_.taker_fee;
  if (const Errc error = account_.required(request.instrument, request.side, price, qty, fee, required); error != Errc::ok) return error;
  return required <= account_.free() ? Errc::ok : Errc::insufficient_balance;
}

}  // namespace martinet

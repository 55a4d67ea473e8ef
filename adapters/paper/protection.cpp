// Stops and targets that the venue itself places for an entry that names them (PaperConfig.attach).
//
// * The stop has the key {intent of the entry, stop, 0}, the target {intent, target, 0}: stop_market and take_profit_limit at its
//   own trigger, reduce-only, with the entry's trigger_ref. Each is told like an order that was sent: `accepted`, or `rejected` if
//   the venue would not take it (would_trigger: the market is beyond it already).
// * on_full_fill: when the entry has filled whole. An entry that is cancelled after a part of it has filled leaves that part bare.
//   on_each_fill: with every fill, for what has filled so far. position_attribute: with the first fill, for the whole position.
// * A later fill of the same intent makes an attached order grow and take over the newer entry's prices; that is told by another
//   `accepted` with the new leaves_qty. Once that key is done (cancelled, fired), nothing more is attached for the intent: who
//   cancelled it has taken protection over.
// * Attached orders end with the position: `cancelled`, reduce_only_refused. Until then stop and target are independent.
// * position_attribute: any reduce-only stop or target, whoever placed it, is the position's one stop or target: it covers all of
//   it, whatever its quantity said, and a newer one replaces it (`accepted` of the new, then `cancelled` of the old).
// * On spot with stop_locks_asset the stop has locked what the target would sell, so the target is refused.
#include "adapters/paper/paper_venue.hpp"

namespace martinet {
namespace {

bool names_protection(const OrderRequest& request) noexcept {
  return request.purpose() == OrderPurpose::entry && request.reduce_only == 0 &&
         (has_price(request.stop_price) || has_price(request.target_price));
}

}  // namespace

/// Whether the venue would take the protection that an entry names.
Errc PaperVenue::check_plan(const Instrument& instrument, const OrderRequest& entry) const noexcept {
  if (config_.attach == AttachStop::none || !names_protection(entry)) return Errc::ok;
  const Side side = opposite(entry.side);
  const Price reference = markets_[entry.instrument].trigger_reference(side, entry.trigger_ref);
  const auto check_leg = [&](OrderType type, Price trigger) {
    if (!has_price(trigger)) return Errc::ok;
    if (trigger.v <= 0 || trigger.v % instrument.rules.tick_size.v != 0) return Errc::filter_price;
    return fires(type, side, trigger, reference) ? Errc::would_trigger : Errc::ok;
  };
  if (const Errc error = check_leg(OrderType::stop_market, entry.stop_price); error != Errc::ok) return error;
  return check_leg(OrderType::take_profit_limit, entry.target_price);
}

void PaperVenue::follow_fill(const PaperOrder& order, Qty qty) noexcept {
  const OrderRequest& request = order.request;
  if (names_protection(request) && (config_.attach != AttachStop::on_full_fill || order.leaves.v == 0)) {
    const Qty covered = config_.attach == AttachStop::on_full_fill ? order.filled : qty;
    attach_leg(order, OrderPurpose::stop, request.stop_price, covered);
    attach_leg(order, OrderPurpose::target, request.target_price, covered);
  }
  fit_to_position(order);
}

void PaperVenue::attach_leg(const PaperOrder& entry, OrderPurpose leg, Price trigger, Qty qty) noexcept {
  if (!has_price(trigger)) return;
  OrderRequest request;
  request.ts_ns = entry.request.ts_ns;
  request.sequence = entry.request.sequence;
  request.key = {entry.request.key.intent_id, leg, 0, {}};
  request.instrument = entry.request.instrument;
  request.strategy = entry.request.strategy;
  request.type = leg == OrderPurpose::stop ? OrderType::stop_market : OrderType::take_profit_limit;
  request.side = opposite(entry.request.side);
  request.trigger_ref = entry.request.trigger_ref;
  request.trigger_price = trigger;
  request.price = leg == OrderPurpose::stop ? kNoPrice : trigger;
  request.reduce_only = 1;
  request.qty = is_spot(request.instrument) ? std::min(qty, reducible(request, {})) : qty;  // less what the commission took

  const OpenOrders::Slot slot = open_.find(request.key);
  if (slot == OpenOrders::kNone) {
    if (open_.is_known(request.key)) return;
    place(request, true);
    counters_.attached += open_.find(request.key) != OpenOrders::kNone ? 1 : 0;
    return;
  }
  PaperOrder& order = open_[slot];
  const bool same_position = order.request.instrument == request.instrument && order.request.side == request.side;
  if (order.waiting == 0 || !same_position) return;  // it has fired, or an intent has been used for two things
  order.request.trigger_price = request.trigger_price;
  order.request.price = request.price;
  if (order.whole != 0) return;  // fit_to_position() does the rest
  order.request.qty = order.request.qty + request.qty;
  order.leaves = order.leaves + request.qty;
  if (order.sell_reserved.v != 0) {
    order.sell_reserved = order.sell_reserved + request.qty;
    account_.reserve(request.instrument, {}, request.qty);
  }
  emit(order, VenueEventKind::accepted);
}

/// After a fill: attached orders end with the position, and attributes cover all of it.
void PaperVenue::fit_to_position(const PaperOrder& filled) noexcept {
  for (OpenOrders::Slot slot = open_.first(filled.request.instrument); slot != OpenOrders::kNone;) {
    const OpenOrders::Slot next = open_.next(slot);
    PaperOrder& order = open_[slot];
    if (order.attached != 0 && &order != &filled) {
      const Qty most = reducible(order.request, order.sell_reserved);
      if (most.v == 0) {
        end(slot, Errc::reduce_only_refused);
      } else if (order.whole != 0 && order.waiting != 0 && most < order.leaves) {
        shrink(order, order.leaves - most);
        if (lagged_ != nullptr) lagged_->note(now_ns_, order, false, position_image(order.request.instrument));
      } else if (order.whole != 0 && order.waiting != 0 && most > order.leaves) {
        if (order.sell_reserved.v != 0) {
          account_.reserve(order.request.instrument, {}, most - order.leaves);
          order.sell_reserved = most;
        }
        order.leaves = most;
        emit(order, VenueEventKind::accepted);
      }
    }
    slot = next;
  }
}

bool PaperVenue::is_attribute(const OrderRequest& request) const noexcept {
  return config_.attach == AttachStop::position_attribute && request.reduce_only != 0 && is_trigger(request.type) &&
         (request.purpose() == OrderPurpose::stop || request.purpose() == OrderPurpose::target);
}

/// A position has one stop and one target: the order in `slot` takes the place of the one before.
void PaperVenue::replace_attribute(OpenOrders::Slot slot) noexcept {
  const OrderRequest& request = open_[slot].request;
  for (OpenOrders::Slot at = open_.first(request.instrument); at != OpenOrders::kNone;) {
    const OpenOrders::Slot next = open_.next(at);
    if (at != slot && open_[at].whole != 0 && open_[at].request.purpose() == request.purpose()) end(at, Errc::ok);
    at = next;
  }
}

}  // namespace martinet

// What others do to the account: people at the venue's web page, expiry, funding. For simulations.
#include "adapters/paper/paper_venue.hpp"

namespace martinet {

bool PaperVenue::remove_order(const OrderKey& key, bool told, std::int64_t now_ns) noexcept {
  now_ns_ = std::max(now_ns_, now_ns);
  const OpenOrders::Slot slot = open_.find(key);
  if (slot == OpenOrders::kNone || !has_event_room()) return false;
  if (told) {
    end(slot, Errc::ok);
    return true;
  }
  const PaperOrder& order = open_[slot];
  const InstrumentId instrument = order.request.instrument;
  if (lagged_ != nullptr) lagged_->note(now_ns_, order, true, position_image(instrument));
  account_.release(instrument, order.reserved, order.sell_reserved);
  drop(slot);
  return true;
}

bool PaperVenue::trade_by_hand(InstrumentId instrument, Side side, Qty qty, std::int64_t now_ns) noexcept {
  now_ns_ = std::max(now_ns_, now_ns);
  PaperOrder order;
  order.request.key.leg = OrderPurpose::close;
  order.request.instrument = instrument;
  order.request.side = side;
  order.request.qty = order.leaves = qty;
  if (qty.v <= 0 || !has_event_room() || !has_price(taker_price(instrument, side)) || cut_to_position(order) != Errc::ok) return false;
  order.venue_order_id = ++venue_order_id_;
  take(order, kNoPrice);
  return true;
}

void PaperVenue::deposit_asset(InstrumentId instrument, Qty qty, Price price) noexcept {
  account_.deposit_asset(instrument, qty, price);
  if (lagged_ != nullptr) lagged_->note_position(now_ns_, instrument, position_image(instrument));
}

}  // namespace martinet

// What the venue does to a position whose margin is used up.
#include "adapters/paper/paper_venue.hpp"

namespace martinet {

/// The position at what the market shows now.
void PaperVenue::value(InstrumentId instrument) noexcept {
  const Price price = markets_[instrument].value_price(account_.position(instrument).qty.v > 0);
  if (has_price(price)) account_.revalue(instrument, price);
}

void PaperVenue::watch_margin(InstrumentId instrument) noexcept {
  const auto is_halted = [this](InstrumentId id) { return instruments_[id].rules.status == TradingStatus::halted; };
  if (is_halted(instrument)) return;
  while (account_.margin_used_up(instrument)) {
    const InstrumentId which = config_.margin_mode == MarginMode::cross ? account_.worst() : instrument;
    if (is_halted(which)) return;
    if (!has_event_room()) {
      ++counters_.deferred;
      return;
    }
    liquidate(which);
  }
}

void PaperVenue::liquidate(InstrumentId instrument) noexcept {
  ++counters_.liquidations;
  end_all(instrument, true);
  const PaperPosition& position = account_.position(instrument);
  const bool is_long = position.qty.v > 0;
  PaperOrder order;
  order.request.key.leg = OrderPurpose::close;
  order.request.instrument = instrument;
  order.request.side = is_long ? Side::sell : Side::buy;
  order.request.qty = order.leaves = abs(position.qty);
  order.venue_order_id = ++venue_order_id_;

  // Better for us of market and bankruptcy: what is lost beyond the margin is not ours.
  Price price = account_.bankruptcy_price(instrument);
  if (const Price market = taker_price(instrument, order.request.side); has_price(market)) {
    const Price met = worsened(instrument, order.request.side, market);
    price = is_long ? std::max(price, met) : std::min(price, met);
  }
  const __int128 worth = static_cast<__int128>(price.v) * order.leaves.v;
  Money notional;
  Money gain;
  VenueEvent event = event_of(order, VenueEventKind::liquidated);
  const Instrument& row = instruments_[instrument];
  const bool fits = area_to_money(row, worth, true, notional) &&
                    area_to_money(row, is_long ? worth - position.cost : position.cost - worth, false, gain) &&
                    fee_of_up(notional, config_.taker_fee, event.fee) == Errc::ok;
  MT_ASSERT(fits);  // between the entry and the bankruptcy price, or at a market price like any other fill
  event.fee = std::clamp(account_.loss_max(instrument) + gain, Money{}, event.fee);
  event.reason = Errc::liquidated;
  event.fill_price = price;
  event.fill_qty = order.leaves;
  book(order, event);
  end_all(instrument, false);
}

void PaperVenue::end_all(InstrumentId instrument, bool entries_only) noexcept {
  for (OpenOrders::Slot slot = open_.first(instrument); slot != OpenOrders::kNone;) {
    const OpenOrders::Slot next = open_.next(slot);
    if (!entries_only || open_[slot].request.reduce_only == 0) end(slot, Errc::liquidated);
    slot = next;
  }
}

}  // namespace martinet

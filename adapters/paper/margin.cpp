// Contracts at the mark price: what they are worth, when the venue closes them, and at which price no more can be lost.
#include <algorithm>

#include "adapters/paper/account.hpp"

namespace martinet {
namespace {

using Wide = __int128;

Wide divide_down(Wide value, Wide by) noexcept { return value / by - (value % by < 0 ? 1 : 0); }  // by > 0

}  // namespace

void PaperAccount::revalue(InstrumentId id, Price price) noexcept {
  PaperPosition& position = positions_[id];
  if (price == position.value_price) return;
  const Instrument& instrument = instruments_[id];
  if (instrument.kind == ContractKind::spot) return;
  if (position.qty.v == 0) {
    position.value_price = kNoPrice;
    return set_value(position, {}, {});
  }
  const Wide worth = static_cast<Wide>(price.v) * abs(position.qty).v;
  Money unrealised;
  Money notional;
  Money maintenance;
  if (!area_to_money(instrument, position.qty.v > 0 ? worth - position.cost : position.cost - worth, false, unrealised) ||
      !area_to_money(instrument, worth, true, notional) || fee_of_up(notional, terms_.maintenance, maintenance) != Errc::ok) {
    return;
  }
  position.value_price = price;
  set_value(position, unrealised, maintenance);
}

void PaperAccount::set_value(PaperPosition& position, Money unrealised, Money maintenance) noexcept {
  unrealised_ = unrealised_ - position.unrealised + unrealised;
  maintenance_ = maintenance_ - position.maintenance + maintenance;
  position.unrealised = unrealised;
  position.maintenance = maintenance;
}

bool PaperAccount::margin_used_up(InstrumentId id) const noexcept {
  if (terms_.mode == MarginMode::cross) return equity() < maintenance_ && worst() != kNoInstrument;
  const PaperPosition& position = positions_[id];
  if (position.qty.v == 0 || instruments_[id].kind == ContractKind::spot) return false;
  return position.margin + position.unrealised < position.maintenance;
}

InstrumentId PaperAccount::worst() const noexcept {
  InstrumentId worst = kNoInstrument;
  for (std::size_t i = 0; i < positions_.size(); ++i) {
    const auto id = static_cast<InstrumentId>(i);
    if (positions_[i].qty.v == 0 || instruments_[id].kind == ContractKind::spot) continue;
    if (worst == kNoInstrument || positions_[i].unrealised < positions_[worst].unrealised) worst = id;
  }
  return worst;
}

Money PaperAccount::loss_max(InstrumentId id) const noexcept {
  const PaperPosition& position = positions_[id];
  if (terms_.mode == MarginMode::isolated) return position.margin;
  return std::max(Money{}, equity() - position.unrealised);
}

Price PaperAccount::bankruptcy_price(InstrumentId id) const noexcept {
  const PaperPosition& position = positions_[id];
  MT_ASSERT(position.qty.v != 0);
  const Instrument& instrument = instruments_[id];
  // Loss of a long: (cost - price * qty) * num / den, rounded up, is at most `loss` exactly if
  // price * qty * num >= cost * num - loss * den. A short the other way round.
  const Wide num = static_cast<Wide>(instrument.value_num);
  const Wide loss = static_cast<Wide>(loss_max(id).v) * static_cast<Wide>(instrument.value_den);
  const Wide unit = static_cast<Wide>(abs(position.qty).v) * num;
  const bool is_long = position.qty.v > 0;
  const Wide price = is_long ? -divide_down(loss - position.cost * num, unit) : divide_down(position.cost * num + loss, unit);
  const Wide tick = instrument.rules.tick_size.v;
  // A long that can lose more than it cost, or a short that can lose more than a price can say, has the last tick there is.
  const Wide highest = (Wide{1} << 62) / tick * tick;
  const Wide on_tick = is_long ? -divide_down(-price, tick) * tick : divide_down(price, tick) * tick;
  return {static_cast<std::int64_t>(std::clamp(on_tick, tick, highest))};
}

}  // namespace martinet

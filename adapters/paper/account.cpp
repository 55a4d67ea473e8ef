#include "adapters/paper/account.hpp"

#include <algorithm>
#include <limits>

namespace martinet {
namespace {

using Wide = __int128;

/// area (price * qty in grid units) in money. Admission refuses orders whose notional does not fit, so a failure here is ours.
Money money_of_area(const Instrument& instrument, Wide area, bool up) noexcept {
  Wide value = 0;
  const bool overflow = __builtin_mul_overflow(area, static_cast<Wide>(instrument.value_num), &value);
  MT_ASSERT(!overflow);
  const Wide den = static_cast<Wide>(instrument.value_den);
  Wide quotient = value / den;
  const Wide rest = value % den;
  if (rest != 0 && up && value > 0) ++quotient;
  if (rest != 0 && !up && value < 0) --quotient;
  MT_ASSERT(quotient <= std::numeric_limits<std::int64_t>::max() && quotient >= std::numeric_limits<std::int64_t>::min());
  return {static_cast<std::int64_t>(quotient)};
}

std::int64_t divide_up(std::int64_t value, std::int64_t by) noexcept { return value / by + (value % by > 0 ? 1 : 0); }

}  // namespace

PaperAccount::PaperAccount(const InstrumentTable& instruments, Money initial_balance, int leverage)
    : instruments_(instruments), leverage_(leverage), balance_(initial_balance), positions_(instruments.size()) {
  MT_ASSERT(leverage >= 1);
}

Price PaperAccount::entry_price(InstrumentId id) const noexcept {
  const PaperPosition& position = positions_[id];
  if (position.qty.v == 0) return kNoPrice;
  const Wide qty = abs(position.qty).v;
  return {static_cast<std::int64_t>((2 * position.cost + qty) / (2 * qty))};
}

Qty PaperAccount::reducible(InstrumentId id, Side side) const noexcept {
  const Qty held = positions_[id].qty;
  if (side == Side::sell) return held.v > 0 ? held : Qty{};
  return held.v < 0 ? -held : Qty{};
}

Errc PaperAccount::required(InstrumentId id, Side side, Price price, Qty qty, Rate fee_rate, Money& out) const noexcept {
  const Instrument& instrument = instruments_[id];
  const bool spot = instrument.kind == ContractKind::spot;
  Money notional;
  if (const Errc error = money_of_up(instrument, price, qty, notional); error != Errc::ok) return error;
  out = {};
  if (spot && side == Side::sell) return Errc::ok;
  Money fee;
  if (const Errc error = fee_of_up(notional, fee_rate, fee); error != Errc::ok) return error;
  const Qty opening = qty - std::min(qty, reducible(id, side));
  Money opened;
  if (const Errc error = money_of_up(instrument, price, opening, opened); error != Errc::ok) return error;
  const Money margin{spot ? opened.v : divide_up(opened.v, leverage_)};
  if (__builtin_add_overflow(margin.v, std::max<std::int64_t>(fee.v, 0), &out.v)) return Errc::overflow;
  return Errc::ok;
}

bool PaperAccount::can_sell_spot(InstrumentId id, Qty qty) const noexcept {
  return qty <= positions_[id].qty - positions_[id].sell_reserved;
}

Money PaperAccount::fill(InstrumentId id, Side side, Price price, Qty qty, Money fee) noexcept {
  MT_ASSERT(qty.v > 0);
  const Instrument& instrument = instruments_[id];
  PaperPosition& position = positions_[id];
  const Qty closing = std::min(qty, reducible(id, side));
  MT_ASSERT(instrument.kind != ContractKind::spot || side == Side::buy || closing == qty);
  const Money pnl = closing.v > 0 ? close_part(instrument, position, price, closing) : Money{};
  const Qty opening = qty - closing;
  position.cost += static_cast<Wide>(price.v) * opening.v;
  position.qty = side == Side::buy ? position.qty + opening : position.qty - opening;
  set_margin(instrument, position);
  balance_ = balance_ + pnl - fee;
  pnl_total_ = pnl_total_ + pnl;
  fees_total_ = fees_total_ + fee;
  return pnl;
}

Money PaperAccount::close_part(const Instrument& instrument, PaperPosition& position, Price price, Qty qty) noexcept {
  const Wide held = abs(position.qty).v;
  // The part's share of the cost, rounded down: what is cut off stays with the rest and leaves with the last close.
  const Wide cost_part = qty.v == held ? position.cost : (position.cost / held) * qty.v + (position.cost % held) * qty.v / held;
  const Wide value = static_cast<Wide>(price.v) * qty.v;
  const bool is_long = position.qty.v > 0;
  position.cost -= cost_part;
  position.qty = is_long ? position.qty - qty : position.qty + qty;
  return money_of_area(instrument, is_long ? value - cost_part : cost_part - value, false);
}

void PaperAccount::set_margin(const Instrument& instrument, PaperPosition& position) noexcept {
  const Money value = money_of_area(instrument, position.cost, true);
  margin_ = margin_ - position.margin;
  position.margin = instrument.kind == ContractKind::spot ? value : Money{divide_up(value.v, leverage_)};
  margin_ = margin_ + position.margin;
}

void PaperAccount::reserve(InstrumentId id, Money money, Qty sell_qty) noexcept {
  PaperPosition& position = positions_[id];
  position.reserved = position.reserved + money;
  position.sell_reserved = position.sell_reserved + sell_qty;
  reserved_ = reserved_ + money;
}

void PaperAccount::release(InstrumentId id, Money money, Qty sell_qty) noexcept {
  PaperPosition& position = positions_[id];
  MT_ASSERT(money <= position.reserved);
  MT_ASSERT(sell_qty <= position.sell_reserved);
  reserve(id, -money, -sell_qty);
}

void PaperAccount::save(ArchiveWriter& out) const {
  out.put(balance_);
  out.put(pnl_total_);
  out.put(fees_total_);
  for (const PaperPosition& position : positions_) {
    out.put(position.cost);
    out.put(position.qty);
    out.put(position.sell_reserved);
    out.put(position.margin);
    out.put(position.reserved);
  }
}

bool PaperAccount::load(ArchiveReader& in) noexcept {
  margin_ = reserved_ = {};
  if (!in.get(balance_) || !in.get(pnl_total_) || !in.get(fees_total_)) return false;
  for (PaperPosition& position : positions_) {
    if (!in.get(position.cost) || !in.get(position.qty) || !in.get(position.sell_reserved) || !in.get(position.margin) ||
        !in.get(position.reserved)) {
      return false;
    }
    margin_ = margin_ + position.margin;
    reserved_ = reserved_ + position.reserved;
  }
  return true;
}

}  // namespace martinet

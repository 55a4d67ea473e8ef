#include "adapters/paper/account.hpp"

#include <algorithm>
#include <limits>

namespace martinet {
namespace {

using Wide = __int128;

/// Admission refuses orders whose notional does not fit, so a failure here is ours.
Money money_of_area(const Instrument& instrument, Wide area, bool up) noexcept {
  Money out;
  const bool fits = area_to_money(instrument, area, up, out);
  MT_ASSERT(fits);
  return out;
}

/// The part's share of the cost, rounded down: what is cut off stays with the rest and leaves with the last close.
Wide cost_of_part(Wide cost, Wide part, Wide held) noexcept {
  return part == held ? cost : (cost / held) * part + (cost % held) * part / held;
}

std::int64_t divide_up(std::int64_t value, std::int64_t by) noexcept { return value / by + (value % by > 0 ? 1 : 0); }

}  // namespace

bool area_to_money(const Instrument& instrument, Wide area, bool up, Money& out) noexcept {
  Wide value = 0;
  if (__builtin_mul_overflow(area, static_cast<Wide>(instrument.value_num), &value)) return false;
  const Wide den = static_cast<Wide>(instrument.value_den);
  Wide quotient = value / den;
  const Wide rest = value % den;
  if (rest != 0 && up && value > 0) ++quotient;
  if (rest != 0 && !up && value < 0) --quotient;
  if (quotient > std::numeric_limits<std::int64_t>::max() || quotient < std::numeric_limits<std::int64_t>::min()) return false;
  out = {static_cast<std::int64_t>(quotient)};
  return true;
}

PaperAccount::PaperAccount(const InstrumentTable& instruments, Money initial_balance, const MarginTerms& terms)
    : instruments_(instruments), terms_(terms), balance_(initial_balance), positions_(instruments.size()) {
  MT_ASSERT(terms.leverage >= 1);
  MT_ASSERT(terms.maintenance.v >= 0);
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
  const Money margin{spot ? opened.v : divide_up(opened.v, terms_.leverage)};
  if (__builtin_add_overflow(margin.v, std::max<std::int64_t>(fee.v, 0), &out.v)) return Errc::overflow;
  return Errc::ok;
}

Qty PaperAccount::sellable(InstrumentId id, Qty own) const noexcept {
  const PaperPosition& position = positions_[id];
  return lot_down(instruments_[id].rules, position.qty - position.sell_reserved + own);
}

Money PaperAccount::fill(InstrumentId id, Side side, Price price, Qty qty, Money fee, Qty fee_qty) noexcept {
  MT_ASSERT(qty.v > 0);
  MT_ASSERT(fee_qty <= qty);
  const Instrument& instrument = instruments_[id];
  PaperPosition& position = positions_[id];
  const Qty closing = std::min(qty, reducible(id, side));
  MT_ASSERT(instrument.kind != ContractKind::spot || side == Side::buy || closing == qty);
  const Money pnl = closing.v > 0 ? close_part(instrument, position, price, closing) : Money{};
  const Qty opening = qty - closing - fee_qty;
  position.cost += static_cast<Wide>(price.v) * opening.v;
  position.qty = side == Side::buy ? position.qty + opening : position.qty - opening;
  set_margin(instrument, position);
  balance_ = balance_ + pnl - fee;
  pnl_total_ = pnl_total_ + pnl;
  fees_total_ = fees_total_ + fee;
  const Price value_price = position.value_price;
  position.value_price = kNoPrice;  // another quantity: to be valued anew
  revalue(id, has_price(value_price) ? value_price : price);
  return pnl;
}

Money PaperAccount::close_part(const Instrument& instrument, PaperPosition& position, Price price, Qty qty) noexcept {
  const Wide cost_part = cost_of_part(position.cost, qty.v, abs(position.qty).v);
  const Wide value = static_cast<Wide>(price.v) * qty.v;
  const bool is_long = position.qty.v > 0;
  position.cost -= cost_part;
  position.qty = is_long ? position.qty - qty : position.qty + qty;
  return money_of_area(instrument, is_long ? value - cost_part : cost_part - value, false);
}

void PaperAccount::set_margin(const Instrument& instrument, PaperPosition& position) noexcept {
  const Money value = money_of_area(instrument, position.cost, true);
  const bool spot = instrument.kind == ContractKind::spot;
  const Money margin = spot ? value : Money{divide_up(value.v, terms_.leverage)};
  margin_ = margin_ - position.margin + margin;
  if (spot) spot_cost_ = spot_cost_ - position.margin + margin;
  position.margin = margin;
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

void PaperAccount::deposit(Money money) noexcept {
  balance_ = balance_ + money;
  deposits_total_ = deposits_total_ + money;
}

void PaperAccount::deposit_asset(InstrumentId id, Qty qty, Price price) noexcept {
  MT_ASSERT(instruments_[id].kind == ContractKind::spot);
  PaperPosition& position = positions_[id];
  MT_ASSERT(position.qty + qty >= position.sell_reserved);
  const Money before = position.margin;
  if (qty.v >= 0) {
    position.cost += static_cast<Wide>(price.v) * qty.v;
  } else {
    position.cost -= cost_of_part(position.cost, -qty.v, position.qty.v);  // leaves at what it cost
  }
  position.qty = position.qty + qty;
  set_margin(instruments_[id], position);
  deposit(position.margin - before);
}

void PaperAccount::save(ArchiveWriter& out) const {
  out.put(balance_);
  out.put(pnl_total_);
  out.put(fees_total_);
  out.put(deposits_total_);
  for (const PaperPosition& position : positions_) {
    out.put(position.cost);
    out.put(position.qty);
    out.put(position.sell_reserved);
    out.put(position.margin);
    out.put(position.reserved);
    out.put(position.unrealised);
    out.put(position.maintenance);
    out.put(position.value_price);
  }
}

bool PaperAccount::load(ArchiveReader& in) noexcept {
  margin_ = spot_cost_ = reserved_ = unrealised_ = maintenance_ = {};
  if (!in.get(balance_) || !in.get(pnl_total_) || !in.get(fees_total_) || !in.get(deposits_total_)) return false;
  for (std::size_t i = 0; i < positions_.size(); ++i) {
    PaperPosition& position = positions_[i];
    if (!in.get(position.cost) || !in.get(position.qty) || !in.get(position.sell_reserved) || !in.get(position.margin) ||
        !in.get(position.reserved) || !in.get(position.unrealised) || !in.get(position.maintenance) || !in.get(position.value_price)) {
      return false;
    }
    margin_ = margin_ + position.margin;
    reserved_ = reserved_ + position.reserved;
    unrealised_ = unrealised_ + position.unrealised;
    maintenance_ = maintenance_ + position.maintenance;
    if (instruments_[static_cast<InstrumentId>(i)].kind == ContractKind::spot) spot_cost_ = spot_cost_ + position.margin;
  }
  return true;
}

}  // namespace martinet

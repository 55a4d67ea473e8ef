#include "engine/cold/position/cost_basis.hpp"

#include "engine/base/assert.hpp"

namespace martinet {
namespace {

constexpr Area div_down(Area numerator, Area denominator) noexcept {
  const Area quotient = numerator / denominator;
  return numerator % denominator != 0 && numerator < 0 ? quotient - 1 : quotient;
}

// Whole part and rest are multiplied apart: area x value_num itself may need more than 128 bits.
Errc scaled_down(const Instrument& instrument, Area area, Area& out) noexcept {
  const auto numerator = static_cast<Area>(instrument.value_num);
  const auto denominator = static_cast<Area>(instrument.value_den);
  const Area whole = div_down(area, denominator);
  const Area rest = area - whole * denominator;  // 0 .. denominator-1
  Area whole_value = 0;
  Area rest_value = 0;
  if (__builtin_mul_overflow(whole, numerator, &whole_value) || __builtin_mul_overflow(rest, numerator, &rest_value)) return Errc::overflow;
  return __builtin_add_overflow(whole_value, rest_value / denominator, &out) ? Errc::overflow : Errc::ok;
}

Errc narrow(Area value, Money& out) noexcept {
  if (value > kAmountMax || value < -kAmountMax) return Errc::overflow;
  out.v = static_cast<std::int64_t>(value);
  return Errc::ok;
}

// cost x part / whole, rounded down, without a product beyond 128 bits; 0 < part <= whole.
constexpr Area share_down(Area cost, std::int64_t part, std::int64_t whole) noexcept {
  const Area average = div_down(cost, whole);
  const Area rest = cost - average * whole;
  return average * part + rest * part / whole;
}

}  // namespace

Errc money_of_area_down(const Instrument& instrument, Area area, Money& out) noexcept {
  Area value = 0;
  if (const Errc error = scaled_down(instrument, area, value); error != Errc::ok) return error;
  return narrow(value, out);
}

Errc money_of_area_up(const Instrument& instrument, Area area, Money& out) noexcept {
  Area value = 0;
  if (const Errc error = scaled_down(instrument, -area, value); error != Errc::ok) return error;
  return narrow(-value, out);
}

void CostBasis::increase(Price price, Qty signed_qty, Money fee) noexcept {
  MT_ASSERT(signed_qty.v != 0);
  MT_ASSERT(qty.v == 0 || (qty.v > 0) == (signed_qty.v > 0));
  cost += static_cast<Area>(price.v) * abs(signed_qty).v;
  qty = qty + signed_qty;
  entry_fees = entry_fees + fee;
}

Errc CostBasis::reduce(const Instrument& instrument, Price price, Qty part, Realised& out) noexcept {
  const std::int64_t whole = abs(qty).v;
  MT_ASSERT(part.v > 0 && part.v <= whole);
  const Area part_cost = share_down(cost, part.v, whole);
  const Area value = static_cast<Area>(price.v) * part.v;
  const Area gain = qty.v > 0 ? value - part_cost : part_cost - value;
  out = {};
  out.entry_fees.v = static_cast<std::int64_t>(share_down(entry_fees.v, part.v, whole));
  cost -= part_cost;
  entry_fees = entry_fees - out.entry_fees;
  qty.v -= qty.v > 0 ? part.v : -part.v;

  Money total{};
  if (const Errc error = money_of_area_down(instrument, realised_area + gain, total); error != Errc::ok) return error;
  realised_area += gain;
  out.price_pnl = total - realised;
  realised = total;
  MT_ASSERT(qty.v != 0 || (cost == 0 && entry_fees.v == 0));
  return Errc::ok;
}

Price CostBasis::entry_price() const noexcept {
  if (qty.v == 0) return kNoPrice;
  const std::int64_t whole = abs(qty).v;
  const Area price = qty.v > 0 ? -div_down(-cost, whole) : div_down(cost, whole);
  return {static_cast<std::int64_t>(price)};
}

Errc CostBasis::unrealised(const Instrument& instrument, Price price, Money& out) const noexcept {
  const Area value = static_cast<Area>(price.v) * abs(qty).v;
  return money_of_area_down(instrument, qty.v >= 0 ? value - cost : cost - value, out);
}

}  // namespace martinet

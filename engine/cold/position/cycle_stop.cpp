#include "engine/cold/position/cycle_stop.hpp"

#include <algorithm>

namespace martinet {
namespace {

constexpr Area div_down(Area numerator, Area denominator) noexcept {
  const Area quotient = numerator / denominator;
  return numerator % denominator != 0 && numerator < 0 ? quotient - 1 : quotient;
}
constexpr Area div_up(Area numerator, Area denominator) noexcept { return -div_down(-numerator, denominator); }

enum class Round : bool { down, up };

// Onto the tick, in the given direction; kNoPrice outside the range of prices.
Price on_tick(const InstrumentRules& rules, Area price, Round round) noexcept {
  if (price <= 0 || price > kAmountMax) return kNoPrice;
  const Price near{static_cast<std::int64_t>(price)};
  const Price placed = round == Round::up ? tick_up(rules, near) : tick_down(rules, near);
  return placed.v > 0 && placed.v <= kAmountMax ? placed : kNoPrice;
}

// cost x factor / (quantity x kRateUnit). The whole part of the average and the rest of its division are multiplied apart: cost x
// factor itself may need more than 128 bits. With an average below 2^60 and a quantity below 2^63 no product here passes 2^92.
bool scaled_average(const CostBasis& basis, std::int64_t factor, Round round, Area& out) noexcept {
  const Area qty = abs(basis.qty).v;
  if (qty == 0 || basis.cost <= 0 || basis.cost / qty > kAmountMax) return false;
  const Area scaled = basis.cost / qty * factor;
  const Area rest = scaled % kRateUnit * qty + basis.cost % qty * factor;
  const Area denominator = qty * kRateUnit;
  out = scaled / kRateUnit + (round == Round::up ? div_up(rest, denominator) : div_down(rest, denominator));
  return true;
}

}  // namespace

Area admitted_loss(int level_count, Qty leg_qty, Price worst_average, Rate stop_rate) noexcept {
  if (level_count <= 0 || leg_qty.v <= 0 || worst_average.v <= 0 || stop_rate.v <= 0 || stop_rate.v >= kRateUnit) return 0;
  Area total = static_cast<Area>(level_count) * leg_qty.v;
  if (__builtin_mul_overflow(total, static_cast<Area>(worst_average.v), &total)) return 0;
  return total / kRateUnit * stop_rate.v + total % kRateUnit * stop_rate.v / kRateUnit;
}

Area loss_left(const CostBasis& basis, Area loss_max) noexcept {
  return std::max<Area>(0, loss_max + std::min<Area>(0, basis.realised_area));
}

Area loss_at(const CostBasis& basis, Price price) noexcept {
  const Area value = static_cast<Area>(price.v) * abs(basis.qty).v;
  return basis.qty.v >= 0 ? basis.cost - value : value - basis.cost;
}

Price stop_of_average(const InstrumentRules& rules, const CostBasis& basis, Rate rate, Area loss_most) noexcept {
  const bool buy = basis.qty.v > 0;
  const Round nearer = buy ? Round::up : Round::down;
  Area stop = 0;
  if (!scaled_average(basis, buy ? kRateUnit - rate.v : kRateUnit + rate.v, nearer, stop)) return kNoPrice;
  const Area qty = abs(basis.qty).v;
  stop = buy ? std::max(stop, div_up(basis.cost - loss_most, qty)) : std::min(stop, div_down(basis.cost + loss_most, qty));
  return on_tick(rules, stop, nearer);
}

Price target_of_average(const InstrumentRules& rules, const CostBasis& basis, Rate rate) noexcept {
  const bool buy = basis.qty.v > 0;
  const Round nearer = buy ? Round::down : Round::up;
  Area target = 0;
  if (!scaled_average(basis, buy ? kRateUnit + rate.v : kRateUnit - rate.v, nearer, target)) return kNoPrice;
  const Price placed = on_tick(rules, target, nearer);
  if (!has_price(placed) || loss_at(basis, placed) < 0) return placed;
  return on_tick(rules, static_cast<Area>(placed.v) + (buy ? rules.tick_size.v : -rules.tick_size.v), nearer);
}

}  // namespace martinet

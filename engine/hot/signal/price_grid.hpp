#pragma once
// From an indicator's double to the instrument's integer price grid. This is where floating point ends: everything a strategy says
// about prices is an integer from here on.
#include <cmath>
#include <cstdint>

#include "engine/base/decimal.hpp"
#include "engine/base/instrument.hpp"

namespace martinet {

/// Rounds value * 10^decimals to the nearest integer. A double that was made as n / 10^decimals gives n back exactly for |n| < 2^51:
/// two roundings of relative size 2^-53 each stay below half a unit.
/// fails false if value is not finite or the result is not below 2^51 in size; `out` is then untouched
[[nodiscard]] inline bool to_grid(double value, int decimals, std::int64_t& out) noexcept {
  constexpr double kLimit = 2251799813685248.0;  // 2^51
  const double scaled = value * static_cast<double>(pow10_i64(decimals));
  if (!(scaled > -kLimit && scaled < kLimit)) return false;  // written so that NaN fails
  out = static_cast<std::int64_t>(std::floor(scaled + 0.5));
  return true;
}

/// The plan of an entry, on ticks.
struct EntryPrices {
  Price stop = kNoPrice;
  Price target = kNoPrice;
};

/// Puts stop and target `stop_distance` and `target_distance` (grid units, >= 0) from `reference`. Both are rounded to the tick toward the
/// reference: a nearer stop loses less than planned, a nearer target is reached earlier. target_distance 0: no target.
/// fails false if a price would not be positive, or would not stay on its side of the reference
[[nodiscard]] inline bool plan_entry(const InstrumentRules& rules, bool buy, Price reference, std::int64_t stop_distance,
                                     std::int64_t target_distance, EntryPrices& out) noexcept {
  const std::int64_t sign = buy ? 1 : -1;
  const Price stop{reference.v - sign * stop_distance};
  const Price target{reference.v + sign * target_distance};
  if (reference.v <= 0 || stop.v <= 0 || target.v <= 0) return false;
  out.stop = buy ? tick_up(rules, stop) : tick_down(rules, stop);
  if (buy ? out.stop >= reference : out.stop <= reference) return false;
  out.target = kNoPrice;
  if (target_distance == 0) return true;
  out.target = buy ? tick_down(rules, target) : tick_up(rules, target);
  return buy ? out.target > reference : out.target < reference;
}

}  // namespace martinet

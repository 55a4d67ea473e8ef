#pragma once
// Taking profit in parts: up to two levels, each a distance from the entry price and a part of what is open then. The close of a bar
// decides, each level counts once per position, the nearer one first and one per bar.
//
// A part may be refused (a rate limit, a venue's minimum), and nothing says so but the position itself: a level is done when the quantity
// is smaller than it was when the level was asked for. Until then it is asked for at every close that is still at the level.
#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/base/instrument.hpp"

namespace martinet {

struct PartialLevel {
  Rate profit;  ///< distance of the close from the entry price, as a part of that
  Rate part;    ///< of the open quantity; 0 = no such level
};
using PartialLevels = std::array<PartialLevel, 2>;

/// Of one position; part of checkpoints.
struct PartialState {
  std::int64_t done = 0;  ///< levels
  Qty asked_at{};         ///< open quantity when the level `done` was asked for last; 0 = not yet
};

/// The part to close now; 0 = none.
/// in    entry: volume-weighted fill; open: quantity without sign
[[nodiscard]] inline Rate next_part(const PartialLevels& levels, const InstrumentRules& rules, bool buy, Price entry, Price close, Qty open,
                                    PartialState& state) noexcept {
  if (!has_price(entry)) return {};
  if (state.asked_at.v != 0 && open < state.asked_at) {
    ++state.done;
    state.asked_at = {};
  }
  while (state.done < static_cast<std::int64_t>(levels.size()) && levels[static_cast<std::size_t>(state.done)].part.v == 0) ++state.done;
  if (state.done >= static_cast<std::int64_t>(levels.size())) return {};
  const PartialLevel& level = levels[static_cast<std::size_t>(state.done)];

  std::int64_t threshold = 0;
  const bool reached = buy ? mul_div_up(entry.v, kRateUnit + level.profit.v, kRateUnit, threshold) == Errc::ok && close.v >= threshold
                           : mul_div_down(entry.v, kRateUnit - level.profit.v, kRateUnit, threshold) == Errc::ok && close.v <= threshold;
  if (!reached) return {};
  std::int64_t qty = 0;
  if (mul_div_down(open.v, level.part.v, kRateUnit, qty) != Errc::ok || lot_down(rules, {qty}).v == 0) return {};  // less than a lot
  state.asked_at = open;
  return level.part;
}

}  // namespace martinet

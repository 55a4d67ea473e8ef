#pragma once
// When a cycle of levels is closed as a whole: a pure function of the bar and of the cycle, used by the grid strategies on every closed
// bar and by whoever watches a position outside the tick path.
#include <cmath>
#include <cstdint>

#include "engine/base/fixed_point.hpp"

namespace martinet {

enum class CloseAll : std::uint8_t {
  none,
  tp_global,  ///< the target is reached
  sl_global,  ///< the stop is reached, or the mean was passed without a gain
};

enum class GridTarget : std::uint8_t {
  percent,       ///< target_fraction of the average entry, in the position's favour
  mean,          ///< the close is back at the mean: at or above it for longs, at or below it for shorts
  through_mean,  ///< the close is through the mean against the position: strictly below it for longs, strictly above it for shorts
};

/// One closed bar, in units of the price.
struct GridPrices {
  double close = 0;
  double mean = 0;  ///< the average of GridTarget::mean and through_mean; not looked at for percent
};

struct GridCycle {
  Side direction = Side::none;  ///< buy = long, sell = short; none = no cycle
  GridTarget target = GridTarget::mean;
  double entry_average = 0;    ///< weighted by the quantities filled, in units of the price; > 0
  double stop_fraction = 0;    ///< of the average entry: at average x (1 - stop_fraction) a long is out, at average x (1 + ..) a short
  double target_fraction = 0;  ///< percent: of the average entry
};

/// The stop is looked at first, so it wins where both are reached. Bounds count as reached, but for through_mean: there the bar on the
/// mean itself is not through it.
/// out   through_mean gives tp_global where the close is better than the average entry, sl_global otherwise
/// note  whatever needs a number that is not finite (or an average that is not above 0) does not happen: without close, average or
///       stop_fraction the answer is none; without mean or target_fraction the stop alone is judged
[[nodiscard]] inline CloseAll should_close_all(const GridPrices& prices, const GridCycle& cycle) noexcept {
  const double close = prices.close;
  const double average = cycle.entry_average;
  if (cycle.direction == Side::none || !std::isfinite(close) || !std::isfinite(average) || !std::isfinite(cycle.stop_fraction)) {
    return CloseAll::none;
  }
  if (!(average > 0)) return CloseAll::none;
  const bool is_long = cycle.direction == Side::buy;
  const auto at_or_past = [close](bool above, double bound) { return above ? close >= bound : close <= bound; };
  if (at_or_past(!is_long, average * (is_long ? 1.0 - cycle.stop_fraction : 1.0 + cycle.stop_fraction))) return CloseAll::sl_global;

  if (cycle.target == GridTarget::percent) {
    if (!std::isfinite(cycle.target_fraction)) return CloseAll::none;
    const double target = average * (is_long ? 1.0 + cycle.target_fraction : 1.0 - cycle.target_fraction);
    return at_or_past(is_long, target) ? CloseAll::tp_global : CloseAll::none;
  }
  if (!std::isfinite(prices.mean)) return CloseAll::none;
  if (cycle.target == GridTarget::mean) return at_or_past(is_long, prices.mean) ? CloseAll::tp_global : CloseAll::none;
  if (at_or_past(is_long, prices.mean)) return CloseAll::none;
  return (is_long ? close > average : close < average) ? CloseAll::tp_global : CloseAll::sl_global;
}

}  // namespace martinet

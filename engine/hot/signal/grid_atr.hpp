#pragma once
// An averaging grid around a moving average: buys below it, more the farther the price falls, and sells all at the return to the average;
// mirrored for shorts. One side at a time. The machinery of a cycle is in grid_cycle_strategy.hpp.
//
//   levels  SMA - ATR x (first + k x spacing), k = 0, 1, ..; shorts: SMA + the same. Fixed when the cycle opens.
//   open    flat, and the close at or beyond level 0
//   score   how deep the close is between level 0 (score 0) and the last level (score 1)
//   target  mean: the close is back at the SMA of that bar. percent: target_fraction from the average entry, by an order at the venue as
//   well. stop    stop_fraction from the average entry
#include <cstdint>
#include <vector>

#include "engine/hot/signal/grid_cycle_strategy.hpp"

namespace martinet {

extern const StrategyKind kGridAtrKind;

class GridAtr final : public GridCycleStrategy {
 public:
  /// in    first: ATRs from the average to level 0; mean_slots: of the SMA
  GridAtr(const StrategyContext& context, const BarSettings& bar_settings, std::vector<Trade> trades, const GridSettings& grid,
          std::vector<std::uint16_t> mean_slots, double first);
  [[nodiscard]] std::string_view kind() const noexcept override { return "grid_atr"; }

 private:
  void consider_cycle(std::size_t index, const IndicatorFrame& frame, IntentList& out) noexcept override;

  double first_;
};

}  // namespace martinet

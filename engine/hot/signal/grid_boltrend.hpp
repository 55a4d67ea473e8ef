#pragma once
// Follows a Bollinger break in the direction of a longer trend and averages into the pullback; out when the price is back through the
// middle band. Mirrored for shorts. The machinery of a cycle is in grid_cycle_strategy.hpp.
//
//   open    flat, close above the upper band, the bar before not above its own upper band, and close above the trend's SMA.
//           The bar before is the one that closed last, whatever the strategy did on it; where its indicators had no value yet there is no
//           break. A break is one bar: if the gate refuses the entry, the next break decides, not the next bar above the band.
//   levels  level 0 at the break; level k = close of the break - k x spacing x ATR of the break; shorts: + the same
//   score   how far the close is beyond the band, in distances from the middle band to it: 0 on the band, 1 at twice the distance
//   out     the close is below the middle band of that bar (tp_global above the average entry, else sl_global)
//   stop    stop_fraction from the average entry
#include <cstdint>
#include <vector>

#include "engine/hot/signal/grid_cycle_strategy.hpp"

namespace martinet {

extern const StrategyKind kGridBoltrendKind;

class GridBoltrend final : public GridCycleStrategy {
 public:
  struct Slots {
    std::uint16_t upper = 0;
    std::uint16_t lower = 0;
    std::uint16_t trend = 0;
  };

  /// in    mean_slots: of the middle band
  GridBoltrend(const StrategyContext& context, const BarSettings& bar_settings, std::vector<Trade> trades, const GridSettings& grid,
               std::vector<std::uint16_t> mean_slots, std::vector<Slots> slots);
  void save(ArchiveWriter& archive) const override;
  [[nodiscard]] Errc load(ArchiveReader& archive) override;
  [[nodiscard]] std::string_view kind() const noexcept override { return "grid_boltrend"; }

 private:
  /// Where a closed bar was. 1 = yes.
  struct Place {
    std::uint8_t known = 0;
    std::uint8_t above = 0;  ///< the upper band
    std::uint8_t below = 0;  ///< the lower band
  };
  struct Bars {
    Place before;
    Place now;
  };

  void consider_cycle(std::size_t index, const IndicatorFrame& frame, IntentList& out) noexcept override;
  void on_bar(std::size_t index, const IndicatorFrame& frame, bool warm) noexcept override;

  std::vector<Slots> slots_;
  std::vector<Bars> bars_;
};

}  // namespace martinet

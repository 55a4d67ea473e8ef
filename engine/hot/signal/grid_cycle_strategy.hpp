#pragma once
// What the grids share: a cycle that opens with one intent, adds levels while the price goes against it, and is closed as a whole. A grid
// of its own says when a cycle opens and where its levels lie (consider_cycle); everything after that is here.
//
//   open   one entry with level_count, the stop of its first level, and the worst case of all levels for the gate.
//          The levels are fixed then, and kept until the cycle is closed.
//   close  should_close_all() of engine/base/grid_cycle.hpp on every closed bar (tp_global, sl_global), or max_holding_bars (time)
//   add    where nothing closes: at most one level a bar, the one after those that have a fill (PositionView.legs_filled), once the
//          close is at or past its price. What was asked for is not remembered: a level that the gate or the venue refused is asked
//          for again on later bars, as long as its condition holds.
// The view of an opening must be here before the next bar of its timeframe: a bar that still finds the instrument flat takes the
// attempt for refused, forgets its levels and may open anew (the gate then answers symbol_owned). The way back is a few
// lanes long, the shortest bar a second.
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/grid_cycle.hpp"
#include "engine/hot/signal/bar_strategy.hpp"

namespace martinet {

inline constexpr std::size_t kGridLevelsMax = 16;

struct GridSettings {
  std::size_t level_count = 3;  ///< 2..kGridLevelsMax, of equal quantity
  double spacing = 0;           ///< ATRs between levels
  double stop_fraction = 0;     ///< global stop, as a part of the average entry
  Rate stop_rate{};             ///< the same, for the gate and the venue
  GridTarget target = GridTarget::mean;
  double target_fraction = 0;  ///< GridTarget::percent
  Rate target_rate{};          ///< the same; 0 = no order at the venue, the strategy closes
  Rate fill_allowance{};       ///< the worst case counts fills so much above what was planned
};

class GridCycleStrategy : public BarStrategy {
 public:
  /// in    mean_slots: per instrument, where the mean of GridPrices stands
  GridCycleStrategy(const StrategyContext& context, const BarSettings& bar_settings, std::vector<Trade> trades, const GridSettings& grid,
                    std::vector<std::uint16_t> mean_slots);
  void save(ArchiveWriter& archive) const override;
  [[nodiscard]] Errc load(ArchiveReader& archive) override;

 protected:
  /// A cycle that could open, in price units of the indicators.
  struct CycleIdea {
    bool buy = true;
    std::span<const double> levels;  ///< level_count of them, each farther from the mean than the one before
    double spacing = 0;              ///< price between two levels, > 0
    double score = 0;                ///< held to 0..1
  };

  /// Flat, warm and not cooling down, as BarStrategy::consider_entry.
  virtual void consider_cycle(std::size_t index, const IndicatorFrame& frame, IntentList& out) noexcept = 0;

  /// Asks for level 0 at the close of the bar and keeps the levels. What the gate is told, besides the stop of the first level:
  ///   longs   a level fills at its price or below, the first at the reference: worst_price is the highest of these,
  ///           worst_average their mean
  ///   shorts  a level may fill above its price, where the bar closes beyond it: worst_price is one spacing beyond the last level
  ///           (or the reference, if higher), worst_average the mean of the reference and, for every other level, worst_price.
  ///   both    raised by fill_allowance: market orders slip, and without room for it the gate would refuse the last level.
  ///           A fill above that is for the gate to refuse, and the stop at the venue stays within what was admitted.
  /// Counted as unpriceable, and nothing asked: a level or stop that is not positive, spacing 0 or not finite, a stop or target
  /// nearer than a tick.
  void open_cycle(std::size_t index, const IndicatorFrame& frame, const CycleIdea& idea, IntentList& out) noexcept;

  [[nodiscard]] const GridSettings& grid() const noexcept { return grid_; }
  [[nodiscard]] double mean_of(std::size_t index, const IndicatorFrame& frame) const noexcept { return frame.slots[mean_slots_[index]]; }

 private:
  /// Fixed when the cycle opens.
  struct Cycle {
    std::array<double, kGridLevelsMax> levels{};
    std::int64_t level_count = 0;  ///< 0 = no cycle
    std::int64_t direction = 0;    ///< +1 long, -1 short
  };

  void consider_entry(std::size_t index, const IndicatorFrame& frame, IntentList& out) noexcept final;
  void manage(std::size_t index, const IndicatorFrame& frame, const PositionView& position, IntentList& out) noexcept final;
  void on_closed(std::size_t index) noexcept final { cycles_[index] = {}; }
  bool plan_cycle(const Trade& trade, const IndicatorFrame& frame, const CycleIdea& idea, OrderIntent& plan) const noexcept;
  [[nodiscard]] CloseAll judge(std::size_t index, const IndicatorFrame& frame, const PositionView& position) const noexcept;

  GridSettings grid_;
  std::vector<std::uint16_t> mean_slots_;
  std::vector<Cycle> cycles_;
};

/// The parameters of both grids, before their own and after the common ones: with_common(.., with_grid(own)).
[[nodiscard]] consteval std::array<ParameterSpec, 4> grid_parameters() {
  using Type = ParameterType;
  return {{
      {"levels", Type::integer, "levels", std::int64_t{3}, 2, kGridLevelsMax, {}, "levels of a cycle, of equal quantity"},
      {"spacing", Type::number, "ATR", 1.0, 0.05, 10, {}, "distance from one level to the next"},
      {"stop_fraction", Type::number, "fraction", 0.2, 0.005, 0.9, {}, "global stop: its distance from the average entry, as a part of it"},
      {"fill_allowance", Type::number, "fraction", 0.005, 0, 0.05, {}, "fills may slip so much: the worst case that is admitted counts it"},
  }};
}

template <std::size_t N>
[[nodiscard]] consteval auto with_grid(const std::array<ParameterSpec, N>& own) {
  const auto shared = grid_parameters();
  std::array<ParameterSpec, shared.size() + N> all{};
  for (std::size_t i = 0; i < shared.size(); ++i) all[i] = shared[i];
  for (std::size_t i = 0; i < N; ++i) all[shared.size() + i] = own[i];
  return all;
}

/// Contradictions among the common and the grid parameters. The depth is the distance of the last level from where the first is measured:
/// beyond 50 ATRs it is out of reach (or below zero) wherever the ATR is 2 % of the price.
/// in    first: ATRs from there to level 0
[[nodiscard]] Status check_grid(std::string_view owner, const ParameterReader& read, double first);

/// The shared part of GridSettings; the target is the grid's own.
[[nodiscard]] GridSettings grid_settings_of(const ParameterReader& read);
/// A fraction in [0, 1] as a rate, to the nearest 1e-8.
[[nodiscard]] Rate rate_of(double fraction);

}  // namespace martinet

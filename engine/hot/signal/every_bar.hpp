#pragma once
// A diagnostic, not a way to trade: alternates entry and exit every `bars` bars (or ticks), whatever the market does. Demos,
// determinism tests and latency benchmarks use it because it needs no luck to make orders.
#include <cstdint>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/hot/signal/registry.hpp"
#include "engine/hot/signal/strategy.hpp"

namespace martinet {

extern const StrategyKind kEveryBarKind;

class EveryBar final : public Strategy {
 public:
  enum class Direction : std::uint8_t { only_long, only_short, alternate };
  struct Settings {
    std::int64_t period = 1;       ///< decides on every period-th bar or tick
    std::int64_t stop_rate = 0;    ///< distance of the stop, 1e-8 of the price
    std::int64_t target_rate = 0;  ///< distance of the target, 1e-8 of the price; 0 = no target
    Direction direction = Direction::only_long;
    bool on_ticks = false;
  };
  struct Trade {
    InstrumentRules rules;
    int price_decimals = 0;
    std::uint8_t bar_mask = 0;     ///< 0 on ticks
    std::uint16_t close_slot = 0;  ///< not used on ticks
  };

  EveryBar(const StrategyContext& context, const Settings& settings, std::vector<Trade> trades);

  void on_frame(const IndicatorFrame& frame, const PositionView& position, IntentList& out) noexcept override;
  void save(ArchiveWriter& archive) const override;
  [[nodiscard]] Errc load(ArchiveReader& archive) override;
  [[nodiscard]] std::string_view kind() const noexcept override { return "every_bar"; }

 private:
  struct State {
    std::int64_t waited = 0;    ///< bars or ticks since the last decision
    std::uint64_t entries = 0;  ///< made so far; odd ones are short where the direction alternates
  };

  void enter(const Trade& trade, Price reference, State& state, IntentList& out) noexcept;

  Settings settings_;
  std::vector<Trade> trades_;
  std::vector<State> states_;
};

}  // namespace martinet

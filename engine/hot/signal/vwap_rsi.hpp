#pragma once
// Buys dips: long when the close is below VWAP by a given fraction, RSI says oversold and the volume is above its average; short the
// other way round where `direction` allows. Out by stop or target (the venue), at the return to VWAP, or after max_holding_bars.
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/hot/signal/registry.hpp"
#include "engine/hot/signal/strategy.hpp"

namespace martinet {

extern const StrategyKind kVwapRsiKind;

class VwapRsi final : public Strategy {
 public:
  struct Settings {
    double deviation = 0;
    double oversold = 0;
    double overbought = 0;
    double volume_factor = 0;
    double stop_multiplier = 0;
    double reward = 0;
    double trend_adx = 0;
    std::int64_t cooldown_bars = 0;     ///< 0 = off
    std::int64_t max_holding_bars = 0;  ///< 0 = off
    bool allow_long = true;
    bool allow_short = false;
    bool classify = false;  ///< the regime slots are used
  };
  /// Where this instrument's values stand in its frames. The last three only where Settings.classify.
  struct Slots {
    std::uint16_t close = 0, volume = 0, vwap = 0, rsi = 0, volume_average = 0, atr = 0, adx = 0, plus_di = 0, minus_di = 0;
    std::array<std::uint64_t, 2> needed{};  ///< warm_mask bits of all slots in use
  };
  struct Trade {
    InstrumentRules rules;
    int price_decimals = 0;
    std::uint8_t bar_mask = 0;
    Slots slots;
  };

  /// in    trades: one per instrument, in their order
  VwapRsi(const StrategyContext& context, const Settings& settings, std::vector<Trade> trades);

  void on_frame(const IndicatorFrame& frame, const PositionView& position, IntentList& out) noexcept override;
  void on_position(const PositionView& view) noexcept override;
  void save(ArchiveWriter& archive) const override;
  [[nodiscard]] Errc load(ArchiveReader& archive) override;
  [[nodiscard]] std::string_view kind() const noexcept override { return "vwap_rsi"; }

 private:
  struct State {
    std::int64_t cooldown_left = 0;  ///< closed bars without entry that are still to come
    std::int64_t bars_held = 0;      ///< bars closed while the position was ours
    std::uint64_t holding = 0;       ///< 1 = our position had a fill and has not ended
  };

  void consider_entry(const IndicatorFrame& frame, const Trade& trade, IntentList& out) noexcept;
  void consider_exit(const IndicatorFrame& frame, const Trade& trade, const PositionView& position, const State& state,
                     IntentList& out) noexcept;
  void enter(const IndicatorFrame& frame, const Trade& trade, bool buy, double score, IntentList& out) noexcept;
  [[nodiscard]] MarketRegime regime_of(const IndicatorFrame& frame, const Slots& slots) const noexcept;

  Settings settings_;
  std::vector<Trade> trades_;
  std::vector<State> states_;
};

}  // namespace martinet

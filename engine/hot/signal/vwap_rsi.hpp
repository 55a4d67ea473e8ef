#pragma once
// Buys dips below VWAP that are oversold on volume, sells the return to VWAP; mirrored for shorts. Reversion, so it stays out of trends:
// by default only in a range or in low volatility, and never against the trend of a longer timeframe.
//
//   long   (VWAP - close) / VWAP >= deviation, RSI <= oversold, volume >= volume_factor x its average,
//          regime allowed, and not (filter ADX > filter_adx with -DI above +DI)
//   score  how far each condition passes its threshold, 0..1 each, averaged: twice the deviation counts as all the way, as does an RSI of 0
//   out    when the close is back at VWAP (reason signal); after max_holding_bars (time); by stop or target at the venue
#include <cstdint>
#include <vector>

#include "engine/hot/signal/bar_strategy.hpp"

namespace martinet {

extern const StrategyKind kVwapRsiKind;

class VwapRsi final : public BarStrategy {
 public:
  struct Settings {
    double deviation = 0;      ///< least distance of close from VWAP, as a part of VWAP
    double oversold = 0;       ///< RSI points
    double overbought = 0;
    double volume_factor = 0;  ///< times the average volume
    double stop_multiplier = 0;  ///< ATRs from close to stop
    double reward = 0;           ///< stop distances from close to target
    double filter_adx = 0;
    bool filter_trend = false;
    bool calm_only = false;  ///< entries only where the regime is ranging or low volatility
  };
  struct Slots {
    std::uint16_t vwap = 0;
    std::uint16_t rsi = 0;
    std::uint16_t volume = 0;
    std::uint16_t volume_average = 0;
    std::uint16_t filter_adx = 0;  ///< of the filter's timeframe; these three only where the filter is on
    std::uint16_t filter_plus_di = 0;
    std::uint16_t filter_minus_di = 0;
  };

  VwapRsi(const StrategyContext& context, const BarSettings& bar_settings, std::vector<Trade> trades, const Settings& settings,
          std::vector<Slots> slots);
  [[nodiscard]] std::string_view kind() const noexcept override { return "vwap_rsi"; }

 private:
  void consider_entry(std::size_t index, const IndicatorFrame& frame, IntentList& out) noexcept override;
  void manage(std::size_t index, const IndicatorFrame& frame, const PositionView& position, IntentList& out) noexcept override;
  [[nodiscard]] bool against_filter(const IndicatorFrame& frame, const Slots& slots, bool buy) const noexcept;

  Settings settings_;
  std::vector<Slots> slots_;
};

}  // namespace martinet

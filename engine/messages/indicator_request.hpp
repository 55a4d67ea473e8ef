#pragma once
// What a strategy needs computed. The app collects the requests of all strategies, the indicator plan gives each a slot, and
// the strategy finds its value in IndicatorFrame.slots at that slot.
#include <array>
#include <cstdint>

#include "engine/base/fixed_point.hpp"

namespace martinet {

/// Conventions and sources are with each indicator in engine/hot/indicators. One kind per output.
enum class IndicatorKind : std::uint8_t {
  open, high, low, close, volume,                  // of the last closed bar; no parameters
  sma, ema, rsi, atr, natr, stddev,                // period[0]
  adx, plus_di, minus_di,                          // period[0]
  macd, macd_signal, macd_histogram,               // period[0] fast, [1] slow, [2] signal
  bb_upper, bb_middle, bb_lower, bb_percent_b, bb_bandwidth,  // period[0], factor
  vwap_session,                                    // anchored at 00:00 UTC; no parameters
  vwap_rolling,                                    // period[0]
  volume_sma,                                      // period[0]
  stochrsi_k, stochrsi_d,                          // period[0] rsi, [1] stochastic, [2] smoothing of d
  obv, mfi, cci, williams_r, roc,                  // period[0] (obv: none)
  historical_volatility, historical_volatility_z,  // period[0], [1] window of the z-score
  return_simple, return_log,                       // no parameters
  volume_price_ratio, volume_z,                    // none; period[0]
  correlation,                                     // period[0] log returns, with `other`
  natr_rank,                                       // period[0] of the NATR, [1] bars that it is ranked among
  count_
};

struct IndicatorRequest {
  std::int64_t timeframe_ns = 0;                ///< one of the bar timeframes
  double factor = 0;                            ///< Bollinger: deviations
  std::array<std::int32_t, 3> period{};         ///< in bars
  InstrumentId instrument = kNoInstrument;
  InstrumentId other = kNoInstrument;           ///< correlation: the second instrument
  IndicatorKind kind = IndicatorKind::close;
  bool operator==(const IndicatorRequest&) const = default;
};

}  // namespace martinet

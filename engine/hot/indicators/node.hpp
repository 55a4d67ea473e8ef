#pragma once
// One indicator of the stage, whatever its class, with the slots its outputs go to.
#include <array>
#include <cstdint>
#include <variant>

#include "engine/hot/indicators/adx.hpp"
#include "engine/hot/indicators/atr.hpp"
#include "engine/hot/indicators/bollinger.hpp"
#include "engine/hot/indicators/last_bar.hpp"
#include "engine/hot/indicators/macd.hpp"
#include "engine/hot/indicators/momentum.hpp"
#include "engine/hot/indicators/moving_average.hpp"
#include "engine/hot/indicators/natr_rank.hpp"
#include "engine/hot/indicators/plan.hpp"
#include "engine/hot/indicators/returns.hpp"
#include "engine/hot/indicators/rsi.hpp"
#include "engine/hot/indicators/state.hpp"
#include "engine/hot/indicators/volume.hpp"
#include "engine/hot/indicators/vwap.hpp"
#include "engine/messages/indicator_frame.hpp"

namespace martinet {

using AnyIndicator = std::variant<LastBar, Sma, Ema, Rsi, Atr, StdDev, Adx, Macd, Bollinger, VwapSession, VwapRolling, VolumeSma, StochRsi,
                                  Obv, Mfi, Cci, WilliamsR, Roc, HistoricalVolatility, Returns, VolumePriceRatio, VolumeZ, NatrRank>;

/// Makes the indicator of a checked request. Not for correlations, which belong to two instruments. Allocates its windows.
[[nodiscard]] AnyIndicator make_indicator(IndicatorFamily family, const IndicatorRequest& request);

inline void set_slot(IndicatorFrame& frame, std::uint16_t slot, bool ready, double value) noexcept {
  const std::uint64_t bit = std::uint64_t{1} << (slot % 64);
  std::uint64_t& mask = frame.warm_mask[slot / 64];
  mask = ready ? mask | bit : mask & ~bit;
  frame.slots[slot] = ready ? value : 0.0;
}

struct IndicatorNode {
  AnyIndicator indicator;
  std::array<std::uint16_t, kOutputsMax> slot{};  ///< kNoSlot where nobody asked

  void on_bar(const Bar& bar, IndicatorFrame& frame) noexcept {
    std::visit(
        [&](auto& one) {
          one.on_bar(bar);
          constexpr std::size_t kCount = std::remove_reference_t<decltype(one)>::kOutputs;
          static_assert(kCount <= kOutputsMax);
          for (std::size_t output = 0; output < kCount; ++output) {
            if (slot[output] == kNoSlot) continue;
            const bool ready = one.ready(output);
            set_slot(frame, slot[output], ready, ready ? one.value(output) : 0.0);
          }
        },
        indicator);
  }
};

}  // namespace martinet

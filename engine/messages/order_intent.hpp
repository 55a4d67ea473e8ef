#pragma once
// What a strategy wants. An entry goes to the gate; an exit is a request to the position machine (the gate lets it through).
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "engine/base/fixed_point.hpp"

namespace martinet {

enum class IntentAction : std::uint8_t { enter_long, enter_short, exit };

enum class MarketRegime : std::uint8_t { unknown, trending_up, trending_down, ranging, high_volatility, low_volatility };

enum class ExitReason : std::uint8_t {
  none, tp, sl, trailing, signal, tp_global, sl_global, time, partial, kill, emergency, liquidation, manual, unknown
};

struct OrderIntent {
  std::int64_t ts_receive_ns = 0;   ///< stamp of the input that caused it
  std::int64_t ts_exchange_ns = 0;
  std::uint64_t sequence = 0;       ///< number of that input
  std::uint64_t intent_id = 0;      ///< 1, 2, 3.. in the order the signal stage makes them; 0 = none
  Price reference_price{};          ///< close of the bar decided on
  Price stop_price = kNoPrice;      ///< entries: required
  Price target_price = kNoPrice;
  Price atr{};                      ///< on the price grid, rounded to nearest
  double score = 0;                 ///< 0..1
  InstrumentId instrument = kNoInstrument;
  StrategyId strategy = kNoStrategy;
  IntentAction action = IntentAction::exit;
  MarketRegime regime = MarketRegime::unknown;
  ExitReason exit_reason = ExitReason::none;
  std::uint8_t pad[17] = {};
};
static_assert(sizeof(OrderIntent) == 96 && std::is_trivially_copyable_v<OrderIntent>);

[[nodiscard]] constexpr std::string_view name_of(MarketRegime regime) noexcept {
  constexpr std::string_view kNames[] = {"unknown", "trending_up", "trending_down", "ranging", "high_volatility", "low_volatility"};
  return kNames[static_cast<std::size_t>(regime)];
}
[[nodiscard]] constexpr std::string_view name_of(ExitReason reason) noexcept {
  constexpr std::string_view kNames[] = {"none", "tp", "sl", "trailing", "signal", "tp_global", "sl_global", "time", "partial",
                                         "kill", "emergency", "liquidation", "manual", "unknown"};
  return kNames[static_cast<std::size_t>(reason)];
}

}  // namespace martinet

#pragma once
// What a strategy wants. An entry goes to the gate; everything that reduces or protects is a request to the position machine, and
// the gate lets it through.
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "engine/base/fixed_point.hpp"
#include "engine/base/instrument.hpp"

namespace martinet {

enum class IntentAction : std::uint8_t {
  enter_long,   ///< opens a position, or the first level of a cycle (level_count > 1)
  enter_short,
  exit,         ///< closes everything
  exit_part,    ///< closes `part` of the open quantity, rounded down to the lot
  move_stop,    ///< moves the stop to stop_price: toward profit only
  add_level,    ///< the next level of the strategy's own open cycle; the gate draws it from the cycle's reservation
};

/// Entries: the gate judges them.
[[nodiscard]] constexpr bool is_entry(IntentAction action) noexcept {
  return action == IntentAction::enter_long || action == IntentAction::enter_short || action == IntentAction::add_level;
}

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
  Price stop_price = kNoPrice;      ///< enter: required (of a cycle: for the first level alone). move_stop: where to
  Price target_price = kNoPrice;
  Price atr{};                      ///< on the price grid, rounded to nearest
  double score = 0;                 ///< 0..1
  // A cycle is admitted once, with its worst case: every level filled, each no higher than worst_price, on average no farther from
  // the stop than worst_average, and out at the global stop.
  Price worst_price = kNoPrice;     ///< cycles: the highest price at which a level may fill; the notional is counted at it
  Price worst_average = kNoPrice;   ///< cycles: the highest average entry with every level filled
  Rate stop_rate{};                 ///< cycles: distance of the global stop from the average entry; the stop follows the average
  Rate target_rate{};               ///< cycles: the same of a target order; 0 = none, the strategy closes the cycle
  Rate part{};                      ///< exit_part: of the open quantity, above 0 and below 1
  InstrumentId instrument = kNoInstrument;
  StrategyId strategy = kNoStrategy;
  IntentAction action = IntentAction::exit;
  MarketRegime regime = MarketRegime::unknown;
  ExitReason exit_reason = ExitReason::none;
  std::uint8_t level_count = 1;     ///< enter: levels of the cycle, of equal quantity; 1 = a single position
  std::uint8_t pad[8] = {};

  [[nodiscard]] constexpr bool opens_cycle() const noexcept { return level_count > 1; }
};
static_assert(sizeof(OrderIntent) == 128 && std::is_trivially_copyable_v<OrderIntent>);

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

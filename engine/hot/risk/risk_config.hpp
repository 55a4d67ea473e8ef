#pragma once
// What the gate is told. Rates and money are integers on their grids: no floating point reaches a limit.
#include <array>
#include <cstdint>

#include "engine/base/capacity.hpp"
#include "engine/base/instrument.hpp"
#include "engine/base/result.hpp"

namespace martinet {

/// The money that risk_fraction is a fraction of.
enum class SizingBase : std::uint8_t { equity, balance, fixed };

/// By StrategyId; a strategy that is told nothing may use the whole account.
using CapitalFractions = std::array<Rate, capacity::strategies_max>;
[[nodiscard]] constexpr CapitalFractions whole_account() noexcept {
  CapitalFractions fractions;
  fractions.fill(Rate{kRateUnit});
  return fractions;
}

struct RiskConfig {
  Rate risk_fraction{1'000'000};                 ///< of the base, lost if the stop fills at its price; 1e-8 .. 1 (0.01)
  Money max_order_notional{0};                   ///< of one entry, a cycle with all its levels; 0 = no limit
  Rate price_collar{2'000'000};                  ///< |reference - last| <= collar * last; 0 .. below 1 (0.02)
  std::int64_t tick_age_ns_max = 5'000'000'000;  ///< between the intent and the last trusted tick; >= 0
  Rate taker_fee{60'000};                        ///< set aside with the margin of an entry (0.0006); 0 .. 0.1
  Rate slippage_allowance{50'000};      ///< a market entry is valued this much above the higher of reference and last (0.0005); 0 .. 0.1
  Money fixed_base{0};                  ///< SizingBase::fixed: the base; > 0
  std::int32_t max_open_positions = 5;  ///< positions plus entries under way, a cycle being one; 0 .. instruments_max
  std::int32_t leverage = 3;            ///< of derivatives; spot always has 1; 1 .. 125
  std::int32_t in_flight_max = static_cast<std::int32_t>(capacity::orders_in_flight_max);  ///< entries under way at once; 1 .. 256
  SizingBase sizing_base = SizingBase::equity;
  bool cap_size = true;  ///< an entry too large for a limit is made smaller; false: it is refused
  /// Of the sizing base for a strategy's sizes, of equity for the margin of all it holds and has under way; 1e-8 .. 1 each. They may
  /// add up to more than 1: then strategies share, and free margin decides who comes first.
  CapitalFractions capital_fraction = whole_account();
  bool operator==(const RiskConfig&) const = default;
};

/// fails config_out_of_bounds, naming the value and its bounds
[[nodiscard]] Status check(const RiskConfig& config);

}  // namespace martinet

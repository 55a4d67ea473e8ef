#include "engine/hot/risk/risk_config.hpp"

#include <limits>
#include <string>
#include <vector>

#include "engine/base/decimal.hpp"

namespace martinet {
namespace {

struct Bound {
  std::string name;
  std::int64_t value;
  std::int64_t min;
  std::int64_t max;
  int decimals;
};

}  // namespace

Status check(const RiskConfig& config) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kTenth = kRateUnit / 10;
  const bool fixed = config.sizing_base == SizingBase::fixed;
  std::vector<Bound> bounds = {
      {"risk_fraction", config.risk_fraction.v, 1, kRateUnit, kRateDecimals},
      {"max_order_notional", config.max_order_notional.v, 0, kMost, kMoneyDecimals},
      {"price_collar", config.price_collar.v, 0, kRateUnit - 1, kRateDecimals},
      {"tick_age_ns_max", config.tick_age_ns_max, 0, kMost, 0},
      {"taker_fee", config.taker_fee.v, 0, kTenth, kRateDecimals},
      {"slippage_allowance", config.slippage_allowance.v, 0, kTenth, kRateDecimals},
      {"fixed_base", config.fixed_base.v, fixed ? 1 : 0, kMost, kMoneyDecimals},
      {"max_open_positions", config.max_open_positions, 0, static_cast<std::int64_t>(capacity::instruments_max), 0},
      {"leverage", config.leverage, 1, 125, 0},
      {"in_flight_max", config.in_flight_max, 1, static_cast<std::int64_t>(capacity::orders_in_flight_max), 0},
  };
  for (std::size_t i = 0; i < config.capital_fraction.size(); ++i) {
    bounds.push_back({"capital_fraction[" + std::to_string(i) + "]", config.capital_fraction[i].v, 1, kRateUnit, kRateDecimals});
  }
  for (const Bound& bound : bounds) {
    if (bound.value >= bound.min && bound.value <= bound.max) continue;
    return Error{Errc::config_out_of_bounds, bound.name + " = " + to_text(bound.value, bound.decimals) + " must be from " +
                                                 to_text(bound.min, bound.decimals) + " to " + to_text(bound.max, bound.decimals)};
  }
  return {};
}

}  // namespace martinet

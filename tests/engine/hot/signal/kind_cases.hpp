#pragma once
// What the tests over all kinds of the registry need to know of each: what it needs beyond its parameters, and parameters at which it
// decides often on bars of 15 minutes.
#include <string>
#include <string_view>

#include "tests/engine/hot/signal/plain_run.hpp"

namespace martinet::kind_cases {

using plain_run::Parameters;

/// What a kind needs beyond its parameters.
inline plain_run::Complete complete(std::string_view) { return {}; }

/// A kind that is not here is run with its defaults on bars of 15 minutes, and must then decide often enough.
inline Parameters often(std::string_view kind) {
  const std::string both = "both";
  Parameters all = {{"timeframe", std::string("15m")}};
  const auto add = [&all](Parameters more) {
    for (auto& one : more) all.push_back(std::move(one));
  };
  if (kind != "every_bar") add({{"cooldown_bars", std::int64_t{2}}, {"max_holding_bars", std::int64_t{30}}});
  if (kind == "every_bar") add({{"bars", std::int64_t{3}}, {"direction", std::string("alternate")}});
  if (kind == "vwap_rsi") {
    add({{"direction", both}, {"filter_timeframe", std::string("1h")}, {"deviation", 0.0005}, {"oversold", 45.0}, {"overbought", 55.0}});
  }
  if (kind == "model_signal") add({{"direction", both}});  // its model is that of models_for_tests.hpp
  if (kind == "ema_atr") {
    add({{"direction", both},
         {"ema_fast", std::int64_t{3}},
         {"ema_slow", std::int64_t{8}},
         {"hv_z_min", -5.0},
         {"hv_z_max", 5.0},
         {"rsi_min", 1.0},
         {"rsi_max", 99.0},
         {"macd_hist_min", -1000.0},
         {"trailing_activation_atr", 0.5},
         {"trailing_distance_atr", 1.0},
         {"trailing_step", 0.0},
         {"stochrsi_filter", true},
         {"stochrsi_buy_below", 1.0},
         {"stochrsi_sell_above", 0.0},
         {"partial_exits", true},
         {"partial_1_profit", 0.002},
         {"partial_2_profit", 0.004}});
  }
  if (kind == "grid_atr") add({{"direction", both}, {"sma_period", std::int64_t{5}}, {"first", 0.5}, {"spacing", 0.3}});
  if (kind == "grid_boltrend") {
    add({{"direction", both}, {"band_period", std::int64_t{20}}, {"trend_period", std::int64_t{30}}, {"spacing", 0.3}});
  }
  return all;
}

}  // namespace martinet::kind_cases

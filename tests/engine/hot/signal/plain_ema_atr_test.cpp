// ema_atr against plain/ema_atr.py: the same decisions over real bars, line by line.
#include "tests/engine/hot/signal/plain_run.hpp"

namespace martinet::plain_ema_atr_test {
using plain_run::expect_same_decisions;
using plain_run::Parameters;
using plain_run::Source;

const Source kBtc1m{"bars/binance_usdm_2025/BTCUSDT_1m.csv.gz", kNanosPerMinute};
const Source kSol1m{"bars/binance_usdm_2025/SOLUSDT_1m.csv.gz", kNanosPerMinute};
const Source kEth1m{"bars/binance_usdm_2025/ETHUSDT_1m.csv.gz", kNanosPerMinute};
const Source kCoinbase1h{"bars/coinbase/BTCUSD_1h.csv.gz", 60 * kNanosPerMinute};

std::string text(const char* word) { return word; }

// Everything on, and so near that stops move and parts are taken all the time.
Parameters lively(Parameters more) {
  Parameters all = {{"direction", text("both")}, {"ema_fast", std::int64_t{5}},    {"ema_slow", std::int64_t{13}}, {"hv_z_min", -2.5},
                    {"hv_z_max", 2.5},           {"trailing_activation_atr", 1.0}, {"trailing_distance_atr", 1.5}, {"partial_exits", true},
                    {"partial_1_profit", 0.004}, {"partial_2_profit", 0.008}};
  for (auto& one : more) all.push_back(std::move(one));
  return all;
}

TEST(PlainEmaAtr, TakesTheSameDecisionsOnTenThousandHours) {
  MT_NEED_DATA(folder);
  MT_NEED_PYTHON();
  expect_same_decisions(
      folder, {kCoinbase1h}, "ema_atr",
      {{100, {}},
       {200, {{"direction", text("both")}}},
       {100, {{"direction", text("short")}, {"trailing_atr", text("current")}, {"macd_hist_scale", text("price")}, {"trailing_step", 0.0}}},
       {200, {{"direction", text("both")}, {"hv_filter", false}, {"rsi_filter", false}, {"macd_filter", false}, {"trailing", false}}},
       {100, {{"direction", text("both")}, {"stochrsi_filter", true}, {"partial_exits", true}, {"target_atr", 8.0}}},
       {500, lively({})},
       {500, lively({{"trailing_atr", text("current")}, {"reversal_bars", std::int64_t{4}}})},
       {500, lively({{"reversal_bars", std::int64_t{0}}, {"partial_1_part", 0.0}, {"max_holding_bars", std::int64_t{9}}})},
       {500, lively({{"cooldown_bars", std::int64_t{2}}, {"reversal_bars", std::int64_t{5}}, {"rsi_min", 45.0}, {"rsi_max", 55.0}})}});
}

TEST(PlainEmaAtr, TakesTheSameDecisionsOnSeveralInstrumentsAndLongerBarsOfMinutes) {
  MT_NEED_DATA(folder);
  MT_NEED_PYTHON();
  const Parameters small = {{"timeframe", text("5m")}, {"partial_1_profit", 0.001}, {"partial_2_profit", 0.002}};
  expect_same_decisions(
      folder, {kBtc1m, kEth1m, kSol1m}, "ema_atr",
      {{300, lively(small)},
       {50, {{"timeframe", text("15m")}, {"direction", text("both")}}},
       {300, {{"timeframe", text("3m")}, {"direction", text("both")}, {"ema_fast", std::int64_t{1}}, {"ema_slow", std::int64_t{8}}}}});
}

}  // namespace martinet::plain_ema_atr_test

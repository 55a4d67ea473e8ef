// grid_boltrend against plain/grid_boltrend.py: the same decisions over real bars, line by line.
#include "tests/engine/hot/signal/plain_run.hpp"

namespace martinet::plain_grid_boltrend_test {
using plain_run::expect_same_decisions;
using plain_run::Parameters;
using plain_run::Source;

const Source kCoinbase1h{"bars/coinbase/BTCUSD_1h.csv.gz", kNanosPerHour};
const Source kSol5m{"bars/binance_usdm_2025/SOLUSDT_5m.csv.gz", 5 * kNanosPerMinute};
const Source kBtc15m{"bars/binance_usdm_2025/BTCUSDT_15m.csv.gz", 15 * kNanosPerMinute};
const Source kSol15m{"bars/binance_usdm_2025/SOLUSDT_15m.csv.gz", 15 * kNanosPerMinute};

std::string text(const char* word) { return word; }

// Shorter bands and trend: breaks by the hundred.
Parameters quick(Parameters more) {
  Parameters all = {{"direction", text("both")}, {"band_period", std::int64_t{20}}, {"trend_period", std::int64_t{50}}};
  for (auto& one : more) all.push_back(std::move(one));
  return all;
}

TEST(PlainGridBoltrend, TakesTheSameDecisionsOnHourBars) {
  MT_NEED_DATA(folder);
  MT_NEED_PYTHON();
  expect_same_decisions(
      folder, {kCoinbase1h}, "grid_boltrend",
      {{100, {}},
       {200, {{"direction", text("both")}}},
       {100, {{"direction", text("short")}, {"cooldown_bars", std::int64_t{40}}}},
       {800, quick({})},
       {500, quick({{"spacing", 0.3}, {"levels", std::int64_t{6}}, {"stop_fraction", 0.02}})},
       {500, quick({{"max_holding_bars", std::int64_t{12}}, {"band_deviations", 1.5}, {"levels", std::int64_t{16}}, {"spacing", 0.2}})},
       {100, quick({{"timeframe", text("4h")}, {"regime_window", std::int64_t{30}}})}});
}

TEST(PlainGridBoltrend, TakesTheSameDecisionsOnShorterBars) {
  MT_NEED_DATA(folder);
  MT_NEED_PYTHON();
  expect_same_decisions(folder, {kSol5m}, "grid_boltrend",
                        {{50, quick({{"timeframe", text("5m")}})}, {50, quick({{"timeframe", text("15m")}, {"stop_fraction", 0.005}})}});
}

TEST(PlainGridBoltrend, TakesTheSameDecisionsOnSeveralInstruments) {
  MT_NEED_DATA(folder);
  MT_NEED_PYTHON();
  expect_same_decisions(folder, {kBtc15m, kSol15m}, "grid_boltrend", {{50, quick({{"timeframe", text("15m")}, {"spacing", 0.5}})}});
}

}  // namespace martinet::plain_grid_boltrend_test

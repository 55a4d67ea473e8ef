// grid_atr against plain/grid_atr.py: the same decisions over real bars, line by line.
#include "tests/engine/hot/signal/plain_run.hpp"

namespace martinet::plain_grid_atr_test {
using plain_run::expect_same_decisions;
using plain_run::Parameters;
using plain_run::Source;

const Source kCoinbase1h{"bars/coinbase/BTCUSD_1h.csv.gz", kNanosPerHour};
const Source kBtc5m{"bars/binance_usdm_2025/BTCUSDT_5m.csv.gz", 5 * kNanosPerMinute};
const Source kSol15m{"bars/binance_usdm_2025/SOLUSDT_15m.csv.gz", 15 * kNanosPerMinute};
const Source kBtc15m{"bars/binance_usdm_2025/BTCUSDT_15m.csv.gz", 15 * kNanosPerMinute};

std::string text(const char* word) { return word; }

TEST(PlainGridAtr, TakesTheSameDecisionsOnHourBars) {
  MT_NEED_DATA(folder);
  MT_NEED_PYTHON();
  const auto both = text("both");
  expect_same_decisions(
      folder, {kCoinbase1h}, "grid_atr",
      {{500, {}},
       {500, {{"direction", text("short")}}},
       {1000, {{"direction", both}, {"cooldown_bars", std::int64_t{0}}}},
       {500, {{"direction", both}, {"stop_fraction", 0.03}, {"levels", std::int64_t{5}}, {"spacing", 0.4}, {"first", 1.5}}},
       {100, {{"direction", both}, {"target", text("percent")}, {"target_fraction", 0.015}, {"stop_fraction", 0.1}}},
       {50, {{"target", text("percent")}, {"target_fraction", 0.02}, {"levels", std::int64_t{16}}, {"spacing", 0.3}}},
       {500,
        {{"direction", both}, {"max_holding_bars", std::int64_t{6}}, {"sma_period", std::int64_t{50}}, {"atr_period", std::int64_t{20}}}},
       {100,
        {{"direction", both},
         {"timeframe", text("4h")},
         {"first", 1.0},
         {"levels", std::int64_t{2}},
         {"regime_window", std::int64_t{30}}}}});
}

TEST(PlainGridAtr, TakesTheSameDecisionsOnShorterBars) {
  MT_NEED_DATA(folder);
  MT_NEED_PYTHON();
  expect_same_decisions(folder, {kBtc5m}, "grid_atr",
                        {{100, {{"direction", text("both")}, {"timeframe", text("5m")}}},
                         {100, {{"direction", text("both")}, {"timeframe", text("15m")}, {"stop_fraction", 0.005}, {"first", 1.0}}}});
}

TEST(PlainGridAtr, TakesTheSameDecisionsOnSeveralInstruments) {
  MT_NEED_DATA(folder);
  MT_NEED_PYTHON();
  expect_same_decisions(folder, {kBtc15m, kSol15m}, "grid_atr",
                        {{100, {{"direction", text("both")}, {"timeframe", text("15m")}, {"stop_fraction", 0.01}, {"spacing", 0.5}}}});
}

}  // namespace martinet::plain_grid_atr_test

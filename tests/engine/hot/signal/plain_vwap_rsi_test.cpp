// vwap_rsi against plain/vwap_rsi.py: the same decisions over real bars, line by line.
#include "tests/engine/hot/signal/plain_run.hpp"

namespace martinet::plain_vwap_rsi_test {
using plain_run::expect_same_decisions;
using plain_run::Parameters;
using plain_run::Source;

const Source kBtc1m{"bars/binance_usdm_2025/BTCUSDT_1m.csv.gz", kNanosPerMinute};
const Source kSol1m{"bars/binance_usdm_2025/SOLUSDT_1m.csv.gz", kNanosPerMinute};
const Source kEth1m{"bars/binance_usdm_2025/ETHUSDT_1m.csv.gz", kNanosPerMinute};
const Source kBtc5m{"bars/binance_usdm_2025/BTCUSDT_5m.csv.gz", 5 * kNanosPerMinute};

std::string text(const char* word) { return word; }

// Thresholds at which it decides hundreds of times.
Parameters loose(Parameters more) {
  Parameters all = {
      {"deviation", 0.0005}, {"oversold", 45.0}, {"overbought", 55.0}, {"volume_factor", 0.5}, {"cooldown_bars", std::int64_t{1}}};
  for (auto& one : more) all.push_back(std::move(one));
  return all;
}

TEST(PlainVwapRsi, TakesTheSameDecisionsOnFiveMinuteBarsOfMinutes) {
  MT_NEED_DATA(folder);
  MT_NEED_PYTHON();
  expect_same_decisions(folder, {kBtc1m}, "vwap_rsi",
                        {{2, {}},
                         {10, {{"direction", text("both")}}},
                         {100, loose({{"direction", text("both")}})},
                         {50, loose({{"direction", text("short")}, {"filter_timeframe", text("1h")}, {"filter_adx", 10.0}})},
                         {100, loose({{"direction", text("both")}, {"regime", text("any")}, {"trend_filter", false}, {"trend_adx", 40.0}})},
                         {100, loose({{"direction", text("both")},
                                      {"vwap", text("rolling")},
                                      {"max_holding_bars", std::int64_t{3}},
                                      {"high_volatility", 60.0},
                                      {"low_volatility", 40.0}})}});
}

TEST(PlainVwapRsi, TakesTheSameDecisionsOnSeveralInstruments) {
  MT_NEED_DATA(folder);
  MT_NEED_PYTHON();
  expect_same_decisions(folder, {kBtc1m, kEth1m, kSol1m}, "vwap_rsi",
                        {{300, loose({{"direction", text("both")}, {"timeframe", text("3m")}})}});
}

TEST(PlainVwapRsi, TakesTheSameDecisionsWhereTheFileHasItsOwnTimeframe) {
  MT_NEED_DATA(folder);
  MT_NEED_PYTHON();
  expect_same_decisions(
      folder, {kBtc5m}, "vwap_rsi",
      {{20, {{"direction", text("both")}}}, {300, loose({{"direction", text("both")}, {"cooldown_bars", std::int64_t{0}}})}});
}

}  // namespace martinet::plain_vwap_rsi_test

// model_signal against plain/model_signal.py: both read the same model files and take the same decisions over real bars, line by line.
#include <filesystem>

#include "tests/engine/hot/signal/plain_run.hpp"
#include "tests/support/model_text.hpp"

namespace martinet::plain_model_signal_test {
using plain_run::expect_same_decisions;
using plain_run::Parameters;
using plain_run::Source;

const Source kBtc1m{"bars/binance_usdm_2025/BTCUSDT_1m.csv.gz", kNanosPerMinute};
const Source kSol1m{"bars/binance_usdm_2025/SOLUSDT_1m.csv.gz", kNanosPerMinute};
const Source kBtc1h{"bars/coinbase/BTCUSD_1h.csv.gz", kNanosPerHour};

std::string text(const char* word) { return word; }

/// A model file that goes with the test.
class ModelFileOfTest {
 public:
  ModelFileOfTest(const std::string& features, const std::string& numbers) {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() / ("plain_model_" + std::to_string(getpid()) + "_" + std::to_string(++count) + ".json");
    std::ofstream(path_, std::ios::binary) << test::model_text(features, numbers);
  }
  ModelFileOfTest(const ModelFileOfTest&) = delete;
  ~ModelFileOfTest() { std::filesystem::remove(path_); }
  [[nodiscard]] Parameters with(Parameters more = {}) const {
    more.emplace_back("model", path_.string());
    return more;
  }

 private:
  std::filesystem::path path_;
};

// Twelve indicators of three timeframes around the strategy's hour, three classes. Weights are made up; they only have to matter.
const char* const kHourly = R"(
  {"indicator": "rsi", "timeframe": "1h", "periods": [14]},
  {"indicator": "bb_percent_b", "timeframe": "1h", "periods": [20], "factor": 2.0},
  {"indicator": "macd_histogram", "timeframe": "1h", "periods": [12, 26, 9]},
  {"indicator": "natr", "timeframe": "1h", "periods": [14]},
  {"indicator": "volume_z", "timeframe": "1h", "periods": [30]},
  {"indicator": "return_log", "timeframe": "1h"},
  {"indicator": "stochrsi_k", "timeframe": "1h", "periods": [14, 14, 3]},
  {"indicator": "roc", "timeframe": "2h", "periods": [6]},
  {"indicator": "adx", "timeframe": "4h", "periods": [14]},
  {"indicator": "rsi", "timeframe": "4h", "periods": [14]},
  {"indicator": "historical_volatility_z", "timeframe": "1h", "periods": [20, 50]},
  {"indicator": "mfi", "timeframe": "1h", "periods": [14]})";
const char* const kHourlyNumbers = R"(
  "mean": [50, 0.5, 0, 0.9, 0, 0, 50, 0, 25, 50, 0, 50],
  "scale": [12, 0.33, 60, 0.5, 1, 0.008, 30, 2, 10, 12, 1, 15],
  "classes": ["buy", "hold", "sell"],
  "weights": [[-0.9, -0.7, 0.3, 0.1, 0.2, -0.4, -0.3, 0.2, -0.2, 0.3, 0.1, -0.2],
              [0.1, 0, 0, -0.3, -0.2, 0, 0, 0, -0.1, 0, -0.2, 0],
              [0.9, 0.8, -0.2, 0.1, 0.1, 0.4, 0.3, -0.2, 0.2, -0.4, 0.1, 0.2]],
  "bias": [-0.4, 0.8, -0.4],
  "threshold": 0.6)";

TEST(PlainModelSignal, TakesTheSameDecisionsOnHourlyBars) {
  MT_NEED_DATA(folder);
  MT_NEED_PYTHON();
  const ModelFileOfTest model(kHourly, kHourlyNumbers);
  expect_same_decisions(folder, {kBtc1h}, "model_signal",
                        {{300, model.with()},
                         {500, model.with({{"direction", text("both")}})},
                         {300, model.with({{"direction", text("short")}, {"reward", 0.0}})},
                         {50, model.with({{"direction", text("both")}, {"threshold", 0.95}, {"max_holding_bars", std::int64_t{12}}})},
                         {500, model.with({{"direction", text("both")},
                                           {"threshold", 0.4},
                                           {"atr_stop_multiplier", 0.7},
                                           {"reward", 1.3},
                                           {"cooldown_bars", std::int64_t{2}}})}});
}

// The first 999 bars give no value of sma(1000), where the regime is warm after 114: hold, not silence, and not a wrong guess.
TEST(PlainModelSignal, HoldsAlikeWhileAFeatureIsMissing) {
  MT_NEED_DATA(folder);
  MT_NEED_PYTHON();
  const ModelFileOfTest model(
      R"({"indicator": "close", "timeframe": "1h"}, {"indicator": "sma", "timeframe": "1h", "periods": [1000]})",
      R"("mean": [20000, 20000], "scale": [500, 500], "classes": ["sell", "buy"], "weights": [[3, -3]], "bias": [0], "threshold": 0.7)");
  expect_same_decisions(folder, {kBtc1h}, "model_signal",
                        {{20, model.with({{"direction", text("both")}, {"max_holding_bars", std::int64_t{40}}})}});
}

TEST(PlainModelSignal, TakesTheSameDecisionsWithFeaturesOfShorterBarsAndTwoInstruments) {
  MT_NEED_DATA(folder);
  MT_NEED_PYTHON();
  const ModelFileOfTest model(
      R"({"indicator": "rsi", "timeframe": "1m", "periods": [9]}, {"indicator": "rsi", "timeframe": "5m", "periods": [9]},
         {"indicator": "cci", "timeframe": "15m", "periods": [20]}, {"indicator": "vwap_rolling", "timeframe": "5m", "periods": [20]},
         {"indicator": "close", "timeframe": "5m"}, {"indicator": "williams_r", "timeframe": "3m", "periods": [14]})",
      R"("mean": [50, 50, 0, 0, 0, -50], "scale": [15, 12, 100, 1000, 1000, 30], "classes": ["hold", "buy", "sell"],
         "weights": [[0, 0, 0, 0, 0, 0], [-0.5, -0.7, 0.3, 9, -9, -0.3], [0.5, 0.7, -0.3, -9, 9, 0.3]], "bias": [0.5, 0, 0], "threshold": 0.5)");
  expect_same_decisions(folder, {kBtc1m, kSol1m}, "model_signal",
                        {{300, model.with({{"timeframe", text("5m")}, {"direction", text("both")}})},
                         {100, model.with({{"timeframe", text("15m")}, {"regime_window", std::int64_t{20}}})}});
}

}  // namespace martinet::plain_model_signal_test

// The plain indicators are right by themselves: they give what TA-Lib gives, so that engine and plain strategies do not merely share a
// mistake.
#include "tests/engine/hot/signal/plain_run.hpp"

namespace martinet::plain_indicators_test {

struct Case {
  const char* bars;
  const char* interval_ms;
  const char* reference;
};

TEST(PlainIndicators, GiveTheValuesOfTaLibOnEveryBar) {
  MT_NEED_DATA(folder);
  MT_NEED_PYTHON();
  const Case cases[] = {{"bars/binance_usdm_2025/BTCUSDT_15m.csv.gz", "900000", "reference/talib_binance_usdm_2025_BTCUSDT_15m.csv.gz"},
                        {"bars/coinbase/BTCUSD_1h.csv.gz", "3600000", "reference/talib_coinbase_BTCUSD_1h_first6000.csv.gz"}};
  for (const Case& one : cases) {
    const auto quoted = [](const std::filesystem::path& path) { return " '" + path.string() + "'"; };
    const std::string command = "python3 -B" + quoted(MARTINET_SOURCE_DIR "/tests/engine/hot/signal/plain/check_reference.py") +
                                quoted(folder / one.bars) + " " + one.interval_ms + quoted(folder / one.reference);
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
  }
}

}  // namespace martinet::plain_indicators_test

// Goal: whatever a source holds, an import either makes a capture that reads back whole, or fails with a sentence and leaves nothing.
// Method: small good files of every kind, bytes of which are changed, cut, doubled and moved at random (seed printed).
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/adapters/capture/import_test_support.hpp"

namespace martinet::import_mutation_test {

using namespace import_test;

const std::vector<std::string> kSources = {
    "ts_ms,price,size,is_buyer_maker\n1600000000000,100.5,0.25,0\n1600000000000,100.25,1,1\n1600000000700,\"101\",1e-03,0\n",
    "ts_ms,open,high,low,close,volume\n1600000020000,10,12,9.5,11,5\n1600000080000,11,11.5,10,10.25,0\n1600000140000,10.25,13,10,12,7."
    "125\n",
    "timestamp,bid,bid_size,ask,ask_size\n2020-09-13T12:26:40Z,1.5,1,1.6,2\n2020-09-13 12:26:41.5,1.5,1,1.6,2\n",
    "ts_ms,open_points,high_points,low_points,close_points,tick_volume\n1353960000000,129613,130053,129587,129934,6871\n1353974400000,"
    "129931,130077,129694,129815,8172\n",
    "1723161256191649066 "
    "{\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\",\"s\":\"BTCUSDT\",\"t\":3,\"p\":\"61837.63000000\",\"q\":\"0.02\",\"M\":true}}"
    "\n"
    "1723161256191649067 "
    "{\"stream\":\"btcusdt@depth\",\"data\":{\"e\":\"depthUpdate\",\"s\":\"BTCUSDT\",\"U\":1,\"u\":2,\"b\":[[\"1.5\",\"2\"]],\"a\":[]}}\n"
    "1723161256191649068 {\"lastUpdateId\":5,\"bids\":[[\"1.5\",\"2\"]],\"asks\":[]}\n",
    "1649290077582363800 {\"event\":\"subscribe\",\"arg\":{\"instType\":\"SPOT\",\"channel\":\"books\",\"instId\":\"EOSUSDT\"}}\n"
    "1649290077582363801 "
    "{\"action\":\"update\",\"arg\":{\"instType\":\"USDT-FUTURES\",\"channel\":\"candle1m\",\"instId\":\"DASHUSDT\"},\"data\":[[\"1\","
    "\"2\",\"3\",\"1\",\"2\",\"5\"]]}\n",
    "{\"url\":\"https://api.binance.com/api/v3/"
    "depth?symbol=NKNUSDT\",\"recv_ns\":1633998512320639000,\"body\":{\"lastUpdateId\":4,\"bids\":[[\"0.35\",\"6\"]],\"asks\":[]}}\n"
    "{\"url\":\"https://api.binance.com/api/v3/"
    "exchangeInfo\",\"recv_ns\":1,\"body\":{\"symbols\":[{\"symbol\":\"NKNUSDT\",\"filters\":[{\"filterType\":\"LOT_SIZE\","
    "\"stepSize\":\"1\",\"minQty\":\"1\",\"maxQty\":\"90\"},{\"filterType\":\"PRICE_FILTER\",\"tickSize\":\"0.01\"}]}]}}\n",
};

void mutate(std::string& text, std::mt19937_64& random) {
  constexpr std::string_view kLikely = "0123456789.,-eE\"{}[]:\n\r\t \\;_";
  for (std::uint64_t changes = 1 + random() % 4; changes > 0 && !text.empty(); --changes) {
    const std::size_t at = random() % text.size();
    switch (random() % 6) {
      case 0:
        text[at] = static_cast<char>(random() % 256);
        break;
      case 1:
        text[at] = kLikely[random() % kLikely.size()];
        break;
      case 2:
        text.erase(at, 1 + random() % 8);
        break;
      case 3:
        text.insert(at, text.substr(random() % text.size(), random() % 24));
        break;
      case 4:
        text.resize(at);
        break;
      default:
        text.insert(at, std::string(1 + random() % 30, kLikely[random() % kLikely.size()]));
    }
  }
}

TEST(ImportMutation, EveryDamageEndsInACaptureOrInASentence) {
  constexpr std::uint64_t kSeed = 11;
  std::mt19937_64 random(kSeed);
  const Folder folder;
  int made = 0;
  int refused = 0;
  for (int round = 0; round < 600; ++round) {
    std::string text = kSources[static_cast<std::size_t>(round) % kSources.size()];
    mutate(text, random);
    ImportOptions options = options_for({folder.write("AAA.txt", text)}, folder / "out.cap");
    options.on_error = random() % 2 == 0 ? OnRowError::stop : OnRowError::skip;
    const auto report = import_files(options);
    if (!report.ok()) {
      ++refused;
      ASSERT_FALSE(report.error().what.empty()) << "seed " << kSeed << " round " << round;
      ASSERT_NE(class_of(report.error().code), ErrorClass::internal)
          << report.error().what << " seed " << kSeed << " round " << round << "\n"
          << text;
      ASSERT_EQ(folder.names().size(), 1U) << "seed " << kSeed << " round " << round;
      continue;
    }
    ++made;
    const Contents got = read_back(folder / "out.cap");
    ASSERT_EQ(got.frames.size(), report->raw_frames) << "seed " << kSeed << " round " << round;
    ASSERT_EQ(got.ticks.size(), report->trades + report->quotes) << "seed " << kSeed << " round " << round;
    ASSERT_EQ(got.candles.size(), report->candles) << "seed " << kSeed << " round " << round;
    std::filesystem::remove(folder / "out.cap");
  }
  EXPECT_GT(made, 80);
  EXPECT_GT(refused, 80);
}

}  // namespace martinet::import_mutation_test

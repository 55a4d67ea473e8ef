// Goal: where the fast path says ok, the slow path says the same. Method: every captured message, then millions of damaged ones,
// each between two unreadable pages.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "adapters/binance/decoder.hpp"
#include "tests/adapters/binance/binance_samples.hpp"
#include "tests/support/data_folder.hpp"

namespace martinet::binance_agreement_test {

using namespace martinet::test;

struct Grid {
  int price_decimals = 8;
  int qty_decimals = 8;
};

InstrumentTable table_of(const std::vector<std::string>& messages, Market market, Grid grid) {
  InstrumentTable table;
  for (const std::string& symbol : values_of(messages, "s")) {
    EXPECT_TRUE(table.add(instrument(Venue::binance, market, symbol, grid.price_decimals, grid.qty_decimals)).ok());
  }
  return table;
}

TEST(BinanceAgreement, HoldsForDamagedMessages) {
  const InstrumentTable table = binance_table();
  std::uint64_t seed = 0xB1A;
  for (const Market market : {Market::spot, Market::usdm, Market::coinm}) {
    ++seed;
    BinanceDecoder decoder(table, market, table.find(Venue::binance, market, market == Market::coinm ? "BTCUSD_PERP" : "BTCUSDT"));
    std::size_t tried = 0, accepted = 0;
    EXPECT_EQ(mutants_disagree(decoder, binance_usual(market), mutant_rounds(60'000), seed, tried, accepted), "") << "seed " << seed;
    std::printf("binance %s mutants: %zu tried, %zu taken by the fast path, seed %llu\n", std::string(name_of(market)).c_str(), tried,
                accepted, static_cast<unsigned long long>(seed));
    EXPECT_GT(accepted, tried / 20) << "the mutants should not all be nonsense";
    EXPECT_LT(accepted, tried * 9 / 10) << "nor should they all be harmless";
  }
}

TEST(BinanceAgreement, HoldsForEveryPrefixOfEveryMessage) {
  const InstrumentTable table = binance_table();
  FramePair pair;
  GuardedBuffer guarded(1 << 16);
  for (const Market market : {Market::spot, Market::usdm, Market::coinm}) {
    BinanceDecoder decoder(table, market, 0);
    for (const std::string& message : binance_usual(market)) {
      for (std::size_t size = 0; size < message.size(); ++size) {
        bool fast_ok = true;
        EXPECT_EQ(disagreement(decoder, guarded.at_end(message.substr(0, size)), pair, fast_ok), "");
        EXPECT_FALSE(fast_ok) << message.substr(0, size);
      }
    }
  }
}

// Levels of a depth message, counted in its text: every one opens a bracket in front of a quote.
std::size_t levels_in_text(const std::string& message) {
  return message.find("depthUpdate") != std::string::npos || message.find("lastUpdateId") != std::string::npos ? occurrences(message, "[\"")
                                                                                                               : 0;
}

void agree_on_capture(const std::filesystem::path& path, Market market, Grid grid) {
  std::vector<std::string> messages = messages_of(path);
  ASSERT_GT(messages.size(), 100U);
#ifdef MARTINET_SANITIZED
  // Sanitizer builds take half a millisecond a message: every eighth has to do.
  for (std::size_t i = 0; messages.size() > 10'000 && i < messages.size() / 8; ++i) messages[i].swap(messages[i * 8]);
  if (messages.size() > 10'000) messages.resize(messages.size() / 8);
#endif
  for (const Grid g : {Grid{}, grid}) {
    const InstrumentTable table = table_of(messages, market, g);
    BinanceDecoder decoder(table, market, 0);
    FramePair pair;
    GuardedBuffer guarded(1 << 20);
    std::size_t fast = 0;
    std::map<Channel, std::size_t> got;
    std::size_t levels = 0, expected_levels = 0, quotes = 0, trades = 0, aggregates = 0, candles = 0;
    for (const std::string& message : messages) {
      bool fast_ok = false;
      ASSERT_EQ(disagreement(decoder, guarded.at_end(message), pair, fast_ok), "") << message.substr(0, 500);
      ASSERT_NE(pair.slow->channel, Channel::none) << message.substr(0, 500);
      fast += fast_ok ? 1 : 0;
      got[pair.slow->channel] += pair.slow->tick_count + pair.slow->candle_count;
      for (std::uint32_t i = 0; i < pair.slow->depth_count; ++i) levels += pair.slow->depths[i].level_count;
      expected_levels += levels_in_text(message);
      quotes += occurrences(message, "@bookTicker\"");
      trades += occurrences(message, "@trade\"");
      aggregates += occurrences(message, "@aggTrade\"");
      candles += occurrences(message, "@kline_1m\"");
    }
    std::printf("%s, grid %d/%d: %zu of %zu messages fast (%.3f %%)\n", path.filename().c_str(), g.price_decimals, g.qty_decimals, fast,
                messages.size(), 100.0 * static_cast<double>(fast) / static_cast<double>(messages.size()));
    EXPECT_EQ(fast, messages.size());
    EXPECT_EQ(levels, expected_levels);
    EXPECT_EQ(got[Channel::book_ticker], quotes);
    EXPECT_EQ(got[Channel::trade], trades);
    EXPECT_EQ(got[Channel::agg_trade], aggregates);
    EXPECT_EQ(got[Channel::candle], candles);
    EXPECT_GT(levels * quotes, 0U);
  }
}

TEST(BinanceAgreement, HoldsForSpotBtcusdt2024) {
  MT_NEED_DATA(data);
  agree_on_capture(data / "ws/binance_2024/spot_btcusdt_20240808.txt.gz", Market::spot, {4, 7});
}
TEST(BinanceAgreement, HoldsForSpotEthusdt2024) {
  MT_NEED_DATA(data);
  agree_on_capture(data / "ws/binance_2024/spot_ethusdt_20240808.txt.gz", Market::spot, {4, 6});
}
TEST(BinanceAgreement, HoldsForUsdm2024) {
  MT_NEED_DATA(data);
  agree_on_capture(data / "ws/binance_2024/usdm_btcusdt_20240808.txt.gz", Market::usdm, {4, 5});
}
TEST(BinanceAgreement, HoldsForCoinm2024) {
  MT_NEED_DATA(data);
  agree_on_capture(data / "ws/binance_2024/cm_btcusd_perp_20240808.txt.gz", Market::coinm, {1, 0});
}
TEST(BinanceAgreement, HoldsForSpot2021) {
  MT_NEED_DATA(data);
  agree_on_capture(data / "ws/binance_2021/spot.txt.gz", Market::spot, {8, 2});
}
TEST(BinanceAgreement, HoldsForUsdm2021) {
  MT_NEED_DATA(data);
  agree_on_capture(data / "ws/binance_2021/usdm.txt.gz", Market::usdm, {7, 2});
}

TEST(BinanceAgreement, HoldsForTheSamples) {
  MT_NEED_DATA(data);
  for (const auto& [name, market] : {std::pair{"binance_spot.jsonl", Market::spot}, std::pair{"binance_usdm.jsonl", Market::usdm}}) {
    const std::vector<std::string> messages = messages_of(data / "ws/samples" / name);
    InstrumentTable table = table_of(messages, market, {});
    for (const std::string_view symbol : {"BTCUSDC", "GNTBTC", "BTCUSDT"})
      EXPECT_TRUE(table.add(instrument(Venue::binance, market, symbol, 8, 8)).ok());
    BinanceDecoder decoder(table, market, kNoInstrument);
    FramePair pair;
    for (const std::string& message : messages) {
      bool fast_ok = false;
      EXPECT_EQ(disagreement(decoder, message, pair, fast_ok), "") << message;
      EXPECT_NE(pair.slow->channel, Channel::none) << message;
    }
  }
}

TEST(BinanceAgreement, HoldsForRestAnswers) {
  MT_NEED_DATA(data);
  for (const auto& [name, market] : {std::pair{"spot_depth.jsonl.gz", Market::spot}, std::pair{"usdm_depth.jsonl.gz", Market::usdm}}) {
    InstrumentTable table;
    ASSERT_TRUE(table.add(instrument(Venue::binance, market, "ANY", 8, 8)).ok());
    BinanceDecoder decoder(table, market, 0);
    FramePair pair;
    for (const std::string& line : lines_of(data / "ws/binance_2021" / name)) {
      const std::size_t body = line.find("\"body\":") + 7;
      const std::string frame = line.substr(body, line.size() - body - 1);
      bool fast_ok = false;
      EXPECT_EQ(disagreement(decoder, frame, pair, fast_ok), "") << frame.substr(0, 200);
      EXPECT_TRUE(fast_ok) << frame.substr(0, 200);
      std::size_t levels = 0;
      for (std::uint32_t i = 0; i < pair.slow->depth_count; ++i) levels += pair.slow->depths[i].level_count;
      EXPECT_EQ(levels, occurrences(frame, "[\""));
      EXPECT_GT(levels, 10U);
    }
  }
}

}  // namespace martinet::binance_agreement_test

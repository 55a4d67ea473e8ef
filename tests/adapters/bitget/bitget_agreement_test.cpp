// Goal: where the fast path says ok, the slow path says the same. Method: every captured message, then millions of damaged ones,
// each between two unreadable pages. The captured books are also rebuilt and their checksums computed from the decoded digits.
#include <gtest/gtest.h>

#include <map>
#include <span>

#include "adapters/bitget/decoder.hpp"
#include "engine/base/crc.hpp"
#include "engine/base/decimal.hpp"
#include "tests/adapters/bitget/bitget_samples.hpp"
#include "tests/support/data_folder.hpp"

namespace martinet::bitget_agreement_test {

using namespace martinet::test;

InstrumentTable table_of(const std::vector<std::string>& messages, Market market, int decimals) {
  InstrumentTable table;
  for (const std::string& symbol : values_of(messages, "instId"))
    EXPECT_TRUE(table.add(instrument(Venue::bitget, market, symbol, decimals, decimals)).ok());
  return table;
}

TEST(BitgetAgreement, HoldsForDamagedMessages) {
  constexpr std::uint64_t kSeed = 0xB17;
  const InstrumentTable table = bitget_table();
  BitgetDecoder decoder(table);
  std::size_t tried = 0, accepted = 0;
  EXPECT_EQ(mutants_disagree(decoder, bitget_usual(), mutant_rounds(60'000), kSeed, tried, accepted), "") << "seed " << kSeed;
  std::printf("bitget mutants: %zu tried, %zu taken by the fast path, seed %llu\n", tried, accepted,
              static_cast<unsigned long long>(kSeed));
  EXPECT_GT(accepted, tried / 20) << "the mutants should not all be nonsense";
  EXPECT_LT(accepted, tried * 9 / 10) << "nor should they all be harmless";
}

TEST(BitgetAgreement, HoldsForEveryPrefixOfEveryMessage) {
  const InstrumentTable table = bitget_table();
  BitgetDecoder decoder(table);
  FramePair pair;
  GuardedBuffer guarded(1 << 16);
  for (const std::string& message : bitget_usual()) {
    for (std::size_t size = 0; size < message.size(); ++size) {
      bool fast_ok = true;
      EXPECT_EQ(disagreement(decoder, guarded.at_end(message.substr(0, size)), pair, fast_ok), "");
      EXPECT_FALSE(fast_ok) << message.substr(0, size);
    }
  }
}

void agree_on_capture(const std::filesystem::path& path, Market market) {
  const std::vector<std::string> messages = messages_of(path);
  ASSERT_GT(messages.size(), 100U);
  for (const int decimals : {8, 10}) {
    const InstrumentTable table = table_of(messages, market, decimals);
    BitgetDecoder decoder(table);
    FramePair pair;
    GuardedBuffer guarded(1 << 20);
    std::size_t fast = 0, trades = 0, levels = 0, candles = 0, expected_trades = 0, expected_levels = 0, expected_candles = 0;
    for (const std::string& message : messages) {
      bool fast_ok = false;
      ASSERT_EQ(disagreement(decoder, guarded.at_end(message), pair, fast_ok), "") << message.substr(0, 500);
      fast += fast_ok ? 1 : 0;
      ASSERT_NE(pair.slow->channel, Channel::none) << message.substr(0, 500);
      const bool is_data = message.starts_with("{\"action\"");
      if (pair.slow->channel == Channel::trade) trades += pair.slow->tick_count;
      candles += pair.slow->candle_count;
      for (std::uint32_t i = 0; i < pair.slow->depth_count; ++i) levels += pair.slow->depths[i].level_count;
      // Counted in the text: every trade has an id, every row of a book or candle list opens a bracket in front of a quote.
      expected_trades += occurrences(message, "\"tradeId\"");
      if (is_data && message.find("\"books\"") != std::string::npos) expected_levels += occurrences(message, "[\"");
      if (is_data && message.find("\"candle1m\"") != std::string::npos) expected_candles += occurrences(message, "[\"");
    }
    std::printf("%s, %d decimals: %zu of %zu messages fast (%.2f %%)\n", path.filename().c_str(), decimals, fast, messages.size(),
                100.0 * static_cast<double>(fast) / static_cast<double>(messages.size()));
    EXPECT_EQ(fast, messages.size());
    EXPECT_EQ(trades, expected_trades);
    EXPECT_EQ(levels, expected_levels);
    EXPECT_EQ(candles, expected_candles);
    EXPECT_GT(trades * levels * candles, 0U);
  }
}

TEST(BitgetAgreement, HoldsForTheSpotCapture) {
  MT_NEED_DATA(data);
  agree_on_capture(data / "ws/bitget_v2_converted_2022/spot.txt.gz", Market::spot);
}

TEST(BitgetAgreement, HoldsForTheFuturesCapture) {
  MT_NEED_DATA(data);
  agree_on_capture(data / "ws/bitget_v2_converted_2022/mix.txt.gz", Market::usdt_futures);
}

TEST(BitgetAgreement, HoldsForTheSamplesOf2024) {
  MT_NEED_DATA(data);
  for (const std::string_view name : {"bitget_v2_spot_2024.jsonl", "bitget_v2_futures_2024.jsonl"}) {
    const std::vector<std::string> messages = messages_of(data / "ws/samples" / name);
    InstrumentTable table;
    for (const Market market : {Market::spot, Market::usdt_futures, Market::coin_futures, Market::usdc_futures}) {
      for (const std::string& symbol : values_of(messages, "instId"))
        EXPECT_TRUE(table.add(instrument(Venue::bitget, market, symbol, 8, 8)).ok());
    }
    BitgetDecoder decoder(table);
    FramePair pair;
    GuardedBuffer guarded(1 << 20);
    for (const std::string& message : messages) {
      bool fast_ok = false;
      EXPECT_EQ(disagreement(decoder, guarded.at_end(message), pair, fast_ok), "") << message;
      EXPECT_TRUE(fast_ok) << message;
    }
  }
}

TEST(BitgetAgreement, RefusesEveryMessageOfTheOldProtocol) {
  MT_NEED_DATA(data);
  for (const std::string_view name : {"spot.txt.gz", "mix.txt.gz"}) {
    const std::vector<std::string> messages = messages_of(data / "ws/bitget_v1_2022" / name);
    const InstrumentTable table = table_of(messages, Market::spot, 8);
    BitgetDecoder decoder(table);
    const auto out = std::make_unique<DecodedFrame>();
    for (const std::string& message : messages) EXPECT_EQ(decoder.decode(message, 0, *out), Errc::old_protocol) << message.substr(0, 300);
  }
}

// A plain book, and Bitget's checksum over it, from decoded levels only.
struct PlainBook {
  std::map<std::int64_t, DepthLevel, std::greater<>> bids;
  std::map<std::int64_t, DepthLevel> asks;

  void apply(const DepthUpdate& depth) {
    if (depth.has(depth_flag::snapshot) && depth.has(depth_flag::first)) *this = {};
    for (std::size_t i = 0; i < depth.level_count; ++i) {
      const DepthLevel& level = depth.levels[i];
      level.side == Side::buy ? put(bids, level) : put(asks, level);
    }
  }
  template <class Levels>
  static void put(Levels& levels, const DepthLevel& level) {
    if (level.qty.v == 0) {
      levels.erase(level.price.v);
    } else {
      levels.insert_or_assign(level.price.v, level);
    }
  }
  std::int32_t checksum(const Instrument& grid) const {
    std::string text;
    auto bid = bids.begin();
    auto ask = asks.begin();
    const auto print = [&](const DepthLevel& level) {
      std::array<char, 24> price{}, qty{};
      text += std::string(format_decimal(level.price.v, grid.price_decimals, level.price_digits, price)) + ":" +
              std::string(format_decimal(level.qty.v, grid.qty_decimals, level.qty_digits, qty)) + ":";
    };
    for (int i = 0; i < 25; ++i) {
      if (bid != bids.end()) print((bid++)->second);
      if (ask != asks.end()) print((ask++)->second);
    }
    if (!text.empty()) text.pop_back();
    return static_cast<std::int32_t>(crc32_ieee(std::as_bytes(std::span(text))));
  }
};

TEST(BitgetAgreement, EveryCapturedBookMatchesItsChecksum) {
  MT_NEED_DATA(data);
  for (const auto& [name, market] : {std::pair{"spot.txt.gz", Market::spot}, std::pair{"mix.txt.gz", Market::usdt_futures}}) {
    const std::vector<std::string> messages = messages_of(data / "ws/bitget_v2_converted_2022" / name);
    const InstrumentTable table = table_of(messages, market, 8);
    BitgetDecoder decoder(table);
    const auto out = std::make_unique<DecodedFrame>();
    std::vector<PlainBook> books(table.size());
    std::size_t verified = 0;
    for (const std::string& message : messages) {
      ASSERT_EQ(decoder.decode(message, 0, *out), Errc::ok);
      for (std::uint32_t i = 0; i < out->depth_count; ++i) {
        const DepthUpdate& depth = out->depths[i];
        PlainBook& book = books[depth.instrument];
        book.apply(depth);
        if (!depth.has(depth_flag::last) || !depth.has(depth_flag::has_checksum)) continue;
        EXPECT_FALSE(depth.has(depth_flag::odd_digits));
        EXPECT_EQ(book.checksum(table[depth.instrument]), depth.checksum) << message.substr(0, 200);
        ++verified;
      }
    }
    std::printf("%s: %zu book checksums verified\n", name, verified);
    EXPECT_GT(verified, 90U);
  }
}

}  // namespace martinet::bitget_agreement_test

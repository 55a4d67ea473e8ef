// What each message means, field by field, through both paths; and everything that is refused, with its code.
#include <gtest/gtest.h>

#include "adapters/binance/decoder.hpp"
#include "tests/adapters/binance/binance_samples.hpp"

namespace martinet::binance_decoder_test {

using test::binance_table;
using test::binance_usual;

constexpr std::int64_t kReceived = 1'723'161'255'000'000'000;

struct BinanceDecoding : testing::Test {
  // Decodes with decode(), which must agree with the slow path alone.
  Errc decode(BinanceDecoder& decoder, std::string_view text) {
    const Errc error = decoder.decode(text, kReceived, *frame.fast);
    EXPECT_EQ(decoder.decode_slow(text, kReceived, *frame.slow), error) << text;
    EXPECT_EQ(test::difference(*frame.fast, *frame.slow), "") << text;
    return error;
  }
  const DecodedFrame& out() const { return *frame.fast; }
  InstrumentId id(Market market, std::string_view symbol) const { return table.find(Venue::binance, market, symbol); }

  InstrumentTable table = binance_table();
  BinanceDecoder spot{table, Market::spot, id(Market::spot, "BTCUSDT")};
  BinanceDecoder usdm{table, Market::usdm, id(Market::usdm, "BTCUSDT")};
  BinanceDecoder coinm{table, Market::coinm, kNoInstrument};
  test::FramePair frame;
};

std::string with(std::string text, std::string_view from, std::string_view to) { return text.replace(text.find(from), from.size(), to); }

TEST_F(BinanceDecoding, TakesEveryUsualMessageOnTheFastPath) {
  for (auto& [decoder, market] : {std::pair<BinanceDecoder&, Market>{spot, Market::spot}, {usdm, Market::usdm}, {coinm, Market::coinm}}) {
    for (const std::string& message : binance_usual(market)) {
      EXPECT_EQ(decoder.decode_fast(message, kReceived, *frame.fast), Errc::ok) << message;
      EXPECT_EQ(decode(decoder, message), Errc::ok) << message;
    }
    EXPECT_EQ(decoder.counters().fast, binance_usual(market).size());
    EXPECT_EQ(decoder.counters().slow, 0U);
  }
}

TEST_F(BinanceDecoding, ReadsTheSameFromRawAndCombinedStreams) {
  for (auto& [decoder, market] : {std::pair<BinanceDecoder&, Market>{spot, Market::spot}, {usdm, Market::usdm}, {coinm, Market::coinm}}) {
    for (const std::string& message : binance_usual(market)) {
      const std::size_t data = message.find(",\"data\":");
      if (data == std::string::npos || message.find("@depth5") != std::string::npos || message.find("@depth20") != std::string::npos)
        continue;
      const std::string raw = message.substr(data + 8, message.size() - data - 9);
      ASSERT_EQ(decoder.decode_fast(raw, kReceived, *frame.fast), Errc::ok) << raw;
      ASSERT_EQ(decoder.decode_slow(message, kReceived, *frame.slow), Errc::ok);
      EXPECT_EQ(test::difference(*frame.fast, *frame.slow), "") << raw;
    }
  }
}

TEST_F(BinanceDecoding, ReadsQuotesOfAllMarkets) {
  ASSERT_EQ(decode(spot, binance_usual(Market::spot)[0]), Errc::ok);
  EXPECT_EQ(out().channel, Channel::book_ticker);
  ASSERT_EQ(out().tick_count, 1U);
  EXPECT_EQ(out().ticks[0], (Tick{kReceived,
                                  0,
                                  50093239212,
                                  {618376300},
                                  {618376400},
                                  {37882600},
                                  {15469800},
                                  id(Market::spot, "BTCUSDT"),
                                  TickKind::quote,
                                  Side::none,
                                  0}))
      << "spot sends no time";
  ASSERT_EQ(decode(usdm, binance_usual(Market::usdm)[0]), Errc::ok);
  EXPECT_EQ(out().ticks[0].ts_exchange_ns, 1'723'161'256'313'000'000) << "T, not E";
  EXPECT_EQ(out().ticks[0].bid_qty.v, 250700);
  ASSERT_EQ(decode(coinm, binance_usual(Market::coinm)[0]), Errc::ok);
  EXPECT_EQ(out().ticks[0].ask_qty.v, 1645);
  EXPECT_EQ(out().ticks[0].ask_price.v, 61804800);
  EXPECT_EQ(out().ticks[0].sequence, 1007198632021U);
}

TEST_F(BinanceDecoding, ReadsTradesWithTheirAggressor) {
  ASSERT_EQ(decode(spot, binance_usual(Market::spot)[1]), Errc::ok);
  EXPECT_EQ(out().channel, Channel::trade);
  EXPECT_EQ(out().ticks[0], (Tick{kReceived,
                                  1'723'161'255'342'000'000,
                                  3735683259,
                                  {618376300},
                                  kNoPrice,
                                  {200000},
                                  {},
                                  id(Market::spot, "BTCUSDT"),
                                  TickKind::trade,
                                  Side::sell,
                                  0}));
  ASSERT_EQ(decode(usdm, binance_usual(Market::usdm)[1]), Errc::ok);
  EXPECT_EQ(out().ticks[0].side, Side::buy);
  EXPECT_EQ(out().ticks[0].ts_exchange_ns, 1'723'161'256'322'000'000);
  ASSERT_EQ(decode(spot, binance_usual(Market::spot)[8]), Errc::ok);
  EXPECT_EQ(out().ticks[0].ts_exchange_ns, 1'723'161'255'342'456'000) << "microseconds";
  ASSERT_EQ(decode(usdm, binance_usual(Market::usdm)[3]), Errc::ok);
  EXPECT_EQ(out().channel, Channel::agg_trade);
  EXPECT_EQ(out().ticks[0].sequence, 16599292U);
  ASSERT_EQ(decode(spot, with(binance_usual(Market::spot)[1], "\"T\":1723161255342,", "")), Errc::ok);
  EXPECT_EQ(out().ticks[0].ts_exchange_ns, 1'723'161'255'343'000'000) << "E where there is no T";
}

TEST_F(BinanceDecoding, LeavesOutWhatIsNoMarketTrade) {
  const std::string& trade = binance_usual(Market::usdm)[1];
  for (const std::string& text : {with(trade, "MARKET", "INSURANCE_FUND"), with(trade, "MARKET", "NA"), with(trade, "61800.30", "0.00"),
                                  with(trade, "0.006", "0.000"), with(binance_usual(Market::usdm)[0], "61800.30", "0")}) {
    const std::uint64_t before = usdm.counters().skipped;
    ASSERT_EQ(decode(usdm, text), Errc::ok) << text;
    EXPECT_EQ(out().tick_count, 0U);
    EXPECT_NE(out().channel, Channel::none);
    EXPECT_EQ(usdm.counters().skipped, before + 2) << "decoded twice by this test";
  }
}

TEST_F(BinanceDecoding, ReadsDiffsWithTheirIds) {
  ASSERT_EQ(decode(usdm, binance_usual(Market::usdm)[4]), Errc::ok);
  EXPECT_EQ(out().channel, Channel::depth_diff);
  ASSERT_EQ(out().depth_count, 1U);
  const DepthUpdate& depth = out().depths[0];
  EXPECT_EQ(depth.first_id, 5123107832006U);
  EXPECT_EQ(depth.last_id, 5123107837557U);
  EXPECT_EQ(depth.previous_id, 5123107831937U);
  EXPECT_EQ(depth.ts_exchange_ns, 1'723'161'256'298'000'000);
  EXPECT_EQ(depth.flags, depth_flag::first | depth_flag::last | depth_flag::has_previous);
  ASSERT_EQ(depth.level_count, 4);
  EXPECT_EQ(depth.levels[2], (DepthLevel{{615109000}, {0}, Side::buy, 2, 3, {}}));
  EXPECT_EQ(depth.levels[3], (DepthLevel{{618003000}, {251000}, Side::sell, 2, 3, {}}));
  ASSERT_EQ(decode(spot, binance_usual(Market::spot)[4]), Errc::ok);
  EXPECT_EQ(out().depths[0].flags, depth_flag::first | depth_flag::last | depth_flag::odd_digits)
      << "eight decimals on a grid of six and two";
  EXPECT_EQ(out().depths[0].levels[0], (DepthLevel{{351300}, {619500}, Side::buy, 6, 2, {}}));
  EXPECT_EQ(out().depths[0].ts_exchange_ns, 1'633'998'512'068'000'000) << "E, as spot has no T";
}

TEST_F(BinanceDecoding, MakesOneUpdateOfADiffWithoutLevels) {
  ASSERT_EQ(decode(usdm, R"({"e":"depthUpdate","E":1,"T":1,"s":"BTCUSDT","U":5,"u":6,"pu":4,"b":[],"a":[]})"), Errc::ok);
  ASSERT_EQ(out().depth_count, 1U);
  EXPECT_EQ(out().depths[0].level_count, 0);
  EXPECT_EQ(out().depths[0].last_id, 6U);
}

TEST_F(BinanceDecoding, TellsPartialDepthByTheStream) {
  constexpr std::uint16_t kPartial = depth_flag::first | depth_flag::last | depth_flag::snapshot | depth_flag::partial;
  ASSERT_EQ(decode(usdm, binance_usual(Market::usdm)[5]), Errc::ok);
  EXPECT_EQ(out().channel, Channel::depth_partial);
  EXPECT_EQ(out().depths[0].flags, kPartial | depth_flag::has_previous);
  ASSERT_EQ(decode(spot, binance_usual(Market::spot)[5]), Errc::ok);
  EXPECT_EQ(out().channel, Channel::depth_partial);
  EXPECT_EQ(out().depths[0].flags & kPartial, kPartial);
  EXPECT_EQ(out().depths[0].last_id, 160U);
  EXPECT_EQ(out().instrument, id(Market::spot, "BTCUSDT"));
  for (const std::string_view stream : {"depth", "depth50@100ms", "depth5x", "depth@100ms", "trade@depth5"}) {
    ASSERT_EQ(decode(usdm, with(binance_usual(Market::usdm)[5], "depth5@100ms", stream)), Errc::ok);
    EXPECT_EQ(out().channel, Channel::depth_diff) << stream;
  }
}

TEST_F(BinanceDecoding, ReadsRestBooksBareAndWrapped) {
  constexpr std::uint16_t kRest = depth_flag::first | depth_flag::last | depth_flag::snapshot | depth_flag::rest;
  ASSERT_EQ(decode(usdm, binance_usual(Market::usdm)[6]), Errc::ok);
  EXPECT_EQ(out().channel, Channel::depth_snapshot);
  EXPECT_EQ(out().depths[0].flags, kRest);
  EXPECT_EQ(out().depths[0].last_id, 5123107852948U);
  EXPECT_EQ(out().depths[0].ts_exchange_ns, 1'723'161'256'493'000'000);
  EXPECT_EQ(out().depths[0].instrument, id(Market::usdm, "BTCUSDT"));
  ASSERT_EQ(decode(coinm, binance_usual(Market::coinm)[3]), Errc::ok);
  EXPECT_EQ(out().depths[0].instrument, id(Market::coinm, "BTCUSD_PERP")) << "from `symbol`: this decoder has no default";
  const std::string wrapped =
      R"({"stream":"bnbbtc@depthSnapshot","generated":true,"data":{"lastUpdateId":16084251,"bids":[["0.00409192","0.00976500"]],"asks":[]}})";
  ASSERT_EQ(decode(spot, wrapped), Errc::ok);
  EXPECT_EQ(out().depths[0].flags, kRest);
  EXPECT_EQ(out().depths[0].instrument, id(Market::spot, "BNBBTC")) << "from the stream, not the default";
  EXPECT_EQ(out().depths[0].ts_exchange_ns, 0);
  BinanceDecoder streaming(table, Market::spot, id(Market::spot, "BTCUSDT"), BareDepth::partial_stream);
  ASSERT_EQ(decode(streaming, binance_usual(Market::spot)[6]), Errc::ok);
  EXPECT_EQ(out().channel, Channel::depth_partial);
  EXPECT_EQ(decode(coinm, binance_usual(Market::usdm)[6]), Errc::unknown_symbol) << "no symbol and no default";
}

TEST_F(BinanceDecoding, SplitsALargeBook) {
  const auto side = [](std::size_t n) {
    std::string text = "[";
    for (std::size_t i = 0; i < n; ++i) text += (i == 0 ? "[\"" : ",[\"") + std::to_string(i + 1) + "\",\"1\"]";
    return text + "]";
  };
  const auto book = [&](std::size_t bids, std::size_t asks) {
    return "{\"lastUpdateId\":9,\"bids\":" + side(bids) + ",\"asks\":" + side(asks) + "}";
  };
  constexpr std::size_t kLevels = capacity::decoded_depths_max * capacity::depth_levels_max;
  ASSERT_EQ(decode(spot, book(1000, 1000)), Errc::ok);
  EXPECT_EQ(out().depth_count, 50U);
  for (std::uint32_t i = 0; i < 50; ++i) {
    EXPECT_EQ(out().depths[i].last_id, 9U);
    EXPECT_EQ(out().depths[i].has(depth_flag::first), i == 0);
    EXPECT_EQ(out().depths[i].has(depth_flag::last), i == 49);
    EXPECT_TRUE(out().depths[i].has(depth_flag::rest));
  }
  EXPECT_EQ(decode(spot, book(kLevels - 1, 1)), Errc::ok);
  EXPECT_EQ(decode(spot, book(kLevels - 1, 2)), Errc::frame_too_large);
}

TEST_F(BinanceDecoding, ReadsMarkPricesRoundedDownToTheGrid) {
  ASSERT_EQ(decode(usdm, binance_usual(Market::usdm)[8]), Errc::ok);
  EXPECT_EQ(out().channel, Channel::mark_price);
  EXPECT_EQ(out().ticks[0], (Tick{kReceived,
                                  1'597'536'008'000'000'000,
                                  0,
                                  {118575600},
                                  {118518694},
                                  {},
                                  {},
                                  id(Market::usdm, "BTCUSDT"),
                                  TickKind::mark,
                                  Side::none,
                                  0}))
      << "the time is E: T is the next funding";
  ASSERT_EQ(decode(usdm, binance_usual(Market::usdm)[7]), Errc::ok);
  EXPECT_EQ(out().ticks[0].price().v, 82913469);
  EXPECT_EQ(out().ticks[0].ask_price, kNoPrice);
}

TEST_F(BinanceDecoding, ReadsKlines) {
  ASSERT_EQ(decode(usdm, binance_usual(Market::usdm)[10]), Errc::ok);
  EXPECT_EQ(out().channel, Channel::candle);
  ASSERT_EQ(out().candle_count, 1U);
  const Candle& candle = out().candles[0];
  EXPECT_EQ(candle.ts_open_ns, 1'626'992'700'000'000'000);
  EXPECT_EQ(candle.interval_ns, 60'000'000'000);
  EXPECT_EQ(candle.open.v, 10100000);
  EXPECT_EQ(candle.close.v, 10110000);
  EXPECT_EQ(candle.high.v, 10110000);
  EXPECT_EQ(candle.low.v, 10100000);
  EXPECT_EQ(candle.volume.v, 391700);
  EXPECT_EQ(candle.closed, 1);
  ASSERT_EQ(decode(spot, binance_usual(Market::spot)[7]), Errc::ok);
  EXPECT_EQ(out().candles[0].closed, 0);
  constexpr std::int64_t kMinute = 60'000'000'000, kHour = 60 * kMinute, kDay = 24 * kHour;
  const std::pair<std::string_view, std::int64_t> kIntervals[] = {
      {"1s", kMinute / 60}, {"1m", kMinute},   {"3m", 3 * kMinute}, {"5m", 5 * kMinute}, {"15m", 15 * kMinute}, {"30m", 30 * kMinute},
      {"1h", kHour},        {"2h", 2 * kHour}, {"4h", 4 * kHour},   {"6h", 6 * kHour},   {"8h", 8 * kHour},     {"12h", 12 * kHour},
      {"1d", kDay},         {"3d", 3 * kDay},  {"1w", 7 * kDay},    {"1M", 31 * kDay}};  // the sample is of October
  for (const auto& [name, ns] : kIntervals) {
    ASSERT_EQ(decode(spot, with(binance_usual(Market::spot)[7], "\"i\":\"1m\"", "\"i\":\"" + std::string(name) + "\"")), Errc::ok) << name;
    EXPECT_TRUE(name == "1M" || out().candles[0].interval_ns == ns) << name;
  }
  const std::string october =
      with(with(binance_usual(Market::spot)[7], "\"i\":\"1m\"", "\"i\":\"1M\""), "\"t\":1633998480000", "\"t\":1633046400000");
  ASSERT_EQ(decode(spot, october), Errc::ok);
  EXPECT_EQ(out().candles[0].interval_ns, 31 * kDay);
  EXPECT_EQ(decode(spot, with(binance_usual(Market::spot)[7], "\"i\":\"1m\"", "\"i\":\"7m\"")), Errc::unknown_channel);
}

TEST_F(BinanceDecoding, ReadsAnyKeyOrderAndWhiteSpaceSlowly) {
  const std::string text =
      R"( {"data" : {"M":true,"m":true,"T":1723161255342, "q":0.02,"p":61837.63,"t":3735683259,"s":"BTC\u0055SDT","E":1,"e":"trade","new":{"p":"1"}}, "stream":"btcusdt@trade"} )";
  EXPECT_EQ(spot.decode_fast(text, kReceived, *frame.fast), Errc::unusual_layout);
  ASSERT_EQ(decode(spot, text), Errc::ok);
  ASSERT_EQ(out().tick_count, 1U);
  EXPECT_EQ(out().ticks[0].price().v, 618376300);
  EXPECT_EQ(out().ticks[0].side, Side::sell);
}

TEST_F(BinanceDecoding, SortsAnswersFromData) {
  const std::pair<std::string_view, Channel> kCases[] = {
      {R"({"result":null,"id":1})", Channel::control},
      {R"({"result":["btcusdt@aggTrade"],"id":3})", Channel::control},
      {R"({"code":2,"msg":"Invalid request: unknown variant"})", Channel::venue_error},
      {R"({"error":{"code":2,"msg":"Invalid request"},"id":1})", Channel::venue_error},
      {R"({"stream":"dogebnb@ticker","data":{"e":"24hrTicker","E":1569805259092,"s":"DOGEBNB","p":"0.00000291"}})", Channel::other},
      {R"({"stream":"btcusdt@forceOrder","data":{"e":"forceOrder","E":1584059031426,"o":{"s":"BTCUSDT"}}})", Channel::other},
      {R"({"stream":"btcusdt@openInterest","generated":true,"data":{"symbol":"BTCUSDT","openInterest":"26286.181"}})", Channel::other},
      {R"({"stream":"!ticker@arr","data":[{"e":"24hrTicker"}]})", Channel::other},
      {R"([{"e":"24hrTicker"}])", Channel::other},
      {R"({})", Channel::other}};
  for (const auto& [text, channel] : kCases) {
    EXPECT_EQ(decode(spot, text), Errc::ok) << text;
    EXPECT_EQ(out().channel, channel) << text;
    EXPECT_EQ(out().tick_count + out().depth_count + out().candle_count, 0U);
  }
}

TEST_F(BinanceDecoding, RefusesWithTheRightCodeAndLeavesNothingBehind) {
  const std::string trade = binance_usual(Market::spot)[1];
  const std::string quote = binance_usual(Market::spot)[0];
  const std::string depth = binance_usual(Market::spot)[4];
  const std::pair<std::string, Errc> kCases[] = {
      {"", Errc::bad_json},
      {"pong", Errc::bad_json},
      {"12", Errc::bad_json},
      {trade.substr(0, trade.size() - 1), Errc::bad_json},
      {trade + "}", Errc::bad_json},
      {with(trade, "\"m\":true", "\"m\":1"), Errc::bad_json},
      {with(trade, "\"m\":true", "\"m\":tru"), Errc::bad_json},
      {with(trade, "\"BTCUSDT\"", "5"), Errc::bad_json},
      {with(trade, "BTCUSDT", "BTC\xC0USDT"), Errc::bad_utf8},
      {with(trade, "61837.63000000", "61837.63001000"), Errc::off_grid},
      {with(trade, "61837.63000000", "-61837.63"), Errc::bad_number},
      {with(trade, "61837.63000000", "6e4"), Errc::bad_number},
      {with(trade, "61837.63000000", "922337203685477.5808"), Errc::number_too_large},
      {with(trade, "\"t\":3735683259", "\"t\":18446744073709551616"), Errc::number_too_large},
      {with(trade, "\"t\":3735683259", "\"t\":-1"), Errc::bad_number},
      {with(trade, "\"T\":1723161255342", "\"T\":7258118400000"), Errc::number_too_large},
      {with(trade, "\"p\"", "\"price\""), Errc::missing_field},
      {with(trade, "\"m\":true,", ""), Errc::missing_field},
      {with(trade, "BTCUSDT", "ETHUSDT"), Errc::unknown_symbol},
      {with(quote, "\"b\":\"61837.63000000\"", "\"b\":[]"), Errc::bad_json},
      {with(depth, "\"U\":499869750,", ""), Errc::missing_field},
      {with(depth, "\"a\":[]", "\"a\":{}"), Errc::bad_json},
      {with(depth, "\"a\":[]", "\"a\":[[\"1\"]]"), Errc::bad_json},
      {with(depth, "0.35130000", "0.35130010"), Errc::off_grid},
      {R"({"stream":5,"data":{}})", Errc::bad_json},
      {R"({"stream":"unknown@depth5","data":{"lastUpdateId":1,"bids":[],"asks":[]}})", Errc::unknown_symbol},
      {R"({"e":"kline","E":1,"s":"BTCUSDT"})", Errc::missing_field},
      {std::string(100, '['), Errc::too_deep},
      {"\"" + std::string(capacity::frame_bytes_max, 'x') + "\"", Errc::frame_too_large}};
  for (const auto& [text, code] : kCases) {
    const std::uint64_t before = spot.counters().refused_with(code);
    EXPECT_EQ(decode(spot, text), code) << text.substr(0, 300);
    EXPECT_EQ(out().tick_count + out().depth_count + out().candle_count, 0U);
    EXPECT_EQ(spot.counters().refused_with(code), before + 1);
  }
  EXPECT_EQ(spot.counters().refused_total(), std::size(kCases));
}

// Found by the fuzzer: the cache pads symbols with zeros and took a NUL in the frame for padding.
TEST_F(BinanceDecoding, RefusesASymbolWithANulBehindIt) {
  ASSERT_EQ(decode(spot, binance_usual(Market::spot)[0]), Errc::ok) << "the symbol is in the cache now";
  const std::string text = with(binance_usual(Market::spot)[0], "\"BTCUSDT\"", std::string_view("\"BTCUSDT\0\"", 10));
  EXPECT_EQ(decode(spot, text), Errc::bad_json);
}

TEST_F(BinanceDecoding, TellsManySymbolsApartThatShareACacheSlot) {
  // More symbols than the cache has slots, in two orders: each must come out as itself.
  InstrumentTable many;
  for (int i = 0; i < 200; ++i)
    ASSERT_TRUE(many.add(test::instrument(Venue::binance, Market::spot, "SYM" + std::to_string(i) + "USDT", 2, 2)).ok());
  BinanceDecoder decoder(many, Market::spot, kNoInstrument);
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 200; ++i) {
      const int k = round == 0 ? i : i * 7 % 200;
      const std::string text = with(binance_usual(Market::spot)[0], "BTCUSDT", "SYM" + std::to_string(k) + "USDT");
      ASSERT_EQ(decoder.decode_fast(with(with(text, "3.78826000", "3"), "1.54698000", "1"), kReceived, *frame.fast), Errc::ok);
      EXPECT_EQ(frame.fast->instrument, k);
    }
  }
}

}  // namespace martinet::binance_decoder_test

// What each message means, field by field, through both paths; and everything that is refused, with its code.
#include <gtest/gtest.h>

#include <functional>

#include "adapters/bitget/decoder.hpp"
#include "engine/base/crc.hpp"
#include "engine/base/decimal.hpp"
#include "tests/adapters/bitget/bitget_samples.hpp"

namespace martinet::bitget_decoder_test {

using test::bitget_table;
using test::bitget_usual;

constexpr std::int64_t kReceived = 1'730'332'858'900'000'000;

struct BitgetDecoding : testing::Test {
  // Decodes with decode(), which must agree with the slow path alone.
  Errc decode(std::string_view text) {
    const Errc error = decoder.decode(text, kReceived, *frame.fast);
    EXPECT_EQ(decoder.decode_slow(text, kReceived, *frame.slow), error) << text;
    EXPECT_EQ(test::difference(*frame.fast, *frame.slow), "") << text;
    return error;
  }
  const DecodedFrame& out() const { return *frame.fast; }
  InstrumentId id(Market market, std::string_view symbol) const { return table.find(Venue::bitget, market, symbol); }

  InstrumentTable table = bitget_table();
  BitgetDecoder decoder{table};
  test::FramePair frame;
};

std::string push(std::string_view action, std::string_view channel, std::string_view data) {
  return R"({"action":")" + std::string(action) + R"(","arg":{"instType":"USDT-FUTURES","channel":")" + std::string(channel) +
         R"(","instId":"DASHUSDT"},"data":)" + std::string(data) + R"(,"ts":1649290077583})";
}

TEST_F(BitgetDecoding, TakesEveryUsualMessageOnTheFastPath) {
  for (const std::string& message : bitget_usual()) {
    EXPECT_EQ(decoder.decode_fast(message, kReceived, *frame.fast), Errc::ok) << message;
    EXPECT_EQ(decode(message), Errc::ok) << message;
  }
  EXPECT_EQ(decoder.counters().fast, bitget_usual().size());
  EXPECT_EQ(decoder.counters().slow, 0U);
}

TEST_F(BitgetDecoding, ReadsATrade) {
  ASSERT_EQ(decode(bitget_usual()[0]), Errc::ok);
  ASSERT_EQ(out().channel, Channel::trade);
  ASSERT_EQ(out().tick_count, 1U);
  const Tick& tick = out().ticks[0];
  EXPECT_EQ(tick.ts_receive_ns, kReceived);
  EXPECT_EQ(tick.ts_exchange_ns, 1'730'332'858'796'000'000);
  EXPECT_EQ(tick.sequence, 1235671058980749319U);
  EXPECT_EQ(tick.price().v, 723899900);
  EXPECT_EQ(tick.qty().v, 137300);
  EXPECT_EQ(tick.ask_price, kNoPrice);
  EXPECT_EQ(tick.instrument, id(Market::spot, "BTCUSDT"));
  EXPECT_EQ(tick.kind, TickKind::trade);
  EXPECT_EQ(tick.side, Side::buy);
  EXPECT_EQ(tick.flags, 0U);
}

TEST_F(BitgetDecoding, TurnsATradeSnapshotRoundAndMarksItAsHistory) {
  ASSERT_EQ(decode(bitget_usual()[1]), Errc::ok);
  ASSERT_EQ(out().tick_count, 3U);
  EXPECT_EQ(out().ticks[0].sequence, 1000000000000000001U);
  EXPECT_EQ(out().ticks[2].sequence, 1000000000000000003U);
  EXPECT_LT(out().ticks[0].ts_exchange_ns, out().ticks[1].ts_exchange_ns);
  EXPECT_EQ(out().ticks[1].side, Side::buy);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(out().ticks[static_cast<std::size_t>(i)].flags, tick_flag::history);
}

TEST_F(BitgetDecoding, LeavesAListThatIsOldestFirstAlone) {
  ASSERT_EQ(
      decode(push(
          "update", "trade",
          R"([{"ts":"1","price":"1","size":"1","side":"buy","tradeId":"1"},{"ts":"2","price":"2","size":"1","side":"buy","tradeId":"2"}])")),
      Errc::ok);
  EXPECT_EQ(out().ticks[0].sequence, 1U);
  ASSERT_EQ(
      decode(push(
          "update", "trade",
          R"([{"ts":"5","price":"1","size":"1","side":"buy","tradeId":"8"},{"ts":"5","price":"2","size":"1","side":"buy","tradeId":"7"}])")),
      Errc::ok);
  EXPECT_EQ(out().ticks[0].sequence, 7U) << "of one millisecond: newest first, as documented";
}

TEST_F(BitgetDecoding, LeavesOutTradesOfNothing) {
  ASSERT_EQ(
      decode(push(
          "update", "trade",
          R"([{"ts":"9","price":"0","size":"1","side":"buy","tradeId":"1"},{"ts":"8","price":"2","size":"0.0","side":"sell","tradeId":"2"},{"ts":"7","price":"3","size":"1","side":"sell","tradeId":"3"}])")),
      Errc::ok);
  ASSERT_EQ(out().tick_count, 1U);
  EXPECT_EQ(out().ticks[0].sequence, 3U);
  EXPECT_EQ(decoder.counters().skipped, 4U) << "two, decoded twice by this test";
}

TEST_F(BitgetDecoding, MakesAQuoteAndAMarkOfAFuturesTicker) {
  ASSERT_EQ(decode(bitget_usual()[3]), Errc::ok);
  ASSERT_EQ(out().channel, Channel::ticker);
  ASSERT_EQ(out().tick_count, 2U);
  const Tick& quote = out().ticks[0];
  EXPECT_EQ(quote.kind, TickKind::quote);
  EXPECT_EQ(quote.flags, tick_flag::from_ticker);
  EXPECT_EQ(quote.bid_price.v, 470500);
  EXPECT_EQ(quote.ask_price.v, 470800);
  EXPECT_EQ(quote.bid_qty.v, 1367300);
  EXPECT_EQ(quote.ask_qty.v, 2535300);
  EXPECT_EQ(quote.ts_exchange_ns, 1'730'332'823'155'000'000);
  const Tick& mark = out().ticks[1];
  EXPECT_EQ(mark.kind, TickKind::mark);
  EXPECT_EQ(mark.price().v, 470500);
  EXPECT_EQ(mark.ask_price.v, 470805) << "the index has two decimals more than the grid; they are cut off";
}

TEST_F(BitgetDecoding, MakesOnlyAQuoteOfASpotTicker) {
  ASSERT_EQ(decode(bitget_usual()[4]), Errc::ok);
  ASSERT_EQ(out().tick_count, 1U);
  EXPECT_EQ(out().ticks[0].bid_price.v, 2436700);
  EXPECT_EQ(out().ticks[0].bid_qty.v, 0);
  EXPECT_EQ(out().ticks[0].ask_qty.v, 1209060000);
}

TEST_F(BitgetDecoding, LeavesTheQuoteOutWhereASideIsMissing) {
  for (const std::string_view bid : {R"("bidPr":"0",)", R"("bidPr":"",)", R"("bidPr":null,)", ""}) {
    ASSERT_EQ(decode(push("snapshot", "ticker",
                          R"([{"lastPr":"113",)" + std::string(bid) +
                              R"("askPr":"113.41","bidSz":"1","askSz":"2","markPrice":"113.381","ts":"1649290077309"}])")),
              Errc::ok);
    ASSERT_EQ(out().tick_count, 1U) << bid;
    EXPECT_EQ(out().ticks[0].kind, TickKind::mark);
    EXPECT_EQ(out().ticks[0].ask_price, kNoPrice) << "no index";
  }
}

TEST_F(BitgetDecoding, FlagsAQuoteWithoutSizes) {
  ASSERT_EQ(decode(push("snapshot", "ticker", R"([{"lastPr":"113","bidPr":"113.4","askPr":"113.41","ts":"1649290077309"}])")), Errc::ok);
  ASSERT_EQ(out().tick_count, 1U);
  EXPECT_EQ(out().ticks[0].flags, tick_flag::from_ticker | tick_flag::market_unknown_size);
}

TEST_F(BitgetDecoding, PutsBidsBeforeAsksAndKeepsTheDigits) {
  ASSERT_EQ(decode(bitget_usual()[6]), Errc::ok);
  ASSERT_EQ(out().channel, Channel::depth_snapshot);
  ASSERT_EQ(out().depth_count, 1U);
  const DepthUpdate& depth = out().depths[0];
  EXPECT_EQ(depth.flags, depth_flag::first | depth_flag::last | depth_flag::snapshot | depth_flag::has_checksum);
  EXPECT_EQ(depth.checksum, 1706649304);
  EXPECT_EQ(depth.ts_exchange_ns, 1'649'290'077'497'000'000);
  EXPECT_EQ(depth.last_id, 0U);
  ASSERT_EQ(depth.level_count, 5);
  EXPECT_EQ(depth.levels[0], (DepthLevel{{2439800}, {12500000}, Side::buy, 4, 1, {}}));
  EXPECT_EQ(depth.levels[1], (DepthLevel{{2439000}, {3400000000}, Side::buy, 4, 0, {}}));
  EXPECT_EQ(depth.levels[3], (DepthLevel{{2440000}, {195666900}, Side::sell, 4, 4, {}}));
}

TEST_F(BitgetDecoding, ReadsSequencesAsNumbersOrStrings) {
  ASSERT_EQ(decode(bitget_usual()[8]), Errc::ok);
  EXPECT_EQ(out().channel, Channel::depth_diff);
  EXPECT_EQ(out().depths[0].last_id, 1180000000000000123U);
  EXPECT_EQ(out().depths[0].previous_id, 1180000000000000100U);
  EXPECT_EQ(out().depths[0].flags, depth_flag::first | depth_flag::last | depth_flag::has_previous);
  ASSERT_EQ(decode(bitget_usual()[9]), Errc::ok);
  EXPECT_EQ(out().channel, Channel::depth_partial);
  EXPECT_EQ(out().depths[0].last_id, 123U);
  EXPECT_EQ(out().depths[0].flags, depth_flag::first | depth_flag::last | depth_flag::snapshot | depth_flag::partial)
      << "a pseq and a checksum of zero stand for none";
}

TEST_F(BitgetDecoding, MakesOneEmptyUpdateOfABookWithoutLevels) {
  ASSERT_EQ(decode(bitget_usual()[10]), Errc::ok);
  ASSERT_EQ(out().depth_count, 1U);
  EXPECT_EQ(out().depths[0].level_count, 0);
  EXPECT_TRUE(out().depths[0].has(depth_flag::first) && out().depths[0].has(depth_flag::last));
}

TEST_F(BitgetDecoding, FlagsLevelsWhoseTextCannotBeRebuilt) {
  for (const std::string_view level : {R"(["0113.4","1"])", R"(["113.4","01"])", R"(["113.40000","1"])"}) {
    ASSERT_EQ(decode(push("update", "books", R"([{"asks":[)" + std::string(level) + R"(],"bids":[["1","1"]],"checksum":5,"ts":"1"}])")),
              Errc::ok)
        << level;
    EXPECT_TRUE(out().depths[0].has(depth_flag::odd_digits)) << level;
    EXPECT_EQ(out().depths[0].levels[1].price.v, 1134000) << level;
  }
}

// books of `bids` and `asks` levels
std::string book(std::size_t bids, std::size_t asks) {
  const auto side = [](std::size_t n) {
    std::string text = "[";
    for (std::size_t i = 0; i < n; ++i) text += (i == 0 ? "[\"" : ",[\"") + std::to_string(i + 1) + "\",\"1\"]";
    return text + "]";
  };
  return push("snapshot", "books", "[{\"asks\":" + side(asks) + ",\"bids\":" + side(bids) + ",\"checksum\":7,\"ts\":\"1649290077497\"}]");
}

TEST_F(BitgetDecoding, SplitsABookIntoPiecesWithOneFirstAndOneLast) {
  constexpr std::size_t kFull = capacity::depth_levels_max;
  for (const std::size_t levels : {kFull - 1, kFull, kFull + 1, 2 * kFull, 2 * kFull + 1}) {
    for (const std::size_t bids : {std::size_t{0}, std::size_t{1}, kFull / 2, levels}) {
      ASSERT_EQ(decode(book(bids, levels - bids)), Errc::ok);
      ASSERT_EQ(out().depth_count, (levels + kFull - 1) / kFull);
      std::size_t seen = 0;
      for (std::uint32_t i = 0; i < out().depth_count; ++i) {
        const DepthUpdate& piece = out().depths[i];
        EXPECT_EQ(piece.has(depth_flag::first), i == 0);
        EXPECT_EQ(piece.has(depth_flag::last), i + 1 == out().depth_count);
        EXPECT_TRUE(piece.has(depth_flag::snapshot) && piece.has(depth_flag::has_checksum));
        EXPECT_EQ(piece.checksum, 7);
        for (std::size_t k = 0; k < piece.level_count; ++k, ++seen) EXPECT_EQ(piece.levels[k].side, seen < bids ? Side::buy : Side::sell);
      }
      EXPECT_EQ(seen, levels);
    }
  }
}

TEST_F(BitgetDecoding, TakesTheLargestBookAndRefusesALevelMore) {
  constexpr std::size_t kLevels = capacity::decoded_depths_max * capacity::depth_levels_max;
  EXPECT_EQ(decode(book(kLevels / 2, kLevels / 2)), Errc::ok);
  EXPECT_EQ(decode(book(kLevels / 2, kLevels / 2 + 1)), Errc::frame_too_large);
  EXPECT_EQ(decode(book(kLevels / 2 + 1, kLevels / 2)), Errc::frame_too_large);
  EXPECT_EQ(decode(book(0, kLevels)), Errc::ok);
  EXPECT_EQ(decode(book(0, kLevels + 1)), Errc::frame_too_large);
}

std::string repeated(std::string_view element, std::size_t n) {
  std::string text = "[";
  for (std::size_t i = 0; i < n; ++i) (text += i == 0 ? "" : ",") += element;
  return text + "]";
}

TEST_F(BitgetDecoding, TakesAsManyTradesAndCandlesAsAFrameHolds) {
  const std::string_view trade = R"({"ts":"1649290076980","price":"1","size":"1","side":"buy","tradeId":"1"})";
  const std::string_view candle = R"(["1649290020000","1","1","1","1","1","1","1"])";
  EXPECT_EQ(decode(push("snapshot", "trade", repeated(trade, capacity::decoded_ticks_max))), Errc::ok);
  EXPECT_EQ(out().tick_count, capacity::decoded_ticks_max);
  EXPECT_EQ(decode(push("snapshot", "trade", repeated(trade, capacity::decoded_ticks_max + 1))), Errc::frame_too_large);
  EXPECT_EQ(decode(push("snapshot", "candle1m", repeated(candle, capacity::decoded_candles_max))), Errc::ok);
  EXPECT_EQ(out().candle_count, capacity::decoded_candles_max);
  EXPECT_EQ(decode(push("snapshot", "candle1m", repeated(candle, capacity::decoded_candles_max + 1))), Errc::frame_too_large);
}

TEST_F(BitgetDecoding, ReadsCandlesOldestFirst) {
  ASSERT_EQ(decode(bitget_usual()[11]), Errc::ok);
  ASSERT_EQ(out().candle_count, 2U);
  const Candle& candle = out().candles[0];
  EXPECT_EQ(candle.ts_open_ns, 1'649'230'080'000'000'000);
  EXPECT_EQ(candle.interval_ns, 60'000'000'000);
  EXPECT_EQ(candle.open.v, 2684100);
  EXPECT_EQ(candle.high.v, 2685600);
  EXPECT_EQ(candle.low.v, 2682400);
  EXPECT_EQ(candle.close.v, 2682400);
  EXPECT_EQ(candle.volume.v, 143095700);
  EXPECT_EQ(candle.history, 1);
  EXPECT_EQ(candle.closed, 0);
  const std::string_view rows = R"([["1649290080000","2","2","2","2","1","1","1"],["1649290020000","1","1","1","1","1","1","1"]])";
  ASSERT_EQ(decode(push("update", "candle1m", rows)), Errc::ok);
  EXPECT_EQ(out().candles[0].open.v, 10000) << "a list that is newest first is turned round";
  EXPECT_EQ(out().candles[0].history, 0);
}

TEST_F(BitgetDecoding, KnowsEveryInterval) {
  constexpr std::int64_t kMinute = 60'000'000'000, kHour = 60 * kMinute, kDay = 24 * kHour;
  const std::pair<std::string_view, std::int64_t> kIntervals[] = {
      {"1m", kMinute},   {"3m", 3 * kMinute},  {"5m", 5 * kMinute},    {"15m", 15 * kMinute}, {"30m", 30 * kMinute}, {"1H", kHour},
      {"2H", 2 * kHour}, {"4H", 4 * kHour},    {"6H", 6 * kHour},      {"12H", 12 * kHour},   {"1D", kDay},          {"3D", 3 * kDay},
      {"1W", 7 * kDay},  {"6Hutc", 6 * kHour}, {"12Hutc", 12 * kHour}, {"1Dutc", kDay},       {"3Dutc", 3 * kDay},   {"1Wutc", 7 * kDay}};
  for (const auto& [name, ns] : kIntervals) {
    ASSERT_EQ(decode(push("update", "candle" + std::string(name), R"([["1649290020000","1","1","1","1","1","1","1"]])")), Errc::ok) << name;
    EXPECT_EQ(out().candles[0].interval_ns, ns) << name;
  }
  // February 2024, 29 days: it begins at 00:00 UTC, or eight hours earlier.
  ASSERT_EQ(decode(push("update", "candle1Mutc", R"([["1706745600000","1","1","1","1","1","1","1"]])")), Errc::ok);
  EXPECT_EQ(out().candles[0].interval_ns, 29 * kDay);
  ASSERT_EQ(decode(push("update", "candle1M", R"([["1706716800000","1","1","1","1","1","1","1"]])")), Errc::ok);
  EXPECT_EQ(out().candles[0].interval_ns, 29 * kDay);
  for (const std::string_view name : {"", "7m", "1h", "utc", "1", "1mutcutc"}) {
    EXPECT_EQ(decode(push("update", "candle" + std::string(name), "[]")), Errc::unknown_channel) << name;
  }
}

TEST_F(BitgetDecoding, ReadsAnyKeyOrderAndWhiteSpaceSlowly) {
  const std::string text =
      R"( { "ts" : 1 , "data" : [ { "tradeId":12 , "side":"s\u0065ll","size":0.5, "price" : 113.4 ,"extra":[{}],"ts":1649290076980 } ] ,
    "arg":{"instId":"DASHUSDT","channel":"trade","instType":"USDT-FUTURES"},"action":"update"} )";
  EXPECT_EQ(decoder.decode_fast(text, kReceived, *frame.fast), Errc::unusual_layout);
  ASSERT_EQ(decode(text), Errc::ok);
  ASSERT_EQ(out().tick_count, 1U);
  EXPECT_EQ(out().ticks[0], (Tick{kReceived,
                                  1'649'290'076'980'000'000,
                                  12,
                                  {1134000},
                                  kNoPrice,
                                  {5000},
                                  {},
                                  id(Market::usdt_futures, "DASHUSDT"),
                                  TickKind::trade,
                                  Side::sell,
                                  0}));
  EXPECT_EQ(decoder.counters().slow, 1U);
}

TEST_F(BitgetDecoding, SortsAnswersFromData) {
  const std::pair<std::string_view, Channel> kCases[] = {
      {"pong", Channel::control},
      {R"({"event":"subscribe","arg":{"instType":"SPOT","channel":"books","instId":"NEWUSDT"}})", Channel::control},
      {R"({"event":"unsubscribe","arg":{"instType":"SPOT","channel":"books","instId":"BTCUSDT"}})", Channel::control},
      {R"({"event":"login","code":"0","msg":""})", Channel::control},
      {R"({"event":"login","code":0})", Channel::control},
      {R"({"event":"login","code":"30005","msg":"error"})", Channel::venue_error},
      {R"({"event":"error","code":"30005","msg":"error"})", Channel::venue_error},
      {R"({"event":"error","arg":{"instType":"USDT-FUTURES","channel":"tickr","instId":"BTCUSDT"},"code":30001,"msg":"doesn't exist","op":"subscribe"})",
       Channel::venue_error},
      {R"({"code":"40034","msg":"Parameter does not exist","data":null})", Channel::venue_error},
      {R"({"event":"trade","arg":[{"id":"1"}],"code":0,"msg":"Success"})", Channel::other},
      {R"({"action":"snapshot","arg":{"instType":"USDT-FUTURES","channel":"positions","instId":"default"},"data":[],"ts":1})",
       Channel::other},
      {R"({"action":"snapshot","arg":{"instType":"USDT-FUTURES","channel":"account","coin":"default"},"data":[],"ts":1})", Channel::other}};
  for (const auto& [text, channel] : kCases) {
    EXPECT_EQ(decode(text), Errc::ok) << text;
    EXPECT_EQ(out().channel, channel) << text;
    EXPECT_EQ(out().tick_count + out().depth_count + out().candle_count, 0U);
  }
}

TEST_F(BitgetDecoding, RefusesWithTheRightCodeAndLeavesNothingBehind) {
  const std::string trade = bitget_usual()[0];
  const auto with = [](std::string text, std::string_view from, std::string_view to) {
    return text.replace(text.find(from), from.size(), to);
  };
  const std::pair<std::string, Errc> kCases[] = {
      {"", Errc::bad_json},
      {"ping", Errc::bad_json},
      {"[]", Errc::bad_json},
      {"{}", Errc::missing_field},
      {trade.substr(0, trade.size() - 1), Errc::bad_json},
      {trade + "x", Errc::bad_json},
      {with(trade, "update", "upd"), Errc::bad_json},
      {with(trade, "\"buy\"", "\"bid\""), Errc::bad_json},
      {with(trade, "\"buy\"", "\"b\xFF\""), Errc::bad_utf8},
      {with(trade, "72389.99", "72389.99999"), Errc::off_grid},
      {with(trade, "72389.99", "-72389.99"), Errc::bad_number},
      {with(trade, "72389.99", "7.2e4"), Errc::bad_number},
      {with(trade, "72389.99", ""), Errc::bad_number},
      {with(trade, "72389.99", "92233720368547758.07"), Errc::number_too_large},
      {with(trade, "1235671058980749319", "18446744073709551616"), Errc::number_too_large},
      {with(trade, "1730332858796", "99999999999999"), Errc::number_too_large},
      {with(trade, "\"price\"", "\"prise\""), Errc::missing_field},
      {with(trade, "\"tradeId\"", "\"id\""), Errc::missing_field},
      {with(trade, "\"side\"", "\"sid\""), Errc::missing_field},
      {with(trade, "\"data\"", "\"date\""), Errc::missing_field},
      {with(trade, "BTCUSDT", "BTCUSDX"), Errc::unknown_symbol},
      {with(trade, "SPOT", "MARGIN"), Errc::unknown_symbol},
      {with(trade, "SPOT", "COIN-FUTURES"), Errc::unknown_symbol},
      {with(trade, "SPOT", "sp"), Errc::old_protocol},
      {with(trade, "SPOT", "mc"), Errc::old_protocol},
      {with(trade, "\"channel\"", "\"topic\""), Errc::old_protocol},
      {R"({"event":"subscribe","arg":{"instType":"mc","channel":"books","instId":"DASHUSDT"}})", Errc::old_protocol},
      {push("update", "trade", R"([["1649290080580","113.49","0.43","sell"]])"), Errc::old_protocol},
      {push("update", "candle1m", R"([["1649290020000","113.47","113.47","113.33","113.37","16.68"]])"), Errc::old_protocol},
      {push("update", "candle1m", R"([["1649290020000","113.47"]])"), Errc::missing_field},
      {push("snapshot", "ticker", R"([{"instId":"DASHUSDT","last":"113.370","bestAsk":"113.41"}])"), Errc::old_protocol},
      {push("snapshot", "ticker", R"([{"lastPr":"113","bidPr":"1","askPr":"2"}])"), Errc::missing_field},
      {push("update", "books5", R"([{"asks":[],"bids":[],"ts":"1"}])"), Errc::bad_json},
      {push("update", "books", R"([{"asks":[["1"]],"bids":[],"ts":"1"}])"), Errc::bad_json},
      {push("update", "books", R"([{"asks":[],"ts":"1"}])"), Errc::missing_field},
      {push("update", "books", R"([{"asks":[],"bids":[],"checksum":2147483648,"ts":"1"}])"), Errc::number_too_large},
      {push("update", "books", R"([{"asks":[],"bids":[],"seq":-1,"ts":"1"}])"), Errc::bad_number},
      {std::string(100, '['), Errc::too_deep},
      {"\"" + std::string(capacity::frame_bytes_max, 'x') + "\"", Errc::frame_too_large}};
  for (const auto& [text, code] : kCases) {
    const std::uint64_t before = decoder.counters().refused_with(code);
    EXPECT_EQ(decode(text), code) << text.substr(0, 300);
    EXPECT_EQ(out().tick_count + out().depth_count + out().candle_count, 0U);
    EXPECT_EQ(decoder.counters().refused_with(code), before + 1);
  }
  EXPECT_EQ(decoder.counters().refused_total(), std::size(kCases));
}

TEST_F(BitgetDecoding, TakesADiffFlaggedWithTheDocumentedChecksum) {
  // Vectors of the venue reference, section 12.4: prices and quantities joined as printed.
  struct Vector {
    std::string_view bids, asks;
    std::int32_t checksum;
  };
  for (const Vector& vector : {Vector{R"([["43231.1","4"],["43231","6"]])", R"([["43232.8","9"],["43232.9","8"]])", -1504501796},
                               Vector{R"([["3366.1","7"]])", R"([["3366.8","9"],["3368","8"],["3372","8"]])", 831078360}}) {
    ASSERT_EQ(decode(push("snapshot", "books",
                          R"([{"asks":)" + std::string(vector.asks) + R"(,"bids":)" + std::string(vector.bids) + R"(,"checksum":)" +
                              std::to_string(vector.checksum) + R"(,"ts":"1695716059516"}])")),
              Errc::ok);
    const DepthUpdate& depth = out().depths[0];
    const Instrument& grid = table[depth.instrument];
    std::vector<std::string> sides[2];
    for (std::size_t i = 0; i < depth.level_count; ++i) {
      const DepthLevel& level = depth.levels[i];
      std::array<char, 24> price{}, qty{};
      sides[level.side == Side::buy ? 0 : 1].push_back(
          std::string(format_decimal(level.price.v, grid.price_decimals, level.price_digits, price)) + ":" +
          std::string(format_decimal(level.qty.v, grid.qty_decimals, level.qty_digits, qty)));
    }
    std::string text;
    for (std::size_t i = 0; i < 25; ++i) {
      for (const auto& side : sides) {
        if (i < side.size()) text += (text.empty() ? "" : ":") + side[i];
      }
    }
    EXPECT_EQ(static_cast<std::int32_t>(crc32_ieee(std::as_bytes(std::span(text)))), depth.checksum) << text;
  }
}

}  // namespace martinet::bitget_decoder_test

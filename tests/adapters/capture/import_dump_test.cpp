// Raw WebSocket dumps and REST answers, made on the spot.
#include <gtest/gtest.h>

#include <string>

#include "engine/base/decimal.hpp"
#include "tests/adapters/capture/import_test_support.hpp"

namespace martinet::import_dump_test {

using namespace import_test;

const std::string kT = "1723161256000000000";

std::string line(int n, const std::string& message) { return "17231612560000" + std::to_string(10'000 + n) + " " + message + "\n"; }

const std::string kSpotTicker =
    R"({"stream":"btcusdt@bookTicker","data":{"u":1,"s":"BTCUSDT","b":"61837.63000000","B":"3.78826000","a":"61837.64000000","A":"1.5"}})";
const std::string kSpotTrade =
    R"({"stream":"btcusdt@trade","data":{"e":"trade","E":1723161255343,"s":"BTCUSDT","t":3,"p":"61837.63000000","q":"0.02000000","T":1,"m":true,"M":true}})";
const std::string kSpotDepth =
    R"({"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":1,"u":2,"b":[["61737.6","0.001"]],"a":[]}})";
const std::string kUsdmDepth =
    R"({"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1,"T":1,"s":"BTCUSDT","U":1,"u":2,"pu":0,"b":[["58710.20","0.014"]],"a":[]}})";
const std::string kUsdmTrade =
    R"({"stream":"btcusdt@trade","data":{"e":"trade","E":1,"T":1,"s":"BTCUSDT","t":5,"p":"61800.30","q":"0.006","X":"MARKET","m":false}})";
const std::string kUsdmAgg = R"({"e":"aggTrade","E":1,"a":9,"s":"CTKUSDT","p":"1.01100","q":"10","f":1,"l":1,"T":1,"m":false})";
const std::string kUsdmMark =
    R"({"stream":"btcusdt@markPrice","data":{"e":"markPriceUpdate","E":1,"s":"BTCUSDT","p":"61800.12345678","i":"61799.5","r":"0.0001","T":1}})";
const std::string kCoinmDepth =
    R"({"stream":"btcusd_perp@depth@0ms","data":{"e":"depthUpdate","E":1,"T":1,"s":"BTCUSD_PERP","ps":"BTCUSD","U":1,"u":2,"pu":0,"b":[["61773.6","1001"]],"a":[]}})";
const std::string kKlineUsdm =
    R"({"stream":"ctkusdt@kline_1m","data":{"e":"kline","E":1,"s":"CTKUSDT","k":{"t":1,"o":"1.010","c":"1.011","h":"1.012","l":"1.009","v":"3917"}}})";
const std::string kKlineSpot =
    R"({"stream":"nknusdt@kline_1m","data":{"e":"kline","E":1,"s":"NKNUSDT","k":{"t":1,"o":"0.35270000","c":"0.35280000","h":"0.35280000","l":"0.35220000","v":"25877.00000000"}}})";
const std::string kRest = R"({"lastUpdateId":50093239218,"bids":[["61837.63000000","3.78826"]],"asks":[]})";
const std::string kBitgetTrade =
    R"({"action":"update","arg":{"instType":"USDT-FUTURES","channel":"trade","instId":"DASHUSDT"},"data":[{"ts":"1","price":"113.49","size":"0.43","side":"sell","tradeId":"1"}],"ts":1})";
const std::string kBitgetSpotBook =
    R"({"action":"snapshot","arg":{"instType":"SPOT","channel":"books","instId":"EOSUSDT"},"data":[{"asks":[["2.4400","195.6669"]],"bids":[],"checksum":0,"ts":"1"}],"ts":1})";

Market market_of(const Folder& folder, const std::string& text) {
  ImportOptions options = options_for({folder.write("dump.txt", text)}, folder / "out.cap");
  options.overwrite = true;
  const ImportReport report = import_ok(options);
  return report.instruments.empty() ? Market::none : report.instruments[0].instrument.market;
}

TEST(ImportDump, KeepsFramesByteForByte) {
  const Folder folder;
  const std::string odd =
      R"({"stream":"btcusdt@trade" , "data":{ "e":"trade","s":"BTCUSDT","p":"1.50","q":"2","M":true ,"x":"\u00e9\""}} )";
  const std::string text = line(1, kSpotTicker) + line(1, odd) + line(2, "pong") + line(3, R"({"result":null,"id":1})");
  for (const bool zipped : {false, true}) {
    ImportOptions options = options_for({zipped ? folder.write_gz("d.gz", text) : folder.write("d.txt", text)}, folder / "out.cap");
    options.overwrite = true;
    const auto report = import_ok(options);
    EXPECT_EQ(report.raw_frames, 4U);
    EXPECT_EQ(report.rest_frames, 0U);
    EXPECT_EQ(report.files[0].kind, "WebSocket dump");
    const Contents got = read_back(folder / "out.cap");
    ASSERT_EQ(got.frames.size(), 4U);
    EXPECT_EQ(got.frames[0].text, kSpotTicker);
    EXPECT_EQ(got.frames[1].text, odd);
    EXPECT_EQ(got.frames[2].text, "pong");
    EXPECT_EQ(got.frames[3].ts_ns, 1'723'161'256'000'010'003);
    ASSERT_EQ(got.header.streams.size(), 1U);
    EXPECT_EQ(got.header.streams[0].kind, StreamKind::public_ws);
    EXPECT_EQ(got.header.streams[0].venue, Venue::binance);
    EXPECT_EQ(got.header.streams[0].market, Market::spot);
  }
}

TEST(ImportDump, FindsTheBinanceMarketFromTheShapeOfTheMessages) {
  const Folder folder;
  EXPECT_EQ(market_of(folder, line(1, kSpotTicker)), Market::spot);
  EXPECT_EQ(market_of(folder, line(1, kSpotTrade)), Market::spot);
  EXPECT_EQ(market_of(folder, line(1, kSpotDepth)), Market::spot);
  EXPECT_EQ(market_of(folder, line(1, R"({"stream":"btcusdt@depth5","data":{"lastUpdateId":1,"bids":[["1.5","2"]],"asks":[]}})")),
            Market::spot);
  EXPECT_EQ(market_of(folder, line(1, kUsdmDepth)), Market::usdm);
  EXPECT_EQ(market_of(folder, line(1, kUsdmTrade)), Market::usdm);
  EXPECT_EQ(market_of(folder, line(1, kUsdmAgg)), Market::usdm);
  EXPECT_EQ(market_of(folder, line(1, kUsdmMark)), Market::usdm);
  EXPECT_EQ(market_of(folder, line(1, kCoinmDepth)), Market::coinm);
  EXPECT_EQ(market_of(folder, line(1, kKlineUsdm)), Market::usdm);
  EXPECT_EQ(market_of(folder, line(1, kKlineSpot)), Market::spot);
  EXPECT_EQ(market_of(folder, line(1, kKlineUsdm) + line(2, kUsdmAgg)), Market::usdm);
  EXPECT_EQ(market_of(folder, line(1, kKlineUsdm) + line(2, kSpotTrade)), Market::spot) << "what is certain outweighs a guess";
}

TEST(ImportDump, ASnapshotInARecordersOwnStreamSaysNothingAboutTheMarket) {
  const Folder folder;
  const std::string snapshot = R"({"stream":"btcusdt@depthSnapshot","data":{"lastUpdateId":1,"bids":[["1.5","2"]],"asks":[]}})";
  EXPECT_EQ(market_of(folder, line(1, snapshot) + line(2, kUsdmDepth)), Market::usdm);
  import_fails(options_for({folder.write("s.txt", line(1, snapshot))}, folder / "s.cap"), Errc::config_missing);
}

TEST(ImportDump, SaysWhenTheMarketIsGuessedContradictoryOrUndecidable) {
  const Folder folder;
  const auto guessed = import_ok(options_for({folder.write("k.txt", line(1, kKlineUsdm))}, folder / "k.cap"));
  ASSERT_EQ(guessed.messages.size(), 1U);
  EXPECT_NE(guessed.messages[0].find("market usdm is guessed"), std::string::npos);
  ImportOptions options = options_for({folder.write("d.txt", line(1, kSpotTrade) + line(2, kUsdmTrade))}, folder / "out.cap");
  const std::string sentence = import_fails(options, Errc::config_contradiction);
  EXPECT_NE(sentence.find("line 2"), std::string::npos) << sentence;
  EXPECT_NE(sentence.find("shape of USD-M, earlier ones that of spot"), std::string::npos) << sentence;
  options.market = Market::usdm;
  EXPECT_EQ(import_ok(options).instruments[0].instrument.market, Market::usdm) << "--market decides";
  options.market = Market::usdt_futures;
  options.overwrite = true;
  EXPECT_NE(import_fails(options, Errc::config_contradiction).find("Binance has spot, usdm and coinm"), std::string::npos);
  EXPECT_NE(
      import_fails(options_for({folder.write("e.txt", line(1, kKlineUsdm) + line(2, kKlineSpot))}, folder / "e.cap"), Errc::config_missing)
          .find("say --market"),
      std::string::npos);
  import_fails(options_for({folder.write("o.txt", line(1, R"({"hello":1})"))}, folder / "o.cap"), Errc::unsupported);
  import_fails(options_for({folder.write("m.txt", line(1, kSpotTrade) + line(2, kBitgetTrade))}, folder / "m.cap"),
               Errc::config_contradiction);
}

TEST(ImportDump, BuildsTheGridFromTheFinestNumbersOfASymbol) {
  const Folder folder;
  const auto report =
      import_ok(options_for({folder.write("d.txt", line(1, kUsdmDepth) + line(2, kUsdmTrade) + line(3, kUsdmMark))}, folder / "out.cap"));
  ASSERT_EQ(report.instruments.size(), 1U);
  const Instrument& instrument = report.instruments[0].instrument;
  EXPECT_EQ(instrument.price_decimals, 10) << "mark prices are finer than the tick";
  EXPECT_EQ(to_text(instrument.rules.tick_size.v, instrument.price_decimals), "0.1");
  EXPECT_EQ(to_text(instrument.rules.lot_size.v, instrument.qty_decimals), "0.001");
  EXPECT_EQ(instrument.qty_decimals, 5);
  EXPECT_EQ(report.instruments[0].rules_from, "finest decimals seen");
}

TEST(ImportDump, PutsRestAnswersInLineOnTheStreamOfTheirSymbol) {
  const Folder folder;
  auto report =
      import_ok(options_for({folder.write("d.txt", line(1, kRest) + line(2, kSpotDepth) + line(3, kSpotTicker))}, folder / "out.cap"));
  EXPECT_EQ(report.raw_frames, 3U);
  EXPECT_EQ(report.rest_frames, 1U);
  Contents got = read_back(folder / "out.cap");
  ASSERT_EQ(got.header.streams.size(), 2U);
  const StreamInfo& rest = got.header.streams[got.frames[0].stream];
  EXPECT_EQ(rest.kind, StreamKind::rest_depth);
  EXPECT_EQ(rest.default_instrument, 0);
  EXPECT_EQ(got.frames[0].text, kRest);
  EXPECT_EQ(got.header.streams[got.frames[1].stream].kind, StreamKind::public_ws);

  // Two depth streams: whose answer is it? Unless the answer says.
  const std::string other = R"({"stream":"ethusdt@depth@100ms","data":{"e":"depthUpdate","E":1,"s":"ETHUSDT","U":1,"u":2,"b":[],"a":[]}})";
  const std::string sentence = import_fails(
      options_for({folder.write("e.txt", line(1, kSpotDepth) + line(2, kRest) + line(3, other))}, folder / "e.cap"), Errc::config_missing);
  EXPECT_NE(sentence.find("e.txt line 2: a REST depth answer without a symbol in a file with depth streams of 2 symbols"),
            std::string::npos)
      << sentence;
  const std::string named = R"({"lastUpdateId":7,"E":1,"T":1,"symbol":"BTCUSD_PERP","pair":"BTCUSD","bids":[["61804.7","35"]],"asks":[]})";
  const std::string second =
      R"({"stream":"ethusd_perp@depth@0ms","data":{"e":"depthUpdate","E":1,"T":1,"s":"ETHUSD_PERP","ps":"ETHUSD","U":1,"u":2,"pu":0,"b":[["1.5","1"]],"a":[]}})";
  report = import_ok(options_for({folder.write("f.txt", line(1, second) + line(2, named) + line(3, kCoinmDepth))}, folder / "f.cap"));
  got = read_back(folder / "f.cap");
  const StreamInfo& stream = got.header.streams[got.frames[1].stream];
  EXPECT_EQ(stream.kind, StreamKind::rest_depth);
  EXPECT_EQ(got.header.instruments[stream.default_instrument].symbol.view(), "BTCUSD_PERP");
}

TEST(ImportDump, SortsBitgetFramesByTheirInstType) {
  const Folder folder;
  const std::string ack = R"({"event":"subscribe","arg":{"instType":"SPOT","channel":"books","instId":"GOGUSDT"}})";
  const auto report = import_ok(options_for(
      {folder.write("d.txt", line(1, ack) + line(2, kBitgetTrade) + line(3, "pong") + line(4, kBitgetSpotBook))}, folder / "out.cap"));
  ASSERT_EQ(report.instruments.size(), 3U) << "a symbol that was only subscribed is one too";
  const Contents got = read_back(folder / "out.cap");
  ASSERT_EQ(got.header.streams.size(), 2U);
  const auto market = [&](std::size_t i) { return got.header.streams[got.frames[i].stream].market; };
  EXPECT_EQ(market(0), Market::spot);
  EXPECT_EQ(market(1), Market::usdt_futures);
  EXPECT_EQ(market(2), Market::spot) << "a frame that does not say goes with the first market met";
  EXPECT_EQ(market(3), Market::spot);
  EXPECT_NE(got.header.instruments.find(Venue::bitget, Market::usdt_futures, "DASHUSDT"), kNoInstrument);
  EXPECT_NE(got.header.instruments.find(Venue::bitget, Market::spot, "EOSUSDT"), kNoInstrument);
  ImportOptions options = options_for({folder / "d.txt"}, folder / "other.cap");
  options.market = Market::usdt_futures;
  EXPECT_NE(import_fails(options, Errc::config_contradiction).find("leave --market out for Bitget"), std::string::npos);
}

TEST(ImportDump, RefusesOtherBitgetProtocolsByName) {
  const Folder folder;
  for (const std::string& inst_type : {std::string("mc"), std::string("sp"), std::string("UMCBL")}) {
    const std::string frame =
        R"({"action":"update","arg":{"instType":")" + inst_type + R"(","channel":"trade","instId":"DASHUSDT"},"data":[]})";
    ImportOptions options = options_for({folder.write("v1.txt", line(1, frame))}, folder / "out.cap");
    options.on_error = OnRowError::skip;  // skipping rows does not make it another protocol
    const std::string sentence = import_fails(options, Errc::old_protocol);
    EXPECT_NE(sentence.find("Bitget v1 frames (instType '" + inst_type + "')"), std::string::npos) << sentence;
    EXPECT_NE(sentence.find("convert or record anew"), std::string::npos) << sentence;
  }
  const std::string v3 = R"({"action":"snapshot","arg":{"instType":"usdt-futures","topic":"publicTrade","symbol":"BTCUSDT"},"data":[]})";
  EXPECT_NE(import_fails(options_for({folder.write("v3.txt", line(1, v3))}, folder / "out.cap"), Errc::unsupported).find("Bitget v3"),
            std::string::npos);
  const std::string unknown = R"({"arg":{"instType":"MARGIN","channel":"trade","instId":"A"},"data":[]})";
  EXPECT_NE(import_fails(options_for({folder.write("u.txt", line(1, unknown))}, folder / "out.cap"), Errc::bad_row).find("'MARGIN'"),
            std::string::npos);
}

TEST(ImportDump, NamesTheLineOfEveryMalformedRow) {
  const Folder folder;
  const auto fails = [&](const std::string& bad, Errc code, const std::string& part) {
    ImportOptions options =
        options_for({folder.write("d.txt", line(1, kSpotTicker) + bad + "\n" + line(5, kSpotTicker))}, folder / "out.cap");
    options.overwrite = true;
    const std::string sentence = import_fails(options, code);
    EXPECT_NE(sentence.find("d.txt line 2: " + part), std::string::npos) << sentence;
    EXPECT_NE(sentence.find("use --on-error skip"), std::string::npos) << sentence;
    options.on_error = OnRowError::skip;
    const ImportReport report = import_ok(options);
    EXPECT_EQ(report.raw_frames, 2U) << bad;
    EXPECT_EQ(report.rows_skipped, 1U) << bad;
  };
  fails("abc {}", Errc::bad_row, "'abc' is not a receive time in nanoseconds");
  fails("1723161256000 {}", Errc::bad_row, "'1723161256000' is not a receive time in nanoseconds");
  fails(kT, Errc::bad_row, "there is no message");
  fails(kT + " ", Errc::bad_row, "there is no message");
  fails("99999999999999999999 {}", Errc::bad_row, "'99999999999999999999' is not");
  fails("1723161256000010002 {\"stream\":", Errc::bad_json, "the message is not JSON from byte 31 of the line on");
  fails("1723161256000010002 hello", Errc::bad_json, "the message is not JSON from byte 21");
  fails(line(0, kSpotTicker).substr(0, line(0, kSpotTicker).size() - 1), Errc::out_of_order, "the receive time goes back by 1 ns");
  fails("1723161256000010002 \"" + std::string(capacity::frame_bytes_max, 'x') + "\"", Errc::frame_too_large,
        "the message has 1048578 bytes");
}

TEST(ImportDump, ALastLineThatARecorderDidNotFinishIsAMalformedRow) {
  const Folder folder;
  ImportOptions options =
      options_for({folder.write("d.txt", line(1, kSpotTicker) + line(2, kSpotTicker).substr(0, 60))}, folder / "out.cap");
  import_fails(options, Errc::bad_json);
  options.on_error = OnRowError::skip;
  EXPECT_EQ(import_ok(options).raw_frames, 1U);
}

TEST(ImportDump, ReadsFilesOfRestAnswers) {
  const Folder folder;
  const std::string body = R"({"lastUpdateId":499869752, "bids":[["0.3521","672"]],"asks":[["0.3526","3199"]]})";
  const std::string depth =
      R"({"url":"https://api.binance.com/api/v3/depth?symbol=NKNUSDT&limit=1000","recv_ns":1633998512320639000,"body":)" + body + "}\n";
  const std::string info =
      R"({"url":"https://api.binance.com/api/v3/exchangeInfo","recv_ns":1,"body":{"symbols":[{"symbol":"NKNUSDT","baseAsset":"NKN","quoteAsset":"USDT","status":"TRADING","filters":[{"filterType":"PRICE_FILTER","tickSize":"0.0001"},{"filterType":"LOT_SIZE","stepSize":"1","minQty":"1","maxQty":"0"}]}]}})";
  const auto report = import_ok(options_for({folder.write("rest.jsonl", depth + info + "\n")}, folder / "out.cap"));
  EXPECT_EQ(report.rest_frames, 1U);
  EXPECT_EQ(report.files[0].kind, "REST answers");
  EXPECT_EQ(report.files[0].rows, 2U);
  EXPECT_EQ(report.files[0].records, 1U);
  EXPECT_EQ(report.instruments[0].rules_from, "exchangeInfo");
  const Contents got = read_back(folder / "out.cap");
  ASSERT_EQ(got.frames.size(), 1U);
  EXPECT_EQ(got.frames[0].text, body) << "the body, byte for byte";
  EXPECT_EQ(got.frames[0].ts_ns, 1'633'998'512'320'639'000);
  EXPECT_EQ(got.header.streams[0].market, Market::spot);

  const auto fails = [&](const std::string& text, Errc code, const std::string& part) {
    const std::string sentence = import_fails(options_for({folder.write("bad.jsonl", depth + text + "\n")}, folder / "bad.cap"), code);
    EXPECT_NE(sentence.find("bad.jsonl line 2: " + part), std::string::npos) << sentence;
  };
  fails("{", Errc::bad_json, "the line is not JSON from byte 2 on");
  fails(R"({"url":"x","recv_ns":1})", Errc::missing_field, "the line has no url and body");
  fails(R"({"url":"https://api.binance.com/api/v3/trades?symbol=A","recv_ns":1,"body":[]})", Errc::unsupported,
        "'https://api.binance.com/api/v3/trades?symbol=A' is neither");
  fails(R"({"url":"https://api.binance.com/api/v3/depth?limit=5","recv_ns":1,"body":{}})", Errc::unsupported, "'https");
  fails(R"({"url":"https://api.binance.com/api/v3/depth?symbol=A","recv_ns":1,"body":{}})", Errc::missing_field,
        "the body is not a depth answer");
  fails(R"({"url":"https://api.binance.com/api/v3/depth?symbol=A","recv_ns":"x","body":)" + body + "}", Errc::bad_row, "recv_ns is 'x'");
  fails(R"({"url":"https://api.binance.com/api/v3/depth?symbol=A","recv_ns":5,"body":)" + body + "}", Errc::out_of_order,
        "the receive time goes back");
  fails(R"({"url":"https://api.binance.com/api/v3/exchangeInfo","recv_ns":5,"body":{}})", Errc::unsupported, "the body is neither");
}

TEST(ImportDump, MergesADumpWithItsRestAnswersByReceiveTime) {
  const Folder folder;
  const std::string rest =
      R"({"url":"https://fapi.binance.com/fapi/v1/depth?symbol=BTCUSDT&limit=1000","recv_ns":1723161256000010002,"body":{"lastUpdateId":1,"bids":[],"asks":[]}})";
  const auto report = import_ok(options_for(
      {folder.write("d.txt", line(1, kUsdmDepth) + line(2, kUsdmTrade) + line(3, kUsdmTrade)), folder.write("r.jsonl", rest + "\n")},
      folder / "out.cap"));
  EXPECT_EQ(report.instruments.size(), 1U) << "one instrument, from both";
  const Contents got = read_back(folder / "out.cap");
  ASSERT_EQ(got.frames.size(), 4U);
  EXPECT_EQ(got.frames[1].text, kUsdmTrade) << "at equal times the source named first goes first";
  EXPECT_EQ(got.header.streams[got.frames[2].stream].kind, StreamKind::rest_depth);
}

}  // namespace martinet::import_dump_test

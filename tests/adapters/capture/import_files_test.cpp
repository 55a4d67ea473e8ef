// Whole imports of CSV files made on the spot.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "engine/base/decimal.hpp"
#include "engine/base/time.hpp"
#include "tests/adapters/capture/import_test_support.hpp"

namespace martinet::import_files_test {

using namespace import_test;

constexpr std::string_view kTrades =
    "ts_ms,price,size,is_buyer_maker\n"
    "1600000000000,100.5,0.25,0\n"
    "1600000000000,100.25,1,1\n"
    "1600000000700,101,1e-03,0\n";

constexpr std::string_view kBars =
    "ts_ms,open,high,low,close,volume\n"
    "1600000020000,10,12,9.5,11,5\n"
    "1600000080000,11,11.5,10,10.25,0\n"
    "1600000200000,10.25,13,10,12,7.125\n"
    "1600000260000,12,12,12,12,1\n";

TEST(ImportFiles, WritesTradesOnTheGrid) {
  const Folder folder;
  const auto report = import_ok(options_for({folder.write("BTCUSDT_x.csv", kTrades)}, folder / "out.cap"));
  EXPECT_EQ(report.trades, 3U);
  EXPECT_EQ(report.rows_skipped, 0U);
  ASSERT_EQ(report.files.size(), 1U);
  EXPECT_EQ(report.files[0].kind, "CSV trades");
  EXPECT_EQ(report.files[0].rows, 3U);
  EXPECT_EQ(report.files[0].records, 3U);
  EXPECT_EQ(report.bytes_written, std::filesystem::file_size(folder / "out.cap"));
  const Contents got = read_back(folder / "out.cap");
  ASSERT_EQ(got.header.instruments.size(), 1U);
  const Instrument& instrument = got.header.instruments[0];
  EXPECT_EQ(instrument.symbol.view(), "BTCUSDT");
  EXPECT_EQ(instrument.venue, Venue::file);
  EXPECT_EQ(instrument.kind, ContractKind::linear);
  EXPECT_EQ(instrument.price_decimals, 4);
  EXPECT_EQ(instrument.qty_decimals, 5);
  ASSERT_EQ(got.header.streams.size(), 1U);
  EXPECT_EQ(got.header.streams[0].kind, StreamKind::parsed);
  ASSERT_EQ(got.ticks.size(), 3U);
  EXPECT_EQ(got.ticks[0].kind, TickKind::trade);
  EXPECT_EQ(got.ticks[0].ts_receive_ns, 1'600'000'000'000'000'000);
  EXPECT_EQ(got.ticks[0].ts_exchange_ns, got.ticks[0].ts_receive_ns);
  EXPECT_EQ(got.ticks[0].price().v, 1'005'000);
  EXPECT_EQ(got.ticks[0].qty().v, 25'000);
  EXPECT_EQ(got.ticks[0].side, Side::buy);
  EXPECT_EQ(got.ticks[0].ask_price, kNoPrice);
  EXPECT_EQ(got.ticks[1].price().v, 1'002'500) << "rows of one time keep their order";
  EXPECT_EQ(got.ticks[2].qty().v, 100);
}

TEST(ImportFiles, WritesBarsThatEndWhenTheyAreReceived) {
  const Folder folder;
  const auto report = import_ok(options_for({folder.write("ETHUSDT.csv", kBars)}, folder / "out.cap"));
  EXPECT_EQ(report.candles, 4U);
  const Contents got = read_back(folder / "out.cap");
  ASSERT_EQ(got.candles.size(), 4U);
  for (const Candle& candle : got.candles) {
    EXPECT_EQ(candle.interval_ns, kNanosPerMinute) << "the most common step, in spite of the missing bar";
    EXPECT_EQ(candle.ts_receive_ns, candle.ts_open_ns + candle.interval_ns);
    EXPECT_EQ(candle.closed, 1);
  }
  const Candle& third = got.candles[2];
  EXPECT_EQ(third.ts_open_ns, 1'600'000'200'000'000'000);
  EXPECT_EQ(to_text(third.open.v, got.header.instruments[0].price_decimals), "10.25");
  EXPECT_EQ(to_text(third.high.v, got.header.instruments[0].price_decimals), "13");
  EXPECT_EQ(to_text(third.low.v, got.header.instruments[0].price_decimals), "10");
  EXPECT_EQ(to_text(third.close.v, got.header.instruments[0].price_decimals), "12");
  EXPECT_EQ(to_text(third.volume.v, got.header.instruments[0].qty_decimals), "7.125");
}

TEST(ImportFiles, TakesTheTimeframeGivenAndAsksWhereItDoesNotShow) {
  const Folder folder;
  const std::string rows = "ts_s,open,high,low,close\n1600000000,1,1,1,1\n1600000007,1,1,1,1\n1600000020,1,1,1,1\n1600000050,1,1,1,1\n";
  ImportOptions options = options_for({folder.write("X_A.csv", rows)}, folder / "out.cap");
  EXPECT_NE(import_fails(options, Errc::config_missing).find("say --timeframe"), std::string::npos);
  options.timeframe_ns = kNanosPerSecond;
  import_ok(options);
  EXPECT_EQ(read_back(folder / "out.cap").candles[1].ts_receive_ns, 1'600'000'008 * kNanosPerSecond);
  ImportOptions one = options_for({folder.write("ONE.csv", "ts_s,open,high,low,close\n1600000000,1,1,1,1\n")}, folder / "one.cap");
  EXPECT_NE(import_fails(one, Errc::config_missing).find("too few rows"), std::string::npos);
  options.timeframe_ns = 8 * kNanosPerSecond;
  options.output = folder / "eight.cap";
  EXPECT_NE(import_fails(options, Errc::out_of_order).find("line 3 column 'ts_s': the bar begins before the one before it ends"),
            std::string::npos);
}

TEST(ImportFiles, WritesQuotesWithAndWithoutSizes) {
  const Folder folder;
  import_ok(options_for(
      {folder.write("EURUSD.csv", "ts_us,bid,ask\n1600000000000001,1.38676,1.38686\n1600000000000001,1.5,1.25\n"),
       folder.write("ETHUSD.csv", "ts_us,bid,bid_size,ask,ask_size\n1600000000000002,100,1.5,101,2\n1600000000000003,100,0,101,0\n")},
      folder / "out.cap"));
  const Contents got = read_back(folder / "out.cap");
  ASSERT_EQ(got.ticks.size(), 4U);
  EXPECT_EQ(got.ticks[0].flags, tick_flag::market_unknown_size);
  EXPECT_EQ(got.ticks[0].bid_price.v, 13'867'600);
  EXPECT_GT(got.ticks[1].bid_price.v, got.ticks[1].ask_price.v) << "a crossed quote is kept: the feed counts it";
  EXPECT_EQ(got.ticks[2].flags, 0U);
  EXPECT_EQ(got.ticks[2].bid_qty.v * 4, got.ticks[2].ask_qty.v * 3);
  EXPECT_EQ(got.ticks[3].flags, tick_flag::market_unknown_size) << "zero means not recorded";
}

TEST(ImportFiles, MakesABidBarAndAQuoteOfEachQuoteBar) {
  const Folder folder;
  const auto report = import_ok(
      options_for({folder.write("GBPUSD.csv",
                                "ts_ms,bid_open,bid_high,bid_low,bid_close,ask_open,ask_high,ask_low,ask_close\n"
                                "1600000020000,1.1,1.3,1.0,1.2,1.2,1.4,1.1,1.3\n1600000080000,1.2,1.2,1.2,1.2,1.3,1.3,1.3,1.4\n")},
                  folder / "out.cap"));
  EXPECT_EQ(report.candles, 2U);
  EXPECT_EQ(report.quotes, 2U);
  EXPECT_EQ(report.files[0].rows, 2U);
  EXPECT_EQ(report.files[0].records, 4U);
  const Contents got = read_back(folder / "out.cap");
  EXPECT_EQ(got.order, (std::vector<RecordKind>{RecordKind::tick, RecordKind::candle, RecordKind::tick, RecordKind::candle}));
  EXPECT_EQ(got.ticks[0].ts_receive_ns, got.candles[0].ts_receive_ns);
  EXPECT_EQ(got.ticks[0].ts_receive_ns, 1'600'000'080 * kNanosPerSecond);
  EXPECT_EQ(got.ticks[0].bid_price, got.candles[0].close);
  EXPECT_EQ(got.ticks[0].ask_price.v, got.candles[0].high.v);
}

TEST(ImportFiles, ReadsPointsByTheInstrumentGivenElseByTheSymbol) {
  const Folder folder;
  const std::string rows =
      "ts_ms,open_points,high_points,low_points,close_points,tick_volume\n1600000000000,15475,15538,15474,15529,4418\n1600003600000,1,1,1,"
      "1,1\n";
  const auto xau = folder.write("XAUUSD_H1.csv", rows);
  auto report = import_ok(options_for({xau}, folder / "a.cap"));
  ASSERT_EQ(report.messages.size(), 1U);
  EXPECT_NE(report.messages[0].find("a point of XAUUSD is taken as 0.01"), std::string::npos);
  Contents got = read_back(folder / "a.cap");
  EXPECT_EQ(to_text(got.candles[0].open.v, got.header.instruments[0].price_decimals), "154.75");
  ImportOptions options = options_for({xau}, folder / "b.cap");
  options.instruments = {"XAUUSD:tick=0.001,kind=cfd"};
  report = import_ok(options);
  EXPECT_TRUE(report.messages.empty());
  got = read_back(folder / "b.cap");
  EXPECT_EQ(to_text(got.candles[0].open.v, got.header.instruments[0].price_decimals), "15.475");
  EXPECT_EQ(got.header.instruments[0].kind, ContractKind::cfd);
  EXPECT_EQ(to_text(got.candles[0].volume.v, got.header.instruments[0].qty_decimals), "4418");
  EXPECT_EQ(to_text(got.header.instruments[0].rules.lot_size.v, got.header.instruments[0].qty_decimals), "0.0001")
      << "a count of ticks is no lot";
}

TEST(ImportFiles, MergesSourcesByTimeAndKeepsTheirOrderAtEqualTimes) {
  const Folder folder;
  const auto a = folder.write("AAA.csv", "ts_s,price,qty\n1600000001,1,1\n1600000003,1,2\n1600000003,1,3\n");
  const auto b = folder.write("BBB.csv", "ts_s,price,qty\n1600000002,1,4\n1600000003,1,5\n1600000004,1,6\n");
  const auto order = [&](std::vector<std::filesystem::path> sources, const std::string& name) {
    import_ok(options_for(std::move(sources), folder / name));
    const Contents got = read_back(folder / name);
    std::string text;
    for (const Tick& tick : got.ticks) text += to_text(tick.qty().v, got.header.instruments[tick.instrument].qty_decimals);
    return text;
  };
  EXPECT_EQ(order({a, b}, "ab.cap"), "142356");
  EXPECT_EQ(order({b, a}, "ba.cap"), "145236");
}

TEST(ImportFiles, JoinsFilesOfOneSymbolOnOneGrid) {
  const Folder folder;
  import_ok(options_for({folder.write("AAA_1.csv", "ts_s,price,qty\n1600000001,1.5,1\n"),
                         folder.write("AAA_2.csv", "ts_s,price,qty\n1600000002,1.125,0.5\n")},
                        folder / "out.cap"));
  const Contents got = read_back(folder / "out.cap");
  ASSERT_EQ(got.header.instruments.size(), 1U);
  EXPECT_EQ(got.header.instruments[0].price_decimals, 5);
  EXPECT_EQ(got.ticks[0].price().v, 150'000);
}

TEST(ImportFiles, ReadsWindowsFilesQuotedFieldsAndBlankLines) {
  const Folder folder;
  const auto report = import_ok(options_for(
      {folder.write_gz(
          "AAA.csv.gz",
          "\xEF\xBB\xBF\"ts_ms\",\"price\",\"size\"\r\n\"1600000000000\",\"1.5\",\"2\"\r\n\r\n 1600000000001 , 1.5 , 2 \r\n\r\n")},
      folder / "out.cap"));
  EXPECT_EQ(report.trades, 2U);
  EXPECT_EQ(report.files[0].rows, 2U);
}

TEST(ImportFiles, NamesFileLineAndColumnOfAMalformedRowAndWritesNothing) {
  const Folder folder;
  const auto source = folder.write("AAA.csv", "ts_ms,price,size\n1600000000000,1,1\n\n1600000000001,abc,1\n");
  const std::string sentence = import_fails(options_for({source}, folder / "out.cap"), Errc::bad_row);
  EXPECT_EQ(sentence, source.string() + " line 4 column 'price': 'abc' is not a plain decimal; fix the row or use --on-error skip");
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"AAA.csv"}));
}

TEST(ImportFiles, SkipsMalformedRowsAndCountsThem) {
  const Folder folder;
  std::string text = "ts_ms,price,size\n";
  for (int i = 0; i < 30; ++i) text += std::to_string(1'600'000'000'000 + i) + (i % 2 == 0 ? ",1.5,1\n" : ",-1.123,1\n");
  text += "1500000000000,1,1\n";  // goes back
  text += "1600000000100,1.25,1";
  ImportOptions options = options_for({folder.write("AAA.csv", text)}, folder / "out.cap");
  options.on_error = OnRowError::skip;
  const auto report = import_ok(options);
  EXPECT_EQ(report.trades, 16U);
  EXPECT_EQ(report.rows_skipped, 16U);
  EXPECT_EQ(report.files[0].rows, 32U);
  EXPECT_EQ(report.files[0].rows_skipped, 16U);
  EXPECT_EQ(report.messages.size(), 10U) << "only the first few are quoted";
  EXPECT_NE(report.messages[0].find("line 3 column 'price': '-1.123' is not above zero"), std::string::npos);
  EXPECT_EQ(read_back(folder / "out.cap").header.instruments[0].price_decimals, 4) << "a row that is skipped does not shape the grid";
}

TEST(ImportFiles, RefusesTimesThatGoBackAndBarsThatRepeat) {
  const Folder folder;
  EXPECT_NE(
      import_fails(options_for({folder.write("A.csv", "ts_ms,price,size\n1600000000001,1,1\n1600000000000,1,1\n")}, folder / "out.cap"),
                   Errc::out_of_order)
          .find("line 3 column 'ts_ms': the time goes back"),
      std::string::npos);
  EXPECT_NE(import_fails(options_for({folder.write("B.csv", std::string(kBars) + "1600000260000,12,12,12,12,1\n")}, folder / "out.cap"),
                         Errc::out_of_order)
                .find("line 6 column 'ts_ms': the time is that of the row before"),
            std::string::npos);
}

TEST(ImportFiles, RefusesFilesWithoutContent) {
  const Folder folder;
  import_fails(options_for({folder.write("empty.csv", "")}, folder / "out.cap"), Errc::empty_file);
  import_fails(options_for({folder.write("blank.csv", "\n\r\n \n")}, folder / "out.cap"), Errc::empty_file);
  EXPECT_EQ(import_fails(options_for({folder.write("AAA.csv", "ts_ms,price,size\n")}, folder / "out.cap"), Errc::empty_file),
            "the sources hold no record to import; nothing was written");
  import_fails(options_for({folder.write("BBB.csv", "ts_ms,open,high,low,close\n")}, folder / "out.cap"), Errc::empty_file);
  import_fails(options_for({folder.write("CCC.csv", "ts_ms,funding_rate\n1600000000000,0.1\n")}, folder / "out.cap"), Errc::bad_header);
  import_fails(options_for({folder / "absent.csv"}, folder / "out.cap"), Errc::not_found);
  import_fails(options_for({folder.write("binary", std::string("\x7F"
                                                               "ELF\x02\x01\x01\0\0\0",
                                                               10))},
                           folder / "out.cap"),
               Errc::unsupported);
  import_fails(options_for({}, folder / "out.cap"), Errc::usage);
  EXPECT_FALSE(std::filesystem::exists(folder / "out.cap"));
  // One empty day among others is no reason to stop.
  EXPECT_EQ(import_ok(options_for({folder / "AAA.csv", folder.write("AAA_2.csv", kTrades)}, folder / "out.cap")).trades, 3U);
}

TEST(ImportFiles, ACutGzipFileStopsOrIsReadAsFarAsItGoes) {
  const Folder folder;
  std::string text = "ts_ms,price,size\n";
  for (int i = 0; i < 50'000; ++i) text += std::to_string(1'600'000'000'000 + i * 37) + "," + std::to_string(i * 7919 % 1000 + 1) + ",1\n";
  folder.write_gz("whole.csv.gz", text);
  const std::string whole = folder.read("whole.csv.gz");
  ImportOptions options = options_for({folder.write("CUT.csv.gz", whole.substr(0, whole.size() / 2))}, folder / "out.cap");
  import_fails(options, Errc::truncated);
  EXPECT_FALSE(std::filesystem::exists(folder / "out.cap"));
  options.on_error = OnRowError::skip;
  const auto report = import_ok(options);
  EXPECT_GT(report.trades, 0U);
  EXPECT_LT(report.trades, 50'000U);
  EXPECT_EQ(report.rows_skipped, 1U);
  EXPECT_NE(report.messages[0].find("ends in the middle"), std::string::npos);
  EXPECT_EQ(read_back(folder / "out.cap").ticks.size(), report.trades);
}

TEST(ImportFiles, NeverTouchesAnOutputThatExistsUnlessTold) {
  const Folder folder;
  const auto source = folder.write("AAA.csv", kTrades);
  folder.write("out.cap", "precious");
  ImportOptions options = options_for({source}, folder / "out.cap");
  EXPECT_NE(import_fails(options, Errc::exists_already).find("--overwrite"), std::string::npos);
  EXPECT_EQ(folder.read("out.cap"), "precious");
  options.overwrite = true;
  options.sources = {folder.write("bad.csv", "ts_ms,price,size\n1600000000000,x,1\n")};
  import_fails(options, Errc::bad_row);
  EXPECT_EQ(folder.read("out.cap"), "precious") << "not even with leave to overwrite, when the import fails";
  options.sources = {source};
  import_ok(options);
  EXPECT_EQ(read_back(folder / "out.cap").ticks.size(), 3U);
  options.sources = {folder / "out.cap"};
  import_fails(options, Errc::usage);
  options.output = folder / "other.cap";
  EXPECT_NE(import_fails(options, Errc::unsupported).find("is a martinet capture already"), std::string::npos);
}

TEST(ImportFiles, StopsWhenAskedAndLeavesNothing) {
  const Folder folder;
  std::string text = "ts_ms,price,size\n";
  for (int i = 0; i < 40'000; ++i) text += std::to_string(1'600'000'000'000 + i) + ",1.5,1\n";
  const auto source = folder.write("AAA.csv", text);
  int calls_whole = 0;
  std::uint64_t last = 0;
  bool rising = true;
  const auto whole = import_files(options_for({source}, folder / "whole.cap"), [&](std::uint64_t done, std::uint64_t total) {
    ++calls_whole;
    rising = rising && done >= last && done <= total;
    last = done;
    return true;
  });
  ASSERT_TRUE(whole.ok());
  EXPECT_TRUE(rising);
  EXPECT_EQ(last, 2 * text.size());
  ASSERT_GT(calls_whole, 4);
  for (int stop = 1; stop < calls_whole; ++stop) {
    int calls = 0;
    const auto cut = import_files(options_for({source}, folder / "cut.cap"), [&](std::uint64_t, std::uint64_t) { return ++calls < stop; });
    ASSERT_FALSE(cut.ok()) << stop;
    EXPECT_EQ(cut.error().code, Errc::interrupted);
    EXPECT_EQ(folder.names().size(), 2U) << "neither output nor a part of it";
  }
}

TEST(ImportFiles, AppliesRulesFromDocumentsAndTheCommandLine) {
  const Folder folder;
  const auto source = folder.write("NKNUSDT.csv", "ts_ms,price,size\n1600000000000,0.35,6195\n");
  const auto document =
      folder.write("info.json",
                   "{\"symbols\":[\n "
                   "{\"symbol\":\"NKNUSDT\",\"baseAsset\":\"NKN\",\"quoteAsset\":\"USDT\",\"filters\":[{\"filterType\":\"PRICE_FILTER\","
                   "\"tickSize\":\"0.0001\"},{\"filterType\":\"LOT_SIZE\",\"minQty\":\"1\",\"maxQty\":\"9000\",\"stepSize\":\"1\"}]}]}\n");
  ImportOptions options = options_for({source}, folder / "a.cap");
  options.rules = {document};
  auto report = import_ok(options);
  EXPECT_EQ(report.instruments[0].rules_from, "exchangeInfo");
  EXPECT_EQ(report.instruments[0].instrument.price_decimals, 6);
  EXPECT_EQ(report.instruments[0].instrument.rules.tick_size.v, 100);
  EXPECT_EQ(report.files[1].kind, "rules document");
  options.output = folder / "b.cap";
  options.instruments = {"NKNUSDT:tick=0.01,lot=5"};
  EXPECT_EQ(import_ok(options).instruments[0].rules_from, "--instrument");
  options.output = folder / "c.cap";
  options.instruments = {"OTHER:tick=0.01"};
  EXPECT_NE(import_fails(options, Errc::usage).find("OTHER"), std::string::npos);
  options.instruments = {"NKNUSDT"};
  import_fails(options, Errc::usage);
  options.instruments = {};
  options.rules = {source};
  EXPECT_NE(import_fails(options, Errc::usage).find("is no rule document"), std::string::npos);
  options.rules = {};
  options.sources = {document};
  import_fails(options, Errc::empty_file);
  options.sources = {folder.write("cut.json", "{\"symbols\":[\n")};
  import_fails(options, Errc::bad_json);
}

TEST(ImportFiles, ForcesSymbolMarketKindAndColumns) {
  const Folder folder;
  ImportOptions options = options_for({folder.write("prices.csv", "when,what,n\n1600000000,1.5,2\n")}, folder / "out.cap");
  options.symbol = "ABCUSD";
  options.market = Market::spot;
  options.columns = {{"time", "when"}, {"price", "what"}, {"qty", "n"}};
  options.note = "by hand";
  import_ok(options);
  Contents got = read_back(folder / "out.cap");
  EXPECT_EQ(got.header.note, "by hand");
  EXPECT_EQ(got.header.instruments[0].symbol.view(), "ABCUSD");
  EXPECT_EQ(got.header.instruments[0].market, Market::spot);
  EXPECT_EQ(got.header.instruments[0].kind, ContractKind::spot);
  options.kind = ContractKind::cfd;
  options.overwrite = true;
  import_ok(options);
  EXPECT_EQ(read_back(folder / "out.cap").header.instruments[0].kind, ContractKind::cfd);
}

TEST(ImportFiles, HoldsNoMoreSymbolsThanTheTable) {
  const Folder folder;
  std::vector<std::filesystem::path> sources;
  for (std::size_t i = 0; i <= capacity::instruments_max; ++i) {
    sources.push_back(folder.write("SYM" + std::to_string(i) + ".csv", "ts_s,price,qty\n1600000001,1,1\n"));
  }
  EXPECT_NE(import_fails(options_for(sources, folder / "out.cap"), Errc::too_many_instruments).find("SYM256"), std::string::npos);
  sources.pop_back();
  EXPECT_EQ(import_ok(options_for(sources, folder / "out.cap")).instruments.size(), capacity::instruments_max);
}

}  // namespace martinet::import_files_test

// Header rows and rows of CSV files, without files.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "adapters/capture/csv_columns.hpp"

namespace martinet::import_csv_test {

using namespace martinet::importing;

CsvLayout layout_of(std::string_view header, const std::map<std::string, std::string>& overrides = {}) {
  auto layout = read_csv_header(header, overrides);
  EXPECT_TRUE(layout.ok()) << header << ": " << (layout.ok() ? "" : layout.error().what);
  return layout.ok() ? layout.value() : CsvLayout{};
}

ImportNumber number(std::string_view text) {
  ImportNumber out;
  EXPECT_EQ(parse_import_number(text, false, out), Errc::ok);
  return out;
}

CsvRow row_of(const CsvLayout& layout, std::string_view line, int point_decimals = 0) {
  CsvRow row;
  CsvFault fault;
  EXPECT_TRUE(parse_csv_row(line, layout, point_decimals, row, fault)) << line << ": " << fault.column << " " << fault.what;
  return row;
}

std::string fault_of(const CsvLayout& layout, std::string_view line, int point_decimals = 0) {
  CsvRow row;
  CsvFault fault;
  EXPECT_FALSE(parse_csv_row(line, layout, point_decimals, row, fault)) << line;
  return fault.column + ": " + fault.what;
}

TEST(ImportCsv, SplitsPlainAndQuotedFields) {
  std::vector<std::string_view> fields;
  std::vector<std::string> unquoted;
  using Fields = std::vector<std::string_view>;
  EXPECT_EQ(split_csv_row("a,b,c", ',', fields, unquoted), Errc::ok);
  EXPECT_EQ(fields, (Fields{"a", "b", "c"}));
  EXPECT_EQ(split_csv_row(" a , ,\"b,c\",\"say \"\"x\"\"\" ,", ',', fields, unquoted), Errc::ok);
  EXPECT_EQ(fields, (Fields{"a", "", "b,c", "say \"x\"", ""}));
  EXPECT_EQ(split_csv_row("1\t\t2", '\t', fields, unquoted), Errc::ok);
  EXPECT_EQ(fields, (Fields{"1", "", "2"}));
  EXPECT_EQ(split_csv_row("", ',', fields, unquoted), Errc::ok);
  EXPECT_EQ(fields, (Fields{""}));
  EXPECT_EQ(split_csv_row("\"a", ',', fields, unquoted), Errc::bad_row);
  EXPECT_EQ(split_csv_row("\"a\"b,c", ',', fields, unquoted), Errc::bad_row);
}

TEST(ImportCsv, FindsTheKindFromTheHeader) {
  EXPECT_EQ(layout_of("ts_ms,price,size,is_buyer_maker").kind, CsvKind::trades);
  EXPECT_EQ(layout_of("ts_s,price,qty,side").kind, CsvKind::trades);
  EXPECT_EQ(layout_of("Time;Price;Volume").kind, CsvKind::trades);
  EXPECT_EQ(layout_of("ts_ms,open,high,low,close,volume").kind, CsvKind::bars);
  EXPECT_EQ(layout_of("Date\tOpen\tHigh\tLow\tClose").kind, CsvKind::bars);
  EXPECT_EQ(layout_of("\"Open time\",Open,High,Low,Close,Volume").kind, CsvKind::bars);
  EXPECT_EQ(layout_of("ts_us,bid,ask").kind, CsvKind::quotes);
  EXPECT_EQ(layout_of("ts_ms,bid,bid_size,ask,ask_size").kind, CsvKind::quotes);
  EXPECT_EQ(layout_of("ts_ms,bid_open,bid_high,bid_low,bid_close,ask_open,ask_high,ask_low,ask_close").kind, CsvKind::quote_bars);
  EXPECT_TRUE(layout_of("ts_ms,open_points,high_points,low_points,close_points,tick_volume").points);
  EXPECT_TRUE(layout_of("ts_ms,open_points,high_points,low_points,close_points,tick_volume").counts);
  EXPECT_FALSE(layout_of("ts_ms,open,high,low,close,volume").points);
  EXPECT_FALSE(layout_of("ts_ms,open,high,low,close,volume").counts);
}

TEST(ImportCsv, TakesTheUnitOfTimeFromTheNameElseFromTheSize) {
  EXPECT_EQ(row_of(layout_of("ts_s,bid,ask"), "1600000000,1,2").ts_ns, 1'600'000'000'000'000'000);
  EXPECT_EQ(row_of(layout_of("ts_ms,bid,ask"), "1600000000001,1,2").ts_ns, 1'600'000'000'001'000'000);
  EXPECT_EQ(row_of(layout_of("ts_us,bid,ask"), "1600000000000001,1,2").ts_ns, 1'600'000'000'000'001'000);
  EXPECT_EQ(row_of(layout_of("ts_ns,bid,ask"), "1600000000000000001,1,2").ts_ns, 1'600'000'000'000'000'001);
  const CsvLayout any = layout_of("timestamp,bid,ask");
  EXPECT_EQ(row_of(any, "1600000000,1,2").ts_ns, 1'600'000'000'000'000'000);
  EXPECT_EQ(row_of(any, "1600000000.25,1,2").ts_ns, 1'600'000'000'250'000'000);
  EXPECT_EQ(row_of(any, "1600000000001,1,2").ts_ns, 1'600'000'000'001'000'000);
  EXPECT_EQ(row_of(any, "1600000000001.5,1,2").ts_ns, 1'600'000'000'001'500'000);
  EXPECT_EQ(row_of(any, "1600000000000001,1,2").ts_ns, 1'600'000'000'000'001'000);
  EXPECT_EQ(row_of(any, "1600000000000000001,1,2").ts_ns, 1'600'000'000'000'000'001);
  // 1 600 000 000 s is 2020-09-13 12:26:40 UTC.
  EXPECT_EQ(row_of(any, "2020-09-13 12:26:40,1,2").ts_ns, 1'600'000'000'000'000'000);
  EXPECT_EQ(row_of(any, "2020-09-13T12:26:40.000001Z,1,2").ts_ns, 1'600'000'000'000'001'000);
  EXPECT_EQ(row_of(any, "2020-09-13 12:26,1,2").ts_ns, 1'599'999'960'000'000'000);
  EXPECT_EQ(row_of(any, "2020-09-13,1,2").ts_ns, 1'599'955'200'000'000'000);
}

TEST(ImportCsv, RefusesTimesThatAreNone) {
  const CsvLayout layout = layout_of("timestamp,bid,ask");
  for (const char* time :
       {"", "abc", "0", "-5", "2020-13-01", "2020-02-30", "2020-02-03 24:00", "2020-02-03 12:60", "2020-02-03 12:00:60", "2020-02-03x",
        "2020-02-03 12:0", "1960-01-01", "2201-01-01", "99999999999999999999999", "9000000000000000000", "1600000000x"}) {
    const std::string fault = fault_of(layout, std::string(time) + ",1,2");
    EXPECT_NE(fault.find("'timestamp': '"), std::string::npos) << fault;
    EXPECT_NE(fault.find("is not a time"), std::string::npos) << fault;
  }
}

TEST(ImportCsv, LetsOverridesNameColumnsAndKind) {
  const CsvLayout layout = layout_of("when,a,b,c,d,close", {{"time", "when"}, {"bid", "a"}, {"ask", "b"}});
  EXPECT_EQ(layout.kind, CsvKind::quotes);
  EXPECT_TRUE(row_of(layout, "1600000000,1,2,x,y,z").ask == number("2"));
  // A bar file read as a file of trades.
  const CsvLayout trades = layout_of("ts_ms,open,high,low,close,volume", {{"price", "close"}});
  EXPECT_EQ(trades.kind, CsvKind::trades);
  const CsvRow row = row_of(trades, "1600000000000,1,4,0.5,2,10");
  EXPECT_TRUE(row.price == number("2"));
  EXPECT_TRUE(row.qty == number("10"));
}

TEST(ImportCsv, SaysWhatIsWrongWithAHeaderOrAnOverride) {
  const auto fails = [](std::string_view header, const std::map<std::string, std::string>& overrides, Errc code, std::string_view part) {
    const auto layout = read_csv_header(header, overrides);
    ASSERT_FALSE(layout.ok()) << header;
    EXPECT_EQ(layout.error().code, code);
    EXPECT_NE(layout.error().what.find(part), std::string::npos) << layout.error().what;
  };
  fails("ts_ms,funding_rate", {}, Errc::bad_header, "ts_ms, funding_rate");
  fails("price,size", {}, Errc::bad_header, "does not name the columns");
  fails("1600000000000,1.5,2", {}, Errc::bad_header, "does not name the columns");
  fails("ts_ms,open,high,low", {}, Errc::bad_header, "does not name the columns");
  fails("\"ts_ms,price,size", {}, Errc::bad_header, "quote");
  fails("ts_ms,price,size", {{"colour", "price"}}, Errc::usage, "meanings are time, price");
  fails("ts_ms,price,size", {{"price", "close"}}, Errc::usage, "there is no column 'close'");
}

TEST(ImportCsv, ReadsTradesWithTheTakersSide) {
  const CsvLayout maker = layout_of("ts_ms,price,size,is_buyer_maker");
  EXPECT_EQ(row_of(maker, "1600000000000,1,2,1").side, Side::sell) << "the buyer was the maker: the seller took";
  EXPECT_EQ(row_of(maker, "1600000000000,1,2,0").side, Side::buy);
  EXPECT_EQ(row_of(maker, "1600000000000,1,2,True").side, Side::sell);
  const CsvLayout side = layout_of("ts_ms,price,size,side,trade_id");
  EXPECT_EQ(row_of(side, "1600000000000,1,2,BUY,7").side, Side::buy);
  EXPECT_EQ(row_of(side, "1600000000000,1,2,sell,7").side, Side::sell);
  EXPECT_EQ(row_of(side, "1600000000000,1,2,ANY,7").side, Side::none);
  EXPECT_EQ(row_of(side, "1600000000000,1,2,,7").id, 7U);
}

TEST(ImportCsv, RoundsQuantitiesThatCarryBinaryNoiseAndCountsThem) {
  const CsvLayout layout = layout_of("ts_ms,price,size");
  const CsvRow row = row_of(layout, "1600000000000,1,6.1153319800000006");
  EXPECT_TRUE(row.qty == number("6.11533198"));
  EXPECT_EQ(row.rounded, 1U);
  EXPECT_EQ(row_of(layout, "1600000000000,1,0.0000000001").rounded, 0U) << "ten decimals are exact";
  EXPECT_TRUE(row_of(layout, "1600000000000,1.123456789012,1").price == number("1.123456789012")) << "prices are never rounded";
}

TEST(ImportCsv, NamesTheColumnOfEveryFault) {
  const CsvLayout trades = layout_of("ts_ms,price,size,side,trade_id");
  EXPECT_EQ(fault_of(trades, "x,1,2,buy,3"), "'ts_ms': 'x' is not a time between 1970 and 2200");
  EXPECT_EQ(fault_of(trades, "1600000000000,abc,2,buy,3"), "'price': 'abc' is not a plain decimal");
  EXPECT_EQ(fault_of(trades, "1600000000000,,2,buy,3"), "'price': '' is not a plain decimal");
  EXPECT_EQ(fault_of(trades, "1600000000000,-1,2,buy,3"), "'price': '-1' is not above zero");
  EXPECT_EQ(fault_of(trades, "1600000000000,0,2,buy,3"), "'price': '0' is not above zero");
  EXPECT_EQ(fault_of(trades, "1600000000000,1e30,2,buy,3"), "'price': '1e30' is too large");
  EXPECT_EQ(fault_of(trades, "1600000000000,1.0000000000000000001,2,buy,3"), "'price': '1.0000000000000000001' has more than 18 decimals");
  EXPECT_EQ(fault_of(trades, "1600000000000,1,-2,buy,3"), "'size': '-2' is negative");
  EXPECT_EQ(fault_of(trades, "1600000000000,1,0,buy,3"), "'size': '0' is not above zero");
  EXPECT_EQ(fault_of(trades, "1600000000000,1,2,up,3"), "'side': 'up' is neither buy, sell nor any");
  EXPECT_EQ(fault_of(trades, "1600000000000,1,2,buy,x"), "'trade_id': 'x' is not a whole number");
  EXPECT_EQ(fault_of(trades, "1600000000000,1,2,buy"), ": the row has 4 fields, the header 5");
  EXPECT_EQ(fault_of(trades, "1600000000000,1,2,buy,3,4"), ": the row has 6 fields, the header 5");
  EXPECT_EQ(fault_of(trades, "1600000000000,1,2,\"buy,3"), ": a quote is not closed, or text follows a closing one");
  EXPECT_EQ(fault_of(layout_of("ts_ms,price,size,is_buyer_maker"), "1600000000000,1,2,2"),
            "'is_buyer_maker': '2' is neither 1, 0, true nor false");

  const CsvLayout bars = layout_of("ts_ms,open,high,low,close,volume");
  EXPECT_EQ(fault_of(bars, "1600000000000,a,2,1,2,5"), "'open': 'a' is not a plain decimal");
  EXPECT_EQ(fault_of(bars, "1600000000000,1,b,1,2,5"), "'high': 'b' is not a plain decimal");
  EXPECT_EQ(fault_of(bars, "1600000000000,1,2,c,2,5"), "'low': 'c' is not a plain decimal");
  EXPECT_EQ(fault_of(bars, "1600000000000,1,2,1,d,5"), "'close': 'd' is not a plain decimal");
  EXPECT_EQ(fault_of(bars, "1600000000000,1,2,1,2,e"), "'volume': 'e' is not a plain decimal");
  EXPECT_EQ(fault_of(bars, "1600000000000,1,2,1,2,-5"), "'volume': '-5' is negative");
  EXPECT_EQ(fault_of(bars, "1600000000000,1.5,1,2,1.5,5"), "'high': '1' is below the low, '2'");
  EXPECT_EQ(fault_of(bars, "1600000000000,3,2,1,2,5"), "'high': '2' is below the open or the close");
  EXPECT_EQ(fault_of(bars, "1600000000000,2,3,1.5,1,5"), "'low': '1.5' is above the open or the close");
  row_of(bars, "1600000000000,1,1,1,1,0");

  const CsvLayout quotes = layout_of("ts_ms,bid,bid_size,ask,ask_size");
  EXPECT_EQ(fault_of(quotes, "1600000000000,x,1,2,1"), "'bid': 'x' is not a plain decimal");
  EXPECT_EQ(fault_of(quotes, "1600000000000,1,x,2,1"), "'bid_size': 'x' is not a plain decimal");
  EXPECT_EQ(fault_of(quotes, "1600000000000,1,1,0,1"), "'ask': '0' is not above zero");
  EXPECT_EQ(fault_of(quotes, "1600000000000,1,1,2,-1"), "'ask_size': '-1' is negative");
  row_of(quotes, "1600000000000,2,1,1,1");  // crossed: the feed counts it

  const CsvLayout quote_bars = layout_of("ts_ms,bid_open,bid_high,bid_low,bid_close,ask_close");
  EXPECT_EQ(fault_of(quote_bars, "1600000000000,1,1,2,1,3"), "'bid_high': '1' is below the low, '2'");
  EXPECT_EQ(fault_of(quote_bars, "1600000000000,1,1,1,1,x"), "'ask_close': 'x' is not a plain decimal");
}

TEST(ImportCsv, TurnsPointsIntoPrices) {
  const CsvLayout layout = layout_of("ts_ms,open_points,high_points,low_points,close_points,tick_volume");
  const CsvRow row = row_of(layout, "1600000000000,130584,131073,130453,130935,55870", 5);
  EXPECT_TRUE(row.open == number("1.30584"));
  EXPECT_TRUE(row.high == number("1.31073"));
  EXPECT_TRUE(row.volume == number("55870"));
  EXPECT_EQ(fault_of(layout, "1600000000000,130584.5,131073,130453,130935,1", 5),
            "'open_points': '130584.5' is not a whole number of points");
}

TEST(ImportCsv, TakesTheSymbolFromTheFileName) {
  EXPECT_EQ(symbol_of_file_name("BTCUSDT_1m.csv.gz"), "BTCUSDT");
  EXPECT_EQ(symbol_of_file_name("binance_BTCUSDT_trades_2020-11-16.csv.gz"), "BTCUSDT");
  EXPECT_EQ(symbol_of_file_name("XAUUSD_H1.csv"), "XAUUSD");
  EXPECT_EQ(symbol_of_file_name("1000PEPEUSDT.csv"), "1000PEPEUSDT");
  EXPECT_EQ(symbol_of_file_name("eurusd_2014.csv"), "eurusd");
  EXPECT_EQ(symbol_of_file_name("prices"), "prices");
}

}  // namespace martinet::import_csv_test

// The recorded files, imported whole and compared with the independent replay of expected.json: counts of messages and rows, sums of
// quantities, extremes of prices, exactly. The twin on synthetic files is import_files_test and import_dump_test.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "adapters/capture/import_json.hpp"
#include "adapters/capture/import_number.hpp"
#include "adapters/capture/text_source.hpp"
#include "engine/base/decimal.hpp"
#include "engine/base/time.hpp"
#include "tests/adapters/capture/import_test_support.hpp"
#include "tests/support/data_folder.hpp"

namespace martinet::import_data_test {

using namespace import_test;
using importing::json_member;
using importing::json_scalar;

/// expected.json, by file.
class Expected {
 public:
  explicit Expected(const std::filesystem::path& folder) {
    std::ifstream file(folder / "expected.json", std::ios::binary);
    text_.assign(std::istreambuf_iterator<char>(file), {});
    const Errc read =
        importing::json_members(text_, [this](std::string_view name, std::string_view entry) { entries_[std::string(name)] = entry; });
    EXPECT_EQ(read, Errc::ok);
    EXPECT_GE(entries_.size(), 60U);
  }
  [[nodiscard]] std::string_view of(const std::string& file) const {
    const auto found = entries_.find(file);
    EXPECT_NE(found, entries_.end()) << file;
    return found == entries_.end() ? std::string_view() : found->second;
  }
  [[nodiscard]] const std::map<std::string, std::string_view>& entries() const { return entries_; }

 private:
  std::string text_;
  std::map<std::string, std::string_view> entries_;
};

std::int64_t integer(std::string_view value) {
  std::int64_t out = -1;
  EXPECT_EQ(parse_decimal(value, 0, out), Errc::ok) << value;
  return out;
}

std::string text_of(std::string_view object, std::string_view key) { return std::string(json_scalar(json_member(object, key))); }

// "depth@100ms", "rest_snapshot"; Bitget "books/update", "ticker/ack".
std::string channel_of(std::string_view frame, StreamKind kind) {
  if (kind == StreamKind::rest_depth) return "rest_snapshot";
  if (const std::string stream = text_of(frame, "stream"); !stream.empty()) return stream.substr(stream.find('@') + 1);
  const std::string action = text_of(frame, "action");
  return text_of(json_member(frame, "arg"), "channel") + "/" + (action.empty() ? "ack" : action);
}

__int128 exact(std::string_view text) {
  importing::ImportNumber number;
  EXPECT_EQ(importing::parse_import_number(text, false, number), Errc::ok) << text;
  return number.units;
}

__int128 exact(std::int64_t value, int decimals) { return static_cast<__int128>(value) * pow10_i64(18 - decimals); }

void check_messages(std::string_view expected, const Contents& got, const std::string& file) {
  std::map<std::string, std::int64_t> counts;
  for (const Contents::Frame& frame : got.frames) ++counts[channel_of(frame.text, got.header.streams[frame.stream].kind)];
  std::map<std::string, std::int64_t> wanted;
  EXPECT_EQ(importing::json_members(json_member(expected, "messages"),
                                    [&](std::string_view name, std::string_view count) { wanted[std::string(name)] = integer(count); }),
            Errc::ok);
  EXPECT_EQ(counts, wanted) << file;
}

// Trades of the Binance files: count, sum of quantities, first and last id, by symbol, from the frames as they lie in the capture.
void check_trades(std::string_view expected, const Contents& got, const std::string& file) {
  const std::string_view trades = json_member(expected, "trades");
  if (trades.empty()) return;
  std::map<std::string, __int128> sums;
  std::map<std::string, std::int64_t> counts;
  for (const Contents::Frame& frame : got.frames) {
    const std::string_view data = json_member(frame.text, "data");
    if (const std::string event = text_of(data, "e"); event != "trade" && event != "aggTrade") continue;
    const std::string symbol = text_of(data, "s");
    sums[symbol] += exact(text_of(data, "q"));
    ++counts[symbol];
  }
  std::size_t symbols = 0;
  EXPECT_EQ(importing::json_members(trades,
                                    [&](std::string_view symbol, std::string_view entry) {
                                      ++symbols;
                                      EXPECT_EQ(counts[std::string(symbol)], integer(json_member(entry, "n"))) << file;
                                      EXPECT_TRUE(sums[std::string(symbol)] == exact(text_of(entry, "qty"))) << file;
                                    }),
            Errc::ok);
  EXPECT_EQ(symbols, counts.size()) << file;
}

// Every line of the dump, in order, with its own stamp and its own bytes.
void check_bytes(const std::filesystem::path& path, const Contents& got) {
  auto source = TextSource::open(path);
  ASSERT_TRUE(source.ok());
  std::size_t i = 0;
  for (std::string_view line; source->next(line); ++i) {
    ASSERT_LT(i, got.frames.size());
    ASSERT_EQ(line, std::to_string(got.frames[i].ts_ns) + " " + got.frames[i].text) << path << " line " << i + 1;
  }
  EXPECT_EQ(i, got.frames.size());
}

// No number of a frame may be finer than the grid of its symbol: here for the books, which have the finest.
void check_grids(const Contents& got) {
  for (const Instrument& instrument : got.header.instruments) {
    EXPECT_GE(instrument.price_decimals, 2) << instrument.symbol.view();
    EXPECT_GT(instrument.rules.tick_size.v, 0);
    EXPECT_EQ(instrument.rules.tick_size.v % 100, 0) << "two spare decimals";
    EXPECT_EQ(instrument.rules.lot_size.v % 100, 0) << "two spare decimals";
  }
}

TEST(ImportData, WebSocketDumpsKeepEveryMessage) {
  MT_NEED_DATA(data);
  const Expected expected(data);
  const Folder folder;
  struct Case {
    const char* file;
    Venue venue;
    Market market;
    std::vector<std::string> symbols;
  };
  const std::vector<Case> cases = {
      {"ws/binance_2024/cm_btcusd_perp_20240808.txt.gz", Venue::binance, Market::coinm, {"BTCUSD_PERP"}},
      {"ws/binance_2024/spot_btcusdt_20240808.txt.gz", Venue::binance, Market::spot, {"BTCUSDT"}},
      {"ws/binance_2024/spot_ethusdt_20240808.txt.gz", Venue::binance, Market::spot, {"ETHUSDT"}},
      {"ws/binance_2024/usdm_btcusdt_20240808.txt.gz", Venue::binance, Market::usdm, {"BTCUSDT"}},
      {"ws/binance_2021/spot.txt.gz", Venue::binance, Market::spot, {"BLZETH", "LRCBTC", "NKNUSDT", "RUNEEUR"}},
      {"ws/binance_2021/usdm.txt.gz", Venue::binance, Market::usdm, {"AKROUSDT", "CTKUSDT", "KEEPUSDT", "SUSHIUSDT"}},
      {"ws/bitget_v2_converted_2022/mix.txt.gz", Venue::bitget, Market::usdt_futures, {"DASHUSDT"}},
      {"ws/bitget_v2_converted_2022/spot.txt.gz", Venue::bitget, Market::spot, {"AVAXUSDT", "EOSUSDT", "GOGUSDT", "VVSUSDT"}},
  };
  std::size_t files = 0;
  for (const auto& [name, entry] : expected.entries()) {
    if (name.starts_with("ws/") && name.find("bitget_v1") == std::string::npos) ++files;
  }
  EXPECT_EQ(files, cases.size()) << "every dump of the folder is imported here";
  for (const Case& c : cases) {
    const auto report = import_ok(options_for({data / c.file}, folder / "out.cap"));
    const std::string_view entry = expected.of(c.file);
    EXPECT_EQ(static_cast<std::int64_t>(report.raw_frames), integer(json_member(entry, "lines"))) << c.file;
    EXPECT_EQ(report.rows_skipped, 0U);
    ASSERT_EQ(report.instruments.size(), c.symbols.size()) << c.file;
    for (std::size_t i = 0; i < c.symbols.size(); ++i) {
      EXPECT_EQ(report.instruments[i].instrument.symbol.view(), c.symbols[i]);
      EXPECT_EQ(report.instruments[i].instrument.venue, c.venue) << c.file;
      EXPECT_EQ(report.instruments[i].instrument.market, c.market) << c.file;
    }
    const Contents got = read_back(folder / "out.cap");
    check_messages(entry, got, c.file);
    check_trades(entry, got, c.file);
    check_bytes(data / c.file, got);
    check_grids(got);
    std::filesystem::remove(folder / "out.cap");
  }
}

TEST(ImportData, AnswersInLineLieWhereTheDumpHasThem) {
  MT_NEED_DATA(data);
  const Expected expected(data);
  const Folder folder;
  for (const char* file : {"ws/binance_2024/cm_btcusd_perp_20240808.txt.gz", "ws/binance_2024/spot_ethusdt_20240808.txt.gz"}) {
    import_ok(options_for({data / file}, folder / "out.cap"));
    const Contents got = read_back(folder / "out.cap");
    const auto at = static_cast<std::size_t>(integer(json_member(expected.of(file), "snapshot_line")));
    for (std::size_t i = 0; i < got.frames.size(); ++i) {
      ASSERT_EQ(got.header.streams[got.frames[i].stream].kind == StreamKind::rest_depth, i + 1 == at) << file << " line " << i + 1;
    }
    EXPECT_EQ(got.header.streams[got.frames[at - 1].stream].default_instrument, 0);
    std::filesystem::remove(folder / "out.cap");
  }
}

TEST(ImportData, CapturesOf2021TakeRulesAndSnapshotsFromTheirAnswers) {
  MT_NEED_DATA(data);
  const Folder folder;
  for (const std::string market : {"spot", "usdm"}) {
    const auto at = [&](const std::string& rest) { return data / "ws/binance_2021" / (market + rest); };
    const auto report =
        import_ok(options_for({at(".txt.gz"), at("_depth.jsonl.gz"), at("_exchangeInfo.jsonl.gz")}, folder / (market + ".cap")));
    EXPECT_EQ(report.rest_frames, 4U);
    ASSERT_EQ(report.instruments.size(), 4U);
    for (const ImportedInstrument& row : report.instruments) {
      EXPECT_EQ(row.rules_from, "exchangeInfo") << row.instrument.symbol.view();
      EXPECT_EQ(row.instrument.rules_assumed, 0);
    }
    const Contents got = read_back(folder / (market + ".cap"));
    std::set<InstrumentId> with_snapshot;
    std::int64_t last = 0;
    for (const Contents::Frame& frame : got.frames) {
      ASSERT_GE(frame.ts_ns, last);
      last = frame.ts_ns;
      const StreamInfo& stream = got.header.streams[frame.stream];
      if (stream.kind != StreamKind::rest_depth) continue;
      with_snapshot.insert(stream.default_instrument);
      EXPECT_TRUE(frame.text.starts_with("{\"lastUpdateId\":")) << frame.text.substr(0, 40);
    }
    EXPECT_EQ(with_snapshot.size(), 4U);
  }
  const Contents spot = read_back(folder / "spot.cap");
  const InstrumentId nkn = spot.header.instruments.find(Venue::binance, Market::spot, "NKNUSDT");
  ASSERT_NE(nkn, kNoInstrument);
  const Instrument& instrument = spot.header.instruments[nkn];
  EXPECT_EQ(to_text(instrument.rules.tick_size.v, instrument.price_decimals), "0.0001");
  EXPECT_EQ(to_text(instrument.rules.lot_size.v, instrument.qty_decimals), "1");
  EXPECT_EQ(instrument.rules.notional_min.v, 10 * kMoneyUnit);
}

TEST(ImportData, BitgetTakesRulesFromTheContractsOfItsDay) {
  MT_NEED_DATA(data);
  const Folder folder;
  const auto v2 = data / "ws/bitget_v2_converted_2022";
  ImportOptions options = options_for({v2 / "mix.txt.gz", v2 / "spot.txt.gz"}, folder / "out.cap");
  options.rules = {data / "ws/bitget_v1_2022/products_contracts.jsonl.gz"};
  const auto report = import_ok(options);
  EXPECT_EQ(report.raw_frames, 583U);
  ASSERT_EQ(report.instruments.size(), 5U);
  for (const ImportedInstrument& row : report.instruments) EXPECT_EQ(row.rules_from, "contracts") << row.instrument.symbol.view();
  EXPECT_EQ(read_back(folder / "out.cap").header.streams.size(), 2U);
}

TEST(ImportData, BitgetV1IsRefusedByName) {
  MT_NEED_DATA(data);
  const Folder folder;
  for (const char* file : {"mix.txt.gz", "spot.txt.gz"}) {
    const std::string sentence = import_fails(options_for({data / "ws/bitget_v1_2022" / file}, folder / "out.cap"), Errc::old_protocol);
    EXPECT_NE(sentence.find("Bitget v1 frames"), std::string::npos) << sentence;
  }
  EXPECT_TRUE(folder.names().empty());
}

TEST(ImportData, AllOf2024MergesIntoOneCaptureInReceiveOrder) {
  MT_NEED_DATA(data);
  const Folder folder;
  std::vector<std::filesystem::path> sources;
  for (const auto& entry : std::filesystem::directory_iterator(data / "ws/binance_2024")) sources.push_back(entry.path());
  std::sort(sources.begin(), sources.end());
  const auto report = import_ok(options_for(sources, folder / "out.cap"));
  EXPECT_EQ(report.raw_frames, 217'091U);
  EXPECT_EQ(report.rest_frames, 4U);
  EXPECT_EQ(report.instruments.size(), 4U);
  const Contents got = read_back(folder / "out.cap");
  EXPECT_TRUE(std::is_sorted(got.frames.begin(), got.frames.end(), [](const auto& a, const auto& b) { return a.ts_ns < b.ts_ns; }));
  EXPECT_EQ(got.frames.size(), 217'091U);
}

// A bar file against its entry: rows, first and last time, step, volume, extremes, empty bars.
void check_bars(std::string_view entry, const Contents& got, const std::string& file) {
  ASSERT_EQ(static_cast<std::int64_t>(got.candles.size()), integer(json_member(entry, "rows"))) << file;
  const Instrument& instrument = got.header.instruments[0];
  EXPECT_EQ(got.candles.front().ts_open_ns, integer(json_member(entry, "first_ts_ms")) * kNanosPerMilli) << file;
  EXPECT_EQ(got.candles.back().ts_open_ns, integer(json_member(entry, "last_ts_ms")) * kNanosPerMilli) << file;
  __int128 volume = 0;
  std::int64_t high = 0;
  std::int64_t low = std::numeric_limits<std::int64_t>::max();
  std::int64_t empty = 0;
  for (const Candle& candle : got.candles) {
    volume += exact(candle.volume.v, instrument.qty_decimals);
    high = std::max(high, candle.high.v);
    low = std::min(low, candle.low.v);
    empty += candle.volume.v == 0 ? 1 : 0;
  }
  if (json_member(entry, "volume_sum").empty()) return;
  EXPECT_TRUE(volume == exact(text_of(entry, "volume_sum"))) << file;
  EXPECT_TRUE(exact(high, instrument.price_decimals) == exact(text_of(entry, "max_high"))) << file;
  EXPECT_TRUE(exact(low, instrument.price_decimals) == exact(text_of(entry, "min_low"))) << file;
  EXPECT_EQ(empty, integer(json_member(entry, "zero_volume"))) << file;
}

TEST(ImportData, BarFilesKeepEveryRowAndSum) {
  MT_NEED_DATA(data);
  const Expected expected(data);
  const Folder folder;
  int files = 0;
  for (const auto& [name, entry] : expected.entries()) {
    if (!name.starts_with("bars/") && !name.starts_with("mt5/rates")) continue;
    ImportOptions options = options_for({data / name}, folder / "out.cap");
    options.overwrite = true;
    if (name.find("_funding_") != std::string::npos) {
      import_fails(options, Errc::bad_header);
      continue;
    }
    // Bars of seconds in which something traded: no step is common, the length must be said.
    if (name.find("_1s_") != std::string::npos) {
      import_fails(options, Errc::config_missing);
      options.timeframe_ns = kNanosPerSecond;
    }
    const auto report = import_ok(options);
    ++files;
    EXPECT_EQ(report.rows_skipped, 0U) << name;
    const Contents got = read_back(folder / "out.cap");
    ASSERT_FALSE(got.candles.empty()) << name;
    check_bars(entry, got, name);
    if (options.timeframe_ns == 0) {
      const std::string_view step = json_member(entry, "step_ms");
      EXPECT_EQ(got.candles[0].interval_ns, integer(step) * kNanosPerMilli) << name;
    }
    const bool quote_bars = text_of(entry, "header").find("bid_open") != std::string::npos;
    EXPECT_EQ(got.ticks.size(), quote_bars ? got.candles.size() : 0U) << name;
    EXPECT_EQ(report.quantities_rounded > 0, name.find("coinbase") != std::string::npos && quote_bars) << name;
  }
  EXPECT_EQ(files, 33);
}

TEST(ImportData, TradeFilesKeepEveryRow) {
  MT_NEED_DATA(data);
  const Expected expected(data);
  const Folder folder;
  const std::string gemini = "trades/gemini_ETHUSD_trades_2021-07-01.csv.gz";
  import_ok(options_for({data / gemini}, folder / "g.cap"));
  Contents got = read_back(folder / "g.cap");
  ASSERT_EQ(static_cast<std::int64_t>(got.ticks.size()), integer(json_member(expected.of(gemini), "rows")));
  const Instrument& instrument = got.header.instruments[0];
  EXPECT_EQ(instrument.symbol.view(), "ETHUSD");
  const Tick& last = got.ticks.back();
  EXPECT_EQ(text_of(expected.of(gemini), "last"),
            std::to_string(last.ts_receive_ns / kNanosPerMilli) + "," + to_text(last.price().v, instrument.price_decimals) + "," +
                to_text(last.qty().v, instrument.qty_decimals) + "," + (last.side == Side::sell ? "1" : "0"));
  const std::string binance = "trades/binance_BTCUSDT_trades_2020-11-16.csv.gz";
  import_ok(options_for({data / binance}, folder / "b.cap"));
  got = read_back(folder / "b.cap");
  ASSERT_EQ(static_cast<std::int64_t>(got.ticks.size()), integer(json_member(expected.of(binance), "rows")));
  EXPECT_TRUE(
      std::all_of(got.ticks.begin(), got.ticks.end(), [](const Tick& tick) { return tick.side == Side::none && tick.qty().v > 0; }));
  const std::string bbo = "trades/gemini_ETHUSD_bbo_1s_2021-07-01.csv.gz";
  EXPECT_EQ(static_cast<std::int64_t>(import_ok(options_for({data / bbo}, folder / "q.cap")).quotes),
            integer(json_member(expected.of(bbo), "rows")));
  EXPECT_EQ(read_back(folder / "q.cap").ticks[0].flags, 0U);
}

// Counted over the whole file: rows, crossed and locked quotes, equal stamps, widest spread.
void check_quotes(std::string_view entry, const Contents& got, const std::string& file) {
  ASSERT_EQ(static_cast<std::int64_t>(got.ticks.size()), integer(json_member(entry, "rows"))) << file;
  std::int64_t crossed = 0;
  std::int64_t locked = 0;
  std::int64_t same = 0;
  std::int64_t widest = 0;
  std::int64_t last = 0;
  for (const Tick& tick : got.ticks) {
    crossed += tick.bid_price > tick.ask_price ? 1 : 0;
    locked += tick.bid_price == tick.ask_price ? 1 : 0;
    same += tick.ts_receive_ns == last ? 1 : 0;
    widest = std::max(widest, (tick.ask_price - tick.bid_price).v);
    last = tick.ts_receive_ns;
    ASSERT_EQ(tick.flags, tick_flag::market_unknown_size);
  }
  EXPECT_EQ(crossed, integer(json_member(entry, "crossed"))) << file;
  EXPECT_EQ(locked, integer(json_member(entry, "locked"))) << file;
  EXPECT_EQ(same, integer(json_member(entry, "same_timestamp"))) << file;
  EXPECT_TRUE(exact(widest, got.header.instruments[0].price_decimals) == exact(text_of(entry, "max_spread"))) << file;
}

TEST(ImportData, QuoteFilesKeepEveryQuoteTheCrossedOnesToo) {
  MT_NEED_DATA(data);
  const Expected expected(data);
  const Folder folder;
  for (const std::string file : {"ticks/EURUSD_fxcm_20140508.csv.gz", "ticks/EURUSD_oanda_20140501.csv.gz",
                                 "ticks/EURUSD_oanda_20140511.csv.gz", "ticks/XAUUSD_oanda_20140505.csv.gz"}) {
    ImportOptions options = options_for({data / file}, folder / "out.cap");
    options.overwrite = true;
    import_ok(options);
    check_quotes(expected.of(file), read_back(folder / "out.cap"), file);
  }
}

TEST(ImportData, FilesThatAreNoMarketDataAreRefusedWithASentence) {
  MT_NEED_DATA(data);
  const Folder folder;
  import_fails(options_for({data / "expected.json"}, folder / "out.cap"), Errc::unsupported);
  import_fails(options_for({data / "MANIFEST.tsv"}, folder / "out.cap"), Errc::bad_header);
  import_fails(options_for({data / "ws/samples/binance_spot.jsonl"}, folder / "out.cap"), Errc::bad_json);
  import_fails(options_for({data / "ws/binance_2021/spot.control.txt"}, folder / "out.cap"), Errc::bad_header);
  import_fails(options_for({data / "ws"}, folder / "out.cap"), Errc::io_failed);
  EXPECT_TRUE(folder.names().empty());
}

}  // namespace martinet::import_data_test

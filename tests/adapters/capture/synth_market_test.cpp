// The synthetic market obeys the rules of a real one. Method: an independent reader of the frames (string searches and a map of
// original number texts, no decoder of ours) rebuilds books and bars and compares.
#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <set>

#include "adapters/capture/synth.hpp"
#include "engine/base/crc.hpp"
#include "engine/base/decimal.hpp"
#include "tests/adapters/capture/capture_test_support.hpp"

namespace martinet::capture_test::synth_market {

// The text after `key` up to the next quote, comma or brace; quotes around it are dropped.
std::string_view value_of(std::string_view json, std::string_view key) {
  const std::string name = "\"" + std::string(key) + "\":";
  std::size_t at = json.find(name);
  if (at == std::string_view::npos) return {};
  at += name.size();
  if (json[at] == '"') ++at;
  return json.substr(at, json.find_first_of("\",}", at) - at);
}

std::int64_t integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  EXPECT_TRUE(error == std::errc{} && end == text.data() + text.size()) << text;
  return value;
}

// Every [..] row of strings after `key`: {{"1","2"},..}
std::vector<std::vector<std::string>> rows_of(std::string_view json, std::string_view key) {
  std::vector<std::vector<std::string>> rows;
  std::size_t at = json.find("\"" + std::string(key) + "\":[");
  if (at == std::string_view::npos) return rows;
  at = json.find('[', at) + 1;
  while (json[at] == '[' || json[at] == ',') {
    at = json.find('[', at);
    std::vector<std::string>& row = rows.emplace_back();
    while (json[at] != ']') {
      const std::size_t open = json.find('"', at) + 1;
      const std::size_t close = json.find('"', open);
      row.emplace_back(json.substr(open, close - open));
      at = close + 1;
    }
    ++at;
  }
  return rows;
}

struct Bar {
  std::int64_t open = 0, high = 0, low = 0, close = 0, volume = 0;
  void trade(std::int64_t price, std::int64_t qty) {
    if (volume == 0) open = high = low = price;
    high = std::max(high, price);
    low = std::min(low, price);
    close = price;
    volume += qty;
  }
  bool operator==(const Bar&) const = default;
};

// One symbol as its frames tell it. Prices in units of the instrument's grid.
class Symbol {
 public:
  explicit Symbol(const Instrument& row) : row_(row) {}

  void frame(std::string_view text) {
    const std::string_view channel = value_of(text, "channel");
    if (channel == "books") books(text);
    if (channel == "trade") trade(text);
    if (channel == "ticker") ticker(text);
    if (channel == "candle1m") candle(text);
    ++counts[std::string(channel)];
  }
  // The last row that the candle channel gave for each minute that ended equals the bar of its trades.
  // A minute that began before `start_ms` has trades that no update told.
  void check_bars(std::int64_t start_ms) const {
    ASSERT_GT(bars_of_trades_.size(), 1U);
    for (auto minute = bars_of_trades_.begin(); minute != std::prev(bars_of_trades_.end()); ++minute) {
      if (minute->first < start_ms) continue;
      const auto row = bars_of_candles_.find(minute->first);
      ASSERT_TRUE(row != bars_of_candles_.end());
      EXPECT_TRUE(row->second == minute->second) << row_.symbol.view() << " minute " << minute->first;
    }
  }
  std::map<std::string, int> counts;
  std::size_t history_bars = 0;
  int closes_up = 0, closes_down = 0;

 private:
  std::int64_t price(std::string_view text) const {
    std::int64_t value = 0;
    EXPECT_EQ(parse_decimal(text, row_.price_decimals, value), Errc::ok) << text;
    EXPECT_EQ(value % row_.rules.tick_size.v, 0) << text;
    EXPECT_GT(value, 0);
    return value;
  }
  std::int64_t qty(std::string_view text) const {
    std::int64_t value = 0;
    EXPECT_EQ(parse_decimal(text, row_.qty_decimals, value), Errc::ok) << text;
    EXPECT_EQ(value % row_.rules.lot_size.v, 0) << text;
    return value;
  }

  using Level = std::pair<std::string, std::string>;
  template <class Side>
  void apply(Side& side, const std::vector<std::vector<std::string>>& rows) {
    std::set<std::int64_t> seen;
    for (const auto& row : rows) {
      ASSERT_EQ(row.size(), 2U);
      const std::int64_t key = price(row[0]);
      ASSERT_TRUE(seen.insert(key).second) << "a price twice in one message";
      if (qty(row[1]) == 0) {
        ASSERT_EQ(side.erase(key), 1U) << "a deleted level was there";
      } else {
        side[key] = {row[0], row[1]};
      }
    }
  }
  void books(std::string_view text) {
    const bool snapshot = value_of(text, "action") == "snapshot";
    ASSERT_EQ(snapshot, bids_.empty());
    const std::int64_t seq = integer(value_of(text, "seq"));
    ASSERT_EQ(integer(value_of(text, "pseq")), snapshot ? 0 : seq_);
    ASSERT_GT(seq, seq_);
    ASSERT_GT(seq, std::int64_t{1} << 53);
    seq_ = seq;
    apply(bids_, rows_of(text, "bids"));
    apply(asks_, rows_of(text, "asks"));
    ASSERT_GE(bids_.size(), 40U);
    ASSERT_GE(asks_.size(), 40U);
    ASSERT_LE(bids_.size(), 50U);
    ASSERT_LE(asks_.size(), 50U);
    ASSERT_LT(bids_.begin()->first, asks_.begin()->first) << "crossed";
    ASSERT_EQ(integer(value_of(text, "checksum")), checksum());
  }
  std::int64_t checksum() const {
    std::string text;
    auto bid = bids_.begin();
    auto ask = asks_.begin();
    for (int i = 0; i < 25; ++i, ++bid, ++ask) {
      for (const Level& level : {bid->second, ask->second}) text += (text.empty() ? "" : ":") + level.first + ":" + level.second;
    }
    return static_cast<std::int32_t>(crc32_ieee(std::as_bytes(std::span(text))));
  }
  void trade(std::string_view text) {
    const bool snapshot = value_of(text, "action") == "snapshot";
    std::vector<std::string_view> items;  // newest first in the message
    for (std::size_t at = text.find("{\"ts\":"); at != std::string_view::npos; at = text.find("{\"ts\":", at + 1)) {
      items.push_back(text.substr(at, text.find('}', at) + 1 - at));
    }
    ASSERT_FALSE(items.empty());
    std::reverse(items.begin(), items.end());
    for (const std::string_view item : items) {
      const std::int64_t id = integer(value_of(item, "tradeId"));
      const std::int64_t ts = integer(value_of(item, "ts"));
      ASSERT_GT(id, trade_id_);
      ASSERT_GE(ts, trade_ts_);
      trade_id_ = id;
      trade_ts_ = ts;
      ASSERT_TRUE(value_of(item, "side") == "buy" || value_of(item, "side") == "sell");
      const std::int64_t traded = qty(value_of(item, "size"));
      ASSERT_GT(traded, 0);
      last_ = price(value_of(item, "price"));
      if (!snapshot) bars_of_trades_[ts / 60'000 * 60'000].trade(last_, traded);
    }
  }
  void ticker(std::string_view text) {
    ASSERT_LT(price(value_of(text, "bidPr")), price(value_of(text, "askPr")));
    ASSERT_GT(qty(value_of(text, "bidSz")), 0);
    ASSERT_GT(qty(value_of(text, "askSz")), 0);
    ASSERT_EQ(price(value_of(text, "lastPr")), last_) << "the trade snapshot comes before the first ticker";
    const std::int64_t mark = price(value_of(text, "markPrice"));
    ASSERT_LT(std::abs(mark - last_) * 100, mark) << "the mark price stays within 1 %";
    ASSERT_GT(integer(value_of(text, "nextFundingTime")), integer(value_of(text, "ts")));
  }
  void candle(std::string_view text) {
    const auto rows = rows_of(text, "data");
    if (value_of(text, "action") == "snapshot") history_bars = rows.size() - 1;
    for (const auto& row : rows) {
      ASSERT_EQ(row.size(), 8U);
      const Bar bar{price(row[1]), price(row[2]), price(row[3]), price(row[4]), qty(row[5])};
      ASSERT_LE(bar.low, std::min(bar.open, bar.close));
      ASSERT_GE(bar.high, std::max(bar.open, bar.close));
      const std::int64_t open_ms = integer(row[0]);
      ASSERT_EQ(open_ms % 60'000, 0);
      ASSERT_GE(open_ms, candle_ms_);
      (bar.close > bar.open ? closes_up : closes_down) += open_ms != candle_ms_;
      candle_ms_ = open_ms;
      bars_of_candles_[open_ms] = bar;
    }
  }

  Instrument row_;
  std::map<std::int64_t, Level, std::greater<>> bids_;
  std::map<std::int64_t, Level> asks_;
  std::map<std::int64_t, Bar> bars_of_trades_, bars_of_candles_;
  std::int64_t seq_ = 0, trade_id_ = 0, trade_ts_ = 0, candle_ms_ = 0, last_ = 0;
};

void check_market(const std::filesystem::path& path, std::map<std::string, Symbol>& symbols) {
  auto reader = CaptureReader::open(path);
  ASSERT_TRUE(reader.ok()) << reader.error().what;
  for (const Instrument& row : reader->header().instruments) symbols.emplace(row.symbol.view(), Symbol(row));
  CaptureRecord record;
  ReadState state = reader->next(record);
  for (; state == ReadState::record; state = reader->next(record)) {
    if (record.frame() == "pong" || record.frame().starts_with("{\"event\":\"subscribe\"")) continue;
    // Nothing arrives before it was sent, and all of it within a second.
    if (const std::size_t at = record.frame().rfind("\"ts\":"); at != std::string_view::npos) {
      const std::string_view pushed = record.frame().substr(at + 5);
      const std::int64_t delay = record.ts_receive_ns - integer(pushed.substr(0, pushed.find('}'))) * kNanosPerMilli;
      ASSERT_GT(delay, 0);
      ASSERT_LT(delay, kNanosPerSecond);
    }
    const auto symbol = symbols.find(std::string(value_of(record.frame(), "instId")));
    ASSERT_TRUE(symbol != symbols.end()) << record.frame();
    symbol->second.frame(record.frame());
    ASSERT_FALSE(testing::Test::HasFatalFailure()) << record.frame();
  }
  ASSERT_EQ(state, ReadState::end) << reader->error().what;
}

TEST(SynthMarket, KeepsBooksBarsTradesAndTickersConsistent) {
  for (const std::uint64_t seed : {7U, 8U, 1'000'000'007U}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Folder folder;
    SynthOptions options;
    options.seed = seed;
    options.duration_ns = 10 * kNanosPerMinute;
    if (seed != 7) options.start_ns += 1234 * kNanosPerSecond;  // not on a minute
    const auto totals = synthesize(folder / "s.cap", options);
    ASSERT_TRUE(totals.ok()) << totals.error().what;
    std::map<std::string, Symbol> symbols;
    check_market(folder / "s.cap", symbols);
    ASSERT_EQ(symbols.size(), 3U);
    for (auto& [name, symbol] : symbols) {
      SCOPED_TRACE(name);
      symbol.check_bars(options.start_ns / kNanosPerMilli);
      EXPECT_EQ(symbol.history_bars, 120U);
      EXPECT_GT(symbol.closes_up, 30) << "of 130 bars";
      EXPECT_GT(symbol.closes_down, 30);
      EXPECT_GT(symbol.counts["trade"], 600);
      EXPECT_GT(symbol.counts["books"], 3500);
      EXPECT_GE(symbol.counts["ticker"], 2400);
      EXPECT_GE(symbol.counts["candle1m"], 600);
    }
  }
}

TEST(SynthMarket, AnHourOfThreeSymbolsHasSomeHundredThousandMessages) {
  const Folder folder;
  const auto totals = synthesize(folder / "s.cap", {});
  ASSERT_TRUE(totals.ok());
  EXPECT_GT(totals->records, 200'000U);
  EXPECT_LT(totals->records, 400'000U);
  EXPECT_EQ(totals->count(RecordKind::raw_frame), totals->records);
  EXPECT_GT(totals->ts_last_ns - totals->ts_first_ns, kNanosPerHour - kNanosPerSecond);
}

TEST(SynthMarket, LeavesExcursionsThatRevertForAStrategyToTrade) {
  // RSI(14, Wilder) of 1-minute closes below 35 or above 65, after having been near 50: counted in six hours of bars.
  const Folder folder;
  SynthOptions options;
  options.symbols = {"BTCUSDT"};
  options.duration_ns = 4 * kNanosPerHour;
  ASSERT_TRUE(synthesize(folder / "s.cap", options).ok());
  auto reader = CaptureReader::open(folder / "s.cap");
  ASSERT_TRUE(reader.ok());
  std::map<std::int64_t, double> closes;
  CaptureRecord record;
  while (reader->next(record) == ReadState::record) {
    if (value_of(record.frame(), "channel") != "candle1m") continue;
    for (const auto& row : rows_of(record.frame(), "data")) closes[integer(row[0])] = std::stod(row[4]);
  }
  double up = 0, down = 0, before = closes.begin()->second;
  int low = 0, high = 0, bars = 0;
  bool armed = true;
  for (const auto& [ms, close] : closes) {
    up += (std::max(close - before, 0.0) - up) / 14;
    down += (std::max(before - close, 0.0) - down) / 14;
    before = close;
    const double rsi = up + down > 0 ? 100 * up / (up + down) : 50;
    if (++bars < 30) continue;
    if (armed && rsi < 35) ++low;
    if (armed && rsi > 65) ++high;
    if (rsi < 35 || rsi > 65) armed = false;
    if (rsi > 45 && rsi < 55) armed = true;
  }
  EXPECT_GE(low, 2);
  EXPECT_GE(high, 2);
  EXPECT_GE(low + high, 9) << "three symbols then give four or more an hour";
}

}  // namespace martinet::capture_test::synth_market

// Goal: over the real captures the feed ends with exactly the books, trades, skips and gaps of an independent replay (expected.json,
// exact decimal arithmetic). Twins that run without the captures: feed_faults_test.cpp (books against a model), feed_test.cpp.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <memory>
#include <utility>

#include "adapters/binance/decoder.hpp"
#include "adapters/bitget/decoder.hpp"
#include "engine/base/decimal.hpp"
#include "tests/engine/hot/feed/feed_support.hpp"
#include "tests/support/data_folder.hpp"
#include "tests/support/gz_lines.hpp"
#include "tests/support/json_tree.hpp"

namespace martinet::feed_test {
namespace {

constexpr int kPriceDecimals = 10;  // finer than any text of the captures
constexpr int kQtyDecimals = 8;

struct Line {
  std::int64_t ts_ns;
  std::string text;
};

std::int64_t number_at(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::vector<Line> read_dump(const std::filesystem::path& path) {
  std::vector<Line> lines;
  EXPECT_TRUE(test::for_each_line(path, [&](std::string_view line) {
    const std::size_t blank = line.find(' ');
    lines.push_back({number_at(line), std::string(line.substr(blank + 1))});
  }));
  return lines;
}

/// The REST answers beside a dump, as the decoder takes them with their symbol: wrapped like a stream message.
void add_snapshots(const std::filesystem::path& path, std::vector<Line>& lines) {
  EXPECT_TRUE(test::for_each_line(path, [&](std::string_view line) {
    const std::size_t symbol = line.find("symbol=") + 7;
    std::string name(line.substr(symbol, line.find('&') - symbol));
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const std::size_t body = line.find("\"body\":") + 7;
    const std::string_view data = line.substr(body, line.rfind('}') - body);
    Line answer{number_at(line.substr(line.find("\"recv_ns\":") + 10)),
                "{\"stream\":\"" + name + "@depthSnapshot\",\"data\":" + std::string(data) + "}"};
    lines.insert(std::ranges::upper_bound(lines, answer.ts_ns, {}, &Line::ts_ns), std::move(answer));
  }));
}

struct Sums {
  std::uint64_t count = 0;
  __int128 notional = 0;
  std::int64_t qty = 0, maker_qty = 0, low = 0, high = 0;
};

/// Follows what the feed passes on, and checks on the way what must always hold.
struct Follower : Recorder {
  std::map<InstrumentId, Sums> trades;
  std::map<InstrumentId, Tick> direct_quotes;
  std::int64_t ts_last_ns = 0;

  void tick(const Tick& tick) {
    EXPECT_GE(tick.ts_receive_ns, ts_last_ns);
    EXPECT_NE(tick.ts_exchange_ns, 0);
    ts_last_ns = tick.ts_receive_ns;
    if (tick.kind == TickKind::quote) {
      EXPECT_LT(tick.bid_price, tick.ask_price);
      if ((tick.flags & tick_flag::from_book) == 0) direct_quotes[tick.instrument] = tick;
    }
    if (tick.kind != TickKind::trade || (tick.flags & tick_flag::history) != 0) return;
    Sums& sums = trades[tick.instrument];
    sums.low = sums.count == 0 ? tick.price().v : std::min(sums.low, tick.price().v);
    sums.high = std::max(sums.high, tick.price().v);
    ++sums.count;
    sums.qty += tick.qty().v;
    sums.maker_qty += tick.side == Side::sell ? tick.qty().v : 0;
    sums.notional += static_cast<__int128>(tick.price().v) * tick.qty().v;
  }
  void depth(const DepthUpdate& piece) {
    EXPECT_GE(piece.ts_receive_ns, ts_last_ns);
    ts_last_ns = piece.ts_receive_ns;
    Book& mirror = mirrors.try_emplace(piece.instrument, capacity::book_levels_max).first->second;
    if (piece.has(depth_flag::snapshot) && piece.has(depth_flag::first)) mirror.clear();
    EXPECT_FALSE(piece.has(depth_flag::invalidate));
    for (std::size_t i = 0; i < piece.level_count; ++i) {
      const DepthLevel& level = piece.levels[i];
      (void)mirror.set(level.side, level.price, level.qty, level.price_digits, level.qty_digits);
    }
  }
};

using test::JsonTree;

std::int64_t on_grid(const JsonTree& text, int decimals) {
  std::int64_t value = -1;
  EXPECT_EQ(parse_decimal(text.text, decimals, value), Errc::ok) << text.text;
  return value;
}

void expect_levels(const Book& book, Side side, const JsonTree& levels) {
  ASSERT_GE(book.size(side), levels.items.size());
  for (std::size_t i = 0; i < levels.items.size(); ++i) {
    EXPECT_EQ(book.level(side, i).price.v, on_grid(levels.at(i).at(0), kPriceDecimals));
    EXPECT_EQ(book.level(side, i).qty.v, on_grid(levels.at(i).at(1), kQtyDecimals));
  }
}

InstrumentTable table_of(const std::vector<std::string>& symbols, Venue venue, Market market) {
  InstrumentTable table;
  for (const std::string& symbol : symbols) {
    Instrument instrument;
    EXPECT_TRUE(instrument.symbol.assign(symbol));
    instrument.venue = venue;
    instrument.market = market;
    instrument.price_decimals = kPriceDecimals;
    instrument.qty_decimals = kQtyDecimals;
    // Quantities of this grid are too fine to be worth anything in money units; the feed does not ask.
    EXPECT_TRUE(table.add(instrument).ok());
  }
  return table;
}

template <class Decoder>
void replay(const std::vector<Line>& lines, Decoder& decoder, Feed& feed, Follower& out) {
  const auto frame = std::make_unique<DecodedFrame>();
  for (const Line& line : lines) {
    ASSERT_EQ(decoder.decode(line.text, line.ts_ns, *frame), Errc::ok) << line.text.substr(0, 200);
    for (std::size_t i = 0; i < frame->tick_count; ++i) feed.on_tick(frame->ticks[i], out);
    for (std::size_t i = 0; i < frame->depth_count; ++i) feed.on_depth(frame->depths[i], out);
    for (std::size_t i = 0; i < frame->candle_count; ++i) feed.on_candle(frame->candles[i], out);
  }
}

void expect_nothing_refused(const FeedCounters& counts) {
  using enum FeedCount;
  for (const FeedCount what : {bad_price,      bad_qty,           crossed_quotes,   outliers,
                               bad_times,      duplicate_trades,  duplicate_quotes, duplicate_depths,
                               bad_candles,    bad_depths,        bad_tick,         unknown_instrument,
                               gaps,           snapshots_too_old, crossed_books,    locked_books,
                               levels_dropped, invalidations,     buffer_overflows, checksums_wrong,
                               depth_unsynced}) {
    EXPECT_EQ(counts[what], 0U) << name_of(what);
  }
}

void expect_trades(const Sums& sums, const JsonTree& expected) {
  EXPECT_EQ(sums.count, expected["n"].number());
  EXPECT_EQ(sums.qty, on_grid(expected["qty"], kQtyDecimals));
  EXPECT_EQ(sums.maker_qty, on_grid(expected["buyer_maker_qty"], kQtyDecimals));
  EXPECT_EQ(sums.low, on_grid(expected["min"], kPriceDecimals));
  EXPECT_EQ(sums.high, on_grid(expected["max"], kPriceDecimals));
  constexpr __int128 kSmall = 10'000'000'000;  // the sum has 18 decimals; the expected text at most 8
  EXPECT_EQ(sums.notional % kSmall, 0);
  EXPECT_EQ(static_cast<std::int64_t>(sums.notional / kSmall), on_grid(expected["notional"], 8));
}

void expect_book(const Feed& feed, const Follower& out, InstrumentId id, const JsonTree& expected) {
  const Book& book = feed.book(id);
  const FeedCounters& counts = feed.counters(id);
  EXPECT_TRUE(feed.book_trusted(id));
  EXPECT_EQ(feed.book_id(id), expected["last_update_id"].number());
  EXPECT_EQ(counts[FeedCount::depth_messages], expected["events_applied"].number());
  EXPECT_EQ(counts[FeedCount::depth_skipped], expected["events_skipped"].number());
  EXPECT_EQ(counts[FeedCount::gaps], expected["gaps"].number());
  EXPECT_EQ(counts[FeedCount::snapshots], 1U);
  EXPECT_EQ(book.size(Side::buy), expected["bid_levels"].number());
  EXPECT_EQ(book.size(Side::sell), expected["ask_levels"].number());
  expect_levels(book, Side::buy, expected["bids"]);
  expect_levels(book, Side::sell, expected["asks"]);
  EXPECT_TRUE(out.mirrors.at(id) == book);
}

void expect_quote(const Tick& quote, const JsonTree& expected) {
  EXPECT_EQ(quote.bid_price.v, on_grid(expected["bid"], kPriceDecimals));
  EXPECT_EQ(quote.ask_price.v, on_grid(expected["ask"], kPriceDecimals));
  EXPECT_EQ(quote.bid_qty.v, on_grid(expected["bid_qty"], kQtyDecimals));
  EXPECT_EQ(quote.ask_qty.v, on_grid(expected["ask_qty"], kQtyDecimals));
}

struct BinanceCapture {
  const char* name;
  const char* snapshots;  ///< REST answers beside it, or nothing: in line
  Market market;
};

class FeedOverBinance : public testing::TestWithParam<BinanceCapture> {};
INSTANTIATE_TEST_SUITE_P(Captures, FeedOverBinance,
                         testing::Values(BinanceCapture{"binance_2021/spot", "binance_2021/spot_depth.jsonl.gz", Market::spot},
                                         BinanceCapture{"binance_2021/usdm", "binance_2021/usdm_depth.jsonl.gz", Market::usdm},
                                         BinanceCapture{"binance_2024/cm_btcusd_perp_20240808", nullptr, Market::coinm},
                                         BinanceCapture{"binance_2024/spot_btcusdt_20240808", nullptr, Market::spot},
                                         BinanceCapture{"binance_2024/spot_ethusdt_20240808", nullptr, Market::spot},
                                         BinanceCapture{"binance_2024/usdm_btcusdt_20240808", nullptr, Market::usdm}));

TEST_P(FeedOverBinance, BooksTradesAndQuotesEqualTheIndependentReplay) {
  MT_NEED_DATA(data);
  const auto [name, snapshots, market] = GetParam();
  const JsonTree all = test::read_json(data / "expected.json");
  const std::string key = std::string("ws/") + name + ".txt.gz";
  const JsonTree& expected = all[key];
  std::vector<Line> lines = read_dump(data / key);
  EXPECT_EQ(lines.size(), expected["lines"].number());
  if (snapshots != nullptr) add_snapshots(data / "ws" / snapshots, lines);
  const InstrumentTable table = table_of(expected["books"].names, Venue::binance, market);
  BinanceDecoder decoder(table, market, snapshots == nullptr ? InstrumentId{0} : kNoInstrument);
  Feed feed(table, {});
  Follower out;
  replay(lines, decoder, feed, out);
  if (HasFatalFailure()) return;
  expect_nothing_refused(feed.totals());
  for (const Instrument& instrument : table) {
    const std::string symbol(instrument.symbol.view());
    SCOPED_TRACE(symbol);
    expect_book(feed, out, instrument.id, expected["books"][symbol]);
    if (const JsonTree* trades = expected["trades"].find(symbol)) expect_trades(out.trades[instrument.id], *trades);
    const JsonTree* const quotes = expected["last_bookTicker"].find(symbol);
    EXPECT_EQ(quotes != nullptr, out.direct_quotes.contains(instrument.id));
    if (quotes != nullptr) expect_quote(out.direct_quotes[instrument.id], *quotes);
  }
}

class FeedOverBitget : public testing::TestWithParam<std::pair<const char*, Market>> {};
INSTANTIATE_TEST_SUITE_P(Captures, FeedOverBitget,
                         testing::Values(std::pair{"mix", Market::usdt_futures}, std::pair{"spot", Market::spot}));

TEST_P(FeedOverBitget, EveryChecksumIsRightAndBooksAndTradesEqualTheIndependentReplay) {
  MT_NEED_DATA(data);
  const auto [name, market] = GetParam();
  const JsonTree all = test::read_json(data / "expected.json");
  const std::string key = std::string("ws/bitget_v2_converted_2022/") + name + ".txt.gz";
  const JsonTree& expected = all[key];
  const std::vector<Line> lines = read_dump(data / key);
  EXPECT_EQ(lines.size(), expected["lines"].number());
  const InstrumentTable table = table_of(expected["final_top"].names, Venue::bitget, market);
  BitgetDecoder decoder(table);
  Feed feed(table, {});
  Follower out;
  replay(lines, decoder, feed, out);
  if (HasFatalFailure()) return;
  const FeedCounters totals = feed.totals();
  EXPECT_EQ(totals[FeedCount::checksums_right], expected["book_frames_checksum_ok"].number());
  EXPECT_EQ(totals[FeedCount::checksums_wrong], expected["book_frames_checksum_bad"].number());
  EXPECT_EQ(totals[FeedCount::checksums_skipped], 0U);
  EXPECT_EQ(totals[FeedCount::gaps] + totals[FeedCount::invalidations] + totals[FeedCount::duplicate_trades], 0U);
  EXPECT_EQ(totals[FeedCount::history_trades], 50U * table.size());
  for (const Instrument& instrument : table) {
    const std::string symbol(instrument.symbol.view());
    SCOPED_TRACE(symbol);
    const JsonTree& top = expected["final_top"][symbol];
    const Book& book = feed.book(instrument.id);
    EXPECT_TRUE(feed.book_trusted(instrument.id));
    EXPECT_EQ(book.size(Side::buy), top["bid_levels"].number());
    EXPECT_EQ(book.size(Side::sell), top["ask_levels"].number());
    expect_levels(book, Side::buy, top["bids"]);
    expect_levels(book, Side::sell, top["asks"]);
    EXPECT_TRUE(out.mirrors.at(instrument.id) == book);
    const JsonTree& trades = expected["trade_updates"][symbol];
    EXPECT_EQ(out.trades[instrument.id].count, trades["n"].number());
    EXPECT_EQ(out.trades[instrument.id].qty, on_grid(trades["size"], kQtyDecimals));
  }
}

TEST(FeedOverFxcm, CrossedAndLockedQuotesAreCountedAndNeverPassedOn) {
  MT_NEED_DATA(data);
  const char* const key = "ticks/EURUSD_fxcm_20140508.csv.gz";
  const JsonTree all = test::read_json(data / "expected.json");
  const JsonTree& expected = all[key];
  Feed feed(table_of({"EURUSD"}, Venue::file, Market::cfd), {});
  Follower out;
  ASSERT_TRUE(test::for_each_line(data / key, [&](std::string_view line) {
    if (line.empty() || line[0] < '0' || line[0] > '9') return;
    const std::size_t first = line.find(',');
    const std::size_t second = line.find(',', first + 1);
    Tick tick = quote(0, 0, 0, 0, number_at(line) * 1000);
    tick.bid_qty = tick.ask_qty = {0};
    tick.flags = tick_flag::market_unknown_size;
    ASSERT_EQ(parse_decimal(line.substr(first + 1, second - first - 1), kPriceDecimals, tick.bid_price.v), Errc::ok);
    ASSERT_EQ(parse_decimal(line.substr(second + 1), kPriceDecimals, tick.ask_price.v), Errc::ok);
    feed.on_tick(tick, out);
  }));
  const FeedCounters totals = feed.totals();
  EXPECT_EQ(totals[FeedCount::ticks_in], expected["rows"].number());
  EXPECT_EQ(totals[FeedCount::crossed_quotes], expected["crossed"].number());
  EXPECT_EQ(totals[FeedCount::locked_quotes], expected["locked"].number());
  EXPECT_EQ(totals[FeedCount::quotes], totals[FeedCount::ticks_in] - totals[FeedCount::crossed_quotes] - totals[FeedCount::locked_quotes]);
}

}  // namespace
}  // namespace martinet::feed_test

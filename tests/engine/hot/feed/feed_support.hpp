#pragma once
// What the feed's tests share: an instrument table, short ways to make inputs, and a sink that keeps everything and mirrors books
// the way a consumer would.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/hot/feed/feed.hpp"

namespace martinet::feed_test {

inline constexpr std::int64_t kStart = 1'700'000'000'000'000'000;
inline constexpr std::int64_t kSecond = kNanosPerSecond;

/// Instruments 0 Binance spot, 1 Binance USD-M, 2 Bitget, 3 from a file; grids of two decimals.
inline InstrumentTable four_instruments() {
  InstrumentTable table;
  constexpr std::pair<Venue, Market> kRows[] = {
      {Venue::binance, Market::spot}, {Venue::binance, Market::usdm}, {Venue::bitget, Market::usdt_futures}, {Venue::file, Market::none}};
  for (const auto& [venue, market] : kRows) {
    Instrument instrument;
    EXPECT_TRUE(instrument.symbol.assign("BTCUSDT"));
    instrument.venue = venue;
    instrument.market = market;
    instrument.price_decimals = 2;
    instrument.qty_decimals = 2;
    EXPECT_TRUE(table.add(instrument).ok());
  }
  return table;
}
inline constexpr InstrumentId kSpot = 0;
inline constexpr InstrumentId kFutures = 1;
inline constexpr InstrumentId kBitget = 2;
inline constexpr InstrumentId kFile = 3;

struct Recorder {
  std::vector<Tick> ticks;
  std::vector<Candle> candles;
  std::vector<InstrumentId> stales;
  std::vector<InstrumentId> resyncs;
  std::vector<DepthUpdate> depths;
  std::map<InstrumentId, Book> mirrors;  ///< what a consumer's book looks like
  std::map<InstrumentId, int> invalidations;

  void tick(const Tick& tick) { ticks.push_back(tick); }
  void candle(const Candle& candle) { candles.push_back(candle); }
  void stale(InstrumentId id) { stales.push_back(id); }
  void resync(InstrumentId id) { resyncs.push_back(id); }
  void depth(const DepthUpdate& piece) {
    depths.push_back(piece);
    Book& mirror = mirrors.try_emplace(piece.instrument, 1024).first->second;
    const bool invalid = piece.has(depth_flag::invalidate);
    if (invalid) ++invalidations[piece.instrument];
    if (invalid || (piece.has(depth_flag::snapshot) && piece.has(depth_flag::first))) mirror.clear();
    for (std::size_t i = 0; i < piece.level_count; ++i) {
      const DepthLevel& level = piece.levels[i];
      (void)mirror.set(level.side, level.price, level.qty, level.price_digits, level.qty_digits);
    }
  }
  void forget() {
    ticks.clear();
    candles.clear();
    stales.clear();
    resyncs.clear();
    depths.clear();
  }
};

inline Tick trade(InstrumentId instrument, std::int64_t price, std::uint64_t id, std::int64_t ts_ns = kStart) {
  Tick tick;
  tick.instrument = instrument;
  tick.kind = TickKind::trade;
  tick.bid_price = {price};
  tick.ask_price = kNoPrice;
  tick.bid_qty = {5};
  tick.side = Side::buy;
  tick.sequence = id;
  tick.ts_receive_ns = tick.ts_exchange_ns = ts_ns;
  return tick;
}

inline Tick quote(InstrumentId instrument, std::int64_t bid, std::int64_t ask, std::uint64_t id = 0, std::int64_t ts_ns = kStart) {
  Tick tick;
  tick.instrument = instrument;
  tick.kind = TickKind::quote;
  tick.bid_price = {bid};
  tick.ask_price = {ask};
  tick.bid_qty = {5};
  tick.ask_qty = {7};
  tick.sequence = id;
  tick.ts_receive_ns = tick.ts_exchange_ns = ts_ns;
  return tick;
}

inline Tick mark(InstrumentId instrument, std::int64_t price, std::int64_t ts_ns = kStart) {
  Tick tick = trade(instrument, price, 0, ts_ns);
  tick.kind = TickKind::mark;
  tick.side = Side::none;
  return tick;
}

struct Level {
  Side side;
  std::int64_t price;
  std::int64_t qty;
};

/// One whole message in one piece. Digits: as many as the grid has.
inline DepthUpdate depth(InstrumentId instrument, std::uint16_t flags, const std::vector<Level>& levels, std::int64_t ts_ns = kStart) {
  DepthUpdate piece{};
  piece.instrument = instrument;
  piece.flags = static_cast<std::uint16_t>(flags | depth_flag::first | depth_flag::last);
  piece.ts_receive_ns = piece.ts_exchange_ns = ts_ns;
  for (const Level& level : levels) piece.levels[piece.level_count++] = {{level.price}, {level.qty}, level.side, 2, 2, {}};
  return piece;
}

inline DepthUpdate snapshot(InstrumentId instrument, std::uint64_t id, const std::vector<Level>& levels, std::int64_t ts_ns = kStart) {
  const bool binance = instrument == kSpot || instrument == kFutures;
  DepthUpdate piece = depth(instrument, static_cast<std::uint16_t>(depth_flag::snapshot | (binance ? depth_flag::rest : 0)), levels, ts_ns);
  piece.last_id = id;
  return piece;
}

/// A change U..u; with `previous` as futures and Bitget send it.
inline DepthUpdate change(InstrumentId instrument, std::uint64_t first, std::uint64_t last, std::optional<std::uint64_t> previous,
                          const std::vector<Level>& levels, std::int64_t ts_ns = kStart) {
  DepthUpdate piece = depth(instrument, previous ? depth_flag::has_previous : 0, levels, ts_ns);
  piece.first_id = first;
  piece.last_id = last;
  piece.previous_id = previous.value_or(0);
  return piece;
}

inline const std::vector<Level> kBook = {{Side::buy, 10'000, 5}, {Side::buy, 9'990, 6}, {Side::sell, 10'010, 7}, {Side::sell, 10'020, 8}};

/// A feed, its sink, and counters in one word.
struct Bench {
  explicit Bench(const FeedConfig& config = {}) : feed(four_instruments(), small(config)) {}
  static FeedConfig small(FeedConfig config) {
    if (config.book_levels_max == 0) config.book_levels_max = 1024;
    return config;
  }
  [[nodiscard]] std::uint64_t count(FeedCount what) const { return feed.totals()[what]; }
  void tick(const Tick& t) { feed.on_tick(t, out); }
  void depth(const DepthUpdate& d) { feed.on_depth(d, out); }
  void timer(std::int64_t ts_ns) { feed.on_timer(Timer{ts_ns, 0}, out); }
  /// Sends it and says whether anything came out as a tick.
  bool passes(const Tick& t) {
    const std::size_t before = out.ticks.size();
    tick(t);
    return out.ticks.size() == before + 1;
  }
  Feed feed;
  Recorder out;
};

}  // namespace martinet::feed_test

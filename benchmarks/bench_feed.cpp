// What the feed costs per trade, per quote and per level of depth; what a change of a book costs at the top and deep inside.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "engine/base/book.hpp"
#include "engine/hot/feed/feed.hpp"

namespace {

using namespace martinet;

constexpr std::size_t kInputs = 4096;
constexpr std::int64_t kStart = 1'700'000'000'000'000'000;

struct Sink {
  std::uint64_t sum = 0;
  void tick(const Tick& tick) { sum += static_cast<std::uint64_t>(tick.bid_price.v) + tick.sequence; }
  void depth(const DepthUpdate& piece) { sum += piece.level_count; }
  void candle(const Candle& candle) { sum += static_cast<std::uint64_t>(candle.close.v); }
  void stale(InstrumentId) {}
  void resync(InstrumentId) {}
};

InstrumentTable one_instrument(Venue venue) {
  InstrumentTable table;
  Instrument instrument;
  (void)instrument.symbol.assign("BTCUSDT");
  instrument.venue = venue;
  instrument.market = Market::spot;
  instrument.price_decimals = 4;
  instrument.qty_decimals = 5;
  (void)table.add(instrument);
  return table;
}

std::vector<Tick> make_ticks(TickKind kind) {
  std::mt19937_64 random(1);
  std::vector<Tick> ticks(kInputs);
  std::int64_t price = 600'000'000;
  for (std::size_t i = 0; i < kInputs; ++i) {
    Tick& tick = ticks[i];
    price += static_cast<std::int64_t>(random() % 2001) - 1000;
    tick.kind = kind;
    tick.instrument = 0;
    tick.bid_price = {price};
    tick.bid_qty = {1000};
    tick.ask_price = kind == TickKind::quote ? Price{price + 100} : kNoPrice;
    tick.ask_qty = {1000};
  }
  return ticks;
}

void tick_through(benchmark::State& state, Venue venue, TickKind kind) {
  const InstrumentTable table = one_instrument(venue);
  Feed feed(table, {});
  Sink sink;
  std::vector<Tick> ticks = make_ticks(kind);
  std::uint64_t id = 0;
  for (auto _ : state) {
    Tick& tick = ticks[id % kInputs];
    tick.sequence = ++id;
    tick.ts_exchange_ns = kStart + static_cast<std::int64_t>(id) * 1000;
    tick.ts_receive_ns = tick.ts_exchange_ns + 5'000'000;
    feed.on_tick(tick, sink);
  }
  benchmark::DoNotOptimize(sink.sum);
  if (feed.last_sequence() != id || feed.totals()[FeedCount::trades] + feed.totals()[FeedCount::quotes] != id) {
    state.SkipWithError("ticks were refused");
  }
}

/// A change of `levels` levels within `depth` of the top of a book of 2000 levels a side.
void depth_through(benchmark::State& state) {
  const auto levels = static_cast<std::uint16_t>(state.range(0));
  const auto reach = static_cast<std::uint64_t>(state.range(1));
  const InstrumentTable table = one_instrument(Venue::binance);
  Feed feed(table, {});
  Sink sink;
  std::mt19937_64 random(2);
  std::uint64_t id = 1;
  const auto make = [&](std::uint16_t flags) {
    DepthUpdate piece;
    piece.instrument = 0;
    piece.flags = flags;
    piece.ts_receive_ns = kStart;
    piece.first_id = piece.last_id = id;
    return piece;
  };
  const auto add = [](DepthUpdate& piece, Side side, std::int64_t away, std::int64_t qty) {
    piece.levels[piece.level_count++] = {{side == Side::buy ? 600'000'000 - 100 * away : 600'000'100 + 100 * away}, {qty}, side, 2, 3, {}};
  };
  for (std::int64_t i = 0; i < 2000; i += 20) {
    auto flags = static_cast<std::uint16_t>(depth_flag::snapshot | depth_flag::rest);
    if (i == 0) flags |= depth_flag::first;
    if (i == 1980) flags |= depth_flag::last;
    DepthUpdate piece = make(flags);
    for (std::int64_t k = i; k < i + 20; ++k) {
      add(piece, Side::buy, k, 10);
      add(piece, Side::sell, k, 10);
    }
    feed.on_depth(piece, sink);
  }
  std::vector<DepthUpdate> pieces;
  for (std::size_t n = 0; n < 512; ++n) {
    pieces.push_back(make(depth_flag::first | depth_flag::last));
    for (std::uint16_t i = 0; i < levels; ++i) {
      // The best level of each side stays, so that the book never crosses or empties.
      const std::int64_t away = 1 + static_cast<std::int64_t>(random() % reach);
      add(pieces.back(), random() % 2 == 0 ? Side::buy : Side::sell, away,
          random() % 3 == 0 ? 0 : 1 + static_cast<std::int64_t>(random() % 50));
    }
  }
  std::uint64_t n = 0;
  for (auto _ : state) {
    DepthUpdate& piece = pieces[n++ % pieces.size()];
    piece.first_id = piece.last_id = ++id;
    piece.ts_exchange_ns = kStart + static_cast<std::int64_t>(id) * 1000;
    piece.ts_receive_ns = piece.ts_exchange_ns + 5'000'000;
    feed.on_depth(piece, sink);
  }
  benchmark::DoNotOptimize(sink.sum);
  if (feed.totals()[FeedCount::depth_messages] != n) state.SkipWithError("depth was refused");
  state.counters["ns_per_level"] =
      benchmark::Counter(static_cast<double>(levels), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

/// Sets and deletes one level `away` levels from the top.
void book_level(benchmark::State& state) {
  const std::int64_t away = state.range(0);
  Book book(4096);
  for (std::int64_t i = 0; i < 4000; ++i) (void)book.set(Side::buy, {100'000 - 2 * i}, {1});
  const Price price{100'000 - 2 * away + 1};
  std::int64_t qty = 0;
  for (auto _ : state) {
    qty ^= 1;
    benchmark::DoNotOptimize(book.set(Side::buy, price, {qty}));
  }
}

void book_checksum(benchmark::State& state) {
  Book book(64);
  for (std::int64_t i = 0; i < 50; ++i) {
    (void)book.set(Side::buy, {600'000'000 - i * 1000}, {12'345'600 + i * 100}, 1, 3);
    (void)book.set(Side::sell, {600'001'000 + i * 1000}, {12'345'600 + i * 100}, 1, 3);
  }
  for (auto _ : state) benchmark::DoNotOptimize(book.checksum25(4, 5));
}

BENCHMARK_CAPTURE(tick_through, trade_binance, Venue::binance, TickKind::trade);
BENCHMARK_CAPTURE(tick_through, trade_bitget, Venue::bitget, TickKind::trade);
BENCHMARK_CAPTURE(tick_through, quote, Venue::binance, TickKind::quote);
BENCHMARK(depth_through)->ArgNames({"levels", "reach"})->Args({1, 10})->Args({10, 10})->Args({10, 100})->Args({40, 1000});
BENCHMARK(book_level)->ArgName("away")->Arg(0)->Arg(1)->Arg(10)->Arg(100)->Arg(1000);
BENCHMARK(book_checksum);

}  // namespace

BENCHMARK_MAIN();

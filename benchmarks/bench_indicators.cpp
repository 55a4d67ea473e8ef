// The eight standard indicators per bar (incremental, batch, and recomputed over a window of 200 bars as a naive engine does), each
// alone, and the tick path of the stage. Times are per bar or per tick. The bars are a seeded random walk.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "engine/hot/indicators/batch.hpp"
#include "engine/hot/indicators/indicators.hpp"

namespace martinet {
namespace {

std::vector<Bar> random_bars(std::size_t count) {
  std::mt19937_64 random(20240808);
  std::normal_distribution<double> step(0, 40);
  std::uniform_real_distribution<double> size(0, 50);
  std::vector<Bar> bars(count);
  double price = 60'000;
  std::int64_t ts_ns = 1'700'000'040'000'000'000;
  for (Bar& bar : bars) {
    const double open = price;
    price += step(random);
    bar = {ts_ns, open, std::max(open, price) + size(random), std::min(open, price) - size(random), price, size(random) * 10};
    ts_ns += kNanosPerMinute;
  }
  return bars;
}

const std::vector<Bar>& bars() {
  static const std::vector<Bar> kBars = random_bars(1 << 16);
  return kBars;
}

/// SMA20 EMA20 RSI14 MACD(12,26,9) BBANDS(20,2) ATR14 ADX14 STOCHRSI(14,14,3).
struct Eight {
  Sma sma{20};
  Ema ema{20};
  Rsi rsi{14};
  Macd macd{12, 26, 9};
  Bollinger bollinger{20, 2.0};
  Atr atr{14};
  Adx adx{14};
  StochRsi stoch{14, 14, 3};

  void on_bar(const Bar& bar) noexcept {
    sma.on_bar(bar);
    ema.on_bar(bar);
    rsi.on_bar(bar);
    macd.on_bar(bar);
    bollinger.on_bar(bar);
    atr.on_bar(bar);
    adx.on_bar(bar);
    stoch.on_bar(bar);
  }
  /// Every output, as a strategy would read them.
  void read(double* out) const noexcept {
    std::size_t n = 0;
    out[n++] = sma.value();
    out[n++] = ema.value();
    out[n++] = rsi.value();
    for (std::size_t i = 0; i < 3; ++i) out[n++] = macd.value(i);
    for (std::size_t i = 0; i < 3; ++i) out[n++] = bollinger.value(i);
    out[n++] = atr.value(0);
    for (std::size_t i = 0; i < 3; ++i) out[n++] = adx.value(i);
    for (std::size_t i = 0; i < 2; ++i) out[n++] = stoch.value(i);
  }
};

void eight_incremental(benchmark::State& state) {
  Eight eight;
  double out[16] = {};
  for (auto _ : state) {
    for (const Bar& bar : bars()) {
      eight.on_bar(bar);
      eight.read(out);
      benchmark::DoNotOptimize(out);
      benchmark::ClobberMemory();
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(bars().size()));
}
BENCHMARK(eight_incremental);

void eight_window_recompute_200(benchmark::State& state) {
  double out[16] = {};
  std::size_t end = 200;
  for (auto _ : state) {
    Eight eight;
    for (std::size_t i = end - 200; i < end; ++i) eight.on_bar(bars()[i]);
    eight.read(out);
    benchmark::DoNotOptimize(out);
    end = end + 1 == bars().size() ? 200 : end + 1;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(eight_window_recompute_200);

struct Columns {
  std::vector<std::int64_t> ts_ns;
  std::vector<double> open, high, low, close, volume;
  Columns() {
    for (const Bar& bar : bars()) {
      ts_ns.push_back(bar.ts_open_ns);
      open.push_back(bar.open);
      high.push_back(bar.high);
      low.push_back(bar.low);
      close.push_back(bar.close);
      volume.push_back(bar.volume);
    }
  }
  [[nodiscard]] BarColumns view() const { return {ts_ns, open, high, low, close, volume}; }
};

template <class Indicator>
void batch_into(const Columns& columns, Indicator indicator, std::array<std::vector<double>, 5>& out) {
  std::array<std::span<double>, Indicator::kOutputs> spans;
  for (std::size_t i = 0; i < spans.size(); ++i) spans[i] = out[i];
  run_batch(columns.view(), columns.close.size(), indicator, spans);
}

void eight_batch(benchmark::State& state) {
  static const Columns kColumns;
  std::array<std::vector<double>, 5> out;
  for (auto& column : out) column.resize(bars().size());
  for (auto _ : state) {
    batch_into(kColumns, Sma(20), out);
    batch_into(kColumns, Ema(20), out);
    batch_into(kColumns, Rsi(14), out);
    batch_into(kColumns, Macd(12, 26, 9), out);
    batch_into(kColumns, Bollinger(20, 2.0), out);
    batch_into(kColumns, Atr(14), out);
    batch_into(kColumns, Adx(14), out);
    batch_into(kColumns, StochRsi(14, 14, 3), out);
    benchmark::DoNotOptimize(out);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(bars().size()));
}
BENCHMARK(eight_batch);

template <class Indicator, auto... kArguments>
void one(benchmark::State& state) {
  Indicator indicator(kArguments...);
  for (auto _ : state) {
    for (const Bar& bar : bars()) {
      indicator.on_bar(bar);
      double value = indicator.value(0);
      benchmark::DoNotOptimize(value);
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(bars().size()));
}
BENCHMARK(one<Sma, 20>)->Name("one/sma20");
BENCHMARK(one<Ema, 20>)->Name("one/ema20");
BENCHMARK(one<Rsi, 14>)->Name("one/rsi14");
BENCHMARK(one<Macd, 12, 26, 9>)->Name("one/macd");
BENCHMARK(one<Bollinger, 20, 2>)->Name("one/bbands20");
BENCHMARK(one<Atr, 14>)->Name("one/atr14");
BENCHMARK(one<Adx, 14>)->Name("one/adx14");
BENCHMARK(one<StochRsi, 14, 14, 3>)->Name("one/stochrsi14");
BENCHMARK(one<Mfi, 14>)->Name("one/mfi14");
BENCHMARK(one<Cci, 20>)->Name("one/cci20");
BENCHMARK(one<WilliamsR, 14>)->Name("one/willr14");
BENCHMARK(one<HistoricalVolatility, 20, 50, kNanosPerMinute>)->Name("one/hv20_z50");

struct CountingSink {
  std::uint64_t frames = 0;
  void frame(const IndicatorFrame&) noexcept { ++frames; }
};

/// instruments x one trade a millisecond; range(1) seconds a bar of the finest timeframe. Bars close as they come.
void tick_path(benchmark::State& state) {
  const auto instrument_count = static_cast<std::size_t>(state.range(0));
  InstrumentTable table;
  IndicatorPlan plan(instrument_count);
  for (std::size_t i = 0; i < instrument_count; ++i) {
    Instrument instrument;
    instrument.symbol.assign("S" + std::to_string(i));
    instrument.venue = Venue::binance;
    instrument.market = Market::usdm;
    instrument.price_decimals = 4;
    instrument.qty_decimals = 5;
    (void)table.add(instrument);
    const auto id = static_cast<InstrumentId>(i);
    const std::int64_t fine_ns = state.range(1) * kNanosPerSecond;
    for (const std::int64_t timeframe_ns : {fine_ns, 5 * fine_ns, 60 * fine_ns}) {
      (void)plan.slot({.timeframe_ns = timeframe_ns, .period = {14}, .instrument = id, .kind = IndicatorKind::rsi});
      (void)plan.slot({.timeframe_ns = timeframe_ns, .period = {20}, .instrument = id, .kind = IndicatorKind::sma});
      (void)plan.slot({.timeframe_ns = timeframe_ns, .period = {14}, .instrument = id, .kind = IndicatorKind::atr});
    }
  }
  Indicators stage(table, plan, {});
  CountingSink sink;
  std::mt19937_64 random(7);
  std::vector<Tick> ticks(1 << 14);
  for (Tick& tick : ticks) {
    tick.kind = TickKind::trade;
    tick.instrument = static_cast<InstrumentId>(random() % instrument_count);
    tick.bid_price = {600'000'000 + static_cast<std::int64_t>(random() % 100'000)};
    tick.bid_qty = {1 + static_cast<std::int64_t>(random() % 1'000'000)};
  }
  std::int64_t ts_ns = 1'700'000'000'000'000'000;
  std::uint64_t sequence = 0;
  for (auto _ : state) {
    for (Tick& tick : ticks) {
      ts_ns += kNanosPerMilli;
      tick.ts_exchange_ns = ts_ns;
      tick.ts_receive_ns = ts_ns + 5 * kNanosPerMilli;
      tick.sequence = ++sequence;
      stage.on_tick(tick, sink);
    }
  }
  benchmark::DoNotOptimize(sink.frames);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(ticks.size()));
  state.counters["frames"] = static_cast<double>(sink.frames);
}
BENCHMARK(tick_path)->Args({1, 60})->Args({1, 1})->Args({100, 60})->ArgNames({"instruments", "bar_s"});

}  // namespace
}  // namespace martinet

BENCHMARK_MAIN();

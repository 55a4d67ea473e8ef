#pragma once
// A plausible session for the telemetry tests: random walks, trades on them that balance to the last 1e-8, latencies and counters.
// The same seed gives the same session.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "engine/base/decimal.hpp"
#include "engine/base/time.hpp"
#include "engine/cold/telemetry/session_summary.hpp"

namespace martinet::telemetry_test {

/// 2025-01-14 00:00:00 UTC
inline constexpr std::int64_t kStartNs = 1'736'812'800'000'000'000;

struct SampleShape {
  std::uint64_t seed = 1;
  std::size_t trips = 60;  ///< positions opened and closed
  std::int64_t span_ns = 36 * kNanosPerHour;
  std::size_t instruments = 2;  ///< at most 4
  bool partials = true;         ///< some positions are added to and reduced in parts
};

struct Sample {
  InstrumentTable instruments;
  std::vector<std::unique_ptr<InstrumentCurve>> curves;
  SessionSummary summary;
  SessionDetail detail;
};

/// std::uniform_*_distribution differs between libraries; this does not.
class SampleRandom {
 public:
  explicit SampleRandom(std::uint64_t seed) : engine_(seed) {}
  [[nodiscard]] std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(high - low + 1));
  }
  [[nodiscard]] bool chance(int percent) { return between(0, 99) < percent; }

 private:
  std::mt19937_64 engine_;
};

inline Instrument sample_instrument(std::string_view symbol, std::string_view base, int price_decimals, int qty_decimals) {
  Instrument instrument;
  (void)instrument.symbol.assign(symbol);
  (void)instrument.base.assign(base);
  (void)instrument.quote.assign("USDT");
  (void)instrument.settle.assign("USDT");
  instrument.venue = Venue::bitget;
  instrument.market = Market::usdt_futures;
  instrument.kind = ContractKind::linear;
  instrument.price_decimals = static_cast<std::uint8_t>(price_decimals);
  instrument.qty_decimals = static_cast<std::uint8_t>(qty_decimals);
  (void)set_linear_value(instrument);
  return instrument;
}

/// One position as executions; returns its net P&L. Prices move by `move` from entry to exit in the position's favour.
class SampleTrader {
 public:
  SampleTrader(Sample& sample, SampleRandom& random) : sample_(sample), random_(random) {}

  Money trip(InstrumentId id, Side direction, std::int64_t open_ns, std::int64_t close_ns, Price entry, Price exit, bool parts) {
    const Instrument& instrument = sample_.instruments[id];
    const std::int64_t unit = pow10_i64(instrument.qty_decimals) / 100;
    const Qty first{unit * random_.between(1, 40)};
    ++intent_;
    entry_ = entry;
    Qty held{};
    Money entry_fees{};
    Money pnl{};
    const auto enter = [&](std::int64_t ts_ns, Qty qty, ExecutionEvent event) {
      Execution e = base(id, direction, ts_ns, entry, qty, event);
      entry_fees = entry_fees + e.fee;
      held = held + qty;
      balance_ = balance_ - e.fee;
      e.balance = balance_;
      push(e);
    };
    enter(open_ns, first, ExecutionEvent::open);
    if (parts) enter(open_ns + (close_ns - open_ns) / 4, first, ExecutionEvent::add);
    const auto leave = [&](std::int64_t ts_ns, Qty qty, ExecutionEvent event) {
      Execution e = base(id, direction, ts_ns, exit, qty, event);
      e.side = opposite(direction);
      Money gross{};
      (void)money_of_down(instrument, direction == Side::buy ? exit - entry : entry - exit, qty, gross);
      const Money share{entry_fees.v * qty.v / held.v};
      entry_fees = entry_fees - share;
      held = held - qty;
      e.pnl_net = gross - share - e.fee;
      pnl = pnl + e.pnl_net;
      balance_ = balance_ + gross - e.fee;
      e.balance = balance_;
      e.exit_reason = e.pnl_net.v > 0 ? (random_.chance(70) ? ExitReason::tp : ExitReason::trailing)
                                      : (random_.chance(80) ? ExitReason::sl : ExitReason::signal);
      push(e);
    };
    if (parts) leave(open_ns + (close_ns - open_ns) / 2, first, ExecutionEvent::reduce);
    leave(close_ns, held, ExecutionEvent::close);
    return pnl;
  }

  Money balance_{10'000 * kMoneyUnit};

 private:
  Execution base(InstrumentId id, Side direction, std::int64_t ts_ns, Price price, Qty qty, ExecutionEvent event) {
    Execution e;
    e.ts_ns = ts_ns;
    e.venue_order_id = 1'180'000'000'000'000'000ULL + ++fill_;
    e.trade_id = fill_;
    e.key = {intent_, event == ExecutionEvent::open || event == ExecutionEvent::add ? OrderPurpose::entry : OrderPurpose::close, 0, {}};
    e.qty = qty;
    e.price = price;
    e.entry_price = entry_;
    e.stop_price = Price{price.v - price.v / 100};
    e.target_price = random_.chance(80) ? Price{price.v + price.v / 50} : kNoPrice;
    Money notional{};
    (void)money_of_up(sample_.instruments[id], price, qty, notional);
    (void)fee_of_up(notional, Rate{60'000}, e.fee);
    e.score = static_cast<double>(random_.between(50, 99)) / 100;
    e.instrument = id;
    e.strategy = static_cast<StrategyId>(id % 2);
    e.event = event;
    e.direction = direction;
    e.side = direction;
    e.regime = static_cast<MarketRegime>(random_.between(0, 5));
    return e;
  }
  void push(const Execution& e) { sample_.detail.executions.push_back(e); }

  Sample& sample_;
  SampleRandom& random_;
  std::uint64_t intent_ = 0;
  Price entry_{};
  std::uint64_t fill_ = 0;
};

inline void add_sample_counts(Sample& sample, SampleRandom& random) {
  SessionSummary& s = sample.summary;
  s.session = "2025-01-14T00-00-00-3f9a";
  s.input = "captures/bitget_2025-01-14.cap";
  s.config_source = "config/replay.toml";
  s.layout = "fused";
  s.build_id = "0.1.0 56458f3a0b1c gnu 12.2.0 Release";
  s.machine = "AMD EPYC 7B13, 2 cores at 2.25 GHz, Linux 6.1.0";
  s.records = 4'812'345;
  s.events = 5'204'118;
  s.ticks = 4'799'201;
  s.bars = 5'412;
  s.signals = 1'204;
  s.frames_by_channel = {{"trade", 3'120'442}, {"book_ticker", 1'602'118}, {"candle", 89'785}};
  s.frames_refused = {{"bad_json", 3}};
  s.feed_counts = {{"duplicate", 12}, {"gap", 2}, {"stale", 141}, {"crossed", 9}};
  s.orders_by_verdict = {{"admitted", 60},      {"exit_forwarded", 71}, {"kill_switch", 0},  {"data_gate", 18},
                         {"symbol_owned", 912}, {"size_zero", 4},       {"free_margin", 139}};
  s.order_stream_sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
  s.elapsed_s = 1.91;
  s.events_per_second = 2'724'668.06;
  s.latency = {{"decode", 81'210, 61, 84, 148, 712, 18'402},        {"feed", 81'210, 22, 31, 58, 240, 9'120},
               {"indicators", 81'210, 41, 118, 390, 1'404, 21'050}, {"signal", 5'412, 18, 29, 77, 301, 4'004},
               {"risk", 1'204, 96, 140, 310, 980, 5'230},           {"input", 81'210, 402, 611, 1'310, 4'870, 54'230},
               {"order", 131, 688, 940, 2'120, 6'480, 6'480}};
  const double middle = std::log2(402.0);
  for (int quarter = 28; quarter < 64; ++quarter) {
    const double at = quarter / 4.0;
    const double spread = at < middle ? 0.35 : 0.5 + (at - middle) * 0.14;
    const double expected = 26'000 * std::exp(-(at - middle) * (at - middle) / (2 * spread * spread));
    const auto count =
        static_cast<std::uint64_t>(expected) + (at > middle && random.chance(40) ? static_cast<std::uint64_t>(random.between(0, 3)) : 0U);
    s.input_latency_bars.push_back({static_cast<std::uint64_t>(std::exp2(at)), static_cast<std::uint64_t>(std::exp2(at + 0.25)), count});
  }
  WorkerCounters hot;
  hot.name = "hot";
  hot.turns_busy = 5'204'118;
  hot.turns_idle = 31'004;
  hot.messages = 5'204'118;
  hot.page_faults_minor = 4;
  hot.context_switches_involuntary = 37;
  WorkerCounters cold = hot;
  cold.name = "cold";
  cold.messages = 91'422;
  cold.allocations = 118;
  cold.yields = 20'412;
  s.hot_threads = {hot, cold};
  s.ring_enters = 1'204;
  s.warnings = {"2 cores for 2 spinning threads: the idle strategy yields",
                "rules of ETHUSDT are assumed: the finest decimals seen in the capture"};
}

/// A session of shape.trips positions, one after another on each instrument.
[[nodiscard]] inline std::unique_ptr<Sample> sample_session(const SampleShape& shape) {
  auto owner = std::make_unique<Sample>();
  Sample& sample = *owner;
  SampleRandom random(shape.seed);
  constexpr std::array<std::string_view, 4> kSymbols = {"BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT"};
  constexpr std::array<std::int64_t, 4> kPrices = {9'512'340, 318'421, 18'742, 257};
  for (std::size_t i = 0; i < shape.instruments; ++i) {
    (void)sample.instruments.add(sample_instrument(kSymbols[i], kSymbols[i].substr(0, 3), i == 3 ? 6 : 4, 6));
  }
  constexpr std::size_t kSteps = 3000;
  std::vector<std::vector<std::int64_t>> walks(shape.instruments);
  for (std::size_t i = 0; i < shape.instruments; ++i) {
    sample.curves.push_back(std::make_unique<InstrumentCurve>());
    sample.curves.back()->instrument = static_cast<InstrumentId>(i);
    std::int64_t price = kPrices[i] * 100 * (i == 3 ? 100 : 1);
    for (std::size_t k = 0; k < kSteps; ++k) {
      price += price / 10'000 * random.between(-60, 61) / 4;
      walks[i].push_back(price);
      sample.curves.back()->price.add(kStartNs + static_cast<std::int64_t>(k) * (shape.span_ns / static_cast<std::int64_t>(kSteps)), price);
    }
  }
  SampleTrader trader(sample, random);
  const auto equity = [&](std::int64_t ts_ns) { sample.detail.equity.push_back({ts_ns, trader.balance_.v}); };
  equity(kStartNs);
  std::array<StrategyRow, 2> rows = {StrategyRow{"vwap_rsi", 0, 0, {}, {}}, StrategyRow{"grid", 0, 0, {}, {}}};
  const std::int64_t slot_ns = shape.span_ns / static_cast<std::int64_t>(shape.trips + 1);
  for (std::size_t k = 0; k < shape.trips; ++k) {
    const auto id = static_cast<InstrumentId>(k % shape.instruments);
    const std::int64_t open_ns = kStartNs + static_cast<std::int64_t>(k) * slot_ns + random.between(0, slot_ns / 8);
    const std::int64_t close_ns = open_ns + random.between(slot_ns / 4, slot_ns / 4 * 3);
    const auto price_at = [&](std::int64_t ts_ns) {
      const auto step = static_cast<std::size_t>((ts_ns - kStartNs) / (shape.span_ns / static_cast<std::int64_t>(kSteps)));
      return Price{walks[id][std::min(step, kSteps - 1)]};
    };
    // A little better than chance: two of three times it is on the side the walk will take.
    const bool rises = price_at(close_ns) > price_at(open_ns);
    const Side direction = rises == random.chance(62) ? Side::buy : Side::sell;
    const Money pnl =
        trader.trip(id, direction, open_ns, close_ns, price_at(open_ns), price_at(close_ns), shape.partials && random.chance(20));
    StrategyRow& row = rows[id % 2];
    ++row.trades;
    if (pnl.v > 0) ++row.wins;
    row.pnl_net = row.pnl_net + pnl;
    equity(close_ns);
  }
  SessionSummary& s = sample.summary;
  add_sample_counts(sample, random);
  for (const Execution& e : sample.detail.executions) {
    s.fees = s.fees + e.fee;
    rows[e.strategy].fees = rows[e.strategy].fees + e.fee;
  }
  s.fills = sample.detail.executions.size();
  s.orders_sent = s.fills + shape.trips;
  s.initial_balance = Money{10'000 * kMoneyUnit};
  s.balance = s.equity = trader.balance_;
  s.pnl_net = s.equity - s.initial_balance;
  s.ts_first_ns = kStartNs;
  s.ts_last_ns = kStartNs + shape.span_ns;
  Money peak = s.initial_balance;
  for (const SeriesPoint& point : sample.detail.equity) {
    peak = std::max(peak, Money{point.value});
    if (peak - Money{point.value} > s.max_drawdown) {
      s.max_drawdown = peak - Money{point.value};
      s.max_drawdown_fraction = static_cast<double>(s.max_drawdown.v) / static_cast<double>(peak.v);
    }
  }
  s.strategies = {rows[0], rows[1]};
  sample.detail.instruments = &sample.instruments;
  sample.detail.strategy_names = {"vwap_rsi", "grid"};
  sample.detail.epoch = 7;
  for (const auto& curve : sample.curves) sample.detail.prices.push_back(curve.get());
  s.performance = performance_of(sample.detail.executions, sample.detail.equity);
  return owner;
}

}  // namespace martinet::telemetry_test

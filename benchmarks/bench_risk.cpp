// What gate and signal stage cost with 100 instruments: a tick, an entry that is admitted, one that is refused, a frame. The percentiles
// are of single calls stamped with the TSC (the stamp's own cost, given beside them, is not taken off); the plain figures are throughput.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/percentiles.hpp"
#include "engine/hot/risk/risk_gate.hpp"
#include "engine/hot/signal/registry.hpp"
#include "engine/hot/signal/signal.hpp"

namespace {

using namespace martinet;

constexpr std::size_t kInstruments = 100;
constexpr std::int64_t kNow = 1'700'000'000'000'000'000;
constexpr Price kRef{500'000'000};
constexpr Price kStop{490'000'000};

struct Sink {
  std::uint64_t requests = 0;
  std::uint64_t decisions = 0;
  OrderRequest last;
  void request(const OrderRequest& r) noexcept {
    last = r;
    benchmark::DoNotOptimize(last);
    ++requests;
  }
  void exit(const OrderIntent&) noexcept {}
  void decision(const GateDecision& d) noexcept {
    benchmark::DoNotOptimize(&d);
    ++decisions;
  }
};

InstrumentTable make_table() {
  InstrumentTable table;
  for (std::size_t i = 0; i < kInstruments; ++i) {
    Instrument row;
    (void)row.symbol.assign("S" + std::to_string(i));
    row.kind = ContractKind::linear;
    row.price_decimals = 4;
    row.qty_decimals = 5;
    (void)set_linear_value(row);
    row.rules.tick_size = {1'000};
    row.rules.lot_size = row.rules.qty_min = {100};
    row.rules.notional_min = {5 * kMoneyUnit};
    (void)table.add(row).value();
  }
  return table;
}

RiskConfig config_for_all() {
  RiskConfig config;
  config.max_open_positions = static_cast<std::int32_t>(kInstruments);
  config.risk_fraction = {100'000};
  config.leverage = 10;  // all of them at once fit into the account
  config.max_order_notional = {100'000 * kMoneyUnit};
  return config;
}

Tick tick_of(InstrumentId id) {
  Tick tick;
  tick.kind = TickKind::trade;
  tick.instrument = id;
  tick.bid_price = kRef;
  tick.ts_receive_ns = kNow;
  return tick;
}

OrderIntent intent_of(InstrumentId id) {
  OrderIntent intent;
  intent.ts_receive_ns = kNow;
  intent.intent_id = 1;
  intent.reference_price = kRef;
  intent.stop_price = kStop;
  intent.target_price = {520'000'000};
  intent.instrument = id;
  intent.strategy = 0;
  intent.action = IntentAction::enter_long;
  return intent;
}

RiskGate make_gate(const InstrumentTable& table) {
  RiskGate gate(table, config_for_all());
  GuardView guard;
  guard.version = 1;
  guard.ts_expires_ns = kNow + kNow;
  guard.equity = guard.balance = {1'000'000 * kMoneyUnit};
  gate.on_guard_view(guard);
  for (std::size_t i = 0; i < kInstruments; ++i) gate.on_tick(tick_of(static_cast<InstrumentId>(i)));
  return gate;
}

void gate_tick(benchmark::State& state) {
  const InstrumentTable table = make_table();
  RiskGate gate = make_gate(table);
  std::vector<Tick> ticks;
  for (std::size_t i = 0; i < kInstruments; ++i) ticks.push_back(tick_of(static_cast<InstrumentId>(i * 37 % kInstruments)));
  std::size_t at = 0;
  for (auto _ : state) {
    gate.on_tick(ticks[at]);
    at = at + 1 == kInstruments ? 0 : at + 1;
  }
  benchmark::DoNotOptimize(&gate.state());
}
BENCHMARK(gate_tick);

// Admits, then lets a flat view cover the request, so that the instrument is free again when its turn comes.
class Admitting {
 public:
  explicit Admitting(const InstrumentTable& table) : gate_(make_gate(table)) {
    for (std::size_t i = 0; i < kInstruments; ++i) intents_.push_back(intent_of(static_cast<InstrumentId>(i * 37 % kInstruments)));
  }
  void admit() noexcept { gate_.on_intent(intents_[at_], sink_); }
  void release() noexcept {
    PositionView view;
    view.instrument = intents_[at_].instrument;
    view.version = ++version_;
    view.covers_request = sink_.last.request_id;
    gate_.on_position_view(view);
    at_ = at_ + 1 == kInstruments ? 0 : at_ + 1;
  }
  [[nodiscard]] bool all_admitted() const noexcept { return sink_.requests == sink_.decisions && sink_.requests > 0; }

 private:
  RiskGate gate_;
  Sink sink_;
  std::vector<OrderIntent> intents_;
  std::size_t at_ = 0;
  std::uint64_t version_ = 0;
};

void gate_admit_and_release(benchmark::State& state) {
  const InstrumentTable table = make_table();
  Admitting work(table);
  for (auto _ : state) {
    work.admit();
    work.release();
  }
  if (!work.all_admitted()) state.SkipWithError("an entry was refused");
}
BENCHMARK(gate_admit_and_release);

void gate_admit_percentiles(benchmark::State& state) {
  const InstrumentTable table = make_table();
  Admitting work(table);
  bench::percentiles(state, [&] { work.admit(); }, [&] { work.release(); });
  if (!work.all_admitted()) state.SkipWithError("an entry was refused");
}
BENCHMARK(gate_admit_percentiles);

// Every instrument has an entry under way: each further one is refused (symbol_owned).
class Refusing {
 public:
  explicit Refusing(const InstrumentTable& table) : gate_(make_gate(table)) {
    for (std::size_t i = 0; i < kInstruments; ++i) {
      intents_.push_back(intent_of(static_cast<InstrumentId>(i * 37 % kInstruments)));
      gate_.on_intent(intents_.back(), sink_);
    }
  }
  void refuse() noexcept { gate_.on_intent(intents_[at_], sink_); }
  void next() noexcept { at_ = at_ + 1 == kInstruments ? 0 : at_ + 1; }
  [[nodiscard]] bool all_refused() const noexcept { return sink_.requests == kInstruments && sink_.decisions > kInstruments; }

 private:
  RiskGate gate_;
  Sink sink_;
  std::vector<OrderIntent> intents_;
  std::size_t at_ = 0;
};

void gate_refuse(benchmark::State& state) {
  const InstrumentTable table = make_table();
  Refusing work(table);
  for (auto _ : state) {
    work.refuse();
    work.next();
  }
  if (!work.all_refused()) state.SkipWithError("an entry was not refused");
}
BENCHMARK(gate_refuse);

void gate_refuse_percentiles(benchmark::State& state) {
  const InstrumentTable table = make_table();
  Refusing work(table);
  bench::percentiles(state, [&] { work.refuse(); }, [&] { work.next(); });
  if (!work.all_refused()) state.SkipWithError("an entry was not refused");
}
BENCHMARK(gate_refuse_percentiles);

// Every instrument has a cycle of which one level is held: each further level is admitted, and a view without its fill covers it. Their
// numbers end at 256 (OrderKey.attempt), so a cycle is closed and opened anew now and then, beside the measured calls.
class Adding {
 public:
  explicit Adding(const InstrumentTable& table) : gate_(make_gate(table)) {
    for (std::size_t i = 0; i < kInstruments; ++i) {
      OrderIntent& intent = intents_.emplace_back(intent_of(static_cast<InstrumentId>(i * 37 % kInstruments)));
      open(intent);
      intent.action = IntentAction::add_level;
    }
  }
  void add() noexcept { gate_.on_intent(intents_[at_], sink_); }
  void cover() noexcept {
    hold(intents_[at_].instrument, 1);
    if (sink_.last.key.attempt == 255) {
      hold(intents_[at_].instrument, 0);
      open(intents_[at_]);
    }
    at_ = at_ + 1 == kInstruments ? 0 : at_ + 1;
  }
  [[nodiscard]] bool all_admitted() const noexcept { return sink_.requests == sink_.decisions && sink_.requests > kInstruments; }

 private:
  void open(OrderIntent intent) noexcept {
    intent.action = IntentAction::enter_long;
    intent.level_count = 4;
    intent.worst_price = intent.worst_average = kRef;
    intent.stop_rate = {20'000'000};
    gate_.on_intent(intent, sink_);
    hold(intent.instrument, 1);
  }
  void hold(InstrumentId id, std::int64_t legs) noexcept {
    PositionView view;
    view.instrument = id;
    view.version = ++version_;
    view.covers_request = sink_.last.request_id;
    if (legs != 0) {
      view.qty = sink_.last.qty;
      view.notional = {gate_.state().cycles[id].cost_max.v / 4};
      view.owner = 0;
      view.exposure = Exposure::open;
      view.legs_filled = 1;
    }
    gate_.on_position_view(view);
  }

  RiskGate gate_;
  Sink sink_;
  std::vector<OrderIntent> intents_;
  std::size_t at_ = 0;
  std::uint64_t version_ = 0;
};

void gate_add_level_percentiles(benchmark::State& state) {
  const InstrumentTable table = make_table();
  Adding work(table);
  bench::percentiles(state, [&] { work.add(); }, [&] { work.cover(); });
  if (!work.all_admitted()) state.SkipWithError("a level was refused");
}
BENCHMARK(gate_add_level_percentiles);

// The signal stage with one vwap_rsi over all instruments: frames that close no bar of its timeframe, frames on which it decides against
// an entry, and frames on which it enters.
class Deciding {
 public:
  Deciding(std::uint8_t closed_mask, double rsi) : table_(make_table()) {
    std::vector<InstrumentId> ids;
    for (const Instrument& row : table_) ids.push_back(row.id);
    std::vector<IndicatorKind> order;
    StrategyContext context;
    context.name = "bench";
    context.instruments = ids;
    context.table = &table_;
    context.slot_of = [&order](const IndicatorRequest& request) -> Result<std::uint16_t> {
      if (request.instrument == 0) order.push_back(request.kind);
      for (std::size_t i = 0; i < order.size(); ++i) {
        if (order[i] == request.kind) return static_cast<std::uint16_t>(i);
      }
      return Error{Errc::no_capacity, "the instruments ask for different indicators"};
    };
    context.timeframe_bit_of = [](InstrumentId, std::int64_t) -> Result<std::uint8_t> { return std::uint8_t{0}; };
    std::vector<std::unique_ptr<Strategy>> strategies;
    strategies.push_back(std::move(make_strategy("vwap_rsi", context).value()));
    signal_ = std::make_unique<Signal>(std::move(strategies), table_.size());
    for (const InstrumentId id : ids) {
      IndicatorFrame frame;
      frame.instrument = id;
      frame.closed_mask = closed_mask;
      frame.warm_mask[0] = ~std::uint64_t{0};
      for (std::size_t i = 0; i < order.size(); ++i) frame.slots[i] = value_of(order[i], rsi);
      frames_.push_back(frame);
    }
  }
  void run(benchmark::State& state, bool enters) {
    std::size_t at = 0;
    for (auto _ : state) {
      signal_->on_frame(frames_[at], *this);
      at = at + 1 == kInstruments ? 0 : at + 1;
    }
    if ((intents_ > 0) != enters) state.SkipWithError("not the decision that was to be measured");
  }
  void intent(const OrderIntent& i) noexcept {
    benchmark::DoNotOptimize(&i);
    ++intents_;
  }

 private:
  static double value_of(IndicatorKind kind, double rsi) {
    switch (kind) {
      case IndicatorKind::close:
        return 49'000.0;
      case IndicatorKind::vwap_session:
        return 50'000.0;
      case IndicatorKind::rsi:
        return rsi;
      case IndicatorKind::atr:
        return 250.0;
      default:
        return 10.0;  // volume and its average
    }
  }
  InstrumentTable table_;
  std::unique_ptr<Signal> signal_;
  std::vector<IndicatorFrame> frames_;
  std::uint64_t intents_ = 0;
};

void signal_frame_without_bar(benchmark::State& state) { Deciding(0, 20).run(state, false); }
void signal_bar_no_entry(benchmark::State& state) { Deciding(1, 50).run(state, false); }
void signal_bar_entry(benchmark::State& state) { Deciding(1, 20).run(state, true); }
BENCHMARK(signal_frame_without_bar);
BENCHMARK(signal_bar_no_entry);
BENCHMARK(signal_bar_entry);

}  // namespace

BENCHMARK_MAIN();

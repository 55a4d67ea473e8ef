// The indicators and signal stages together, per tick: every strategy kind that needs no file of its own, with its default parameters
// but on one timeframe, over 1 and 100 instruments. A tick is a trade; instruments come in random order, so that with 100 of them their
// state competes for the caches; bars close as they come (one second bars: a decision every thousand ticks or so).
#include <benchmark/benchmark.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "benchmarks/percentiles.hpp"
#include "engine/hot/indicators/indicators.hpp"
#include "engine/hot/signal/registry.hpp"
#include "engine/hot/signal/signal.hpp"

namespace martinet {
namespace {

class Stages {
 public:
  Stages(std::string_view kind, std::size_t instrument_count, std::string_view timeframe) : plan_(instrument_count) {
    std::vector<InstrumentId> ids;
    for (std::size_t i = 0; i < instrument_count; ++i) {
      Instrument row;
      (void)row.symbol.assign("S" + std::to_string(i));
      row.kind = ContractKind::linear;
      row.venue = Venue::binance;
      row.market = Market::usdm;
      row.price_decimals = 4;
      row.qty_decimals = 5;
      row.rules.tick_size = {100};
      ids.push_back(table_.add(row).value());
    }
    StrategyContext context;
    context.name = "bench";
    context.instruments = ids;
    context.table = &table_;
    context.parameters.set("timeframe", std::string(timeframe));
    if (kind == "vwap_rsi") context.parameters.set("filter_timeframe", std::string("15s"));
    context.slot_of = [this](const IndicatorRequest& request) { return plan_.slot(request); };
    context.timeframe_bit_of = [this](InstrumentId id, std::int64_t ns) -> Result<std::uint8_t> { return plan_.timeframe_bit(id, ns); };
    std::vector<std::unique_ptr<Strategy>> strategies;
    strategies.push_back(std::move(make_strategy(kind, context).value()));
    indicators_ = std::make_unique<Indicators>(table_, plan_, BarConfig{});
    signal_ = std::make_unique<Signal>(std::move(strategies), instrument_count);

    std::mt19937_64 random(7);
    ticks_.resize(1 << 14);
    std::int64_t price = 600'000'000;
    for (Tick& tick : ticks_) {
      price += static_cast<std::int64_t>(random() % 20'001) - 10'000;
      tick.kind = TickKind::trade;
      tick.instrument = static_cast<InstrumentId>(random() % instrument_count);
      tick.bid_price = {price};
      tick.bid_qty = {1 + static_cast<std::int64_t>(random() % 1'000'000)};
    }
  }

  void tick() noexcept { indicators_->on_tick(ticks_[at_], *this); }
  /// The next tick, a millisecond later.
  void next() noexcept {
    at_ = (at_ + 1) % ticks_.size();
    Tick& tick = ticks_[at_];
    ts_ns_ += kNanosPerMilli;
    tick.ts_exchange_ns = ts_ns_;
    tick.ts_receive_ns = ts_ns_ + 5 * kNanosPerMilli;
    tick.sequence = ++sequence_;
  }
  void frame(const IndicatorFrame& frame) noexcept { signal_->on_frame(frame, *this); }
  void intent(const OrderIntent& intent) noexcept { benchmark::DoNotOptimize(&intent); }
  [[nodiscard]] std::uint64_t decisions() const noexcept { return signal_->counters().decisions; }

 private:
  InstrumentTable table_;
  IndicatorPlan plan_;
  std::unique_ptr<Indicators> indicators_;
  std::unique_ptr<Signal> signal_;
  std::vector<Tick> ticks_;
  std::size_t at_ = 0;
  std::int64_t ts_ns_ = 1'700'000'000'000'000'000;
  std::uint64_t sequence_ = 0;
};

void run(benchmark::State& state, std::string_view kind, std::size_t instrument_count, std::string_view timeframe) {
  Stages stages(kind, instrument_count, timeframe);
  stages.next();
  bench::percentiles(state, [&] { stages.tick(); }, [&] { stages.next(); });
  state.counters["decisions"] = static_cast<double>(stages.decisions());
}

}  // namespace
}  // namespace martinet

int main(int argc, char** argv) {
  for (const martinet::StrategyKind* kind : martinet::strategy_kinds()) {
    if (kind->name == "model_signal") continue;  // needs a model file
    for (const std::size_t instruments : {std::size_t{1}, std::size_t{100}}) {
      const std::string name = std::string(kind->name) + "/instruments:" + std::to_string(instruments);
      benchmark::RegisterBenchmark((name + "/bars:1s").c_str(), martinet::run, kind->name, instruments, "1s");
    }
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}

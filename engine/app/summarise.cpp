#include "engine/app/summarise.hpp"

#include "engine/app/build_info.hpp"
#include "engine/app/config_env.hpp"
#include "engine/app/latency_report.hpp"

namespace martinet {
namespace {

void count_feed(const SummarySources& sources, SessionSummary& out) {
  const FeedCounters totals = sources.pipeline.feed().totals();
  for (std::size_t i = 0; i < kFeedCounts; ++i) {
    const auto count = static_cast<FeedCount>(i);
    if (totals[count] != 0) out.feed_counts.emplace_back(name_of(count), totals[count]);
  }
}

void count_input(const SummarySources& sources, SessionSummary& out) {
  const ReplayInputCounters& counters = sources.input.counters();
  out.records = counters.records;
  out.events = sources.pipeline.counters().inputs + counters.venue_events;
  for (std::size_t i = 0; i < kChannelCount; ++i) {
    if (counters.frames[i] != 0) out.frames_by_channel.emplace_back(name_of(static_cast<Channel>(i)), counters.frames[i]);
  }
  for (std::size_t i = 0; i < kErrcCount; ++i) {
    if (counters.refused[i] != 0) out.frames_refused.emplace_back(name_of(static_cast<Errc>(i)), counters.refused[i]);
  }
}

void count_trading(const SummarySources& sources, SessionSummary& out) {
  const Pipeline& pipeline = sources.pipeline;
  out.ticks = pipeline.counters().ticks;
  const BarCounters bars = pipeline.indicators().bars();
  out.bars = bars.closed;
  out.bar_gaps = bars.gaps;
  out.signals = pipeline.signal().counters().intents;
  out.orders_sent = sources.recorder.request_count();
  out.fills = sources.recorder.fill_count();
  for (std::size_t i = 0; i < static_cast<std::size_t>(Verdict::count_); ++i) {
    const auto verdict = static_cast<Verdict>(i);
    out.orders_by_verdict.emplace_back(name_of(verdict), pipeline.gate().counters()[verdict]);
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(AlertCode::count_); ++i) {
    const std::uint64_t count = pipeline.positions().counters().alerts[i];
    if (count != 0) out.alerts.emplace_back(name_of(static_cast<AlertCode>(i)), count);
  }
}

Price last_price_of(const SummarySources& sources, InstrumentId id) { return Price{sources.recorder.prices()[id].price.last().value}; }

void list_positions(const SummarySources& sources, SessionSummary& out) {
  for (const Instrument& instrument : sources.instruments) {
    const PositionView& view = sources.pipeline.positions().position(instrument.id);
    if (view.qty.v == 0) continue;
    OpenPosition position;
    position.instrument = instrument.id;
    if (view.owner < sources.strategy_names.size()) position.strategy = sources.strategy_names[view.owner];
    position.qty = view.qty;
    position.entry_price = view.entry_price;
    position.last_price = last_price_of(sources, instrument.id);
    if (has_price(view.entry_price)) (void)money_of_down(instrument, position.last_price - view.entry_price, view.qty, position.unrealised);
    out.open_positions.push_back(position);
  }
}

void list_strategies(const SummarySources& sources, SessionSummary& out) {
  for (std::size_t i = 0; i < sources.strategy_names.size(); ++i) {
    const StrategyLedger& ledger = sources.pipeline.positions().ledger(static_cast<StrategyId>(i));
    out.strategies.push_back({sources.strategy_names[i], ledger.trades, ledger.wins, ledger.pnl_net, ledger.fees});
  }
}

}  // namespace

SessionSummary summarise(const SummarySources& sources) {
  SessionSummary out;
  out.config_source = source_text(sources.config);
  out.layout = name_of(sources.config.pipeline.layout);
  out.build_id = build_id();
  out.machine = machine_description();
  out.currency = sources.config.account.currency;
  count_input(sources, out);
  count_feed(sources, out);
  count_trading(sources, out);
  out.initial_balance = sources.config.account.initial_balance;
  out.balance = sources.pipeline.positions().balance();
  out.equity = sources.pipeline.positions().equity();
  out.fees = sources.recorder.fees();
  out.pnl_net = out.equity - out.initial_balance;
  out.max_drawdown = sources.recorder.max_drawdown();
  out.max_drawdown_fraction = sources.recorder.max_drawdown_fraction();
  list_positions(sources, out);
  list_strategies(sources, out);
  out.order_stream_sha256 = sources.recorder.order_stream_sha256();
  out.latency = latency_rows(sources.pipeline.latency(), sources.clock);
  out.input_latency_bars = latency_bars(sources.pipeline.latency().of(Stage::input), sources.clock);
  out.warnings = sources.pipeline.warnings();
  return out;
}

}  // namespace martinet

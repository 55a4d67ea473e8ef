#include "engine/cold/telemetry/json_text.hpp"
#include "engine/cold/telemetry/session_summary.hpp"
#include "engine/cold/telemetry/words.hpp"

namespace martinet {
namespace {

void write_counts(JsonText& json, std::string_view key, const std::vector<NamedCount>& counts) {
  json.key(key).begin_object();
  for (const auto& [name, count] : counts) json.key(name).count(count);
  json.end_object();
}

void write_origin(JsonText& json, const SessionSummary& s) {
  json.key("session").text(s.session);
  json.key("mode").text(s.mode);
  json.key("input").text(s.input);
  json.key("config").text(s.config_source);
  json.key("layout").text(s.layout);
  json.key("build_id").text(s.build_id);
  json.key("machine").text(s.machine);
  json.key("currency").text(s.currency);
  json.key("ts_first").text(words::iso_utc(s.ts_first_ns));
  json.key("ts_last").text(words::iso_utc(s.ts_last_ns));
  json.key("ts_first_ns").integer(s.ts_first_ns);
  json.key("ts_last_ns").integer(s.ts_last_ns);
}

void write_activity(JsonText& json, const SessionSummary& s) {
  json.key("events").count(s.events);
  json.key("records").count(s.records);
  json.key("ticks").count(s.ticks);
  json.key("bars").count(s.bars);
  json.key("bar_gaps").count(s.bar_gaps);
  json.key("signals").count(s.signals);
  json.key("orders_sent").count(s.orders_sent);
  write_counts(json, "orders_by_verdict", s.orders_by_verdict);
  json.key("fills").count(s.fills);
  write_counts(json, "frames_by_channel", s.frames_by_channel);
  write_counts(json, "frames_refused", s.frames_refused);
  write_counts(json, "feed", s.feed_counts);
  write_counts(json, "alerts", s.alerts);
}

void write_result(JsonText& json, const SessionSummary& s) {
  json.key("initial_balance").money(s.initial_balance);
  json.key("balance").money(s.balance);
  json.key("equity").money(s.equity);
  json.key("fees").money(s.fees);
  json.key("pnl_net").money(s.pnl_net);
  json.key("max_drawdown").money(s.max_drawdown);
  json.key("max_drawdown_fraction").number(s.max_drawdown_fraction);
  const Performance& p = s.performance;
  json.key("performance").begin_object();
  json.key("trades").count(p.trades);
  json.key("wins").count(p.wins);
  json.key("win_rate").number(p.win_rate);
  json.key("profit_factor").number(p.profit_factor);
  json.key("max_consecutive_losses").count(p.max_consecutive_losses);
  json.key("sharpe").number(p.sharpe);
  json.key("sortino").number(p.sortino);
  json.key("calmar").number(p.calmar);
  json.end_object();
}

void write_positions(JsonText& json, const SessionSummary& s, const InstrumentTable& instruments) {
  static const Instrument kUnknown;
  json.key("positions").begin_array();
  for (const OpenPosition& position : s.open_positions) {
    const Instrument& instrument = position.instrument < instruments.size() ? instruments[position.instrument] : kUnknown;
    json.begin_object();
    json.key("symbol").text(instrument.symbol.view());
    json.key("strategy").text(position.strategy);
    json.key("qty").grid(position.qty.v, instrument.qty_decimals);
    json.key("entry_price").grid(position.entry_price.v, instrument.price_decimals);
    json.key("last_price").grid(position.last_price.v, instrument.price_decimals);
    json.key("unrealised").money(position.unrealised);
    json.end_object();
  }
  json.end_array();
}

void write_strategies(JsonText& json, const SessionSummary& s) {
  json.key("strategies").begin_array();
  for (const StrategyRow& row : s.strategies) {
    json.begin_object();
    json.key("name").text(row.name);
    json.key("trades").count(row.trades);
    json.key("wins").count(row.wins);
    json.key("pnl_net").money(row.pnl_net);
    json.key("fees").money(row.fees);
    json.end_object();
  }
  json.end_array();
}

void write_models(JsonText& json, const SessionSummary& s) {
  json.key("models").begin_array();
  for (const ModelRow& row : s.models) {
    json.begin_object();
    json.key("strategy").text(row.strategy);
    json.key("name").text(row.name);
    json.key("version").text(row.version);
    json.key("sha256").text(row.sha256);
    json.end_object();
  }
  json.end_array();
}

void write_latency(JsonText& json, const SessionSummary& s) {
  json.key("latency_ns").begin_object();
  for (const LatencyRow& row : s.latency) {
    json.key(row.stage).begin_object();
    json.key("p50").count(row.p50_ns);
    json.key("p90").count(row.p90_ns);
    json.key("p99").count(row.p99_ns);
    json.key("p999").count(row.p999_ns);
    json.key("max").count(row.max_ns);
    json.key("count").count(row.count);
    json.end_object();
  }
  json.end_object();
}

void write_threads(JsonText& json, const SessionSummary& s) {
  json.key("hot_thread_counters").begin_array();
  for (const WorkerCounters& c : s.hot_threads) {
    json.begin_object();
    json.key("name").text(c.name);
    json.key("turns_busy").count(c.turns_busy);
    json.key("turns_idle").count(c.turns_idle);
    json.key("messages").count(c.messages);
    json.key("yields").count(c.yields);
    json.key("parks").count(c.parks);
    json.key("allocations").count(c.allocations);
    json.key("page_faults_minor").count(c.page_faults_minor);
    json.key("page_faults_major").count(c.page_faults_major);
    json.key("context_switches_voluntary").count(c.context_switches_voluntary);
    json.key("context_switches_involuntary").count(c.context_switches_involuntary);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::string summary_json(const SessionSummary& summary, const InstrumentTable& instruments) {
  JsonText json;
  json.begin_object();
  write_origin(json, summary);
  write_activity(json, summary);
  write_result(json, summary);
  write_positions(json, summary, instruments);
  write_strategies(json, summary);
  write_models(json, summary);
  json.key("order_stream_sha256").text(summary.order_stream_sha256);
  json.key("elapsed_s").number(summary.elapsed_s);
  json.key("events_per_second").number(summary.events_per_second);
  write_latency(json, summary);
  write_threads(json, summary);
  json.key("ring_enters").count(summary.ring_enters);
  json.key("warnings").begin_array();
  for (const std::string& warning : summary.warnings) json.text(warning);
  json.end_array();
  json.end_object();
  return std::move(json).take();
}

}  // namespace martinet

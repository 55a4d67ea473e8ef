#pragma once
// What a session did, in words and numbers: the one source of the printed summary, the JSON and the report.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/fixed_point.hpp"
#include "engine/base/instrument.hpp"
#include "engine/cold/telemetry/performance.hpp"
#include "engine/cold/telemetry/series.hpp"
#include "engine/messages/execution.hpp"
#include "engine/runtime/worker_counters.hpp"

namespace martinet {

using NamedCount = std::pair<std::string, std::uint64_t>;

struct LatencyRow {
  std::string stage;
  std::uint64_t count = 0;
  std::uint64_t p50_ns = 0, p90_ns = 0, p99_ns = 0, p999_ns = 0, max_ns = 0;
};

/// Counts of a latency histogram for the report's picture: values in [from_ns, to_ns).
struct LatencyBar {
  std::uint64_t from_ns = 0, to_ns = 0, count = 0;
};

struct OpenPosition {
  InstrumentId instrument = kNoInstrument;
  std::string strategy;
  Qty qty{};  ///< signed
  Price entry_price{};
  Price last_price{};
  Money unrealised{};
};

struct StrategyRow {
  std::string name;
  std::uint64_t trades = 0;  ///< positions closed
  std::uint64_t wins = 0;
  Money pnl_net{};
  Money fees{};
};

/// The trained model a strategy asks.
struct ModelRow {
  std::string strategy;
  std::string name;
  std::string version;
  std::string sha256;  ///< of its file, as engine/hot/model/FORMAT.md says
};

struct InstrumentCurve {
  InstrumentId instrument = kNoInstrument;
  Series price;  ///< units of the instrument's price grid
};

struct SessionSummary {
  std::string session;  ///< folder, empty where none was written
  std::string mode = "replay";
  std::string input;  ///< the capture
  std::string config_source;
  std::string layout;
  std::string build_id;
  std::string machine;  ///< processor, cores, kernel
  std::string currency = "USDT";
  std::int64_t ts_first_ns = 0;
  std::int64_t ts_last_ns = 0;

  std::uint64_t events = 0;   ///< inputs: market messages (one frame may hold several), timers, venue events
  std::uint64_t records = 0;  ///< records of the capture
  std::uint64_t ticks = 0;    ///< trusted ticks
  std::uint64_t bars = 0;     ///< closed bars, all timeframes
  std::uint64_t bar_gaps = 0;
  std::uint64_t signals = 0;      ///< intents
  std::uint64_t orders_sent = 0;  ///< requests handed to the venue, cancels included
  std::uint64_t fills = 0;
  std::vector<NamedCount> orders_by_verdict;
  std::vector<NamedCount> frames_by_channel;
  std::vector<NamedCount> frames_refused;  ///< by error
  std::vector<NamedCount> feed_counts;     ///< of the feed, those that are not zero
  std::vector<NamedCount> alerts;          ///< of the position machine, those that are not zero

  Money initial_balance{};
  Money balance{};
  Money equity{};
  Money fees{};
  Money pnl_net{};       ///< equity minus initial balance
  Money max_drawdown{};  ///< deepest fall of equity below its highest point so far
  double max_drawdown_fraction = 0;
  Performance performance;
  std::vector<OpenPosition> open_positions;
  std::vector<StrategyRow> strategies;
  std::vector<ModelRow> models;

  std::string order_stream_sha256;
  double elapsed_s = 0;
  double events_per_second = 0;
  std::vector<LatencyRow> latency;
  std::vector<LatencyBar> input_latency_bars;
  std::vector<WorkerCounters> hot_threads;
  std::uint64_t ring_enters = 0;  ///< io_uring_enter calls of the journal
  std::vector<std::string> warnings;
};

/// The pictures and the table of the report.
struct SessionDetail {
  const InstrumentTable* instruments = nullptr;
  std::vector<std::string> strategy_names;  ///< by StrategyId
  std::vector<Execution> executions;
  std::vector<SeriesPoint> equity;             ///< 1e-8 of the account currency
  std::vector<const InstrumentCurve*> prices;  ///< instruments that traded
  std::uint64_t epoch = 0;                     ///< for client ids
};

/// For people at a terminal: at most 100 columns; `colour` for a terminal that shows it (ANSI).
[[nodiscard]] std::string summary_text(const SessionSummary& summary, const InstrumentTable& instruments, bool colour);

/// For machines: one JSON object, keys documented in engine/cold/telemetry/SUMMARY.md and stable.
[[nodiscard]] std::string summary_json(const SessionSummary& summary, const InstrumentTable& instruments);

/// One self-contained HTML page: curves, trades on the price, tables, latency; no network, light and dark.
[[nodiscard]] std::string report_html(const SessionSummary& summary, const SessionDetail& detail);

/// One line of session.log for a fill, with its line end; paper fills begin with "[PAPER]".
[[nodiscard]] std::string log_line(const Execution& execution, const SessionDetail& detail, bool paper);

/// One line of session.log that says which model a strategy asks, with its line end.
[[nodiscard]] std::string model_line(const ModelRow& model, bool paper);

/// One line of trades.jsonl, with its line end. `session`: the session's name.
[[nodiscard]] std::string trade_line(const Execution& execution, const SessionDetail& detail, const std::string& session, bool paper);

}  // namespace martinet

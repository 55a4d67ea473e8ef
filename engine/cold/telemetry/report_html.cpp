// The page: its frame, its head, the tiles. The sections come from the other report_*.cpp.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "engine/cold/telemetry/report_parts.hpp"
#include "engine/cold/telemetry/words.hpp"

namespace martinet {
namespace report {
namespace {

void fact(std::string& out, std::string_view name, std::string_view value, bool wide = false) {
  if (value.empty()) return;
  fmt::format_to(std::back_inserter(out), "<div{}><dt>{}</dt><dd>{}</dd></div>\n", wide ? " class=\"wide\"" : "", name, escaped(value));
}

std::string span_of(const SessionSummary& s) {
  if (s.ts_last_ns == 0) return {};
  return fmt::format("{} to {} UTC, {}", words::utc(s.ts_first_ns), words::utc(s.ts_last_ns),
                     words::duration(s.ts_last_ns - s.ts_first_ns));
}

std::string title_of(const SessionSummary& s) {
  if (!s.session.empty()) return s.session;
  const std::size_t slash = s.input.find_last_of('/');
  return slash == std::string::npos ? (s.input.empty() ? s.mode : s.input) : s.input.substr(slash + 1);
}

void tile(std::string& out, std::string_view name, std::string_view value, std::string_view more, std::string_view tone = {}) {
  fmt::format_to(std::back_inserter(out),
                 "<div class=\"tile\"><div class=\"name\">{}</div><div class=\"value {}{}\">{}</div><div class=\"more\">{}</div></div>\n",
                 name, tone, words::width_of(value) > 12 ? " long" : "", value, more);
}

std::string ratio(double value) { return value == 0 ? "\u2013" : axis_number(value, std::abs(value) < 1000 ? 2 : 0); }

}  // namespace

void add_header(std::string& out, const Page& page) {
  const SessionSummary& s = page.summary;
  fmt::format_to(std::back_inserter(out), "<header>\n<div class=\"mark\">martinet {}</div>\n<h1>{}</h1>\n<p class=\"when\">{}</p>\n<dl>\n",
                 escaped(s.mode), escaped(title_of(s)), span_of(s));
  fact(out, "Input", s.input);
  fact(out, "Configuration", s.config_source);
  for (const ModelRow& row : s.models) {
    fact(out, "Model", fmt::format("{} version {} of strategy {}, SHA-256 {}", row.name, row.version, row.strategy, row.sha256), true);
  }
  fact(out, "Layout", s.layout);
  fact(out, "Events", fmt::format("{}, of these {} trusted ticks", words::count(s.events), words::count(s.ticks)));
  if (s.elapsed_s > 0) {
    fact(out, "Throughput",
         fmt::format("{} events/s over {}", words::count(words::whole(s.events_per_second)),
                     words::duration(static_cast<std::int64_t>(words::whole(s.elapsed_s * 1e9)))));
  }
  fact(out, "Signals, orders, fills",
       fmt::format("{} / {} / {}", words::count(s.signals), words::count(s.orders_sent), words::count(s.fills)));
  fact(out, "Machine", s.machine);
  fact(out, "Build", s.build_id);
  if (!s.order_stream_sha256.empty()) {
    out += "<div class=\"wide\"><dt>Order stream, SHA-256</dt><dd><code>" + escaped(s.order_stream_sha256) + "</code></dd></div>\n";
  }
  out += "</dl>\n</header>\n";
}

void add_warnings(std::string& out, const Page& page) {
  const std::vector<std::string>& warnings = page.summary.warnings;
  if (warnings.empty()) return;
  fmt::format_to(std::back_inserter(out), "<section class=\"warnings\">\n<h2>{} warning{}</h2>\n<ul>\n", warnings.size(),
                 warnings.size() == 1 ? "" : "s");
  for (const std::string& warning : warnings) out += "<li>" + escaped(warning) + "</li>\n";
  out += "</ul>\n</section>\n";
}

void add_tiles(std::string& out, const Page& page) {
  const SessionSummary& s = page.summary;
  const Performance& p = s.performance;
  const std::string currency = escaped(s.currency);
  const double share = s.initial_balance.v > 0 ? static_cast<double>(s.pnl_net.v) / static_cast<double>(s.initial_balance.v) : 0;
  out += "<div class=\"tiles\">\n";
  tile(out, "P&amp;L net, " + currency, signed_money(s.pnl_net),
       fmt::format("{}{} % of the start", s.pnl_net.v > 0 ? "+" : "", axis_number(share * 100, 2)), tone_of(s.pnl_net));
  tile(out, "Equity, " + currency, unsigned_money(s.equity), "from " + unsigned_money(s.initial_balance));
  tile(out, "Max drawdown, " + currency, unsigned_money(s.max_drawdown), axis_number(s.max_drawdown_fraction * 100, 2) + " % of the peak");
  tile(out, "Trades", words::count(p.trades),
       fmt::format("{} won, {} not", words::count(p.wins), words::count(p.trades - std::min(p.wins, p.trades))));
  tile(out, "Fees, " + currency, unsigned_money(s.fees), fmt::format("{} fill{}", words::count(s.fills), s.fills == 1 ? "" : "s"));
  tile(out, "Win rate", p.trades > 0 ? axis_number(p.win_rate * 100, 1) + " %" : "\u2013", "of the trades");
  tile(out, "Profit factor", ratio(p.profit_factor), p.trades > 0 && p.profit_factor == 0 && p.wins > 0 ? "no losses" : "gains / losses");
  tile(out, "Sharpe / Sortino", ratio(p.sharpe) + " / " + ratio(p.sortino), "a year, from 1 min steps");
  tile(out, "Calmar", ratio(p.calmar), "return a year / drawdown");
  tile(out, "Losses in a row", words::count(p.max_consecutive_losses), "at most");
  out += "</div>\n";
}

namespace {

TimeAxis shared_time(const SessionSummary& summary, const SessionDetail& detail) {
  std::int64_t first = INT64_MAX;
  std::int64_t last = INT64_MIN;
  const auto include = [&](std::int64_t ts_ns) {
    first = std::min(first, ts_ns);
    last = std::max(last, ts_ns);
  };
  for (const SeriesPoint& point : detail.equity) include(point.ts_ns);
  for (const Execution& execution : detail.executions) include(execution.ts_ns);
  for (const InstrumentCurve* curve : detail.prices) {
    if (curve == nullptr || curve->price.seen() == 0) continue;
    include(curve->price.points().front().ts_ns);
    include(curve->price.last().ts_ns);
  }
  return first <= last ? time_axis(first, last) : time_axis(summary.ts_first_ns, summary.ts_last_ns);
}

// Shapes, not colours, tell the marks apart; each is drawn once and used many times.
constexpr std::string_view kShapes =
    "<svg class=\"defs\" aria-hidden=\"true\"><defs>"
    "<path id=\"el\" class=\"entry\" d=\"M0-6.5 6 5H-6Z\"/><path id=\"es\" class=\"entry\" d=\"M0 6.5 6-5H-6Z\"/>"
    "<circle id=\"xg\" class=\"exit-gain\" r=\"5\"/><path id=\"xl\" class=\"exit-loss\" d=\"M-4-4 4 4M4-4-4 4\"/>"
    "<path id=\"pt\" class=\"partial\" d=\"M0-4 4 0 0 4-4 0Z\"/></defs></svg>\n";

}  // namespace
}  // namespace report

std::string report_html(const SessionSummary& summary, const SessionDetail& detail) {
  using namespace report;
  const Page page{summary, detail, round_trips_of(detail.executions), shared_time(summary, detail)};
  std::string out =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src "
      "'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n";
  out += "<title>" + escaped(title_of(summary)) + " \u00b7 martinet " + escaped(summary.mode) + "</title>\n";
  add_style(out);
  out += "</head>\n<body>\n";
  out += kShapes;
  out += "<main>\n";
  add_header(out, page);
  add_warnings(out, page);
  add_tiles(out, page);
  add_equity(out, page);
  add_prices(out, page);
  add_trades(out, page);
  add_positions(out, page);
  add_verdicts(out, page);
  add_latency(out, page);
  add_counts(out, page);
  add_threads(out, page);
  out += "<footer>All times UTC. Money in " + escaped(summary.currency) + ".</footer>\n</main>\n";
  add_script(out);
  out += "</body>\n</html>\n";
  return out;
}

}  // namespace martinet

// Where the time goes: the histogram of one input, and the percentiles of every stage.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "engine/cold/telemetry/report_parts.hpp"
#include "engine/cold/telemetry/words.hpp"

namespace martinet::report {
namespace {

std::string nanos(std::uint64_t ns) { return words::latency(ns, "\u00b5s"); }

// "1 us" and "100 ns" rather than "1.00 us": marks are round.
std::string round_nanos(double ns) {
  constexpr const char* kUnits[] = {"ns", "\u00b5s", "ms", "s"};
  std::size_t unit = 0;
  while (ns >= 999.5 && unit < 3) {
    ns /= 1000;
    ++unit;
  }
  return fmt::format("{:.0f} {}", ns, kUnits[unit]);
}

double low_of(const LatencyBar& bar) { return static_cast<double>(std::max<std::uint64_t>(1, bar.from_ns)); }
double high_of(const LatencyBar& bar) { return static_cast<double>(std::max(std::max<std::uint64_t>(1, bar.from_ns) + 1, bar.to_ns)); }

// Names stand in rows of their own, right of their line, or left of it where the picture ends.
void add_quantile(std::string& out, const LogAxis& time, std::string_view name, std::uint64_t ns, int row) {
  const double at = time.place(static_cast<double>(ns));
  const bool left = at > 0.75;
  fmt::format_to(std::back_inserter(out), "<line class=\"quantile\" x1=\"{0:.2f}%\" x2=\"{0:.2f}%\" y1=\"{1}\" y2=\"100%\"/>", at * 100,
                 2 + 15 * row);
  fmt::format_to(std::back_inserter(out), "<text class=\"quantile-name\"{} x=\"{:.2f}%\" dx=\"{}\" y=\"{}\">{} {}</text>\n",
                 left ? " text-anchor=\"end\"" : "", at * 100, left ? -5 : 5, 11 + 15 * row, name, nanos(ns));
}

void add_histogram(std::string& out, const Page& page) {
  const std::vector<LatencyBar>& bars = page.summary.input_latency_bars;
  std::uint64_t most = 0;
  for (const LatencyBar& bar : bars) most = std::max(most, bar.count);
  if (most == 0) return;
  const LogAxis time = log_axis(low_of(bars.front()), high_of(bars.back()));
  // Counts are logarithmic too: the tail, one input in a million, is what the picture is for. One input stands a little above
  // the floor, and above the tallest bar a quarter of the height is left for the names of the percentiles.
  constexpr double kFloor = 0.7;
  const auto tallest = static_cast<double>(most);
  const LogAxis counts = log_axis(kFloor, tallest * std::pow(tallest / kFloor, 0.33));
  std::vector<AxisMark> rows;
  for (const double value : counts.marks) {
    if (value <= tallest * 1.01) rows.push_back({counts.place(value), axis_number(value, value < 1 ? 1 : 0), {}});
  }
  std::vector<AxisMark> columns;
  for (const double value : time.marks) columns.push_back({time.place(value), round_nanos(value), {}});
  out +=
      "<p class=\"note\">Time from an input's entry until the hot path is done with it. Both axes are logarithmic; the height is the "
      "number of inputs.</p>\n";
  begin_plot(out, rows, columns, 220, gutter_of(rows), "Histogram of the time per input");
  out += "<svg viewBox=\"0 0 1000 1000\" preserveAspectRatio=\"none\" width=\"100%\" height=\"100%\">";
  for (const LatencyBar& bar : bars) {
    if (bar.count == 0) continue;
    const double left = time.place(low_of(bar)) * 1000;
    const double width = std::max(1.0, time.place(high_of(bar)) * 1000 - left - 1);
    const double height = counts.place(static_cast<double>(bar.count)) * 1000;
    fmt::format_to(std::back_inserter(out),
                   "<rect class=\"bar\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"><title>{} to {}: {}</title></rect>\n",
                   left, 1000 - height, width, height, nanos(bar.from_ns), nanos(bar.to_ns), words::count(bar.count));
  }
  out += "</svg>\n";
  for (const LatencyRow& row : page.summary.latency) {
    if (row.stage != "input") continue;
    add_quantile(out, time, "p50", row.p50_ns, 0);
    add_quantile(out, time, "p99", row.p99_ns, 1);
    add_quantile(out, time, "p99.9", row.p999_ns, 2);
  }
  end_plot(out, columns);
}

}  // namespace

void add_latency(std::string& out, const Page& page) {
  const SessionSummary& s = page.summary;
  if (s.latency.empty() && s.input_latency_bars.empty()) return;
  out += "<section>\n<h2>Latency</h2>\n";
  add_histogram(out, page);
  if (!s.latency.empty()) {
    out +=
        "<h3>Percentiles by stage</h3>\n<div class=\"scroll\"><table>\n<thead><tr><th "
        "class=\"left\">Stage</th><th>Samples</th><th>p50</th><th>p90</th><th>p99</th><th>p99.9</th><th>max</th>"
        "</tr></thead>\n<tbody>\n";
    for (const LatencyRow& row : s.latency) {
      fmt::format_to(std::back_inserter(out),
                     "<tr><td class=\"left\">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                     escaped(row.stage), words::count(row.count), nanos(row.p50_ns), nanos(row.p90_ns), nanos(row.p99_ns),
                     nanos(row.p999_ns), nanos(row.max_ns));
    }
    out += "</tbody></table></div>\n";
  }
  out += "</section>\n";
}

}  // namespace martinet::report

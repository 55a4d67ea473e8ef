// Equity with its drawdown beneath, and each instrument's price with what was traded on it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "engine/base/decimal.hpp"
#include "engine/base/time.hpp"
#include "engine/cold/telemetry/curve.hpp"
#include "engine/cold/telemetry/report_parts.hpp"
#include "engine/cold/telemetry/words.hpp"

namespace martinet::report {
namespace {

constexpr double kMoneyScale = 1.0 / static_cast<double>(kMoneyUnit);
constexpr std::string_view kSquare = "<svg viewBox=\"0 0 1000 1000\" preserveAspectRatio=\"none\" width=\"100%\" height=\"100%\">";

struct Range {
  double low = 0;
  double high = 0;
  bool any = false;
  void include(double value) noexcept {
    low = any ? std::min(low, value) : value;
    high = any ? std::max(high, value) : value;
    any = true;
  }
};

// What the script needs to turn a place on the curve back into a time and a value.
std::string probe_data(const TimeAxis& time, const Axis& values, int decimals, std::string_view unit) {
  return fmt::format(" data-time=\"{},{}\" data-value=\"{:.{}f},{:.{}f},{}\" data-unit=\"{}\"", time.first_ns / kNanosPerMilli,
                     time.last_ns / kNanosPerMilli, values.low, values.decimals, values.high, values.decimals, decimals, escaped(unit));
}

constexpr std::string_view kHair = "<line class=\"hair\" y1=\"0\" y2=\"100%\"/>";

// Closes the curve down (or up) to the edge at `y` of the square.
std::string area(const std::string& curve, std::span<const SeriesPoint> points, const TimeAxis& time, int y) {
  return fmt::format("{:.1f},{} {} {:.1f},{}", time.place(points.front().ts_ns) * 1000, y, curve, time.place(points.back().ts_ns) * 1000,
                     y);
}

void add_equity_curve(std::string& out, const Page& page, std::span<const SeriesPoint> points, const Axis& values, std::size_t gutter) {
  const std::string curve = polyline_points(points, page.time, values, kMoneyScale);
  begin_plot(out, values.marks, page.time.marks, 280, gutter, "Equity over time",
             probe_data(page.time, values, 2, " " + page.summary.currency));
  const double start = static_cast<double>(page.summary.initial_balance.v) * kMoneyScale;
  out += kSquare;
  fmt::format_to(std::back_inserter(out), "<polygon class=\"under\" points=\"{}\"/><polyline class=\"curve\" points=\"{}\"/></svg>",
                 area(curve, points, page.time, 1000), curve);
  if (start > values.low && start < values.high) {
    const double y = (1 - values.place(start)) * 100;
    fmt::format_to(std::back_inserter(out), "<line class=\"start\" x1=\"0\" x2=\"100%\" y1=\"{0:.2f}%\" y2=\"{0:.2f}%\"/>", y);
  }
  fmt::format_to(std::back_inserter(out), "<circle class=\"dot\" r=\"3.5\" cx=\"{:.2f}%\" cy=\"{:.2f}%\"/>",
                 page.time.place(points.back().ts_ns) * 100,
                 (1 - values.place(static_cast<double>(points.back().value) * kMoneyScale)) * 100);
  out += kHair;
  end_plot(out, {});
}

void add_drawdown_curve(std::string& out, const Page& page, std::span<const SeriesPoint> points, const Axis& values, std::size_t gutter) {
  const std::string curve = polyline_points(points, page.time, values, kDrawdownUnit * 100);
  begin_plot(out, values.marks, page.time.marks, 110, gutter, "Drawdown over time", probe_data(page.time, values, 2, " %"));
  out += kSquare;
  fmt::format_to(std::back_inserter(out), "<polygon class=\"fall\" points=\"{}\"/><polyline class=\"fall-edge\" points=\"{}\"/></svg>",
                 area(curve, points, page.time, 0), curve);
  out += kHair;
  end_plot(out, page.time.marks);
}

}  // namespace

void add_equity(std::string& out, const Page& page) {
  out += "<section>\n<h2>Equity and drawdown</h2>\n";
  if (page.detail.equity.empty()) {
    out += "<p class=\"empty\">No equity was recorded in this session.</p>\n</section>\n";
    return;
  }
  const std::vector<SeriesPoint> equity = thinned(page.detail.equity, page.time, kCurveColumns);
  const std::vector<SeriesPoint> drawdown = thinned(drawdown_of(page.detail.equity), page.time, kCurveColumns);
  Range money;
  Range fall;
  for (const SeriesPoint& point : equity) money.include(static_cast<double>(point.value) * kMoneyScale);
  for (const SeriesPoint& point : drawdown) fall.include(static_cast<double>(point.value) * kDrawdownUnit * 100);
  const Axis values = value_axis(money.low, money.high, 5);
  Axis percents = value_axis(std::min(fall.low, -0.01), 0, 3);
  for (AxisMark& mark : percents.marks) mark.label += " %";
  const std::size_t gutter = std::max(gutter_of(values.marks), gutter_of(percents.marks));
  fmt::format_to(
      std::back_inserter(out),
      "<p class=\"note\">Equity in {}; the dotted line is the balance at the start. Beneath: the fall from the highest point so far.</p>\n",
      escaped(page.summary.currency));
  add_equity_curve(out, page, equity, values, gutter);
  out += "<div style=\"height:16px\"></div>\n";
  add_drawdown_curve(out, page, drawdown, percents, gutter);
  out += "</section>\n";
}

namespace {

struct PriceChart {
  const Page& page;
  const Instrument& instrument;
  Axis values;
  double scale = 1;      ///< of the price grid
  double mark_size = 1;  ///< 1 where they have room

  [[nodiscard]] double x(std::int64_t ts_ns) const { return page.time.place(ts_ns) * 100; }
  [[nodiscard]] double y(Price price) const { return (1 - values.place(static_cast<double>(price.v) * scale)) * 100; }
  [[nodiscard]] std::string text(Price price) const { return words::grid(price.v, instrument.price_decimals); }

  void mark(std::string& out, std::string_view shape, std::int64_t ts_ns, Price price, std::string_view hint) const {
    fmt::format_to(std::back_inserter(out), "<svg x=\"{:.2f}%\" y=\"{:.2f}%\"><use href=\"#{}\"{}/><title>{}</title></svg>\n", x(ts_ns),
                   y(price), shape, mark_size < 1 ? " transform=\"scale(0.6)\"" : "", hint);
  }

  void link(std::string& out, const RoundTrip& trip) const {
    fmt::format_to(std::back_inserter(out), "<line class=\"link {}\" x1=\"{:.2f}%\" y1=\"{:.2f}%\" x2=\"{:.2f}%\" y2=\"{:.2f}%\"/>",
                   tone_of(trip.pnl_net), x(trip.ts_open_ns), y(trip.first_price), x(trip.ts_close_ns), y(trip.exit_price));
  }

  void entry(std::string& out, const RoundTrip& trip) const {
    const bool is_short = trip.direction == Side::sell;
    mark(out, is_short ? "es" : "el", trip.ts_open_ns, trip.first_price,
         fmt::format("{} entry {} at {}", is_short ? "short" : "long", words::utc(trip.ts_open_ns), text(trip.first_price)));
  }

  void exit(std::string& out, const RoundTrip& trip) const {
    mark(out, trip.pnl_net.v > 0 ? "xg" : "xl", trip.ts_close_ns, trip.exit_price,
         fmt::format("exit {} at {}, {}, {} {}", words::utc(trip.ts_close_ns), text(trip.exit_price), name_of(trip.exit_reason),
                     signed_money(trip.pnl_net), escaped(page.summary.currency)));
  }
};

constexpr std::string_view kLegend =
    "<ul class=\"legend\"><li><svg viewBox=\"-8 -8 16 16\"><use href=\"#el\"/></svg>long entry</li><li><svg viewBox=\"-8 -8 16 16\"><use "
    "href=\"#es\"/></svg>short entry</li>"
    "<li><svg viewBox=\"-8 -8 16 16\"><use href=\"#xg\"/></svg>exit with a gain</li><li><svg viewBox=\"-8 -8 16 16\"><use "
    "href=\"#xl\"/></svg>exit without one</li>"
    "<li><svg viewBox=\"-8 -8 16 16\"><use href=\"#pt\"/></svg>part added or closed</li></ul>\n";

std::vector<const RoundTrip*> trips_on(const Page& page, InstrumentId id) {
  std::vector<const RoundTrip*> all;
  for (const RoundTrip& trip : page.trips) {
    if (trip.instrument == id) all.push_back(&trip);
  }
  if (all.size() <= kTripsMarkedMax) return all;
  std::vector<const RoundTrip*> some;
  for (std::size_t i = 0; i < kTripsMarkedMax; ++i) some.push_back(all[i * all.size() / kTripsMarkedMax]);
  return some;
}

void add_partials(std::string& out, const PriceChart& chart, InstrumentId id) {
  std::size_t count = 0;
  std::string marks;
  for (const Execution& execution : chart.page.detail.executions) {
    if (execution.instrument != id || execution.event == ExecutionEvent::open || execution.event == ExecutionEvent::close) continue;
    if (++count > 2 * kTripsMarkedMax) return;  // too many to tell apart: none is drawn
    chart.mark(marks, "pt", execution.ts_ns, execution.price,
               fmt::format("{} {} {} at {}", name_of(execution.event), words::utc(execution.ts_ns),
                           words::grid(execution.qty.v, chart.instrument.qty_decimals), chart.text(execution.price)));
  }
  out += marks;
}

void add_price(std::string& out, const Page& page, const InstrumentCurve& curve) {
  const Instrument& instrument = instrument_of(page.detail, curve.instrument);
  const std::vector<const RoundTrip*> trips = trips_on(page, curve.instrument);
  const auto total = static_cast<std::size_t>(
      std::ranges::count_if(page.trips, [&](const RoundTrip& trip) { return trip.instrument == curve.instrument; }));
  const double scale = 1.0 / static_cast<double>(pow10_i64(instrument.price_decimals));
  const std::vector<SeriesPoint> points = thinned(curve.price.points(), page.time, kCurveColumns);
  Range range;
  for (const SeriesPoint& point : points) range.include(static_cast<double>(point.value) * scale);
  for (const RoundTrip* trip : trips) {
    range.include(static_cast<double>(trip->first_price.v) * scale);
    if (has_price(trip->exit_price)) range.include(static_cast<double>(trip->exit_price.v) * scale);
  }
  const PriceChart chart{page, instrument, value_axis(range.low, range.high, 5), scale, trips.size() > kTripsRoomyMax ? 0.6 : 1.0};
  fmt::format_to(std::back_inserter(out), "<section>\n<h2>{}</h2>\n<p class=\"note\">Price with {} trade{}{}.</p>\n",
                 escaped(instrument.symbol.view()), words::count(total), total == 1 ? "" : "s",
                 trips.size() < total ? fmt::format("; {} of them are marked, evenly spread", trips.size()) : std::string());
  begin_plot(out, chart.values.marks, page.time.marks, 260, gutter_of(chart.values.marks), "Price with entries and exits",
             points.empty() ? std::string() : probe_data(page.time, chart.values, std::max(0, instrument.price_decimals - 2), {}));
  (out += kSquare) += "<polyline class=\"price\" points=\"" + polyline_points(points, page.time, chart.values, scale) + "\"/></svg>\n";
  for (const RoundTrip* trip : trips) {
    if (has_price(trip->exit_price)) chart.link(out, *trip);
  }
  add_partials(out, chart, curve.instrument);
  for (const RoundTrip* trip : trips) {
    chart.entry(out, *trip);
    if (trip->closed) chart.exit(out, *trip);
  }
  out += kHair;
  end_plot(out, page.time.marks);
  out += kLegend;
  out += "</section>\n";
}

}  // namespace

void add_prices(std::string& out, const Page& page) {
  std::size_t drawn = 0;
  std::size_t left_out = 0;
  for (const InstrumentCurve* curve : page.detail.prices) {
    if (curve == nullptr) continue;
    if (drawn == kPriceChartsMax) {
      ++left_out;
      continue;
    }
    add_price(out, page, *curve);
    ++drawn;
  }
  if (left_out > 0)
    fmt::format_to(std::back_inserter(out),
                   "<p class=\"note\">{} more instruments traded; their trades are in the table and in trades.jsonl.</p>\n", left_out);
}

}  // namespace martinet::report

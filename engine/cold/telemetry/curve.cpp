#include "engine/cold/telemetry/curve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace martinet {

std::vector<SeriesPoint> thinned(std::span<const SeriesPoint> points, const TimeAxis& axis, std::size_t columns) {
  if (points.size() <= 4 * columns) return {points.begin(), points.end()};
  const auto column_of = [&](const SeriesPoint& point) {
    return std::min(columns - 1, static_cast<std::size_t>(axis.place(point.ts_ns) * static_cast<double>(columns)));
  };
  std::vector<SeriesPoint> out;
  for (std::size_t begin = 0; begin < points.size();) {
    std::size_t end = begin + 1;
    while (end < points.size() && column_of(points[end]) == column_of(points[begin])) ++end;
    const auto low =
        std::min_element(points.begin() + static_cast<std::ptrdiff_t>(begin), points.begin() + static_cast<std::ptrdiff_t>(end),
                         [](const SeriesPoint& a, const SeriesPoint& b) { return a.value < b.value; });
    const auto high =
        std::max_element(points.begin() + static_cast<std::ptrdiff_t>(begin), points.begin() + static_cast<std::ptrdiff_t>(end),
                         [](const SeriesPoint& a, const SeriesPoint& b) { return a.value < b.value; });
    std::size_t keep[] = {begin, static_cast<std::size_t>(low - points.begin()), static_cast<std::size_t>(high - points.begin()), end - 1};
    std::sort(std::begin(keep), std::end(keep));
    for (std::size_t i = 0; i < std::size(keep); ++i) {
      if (i == 0 || keep[i] != keep[i - 1]) out.push_back(points[keep[i]]);
    }
    begin = end;
  }
  return out;
}

std::vector<SeriesPoint> drawdown_of(std::span<const SeriesPoint> equity) {
  std::vector<SeriesPoint> out;
  out.reserve(equity.size());
  std::int64_t peak = 0;
  for (const SeriesPoint& point : equity) {
    peak = std::max(peak, point.value);
    const double fraction = peak > 0 ? (static_cast<double>(point.value) - static_cast<double>(peak)) / static_cast<double>(peak) : 0;
    out.push_back({point.ts_ns, static_cast<std::int64_t>(std::max(fraction, -1e6) / kDrawdownUnit)});
  }
  return out;
}

std::string polyline_points(std::span<const SeriesPoint> points, const TimeAxis& time, const Axis& values, double scale) {
  std::string out;
  for (const SeriesPoint& point : points) {
    const double x = time.place(point.ts_ns) * 1000;
    const double y = (1 - values.place(static_cast<double>(point.value) * scale)) * 1000;
    if (!out.empty()) out += ' ';
    fmt::format_to(std::back_inserter(out), "{:.1f},{:.1f}", x, y);
  }
  return out;
}

}  // namespace martinet

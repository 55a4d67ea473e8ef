#pragma once
// Curves thinned to what a screen can show: of each column of pixels its first, lowest, highest and last point stay, so that
// no peak is lost.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/cold/telemetry/axis.hpp"
#include "engine/cold/telemetry/series.hpp"

namespace martinet {

/// in   points in the order of time; axis whose range holds them; columns >= 1
/// out  at most 4 * columns points, in order; first and last always
[[nodiscard]] std::vector<SeriesPoint> thinned(std::span<const SeriesPoint> points, const TimeAxis& axis, std::size_t columns);

/// Fall from the highest point so far, as a fraction of it in units of 1e-9 (0 or negative), at every point. Where nothing
/// positive has been seen: 0.
[[nodiscard]] std::vector<SeriesPoint> drawdown_of(std::span<const SeriesPoint> equity);
inline constexpr double kDrawdownUnit = 1e-9;

/// "x,y x,y .." in a square of 1000 x 1000, y downward; value times `scale` is what the axis shows.
[[nodiscard]] std::string polyline_points(std::span<const SeriesPoint> points, const TimeAxis& time, const Axis& values, double scale);

}  // namespace martinet

// Marks of a time axis: round times of day, then dates, then months and years.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

#include "engine/base/time.hpp"
#include "engine/cold/telemetry/axis.hpp"
#include "engine/cold/telemetry/words.hpp"

namespace martinet {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

constexpr std::array<std::int64_t, 26> kSteps = {
    kNanosPerMilli,      5 * kNanosPerMilli,  10 * kNanosPerMilli,  50 * kNanosPerMilli,  100 * kNanosPerMilli, 500 * kNanosPerMilli,
    kNanosPerSecond,     2 * kNanosPerSecond, 5 * kNanosPerSecond,  10 * kNanosPerSecond, 30 * kNanosPerSecond, kNanosPerMinute,
    2 * kNanosPerMinute, 5 * kNanosPerMinute, 10 * kNanosPerMinute, 15 * kNanosPerMinute, 30 * kNanosPerMinute, kNanosPerHour,
    2 * kNanosPerHour,   3 * kNanosPerHour,   6 * kNanosPerHour,    12 * kNanosPerHour,   kNanosPerDay,         2 * kNanosPerDay,
    7 * kNanosPerDay,    14 * kNanosPerDay};

std::string date_of(const words::Calendar& c) { return fmt::format("{} {}", c.day, kMonths[c.month - 1]); }

std::string clock_of(const words::Calendar& c, std::int64_t step_ns) {
  if (step_ns < kNanosPerSecond) return fmt::format("{:02}:{:02}:{:02}.{:03}", c.hour, c.minute, c.second, c.nanos / kNanosPerMilli);
  if (step_ns < kNanosPerMinute) return fmt::format("{:02}:{:02}:{:02}", c.hour, c.minute, c.second);
  return fmt::format("{:02}:{:02}", c.hour, c.minute);
}

void mark_times(TimeAxis& axis, std::int64_t step_ns) {
  std::string above;
  // Cut toward zero, so that the start never leaves 64 bits: one step before the first mark, or the mark itself.
  for (std::int64_t ts_ns = axis.first_ns - axis.first_ns % step_ns; ts_ns <= axis.last_ns; ts_ns += step_ns) {
    if (ts_ns >= axis.first_ns) {
      const words::Calendar c = words::calendar_of(ts_ns);
      const bool dates = step_ns >= kNanosPerDay;
      AxisMark mark{axis.place(ts_ns), dates ? date_of(c) : clock_of(c, step_ns), dates ? fmt::format("{}", c.year) : date_of(c)};
      if (mark.sublabel == above) {
        mark.sublabel.clear();
      } else {
        above = mark.sublabel;
      }
      axis.marks.push_back(std::move(mark));
    }
    if (ts_ns > kNever - step_ns) break;
  }
}

void mark_months(TimeAxis& axis, std::int64_t months) {
  const words::Calendar from = words::calendar_of(axis.first_ns);
  std::int64_t number = (from.year * 12 + from.month - 1) / months * months;
  std::int64_t year_above = -1;
  for (;; number += months) {
    const std::int64_t year = number / 12;
    const auto month = static_cast<unsigned>(number % 12);
    const std::chrono::sys_days day = std::chrono::year{static_cast<int>(year)} / std::chrono::month{month + 1} / 1;
    const std::int64_t days = day.time_since_epoch().count();
    if (days > axis.last_ns / kNanosPerDay) return;
    const std::int64_t ts_ns = days * kNanosPerDay;
    if (ts_ns < axis.first_ns) continue;
    axis.marks.push_back({axis.place(ts_ns), std::string(kMonths[month]), year == year_above ? std::string() : fmt::format("{}", year)});
    year_above = year;
  }
}

}  // namespace

double TimeAxis::place(std::int64_t ts_ns) const noexcept {
  const double width = static_cast<double>(last_ns) - static_cast<double>(first_ns);
  // The difference is taken in integers where it fits: two stamps of today leave a double 256 ns apart.
  const double offset = ts_ns <= first_ns  ? 0
                        : ts_ns >= last_ns ? width
                                           : static_cast<double>(static_cast<std::uint64_t>(ts_ns) - static_cast<std::uint64_t>(first_ns));
  return std::clamp(offset / width, 0.0, 1.0);
}

TimeAxis time_axis(std::int64_t first_ns, std::int64_t last_ns, int wanted) {
  TimeAxis axis;
  if (last_ns <= first_ns) {
    constexpr std::int64_t kRoom = 30 * kNanosPerSecond;
    axis.first_ns = std::max(first_ns, -kNever + kRoom) - kRoom;
    axis.last_ns = std::min(first_ns, kNever - kRoom) + kRoom;
  } else {
    axis.first_ns = first_ns;
    axis.last_ns = last_ns;
  }
  const double rough = (static_cast<double>(axis.last_ns) - static_cast<double>(axis.first_ns)) / std::max(1, wanted);
  for (const std::int64_t step_ns : kSteps) {
    if (static_cast<double>(step_ns) >= rough) {
      mark_times(axis, step_ns);
      return axis;
    }
  }
  constexpr double kMonthNs = 30.44 * static_cast<double>(kNanosPerDay);
  for (const std::int64_t months : {1, 3, 6, 12, 24, 60, 120, 240, 600}) {
    if (static_cast<double>(months) * kMonthNs >= rough || months == 600) {
      mark_months(axis, months);
      return axis;
    }
  }
  return axis;
}

}  // namespace martinet

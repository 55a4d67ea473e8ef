#include "engine/cold/telemetry/axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace martinet {

double Axis::place(double value) const noexcept { return std::clamp((value - low) / (high - low), 0.0, 1.0); }

double LogAxis::place(double value) const noexcept {
  if (!(value > 0)) return 0;
  return std::clamp((std::log10(value) - log_low) / (log_high - log_low), 0.0, 1.0);
}

std::string axis_number(double value, int decimals) {
  std::string text = fmt::format("{:.{}f}", std::abs(value), decimals);
  std::size_t at = std::min(text.find('.'), text.size());
  while (at > 3) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  const bool zero = text.find_first_not_of("0.,") == std::string::npos;
  return (value < 0 && !zero ? "\u2212" : "") + text;
}

namespace {

struct Step {
  double size = 1;
  int decimals = 0;
};

Step nice_step(double rough) {
  const int exponent = static_cast<int>(std::floor(std::log10(rough)));
  const double unit = std::pow(10.0, exponent);
  struct Candidate {
    double factor;
    int extra_decimals;
  };
  for (const Candidate candidate : {Candidate{1, 0}, Candidate{2, 0}, Candidate{2.5, 1}, Candidate{5, 0}, Candidate{10, -1}}) {
    // A hair of tolerance, so that a range of exactly ten steps is not given eleven.
    if (candidate.factor * unit >= rough * (1 - 1e-9)) {
      return {candidate.factor * unit, std::clamp(candidate.extra_decimals - exponent, 0, 15)};
    }
  }
  return {10 * unit, std::clamp(-exponent - 1, 0, 15)};
}

}  // namespace

Axis value_axis(double low, double high, int wanted) {
  if (!std::isfinite(low) || !std::isfinite(high)) low = high = 0;
  // A flat line needs room, and no more digits than a double holds: 1e-9 of the value is beneath what a curve can show.
  const double room_min = std::max(std::max(std::abs(low), std::abs(high)) * 1e-9, 1e-9);
  if (high - low < room_min) {
    const double middle = low + (high - low) / 2;
    const double room = std::abs(middle) > 0 ? std::abs(middle) * 0.001 : 1;
    low = middle - room;
    high = middle + room;
  }
  const Step step = nice_step((high - low) / std::max(1, wanted));
  Axis axis;
  const double first = std::floor(low / step.size + 1e-6);
  const double last = std::ceil(high / step.size - 1e-6);
  axis.low = first * step.size;
  axis.high = std::max(last, first + 1) * step.size;
  axis.decimals = step.decimals;
  const int count = static_cast<int>(std::lround(std::max(last, first + 1) - first));
  for (int i = 0; i <= count; ++i) {
    axis.marks.push_back({static_cast<double>(i) / count, axis_number((first + i) * step.size, step.decimals), {}});
  }
  return axis;
}

LogAxis log_axis(double low, double high) {
  LogAxis axis;
  low = std::max(low, 1e-300);
  high = std::max(high, low);
  axis.log_low = std::log10(low);
  axis.log_high = std::log10(high);
  if (axis.log_high - axis.log_low < 0.3) {  // less than a doubling: half a decade of room
    axis.log_low -= 0.25;
    axis.log_high += 0.25;
  }
  const bool fine = axis.log_high - axis.log_low < 3;
  for (int exponent = static_cast<int>(std::floor(axis.log_low)); exponent <= static_cast<int>(std::ceil(axis.log_high)); ++exponent) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      if (factor != 1.0 && !fine) continue;
      const double log_value = exponent + std::log10(factor);
      if (log_value >= axis.log_low - 1e-9 && log_value <= axis.log_high + 1e-9) axis.marks.push_back(factor * std::pow(10.0, exponent));
    }
  }
  return axis;
}

}  // namespace martinet

#pragma once
// Axes of the report's pictures: a range, and marks at values a reader can say aloud.
#include <cstdint>
#include <string>
#include <vector>

namespace martinet {

struct AxisMark {
  double at = 0;  ///< 0 = low end, 1 = high end of the axis
  std::string label;
  std::string sublabel;  ///< second line; empty where it would repeat the mark before
};

struct Axis {
  double low = 0;
  double high = 1;  ///< > low
  std::vector<AxisMark> marks;
  int decimals = 0;  ///< of the labels
  /// Place of a value, 0..1; values outside are clamped to the ends.
  [[nodiscard]] double place(double value) const noexcept;
};

/// Linear; both ends are moved outward to a mark. Steps of 1, 2, 2.5 or 5 times a power of ten, about `wanted` of them.
/// in   low <= high, finite; equal ends are given room
[[nodiscard]] Axis value_axis(double low, double high, int wanted);

/// Logarithmic in the value (place() takes the value itself, not its logarithm); marks at the powers of ten, and at 2 and 5
/// times them where fewer than three decades are shown.
/// in   0 < low <= high
/// out  unlabelled marks' labels hold the plain number; the caller may put units to them
struct LogAxis {
  double log_low = 0;
  double log_high = 1;
  std::vector<double> marks;  ///< values
  [[nodiscard]] double place(double value) const noexcept;
};
[[nodiscard]] LogAxis log_axis(double low, double high);

/// Time in UTC. The range is kept as it is (one instant: half a minute to both sides); marks at round times or dates.
struct TimeAxis {
  std::int64_t first_ns = 0;
  std::int64_t last_ns = 1;  ///< > first_ns
  std::vector<AxisMark> marks;
  [[nodiscard]] double place(std::int64_t ts_ns) const noexcept;
};
[[nodiscard]] TimeAxis time_axis(std::int64_t first_ns, std::int64_t last_ns, int wanted = 8);

/// `value` with `decimals`, thousands separated and a real minus sign: for labels.
[[nodiscard]] std::string axis_number(double value, int decimals);

}  // namespace martinet

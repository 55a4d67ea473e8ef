#pragma once
// Indicators over whole columns, for research on millions of bars: the same classes, run over a structure of arrays, so that a
// study and the live engine cannot disagree.
#include <array>
#include <cstdint>
#include <limits>
#include <span>

#include "engine/hot/indicators/bar.hpp"

namespace martinet {

/// Columns of equal length, bars in order of time, checked by the caller (is_usable). A column that the indicator does not read
/// may be empty.
struct BarColumns {
  std::span<const std::int64_t> ts_open_ns;
  std::span<const double> open;
  std::span<const double> high;
  std::span<const double> low;
  std::span<const double> close;
  std::span<const double> volume;
};

/// Runs `indicator` over bars 0 .. count-1 and writes each output that has a column (an empty span is skipped): NaN where it is not
/// ready yet. The indicator is left as after the last bar, so that a long series can be run in pieces.
/// in    outputs: spans of `count` values, not overlapping the input
/// cost  one pass, no allocation
template <class Indicator>
void run_batch(const BarColumns& bars, std::size_t count, Indicator& indicator,
               const std::array<std::span<double>, Indicator::kOutputs>& outputs) noexcept {
  const auto at = [](const auto& column, std::size_t i) {
    return column.empty() ? typename std::decay_t<decltype(column)>::value_type{} : column[i];
  };
  for (std::size_t i = 0; i < count; ++i) {
    indicator.on_bar({at(bars.ts_open_ns, i), at(bars.open, i), at(bars.high, i), at(bars.low, i), at(bars.close, i), at(bars.volume, i)});
    for (std::size_t output = 0; output < Indicator::kOutputs; ++output) {
      if (outputs[output].empty()) continue;
      outputs[output][i] = indicator.ready(output) ? indicator.value(output) : std::numeric_limits<double>::quiet_NaN();
    }
  }
}

}  // namespace martinet

#pragma once
// One closed bar as the indicators see it, and what every indicator is.
//
// An indicator is a small class, made cold with its periods, fed one bar at a time:
//   void on_bar(const Bar&) noexcept;                       O(1), no allocation
//   bool ready(std::size_t output) const noexcept;          output 0 .. kOutputs-1, named in the class
//   double value(std::size_t output) const noexcept;        meaningful only when ready
//   template <class Self, class Visitor> static void visit(Self&, Visitor&);   the state, in order (state.hpp)
// Conventions are TA-Lib's (seeding, Wilder smoothing, population deviation) unless the class says otherwise, and nothing is
// ready before TA-Lib would give it. Inputs are checked at the door (is_usable): an indicator never sees a value that is not
// finite or a price that is not positive.
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace martinet {

struct Bar {
  std::int64_t ts_open_ns = 0;  ///< exchange time, UTC aligned to the bar's length
  double open = 0;              ///< prices in quote currency
  double high = 0;
  double low = 0;
  double close = 0;
  double volume = 0;  ///< base currency; bars of quotes: the number of quotes

  [[nodiscard]] double typical() const noexcept { return (high + low + close) / 3.0; }
  bool operator==(const Bar&) const = default;
};

/// The door: finite, prices positive, high and low enclose open and close, volume not negative.
[[nodiscard]] inline bool is_usable(const Bar& bar) noexcept {
  // Written so that a NaN anywhere makes a comparison false.
  return bar.low > 0 && bar.low <= bar.open && bar.low <= bar.close && bar.open <= bar.high && bar.close <= bar.high && bar.volume >= 0 &&
         std::isfinite(bar.high) && std::isfinite(bar.volume);
}

}  // namespace martinet

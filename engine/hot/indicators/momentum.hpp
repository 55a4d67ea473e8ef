#pragma once
// Where the price stands against its recent past: CCI, Williams %R, rate of change.
#include <cmath>

#include "engine/hot/indicators/bar.hpp"
#include "engine/hot/indicators/rolling.hpp"

namespace martinet {

/// (typical - mean) / (0.015 * mean absolute deviation) over `period` bars; 0 where all are equal.
/// cost  O(period): the absolute deviation is around a mean that moves with every bar. One pass of additions, which vectorises.
class Cci {
 public:
  static constexpr std::size_t kOutputs = 1;
  explicit Cci(std::int32_t period) : sum_(period) {}
  void on_bar(const Bar& bar) noexcept {
    const double price = bar.typical();
    sum_.push(price);
    if (!sum_.full()) return;
    const double mean = sum_.mean();
    // Four partial sums in a fixed order: the same result from every compiler, and no chain of dependent additions.
    const std::vector<double>& values = sum_.ring().values();
    double part[4] = {};
    std::size_t i = 0;
    for (; i + 4 <= values.size(); i += 4) {
      for (std::size_t j = 0; j < 4; ++j) part[j] += std::fabs(values[i + j] - mean);
    }
    for (; i < values.size(); ++i) part[0] += std::fabs(values[i] - mean);
    const double deviation = ((part[0] + part[1]) + (part[2] + part[3])) / static_cast<double>(values.size());
    value_ = deviation > 0 ? (price - mean) / (0.015 * deviation) : 0.0;
  }
  [[nodiscard]] bool ready(std::size_t = 0) const noexcept { return sum_.full(); }
  [[nodiscard]] double value(std::size_t = 0) const noexcept { return value_; }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.sum_, self.value_);
  }

 private:
  RollingSum sum_;
  double value_ = 0;
};

/// -100 (at the window's low) .. 0 (at its high); 0 where the window has no range.
class WilliamsR {
 public:
  static constexpr std::size_t kOutputs = 1;
  explicit WilliamsR(std::int32_t period) : highest_(period), lowest_(period) {}
  void on_bar(const Bar& bar) noexcept {
    highest_.push(bar.high);
    lowest_.push(bar.low);
    close_ = bar.close;
  }
  [[nodiscard]] bool ready(std::size_t = 0) const noexcept { return highest_.full(); }
  [[nodiscard]] double value(std::size_t = 0) const noexcept {
    const double range = highest_.value() - lowest_.value();
    return range > 0 ? -100 * ((highest_.value() - close_) / range) : 0.0;
  }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.highest_, self.lowest_, self.close_);
  }

 private:
  RollingMax highest_;
  RollingMin lowest_;
  double close_ = 0;
};

/// Percent change of the close against `period` bars ago.
class Roc {
 public:
  static constexpr std::size_t kOutputs = 1;
  explicit Roc(std::int32_t period) : ring_(period) {}
  void on_bar(const Bar& bar) noexcept {
    if (ring_.full()) {
      value_ = (bar.close / ring_.oldest() - 1) * 100;
      ready_ = 1;
    }
    ring_.push(bar.close);
  }
  [[nodiscard]] bool ready(std::size_t = 0) const noexcept { return ready_ != 0; }
  [[nodiscard]] double value(std::size_t = 0) const noexcept { return value_; }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.ring_, self.value_, self.ready_);
  }

 private:
  Ring ring_;
  double value_ = 0;
  std::uint64_t ready_ = 0;
};

}  // namespace martinet

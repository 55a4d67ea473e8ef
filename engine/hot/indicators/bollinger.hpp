#pragma once
// Standard deviation of the close (population) and the Bollinger bands made of it.
#include <cmath>

#include "engine/hot/indicators/bar.hpp"
#include "engine/hot/indicators/rolling.hpp"

namespace martinet {

class StdDev {
 public:
  static constexpr std::size_t kOutputs = 1;
  explicit StdDev(std::int32_t period) : moments_(period) {}
  void on_bar(const Bar& bar) noexcept { moments_.push(bar.close); }
  [[nodiscard]] bool ready(std::size_t = 0) const noexcept { return moments_.full(); }
  [[nodiscard]] double value(std::size_t = 0) const noexcept { return std::sqrt(moments_.variance()); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.moments_);
  }

 private:
  RollingMoments moments_;
};

class Bollinger {
 public:
  static constexpr std::size_t kOutputs = 5;  ///< upper, middle, lower, percent_b, bandwidth
  Bollinger(std::int32_t period, double factor) : moments_(period), factor_(factor) {}

  void on_bar(const Bar& bar) noexcept {
    moments_.push(bar.close);
    close_ = bar.close;
    reach_ = factor_ * std::sqrt(moments_.variance());
  }
  [[nodiscard]] bool ready(std::size_t = 0) const noexcept { return moments_.full(); }
  /// percent_b: where the close stands, 0 = lower band, 1 = upper; 0.5 where the bands have no width. bandwidth: width / middle.
  [[nodiscard]] double value(std::size_t output) const noexcept {
    const double middle = moments_.mean();
    switch (output) {
      case 0:
        return middle + reach_;
      case 1:
        return middle;
      case 2:
        return middle - reach_;
      case 3:
        return reach_ > 0 ? (close_ - (middle - reach_)) / (2 * reach_) : 0.5;
      default:
        return 2 * reach_ / middle;
    }
  }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.moments_, self.close_, self.reach_);
  }

 private:
  RollingMoments moments_;
  double factor_;
  double close_ = 0;
  double reach_ = 0;  ///< half the width
};

}  // namespace martinet

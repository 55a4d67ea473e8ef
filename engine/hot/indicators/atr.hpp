#pragma once
// ATR (Wilder) in price units and NATR, the ATR in percent of the close. The first bar has no true range (TA-Lib).
#include <algorithm>

#include "engine/hot/indicators/moving_average.hpp"

namespace martinet {

[[nodiscard]] inline double true_range(const Bar& bar, double last_close) noexcept {
  return std::max(bar.high, last_close) - std::min(bar.low, last_close);
}

class Atr {
 public:
  static constexpr std::size_t kOutputs = 2;  ///< atr, natr
  explicit Atr(std::int32_t period) noexcept : mean_(ExponentialMean::wilder(period)) {}

  void on_bar(const Bar& bar) noexcept {
    if (has_last_ != 0) mean_.push(true_range(bar, last_close_));
    last_close_ = bar.close;
    has_last_ = 1;
  }
  [[nodiscard]] bool ready(std::size_t = 0) const noexcept { return mean_.ready(); }
  [[nodiscard]] double value(std::size_t output) const noexcept { return output == 0 ? mean_.value() : mean_.value() / last_close_ * 100; }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.mean_, self.last_close_, self.has_last_);
  }

 private:
  ExponentialMean mean_;
  double last_close_ = 0;
  std::uint64_t has_last_ = 0;
};

}  // namespace martinet

#pragma once
// Returns of the close from bar to bar, and the volatility of the log returns.
#include <cmath>

#include "engine/base/math.hpp"
#include "engine/base/time.hpp"
#include "engine/hot/indicators/bar.hpp"
#include "engine/hot/indicators/rolling.hpp"
#include "engine/hot/indicators/volume.hpp"

namespace martinet {

/// Fractions, not percent: 0.01 is one percent.
class Returns {
 public:
  static constexpr std::size_t kOutputs = 2;  ///< simple, log
  void on_bar(const Bar& bar) noexcept {
    if (last_close_ > 0) ratio_ = bar.close / last_close_;
    last_close_ = bar.close;
  }
  [[nodiscard]] bool ready(std::size_t = 0) const noexcept { return ratio_ > 0; }
  [[nodiscard]] double value(std::size_t output) const noexcept { return output == 0 ? ratio_ - 1 : math::log(ratio_); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.last_close_, self.ratio_);
  }

 private:
  double last_close_ = 0;
  double ratio_ = 0;
};

/// Historical volatility: sample deviation of the last `period` log returns times sqrt(bars per year), a year being 365 days (these
/// markets do not close); a fraction. z: its z-score within its own last `z_window` values, the newest included; 0 where they are all
/// equal. Missing bars count as no time: a return over a gap is one return.
class HistoricalVolatility {
 public:
  static constexpr std::size_t kOutputs = 2;  ///< volatility, z
  /// z_window 0: no z-score
  HistoricalVolatility(std::int32_t period, std::int32_t z_window, std::int64_t timeframe_ns)
      : returns_(period),
        volatilities_(z_window == 0 ? 1 : z_window),
        scale_(std::sqrt(static_cast<double>(365 * kNanosPerDay) / static_cast<double>(timeframe_ns))),
        has_z_(z_window != 0) {}

  void on_bar(const Bar& bar) noexcept {
    if (last_close_ > 0) returns_.push(math::log(bar.close / last_close_));
    last_close_ = bar.close;
    if (!returns_.full()) return;
    value_ = std::sqrt(returns_.variance_sample()) * scale_;
    if (has_z_) volatilities_.push(value_);
  }
  [[nodiscard]] bool ready(std::size_t output) const noexcept { return output == 0 ? returns_.full() : has_z_ && volatilities_.full(); }
  [[nodiscard]] double value(std::size_t output) const noexcept { return output == 0 ? value_ : z_score(value_, volatilities_); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.returns_, self.volatilities_, self.last_close_, self.value_);
  }

 private:
  RollingMoments returns_;
  RollingMoments volatilities_;
  double scale_;
  double last_close_ = 0;
  double value_ = 0;
  bool has_z_;
};

}  // namespace martinet

#pragma once
// RSI (Wilder) of the close, 0..100, and the stochastic oscillator of it.
#include "engine/hot/indicators/moving_average.hpp"

namespace martinet {

/// 100 * average gain / (average gain + average loss), Wilder averages seeded by the simple mean. 0 where nothing moved since the
/// first bar (as TA-Lib).
class Rsi {
 public:
  static constexpr std::size_t kOutputs = 1;
  explicit Rsi(std::int32_t period) noexcept : gain_(ExponentialMean::wilder(period)), loss_(ExponentialMean::wilder(period)) {}

  void on_bar(const Bar& bar) noexcept {
    const double change = bar.close - last_close_;
    last_close_ = bar.close;
    if (has_last_ == 0) [[unlikely]] {
      has_last_ = 1;
      return;
    }
    gain_.push(change > 0 ? change : 0.0);
    loss_.push(change < 0 ? -change : 0.0);
    const double sum = gain_.value() + loss_.value();
    value_ = sum > 0 ? 100 * (gain_.value() / sum) : 0.0;
  }
  [[nodiscard]] bool ready(std::size_t = 0) const noexcept { return gain_.ready(); }
  [[nodiscard]] double value(std::size_t = 0) const noexcept { return value_; }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.gain_, self.loss_, self.last_close_, self.has_last_, self.value_);
  }

 private:
  ExponentialMean gain_;
  ExponentialMean loss_;
  double last_close_ = 0;
  double value_ = 0;
  std::uint64_t has_last_ = 0;
};

/// Fast %K of the RSI over a window, 0..100, and %D, its simple mean. Both are ready together (as TA-Lib's STOCHRSI). %K is 0 where
/// the RSI did not move within the window; a range below 1e-9 counts as that: it is rounding, and dividing by it gives noise.
class StochRsi {
 public:
  static constexpr std::size_t kOutputs = 2;  ///< k, d
  StochRsi(std::int32_t rsi_period, std::int32_t window, std::int32_t smoothing)
      : rsi_(rsi_period), highest_(window), lowest_(window), smooth_(smoothing) {}

  void on_bar(const Bar& bar) noexcept {
    rsi_.on_bar(bar);
    if (!rsi_.ready()) return;
    const double rsi = rsi_.value();
    highest_.push(rsi);
    lowest_.push(rsi);
    if (!highest_.full()) return;
    const double range = highest_.value() - lowest_.value();
    k_ = range > 1e-9 ? 100 * ((rsi - lowest_.value()) / range) : 0.0;
    smooth_.push(k_);
  }
  [[nodiscard]] bool ready(std::size_t = 0) const noexcept { return smooth_.full(); }
  [[nodiscard]] double value(std::size_t output) const noexcept { return output == 0 ? k_ : smooth_.mean(); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.rsi_, self.highest_, self.lowest_, self.smooth_, self.k_);
  }

 private:
  Rsi rsi_;
  RollingMax highest_;
  RollingMin lowest_;
  RollingSum smooth_;
  double k_ = 0;
};

}  // namespace martinet

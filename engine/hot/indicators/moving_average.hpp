#pragma once
// SMA and EMA of the close. The EMA is seeded with the mean of its first `period` values, factor 2 / (period + 1).
#include "engine/hot/indicators/bar.hpp"
#include "engine/hot/indicators/rolling.hpp"

namespace martinet {

class Sma {
 public:
  static constexpr std::size_t kOutputs = 1;
  explicit Sma(std::int32_t period) : sum_(period) {}
  void on_bar(const Bar& bar) noexcept { sum_.push(bar.close); }
  [[nodiscard]] bool ready(std::size_t = 0) const noexcept { return sum_.full(); }
  [[nodiscard]] double value(std::size_t = 0) const noexcept { return sum_.mean(); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.sum_);
  }

 private:
  RollingSum sum_;
};

/// Mean of the first n values, then value += (x - value) * factor: the shape of every exponential average here. An EMA has the
/// factor 2/(n+1), Wilder's smoothing 1/n. A contraction: errors fade, nothing to compensate.
class ExponentialMean {
 public:
  ExponentialMean(std::int32_t period, double factor) noexcept : period_(static_cast<std::uint64_t>(period)), factor_(factor) {}
  [[nodiscard]] static ExponentialMean ema(std::int32_t period) noexcept { return {period, 2.0 / (period + 1)}; }
  [[nodiscard]] static ExponentialMean wilder(std::int32_t period) noexcept { return {period, 1.0 / period}; }

  void push(double x) noexcept {
    if (count_ >= period_) [[likely]] {
      value_ += (x - value_) * factor_;
    } else {
      value_ += x;
      if (++count_ == period_) value_ /= static_cast<double>(period_);
    }
  }
  [[nodiscard]] bool ready() const noexcept { return count_ >= period_; }
  [[nodiscard]] double value() const noexcept { return value_; }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.count_, self.value_);
  }

 private:
  std::uint64_t period_;
  std::uint64_t count_ = 0;
  double factor_;
  double value_ = 0;
};

class Ema {
 public:
  static constexpr std::size_t kOutputs = 1;
  explicit Ema(std::int32_t period) noexcept : mean_(ExponentialMean::ema(period)) {}
  void on_bar(const Bar& bar) noexcept { mean_.push(bar.close); }
  [[nodiscard]] bool ready(std::size_t = 0) const noexcept { return mean_.ready(); }
  [[nodiscard]] double value(std::size_t = 0) const noexcept { return mean_.value(); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.mean_);
  }

 private:
  ExponentialMean mean_;
};

}  // namespace martinet

#pragma once
// What the volume says: its mean, its z-score, on-balance volume, money flow, volume per price.
#include <cmath>

#include "engine/hot/indicators/bar.hpp"
#include "engine/hot/indicators/rolling.hpp"

namespace martinet {

class VolumeSma {
 public:
  static constexpr std::size_t kOutputs = 1;
  explicit VolumeSma(std::int32_t period) : sum_(period) {}
  void on_bar(const Bar& bar) noexcept { sum_.push(bar.volume); }
  [[nodiscard]] bool ready(std::size_t = 0) const noexcept { return sum_.full(); }
  [[nodiscard]] double value(std::size_t = 0) const noexcept { return sum_.mean(); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.sum_);
  }

 private:
  RollingSum sum_;
};

/// (x - mean) / sample deviation; 0 where the deviation is 0.
[[nodiscard]] inline double z_score(double x, const RollingMoments& moments) noexcept {
  const double deviation = std::sqrt(moments.variance_sample());
  return deviation > 0 ? (x - moments.mean()) / deviation : 0.0;
}

/// z-score of the volume within its last `period` bars, the newest included.
class VolumeZ {
 public:
  static constexpr std::size_t kOutputs = 1;
  explicit VolumeZ(std::int32_t period) : moments_(period) {}
  void on_bar(const Bar& bar) noexcept {
    moments_.push(bar.volume);
    volume_ = bar.volume;
  }
  [[nodiscard]] bool ready(std::size_t = 0) const noexcept { return moments_.full(); }
  [[nodiscard]] double value(std::size_t = 0) const noexcept { return z_score(volume_, moments_); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.moments_, self.volume_);
  }

 private:
  RollingMoments moments_;
  double volume_ = 0;
};

/// Starts with the first bar's volume (TA-Lib); then plus the volume where the close rose, minus where it fell.
class Obv {
 public:
  static constexpr std::size_t kOutputs = 1;
  void on_bar(const Bar& bar) noexcept {
    if (seen_ == 0 || bar.close > last_close_) {
      sum_.add(bar.volume);
    } else if (bar.close < last_close_) {
      sum_.add(-bar.volume);
    }
    last_close_ = bar.close;
    seen_ = 1;
  }
  [[nodiscard]] bool ready(std::size_t = 0) const noexcept { return seen_ != 0; }
  [[nodiscard]] double value(std::size_t = 0) const noexcept { return sum_.value(); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.sum_, self.last_close_, self.seen_);
  }

 private:
  CompensatedSum sum_;
  double last_close_ = 0;
  std::uint64_t seen_ = 0;
};

/// Money flow index, 0..100: the part of typical price * volume that flowed while the typical price rose. 0 where nothing flowed.
/// (TA-Lib gives 0 for every total below 1.0 too, whatever the unit; here only a total of zero counts as none.)
class Mfi {
 public:
  static constexpr std::size_t kOutputs = 1;
  explicit Mfi(std::int32_t period) : up_(period), down_(period) {}
  void on_bar(const Bar& bar) noexcept {
    const double price = bar.typical();
    const double flow = price * bar.volume;
    if (seen_ != 0) {
      up_.push(price > last_price_ ? flow : 0.0);
      down_.push(price < last_price_ ? flow : 0.0);
    }
    last_price_ = price;
    seen_ = 1;
  }
  [[nodiscard]] bool ready(std::size_t = 0) const noexcept { return up_.full(); }
  [[nodiscard]] double value(std::size_t = 0) const noexcept {
    const double total = up_.sum() + down_.sum();
    return total > 0 ? 100 * (up_.sum() / total) : 0.0;
  }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.up_, self.down_, self.last_price_, self.seen_);
  }

 private:
  RollingSum up_;
  RollingSum down_;
  double last_price_ = 0;
  std::uint64_t seen_ = 0;
};

/// Volume / close of the last bar.
class VolumePriceRatio {
 public:
  static constexpr std::size_t kOutputs = 1;
  void on_bar(const Bar& bar) noexcept {
    value_ = bar.volume / bar.close;
    seen_ = 1;
  }
  [[nodiscard]] bool ready(std::size_t = 0) const noexcept { return seen_ != 0; }
  [[nodiscard]] double value(std::size_t = 0) const noexcept { return value_; }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.value_, self.seen_);
  }

 private:
  double value_ = 0;
  std::uint64_t seen_ = 0;
};

}  // namespace martinet

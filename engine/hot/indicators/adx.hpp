#pragma once
// ADX with +DI and -DI (Wilder), all 0..100. As TA-Lib: directional movement and true range are *sums* smoothed by
// s += x - s / n, begun with the plain sum of the first n - 1 bars; the first DI comes with bar n + 1, the first ADX, the mean of
// n DX, with bar 2 n. Where the range or both movements are zero, DX is undefined: it counts as 0 in the first mean and leaves
// the ADX unchanged later.
#include <cmath>

#include "engine/hot/indicators/atr.hpp"

namespace martinet {

class Adx {
 public:
  static constexpr std::size_t kOutputs = 3;  ///< adx, plus_di, minus_di
  explicit Adx(std::int32_t period) noexcept : period_(static_cast<std::uint64_t>(period)), per_n_(1.0 / period) {}

  void on_bar(const Bar& bar) noexcept {
    if (bars_ != 0) [[likely]]
      move(bar);
    ++bars_;
    last_ = {bar.high, bar.low, bar.close};
  }
  [[nodiscard]] bool ready(std::size_t output) const noexcept { return output == 0 ? bars_ >= 2 * period_ : bars_ > period_; }
  [[nodiscard]] double value(std::size_t output) const noexcept {
    if (output == 0) return adx_;
    const double movement = output == 1 ? plus_ : minus_;
    return range_ > 0 ? 100 * (movement / range_) : 0.0;
  }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.bars_, self.last_, self.plus_, self.minus_, self.range_, self.adx_);
  }

 private:
  struct Last {
    double high = 0;
    double low = 0;
    double close = 0;
  };

  void move(const Bar& bar) noexcept {
    const double up = bar.high - last_.high;
    const double down = last_.low - bar.low;
    const double plus = up > 0 && up > down ? up : 0.0;
    const double minus = down > 0 && down > up ? down : 0.0;
    const double range = true_range(bar, last_.close);
    if (bars_ < period_) {  // the first n - 1 movements
      plus_ += plus;
      minus_ += minus;
      range_ += range;
      return;
    }
    plus_ += plus - plus_ * per_n_;
    minus_ += minus - minus_ * per_n_;
    range_ += range - range_ * per_n_;
    average();
  }
  // 100 |+DI - -DI| / (+DI + -DI): the range cancels.
  void average() noexcept {
    const double sum = plus_ + minus_;
    const bool defined = sum > 0 && range_ > 0;
    const double dx = defined ? 100 * (std::fabs(plus_ - minus_) / sum) : 0.0;
    if (bars_ < 2 * period_) {
      adx_ += dx;
      if (bars_ + 1 == 2 * period_) adx_ *= per_n_;
    } else if (defined) {
      adx_ += (dx - adx_) * per_n_;
    }
  }

  std::uint64_t period_;
  std::uint64_t bars_ = 0;
  double per_n_;
  Last last_;
  double plus_ = 0;
  double minus_ = 0;
  double range_ = 0;
  double adx_ = 0;
};

}  // namespace martinet

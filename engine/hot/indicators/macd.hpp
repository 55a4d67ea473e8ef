#pragma once
// MACD line, signal and histogram of the close, in price units. As TA-Lib: both averages start together, with the bar that fills
// the slow one (the fast one is seeded with the mean of the last `fast` closes up to there); line, signal and histogram become
// ready together.
#include "engine/hot/indicators/moving_average.hpp"

namespace martinet {

class Macd {
 public:
  static constexpr std::size_t kOutputs = 3;  ///< line, signal, histogram
  Macd(std::int32_t fast, std::int32_t slow, std::int32_t signal) noexcept
      : fast_(ExponentialMean::ema(fast)),
        slow_(ExponentialMean::ema(slow)),
        signal_(ExponentialMean::ema(signal)),
        fast_waits_(static_cast<std::uint64_t>(slow - fast)) {}

  void on_bar(const Bar& bar) noexcept {
    slow_.push(bar.close);
    if (fast_waits_ == 0) [[likely]] {
      fast_.push(bar.close);
    } else {
      --fast_waits_;
    }
    if (!slow_.ready()) return;
    line_ = fast_.value() - slow_.value();
    signal_.push(line_);
  }
  [[nodiscard]] bool ready(std::size_t = 0) const noexcept { return signal_.ready(); }
  [[nodiscard]] double value(std::size_t output) const noexcept {
    return output == 0 ? line_ : output == 1 ? signal_.value() : line_ - signal_.value();
  }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.fast_, self.slow_, self.signal_, self.fast_waits_, self.line_);
  }

 private:
  ExponentialMean fast_;
  ExponentialMean slow_;
  ExponentialMean signal_;
  std::uint64_t fast_waits_;  ///< closes that the fast average still skips; fast < slow
  double line_ = 0;
};

}  // namespace martinet

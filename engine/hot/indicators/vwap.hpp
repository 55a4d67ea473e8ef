#pragma once
// Volume-weighted average price, each bar counted at its typical price (high + low + close) / 3, so that bars of trades and bars
// of a candle channel give the same value. Not ready while no volume is in it.
#include "engine/base/time.hpp"
#include "engine/hot/indicators/bar.hpp"
#include "engine/hot/indicators/rolling.hpp"

namespace martinet {

/// Anchored at 00:00 UTC of the day in which a bar opens.
class VwapSession {
 public:
  static constexpr std::size_t kOutputs = 1;
  void on_bar(const Bar& bar) noexcept {
    const std::int64_t day = floor_to(bar.ts_open_ns, kNanosPerDay);
    if (day != day_) {
      day_ = day;
      turnover_.clear();
      volume_.clear();
    }
    turnover_.add(bar.typical() * bar.volume);
    volume_.add(bar.volume);
  }
  [[nodiscard]] bool ready(std::size_t = 0) const noexcept { return volume_.value() > 0; }
  [[nodiscard]] double value(std::size_t = 0) const noexcept { return turnover_.value() / volume_.value(); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.day_, self.turnover_, self.volume_);
  }

 private:
  std::int64_t day_ = kNever;
  CompensatedSum turnover_;
  CompensatedSum volume_;
};

/// Over the last `period` bars.
class VwapRolling {
 public:
  static constexpr std::size_t kOutputs = 1;
  explicit VwapRolling(std::int32_t period) : turnover_(period), volume_(period) {}
  void on_bar(const Bar& bar) noexcept {
    turnover_.push(bar.typical() * bar.volume);
    volume_.push(bar.volume);
  }
  [[nodiscard]] bool ready(std::size_t = 0) const noexcept { return volume_.full() && volume_.sum() > 0; }
  [[nodiscard]] double value(std::size_t = 0) const noexcept { return turnover_.sum() / volume_.sum(); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.turnover_, self.volume_);
  }

 private:
  RollingSum turnover_;
  RollingSum volume_;
};

}  // namespace martinet

#pragma once
// Pearson correlation of the log returns of two instruments over their common bars (same open time): a return goes from one
// common bar to the next. Bars of both sides wait in a short queue until the other side has passed their time.
#include <array>
#include <cmath>

#include "engine/base/math.hpp"
#include "engine/hot/indicators/bar.hpp"
#include "engine/hot/indicators/rolling.hpp"

namespace martinet {

class Correlation {
 public:
  static constexpr std::uint64_t kWaitingMax = 16;  ///< bars one side may be ahead; beyond it the oldest is given up (as a gap)

  explicit Correlation(std::int32_t period) : x_(period), y_(period), product_(period) {}

  /// A closed bar of side 0 or 1, in order of time on each side.
  void on_bar(std::size_t side, const Bar& bar) noexcept {
    Waiting& mine = waiting_[side];
    if (mine.count == kWaitingMax) mine.drop();
    mine.put({bar.ts_open_ns, bar.close});
    match();
  }
  [[nodiscard]] bool ready() const noexcept { return product_.full(); }
  /// -1..1; 0 where one of the two did not move at all.
  [[nodiscard]] double value() const noexcept {
    const double spread = x_.variance() * y_.variance();
    if (!(spread > 0)) return 0.0;
    const double covariance = product_.mean() - x_.mean() * y_.mean();
    const double r = covariance / std::sqrt(spread);
    return r > 1 ? 1.0 : r < -1 ? -1.0 : r;
  }
  [[nodiscard]] bool in_bounds() const noexcept {
    return waiting_[0].first < kWaitingMax && waiting_[0].count <= kWaitingMax && waiting_[1].first < kWaitingMax &&
           waiting_[1].count <= kWaitingMax;
  }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.waiting_[0], self.waiting_[1], self.last_[0], self.last_[1], self.x_, self.y_, self.product_);
  }

 private:
  struct Point {
    std::int64_t ts_ns = 0;
    double close = 0;
  };
  struct Waiting {
    std::array<Point, kWaitingMax> points{};
    std::uint64_t first = 0;
    std::uint64_t count = 0;
    [[nodiscard]] const Point& front() const noexcept { return points[first]; }
    void drop() noexcept {
      first = (first + 1) % kWaitingMax;
      --count;
    }
    void put(Point point) noexcept { points[(first + count++) % kWaitingMax] = point; }
  };

  void match() noexcept {
    while (waiting_[0].count != 0 && waiting_[1].count != 0) {
      const Point a = waiting_[0].front();
      const Point b = waiting_[1].front();
      if (a.ts_ns <= b.ts_ns) waiting_[0].drop();
      if (b.ts_ns <= a.ts_ns) waiting_[1].drop();
      if (a.ts_ns == b.ts_ns) common(a.close, b.close);
    }
  }
  void common(double a, double b) noexcept {
    if (last_[0] > 0) {
      const double x = math::log(a / last_[0]);
      const double y = math::log(b / last_[1]);
      x_.push(x);
      y_.push(y);
      product_.push(x * y);
    }
    last_[0] = a;
    last_[1] = b;
  }

  std::array<Waiting, 2> waiting_{};
  std::array<double, 2> last_{};
  RollingMoments x_;
  RollingMoments y_;
  RollingSum product_;
};

}  // namespace martinet

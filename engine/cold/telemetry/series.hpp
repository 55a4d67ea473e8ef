#pragma once
// A curve of bounded size: keeps every n-th point and doubles n when it is full, so that any length of session fits and nothing
// is allocated on the way. The last point given is always known.
#include <array>
#include <cstdint>
#include <span>

namespace martinet {

struct SeriesPoint {
  std::int64_t ts_ns = 0;
  std::int64_t value = 0;
};

class Series {
 public:
  static constexpr std::size_t kPointsMax = 4096;  ///< a report is about a thousand pixels wide

  void add(std::int64_t ts_ns, std::int64_t value) noexcept {
    last_ = {ts_ns, value};
    ++seen_;
    if (skip_ > 0) {
      --skip_;
      return;
    }
    if (count_ == kPointsMax) {
      for (std::size_t i = 0; i < kPointsMax / 2; ++i) points_[i] = points_[2 * i];
      count_ = kPointsMax / 2;
      stride_ *= 2;
    }
    points_[count_++] = last_;
    skip_ = stride_ - 1;
  }

  [[nodiscard]] std::span<const SeriesPoint> points() const noexcept { return {points_.data(), count_}; }
  [[nodiscard]] const SeriesPoint& last() const noexcept { return last_; }  ///< zero before the first
  [[nodiscard]] std::uint64_t seen() const noexcept { return seen_; }

 private:
  std::array<SeriesPoint, kPointsMax> points_{};
  std::size_t count_ = 0;
  std::uint64_t stride_ = 1;
  std::uint64_t skip_ = 0;
  std::uint64_t seen_ = 0;
  SeriesPoint last_;
};

}  // namespace martinet

#pragma once
// A latency histogram with log-linear buckets: 128 linear steps in each power of two, so a recorded value is off by less than
// 1/128 (0.8 %). The idea is that of HdrHistogram (Gil Tene). Recording is one array increment; two histograms merge by adding.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace martinet {

class Histogram {
 public:
  static constexpr int kStepBits = 7;
  static constexpr int kValueBits = 42;  ///< values are clamped to 2^42-1 ns, 73 minutes; `max()` stays exact
  static constexpr std::size_t kStepCount = std::size_t{1} << kStepBits;
  static constexpr std::size_t kBucketCount = (kValueBits - kStepBits + 1) * kStepCount;

  /// cost  no allocation, a few instructions
  void record(std::uint64_t value) noexcept {
    ++counts_[bucket_of(value)];
    ++count_;
    max_ = std::max(max_, value);
  }

  void merge(const Histogram& other) noexcept {
    for (std::size_t i = 0; i < kBucketCount; ++i) counts_[i] += other.counts_[i];
    count_ += other.count_;
    max_ = std::max(max_, other.max_);
  }

  void clear() noexcept { *this = Histogram{}; }

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] std::uint64_t max() const noexcept { return max_; }

  /// Smallest recorded value (as its bucket's highest) that at least `fraction` (0..1) of all values do not pass; 0 when empty.
  [[nodiscard]] std::uint64_t quantile(double fraction) const noexcept {
    if (count_ == 0) return 0;
    const double wanted = std::clamp(fraction, 0.0, 1.0) * static_cast<double>(count_);
    auto rank = static_cast<std::uint64_t>(wanted);
    if (static_cast<double>(rank) < wanted || rank == 0) ++rank;
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < kBucketCount; ++i) {
      seen += counts_[i];
      if (seen >= rank) return std::min(highest_of(i), max_);
    }
    return max_;
  }

  [[nodiscard]] std::uint64_t count_in(std::size_t bucket) const noexcept { return counts_[bucket]; }
  /// The values [lowest_of(i), highest_of(i)] share bucket i.
  [[nodiscard]] static constexpr std::uint64_t lowest_of(std::size_t bucket) noexcept {
    const std::size_t octave = bucket >> kStepBits;
    const std::uint64_t step = bucket & (kStepCount - 1);
    return octave == 0 ? step : (kStepCount + step) << (octave - 1);
  }
  [[nodiscard]] static constexpr std::uint64_t highest_of(std::size_t bucket) noexcept {
    const std::size_t octave = bucket >> kStepBits;
    return lowest_of(bucket) + (octave <= 1 ? 0 : (std::uint64_t{1} << (octave - 1)) - 1);
  }
  [[nodiscard]] static constexpr std::size_t bucket_of(std::uint64_t value) noexcept {
    value = std::min(value, (std::uint64_t{1} << kValueBits) - 1);
    if (value < kStepCount) return static_cast<std::size_t>(value);
    const auto octave = static_cast<std::size_t>(std::bit_width(value)) - kStepBits;
    return (octave << kStepBits) + static_cast<std::size_t>(value >> (octave - 1)) - kStepCount;
  }

 private:
  std::array<std::uint64_t, kBucketCount> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace martinet

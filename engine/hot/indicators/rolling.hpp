#pragma once
// Windows over the last n values, one value at a time.
//
// Method against drift: every running sum is compensated (TwoSum, Knuth; the rounding error of each addition is kept exactly in
// a second double), and a value leaves the window as the very double that entered. So what is left after 10 million bars, or
// after a giant value has passed through, is correct to about 1e-32 of what went through, not 1e-16. Squares are taken around a
// centre inside the data, which follows the data (see RollingMoments).
#include <cstddef>
#include <cstdint>
#include <vector>

namespace martinet {

class CompensatedSum {
 public:
  void add(double x) noexcept {
    const double sum = hi_ + x;
    const double part = sum - hi_;
    lo_ += (hi_ - (sum - part)) + (x - part);
    hi_ = sum;
  }
  void clear() noexcept { hi_ = lo_ = 0; }
  [[nodiscard]] double value() const noexcept { return hi_ + lo_; }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.hi_, self.lo_);
  }

 private:
  double hi_ = 0;
  double lo_ = 0;
};

/// The last `size` values, oldest overwritten. size >= 1, allocated here and never again.
class Ring {
 public:
  explicit Ring(std::int32_t size) : values_(static_cast<std::size_t>(size), 0.0) {}

  /// Puts x in and gives what it replaced (0 while the ring is filling).
  double push(double x) noexcept {
    const double old = values_[next_];
    values_[next_] = x;
    if (++next_ == values_.size()) next_ = 0;
    if (count_ < values_.size()) ++count_;
    return old;
  }
  /// The value that the next push replaces: the oldest, once full.
  [[nodiscard]] double oldest() const noexcept { return values_[next_]; }
  [[nodiscard]] bool full() const noexcept { return count_ == values_.size(); }
  [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }
  [[nodiscard]] const std::vector<double>& values() const noexcept { return values_; }
  [[nodiscard]] std::size_t next() const noexcept { return next_; }
  [[nodiscard]] bool in_bounds() const noexcept { return next_ < values_.size() && count_ <= values_.size(); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.values_, self.next_, self.count_);
  }

 private:
  std::vector<double> values_;
  std::uint64_t next_ = 0;
  std::uint64_t count_ = 0;
};

/// Counts how many of the newest values are equal: a window of equal values then gives exactly zero spread, not rounding noise.
class EqualRun {
 public:
  void push(double x) noexcept {
    length_ = x == last_ ? length_ + 1 : 1;
    last_ = x;
  }
  [[nodiscard]] std::uint64_t length() const noexcept { return length_; }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.last_, self.length_);
  }

 private:
  double last_ = 0;
  std::uint64_t length_ = 0;
};

/// Sum of the last n values.
class RollingSum {
 public:
  explicit RollingSum(std::int32_t size) : ring_(size) {}

  void push(double x) noexcept {
    const double old = ring_.push(x);
    sum_.add(x);
    sum_.add(-old);  // 0 while filling
    run_.push(x);
  }
  [[nodiscard]] bool full() const noexcept { return ring_.full(); }
  [[nodiscard]] bool all_equal() const noexcept { return run_.length() >= ring_.size(); }
  /// Exactly size * x where all values are equal; so a window of zeros sums to zero.
  [[nodiscard]] double sum() const noexcept { return all_equal() ? ring_.values()[0] * static_cast<double>(ring_.size()) : sum_.value(); }
  [[nodiscard]] double mean() const noexcept { return all_equal() ? ring_.values()[0] : sum_.value() / static_cast<double>(ring_.size()); }
  [[nodiscard]] const Ring& ring() const noexcept { return ring_; }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.ring_, self.sum_, self.run_);
  }

 private:
  Ring ring_;
  CompensatedSum sum_;
  EqualRun run_;
};

/// Mean and variance of the last n values, n >= 2. Sums run over d = x - centre. When the mean of d has left the centre by more
/// than 64 standard deviations, the centre moves to the mean and the sums are made anew from the window: O(n), and not more
/// often than about once in n bars (a steady trend needs 18 n bars to get there). So the subtraction in the variance never costs more than
/// 12 of 53 bits.
class RollingMoments {
 public:
  explicit RollingMoments(std::int32_t size) : ring_(size), per_n_(1.0 / size) {}

  void push(double x) noexcept {
    if (run_.length() == 0) centre_ = x;
    const bool was_full = ring_.full();
    const double old = ring_.push(x);
    const double in = x - centre_;
    sum_.add(in);
    square_.add(in * in);
    if (was_full) {
      const double out = old - centre_;
      sum_.add(-out);
      square_.add(-(out * out));
    }
    run_.push(x);
    if (ring_.full()) finish(x);
  }

  [[nodiscard]] bool full() const noexcept { return ring_.full(); }
  [[nodiscard]] double mean() const noexcept { return mean_; }
  [[nodiscard]] double variance() const noexcept { return variance_; }  ///< population: divided by n; never negative
  [[nodiscard]] double variance_sample() const noexcept {               ///< divided by n - 1
    const auto n = static_cast<double>(ring_.size());
    return variance_ * (n / (n - 1));
  }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.ring_, self.sum_, self.square_, self.run_, self.centre_, self.mean_, self.variance_);
  }

 private:
  void finish(double x) noexcept {
    if (run_.length() >= ring_.size()) [[unlikely]] {
      mean_ = x;
      variance_ = 0;
      return;
    }
    double offset = sum_.value() * per_n_;
    variance_ = square_.value() * per_n_ - offset * offset;
    if (offset * offset > 4096 * variance_) [[unlikely]]
      offset = move_centre(offset);
    mean_ = centre_ + offset;
  }
  double move_centre(double by) noexcept {
    centre_ += by;
    sum_.clear();
    square_.clear();
    for (const double value : ring_.values()) {
      const double d = value - centre_;
      sum_.add(d);
      square_.add(d * d);
    }
    const double offset = sum_.value() * per_n_;
    const double variance = square_.value() * per_n_ - offset * offset;
    variance_ = variance > 0 ? variance : 0;
    return offset;
  }

  Ring ring_;
  CompensatedSum sum_;
  CompensatedSum square_;
  EqualRun run_;
  double centre_ = 0;
  double mean_ = 0;
  double variance_ = 0;
  double per_n_;
};

/// The greatest (or smallest) of the last n values, without branches that depend on the data. Method of van Herk and of Gil and
/// Werman: values come in blocks of n; a window is the end of one block (its suffix extremes, made in one sweep when the block
/// fills) and the beginning of the next (a running extreme). Three comparisons a value, amortised.
template <bool kGreatest>
class RollingExtreme {
 public:
  explicit RollingExtreme(std::int32_t size)
      : block_(static_cast<std::size_t>(size), 0.0), suffix_(static_cast<std::size_t>(size) + 1, kNone) {}

  void push(double x) noexcept {
    block_[next_] = x;
    head_ = pick(head_, x);
    value_ = pick(suffix_[next_ + 1], head_);
    if (++next_ == block_.size()) sweep();
  }
  [[nodiscard]] bool full() const noexcept { return full_; }
  [[nodiscard]] double value() const noexcept { return value_; }
  [[nodiscard]] bool in_bounds() const noexcept { return next_ < block_.size(); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor& visitor) {
    visitor(self.block_, self.suffix_, self.next_, self.head_, self.value_, self.full_);
  }

 private:
  static constexpr double kNone = kGreatest ? -__builtin_inf() : __builtin_inf();
  static double pick(double a, double b) noexcept {
    if constexpr (kGreatest) return a > b ? a : b;
    return a < b ? a : b;
  }
  void sweep() noexcept {
    double extreme = kNone;
    for (std::size_t i = block_.size(); i-- > 0;) {
      extreme = pick(extreme, block_[i]);
      suffix_[i] = extreme;
    }
    next_ = 0;
    head_ = kNone;
    full_ = 1;
  }

  std::vector<double> block_;
  std::vector<double> suffix_;  ///< suffix_[i] = extreme of the previous block from i on; the last entry is none
  std::uint64_t next_ = 0;
  double head_ = kNone;  ///< extreme of the current block so far
  double value_ = 0;
  std::uint64_t full_ = 0;
};

using RollingMax = RollingExtreme<true>;
using RollingMin = RollingExtreme<false>;

}  // namespace martinet

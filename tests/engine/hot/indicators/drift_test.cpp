// Goal: no drift. Method: ten million bars of a walk with spikes of 1e12 through the running windows; at many moments the window is
// computed anew in 113-bit arithmetic from the values themselves. A plain running sum over the same input is carried along to show
// that the input is hard enough to catch one.
#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <random>

#include "engine/hot/indicators/rolling.hpp"

namespace martinet::drift_test {
namespace {

#ifdef MARTINET_SANITIZED
constexpr std::size_t kBars = 1'000'000;
#else
constexpr std::size_t kBars = 10'000'000;
#endif
constexpr std::size_t kSeeds[] = {21, 22};

struct Exact {
  double mean;
  double variance;
};

template <std::size_t N>
Exact exact_of(const std::array<double, N>& window) {
  __float128 sum = 0;
  for (const double x : window) sum += x;
  const __float128 mean = sum / N;
  __float128 square = 0;
  for (const double x : window) square += (x - mean) * (x - mean);
  return {static_cast<double>(mean), static_cast<double>(square / N)};
}

TEST(NoDrift, WindowsAreExactAfterTenMillionBarsWithSpikes) {
  constexpr std::size_t kWindow = 20;
  for (const std::size_t seed : kSeeds) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    RollingSum sum(kWindow);
    RollingMoments moments(kWindow);
    std::array<double, kWindow> window{};
    double plain_sum = 0;
    double worst_sum = 0, worst_mean = 0, worst_variance = 0, worst_plain = 0;
    double price = 60'000;
    for (std::size_t i = 0; i < kBars; ++i) {
      // A slow walk over several orders of magnitude, with a spike every hundred thousand bars.
      const double unit = static_cast<double>(random() >> 11) * 0x1p-53;
      price *= 1 + (unit - 0.5) * 2e-3;
      const double x = random() % 100'000 == 0 ? 1e12 * unit : std::round(price * 1e4) / 1e4;
      plain_sum += x - window[i % kWindow];
      window[i % kWindow] = x;
      sum.push(x);
      moments.push(x);
      if (i < kWindow || (i % 997 != 0 && i + kWindow < kBars)) continue;
      const Exact exact = exact_of(window);
      worst_sum = std::max(worst_sum, std::fabs(sum.mean() - exact.mean) / exact.mean);
      worst_plain = std::max(worst_plain, std::fabs(plain_sum / kWindow - exact.mean) / exact.mean);
      worst_mean = std::max(worst_mean, std::fabs(moments.mean() - exact.mean) / exact.mean);
      if (exact.variance > 0) worst_variance = std::max(worst_variance, std::fabs(moments.variance() - exact.variance) / exact.variance);
    }
    EXPECT_LE(worst_sum, 1e-15);
    EXPECT_LE(worst_mean, 1e-15);
    EXPECT_LE(worst_variance, 1e-10);
    EXPECT_GT(worst_plain, 1e-11) << "the input does not tell a good sum from a plain one";
    std::printf("  relative errors: sum %.2g, mean %.2g, variance %.2g; a plain running sum %.2g\n", worst_sum, worst_mean, worst_variance,
                worst_plain);
  }
}

TEST(NoDrift, VarianceSurvivesALevelThatLeavesTheCentreFarBehind) {
  constexpr std::size_t kWindow = 30;
  RollingMoments moments(kWindow);
  std::array<double, kWindow> window{};
  std::mt19937_64 random(23);
  double level = 1.0;
  for (std::size_t i = 0; i < 20'000; ++i) {
    if (i % 500 == 0) level *= 7;                      // steps
    if (i > 10'000 && i % 500 > 250) level *= 1.0001;  // and trends
    const double x = level * (1 + 1e-6 * static_cast<double>(random() % 1000) / 1000);
    window[i % kWindow] = x;
    moments.push(x);
    if (i < kWindow) continue;
    const Exact exact = exact_of(window);
    ASSERT_NEAR(moments.variance(), exact.variance, 1e-9 * exact.variance) << i;
    ASSERT_NEAR(moments.mean(), exact.mean, 1e-15 * exact.mean) << i;
  }
}

TEST(NoDrift, AWindowOfEqualValuesHasExactlyNoSpreadAndAnEmptyOneSumsToExactlyZero) {
  RollingMoments moments(5);
  RollingSum sum(5);
  for (const double x : {0.1, 1e15, 0.3, 7.7, 1e-9}) {
    moments.push(x);
    sum.push(x);
  }
  EXPECT_GT(moments.variance(), 0);
  for (int i = 0; i < 4; ++i) {
    moments.push(0.7);
    sum.push(0);
  }
  EXPECT_GT(moments.variance(), 0);
  EXPECT_GT(sum.sum(), 0);
  moments.push(0.7);
  sum.push(0);
  EXPECT_EQ(moments.variance(), 0);
  EXPECT_EQ(moments.mean(), 0.7);
  EXPECT_EQ(sum.sum(), 0);
}

TEST(NoDrift, ExtremesEqualASearchOfTheWindow) {
  std::mt19937_64 random(24);
  for (const std::size_t n : {1U, 2U, 3U, 14U, 50U}) {
    RollingMax highest(static_cast<std::int32_t>(n));
    RollingMin lowest(static_cast<std::int32_t>(n));
    std::deque<double> window;
    for (std::size_t i = 0; i < 5'000; ++i) {
      const auto x = static_cast<double>(random() % 40) - 20;
      highest.push(x);
      lowest.push(x);
      window.push_back(x);
      if (window.size() > n) window.pop_front();
      ASSERT_EQ(highest.full(), i + 1 >= n);
      ASSERT_EQ(highest.value(), *std::max_element(window.begin(), window.end())) << n << " " << i;
      ASSERT_EQ(lowest.value(), *std::min_element(window.begin(), window.end())) << n << " " << i;
    }
  }
}

}  // namespace
}  // namespace martinet::drift_test

// Goal: log and exp within one ulp of the truth, the same bits everywhere. Method: long double (64-bit mantissa) from the C library
// as the truth; a fixed set of results as bit patterns for sameness across compilers.
#include "engine/base/math.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

namespace martinet::math_test {
namespace {

/// Distance of `found` from the exact value in units of the exact value's last place.
double ulps(double found, long double exact) {
  int exponent = 0;
  (void)std::frexp(static_cast<double>(exact), &exponent);
  const long double ulp = std::ldexp(1.0L, std::max(exponent - 53, -1074));
  return static_cast<double>(std::fabs(static_cast<long double>(found) - exact) / ulp);
}

TEST(Math, LogIsWithinOneUlpOverTheWholeRange) {
  std::mt19937_64 random(1);
  double worst = 0;
  for (int i = 0; i < 2'000'000; ++i) {
    // Every exponent from the smallest subnormal to the largest number; every second one near 1, where returns live.
    const auto bits = i % 2 == 0 ? random() % 0x7ff0000000000000 : 0x3fe0000000000000 + random() % 0x0020000000000000;
    const auto x = std::bit_cast<double>(bits);
    if (x == 0) continue;
    worst = std::max(worst, ulps(math::log(x), std::log(static_cast<long double>(x))));
  }
  RecordProperty("worst_ulps_x1000", static_cast<int>(worst * 1000));
  EXPECT_LE(worst, 1.0);
  EXPECT_GE(worst, 0.5) << "an error below half an ulp would mean that nothing was tested";
}

TEST(Math, LogOfTinyReturnsKeepsItsRelativePrecision) {
  std::mt19937_64 random(2);
  std::uniform_real_distribution<double> exponent(-15, -1);
  for (int i = 0; i < 200'000; ++i) {
    const double x = 1.0 + (i % 2 == 0 ? 1 : -1) * std::pow(10.0, exponent(random));
    if (x == 1.0) continue;
    ASSERT_LE(ulps(math::log(x), std::log(static_cast<long double>(x))), 1.0) << x;
  }
}

TEST(Math, ExpIsWithinOneUlpOverTheWholeRange) {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> wide(-745, 709.78);
  std::uniform_real_distribution<double> narrow(-1, 1);
  double worst = 0;
  for (int i = 0; i < 2'000'000; ++i) {
    const double x = i % 2 == 0 ? wide(random) : narrow(random);
    worst = std::max(worst, ulps(math::exp(x), std::exp(static_cast<long double>(x))));
  }
  RecordProperty("worst_ulps_x1000", static_cast<int>(worst * 1000));
  EXPECT_LE(worst, 1.0);
  EXPECT_GE(worst, 0.5);
}

TEST(Math, EndsOfTheRange) {
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(math::log(1.0), 0.0);
  EXPECT_EQ(math::log(0.0), -inf);
  EXPECT_EQ(math::log(inf), inf);
  EXPECT_TRUE(std::isnan(math::log(-1.0)));
  EXPECT_TRUE(std::isnan(math::log(nan)));
  EXPECT_EQ(math::exp(0.0), 1.0);
  EXPECT_EQ(math::exp(-0.0), 1.0);
  EXPECT_EQ(math::exp(inf), inf);
  EXPECT_EQ(math::exp(-inf), 0.0);
  EXPECT_EQ(math::exp(709.79), inf);
  EXPECT_TRUE(std::isfinite(math::exp(709.78)));
  EXPECT_EQ(math::exp(-745.14), 0.0);
  EXPECT_GT(math::exp(-745.0), 0.0);
  EXPECT_TRUE(std::isnan(math::exp(nan)));
  EXPECT_LE(ulps(math::log(std::numeric_limits<double>::denorm_min()),
                 std::log(static_cast<long double>(std::numeric_limits<double>::denorm_min()))),
            1.0);
}

// One number over many arguments: another compiler, optimisation level or library must not change a bit of it.
TEST(Math, GivesTheSameBitsEverywhere) {
  std::uint64_t hash = 1469598103934665603U;
  const auto mix = [&hash](double value) { hash = (hash ^ std::bit_cast<std::uint64_t>(value)) * 1099511628211U; };
  std::mt19937_64 random(4);
  for (int i = 0; i < 100'000; ++i) {
    const auto x = std::bit_cast<double>(random() % 0x7ff0000000000000);
    mix(math::log(x));
    mix(math::exp(static_cast<double>(static_cast<std::int64_t>(random())) * 0x1p-54));
  }
  EXPECT_EQ(hash, 6155842554310392743U);
  static_assert(math::log(2.0) > 0.69 && math::exp(1.0) > 2.71, "both can be computed by the compiler");
  constexpr double kCompileTime = math::log(1.2345) + math::exp(0.54321);
  volatile double a = 1.2345;
  volatile double b = 0.54321;
  EXPECT_EQ(kCompileTime, math::log(a) + math::exp(b));
}

}  // namespace
}  // namespace martinet::math_test

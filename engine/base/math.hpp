#pragma once
// Natural logarithm and exponential from + - * / alone, so that every compiler, library and optimisation level gives the same
// bits (invariant I2; std::log and std::exp differ between C libraries). sqrt needs no own version: IEEE 754 fixes it.
// Largest errors found by the test against long double: log 1 ulp, exp 1 ulp (see tests/engine/base/math_test.cpp).
#include <bit>
#include <cstdint>
#include <limits>

namespace martinet::math {

// ln 2 in two parts: the first has 21 trailing zero bits, so that k * kLn2High is exact for every exponent k.
inline constexpr double kLn2High = 0x1.62e42fee00000p-1;
inline constexpr double kLn2Low = 0x1.a39ef35793c76p-33;

/// Natural logarithm. log(1) == 0 exactly; log(0) = -inf; x < 0 or NaN gives NaN; log(inf) = inf.
/// Method: x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); log(1 + f) = 2 atanh(s), s = f / (2 + f), |s| < 0.1716, by the series
/// 2 (s + s^3/3 + s^5/5 ..) up to s^23 (the next term is below 2^-60 of the sum), combined so that f itself enters exactly.
[[nodiscard]] constexpr double log(double x) noexcept {
  if (!(x > 0)) return x == 0 ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  if (x > std::numeric_limits<double>::max()) return x;
  int k = 0;
  if (x < std::numeric_limits<double>::min()) {  // subnormal: scaled up first, exactly
    x *= 0x1p54;
    k = -54;
  }
  // Adding the distance of sqrt(1/2) from 1 carries into the exponent exactly where the mantissa passes sqrt(2).
  constexpr std::uint64_t kHalfRootBits = 0x3fe6a09e667f3bcd;
  const auto bits = std::bit_cast<std::uint64_t>(x);
  const auto steps = static_cast<std::int64_t>(bits - kHalfRootBits) >> 52;
  k += static_cast<int>(steps);
  const double f = std::bit_cast<double>(bits - (static_cast<std::uint64_t>(steps) << 52)) - 1.0;

  const double s = f / (2.0 + f);
  const double z = s * s;
  double r = 2.0 / 23;
  r = r * z + 2.0 / 21;
  r = r * z + 2.0 / 19;
  r = r * z + 2.0 / 17;
  r = r * z + 2.0 / 15;
  r = r * z + 2.0 / 13;
  r = r * z + 2.0 / 11;
  r = r * z + 2.0 / 9;
  r = r * z + 2.0 / 7;
  r = r * z + 2.0 / 5;
  r = r * z + 2.0 / 3;
  r = r * z;
  // log(1 + f) = f - f^2/2 + s (f^2/2 + r): the large terms f and f^2/2 carry next to no rounding error.
  const double half_square = 0.5 * f * f;
  const auto dk = static_cast<double>(k);
  return dk * kLn2High - ((half_square - (s * (half_square + r) + dk * kLn2Low)) - f);
}

/// e^x. exp(0) == 1 exactly; above 709.78 inf, below -745.13 zero; NaN gives NaN.
/// Method: x = k ln 2 + r, |r| <= ln(2)/2, e^r by its Taylor series up to r^13 (the next term is below 2^-57), scaled by 2^k.
[[nodiscard]] constexpr double exp(double x) noexcept {
  if (x != x) return x;
  if (x > 709.782712893384) return std::numeric_limits<double>::infinity();
  if (x < -745.1332191019412) return 0;
  const double scaled = x * 1.4426950408889634;  // 1 / ln 2
  const auto k = static_cast<int>(scaled + (scaled < 0 ? -0.5 : 0.5));
  const auto dk = static_cast<double>(k);
  const double high = x - dk * kLn2High;
  const double low = dk * kLn2Low;
  const double r = high - low;

  double p = 1.0 / 6227020800.0;  // 1 / 13!
  p = p * r + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  const double r_error = (high - r) - low;  // what the subtraction above lost
  const double value = 1.0 + (r + (r_error + r * r * p));

  const auto power_of_two = [](int e) noexcept { return std::bit_cast<double>(static_cast<std::uint64_t>(1023 + e) << 52); };
  if (k > 1023) return value * power_of_two(1023) * power_of_two(k - 1023);
  if (k < -1021) return value * power_of_two(k + 1000) * power_of_two(-1000);  // into the subnormals: one rounding
  return value * power_of_two(k);
}

}  // namespace martinet::math

#pragma once
// From money to quantity, in integers only: every product through 128 bits, checked, and every rounding in the direction that
// commits less. All functions take values >= 0.
#include <algorithm>
#include <cstdint>
#include <limits>

#include "engine/base/fixed_point.hpp"
#include "engine/base/instrument.hpp"

namespace martinet::sizing {

using Wide = unsigned __int128;

inline constexpr std::uint64_t kNarrowMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

[[nodiscard]] constexpr std::uint64_t plain(std::int64_t value) noexcept { return static_cast<std::uint64_t>(value); }

/// 128 bits over 64: one 64-bit division where the numerator fits, which is nearly always and several times cheaper.
[[nodiscard]] constexpr Wide divide(Wide numerator, std::uint64_t denominator) noexcept {
  if ((numerator >> 64) == 0) return static_cast<std::uint64_t>(numerator) / denominator;
  return numerator / denominator;
}
[[nodiscard]] constexpr Wide divide_up(Wide numerator, std::uint64_t denominator) noexcept {
  const Wide quotient = divide(numerator, denominator);
  return quotient + (quotient * denominator != numerator ? 1 : 0);
}

/// Largest qty whose value at `unit` (a price, or a distance to a stop; > 0) is at most `money`. Exact: the next grid unit would pass.
/// out   qty, held to 2^63-1
/// fails false if a product leaves 128 bits
[[nodiscard]] constexpr bool qty_of_down(std::uint64_t value_num, std::uint64_t value_den, Price unit, Money money, Qty& qty) noexcept {
  const Wide numerator = static_cast<Wide>(plain(money.v)) * value_den;   // 63 + 64 bits
  const Wide denominator = static_cast<Wide>(plain(unit.v)) * value_num;  // 63 + 64 bits
  if (denominator == 0) return false;
  const Wide quotient = (denominator >> 64) == 0 ? divide(numerator, static_cast<std::uint64_t>(denominator)) : numerator / denominator;
  qty.v = quotient > kNarrowMax ? static_cast<std::int64_t>(kNarrowMax) : static_cast<std::int64_t>(quotient);
  return true;
}

/// Money of qty at price, rounded up.
/// fails false on overflow
[[nodiscard]] constexpr bool value_of_up(std::uint64_t value_num, std::uint64_t value_den, Price price, Qty qty, Money& money) noexcept {
  Wide value = static_cast<Wide>(plain(price.v)) * plain(qty.v);
  if (value_num != 1 && __builtin_mul_overflow(value, static_cast<Wide>(value_num), &value)) return false;
  value = divide_up(value, value_den);
  if (value > kNarrowMax) return false;
  money.v = static_cast<std::int64_t>(value);
  return true;
}

/// Compares the value of qty at price with `money`, exactly and without a division.
/// out   order: below 0, 0 or above 0 as the value is less than, equal to or more than `money`
/// fails false if a product leaves 128 bits
[[nodiscard]] constexpr bool compare_value(std::uint64_t value_num, std::uint64_t value_den, Price price, Qty qty, Money money,
                                           int& order) noexcept {
  Wide value = static_cast<Wide>(plain(price.v)) * plain(qty.v);
  if (value_num != 1 && __builtin_mul_overflow(value, static_cast<Wide>(value_num), &value)) return false;
  const Wide bound = static_cast<Wide>(plain(money.v)) * value_den;
  order = value < bound ? -1 : value > bound ? 1 : 0;
  return true;
}

/// price raised by `rate`, rounded up.
[[nodiscard]] constexpr bool raised_up(Price price, Rate rate, Price& out) noexcept {
  const Wide value = divide_up(static_cast<Wide>(plain(price.v)) * plain(rate.v), kRateUnit) + plain(price.v);
  if (value > kNarrowMax) return false;
  out.v = static_cast<std::int64_t>(value);
  return true;
}

/// What an entry of this notional takes from the account: notional / leverage plus the fee, each rounded up.
[[nodiscard]] constexpr bool margin_of_up(Money notional, std::int64_t leverage, Rate fee, Money& out) noexcept {
  const Wide margin =
      divide_up(plain(notional.v), plain(leverage)) + divide_up(static_cast<Wide>(plain(notional.v)) * plain(fee.v), kRateUnit);
  if (margin > kNarrowMax) return false;
  out.v = static_cast<std::int64_t>(margin);
  return true;
}

/// A notional whose margin_of_up is at most `free`; the largest such one is at most two units of `free` worth above it.
[[nodiscard]] constexpr Money notional_of_down(Money free, std::int64_t leverage, Rate fee) noexcept {
  // The two roundings up of margin_of_up add less than two units: with one taken off first, the whole-unit sum stays at or below free.
  if (free.v <= 1) return {0};
  const Wide numerator = static_cast<Wide>(plain(free.v - 1)) * (plain(leverage) * kRateUnit);  // 63 + 7 + 27 bits
  const Wide value = divide(numerator, plain(kRateUnit + fee.v * leverage));
  return {static_cast<std::int64_t>(std::min<Wide>(value, kNarrowMax))};
}

}  // namespace martinet::sizing

#pragma once
// Decimal text to integer grid and back, exactly. No floating point is involved; text that is not exactly on the grid is an
// error, never a nearest guess.
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/errc.hpp"
#include "engine/base/fixed_point.hpp"

namespace martinet {

inline constexpr int kDecimalsMax = 18;

inline constexpr std::array<std::int64_t, kDecimalsMax + 1> kPow10 = [] {
  std::array<std::int64_t, kDecimalsMax + 1> table{};
  table[0] = 1;
  for (std::size_t i = 1; i < table.size(); ++i) table[i] = table[i - 1] * 10;
  return table;
}();

/// 10^exponent; exponent 0..18.
constexpr std::int64_t pow10_i64(int exponent) noexcept { return kPow10[static_cast<std::size_t>(exponent)]; }

/// Reads "-12.340" as an integer in units of 10^-decimals.
/// in    text: [-]digits[.digits], no exponent, no sign '+', no blanks; decimals 0..18
/// out   value
/// fails bad_number (not such a text), off_grid (a non-zero digit beyond `decimals`), number_too_large; `value` is then untouched
/// cost  one pass, no allocation
[[nodiscard]] Errc parse_decimal(std::string_view text, int decimals, std::int64_t& value) noexcept;

/// Decimals that `text` needs, without trailing zeros ("1.2300" -> 2), or -1 if it is not a plain decimal.
[[nodiscard]] int decimals_needed(std::string_view text) noexcept;

/// Writes value * 10^-decimals with exactly `digits` decimals (0..decimals); the digits cut off must be zeros.
/// out   buffer: at least 24 bytes; returns the text inside it
[[nodiscard]] std::string_view format_decimal(std::int64_t value, int decimals, int digits, std::span<char, 24> buffer) noexcept;

/// As format_decimal, in the shortest exact form ("1.2300" on a grid of 4 -> "1.23"). Cold.
[[nodiscard]] std::string to_text(std::int64_t value, int decimals);

/// Money with two to eight decimals ("12.50", "-0.00012345"). Cold.
[[nodiscard]] std::string to_text(Money money);

}  // namespace martinet

#pragma once
// Decimal text of any precision up to 18 places, before the grid it will lie on is known. Import only: the engine itself reads
// straight to a grid (engine/base/decimal.hpp).
#include <compare>
#include <cstdint>
#include <string_view>

#include "engine/base/errc.hpp"

namespace martinet::importing {

/// An exact decimal: units of 1e-18. Magnitude below 1e36.
struct ImportNumber {
  __int128 units = 0;
  auto operator<=>(const ImportNumber&) const = default;
};

inline constexpr int kImportDecimals = 18;

/// Reads "-12.340", "1e-06", "2.5E3". Blanks and '+' before the digits are not accepted.
/// fails bad_number; off_grid (a digit beyond the 18th decimal, unless `rounds`: then cut); number_too_large (18 integer digits passed)
[[nodiscard]] Errc parse_import_number(std::string_view text, bool rounds, ImportNumber& out) noexcept;

/// Decimals needed, without trailing zeros: 0..18.
[[nodiscard]] int decimals_of(ImportNumber number) noexcept;

/// Digits before the point: 0 for values below 1.
[[nodiscard]] int integer_digits_of(ImportNumber number) noexcept;

/// The nearest multiple of 10^-decimals (halves away from zero).
[[nodiscard]] ImportNumber round_nearest(ImportNumber number, int decimals) noexcept;

/// The number on a grid of 10^-decimals.
/// fails off_grid, number_too_large; `value` is then untouched
[[nodiscard]] Errc to_grid(ImportNumber number, int decimals, std::int64_t& value) noexcept;

}  // namespace martinet::importing

#include "adapters/capture/import_number.hpp"

#include <charconv>
#include <limits>

#include "engine/base/decimal.hpp"

namespace martinet::importing {
namespace {

using Wide = __int128;

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

constexpr Wide magnitude(Wide value) noexcept { return value < 0 ? -value : value; }

// Splits "mantissa[e|E]exponent"; the exponent is 0 without one.
bool split_exponent(std::string_view& text, int& exponent) noexcept {
  exponent = 0;
  const std::size_t e = text.find_first_of("eE");
  if (e == std::string_view::npos) return true;
  std::string_view digits = text.substr(e + 1);
  if (!digits.empty() && digits[0] == '+') digits.remove_prefix(1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  if (error != std::errc{} || end != digits.data() + digits.size() || exponent < -40 || exponent > 40) return false;
  text = text.substr(0, e);
  return true;
}

}  // namespace

Errc parse_import_number(std::string_view text, bool rounds, ImportNumber& out) noexcept {
  int exponent = 0;
  if (!split_exponent(text, exponent)) return Errc::bad_number;
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  const std::size_t integers = point == std::string_view::npos ? text.size() : point;
  if (integers == 0 || (point != std::string_view::npos && point + 1 == text.size())) return Errc::bad_number;
  // The digit at index i (the point left out) is worth 10^(integers - 1 - i + exponent); in units of 1e-18 that is 10^place.
  Wide units = 0;
  std::size_t index = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == point) continue;
    if (!is_digit(text[i])) return Errc::bad_number;
    const int place = static_cast<int>(integers) - 1 - static_cast<int>(index) + exponent + kImportDecimals;
    ++index;
    if (text[i] == '0') continue;
    if (place < 0) {
      if (!rounds) return Errc::off_grid;
      continue;
    }
    if (place >= 2 * kImportDecimals) return Errc::number_too_large;
    const Wide low = pow10_i64(place > kDecimalsMax ? kDecimalsMax : place);
    const Wide high = place > kDecimalsMax ? pow10_i64(place - kDecimalsMax) : 1;
    units += (text[i] - '0') * low * high;
  }
  out.units = negative ? -units : units;
  return Errc::ok;
}

int decimals_of(ImportNumber number) noexcept {
  Wide rest = magnitude(number.units);
  if (rest == 0) return 0;
  int decimals = kImportDecimals;
  for (; decimals > 0 && rest % 10 == 0; rest /= 10) --decimals;
  return decimals;
}

int integer_digits_of(ImportNumber number) noexcept {
  int digits = 0;
  for (Wide rest = magnitude(number.units) / pow10_i64(kImportDecimals); rest != 0; rest /= 10) ++digits;
  return digits;
}

ImportNumber round_nearest(ImportNumber number, int decimals) noexcept {
  const Wide unit = pow10_i64(kImportDecimals - decimals);
  const Wide rounded = (magnitude(number.units) + unit / 2) / unit * unit;
  return {number.units < 0 ? -rounded : rounded};
}

Errc to_grid(ImportNumber number, int decimals, std::int64_t& value) noexcept {
  const Wide unit = pow10_i64(kImportDecimals - decimals);
  if (number.units % unit != 0) return Errc::off_grid;
  const Wide on_grid = number.units / unit;
  if (magnitude(on_grid) > std::numeric_limits<std::int64_t>::max()) return Errc::number_too_large;
  value = static_cast<std::int64_t>(on_grid);
  return Errc::ok;
}

}  // namespace martinet::importing

#include "engine/base/decimal.hpp"

#include "engine/base/assert.hpp"

namespace martinet {

Errc parse_decimal(std::string_view text, int decimals, std::int64_t& value) noexcept {
  MT_DASSERT(decimals >= 0 && decimals <= kDecimalsMax);
  const char* p = text.data();
  const char* const end = p + text.size();
  const bool negative = p != end && *p == '-';
  if (negative) ++p;
  // The magnitude is kept unsigned so that the lowest int64 is reachable; 19 digits always fit 64 unsigned bits.
  std::uint64_t magnitude = 0;
  constexpr std::uint64_t kLimit = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const char* const integer_begin = p;
  for (; p != end && *p >= '0' && *p <= '9'; ++p) {
    if (magnitude > kLimit / 10) return Errc::number_too_large;
    magnitude = magnitude * 10 + static_cast<std::uint64_t>(*p - '0');
  }
  if (p == integer_begin) return Errc::bad_number;
  int decimals_left = decimals;
  if (p != end) {
    if (*p != '.') return Errc::bad_number;
    ++p;
    if (p == end) return Errc::bad_number;
    for (; p != end; ++p) {
      if (*p < '0' || *p > '9') return Errc::bad_number;
      if (decimals_left == 0) {
        if (*p != '0') return Errc::off_grid;
        continue;
      }
      if (magnitude > kLimit / 10) return Errc::number_too_large;
      magnitude = magnitude * 10 + static_cast<std::uint64_t>(*p - '0');
      --decimals_left;
    }
  }
  if (decimals_left > 0) {
    const auto scale = static_cast<std::uint64_t>(pow10_i64(decimals_left));
    if (magnitude > kLimit / scale) return Errc::number_too_large;
    magnitude *= scale;
  }
  if (magnitude > kLimit) return Errc::number_too_large;
  value = negative ? -static_cast<std::int64_t>(magnitude) : static_cast<std::int64_t>(magnitude);
  return Errc::ok;
}

int decimals_needed(std::string_view text) noexcept {
  std::size_t i = !text.empty() && text[0] == '-' ? 1 : 0;
  const std::size_t integer_begin = i;
  while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
  if (i == integer_begin) return -1;
  if (i == text.size()) return 0;
  if (text[i] != '.' || i + 1 == text.size()) return -1;
  int needed = 0;
  for (std::size_t k = i + 1; k < text.size(); ++k) {
    if (text[k] < '0' || text[k] > '9') return -1;
    if (text[k] != '0') needed = static_cast<int>(k - i);
  }
  return needed;
}

std::string_view format_decimal(std::int64_t value, int decimals, int digits, std::span<char, 24> buffer) noexcept {
  MT_DASSERT(digits >= 0 && digits <= decimals && decimals <= kDecimalsMax);
  const bool negative = value < 0;
  std::uint64_t magnitude = negative ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  magnitude /= static_cast<std::uint64_t>(pow10_i64(decimals - digits));
  char* p = buffer.data() + buffer.size();
  for (int i = 0; i < digits; ++i) {
    *--p = static_cast<char>('0' + magnitude % 10);
    magnitude /= 10;
  }
  if (digits > 0) *--p = '.';
  do {
    *--p = static_cast<char>('0' + magnitude % 10);
    magnitude /= 10;
  } while (magnitude != 0);
  if (negative) *--p = '-';
  return {p, static_cast<std::size_t>(buffer.data() + buffer.size() - p)};
}

namespace {
std::string shortest(std::int64_t value, int decimals, int digits_min) {
  int digits = decimals;
  std::int64_t rest = value;
  while (digits > digits_min && rest % 10 == 0) {
    rest /= 10;
    --digits;
  }
  std::array<char, 24> buffer{};
  return std::string(format_decimal(value, decimals, digits, buffer));
}
}  // namespace

std::string to_text(std::int64_t value, int decimals) { return shortest(value, decimals, 0); }
std::string to_text(Money money) { return shortest(money.v, kMoneyDecimals, 2); }

}  // namespace martinet

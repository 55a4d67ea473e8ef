#include "adapters/json/number_text.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace martinet {
namespace {
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
}  // namespace

Errc parse_unsigned_decimal(std::string_view text, int decimals, std::int64_t& value) noexcept {
  if (text.starts_with('-')) return Errc::bad_number;
  return parse_decimal(text, decimals, value);
}

Errc parse_decimal_rounding_down(std::string_view text, int decimals, std::int64_t& value) noexcept {
  const std::size_t dot = text.find('.');
  if (dot != std::string_view::npos && text.size() - dot - 1 > static_cast<std::size_t>(decimals)) {
    if (!std::all_of(text.begin() + static_cast<std::ptrdiff_t>(dot) + 1, text.end(), is_digit)) return Errc::bad_number;
    text = text.substr(0, decimals == 0 ? dot : dot + 1 + static_cast<std::size_t>(decimals));
  }
  return parse_unsigned_decimal(text, decimals, value);
}

Errc parse_level_number(std::string_view text, int decimals, std::int64_t& value, std::uint8_t& digits, bool& odd) noexcept {
  if (const Errc error = parse_unsigned_decimal(text, decimals, value); error != Errc::ok) return error;
  const std::size_t dot = text.find('.');
  const std::size_t printed = dot == std::string_view::npos ? 0 : text.size() - dot - 1;
  const auto grid = static_cast<std::size_t>(decimals);
  digits = static_cast<std::uint8_t>(std::min(printed, grid));
  if (printed > grid || (text.size() > 1 && text[0] == '0' && text[1] != '.')) odd = true;
  return Errc::ok;
}

Errc parse_id(std::string_view text, std::uint64_t& value) noexcept {
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return Errc::bad_number;
  std::uint64_t parsed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (error != std::errc{}) return Errc::number_too_large;
  value = parsed;
  return Errc::ok;
}

Errc parse_i32(std::string_view text, std::int32_t& value) noexcept {
  std::int32_t parsed = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, parsed);
  if (error == std::errc::result_out_of_range) return Errc::number_too_large;
  if (error != std::errc{} || end != last) return Errc::bad_number;
  value = parsed;
  return Errc::ok;
}

std::int64_t next_month_ns(std::int64_t ts_ns) noexcept {
  using namespace std::chrono;
  const year_month_day date{floor<days>(sys_time<nanoseconds>(nanoseconds(ts_ns)))};
  const sys_days next{(date.year() / date.month() + months(1)) / day(1)};
  return duration_cast<nanoseconds>(next.time_since_epoch()).count();
}

}  // namespace martinet

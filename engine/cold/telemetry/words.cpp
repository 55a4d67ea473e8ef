#include "engine/cold/telemetry/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>

#include "engine/base/decimal.hpp"
#include "engine/base/time.hpp"

namespace martinet::words {
namespace {

// Puts commas into the digits before the decimal point.
std::string separated(std::string text) {
  const std::size_t first = text.starts_with('-') ? 1 : 0;
  std::size_t at = std::min(text.find('.'), text.size());
  while (at > first + 3) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

}  // namespace

std::string count(std::uint64_t value) { return separated(fmt::format("{}", value)); }

std::string money(Money value) { return separated(to_text(value)); }

std::string money_rounded(Money value, bool sign) {
  constexpr std::int64_t kCent = kMoneyUnit / 100;
  const std::int64_t rest = value.v % kCent;
  std::int64_t cents = value.v / kCent;
  if (rest >= kCent / 2) ++cents;
  if (rest <= -kCent / 2) --cents;
  return (sign && cents > 0 ? "+" : "") +
         separated(fmt::format("{}{}.{:02}", cents < 0 ? "-" : "", std::abs(cents) / 100, std::abs(cents) % 100));
}

std::string grid(std::int64_t value, int decimals, int digits_min) {
  if (value == kNoPrice.v) return "none";
  int digits = decimals;
  for (std::int64_t rest = value; digits > digits_min && rest % 10 == 0; rest /= 10) --digits;
  std::array<char, 24> buffer{};
  return separated(std::string(format_decimal(value, decimals, std::max(digits, 0), buffer)));
}

std::string latency(std::uint64_t ns, std::string_view micro) {
  if (ns < 1000) return fmt::format("{} ns", ns);
  const std::string_view units[] = {micro, "ms", "s"};
  auto value = static_cast<double>(ns) / 1000;
  std::size_t unit = 0;
  // 999.5 would print as 1000 with three digits: it belongs to the next unit.
  while (value >= 999.5 && unit < 2) {
    value /= 1000;
    ++unit;
  }
  if (value >= 999.5) return separated(fmt::format("{:.0f}", value)) + " s";
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f} {}", value, decimals, units[unit]);
}

std::string duration(std::int64_t ns) {
  if (ns <= 0) return "0 s";
  if (ns < kNanosPerMilli) return fmt::format("{} us", ns / kNanosPerMicro);
  if (ns < kNanosPerSecond) return fmt::format("{} ms", ns / kNanosPerMilli);
  if (ns < kNanosPerMinute) return fmt::format("{}.{} s", ns / kNanosPerSecond, ns % kNanosPerSecond / (kNanosPerSecond / 10));
  if (ns < kNanosPerHour) return fmt::format("{} min {:02} s", ns / kNanosPerMinute, ns % kNanosPerMinute / kNanosPerSecond);
  if (ns < kNanosPerDay) return fmt::format("{} h {:02} min", ns / kNanosPerHour, ns % kNanosPerHour / kNanosPerMinute);
  return fmt::format("{} d {:02} h", ns / kNanosPerDay, ns % kNanosPerDay / kNanosPerHour);
}

Calendar calendar_of(std::int64_t ts_ns) noexcept {
  const std::int64_t rest = ((ts_ns % kNanosPerDay) + kNanosPerDay) % kNanosPerDay;
  // Days are counted from the quotient, not from ts_ns - rest, which leaves 64 bits near their lower end.
  const std::int64_t days = ts_ns / kNanosPerDay - (ts_ns % kNanosPerDay < 0 ? 1 : 0);
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  Calendar out;
  out.year = static_cast<int>(date.year());
  out.month = static_cast<unsigned>(date.month());
  out.day = static_cast<unsigned>(date.day());
  out.hour = static_cast<unsigned>(rest / kNanosPerHour);
  out.minute = static_cast<unsigned>(rest / kNanosPerMinute % 60);
  out.second = static_cast<unsigned>(rest / kNanosPerSecond % 60);
  out.nanos = static_cast<std::uint32_t>(rest % kNanosPerSecond);
  return out;
}

std::string iso_utc(std::int64_t ts_ns) {
  const Calendar c = calendar_of(ts_ns);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", c.year, c.month, c.day, c.hour, c.minute, c.second, c.nanos);
}

std::string utc(std::int64_t ts_ns) {
  const Calendar c = calendar_of(ts_ns);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", c.year, c.month, c.day, c.hour, c.minute, c.second);
}

std::uint64_t whole(double value) noexcept { return value > 0 ? static_cast<std::uint64_t>(std::min(value, 1e18) + 0.5) : 0; }

std::string percent(double fraction) { return fmt::format("{:.1f} %", fraction * 100); }

std::size_t width_of(std::string_view utf8) noexcept {
  std::size_t width = 0;
  for (const char c : utf8) width += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  return width;
}

}  // namespace martinet::words

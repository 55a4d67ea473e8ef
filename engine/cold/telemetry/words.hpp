#pragma once
// Numbers as people read them: thousands separated, units chosen, times in UTC. Cold; every function allocates its answer.
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/fixed_point.hpp"

namespace martinet::words {

/// "1,234,567".
[[nodiscard]] std::string count(std::uint64_t value);

/// Money with thousands separated, exact, two to eight decimals: "-1,234.50".
[[nodiscard]] std::string money(Money value);

/// As money(), rounded half away from zero to two decimals, with a sign where `sign` asks for one on gains: "+1,234.50".
[[nodiscard]] std::string money_rounded(Money value, bool sign = false);

/// A grid number with thousands separated, shortest exact form, but with at least `digits_min` decimals (0..decimals); "none"
/// for kNoPrice.
[[nodiscard]] std::string grid(std::int64_t value, int decimals, int digits_min = 0);

/// A duration measured in nanoseconds, three digits: "812 ns", "1.24 us", "53.1 ms", "2.05 s"; `micro`: how to write "us".
[[nodiscard]] std::string latency(std::uint64_t ns, std::string_view micro = "us");

/// A length of time for people: "850 ms", "42.3 s", "7 min 05 s", "3 h 20 min", "12 d 04 h"; negative ones as "0 s".
[[nodiscard]] std::string duration(std::int64_t ns);

/// "2025-01-14T12:34:56.123456789Z", for machines. Any int64 instant; a pair of years outside 0..9999 does not occur in 64 bits.
[[nodiscard]] std::string iso_utc(std::int64_t ts_ns);

/// "2025-01-14 12:34:56", UTC, for people.
[[nodiscard]] std::string utc(std::int64_t ts_ns);

/// The nearest whole number for count() and duration(); 0 for what is negative or not a number, at most 1e18.
[[nodiscard]] std::uint64_t whole(double value) noexcept;

/// "12.3 %".
[[nodiscard]] std::string percent(double fraction);

/// Calendar of an instant, proleptic Gregorian, UTC.
struct Calendar {
  std::int64_t year = 1970;
  unsigned month = 1, day = 1, hour = 0, minute = 0, second = 0;
  std::uint32_t nanos = 0;
};
[[nodiscard]] Calendar calendar_of(std::int64_t ts_ns) noexcept;

/// Characters (not bytes) of UTF-8 text, for columns.
[[nodiscard]] std::size_t width_of(std::string_view utf8) noexcept;

}  // namespace martinet::words

#pragma once
// Numbers as venues print them, beyond plain parse_decimal: what fast and slow decoders must agree on to the last bit.
#include <cstdint>
#include <string_view>

#include "engine/base/decimal.hpp"
#include "engine/base/errc.hpp"

namespace martinet {

/// A price, quantity or volume: as parse_decimal, and not negative.
[[nodiscard]] Errc parse_unsigned_decimal(std::string_view text, int decimals, std::int64_t& value) noexcept;

/// The same, with digits beyond the grid cut off instead of refused: for reference values (mark, index) that a venue computes
/// with more decimals than it trades.
[[nodiscard]] Errc parse_decimal_rounding_down(std::string_view text, int decimals, std::int64_t& value) noexcept;

/// A number of a book level: its value, and what it takes to print it again.
/// out   digits: decimals as printed, cut to `decimals`. odd: set (never cleared) where format_decimal(value, decimals, digits) is not
/// `text`
[[nodiscard]] Errc parse_level_number(std::string_view text, int decimals, std::int64_t& value, std::uint8_t& digits, bool& odd) noexcept;

/// An id: digits only, up to 2^64-1.
[[nodiscard]] Errc parse_id(std::string_view text, std::uint64_t& value) noexcept;

/// A signed 32-bit number (Bitget's checksum).
[[nodiscard]] Errc parse_i32(std::string_view text, std::int32_t& value) noexcept;

/// A venue's time in milliseconds since the epoch, or in microseconds where it is 1e14 or more (the year 5138 in milliseconds).
/// fails number_too_large from the year 2200 on, which leaves room in 64 bits for sums of times
[[nodiscard]] constexpr Errc stamp_ns(std::uint64_t stamp, std::int64_t& ts_ns) noexcept {
  constexpr std::uint64_t kMicrosFrom = 100'000'000'000'000;
  constexpr std::uint64_t kYear2200Ns = 7'258'118'400'000'000'000;
  const std::uint64_t factor = stamp >= kMicrosFrom ? 1'000 : 1'000'000;
  if (stamp >= kYear2200Ns / factor) return Errc::number_too_large;
  ts_ns = static_cast<std::int64_t>(stamp * factor);
  return Errc::ok;
}

/// Start of the month after the one that holds `ts_ns`, UTC.
[[nodiscard]] std::int64_t next_month_ns(std::int64_t ts_ns) noexcept;

}  // namespace martinet

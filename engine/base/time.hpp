#pragma once
// Time is int64 nanoseconds: since the Unix epoch (UTC) for instants, plain for durations. The unit is in every name (`_ns`).
#include <cstdint>
#include <limits>

namespace martinet {

inline constexpr std::int64_t kNanosPerMicro = 1'000;
inline constexpr std::int64_t kNanosPerMilli = 1'000'000;
inline constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
inline constexpr std::int64_t kNanosPerMinute = 60 * kNanosPerSecond;
inline constexpr std::int64_t kNanosPerHour = 60 * kNanosPerMinute;
inline constexpr std::int64_t kNanosPerDay = 24 * kNanosPerHour;

/// "Never": a deadline that does not come.
inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

/// Start of the interval that holds `ts_ns`, aligned to the epoch (UTC); right for instants before 1970 too.
constexpr std::int64_t floor_to(std::int64_t ts_ns, std::int64_t interval_ns) noexcept {
  const std::int64_t rest = ts_ns % interval_ns;
  return ts_ns - (rest < 0 ? rest + interval_ns : rest);
}

}  // namespace martinet

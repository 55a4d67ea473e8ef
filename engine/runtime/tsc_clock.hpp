#pragma once
// The time stamp counter as a clock: one instruction, no system call. Calibrated against the monotonic clock at start.
#include <x86intrin.h>

#include <cstdint>

#include "engine/base/result.hpp"

namespace martinet {

/// Cycles now. Not ordered against neighbouring loads and stores: right for latencies of tens of nanoseconds and more.
[[nodiscard]] inline std::uint64_t tsc_now() noexcept { return __rdtsc(); }

/// Turns cycles into nanoseconds: ns = cycles * mul >> 32.
class TscClock {
 public:
  /// Measures the counter's rate against CLOCK_MONOTONIC_RAW for about `duration_ns`, at least 1 ms (default 20 ms: 0.01 % on a quiet
  /// host). fails unsupported where the processor does not say that its counter is invariant (CPUID 0x80000007, bit 8 of EDX)
  [[nodiscard]] static Result<TscClock> calibrate(std::int64_t duration_ns = 20'000'000);

  [[nodiscard]] std::uint64_t to_ns(std::uint64_t cycles) const noexcept {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(cycles) * mul_) >> 32);
  }
  /// Nanoseconds UTC, from the wall clock at calibration plus elapsed cycles.
  [[nodiscard]] std::int64_t now_ns() const noexcept { return wall_origin_ns_ + static_cast<std::int64_t>(to_ns(tsc_now() - tsc_origin_)); }
  [[nodiscard]] double cycles_per_ns() const noexcept { return 4294967296.0 / static_cast<double>(mul_); }

 private:
  std::uint64_t mul_ = std::uint64_t{1} << 32;
  std::uint64_t tsc_origin_ = 0;
  std::int64_t wall_origin_ns_ = 0;
};

}  // namespace martinet

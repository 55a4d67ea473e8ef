#include "engine/runtime/tsc_clock.hpp"

#include <cpuid.h>
#include <time.h>

#include <algorithm>

#include "engine/base/time.hpp"

namespace martinet {
namespace {

constexpr std::int64_t kDurationMinNs = kNanosPerMilli;  // shorter, and the readings' own jitter of some 50 ns is above 0.01 %

std::int64_t clock_ns(clockid_t clock) noexcept {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<std::int64_t>(now.tv_sec) * kNanosPerSecond + now.tv_nsec;
}

struct Pair {
  std::uint64_t tsc;
  std::int64_t ns;
};

// The tightest of several readings: the one with the fewest cycles around the system's clock.
Pair read_pair(clockid_t clock) noexcept {
  Pair best{};
  std::uint64_t best_width = UINT64_MAX;
  for (int i = 0; i < 32; ++i) {
    const std::uint64_t before = tsc_now();
    const std::int64_t ns = clock_ns(clock);
    const std::uint64_t after = tsc_now();
    if (after - before < best_width) {
      best_width = after - before;
      best = {before + (after - before) / 2, ns};
    }
  }
  return best;
}

bool counter_is_invariant() noexcept {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(0x80000007U, &a, &b, &c, &d) != 0 && (d & (1U << 8)) != 0;
}

}  // namespace

Result<TscClock> TscClock::calibrate(std::int64_t duration_ns) {
  if (!counter_is_invariant()) {
    return Error{Errc::unsupported, "this processor's time stamp counter is not invariant; latencies cannot be measured on this host"};
  }
  const Pair first = read_pair(CLOCK_MONOTONIC_RAW);
  Pair last = first;
  do {
    last = read_pair(CLOCK_MONOTONIC_RAW);
  } while (last.ns - first.ns < std::max(duration_ns, kDurationMinNs));
  TscClock clock;
  const auto ns = static_cast<unsigned __int128>(last.ns - first.ns);
  clock.mul_ = static_cast<std::uint64_t>((ns << 32) / (last.tsc - first.tsc));
  const Pair origin = read_pair(CLOCK_REALTIME);
  clock.tsc_origin_ = origin.tsc;
  clock.wall_origin_ns_ = origin.ns;
  return clock;
}

}  // namespace martinet

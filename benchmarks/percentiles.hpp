#pragma once
// Percentiles of single calls, stamped with the TSC as martinet's latency probes do: no call around the measured one may move past the
// stamps. The stamp's own cost is given beside them and not taken off.
#include <benchmark/benchmark.h>
#include <x86intrin.h>

#include <chrono>
#include <cstdint>

#include "engine/base/histogram.hpp"

namespace martinet::bench {

inline double ns_per_tsc() {
  const auto start = std::chrono::steady_clock::now();
  const std::uint64_t tsc = __rdtsc();
  while (std::chrono::steady_clock::now() - start < std::chrono::milliseconds(20)) {
  }
  const std::uint64_t ticks = __rdtsc() - tsc;
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count() / static_cast<double>(ticks);
}

/// Calls and stamps `call`, then `then` outside the stamps; counters p50_ns, p99_ns, stamp_p50_ns.
template <class Call, class After>
void percentiles(benchmark::State& state, Call&& call, After&& then) {
  Histogram taken;
  Histogram bare;
  unsigned aux = 0;
  for (auto _ : state) {
    const std::uint64_t zero = __rdtscp(&aux);
    _mm_lfence();
    const std::uint64_t before = __rdtscp(&aux);
    _mm_lfence();
    call();
    const std::uint64_t after = __rdtscp(&aux);
    _mm_lfence();
    bare.record(before - zero);
    taken.record(after - before);
    then();
  }
  const double ns = ns_per_tsc();
  state.counters["p50_ns"] = static_cast<double>(taken.quantile(0.5)) * ns;
  state.counters["p99_ns"] = static_cast<double>(taken.quantile(0.99)) * ns;
  state.counters["stamp_p50_ns"] = static_cast<double>(bare.quantile(0.5)) * ns;
}

}  // namespace martinet::bench

#pragma once
// `martinet bench`: how fast this build is on this host. Percentiles of bytes in to OrderRequest out with every stage at work, and
// the throughput of replay. Reported, never judged: a machine under load measures its load.
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "engine/cold/telemetry/session_summary.hpp"

namespace martinet {

struct BenchOptions {
  std::filesystem::path capture;   ///< raw frames to measure on; empty = half an hour of a synthetic market, seed 7
  double seconds = 2;              ///< about how long each measurement takes
  std::function<void(const std::string&)> progress;
};

struct BenchLatency {
  std::string layout;              ///< "fused, lock step" ...
  std::vector<LatencyRow> stages;  ///< `order` is bytes in to OrderRequest out
  std::vector<WorkerCounters> threads;
};

struct BenchThroughput {
  std::string what;
  std::uint64_t events = 0;
  double seconds = 0;
  double events_per_second = 0;
};

struct BenchReport {
  std::string machine;
  std::string build_id;
  std::vector<BenchLatency> latency;
  std::vector<BenchThroughput> throughput;
  std::vector<std::string> notes;
};

/// fails as making or reading a capture does
[[nodiscard]] Result<BenchReport> bench(const BenchOptions& options);

[[nodiscard]] std::string bench_text(const BenchReport& report);
[[nodiscard]] std::string bench_json(const BenchReport& report);

}  // namespace martinet

#include "engine/app/latency_report.hpp"

#include <fmt/format.h>

namespace martinet {

std::vector<LatencyRow> latency_rows(const LatencyBook& book, const TscClock& clock) {
  std::vector<LatencyRow> rows;
  for (std::size_t i = 0; i < kStageCount; ++i) {
    const auto stage = static_cast<Stage>(i);
    const Histogram& histogram = book.of(stage);
    if (histogram.count() == 0) continue;
    const auto ns = [&](double fraction) { return clock.to_ns(histogram.quantile(fraction)); };
    rows.push_back({std::string(name_of(stage)), histogram.count(), ns(0.5), ns(0.9), ns(0.99), ns(0.999), clock.to_ns(histogram.max())});
  }
  return rows;
}

std::vector<LatencyBar> latency_bars(const Histogram& cycles, const TscClock& clock) {
  constexpr std::size_t kBucketsPerBar = Histogram::kStepCount / 4;
  std::vector<LatencyBar> bars;
  for (std::size_t first = 0; first < Histogram::kBucketCount; first += kBucketsPerBar) {
    LatencyBar bar;
    bar.from_ns = clock.to_ns(Histogram::lowest_of(first));
    bar.to_ns = clock.to_ns(Histogram::highest_of(first + kBucketsPerBar - 1) + 1);
    for (std::size_t i = first; i < first + kBucketsPerBar; ++i) bar.count += cycles.count_in(i);
    if (bar.count > 0 || !bars.empty()) bars.push_back(bar);
  }
  while (!bars.empty() && bars.back().count == 0) bars.pop_back();
  return bars;
}

std::string latency_text(const LatencyBook& book, const TscClock& clock) {
  std::string out = fmt::format("# latency histograms, one block a stage: highest value of the bucket in ns, count. {:.4f} cycles per ns\n", clock.cycles_per_ns());
  for (std::size_t i = 0; i < kStageCount; ++i) {
    const auto stage = static_cast<Stage>(i);
    const Histogram& histogram = book.of(stage);
    if (histogram.count() == 0) continue;
    out += fmt::format("\n[{}] count={} max_ns={}\n", name_of(stage), histogram.count(), clock.to_ns(histogram.max()));
    for (std::size_t bucket = 0; bucket < Histogram::kBucketCount; ++bucket) {
      if (histogram.count_in(bucket) > 0) out += fmt::format("{} {}\n", clock.to_ns(Histogram::highest_of(bucket)), histogram.count_in(bucket));
    }
  }
  return out;
}

}  // namespace martinet

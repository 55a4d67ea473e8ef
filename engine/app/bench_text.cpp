#include <fmt/format.h>

#include "engine/app/bench.hpp"

namespace martinet {
namespace {

std::string json_row(const LatencyRow& row) {
  return fmt::format("\"{}\":{{\"count\":{},\"p50\":{},\"p90\":{},\"p99\":{},\"p999\":{},\"max\":{}}}", row.stage, row.count, row.p50_ns, row.p90_ns, row.p99_ns,
                     row.p999_ns, row.max_ns);
}

}  // namespace

std::string bench_text(const BenchReport& report) {
  std::string out = fmt::format("machine  {}\nbuild    {}\n", report.machine, report.build_id);
  for (const BenchLatency& run : report.latency) {
    out += fmt::format("\n{}\n  {:<12}{:>12}{:>10}{:>10}{:>10}{:>10}{:>12}\n", run.layout, "stage, ns", "count", "p50", "p90", "p99", "p99.9", "max");
    for (const LatencyRow& row : run.stages) {
      out += fmt::format("  {:<12}{:>12}{:>10}{:>10}{:>10}{:>10}{:>12}\n", row.stage, row.count, row.p50_ns, row.p90_ns, row.p99_ns, row.p999_ns, row.max_ns);
    }
    for (const WorkerCounters& thread : run.threads) {
      out += fmt::format("  {}: {} messages, {} allocations, {} + {} page faults, {} + {} context switches, {} yields\n", thread.name, thread.messages, thread.allocations,
                         thread.page_faults_minor, thread.page_faults_major, thread.context_switches_voluntary, thread.context_switches_involuntary, thread.yields);
    }
  }
  out += "\nreplay\n";
  for (const BenchThroughput& run : report.throughput) {
    out += fmt::format("  {:<46}{:>8.2f} M/s   ({} records in {:.3f} s)\n", run.what, run.events_per_second / 1e6, run.events, run.seconds);
  }
  for (const std::string& note : report.notes) out += "note: " + note + "\n";
  return out + "order: bytes of a tick in to OrderRequest out; order_depth: the same for a book message with all its levels and its checksum; input: bytes in until\n"
               "the hot path is done. In the first two runs every tick sends an order\n";
}

std::string bench_json(const BenchReport& report) {
  std::string latency;
  for (const BenchLatency& run : report.latency) {
    std::string rows;
    for (const LatencyRow& row : run.stages) rows += (rows.empty() ? "" : ",") + json_row(row);
    latency += fmt::format("{}{{\"run\":\"{}\",\"latency_ns\":{{{}}}}}", latency.empty() ? "" : ",", run.layout, rows);
  }
  std::string throughput;
  for (const BenchThroughput& run : report.throughput) {
    throughput += fmt::format("{}{{\"run\":\"{}\",\"records\":{},\"seconds\":{:.6f},\"per_second\":{:.0f}}}", throughput.empty() ? "" : ",", run.what, run.events, run.seconds,
                              run.events_per_second);
  }
  return fmt::format("{{\"machine\":\"{}\",\"build\":\"{}\",\"latency\":[{}],\"throughput\":[{}]}}", report.machine, report.build_id, latency, throughput);
}

}  // namespace martinet

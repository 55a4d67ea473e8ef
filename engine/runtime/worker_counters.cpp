#include "engine/runtime/worker_counters.hpp"

#include <sys/resource.h>

#include "engine/runtime/allocation_counter.hpp"

namespace martinet {

WorkerCounters read_thread_counters() noexcept {
  WorkerCounters counters;
  rusage usage{};
  if (getrusage(RUSAGE_THREAD, &usage) == 0) {
    counters.page_faults_minor = static_cast<std::uint64_t>(usage.ru_minflt);
    counters.page_faults_major = static_cast<std::uint64_t>(usage.ru_majflt);
    counters.context_switches_voluntary = static_cast<std::uint64_t>(usage.ru_nvcsw);
    counters.context_switches_involuntary = static_cast<std::uint64_t>(usage.ru_nivcsw);
  }
  counters.allocations = thread_allocations();
  return counters;
}

WorkerCounters since(const WorkerCounters& start, WorkerCounters now) noexcept {
  now.allocations -= start.allocations;
  now.page_faults_minor -= start.page_faults_minor;
  now.page_faults_major -= start.page_faults_major;
  now.context_switches_voluntary -= start.context_switches_voluntary;
  now.context_switches_involuntary -= start.context_switches_involuntary;
  return now;
}

void add_host_counts(WorkerCounters& sum, const WorkerCounters& more) noexcept {
  sum.allocations += more.allocations;
  sum.page_faults_minor += more.page_faults_minor;
  sum.page_faults_major += more.page_faults_major;
  sum.context_switches_voluntary += more.context_switches_voluntary;
  sum.context_switches_involuntary += more.context_switches_involuntary;
}

}  // namespace martinet

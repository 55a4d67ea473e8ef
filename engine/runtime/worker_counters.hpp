#pragma once
// What a thread did to its host, as the shipping binary counts it (invariant I3): after warm-up all but turns and idle steps
// should stand still on a hot thread.
#include <cstdint>
#include <string>

namespace martinet {

struct WorkerCounters {
  std::string name;
  std::uint64_t turns_busy = 0;  ///< crank turns that found work
  std::uint64_t turns_idle = 0;
  std::uint64_t messages = 0;  ///< what do_work() returned, summed up
  std::uint64_t yields = 0;    ///< sched_yield calls of the idle strategy
  std::uint64_t parks = 0;
  std::uint64_t allocations = 0;  ///< operator new on this thread (0 where the counter is not linked in)
  std::uint64_t page_faults_minor = 0;
  std::uint64_t page_faults_major = 0;
  std::uint64_t context_switches_voluntary = 0;
  std::uint64_t context_switches_involuntary = 0;
};

/// Counts of the calling thread since it began (page faults, context switches from the kernel; allocations from
/// runtime/allocation_counter.hpp). A system call: not on a hot thread's path, only at its ends.
[[nodiscard]] WorkerCounters read_thread_counters() noexcept;

/// The difference of the host counters since `start`; name, turns, messages, yields and parks are left as in `now`.
[[nodiscard]] WorkerCounters since(const WorkerCounters& start, WorkerCounters now) noexcept;

/// Adds the host counters (allocations, faults, switches) of `more` to `sum`.
void add_host_counts(WorkerCounters& sum, const WorkerCounters& more) noexcept;

}  // namespace martinet

#pragma once
// The trap of invariant I3: while it is armed, an allocation, a lock, an exception or a system call that a hot thread may not make
// ends the process and leaves a report. The caught process is a forked child, so that a test can plant an offence and see it caught.
//
// How: malloc and its kin, the pthread locks and the C++ exception entry points are replaced for the whole program (so it must be a
// program of its own); system calls are stopped by a seccomp filter on every thread of the child. Page faults and context switches
// cannot be stopped: the parent reads the kernel's count of them for each thread when the child arms and when it is done, while the
// child waits, so that reading needs no system call of the child's.
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace martinet::trap {

enum class Offence : int { none, allocation, release, lock, exception, system_call };

[[nodiscard]] std::string_view name_of(Offence offence) noexcept;

/// What the kernel counted for one thread while the trap was armed.
struct ThreadCost {
  std::string name;  ///< as set by name_this_thread()
  std::int64_t page_faults_minor = 0;
  std::int64_t page_faults_major = 0;
  std::int64_t switches_voluntary = 0;    ///< the thread slept or blocked; a yield is not one
  std::int64_t switches_involuntary = 0;  ///< preempted, or yielded
};

inline constexpr std::size_t kNumbers = 8;

struct Outcome {
  bool finished = false;                          ///< the body came to its end
  Offence offence = Offence::none;                ///< the first one; the child ended there
  std::int64_t detail = 0;                        ///< allocation: bytes; system_call: its number
  std::string where;                              ///< the stack of the offence, a frame a line
  std::string end;                                ///< how the child ended, in words
  std::vector<ThreadCost> threads;                ///< of a child that finished; threads that lived all the time
  std::array<std::uint64_t, kNumbers> numbers{};  ///< what the body told
};

/// The child's side. Threads: the child's first thread.
class Armed {
 public:
  /// From here until done() the trap is armed for every thread of the process. Call after all is built and warm.
  void arm();
  /// The end: what was counted is read and the child ends. No destructor runs and no thread is joined, for that would be trapped.
  [[noreturn]] void done() noexcept;
  /// Hands a number to the parent: Outcome::numbers[index].
  void tell(std::size_t index, std::uint64_t value) noexcept;
};

/// Not trapped any more: allocations, locks and exceptions of the calling thread, which is not a hot one. System calls still are.
void exempt_this_thread() noexcept;

/// Empty, or why the trap cannot be set here (a sanitizer's own runtime, a kernel without seccomp).
[[nodiscard]] std::string reason_not_to_run();

/// Runs `body` in a forked child and says what came of it. Returning from the body is done() too.
[[nodiscard]] Outcome in_child(const std::function<void(Armed&)>& body);

}  // namespace martinet::trap

#include "tests/support/trap.hpp"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <execinfo.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <system_error>

#include "tests/support/trap_hooks.hpp"

namespace martinet::trap {
namespace {

constexpr int kOffenceExit = 113;
constexpr int kFramesMax = 32;
constexpr std::chrono::seconds kPatience{300};

enum Stage : int { kBuilding, kWaitsToStart, kRuns, kWaitsToEnd, kMayEnd };

/// The page both processes see.
struct Shared {
  std::atomic<int> stage{kBuilding};
  std::atomic<int> offence{0};
  std::atomic<std::int64_t> detail{0};
  std::atomic<int> frame_count{0};
  void* frames[kFramesMax] = {};
  std::array<std::atomic<std::uint64_t>, kNumbers> numbers{};
};

Shared* shared = nullptr;  // in the child
std::atomic<bool> armed{false};
__attribute__((tls_model("initial-exec"))) constinit thread_local bool exempt = false;

[[noreturn]] void report(Offence offence, std::int64_t detail) noexcept {
  exempt = true;  // the report itself may allocate
  int none = 0;
  if (shared->offence.compare_exchange_strong(none, static_cast<int>(offence))) {
    shared->detail = detail;
    shared->frame_count = backtrace(shared->frames, kFramesMax);
  }
  _exit(kOffenceExit);
}

void on_forbidden_call(int, siginfo_t* info, void*) { report(Offence::system_call, info->si_syscall); }

// What a hot thread may ask of the kernel: the idle strategy's yield, the ring's submit, and the end of the process.
constexpr int kAllowed[] = {SYS_sched_yield, SYS_io_uring_enter, SYS_exit_group};

std::string install_filter() {
  std::vector<sock_filter> program;
  const auto add = [&program](unsigned code, std::uint32_t k, std::uint8_t if_true = 0, std::uint8_t if_false = 0) {
    program.push_back({static_cast<std::uint16_t>(code), if_true, if_false, k});
  };
  add(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch));
  add(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
  add(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
  add(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr));
  for (const int allowed : kAllowed) {
    add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(allowed), 0, 1);
    add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  }
  add(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
  const sock_fprog filter{static_cast<std::uint16_t>(program.size()), program.data()};

  struct sigaction action{};
  action.sa_sigaction = on_forbidden_call;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGSYS, &action, nullptr);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return std::string("PR_SET_NO_NEW_PRIVS: ") + std::strerror(errno);
  // TSYNC: on the threads that already run too.
  const long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
  if (result != 0) return std::string("seccomp: ") + (result > 0 ? "a thread could not be synchronised" : std::strerror(errno));
  return {};
}

void wait_until(int stage) noexcept {
  while (shared->stage.load(std::memory_order_acquire) < stage) sched_yield();
}

// ---- the parent's side ---------------------------------------------------------------------------------------------------------

using Costs = std::map<int, ThreadCost>;  // by thread id

/// Fields of /proc/PID/task/TID/stat are counted from 1 in proc(5); the name (2) may hold blanks and ends with the last ')'.
Costs read_costs(pid_t child) {
  Costs costs;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(child) + "/task")) {
    ThreadCost cost;
    std::ifstream stat_file(entry.path() / "stat");
    const std::string stat{std::istreambuf_iterator<char>(stat_file), {}};
    const std::size_t open = stat.find('('), close = stat.rfind(')');
    if (open == std::string::npos || close == std::string::npos) continue;
    cost.name = stat.substr(open + 1, close - open - 1);
    std::istringstream rest(stat.substr(close + 1));
    std::string skipped;
    for (int field = 3; field < 10; ++field) rest >> skipped;
    rest >> cost.page_faults_minor >> skipped >> cost.page_faults_major;  // fields 10, 11, 12
    std::ifstream status(entry.path() / "status");
    for (std::string line; std::getline(status, line);) {
      const auto value = [&line] { return std::stoll(line.substr(line.find(':') + 1)); };
      if (line.starts_with("voluntary_ctxt_switches")) cost.switches_voluntary = value();
      if (line.starts_with("nonvoluntary_ctxt_switches")) cost.switches_involuntary = value();
    }
    costs.emplace(std::stoi(entry.path().filename().string()), cost);
  }
  return costs;
}

std::vector<ThreadCost> difference(const Costs& before, const Costs& after) {
  std::vector<ThreadCost> costs;
  for (const auto& [id, end] : after) {
    const auto start = before.find(id);
    if (start == before.end()) continue;
    ThreadCost cost = end;
    cost.page_faults_minor -= start->second.page_faults_minor;
    cost.page_faults_major -= start->second.page_faults_major;
    cost.switches_voluntary -= start->second.switches_voluntary;
    cost.switches_involuntary -= start->second.switches_involuntary;
    costs.push_back(cost);
  }
  return costs;
}

std::string stack_of(const Shared& page) {
  char** const names = backtrace_symbols(page.frames, page.frame_count);
  std::string text;
  for (int i = 0; names != nullptr && i < page.frame_count; ++i) text += std::string("  ") + names[i] + '\n';
  std::free(names);
  return text;
}

std::string words_of(int status) {
  if (WIFEXITED(status)) return "exit " + std::to_string(WEXITSTATUS(status));
  if (WIFSIGNALED(status)) return std::string("signal ") + strsignal(WTERMSIG(status));
  return "status " + std::to_string(status);
}

}  // namespace

// ---- the hooks -----------------------------------------------------------------------------------------------------------------

bool is_armed() noexcept { return armed.load(std::memory_order_relaxed) && !exempt; }
void trip(Offence offence, std::int64_t detail) noexcept { report(offence, detail); }

void exempt_this_thread() noexcept { exempt = true; }

std::string_view name_of(Offence offence) noexcept {
  constexpr std::string_view kNames[] = {"none", "allocation", "release", "lock", "exception", "system_call"};
  return kNames[static_cast<std::size_t>(offence)];
}

void Armed::arm() {
  void* frames[4];
  backtrace(frames, 4);  // loads the unwinder now: the first call allocates
  if (const std::string why = install_filter(); !why.empty()) {
    std::fprintf(stderr, "trap: %s\n", why.c_str());
    _exit(1);
  }
  shared->stage.store(kWaitsToStart, std::memory_order_release);
  wait_until(kRuns);
  armed.store(true, std::memory_order_release);
}

void Armed::done() noexcept {
  armed.store(false, std::memory_order_release);
  shared->stage.store(kWaitsToEnd, std::memory_order_release);
  wait_until(kMayEnd);
  _exit(0);
}

void Armed::tell(std::size_t index, std::uint64_t value) noexcept { shared->numbers[index].store(value, std::memory_order_relaxed); }

std::string reason_not_to_run() {
#ifdef MARTINET_SANITIZED
  return "a sanitizer's runtime allocates, locks and calls the kernel on its own account";
#else
  const Outcome outcome = in_child([](Armed& self) { self.arm(); });
  return outcome.finished ? "" : "no seccomp filter can be set here (" + outcome.end + ")";
#endif
}

Outcome in_child(const std::function<void(Armed&)>& body) {
  void* const memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
  Shared* const page = new (memory) Shared;
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    shared = page;
    Armed self;
    body(self);
    self.done();
  }
  Outcome outcome;
  Costs start;
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    const int stage = page->stage.load(std::memory_order_acquire);
    if (stage == kWaitsToStart) {
      start = read_costs(child);
      page->stage.store(kRuns, std::memory_order_release);
    } else if (stage == kWaitsToEnd) {
      outcome.threads = difference(start, read_costs(child));
      outcome.finished = true;
      page->stage.store(kMayEnd, std::memory_order_release);
    } else if (std::chrono::steady_clock::now() > deadline) {
      kill(child, SIGKILL);
    }
    usleep(500);
  }
  outcome.end = words_of(status);
  outcome.offence = static_cast<Offence>(page->offence.load());
  outcome.detail = page->detail;
  outcome.where = stack_of(*page);
  for (std::size_t i = 0; i < kNumbers; ++i) outcome.numbers[i] = page->numbers[i];
  munmap(memory, sizeof(Shared));
  return outcome;
}

}  // namespace martinet::trap

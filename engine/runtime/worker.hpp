#pragma once
// A worker owns a thread and turns a crank: `do_work()` drains a bounded batch and says how much it did. It knows no trading
// word. Two ways to turn: free-running, or in lock step with the other workers (LockStep below).
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "engine/runtime/idle.hpp"
#include "engine/runtime/worker_counters.hpp"

namespace martinet {

inline constexpr int kNotPinned = -1;

struct WorkerOptions {
  std::string name;
  int cpu = kNotPinned;
  IdleMode idle = IdleMode::yield;
};

/// A turn is granted to one worker at a time, by one coordinator; the worker drains its lanes and gives the turn back. So the
/// order in which stages run is the coordinator's, whatever the threads do, and what one wrote the next one sees.
class LockStep {
 public:
  /// Coordinator: lets the worker run until it is done. Spins, then yields. The worker must be running: a turn nobody takes is
  /// waited for without end.
  void grant_and_wait() noexcept {
    turn_.store(kWorker, std::memory_order_release);  // meets the acquire in has_turn()
    Idle idle(IdleMode::yield);
    while (turn_.load(std::memory_order_acquire) != kCoordinator) idle.step();  // meets the release in give_back()
  }
  [[nodiscard]] bool has_turn() const noexcept { return turn_.load(std::memory_order_acquire) == kWorker; }
  void give_back() noexcept { turn_.store(kCoordinator, std::memory_order_release); }

 private:
  static constexpr std::uint32_t kCoordinator = 0;
  static constexpr std::uint32_t kWorker = 1;
  alignas(64) std::atomic<std::uint32_t> turn_{kCoordinator};
};

/// Threads: constructed, started and stopped by one owner; `do_work` runs on the worker's thread only.
class Worker {
 public:
  /// `do_work` returns how many messages it handled; 0 means idle. It must not throw.
  Worker(WorkerOptions options, std::function<int()> do_work);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void start_free();
  /// The worker runs `do_work` until it returns 0 each time `step` grants it the turn.
  void start_lock_step(LockStep& step);

  /// Lets the worker finish its turn and joins. Idempotent.
  void stop();

  /// Valid after stop().
  [[nodiscard]] const WorkerCounters& counters() const noexcept { return counters_; }
  /// Empty, or why the thread could not be pinned (it runs all the same). Valid after stop().
  [[nodiscard]] const std::string& pin_warning() const noexcept { return pin_warning_; }

 private:
  void run_free();
  void run_lock_step(LockStep& step);
  void settle_in();
  void count(int done) noexcept;

  WorkerOptions options_;
  std::function<int()> do_work_;
  std::atomic<bool> stopping_{false};
  WorkerCounters counters_;
  WorkerCounters start_;
  std::string pin_warning_;
  std::thread thread_;
};

}  // namespace martinet

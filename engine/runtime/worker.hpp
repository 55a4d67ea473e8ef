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
  /// Coordinator: lets the worker run until it is done. The worker must be running: a turn nobody takes is waited for without end.
  /// Both sides spin a little and then sleep on the word itself: yielding instead would hand the core to whoever else is busy.
  void grant_and_wait() noexcept {
    set(kWorker);
    spin_while(kWorker);
    while (turn_.load(std::memory_order_acquire) == kWorker) turn_.wait(kWorker, std::memory_order_acquire);  // meets set() in give_back()
  }
  /// Coordinator: no more turns; the worker leaves wait_for_turn() with false.
  void close() noexcept { set(kClosed); }

  /// Worker: waits for the turn; false when there will be none.
  [[nodiscard]] bool wait_for_turn() noexcept {
    spin_while(kCoordinator);
    std::uint32_t turn = turn_.load(std::memory_order_acquire);  // meets set() in grant_and_wait() and close()
    while (turn == kCoordinator) {
      turn_.wait(kCoordinator, std::memory_order_acquire);
      turn = turn_.load(std::memory_order_acquire);
    }
    return turn == kWorker;
  }
  void give_back() noexcept { set(kCoordinator); }
  [[nodiscard]] bool has_turn() const noexcept { return turn_.load(std::memory_order_acquire) == kWorker; }

 private:
  static constexpr std::uint32_t kCoordinator = 0;
  static constexpr std::uint32_t kWorker = 1;
  static constexpr std::uint32_t kClosed = 2;
  static constexpr int kSpinRounds = 200;  // about what a short turn takes; longer ones are worth a sleep

  void set(std::uint32_t turn) noexcept {
    turn_.store(turn, std::memory_order_release);
    turn_.notify_all();
  }
  void spin_while(std::uint32_t turn) const noexcept {
    for (int i = 0; i < kSpinRounds && turn_.load(std::memory_order_acquire) == turn; ++i) _mm_pause();
  }

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
  /// The worker runs `do_work` until it returns 0 each time `step` grants it the turn. `step` outlives the worker.
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
  LockStep* step_ = nullptr;  // where the worker waits for turns; null when it runs free
  WorkerCounters counters_;
  WorkerCounters start_;
  std::string pin_warning_;
  std::thread thread_;
};

}  // namespace martinet

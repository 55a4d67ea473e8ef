#include "engine/runtime/worker.hpp"

#include <utility>

#include "engine/base/assert.hpp"
#include "engine/runtime/pinning.hpp"

namespace martinet {

Worker::Worker(WorkerOptions options, std::function<int()> do_work) : options_(std::move(options)), do_work_(std::move(do_work)) {}

Worker::~Worker() { stop(); }

void Worker::start_free() {
  MT_ASSERT(!thread_.joinable());
  thread_ = std::thread([this] { run_free(); });
}

void Worker::start_lock_step(LockStep& step) {
  MT_ASSERT(!thread_.joinable());
  step_ = &step;
  thread_ = std::thread([this, &step] { run_lock_step(step); });
}

void Worker::stop() {
  stopping_.store(true, std::memory_order_release);
  if (step_ != nullptr) step_->close();
  if (thread_.joinable()) thread_.join();
}

void Worker::settle_in() {
  name_this_thread(options_.name);
  if (options_.cpu != kNotPinned) {
    if (const Status pinned = pin_this_thread(options_.cpu); !pinned) pin_warning_ = pinned.error().what;
  }
  counters_.name = options_.name;
  start_ = read_thread_counters();
}

void Worker::count(int done) noexcept {
  if (done > 0) {
    ++counters_.turns_busy;
    counters_.messages += static_cast<std::uint64_t>(done);
  } else {
    ++counters_.turns_idle;
  }
}

namespace {
void close_counters(WorkerCounters& counters, const WorkerCounters& start, const Idle& idle) {
  WorkerCounters now = read_thread_counters();
  now.name = counters.name;
  now.turns_busy = counters.turns_busy;
  now.turns_idle = counters.turns_idle;
  now.messages = counters.messages;
  now.yields = idle.yields();
  now.parks = idle.parks();
  counters = since(start, std::move(now));
}
}  // namespace

void Worker::run_free() {
  settle_in();
  Idle idle(options_.idle);
  for (;;) {
    // The flag is read before the turn, so that everything pushed before stop() is drained by a turn that comes after it.
    const bool last = stopping_.load(std::memory_order_acquire);
    const int done = do_work_();
    count(done);
    if (done > 0) {
      idle.reset();
    } else if (last) {
      break;
    } else {
      idle.step();
    }
  }
  close_counters(counters_, start_, idle);
}

void Worker::run_lock_step(LockStep& step) {
  settle_in();
  const Idle idle(options_.idle);
  while (step.wait_for_turn()) {
    int done = 0;
    do {
      done = do_work_();
      count(done);
    } while (done > 0);
    step.give_back();
  }
  close_counters(counters_, start_, idle);
}

}  // namespace martinet

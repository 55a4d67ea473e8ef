// Who turns the stages: the workers of a layout, lock step (replay) and free running.
#include <algorithm>
#include <span>

#include "engine/app/pipeline.hpp"
#include "engine/base/assert.hpp"
#include "engine/runtime/pinning.hpp"

namespace martinet {
namespace {

/// What one input may put into a market lane at most: the pieces of the depth that was kept back while a snapshot was awaited.
constexpr std::size_t kDepthReserve = capacity::resync_depths_max + 1;
constexpr std::size_t kTickReserve = 16;
static_assert(kTickReserve < capacity::tick_lane_max && kDepthReserve < capacity::depth_lane_max);

}  // namespace

void Pipeline::build_groups() {
  const auto add = [this](std::string name, std::function<int()> turn, std::function<bool()> has_input) {
    auto group = std::make_unique<Group>();
    group->name = std::move(name);
    group->turn = std::move(turn);
    group->has_input = std::move(has_input);
    const std::size_t index = groups_.size() + 1;  // core 0 of the list is the ingress's own
    const bool pinned = index < config_.cpus.size();
    group->worker = std::make_unique<Worker>(
        WorkerOptions{group->name, pinned ? static_cast<int>(config_.cpus[index]) : kNotPinned, config_.idle}, group->turn);
    groups_.push_back(std::move(group));
  };
  switch (config_.layout) {
    case Layout::fused:
      break;
    case Layout::split:
      add("strategy", [this] { return strategy_turn(); }, [this] { return strategy_has_input(); });
      break;
    case Layout::staged:
      add("gate", [this] { return gate_turn(); }, [this] { return gate_has_input(); });
      add("indicators", [this] { return indicators_turn(); }, [this] { return indicators_have_input(); });
      add("signal", [this] { return signal_turn(); }, [this] { return !lanes_.frames->empty() || !lanes_.signal_views->empty(); });
      break;
  }
  if (config_.layout != Layout::fused) add("egress", [this] { return egress_turn(); }, [this] { return egress_has_input(); });
  // Live, the cold side is always apart; in a fused replay it turns on the ingress thread.
  if (config_.layout != Layout::fused || crank_ == Crank::free_running) {
    add("cold", [this] { return cold_turn(); }, [this] { return cold_has_input(); });
  }
}

void Pipeline::refuse_spinning() {
  const std::size_t alone = crank_ == Crank::free_running ? 2 : 1;  // ingress with all hot stages, and the cold side where it is apart
  const std::size_t threads = config_.layout == Layout::fused ? alone : config_.layout == Layout::split ? 4 : 6;
  const std::size_t cores = allowed_cpus().size();
  const IdleMode fitting = fitting_idle(config_.idle, threads, cores);
  if (fitting == config_.idle) return;
  config_.idle = fitting;
  idle_warning_ = "pipeline.idle = \"spin\" needs a core for each of the " + std::to_string(threads) +
                  " threads and this process may use " + std::to_string(cores) + "; they yield instead";
}

void Pipeline::start(Crank crank) {
  MT_ASSERT(!running_);
  crank_ = crank;
  running_ = true;
  refuse_spinning();
  build_groups();
  for (const auto& group : groups_) {
    crank == Crank::lock_step ? group->worker->start_lock_step(group->step) : group->worker->start_free();
  }
}

void Pipeline::stop() {
  if (!running_) return;
  if (crank_ == Crank::lock_step) settle();
  running_ = false;
  for (const auto& group : groups_) {  // in data order: what one leaves behind the next still drains
    group->worker->stop();
    worker_counters_.push_back(group->worker->counters());
  }
  // Free running, the cold side's last words to the gate and the gateway are still in their lanes.
  if (crank_ == Crank::free_running) settle();
}

std::vector<WorkerCounters> Pipeline::worker_counters() const { return worker_counters_; }

std::vector<std::string> Pipeline::warnings() const {
  std::vector<std::string> warnings;
  if (!idle_warning_.empty()) warnings.push_back(idle_warning_);
  for (const auto& group : groups_) {
    if (!group->worker->pin_warning().empty()) warnings.push_back(group->worker->pin_warning());
  }
  return warnings;
}

bool Pipeline::views_wait() const noexcept {
  return !lanes_.gate_views->empty() || !lanes_.signal_views->empty() || !lanes_.guard_views->empty();
}
bool Pipeline::indicators_have_input() const noexcept {
  return !lanes_.indicator_ticks->empty() || !lanes_.indicator_candles->empty() || !lanes_.indicator_timers->empty();
}
bool Pipeline::strategy_has_input() const noexcept { return indicators_have_input() || views_wait() || !lanes_.gate_ticks->empty(); }
bool Pipeline::gate_has_input() const noexcept {
  return !lanes_.gate_ticks->empty() || !lanes_.intents->empty() || !lanes_.gate_views->empty() || !lanes_.guard_views->empty();
}
bool Pipeline::egress_has_input() const noexcept {
  return !lanes_.venue_ticks->empty() || !lanes_.venue_depths->empty() || !lanes_.venue_candles->empty() || !lanes_.requests->empty() ||
         !lanes_.commands->empty() || venue_due_ns_.load(std::memory_order_relaxed) != INT64_MIN;
}
bool Pipeline::cold_has_input() const noexcept {
  return !lanes_.decisions->empty() || !lanes_.sent->empty() || !lanes_.venue_events->empty() || !lanes_.cold_timers->empty() ||
         !lanes_.cold_marks->empty();
}

// Until every lane is empty: the hot workers in data order as long as one of them has input, then the cold side once.
void Pipeline::settle() noexcept {
  if (groups_.empty() || !running_) {
    while (cold_has_input() || views_wait() || !lanes_.commands->empty()) {
      cold_turn();
      take_views();
      take_commands();
    }
    return;
  }
  const auto hot = std::span(groups_).first(groups_.size() - 1);
  Group& cold = *groups_.back();
  for (;;) {
    bool worked = false;
    for (const auto& group : hot) {
      if (!group->has_input()) continue;
      group->step.grant_and_wait();
      worked = true;
    }
    if (worked) continue;
    if (!cold.has_input()) return;
    cold.step.grant_and_wait();
  }
}

// Free running: ingress takes no new input while a market lane could not hold what it may become (I11).
void Pipeline::wait_for_room() noexcept {
  const auto room = [this] {
    return lanes_.venue_ticks->has_room(kTickReserve) && lanes_.venue_depths->has_room(kDepthReserve) &&
           lanes_.venue_candles->has_room(kTickReserve) && lanes_.gate_ticks->has_room(kTickReserve) &&
           lanes_.indicator_ticks->has_room(kTickReserve) && lanes_.indicator_candles->has_room(kTickReserve) &&
           lanes_.indicator_timers->has_room(1) && (edges_.strategy || frames_room() >= frames_per_timer_) &&
           lanes_.cold_timers->has_room(1) && lanes_.cold_marks->has_room(last_tick_.size());
  };
  if (room()) return;
  ++counters_.intake_stops;
  Idle idle(config_.idle);
  while (!room()) {
    if (config_.layout == Layout::fused) {  // this thread is the consumer that the cold side may be waiting for
      take_views();
      take_commands();
    }
    idle.step();
  }
}

}  // namespace martinet

#include "engine/app/pipeline.hpp"

#include <algorithm>
#include <span>

#include "engine/base/assert.hpp"
#include "engine/runtime/pinning.hpp"

namespace martinet {
namespace {

/// What one input may put into a market lane at most: the pieces of the depth that was kept back while a snapshot was awaited.
constexpr std::size_t kDepthReserve = capacity::resync_depths_max + 1;
constexpr std::size_t kTickReserve = 16;
static_assert(kTickReserve < capacity::tick_lane_max && kDepthReserve < capacity::depth_lane_max);

/// Frames of one tick or candle: of a closed bar, and of the tick itself or of a bar that the row says is closed.
constexpr std::size_t kFramesPerTick = 2;
/// Commands that one step of the position machine may send (PositionOutputs); of views it sends one.
constexpr std::size_t kColdOutputsEach = 64;
static_assert(kColdOutputsEach <= capacity::order_lane_max && kColdOutputsEach <= capacity::view_lane_max);

/// A closed bar of a source without ticks, as the last trusted price for the gate and the marks.
Tick price_of(const Candle& candle, std::uint64_t sequence) noexcept {
  Tick tick;
  tick.ts_receive_ns = candle.ts_receive_ns;
  tick.ts_exchange_ns = candle.ts_open_ns + candle.interval_ns;
  tick.sequence = sequence;
  tick.bid_price = candle.close;
  tick.ask_price = kNoPrice;
  tick.instrument = candle.instrument;
  tick.kind = TickKind::trade;
  tick.flags = tick_flag::market_unknown_size;
  return tick;
}

}  // namespace

// ---- outputs of the stages, in data order --------------------------------------------------------------------------------------

struct Pipeline::FeedOut {
  Pipeline& p;
  void tick(const Tick& tick) noexcept {
    ++p.counters_.ticks;
    p.last_tick_[tick.instrument] = tick;
    p.tick_is_new_[tick.instrument] = 1;
    p.edges_.venue ? p.lanes_.venue_ticks->push_reserved(tick) : p.venue_tick(tick);
    if (p.edges_.gate_ticks) {
      p.lanes_.gate_ticks->push_reserved(tick);
    } else if (!p.edges_.strategy) {
      p.gate_.on_tick(tick);
    }
    p.edges_.strategy ? p.lanes_.indicator_ticks->push_reserved(tick) : p.indicate_tick(tick);
  }
  void depth(const DepthUpdate& piece) noexcept {
    p.edges_.venue ? p.lanes_.venue_depths->push_reserved(piece) : p.venue_depth(piece);
  }
  void candle(const Candle& candle) noexcept {
    if (p.bars_from_candles_ && candle.history == 0) price(price_of(candle, p.feed_.last_sequence()));
    p.edges_.venue ? p.lanes_.venue_candles->push_reserved(candle) : p.venue_candle(candle);
    const NumberedCandle numbered{candle, p.feed_.last_sequence()};
    p.edges_.strategy ? p.lanes_.indicator_candles->push_reserved(numbered) : p.indicate_candle(numbered);
  }
  void resync(InstrumentId) noexcept { ++p.counters_.resyncs; }
  void stale(InstrumentId) noexcept {}

 private:
  // For the gate and the marks alone: the venue and the indicators take the candle itself.
  void price(const Tick& tick) noexcept {
    p.last_tick_[tick.instrument] = tick;
    p.tick_is_new_[tick.instrument] = 1;
    p.edges_.gate_ticks || p.edges_.strategy ? p.lanes_.gate_ticks->push_reserved(tick) : p.gate_.on_tick(tick);
  }
};

struct Pipeline::FrameOut {
  Pipeline& p;
  void frame(const IndicatorFrame& frame) noexcept { p.edges_.frames ? p.lanes_.frames->push_reserved(frame) : p.signal_frame(frame); }
};

struct Pipeline::IntentOut {
  Pipeline& p;
  void intent(const OrderIntent& intent) noexcept { p.edges_.intents ? p.lanes_.intents->push_reserved(intent) : p.gate_intent(intent); }
};

struct Pipeline::GateOut {
  Pipeline& p;
  void exit(const OrderIntent&) noexcept {}  // travels as the decision `exit_forwarded`
  void decision(const GateDecision& decision) noexcept { p.lanes_.decisions->push_reserved(decision); }
  void request(const OrderRequest& request) noexcept {
    p.latency_->record_order(request.sequence);
    p.edges_.requests ? p.lanes_.requests->push_reserved(request) : p.gateway_request(request);
  }
};

struct Pipeline::GatewayOut {
  Pipeline& p;
  void sent(const OrderRequest& request) noexcept { p.lanes_.sent->push_reserved(request); }
  void event(const VenueEvent& event) noexcept { p.lanes_.venue_events->push_reserved(event); }
};

struct Pipeline::ColdOut {
  Pipeline& p;
  std::int64_t ts_ns;
  void command(const OrderRequest& request) noexcept { p.lanes_.commands->push_reserved(request); }
  void position_view(const PositionView& view) noexcept {
    p.sink_.position(view);
    p.lanes_.gate_views->push_reserved(view);
    p.lanes_.signal_views->push_reserved(view);
  }
  void guard_view(const GuardView& view) noexcept { p.lanes_.guard_views->push_reserved(view); }
  void execution(const Execution& execution) noexcept { p.sink_.execution(execution, ts_ns); }
  void equity(std::int64_t ts, Money equity, Money balance) noexcept { p.sink_.equity(ts, equity, balance); }
  void alert(const Alert& alert) noexcept { p.sink_.alert(alert.ts_ns, static_cast<std::uint32_t>(alert.code), alert.instrument); }
};

// ---- construction --------------------------------------------------------------------------------------------------------------

Pipeline::Pipeline(const EngineConfig& config, const InstrumentTable& instruments, const IndicatorPlan& plan,
                   std::vector<std::unique_ptr<Strategy>> strategies, OrderVenue& venue, PaperVenue* paper, ColdSink& sink,
                   std::uint64_t epoch)
    : config_(config.pipeline),
      bars_from_candles_(config.bars.source == BarConfig::Source::candles),
      sink_(sink),
      feed_(instruments, config.feed),
      indicators_(instruments, plan, config.bars),
      signal_(std::move(strategies), instruments.size()),
      gate_(instruments, config.risk),
      venue_(venue),
      paper_(paper),
      gateway_(epoch, venue, capacity::orders_in_flight_max),
      positions_(instruments, config.position, venue.capabilities()),
      latency_(std::make_unique<LatencyBook>()),
      last_tick_(instruments.size()),
      tick_is_new_(instruments.size()) {
  choose_layout(config_.layout);
  intents_per_frame_ = IntentList::kCapacity * std::max<std::size_t>(1, signal_.strategies().size());
  cold_outputs_per_timer_ = std::min(kColdOutputsEach * (instruments.size() + 1), cold_outputs_room());
  frames_per_timer_ = std::clamp<std::size_t>(instruments.size(), 1, std::max<std::size_t>(1, frames_room()));
}

Pipeline::~Pipeline() { stop(); }

void Pipeline::choose_layout(Layout layout) {
  if (layout == Layout::fused) return;
  edges_.venue = edges_.strategy = edges_.requests = true;
  indicators_watch_ = signal_watch_ = gate_watch_ = &watches_[1];
  egress_watch_ = &watches_[4];
  if (layout == Layout::split) return;
  edges_.gate_ticks = edges_.frames = edges_.intents = true;
  signal_watch_ = &watches_[2];
  gate_watch_ = &watches_[3];
}

void Pipeline::build_groups() {
  const auto add = [this](std::string name, std::function<int()> turn, std::function<bool()> has_input) {
    auto group = std::make_unique<Group>();
    group->name = std::move(name);
    group->turn = std::move(turn);
    group->has_input = std::move(has_input);
    const std::size_t index = groups_.size() + 1;  // core 0 of the list is the ingress's own
    const bool pinned = index < config_.cpus.size();
    group->worker = std::make_unique<Worker>(WorkerOptions{group->name, pinned ? static_cast<int>(config_.cpus[index]) : kNotPinned, config_.idle}, group->turn);
    groups_.push_back(std::move(group));
  };
  switch (config_.layout) {
    case Layout::fused: break;
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
  idle_warning_ = "pipeline.idle = \"spin\" needs a core for each of the " + std::to_string(threads) + " threads and this process may use " +
                  std::to_string(cores) + "; they yield instead";
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

// ---- inputs --------------------------------------------------------------------------------------------------------------------

void Pipeline::begin_input(std::uint64_t origin_cycles, Stage order_stage) noexcept {
  ++counters_.inputs;
  if (crank_ == Crank::free_running) wait_for_room();
  const std::uint64_t sequence = feed_.last_sequence() + 1;
  Stopwatch& watch = *ingress_watch_;
  look_at_watch(watch, sequence);
  if (!watch.on) return;
  input_start_cycles_ = origin_cycles != 0 ? origin_cycles : tsc_now();
  latency_->set_origin(sequence, input_start_cycles_, order_stage);
}

void Pipeline::end_input() noexcept {
  Stopwatch& watch = *ingress_watch_;
  if (watch.on) {
    latency_->record(Stage::input, tsc_now() - input_start_cycles_);
    watch.on = false;
  }
  if (crank_ == Crank::lock_step) {
    settle();
  } else if (config_.layout == Layout::fused) {
    take_views();
    take_commands();
    take_due_events();
  }
}

void Pipeline::look_at_watch(Stopwatch& watch, std::uint64_t sequence) const noexcept {
  watch.on = sequence % static_cast<std::uint64_t>(config_.latency_sample) == 0;
  watch.nested_cycles = 0;
}

void Pipeline::on_tick(const Tick& decoded, std::uint64_t origin_cycles) noexcept {
  begin_input(origin_cycles);
  FeedOut out{*this};
  latency_->time(Stage::feed, *ingress_watch_, [&] { feed_.on_tick(decoded, out); });
  end_input();
}

void Pipeline::on_depth(const DepthUpdate& piece, std::uint64_t origin_cycles) noexcept {
  begin_input(origin_cycles, Stage::order_depth);
  FeedOut out{*this};
  latency_->time(Stage::feed, *ingress_watch_, [&] { feed_.on_depth(piece, out); });
  end_input();
}

void Pipeline::on_candle(const Candle& candle, std::uint64_t origin_cycles) noexcept {
  begin_input(origin_cycles);
  FeedOut out{*this};
  latency_->time(Stage::feed, *ingress_watch_, [&] { feed_.on_candle(candle, out); });
  end_input();
}

void Pipeline::on_timer(std::int64_t ts_ns) noexcept {
  begin_input(0);
  const Timer timer{ts_ns, feed_.last_sequence() + 1};
  FeedOut out{*this};
  feed_.on_timer(timer, out);
  edges_.strategy ? lanes_.indicator_timers->push_reserved(timer) : indicate_timer(timer);
  publish_marks();
  lanes_.cold_timers->push_reserved(timer);
  end_input();
}

void Pipeline::on_cold_timer(std::int64_t ts_ns) noexcept {
  lanes_.cold_timers->push_reserved(Timer{ts_ns, feed_.last_sequence()});
  settle();
}

void Pipeline::publish_marks() noexcept {
  for (std::size_t i = 0; i < last_tick_.size(); ++i) {
    if (tick_is_new_[i] == 0) continue;
    tick_is_new_[i] = 0;
    lanes_.cold_marks->push_reserved(last_tick_[i]);
  }
}

void Pipeline::on_venue_due(std::int64_t now_ns) noexcept {
  if (edges_.venue) {
    venue_due_ns_.store(now_ns, std::memory_order_relaxed);
  } else {
    take_venue_event(now_ns);
  }
  settle();
}

void Pipeline::take_venue_event(std::int64_t now_ns) noexcept {
  VenueEvent event;
  if (!venue_.take_event(now_ns, event)) return;
  GatewayOut out{*this};
  gateway_.on_venue_event(event, out);
}

// ---- the hot stages, in data order ---------------------------------------------------------------------------------------------

void Pipeline::venue_tick(const Tick& tick) noexcept {
  egress_now_ns_ = std::max(egress_now_ns_, tick.ts_receive_ns);
  if (paper_ != nullptr) latency_->time(Stage::venue, *egress_watch_, [&] { paper_->on_tick(tick); });
}

void Pipeline::venue_depth(const DepthUpdate& piece) noexcept {
  egress_now_ns_ = std::max(egress_now_ns_, piece.ts_receive_ns);
  if (paper_ != nullptr) latency_->time(Stage::venue, *egress_watch_, [&] { paper_->on_depth(piece); });
}

void Pipeline::venue_candle(const Candle& candle) noexcept {
  egress_now_ns_ = std::max(egress_now_ns_, candle.ts_receive_ns);
  if (paper_ != nullptr) latency_->time(Stage::venue, *egress_watch_, [&] { paper_->on_candle(candle); });
}

void Pipeline::indicate_tick(const Tick& tick) noexcept {
  FrameOut out{*this};
  latency_->time(Stage::indicators, *indicators_watch_, [&] { indicators_.on_tick(tick, out); });
}

void Pipeline::indicate_candle(const NumberedCandle& numbered) noexcept {
  FrameOut out{*this};
  latency_->time(Stage::indicators, *indicators_watch_, [&] { indicators_.on_candle(numbered.candle, out, numbered.sequence); });
}

void Pipeline::indicate_timer(const Timer& timer) noexcept {
  FrameOut out{*this};
  latency_->time(Stage::indicators, *indicators_watch_, [&] { indicators_.on_timer(timer, out); });
}

void Pipeline::signal_frame(const IndicatorFrame& frame) noexcept {
  IntentOut out{*this};
  latency_->time(Stage::signal, *signal_watch_, [&] { signal_.on_frame(frame, out); });
}

void Pipeline::gate_intent(const OrderIntent& intent) noexcept {
  GateOut out{*this};
  latency_->time(Stage::risk, *gate_watch_, [&] { gate_.on_intent(intent, out); });
}

void Pipeline::gateway_request(const OrderRequest& request) noexcept {
  GatewayOut out{*this};
  latency_->time(Stage::gateway, *egress_watch_, [&] { gateway_.on_request(request, out); });
}

// ---- turns: what each worker drains, in this order -----------------------------------------------------------------------------

int Pipeline::take_gate_views() noexcept {
  std::size_t done = lanes_.gate_views->drain(capacity::batch_max, [this](const PositionView& view) { gate_.on_position_view(view); });
  done += lanes_.guard_views->drain(capacity::batch_max, [this](const GuardView& view) { gate_.on_guard_view(view); });
  return static_cast<int>(done);
}

int Pipeline::take_views() noexcept {
  const int done = take_gate_views();
  return done + static_cast<int>(lanes_.signal_views->drain(capacity::batch_max, [this](const PositionView& view) { signal_.on_position_view(view); }));
}

int Pipeline::gate_turn() noexcept {
  std::size_t done = static_cast<std::size_t>(take_gate_views());
  done += lanes_.gate_ticks->drain(capacity::batch_max, [this](const Tick& tick) { gate_.on_tick(tick); });
  done += lanes_.intents->drain(batch(decisions_room(), 1), [this](const OrderIntent& intent) {
    look_at_watch(*gate_watch_, intent.sequence);
    gate_intent(intent);
  });
  return static_cast<int>(done);
}

int Pipeline::indicators_turn() noexcept {
  const bool gate_is_here = !edges_.gate_ticks;
  std::size_t done = lanes_.indicator_ticks->drain(batch(frames_room(), kFramesPerTick), [this, gate_is_here](const Tick& tick) {
    look_at_watch(*indicators_watch_, tick.sequence);
    if (gate_is_here) gate_.on_tick(tick);
    indicate_tick(tick);
  });
  done += lanes_.indicator_candles->drain(batch(frames_room(), kFramesPerTick), [this](const NumberedCandle& numbered) { indicate_candle(numbered); });
  done += lanes_.indicator_timers->drain(batch(frames_room(), frames_per_timer_), [this](const Timer& timer) { indicate_timer(timer); });
  return static_cast<int>(done);
}

int Pipeline::signal_turn() noexcept {
  std::size_t done = lanes_.signal_views->drain(capacity::batch_max, [this](const PositionView& view) { signal_.on_position_view(view); });
  done += lanes_.frames->drain(batch(intents_room(), intents_per_frame_), [this](const IndicatorFrame& frame) {
    look_at_watch(*signal_watch_, frame.sequence);
    signal_frame(frame);
  });
  return static_cast<int>(done);
}

int Pipeline::strategy_turn() noexcept {
  int done = take_views();
  done += static_cast<int>(lanes_.gate_ticks->drain(capacity::batch_max, [this](const Tick& tick) { gate_.on_tick(tick); }));
  return done + indicators_turn();
}

int Pipeline::egress_turn() noexcept {
  // Protection first (I7); then the market and what it led to, in that order, as in the fused layout.
  std::size_t done = static_cast<std::size_t>(take_commands());
  done += lanes_.venue_depths->drain(capacity::batch_max, [this](const DepthUpdate& piece) { venue_depth(piece); });
  done += lanes_.venue_ticks->drain(capacity::batch_max, [this](const Tick& tick) {
    look_at_watch(*egress_watch_, tick.sequence);
    venue_tick(tick);
  });
  done += lanes_.venue_candles->drain(capacity::batch_max, [this](const Candle& candle) { venue_candle(candle); });
  done += lanes_.requests->drain(batch(requests_room(), 1), [this](const OrderRequest& request) {
    look_at_watch(*egress_watch_, request.sequence);
    gateway_request(request);
  });
  if (crank_ == Crank::free_running) {
    done += static_cast<std::size_t>(take_due_events());
  } else if (const std::int64_t due = venue_due_ns_.exchange(INT64_MIN, std::memory_order_relaxed); due != INT64_MIN) {
    take_venue_event(due);
    ++done;
  }
  return static_cast<int>(done);
}

int Pipeline::take_commands() noexcept {
  GatewayOut out{*this};
  return static_cast<int>(lanes_.commands->drain(batch(requests_room(), 1), [&](const OrderRequest& request) { gateway_.on_request(request, out); }));
}

int Pipeline::take_due_events() noexcept {
  int done = 0;
  while (venue_.next_event_ts() <= egress_now_ns_ && lanes_.venue_events->has_room(1)) {
    take_venue_event(egress_now_ns_);
    ++done;
  }
  return done;
}

int Pipeline::cold_turn() noexcept {
  // An event's cause is always pushed before the event: how many events wait is read first, then the decisions are drained, so
  // that an order's decision is known when its first event is handled.
  const std::size_t events_waiting = lanes_.venue_events->size();
  std::size_t done = lanes_.cold_marks->drain(batch(cold_outputs_room(), kColdOutputsEach), [this](const Tick& tick) {
    sink_.mark(tick);
    ColdOut out{*this, tick.ts_receive_ns};
    positions_.on_mark(tick, out);
  });
  done += lanes_.cold_timers->drain(batch(cold_outputs_room(), cold_outputs_per_timer_), [this](const Timer& timer) {
    ColdOut out{*this, timer.ts_ns};
    positions_.on_timer(timer, out);
  });
  const std::size_t decisions_waiting = lanes_.decisions->size();
  std::size_t decisions_taken = 0;
  while (decisions_taken < decisions_waiting && batch(cold_outputs_room(), kColdOutputsEach) != 0) {
    decisions_taken += lanes_.decisions->drain(1, [this](const GateDecision& decision) {
      sink_.decision(decision);
      ColdOut out{*this, decision.intent.ts_receive_ns};
      decision.verdict == Verdict::exit_forwarded ? positions_.on_exit(decision.intent, out) : positions_.on_decision(decision, out);
    });
  }
  done += decisions_taken;
  // A decision that had to wait holds back the events, which may be about its order.
  const std::size_t event_count = decisions_taken < decisions_waiting ? 0 : std::min(events_waiting, batch(cold_outputs_room(), kColdOutputsEach));
  done += lanes_.sent->drain(capacity::batch_max, [this](const OrderRequest& request) { sink_.sent(request); });
  done += lanes_.venue_events->drain(event_count, [this](const VenueEvent& event) {
    sink_.venue_event(event);
    ColdOut out{*this, event.ts_receive_ns};
    positions_.on_venue_event(event, out);
  });
  sink_.turn_done();
  return static_cast<int>(done);
}

// ---- lock step -----------------------------------------------------------------------------------------------------------------

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
    return lanes_.venue_ticks->has_room(kTickReserve) && lanes_.venue_depths->has_room(kDepthReserve) && lanes_.venue_candles->has_room(kTickReserve) &&
           lanes_.gate_ticks->has_room(kTickReserve) && lanes_.indicator_ticks->has_room(kTickReserve) && lanes_.indicator_candles->has_room(kTickReserve) &&
           lanes_.indicator_timers->has_room(1) && (edges_.strategy || frames_room() >= frames_per_timer_) && lanes_.cold_timers->has_room(1) && lanes_.cold_marks->has_room(last_tick_.size());
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

std::size_t Pipeline::requests_room() const noexcept { return std::min(lanes_.sent->free_slots(), lanes_.venue_events->free_slots()); }
std::size_t Pipeline::decisions_room() const noexcept {
  return std::min(lanes_.decisions->free_slots(), edges_.requests ? lanes_.requests->free_slots() : requests_room());
}
std::size_t Pipeline::intents_room() const noexcept { return edges_.intents ? lanes_.intents->free_slots() : decisions_room(); }
std::size_t Pipeline::frames_room() const noexcept { return edges_.frames ? lanes_.frames->free_slots() : intents_room() / intents_per_frame_; }
std::size_t Pipeline::cold_outputs_room() const noexcept {
  return std::min({lanes_.commands->free_slots(), lanes_.gate_views->free_slots(), lanes_.signal_views->free_slots(), lanes_.guard_views->free_slots()});
}
std::size_t Pipeline::batch(std::size_t room, std::size_t each) const noexcept {
  // In lock step an input enters when every lane is empty, and a batch cut short would change the order of the stages.
  return crank_ == Crank::lock_step ? capacity::batch_max : std::min(capacity::batch_max, room / each);
}

// ---- checkpoints ---------------------------------------------------------------------------------------------------------------

namespace {
constexpr std::uint32_t kPipelineTag = 0x31504C50;  // "PLP1"
}  // namespace

void Pipeline::save(ArchiveWriter& out) const {
  out.put(kPipelineTag);
  feed_.save(out);
  indicators_.save(out);
  signal_.save(out);
  gate_.save(out);
  gateway_.save(out);
  positions_.save(out);
  if (paper_ != nullptr) paper_->save(out);
  out.put(counters_);
  out.put_span(std::span<const Tick>(last_tick_));
  out.put_span(std::span<const std::uint8_t>(tick_is_new_));
}

Errc Pipeline::load(ArchiveReader& in) {
  if (!in.expect(kPipelineTag)) return Errc::checkpoint_mismatch;
  for (const auto& load_stage : {std::function<Errc()>([&] { return feed_.load(in); }), std::function<Errc()>([&] { return indicators_.load(in); }),
                                 std::function<Errc()>([&] { return signal_.load(in); }), std::function<Errc()>([&] { return gate_.load(in); }),
                                 std::function<Errc()>([&] { return gateway_.load(in); }), std::function<Errc()>([&] { return positions_.load(in); }),
                                 std::function<Errc()>([&] { return paper_ != nullptr ? paper_->load(in) : Errc::ok; })}) {
    if (const Errc error = load_stage(); error != Errc::ok) return error;
  }
  if (!in.get(counters_) || !in.get_span(std::span<Tick>(last_tick_)) || !in.get_span(std::span<std::uint8_t>(tick_is_new_))) {
    return Errc::checkpoint_mismatch;
  }
  return Errc::ok;
}

}  // namespace martinet

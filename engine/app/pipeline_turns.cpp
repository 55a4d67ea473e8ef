// Turns: what each worker drains, in this order, and how much of it the lanes behind can take.
#include <algorithm>

#include "engine/app/pipeline.hpp"
#include "engine/app/pipeline_outputs.hpp"

namespace martinet {
namespace {

/// Frames of one tick or candle: of a closed bar, and of the tick itself or of a bar that the row says is closed.
constexpr std::size_t kFramesPerTick = 2;

}  // namespace

int Pipeline::take_gate_views() noexcept {
  std::size_t done = lanes_.gate_views->drain(capacity::batch_max, [this](const PositionView& view) { gate_.on_position_view(view); });
  done += lanes_.guard_views->drain(capacity::batch_max, [this](const GuardView& view) { gate_.on_guard_view(view); });
  return static_cast<int>(done);
}

int Pipeline::take_views() noexcept {
  const int done = take_gate_views();
  return done + static_cast<int>(
                    lanes_.signal_views->drain(capacity::batch_max, [this](const PositionView& view) { signal_.on_position_view(view); }));
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
  done += lanes_.indicator_candles->drain(batch(frames_room(), kFramesPerTick),
                                          [this](const NumberedCandle& numbered) { indicate_candle(numbered); });
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
  return static_cast<int>(
      lanes_.commands->drain(batch(requests_room(), 1), [&](const OrderRequest& request) { gateway_.on_request(request, out); }));
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
      switch (decision.verdict) {
        case Verdict::exit_forwarded: return positions_.on_exit(decision.intent, out);
        case Verdict::stop_forwarded: return positions_.on_stop_move(decision.intent, out);
        default: return positions_.on_decision(decision, out);
      }
    });
  }
  done += decisions_taken;
  // A decision that had to wait holds back the events, which may be about its order.
  const std::size_t event_count =
      decisions_taken < decisions_waiting ? 0 : std::min(events_waiting, batch(cold_outputs_room(), kColdOutputsEach));
  done += lanes_.sent->drain(capacity::batch_max, [this](const OrderRequest& request) { sink_.sent(request); });
  done += lanes_.venue_events->drain(event_count, [this](const VenueEvent& event) {
    sink_.venue_event(event);
    ColdOut out{*this, event.ts_receive_ns};
    positions_.on_venue_event(event, out);
  });
  sink_.turn_done();
  return static_cast<int>(done);
}

std::size_t Pipeline::requests_room() const noexcept { return std::min(lanes_.sent->free_slots(), lanes_.venue_events->free_slots()); }
std::size_t Pipeline::decisions_room() const noexcept {
  return std::min(lanes_.decisions->free_slots(), edges_.requests ? lanes_.requests->free_slots() : requests_room());
}
std::size_t Pipeline::intents_room() const noexcept { return edges_.intents ? lanes_.intents->free_slots() : decisions_room(); }
std::size_t Pipeline::frames_room() const noexcept {
  return edges_.frames ? lanes_.frames->free_slots() : intents_room() / intents_per_frame_;
}
std::size_t Pipeline::cold_outputs_room() const noexcept {
  return std::min({lanes_.commands->free_slots(), lanes_.gate_views->free_slots(), lanes_.signal_views->free_slots(),
                   lanes_.guard_views->free_slots()});
}
std::size_t Pipeline::batch(std::size_t room, std::size_t each) const noexcept {
  // In lock step an input enters when every lane is empty, and a batch cut short would change the order of the stages.
  return crank_ == Crank::lock_step ? capacity::batch_max : std::min(capacity::batch_max, room / each);
}

}  // namespace martinet

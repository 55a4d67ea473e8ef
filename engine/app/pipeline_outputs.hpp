#pragma once
// Where each stage's outputs go: by a direct call, or into the lane to the thread that owns the next stage. Private to the pipeline.
#include "engine/app/pipeline.hpp"

namespace martinet {

namespace pipeline_detail {

/// A closed bar of a source without ticks, as the last trusted price for the gate and the marks.
inline Tick price_of(const Candle& candle, std::uint64_t sequence) noexcept {
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

}  // namespace pipeline_detail

struct Pipeline::FeedOut {
  Pipeline& p;
  void tick(const Tick& tick) noexcept {
    ++p.counters_.ticks;
    if (p.probe_ != nullptr) p.probe_->tick(tick);
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
  void depth(const DepthUpdate& piece) noexcept { p.edges_.venue ? p.lanes_.venue_depths->push_reserved(piece) : p.venue_depth(piece); }
  void candle(const Candle& candle) noexcept {
    if (p.probe_ != nullptr) p.probe_->candle(candle, p.feed_.last_sequence());
    if (p.bars_from_candles_ && candle.history == 0) price(pipeline_detail::price_of(candle, p.feed_.last_sequence()));
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
  void exit(const OrderIntent&) noexcept {}  // travels as the decision `exit_forwarded` or `stop_forwarded`
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

}  // namespace martinet

#pragma once
// Every lane of the engine, in data order. Which of the hot ones are in use depends on the layout: where two neighbouring stages
// share a thread, the message is a direct call. Lanes to and from the cold side are always real, so that the cold side never
// runs in the middle of a hot cascade.
#include <memory>

#include "engine/base/capacity.hpp"
#include "engine/messages/candle.hpp"
#include "engine/messages/depth_update.hpp"
#include "engine/messages/gate_decision.hpp"
#include "engine/messages/guard_view.hpp"
#include "engine/messages/indicator_frame.hpp"
#include "engine/messages/order_intent.hpp"
#include "engine/messages/order_request.hpp"
#include "engine/messages/position_view.hpp"
#include "engine/messages/tick.hpp"
#include "engine/messages/timer.hpp"
#include "engine/messages/venue_event.hpp"
#include "engine/runtime/lane.hpp"

namespace martinet {

/// A candle with the number of the input that brought it.
struct NumberedCandle {
  Candle candle;
  std::uint64_t sequence = 0;
};

template <class T, std::size_t Capacity>
struct BigLane {  // on the heap: the ring is inside the lane object
  using Type = Lane<T, Capacity>;
  std::unique_ptr<Type> lane = std::make_unique<Type>();
  Type* operator->() const noexcept { return lane.get(); }
  Type& operator*() const noexcept { return *lane; }
};

/// What a full lane does (invariant I11; nothing accepted is dropped, nobody blocks). Market lanes: ingress takes no new input while one
/// of them has fewer free slots than one input can fill. All others: the turn before takes only as much as what may come of it finds
/// room here, so that a consumer that is behind fills the lanes upstream, one after the other, until ingress stops its intake.
struct Lanes {
  // ingress -> venue (paper), gate, indicators
  BigLane<Tick, capacity::tick_lane_max> venue_ticks;
  BigLane<DepthUpdate, capacity::depth_lane_max> venue_depths;
  BigLane<Candle, capacity::tick_lane_max> venue_candles;
  BigLane<Tick, capacity::tick_lane_max> gate_ticks;
  BigLane<Tick, capacity::tick_lane_max> indicator_ticks;
  BigLane<NumberedCandle, capacity::tick_lane_max> indicator_candles;
  BigLane<Timer, capacity::event_lane_max> indicator_timers;
  // strategy
  BigLane<IndicatorFrame, capacity::frame_lane_max> frames;
  BigLane<OrderIntent, capacity::order_lane_max> intents;
  // strategy -> egress
  BigLane<OrderRequest, capacity::order_lane_max> requests;
  // -> cold
  BigLane<Tick, capacity::tick_lane_max> cold_marks;
  BigLane<Timer, capacity::event_lane_max> cold_timers;
  BigLane<GateDecision, capacity::order_lane_max> decisions;  // an exit or stop move is a decision that was forwarded
  BigLane<OrderRequest, capacity::order_lane_max> sent;
  BigLane<VenueEvent, capacity::event_lane_max> venue_events;
  // cold ->
  BigLane<OrderRequest, capacity::order_lane_max> commands;
  BigLane<PositionView, capacity::view_lane_max> signal_views;
  BigLane<PositionView, capacity::view_lane_max> gate_views;
  BigLane<GuardView, capacity::view_lane_max> guard_views;
};

}  // namespace martinet

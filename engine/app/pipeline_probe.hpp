#pragma once
// Listens in on the hot stages of a replay: to explain an order, or where two runs part. Never in a live engine.
#include <cstdint>

#include "engine/hot/risk/risk_state.hpp"
#include "engine/messages/candle.hpp"
#include "engine/messages/indicator_frame.hpp"
#include "engine/messages/order_intent.hpp"
#include "engine/messages/tick.hpp"
#include "engine/messages/timer.hpp"

namespace martinet {

/// Threads: that of the stage; in lock step one after the other, each seeing what the one before wrote. What is handed over is valid during
/// the call. Within one input: the input, then its frames, and behind each frame the intents it led to.
class PipelineProbe {
 public:
  virtual ~PipelineProbe() = default;
  virtual void tick(const Tick&) noexcept {}  ///< trusted; its sequence is the number of the input
  virtual void candle(const Candle&, std::uint64_t sequence) noexcept { (void)sequence; }
  virtual void timer(const Timer&) noexcept {}
  virtual void frame(const IndicatorFrame&) noexcept {}
  /// Before the gate decides: what it knows.
  virtual void intent(const OrderIntent&, const RiskState&) noexcept {}
};

}  // namespace martinet

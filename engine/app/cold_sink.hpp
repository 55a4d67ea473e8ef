#pragma once
// Who hears what the cold side learns, in order: the session (journal, ledgers, report) in production, a collector in tests.
#include <cstdint>

#include "engine/messages/execution.hpp"
#include "engine/messages/gate_decision.hpp"
#include "engine/messages/order_request.hpp"
#include "engine/messages/position_view.hpp"
#include "engine/messages/tick.hpp"
#include "engine/messages/venue_event.hpp"

namespace martinet {

/// Threads: cold only. `ts_ns` is the stamp of the input in hand.
class ColdSink {
 public:
  virtual ~ColdSink() = default;
  virtual void decision(const GateDecision&) {}
  virtual void mark(const Tick&) {}                    ///< the last trusted tick of an instrument, sampled
  virtual void sent(const OrderRequest&) {}            ///< the order stream
  virtual void venue_event(const VenueEvent&) {}
  virtual void execution(const Execution&, std::int64_t ts_ns) { (void)ts_ns; }
  virtual void position(const PositionView&) {}
  virtual void equity(std::int64_t ts_ns, Money equity, Money balance) { (void)ts_ns, (void)equity, (void)balance; }
  virtual void alert(std::int64_t ts_ns, std::uint32_t code, InstrumentId instrument) { (void)ts_ns, (void)code, (void)instrument; }
  virtual void turn_done() {}                          ///< after each cold turn: hand over, poll completions
};

}  // namespace martinet

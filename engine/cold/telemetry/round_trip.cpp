#include "engine/cold/telemetry/round_trip.hpp"

#include <algorithm>
#include <map>

namespace martinet {
namespace {

struct Running {
  RoundTrip trip;
  Qty qty{};  ///< held now
};

void begin(Running& running, const Execution& execution) {
  running = {};
  running.trip.ts_open_ns = execution.ts_ns;
  running.trip.instrument = execution.instrument;
  running.trip.strategy = execution.strategy;
  running.trip.direction = execution.direction;
  running.trip.first_price = execution.price;
}

void take(Running& running, const Execution& execution) {
  RoundTrip& trip = running.trip;
  ++trip.fills;
  trip.ts_close_ns = execution.ts_ns;
  trip.fees = trip.fees + execution.fee;
  trip.pnl_net = trip.pnl_net + execution.pnl_net;
  if (has_price(execution.entry_price)) trip.entry_price = execution.entry_price;
  if (execution.event == ExecutionEvent::open || execution.event == ExecutionEvent::add) {
    running.qty = running.qty + execution.qty;
    trip.qty_max = std::max(trip.qty_max, running.qty);
    return;
  }
  trip.qty_max = std::max(trip.qty_max, execution.qty);  // a position taken over: the first we see of it is its reduction
  running.qty = running.qty - execution.qty;
  trip.exit_price = execution.price;
  trip.exit_reason = execution.exit_reason;
  trip.closed = execution.event == ExecutionEvent::close;
}

}  // namespace

std::vector<RoundTrip> round_trips_of(std::span<const Execution> executions) {
  std::vector<RoundTrip> trips;
  std::map<InstrumentId, Running> running;
  for (const Execution& execution : executions) {
    auto [it, fresh] = running.try_emplace(execution.instrument);
    if (fresh || execution.event == ExecutionEvent::open) {
      if (!fresh) trips.push_back(it->second.trip);  // its close is missing from what we were given: shown as it stood
      begin(it->second, execution);
    }
    take(it->second, execution);
    if (it->second.trip.closed) {
      trips.push_back(it->second.trip);
      running.erase(it);
    }
  }
  for (const auto& [instrument, open] : running) trips.push_back(open.trip);
  return trips;
}

}  // namespace martinet

// What the simulated venue says, and what faults make of what travels.
#include "adapters/paper/paper_venue.hpp"

namespace martinet {

VenueEvent PaperVenue::event_of(const PaperOrder& order, VenueEventKind kind) const noexcept {
  VenueEvent event;
  event.ts_exchange_ns = now_ns_;
  event.ts_receive_ns = now_ns_ + config_.event_latency_ns;
  event.venue_order_id = order.venue_order_id;
  event.key = order.request.key;
  event.leaves_qty = order.leaves;
  event.instrument = order.request.instrument;
  event.strategy = order.request.strategy;
  event.side = order.request.side;
  event.kind = kind;
  return event;
}

void PaperVenue::emit(const PaperOrder& order, VenueEventKind kind, Errc reason) noexcept {
  VenueEvent event = event_of(order, kind);
  event.reason = reason;
  tell(order, event);
}

void PaperVenue::reject(const OrderRequest& request, Errc reason) noexcept {
  ++counters_.rejects;
  PaperOrder order;
  order.request = request;
  order.leaves = request.qty;
  emit(order, VenueEventKind::rejected, reason);
}

/// Every change of an order is told when it happens; so this is also where the read side hears of it.
void PaperVenue::tell(const PaperOrder& order, const VenueEvent& event) noexcept {
  const bool changed = event.kind != VenueEventKind::rejected && event.kind != VenueEventKind::cancel_refused;
  if (lagged_ != nullptr && changed) {
    const bool done = event.kind == VenueEventKind::cancelled || (event.kind == VenueEventKind::filled && event.leaves_qty.v == 0);
    const PositionImage position = position_image(event.instrument);
    if (event.key.intent_id == 0) {  // nobody's order: none to ask for
      lagged_->note_position(now_ns_, event.instrument, position);
    } else {
      lagged_->note(now_ns_, order, done, position);
    }
  }
  send(event);
}

void PaperVenue::send(const VenueEvent& event) noexcept {
  if (faults_ == nullptr) return events_.push(event);
  const PaperFault fault = is_answer(event.kind) ? faults_->on_answer(event) : faults_->on_event(event);
  const bool spoilt = fault.kind != PaperFault::Kind::none && fault.kind != PaperFault::Kind::refuse;
  counters_.faults += spoilt ? 1 : 0;
  if (fault.kind == PaperFault::Kind::drop) return;
  if (fault.kind != PaperFault::Kind::delay) events_.push(event);
  if (fault.kind != PaperFault::Kind::delay && fault.kind != PaperFault::Kind::duplicate) return;
  VenueEvent late = event;
  late.ts_receive_ns += fault.delay_ns;
  late_events_.push(late.ts_receive_ns, late);
}

/// True if the request is not to be worked off now.
bool PaperVenue::spoil(const OrderRequest& request) noexcept {
  const PaperFault fault = faults_->on_request(request, now_ns_);
  if (fault.kind == PaperFault::Kind::none) return false;
  ++counters_.faults;
  if (fault.kind == PaperFault::Kind::delay || fault.kind == PaperFault::Kind::duplicate) {
    late_arrivals_.push(now_ns_ + fault.delay_ns, request);
    arrival_next_ns_ = std::min(arrival_next_ns_, late_arrivals_.next_ts());
    return fault.kind == PaperFault::Kind::delay;
  }
  if (fault.kind == PaperFault::Kind::drop) return true;
  if (is_query(request.action)) {
    VenueEvent event = answer_of(request, VenueEventKind::query_failed);
    event.reason = fault.reason;
    send(event);
  } else if (request.action == OrderAction::cancel) {
    PaperOrder order;
    order.request = request;
    emit(order, VenueEventKind::cancel_refused, fault.reason);
  } else {
    reject(request, fault.reason);
  }
  return true;
}

}  // namespace martinet

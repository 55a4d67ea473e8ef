// What should rest at the venue for one key, and the difference to what does. Run after every message, whatever it was: that
// is why answers may come in any order, twice, or (for stops and closes) not at all.
#include "engine/base/assert.hpp"
#include "engine/cold/position/cycle_stop.hpp"
#include "engine/cold/position/position_machine.hpp"

namespace martinet {

void PositionMachine::drive(PositionSlot& slot, std::int64_t ts_ns) {
  if (slot.open_qty() == 0) {
    drive_flat(slot, ts_ns);
    return;
  }
  drive_stop(slot, ts_ns);
  drive_target(slot, ts_ns);
  drive_close(slot, ts_ns);
}

void PositionMachine::drive_stop(PositionSlot& slot, std::int64_t ts_ns) {
  const std::int64_t qty = slot.open_qty();
  if (slot.covered_qty() >= qty) {
    slot.unprotected_since_ns = 0;
    slot.stop_rejects = 0;
  } else if (slot.unprotected_since_ns == 0) {
    slot.unprotected_since_ns = ts_ns;
  }
  if (!slot.stop_possible()) {
    // A plan that is still on its way is waited for, until the deadline; one that points the other way is of no use.
    if (slot.planless()) return;
    slot.stop_failed = slot.stop_hopeless = true;
    start_close(slot, ExitReason::emergency);
    return;
  }
  if (slot.cover(OrderPurpose::stop) != nullptr) {
    slot.stop_failed = false;
    drive_move(slot, ts_ns);
    return;
  }
  // Whatever price a stop is under way at: it covers sooner than another one.
  if (slot.stop_failed || slot.cover_under_way(OrderPurpose::stop)) return;
  if (ts_ns < slot.stop_retry_at_ns || slot.count_orders(OrderPurpose::stop) >= kSlotStopsMax) return;
  const std::uint16_t attempts_max = slot.close_wanted ? kAttemptsMax : kStopAttemptsMax;
  if (slot.attempts[static_cast<std::size_t>(OrderPurpose::stop)] >= attempts_max) {
    if (!slot.close_wanted) alert(AlertCode::attempts_exhausted, id_of(slot), ts_ns);
    slot.stop_failed = true;
    start_close(slot, ExitReason::emergency);
    return;
  }
  place(slot, OrderPurpose::stop, ts_ns);
}

// Everything is covered. Where the cover is not at the plan's price, a stop that is goes out beside it, one at a time, and the
// cover is cancelled when that one is live: a stop is moved by placing, then cancelling.
void PositionMachine::drive_move(PositionSlot& slot, std::int64_t ts_ns) {
  if (const LegOrder* kept = slot.cover(OrderPurpose::stop, slot.plan.stop_price); kept != nullptr) {
    cancel_others(slot, *kept, ts_ns);
    return;
  }
  const LegOrder& cover = *slot.cover(OrderPurpose::stop);
  bool under_way = false;
  bool lost = false;
  for (LegOrder& order : slot.orders) {
    if (!order.is(OrderPurpose::stop) || &order == &cover || order.cancel_asked) continue;
    const bool newer = order.state != LegState::live && order.attempt > cover.attempt && order.leaves.v >= slot.open_qty();
    if (newer && ts_ns < move_deadline_ns(order)) {
      under_way = true;
      continue;
    }
    lost |= newer && order.price == slot.plan.stop_price;
    cancel_order(slot, order, ts_ns);
  }
  if (lost) {
    give_up_move(slot, cover, ts_ns);
    return;
  }
  if (under_way || slot.close_wanted || ts_ns < slot.stop_retry_at_ns || slot.count_orders(OrderPurpose::stop) >= kSlotMovesMax) return;
  if (slot.attempts[static_cast<std::size_t>(OrderPurpose::stop)] >= kMoveAttemptsMax) {
    give_up_move(slot, cover, ts_ns);
    return;
  }
  place(slot, OrderPurpose::stop, ts_ns);
}

// Until when the answer to a stop is waited for that would only move the cover.
std::int64_t PositionMachine::move_deadline_ns(const LegOrder& order) const noexcept {
  return order.ts_sent_ns + (order.state == LegState::sent ? config_.answer_ns : config_.stop_deadline_ns);
}

// The stop stays where it is, and that is the plan; whoever wants it elsewhere asks again. Only a cycle may be worse off by that: a
// leg may have filled, and what was admitted does not grow with it.
void PositionMachine::give_up_move(PositionSlot& slot, const LegOrder& cover, std::int64_t ts_ns) {
  alert(AlertCode::stop_move_refused, id_of(slot), ts_ns);
  if (within_admitted(slot, cover.price)) {
    slot.plan.stop_price = cover.price;
    slot.plan.moved = cover.moved;
    return;
  }
  alert(AlertCode::stop_failed, id_of(slot), ts_ns);
  start_close(slot, ExitReason::emergency);
}

bool PositionMachine::within_admitted(const PositionSlot& slot, Price stop_price) noexcept {
  return !slot.plan.is_cycle() || loss_at(slot.basis, stop_price) <= loss_left(slot.basis, slot.plan.loss_max);
}

void PositionMachine::drive_target(PositionSlot& slot, std::int64_t ts_ns) {
  const Price price = slot.plan.target_price;
  if (!config_.target_enabled || slot.close_wanted || !slot.stop_possible() || !has_price(price)) return;
  if (const LegOrder* kept = slot.cover(OrderPurpose::target, price); kept != nullptr) {
    cancel_others(slot, *kept, ts_ns);
    return;
  }
  if (slot.cover_under_way(OrderPurpose::target, price) || slot.open_qty() <= slot.target_refused_qty.v) return;
  if (slot.count_orders(OrderPurpose::target) >= kSlotTargetsMax) {
    make_room_for_target(slot, ts_ns);
    return;
  }
  if (slot.attempts[static_cast<std::size_t>(OrderPurpose::target)] >= kAttemptsMax) return;
  place(slot, OrderPurpose::target, ts_ns);
}

// Fills that came faster than answers have left a table of targets of which none is large enough: the oldest goes.
void PositionMachine::make_room_for_target(PositionSlot& slot, std::int64_t ts_ns) {
  LegOrder* oldest = nullptr;
  for (LegOrder& order : slot.orders) {
    if (!order.is(OrderPurpose::target)) continue;
    if (order.cancel_asked) return;  // room is being made
    if (order.state == LegState::live && (oldest == nullptr || order.attempt < oldest->attempt)) oldest = &order;
  }
  if (oldest != nullptr) cancel_order(slot, *oldest, ts_ns);
}

void PositionMachine::drive_close(PositionSlot& slot, std::int64_t ts_ns) {
  if (!slot.close_wanted) return;
  cancel_entries(slot, ts_ns);
  if (slot.count_orders(OrderPurpose::close) != 0 || ts_ns < slot.close_retry_at_ns) return;
  if (slot.attempts[static_cast<std::size_t>(OrderPurpose::close)] >= kAttemptsMax) {
    halt(slot, AlertCode::attempts_exhausted, ts_ns);
    return;
  }
  place(slot, OrderPurpose::close, ts_ns);
}

// Nothing is open. If something was (or was wanted gone), what is left over is cancelled, and the key stays closing until the
// last of it is proven dead: a stop left behind would reduce the next position.
void PositionMachine::drive_flat(PositionSlot& slot, std::int64_t ts_ns) {
  slot.unprotected_since_ns = 0;
  if (slot.orphan || (slot.early_count != 0 && !slot.has_entries())) start_close(slot, ExitReason::emergency);
  if (slot.ts_opened_ns == 0 && !slot.close_wanted) return;
  start_close(slot, ExitReason::emergency);  // what still fills from here on goes at once
  cancel_entries(slot, ts_ns);
  for (LegOrder& order : slot.orders) {
    if (order.state != LegState::free && !order.cancel_asked) cancel_order(slot, order, ts_ns);
  }
}

void PositionMachine::check_deadlines(PositionSlot& slot, std::int64_t ts_ns) {
  if (slot.early_count != 0 && !slot.orphan && ts_ns - slot.early_since_ns >= config_.stop_deadline_ns) {
    slot.orphan = true;
    alert(AlertCode::reduce_unexplained, id_of(slot), ts_ns);
  }
  if (slot.open_qty() == 0 || slot.close_wanted) return;
  if (slot.unprotected_since_ns != 0 && ts_ns - slot.unprotected_since_ns >= config_.stop_deadline_ns) {
    alert(slot.planless() ? AlertCode::plan_missing : AlertCode::stop_deadline, id_of(slot), ts_ns);
    slot.stop_failed = true;
    start_close(slot, ExitReason::emergency);
    return;
  }
  for (const LegOrder& order : slot.orders) {
    if (!order.is(OrderPurpose::stop) || order.ts_triggered_ns == 0) continue;
    if (ts_ns - order.ts_triggered_ns < config_.stop_watchdog_ns) continue;
    alert(AlertCode::stop_unfilled, id_of(slot), ts_ns);
    start_close(slot, order.moved ? ExitReason::trailing : ExitReason::sl);
    return;
  }
}

// A cancel is asked again as often as needed: it is harmless. A place is never repeated; a close without an end is cancelled,
// and the next attempt waits for the proof that it is gone.
void PositionMachine::check_answers(PositionSlot& slot, std::int64_t ts_ns) {
  for (LegOrder& order : slot.orders) {
    if (order.state == LegState::free) continue;
    if (order.state == LegState::sent && ts_ns - order.ts_sent_ns >= config_.answer_ns) order.overdue = true;
    const bool ask_again = cancel_is_due(slot, order) && ts_ns - order.ts_cancel_ns >= config_.answer_ns;
    const bool stuck = order.leg == OrderPurpose::close && !order.cancel_asked && ts_ns - order.ts_sent_ns >= config_.answer_ns;
    if (ask_again || stuck) cancel_order(slot, order, ts_ns);
  }
  for (EntryOrder& entry : slot.entries) {
    if (entry.intent_id == 0) continue;
    if (!entry.seen && ts_ns - entry.ts_first_ns >= config_.answer_ns) entry.overdue = true;
    if (!entry.cancel_asked || ts_ns - entry.ts_cancel_ns < config_.answer_ns) continue;
    entry.ts_cancel_ns = ts_ns;
    send_cancel(slot, entry.key(), entry.side, ts_ns);
  }
}

// A stop whose cancel was not answered may be all that protects, once the one that made it surplus is gone: it is left alone then.
bool PositionMachine::cancel_is_due(const PositionSlot& slot, const LegOrder& order) noexcept {
  const bool protects = order.leg == OrderPurpose::stop && slot.open_qty() != 0 && slot.cover(OrderPurpose::stop) == nullptr;
  return order.cancel_asked && !protects;
}

void PositionMachine::start_close(PositionSlot& slot, ExitReason reason) noexcept {
  if (slot.close_wanted) return;
  slot.close_wanted = true;
  slot.close_reason = reason;
  slot.close_retry_at_ns = 0;
  slot.close_rejects = 0;
}

void PositionMachine::cancel_entries(PositionSlot& slot, std::int64_t ts_ns) {
  for (EntryOrder& entry : slot.entries) {
    if (entry.intent_id == 0 || entry.cancel_asked) continue;
    entry.cancel_asked = true;
    entry.ts_cancel_ns = ts_ns;
    send_cancel(slot, entry.key(), entry.side, ts_ns);
  }
}

void PositionMachine::cancel_order(PositionSlot& slot, LegOrder& order, std::int64_t ts_ns) {
  order.cancel_asked = true;
  order.ts_cancel_ns = ts_ns;
  send_cancel(slot, order.key(), order.side, ts_ns);
}

void PositionMachine::cancel_others(PositionSlot& slot, const LegOrder& kept, std::int64_t ts_ns) {
  for (LegOrder& order : slot.orders) {
    if (order.is(kept.leg) && &order != &kept && !order.cancel_asked) cancel_order(slot, order, ts_ns);
  }
}

void PositionMachine::send_cancel(const PositionSlot& slot, const OrderKey& key, Side side, std::int64_t ts_ns) {
  OrderRequest request;
  request.ts_ns = ts_ns;
  request.sequence = sequence_;
  request.key = key;
  request.instrument = id_of(slot);
  request.strategy = slot.owner;
  request.action = OrderAction::cancel;
  request.side = side;
  outputs_.commands.push(request);
  ++counters_.cancels_sent;
}

void PositionMachine::place(PositionSlot& slot, OrderPurpose leg, std::int64_t ts_ns, Qty part) {
  LegOrder* order = nullptr;
  for (LegOrder& candidate : slot.orders) {
    if (order == nullptr && candidate.state == LegState::free) order = &candidate;
  }
  MT_ASSERT(order != nullptr);  // 8 stops, 4 targets, 1 close (of the whole or a part) and 3 ghosts fill the table exactly
  std::uint16_t& attempt = slot.attempts[static_cast<std::size_t>(leg)];
  MT_ASSERT(attempt < kAttemptsMax);
  *order = {};
  order->intent_id = slot.intent_id;
  order->leg = leg;
  order->attempt = static_cast<std::uint8_t>(attempt++);
  order->state = LegState::sent;
  order->part = part.v != 0;
  order->leaves = {order->part ? part.v : slot.open_qty()};
  order->side = opposite(slot.direction());
  order->ts_sent_ns = ts_ns;

  OrderRequest request;
  request.ts_ns = ts_ns;
  request.sequence = sequence_;
  request.key = order->key();
  request.qty = order->leaves;
  request.instrument = id_of(slot);
  request.strategy = slot.owner;
  request.side = order->side;
  request.reduce_only = 1;
  if (leg == OrderPurpose::stop) {
    order->price = slot.plan.stop_price;
    order->moved = slot.plan.moved;
    request.type = OrderType::stop_market;
    request.trigger_price = order->price;
    request.trigger_ref = config_.trigger_ref;
    ++counters_.stops_placed;
  } else if (leg == OrderPurpose::target) {
    order->price = slot.plan.target_price;
    request.type = OrderType::take_profit_limit;
    request.price = request.trigger_price = order->price;
    request.trigger_ref = config_.trigger_ref;
    ++counters_.targets_placed;
  } else {
    request.type = OrderType::market;
    order->part ? ++counters_.parts_placed : ++counters_.closes_placed;
  }
  outputs_.commands.push(request);
}

void PositionMachine::halt(PositionSlot& slot, AlertCode code, std::int64_t ts_ns) {
  if (slot.halted) return;
  slot.halted = true;
  alert(code, id_of(slot), ts_ns);
  start_close(slot, ExitReason::emergency);
}

}  // namespace martinet

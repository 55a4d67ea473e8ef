// What the venue says about orders, fills apart.
#include <algorithm>

#include "engine/cold/position/position_machine.hpp"

namespace martinet {
namespace {
constexpr std::size_t kGhostsMax = 3;  // what the order table has left beside 8 stops, 4 targets and a close
}

// The record of an entry that is not done; made here if the venue knows of it before its decision reaches us. Null if the
// entry is an old one: its outcome was known already.
EntryOrder* PositionMachine::open_entry(PositionSlot& slot, const OrderKey& key, std::int64_t ts_ns) {
  if (EntryOrder* known = slot.find_entry(key); known != nullptr) return known;
  if (is_old(slot, key)) return nullptr;
  slot.intent_last = key.intent_id;
  slot.attempt_last = key.attempt;
  if (slot.exposure == Exposure::flat) {
    if (slot.intent_id != key.intent_id) slot.attempts = {};
    slot.intent_id = key.intent_id;
    if (key.attempt != 0) start_close(slot, ExitReason::emergency);  // a leg of a cycle that is over: it is not wanted any more
  }
  EntryOrder* entry = slot.free_entry();
  if (entry == nullptr) {
    halt(slot, AlertCode::entry_overlap, ts_ns);
    return nullptr;
  }
  *entry = {};
  entry->intent_id = key.intent_id;
  entry->attempt = key.attempt;
  entry->ts_first_ns = ts_ns;
  return entry;
}

// Entries are made in the order of (intent, attempt), one at a time.
bool PositionMachine::is_old(const PositionSlot& slot, const OrderKey& key) noexcept {
  return key.intent_id < slot.intent_last || (key.intent_id == slot.intent_last && key.attempt <= slot.attempt_last);
}

void PositionMachine::on_entry_event(PositionSlot& slot, const VenueEvent& event) {
  // A refused cancel says nothing of an entry that we have not heard of.
  EntryOrder* entry =
      event.kind == VenueEventKind::cancel_refused ? slot.find_entry(event.key) : open_entry(slot, event.key, event.ts_receive_ns);
  if (entry == nullptr) return;  // an answer that was known already
  if (slot.exposure == Exposure::flat) slot.owner = event.strategy;
  if (entry->side == Side::none) entry->side = event.side;
  switch (event.kind) {
    case VenueEventKind::accepted:
    case VenueEventKind::triggered:
      entry->seen = true;
      entry->overdue = false;
      return;
    case VenueEventKind::rejected:
    case VenueEventKind::cancelled:
      entry_done(slot, *entry, event.ts_receive_ns);
      return;
    case VenueEventKind::cancel_refused:
      // Proof only if the venue had shown the order: a cancel on the protective line may overtake the entry.
      if (entry->seen && entry->cancel_asked) entry_done(slot, *entry, event.ts_receive_ns);
      return;
    case VenueEventKind::filled:
      return;  // fills.cpp
    default:
      return;  // answers are not about one order's life
  }
}

void PositionMachine::on_order_event(PositionSlot& slot, const VenueEvent& event) {
  LegOrder* order = slot.find_order(event.key);
  if (order == nullptr) {
    if (event.kind == VenueEventKind::accepted) on_unlisted_accept(slot, event);
    return;
  }
  order->overdue = false;
  const LegOrder before = *order;
  switch (event.kind) {
    case VenueEventKind::accepted:
      if (order->state == LegState::unconfirmed) {
        order->state = LegState::live;  // the second source
      } else if (order->state == LegState::sent) {
        const bool wait = order->leg == OrderPurpose::stop && config_.stop_needs_confirmation;
        order->state = wait ? LegState::unconfirmed : LegState::live;
      }
      return;
    case VenueEventKind::triggered:
      order->state = LegState::live;
      if (order->ts_triggered_ns == 0) order->ts_triggered_ns = event.ts_receive_ns;
      return;
    case VenueEventKind::rejected:
      order->state = LegState::free;
      if (!before.wanted() || slot.open_qty() == 0) return;
      if (before.leg == OrderPurpose::close) on_close_rejected(slot, before, event.ts_receive_ns);
      if (before.leg == OrderPurpose::stop && before.leaves.v >= slot.open_qty()) {
        on_stop_rejected(slot, before, event.reason, event.ts_receive_ns);
      }
      if (before.leg == OrderPurpose::target) {
        slot.target_refused_qty = {std::max(slot.target_refused_qty.v, before.leaves.v)};
        alert(AlertCode::target_rejected, id_of(slot), event.ts_receive_ns);
      }
      return;
    case VenueEventKind::cancel_refused:
      if (!before.cancel_asked) return;
      [[fallthrough]];
    case VenueEventKind::cancelled:
      order->state = LegState::free;
      on_order_gone(slot, before, event.ts_receive_ns);
      return;
    case VenueEventKind::filled:
      return;  // fills.cpp
    default:
      return;  // answers are not about one order's life
  }
}

// We held the order for dead (or it is an old answer told twice). It must not stay: cancelled now, and followed until it is gone
// where a position is there to follow it with.
void PositionMachine::on_unlisted_accept(PositionSlot& slot, const VenueEvent& event) {
  ++counters_.ghosts_cancelled;
  LegOrder* place = nullptr;
  std::size_t ghosts = 0;
  for (LegOrder& order : slot.orders) {
    if (order.state == LegState::free) place = &order;
    if (order.state != LegState::free && order.ghost) ++ghosts;
  }
  const bool follow = slot.exposure == Exposure::open || slot.exposure == Exposure::closing;
  if (!follow || place == nullptr || ghosts == kGhostsMax) {
    send_cancel(slot, event.key, event.side, event.ts_receive_ns);
    return;
  }
  *place = {};
  place->intent_id = event.key.intent_id;
  place->leg = event.key.leg;
  place->attempt = event.key.attempt;
  place->state = LegState::live;
  place->leaves = event.leaves_qty;
  place->side = event.side;
  place->ts_sent_ns = event.ts_receive_ns;
  place->ghost = true;
  cancel_order(slot, *place, event.ts_receive_ns);
}

void PositionMachine::on_stop_rejected(PositionSlot& slot, const LegOrder& order, Errc reason, std::int64_t ts_ns) {
  if (const LegOrder* cover = slot.cover(OrderPurpose::stop); cover != nullptr && cover->price != slot.plan.stop_price) {
    on_move_rejected(slot, order, *cover, reason, ts_ns);
    return;
  }
  if (reason == Errc::would_trigger) {
    slot.stop_failed = slot.stop_hopeless = true;
    if (!slot.close_wanted) alert(AlertCode::stop_would_trigger, id_of(slot), ts_ns);
    start_close(slot, order.moved ? ExitReason::trailing : ExitReason::emergency);
    return;
  }
  ++slot.stop_rejects;
  if (slot.stop_rejects <= static_cast<std::uint32_t>(config_.stop_retries)) {
    alert(AlertCode::stop_rejected, id_of(slot), ts_ns);
    slot.stop_retry_at_ns = ts_ns + config_.stop_retry_ns;
    retreat(slot);
    return;
  }
  slot.stop_failed = true;
  if (!slot.close_wanted) alert(AlertCode::stop_failed, id_of(slot), ts_ns);
  start_close(slot, ExitReason::emergency);
}

// The position is covered at another price: the stop was to be moved. One that would trigger has been passed by the price already,
// so the move is done by closing; the cover stays until that is through.
void PositionMachine::on_move_rejected(PositionSlot& slot, const LegOrder& order, const LegOrder& cover, Errc reason, std::int64_t ts_ns) {
  if (order.price == slot.plan.stop_price || reason == Errc::would_trigger) {
    give_up_move(slot, cover, ts_ns);
  } else {
    alert(AlertCode::stop_move_refused, id_of(slot), ts_ns);  // one further on has been asked for meanwhile: that is tried
  }
  if (reason == Errc::would_trigger) start_close(slot, order.moved ? ExitReason::trailing : ExitReason::sl);
}

// A stop for a grown quantity was refused at the price the strategy has moved it to: the next attempt is made where a smaller one
// was accepted.
void PositionMachine::retreat(PositionSlot& slot) noexcept {
  const LegOrder* accepted = slot.newest_live(OrderPurpose::stop, 1);
  if (!slot.plan.moved || accepted == nullptr || !within_admitted(slot, accepted->price)) return;
  slot.plan.stop_price = accepted->price;
  slot.plan.moved = accepted->moved;
}

void PositionMachine::on_close_rejected(PositionSlot& slot, const LegOrder& order, std::int64_t ts_ns) {
  if (order.part) {
    ++counters_.parts_refused;
    alert(AlertCode::part_refused, id_of(slot), ts_ns);  // a close of the whole that waited for it goes out now
    return;
  }
  alert(AlertCode::close_rejected, id_of(slot), ts_ns);
  const std::uint32_t doublings = std::min<std::uint32_t>(slot.close_rejects, 16);
  ++slot.close_rejects;
  slot.close_retry_at_ns = ts_ns + std::min(config_.close_retry_ns << doublings, config_.close_retry_ns_max);
  // The position stays open for a while yet: a stop that was given up gets one more attempt, unless none can help.
  if (slot.stop_failed && !slot.stop_hopeless) {
    slot.stop_failed = false;
    slot.stop_rejects = static_cast<std::uint32_t>(config_.stop_retries);
  }
}

// Cancelled, or not there when we cancelled it.
void PositionMachine::on_order_gone(PositionSlot& slot, const LegOrder& order, std::int64_t ts_ns) {
  if (slot.open_qty() == 0 || order.ghost) return;
  if (order.leg == OrderPurpose::close) on_close_rejected(slot, order, ts_ns);
  if (order.cancel_asked || order.leaves.v < slot.open_qty()) return;
  if (order.leg == OrderPurpose::target) {
    slot.target_refused_qty = {slot.open_qty()};
    alert(AlertCode::target_rejected, id_of(slot), ts_ns);
  }
  if (order.leg != OrderPurpose::stop) return;
  if (order.ts_triggered_ns != 0) {
    alert(AlertCode::stop_unfilled, id_of(slot), ts_ns);
    slot.stop_failed = slot.stop_hopeless = true;
    start_close(slot, order.moved ? ExitReason::trailing : ExitReason::sl);
    return;
  }
  const LegOrder* cover = slot.cover(OrderPurpose::stop);
  if (cover != nullptr && cover->price != slot.plan.stop_price) {  // the cover is whole: only a move has come to nothing
    if (order.price == slot.plan.stop_price) give_up_move(slot, *cover, ts_ns);
    return;
  }
  alert(AlertCode::stop_vanished, id_of(slot), ts_ns);
  // Placed again at once; but whoever cancels every stop within moments does not get a storm of new ones.
  if (slot.stop_vanished_ns != 0 && ts_ns - slot.stop_vanished_ns < config_.stop_retry_ns) {
    slot.stop_retry_at_ns = ts_ns + config_.stop_retry_ns;
  }
  slot.stop_vanished_ns = ts_ns;
}

}  // namespace martinet

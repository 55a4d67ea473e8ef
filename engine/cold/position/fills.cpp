// Fills: truth, whatever we thought of the order they belong to.
#include <algorithm>
#include <bit>

#include "engine/base/assert.hpp"
#include "engine/cold/position/cycle_stop.hpp"
#include "engine/cold/position/position_machine.hpp"

namespace martinet {
namespace {

constexpr Qty signed_qty(const VenueEvent& event) noexcept { return event.side == Side::buy ? event.fill_qty : -event.fill_qty; }

// `order` is null where it was held for dead already.
ExitReason reason_of(const PositionSlot& slot, const VenueEvent& event, const LegOrder* order) noexcept {
  const OrderPurpose leg = event.key.leg;
  if (event.kind == VenueEventKind::liquidated) return ExitReason::liquidation;
  if (leg == OrderPurpose::stop) return (order != nullptr ? order->moved : slot.plan.moved) ? ExitReason::trailing : ExitReason::sl;
  if (leg == OrderPurpose::target) return ExitReason::tp;
  if (order != nullptr && order->part) return ExitReason::partial;
  return slot.close_reason == ExitReason::none ? ExitReason::unknown : slot.close_reason;
}

// A fill of a reduce-only order fits what we hold, or it may have come before an entry turned that.
bool explained(const PositionSlot& slot, const VenueEvent& event) noexcept {
  return slot.turned || (event.side == opposite(slot.direction()) && event.fill_qty.v <= slot.open_qty());
}

}  // namespace

bool PositionMachine::is_duplicate(PositionSlot& slot, const VenueEvent& event) noexcept {
  if (event.trade_id == 0) return false;  // the port promises ids; without one there is nothing to compare
  for (const std::uint64_t seen : slot.trades) {
    if (seen == event.trade_id) return true;
  }
  slot.trades[slot.trade_next] = event.trade_id;
  slot.trade_next = static_cast<std::uint32_t>((slot.trade_next + 1) % kSlotTradesMax);
  return false;
}

void PositionMachine::on_entry_fill(PositionSlot& slot, const VenueEvent& event) {
  const std::uint64_t intent = event.key.intent_id;
  EntryOrder* entry = open_entry(slot, event.key, event.ts_receive_ns);
  if (slot.exposure == Exposure::flat && slot.intent_id != intent) {
    // An entry older than the last plan: what its orders were numbered is forgotten, so the numbers start where none were.
    slot.intent_id = intent;
    slot.attempts.fill(kAttemptsMax / 2);
  }
  if (slot.exposure == Exposure::flat) {
    slot.owner = slot.plan.intent_id == intent ? slot.plan.strategy : event.strategy;
    if (event.key.attempt != 0) start_close(slot, ExitReason::emergency);  // a leg of a cycle that is over
  }
  const bool late_stranger = entry == nullptr && slot.plan.intent_id != intent;
  if (slot.intent_id != intent || late_stranger) {
    alert(AlertCode::unexpected_fill, id_of(slot), event.ts_receive_ns);
    start_close(slot, ExitReason::emergency);
  }
  if (entry != nullptr) {
    entry->seen = true;
    entry->overdue = false;
    if (entry->side == Side::none) entry->side = event.side;
    entry->filled = entry->filled + event.fill_qty;
    entry->cost += static_cast<Area>(event.fill_price.v) * event.fill_qty.v;
    if (entry->qty.v == 0) entry->qty = entry->filled + event.leaves_qty;
  }
  if (slot.intent_id == intent) slot.legs_filled[event.key.attempt / 64u] |= std::uint64_t{1} << event.key.attempt % 64u;
  slot.stop_retry_at_ns = 0;  // a new quantity is protected at once, whatever the last stop met

  slot.turned |= slot.open_qty() != 0 && event.side != slot.direction();  // only a stranger's can be
  apply_by_sign(slot, event, ExitReason::unknown);
  if (entry != nullptr && entry->filled >= entry->qty) entry_done(slot, *entry, event.ts_receive_ns);
  replay_early(slot);
}

// Reduces what is open the other way, and opens or adds with the rest.
void PositionMachine::apply_by_sign(PositionSlot& slot, const VenueEvent& event, ExitReason reason) {
  const std::int64_t against = event.side == opposite(slot.direction()) ? std::min(slot.open_qty(), event.fill_qty.v) : 0;
  if (against == 0) {
    increase(slot, event);
    return;
  }
  VenueEvent part = event;
  part.fill_qty = {against};
  MT_ASSERT(mul_div_down(event.fee.v, against, event.fill_qty.v, part.fee.v) == Errc::ok);
  reduce(slot, part, reason);
  part.fee = event.fee - part.fee;
  part.fill_qty = {event.fill_qty.v - against};
  if (part.fill_qty.v != 0) increase(slot, part);
}

void PositionMachine::on_reduce_fill(PositionSlot& slot, const VenueEvent& event) {
  LegOrder* order = slot.find_order(event.key);
  const ExitReason reason = reason_of(slot, event, order);
  if (order != nullptr) {
    if (order->state == LegState::sent) order->state = LegState::live;  // its acceptance is on the way, or lost
    order->overdue = false;
    order->leaves.v -= std::min(order->leaves.v, event.fill_qty.v);
    if (order->leaves.v == 0 || event.leaves_qty.v == 0) order->state = LegState::free;
  }
  if (event.key.leg == OrderPurpose::close) {
    slot.close_rejects = 0;
    slot.close_retry_at_ns = 0;
  }
  if (!explained(slot, event)) {
    hold_back(slot, event, reason);
    return;
  }
  apply_by_sign(slot, event, reason);
}

// A reduce-only order cannot turn a position, so a fill larger than what we hold means that an entry fill has not reached us.
void PositionMachine::hold_back(PositionSlot& slot, const VenueEvent& event, ExitReason reason) {
  if (slot.early_count == kSlotEarlyMax) {
    halt(slot, AlertCode::reduce_unexplained, event.ts_receive_ns);
    return;
  }
  if (slot.early_count == 0) slot.early_since_ns = event.ts_receive_ns;
  slot.early_reasons[slot.early_count] = reason;
  slot.early[slot.early_count++] = event;
}

void PositionMachine::replay_early(PositionSlot& slot) {
  std::uint32_t i = 0;
  while (i < slot.early_count) {
    if (!explained(slot, slot.early[i])) {
      ++i;
      continue;
    }
    const VenueEvent event = slot.early[i];
    const ExitReason reason = slot.early_reasons[i];
    for (std::uint32_t j = i + 1; j < slot.early_count; ++j) {
      slot.early[j - 1] = slot.early[j];
      slot.early_reasons[j - 1] = slot.early_reasons[j];
    }
    slot.early[--slot.early_count] = {};
    slot.early_reasons[slot.early_count] = {};
    apply_by_sign(slot, event, reason);
    i = 0;
  }
  if (slot.early_count == 0) {
    slot.early_since_ns = 0;
    slot.orphan = false;
  }
}

void PositionMachine::increase(PositionSlot& slot, const VenueEvent& event) {
  const bool opens = slot.basis.qty.v == 0;
  slot.basis.increase(event.fill_price, signed_qty(event), event.fee);
  follow_average(slot);
  if (slot.ts_opened_ns == 0) slot.ts_opened_ns = event.ts_receive_ns;
  if (!has_price(slot.bid_price)) slot.bid_price = slot.ask_price = event.fill_price;
  account_.book_fee(slot.owner, event.fee);
  execution(slot, event, slot.basis.entry_price(), {}, opens ? ExecutionEvent::open : ExecutionEvent::add, ExitReason::none);
}

// A leg has filled: the cycle's stop and target stand where the new average puts them. That is the only time at which a stop may
// widen; one that the strategy has moved nearer stays where it is.
void PositionMachine::follow_average(PositionSlot& slot) noexcept {
  PositionPlan& plan = slot.plan;
  if (!plan.is_cycle() || !slot.stop_possible()) return;
  const InstrumentRules& rules = instrument_of(slot).rules;
  const Price stop = stop_of_average(rules, slot.basis, plan.stop_rate, loss_left(slot.basis, plan.loss_max));
  const bool nearer = plan.moved && (plan.direction == Side::buy ? plan.stop_price > stop : plan.stop_price < stop);
  if (has_price(stop) && !nearer) {
    plan.stop_price = stop;
    plan.moved = false;
  }
  if (plan.target_rate.v > 0) plan.target_price = target_of_average(rules, slot.basis, plan.target_rate);
}

void PositionMachine::reduce(PositionSlot& slot, const VenueEvent& event, ExitReason reason) {
  const Price entry_price = slot.basis.entry_price();
  const Side direction = slot.direction();
  Realised realised;
  if (slot.basis.reduce(instrument_of(slot), event.fill_price, event.fill_qty, realised) != Errc::ok) {
    halt(slot, AlertCode::overflow, event.ts_receive_ns);
  }
  const Money pnl_net = realised.price_pnl - realised.entry_fees - event.fee;
  slot.trade_pnl = slot.trade_pnl + pnl_net;
  account_.book_fee(slot.owner, event.fee);
  account_.book_pnl(slot.owner, realised.price_pnl, pnl_net);
  const bool closed = slot.basis.qty.v == 0;
  execution(slot, event, entry_price, pnl_net, closed ? ExecutionEvent::close : ExecutionEvent::reduce, reason);
  MT_ASSERT(direction == opposite(event.side));
  if (!closed) return;
  account_.book_trade(slot.owner, slot.trade_pnl);
  slot.trade_pnl = {};
  slot.basis = {};
}

void PositionMachine::execution(PositionSlot& slot, const VenueEvent& event, Price entry_price, Money pnl_net, ExecutionEvent kind,
                                ExitReason reason) {
  const bool planned = slot.plan.intent_id == slot.intent_id;
  const bool reducing = kind == ExecutionEvent::reduce || kind == ExecutionEvent::close;
  Execution line;
  line.ts_ns = event.ts_exchange_ns != 0 ? event.ts_exchange_ns : event.ts_receive_ns;
  line.venue_order_id = event.venue_order_id;
  line.trade_id = event.trade_id;
  line.key = event.key;
  line.qty = event.fill_qty;
  line.price = event.fill_price;
  line.entry_price = entry_price;
  line.stop_price = planned ? slot.plan.stop_price : kNoPrice;
  line.target_price = planned ? slot.plan.target_price : kNoPrice;
  line.fee = event.fee;
  line.pnl_net = pnl_net;
  line.balance = account_.balance();
  line.score = planned ? std::bit_cast<double>(slot.plan.score_bits) : 0;
  line.instrument = id_of(slot);
  line.strategy = slot.owner;
  line.event = kind;
  line.direction = reducing ? opposite(event.side) : event.side;
  line.side = event.side;
  line.regime = planned ? slot.plan.regime : MarketRegime::unknown;
  line.exit_reason = reason;
  line.maker = event.maker;
  outputs_.executions.push(line);
  account_.book_execution(slot.owner);
}

void PositionMachine::entry_done(PositionSlot& slot, EntryOrder& entry, std::int64_t ts_ns) {
  slot.request_done = std::max(slot.request_done, entry.request_id);
  if (entry.filled.v == 0) {
    ++counters_.entries_unfilled;
  } else {
    check_slippage(slot, entry, ts_ns);
  }
  entry = {};
}

// |VWAP - reference| / reference > guard, in integers: |cost - reference x qty| x unit > guard x reference x qty.
void PositionMachine::check_slippage(const PositionSlot& slot, const EntryOrder& entry, std::int64_t ts_ns) {
  if (entry.reference_price.v <= 0) return;  // done before its decision came
  const Area expected = static_cast<Area>(entry.reference_price.v) * entry.filled.v;
  const Area distance = entry.cost > expected ? entry.cost - expected : expected - entry.cost;
  Area left = 0;
  Area right = 0;
  const bool too_large = __builtin_mul_overflow(distance, static_cast<Area>(kRateUnit), &left) ||
                         __builtin_mul_overflow(expected, static_cast<Area>(config_.slippage_guard.v), &right);
  if (too_large || left > right) alert(AlertCode::slippage, id_of(slot), ts_ns);
}

}  // namespace martinet

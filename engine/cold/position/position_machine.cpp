#include "engine/cold/position/position_machine.hpp"

#include <algorithm>
#include <bit>

#include "engine/base/assert.hpp"
#include "engine/cold/position/cycle_stop.hpp"

namespace martinet {
namespace {
// No venue fills so much at once; beyond it sums of a position's fills could leave 64 bits.
constexpr std::int64_t kFillMax = std::int64_t{1} << 54;
constexpr std::int64_t kTargetRateMax = 100 * kRateUnit;  // a hundredfold: beyond any plan, and products with it stay in range
}  // namespace

PositionMachine::PositionMachine(const InstrumentTable& instruments, const PositionConfig& config, Capabilities capabilities)
    : instruments_(instruments),
      config_(config),
      capabilities_(capabilities),
      slots_(instruments.size()),
      account_(config.initial_balance),
      equity_sent_(config.initial_balance),
      balance_sent_(config.initial_balance) {
  MT_ASSERT(config.leverage >= 1 && config.leverage <= 125);
  MT_ASSERT(config.stop_retries >= 0 && config.stop_retry_ns > 0 && config.stop_deadline_ns > 0 && config.stop_watchdog_ns > 0);
  MT_ASSERT(config.close_retry_ns > 0 && config.close_retry_ns <= config.close_retry_ns_max && config.close_retry_ns_max < kNanosPerDay);
  MT_ASSERT(config.answer_ns > 0 && config.guard_ttl_ns > 0);
  if (!capabilities_.trigger_on_mark) config_.trigger_ref = TriggerRef::last;
  for (std::size_t i = 0; i < slots_.size(); ++i) slots_[i].view.instrument = static_cast<InstrumentId>(i);
}

void PositionMachine::finish(PositionSlot& slot, Cause cause, std::int64_t ts_ns) {
  if (slot.overflowed && !slot.halted) halt(slot, AlertCode::overflow, ts_ns);
  drive(slot, ts_ns);
  summarise(slot, cause, ts_ns);
  finish_account(ts_ns);
}

void PositionMachine::apply_decision(const GateDecision& decision) {
  const OrderIntent& intent = decision.intent;
  const OrderKey& key = decision.request.key;  // its intent is the cycle's where a level is added
  sequence_ = std::max(sequence_, intent.sequence);
  if (decision.verdict != Verdict::admitted || !is_entry(intent.action)) return;
  const std::int64_t ts_ns = decision.request.ts_ns;
  if (intent.instrument >= slots_.size() || key.intent_id == 0) {
    alert(AlertCode::bad_event, intent.instrument, ts_ns);
    return;
  }
  PositionSlot& slot = slots_[intent.instrument];
  const std::uint64_t request_id = decision.request.request_id;
  const bool adds_level = intent.action == IntentAction::add_level;
  const bool was_flat = slot.exposure == Exposure::flat;
  EntryOrder* entry = slot.find_entry(key);
  const bool over = entry == nullptr && is_old(slot, key);  // its venue events came first, to the end
  if (!over && entry == nullptr) {
    if (!was_flat && !belongs_to_cycle(slot, decision)) {
      alert(AlertCode::entry_overlap, intent.instrument, ts_ns);
      start_close(slot, ExitReason::emergency);
    }
    entry = open_entry(slot, key, ts_ns);
  }
  if (was_flat && !over) slot.owner = intent.strategy;
  if (!adds_level && slot.intent_id == key.intent_id && slot.plan.intent_id != key.intent_id) {
    take_plan(slot, decision);
    follow_average(slot);  // its fills may have come first
    slot.stop_failed = slot.stop_hopeless = false;
  }
  if (over) slot.request_done = std::max(slot.request_done, request_id);
  if (entry != nullptr) {
    entry->request_id = request_id;
    entry->qty = decision.request.qty;
    entry->side = decision.request.side;
    entry->reference_price = intent.reference_price;
    if (entry->filled >= entry->qty) entry_done(slot, *entry, ts_ns);
  }
  finish(slot, Cause::decision, ts_ns);
}

bool PositionMachine::belongs_to_cycle(const PositionSlot& slot, const GateDecision& decision) noexcept {
  const PositionPlan& plan = slot.plan;
  return decision.intent.action == IntentAction::add_level && plan.is_cycle() && plan.intent_id == slot.intent_id &&
         decision.request.key.intent_id == plan.intent_id && decision.request.side == plan.direction &&
         decision.intent.strategy == plan.strategy;
}

void PositionMachine::take_plan(PositionSlot& slot, const GateDecision& decision) noexcept {
  const OrderIntent& intent = decision.intent;
  PositionPlan plan;
  plan.intent_id = decision.request.key.intent_id;
  plan.stop_price = intent.stop_price;
  plan.target_price = intent.target_price;
  plan.score_bits = std::bit_cast<std::uint64_t>(intent.score);
  plan.strategy = intent.strategy;
  plan.direction = intent.action == IntentAction::enter_long ? Side::buy : Side::sell;
  plan.regime = intent.regime;
  if (intent.opens_cycle()) {
    // Without sound terms it stays a single position behind the stop of its first level, which is the nearest.
    plan.loss_max = admitted_loss(intent.level_count, decision.request.qty, intent.worst_average, intent.stop_rate);
    plan.stop_rate = intent.stop_rate;
    plan.target_rate = intent.target_rate.v <= kTargetRateMax ? intent.target_rate : Rate{};
    plan.target_price = kNoPrice;
  }
  slot.plan = plan;
}

void PositionMachine::apply_exit(const OrderIntent& intent) {
  sequence_ = std::max(sequence_, intent.sequence);
  if (intent.instrument >= slots_.size()) {
    alert(AlertCode::bad_event, intent.instrument, intent.ts_receive_ns);
    return;
  }
  PositionSlot& slot = slots_[intent.instrument];
  const bool part = intent.action == IntentAction::exit_part;
  const bool anybody = intent.strategy == kNoStrategy && slot.exposure == Exposure::opening && !part;
  const bool owned = intent.strategy == kNoStrategy || intent.strategy == slot.owner;
  const bool meant = part || intent.action == IntentAction::exit;
  if (!meant || (!anybody && (slot.exposure != Exposure::open || !owned))) {
    ++counters_.exits_ignored;
    return;
  }
  if (part) {
    close_part(slot, intent);
    return;
  }
  start_close(slot, intent.exit_reason == ExitReason::none ? ExitReason::signal : intent.exit_reason);
  finish(slot, Cause::exit, intent.ts_receive_ns);
}

// Stop and target stay: they are reduce-only, so that they close no more than is left.
void PositionMachine::close_part(PositionSlot& slot, const OrderIntent& intent) {
  const bool sound = intent.part.v > 0 && intent.part.v < kRateUnit;
  const bool busy = slot.count_orders(OrderPurpose::close) != 0;
  if (!sound || busy || slot.attempts[static_cast<std::size_t>(OrderPurpose::close)] >= kPartAttemptsMax) {
    ++counters_.exits_ignored;
    return;
  }
  const InstrumentRules& rules = instrument_of(slot).rules;
  Qty qty{};
  MT_ASSERT(mul_div_down(slot.open_qty(), intent.part.v, kRateUnit, qty.v) == Errc::ok);
  qty = lot_down(rules, qty);
  if (qty.v == 0 || qty < rules.qty_min) {
    ++counters_.parts_too_small;
    return;
  }
  place(slot, OrderPurpose::close, intent.ts_receive_ns, qty);
  finish(slot, Cause::adjust, intent.ts_receive_ns);
}

void PositionMachine::apply_stop_move(const OrderIntent& intent) {
  sequence_ = std::max(sequence_, intent.sequence);
  if (intent.instrument >= slots_.size()) {
    alert(AlertCode::bad_event, intent.instrument, intent.ts_receive_ns);
    return;
  }
  PositionSlot& slot = slots_[intent.instrument];
  const bool own = slot.exposure == Exposure::open && intent.strategy == slot.owner && slot.stop_possible();
  const bool sound = intent.action == IntentAction::move_stop && intent.stop_price.v > 0 && intent.stop_price.v <= kAmountMax;
  if (!own || !sound) {
    ++counters_.stop_moves_ignored;
    return;
  }
  const bool buy = slot.plan.direction == Side::buy;
  const InstrumentRules& rules = instrument_of(slot).rules;
  const Price price = buy ? tick_up(rules, intent.stop_price) : tick_down(rules, intent.stop_price);
  if (price.v == 0 || (buy ? price <= slot.plan.stop_price : price >= slot.plan.stop_price)) {
    ++counters_.stop_moves_ignored;
    return;
  }
  ++counters_.stop_moves;
  slot.plan.stop_price = price;
  slot.plan.moved = true;
  finish(slot, Cause::adjust, intent.ts_receive_ns);
}

void PositionMachine::apply_venue_event(const VenueEvent& event) {
  if (is_answer(event.kind)) return;
  // A closing by the venue itself is the fill of an order of nobody's.
  const bool liquidated = event.kind == VenueEventKind::liquidated;
  const bool fill = event.kind == VenueEventKind::filled || liquidated;
  const bool in_range =
      event.fill_qty.v <= kFillMax && event.leaves_qty.v <= kFillMax && event.fee.v <= kFillMax && event.fee.v >= -kFillMax;
  const bool sound_fill = in_range && event.fill_qty.v > 0 && event.leaves_qty.v >= 0 && has_price(event.fill_price) &&
                          (event.side == Side::buy || event.side == Side::sell);
  if (event.instrument >= slots_.size() || (event.key.intent_id == 0 && !liquidated) || (fill && !sound_fill)) {
    alert(AlertCode::bad_event, event.instrument, event.ts_receive_ns);
    return;
  }
  PositionSlot& slot = slots_[event.instrument];
  const bool entry = event.key.leg == OrderPurpose::entry && !liquidated;
  if (fill && is_duplicate(slot, event)) {
    ++counters_.fills_duplicate;
    return;
  }
  if (liquidated) alert(AlertCode::liquidated, event.instrument, event.ts_receive_ns);
  if (fill) {
    ++counters_.fills;
    entry ? on_entry_fill(slot, event) : on_reduce_fill(slot, event);
  } else {
    entry ? on_entry_event(slot, event) : on_order_event(slot, event);
  }
  const Cause cause = fill ? (entry ? Cause::entry_fill : Cause::reduce_fill) : (entry ? Cause::entry_event : Cause::order_event);
  finish(slot, cause, event.ts_receive_ns);
}

void PositionMachine::apply_mark(const Tick& tick) {
  sequence_ = std::max(sequence_, tick.sequence);
  if (tick.instrument >= slots_.size() || !has_price(tick.bid_price)) return;
  PositionSlot& slot = slots_[tick.instrument];
  const bool two_sided = tick.kind == TickKind::quote && has_price(tick.ask_price);
  slot.bid_price = tick.bid_price;
  slot.ask_price = two_sided ? tick.ask_price : tick.bid_price;
  if (slot.basis.qty.v != 0) revalue(slot, tick.ts_receive_ns);
  finish_account(tick.ts_receive_ns);
}

void PositionMachine::apply_timer(PositionSlot& slot, std::int64_t ts_ns) {
  check_answers(slot, ts_ns);
  check_deadlines(slot, ts_ns);
  finish(slot, Cause::timer, ts_ns);
}

std::int64_t PositionMachine::next_deadline_ns() const noexcept {
  std::int64_t next = guard_.version == 0 ? kNever : guard_.ts_ns + config_.guard_ttl_ns / 4;
  for (const PositionSlot& slot : slots_) {
    if (needs_timer(slot)) next = std::min(next, deadline_of(slot));
  }
  return next;
}

// The earliest stamp at which check_answers, check_deadlines or drive would act.
std::int64_t PositionMachine::deadline_of(const PositionSlot& slot) const noexcept {
  std::int64_t next = kNever;
  const auto at = [&next](std::int64_t ts_ns) { next = std::min(next, ts_ns); };
  for (const LegOrder& order : slot.orders) {
    if (order.state == LegState::free) continue;
    if (cancel_is_due(slot, order)) at(order.ts_cancel_ns + config_.answer_ns);
    if (!order.cancel_asked && order.leg == OrderPurpose::close) at(order.ts_sent_ns + config_.answer_ns);
    if (order.state == LegState::sent && !order.overdue) at(order.ts_sent_ns + config_.answer_ns);
    if (order.leg == OrderPurpose::stop && order.ts_triggered_ns != 0 && !slot.close_wanted && slot.open_qty() != 0) {
      at(order.ts_triggered_ns + config_.stop_watchdog_ns);
    }
  }
  for (const EntryOrder& entry : slot.entries) {
    if (entry.intent_id == 0) continue;
    if (!entry.seen && !entry.overdue) at(entry.ts_first_ns + config_.answer_ns);
    if (entry.cancel_asked) at(entry.ts_cancel_ns + config_.answer_ns);
  }
  if (slot.early_count != 0 && !slot.orphan) at(slot.early_since_ns + config_.stop_deadline_ns);
  if (slot.open_qty() == 0) return next;
  if (slot.unprotected_since_ns != 0 && !slot.close_wanted) at(slot.unprotected_since_ns + config_.stop_deadline_ns);
  if (slot.stop_possible()) next = std::min(next, stop_deadline_of(slot));
  if (slot.close_wanted && !slot.halted && slot.count_orders(OrderPurpose::close) == 0) at(slot.close_retry_at_ns);
  return next;
}

// The same of drive_stop and drive_move.
std::int64_t PositionMachine::stop_deadline_of(const PositionSlot& slot) const noexcept {
  const LegOrder* cover = slot.cover(OrderPurpose::stop);
  if (cover == nullptr) {
    const bool waits = !slot.stop_failed && !slot.cover_under_way(OrderPurpose::stop);
    return waits && slot.count_orders(OrderPurpose::stop) < kSlotStopsMax ? slot.stop_retry_at_ns : kNever;
  }
  if (slot.cover(OrderPurpose::stop, slot.plan.stop_price) != nullptr) return kNever;
  std::int64_t next = kNever;
  for (const LegOrder& order : slot.orders) {
    if (order.is(OrderPurpose::stop) && order.wanted() && order.state != LegState::live) next = std::min(next, move_deadline_ns(order));
  }
  if (next != kNever) return next;
  return !slot.close_wanted && slot.count_orders(OrderPurpose::stop) < kSlotMovesMax ? slot.stop_retry_at_ns : kNever;
}

}  // namespace martinet

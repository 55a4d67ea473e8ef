// From facts to words: the three regions, the view the gate sees, and the sums of the account.
#include <algorithm>
#include <bit>

#include "engine/base/assert.hpp"
#include "engine/cold/position/position_machine.hpp"
#include "engine/cold/position/transitions.hpp"

namespace martinet {
namespace {

Exposure exposure_of(const PositionSlot& slot) noexcept {
  if (slot.open_qty() != 0) return slot.close_wanted || slot.halted ? Exposure::closing : Exposure::open;
  if (slot.halted || slot.orphan) return Exposure::closing;
  const bool entries = slot.has_entries();
  const bool orders = slot.has_orders();
  if (!entries && !orders && slot.early_count == 0) return Exposure::flat;
  return slot.close_wanted || slot.ts_opened_ns != 0 || orders || !entries ? Exposure::closing : Exposure::opening;
}

Protection protection_of(const PositionSlot& slot) noexcept {
  const std::int64_t qty = slot.open_qty();
  if (qty == 0) return Protection::none;  // what is left over is being cancelled: that is `closing`
  bool unconfirmed = false;
  for (const LegOrder& order : slot.orders) {
    unconfirmed |= order.is(OrderPurpose::stop) && order.wanted() && order.state == LegState::unconfirmed;
  }
  const std::int64_t covered = slot.covered_qty();
  if (covered >= qty) return Protection::live;
  const bool given_up = slot.stop_failed || (slot.planless() && slot.close_wanted);
  if (given_up && !slot.cover_under_way(OrderPurpose::stop)) return Protection::failed;
  return covered > 0 ? Protection::replacing : unconfirmed ? Protection::unconfirmed : Protection::placing;
}

Knowledge knowledge_of(const PositionSlot& slot) noexcept {
  if (slot.halted) return Knowledge::halted;
  if (slot.orphan) return Knowledge::orphan;
  bool unknown = slot.early_count != 0 || slot.planless();
  for (const LegOrder& order : slot.orders) unknown |= order.state != LegState::free && order.overdue;
  for (const EntryOrder& entry : slot.entries) unknown |= entry.intent_id != 0 && entry.overdue;
  return unknown ? Knowledge::unknown : Knowledge::known;
}

std::uint64_t covered_request(const PositionSlot& slot) noexcept {
  std::uint64_t covered = slot.request_done;
  for (const EntryOrder& entry : slot.entries) {
    if (entry.intent_id != 0 && entry.request_id != 0) covered = std::min(covered, entry.request_id - 1);
  }
  return std::max(covered, slot.view.covers_request);
}

std::uint8_t legs_filled(const PositionSlot& slot) noexcept {
  int count = 0;
  for (const std::uint64_t bits : slot.legs_filled) count += std::popcount(bits);
  return static_cast<std::uint8_t>(std::min(count, 255));
}

bool counts(Exposure exposure) noexcept { return exposure == Exposure::open || exposure == Exposure::closing; }

}  // namespace

void PositionMachine::summarise(PositionSlot& slot, Cause cause, std::int64_t ts_ns) {
  const Exposure exposure = exposure_of(slot);
  if (exposure == Exposure::flat) settle_flat(slot);
  const Protection protection = protection_of(slot);
  const Knowledge knowledge = knowledge_of(slot);
  MT_ASSERT(transitions::allowed(cause, slot.exposure, exposure));
  MT_ASSERT(transitions::allowed(cause, slot.protection, protection));
  MT_ASSERT(transitions::allowed(slot.knowledge, knowledge));
  MT_ASSERT(!transitions::forbidden(exposure, protection, knowledge));
  open_positions_ += (counts(exposure) ? 1u : 0u) - (counts(slot.exposure) ? 1u : 0u);
  slot.exposure = exposure;
  slot.protection = protection;
  slot.knowledge = knowledge;
  revalue(slot, ts_ns);
  publish_view(slot, ts_ns);
}

// The plan, the order numbers and the trade ids stay: a fill may still arrive for them.
void PositionMachine::settle_flat(PositionSlot& slot) noexcept {
  MT_ASSERT(slot.basis.qty.v == 0 && slot.basis.cost == 0 && slot.basis.entry_fees.v == 0);
  slot.owner = kNoStrategy;
  slot.ts_opened_ns = slot.unprotected_since_ns = slot.early_since_ns = 0;
  slot.stop_retry_at_ns = slot.stop_vanished_ns = slot.close_retry_at_ns = 0;
  slot.stop_rejects = slot.close_rejects = 0;
  slot.target_refused_qty = {};
  slot.legs_filled = {};
  slot.close_reason = ExitReason::none;
  slot.close_wanted = slot.stop_failed = slot.stop_hopeless = slot.turned = false;
}

void PositionMachine::revalue(PositionSlot& slot, std::int64_t ts_ns) {
  Money unrealised{};
  Money notional{};
  Money margin{};
  if (slot.basis.qty.v != 0) {
    const Price price = slot.basis.qty.v > 0 ? slot.bid_price : slot.ask_price;
    const Instrument& instrument = instrument_of(slot);
    if (slot.basis.unrealised(instrument, price, unrealised) != Errc::ok ||
        money_of_area_up(instrument, slot.basis.cost, notional) != Errc::ok) {
      // The figures before it stand. A step that is being summarised cannot change its regions: the next one closes.
      if (!slot.overflowed) alert(AlertCode::overflow, id_of(slot), ts_ns);
      slot.overflowed = true;
      return;
    }
    MT_ASSERT(mul_div_up(notional.v, 1, config_.leverage, margin.v) == Errc::ok);
  }
  account_.move_unrealised(slot.unrealised, unrealised);
  account_.move_margin(slot.margin, margin);
  slot.unrealised = unrealised;
  slot.notional = notional;
  slot.margin = margin;
}

void PositionMachine::publish_view(PositionSlot& slot, std::int64_t ts_ns) {
  PositionView view = slot.view;
  view.covers_request = covered_request(slot);
  view.qty = slot.basis.qty;
  view.entry_price = slot.basis.entry_price();
  view.notional = slot.notional;
  view.ts_opened_ns = slot.ts_opened_ns;
  view.owner = slot.owner;
  view.exposure = slot.exposure;
  view.legs_filled = legs_filled(slot);
  const PositionView& sent = slot.view;
  const bool same = view.covers_request == sent.covers_request && view.qty == sent.qty && view.entry_price == sent.entry_price &&
                    view.notional == sent.notional && view.ts_opened_ns == sent.ts_opened_ns && view.owner == sent.owner &&
                    view.exposure == sent.exposure && view.legs_filled == sent.legs_filled;
  if (same) return;
  view.ts_ns = ts_ns;
  ++view.version;
  slot.view = view;
  outputs_.view = view;
  outputs_.has_view = true;
}

void PositionMachine::finish_account(std::int64_t ts_ns) {
  const Money equity = account_.equity();
  const Money balance = account_.balance();
  if (equity != equity_sent_ || balance != balance_sent_) {
    outputs_.has_equity = true;
    outputs_.ts_ns = ts_ns;
    outputs_.equity = equity_sent_ = equity;
    outputs_.balance = balance_sent_ = balance;
  }
  const bool changed = guard_.version == 0 || guard_.equity != equity || guard_.balance != balance ||
                       guard_.margin_used != account_.margin_used() || guard_.latches != latches_ ||
                       guard_.open_positions != open_positions_;
  if (!changed && ts_ns - guard_.ts_ns < config_.guard_ttl_ns / 4) return;
  guard_.ts_ns = ts_ns;
  guard_.ts_expires_ns = ts_ns + config_.guard_ttl_ns;
  ++guard_.version;
  guard_.equity = equity;
  guard_.balance = balance;
  guard_.margin_used = account_.margin_used();
  guard_.latches = latches_;
  guard_.open_positions = static_cast<std::uint16_t>(open_positions_);
  outputs_.guard = guard_;
  outputs_.has_guard = true;
}

void PositionMachine::alert(AlertCode code, InstrumentId instrument, std::int64_t ts_ns) {
  ++counters_.alerts[static_cast<std::size_t>(code)];
  outputs_.alerts.push({.ts_ns = ts_ns, .instrument = instrument, .code = code});
}

}  // namespace martinet

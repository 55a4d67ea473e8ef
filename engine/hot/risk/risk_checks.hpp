#pragma once
// The checks of the gate: one named function each, in the order of enum Verdict, cheap ones first. Each looks at the intent, at what
// the gate knows and at what earlier checks worked out, and gives `admitted` (go on) or its reason. risk_checks::run() is the list of
// a single entry; those of a cycle and of its levels are in cycle_checks.hpp.
#include <cstdint>

#include "engine/hot/risk/risk_state.hpp"
#include "engine/hot/risk/sizing.hpp"
#include "engine/messages/gate_decision.hpp"
#include "engine/messages/order_intent.hpp"

namespace martinet::risk_checks {

/// One entry on its way through the checks.
struct Candidate {
  const OrderIntent& intent;
  const RiskState& state;
  const Terms& terms;
  const Holding& holding;
  const LastTick& last;
  const Share& share;  ///< of the intent's strategy
  bool buy = true;
  // The venue's bounds on the quantity that is sized: of one order, or of a cycle's orders together.
  Qty step = terms.lot_size;
  Qty least = terms.qty_min;
  Qty most = terms.qty_max;  ///< 0 = no limit
  Money notional_least = terms.notional_min;
  // Worked out by the checks:
  Price stop = kNoPrice;    ///< on a tick, moved toward the reference
  Price target = kNoPrice;  ///< the same; kNoPrice if the intent has none
  Price distance{};   ///< what one unit may lose: from the stop to the farther of reference and last price; cycles: at the global stop
  Price higher{};     ///< of reference and last; cycles: of these and the worst price
  Price lower{};      ///< of reference and last; cycles: of these and the worst average
  Price valued_at{};  ///< the price a market entry is counted at: `higher` plus slippage_allowance
  Qty qty{};
  Money notional{};  ///< of qty at valued_at, rounded up
  Money margin{};    ///< what it takes from the account, rounded up
};

/// in    intent: its instrument is in the table, its strategy below strategies_max
inline Candidate candidate_of(const RiskState& state, const OrderIntent& intent, bool buy) noexcept {
  const InstrumentId id = intent.instrument;
  return {intent, state, state.terms[id], state.holdings[id], state.ticks[id], state.shares[intent.strategy], buy};
}

/// The switch of this process, or any latch of the account.
inline Verdict kill_switch(const Candidate& c) noexcept {
  return c.state.killed || c.state.guard.latches != 0 ? Verdict::kill_switch : Verdict::admitted;
}

/// A view is good up to and including its expiry.
inline Verdict guard_expired(const Candidate& c) noexcept {
  return !c.state.has_guard || c.intent.ts_receive_ns > c.state.guard.ts_expires_ns ? Verdict::guard_expired : Verdict::admitted;
}

inline Verdict contract_unsupported(const Candidate& c) noexcept {
  return c.terms.kind == ContractKind::inverse ? Verdict::contract_unsupported : Verdict::admitted;
}

inline Verdict short_unsupported(const Candidate& c) noexcept {
  return !c.buy && c.terms.kind == ContractKind::spot ? Verdict::short_unsupported : Verdict::admitted;
}

inline Verdict instrument_halted(const Candidate& c) noexcept {
  return c.terms.status != TradingStatus::trading ? Verdict::instrument_halted : Verdict::admitted;
}

/// The last trusted tick must be at most tick_age_ns_max away from the intent: not older, and not so much newer that the decision is old.
inline Verdict data_gate(const Candidate& c) noexcept {
  if (c.last.price.v <= 0) return Verdict::data_gate;
  std::int64_t age_ns = 0;
  if (__builtin_sub_overflow(c.intent.ts_receive_ns, c.last.ts_receive_ns, &age_ns)) return Verdict::data_gate;
  const std::int64_t age_ns_max = c.state.config.tick_age_ns_max;
  return age_ns > age_ns_max || age_ns < -age_ns_max ? Verdict::data_gate : Verdict::admitted;
}

/// One live position or entry per symbol, whoever's it is.
inline Verdict symbol_owned(const Candidate& c) noexcept {
  return c.holding.occupied() || c.holding.reserved() ? Verdict::symbol_owned : Verdict::admitted;
}

inline Verdict max_positions(const Candidate& c) noexcept {
  return c.state.positions_worst() >= c.state.config.max_open_positions ? Verdict::max_positions : Verdict::admitted;
}

/// A stop must be there and on the losing side of the reference and of the last price; a target, if any, on the winning side of the
/// reference. Both are put on the tick, nearer to the reference: a tighter stop is the safe one, a nearer target is reached earlier.
inline Verdict stop_missing(Candidate& c) noexcept {
  const std::int64_t reference = c.intent.reference_price.v;
  const std::int64_t stop = c.intent.stop_price.v;
  if (reference <= 0 || stop <= 0) return Verdict::stop_missing;
  const std::int64_t tick = c.terms.tick_size.v;
  const std::int64_t rest = stop % tick;
  std::int64_t placed = stop - rest;
  if (c.buy && rest != 0 && __builtin_add_overflow(placed, tick, &placed)) return Verdict::overflow;
  const bool losing = c.buy ? placed < reference && placed < c.last.price.v : placed > reference && placed > c.last.price.v;
  if (!losing || placed <= 0) return Verdict::stop_missing;
  c.stop.v = placed;
  if (!has_price(c.intent.target_price)) return Verdict::admitted;
  const std::int64_t target = c.intent.target_price.v;
  if (target <= 0 || (c.buy ? target <= reference : target >= reference)) return Verdict::stop_missing;
  const std::int64_t target_rest = target % tick;
  c.target.v = target - target_rest;
  if (!c.buy && target_rest != 0) c.target.v += tick;  // stays below reference + tick
  const bool winning = c.buy ? c.target.v > reference : c.target.v < reference;
  return winning ? Verdict::admitted : Verdict::stop_missing;
}

/// |reference - last| <= collar * last, exactly.
inline Verdict price_collar(const Candidate& c) noexcept {
  const std::int64_t apart = c.intent.reference_price.v - c.last.price.v;  // both > 0: no overflow
  const auto wide = static_cast<sizing::Wide>(sizing::plain(apart < 0 ? -apart : apart)) * sizing::plain(kRateUnit);
  const auto band = static_cast<sizing::Wide>(sizing::plain(c.state.config.price_collar.v)) * sizing::plain(c.last.price.v);
  return wide > band ? Verdict::price_collar : Verdict::admitted;
}

inline Verdict equity_not_positive(const Candidate& c) noexcept {
  return c.state.guard.equity.v <= 0 || c.state.sizing_base().v <= 0 ? Verdict::equity_not_positive : Verdict::admitted;
}

/// At least one tick between the stop and the nearer of reference and last.
inline Verdict stop_too_near(Candidate& c) noexcept {
  const std::int64_t reference = c.intent.reference_price.v;
  const std::int64_t last = c.last.price.v;
  const std::int64_t from_reference = c.buy ? reference - c.stop.v : c.stop.v - reference;
  const std::int64_t from_last = c.buy ? last - c.stop.v : c.stop.v - last;
  c.distance.v = from_reference > from_last ? from_reference : from_last;
  const std::int64_t nearer = from_reference < from_last ? from_reference : from_last;
  c.higher.v = reference > last ? reference : last;
  c.lower.v = reference > last ? last : reference;
  return nearer < c.terms.tick_size.v ? Verdict::stop_too_near : Verdict::admitted;
}

inline Qty step_down(Qty qty, Qty step) noexcept { return {qty.v - qty.v % step.v}; }

/// qty at or below `qty` whose notional at valued_at is at most `limit`; exact before rounding to the step.
inline bool cap_to_notional(const Candidate& c, Money limit, Qty& qty) noexcept {
  Qty most{};
  if (!sizing::qty_of_down(c.terms.value_num, c.terms.value_den, c.valued_at, limit, most)) return false;
  qty = step_down(most < qty ? most : qty, c.step);
  return true;
}

/// qty = floor(budget / loss per unit at the stop), to the step, at most the venue's most and (where sizes are capped) max_order_notional.
inline Verdict size_zero(Candidate& c) noexcept {
  const RiskConfig& config = c.state.config;
  if (!sizing::raised_up(c.higher, config.slippage_allowance, c.valued_at)) return Verdict::overflow;
  Qty qty{};
  if (!sizing::qty_of_down(c.terms.value_num, c.terms.value_den, c.distance, c.share.risk_budget, qty)) return Verdict::overflow;
  if (c.most.v > 0 && qty > c.most) qty = c.most;
  c.qty = step_down(qty, c.step);
  if (config.cap_size && config.max_order_notional.v > 0 && c.qty.v > 0) {
    int order = 1;
    const bool known = sizing::compare_value(c.terms.value_num, c.terms.value_den, c.valued_at, c.qty, config.max_order_notional, order);
    if ((!known || order > 0) && !cap_to_notional(c, config.max_order_notional, c.qty)) return Verdict::overflow;
  }
  return c.qty.v <= 0 || c.qty < c.least ? Verdict::size_zero : Verdict::admitted;
}

/// The venue counts the notional at its own price: `lower` is what is certain to be reached.
inline Verdict notional_too_small(Candidate& c) noexcept {
  if (!sizing::value_of_up(c.terms.value_num, c.terms.value_den, c.valued_at, c.qty, c.notional)) return Verdict::overflow;
  if (c.notional_least.v <= 0) return Verdict::admitted;
  int order = -1;
  if (!sizing::compare_value(c.terms.value_num, c.terms.value_den, c.lower, c.qty, c.notional_least, order)) return Verdict::overflow;
  return order < 0 ? Verdict::notional_too_small : Verdict::admitted;
}

inline Verdict max_order_notional(const Candidate& c) noexcept {
  const Money limit = c.state.config.max_order_notional;
  return limit.v > 0 && c.notional > limit ? Verdict::max_order_notional : Verdict::admitted;
}

/// Makes the entry as small as it must be for its margin to fit into `room`, as long as sizes may be capped and the venue's minimums
/// still hold; `reason` otherwise.
inline Verdict shrink_to(Candidate& c, Money room, Verdict reason) noexcept {
  const RiskConfig& config = c.state.config;
  if (!config.cap_size) return reason;
  if (!cap_to_notional(c, sizing::notional_of_down(room, c.terms.leverage, config.taker_fee), c.qty)) return Verdict::overflow;
  if (c.qty.v <= 0 || c.qty < c.least) return reason;
  if (const Verdict small = notional_too_small(c); small != Verdict::admitted) {
    return small == Verdict::notional_too_small ? reason : small;
  }
  if (!sizing::margin_of_up(c.notional, c.terms.leverage, config.taker_fee, c.margin)) return Verdict::overflow;
  return c.margin > room ? reason : Verdict::admitted;
}

inline Money held_to_64_bits(__int128 money) noexcept {
  return {money > static_cast<__int128>(sizing::kNarrowMax) ? static_cast<std::int64_t>(sizing::kNarrowMax)
                                                            : static_cast<std::int64_t>(money)};
}

/// The margin (with the fee) must fit in what is free, every position and reservation counted.
inline Verdict free_margin(Candidate& c) noexcept {
  const __int128 free = c.state.margin_free();
  if (free <= 0) return Verdict::free_margin;
  const Money room = held_to_64_bits(free);
  const bool known = sizing::margin_of_up(c.notional, c.terms.leverage, c.state.config.taker_fee, c.margin);
  return known && c.margin <= room ? Verdict::admitted : shrink_to(c, room, Verdict::free_margin);
}

/// And in what the strategy's own positions and reservations leave of its share.
inline Verdict strategy_capital(Candidate& c) noexcept {
  const __int128 free = c.share.capital.v - c.share.margin;
  if (c.margin.v <= free) return Verdict::admitted;
  return free <= 0 ? Verdict::strategy_capital : shrink_to(c, held_to_64_bits(free), Verdict::strategy_capital);
}

inline Verdict in_flight_full(const Candidate& c) noexcept {
  return c.state.reserved_count >= c.state.config.in_flight_max ? Verdict::in_flight_full : Verdict::admitted;
}

/// The list. `overflow` has no check of its own: any check whose product leaves its width gives it.
inline Verdict run(Candidate& c) noexcept {
  Verdict verdict = Verdict::admitted;
  const bool passed = (verdict = kill_switch(c)) == Verdict::admitted &&           //
                      (verdict = guard_expired(c)) == Verdict::admitted &&         //
                      (verdict = contract_unsupported(c)) == Verdict::admitted &&  //
                      (verdict = short_unsupported(c)) == Verdict::admitted &&     //
                      (verdict = instrument_halted(c)) == Verdict::admitted &&     //
                      (verdict = data_gate(c)) == Verdict::admitted &&             //
                      (verdict = symbol_owned(c)) == Verdict::admitted &&          //
                      (verdict = max_positions(c)) == Verdict::admitted &&         //
                      (verdict = stop_missing(c)) == Verdict::admitted &&          //
                      (verdict = price_collar(c)) == Verdict::admitted &&          //
                      (verdict = equity_not_positive(c)) == Verdict::admitted &&   //
                      (verdict = stop_too_near(c)) == Verdict::admitted &&         //
                      (verdict = size_zero(c)) == Verdict::admitted &&             //
                      (verdict = notional_too_small(c)) == Verdict::admitted &&    //
                      (verdict = max_order_notional(c)) == Verdict::admitted &&    //
                      (verdict = free_margin(c)) == Verdict::admitted &&           //
                      (verdict = strategy_capital(c)) == Verdict::admitted &&      //
                      (verdict = in_flight_full(c)) == Verdict::admitted;
  return passed ? Verdict::admitted : verdict;
}

}  // namespace martinet::risk_checks

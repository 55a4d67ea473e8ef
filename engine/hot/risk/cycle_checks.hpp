#pragma once
// The checks of cycles. A cycle is admitted once, with its worst case: every level filled, each at the worst price, out at the global
// stop of the worst average. Its size is that of a single entry whose loss per unit is that stop's distance, in steps of one lot a
// level; so the checks of a single entry hold for it as they are, once plan_contradicts() and worst_case() have put in what differs.
// A level then asks for nothing that was not set aside: its checks are whether it may go now, and whether it stays within.
#include "engine/base/capacity.hpp"
#include "engine/hot/risk/risk_checks.hpp"

namespace martinet::risk_checks {

/// A plan must say all that the worst case is made of, and nothing that cannot be: of N levels one of which fills at today's price the
/// average is not below an N-th of it.
inline Verdict plan_contradicts(const Candidate& c) noexcept {
  const OrderIntent& plan = c.intent;
  const std::uint64_t levels = plan.level_count;
  if (levels < 1 || levels > capacity::cycle_levels_max || plan.worst_average.v <= 0 || plan.reference_price.v <= 0) {
    return Verdict::stop_missing;
  }
  const Price now = plan.reference_price > c.last.price ? plan.reference_price : c.last.price;
  const bool average = plan.worst_average <= plan.worst_price &&
                       static_cast<sizing::Wide>(sizing::plain(plan.worst_average.v)) * levels >= sizing::plain(now.v);
  const bool stop = plan.stop_rate.v > 0 && plan.stop_rate.v < kRateUnit;
  const bool target = plan.target_rate.v >= 0 && (c.buy || plan.target_rate.v < kRateUnit);  // a short's target is above zero
  return average && stop && target ? Verdict::admitted : Verdict::stop_missing;
}

/// What one unit loses at the global stop (rounded up, at least a tick), and bounds that let every level be an order of its own.
inline Verdict worst_case(Candidate& c) noexcept {
  const OrderIntent& plan = c.intent;
  const std::int64_t levels = plan.level_count;
  const bool overflow = __builtin_mul_overflow(c.terms.lot_size.v, levels, &c.step.v) ||
                        __builtin_mul_overflow(c.terms.qty_min.v, levels, &c.least.v) ||
                        __builtin_mul_overflow(c.terms.notional_min.v, levels, &c.notional_least.v);
  if (overflow) return Verdict::overflow;
  if (__builtin_mul_overflow(c.terms.qty_max.v, levels, &c.most.v)) c.most = {};  // above any quantity
  Price target{};
  if (!sizing::raised_up(plan.worst_price, plan.target_rate, target)) return Verdict::overflow;
  const auto loss = static_cast<sizing::Wide>(sizing::plain(plan.worst_average.v)) * sizing::plain(plan.stop_rate.v);
  c.distance.v = static_cast<std::int64_t>(sizing::divide_up(loss, sizing::plain(kRateUnit)));  // at most worst_average
  if (c.distance < c.terms.tick_size) return Verdict::stop_too_near;
  if (c.higher < plan.worst_price) c.higher = plan.worst_price;
  if (plan.worst_average < c.lower) c.lower = plan.worst_average;
  return Verdict::admitted;
}

/// What all levels may cost to enter so that the global stop, a share of it, loses no more than was admitted. A single entry's size leaves
/// slippage out of account; so does a cycle's, hence it is allowed for here.
/// out   cost_max: in money, rounded up
inline Verdict cost_of_worst_average(const Candidate& c, Money& cost_max) noexcept {
  Price average{};
  const bool known = sizing::raised_up(c.intent.worst_average, c.state.config.slippage_allowance, average) &&
                     sizing::value_of_up(c.terms.value_num, c.terms.value_den, average, c.qty, cost_max);
  return known ? Verdict::admitted : Verdict::overflow;
}

/// The list of a cycle's first level.
inline Verdict run_cycle(Candidate& c, Money& cost_max) noexcept {
  Verdict verdict = Verdict::admitted;
  const bool passed = (verdict = kill_switch(c)) == Verdict::admitted &&           //
                      (verdict = guard_expired(c)) == Verdict::admitted &&         //
                      (verdict = contract_unsupported(c)) == Verdict::admitted &&  //
                      (verdict = short_unsupported(c)) == Verdict::admitted &&     //
                      (verdict = instrument_halted(c)) == Verdict::admitted &&     //
                      (verdict = data_gate(c)) == Verdict::admitted &&             //
                      (verdict = symbol_owned(c)) == Verdict::admitted &&          //
                      (verdict = max_positions(c)) == Verdict::admitted &&         //
                      (verdict = plan_contradicts(c)) == Verdict::admitted &&      //
                      (verdict = stop_missing(c)) == Verdict::admitted &&          //
                      (verdict = price_collar(c)) == Verdict::admitted &&          //
                      (verdict = equity_not_positive(c)) == Verdict::admitted &&   //
                      (verdict = stop_too_near(c)) == Verdict::admitted &&         //
                      (verdict = worst_case(c)) == Verdict::admitted &&            //
                      (verdict = size_zero(c)) == Verdict::admitted &&             //
                      (verdict = notional_too_small(c)) == Verdict::admitted &&    //
                      (verdict = max_order_notional(c)) == Verdict::admitted &&    //
                      (verdict = free_margin(c)) == Verdict::admitted &&           //
                      (verdict = strategy_capital(c)) == Verdict::admitted &&      //
                      (verdict = cost_of_worst_average(c, cost_max)) == Verdict::admitted &&
                      (verdict = in_flight_full(c)) == Verdict::admitted;
  return passed ? Verdict::admitted : verdict;
}

/// Their number is the leg's attempt in its key, which has 8 bits.
inline constexpr std::uint32_t kLegsSentMax = 256;

/// The cycle must be the asking strategy's, open as the position machine sees it, and have no leg under way.
inline Verdict cycle_not_open(const Candidate& c, const Cycle& cycle) noexcept {
  const Holding& holding = c.holding;
  const bool ours = holding.has_cycle != 0 && holding.reserver == c.intent.strategy && holding.owner == c.intent.strategy;
  const bool open = holding.exposure == Exposure::open && (cycle.buy != 0 ? holding.qty.v > 0 : holding.qty.v < 0);
  return ours && open && !holding.reserved() ? Verdict::admitted : Verdict::cycle_not_open;
}

/// What is held plus one more leg, by count, by quantity, by notional (the leg at the worst it may fill at) and by cost (the leg at the
/// price now). Truth is the view: a leg that did not fill leaves its room to the next.
inline Verdict cycle_exceeded(Candidate& c, const Cycle& cycle) noexcept {
  const Holding& holding = c.holding;
  if (holding.legs_filled >= cycle.level_count || cycle.legs_sent >= kLegsSentMax) return Verdict::cycle_exceeded;
  if ((holding.qty.v < 0 ? -holding.qty.v : holding.qty.v) > cycle.qty.v - cycle.leg_qty.v) return Verdict::cycle_exceeded;
  c.qty = cycle.leg_qty;
  const bool above = c.intent.reference_price > c.last.price;
  c.higher = above ? c.intent.reference_price : c.last.price;
  c.lower = above ? c.last.price : c.intent.reference_price;
  Money cost{};
  const bool known = sizing::raised_up(c.higher, c.state.config.slippage_allowance, c.valued_at) &&
                     sizing::value_of_up(c.terms.value_num, c.terms.value_den, c.valued_at, c.qty, c.notional) &&
                     sizing::value_of_up(c.terms.value_num, c.terms.value_den, c.higher, c.qty, cost);
  if (!known) return Verdict::overflow;
  const __int128 held = holding.notional.v;
  return held + c.notional.v > cycle.notional.v || held + cost.v > cycle.cost_max.v ? Verdict::cycle_exceeded : Verdict::admitted;
}

inline Verdict reference_missing(const Candidate& c) noexcept {
  return c.intent.reference_price.v <= 0 ? Verdict::price_collar : Verdict::admitted;
}

inline Verdict equity_gone(const Candidate& c) noexcept {
  return c.state.guard.equity.v <= 0 ? Verdict::equity_not_positive : Verdict::admitted;
}

/// The rules may have changed since the cycle was admitted: its leg must be one that the venue takes today.
inline Verdict leg_off_rules(const Candidate& c, const Cycle& cycle) noexcept {
  const Qty leg = cycle.leg_qty;
  const bool fits = leg.v % c.terms.lot_size.v == 0 && leg >= c.terms.qty_min && (c.terms.qty_max.v <= 0 || leg <= c.terms.qty_max);
  return fits ? Verdict::admitted : Verdict::size_zero;
}

/// The list of a further level. No limit on positions, size or margin: the whole cycle has passed those, and is counted in full.
inline Verdict run_level(Candidate& c, const Cycle& cycle) noexcept {
  Verdict verdict = Verdict::admitted;
  const bool passed = (verdict = kill_switch(c)) == Verdict::admitted &&            //
                      (verdict = guard_expired(c)) == Verdict::admitted &&          //
                      (verdict = instrument_halted(c)) == Verdict::admitted &&      //
                      (verdict = data_gate(c)) == Verdict::admitted &&              //
                      (verdict = cycle_not_open(c, cycle)) == Verdict::admitted &&  //
                      (verdict = reference_missing(c)) == Verdict::admitted &&      //
                      (verdict = cycle_exceeded(c, cycle)) == Verdict::admitted &&  //
                      (verdict = price_collar(c)) == Verdict::admitted &&           //
                      (verdict = equity_gone(c)) == Verdict::admitted &&            //
                      (verdict = leg_off_rules(c, cycle)) == Verdict::admitted &&   //
                      (verdict = notional_too_small(c)) == Verdict::admitted &&     //
                      (verdict = in_flight_full(c)) == Verdict::admitted;
  return passed ? Verdict::admitted : verdict;
}

}  // namespace martinet::risk_checks

// Cycles: admitted once with all their levels, drawn leg by leg, over when the position is.
#include "engine/hot/risk/cycle_checks.hpp"
#include "engine/hot/risk/risk_gate.hpp"

namespace martinet {

Verdict RiskGate::open_cycle(const OrderIntent& intent, OrderRequest& request) noexcept {
  risk_checks::Candidate c = risk_checks::candidate_of(state_, intent, intent.action == IntentAction::enter_long);
  Money cost_max{};
  if (const Verdict verdict = risk_checks::run_cycle(c, cost_max); verdict != Verdict::admitted) return verdict;

  Cycle& cycle = state_.cycles[intent.instrument];
  MT_DASSERT(cycle.intent_id == 0);
  cycle.intent_id = intent.intent_id;
  cycle.margin = c.margin;
  cycle.notional = c.notional;
  cycle.cost_max = cost_max;
  cycle.qty = c.qty;
  cycle.leg_qty.v = c.qty.v / intent.level_count;
  cycle.level_count = intent.level_count;
  cycle.buy = c.buy ? 1 : 0;
  cycle.legs_sent = 1;
  Holding& holding = state_.holdings[intent.instrument];
  holding.has_cycle = 1;
  state_.reserve(holding, intent.strategy, c.margin);
  c.qty = cycle.leg_qty;
  fill_in(request, c, state_.last_request_id);
  return Verdict::admitted;
}

Verdict RiskGate::add_level(const OrderIntent& intent, OrderRequest& request) noexcept {
  Holding& holding = state_.holdings[intent.instrument];
  Cycle& cycle = state_.cycles[intent.instrument];
  risk_checks::Candidate c = risk_checks::candidate_of(state_, intent, cycle.buy != 0);
  if (const Verdict verdict = risk_checks::run_level(c, cycle); verdict != Verdict::admitted) return verdict;

  state_.count(holding, -1);
  holding.reserved_request = ++state_.last_request_id;  // its margin is in the cycle's reservation
  state_.count(holding, +1);
  fill_in(request, c, state_.last_request_id);
  request.key.intent_id = cycle.intent_id;
  request.key.attempt = static_cast<std::uint8_t>(cycle.legs_sent++);
  return Verdict::admitted;
}

void RiskGate::settle_cycle(Holding& holding, Cycle& cycle) noexcept {
  if (holding.occupied() || holding.reserved()) {
    const std::int64_t rest = cycle.margin.v - holding.margin.v;  // both at least 0
    holding.reserved_margin.v = rest > 0 ? rest : 0;
    return;
  }
  cycle = {};
  holding.has_cycle = 0;
  holding.reserved_margin = {};
  holding.reserver = kNoStrategy;
}

}  // namespace martinet

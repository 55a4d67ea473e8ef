#pragma once
// The gate: every entry passes the checks of risk_checks.hpp (of cycle_checks.hpp where it opens or adds to a cycle), or is refused with
// the first reason that holds; exits and stop moves always pass. The gate alone holds reservations: from the request until a PositionView
// covers it, an entry counts as filled in full (invariant I6); a cycle counts with all its levels from its first request until the view is
// flat and no leg is under way. A plain object on the strategy thread; integers only.
#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/base/archive.hpp"
#include "engine/base/assert.hpp"
#include "engine/base/instrument.hpp"
#include "engine/hot/risk/risk_checks.hpp"
#include "engine/hot/risk/risk_config.hpp"
#include "engine/hot/risk/risk_state.hpp"
#include "engine/messages/gate_decision.hpp"
#include "engine/messages/guard_view.hpp"
#include "engine/messages/order_intent.hpp"
#include "engine/messages/order_request.hpp"
#include "engine/messages/position_view.hpp"
#include "engine/messages/tick.hpp"

namespace martinet {

struct RiskCounters {
  std::array<std::uint64_t, static_cast<std::size_t>(Verdict::count_)> by_verdict{};
  std::uint64_t ticks = 0;
  std::uint64_t views_stale = 0;   ///< position views of an older version than held; ignored
  std::uint64_t guards_stale = 0;  ///< the same for guard views
  std::uint64_t released = 0;      ///< reservations ended by a covering view
  bool operator==(const RiskCounters&) const = default;
  [[nodiscard]] std::uint64_t operator[](Verdict verdict) const noexcept { return by_verdict[static_cast<std::size_t>(verdict)]; }
};

class RiskGate {
 public:
  /// in    table: copied row by row, not kept; config: check() must be ok (asserted)
  RiskGate(const InstrumentTable& table, const RiskConfig& config);

  /// A trusted tick: the last price (trade, or middle of the quote) and its stamp. Marks, past trades and one-sided quotes do not count.
  void on_tick(const Tick& tick) noexcept {
    MT_DASSERT(tick.instrument < state_.holdings.size());
    ++counters_.ticks;
    state_.ticks[tick.instrument].update(tick);
  }

  /// The position machine's word. Older versions are ignored; a reservation of the instrument ends if the view covers it.
  void on_position_view(const PositionView& view) noexcept;
  /// Account facts; older versions are ignored.
  void on_guard_view(const GuardView& view) noexcept;
  /// New rules of an instrument (same grid). Reservations stay as they were made.
  void on_instrument_update(const Instrument& instrument) noexcept;
  /// The local kill latch: true stops entries until false, which only a local act may send. A guard's latches stop entries as well.
  void on_kill(bool killed) noexcept { state_.killed = killed; }

  /// out   exit, exit_part, move_stop: out.exit(const OrderIntent&), then out.decision(const GateDecision&); nothing holds them up
  ///       entries and levels: out.request(const OrderRequest&) if admitted, then out.decision(const GateDecision&) in every case
  template <class Out>
  void on_intent(const OrderIntent& intent, Out& out) noexcept {
    GateDecision decision;
    decision.intent = intent;
    if (!is_entry(intent.action)) {
      out.exit(intent);
      decision.verdict = intent.action == IntentAction::move_stop ? Verdict::stop_forwarded : Verdict::exit_forwarded;
    } else {
      decision.verdict = decide(intent, decision.request);
      if (decision.verdict == Verdict::admitted) out.request(static_cast<const OrderRequest&>(decision.request));
    }
    ++counters_.by_verdict[static_cast<std::size_t>(decision.verdict)];
    out.decision(static_cast<const GateDecision&>(decision));
  }

  [[nodiscard]] const RiskCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] const RiskConfig& config() const noexcept { return state_.config; }
  [[nodiscard]] const RiskState& state() const noexcept { return state_; }

  void save(ArchiveWriter& archive) const;
  /// fails checkpoint_mismatch (another configuration or instrument table); the gate must then not be used
  [[nodiscard]] Errc load(ArchiveReader& archive);

 private:
  /// Runs the checks; admitted: fills in `request` and takes the reservation.
  [[nodiscard]] Verdict decide(const OrderIntent& intent, OrderRequest& request) noexcept;
  // risk_cycles.cpp: the same for the first level of a cycle, and for a further one
  [[nodiscard]] Verdict open_cycle(const OrderIntent& intent, OrderRequest& request) noexcept;
  [[nodiscard]] Verdict add_level(const OrderIntent& intent, OrderRequest& request) noexcept;
  /// What is left of the reservation of a holding's cycle after a view; nothing once the position is over.
  void settle_cycle(Holding& holding, Cycle& cycle) noexcept;

  void save_config(ArchiveWriter& archive) const;
  [[nodiscard]] bool expect_config(ArchiveReader& archive) const;

  RiskState state_;
  RiskCounters counters_;
};

/// A market order for what passed the checks, with the plan for venues that attach protection to it.
inline void fill_in(OrderRequest& request, const risk_checks::Candidate& c, std::uint64_t request_id) noexcept {
  request.ts_ns = c.intent.ts_receive_ns;
  request.sequence = c.intent.sequence;
  request.request_id = request_id;
  request.key = {c.intent.intent_id, OrderPurpose::entry, 0, {}};
  request.qty = c.qty;
  request.stop_price = c.stop;
  request.target_price = c.target;
  request.instrument = c.intent.instrument;
  request.strategy = c.intent.strategy;
  request.type = OrderType::market;
  request.side = c.buy ? Side::buy : Side::sell;
}

inline Verdict RiskGate::decide(const OrderIntent& intent, OrderRequest& request) noexcept {
  if (intent.instrument >= state_.terms.size()) return Verdict::contract_unsupported;
  if (intent.strategy >= capacity::strategies_max) return Verdict::strategy_capital;
  if (intent.action == IntentAction::add_level) return add_level(intent, request);
  if (intent.level_count != 1) return open_cycle(intent, request);
  risk_checks::Candidate c = risk_checks::candidate_of(state_, intent, intent.action == IntentAction::enter_long);
  if (const Verdict verdict = risk_checks::run(c); verdict != Verdict::admitted) return verdict;
  state_.reserve(state_.holdings[intent.instrument], intent.strategy, c.margin);
  fill_in(request, c, state_.last_request_id);
  return Verdict::admitted;
}

}  // namespace martinet

#pragma once
// How good a session was, from its closed trades and its equity curve. Definitions beside each figure; floating point is for
// people here, nothing decides on it.
#include <cstdint>
#include <span>
#include <vector>

#include "engine/cold/telemetry/series.hpp"
#include "engine/messages/execution.hpp"

namespace martinet {

struct Performance {
  std::uint64_t trades = 0;                  ///< positions closed completely
  std::uint64_t wins = 0;                    ///< of these, with P&L net above zero
  double win_rate = 0;                       ///< wins / trades; 0 without trades
  double profit_factor = 0;                  ///< sum of gains / sum of losses, of positions; 0 without losses
  std::uint64_t max_consecutive_losses = 0;  ///< in the order of the closes; a position that ended at exactly 0 ends a run
  double sharpe = 0;   ///< mean / deviation of equity returns per sampling step, times sqrt(steps a year); 0 where undefined
  double sortino = 0;  ///< as Sharpe with the deviation of losses only (target 0)
  double calmar = 0;   ///< return a year / deepest drawdown fraction; 0 where undefined
};

/// in  executions in order; equity curve (1e-8 of the account currency) in the order of time, any spacing: it is resampled to
///     `step_ns` (last value known), from its first point on; an unfinished last step counts as one
/// How: returns are simple; the deviation is that of a sample (n - 1), the deviation of losses the root of the mean square of
/// the negative returns over all n steps. A year has 365 days, for these markets do not close; the return a year is simple, not
/// compounded. Undefined, so 0: fewer than two steps, no deviation, an equity that was not positive, no drawdown.
[[nodiscard]] Performance performance_of(std::span<const Execution> executions, std::span<const SeriesPoint> equity,
                                         std::int64_t step_ns = 60'000'000'000);

}  // namespace martinet

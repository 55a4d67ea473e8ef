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
  std::uint64_t trades = 0;              ///< positions closed completely
  std::uint64_t wins = 0;                ///< of these, with P&L net above zero
  double win_rate = 0;                   ///< wins / trades; 0 without trades
  double profit_factor = 0;              ///< sum of gains / sum of losses; 0 without losses
  std::uint64_t max_consecutive_losses = 0;
  double sharpe = 0;                     ///< mean / deviation of equity returns per sampling step, times sqrt(steps a year); 0 where undefined
  double sortino = 0;                    ///< as Sharpe with the deviation of losses only (target 0)
  double calmar = 0;                     ///< return a year / deepest drawdown fraction; 0 where undefined
};

/// in  executions in order; equity curve (1e-8 of the account currency), any spacing: it is resampled to `step_ns` (last value known)
[[nodiscard]] Performance performance_of(std::span<const Execution> executions, std::span<const SeriesPoint> equity, std::int64_t step_ns = 60'000'000'000);

}  // namespace martinet

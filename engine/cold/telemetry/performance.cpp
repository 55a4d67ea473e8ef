#include "engine/cold/telemetry/performance.hpp"

#include <algorithm>
#include <cmath>

#include "engine/base/time.hpp"
#include "engine/cold/telemetry/round_trip.hpp"

namespace martinet {
namespace {

constexpr double kYearNs = 365.0 * static_cast<double>(kNanosPerDay);  // these markets never close: all days count

void judge_trades(std::span<const Execution> executions, Performance& out) {
  __int128 gains = 0;
  __int128 losses = 0;
  std::uint64_t losses_in_a_row = 0;
  for (const RoundTrip& trip : round_trips_of(executions)) {
    if (!trip.closed) continue;
    ++out.trades;
    if (trip.pnl_net.v > 0) {
      ++out.wins;
      gains += trip.pnl_net.v;
    } else {
      losses -= trip.pnl_net.v;
    }
    losses_in_a_row = trip.pnl_net.v < 0 ? losses_in_a_row + 1 : 0;
    out.max_consecutive_losses = std::max(out.max_consecutive_losses, losses_in_a_row);
  }
  if (out.trades > 0) out.win_rate = static_cast<double>(out.wins) / static_cast<double>(out.trades);
  if (losses > 0) out.profit_factor = static_cast<double>(gains) / static_cast<double>(losses);
}

/// Returns of the resampled curve. Most steps of a quiet session see no change: they are counted, not stored.
struct Returns {
  std::vector<double> changes;  ///< other than zero
  std::uint64_t steps = 0;
  bool defined = true;  ///< false where equity was not positive: a return on it means nothing
};

Returns returns_of(std::span<const SeriesPoint> equity, std::int64_t step_ns) {
  Returns out;
  std::int64_t before = equity.front().value;
  std::uint64_t step_before = 0;
  std::int64_t value = before;
  const auto close_step = [&](std::uint64_t step) {
    if (before <= 0) out.defined = false;
    if (value != before && out.defined) out.changes.push_back(static_cast<double>(value - before) / static_cast<double>(before));
    before = value;
    out.steps = step;
  };
  for (const SeriesPoint& point : equity) {
    // Sample k is taken at first + k * step: a point belongs to the first sample not before it, so the last one counts too.
    const auto distance = static_cast<std::uint64_t>(std::max<std::int64_t>(0, point.ts_ns - equity.front().ts_ns));
    const auto width = static_cast<std::uint64_t>(step_ns);
    const std::uint64_t step = distance / width + (distance % width != 0 ? 1 : 0);
    if (step > step_before) {
      close_step(step_before);
      step_before = step;
    }
    value = point.value;
  }
  close_step(step_before);
  return out;
}

void judge_returns(std::span<const SeriesPoint> equity, std::int64_t step_ns, Performance& out) {
  const Returns returns = returns_of(equity, step_ns);
  if (!returns.defined || returns.steps < 2) return;
  const auto n = static_cast<double>(returns.steps);
  double sum = 0;
  for (const double change : returns.changes) sum += change;
  const double mean = sum / n;
  double squares = (n - static_cast<double>(returns.changes.size())) * mean * mean;
  double squares_of_losses = 0;
  for (const double change : returns.changes) {
    squares += (change - mean) * (change - mean);
    if (change < 0) squares_of_losses += change * change;
  }
  const double steps_a_year = std::sqrt(kYearNs / static_cast<double>(step_ns));
  const double deviation = std::sqrt(squares / (n - 1));
  const double deviation_of_losses = std::sqrt(squares_of_losses / n);
  if (deviation > 0) out.sharpe = mean / deviation * steps_a_year;
  if (deviation_of_losses > 0) out.sortino = mean / deviation_of_losses * steps_a_year;
}

void judge_drawdown(std::span<const SeriesPoint> equity, Performance& out) {
  const auto first = static_cast<double>(equity.front().value);
  const auto span_ns = static_cast<double>(equity.back().ts_ns) - static_cast<double>(equity.front().ts_ns);
  double peak = first;
  double deepest = 0;
  for (const SeriesPoint& point : equity) {
    const auto value = static_cast<double>(point.value);
    peak = std::max(peak, value);
    if (peak > 0) deepest = std::max(deepest, (peak - value) / peak);
  }
  if (deepest <= 0 || span_ns <= 0 || first <= 0) return;
  const double return_a_year = (static_cast<double>(equity.back().value) - first) / first * (kYearNs / span_ns);
  out.calmar = return_a_year / deepest;
}

}  // namespace

Performance performance_of(std::span<const Execution> executions, std::span<const SeriesPoint> equity, std::int64_t step_ns) {
  Performance out;
  judge_trades(executions, out);
  if (equity.size() < 2 || step_ns <= 0) return out;
  judge_returns(equity, step_ns, out);
  judge_drawdown(equity, out);
  return out;
}

}  // namespace martinet

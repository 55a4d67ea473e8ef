// Goal: the figures of a session are those of their definitions. Method: cases computed by hand, and a second, plain computation
// (every sample of the curve stored, textbook sums in long double) over seeded random sessions.
#include "engine/cold/telemetry/performance.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/base/time.hpp"
#include "engine/cold/telemetry/round_trip.hpp"
#include "tests/engine/cold/telemetry/sample_session.hpp"

namespace martinet::telemetry_test::performance {
namespace {

Execution closing(std::int64_t pnl, InstrumentId instrument = 0) {
  Execution e;
  e.event = ExecutionEvent::close;
  e.pnl_net = Money{pnl};
  e.instrument = instrument;
  e.price = Price{100};
  return e;
}

std::vector<Execution> closings(std::initializer_list<std::int64_t> pnls) {
  std::vector<Execution> out;
  for (const std::int64_t pnl : pnls) out.push_back(closing(pnl));
  return out;
}

std::vector<SeriesPoint> minutes(std::initializer_list<std::int64_t> values) {
  std::vector<SeriesPoint> out;
  std::int64_t ts_ns = kStartNs;
  for (const std::int64_t value : values) {
    out.push_back({ts_ns, value});
    ts_ns += kNanosPerMinute;
  }
  return out;
}

TEST(Performance, IsAllZeroWithoutTradesAndWithoutACurve) {
  const Performance p = performance_of({}, {});
  EXPECT_EQ(p.trades, 0u);
  EXPECT_EQ(p.win_rate, 0);
  EXPECT_EQ(p.profit_factor, 0);
  EXPECT_EQ(p.sharpe, 0);
  EXPECT_EQ(p.sortino, 0);
  EXPECT_EQ(p.calmar, 0);
}

TEST(Performance, CountsWinsLossesAndTheLongestRunOfLosses) {
  const Performance p = performance_of(closings({300, -100, -100, 200, -50, -50, -50, 100}), {});
  EXPECT_EQ(p.trades, 8u);
  EXPECT_EQ(p.wins, 3u);
  EXPECT_DOUBLE_EQ(p.win_rate, 3.0 / 8.0);
  EXPECT_DOUBLE_EQ(p.profit_factor, 600.0 / 350.0);
  EXPECT_EQ(p.max_consecutive_losses, 3u);
}

TEST(Performance, HasNoProfitFactorWhereNothingWasLost) {
  const Performance p = performance_of(closings({1, 2, 3}), {});
  EXPECT_EQ(p.wins, 3u);
  EXPECT_EQ(p.win_rate, 1);
  EXPECT_EQ(p.profit_factor, 0);
  EXPECT_EQ(p.max_consecutive_losses, 0u);
}

TEST(Performance, TakesATradeThatEndsAtExactlyNothingAsNeitherWinNorLoss) {
  const Performance p = performance_of(closings({-1, 0, -1}), {});
  EXPECT_EQ(p.trades, 3u);
  EXPECT_EQ(p.wins, 0u);
  EXPECT_EQ(p.max_consecutive_losses, 1u) << "a break-even trade ends a run of losses";
}

TEST(Performance, JudgesAPositionByTheSumOfItsPartsNotByItsLastFill) {
  Execution open;
  open.event = ExecutionEvent::open;
  Execution part = closing(500);
  part.event = ExecutionEvent::reduce;
  const std::vector<Execution> executions = {open, part, closing(-200)};
  const Performance p = performance_of(executions, {});
  EXPECT_EQ(p.trades, 1u);
  EXPECT_EQ(p.wins, 1u) << "500 - 200 is a gain although the last fill lost";
  EXPECT_EQ(p.profit_factor, 0);
}

TEST(Performance, LeavesOutAPositionThatIsStillOpen) {
  Execution open;
  open.event = ExecutionEvent::open;
  Execution part = closing(500);
  part.event = ExecutionEvent::reduce;
  const std::vector<Execution> executions = {open, part};
  EXPECT_EQ(performance_of(executions, {}).trades, 0u);
}

TEST(Performance, KeepsPositionsOfDifferentInstrumentsApart) {
  Execution open_a;
  open_a.event = ExecutionEvent::open;
  open_a.instrument = 0;
  Execution open_b = open_a;
  open_b.instrument = 1;
  const std::vector<Execution> executions = {open_a, open_b, closing(100, 1), closing(-40, 0)};
  const Performance p = performance_of(executions, {});
  EXPECT_EQ(p.trades, 2u);
  EXPECT_EQ(p.wins, 1u);
  EXPECT_DOUBLE_EQ(p.profit_factor, 100.0 / 40.0);
}

// Returns +10 %, -10 %, 0: mean 0; deviation sqrt((0.01 + 0.01 + 0) / 2) = 0.1.
TEST(Performance, GivesASharpeOfNothingWhereTheMeanReturnIsNothing) {
  const Performance p = performance_of({}, minutes({1000, 1100, 990, 990}));
  EXPECT_NEAR(p.sharpe, 0, 1e-9);
  EXPECT_NEAR(p.sortino, 0, 1e-9);
}

// Returns +2 %, -1 %: mean 0.005, deviation sqrt(2 x 0.015^2 / 1) = 0.0212132, of losses sqrt(0.0001 / 2) = 0.00707107;
// a year has 525600 minutes, its root is 724.98276.
TEST(Performance, MatchesTheSharpeAndSortinoComputedByHand) {
  const Performance p = performance_of({}, minutes({10'000, 10'200, 10'098}));
  EXPECT_NEAR(p.sharpe, 0.005 / 0.0212132034 * 724.9827584, 1e-4);
  EXPECT_NEAR(p.sortino, 0.005 / 0.0070710678 * 724.9827584, 1e-4);
}

// From 1000 down to 950 and up to 1010 in one day: 1 % a day is 365 % a year; deepest fall 5 %: 3.65 / 0.05 = 73.
TEST(Performance, MatchesTheCalmarComputedByHand) {
  const std::vector<SeriesPoint> curve = {{kStartNs, 1000}, {kStartNs + kNanosPerHour, 950}, {kStartNs + kNanosPerDay, 1010}};
  EXPECT_NEAR(performance_of({}, curve).calmar, 73, 1e-9);
}

TEST(Performance, IsUndefinedSoZeroOnAFlatCurveAndOnASinglePoint) {
  for (const auto& curve : {minutes({1000, 1000, 1000, 1000}), minutes({1000}), minutes({1000, 1001})}) {
    const Performance p = performance_of({}, curve);
    EXPECT_EQ(p.sharpe, 0) << curve.size();
    EXPECT_EQ(p.sortino, 0) << curve.size();
    EXPECT_EQ(p.calmar, 0) << curve.size();
  }
}

TEST(Performance, SaysNothingAboutReturnsOnAnEquityThatWasNotPositive) {
  const Performance p = performance_of({}, minutes({1000, 0, 500, 600}));
  EXPECT_EQ(p.sharpe, 0);
  EXPECT_EQ(p.sortino, 0);
  EXPECT_TRUE(std::isfinite(p.calmar));
}

TEST(Performance, CountsEveryStepOfAQuietStretchAndTheUnfinishedLastStep) {
  // 1000 until minute 9, then 1010 half a minute later: ten steps, nine of them without change.
  const std::vector<SeriesPoint> curve = {
      {kStartNs, 1000}, {kStartNs + 9 * kNanosPerMinute, 1000}, {kStartNs + 9 * kNanosPerMinute + kNanosPerMinute / 2, 1010}};
  // mean 0.001; squares 9 x 0.001^2 + 0.009^2 = 9e-5; deviation sqrt(1e-5).
  EXPECT_NEAR(performance_of({}, curve).sharpe, 0.001 / std::sqrt(1e-5) * std::sqrt(525'600.0), 1e-6);
}

TEST(Performance, StaysFiniteAtTheEndsOfTheRange) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const std::vector<SeriesPoint> curve = {{0, 1}, {kNanosPerMinute, kMost}, {kNever, 1}};
  const Performance p = performance_of(closings({kMost, -kMost}), curve);
  EXPECT_TRUE(std::isfinite(p.sharpe) && std::isfinite(p.sortino) && std::isfinite(p.calmar));
  EXPECT_DOUBLE_EQ(p.profit_factor, 1);
  EXPECT_EQ(performance_of({}, curve, 0).sharpe, 0) << "no step, no returns";
}

/// The definitions, written out with every sample stored.
Performance plainly(const std::vector<SeriesPoint>& curve, std::int64_t step_ns) {
  Performance out;
  std::vector<long double> samples;
  std::size_t known = 0;
  for (std::int64_t ts_ns = curve.front().ts_ns;; ts_ns += step_ns) {
    while (known + 1 < curve.size() && curve[known + 1].ts_ns <= ts_ns) ++known;
    samples.push_back(static_cast<long double>(curve[known].value));
    if (ts_ns >= curve.back().ts_ns) break;
  }
  std::vector<long double> returns;
  for (std::size_t i = 1; i < samples.size(); ++i) returns.push_back(samples[i] / samples[i - 1] - 1);
  long double mean = 0;
  for (const long double r : returns) mean += r / static_cast<long double>(returns.size());
  long double variance = 0;
  long double below = 0;
  for (const long double r : returns) {
    variance += (r - mean) * (r - mean) / static_cast<long double>(returns.size() - 1);
    below += (r < 0 ? r * r : 0) / static_cast<long double>(returns.size());
  }
  const long double year = std::sqrt(365.0L * 86'400e9L / static_cast<long double>(step_ns));
  out.sharpe = static_cast<double>(mean / std::sqrt(variance) * year);
  out.sortino = static_cast<double>(mean / std::sqrt(below) * year);
  long double deepest = 0;
  for (std::size_t i = 0; i < curve.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      deepest = std::max(deepest, 1 - static_cast<long double>(curve[i].value) / static_cast<long double>(curve[k].value));
    }
  }
  const long double span = static_cast<long double>(curve.back().ts_ns - curve.front().ts_ns);
  const long double total = static_cast<long double>(curve.back().value) / static_cast<long double>(curve.front().value) - 1;
  out.calmar = static_cast<double>(total * 365.0L * 86'400e9L / span / deepest);
  return out;
}

TEST(Performance, AgreesWithAPlainRecomputationOnRandomCurves) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    SampleRandom random(seed);
    const std::int64_t step_ns = seed % 3 == 0 ? kNanosPerHour : kNanosPerMinute;
    std::vector<SeriesPoint> curve;
    std::int64_t ts_ns = kStartNs + random.between(0, kNanosPerDay);
    std::int64_t value = 10'000 * kMoneyUnit;
    const std::int64_t points = random.between(10, 400);
    for (std::int64_t i = 0; i < points; ++i) {
      curve.push_back({ts_ns, value});
      // Now several points within one step, now many steps without a point, now exactly on a step.
      ts_ns += random.chance(20) ? step_ns : random.chance(50) ? random.between(0, step_ns / 3) : random.between(1, 9 * step_ns);
      value += value / 1000 * random.between(-9, 9);
    }
    const Performance expected = plainly(curve, step_ns);
    const Performance actual = performance_of({}, curve, step_ns);
    EXPECT_NEAR(actual.sharpe, expected.sharpe, std::abs(expected.sharpe) * 1e-9 + 1e-9);
    EXPECT_NEAR(actual.sortino, expected.sortino, std::abs(expected.sortino) * 1e-9 + 1e-9);
    EXPECT_NEAR(actual.calmar, expected.calmar, std::abs(expected.calmar) * 1e-9 + 1e-9);
  }
}

TEST(Performance, AgreesWithTheTradesThatTheGeneratorMade) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    const auto sample = sample_session({seed, 97, 30 * kNanosPerHour, 3, true});
    std::uint64_t trades = 0;
    std::uint64_t wins = 0;
    Money pnl{};
    for (const StrategyRow& row : sample->summary.strategies) {
      trades += row.trades;
      wins += row.wins;
      pnl = pnl + row.pnl_net;
    }
    EXPECT_EQ(sample->summary.performance.trades, trades);
    EXPECT_EQ(sample->summary.performance.wins, wins);
    Money paired{};
    for (const RoundTrip& trip : round_trips_of(sample->detail.executions)) paired = paired + trip.pnl_net;
    EXPECT_EQ(paired, pnl);
    EXPECT_EQ(paired, sample->summary.pnl_net)
        << "flat at the end: the net P&L of the trades is the change of the balance, to the last 1e-8";
  }
}

}  // namespace
}  // namespace martinet::telemetry_test::performance

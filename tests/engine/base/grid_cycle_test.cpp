// should_close_all as a table: each rule on its bound, one step of a double beside it, and mirrored; then what is not finite.
// Averages and fractions are chosen so that every bound is exact in doubles (100 x 0.75, 100 x 1.25).
#include "engine/base/grid_cycle.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace martinet::grid_cycle_test {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const double kNan = std::nan("");

double above(double x) { return std::nextafter(x, kInfinity); }
double below(double x) { return std::nextafter(x, -kInfinity); }

GridCycle cycle(Side direction, GridTarget target, double average = 100, double stop = 0.25, double target_fraction = 0.125) {
  GridCycle c;
  c.direction = direction;
  c.target = target;
  c.entry_average = average;
  c.stop_fraction = stop;
  c.target_fraction = target_fraction;
  return c;
}

struct Row {
  double close;
  double mean;
  CloseAll expected;
};

void expect_rows(const GridCycle& c, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    EXPECT_EQ(should_close_all({row.close, row.mean}, c), row.expected) << "close " << row.close << ", mean " << row.mean;
  }
}

TEST(GridCycle, StopsAtItsFractionOfTheAverageEntryWhateverTheTarget) {
  for (const GridTarget target : {GridTarget::percent, GridTarget::mean}) {
    expect_rows(cycle(Side::buy, target),
                {{above(75), 90, CloseAll::none}, {75, 90, CloseAll::sl_global}, {below(75), 90, CloseAll::sl_global}});
    expect_rows(cycle(Side::sell, target),
                {{below(125), 110, CloseAll::none}, {125, 110, CloseAll::sl_global}, {above(125), 110, CloseAll::sl_global}});
  }
  // Through the mean: the mean beyond the price, so that the stop alone is left.
  expect_rows(cycle(Side::buy, GridTarget::through_mean), {{above(75), 70, CloseAll::none}, {75, 70, CloseAll::sl_global}});
  expect_rows(cycle(Side::sell, GridTarget::through_mean), {{below(125), 130, CloseAll::none}, {125, 130, CloseAll::sl_global}});
}

TEST(GridCycle, ReturnsToTheMeanWithTheBoundIncluded) {
  expect_rows(cycle(Side::buy, GridTarget::mean),
              {{below(110), 110, CloseAll::none},
               {110, 110, CloseAll::tp_global},
               {above(110), 110, CloseAll::tp_global},
               {90, 90, CloseAll::tp_global}});  // a mean that fell below the average entry: out with a loss
  expect_rows(cycle(Side::sell, GridTarget::mean), {{above(90), 90, CloseAll::none},
                                                    {90, 90, CloseAll::tp_global},
                                                    {below(90), 90, CloseAll::tp_global},
                                                    {110, 110, CloseAll::tp_global}});
}

TEST(GridCycle, TakesThePercentOfTheAverageEntryAndDoesNotLookAtTheMean) {
  for (const double mean : {0.0, 50.0, 112.5, 500.0, kNan}) {
    expect_rows(cycle(Side::buy, GridTarget::percent),
                {{below(112.5), mean, CloseAll::none}, {112.5, mean, CloseAll::tp_global}, {above(112.5), mean, CloseAll::tp_global}});
    expect_rows(cycle(Side::sell, GridTarget::percent),
                {{above(87.5), mean, CloseAll::none}, {87.5, mean, CloseAll::tp_global}, {below(87.5), mean, CloseAll::tp_global}});
  }
}

TEST(GridCycle, LeavesThroughTheMeanWithOrWithoutAGain) {
  expect_rows(cycle(Side::buy, GridTarget::through_mean), {{110, 110, CloseAll::none},  // on it, not through it
                                                           {above(110), 110, CloseAll::none},
                                                           {below(110), 110, CloseAll::tp_global},
                                                           {above(100), 110, CloseAll::tp_global},
                                                           {100, 110, CloseAll::sl_global},  // no better than the average entry
                                                           {below(100), 110, CloseAll::sl_global},
                                                           {99, 98, CloseAll::none}});
  expect_rows(cycle(Side::sell, GridTarget::through_mean), {{90, 90, CloseAll::none},
                                                            {below(90), 90, CloseAll::none},
                                                            {above(90), 90, CloseAll::tp_global},
                                                            {below(100), 90, CloseAll::tp_global},
                                                            {100, 90, CloseAll::sl_global},
                                                            {above(100), 90, CloseAll::sl_global},
                                                            {101, 102, CloseAll::none}});
}

TEST(GridCycle, TheStopGoesBeforeTheTarget) {
  expect_rows(cycle(Side::buy, GridTarget::mean), {{75, 74, CloseAll::sl_global}, {75, 75, CloseAll::sl_global}});
  expect_rows(cycle(Side::sell, GridTarget::mean), {{125, 126, CloseAll::sl_global}, {125, 125, CloseAll::sl_global}});
  // Fractions below zero put both bounds on one side: nothing that a configuration allows, and still one answer.
  expect_rows(cycle(Side::buy, GridTarget::percent, 100, 0.25, -0.25), {{75, 0, CloseAll::sl_global}});
}

TEST(GridCycle, WithoutADirectionOrAnAverageNothingCloses) {
  for (const GridTarget target : {GridTarget::percent, GridTarget::mean, GridTarget::through_mean}) {
    expect_rows(cycle(Side::none, target), {{1, 110, CloseAll::none}, {200, 110, CloseAll::none}});
    for (const double average : {0.0, -0.0, -100.0}) {
      expect_rows(cycle(Side::buy, target, average), {{1, 110, CloseAll::none}, {200, 110, CloseAll::none}, {-200, 0, CloseAll::none}});
    }
  }
}

TEST(GridCycle, NumbersThatAreNotFiniteCloseNothing) {
  for (const double bad : {kNan, kInfinity, -kInfinity}) {
    for (const Side side : {Side::buy, Side::sell}) {
      for (const GridTarget target : {GridTarget::percent, GridTarget::mean, GridTarget::through_mean}) {
        expect_rows(cycle(side, target), {{bad, 100, CloseAll::none}, {bad, bad, CloseAll::none}});
        for (const double close : {1.0, 75.0, 100.0, 200.0}) {
          expect_rows(cycle(side, target, bad), {{close, 100, CloseAll::none}});
          expect_rows(cycle(side, target, 100, bad), {{close, 100, CloseAll::none}});
        }
      }
      expect_rows(cycle(side, GridTarget::mean), {{100, bad, CloseAll::none}, {110, bad, CloseAll::none}, {90, bad, CloseAll::none}});
      expect_rows(cycle(side, GridTarget::through_mean), {{110, bad, CloseAll::none}, {90, bad, CloseAll::none}});
      expect_rows(cycle(side, GridTarget::percent, 100, 0.25, bad), {{110, 100, CloseAll::none}, {90, 100, CloseAll::none}});
    }
  }
}

TEST(GridCycle, AMeanThatIsUnknownDoesNotSwitchTheStopOff) {
  expect_rows(cycle(Side::buy, GridTarget::mean), {{75, kNan, CloseAll::sl_global}, {above(75), kNan, CloseAll::none}});
  expect_rows(cycle(Side::sell, GridTarget::through_mean),
              {{125, kInfinity, CloseAll::sl_global}, {below(125), kInfinity, CloseAll::none}});
}

TEST(GridCycle, ShortsMirrorLongsAroundTheAverageEntry) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<int> step(-128, 128);  // whole quarters: every mirrored price and bound is exact
  int closed = 0;
  for (int n = 0; n < 20'000; ++n) {
    const double close = 100 + step(random) * 0.25;
    const double mean = 100 + step(random) * 0.25;
    for (const GridTarget target : {GridTarget::percent, GridTarget::mean, GridTarget::through_mean}) {
      const CloseAll of_long = should_close_all({close, mean}, cycle(Side::buy, target));
      ASSERT_EQ(of_long, should_close_all({200 - close, 200 - mean}, cycle(Side::sell, target))) << close << " " << mean;
      closed += of_long != CloseAll::none;
    }
  }
  EXPECT_GT(closed, 10'000);
}

}  // namespace martinet::grid_cycle_test

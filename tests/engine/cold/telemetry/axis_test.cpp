#include "engine/cold/telemetry/axis.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/base/time.hpp"
#include "engine/cold/telemetry/curve.hpp"
#include "tests/engine/cold/telemetry/sample_session.hpp"

namespace martinet::telemetry_test::axis {
namespace {

using testing::ElementsAre;

std::vector<std::string> labels_of(const std::vector<AxisMark>& marks) {
  std::vector<std::string> out;
  for (const AxisMark& mark : marks) out.push_back(mark.label);
  return out;
}

TEST(ValueAxis, StandsOnRoundNumbers) {
  EXPECT_THAT(labels_of(value_axis(9'412, 10'180, 5).marks), ElementsAre("9,400", "9,600", "9,800", "10,000", "10,200"));
  EXPECT_THAT(labels_of(value_axis(0, 1, 5).marks), ElementsAre("0.0", "0.2", "0.4", "0.6", "0.8", "1.0"));
  EXPECT_THAT(labels_of(value_axis(-5.5, 0, 3).marks), ElementsAre("\u22126", "\u22124", "\u22122", "0"));
}

TEST(ValueAxis, GivesAFlatLineRoom) {
  for (const double value : {0.0, 10'000.0, -3.5, 1e-12}) {
    const Axis axis = value_axis(value, value, 5);
    EXPECT_LT(axis.low, value);
    EXPECT_GT(axis.high, value);
    EXPECT_GE(axis.marks.size(), 2u);
  }
}

TEST(ValueAxis, HoldsItsRangeWithDistinctLabelsForAnyRange) {
  SampleRandom random(5);
  for (int i = 0; i < 5000; ++i) {
    const double size = std::pow(10.0, static_cast<double>(random.between(-6, 9)));
    const double low = static_cast<double>(random.between(-1000, 1000)) / 1000 * size;
    const double high = low + static_cast<double>(random.between(1, 1000)) / 1000 * size;
    const Axis axis = value_axis(low, high, 5);
    const double slack = (high - low) * 1e-5;
    ASSERT_LE(axis.low, low + slack) << low << " " << high;
    ASSERT_GE(axis.high, high - slack) << low << " " << high;
    ASSERT_GE(axis.marks.size(), 2u);
    ASSERT_LE(axis.marks.size(), 9u) << low << " " << high;
    std::vector<std::string> labels = labels_of(axis.marks);
    std::sort(labels.begin(), labels.end());
    ASSERT_EQ(std::adjacent_find(labels.begin(), labels.end()), labels.end()) << low << " " << high;
  }
}

TEST(ValueAxis, ReadsBackItsOwnLabels) {
  const Axis axis = value_axis(0.00123, 0.00187, 5);
  for (const AxisMark& mark : axis.marks) EXPECT_NEAR(std::stod(mark.label), axis.low + mark.at * (axis.high - axis.low), 1e-12);
}

TEST(LogAxis, MarksDecadesAndFillsThemWhereThereAreFew) {
  EXPECT_THAT(log_axis(100, 1'000'000).marks, ElementsAre(100, 1'000, 10'000, 100'000, 1'000'000));
  EXPECT_THAT(log_axis(100, 1'000).marks, ElementsAre(100, 200, 500, 1'000));
  EXPECT_NEAR(log_axis(1, 100).place(10), 0.5, 1e-12);
  EXPECT_EQ(log_axis(1, 100).place(0), 0);
  EXPECT_FALSE(log_axis(50, 50).marks.empty());
}

TEST(TimeAxis, MarksHoursAndSaysTheDateWhereItChanges) {
  const TimeAxis axis = time_axis(kStartNs + kNanosPerHour, kStartNs + 37 * kNanosPerHour);
  EXPECT_THAT(labels_of(axis.marks), ElementsAre("06:00", "12:00", "18:00", "00:00", "06:00", "12:00"));
  EXPECT_EQ(axis.marks[0].sublabel, "14 Jan");
  EXPECT_EQ(axis.marks[1].sublabel, "");
  EXPECT_EQ(axis.marks[3].sublabel, "15 Jan");
}

TEST(TimeAxis, MarksMonthsOfALongSession) {
  const TimeAxis axis = time_axis(kStartNs, kStartNs + 400 * kNanosPerDay);
  EXPECT_THAT(labels_of(axis.marks), ElementsAre("Apr", "Jul", "Oct", "Jan"));
  EXPECT_EQ(axis.marks[0].sublabel, "2025");
  EXPECT_EQ(axis.marks[3].sublabel, "2026");
}

TEST(TimeAxis, HasAReasonableNumberOfMarksForAnySpan) {
  SampleRandom random(6);
  for (int i = 0; i < 3000; ++i) {
    std::int64_t span_ns = random.between(1, 1000);
    for (std::int64_t power = random.between(3, 14); power > 0; --power) span_ns *= 10;
    const TimeAxis axis = time_axis(kStartNs, kStartNs + span_ns);
    ASSERT_GE(axis.marks.size(), 1u) << span_ns;
    ASSERT_LE(axis.marks.size(), 10u) << span_ns;
    for (std::size_t k = 1; k < axis.marks.size(); ++k) ASSERT_LT(axis.marks[k - 1].at, axis.marks[k].at);
  }
}

TEST(TimeAxis, GivesASingleInstantRoom) {
  for (const std::int64_t ts_ns : {kStartNs, std::int64_t{0}, kNever, -kNever}) {
    const TimeAxis axis = time_axis(ts_ns, ts_ns);
    EXPECT_LT(axis.first_ns, axis.last_ns);
    EXPECT_FALSE(axis.marks.empty());
  }
}

TEST(Curve, KeepsEveryPeakWhenThinned) {
  SampleRandom random(7);
  std::vector<SeriesPoint> points;
  for (int i = 0; i < 50'000; ++i) points.push_back({kStartNs + i * kNanosPerSecond, random.between(-1000, 1000)});
  points[31'415].value = 5000;
  points[27'182].value = -5000;
  const TimeAxis axis = time_axis(points.front().ts_ns, points.back().ts_ns);
  const std::vector<SeriesPoint> thin = thinned(points, axis, 100);
  EXPECT_LE(thin.size(), 400u);
  EXPECT_TRUE(std::is_sorted(thin.begin(), thin.end(), [](const SeriesPoint& a, const SeriesPoint& b) { return a.ts_ns < b.ts_ns; }));
  const auto holds = [&](std::size_t i) {
    return std::any_of(thin.begin(), thin.end(),
                       [&](const SeriesPoint& p) { return p.ts_ns == points[i].ts_ns && p.value == points[i].value; });
  };
  EXPECT_TRUE(holds(0) && holds(49'999) && holds(31'415) && holds(27'182));
}

TEST(Curve, FallsFromTheHighestPointSoFar) {
  const std::vector<SeriesPoint> equity = {{0, 100}, {1, 80}, {2, 120}, {3, 60}, {4, 120}};
  const std::vector<SeriesPoint> fall = drawdown_of(equity);
  EXPECT_EQ(fall[0].value, 0);
  EXPECT_NEAR(static_cast<double>(fall[1].value) * kDrawdownUnit, -0.2, 1e-8);
  EXPECT_EQ(fall[2].value, 0);
  EXPECT_NEAR(static_cast<double>(fall[3].value) * kDrawdownUnit, -0.5, 1e-8);
  EXPECT_EQ(fall[4].value, 0);
  EXPECT_EQ(drawdown_of(std::vector<SeriesPoint>{{0, -5}, {1, -9}})[1].value, 0) << "no peak above zero, no fraction of it";
}

}  // namespace
}  // namespace martinet::telemetry_test::axis

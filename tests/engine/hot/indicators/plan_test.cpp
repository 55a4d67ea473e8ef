#include "engine/hot/indicators/plan.hpp"

#include <gtest/gtest.h>

#include "tests/engine/hot/indicators/stage_fixture.hpp"

namespace martinet::plan_test {
namespace {

using K = IndicatorKind;
using test::request;
constexpr std::int64_t kMinute_ns = kNanosPerMinute;

Errc refusal(IndicatorPlan& plan, const IndicatorRequest& asked) {
  const auto slot = plan.slot(asked);
  if (slot.ok()) return Errc::ok;
  EXPECT_NE(slot.error().what.find(indicator_name(asked.kind)), std::string::npos) << "names the request: " << slot.error().what;
  return slot.error().code;
}

TEST(IndicatorPlanTest, GivesTheSameRequestTheSameSlotAndCountsFromZero) {
  IndicatorPlan plan(2);
  EXPECT_EQ(*plan.slot(request(K::rsi, kMinute_ns, {14})), 0);
  EXPECT_EQ(*plan.slot(request(K::rsi, kMinute_ns, {15})), 1);
  EXPECT_EQ(*plan.slot(request(K::rsi, 5 * kMinute_ns, {14})), 2);
  EXPECT_EQ(*plan.slot(request(K::rsi, kMinute_ns, {14})), 0);
  EXPECT_EQ(*plan.slot(request(K::rsi, kMinute_ns, {14, 99, 7}, 3.0)), 0) << "parameters that RSI does not use do not count";
  EXPECT_EQ(*plan.slot(request(K::rsi, kMinute_ns, {14}, 0, 1)), 0) << "slots belong to an instrument";
  EXPECT_EQ(plan.of(0).slots.size(), 3U);
  EXPECT_EQ(plan.of(1).slots.size(), 1U);
}

TEST(IndicatorPlanTest, OutputsOfOneIndicatorShareOneObject) {
  IndicatorPlan plan(1);
  for (const K kind : {K::macd, K::macd_signal, K::macd_histogram}) test::must_slot(plan, request(kind, kMinute_ns, {12, 26, 9}));
  for (const K kind : {K::bb_upper, K::bb_lower, K::bb_percent_b}) test::must_slot(plan, request(kind, kMinute_ns, {20}, 2.0));
  EXPECT_EQ(plan.of(0).nodes.size(), 2U);
  test::must_slot(plan, request(K::bb_upper, kMinute_ns, {20}, 2.5));
  EXPECT_EQ(plan.of(0).nodes.size(), 3U);
}

TEST(IndicatorPlanTest, RefusesPeriodsOutsideTheirBoundsAndTakesThoseOnThem) {
  IndicatorPlan plan(1);
  EXPECT_EQ(refusal(plan, request(K::sma, kMinute_ns, {0})), Errc::config_out_of_bounds);
  EXPECT_EQ(refusal(plan, request(K::sma, kMinute_ns, {-1})), Errc::config_out_of_bounds);
  EXPECT_EQ(refusal(plan, request(K::sma, kMinute_ns, {1})), Errc::ok);
  EXPECT_EQ(refusal(plan, request(K::sma, kMinute_ns, {kPeriodMax})), Errc::ok);
  EXPECT_EQ(refusal(plan, request(K::sma, kMinute_ns, {kPeriodMax + 1})), Errc::config_out_of_bounds);
  EXPECT_EQ(refusal(plan, request(K::rsi, kMinute_ns, {1})), Errc::config_out_of_bounds);
  EXPECT_EQ(refusal(plan, request(K::rsi, kMinute_ns, {2})), Errc::ok);
  EXPECT_EQ(refusal(plan, request(K::stochrsi_k, kMinute_ns, {1, 1, 1})), Errc::config_out_of_bounds);
  EXPECT_EQ(refusal(plan, request(K::stochrsi_k, kMinute_ns, {2, 0, 1})), Errc::config_out_of_bounds);
  EXPECT_EQ(refusal(plan, request(K::stochrsi_k, kMinute_ns, {2, 1, 1})), Errc::ok);
  EXPECT_EQ(refusal(plan, request(K::historical_volatility_z, kMinute_ns, {20, 1})), Errc::config_out_of_bounds);
  EXPECT_EQ(refusal(plan, request(K::historical_volatility_z, kMinute_ns, {20, 2})), Errc::ok);
  EXPECT_EQ(refusal(plan, request(K::macd, kMinute_ns, {26, 26, 9})), Errc::config_contradiction);
  EXPECT_EQ(refusal(plan, request(K::macd, kMinute_ns, {25, 26, 9})), Errc::ok);
}

TEST(IndicatorPlanTest, RefusesFactorsTimeframesAndInstrumentsOutsideTheirBounds) {
  IndicatorPlan plan(2);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double factor : {0.0, -1.0, 100.5, nan}) {
    EXPECT_EQ(refusal(plan, request(K::bb_upper, kMinute_ns, {20}, factor)), Errc::config_out_of_bounds) << factor;
  }
  EXPECT_EQ(refusal(plan, request(K::bb_upper, kMinute_ns, {20}, 100)), Errc::ok);
  for (const std::int64_t timeframe_ns :
       {std::int64_t{0}, -kMinute_ns, kNanosPerSecond - 1, kNanosPerSecond + 1, kTimeframeMax_ns + kNanosPerSecond}) {
    EXPECT_EQ(refusal(plan, request(K::close, timeframe_ns)), Errc::config_out_of_bounds) << timeframe_ns;
  }
  EXPECT_EQ(refusal(plan, request(K::close, kNanosPerSecond)), Errc::ok);
  EXPECT_EQ(refusal(plan, request(K::close, kTimeframeMax_ns)), Errc::ok);
  EXPECT_EQ(refusal(plan, request(K::close, kMinute_ns, {}, 0, 2)), Errc::config_out_of_bounds);
  EXPECT_EQ(refusal(plan, request(K::correlation, kMinute_ns, {20}, 0, 0, 0)), Errc::config_out_of_bounds);
  EXPECT_EQ(refusal(plan, request(K::correlation, kMinute_ns, {20}, 0, 0, 2)), Errc::config_out_of_bounds);
  EXPECT_EQ(refusal(plan, request(K::correlation, kMinute_ns, {20}, 0, 0, 1)), Errc::ok);
  EXPECT_NE(plan.timeframe_bit(1, kMinute_ns), kNoTimeframe) << "the other instrument's bars are made as well";
  EXPECT_FALSE(plan.slot({.kind = K::count_}).ok());
  EXPECT_TRUE(plan.want_ticks(1).ok());
  EXPECT_FALSE(plan.want_ticks(2).ok());
}

TEST(IndicatorPlanTest, RefusesOneSlotAndOneTimeframeTooMany) {
  IndicatorPlan plan(1);
  for (std::size_t i = 0; i < capacity::frame_slots_max; ++i) {
    ASSERT_EQ(refusal(plan, request(K::sma, kMinute_ns, {static_cast<std::int32_t>(i + 1)})), Errc::ok);
  }
  EXPECT_EQ(refusal(plan, request(K::sma, kMinute_ns, {1000})), Errc::no_capacity);
  EXPECT_EQ(refusal(plan, request(K::sma, kMinute_ns, {1})), Errc::ok) << "what is there can still be asked for";

  IndicatorPlan wide(1);
  for (std::size_t i = 0; i < capacity::timeframes_max; ++i) {
    ASSERT_EQ(refusal(wide, request(K::close, static_cast<std::int64_t>(i + 1) * kMinute_ns)), Errc::ok);
  }
  EXPECT_EQ(refusal(wide, request(K::close, 60 * kMinute_ns)), Errc::no_capacity);
}

TEST(IndicatorPlanTest, KnowsTheLongestWarmupOfATimeframe) {
  IndicatorPlan plan(1);
  test::must_slot(plan, request(K::rsi, kMinute_ns, {14}));
  EXPECT_EQ(plan.warmup_bars(0, kMinute_ns), 15);
  test::must_slot(plan, request(K::macd, kMinute_ns, {12, 26, 9}));
  EXPECT_EQ(plan.warmup_bars(0, kMinute_ns), 34);
  test::must_slot(plan, request(K::sma, 5 * kMinute_ns, {200}));
  EXPECT_EQ(plan.warmup_bars(0, kMinute_ns), 34);
  EXPECT_EQ(plan.warmup_bars(0, 5 * kMinute_ns), 200);
  EXPECT_EQ(plan.warmup_bars(0, 15 * kMinute_ns), 0);
  EXPECT_EQ(plan.timeframe_bit(0, 15 * kMinute_ns), kNoTimeframe);
}

TEST(IndicatorPlanTest, DescribesRequestsAsAPersonWouldWriteThem) {
  EXPECT_EQ(describe(request(K::bb_upper, 5 * kMinute_ns, {20}, 2.5)), "bb_upper(20, 2.5) on 5m of instrument 0");
  EXPECT_EQ(describe(request(K::close, kNanosPerDay)), "close on 1d of instrument 0");
  EXPECT_EQ(timeframe_name(90 * kNanosPerSecond), "90s");
  EXPECT_EQ(timeframe_name(4 * kNanosPerHour), "4h");
}

}  // namespace
TEST(IndicatorPlanTest, KnowsWhatEachKindIsTold) {
  for (int i = 0; i < static_cast<int>(IndicatorKind::count_); ++i) {
    const auto kind = static_cast<IndicatorKind>(i);
    const IndicatorInputs inputs = inputs_of(kind);
    const std::string name(indicator_name(kind));
    EXPECT_EQ(inputs.factor, name.starts_with("bb_")) << name;
    EXPECT_EQ(inputs.other, name == "correlation") << name;
    EXPECT_LE(inputs.period_count, 3u) << name;
  }
  EXPECT_EQ(inputs_of(IndicatorKind::close).period_count, 0u);
  EXPECT_EQ(inputs_of(IndicatorKind::rsi).period_count, 1u);
  EXPECT_EQ(inputs_of(IndicatorKind::historical_volatility_z).period_count, 2u);
  EXPECT_EQ(inputs_of(IndicatorKind::macd).period_count, 3u);
  EXPECT_EQ(inputs_of(IndicatorKind::count_).period_count, 0u);
}

TEST(IndicatorPlanTest, ChecksARequestWithoutTakingASlot) {
  IndicatorRequest request;
  request.timeframe_ns = 60'000'000'000;
  request.instrument = 0;
  request.kind = IndicatorKind::rsi;
  request.period[0] = 2;
  EXPECT_TRUE(IndicatorPlan::check(request, 1).ok());
  EXPECT_FALSE(IndicatorPlan::check(request, 0).ok());
  request.period[0] = 1;
  EXPECT_EQ(IndicatorPlan::check(request, 1).error().code, Errc::config_out_of_bounds);
}

}  // namespace martinet::plan_test

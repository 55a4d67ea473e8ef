// Goal: the stop and target of a cycle stand exactly where their definition puts them, and the stop never loses more than was
// admitted. Method: values worked out by hand; and seeded random ones against the definition, written as inequalities that leave
// one tick of room: at the price they hold, one tick on they do not.
#include "engine/cold/position/cycle_stop.hpp"

#include <gtest/gtest.h>

#include <random>

namespace martinet {
namespace cycle_stop_test {

constexpr Area kUnlimited = static_cast<Area>(1) << 120;

InstrumentRules ticks_of(std::int64_t tick) {
  InstrumentRules rules;
  rules.tick_size = {tick};
  return rules;
}
CostBasis basis_of(std::int64_t qty, Area cost) {
  CostBasis basis;
  basis.qty = {qty};
  basis.cost = cost;
  return basis;
}

TEST(CycleStop, StandsAFractionFromTheAverageRoundedTowardIt) {
  // Bought 10 at 10 000 and 10 at 9 501: average 9 750.5, less 10 % is 8 775.45.
  const CostBasis bought = basis_of(20, 10 * 10'000 + 10 * 9'501);
  EXPECT_EQ(stop_of_average(ticks_of(1), bought, {10'000'000}, kUnlimited), Price{8'776});
  EXPECT_EQ(stop_of_average(ticks_of(25), bought, {10'000'000}, kUnlimited), Price{8'800});
  EXPECT_EQ(target_of_average(ticks_of(1), bought, {1'000'000}), Price{9'848}) << "9 848.005, down";
  EXPECT_EQ(target_of_average(ticks_of(25), bought, {1'000'000}), Price{9'825});
  // Sold the same: 10 725.55 above, 9 652.995 below.
  const CostBasis sold = basis_of(-20, bought.cost);
  EXPECT_EQ(stop_of_average(ticks_of(1), sold, {10'000'000}, kUnlimited), Price{10'725});
  EXPECT_EQ(stop_of_average(ticks_of(25), sold, {10'000'000}, kUnlimited), Price{10'725});
  EXPECT_EQ(stop_of_average(ticks_of(50), sold, {10'000'000}, kUnlimited), Price{10'700});
  EXPECT_EQ(target_of_average(ticks_of(1), sold, {1'000'000}), Price{9'653});
  EXPECT_EQ(target_of_average(ticks_of(25), sold, {1'000'000}), Price{9'675});
}

TEST(CycleStop, AnExactPriceIsNotMoved) {
  EXPECT_EQ(stop_of_average(ticks_of(1), basis_of(10, 100'000), {10'000'000}, kUnlimited), Price{9'000});
  EXPECT_EQ(stop_of_average(ticks_of(1), basis_of(-10, 100'000), {10'000'000}, kUnlimited), Price{11'000});
}

TEST(CycleStop, ATargetIsOnTheWinningSideHoweverSmallItsRate) {
  EXPECT_EQ(target_of_average(ticks_of(100), basis_of(10, 100'050), {1}), Price{10'100}) << "not 10 000, a loss";
  EXPECT_EQ(target_of_average(ticks_of(100), basis_of(-10, 100'050), {1}), Price{10'000});
  EXPECT_EQ(target_of_average(ticks_of(100), basis_of(10, 100'000), {1}), Price{10'100});
}

TEST(CycleStop, TheAdmittedLossPullsItNearerOneUnitOnBothSides) {
  const CostBasis bought = basis_of(20, 200'000);  // at 10 000: the stop at 9 000 loses 20 000
  EXPECT_EQ(stop_of_average(ticks_of(1), bought, {10'000'000}, 20'000), Price{9'000});
  EXPECT_EQ(stop_of_average(ticks_of(1), bought, {10'000'000}, 19'999), Price{9'001});
  EXPECT_EQ(stop_of_average(ticks_of(10), bought, {10'000'000}, 19'999), Price{9'010});
  EXPECT_EQ(stop_of_average(ticks_of(1), bought, {10'000'000}, 0), Price{10'000});
  const CostBasis sold = basis_of(-20, 200'000);
  EXPECT_EQ(stop_of_average(ticks_of(1), sold, {10'000'000}, 20'000), Price{11'000});
  EXPECT_EQ(stop_of_average(ticks_of(1), sold, {10'000'000}, 19'999), Price{10'999});
  EXPECT_EQ(stop_of_average(ticks_of(10), sold, {10'000'000}, 19'999), Price{10'990});
}

TEST(CycleStop, ALossTakenByAPartIsSpentAndAGainIsNotAdded) {
  CostBasis basis = basis_of(20, 200'000);
  basis.realised_area = -15'000;
  EXPECT_EQ(loss_left(basis, 20'000), Area{5'000});
  basis.realised_area = -25'000;
  EXPECT_EQ(loss_left(basis, 20'000), Area{0});
  basis.realised_area = 25'000;
  EXPECT_EQ(loss_left(basis, 20'000), Area{20'000});
}

TEST(CycleStop, TheAdmittedLossIsTheWholeCyclesAndZeroWithoutSoundTerms) {
  EXPECT_EQ(admitted_loss(3, {10}, {9'600}, {10'000'000}), Area{28'800});
  EXPECT_EQ(admitted_loss(3, {1}, {9'999}, {10'000'000}), Area{2'999}) << "2 999.7, down";
  EXPECT_EQ(admitted_loss(255, {std::int64_t{1} << 54}, {std::int64_t{1} << 60}, {50'000'000}),
            static_cast<Area>(255) * (static_cast<Area>(1) << 114) / 2);
  EXPECT_EQ(admitted_loss(0, {10}, {9'600}, {10'000'000}), Area{0});
  EXPECT_EQ(admitted_loss(3, {0}, {9'600}, {10'000'000}), Area{0});
  EXPECT_EQ(admitted_loss(3, {10}, kNoPrice, {10'000'000}), Area{0});
  EXPECT_EQ(admitted_loss(3, {10}, {9'600}, {0}), Area{0});
  EXPECT_NE(admitted_loss(3, {10}, {9'600}, {kRateUnit - 1}), Area{0});
  EXPECT_EQ(admitted_loss(3, {10}, {9'600}, {kRateUnit}), Area{0});
  EXPECT_EQ(admitted_loss(255, {INT64_MAX}, {INT64_MAX}, {1}), Area{0}) << "beyond 128 bits";
}

TEST(CycleStop, WithoutAPositiveAverageOrInsideOneTickThereIsNone) {
  EXPECT_EQ(stop_of_average(ticks_of(1), basis_of(10, -5), {10'000'000}, kUnlimited), kNoPrice);
  EXPECT_EQ(stop_of_average(ticks_of(1), basis_of(1, (static_cast<Area>(1) << 61)), {10'000'000}, kUnlimited), kNoPrice);
  EXPECT_EQ(stop_of_average(ticks_of(100), basis_of(-10, 500), {10'000'000}, kUnlimited), kNoPrice) << "55, rounded down to nothing";
  EXPECT_EQ(target_of_average(ticks_of(1), basis_of(-10, 500), {kRateUnit}), kNoPrice);
}

TEST(CycleStop, HoldsItsDefinitionToTheTickForAnyFills) {
  constexpr std::uint64_t kSeed = 20'240'601;
  std::printf("seed %llu\n", static_cast<unsigned long long>(kSeed));
  std::mt19937_64 random(kSeed);
  const auto below = [&random](std::int64_t n) { return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(n)); };
  int pulled = 0;
  for (int i = 0; i < 200'000; ++i) {
    const std::int64_t size = std::int64_t{1} << (1 + below(39));
    const std::int64_t price_size = std::int64_t{1} << (14 + below(30));
    const std::int64_t tick = 1 + below(i % 2 == 0 ? 1 : 1'000);
    const InstrumentRules rules = ticks_of(tick);
    const Rate rate{1 + below(kRateUnit - 1)};
    CostBasis basis;
    const bool buy = random() % 2 == 0;
    for (int leg = 0; leg <= below(5); ++leg) {
      const Qty qty{1 + below(size)};
      basis.increase({price_size + below(price_size)}, buy ? qty : -qty, {});
    }
    const Area qty = abs(basis.qty).v;
    const Area all = basis.cost / kRateUnit * rate.v + 1;
    const Area most = random() % 2 == 0 ? kUnlimited : all / 4 + all / 1'024 * below(1'024);
    const Price stop = stop_of_average(rules, basis, rate, most);
    if (!has_price(stop)) {
      ASSERT_LT(buy ? 0 : price_size, tick) << "only a short below one tick has none";
      continue;
    }
    ASSERT_EQ(stop.v % tick, 0);
    // qty x unit x stop against cost x (unit -+ rate): the numbers are small enough here for one plain product.
    const Area exact = basis.cost * (buy ? kRateUnit - rate.v : kRateUnit + rate.v);
    const auto holds = [&](std::int64_t v) {
      const Area at = qty * kRateUnit * v;
      return (buy ? at >= exact : at <= exact) && loss_at(basis, {v}) <= most;
    };
    ASSERT_TRUE(holds(stop.v)) << i;
    ASSERT_FALSE(holds(buy ? stop.v - tick : stop.v + tick)) << "a tick farther would still do: " << i;
    pulled += loss_at(basis, {buy ? stop.v - tick : stop.v + tick}) > most ? 1 : 0;
    const Price target = target_of_average(rules, basis, rate);
    if (!has_price(target)) continue;
    ASSERT_LT(loss_at(basis, target), 0) << i;
    const Area goal = basis.cost * (buy ? kRateUnit + rate.v : kRateUnit - rate.v);
    const std::int64_t nearer = buy ? target.v - tick : target.v + tick;
    const auto reaches = [&](std::int64_t v) { return buy ? qty * kRateUnit * v <= goal : qty * kRateUnit * v >= goal; };
    ASSERT_TRUE(reaches(target.v) || loss_at(basis, {nearer}) >= 0) << i;
    ASSERT_FALSE(reaches(buy ? target.v + tick : target.v - tick)) << i;
  }
  EXPECT_GT(pulled, 20'000);
}

}  // namespace cycle_stop_test
}  // namespace martinet

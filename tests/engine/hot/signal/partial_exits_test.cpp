// Profit in parts: each threshold at both sides, each level once, repeated only while the quantity says it was refused.
#include "engine/hot/signal/partial_exits.hpp"

#include <gtest/gtest.h>

namespace martinet::partial_exits_test {

constexpr PartialLevels kLevels = {{{{2'000'000}, {50'000'000}}, {{4'000'000}, {30'000'000}}}};  // 50 % at 2 %, 30 % of the rest at 4 %

struct Parts {
  Rate at(std::int64_t close, std::int64_t open, bool buy = true) {
    InstrumentRules rules;
    rules.lot_size = {10};
    return next_part(levels, rules, buy, entry, {close}, {open}, state);
  }
  PartialLevels levels = kLevels;
  Price entry{10'000};
  PartialState state;
};

TEST(PartialExits, TakesEachLevelOnceAndTheNearerFirst) {
  Parts parts;
  EXPECT_EQ(parts.at(10'199, 1'000).v, 0);
  EXPECT_EQ(parts.at(10'200, 1'000).v, 50'000'000);
  EXPECT_EQ(parts.at(10'399, 500).v, 0) << "the first is done";
  EXPECT_EQ(parts.at(10'400, 500).v, 30'000'000);
  EXPECT_EQ(parts.at(12'000, 350).v, 0) << "both are done";
}

TEST(PartialExits, MirrorsThemForShorts) {
  Parts parts;
  EXPECT_EQ(parts.at(9'801, 1'000, false).v, 0);
  EXPECT_EQ(parts.at(9'800, 1'000, false).v, 50'000'000);
  EXPECT_EQ(parts.at(9'601, 500, false).v, 0);
  EXPECT_EQ(parts.at(9'600, 500, false).v, 30'000'000);
}

TEST(PartialExits, TakesOneLevelABarWhereThePriceJumpsOverBoth) {
  Parts parts;
  EXPECT_EQ(parts.at(10'500, 1'000).v, 50'000'000);
  EXPECT_EQ(parts.at(10'500, 500).v, 30'000'000);
  EXPECT_EQ(parts.at(10'500, 350).v, 0);
}

TEST(PartialExits, AsksAgainOnlyWhileTheQuantityHasNotChangedAndThePriceIsThere) {
  Parts parts;
  EXPECT_EQ(parts.at(10'200, 1'000).v, 50'000'000);
  EXPECT_EQ(parts.at(10'200, 1'000).v, 50'000'000) << "it was refused";
  EXPECT_EQ(parts.at(10'100, 1'000).v, 0) << "the price has gone back";
  EXPECT_EQ(parts.at(10'250, 1'000).v, 50'000'000);
  EXPECT_EQ(parts.at(10'250, 990).v, 0) << "a fill of one lot counts as done";
  EXPECT_EQ(parts.at(10'400, 990).v, 30'000'000);
}

TEST(PartialExits, TakesGrowthForWhatItIs) {
  Parts parts;
  EXPECT_EQ(parts.at(10'200, 300).v, 50'000'000);
  EXPECT_EQ(parts.at(10'200, 1'000).v, 50'000'000) << "the entry went on filling; the part did not happen";
  EXPECT_EQ(parts.at(10'200, 500).v, 0);
}

TEST(PartialExits, LeavesOutALevelWithoutAPart) {
  Parts first;
  first.levels[0].part = {0};
  EXPECT_EQ(first.at(10'300, 1'000).v, 0);
  EXPECT_EQ(first.at(10'400, 1'000).v, 30'000'000);
  EXPECT_EQ(first.at(10'400, 700).v, 0);
  Parts second;
  second.levels[1].part = {0};
  EXPECT_EQ(second.at(10'400, 1'000).v, 50'000'000);
  EXPECT_EQ(second.at(10'400, 500).v, 0);
  Parts none;
  none.levels[0].part = none.levels[1].part = {0};
  EXPECT_EQ(none.at(99'999, 1'000).v, 0);
}

TEST(PartialExits, DoesNotAskForLessThanALot) {
  Parts parts;
  EXPECT_EQ(parts.at(10'200, 19).v, 0) << "half of it is 9, a lot is 10";
  EXPECT_EQ(parts.at(10'200, 20).v, 50'000'000);
}

TEST(PartialExits, DecidesOnTheExactThreshold) {
  Parts parts;
  parts.entry = {9'999};  // + 2 % = 10'198.98
  EXPECT_EQ(parts.at(10'198, 1'000).v, 0);
  EXPECT_EQ(parts.at(10'199, 1'000).v, 50'000'000);
  Parts below;
  below.entry = {9'999};  // - 2 % = 9'799.02
  EXPECT_EQ(below.at(9'800, 1'000, false).v, 0);
  EXPECT_EQ(below.at(9'799, 1'000, false).v, 50'000'000);
}

TEST(PartialExits, WaitsForAnEntryPriceAndSurvivesAnyNumber) {
  Parts parts;
  parts.entry = kNoPrice;
  EXPECT_EQ(parts.at(10'200, 1'000).v, 0);
  parts.entry = {std::int64_t{1} << 62};
  parts.levels[0].profit = {10 * kRateUnit};
  EXPECT_EQ(parts.at(10'200, 1'000).v, 0) << "a threshold beyond 64 bits is never reached";
  parts.entry = {10'000};
  EXPECT_EQ(parts.at(1, 1'000, false).v, 0) << "a short cannot gain ten times its price";
}

}  // namespace martinet::partial_exits_test

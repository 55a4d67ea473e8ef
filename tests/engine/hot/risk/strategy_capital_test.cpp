// A strategy's share of the account: its sizes, and the margin of all it holds and has under way.
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <optional>
#include <string>

#include "engine/hot/risk/risk_gate.hpp"
#include "tests/engine/hot/risk/risk_fixture.hpp"

namespace martinet::strategy_capital_test {
using namespace martinet::risk_test;

constexpr std::int64_t kUnit = 10'000;  // one unit of the quote currency on the price grid
constexpr Price kRef{50'000 * kUnit};
constexpr Price kStop{49'000 * kUnit};
constexpr Money kEquity{10'000 * kMoneyUnit};
constexpr Rate kHalf{kRateUnit / 2};
constexpr Rate kQuarter{kRateUnit / 4};

// Perpetuals without slippage, fee or leverage. Strategy 0 has half of the account, 1 a quarter, all others the whole.
class Gate {
 public:
  explicit Gate(const std::function<void(RiskConfig&)>& change = {}) {
    RiskConfig config;
    config.taker_fee = config.slippage_allowance = {0};
    config.leverage = 1;
    config.capital_fraction[0] = kHalf;
    config.capital_fraction[1] = kQuarter;
    if (change) change(config);
    for (int i = 0; i < 6; ++i) (void)table.add(perpetual("S" + std::to_string(i))).value();
    gate.emplace(table, config);
    gate->on_guard_view(guard(kEquity));
    for (InstrumentId i = 0; i < 6; ++i) gate->on_tick(trade(i, kRef));
  }
  Verdict ask(OrderIntent intent, StrategyId strategy) {
    intent.strategy = strategy;
    gate->on_intent(intent, sink);
    return sink.decisions.back().verdict;
  }
  Verdict enter(StrategyId strategy, InstrumentId id, Price stop = kStop) { return ask(entry(id, true, kRef, stop), strategy); }
  void view(InstrumentId id, Qty qty, Money notional, StrategyId owner, std::uint64_t covers) {
    PositionView v = view_of(id, ++version_, covers, qty, notional);
    v.owner = owner;
    gate->on_position_view(v);
  }
  std::int64_t qty() const { return sink.requests.back().qty.v; }

  InstrumentTable table;
  std::optional<RiskGate> gate;
  Sink sink;

 private:
  std::uint64_t version_ = 0;
};

TEST(StrategyCapital, SizesByTheStrategysShareOfTheBase) {
  const auto qty_with = [](SizingBase base, StrategyId strategy) {
    Gate g([base](RiskConfig& c) {
      c.sizing_base = base;
      c.fixed_base = {2'000 * kMoneyUnit};
    });
    GuardView view = guard(kEquity, 2);
    view.balance = {4'000 * kMoneyUnit};
    g.gate->on_guard_view(view);
    EXPECT_EQ(g.enter(strategy, 0), Verdict::admitted);
    return g.qty();
  };
  EXPECT_EQ(qty_with(SizingBase::equity, 2), 10'000);  // 1 % of 10 000 over 1 000
  EXPECT_EQ(qty_with(SizingBase::equity, 0), 5'000);
  EXPECT_EQ(qty_with(SizingBase::equity, 1), 2'500);
  EXPECT_EQ(qty_with(SizingBase::balance, 2), 4'000);
  EXPECT_EQ(qty_with(SizingBase::balance, 0), 2'000);
  EXPECT_EQ(qty_with(SizingBase::fixed, 2), 2'000);
  EXPECT_EQ(qty_with(SizingBase::fixed, 1), 500);
}

TEST(StrategyCapital, HoldsTheMarginOfAllItHasWithinItsShare) {
  const auto strict = [](RiskConfig& c) {
    c.cap_size = false;
    c.risk_fraction = {2'000'000};
  };
  Gate g(strict);  // each entry of strategy 0: 2 % of 5 000 over 1 000 = 0.1 coin, all of its 5 000
  ASSERT_EQ(g.enter(0, 0), Verdict::admitted);
  EXPECT_EQ(g.qty(), 10'000);
  EXPECT_EQ(g.enter(0, 1), Verdict::strategy_capital) << "an entry under way counts";
  g.view(0, {10'000}, {5'000 * kMoneyUnit}, 0, 1);
  EXPECT_EQ(g.enter(0, 1), Verdict::strategy_capital) << "and a position";
  EXPECT_EQ(g.enter(1, 1), Verdict::admitted) << "another strategy has a share of its own";
  g.view(0, {}, {}, kNoStrategy, 1);
  EXPECT_EQ(g.enter(0, 2), Verdict::admitted);

  Gate exact(strict);
  exact.view(3, {1}, {1}, 0, 0);
  EXPECT_EQ(exact.enter(0, 0), Verdict::strategy_capital) << "one unit too many";
  Gate strangers(strict);
  strangers.view(3, {1}, {1}, 1, 0);
  strangers.view(4, {1}, {1}, kNoStrategy, 0);
  EXPECT_EQ(strangers.enter(0, 0), Verdict::admitted) << "others' positions take nothing of it";
}

TEST(StrategyCapital, MakesAnEntrySmallerToFitWhereSizesAreCapped) {
  Gate g([](RiskConfig& c) { c.risk_fraction = {2'000'000}; });
  g.view(3, {1}, {1'000 * kMoneyUnit - 1}, 0, 0);
  ASSERT_EQ(g.enter(0, 0), Verdict::admitted);
  EXPECT_EQ(g.qty(), 8'000) << "4 000 and a unit are left";
  EXPECT_EQ(g.enter(0, 1), Verdict::strategy_capital);
  Gate none;
  none.view(3, {1}, {4'950 * kMoneyUnit - 1}, 0, 0);
  ASSERT_EQ(none.enter(0, 0), Verdict::admitted);
  EXPECT_EQ(none.qty(), 100) << "the least the venue takes";
  Gate less;
  less.view(3, {1}, {4'950 * kMoneyUnit + 1}, 0, 0);
  EXPECT_EQ(less.enter(0, 0), Verdict::strategy_capital);
}

TEST(StrategyCapital, TheAccountComesFirst) {
  Gate g;
  GuardView view = guard(kEquity, 2);
  view.margin_used = kEquity;
  g.gate->on_guard_view(view);
  EXPECT_EQ(g.enter(0, 0), Verdict::free_margin);
}

TEST(StrategyCapital, SharesMayAddUpToMoreThanTheAccount) {
  Gate g([](RiskConfig& c) {
    c.capital_fraction[0] = c.capital_fraction[1] = {kRateUnit * 8 / 10};
    c.risk_fraction = {20'000'000};
  });
  ASSERT_EQ(g.enter(0, 0), Verdict::admitted);
  EXPECT_EQ(g.qty(), 15'900) << "8 000";
  ASSERT_EQ(g.enter(1, 1), Verdict::admitted);
  EXPECT_EQ(g.qty(), 4'000) << "what the first has left of the account";
}

TEST(StrategyCapital, ACycleCountsInFullFromItsFirstLevelOn) {
  Gate g([](RiskConfig& c) { c.risk_fraction = {10'000'000}; });
  // 10 % of 5 000 over 5 000: 0.1 coin in two legs, all of the share.
  ASSERT_EQ(g.ask(cycle(0, true, kRef, kStop, 2, kRef, kRef, {kRateUnit / 10}), 0), Verdict::admitted);
  EXPECT_EQ(g.qty(), 5'000);
  EXPECT_TRUE(g.gate->state().shares[0].margin == 5'000 * kMoneyUnit);
  g.view(0, {5'000}, {2'500 * kMoneyUnit}, 0, 1);
  EXPECT_TRUE(g.gate->state().shares[0].margin == 5'000 * kMoneyUnit);
  EXPECT_EQ(g.enter(0, 1), Verdict::strategy_capital) << "though half of it is not sent yet";
  ASSERT_EQ(g.ask(level(0, kRef), 0), Verdict::admitted) << "its level draws on what was set aside";
}

TEST(StrategyCapital, FollowsEquityAndRefusesStrangers) {
  Gate g([](RiskConfig& c) { c.risk_fraction = {2'000'000}; });
  g.view(3, {1}, {1'000 * kMoneyUnit}, 0, 0);
  g.gate->on_guard_view(guard({2'000 * kMoneyUnit}, 2));
  EXPECT_EQ(g.enter(0, 0), Verdict::strategy_capital) << "the share has shrunk to what it holds";
  g.gate->on_guard_view(guard(kEquity, 3));
  EXPECT_EQ(g.enter(0, 0), Verdict::admitted);
  EXPECT_EQ(g.enter(15, 1), Verdict::admitted);
  EXPECT_EQ(g.enter(16, 2), Verdict::strategy_capital);
  EXPECT_EQ(g.enter(kNoStrategy, 2), Verdict::strategy_capital);
}

TEST(StrategyCapital, TheLargestAccountsShareIsExact) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  Gate g([](RiskConfig& c) { c.capital_fraction[0] = {1}; });
  g.gate->on_guard_view(guard({kMost}, 2));
  EXPECT_EQ(g.gate->state().shares[0].capital.v, kMost / kRateUnit);
  EXPECT_EQ(g.gate->state().shares[0].risk_budget.v, kMost / kRateUnit / 100);
  EXPECT_EQ(g.gate->state().shares[1].capital.v, kMost / 4);
  EXPECT_EQ(g.gate->state().shares[2].capital.v, kMost);
  g.gate->on_guard_view(guard({-5}, 3));
  EXPECT_EQ(g.gate->state().shares[0].capital.v, 0);
  EXPECT_EQ(g.gate->state().shares[2].risk_budget.v, 0);
}

}  // namespace martinet::strategy_capital_test

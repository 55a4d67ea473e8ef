// Cycles at the gate: how large they are admitted, what they hold back, which level may go and which may not, at both sides of each bound.
#include "engine/hot/risk/cycle_checks.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <optional>
#include <string>

#include "engine/hot/risk/risk_gate.hpp"
#include "tests/engine/hot/risk/risk_fixture.hpp"

namespace martinet::cycle_checks_test {
using namespace martinet::risk_test;

constexpr std::int64_t kUnit = 10'000;  // one unit of the quote currency on the price grid
constexpr Price kRef{50'000 * kUnit};
constexpr Price kStop{40'000 * kUnit};
constexpr Price kAverage{49'000 * kUnit};
constexpr Rate kFifth{kRateUnit / 5};
constexpr Money kEquity{10'000 * kMoneyUnit};

// Perpetuals (1 is spot, 2 inverse); no slippage or fee, so that numbers are round. Strategy 2 asks.
class Gate {
 public:
  explicit Gate(const std::function<void(RiskConfig&)>& change = {}, const std::function<void(Instrument&)>& rules = {}) {
    RiskConfig config;
    config.taker_fee = config.slippage_allowance = {0};
    config.risk_fraction = {9'800'000};  // 980: a loss per unit of 9 800 makes 0.1 coin
    config.leverage = 1;
    if (change) change(config);
    for (std::size_t i = 0; i < 6; ++i) {
      const ContractKind kind = i == 1 ? ContractKind::spot : i == 2 ? ContractKind::inverse : ContractKind::linear;
      Instrument instrument = perpetual("S" + std::to_string(i), kind);
      if (rules) rules(instrument);
      (void)table.add(instrument).value();
    }
    gate.emplace(table, config);
    gate->on_guard_view(guard(kEquity));
    for (std::size_t i = 0; i < table.size(); ++i) price(kRef, static_cast<InstrumentId>(i));
  }
  void price(Price price, InstrumentId id = 0) { gate->on_tick(trade(id, price)); }
  Verdict ask(const OrderIntent& intent) {
    gate->on_intent(intent, sink);
    return sink.decisions.back().verdict;
  }
  Verdict open(std::uint8_t levels = 4, InstrumentId id = 0) { return ask(cycle(id, true, kRef, kStop, levels, kRef, kAverage, kFifth)); }
  Verdict add(Price reference = kRef, InstrumentId id = 0) { return ask(level(id, reference)); }
  // The view after the last request: `qty` held at an average of `average`, from `legs` of the orders.
  PositionView view(std::int64_t qty, Price average = kRef, std::uint8_t legs = 1, InstrumentId id = 0) {
    Money notional{};
    const std::int64_t size = qty < 0 ? -qty : qty;
    EXPECT_TRUE(sizing::value_of_up(table[id].value_num, table[id].value_den, average, {size}, notional));
    PositionView v = view_of(id, ++version_, sink.requests.empty() ? 0 : sink.requests.back().request_id, {qty}, notional);
    v.legs_filled = legs;
    gate->on_position_view(v);
    return v;
  }
  const OrderRequest& last() const { return sink.requests.back(); }
  const RiskState& state() const { return gate->state(); }
  void expect_nothing_held() const {
    EXPECT_EQ(state().reserved_count, 0);
    EXPECT_EQ(state().reserved_flat_count, 0);
    EXPECT_EQ(state().occupied_count, 0);
    EXPECT_TRUE(state().margin_reserved == 0 && state().margin_positions == 0);
    for (const Share& share : state().shares) EXPECT_TRUE(share.margin == 0);
    for (const Cycle& cycle : state().cycles) EXPECT_EQ(cycle.intent_id, 0u);
  }

  InstrumentTable table;
  std::optional<RiskGate> gate;
  Sink sink;

 private:
  std::uint64_t version_ = 0;
};

TEST(CycleChecks, AdmitsTheWholeByItsWorstCaseAndSendsTheFirstOfEqualLegs) {
  Gate g;
  OrderIntent intent = cycle(0, true, kRef, {kStop.v + 1}, 4, kRef, kAverage, kFifth);
  intent.target_price = {52'000 * kUnit};
  ASSERT_EQ(g.ask(intent), Verdict::admitted);
  EXPECT_EQ(g.last().qty.v, 2'500) << "980 / (49 000 / 5) = 0.1 coin, in four legs";
  EXPECT_EQ(g.last().key, (OrderKey{9, OrderPurpose::entry, 0, {}}));
  EXPECT_EQ(g.last().stop_price.v, kStop.v + 1'000);
  EXPECT_EQ(g.last().target_price.v, 52'000 * kUnit);
  const Cycle& cycle = g.state().cycles[0];
  EXPECT_EQ(cycle.qty.v, 10'000);
  EXPECT_EQ(cycle.notional.v, 5'000 * kMoneyUnit);
  EXPECT_EQ(cycle.margin.v, 5'000 * kMoneyUnit);
  EXPECT_EQ(cycle.cost_max.v, 4'900 * kMoneyUnit);
  EXPECT_TRUE(g.state().margin_reserved == 5'000 * kMoneyUnit) << "all of it is set aside at once";
  EXPECT_TRUE(g.state().shares[2].margin == 5'000 * kMoneyUnit);
  EXPECT_EQ(g.state().reserved_count, 1);
}

TEST(CycleChecks, DrawsOneLegAtATimeUnderTheCyclesNameAndHoldsTheRestAllTheWhile) {
  Gate g;
  ASSERT_EQ(g.open(), Verdict::admitted);
  EXPECT_EQ(g.add(), Verdict::cycle_not_open) << "the first leg is under way";
  g.price(kAverage);
  for (std::uint8_t legs = 1; legs < 4; ++legs) {
    g.view(2'500 * legs, kAverage, legs);
    EXPECT_TRUE(g.state().margin_reserved + g.state().margin_positions == 5'000 * kMoneyUnit) << "held and reserved together";
    EXPECT_TRUE(g.state().shares[2].margin == 5'000 * kMoneyUnit);
    EXPECT_EQ(g.state().reserved_count, 0);
    ASSERT_EQ(g.add(kAverage), Verdict::admitted);
    EXPECT_EQ(g.last().qty.v, 2'500);
    EXPECT_EQ(g.last().key, (OrderKey{9, OrderPurpose::entry, legs, {}}));
    EXPECT_EQ(g.last().request_id, legs + 1u);
    EXPECT_EQ(g.last().side, Side::buy);
    EXPECT_EQ(g.last().stop_price, kNoPrice) << "the position machine owns the cycle's one stop";
    EXPECT_EQ(g.last().strategy, 2);
    EXPECT_EQ(g.last().sequence, 78u);
    EXPECT_EQ(g.state().reserved_count, 1);
    EXPECT_EQ(g.add(kAverage), Verdict::cycle_not_open) << "one leg at a time";
  }
  g.view(10'000, kAverage, 4);
  EXPECT_EQ(g.add(kAverage), Verdict::cycle_exceeded);
  EXPECT_EQ(g.open(), Verdict::symbol_owned);
  g.view(0);
  g.expect_nothing_held();
  EXPECT_EQ(g.add(kAverage), Verdict::cycle_not_open);
  g.price(kRef);
  EXPECT_EQ(g.open(), Verdict::admitted);
  EXPECT_EQ(g.last().key.attempt, 0) << "another cycle counts anew";
}

TEST(CycleChecks, SellsShortWithLevelsAbove) {
  Gate g;
  const Price worst{53'000 * kUnit};
  ASSERT_EQ(g.ask(cycle(0, false, kRef, {60'000 * kUnit}, 2, worst, worst, kFifth)), Verdict::admitted);
  EXPECT_EQ(g.last().side, Side::sell);
  EXPECT_EQ(g.last().qty.v, 4'600) << "980 / 10 600 = 0.0924 coin, in two legs of whole lots";
  EXPECT_EQ(g.state().cycles[0].notional.v, 9'200 * worst.v / kUnit * 1'000) << "at the worst price, not today's";
  g.view(-4'600);
  g.price(worst);
  ASSERT_EQ(g.add(worst), Verdict::admitted);
  EXPECT_EQ(g.last().side, Side::sell);
  g.view(4'600);
  EXPECT_EQ(g.add(worst), Verdict::cycle_not_open) << "a position on the other side is not this cycle's";
}

TEST(CycleChecks, RefusesPlansThatContradictThemselves) {
  const auto verdict_of = [](const std::function<void(OrderIntent&)>& change, bool buy = true) {
    Gate g;
    OrderIntent intent = cycle(0, buy, kRef, buy ? kStop : Price{60'000 * kUnit}, 4, kRef, kAverage, kFifth);
    change(intent);
    return g.ask(intent);
  };
  EXPECT_EQ(verdict_of([](OrderIntent& i) { i.level_count = 0; }), Verdict::stop_missing);
  EXPECT_EQ(verdict_of([](OrderIntent& i) { i.level_count = 32; }), Verdict::admitted);
  EXPECT_EQ(verdict_of([](OrderIntent& i) { i.level_count = 33; }), Verdict::stop_missing);
  EXPECT_EQ(verdict_of([](OrderIntent& i) { i.level_count = 255; }), Verdict::stop_missing);
  EXPECT_EQ(verdict_of([](OrderIntent& i) { i.worst_average = i.worst_price; }), Verdict::admitted);
  EXPECT_EQ(verdict_of([](OrderIntent& i) { i.worst_average.v = i.worst_price.v + 1; }), Verdict::stop_missing);
  EXPECT_EQ(verdict_of([](OrderIntent& i) { i.stop_rate = {kRateUnit - 1}; }), Verdict::admitted);
  EXPECT_EQ(verdict_of([](OrderIntent& i) { i.target_rate = {100 * kRateUnit}; }), Verdict::admitted);
  for (const std::int64_t price : {kNoPrice.v, std::int64_t{0}, std::int64_t{-1}}) {
    EXPECT_EQ(verdict_of([=](OrderIntent& i) { i.worst_average = {price}; }), Verdict::stop_missing);
    EXPECT_EQ(verdict_of([=](OrderIntent& i) { i.worst_price = {price}; }), Verdict::stop_missing);
    EXPECT_EQ(verdict_of([=](OrderIntent& i) { i.stop_price = {price}; }), Verdict::stop_missing);
    EXPECT_EQ(verdict_of([=](OrderIntent& i) { i.reference_price = {price}; }), Verdict::stop_missing);
  }
  for (const std::int64_t rate : {std::int64_t{0}, std::int64_t{-1}, kRateUnit, std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(verdict_of([=](OrderIntent& i) { i.stop_rate = {rate}; }), Verdict::stop_missing);
  }
  EXPECT_EQ(verdict_of([](OrderIntent& i) { i.target_rate = {-1}; }), Verdict::stop_missing);
  EXPECT_EQ(verdict_of([](OrderIntent& i) { i.target_rate = {kRateUnit - 1}; }, false), Verdict::admitted);
  EXPECT_EQ(verdict_of([](OrderIntent& i) { i.target_rate = {kRateUnit}; }, false), Verdict::stop_missing) << "a short's at zero or below";
}

TEST(CycleChecks, AnAverageThatTodaysPriceAloneWouldPassIsNoWorstCase) {
  const auto verdict_at = [](std::int64_t average) {
    Gate g([](RiskConfig& c) { c.max_order_notional = kEquity; });
    return g.ask(cycle(0, true, kRef, kStop, 4, kRef, {average}, kFifth));
  };
  EXPECT_EQ(verdict_at(kRef.v / 4), Verdict::admitted);
  EXPECT_EQ(verdict_at(kRef.v / 4 - 1), Verdict::stop_missing);
  Gate g;
  g.price({kRef.v + 4});
  EXPECT_EQ(g.ask(cycle(0, true, kRef, kStop, 4, kRef, {kRef.v / 4}, kFifth)), Verdict::stop_missing) << "the last price counts too";
}

TEST(CycleChecks, TheFirstLevelsStopMustBeThereButDoesNotSizeTheCycle) {
  Gate near;
  ASSERT_EQ(near.ask(cycle(0, true, kRef, {kRef.v - 1'000}, 4, kRef, kAverage, kFifth)), Verdict::admitted);
  EXPECT_EQ(near.last().qty.v, 2'500);
  Gate nearer;
  EXPECT_EQ(nearer.ask(cycle(0, true, kRef, kRef, 4, kRef, kAverage, kFifth)), Verdict::stop_missing);
  nearer.price({kRef.v - 1});
  EXPECT_EQ(nearer.ask(cycle(0, true, kRef, {kRef.v - 1'000}, 4, kRef, kAverage, kFifth)), Verdict::stop_too_near);
}

TEST(CycleChecks, TheGlobalStopIsAtLeastATickAwayAndItsDistanceIsRoundedUp) {
  const auto ask_with = [](std::int64_t rate) {
    Gate g([](RiskConfig& c) { c.max_order_notional = {400 * kMoneyUnit}; });
    return g.ask(cycle(0, true, kRef, kStop, 2, kRef, {500'000'000}, {rate}));
  };
  EXPECT_EQ(ask_with(200), Verdict::admitted) << "500 000 000 x 0.000002 = 1000, one tick";
  EXPECT_EQ(ask_with(199), Verdict::stop_too_near);
  const auto total_with = [](std::int64_t budget) {
    const auto all_of_it = [](RiskConfig& c) {
      c.risk_fraction = {kRateUnit};
      c.leverage = 125;
    };
    Gate g(all_of_it, [](Instrument& i) { i.rules.lot_size = i.rules.qty_min = {1}; });
    g.gate->on_guard_view(guard({budget}, 2));
    g.price({50'000});
    EXPECT_EQ(g.ask(cycle(0, true, {50'000}, {40'000}, 2, {50'001}, {50'001}, kFifth)), Verdict::admitted);
    return g.state().cycles[0].qty.v;
  };
  // A fifth of 50 001 is 10 000.2: counted as 10 001 a unit, which is worth 1000.1 of money.
  EXPECT_EQ(total_with(1'000'100), 1'000);
  EXPECT_EQ(total_with(1'000'099), 998);
}

TEST(CycleChecks, EveryLegIsAWholeLotAndAnOrderTheVenueTakes) {
  const auto leg_with = [](const std::function<void(Instrument&)>& rules, std::uint8_t levels = 4) {
    Gate g({}, rules);
    const Verdict verdict = g.open(levels);
    return verdict == Verdict::admitted ? g.last().qty.v : -static_cast<std::int64_t>(verdict);
  };
  const auto refused = [](Verdict verdict) { return -static_cast<std::int64_t>(verdict); };
  EXPECT_EQ(leg_with({}, 3), 3'300) << "0.1 coin in three legs of 0.033";
  EXPECT_EQ(leg_with([](Instrument& i) { i.rules.qty_min = {2'500}; }), 2'500);
  EXPECT_EQ(leg_with([](Instrument& i) { i.rules.qty_min = {2'501}; }), refused(Verdict::size_zero));
  EXPECT_EQ(leg_with([](Instrument& i) { i.rules.lot_size = {2'500}; }), 2'500);
  EXPECT_EQ(leg_with([](Instrument& i) { i.rules.lot_size = {2'501}; }), refused(Verdict::size_zero));
  EXPECT_EQ(leg_with([](Instrument& i) { i.rules.qty_max = {2'499}; }), 2'400) << "the venue's most is of one order";
  EXPECT_EQ(leg_with([](Instrument& i) { i.rules.qty_max = {2'500}; }), 2'500);
  EXPECT_EQ(leg_with([](Instrument& i) { i.rules.qty_max = {std::numeric_limits<std::int64_t>::max()}; }), 2'500);
  EXPECT_EQ(leg_with([](Instrument& i) { i.rules.notional_min = {1'225 * kMoneyUnit}; }), 2'500) << "0.025 coin at the average of 49 000";
  EXPECT_EQ(leg_with([](Instrument& i) { i.rules.notional_min = {1'225 * kMoneyUnit + 1}; }), refused(Verdict::notional_too_small));
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(leg_with([=](Instrument& i) { i.rules.lot_size = {most}; }), refused(Verdict::overflow));
  EXPECT_EQ(leg_with([=](Instrument& i) { i.rules.qty_min = {most}; }), refused(Verdict::overflow));
  EXPECT_EQ(leg_with([=](Instrument& i) { i.rules.notional_min = {most}; }), refused(Verdict::overflow));
}

TEST(CycleChecks, CountsTheWholeCycleAgainstNotionalMarginAndPositions) {
  const auto leg_with = [](const std::function<void(RiskConfig&)>& change) {
    Gate g(change);
    return g.open() == Verdict::admitted ? g.last().qty.v : 0;
  };
  EXPECT_EQ(leg_with([](RiskConfig& c) { c.max_order_notional = {5'000 * kMoneyUnit}; }), 2'500);
  EXPECT_EQ(leg_with([](RiskConfig& c) { c.max_order_notional = {5'000 * kMoneyUnit - 1}; }), 2'400);
  EXPECT_EQ(leg_with([](RiskConfig& c) {
              c.max_order_notional = {5'000 * kMoneyUnit - 1};
              c.cap_size = false;
            }),
            0);
  Gate margin;
  GuardView view = guard(kEquity, 2);
  view.margin_used = {5'000 * kMoneyUnit};
  margin.gate->on_guard_view(view);
  ASSERT_EQ(margin.open(), Verdict::admitted) << "it fits exactly";
  EXPECT_EQ(margin.last().qty.v, 2'500);
  EXPECT_EQ(margin.open(4, 3), Verdict::free_margin) << "though three of its four legs are not sent yet";

  Gate count([](RiskConfig& c) {
    c.max_open_positions = 2;
    c.risk_fraction = {980'000};
  });
  ASSERT_EQ(count.open(), Verdict::admitted);
  count.view(200);
  ASSERT_EQ(count.add(), Verdict::admitted);
  count.view(400, kRef, 2);
  ASSERT_EQ(count.open(4, 3), Verdict::admitted) << "two levels are one position";
  EXPECT_EQ(count.open(4, 4), Verdict::max_positions);
  EXPECT_EQ(count.add(), Verdict::admitted) << "and a level is no further one";
}

TEST(CycleChecks, ALevelMustBeTheOwnersAndTheCycleOpen) {
  Gate g;
  EXPECT_EQ(g.add(), Verdict::cycle_not_open) << "there is none";
  ASSERT_EQ(g.ask(entry(3, true, kRef, kStop)), Verdict::admitted);
  g.view(1'000, kRef, 1, 3);
  EXPECT_EQ(g.add(kRef, 3), Verdict::cycle_not_open) << "a single position is not a cycle";
  EXPECT_EQ(g.ask(level(99, kRef)), Verdict::contract_unsupported);
  ASSERT_EQ(g.open(2), Verdict::admitted);
  PositionView view = g.view(2'000);
  OrderIntent other = level(0, kRef);
  other.strategy = 3;
  EXPECT_EQ(g.ask(other), Verdict::cycle_not_open);
  other.strategy = kNoStrategy;
  EXPECT_EQ(g.ask(other), Verdict::strategy_capital);
  for (const Exposure exposure : {Exposure::opening, Exposure::closing}) {
    view.exposure = exposure;
    g.gate->on_position_view(view);
    EXPECT_EQ(g.add(), Verdict::cycle_not_open);
  }
  view.exposure = Exposure::open;
  view.owner = 3;
  g.gate->on_position_view(view);
  EXPECT_EQ(g.add(), Verdict::cycle_not_open);
  view.owner = 2;
  g.gate->on_position_view(view);
  EXPECT_EQ(g.add(), Verdict::admitted);
}

TEST(CycleChecks, WhatStopsEntriesStopsLevels) {
  Gate g([](RiskConfig& c) { c.tick_age_ns_max = 1'000; });
  ASSERT_EQ(g.open(), Verdict::admitted);
  g.view(2'500);
  g.gate->on_kill(true);
  EXPECT_EQ(g.add(), Verdict::kill_switch);
  g.gate->on_kill(false);
  GuardView view = guard(kEquity, 2);
  view.latches = latch::kill;
  g.gate->on_guard_view(view);
  EXPECT_EQ(g.add(), Verdict::kill_switch);
  view = guard(kEquity, 3);
  view.ts_expires_ns = kNow - 1;
  g.gate->on_guard_view(view);
  EXPECT_EQ(g.add(), Verdict::guard_expired);
  g.gate->on_guard_view(guard({0}, 4));
  EXPECT_EQ(g.add(), Verdict::equity_not_positive);
  g.gate->on_guard_view(guard({1}, 5));
  Instrument row = g.table[0];
  row.rules.status = TradingStatus::close_only;
  g.gate->on_instrument_update(row);
  EXPECT_EQ(g.add(), Verdict::instrument_halted);
  g.gate->on_instrument_update(g.table[0]);
  EXPECT_EQ(g.ask(level(0, kRef, kNow + 1'001)), Verdict::data_gate);
  EXPECT_EQ(g.add({49'000 * kUnit - 1}), Verdict::price_collar);
  EXPECT_EQ(g.add({0}), Verdict::price_collar);
  EXPECT_EQ(g.add({std::numeric_limits<std::int64_t>::min()}), Verdict::price_collar);
  EXPECT_EQ(g.sink.requests.size(), 1u);
  EXPECT_EQ(g.add({49'000 * kUnit}), Verdict::admitted) << "with hardly any equity left: its margin was set aside before";
}

TEST(CycleChecks, ALevelThatDidNotFillIsAskedForAgainUnderANewNumber) {
  Gate g;
  ASSERT_EQ(g.open(2), Verdict::admitted);  // two legs of 0.05
  g.price(kAverage);
  g.view(5'000, kAverage, 1);
  for (std::uint8_t attempt = 1; attempt < 4; ++attempt) {
    ASSERT_EQ(g.add(kAverage), Verdict::admitted) << int{attempt};
    EXPECT_EQ(g.last().key.attempt, attempt);
    g.view(5'000, kAverage, 1);  // rejected
  }
  PositionView view = g.view(5'000, kAverage, 2);
  EXPECT_EQ(g.add(kAverage), Verdict::cycle_exceeded) << "both legs have fills, whatever was closed since";
  view.legs_filled = 1;
  view.qty = {5'001};
  g.gate->on_position_view(view);
  EXPECT_EQ(g.add(kAverage), Verdict::cycle_exceeded) << "one unit more than leaves room for a leg";
  view.qty = {5'000};
  g.gate->on_position_view(view);
  EXPECT_EQ(g.add(kAverage), Verdict::admitted);
}

TEST(CycleChecks, NoMoreLegsAreSentThanTheirNumbersCanTell) {
  Gate g;
  ASSERT_EQ(g.open(2), Verdict::admitted);
  g.price(kAverage);
  g.view(5'000, kAverage, 1);
  for (int leg = 1; leg < 256; ++leg) {
    ASSERT_EQ(g.add(kAverage), Verdict::admitted) << leg;
    EXPECT_EQ(g.last().key.attempt, leg);
    g.view(5'000, kAverage, 1);
  }
  EXPECT_EQ(g.add(kAverage), Verdict::cycle_exceeded);
}

TEST(CycleChecks, CostAndNotionalStayWithinWhatWasAdmitted) {
  const auto verdict_with = [](Price first, std::int64_t second, Rate slippage = {}) {
    Gate g([&](RiskConfig& c) { c.slippage_allowance = slippage; });
    EXPECT_EQ(g.ask(cycle(0, true, kRef, kStop, 2, kRef, kAverage, kFifth)), Verdict::admitted);
    g.view(g.last().qty.v, first);
    g.price({second});
    return g.add({second});
  };
  // The average of both may be 49 000: that of a first fill at 49 500 leaves 48 500.
  EXPECT_EQ(verdict_with({49'500 * kUnit}, 48'500 * kUnit), Verdict::admitted);
  EXPECT_EQ(verdict_with({49'500 * kUnit}, 48'500 * kUnit + 1), Verdict::cycle_exceeded);
  EXPECT_EQ(verdict_with({49'500 * kUnit}, 48'500 * kUnit + 1, {1'000'000}), Verdict::admitted) << "slippage of the fills is allowed for";
  // A worst average as high as the worst price: then the notional is what binds, the leg counted with slippage.
  const auto notional_with = [](std::int64_t second) {
    Gate g([](RiskConfig& c) { c.slippage_allowance = {1'000'000}; });
    EXPECT_EQ(g.ask(cycle(0, true, kRef, kStop, 2, kRef, kRef, kFifth)), Verdict::admitted);
    g.view(g.last().qty.v, {50'500 * kUnit});
    g.price({second});
    return g.add({second});
  };
  EXPECT_EQ(notional_with(kRef.v), Verdict::admitted);
  EXPECT_EQ(notional_with(kRef.v + 1), Verdict::cycle_exceeded);
}

TEST(CycleChecks, CostAndNotionalAreHeldToTheSmallestUnitOfMoney) {
  const auto verdict_with = [](Price average, const std::function<std::int64_t(const Cycle&)>& held) {
    Gate g([](RiskConfig& c) { c.slippage_allowance = {1'000'000}; });
    EXPECT_EQ(g.ask(cycle(0, true, kRef, kStop, 2, kRef, average, kFifth)), Verdict::admitted);
    PositionView view = g.view(g.last().qty.v);
    view.notional = {held(g.state().cycles[0])};
    g.gate->on_position_view(view);
    return g.add();
  };
  // Legs of 0.05 coin at 49 000, of 0.049 at 50 000: what one more takes of the whole at 50 000, and with slippage.
  EXPECT_EQ(verdict_with(kAverage, [](const Cycle& c) { return c.cost_max.v - 2'500 * kMoneyUnit; }), Verdict::admitted);
  EXPECT_EQ(verdict_with(kAverage, [](const Cycle& c) { return c.cost_max.v - 2'500 * kMoneyUnit + 1; }), Verdict::cycle_exceeded);
  EXPECT_EQ(verdict_with(kRef, [](const Cycle& c) { return c.notional.v - 2'474'50 * kMoneyUnit / 100; }), Verdict::admitted);
  EXPECT_EQ(verdict_with(kRef, [](const Cycle& c) { return c.notional.v - 2'474'50 * kMoneyUnit / 100 + 1; }), Verdict::cycle_exceeded);
}

TEST(CycleChecks, RulesThatChangedAreThoseOfTheNextLeg) {
  const auto verdict_with = [](const std::function<void(InstrumentRules&)>& change) {
    Gate g;
    EXPECT_EQ(g.open(), Verdict::admitted);  // legs of 2500
    g.view(2'500);
    Instrument row = g.table[0];
    change(row.rules);
    g.gate->on_instrument_update(row);
    return g.add({49'000 * kUnit});
  };
  EXPECT_EQ(verdict_with([](InstrumentRules& r) { r.lot_size = {500}; }), Verdict::admitted);
  EXPECT_EQ(verdict_with([](InstrumentRules& r) { r.lot_size = {1'000}; }), Verdict::size_zero);
  EXPECT_EQ(verdict_with([](InstrumentRules& r) { r.qty_min = {2'500}; }), Verdict::admitted);
  EXPECT_EQ(verdict_with([](InstrumentRules& r) { r.qty_min = {2'501}; }), Verdict::size_zero);
  EXPECT_EQ(verdict_with([](InstrumentRules& r) { r.qty_max = {2'500}; }), Verdict::admitted);
  EXPECT_EQ(verdict_with([](InstrumentRules& r) { r.qty_max = {2'499}; }), Verdict::size_zero);
  EXPECT_EQ(verdict_with([](InstrumentRules& r) { r.notional_min = {1'225 * kMoneyUnit}; }), Verdict::admitted);
  EXPECT_EQ(verdict_with([](InstrumentRules& r) { r.notional_min = {1'225 * kMoneyUnit + 1}; }), Verdict::notional_too_small);
}

TEST(CycleChecks, TheReservationEndsWhenTheViewIsFlatAndNothingIsUnderWay) {
  Gate rejected;
  ASSERT_EQ(rejected.open(), Verdict::admitted);
  rejected.view(0);
  rejected.expect_nothing_held();
  EXPECT_EQ(rejected.gate->counters().released, 1u);

  Gate g;
  ASSERT_EQ(g.open(), Verdict::admitted);
  g.view(2'500);
  ASSERT_EQ(g.add({49'000 * kUnit}), Verdict::admitted);
  g.gate->on_position_view(view_of(0, 50, 1));  // stopped out, the second leg still on its way
  EXPECT_EQ(g.state().cycles[0].intent_id, 9u);
  EXPECT_TRUE(g.state().margin_reserved == 5'000 * kMoneyUnit);
  EXPECT_EQ(g.state().positions_worst(), 1);
  EXPECT_EQ(g.open(), Verdict::symbol_owned);
  PositionView late = view_of(0, 51, 2);
  late.exposure = Exposure::closing;
  g.gate->on_position_view(late);
  EXPECT_EQ(g.state().cycles[0].intent_id, 9u) << "not flat yet";
  g.gate->on_position_view(view_of(0, 52, 2));
  g.expect_nothing_held();
}

TEST(CycleChecks, ALeveragedCycleHoldsItsMarginWithTheFeeOfAll) {
  Gate g([](RiskConfig& c) {
    c.leverage = 10;
    c.taker_fee = {100'000};
  });
  ASSERT_EQ(g.open(), Verdict::admitted);
  EXPECT_TRUE(g.state().margin_reserved == 505 * kMoneyUnit);
  g.view(2'500);
  EXPECT_TRUE(g.state().margin_positions == 125 * kMoneyUnit);
  EXPECT_TRUE(g.state().margin_reserved == 380 * kMoneyUnit);
  g.view(2'500, {300'000 * kUnit});
  EXPECT_TRUE(g.state().margin_reserved == 0) << "a view beyond all that was admitted counts as it is";
}

TEST(CycleChecks, RefusesWhatLeaves64Bits) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const auto ask_with = [](const std::function<void(OrderIntent&)>& change, Money equity = kEquity) {
    Gate g([](RiskConfig& c) { c.slippage_allowance = {50'000}; });
    g.gate->on_guard_view(guard(equity, 2));
    OrderIntent intent = cycle(0, true, kRef, kStop, 4, kRef, kAverage, kFifth);
    change(intent);
    const Verdict verdict = g.ask(intent);
    EXPECT_EQ(g.sink.requests.size(), verdict == Verdict::admitted ? 1u : 0u);
    return verdict;
  };
  EXPECT_EQ(ask_with([](OrderIntent& i) { i.worst_price = {kMost}; }), Verdict::overflow);
  EXPECT_EQ(ask_with([](OrderIntent& i) { i.worst_price = i.worst_average = {kMost}; }), Verdict::overflow);
  EXPECT_EQ(ask_with([](OrderIntent& i) { i.target_rate = {kMost}; }), Verdict::overflow);
  EXPECT_EQ(ask_with([](OrderIntent& i) { i.stop_rate = {210}; }, {kMost}), Verdict::overflow);

  Gate g;
  ASSERT_EQ(g.open(), Verdict::admitted);
  PositionView view = g.view(2'500);
  view.notional = {kMost};
  g.gate->on_position_view(view);
  EXPECT_EQ(g.add({49'000 * kUnit}), Verdict::cycle_exceeded);
}

TEST(CycleChecks, AnEntryWithoutASlotIsRefusedAndALevelToo) {
  Gate g([](RiskConfig& c) {
    c.in_flight_max = 1;
    c.risk_fraction = {980'000};
  });
  ASSERT_EQ(g.open(), Verdict::admitted);
  EXPECT_EQ(g.open(4, 3), Verdict::in_flight_full);
  g.view(200);
  ASSERT_EQ(g.open(4, 3), Verdict::admitted) << "an open cycle with nothing under way takes no slot";
  EXPECT_EQ(g.add({49'000 * kUnit}), Verdict::in_flight_full);
}

TEST(CycleChecks, ACheckpointCarriesTheCycle) {
  Gate g;
  ASSERT_EQ(g.open(), Verdict::admitted);
  g.view(2'500);
  ArchiveWriter saved;
  g.gate->save(saved);
  Gate other;
  ArchiveReader reader(saved.bytes());
  ASSERT_EQ(other.gate->load(reader), Errc::ok);
  ASSERT_TRUE(reader.done());
  EXPECT_TRUE(other.state().margin_reserved == g.state().margin_reserved && other.state().margin_positions == g.state().margin_positions);
  EXPECT_TRUE(other.state().shares[2].margin == g.state().shares[2].margin);
  ASSERT_EQ(other.add({49'000 * kUnit}), Verdict::admitted);
  EXPECT_EQ(other.last().key, (OrderKey{9, OrderPurpose::entry, 1, {}}));
  EXPECT_EQ(other.last().request_id, 2u);
}

}  // namespace martinet::cycle_checks_test

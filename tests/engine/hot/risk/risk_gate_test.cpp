// Each check of the gate at both sides of its bound, then what is told and kept: requests, decisions, reservations, checkpoints.
#include "engine/hot/risk/risk_gate.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <optional>
#include <string>

#include "tests/engine/hot/risk/risk_fixture.hpp"

namespace martinet::risk_gate_test {
using namespace martinet::risk_test;

constexpr std::int64_t kUnit = 10'000;  // one unit of the quote currency on the price grid
constexpr Price kRef{50'000 * kUnit};
constexpr Price kStop{49'000 * kUnit};
constexpr Money kEquity{10'000 * kMoneyUnit};

// One perpetual (0), one spot (1), one inverse (2), and more perpetuals up to `count`; no slippage or fee, so that numbers are round.
class Gate {
 public:
  explicit Gate(const std::function<void(RiskConfig&)>& change = {}, std::size_t count = 8,
                const std::function<void(Instrument&)>& rules = {}) {
    RiskConfig config;
    config.taker_fee = config.slippage_allowance = {0};
    if (change) change(config);
    for (std::size_t i = 0; i < count; ++i) {
      const ContractKind kind = i == 1 ? ContractKind::spot : i == 2 ? ContractKind::inverse : ContractKind::linear;
      Instrument instrument = perpetual("S" + std::to_string(i), kind);
      if (rules) rules(instrument);
      (void)table.add(instrument).value();
    }
    gate.emplace(table, config);
    gate->on_guard_view(guard(kEquity));
    for (std::size_t i = 0; i < count; ++i) gate->on_tick(trade(static_cast<InstrumentId>(i), kRef));
  }
  Verdict ask(const OrderIntent& intent) {
    gate->on_intent(intent, sink);
    return sink.decisions.back().verdict;
  }
  Verdict ask(InstrumentId id = 0) { return ask(entry(id, true, kRef, kStop)); }
  const OrderRequest& last() const { return sink.requests.back(); }

  InstrumentTable table;
  std::optional<RiskGate> gate;
  Sink sink;
};

TEST(RiskGate, AdmitsWithTheSizeThatLosesTheFractionAtTheStop) {
  Gate g;
  OrderIntent intent = entry(0, true, kRef, kStop);
  intent.target_price = {52'000 * kUnit};
  ASSERT_EQ(g.ask(intent), Verdict::admitted);
  const OrderRequest& r = g.last();
  EXPECT_EQ(r.qty.v, 10'000);  // 1 % of 10 000 is 100; 1000 a coin: 0.1 coin
  EXPECT_EQ(r.request_id, 1u);
  EXPECT_EQ(r.key, (OrderKey{9, OrderPurpose::entry, 0, {}}));
  EXPECT_EQ(r.ts_ns, kNow);
  EXPECT_EQ(r.sequence, 77u);
  EXPECT_EQ(r.stop_price, kStop);
  EXPECT_EQ(r.target_price.v, 52'000 * kUnit);
  EXPECT_EQ(r.price, kNoPrice);
  EXPECT_EQ(r.type, OrderType::market);
  EXPECT_EQ(r.side, Side::buy);
  EXPECT_EQ(r.action, OrderAction::place);
  EXPECT_EQ(r.reduce_only, 0);
  EXPECT_EQ(r.strategy, 2);
  EXPECT_EQ(g.sink.decisions.back().request.qty, r.qty);
  EXPECT_EQ(g.sink.decisions.back().intent.intent_id, 9u);
  EXPECT_EQ(g.gate->counters()[Verdict::admitted], 1u);
}

TEST(RiskGate, SellsShortWithTheStopAbove) {
  Gate g;
  ASSERT_EQ(g.ask(entry(0, false, kRef, {51'000 * kUnit})), Verdict::admitted);
  EXPECT_EQ(g.last().side, Side::sell);
  EXPECT_EQ(g.last().qty.v, 10'000);
}

TEST(RiskGate, ForwardsExitsAndStopMovesWhateverIsWrong) {
  Gate g;
  g.gate->on_kill(true);
  OrderIntent intent;
  std::size_t forwarded = 0;
  for (const InstrumentId id : {InstrumentId{2}, InstrumentId{99}, kNoInstrument}) {
    for (const auto& [action, verdict] :
         {std::pair{IntentAction::exit, Verdict::exit_forwarded}, std::pair{IntentAction::exit_part, Verdict::exit_forwarded},
          std::pair{IntentAction::move_stop, Verdict::stop_forwarded}}) {
      intent.instrument = id;
      intent.action = action;
      EXPECT_EQ(g.ask(intent), verdict);
      ASSERT_EQ(g.sink.exits.size(), ++forwarded);
      EXPECT_EQ(g.sink.exits.back().action, action);
    }
  }
  EXPECT_TRUE(g.sink.requests.empty());
  EXPECT_EQ(g.gate->counters()[Verdict::exit_forwarded], 6u);
  EXPECT_EQ(g.gate->counters()[Verdict::stop_forwarded], 3u);
}

TEST(RiskGate, KillStopsEntriesUntilItIsLifted) {
  Gate g;
  g.gate->on_kill(true);
  EXPECT_EQ(g.ask(), Verdict::kill_switch);
  g.gate->on_guard_view(guard(kEquity, 2));
  EXPECT_EQ(g.ask(), Verdict::kill_switch) << "a guard view does not lift the local latch";
  g.gate->on_kill(false);
  EXPECT_EQ(g.ask(), Verdict::admitted);
}

TEST(RiskGate, ALatchOfTheAccountStopsEntries) {
  Gate g;
  GuardView latched = guard(kEquity, 2);
  latched.latches = latch::kill;
  g.gate->on_guard_view(latched);
  EXPECT_EQ(g.ask(), Verdict::kill_switch);
  g.gate->on_guard_view(guard(kEquity, 1));
  EXPECT_EQ(g.ask(), Verdict::kill_switch) << "an older view does not lift it";
  EXPECT_EQ(g.gate->counters().guards_stale, 1u);
  g.gate->on_guard_view(guard(kEquity, 3));
  EXPECT_EQ(g.ask(), Verdict::admitted);
}

TEST(RiskGate, RefusesWithoutAGuardViewAndAfterItsExpiry) {
  InstrumentTable table;
  (void)table.add(perpetual("X")).value();
  RiskGate bare(table, RiskConfig{});
  bare.on_tick(trade(0, kRef));
  Sink sink;
  bare.on_intent(entry(0, true, kRef, kStop), sink);
  EXPECT_EQ(sink.decisions.back().verdict, Verdict::guard_expired);

  const std::int64_t expiry = guard(kEquity).ts_expires_ns;
  Gate late;
  EXPECT_EQ(late.ask(entry(0, true, kRef, kStop, expiry + 1)), Verdict::guard_expired);
  EXPECT_EQ(late.ask(entry(0, true, kRef, kStop, expiry)), Verdict::admitted);
}

TEST(RiskGate, RefusesInverseContractsAndSpotShortsAndUnknownInstruments) {
  Gate g;
  EXPECT_EQ(g.ask(2), Verdict::contract_unsupported);
  EXPECT_EQ(g.ask(entry(8, true, kRef, kStop)), Verdict::contract_unsupported);
  EXPECT_EQ(g.ask(entry(1, false, kRef, {51'000 * kUnit})), Verdict::short_unsupported);
  EXPECT_EQ(g.ask(1), Verdict::admitted);
}

TEST(RiskGate, RefusesInstrumentsThatDoNotTradeUntilTheRulesSayTheyDo) {
  Gate g;
  Instrument row = g.table[0];
  for (const TradingStatus status : {TradingStatus::halted, TradingStatus::close_only}) {
    row.rules.status = status;
    g.gate->on_instrument_update(row);
    EXPECT_EQ(g.ask(), Verdict::instrument_halted);
  }
  row.rules.status = TradingStatus::trading;
  g.gate->on_instrument_update(row);
  EXPECT_EQ(g.ask(), Verdict::admitted);
}

TEST(RiskGate, DataGateHoldsTheAgeOfTheLastTickOnBothSides) {
  const auto verdict_at = [](std::int64_t offset_ns) {
    Gate g([](RiskConfig& c) { c.tick_age_ns_max = 1'000; });
    return g.ask(entry(0, true, kRef, kStop, kNow + offset_ns));
  };
  EXPECT_EQ(verdict_at(1'000), Verdict::admitted);
  EXPECT_EQ(verdict_at(1'001), Verdict::data_gate);
  EXPECT_EQ(verdict_at(-1'000), Verdict::admitted);
  EXPECT_EQ(verdict_at(-1'001), Verdict::data_gate) << "a decision that old is stale itself";
  EXPECT_EQ(verdict_at(std::numeric_limits<std::int64_t>::min() + 1), Verdict::data_gate);
}

TEST(RiskGate, DataGateWantsATickThatCountsAsAPrice) {
  InstrumentTable table;
  (void)table.add(perpetual("X")).value();
  RiskGate gate(table, RiskConfig{});
  gate.on_guard_view(guard(kEquity));
  Sink sink;
  const auto ask = [&] {
    gate.on_intent(entry(0, true, kRef, kStop), sink);
    return sink.decisions.back().verdict;
  };
  EXPECT_EQ(ask(), Verdict::data_gate);
  Tick tick = trade(0, kRef);
  tick.kind = TickKind::mark;
  gate.on_tick(tick);
  EXPECT_EQ(ask(), Verdict::data_gate) << "a mark is not a price to trade at";
  tick = trade(0, kRef);
  tick.flags = tick_flag::history;
  gate.on_tick(tick);
  EXPECT_EQ(ask(), Verdict::data_gate) << "a past trade is not a price to trade at";
  tick = trade(0, kRef);
  tick.kind = TickKind::quote;
  tick.ask_price = kNoPrice;
  gate.on_tick(tick);
  EXPECT_EQ(ask(), Verdict::data_gate) << "half a quote is not a price to trade at";
  tick.bid_price = {kRef.v - 1'000};
  tick.ask_price = {kRef.v + 1'000};
  gate.on_tick(tick);
  EXPECT_EQ(gate.state().ticks[0].price, kRef);
  EXPECT_EQ(ask(), Verdict::admitted);
}

TEST(RiskGate, OneEntryOrPositionPerSymbolWhoseverItIs) {
  Gate g;
  ASSERT_EQ(g.ask(), Verdict::admitted);
  EXPECT_EQ(g.ask(), Verdict::symbol_owned) << "an entry is under way";
  g.gate->on_position_view(view_of(0, 1, 1, {10'000}, {5'000 * kMoneyUnit}));
  EXPECT_EQ(g.ask(), Verdict::symbol_owned) << "a position is there";
  PositionView opening = view_of(0, 2, 1);
  opening.exposure = Exposure::opening;
  g.gate->on_position_view(opening);
  EXPECT_EQ(g.ask(), Verdict::symbol_owned);
  opening.version = 3;
  opening.exposure = Exposure::closing;
  g.gate->on_position_view(opening);
  EXPECT_EQ(g.ask(), Verdict::symbol_owned);
  g.gate->on_position_view(view_of(0, 4, 1));
  EXPECT_EQ(g.ask(), Verdict::admitted);
}

TEST(RiskGate, AReservationEndsOnlyWithAViewThatCoversIt) {
  Gate g;
  ASSERT_EQ(g.ask(3), Verdict::admitted);
  ASSERT_EQ(g.ask(0), Verdict::admitted);  // request 2
  g.gate->on_position_view(view_of(0, 5, 1));
  EXPECT_EQ(g.ask(0), Verdict::symbol_owned) << "covers the request before it";
  g.gate->on_position_view(view_of(4, 1, 2));
  EXPECT_EQ(g.ask(0), Verdict::symbol_owned) << "covers it, but for another instrument";
  g.gate->on_position_view(view_of(0, 4, 2));
  EXPECT_EQ(g.ask(0), Verdict::symbol_owned) << "an older view";
  EXPECT_EQ(g.gate->counters().views_stale, 1u);
  EXPECT_EQ(g.gate->state().reserved_count, 2);
  g.gate->on_position_view(view_of(0, 6, 2));
  EXPECT_EQ(g.gate->state().reserved_count, 1);
  EXPECT_EQ(g.ask(0), Verdict::admitted);
  EXPECT_EQ(g.last().request_id, 3u);
}

TEST(RiskGate, CountsPositionsAndEntriesInFlightBeforeAdmitting) {
  Gate g([](RiskConfig& c) {
    c.max_open_positions = 3;
    c.risk_fraction = {100'000};
  });
  g.gate->on_position_view(view_of(3, 1, 0, {-1'000}));
  ASSERT_EQ(g.ask(0), Verdict::admitted);
  ASSERT_EQ(g.ask(4), Verdict::admitted);
  EXPECT_EQ(g.ask(5), Verdict::max_positions);
  g.gate->on_position_view(view_of(0, 1, 1, {1'000}));
  EXPECT_EQ(g.ask(5), Verdict::max_positions) << "a filled entry counts as its position, once";
  g.gate->on_position_view(view_of(4, 1, 2));
  EXPECT_EQ(g.ask(5), Verdict::admitted) << "an entry that was rejected counts no more";
}

TEST(RiskGate, CountsPositionsThatOnlyTheAccountKnowsOf) {
  Gate g([](RiskConfig& c) { c.max_open_positions = 3; });
  GuardView view = guard(kEquity, 2);
  view.open_positions = 3;
  g.gate->on_guard_view(view);
  EXPECT_EQ(g.ask(), Verdict::max_positions);
  view.open_positions = 2;
  view.version = 3;
  g.gate->on_guard_view(view);
  EXPECT_EQ(g.ask(0), Verdict::admitted);
  EXPECT_EQ(g.ask(3), Verdict::max_positions);
}

TEST(RiskGate, ZeroPositionsAllowedMeansNone) {
  Gate g([](RiskConfig& c) { c.max_open_positions = 0; });
  EXPECT_EQ(g.ask(), Verdict::max_positions);
}

TEST(RiskGate, WantsAStopOnTheLosingSideOfReferenceAndLastPrice) {
  Gate g;
  EXPECT_EQ(g.ask(entry(0, true, kRef, kNoPrice)), Verdict::stop_missing);
  EXPECT_EQ(g.ask(entry(0, true, kRef, {0})), Verdict::stop_missing);
  EXPECT_EQ(g.ask(entry(0, true, kRef, {-1})), Verdict::stop_missing);
  EXPECT_EQ(g.ask(entry(0, true, kRef, kRef)), Verdict::stop_missing);
  EXPECT_EQ(g.ask(entry(0, false, kRef, kRef)), Verdict::stop_missing);
  EXPECT_EQ(g.ask(entry(0, false, kRef, kStop)), Verdict::stop_missing);
  EXPECT_EQ(g.ask(entry(0, true, {0}, kStop)), Verdict::stop_missing);
  g.gate->on_tick(trade(0, kStop));
  EXPECT_EQ(g.ask(), Verdict::stop_missing) << "it would trigger at once";
  EXPECT_EQ(g.ask(entry(0, true, kRef, {std::numeric_limits<std::int64_t>::max()})), Verdict::overflow) << "no tick lies above it";
}

TEST(RiskGate, PutsStopAndTargetOnTheTickNearerToTheReference) {
  Gate g;
  OrderIntent intent = entry(0, true, kRef, {kStop.v + 1});
  intent.target_price = {52'000 * kUnit + 1};
  ASSERT_EQ(g.ask(intent), Verdict::admitted);
  EXPECT_EQ(g.last().stop_price.v, kStop.v + 1'000);
  EXPECT_EQ(g.last().target_price.v, 52'000 * kUnit);
  intent = entry(3, false, kRef, {51'000 * kUnit + 1});
  intent.target_price = {48'000 * kUnit + 1};
  ASSERT_EQ(g.ask(intent), Verdict::admitted);
  EXPECT_EQ(g.last().stop_price.v, 51'000 * kUnit);
  EXPECT_EQ(g.last().target_price.v, 48'000 * kUnit + 1'000);
}

TEST(RiskGate, RefusesATargetOnTheLosingSide) {
  Gate g;
  for (const bool buy : {true, false}) {
    OrderIntent intent = entry(0, buy, kRef, buy ? kStop : Price{51'000 * kUnit});
    for (const std::int64_t target : {kRef.v, buy ? kRef.v + 999 : kRef.v - 999, buy ? kRef.v - 1'000 : kRef.v + 1'000, std::int64_t{0}}) {
      intent.target_price = {target};
      EXPECT_EQ(g.ask(intent), Verdict::stop_missing) << buy << " " << target;
    }
  }
}

TEST(RiskGate, CollarHoldsTheReferenceToTheLastPriceExactly) {
  const auto verdict_at = [](std::int64_t reference) {
    Gate g;  // 2 % of 50 000 is 1000
    return g.ask(entry(0, true, {reference}, kStop.v < reference ? Price{reference - 2'000 * kUnit} : kStop));
  };
  EXPECT_EQ(verdict_at(51'000 * kUnit), Verdict::admitted);
  EXPECT_EQ(verdict_at(51'000 * kUnit + 1), Verdict::price_collar);
  EXPECT_EQ(verdict_at(49'000 * kUnit + 1'000), Verdict::admitted);
  Gate g;
  EXPECT_EQ(g.ask(entry(0, true, {49'000 * kUnit}, {48'000 * kUnit})), Verdict::admitted);
  EXPECT_EQ(g.ask(entry(3, true, {49'000 * kUnit - 1}, {48'000 * kUnit})), Verdict::price_collar);
}

TEST(RiskGate, WantsPositiveEquityAndBase) {
  const auto verdict_with = [](std::int64_t equity, std::int64_t balance, SizingBase base) {
    Gate g([base](RiskConfig& c) {
      c.sizing_base = base;
      c.fixed_base = {10'000 * kMoneyUnit};
    });
    GuardView view = guard({equity}, 2);
    view.balance = {balance};
    g.gate->on_guard_view(view);
    return g.ask();
  };
  EXPECT_EQ(verdict_with(0, kEquity.v, SizingBase::equity), Verdict::equity_not_positive);
  EXPECT_EQ(verdict_with(-1, kEquity.v, SizingBase::fixed), Verdict::equity_not_positive);
  EXPECT_EQ(verdict_with(1, kEquity.v, SizingBase::equity), Verdict::size_zero);
  EXPECT_EQ(verdict_with(kEquity.v, 0, SizingBase::balance), Verdict::equity_not_positive);
  EXPECT_EQ(verdict_with(kEquity.v, 1, SizingBase::balance), Verdict::size_zero);
  EXPECT_EQ(verdict_with(kEquity.v, 0, SizingBase::fixed), Verdict::admitted);
}

TEST(RiskGate, StopMustBeATickAway) {
  const auto cheap = [](RiskConfig& c) { c.leverage = 125; };
  const auto verdict_at = [&](std::int64_t reference) {
    Gate g(cheap);
    g.gate->on_tick(trade(0, {reference}));
    return g.ask(entry(0, true, {reference}, kStop));
  };
  EXPECT_EQ(verdict_at(kStop.v + 999), Verdict::stop_too_near);
  EXPECT_EQ(verdict_at(kStop.v + 1'000), Verdict::admitted);
  Gate g(cheap);
  g.gate->on_tick(trade(0, {kStop.v + 999}));
  EXPECT_EQ(g.ask(entry(0, true, {kStop.v + 2'000}, kStop)), Verdict::stop_too_near) << "the last price is nearer than the reference";
}

TEST(RiskGate, SizesByTheFartherOfReferenceAndLastPrice) {
  Gate g;
  g.gate->on_tick(trade(0, {50'250 * kUnit}));
  ASSERT_EQ(g.ask(), Verdict::admitted);
  EXPECT_EQ(g.last().qty.v, 8'000);  // 100 / 1250 = 0.08
}

TEST(RiskGate, RoundsTheSizeDownToTheLotAndRefusesBelowTheMinimum) {
  Gate fine;
  ASSERT_EQ(fine.ask(entry(0, true, kRef, {49'001 * kUnit})), Verdict::admitted);  // 100 / 999 = 0.1001
  EXPECT_EQ(fine.last().qty.v, 10'000);
  const auto verdict_with = [](std::int64_t qty_min) {
    Gate g({}, 8, [qty_min](Instrument& i) { i.rules.qty_min = {qty_min}; });
    return g.ask();
  };
  EXPECT_EQ(verdict_with(10'000), Verdict::admitted);
  EXPECT_EQ(verdict_with(10'001), Verdict::size_zero);
  Gate poor;
  poor.gate->on_guard_view(guard({100 * kMoneyUnit - 1}, 2));  // 1 % of just under 100 buys less than 0.001
  EXPECT_EQ(poor.ask(), Verdict::size_zero);
  poor.gate->on_guard_view(guard({100 * kMoneyUnit}, 3));
  ASSERT_EQ(poor.ask(), Verdict::admitted);
  EXPECT_EQ(poor.last().qty.v, 100);
}

TEST(RiskGate, HoldsTheVenuesMostAndLeast) {
  const auto qty_with = [](std::int64_t qty_max) {
    Gate g({}, 8, [qty_max](Instrument& i) { i.rules.qty_max = {qty_max}; });
    EXPECT_EQ(g.ask(), Verdict::admitted);
    return g.last().qty.v;
  };
  EXPECT_EQ(qty_with(9'999), 9'900);
  EXPECT_EQ(qty_with(10'000), 10'000);
  EXPECT_EQ(qty_with(0), 10'000);
  const auto verdict_with = [](std::int64_t notional_min) {
    Gate g({}, 8, [notional_min](Instrument& i) { i.rules.notional_min = {notional_min}; });
    return g.ask();
  };
  EXPECT_EQ(verdict_with(5'000 * kMoneyUnit), Verdict::admitted);  // 0.1 coin at 50 000
  EXPECT_EQ(verdict_with(5'000 * kMoneyUnit + 1), Verdict::notional_too_small);
}

TEST(RiskGate, MakesALargeEntrySmallerOrRefusesItAsConfigured) {
  const auto gate_with = [](std::int64_t limit, bool cap) {
    return Gate([=](RiskConfig& c) {
      c.max_order_notional = {limit};
      c.cap_size = cap;
    });
  };
  Gate equal = gate_with(5'000 * kMoneyUnit, true);
  ASSERT_EQ(equal.ask(), Verdict::admitted);
  EXPECT_EQ(equal.last().qty.v, 10'000);
  Gate below = gate_with(5'000 * kMoneyUnit - 1, true);
  ASSERT_EQ(below.ask(), Verdict::admitted);
  EXPECT_EQ(below.last().qty.v, 9'900);
  Gate nothing = gate_with(50 * kMoneyUnit - 1, true);  // the least is 0.001 coin, 50
  EXPECT_EQ(nothing.ask(), Verdict::size_zero);
  Gate strict_equal = gate_with(5'000 * kMoneyUnit, false);
  EXPECT_EQ(strict_equal.ask(), Verdict::admitted);
  Gate strict_below = gate_with(5'000 * kMoneyUnit - 1, false);
  EXPECT_EQ(strict_below.ask(), Verdict::max_order_notional);
}

TEST(RiskGate, AllowsForSlippageInTheNotional) {
  Gate g([](RiskConfig& c) {
    c.max_order_notional = {5'000 * kMoneyUnit};
    c.slippage_allowance = {50'000};
  });
  ASSERT_EQ(g.ask(), Verdict::admitted);
  EXPECT_EQ(g.last().qty.v, 9'900);  // 0.1 coin at 50 025 would be 5002.5
}

TEST(RiskGate, FitsTheMarginIntoWhatPositionsAndReservationsLeave) {
  // 0.1 coin at 50 000 with leverage 1 takes 5000 of 10 000.
  const auto one = [](RiskConfig& c) { c.leverage = 1; };
  Gate two(one);
  ASSERT_EQ(two.ask(0), Verdict::admitted);
  ASSERT_EQ(two.ask(3), Verdict::admitted);
  EXPECT_EQ(two.last().qty.v, 10'000);
  EXPECT_EQ(two.ask(4), Verdict::free_margin) << "nothing is left";

  Gate shrunk(one);
  GuardView view = guard(kEquity, 2);
  view.margin_used = {6'000 * kMoneyUnit};
  shrunk.gate->on_guard_view(view);
  ASSERT_EQ(shrunk.ask(), Verdict::admitted);
  EXPECT_EQ(shrunk.last().qty.v, 7'900) << "a unit of 1e-8 is kept back for rounding, which costs the last lot here";

  Gate strict([](RiskConfig& c) {
    c.leverage = 1;
    c.cap_size = false;
  });
  strict.gate->on_guard_view(view);
  EXPECT_EQ(strict.ask(), Verdict::free_margin);
  view.margin_used = {5'000 * kMoneyUnit};
  view.version = 3;
  strict.gate->on_guard_view(view);
  EXPECT_EQ(strict.ask(), Verdict::admitted) << "it fits exactly";
}

TEST(RiskGate, CountsAFilledPositionBeforeTheGuardKnowsOfIt) {
  Gate g([](RiskConfig& c) { c.leverage = 1; });
  ASSERT_EQ(g.ask(0), Verdict::admitted);
  ASSERT_EQ(g.ask(3), Verdict::admitted);
  g.gate->on_position_view(view_of(0, 1, 1, {10'000}, {5'000 * kMoneyUnit}));
  g.gate->on_position_view(view_of(3, 1, 2, {10'000}, {5'000 * kMoneyUnit}));
  EXPECT_EQ(g.gate->state().reserved_count, 0);
  EXPECT_EQ(g.ask(4), Verdict::free_margin) << "the guard still says that no margin is used";
}

TEST(RiskGate, SpotPaysInFullWithItsFeeWhateverTheLeverage) {
  const auto with_fee = [](RiskConfig& c) {
    c.leverage = 100;
    c.taker_fee = {100'000};
    c.cap_size = false;
  };
  Gate exact(with_fee);
  exact.gate->on_guard_view(guard({5'005 * kMoneyUnit}, 2));
  // 1 % of 5005 over a distance of 500 gives 0.1 coin: 5000 and a fee of 5.
  ASSERT_EQ(exact.ask(entry(1, true, kRef, {49'500 * kUnit})), Verdict::admitted);
  EXPECT_EQ(exact.last().qty.v, 10'000);
  Gate short_of_it(with_fee);
  GuardView view = guard({5'005 * kMoneyUnit}, 2);
  view.margin_used = {1};
  short_of_it.gate->on_guard_view(view);
  EXPECT_EQ(short_of_it.ask(entry(1, true, kRef, {49'500 * kUnit})), Verdict::free_margin);
}

TEST(RiskGate, RefusesWhenNoReservationIsLeft) {
  Gate g([](RiskConfig& c) {
    c.in_flight_max = 2;
    c.risk_fraction = {100'000};
  });
  ASSERT_EQ(g.ask(0), Verdict::admitted);
  ASSERT_EQ(g.ask(3), Verdict::admitted);
  EXPECT_EQ(g.ask(4), Verdict::in_flight_full);
  g.gate->on_position_view(view_of(0, 1, 1));
  EXPECT_EQ(g.ask(4), Verdict::admitted);
}

TEST(RiskGate, RefusesWhatLeaves64Bits) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  Gate g({}, 8, [](Instrument& i) { i.rules.tick_size = {1}; });
  g.gate->on_tick(trade(0, {kMost}));
  EXPECT_EQ(g.ask(entry(0, true, {kMost}, {kMost - 1})), Verdict::overflow) << "slippage may not be added";
  EXPECT_TRUE(g.sink.requests.empty());

  // A stop one tick away from an account of 92 billion: the size fits its budget, its notional leaves 64 bits.
  const OrderIntent near = entry(0, true, kRef, {kRef.v - 1'000});
  Gate open_ended;
  open_ended.gate->on_guard_view(guard({kMost}, 2));
  EXPECT_EQ(open_ended.ask(near), Verdict::overflow);
  Gate capped([](RiskConfig& c) { c.max_order_notional = {5'000 * kMoneyUnit}; });
  capped.gate->on_guard_view(guard({kMost}, 2));
  ASSERT_EQ(capped.ask(near), Verdict::admitted) << "a limit brings it back to size";
  EXPECT_EQ(capped.last().qty.v, 10'000);
}

TEST(RiskGate, EveryIntentGetsOneDecisionAndIsCounted) {
  Gate g;
  (void)g.ask(0);
  (void)g.ask(0);
  (void)g.ask(2);
  EXPECT_EQ(g.sink.decisions.size(), 3u);
  EXPECT_EQ(g.gate->counters()[Verdict::admitted], 1u);
  EXPECT_EQ(g.gate->counters()[Verdict::symbol_owned], 1u);
  EXPECT_EQ(g.gate->counters()[Verdict::contract_unsupported], 1u);
  EXPECT_EQ(g.sink.decisions.back().request.request_id, 0u) << "a refusal carries no request";
}

TEST(RiskGate, RefusesACheckpointOfAnotherConfigurationOrTable) {
  Gate g;
  ArchiveWriter archive;
  g.gate->save(archive);
  const auto load_into = [&](Gate& other) {
    ArchiveReader reader(archive.bytes());
    return other.gate->load(reader);
  };
  Gate same;
  EXPECT_EQ(load_into(same), Errc::ok);
  Gate other_config([](RiskConfig& c) { c.risk_fraction.v += 1; });
  EXPECT_EQ(load_into(other_config), Errc::checkpoint_mismatch);
  Gate other_share([](RiskConfig& c) { c.capital_fraction[15].v -= 1; });
  EXPECT_EQ(load_into(other_share), Errc::checkpoint_mismatch);
  Gate other_table({}, 7);
  EXPECT_EQ(load_into(other_table), Errc::checkpoint_mismatch);
  for (std::size_t cut = 0; cut < archive.bytes().size(); cut += 97) {
    Gate fresh;
    ArchiveReader reader(archive.bytes().first(cut));
    EXPECT_EQ(fresh.gate->load(reader), Errc::checkpoint_mismatch) << cut;
  }
}

TEST(RiskConfigCheck, NamesTheValueOutsideItsBounds) {
  const auto refused = [](const std::function<void(RiskConfig&)>& change, std::string_view name) {
    RiskConfig config;
    change(config);
    const Status status = check(config);
    return !status.ok() && status.error().code == Errc::config_out_of_bounds && status.error().what.starts_with(name);
  };
  EXPECT_TRUE(check(RiskConfig{}).ok());
  EXPECT_TRUE(refused([](RiskConfig& c) { c.risk_fraction = {0}; }, "risk_fraction"));
  EXPECT_TRUE(refused([](RiskConfig& c) { c.risk_fraction = {kRateUnit + 1}; }, "risk_fraction"));
  EXPECT_TRUE(refused([](RiskConfig& c) { c.price_collar = {kRateUnit}; }, "price_collar"));
  EXPECT_TRUE(refused([](RiskConfig& c) { c.max_order_notional = {-1}; }, "max_order_notional"));
  EXPECT_TRUE(refused([](RiskConfig& c) { c.tick_age_ns_max = -1; }, "tick_age_ns_max"));
  EXPECT_TRUE(refused([](RiskConfig& c) { c.leverage = 0; }, "leverage"));
  EXPECT_TRUE(refused([](RiskConfig& c) { c.leverage = 126; }, "leverage"));
  EXPECT_TRUE(refused([](RiskConfig& c) { c.max_open_positions = -1; }, "max_open_positions"));
  EXPECT_TRUE(refused([](RiskConfig& c) { c.in_flight_max = 0; }, "in_flight_max"));
  EXPECT_TRUE(refused([](RiskConfig& c) { c.in_flight_max = 257; }, "in_flight_max"));
  EXPECT_TRUE(refused([](RiskConfig& c) { c.taker_fee = {kRateUnit / 10 + 1}; }, "taker_fee"));
  EXPECT_TRUE(refused([](RiskConfig& c) { c.slippage_allowance = {-1}; }, "slippage_allowance"));
  EXPECT_TRUE(refused([](RiskConfig& c) { c.sizing_base = SizingBase::fixed; }, "fixed_base"));
  EXPECT_TRUE(refused([](RiskConfig& c) { c.capital_fraction[0] = {0}; }, "capital_fraction[0]"));
  EXPECT_TRUE(refused([](RiskConfig& c) { c.capital_fraction[15] = {kRateUnit + 1}; }, "capital_fraction[15]"));
}

}  // namespace martinet::risk_gate_test

// Margin at mark, to the last unit: what may be opened, when a position is closed by the venue, and what that costs.
#include <gtest/gtest.h>

#include "tests/adapters/paper/paper_kit.hpp"

namespace martinet::liquidation_test {

using namespace paper_kit;
using Kind = VenueEventKind;

constexpr std::int64_t kCent = kMoneyUnit / 100;

PaperConfig terms(MarginMode mode, Money balance) {
  PaperConfig config = plain_config();
  config.margin_mode = mode;
  config.initial_balance = balance;
  return config;
}

/// 1.000 at 100.00 with leverage 10: margin 10.00, fee 0.06. The market (last) then stands at `last`, the mark at 100.00.
Kit holding(Side side, MarginMode mode, Money balance, std::int64_t last) {
  Kit kit(terms(mode, balance));
  kit.mark(100'00);
  kit.trade(100'00, 1);
  kit.send(kit.market(side, 1'000));
  kit.trade(last, 1);
  kit.news();
  return kit;
}

struct Case {
  Side side;
  MarginMode mode;
  std::int64_t balance;      ///< before the entry's fee
  std::int64_t safe, fatal;  ///< neighbouring marks
  std::int64_t bankruptcy;
};
// Isolated: 10 + (P - 100) < 0.005 P below 90.4522..; short 10 + (100 - P) < 0.005 P above 109.4527..
// Cross with 20 left: 20 + (P - 100) < 0.005 P below 80.4020..; short above 119.4029..
constexpr Case kCases[] = {
    {Side::buy, MarginMode::isolated, 10'000 * kMoneyUnit, 90'46, 90'45, 90'00},
    {Side::sell, MarginMode::isolated, 10'000 * kMoneyUnit, 109'45, 109'46, 110'00},
    {Side::buy, MarginMode::cross, 20 * kMoneyUnit + 6 * kCent, 80'41, 80'40, 80'00},
    {Side::sell, MarginMode::cross, 20 * kMoneyUnit + 6 * kCent, 119'40, 119'41, 120'00},
};

TEST(PaperLiquidation, ComesAtTheMarkAndNotOneUnitBefore) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(testing::Message() << name_of(c.side) << ' ' << name_of(c.mode));
    // Market a little better than the bankruptcy price: the fill is there, and costs the full fee.
    const std::int64_t sign = c.side == Side::buy ? 1 : -1;
    const std::int64_t last = c.bankruptcy + sign * 20;
    Kit kit = holding(c.side, c.mode, {c.balance}, last);
    EXPECT_EQ(kit.venue->account().bankruptcy_price(Kit::kContract), Price{c.bankruptcy});
    kit.mark(c.safe);
    EXPECT_TRUE(kit.news().empty());
    EXPECT_EQ(kit.venue->account().position(Kit::kContract).unrealised, Money{sign * (c.safe - 100'00) * 1'000 * 1'000});
    kit.mark(c.fatal);
    const auto said = kit.news();
    ASSERT_EQ(said.size(), 1U);
    const VenueEvent& event = said[0];
    EXPECT_EQ(event.kind, Kind::liquidated);
    EXPECT_EQ(event.reason, Errc::liquidated);
    EXPECT_EQ(event.key.intent_id, 0U);
    EXPECT_EQ(event.key.leg, OrderPurpose::close);
    EXPECT_EQ(event.strategy, kNoStrategy);
    EXPECT_EQ(event.side, opposite(c.side));
    EXPECT_EQ(event.fill_price, Price{last});
    EXPECT_EQ(event.fill_qty, Qty{1'000});
    EXPECT_EQ(event.leaves_qty, Qty{0});
    EXPECT_EQ(event.fee, Money{last * 1'000 * 1'000 / 10'000 * 6});
    EXPECT_NE(event.trade_id, 0U);
    EXPECT_EQ(kit.position(), 0);
    const std::int64_t loss = sign * (100'00 - last) * 1'000 * 1'000;
    EXPECT_EQ(kit.balance(), c.balance - 6 * kCent - loss - event.fee.v);
    EXPECT_EQ(kit.venue->counters().liquidations, 1U);
    EXPECT_EQ(kit.venue->account().free().v, kit.balance());
  }
}

TEST(PaperLiquidation, BeyondTheBankruptcyPriceTheLossIsTheVenues) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(testing::Message() << name_of(c.side) << ' ' << name_of(c.mode));
    const std::int64_t sign = c.side == Side::buy ? 1 : -1;
    Kit kit = holding(c.side, c.mode, {c.balance}, c.bankruptcy - sign * 500);
    kit.mark(c.fatal);
    const auto said = kit.news();
    ASSERT_EQ(said.size(), 1U);
    EXPECT_EQ(said[0].fill_price, Price{c.bankruptcy});
    EXPECT_EQ(said[0].fee, Money{0});  // nothing left to pay it with
    const std::int64_t stake = c.mode == MarginMode::isolated ? 10 * kMoneyUnit : 20 * kMoneyUnit;
    EXPECT_EQ(kit.balance(), c.balance - 6 * kCent - stake);
  }
}

TEST(PaperLiquidation, TheFeeIsNoMoreThanWhatIsLeft) {
  Kit kit = holding(Side::buy, MarginMode::isolated, {10'000 * kMoneyUnit}, 85'00);
  kit.quote(90'00, 90'10);  // 0.00 left at the bid
  kit.news();
  kit.mark(90'45);
  EXPECT_EQ(kit.news().at(0).fee, Money{0});
  Kit other = holding(Side::buy, MarginMode::isolated, {10'000 * kMoneyUnit}, 85'00);
  other.table.mutable_row(Kit::kContract).rules.tick_size = {1};
  other.quote(90'03, 90'10);  // 0.03 left, 0.054018 would be due
  other.mark(90'45);
  EXPECT_EQ(other.news().at(0).fee, Money{3 * kCent});
  EXPECT_EQ(other.balance(), 10'000 * kMoneyUnit - 6 * kCent - 10 * kMoneyUnit);
}

TEST(PaperLiquidation, EntriesGoFirstThenThePositionThenWhatProtectedIt) {
  Kit kit = holding(Side::buy, MarginMode::isolated, {10'000 * kMoneyUnit}, 91'00);
  OrderRequest stop = kit.trigger(OrderType::stop_market, Side::sell, 1'000, 80'00);
  stop.trigger_ref = TriggerRef::last;
  const OrderRequest target = kit.trigger(OrderType::take_profit_market, Side::sell, 1'000, 120'00);
  const OrderRequest entry = kit.limit(Side::buy, 500, 70'00);
  for (const OrderRequest& order : {stop, target, entry}) kit.send(order);
  kit.mark(90'40);
  const auto said = kit.news();
  ASSERT_EQ(said.size(), 4U);
  EXPECT_EQ(said[0].key, entry.key);
  EXPECT_EQ(said[1].kind, Kind::liquidated);
  EXPECT_EQ(said[2].key, stop.key);
  EXPECT_EQ(said[3].key, target.key);
  for (const std::size_t i : {0U, 2U, 3U}) {
    EXPECT_EQ(said[i].kind, Kind::cancelled);
    EXPECT_EQ(said[i].reason, Errc::liquidated);
  }
  EXPECT_EQ(kit.venue->open_order_count(), 0U);
  EXPECT_EQ(kit.venue->account().position(Kit::kContract).reserved, Money{});
}

TEST(PaperLiquidation, AStopThatTheSameInputReachesComesFirst) {
  Kit kit = holding(Side::buy, MarginMode::isolated, {10'000 * kMoneyUnit}, 91'00);
  OrderRequest stop = kit.trigger(OrderType::stop_market, Side::sell, 1'000, 90'50);
  stop.trigger_ref = TriggerRef::mark;
  kit.send(stop);
  kit.mark(90'40);
  const auto said = kit.news();
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[0].kind, Kind::triggered);
  EXPECT_EQ(said[1].kind, Kind::filled);
  EXPECT_EQ(kit.venue->counters().liquidations, 0U);
}

TEST(PaperLiquidation, NoneWhileTheInstrumentIsHaltedOnTheFirstInputAfter) {
  Kit kit = holding(Side::buy, MarginMode::isolated, {10'000 * kMoneyUnit}, 91'00);
  kit.table.mutable_row(Kit::kContract).rules.status = TradingStatus::halted;
  kit.mark(85'00);
  EXPECT_TRUE(kit.news().empty());
  kit.table.mutable_row(Kit::kContract).rules.status = TradingStatus::trading;
  kit.trade(91'00, 1);
  EXPECT_EQ(kit.news().at(0).kind, Kind::liquidated);
}

TEST(PaperLiquidation, WithoutAMarkTheLastPriceAndWithoutThatTheQuoteIsTheMark) {
  Kit kit(terms(MarginMode::isolated, {10'000 * kMoneyUnit}));
  kit.trade(100'00, 1);
  kit.send(kit.market(Side::buy, 1'000));
  kit.trade(90'50, 1);
  EXPECT_TRUE(kit.news().empty());
  kit.trade(90'40, 1);
  EXPECT_EQ(kit.news().at(0).kind, Kind::liquidated);

  Kit quoted(terms(MarginMode::isolated, {10'000 * kMoneyUnit}));
  quoted.quote(100'00, 100'00);
  quoted.send(quoted.market(Side::sell, 1'000));
  quoted.quote(100'00, 109'40);  // a short is closed at the ask
  EXPECT_TRUE(quoted.news().empty());
  quoted.quote(100'00, 109'50);
  EXPECT_EQ(quoted.news().at(0).kind, Kind::liquidated);
}

TEST(PaperLiquidation, OfABarTheWorstPriceCountsAfterTheStopsAndBeforeTheTargets) {
  for (const bool stopped : {false, true}) {
    Kit kit(terms(MarginMode::isolated, {10'000 * kMoneyUnit}));
    kit.bar(100'00, 100'00, 100'00, 100'00);
    kit.send(kit.market(Side::buy, 1'000));
    kit.send(kit.trigger(OrderType::take_profit_market, Side::sell, 1'000, 105'00));
    if (stopped) kit.send(kit.trigger(OrderType::stop_market, Side::sell, 1'000, 95'00));
    kit.bar(100'00, 106'00, 90'50, 104'00);
    kit.news();
    EXPECT_EQ(kit.position(), 0);  // the stop, or the target: 90.50 was still safe
    EXPECT_EQ(kit.venue->counters().liquidations, 0U);
    Kit deep(terms(MarginMode::isolated, {10'000 * kMoneyUnit}));
    deep.bar(100'00, 100'00, 100'00, 100'00);
    deep.send(deep.market(Side::buy, 1'000));
    deep.send(deep.trigger(OrderType::take_profit_market, Side::sell, 1'000, 105'00));
    if (stopped) deep.send(deep.trigger(OrderType::stop_market, Side::sell, 1'000, 95'00));
    deep.bar(100'00, 106'00, 90'40, 104'00);
    const auto said = deep.news();
    ASSERT_FALSE(said.empty());
    EXPECT_EQ(said[0].kind, stopped ? Kind::triggered : Kind::liquidated);
    EXPECT_EQ(said[stopped ? 1U : 0U].fill_price, Price{stopped ? 95'00 : 90'40});
    EXPECT_EQ(deep.position(), 0);
  }
}

TEST(PaperLiquidation, CrossPositionsStandForEachOtherAndTheWorstGoesFirst) {
  Kit kit;
  Instrument second = contract();
  second.symbol.assign("SOLUSDT");
  const InstrumentId sol = kit.table.add(second).value();
  // 30.00 is left after both fees: two longs of 100.00 each.
  kit.venue = std::make_unique<PaperVenue>(kit.table, terms(MarginMode::cross, {30 * kMoneyUnit + 12 * kCent}));
  for (const InstrumentId id : {Kit::kContract, sol}) {
    kit.mark(100'00, id);
    kit.trade(100'00, 1, Side::none, id);
    OrderRequest order = kit.market(Side::buy, 1'000);
    order.instrument = id;
    kit.send(order);
  }
  EXPECT_EQ(kit.venue->account().equity(), Money{30 * kMoneyUnit});
  kit.trade(75'80, 1);
  kit.trade(95'00, 1, Side::none, sol);
  kit.mark(95'00, sol);  // equity 25, maintenance 0.975
  kit.mark(75'86);       // equity 0.86, maintenance 0.3793 + 0.475
  EXPECT_EQ(kit.venue->counters().liquidations, 0U);
  kit.mark(75'85);  // equity 0.85, maintenance 0.37925 + 0.475
  kit.news();
  EXPECT_EQ(kit.venue->counters().liquidations, 1U);
  EXPECT_EQ(kit.position(), 0);
  EXPECT_EQ(kit.position(sol), 1'000);  // equity 0.75452 carries it
  EXPECT_EQ(kit.balance(), 5 * kMoneyUnit + 75'452'000);
  kit.trade(90'00, 1, Side::none, sol);
  kit.mark(94'00, sol);
  EXPECT_EQ(kit.venue->counters().liquidations, 2U);
  EXPECT_EQ(kit.news().back().fill_price, Price{94'30});  // the tick at which 5.70 of 5.75452 is lost
  EXPECT_EQ(kit.balance(), 0);                            // and the rest is the fee
}

TEST(PaperMargin, UnrealisedProfitCarriesNewEntriesInCrossModeOnly) {
  for (const MarginMode mode : {MarginMode::cross, MarginMode::isolated}) {
    for (const std::int64_t mark : {101'01, 101'02}) {
      Kit kit(terms(mode, {10 * kMoneyUnit + 6 * kCent}));
      kit.mark(100'00);
      kit.trade(100'00, 1);
      kit.send(kit.market(Side::buy, 1'000));
      EXPECT_EQ(kit.venue->account().free(), Money{0});
      kit.trade(101'00, 1);
      kit.mark(mark);
      // 0.100 at 101.00: margin 1.01 and fee 0.00606.
      const bool covered = mode == MarginMode::cross && mark == 101'02;
      EXPECT_EQ(kit.refusal(kit.market(Side::buy, 100)), covered ? Errc::ok : Errc::insufficient_balance) << mark;
    }
  }
}

TEST(PaperMargin, UnrealisedLossTakesMarginInCrossModeOnly) {
  for (const MarginMode mode : {MarginMode::cross, MarginMode::isolated}) {
    Kit kit(terms(mode, {20 * kMoneyUnit + 12 * kCent}));
    kit.mark(100'00);
    kit.trade(100'00, 1);
    kit.send(kit.market(Side::buy, 1'000));
    kit.mark(99'99);
    EXPECT_EQ(kit.refusal(kit.market(Side::buy, 1'000)), mode == MarginMode::cross ? Errc::insufficient_balance : Errc::ok);
  }
}

TEST(PaperMargin, AMarkBeyondAllMoneyIsIgnored) {
  Kit kit = holding(Side::buy, MarginMode::isolated, {10'000 * kMoneyUnit}, 100'00);
  kit.mark(std::int64_t{1} << 62);
  EXPECT_TRUE(kit.news().empty());
  EXPECT_EQ(kit.venue->account().position(Kit::kContract).value_price, Price{100'00});
}

}  // namespace martinet::liquidation_test

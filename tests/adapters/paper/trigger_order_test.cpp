// Stops and take-profits: what they watch, when they fire, at what they fill.
#include <gtest/gtest.h>

#include "tests/adapters/paper/paper_kit.hpp"

namespace martinet::trigger_order_test {

using namespace paper_kit;
using Kind = VenueEventKind;
using Type = OrderType;

/// Long 0.1 at 100.10 with quotes and a last price of 100.00.
Kit long_position(const PaperConfig& config = plain_config()) {
  Kit kit(config);
  kit.trade(100'00, 1);
  kit.quote(100'00, 100'10);
  kit.send(kit.market(Side::buy, 100));
  return kit;
}

TEST(PaperTrigger, AStopFiresOnTouchAndFillsAtTheMarket) {
  Kit kit = long_position();
  auto said = kit.send(kit.trigger(Type::stop_market, Side::sell, 100, 99'00));
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].kind, Kind::accepted);
  kit.trade(99'10, 5);
  EXPECT_TRUE(kit.news().empty());
  kit.quote(98'80, 99'00);  // quotes do not fire it while there is a last price
  EXPECT_TRUE(kit.news().empty());
  kit.trade(99'00, 5);
  said = kit.news();
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[0].kind, Kind::triggered);
  EXPECT_EQ(said[1].kind, Kind::filled);
  EXPECT_EQ(said[1].fill_price, Price{98'80});
  EXPECT_EQ(said[1].fee, Money{592'800});  // 9.88 * 0.0006
  EXPECT_EQ(said[1].maker, 0);
  EXPECT_EQ(kit.venue->account().pnl_total(), Money{-13'000'000});  // 0.1 * (98.80 - 100.10)
  EXPECT_EQ(kit.position(), 0);
}

TEST(PaperTrigger, AStopPaysSlippage) {
  PaperConfig config = plain_config();
  Kit kit = long_position(config);
  config.slippage = {1'000'000};
  Kit sliding = long_position(config);
  for (Kit* one : {&kit, &sliding}) {
    one->send(one->trigger(Type::stop_market, Side::sell, 100, 99'00));
    one->quote(99'00, 99'10);
    one->trade(99'00, 1);
  }
  EXPECT_EQ(kit.news()[1].fill_price, Price{99'00});
  EXPECT_EQ(sliding.news()[1].fill_price, Price{98'00});  // 98.01 down to the tick
}

TEST(PaperTrigger, AStopWalksABookWhereThereIsOne) {
  Kit kit = long_position();
  kit.send(kit.trigger(Type::stop_market, Side::sell, 100, 99'00));
  kit.book({{98'90, 30}, {98'50, 100}}, {{99'10, 5}});
  kit.trade(98'90, 1);
  const auto said = kit.news();
  ASSERT_EQ(said.size(), 3U);
  EXPECT_EQ(said[1].fill_price, Price{98'90});
  EXPECT_EQ(said[1].leaves_qty, Qty{70});
  EXPECT_EQ(said[2].fill_price, Price{98'50});
}

TEST(PaperTrigger, WatchesTheMarkIfItAsksForItAndThereIsOne) {
  Kit kit = long_position();
  kit.mark(100'00);
  OrderRequest on_mark = kit.trigger(Type::stop_market, Side::sell, 100, 99'00);
  on_mark.trigger_ref = TriggerRef::mark;
  kit.send(on_mark);
  kit.trade(98'00, 1);
  EXPECT_TRUE(kit.news().empty());
  kit.mark(98'90);
  EXPECT_EQ(kit.news()[0].kind, Kind::triggered);
}

TEST(PaperTrigger, AnOrderOnTheLastPriceIgnoresTheMark) {
  Kit kit = long_position();
  kit.send(kit.trigger(Type::stop_market, Side::sell, 100, 99'00));
  kit.mark(50'00);
  EXPECT_TRUE(kit.news().empty());
}

TEST(PaperTrigger, FallsBackToTheLastPriceWithoutAMark) {
  Kit kit = long_position();
  OrderRequest on_mark = kit.trigger(Type::stop_market, Side::sell, 100, 99'00);
  on_mark.trigger_ref = TriggerRef::mark;
  kit.send(on_mark);
  kit.trade(98'00, 1);
  EXPECT_EQ(kit.news()[0].kind, Kind::triggered);
}

TEST(PaperTrigger, WhereOnlyQuotesAreKnownTheSideItTradesAtFiresIt) {
  Kit kit;
  kit.quote(100'00, 100'10);
  kit.send(kit.market(Side::buy, 100));
  kit.send(kit.trigger(Type::stop_market, Side::sell, 100, 99'00));
  kit.quote(99'10, 99'00);
  EXPECT_TRUE(kit.news().empty());
  kit.quote(99'00, 99'90);
  const auto said = kit.news();
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[1].fill_price, Price{99'00});
}

TEST(PaperTrigger, TakeProfitMarketFiresOnTheOtherSide) {
  Kit kit = long_position();
  kit.send(kit.trigger(Type::take_profit_market, Side::sell, 100, 102'00));
  kit.quote(102'00, 102'10);
  kit.trade(101'90, 1);
  EXPECT_TRUE(kit.news().empty());
  kit.trade(102'00, 1);
  const auto said = kit.news();
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[1].fill_price, Price{102'00});
  EXPECT_EQ(kit.venue->account().pnl_total(), Money{19'000'000});
}

TEST(PaperTrigger, ShortsAreStoppedUpwardsAndPaidDownwards) {
  Kit kit;
  kit.trade(100'00, 1);
  kit.send(kit.market(Side::sell, 100));
  kit.send(kit.trigger(Type::stop_market, Side::buy, 50, 101'00));
  kit.send(kit.trigger(Type::take_profit_market, Side::buy, 50, 99'00));
  kit.trade(100'90, 1);
  kit.trade(99'10, 1);
  EXPECT_TRUE(kit.news().empty());
  kit.trade(101'00, 1);
  EXPECT_EQ(kit.news().size(), 2U);
  kit.trade(99'00, 1);
  EXPECT_EQ(kit.news().size(), 2U);
  EXPECT_EQ(kit.position(), 0);
}

TEST(PaperTrigger, TakeProfitLimitBecomesALimitOrder) {
  Kit kit = long_position();
  OrderRequest target = kit.trigger(Type::take_profit_limit, Side::sell, 100, 102'00);
  target.price = {102'50};
  kit.send(target);
  kit.quote(101'90, 102'00);
  kit.trade(102'00, 1);
  auto said = kit.news();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].kind, Kind::triggered);
  EXPECT_EQ(kit.venue->open_order_count(), 1U);
  kit.trade(102'60, 1);
  said = kit.news();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].fill_price, Price{102'50});
  EXPECT_EQ(said[0].maker, 1);
}

TEST(PaperTrigger, WithNothingToReduceItIsCancelledWhenItFires) {
  Kit kit = long_position();
  kit.send(kit.trigger(Type::stop_market, Side::sell, 100, 99'00));
  kit.send(Kit::reducing(kit.market(Side::sell, 100)));
  kit.trade(98'00, 1);
  const auto said = kit.news();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].kind, Kind::cancelled);
  EXPECT_EQ(said[0].reason, Errc::reduce_only_refused);
  EXPECT_EQ(said[0].leaves_qty, Qty{100});
}

TEST(PaperTrigger, IsCutToThePositionWhenItFires) {
  Kit kit = long_position();
  kit.send(kit.trigger(Type::stop_market, Side::sell, 500, 99'00));
  kit.trade(98'00, 1);
  const auto said = kit.news();
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[0].leaves_qty, Qty{100});
  EXPECT_EQ(said[1].fill_qty, Qty{100});
  EXPECT_EQ(said[1].leaves_qty, Qty{0});
}

TEST(PaperTrigger, AlreadyPastIsRefusedOnBothSidesOfTheBound) {
  Kit kit = long_position();  // last 100.00
  EXPECT_EQ(kit.refusal(kit.trigger(Type::stop_market, Side::sell, 100, 100'00)), Errc::would_trigger);
  EXPECT_EQ(kit.refusal(kit.trigger(Type::stop_market, Side::sell, 100, 99'90)), Errc::ok);
  EXPECT_EQ(kit.refusal(kit.trigger(Type::take_profit_market, Side::sell, 100, 100'00)), Errc::would_trigger);
  EXPECT_EQ(kit.refusal(kit.trigger(Type::take_profit_market, Side::sell, 100, 100'10)), Errc::ok);
  EXPECT_EQ(kit.refusal(kit.trigger(Type::stop_market, Side::buy, 100, 100'00, false)), Errc::would_trigger);
  EXPECT_EQ(kit.refusal(kit.trigger(Type::stop_market, Side::buy, 100, 100'10, false)), Errc::ok);
}

TEST(PaperTrigger, AnEntryStopWithoutFundsIsCancelledWhenItFires) {
  PaperConfig config = plain_config();
  config.margin_mode = MarginMode::isolated;  // in cross mode the profit of the others would carry it
  Kit kit(config);
  kit.trade(100'00, 1);
  EXPECT_EQ(kit.refusal(kit.trigger(Type::stop_market, Side::buy, 90'000, 110'00, false)), Errc::ok);  // 990 + 5.94 of 10000
  for (int i = 0; i < 9; ++i) EXPECT_EQ(kit.refusal(kit.market(Side::buy, 100'000)), Errc::ok);        // 9000 + 54
  kit.trade(110'00, 1);
  const auto said = kit.news();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].kind, Kind::cancelled);
  EXPECT_EQ(said[0].reason, Errc::insufficient_balance);
}

TEST(PaperTrigger, ASpotStopSellsOnlyWhatIsHeld) {
  Kit kit;
  kit.trade(100'00, 1, Side::none, Kit::kSpot);
  EXPECT_EQ(kit.refusal(Kit::on_spot(kit.trigger(Type::stop_market, Side::sell, 100, 99'00))), Errc::reduce_only_refused);
  EXPECT_EQ(kit.refusal(Kit::on_spot(kit.trigger(Type::stop_market, Side::sell, 100, 99'00, false))), Errc::insufficient_balance);
  kit.send(Kit::on_spot(kit.market(Side::buy, 100)));
  EXPECT_EQ(kit.refusal(Kit::on_spot(kit.trigger(Type::stop_market, Side::sell, 300, 99'00))), Errc::ok);
  kit.trade(98'00, 1, Side::none, Kit::kSpot);
  EXPECT_EQ(kit.news().size(), 2U);
  EXPECT_EQ(kit.position(Kit::kSpot), 0);
}

TEST(PaperTrigger, OrdersOfOtherInstrumentsDoNotMove) {
  Kit kit = long_position();
  kit.send(kit.trigger(Type::stop_market, Side::sell, 100, 99'00));
  kit.trade(1'00, 1, Side::none, Kit::kSpot);
  EXPECT_TRUE(kit.news().empty());
}

}  // namespace martinet::trigger_order_test

// Sources of bars only: what a bar's range does to orders, the worse order of events first.
#include <gtest/gtest.h>

#include "tests/adapters/paper/paper_kit.hpp"

namespace martinet::bar_test {

using namespace paper_kit;
using Kind = VenueEventKind;
using Type = OrderType;

Kit long_at_close(std::int64_t close, const PaperConfig& config = plain_config()) {
  Kit kit(config);
  kit.bar(close, close, close, close);
  kit.send(kit.market(Side::buy, 100));
  return kit;
}

TEST(PaperBars, TheCloseIsThePriceOfTheNextOrder) {
  Kit kit;
  kit.bar(100'00, 120'00, 90'00, 105'00);
  EXPECT_EQ(kit.send(kit.market(Side::buy, 100))[0].fill_price, Price{105'00});
}

TEST(PaperBars, AStopInsideTheRangeFillsAtItsTrigger) {
  Kit kit = long_at_close(100'00);
  kit.send(kit.trigger(Type::stop_market, Side::sell, 100, 99'00));
  kit.bar(100'00, 101'00, 99'10, 100'00);
  EXPECT_TRUE(kit.news().empty());
  kit.bar(100'00, 101'00, 99'00, 100'00);
  const auto said = kit.news();
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[1].fill_price, Price{99'00});
  EXPECT_EQ(kit.venue->market(Kit::kContract).last, Price{100'00});
}

TEST(PaperBars, AStopThatTheOpenGappedThroughFillsAtTheOpen) {
  PaperConfig config = plain_config();
  config.slippage = {1'000'000};
  Kit kit = long_at_close(100'00, config);
  kit.send(kit.trigger(Type::stop_market, Side::sell, 100, 99'00));
  kit.bar(97'00, 99'50, 96'00, 99'00);
  EXPECT_EQ(kit.news()[1].fill_price, Price{96'00});  // 97 less 1 % = 96.03, down to the tick
}

TEST(PaperBars, ShortStopsAndTargetsMirror) {
  Kit kit;
  kit.bar(100'00, 100'00, 100'00, 100'00);
  kit.send(kit.market(Side::sell, 100));
  kit.send(kit.trigger(Type::stop_market, Side::buy, 50, 101'00));
  kit.send(kit.trigger(Type::take_profit_market, Side::buy, 50, 99'00));
  kit.bar(102'00, 102'50, 101'50, 102'00);
  EXPECT_EQ(kit.news()[1].fill_price, Price{102'00});
  kit.bar(98'00, 98'50, 97'00, 98'00);
  EXPECT_EQ(kit.news()[1].fill_price, Price{98'00});
}

TEST(PaperBars, WhereBothAreInTheRangeTheStopComesFirst) {
  Kit kit = long_at_close(100'00);
  kit.send(kit.trigger(Type::take_profit_market, Side::sell, 100, 102'00));  // placed first, and still second
  kit.send(kit.trigger(Type::stop_market, Side::sell, 100, 98'00));
  kit.bar(100'00, 103'00, 97'00, 102'00);
  const auto said = kit.news();
  ASSERT_EQ(said.size(), 3U);
  EXPECT_EQ(said[0].kind, Kind::triggered);
  EXPECT_EQ(said[1].fill_price, Price{98'00});
  EXPECT_EQ(said[2].kind, Kind::cancelled);
  EXPECT_EQ(said[2].reason, Errc::reduce_only_refused);
}

TEST(PaperBars, ATakeProfitFillsAtItsTrigger) {
  Kit kit = long_at_close(100'00);
  kit.send(kit.trigger(Type::take_profit_market, Side::sell, 100, 102'00));
  kit.bar(100'00, 101'90, 99'00, 101'00);
  EXPECT_TRUE(kit.news().empty());
  kit.bar(100'00, 102'00, 99'00, 101'00);
  EXPECT_EQ(kit.news()[1].fill_price, Price{102'00});
}

TEST(PaperBars, ATakeProfitLimitBeyondItsTriggerRestsForALaterBar) {
  Kit kit = long_at_close(100'00);
  OrderRequest target = kit.trigger(Type::take_profit_limit, Side::sell, 100, 102'00);
  target.price = {102'50};
  kit.send(target);
  kit.bar(100'00, 104'00, 99'00, 103'00);
  auto said = kit.news();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].kind, Kind::triggered);
  kit.bar(102'00, 102'60, 102'00, 102'00);
  said = kit.news();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].fill_price, Price{102'50});
}

TEST(PaperBars, LimitsFillOnlyIfTheBarGoesBeyondThem) {
  Kit kit;
  kit.bar(100'00, 100'00, 100'00, 100'00);
  kit.send(kit.limit(Side::buy, 100, 99'00));
  kit.send(kit.limit(Side::sell, 100, 101'00));
  kit.bar(100'00, 101'00, 99'00, 100'00);
  EXPECT_TRUE(kit.news().empty());
  kit.bar(100'00, 101'10, 98'90, 100'00);
  const auto said = kit.news();
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[0].fill_price, Price{99'00});
  EXPECT_EQ(said[1].fill_price, Price{101'00});
  EXPECT_EQ(said[1].maker, 1);
}

TEST(PaperBars, OpenAndPastBarsAndBarsBesideTicksAreNoNews) {
  Kit kit = long_at_close(100'00);
  kit.send(kit.trigger(Type::stop_market, Side::sell, 100, 99'00));
  Candle candle;
  candle.instrument = Kit::kContract;
  candle.open = candle.high = candle.low = candle.close = {50'00};
  candle.ts_receive_ns = kit.now + 1;
  kit.venue->on_candle(candle);  // not closed
  candle.closed = 1;
  candle.history = 1;
  kit.venue->on_candle(candle);
  EXPECT_TRUE(kit.news().empty());
  kit.now += 10;
  kit.trade(100'00, 1);
  kit.bar(50'00, 50'00, 50'00, 50'00);
  EXPECT_TRUE(kit.news().empty());
  EXPECT_EQ(kit.venue->market(Kit::kContract).last, Price{100'00});
}

TEST(PaperBars, AHaltedInstrumentMovesButDoesNotTrade) {
  Kit kit = long_at_close(100'00);
  kit.send(kit.trigger(Type::stop_market, Side::sell, 100, 99'00));
  kit.table.mutable_row(Kit::kContract).rules.status = TradingStatus::halted;
  kit.bar(50'00, 50'00, 50'00, 50'00);
  EXPECT_TRUE(kit.news().empty());
  EXPECT_EQ(kit.venue->market(Kit::kContract).last, Price{50'00});
}

}  // namespace martinet::bar_test

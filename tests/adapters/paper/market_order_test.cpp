// Takers: prices, slippage, fees and P&L, computed by hand to the last 1e-8.
#include <gtest/gtest.h>

#include "tests/adapters/paper/paper_kit.hpp"

namespace martinet::market_order_test {

using namespace paper_kit;
constexpr auto kFilled = VenueEventKind::filled;

TEST(PaperMarketOrder, FillsAtTheQuoteAndBooksFeesAndProfitExactly) {
  Kit kit;
  kit.quote(30'000'00, 30'000'10);
  auto said = kit.send(kit.market(Side::buy, 500));  // 0.5 at 30000.10
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].kind, kFilled);
  EXPECT_EQ(said[0].fill_price, Price{30'000'10});
  EXPECT_EQ(said[0].fill_qty, Qty{500});
  EXPECT_EQ(said[0].leaves_qty, Qty{0});
  EXPECT_EQ(said[0].maker, 0);
  EXPECT_EQ(said[0].strategy, 7);
  EXPECT_EQ(said[0].side, Side::buy);
  EXPECT_EQ(said[0].fee, Money{9'00'003'000});  // 15000.05 * 0.0006 = 9.00003
  EXPECT_EQ(kit.venue->account().entry_price(Kit::kContract), Price{30'000'10});
  EXPECT_EQ(kit.balance(), 10'000 * kMoneyUnit - 9'00'003'000);

  kit.quote(31'000'00, 31'000'10);
  said = kit.send(Kit::reducing(kit.market(Side::sell, 500)));
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].fill_price, Price{31'000'00});
  EXPECT_EQ(said[0].fee, Money{9'30'000'000});  // 15500 * 0.0006
  EXPECT_EQ(kit.venue->account().pnl_total(), Money{499'95'000'000});
  EXPECT_EQ(kit.balance(), 10'000 * kMoneyUnit + 499'95'000'000 - 9'00'003'000 - 9'30'000'000);
  EXPECT_EQ(kit.position(), 0);
  EXPECT_FALSE(has_price(kit.venue->account().entry_price(Kit::kContract)));
  EXPECT_EQ(kit.venue->account().free().v, kit.balance());
}

TEST(PaperMarketOrder, ShortsEarnOnTheWayDown) {
  Kit kit;
  kit.quote(200'00, 200'10);
  kit.send(kit.market(Side::sell, 1'000));
  EXPECT_EQ(kit.position(), -1'000);
  kit.quote(149'90, 150'00);
  kit.send(Kit::reducing(kit.market(Side::buy, 1'000)));
  EXPECT_EQ(kit.venue->account().pnl_total(), Money{50 * kMoneyUnit});
  EXPECT_EQ(kit.venue->account().fees_total(), Money{12'000'000 + 9'000'000});
}

TEST(PaperMarketOrder, RoundsEveryFeeUp) {
  PaperConfig config = plain_config();
  config.taker_fee = {1};  // 1e-8 of the notional
  Kit kit(config);
  kit.quote(99'90, 100'10);
  const auto said = kit.send(kit.market(Side::buy, 51));  // notional 5.1051 -> 5.1051e-8 -> 6 units of 1e-8
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].fee, Money{6});
}

TEST(PaperMarketOrder, WorsensThePriceBySlippageToTheNextTick) {
  PaperConfig config = plain_config();
  config.slippage = {50'000};
  Kit kit(config);
  kit.quote(30'000'00, 30'000'10);
  EXPECT_EQ(kit.send(kit.market(Side::buy, 100))[0].fill_price, Price{30'015'20});   // 30000.10 + 15.00005 -> up
  EXPECT_EQ(kit.send(kit.market(Side::sell, 100))[0].fill_price, Price{29'985'00});  // 30000.00 - 15, on the tick
}

TEST(PaperMarketOrder, NeverSellsBelowOneTick) {
  PaperConfig config = plain_config();
  config.slippage = {kRateUnit};
  Kit kit(config);
  kit.quote(100'00, 100'10);
  EXPECT_EQ(kit.send(kit.market(Side::sell, 100))[0].fill_price, Price{10});
}

TEST(PaperMarketOrder, UsesTheLastPriceThenTheMarkWhereThereIsNoQuote) {
  Kit kit;
  EXPECT_EQ(kit.refusal(kit.market(Side::buy, 100)), Errc::no_liquidity);
  kit.mark(105'00);
  EXPECT_EQ(kit.send(kit.market(Side::buy, 100))[0].fill_price, Price{105'00});
  kit.trade(104'00, 1);
  EXPECT_EQ(kit.send(kit.market(Side::buy, 100))[0].fill_price, Price{104'00});
  kit.quote(102'00, 103'00);
  EXPECT_EQ(kit.send(kit.market(Side::buy, 100))[0].fill_price, Price{103'00});
}

TEST(PaperMarketOrder, TradesOfASnapshotOfThePastAreNoPrice) {
  Kit kit;
  Tick past;
  past.kind = TickKind::trade;
  past.bid_price = {100'00};
  past.bid_qty = {5};
  past.instrument = Kit::kContract;
  past.flags = tick_flag::history;
  kit.tick(past);
  EXPECT_EQ(kit.refusal(kit.market(Side::buy, 100)), Errc::no_liquidity);
}

TEST(PaperMarketOrder, ThroughZeroClosesThenOpensAtTheNewPrice) {
  Kit kit;
  kit.quote(99'90, 100'00);
  kit.send(kit.market(Side::buy, 300));
  kit.quote(110'00, 110'10);
  kit.send(kit.market(Side::sell, 500));
  EXPECT_EQ(kit.position(), -200);
  EXPECT_EQ(kit.venue->account().pnl_total(), Money{3 * kMoneyUnit});  // 0.3 * 10
  EXPECT_EQ(kit.venue->account().entry_price(Kit::kContract), Price{110'00});
  EXPECT_EQ(kit.venue->account().position(Kit::kContract).margin, Money{2'20'000'000});  // 22 / 10
}

TEST(PaperMarketOrder, AveragesTheEntryOverItsFills) {
  Kit kit;
  kit.quote(99'90, 100'00);
  kit.send(kit.market(Side::buy, 100));
  kit.quote(100'00, 100'10);
  kit.send(kit.market(Side::buy, 200));
  EXPECT_EQ(kit.venue->account().entry_price(Kit::kContract), Price{100'07});  // 100.0667
  kit.quote(100'00, 100'10);
  kit.send(Kit::reducing(kit.market(Side::sell, 300)));
  EXPECT_EQ(kit.venue->account().pnl_total(), Money{-2'000'000});  // 30.00 - (10.00 + 20.02)
}

TEST(PaperMarketOrder, ReduceOnlyIsCutToThePosition) {
  Kit kit;
  kit.quote(99'90, 100'00);
  kit.send(kit.market(Side::buy, 300));
  const auto said = kit.send(Kit::reducing(kit.market(Side::sell, 1'000)));
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].fill_qty, Qty{300});
  EXPECT_EQ(said[0].leaves_qty, Qty{0});
  EXPECT_EQ(kit.position(), 0);
}

TEST(PaperMarketOrder, SpotBuysHoldAndSpotSellsReleaseTheCost) {
  Kit kit;
  kit.quote(2'000'00, 2'000'00, 0, 0, Kit::kSpot);
  const auto said = kit.send(Kit::on_spot(kit.market(Side::buy, 1'500)));
  EXPECT_EQ(said[0].fee, Money{3 * kMoneyUnit});  // 3000 * 0.0010
  EXPECT_EQ(kit.venue->account().free(), Money{6'997 * kMoneyUnit});
  EXPECT_EQ(kit.balance(), 9'997 * kMoneyUnit);
  kit.quote(2'100'00, 2'100'10, 0, 0, Kit::kSpot);
  kit.send(Kit::on_spot(kit.market(Side::sell, 1'500)));
  EXPECT_EQ(kit.balance(), (9'997 + 150) * kMoneyUnit - 3'15'000'000);
  EXPECT_EQ(kit.venue->account().free().v, kit.balance());
}

TEST(PaperMarketOrder, DustBelowTheMinimumCanStillBeClosed) {
  Kit kit;
  kit.quote(3'000'00, 3'000'10);
  kit.send(kit.market(Side::buy, 3));
  kit.send(Kit::reducing(kit.market(Side::sell, 2)));
  EXPECT_EQ(kit.position(), 1);
  EXPECT_EQ(kit.refusal(Kit::reducing(kit.market(Side::sell, 1))), Errc::ok);
  EXPECT_EQ(kit.position(), 0);
}

}  // namespace martinet::market_order_test

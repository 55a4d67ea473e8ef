// Limit orders: crossing, resting, the queue, and what they reserve.
#include <gtest/gtest.h>

#include "tests/adapters/paper/paper_kit.hpp"

namespace martinet::limit_order_test {

using namespace paper_kit;
using Kind = VenueEventKind;

TEST(PaperLimitOrder, RestsAndFillsAsMakerWhenATradePrintsThrough) {
  Kit kit;
  kit.quote(100'00, 100'10);
  auto said = kit.send(kit.limit(Side::buy, 100, 99'50));
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].kind, Kind::accepted);
  kit.trade(99'60, 1'000);
  EXPECT_TRUE(kit.news().empty());
  kit.trade(99'40, 1);
  said = kit.news();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].kind, Kind::filled);
  EXPECT_EQ(said[0].maker, 1);
  EXPECT_EQ(said[0].fill_price, Price{99'50});
  EXPECT_EQ(said[0].fill_qty, Qty{100});
  EXPECT_EQ(said[0].fee, Money{199'000});  // 9.95 * 0.0002
  EXPECT_EQ(kit.venue->open_order_count(), 0U);
}

TEST(PaperLimitOrder, FillsWhenTheOppositeQuoteReachesIt) {
  Kit kit;
  kit.quote(100'00, 100'10);
  kit.send(kit.limit(Side::sell, 100, 101'00));
  kit.quote(100'90, 101'10);
  EXPECT_TRUE(kit.news().empty());
  kit.quote(101'00, 101'10);
  const auto said = kit.news();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].fill_price, Price{101'00});
  EXPECT_EQ(said[0].maker, 1);
}

TEST(PaperLimitOrder, WaitsForTheQueueAheadOfIt) {
  Kit kit;
  kit.book({{100'00, 40}, {99'90, 70}}, {{100'10, 10}});
  kit.send(kit.limit(Side::buy, 30, 99'90));
  kit.trade(99'90, 50, Side::sell);  // 20 left ahead
  kit.trade(99'90, 500, Side::buy);  // the aggressor bought: that took nothing from the bids
  kit.trade(99'90, 20, Side::sell);  // exactly the queue
  EXPECT_TRUE(kit.news().empty());
  kit.trade(99'90, 12, Side::sell);
  auto said = kit.news();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].fill_qty, Qty{12});
  EXPECT_EQ(said[0].leaves_qty, Qty{18});
  kit.trade(99'90, 500, Side::none);
  said = kit.news();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].fill_qty, Qty{18});
  EXPECT_EQ(said[0].leaves_qty, Qty{0});
}

TEST(PaperLimitOrder, ANewBestPriceHasNoQueue) {
  Kit kit;
  kit.book({{100'00, 40}}, {{100'30, 10}});
  kit.send(kit.limit(Side::buy, 30, 100'10));
  kit.trade(100'10, 5, Side::sell);
  EXPECT_EQ(kit.news()[0].fill_qty, Qty{5});
}

TEST(PaperLimitOrder, QueuesBehindTheQuoteWhereThereIsNoBook) {
  Kit kit;
  kit.quote(100'00, 100'20, 7, 9);
  kit.send(kit.limit(Side::sell, 30, 100'20));
  kit.trade(100'20, 10, Side::buy);
  EXPECT_EQ(kit.news()[0].fill_qty, Qty{1});
}

TEST(PaperLimitOrder, WhereTheQueueIsNotKnownOnlyATradeBeyondFills) {
  Kit kit;
  kit.quote(100'00, 100'20);  // no sizes
  kit.send(kit.limit(Side::buy, 30, 100'00));
  kit.send(kit.limit(Side::buy, 30, 99'00));
  kit.trade(100'00, 1'000'000, Side::sell);
  EXPECT_TRUE(kit.news().empty());
  kit.trade(99'00, 1'000'000, Side::sell);
  const auto said = kit.news();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].fill_price, Price{100'00});
}

TEST(PaperLimitOrder, BelowTheShownLevelsTheQueueIsNotKnown) {
  Kit kit;
  kit.book({{100'00, 40}, {99'90, 70}}, {{100'10, 10}});
  kit.send(kit.limit(Side::buy, 30, 99'80));
  kit.trade(99'80, 1'000, Side::sell);
  EXPECT_TRUE(kit.news().empty());
}

TEST(PaperLimitOrder, TakesWhatCrossesAndRestsWithTheRest) {
  Kit kit;
  kit.book({{99'90, 40}}, {{100'00, 10}, {100'10, 20}, {100'20, 500}});
  auto said = kit.send(kit.limit(Side::buy, 100, 100'10));
  ASSERT_EQ(said.size(), 3U);
  EXPECT_EQ(said[0].kind, Kind::accepted);
  EXPECT_EQ(said[1].fill_price, Price{100'00});
  EXPECT_EQ(said[2].fill_price, Price{100'10});
  EXPECT_EQ(said[2].maker, 0);
  EXPECT_EQ(said[2].leaves_qty, Qty{70});
  // The levels it took are still shown, for nobody tells the venue of our trade: they must not fill it again.
  kit.book({{99'80, 5}}, {}, depth_flag::first | depth_flag::last);
  EXPECT_TRUE(kit.news().empty());
  kit.book({}, {{100'00, 0}, {100'10, 0}}, depth_flag::first | depth_flag::last);
  EXPECT_TRUE(kit.news().empty());
  kit.book({}, {{100'10, 5}}, depth_flag::first | depth_flag::last);
  said = kit.news();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].fill_qty, Qty{70});
  EXPECT_EQ(said[0].maker, 1);
}

TEST(PaperLimitOrder, WithoutABookACrossingOrderFillsWholeAndNeverBeyondItsLimit) {
  PaperConfig config = plain_config();
  config.slippage = {1'000'000};
  Kit kit(config);
  kit.quote(99'90, 100'00);
  EXPECT_EQ(kit.send(kit.limit(Side::buy, 100, 100'50))[1].fill_price, Price{100'50});
  EXPECT_EQ(kit.send(kit.limit(Side::buy, 100, 102'00))[1].fill_price, Price{101'00});
  EXPECT_EQ(kit.send(kit.limit(Side::sell, 100, 99'90))[1].fill_price, Price{99'90});
}

TEST(PaperLimitOrder, IocFillsWhatItCanAndGivesUpTheRest) {
  Kit kit;
  kit.book({{99'90, 40}}, {{100'00, 10}, {100'10, 20}});
  auto said = kit.send(kit.limit(Side::buy, 60, 100'00, TimeInForce::ioc));
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[0].fill_qty, Qty{10});
  EXPECT_EQ(said[1].kind, Kind::cancelled);
  EXPECT_EQ(said[1].leaves_qty, Qty{50});
  EXPECT_EQ(said[1].reason, Errc::no_liquidity);
  said = kit.send(kit.limit(Side::buy, 60, 99'00, TimeInForce::ioc));
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].kind, Kind::cancelled);
  EXPECT_EQ(said[0].leaves_qty, Qty{60});
  EXPECT_EQ(kit.venue->open_order_count(), 0U);
}

TEST(PaperLimitOrder, PostOnlyRestsOrIsRefused) {
  Kit kit;
  kit.quote(99'90, 100'00);
  EXPECT_EQ(kit.refusal(kit.limit(Side::buy, 60, 100'00, TimeInForce::post_only)), Errc::would_cross);
  EXPECT_EQ(kit.refusal(kit.limit(Side::buy, 60, 99'90, TimeInForce::post_only)), Errc::ok);
  EXPECT_EQ(kit.refusal(kit.limit(Side::sell, 60, 99'90, TimeInForce::post_only)), Errc::would_cross);
  EXPECT_EQ(kit.refusal(kit.limit(Side::sell, 60, 100'00, TimeInForce::post_only)), Errc::ok);
}

TEST(PaperLimitOrder, CancelEndsItWithItsRestAndASecondCancelIsRefused) {
  Kit kit;
  kit.quote(100'00, 100'20, 7, 9);
  const OrderRequest order = kit.limit(Side::sell, 30, 100'20);
  kit.send(order);
  kit.trade(100'20, 10, Side::buy);
  kit.news();
  auto said = kit.send(Kit::cancel(order));
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].kind, Kind::cancelled);
  EXPECT_EQ(said[0].leaves_qty, Qty{29});
  EXPECT_EQ(said[0].reason, Errc::ok);
  said = kit.send(Kit::cancel(order));
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].kind, Kind::cancel_refused);
  EXPECT_EQ(said[0].reason, Errc::unknown_order);
  EXPECT_EQ(kit.venue->account().position(Kit::kContract).reserved, Money{});
}

TEST(PaperLimitOrder, ReservesMarginAndFeeUntilFilledOrCancelled) {
  Kit kit;
  kit.quote(100'00, 100'20, 0, 0);
  const OrderRequest order = kit.limit(Side::buy, 1'000, 100'00);
  kit.send(order);
  EXPECT_EQ(kit.venue->account().free(), Money{10'000 * kMoneyUnit - 10 * kMoneyUnit - 6'000'000});  // 100/10 + 100*0.0006
  kit.send(Kit::cancel(order));
  EXPECT_EQ(kit.venue->account().free(), Money{10'000 * kMoneyUnit});
  kit.send(kit.limit(Side::buy, 1'000, 100'00));
  kit.trade(99'90, 1);
  kit.news();
  EXPECT_EQ(kit.venue->account().position(Kit::kContract).reserved, Money{});
  EXPECT_EQ(kit.venue->account().free(), Money{10'000 * kMoneyUnit - 10 * kMoneyUnit - 2'000'000 - 10'000'000});  // and 0.10 unrealised
}

TEST(PaperLimitOrder, ReduceOnlyIsCutOrCancelledWhenItsTimeComes) {
  Kit kit;
  kit.quote(100'00, 100'10);
  kit.send(kit.market(Side::buy, 100));
  kit.send(Kit::reducing(kit.limit(Side::sell, 100, 101'00)));
  kit.send(Kit::reducing(kit.limit(Side::sell, 100, 101'00)));
  kit.send(Kit::reducing(kit.market(Side::sell, 40)));
  kit.trade(102'00, 1);
  const auto said = kit.news();
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[0].fill_qty, Qty{60});
  EXPECT_EQ(said[0].leaves_qty, Qty{0});
  EXPECT_EQ(said[1].kind, Kind::cancelled);
  EXPECT_EQ(said[1].reason, Errc::reduce_only_refused);
  EXPECT_EQ(said[1].leaves_qty, Qty{100});
  EXPECT_EQ(kit.position(), 0);
}

TEST(PaperLimitOrder, SpotSellsReserveWhatIsHeld) {
  Kit kit;
  kit.quote(100'00, 100'00, 0, 0, Kit::kSpot);
  kit.send(Kit::on_spot(kit.market(Side::buy, 1'000)));
  const OrderRequest order = Kit::on_spot(kit.limit(Side::sell, 700, 110'00));
  EXPECT_EQ(kit.refusal(order), Errc::ok);
  EXPECT_EQ(kit.refusal(Kit::on_spot(kit.limit(Side::sell, 301, 110'00))), Errc::insufficient_balance);
  EXPECT_EQ(kit.refusal(Kit::on_spot(kit.market(Side::sell, 300))), Errc::ok);
  kit.send(Kit::cancel(order));
  EXPECT_EQ(kit.refusal(Kit::on_spot(kit.market(Side::sell, 700))), Errc::ok);
  EXPECT_EQ(kit.position(Kit::kSpot), 0);
}

TEST(PaperLimitOrder, AHaltFreezesWhatRests) {
  Kit kit;
  kit.quote(100'00, 100'10);
  kit.send(kit.limit(Side::buy, 100, 99'50));
  kit.table.mutable_row(Kit::kContract).rules.status = TradingStatus::halted;
  kit.trade(99'00, 1);
  EXPECT_TRUE(kit.news().empty());
  kit.table.mutable_row(Kit::kContract).rules.status = TradingStatus::trading;
  kit.trade(99'00, 1);
  EXPECT_EQ(kit.news().size(), 1U);
}

}  // namespace martinet::limit_order_test

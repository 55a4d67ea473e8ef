// Assets on spot: what is free and what is locked, what the commission takes, what is left as dust. All to the last unit.
#include <gtest/gtest.h>

#include "tests/adapters/paper/paper_kit.hpp"

namespace martinet::spot_balance_test {

using namespace paper_kit;
using Kind = VenueEventKind;

/// Commission in base, waiting sells lock; lots of 0.010.
Kit strict(SpotFeeAsset fee_asset = SpotFeeAsset::base) {
  PaperConfig config = plain_config();
  config.spot_fee_asset = fee_asset;
  config.stop_locks_asset = true;
  Kit kit(config);
  InstrumentRules& rules = kit.table.mutable_row(Kit::kSpot).rules;
  rules.lot_size = {10};
  rules.qty_min = {10};
  kit.trade(100'00, 1, Side::none, Kit::kSpot);
  return kit;
}
BalanceView view(const Kit& kit) { return kit.venue->account().balances(Kit::kSpot); }

constexpr std::int64_t kStart = 10'000 * kMoneyUnit;

TEST(PaperSpot, ACommissionInBaseIsTakenOutOfWhatWasBought) {
  Kit kit = strict();
  const auto said = kit.send(Kit::on_spot(kit.market(Side::buy, 1'000)));
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].fill_qty, Qty{1'000});
  EXPECT_EQ(said[0].fee_qty(), Qty{1});       // 0.001 of 1.000
  EXPECT_EQ(said[0].fee, Money{10'000'000});  // worth 0.10
  EXPECT_EQ(view(kit), (BalanceView{{999}, {0}, {kStart - 100 * kMoneyUnit}, {0}}));
  EXPECT_EQ(kit.balance(), kStart - 10'000'000);
}

TEST(PaperSpot, ACommissionInQuoteLeavesTheQuantityWhole) {
  Kit kit = strict(SpotFeeAsset::quote);
  const auto said = kit.send(Kit::on_spot(kit.market(Side::buy, 1'000)));
  EXPECT_EQ(said[0].fee_qty(), Qty{0});
  EXPECT_EQ(said[0].fee, Money{10'000'000});
  EXPECT_EQ(view(kit), (BalanceView{{1'000}, {0}, {kStart - 100 * kMoneyUnit - 10'000'000}, {0}}));
}

TEST(PaperSpot, ACommissionInBaseNeedsNoMoneyBesidesTheCost) {
  for (const SpotFeeAsset asset : {SpotFeeAsset::base, SpotFeeAsset::quote}) {
    PaperConfig config = plain_config();
    config.initial_balance = {100 * kMoneyUnit};
    config.spot_fee_asset = asset;
    Kit kit(config);
    kit.trade(100'00, 1, Side::none, Kit::kSpot);
    EXPECT_EQ(kit.refusal(Kit::on_spot(kit.market(Side::buy, 1'000))), asset == SpotFeeAsset::base ? Errc::ok : Errc::insufficient_balance);
  }
}

TEST(PaperSpot, SellsAreCutToWholeLotsAndDustStays) {
  Kit kit = strict();
  kit.send(Kit::on_spot(kit.market(Side::buy, 1'000)));  // 0.999 held
  EXPECT_EQ(kit.refusal(Kit::on_spot(kit.market(Side::sell, 1'000))), Errc::insufficient_balance);
  const auto said = kit.send(Kit::reducing(Kit::on_spot(kit.market(Side::sell, 1'000))));
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].fill_qty, Qty{990});
  EXPECT_EQ(said[0].leaves_qty, Qty{0});
  EXPECT_EQ(said[0].fee_qty(), Qty{0});  // sells pay in quote
  EXPECT_EQ(said[0].fee, Money{9'900'000});
  EXPECT_EQ(view(kit).base_free, Qty{9});
  EXPECT_EQ(view(kit).quote_free, Money{kStart - kMoneyUnit - 9'900'000});  // - 100 + 99 - 0.099
  EXPECT_EQ(kit.refusal(Kit::reducing(Kit::on_spot(kit.market(Side::sell, 10)))), Errc::insufficient_balance);
}

TEST(PaperSpot, AWaitingStopLocksTheAssetUntilItIsCancelled) {
  Kit kit = strict();
  kit.send(Kit::on_spot(kit.market(Side::buy, 1'000)));
  const OrderRequest stop = Kit::on_spot(kit.trigger(OrderType::stop_market, Side::sell, 1'000, 95'00));
  auto said = kit.send(stop);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].kind, Kind::accepted);
  EXPECT_EQ(said[0].leaves_qty, Qty{990});  // cut to what is free
  EXPECT_EQ(view(kit), (BalanceView{{9}, {990}, {kStart - 100 * kMoneyUnit}, {0}}));
  EXPECT_EQ(kit.refusal(Kit::reducing(Kit::on_spot(kit.market(Side::sell, 990)))), Errc::insufficient_balance);
  EXPECT_EQ(kit.refusal(Kit::on_spot(kit.limit(Side::sell, 10, 110'00))), Errc::insufficient_balance);
  kit.send(Kit::cancel(stop));
  EXPECT_EQ(view(kit).base_locked, Qty{0});
  EXPECT_EQ(kit.refusal(Kit::reducing(Kit::on_spot(kit.market(Side::sell, 990)))), Errc::ok);
  EXPECT_EQ(view(kit).base_free, Qty{9});
}

TEST(PaperSpot, ATriggeredStopSellsWhatItHadLocked) {
  Kit kit = strict();
  kit.send(Kit::on_spot(kit.market(Side::buy, 1'000)));
  kit.send(Kit::on_spot(kit.trigger(OrderType::stop_market, Side::sell, 500, 95'00)));
  kit.trade(95'00, 1, Side::none, Kit::kSpot);
  const auto said = kit.news();
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[1].fill_qty, Qty{500});
  EXPECT_EQ(view(kit).base_free, Qty{499});
  EXPECT_EQ(view(kit).base_locked, Qty{0});
}

TEST(PaperSpot, ARestingSellLocksAndFreesAsItFills) {
  Kit kit = strict();
  kit.send(Kit::on_spot(kit.market(Side::buy, 1'000)));
  kit.quote(100'00, 101'00, 0, 0, Kit::kSpot);
  kit.send(Kit::on_spot(kit.limit(Side::sell, 600, 100'50)));
  EXPECT_EQ(view(kit).base_locked, Qty{600});
  kit.trade(100'50, 250, Side::buy, Kit::kSpot);
  EXPECT_EQ(view(kit).base_locked, Qty{350});
  EXPECT_EQ(view(kit).base_free, Qty{399});
}

TEST(PaperSpot, AWaitingBuyLocksMoney) {
  Kit kit = strict(SpotFeeAsset::quote);
  const OrderRequest order = Kit::on_spot(kit.trigger(OrderType::stop_market, Side::buy, 1'000, 105'00, false));
  kit.send(order);
  EXPECT_EQ(view(kit).quote_locked, Money{105 * kMoneyUnit + 10'500'000});
  EXPECT_EQ(view(kit).quote_free, Money{kStart - 105 * kMoneyUnit - 10'500'000});
  kit.trade(105'00, 1, Side::none, Kit::kSpot);
  EXPECT_EQ(view(kit).quote_locked, Money{0});
  EXPECT_EQ(view(kit), (BalanceView{{1'000}, {0}, {kStart - 105 * kMoneyUnit - 10'500'000}, {0}}));
}

TEST(PaperSpot, WithoutLocksReduceOnlyOrdersHoldNothing) {
  Kit kit;
  kit.trade(100'00, 1, Side::none, Kit::kSpot);
  kit.send(Kit::on_spot(kit.market(Side::buy, 1'000)));
  kit.send(Kit::on_spot(kit.trigger(OrderType::stop_market, Side::sell, 1'000, 95'00)));
  EXPECT_EQ(view(kit).base_locked, Qty{0});
  EXPECT_EQ(kit.refusal(Kit::reducing(Kit::on_spot(kit.market(Side::sell, 1'000)))), Errc::ok);
}

TEST(PaperSpot, MinimaHoldForReduceOnlySellsWhereLocksDo) {
  for (const bool locks : {false, true}) {
    PaperConfig config = plain_config();
    config.stop_locks_asset = locks;
    Kit kit(config);
    kit.table.mutable_row(Kit::kSpot).rules.notional_min = {5 * kMoneyUnit};
    kit.trade(100'00, 1, Side::none, Kit::kSpot);
    kit.send(Kit::on_spot(kit.market(Side::buy, 100)));
    EXPECT_EQ(kit.refusal(Kit::reducing(Kit::on_spot(kit.market(Side::sell, 49)))), locks ? Errc::filter_notional : Errc::ok);
    EXPECT_EQ(kit.refusal(Kit::reducing(Kit::on_spot(kit.market(Side::sell, 1)))), locks ? Errc::filter_qty : Errc::ok);
    EXPECT_EQ(kit.refusal(Kit::reducing(Kit::on_spot(kit.market(Side::sell, 50)))), Errc::ok);
  }
}

TEST(PaperSpot, DepositsMoveBalancesAndAreNotProfit) {
  Kit kit = strict();
  kit.venue->deposit_asset(Kit::kSpot, {505}, {100'00});
  EXPECT_EQ(view(kit), (BalanceView{{505}, {0}, {kStart}, {0}}));
  EXPECT_EQ(kit.venue->account().deposits_total(), Money{50 * kMoneyUnit + 50'000'000});
  kit.venue->deposit({7});
  EXPECT_EQ(view(kit).quote_free, Money{kStart + 7});
  kit.venue->deposit_asset(Kit::kSpot, {-505}, {0});
  EXPECT_EQ(kit.venue->account().deposits_total(), Money{7});
  EXPECT_EQ(kit.balance(), kStart + 7);
  EXPECT_EQ(kit.venue->account().pnl_total(), Money{0});
}

TEST(PaperSpot, SomebodyElsesTradeIsCutToWhatIsFreeAndNamesNobody) {
  Kit kit = strict();
  kit.send(Kit::on_spot(kit.market(Side::buy, 1'000)));
  kit.send(Kit::on_spot(kit.trigger(OrderType::stop_market, Side::sell, 600, 95'00)));
  EXPECT_TRUE(kit.venue->trade_by_hand(Kit::kSpot, Side::sell, {990}, kit.now));
  const auto said = kit.news();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].kind, Kind::filled);
  EXPECT_EQ(said[0].key.intent_id, 0U);
  EXPECT_EQ(said[0].fill_qty, Qty{390});
  EXPECT_FALSE(kit.venue->trade_by_hand(Kit::kSpot, Side::sell, {990}, kit.now));
}

}  // namespace martinet::spot_balance_test

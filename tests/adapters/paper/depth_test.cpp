// Takers that walk a trusted book, and when a book is trusted.
#include <gtest/gtest.h>

#include "tests/adapters/paper/paper_kit.hpp"

namespace martinet::depth_test {

using namespace paper_kit;

PaperConfig sliding() {
  PaperConfig config = plain_config();
  config.slippage = {1'000'000};  // 1 %
  config.initial_balance = {1'000'000 * kMoneyUnit};
  return config;
}

TEST(PaperDepth, FillsLevelByLevelWithoutSlippage) {
  Kit kit(sliding());
  kit.book({{99'90, 50}}, {{100'00, 10}, {100'10, 20}, {100'30, 500}});
  const auto said = kit.send(kit.market(Side::buy, 60));
  ASSERT_EQ(said.size(), 3U);
  const std::int64_t prices[] = {100'00, 100'10, 100'30};
  const std::int64_t qtys[] = {10, 20, 30};
  const std::int64_t leaves[] = {50, 30, 0};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(said[i].kind, VenueEventKind::filled);
    EXPECT_EQ(said[i].fill_price.v, prices[i]);
    EXPECT_EQ(said[i].fill_qty.v, qtys[i]);
    EXPECT_EQ(said[i].leaves_qty.v, leaves[i]);
    EXPECT_EQ(said[i].trade_id, i + 1);
  }
}

TEST(PaperDepth, BeyondTheDepthTheLastLevelIsWorsened) {
  Kit kit(sliding());
  kit.book({{99'90, 10}, {99'00, 20}}, {{100'00, 10}});
  const auto said = kit.send(kit.market(Side::sell, 100));
  ASSERT_EQ(said.size(), 3U);
  EXPECT_EQ(said[2].fill_price, Price{98'00});  // 99.00 - 0.99 = 98.01, down to the tick
  EXPECT_EQ(said[2].fill_qty, Qty{70});
}

TEST(PaperDepth, WalksAtMostItsBoundOfLevels) {
  Kit kit(sliding());
  DepthUpdate update;
  update.instrument = Kit::kContract;
  for (std::int64_t piece = 0; piece < 3; ++piece) {
    update.flags = depth_flag::snapshot;
    if (piece == 0) update.flags |= depth_flag::first;
    if (piece == 2) update.flags |= depth_flag::last;
    update.level_count = 40;
    for (std::int64_t i = 0; i < 40; ++i)
      update.levels[static_cast<std::size_t>(i)] = {{100'00 + 10 * (40 * piece + i)}, {1}, Side::sell, 0, 0, {}};
    kit.depth(update);
  }
  const auto said = kit.send(kit.market(Side::buy, 120));
  ASSERT_EQ(said.size(), capacity::paper_fills_max);
  EXPECT_EQ(said[62].fill_price, Price{106'20});
  EXPECT_EQ(said[63].fill_price, Price{107'30});  // 106.20 * 1.01 = 107.262
  EXPECT_EQ(said[63].fill_qty, Qty{57});
}

TEST(PaperDepth, OurFillsLeaveTheSharedBookAsItWas) {
  Kit kit(sliding());
  kit.book({{99'90, 50}}, {{100'00, 60}});
  EXPECT_EQ(kit.send(kit.market(Side::buy, 60))[0].fill_price, Price{100'00});
  const auto again = kit.send(kit.market(Side::buy, 60));
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].fill_price, Price{100'00});
}

TEST(PaperDepth, DiffsChangeTheBookAndInvalidationEndsIt) {
  Kit kit(sliding());
  kit.book({{99'90, 500}}, {{100'00, 500}, {100'10, 500}});
  kit.book({}, {{100'00, 0}, {100'20, 500}}, depth_flag::first | depth_flag::last);
  EXPECT_EQ(kit.send(kit.market(Side::buy, 60))[0].fill_price, Price{100'10});
  kit.trade(100'10, 1);
  kit.book({}, {}, depth_flag::invalidate | depth_flag::first | depth_flag::last);
  EXPECT_EQ(kit.send(kit.market(Side::buy, 60))[0].fill_price, Price{101'20});  // last, worsened: 101.111
  kit.book({}, {{100'00, 500}}, depth_flag::first | depth_flag::last);          // a change without a snapshot: still no book
  EXPECT_EQ(kit.send(kit.market(Side::buy, 60))[0].fill_price, Price{101'20});
  kit.book({}, {{100'30, 500}});
  EXPECT_EQ(kit.send(kit.market(Side::buy, 60))[0].fill_price, Price{100'30});
}

TEST(PaperDepth, InvalidationAlsoDropsTheQuoteTakenFromTheBook) {
  Kit kit(sliding());
  kit.trade(200'00, 1);
  kit.quote(99'90, 100'00, 1, 1, Kit::kContract, tick_flag::from_book);
  kit.book({}, {}, depth_flag::invalidate);
  EXPECT_EQ(kit.send(kit.market(Side::buy, 60))[0].fill_price, Price{202'00});
  kit.quote(99'90, 100'00);  // of its own channel: stays
  kit.book({}, {}, depth_flag::invalidate);
  EXPECT_EQ(kit.send(kit.market(Side::buy, 60))[0].fill_price, Price{101'00});
}

TEST(PaperDepth, ABookBetweenItsPiecesIsNotTrusted) {
  Kit kit(sliding());
  kit.trade(150'00, 1);
  kit.book({{99'90, 500}}, {{100'00, 500}}, depth_flag::first | depth_flag::snapshot);
  EXPECT_EQ(kit.send(kit.market(Side::buy, 60))[0].fill_price, Price{151'50});
  kit.book({}, {{100'10, 5}}, depth_flag::last | depth_flag::snapshot);
  EXPECT_EQ(kit.send(kit.market(Side::buy, 60))[0].fill_price, Price{100'00});
}

TEST(PaperDepth, PartialBooksReplaceEachOther) {
  Kit kit(sliding());
  const std::uint16_t whole = depth_flag::first | depth_flag::last | depth_flag::partial;
  kit.book({{99'90, 500}}, {{100'00, 500}}, whole);
  kit.book({{99'90, 500}}, {{100'50, 500}}, whole);
  EXPECT_EQ(kit.send(kit.market(Side::buy, 60))[0].fill_price, Price{100'50});
}

TEST(PaperDepth, WithoutUseDepthTheBookIsIgnored) {
  PaperConfig config = sliding();
  config.use_depth = false;
  Kit kit(config);
  kit.trade(150'00, 1);
  kit.book({{99'90, 500}}, {{100'00, 500}});
  EXPECT_EQ(kit.send(kit.market(Side::buy, 60))[0].fill_price, Price{151'50});
}

TEST(PaperDepth, LevelsOffTheLotGiveOnlyWholeLots) {
  Kit kit(sliding());
  kit.table.mutable_row(Kit::kContract).rules.lot_size = {10};
  kit.book({{99'90, 50}}, {{100'00, 9}, {100'10, 25}, {100'30, 500}});
  const auto said = kit.send(kit.market(Side::buy, 60));
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[0].fill_qty, Qty{20});
  EXPECT_EQ(said[1].fill_qty, Qty{40});
}

}  // namespace martinet::depth_test

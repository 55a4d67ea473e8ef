// Goal: a book is whole or not shown. The sequence rules of each venue at their bounds, what is kept back, and every way to lose
// and regain trust. The mirror in the sink must equal the feed's book whenever that is trusted.
#include "engine/hot/feed/feed_depth.hpp"

#include <gtest/gtest.h>

#include "tests/engine/hot/feed/feed_support.hpp"

namespace martinet::feed_test {
namespace {

const std::vector<Level> kBidUp = {{Side::buy, 10'001, 1}};

void expect_trusted(Bench& b, InstrumentId id, std::int64_t bid) {
  ASSERT_TRUE(b.feed.book_trusted(id));
  ASSERT_EQ(b.feed.book(id).best_bid().price.v, bid);
  ASSERT_TRUE(b.out.mirrors.at(id) == b.feed.book(id));
}

void expect_lost(Bench& b, InstrumentId id) {
  EXPECT_FALSE(b.feed.book_trusted(id));
  EXPECT_TRUE(b.feed.book(id).empty(Side::buy));
  ASSERT_FALSE(b.out.depths.empty());
  EXPECT_TRUE(b.out.depths.back().has(depth_flag::invalidate));
  EXPECT_EQ(b.out.depths.back().level_count, 0);
  ASSERT_FALSE(b.out.resyncs.empty());
  EXPECT_EQ(b.out.resyncs.back(), id);
}

TEST(FeedBooks, SpotChangesAreKeptBackUntilTheSnapshotAndOldOnesSkipped) {
  Bench b;
  b.depth(change(kSpot, 90, 95, {}, {{Side::buy, 9'000, 1}}));
  EXPECT_EQ(b.out.resyncs, std::vector<InstrumentId>{kSpot});
  b.depth(change(kSpot, 96, 100, {}, {{Side::buy, 9'001, 1}}));
  b.depth(change(kSpot, 101, 105, {}, kBidUp, kStart + 1));
  EXPECT_TRUE(b.out.depths.empty());
  EXPECT_TRUE(b.out.ticks.empty());
  b.depth(snapshot(kSpot, 100, kBook, kStart + 2));
  expect_trusted(b, kSpot, 10'001);
  EXPECT_EQ(b.feed.book_id(kSpot), 105U);
  EXPECT_EQ(b.count(FeedCount::depth_buffered), 3U);
  EXPECT_EQ(b.count(FeedCount::depth_skipped), 2U);
  EXPECT_EQ(b.count(FeedCount::depth_messages), 1U);
  EXPECT_EQ(b.count(FeedCount::snapshots), 1U);
  ASSERT_EQ(b.out.ticks.size(), 1U);  // one quote, of the final state
  EXPECT_EQ(b.out.ticks[0].bid_price.v, 10'001);
  EXPECT_EQ(b.out.ticks[0].ts_exchange_ns, kStart + 1);
  for (const DepthUpdate& piece : b.out.depths) EXPECT_EQ(piece.ts_receive_ns, kStart + 2);  // output stamps do not go back
}

TEST(FeedBooks, ASpotSnapshotMustReachTheFirstChangeKept) {
  for (const std::uint64_t first : {100U, 101U, 102U}) {  // U <= lastUpdateId + 1 is contiguous
    Bench b;
    b.depth(change(kSpot, first, 110, {}, kBidUp));
    b.depth(snapshot(kSpot, 100, kBook));
    if (first <= 101) {
      expect_trusted(b, kSpot, 10'001);
    } else {
      expect_lost(b, kSpot);
      EXPECT_EQ(b.count(FeedCount::snapshots_too_old), 1U);
      EXPECT_EQ(b.count(FeedCount::gaps), 0U);
      b.depth(snapshot(kSpot, 101, kBook));  // a newer one links: what was kept back is still there
      expect_trusted(b, kSpot, 10'001);
      EXPECT_EQ(b.out.resyncs.size(), 2U);
    }
  }
}

TEST(FeedBooks, ALonelyRestSnapshotIsNotTrustedUntilTheStreamSpeaks) {
  Bench b;
  b.depth(snapshot(kSpot, 100, kBook));
  EXPECT_FALSE(b.feed.book_trusted(kSpot));
  EXPECT_TRUE(b.out.ticks.empty());
  b.depth(change(kSpot, 95, 100, {}, {}));  // the stream is behind the snapshot: it is the newest there is
  EXPECT_TRUE(b.feed.book_trusted(kSpot));
  ASSERT_EQ(b.out.ticks.size(), 1U);
  b.depth(change(kSpot, 99, 103, {}, kBidUp));  // overlaps: may begin before the snapshot ends
  expect_trusted(b, kSpot, 10'001);
  EXPECT_EQ(b.feed.book_id(kSpot), 103U);
}

TEST(FeedBooks, SpotContinuityAtItsBounds) {
  Bench b;
  b.depth(snapshot(kSpot, 100, kBook));
  b.depth(change(kSpot, 101, 105, {}, {}));
  b.depth(change(kSpot, 101, 105, {}, {}));  // again
  b.depth(change(kSpot, 100, 104, {}, {}));  // older
  EXPECT_EQ(b.count(FeedCount::duplicate_depths), 2U);
  b.depth(change(kSpot, 106, 110, {}, kBidUp));
  expect_trusted(b, kSpot, 10'001);
  b.depth(change(kSpot, 112, 115, {}, {}));  // 111 is missing
  EXPECT_EQ(b.count(FeedCount::gaps), 1U);
  EXPECT_EQ(b.count(FeedCount::invalidations), 1U);
  expect_lost(b, kSpot);
  b.depth(change(kSpot, 116, 118, {}, {{Side::buy, 10'002, 1}}));
  b.depth(snapshot(kSpot, 115, kBook));  // the change that showed the gap was kept as well
  expect_trusted(b, kSpot, 10'002);
  EXPECT_EQ(b.count(FeedCount::depth_skipped), 1U);
}

TEST(FeedBooks, FuturesContinuityGoesByThePreviousId) {
  Bench b;
  b.depth(change(kFutures, 80, 90, 75, {}));
  b.depth(change(kFutures, 95, 99, 90, {}));
  b.depth(change(kFutures, 100, 110, 99, kBidUp));
  b.depth(snapshot(kFutures, 105, kBook));
  expect_trusted(b, kFutures, 10'001);
  EXPECT_EQ(b.count(FeedCount::depth_skipped), 2U);
  b.depth(change(kFutures, 150, 160, 110, {}));  // ids are shared by all symbols: a hole in them is none here
  EXPECT_TRUE(b.feed.book_trusted(kFutures));
  b.depth(change(kFutures, 150, 160, 110, {}));
  EXPECT_EQ(b.count(FeedCount::duplicate_depths), 1U);
  b.depth(change(kFutures, 170, 180, 161, {}));
  expect_lost(b, kFutures);
}

TEST(FeedBooks, TheFirstFuturesChangeKeptIsTheOneThatEndsAtOrAfterTheSnapshot) {
  for (const std::uint64_t id : {89U, 90U, 91U, 95U, 100U, 101U}) {
    Bench b;
    b.depth(change(kFutures, 92, 100, 90, kBidUp));
    b.depth(snapshot(kFutures, id, kBook));
    if (id < 90) {  // the change continues from 90, which the snapshot does not reach
      EXPECT_FALSE(b.feed.book_trusted(kFutures)) << id;
      EXPECT_EQ(b.count(FeedCount::snapshots_too_old), 1U);
    } else {
      expect_trusted(b, kFutures, id <= 100 ? 10'001 : 10'000);
      EXPECT_EQ(b.count(FeedCount::depth_skipped), id <= 100 ? 0U : 1U) << id;
    }
  }
}

TEST(FeedBooks, ARestSnapshotDoesNotDisturbABookThatIsRight) {
  Bench b;
  b.depth(change(kSpot, 101, 105, {}, kBidUp));
  b.depth(snapshot(kSpot, 100, kBook));
  b.depth(snapshot(kSpot, 103, {{Side::buy, 5'000, 1}}));
  expect_trusted(b, kSpot, 10'001);
  EXPECT_EQ(b.count(FeedCount::snapshots_ignored), 1U);
  Bench c;  // while it is not linked yet, a newer one is taken and an older one not
  c.depth(snapshot(kSpot, 100, kBook));
  c.depth(snapshot(kSpot, 99, {{Side::buy, 5'000, 1}}));
  EXPECT_EQ(c.feed.book_id(kSpot), 100U);
  c.depth(snapshot(kSpot, 107, kBook));
  EXPECT_EQ(c.feed.book_id(kSpot), 107U);
}

TEST(FeedBooks, AMessageInPiecesCountsWhenItsLastPieceIsThere) {
  Bench b;
  DepthUpdate head = snapshot(kBitget, 7, {{Side::buy, 10'000, 5}});
  head.flags = depth_flag::snapshot | depth_flag::first;
  DepthUpdate middle = snapshot(kBitget, 7, {{Side::buy, 9'999, 5}});
  middle.flags = depth_flag::snapshot;
  DepthUpdate tail = snapshot(kBitget, 7, {{Side::sell, 10'010, 5}});
  tail.flags = depth_flag::snapshot | depth_flag::last;
  b.depth(middle);  // without its beginning
  EXPECT_EQ(b.count(FeedCount::depth_unsynced), 1U);
  b.depth(head);
  b.depth(middle);
  EXPECT_FALSE(b.feed.book_trusted(kBitget));
  EXPECT_TRUE(b.out.ticks.empty());
  b.depth(tail);
  expect_trusted(b, kBitget, 10'000);
  EXPECT_EQ(b.feed.book(kBitget).size(Side::buy), 2U);
  DepthUpdate change_head = change(kBitget, 0, 8, 7, kBidUp);
  change_head.flags = depth_flag::first | depth_flag::has_previous;
  b.depth(change_head);
  EXPECT_FALSE(b.feed.book_trusted(kBitget));
  EXPECT_EQ(b.out.ticks.size(), 1U);
  DepthUpdate change_tail = change(kBitget, 0, 8, 7, {});
  change_tail.flags = depth_flag::last | depth_flag::has_previous;
  b.depth(change_tail);
  expect_trusted(b, kBitget, 10'001);
  EXPECT_EQ(b.out.ticks.size(), 2U);
  b.depth(change_tail);  // an end without a beginning
  EXPECT_EQ(b.count(FeedCount::depth_unsynced), 2U);
  EXPECT_TRUE(b.feed.book_trusted(kBitget));
}

TEST(FeedBooks, AHalfAppliedMessageIsAGap) {
  for (const bool other_tail : {false, true}) {
    Bench b;
    b.depth(snapshot(kBitget, 7, kBook));
    DepthUpdate head = change(kBitget, 0, 8, 7, kBidUp);
    head.flags = depth_flag::first | depth_flag::has_previous;
    b.depth(head);
    DepthUpdate next = change(kBitget, 0, 9, 8, {});
    if (other_tail) next.flags = depth_flag::last | depth_flag::has_previous;
    b.depth(next);
    expect_lost(b, kBitget);
    EXPECT_EQ(b.count(FeedCount::gaps), 1U);
  }
  Bench c;  // in the stream nothing comes between the pieces of a snapshot
  DepthUpdate head = snapshot(kBitget, 7, kBook);
  head.flags = depth_flag::snapshot | depth_flag::first;
  c.depth(head);
  c.depth(change(kBitget, 0, 8, 7, {}));
  expect_lost(c, kBitget);
}

TEST(FeedBooks, BitgetSequenceAtItsBounds) {
  Bench b;
  b.depth(change(kBitget, 0, 5, 4, kBidUp));  // before any snapshot: of no use
  EXPECT_EQ(b.count(FeedCount::depth_unsynced), 1U);
  EXPECT_EQ(b.out.resyncs.size(), 1U);
  b.depth(snapshot(kBitget, 10, kBook));
  b.depth(change(kBitget, 0, 12, 10, kBidUp));
  expect_trusted(b, kBitget, 10'001);
  b.depth(change(kBitget, 0, 12, 10, kBidUp));
  EXPECT_EQ(b.count(FeedCount::duplicate_depths), 1U);
  b.depth(change(kBitget, 0, 20, 13, {}));
  expect_lost(b, kBitget);
  EXPECT_EQ(b.count(FeedCount::gaps), 1U);
  b.depth(change(kBitget, 0, 21, 20, {}));
  EXPECT_FALSE(b.feed.book_trusted(kBitget));
  EXPECT_EQ(b.out.resyncs.size(), 2U);
  b.depth(snapshot(kBitget, 3, kBook));   // a new connection may count anew
  b.depth(change(kBitget, 0, 4, 0, {}));  // pseq 0 says nothing
  expect_trusted(b, kBitget, 10'000);
}

TEST(FeedBooks, WithoutIdsTheExchangeStampShowsAnOldMessage) {
  Bench b;
  b.depth(snapshot(kBitget, 0, kBook, kStart));
  b.depth(change(kBitget, 0, 0, {}, kBidUp, kStart));  // the same instant is in order
  expect_trusted(b, kBitget, 10'001);
  DepthUpdate late = snapshot(kBitget, 0, {{Side::buy, 5'000, 1}}, kStart);
  late.ts_exchange_ns = kStart - 1;
  b.depth(late);
  expect_trusted(b, kBitget, 10'001);
  EXPECT_EQ(b.count(FeedCount::snapshots_ignored), 1U);
  DepthUpdate old = change(kBitget, 0, 0, {}, {}, kStart);
  old.ts_exchange_ns = kStart - 1;
  b.depth(old);
  expect_lost(b, kBitget);
  b.depth(late);  // a book that is lost takes any snapshot
  EXPECT_EQ(b.count(FeedCount::snapshots), 2U);
}

TEST(FeedBooks, AWrongChecksumEndsABookAndTheNextSnapshotBringsItBack) {
  Bench b;
  Book truth(64);
  const auto set = [&](const std::vector<Level>& levels) {
    for (const Level& level : levels) (void)truth.set(level.side, {level.price}, {level.qty}, 2, 2);
  };
  const auto with_sum = [&](DepthUpdate piece, std::int32_t error) {
    piece.flags |= depth_flag::has_checksum;
    piece.checksum = static_cast<std::int32_t>(truth.checksum25(2, 2)) + error;
    return piece;
  };
  set(kBook);
  b.depth(with_sum(snapshot(kBitget, 0, kBook), 0));
  set(kBidUp);
  b.depth(with_sum(change(kBitget, 0, 0, {}, kBidUp), 0));
  expect_trusted(b, kBitget, 10'001);
  EXPECT_EQ(b.count(FeedCount::checksums_right), 2U);
  const std::size_t ticks = b.out.ticks.size();
  set({{Side::buy, 10'002, 1}});
  b.depth(with_sum(change(kBitget, 0, 0, {}, {{Side::buy, 10'002, 1}}), 1));
  EXPECT_EQ(b.out.ticks.size(), ticks);  // nothing of it was said
  EXPECT_EQ(b.count(FeedCount::checksums_wrong), 1U);
  expect_lost(b, kBitget);
  b.depth(with_sum(snapshot(kBitget, 0, kBook), 1));  // a snapshot that is not what it says, either
  expect_lost(b, kBitget);
  truth.clear();
  set(kBook);
  b.depth(with_sum(snapshot(kBitget, 0, kBook), 0));
  expect_trusted(b, kBitget, 10'000);
}

TEST(FeedBooks, DigitsThatCannotBeRebuiltSuspendTheChecksumUntilTheNextSnapshot) {
  Bench b;
  DepthUpdate odd = snapshot(kBitget, 0, kBook);
  odd.flags |= depth_flag::has_checksum | depth_flag::odd_digits;
  odd.checksum = 12345;
  b.depth(odd);
  DepthUpdate plain = change(kBitget, 0, 0, {}, kBidUp);
  plain.flags |= depth_flag::has_checksum;
  b.depth(plain);  // its own digits are good, but the odd level is still in the book
  expect_trusted(b, kBitget, 10'001);
  EXPECT_EQ(b.count(FeedCount::checksums_skipped), 2U);
  DepthUpdate fresh = snapshot(kBitget, 0, kBook);
  fresh.flags |= depth_flag::has_checksum;
  fresh.checksum = 12345;
  b.depth(fresh);
  EXPECT_EQ(b.count(FeedCount::checksums_wrong), 1U);
}

TEST(FeedBooks, ACrossedOrLockedBookGivesNoQuoteAndIsGivenUpAfterThree) {
  Bench b;
  b.depth(snapshot(kBitget, 1, kBook));
  b.out.ticks.clear();
  b.depth(change(kBitget, 0, 2, 1, {{Side::buy, 10'010, 1}}));
  EXPECT_FALSE(b.feed.book_trusted(kBitget));
  b.depth(change(kBitget, 0, 3, 2, {{Side::buy, 10'011, 1}}));
  EXPECT_TRUE(b.out.ticks.empty());
  b.depth(change(kBitget, 0, 4, 3, {{Side::buy, 10'011, 0}, {Side::buy, 10'010, 0}}));  // mended in time
  expect_trusted(b, kBitget, 10'000);
  EXPECT_EQ(b.count(FeedCount::locked_books), 1U);
  EXPECT_EQ(b.count(FeedCount::crossed_books), 1U);
  for (std::uint64_t id = 5; id <= 7; ++id) {
    EXPECT_EQ(b.count(FeedCount::invalidations), 0U);
    b.depth(change(kBitget, 0, id, id - 1, {{Side::buy, 10'011, 1}}));
  }
  expect_lost(b, kBitget);
  EXPECT_EQ(b.count(FeedCount::crossed_books), 4U);
}

TEST(FeedBooks, ABookWhoseDroppedLevelsReachTheTopIsGivenUp) {
  FeedConfig config;
  config.book_levels_max = 2;
  Bench b(config);
  b.depth(snapshot(kBitget, 1, {{Side::buy, 100, 1}, {Side::buy, 99, 1}, {Side::buy, 98, 1}, {Side::sell, 101, 1}}));
  EXPECT_TRUE(b.feed.book_trusted(kBitget));
  EXPECT_EQ(b.count(FeedCount::levels_dropped), 1U);
  b.depth(change(kBitget, 0, 2, 1, {{Side::buy, 100, 0}}));
  EXPECT_TRUE(b.feed.book_trusted(kBitget));
  b.depth(change(kBitget, 0, 3, 2, {{Side::buy, 99, 0}}));
  EXPECT_EQ(b.count(FeedCount::tops_unknown), 1U);
  expect_lost(b, kBitget);
}

TEST(FeedBooks, PiecesThatMakeNoSenseEndABookThatWasShown) {
  const auto spoilt = [](auto&& spoil) {
    DepthUpdate piece = change(kBitget, 0, 8, 7, kBidUp);
    spoil(piece);
    return piece;
  };
  const DepthUpdate bad[] = {
      spoilt([](DepthUpdate& p) { p.level_count = capacity::depth_levels_max + 1; }),
      spoilt([](DepthUpdate& p) { p.levels[0].side = Side::none; }),
      spoilt([](DepthUpdate& p) { p.levels[0].side = static_cast<Side>(9); }),
      spoilt([](DepthUpdate& p) { p.levels[0].price = {0}; }),
      spoilt([](DepthUpdate& p) { p.levels[0].qty = {-1}; }),
      spoilt([](DepthUpdate& p) { p.flags |= depth_flag::invalidate; }),
  };
  for (const DepthUpdate& piece : bad) {
    Bench b;
    b.depth(piece);
    EXPECT_TRUE(b.out.depths.empty() && b.out.resyncs.empty());
    b.depth(snapshot(kBitget, 7, kBook));
    b.depth(piece);
    EXPECT_EQ(b.count(FeedCount::bad_depths), 2U);
    expect_lost(b, kBitget);
  }
}

TEST(FeedBooks, APartialBookIsTheBookWhileNoFullOneIsSent) {
  Bench b;
  DepthUpdate partial = depth(kSpot, depth_flag::partial, kBook);
  partial.last_id = 10;
  b.depth(partial);
  expect_trusted(b, kSpot, 10'000);
  EXPECT_TRUE(b.out.depths.back().has(depth_flag::snapshot));
  ASSERT_EQ(b.out.ticks.size(), 1U);
  EXPECT_EQ(b.out.ticks[0].ask_price.v, 10'010);
  partial.last_id = 9;
  b.depth(partial);
  EXPECT_EQ(b.count(FeedCount::duplicate_depths), 1U);
  DepthUpdate next = depth(kSpot, depth_flag::partial, {{Side::buy, 10'001, 1}, {Side::buy, 9'000, 1}, {Side::sell, 10'005, 2}});
  next.last_id = 11;
  b.depth(next);
  expect_trusted(b, kSpot, 10'001);
  EXPECT_EQ(b.feed.book(kSpot).size(Side::sell), 1U);  // whole each time
  EXPECT_EQ(b.count(FeedCount::partial_depths), 2U);
  b.depth(change(kSpot, 20, 25, {}, {}));  // a full book begins: the partial one ends
  expect_lost(b, kSpot);
  next.last_id = 12;
  b.depth(next);
  EXPECT_FALSE(b.feed.book_trusted(kSpot));
  EXPECT_TRUE(b.feed.book(kSpot).empty(Side::buy));
  b.depth(snapshot(kSpot, 24, kBook));
  expect_trusted(b, kSpot, 10'000);
}

TEST(FeedBooks, APartialBookThatIsOneSidedCrossedOrInPiecesGivesNoQuote) {
  Bench b;
  b.depth(depth(kBitget, depth_flag::partial, {{Side::sell, 10'005, 2}}));
  EXPECT_EQ(b.count(FeedCount::one_sided_quotes), 1U);
  b.depth(depth(kBitget, depth_flag::partial, {{Side::buy, 10'006, 1}, {Side::sell, 10'005, 2}}));
  EXPECT_EQ(b.count(FeedCount::crossed_quotes), 1U);
  EXPECT_FALSE(b.feed.book_trusted(kBitget));
  b.depth(depth(kBitget, depth_flag::partial, {{Side::buy, 10'000, 0}, {Side::sell, 10'005, 2}}));
  DepthUpdate half = depth(kBitget, depth_flag::partial, kBook);
  half.flags = depth_flag::partial | depth_flag::first;
  b.depth(half);
  EXPECT_EQ(b.count(FeedCount::bad_depths), 2U);
  EXPECT_TRUE(b.out.ticks.empty());
  b.depth(depth(kBitget, depth_flag::partial, kBook));
  expect_trusted(b, kBitget, 10'000);
}

TEST(FeedBooks, AOneSidedFullBookGivesNoQuote) {
  Bench b;
  b.depth(snapshot(kBitget, 1, {{Side::buy, 100, 1}}));
  EXPECT_TRUE(b.out.ticks.empty());
  EXPECT_EQ(b.count(FeedCount::one_sided_quotes), 1U);
}

TEST(FeedBooks, AnUnchangedTopIsRepeatedAfterTheRefreshTimeOnly) {
  Bench b;
  const std::int64_t refresh_ns = FeedConfig{}.quote_refresh_ns;
  b.depth(snapshot(kBitget, 1, kBook, kStart));
  const auto deep = [&](std::uint64_t id, std::int64_t ts_ns) {
    b.depth(change(kBitget, 0, id, id - 1, {{Side::buy, 9'000, static_cast<std::int64_t>(id)}}, ts_ns));
  };
  deep(2, kStart + refresh_ns - 1);
  EXPECT_EQ(b.out.ticks.size(), 1U);
  deep(3, kStart + refresh_ns);
  EXPECT_EQ(b.out.ticks.size(), 2U);
  EXPECT_EQ(b.count(FeedCount::book_quotes), 2U);
}

TEST(FeedBooks, ABookWithoutMessagesIsGivenUpAndAskedForAgainAndAgain) {
  Bench b;
  const FeedConfig config;
  b.depth(snapshot(kBitget, 1, kBook, kStart));
  b.timer(kStart + config.book_stale_ns);
  EXPECT_TRUE(b.feed.book_trusted(kBitget));
  const std::int64_t lost_ns = kStart + config.book_stale_ns + 1;
  b.timer(lost_ns);
  expect_lost(b, kBitget);
  EXPECT_EQ(b.count(FeedCount::stale_books), 1U);
  EXPECT_EQ(b.out.resyncs.size(), 1U);
  b.timer(lost_ns + config.resync_retry_ns - 1);
  EXPECT_EQ(b.out.resyncs.size(), 1U);
  b.timer(lost_ns + config.resync_retry_ns);
  EXPECT_EQ(b.out.resyncs.size(), 2U);
  EXPECT_EQ(b.count(FeedCount::resyncs), 2U);
  b.depth(snapshot(kBitget, 9, kBook, lost_ns + 2 * config.resync_retry_ns));
  EXPECT_TRUE(b.feed.book_trusted(kBitget));
}

TEST(FeedBooks, ASnapshotThatNeverEndsAndAPartialBookThatFallsSilentAreGivenUp) {
  Bench b;
  const FeedConfig config;
  DepthUpdate head = snapshot(kBitget, 7, kBook, kStart);
  head.flags = depth_flag::snapshot | depth_flag::first;
  b.depth(head);
  b.timer(kStart + config.resync_retry_ns);
  expect_lost(b, kBitget);
  Bench c;
  c.depth(depth(kBitget, depth_flag::partial, kBook));
  c.timer(kStart + config.book_stale_ns + 1);
  EXPECT_FALSE(c.feed.book_trusted(kBitget));
  EXPECT_TRUE(c.out.depths.back().has(depth_flag::invalidate));
  EXPECT_TRUE(c.out.resyncs.empty());  // there is no snapshot to fetch
  c.depth(depth(kBitget, depth_flag::partial, kBook));
  expect_trusted(c, kBitget, 10'000);
}

TEST(FeedBooks, ADisconnectEndsTheBookAndWhatWasKeptBack) {
  Bench b;
  b.depth(snapshot(kSpot, 100, kBook));
  b.depth(change(kSpot, 101, 105, {}, kBidUp));
  b.feed.on_disconnect(kSpot, kStart, b.out);
  expect_lost(b, kSpot);
  b.depth(change(kSpot, 120, 125, {}, {}));
  b.feed.on_disconnect(kSpot, kStart, b.out);
  EXPECT_EQ(b.count(FeedCount::depth_unsynced), 1U);
  b.depth(snapshot(kSpot, 110, kBook));
  EXPECT_EQ(b.count(FeedCount::snapshots_too_old), 0U);  // the change of the old connection is forgotten
  EXPECT_FALSE(b.feed.book_trusted(kSpot));
  b.feed.on_disconnect(9, kStart, b.out);
  EXPECT_EQ(b.count(FeedCount::unknown_instrument), 1U);
}

TEST(FeedBooks, WhenTheBufferIsFullTheLongestChainGoesAndItsSnapshotComesTooLate) {
  FeedConfig config;
  config.resync_depths_max = 4;
  Bench b(config);
  b.depth(change(kFutures, 50, 51, 49, {}));
  for (std::uint64_t id = 1; id <= 3; ++id) b.depth(change(kSpot, id, id, {}, {}));
  EXPECT_EQ(b.count(FeedCount::buffer_overflows), 0U);
  b.depth(change(kSpot, 4, 4, {}, kBidUp));
  EXPECT_EQ(b.feed.counters(kSpot)[FeedCount::buffer_overflows], 3U);
  b.depth(snapshot(kFutures, 50, kBook));  // the quiet one lost nothing
  EXPECT_TRUE(b.feed.book_trusted(kFutures));
  b.depth(snapshot(kSpot, 1, kBook));  // 2 and 3 are gone
  EXPECT_FALSE(b.feed.book_trusted(kSpot));
  EXPECT_EQ(b.count(FeedCount::snapshots_too_old), 1U);
  b.depth(snapshot(kSpot, 3, kBook));
  expect_trusted(b, kSpot, 10'001);
}

TEST(FeedBooks, AGapAmongThePiecesKeptBackKeepsWhatFollowsIt) {
  Bench b;
  b.depth(change(kSpot, 1, 1, {}, {}));
  b.depth(change(kSpot, 2, 2, {}, {}));
  b.depth(change(kSpot, 4, 4, {}, kBidUp));
  b.depth(snapshot(kSpot, 1, kBook));
  expect_lost(b, kSpot);
  EXPECT_EQ(b.count(FeedCount::gaps), 1U);
  b.depth(snapshot(kSpot, 3, kBook));
  expect_trusted(b, kSpot, 10'001);
}

TEST(FeedBooks, ALostBookSilencesNoOtherSource) {
  Bench b;
  b.depth(snapshot(kBitget, 1, kBook));
  Tick ticker = quote(kBitget, 9'999, 10'012);
  ticker.flags = tick_flag::from_ticker;
  EXPECT_FALSE(b.passes(ticker));
  b.depth(change(kBitget, 0, 9, 8, {}));
  expect_lost(b, kBitget);
  EXPECT_TRUE(b.passes(ticker));
}

TEST(FeedBooks, StampsOfABookThatIsNotQuotedTeachTheClockOffset) {
  Bench b;
  b.depth(snapshot(kSpot, 100, kBook));
  Tick untimed = quote(kSpot, 9'999, 10'005);
  untimed.ts_exchange_ns = 0;
  ASSERT_TRUE(b.passes(untimed));  // from now on the book's quotes are superseded
  DepthUpdate timed = change(kSpot, 101, 105, {}, kBidUp);
  timed.ts_exchange_ns = kStart + 1'250'000'000;
  b.depth(timed);
  ASSERT_EQ(b.out.ticks.size(), 1U);
  ASSERT_TRUE(b.passes(untimed));
  EXPECT_EQ(b.out.ticks.back().ts_exchange_ns, kStart + 1'250'000'000);
}

TEST(FeedBooks, ADepthTimeFarOffGivesNoQuoteButKeepsTheBook) {
  Bench b;
  b.depth(snapshot(kBitget, 1, kBook));
  DepthUpdate late = change(kBitget, 0, 2, 1, kBidUp);
  late.ts_receive_ns = kStart + 60 * kSecond;
  b.depth(late);
  EXPECT_EQ(b.count(FeedCount::bad_times), 1U);
  EXPECT_EQ(b.out.ticks.size(), 1U);
  expect_trusted(b, kBitget, 10'001);
}

}  // namespace
}  // namespace martinet::feed_test

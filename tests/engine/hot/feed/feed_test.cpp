// Goal: a tick goes on only if nothing speaks against it, and every reason is counted. Each bound from both sides.
#include "engine/hot/feed/feed.hpp"

#include <gtest/gtest.h>

#include "tests/engine/hot/feed/feed_support.hpp"

namespace martinet::feed_test {
namespace {

TEST(FeedTicks, EveryInputIsNumberedAndItsOutputCarriesTheNumber) {
  Bench b;
  b.tick(trade(kSpot, 10'000, 1));
  b.feed.on_candle(Candle{}, b.out);
  b.timer(kStart);
  b.tick(trade(kSpot, 10'000, 1));  // refused, but an input
  b.feed.on_disconnect(kSpot, kStart, b.out);
  b.depth(snapshot(kBitget, 0, kBook));
  b.tick(trade(kSpot, 10'001, 2));
  ASSERT_EQ(b.out.ticks.size(), 3U);
  EXPECT_EQ(b.out.ticks[0].sequence, 1U);
  EXPECT_EQ(b.out.ticks[1].sequence, 6U);
  EXPECT_EQ(b.out.ticks[2].sequence, 7U);
  EXPECT_EQ(b.feed.last_sequence(), 7U);
}

TEST(FeedTicks, APassedTickIsUnchangedButForItsNumber) {
  Bench b;
  for (const Tick& given : {trade(kSpot, 10'000, 77), quote(kSpot, 9'999, 10'001, 78), mark(kFutures, 5'000)}) {
    ASSERT_TRUE(b.passes(given));
    Tick expected = given;
    expected.sequence = b.feed.last_sequence();
    EXPECT_EQ(b.out.ticks.back(), expected);
  }
  EXPECT_EQ(b.count(FeedCount::trades), 1U);
  EXPECT_EQ(b.count(FeedCount::quotes), 1U);
  EXPECT_EQ(b.count(FeedCount::marks), 1U);
  EXPECT_EQ(b.count(FeedCount::ticks_in), 3U);
}

TEST(FeedTicks, PricesAndQuantitiesMustBePositive) {
  Bench b;
  EXPECT_TRUE(b.passes(trade(kSpot, 1, 1)));
  EXPECT_FALSE(b.passes(trade(kSpot, 0, 2)));
  EXPECT_FALSE(b.passes(trade(kSpot, -1, 3)));
  EXPECT_FALSE(b.passes(quote(kSpot, 0, 1)));
  EXPECT_FALSE(b.passes(quote(kSpot, 1, kNoPrice.v)));
  EXPECT_FALSE(b.passes(mark(kSpot, 0)));
  EXPECT_EQ(b.count(FeedCount::bad_price), 5U);
  for (const std::int64_t qty : {0, -1}) {
    Tick no_qty = trade(kSpot, 1, 9);
    no_qty.bid_qty = {qty};
    EXPECT_FALSE(b.passes(no_qty));
    Tick one_side = quote(kFile, 100, 101);
    one_side.ask_qty = {qty};
    EXPECT_FALSE(b.passes(one_side));
  }
  EXPECT_EQ(b.count(FeedCount::bad_qty), 4U);
  Tick unknown_size = quote(kFile, 100, 101);
  unknown_size.bid_qty = unknown_size.ask_qty = {0};
  unknown_size.flags = tick_flag::market_unknown_size;
  EXPECT_TRUE(b.passes(unknown_size));
  unknown_size.ask_qty = {-1};
  EXPECT_FALSE(b.passes(unknown_size));
  EXPECT_EQ(b.count(FeedCount::bad_qty), 5U);
}

TEST(FeedTicks, CrossedAndLockedQuotesAreRefusedAndCountedApart) {
  Bench b;
  EXPECT_TRUE(b.passes(quote(kFile, 100, 101)));
  EXPECT_FALSE(b.passes(quote(kFile, 100, 100)));
  EXPECT_FALSE(b.passes(quote(kFile, 101, 100)));
  EXPECT_FALSE(b.passes(quote(kFile, 102, 100)));
  EXPECT_EQ(b.count(FeedCount::locked_quotes), 1U);
  EXPECT_EQ(b.count(FeedCount::crossed_quotes), 2U);
}

TEST(FeedTicks, WhatIsNotInTheTableOrOfNoKindIsCounted) {
  Bench b;
  EXPECT_FALSE(b.passes(trade(4, 100, 1)));
  EXPECT_FALSE(b.passes(trade(kNoInstrument, 100, 1)));
  b.depth(snapshot(4, 1, kBook));
  Candle candle;
  candle.instrument = 4;
  b.feed.on_candle(candle, b.out);
  EXPECT_EQ(b.count(FeedCount::unknown_instrument), 4U);
  Tick odd = trade(kSpot, 100, 1);
  odd.kind = static_cast<TickKind>(3);
  EXPECT_FALSE(b.passes(odd));
  EXPECT_EQ(b.count(FeedCount::bad_tick), 1U);
  EXPECT_TRUE(b.out.depths.empty());
}

TEST(FeedTicks, BinanceTradesPassOnceAndUpwards) {
  Bench b;
  EXPECT_TRUE(b.passes(trade(kSpot, 100, 10)));
  EXPECT_FALSE(b.passes(trade(kSpot, 100, 10)));
  EXPECT_FALSE(b.passes(trade(kSpot, 100, 9)));
  EXPECT_TRUE(b.passes(trade(kSpot, 100, 11)));
  EXPECT_TRUE(b.passes(trade(kFutures, 100, 10)));  // ids belong to an instrument
  EXPECT_EQ(b.count(FeedCount::duplicate_trades), 2U);
}

TEST(FeedTicks, TradesWithoutIdAlwaysPass) {
  Bench b;
  EXPECT_TRUE(b.passes(trade(kFile, 100, 0)));
  EXPECT_TRUE(b.passes(trade(kFile, 100, 0)));
  EXPECT_TRUE(b.passes(trade(kSpot, 100, 0)));
  EXPECT_TRUE(b.passes(trade(kSpot, 100, 0)));
}

TEST(FeedTicks, BitgetTradesPassOnceInWhateverOrderTheirIdsRun) {
  Bench b;
  for (std::uint64_t id = 500; id >= 1; --id) ASSERT_TRUE(b.passes(trade(kBitget, 100, id)));
  for (std::uint64_t id = 1; id <= 500; ++id) ASSERT_FALSE(b.passes(trade(kBitget, 100, id)));
  EXPECT_TRUE(b.passes(trade(kBitget, 100, 501)));
  EXPECT_EQ(b.count(FeedCount::duplicate_trades), 500U);
}

TEST(FeedTicks, HistoryPassesOnceFlaggedAndDoesNotMakeAnInstrumentLive) {
  Bench b;
  Tick past = trade(kBitget, 100, 1, kStart - 3600 * kSecond);
  past.ts_receive_ns = kStart;
  past.flags = tick_flag::history;
  ASSERT_TRUE(b.passes(past));
  EXPECT_NE(b.out.ticks[0].flags & tick_flag::history, 0U);
  EXPECT_EQ(b.out.ticks[0].ts_exchange_ns, past.ts_exchange_ns);
  EXPECT_FALSE(b.passes(past));
  EXPECT_TRUE(b.feed.is_stale(kBitget));
  EXPECT_EQ(b.count(FeedCount::history_trades), 1U);
  EXPECT_EQ(b.count(FeedCount::trades), 0U);
  past.flags = 0;  // the live channel repeats it
  EXPECT_FALSE(b.passes(past));
  // An hour between its stamps did not become the offset: a live trade is in time.
  EXPECT_TRUE(b.passes(trade(kBitget, 100, 2)));
  EXPECT_FALSE(b.feed.is_stale(kBitget));
}

TEST(FeedTicks, QuotesMustHaveRisingUpdateIds) {
  Bench b;
  EXPECT_TRUE(b.passes(quote(kSpot, 100, 101, 10)));
  EXPECT_FALSE(b.passes(quote(kSpot, 100, 101, 10)));
  EXPECT_FALSE(b.passes(quote(kSpot, 100, 101, 9)));
  EXPECT_TRUE(b.passes(quote(kSpot, 100, 101, 11)));
  EXPECT_TRUE(b.passes(quote(kSpot, 100, 101, 0)));  // no id
  EXPECT_EQ(b.count(FeedCount::duplicate_quotes), 2U);
}

TEST(FeedTicks, AnOutlierIsHeldBackJustBeyondTheBoundOnly) {
  Bench b;
  EXPECT_TRUE(b.passes(trade(kFile, 10'000, 0)));
  EXPECT_TRUE(b.passes(trade(kFile, 10'500, 0)));
  EXPECT_FALSE(b.passes(trade(kFile, 11'026, 0)));  // 10'500 + 5 % = 11'025
  EXPECT_TRUE(b.passes(trade(kFile, 11'025, 0)));
  EXPECT_FALSE(b.passes(trade(kFile, 10'473, 0)));  // 11'025 - 5 % = 10'473.75
  EXPECT_TRUE(b.passes(trade(kFile, 10'474, 0)));
  EXPECT_EQ(b.count(FeedCount::outliers), 2U);
  EXPECT_FALSE(b.passes(quote(kFile, 10'000, 12'800)));  // the middle counts
  EXPECT_TRUE(b.passes(quote(kFile, 10'400, 10'410)));
}

TEST(FeedTicks, ThreeOutliersThatAgreeAreANewLevel) {
  Bench b;
  EXPECT_TRUE(b.passes(trade(kFile, 10'000, 0)));
  EXPECT_FALSE(b.passes(trade(kFile, 20'000, 0)));
  EXPECT_FALSE(b.passes(quote(kFile, 20'000, 20'010)));
  EXPECT_TRUE(b.passes(trade(kFile, 20'500, 0)));
  EXPECT_EQ(b.count(FeedCount::jumps), 1U);
  EXPECT_FALSE(b.passes(trade(kFile, 10'000, 0)));  // the old level is the outlier now
}

TEST(FeedTicks, OutliersThatDisagreeOrAreInterruptedAreNoLevel) {
  Bench b;
  EXPECT_TRUE(b.passes(trade(kFile, 10'000, 0)));
  for (const std::int64_t wild : {20'000, 40'000, 20'000, 5'000, 20'000, 20'000}) EXPECT_FALSE(b.passes(trade(kFile, wild, 0)));
  EXPECT_TRUE(b.passes(trade(kFile, 10'000, 0)));  // interrupts
  EXPECT_FALSE(b.passes(trade(kFile, 20'000, 0)));
  EXPECT_FALSE(b.passes(trade(kFile, 20'000, 0)));
  EXPECT_EQ(b.count(FeedCount::jumps), 0U);
  // Agreement is among all of them, not from one to the next: 21'000 and 22'000 are each near their neighbour only.
  EXPECT_FALSE(b.passes(trade(kFile, 21'001, 0)));
}

TEST(FeedTicks, MarksAreComparedWithMarks) {
  Bench b;
  EXPECT_TRUE(b.passes(trade(kFutures, 10'000, 1)));
  Tick first = mark(kFutures, 20'000);
  first.ask_price = {0};
  EXPECT_TRUE(b.passes(first));
  EXPECT_FALSE(has_price(b.out.ticks.back().ask_price));  // an index of 0 is none
  EXPECT_FALSE(b.passes(mark(kFutures, 21'001)));
  EXPECT_TRUE(b.passes(trade(kFutures, 10'000, 2)));
  EXPECT_TRUE(b.feed.counters(kFutures)[FeedCount::outliers] == 1);
}

TEST(FeedTicks, MarksDoNotMakeAnInstrumentLive) {
  Bench b;
  EXPECT_TRUE(b.passes(mark(kFutures, 100)));
  EXPECT_TRUE(b.feed.is_stale(kFutures));
}

TEST(FeedTicks, AMissingExchangeTimeIsReceiveTimeMinusTheOffset) {
  Bench b;
  Tick untimed = quote(kSpot, 100, 101);
  untimed.ts_exchange_ns = 0;
  ASSERT_TRUE(b.passes(untimed));  // nothing known yet
  EXPECT_EQ(b.out.ticks.back().ts_exchange_ns, kStart);
  // The receiving clock is behind the venue's, as in the captures of 2024.
  Tick timed = trade(kSpot, 100, 1);
  timed.ts_exchange_ns = kStart + 1'280'000'000;
  ASSERT_TRUE(b.passes(timed));
  timed.sequence = 2;
  timed.ts_exchange_ns = kStart + 1'250'000'000;  // arrived 30 ms later than the first: not a smaller offset
  ASSERT_TRUE(b.passes(timed));
  ASSERT_TRUE(b.passes(untimed));
  EXPECT_EQ(b.out.ticks.back().ts_exchange_ns, kStart + 1'280'000'000);
  EXPECT_NE(b.out.ticks.back().flags & tick_flag::exchange_time_estimated, 0U);
  EXPECT_EQ(b.out.ticks[1].flags & tick_flag::exchange_time_estimated, 0U);
  EXPECT_EQ(b.count(FeedCount::times_estimated), 2U);
}

TEST(FeedTicks, AnImplausibleExchangeTimeIsRefusedUntilEightAgree) {
  Bench b;
  std::uint64_t id = 0;
  const auto passes_at = [&](std::int64_t late_ns) {
    Tick tick = trade(kSpot, 100, ++id);
    tick.ts_exchange_ns = kStart - late_ns;
    return b.passes(tick);
  };
  EXPECT_TRUE(passes_at(0));
  EXPECT_TRUE(passes_at(10 * kSecond));
  EXPECT_FALSE(passes_at(10 * kSecond + 1));
  EXPECT_TRUE(passes_at(-10 * kSecond));  // the offset follows down
  EXPECT_FALSE(passes_at(1));             // and the upper bound with it
  EXPECT_FALSE(passes_at(-20 * kSecond - 1));
  EXPECT_TRUE(passes_at(-20 * kSecond));
  for (int i = 0; i < 7; ++i) EXPECT_FALSE(passes_at(3600 * kSecond + i));
  EXPECT_TRUE(passes_at(3600 * kSecond));  // the clock was set
  EXPECT_TRUE(passes_at(3600 * kSecond));
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(passes_at(i % 2 == 0 ? 0 : -100 * kSecond));  // these do not agree
  EXPECT_EQ(b.count(FeedCount::bad_times), 3U + 7U + 20U);
}

TEST(FeedTicks, StampsNoClockCanShowAreRefused) {
  Bench b;
  constexpr std::int64_t kMost = 4'000'000'000'000'000'000;
  for (const std::int64_t bad :
       {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}, kMost + 1, std::numeric_limits<std::int64_t>::max()}) {
    Tick tick = trade(kFile, 100, 0);
    tick.ts_exchange_ns = bad;
    EXPECT_FALSE(b.passes(tick));
    tick = trade(kFile, 100, 0, bad);
    EXPECT_FALSE(b.passes(tick));
    b.timer(bad);
    b.depth(snapshot(kBitget, 1, kBook, bad));
  }
  EXPECT_EQ(b.count(FeedCount::bad_times), 12U);
  EXPECT_EQ(b.count(FeedCount::bad_depths), 4U);
  EXPECT_TRUE(b.passes(trade(kFile, 100, 0, kMost)));
}

TEST(FeedTicks, ABetterQuoteSourceSilencesTheOthersUntilItsTimeout) {
  Bench b;
  const std::int64_t timeout_ns = FeedConfig{}.source_timeout_ns;
  const auto ticker_at = [](std::int64_t ts_ns) {
    Tick tick = quote(kBitget, 9'999, 10'012, 0, ts_ns);
    tick.flags = tick_flag::from_ticker;
    return tick;
  };
  EXPECT_TRUE(b.passes(ticker_at(kStart)));
  b.depth(depth(kBitget, depth_flag::partial, kBook, kStart));  // a partial book is better than a ticker
  EXPECT_FALSE(b.passes(ticker_at(kStart)));
  ASSERT_EQ(b.out.ticks.size(), 2U);
  b.depth(snapshot(kBitget, 0, kBook, kStart));  // a full one better still
  ASSERT_EQ(b.out.ticks.size(), 2U);             // the same top within the refresh time: nothing new to say
  b.depth(depth(kBitget, depth_flag::partial, {{Side::buy, 9'998, 1}, {Side::buy, 9'997, 1}, {Side::sell, 10'010, 1}}, kStart));
  ASSERT_EQ(b.out.ticks.size(), 2U);
  EXPECT_EQ(b.count(FeedCount::superseded_quotes), 2U);
  EXPECT_TRUE(b.passes(quote(kBitget, 10'001, 10'009, 0, kStart)));  // one level, direct: the best
  b.depth(change(kBitget, 0, 0, std::nullopt, {{Side::buy, 10'001, 3}}, kStart + timeout_ns));
  EXPECT_EQ(b.out.ticks.size(), 3U);  // at the timeout still silent
  EXPECT_EQ(b.count(FeedCount::superseded_quotes), 3U);
  b.depth(change(kBitget, 0, 0, std::nullopt, {{Side::buy, 10'001, 4}}, kStart + timeout_ns + 1));
  ASSERT_EQ(b.out.ticks.size(), 4U);
  EXPECT_EQ(b.out.ticks.back().bid_qty.v, 4);
  EXPECT_NE(b.out.ticks.back().flags & tick_flag::from_book, 0U);
}

TEST(FeedTicks, AOneLevelPartialBookRanksAsADirectQuote) {
  Bench b;
  b.depth(snapshot(kBitget, 0, kBook));
  b.depth(depth(kBitget, depth_flag::partial, {{Side::buy, 10'001, 1}, {Side::sell, 10'009, 2}}));
  ASSERT_EQ(b.out.ticks.size(), 2U);
  EXPECT_EQ(b.out.ticks[1].bid_price.v, 10'001);
  EXPECT_EQ(b.out.ticks[1].ask_qty.v, 2);
  EXPECT_EQ(b.feed.book(kBitget).best_bid().price.v, 10'000);  // the full book is untouched
  EXPECT_TRUE(b.feed.book_trusted(kBitget));
}

TEST(FeedTicks, AnInstrumentGoesStaleOnceAndComesBackWithATrustedInput) {
  Bench b;
  const std::int64_t stale_ns = FeedConfig{}.stale_ns;
  EXPECT_TRUE(b.feed.is_stale(kSpot));
  b.timer(kStart + 100 * stale_ns);
  EXPECT_TRUE(b.out.stales.empty());  // never heard of: stale, but nothing ended
  Tick at = trade(kSpot, 100, 1, kStart);
  b.tick(at);
  b.timer(kStart + stale_ns);
  EXPECT_FALSE(b.feed.is_stale(kSpot));
  b.timer(kStart + stale_ns + 1);
  b.timer(kStart + stale_ns + 2);
  EXPECT_EQ(b.out.stales, std::vector<InstrumentId>{kSpot});
  EXPECT_EQ(b.count(FeedCount::stale), 1U);
  EXPECT_FALSE(b.passes(trade(kSpot, 100, 1, kStart + 2 * stale_ns)));  // a refused one does not bring it back
  EXPECT_TRUE(b.feed.is_stale(kSpot));
  EXPECT_TRUE(b.passes(trade(kSpot, 100, 2, kStart + 2 * stale_ns)));
  EXPECT_FALSE(b.feed.is_stale(kSpot));
}

TEST(FeedTicks, CandlesPassIfTheirPricesFitTogether) {
  Bench b;
  Candle good;
  good.instrument = kSpot;
  good.interval_ns = kNanosPerMinute;
  good.open = {10};
  good.high = {12};
  good.low = {9};
  good.close = {11};
  b.feed.on_candle(good, b.out);
  good.open = good.high = good.low = good.close = {1};  // flat, nothing traded
  b.feed.on_candle(good, b.out);
  EXPECT_EQ(b.out.candles.size(), 2U);
  const auto refuse = [&](auto&& spoil) {
    Candle bad = good;
    spoil(bad);
    b.feed.on_candle(bad, b.out);
  };
  refuse([](Candle& c) { c.low = {0}; });
  refuse([](Candle& c) { c.low = {2}; });
  refuse([](Candle& c) { c.open = {2}; });
  refuse([](Candle& c) { c.close = {2}; });
  refuse([](Candle& c) { c.volume = {-1}; });
  refuse([](Candle& c) { c.interval_ns = 0; });
  EXPECT_EQ(b.out.candles.size(), 2U);
  EXPECT_EQ(b.count(FeedCount::bad_candles), 6U);
  EXPECT_EQ(b.count(FeedCount::candles), 2U);
  EXPECT_EQ(b.count(FeedCount::candles_in), 8U);
}

TEST(FeedTicks, EveryCountHasANameOfItsOwn) {
  std::map<std::string_view, int> names;
  for (std::size_t i = 0; i < kFeedCounts; ++i) ++names[name_of(static_cast<FeedCount>(i))];
  EXPECT_EQ(names.size(), kFeedCounts);
}

}  // namespace
}  // namespace martinet::feed_test

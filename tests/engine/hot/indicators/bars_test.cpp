// Cutting bars, event by event: when they close, what goes into them, what is refused, what is sent.
#include <gtest/gtest.h>

#include "tests/engine/hot/indicators/stage_fixture.hpp"

namespace martinet::bars_test {
namespace {

using K = IndicatorKind;
using test::KeepFrames;
using test::kStart_ns;
using test::quote;
using test::request;
using test::trade;
constexpr std::int64_t kSecond = kNanosPerSecond;
constexpr std::int64_t kMinute = kNanosPerMinute;

/// One instrument, 1m and 5m; slots 0..4 = open, high, low, close, volume of 1m, 5 = close of 5m, 6 = volume of 5m.
struct Desk {
  explicit Desk(BarConfig config = {}, bool want_ticks = false) {
    for (const K kind : {K::open, K::high, K::low, K::close, K::volume}) test::must_slot(plan, request(kind, kMinute));
    test::must_slot(plan, request(K::close, 5 * kMinute));
    test::must_slot(plan, request(K::volume, 5 * kMinute));
    EXPECT_TRUE(!want_ticks || plan.want_ticks(0).ok());
    stage = std::make_unique<Indicators>(test::make_table(1), plan, config);
  }
  void on(Tick tick) {
    tick.sequence = ++sequence;
    stage->on_tick(tick, sink);
  }
  void on(const Candle& candle) { stage->on_candle(candle, sink, ++sequence); }
  void timer(std::int64_t ts_ns) { stage->on_timer({ts_ns, ++sequence}, sink); }
  [[nodiscard]] std::vector<double> slots(std::size_t frame) const {
    const auto& all = sink.frames.at(frame).slots;
    return {all.begin(), all.begin() + 7};
  }
  IndicatorPlan plan{1};
  std::unique_ptr<Indicators> stage;
  KeepFrames sink;
  std::uint64_t sequence = 0;
};

TEST(Bars, CloseWithTheFirstTradeOfTheNextIntervalWhichIsNotInThem) {
  Desk desk;
  desk.on(trade(kStart_ns + 1 * kSecond, 100'0000, 2'00000));
  desk.on(trade(kStart_ns + 2 * kSecond, 120'0000, 1'00000));
  desk.on(trade(kStart_ns + 30 * kSecond, 90'0000, 1'00000));
  desk.on(trade(kStart_ns + kMinute - 1, 110'0000, 50000));
  EXPECT_TRUE(desk.sink.frames.empty()) << "the last nanosecond still belongs to the bar";
  desk.on(trade(kStart_ns + kMinute, 500'0000, 9'00000));
  ASSERT_EQ(desk.sink.frames.size(), 1U);
  const IndicatorFrame& frame = desk.sink.frames[0];
  EXPECT_EQ(desk.slots(0), (std::vector<double>{100, 120, 90, 110, 4.5, 0, 0}));
  EXPECT_EQ(frame.closed_mask, 1);
  EXPECT_EQ(frame.on_tick, 0);
  EXPECT_EQ(frame.sequence, 5U);
  EXPECT_EQ(frame.ts_exchange_ns, kStart_ns + kMinute);
  EXPECT_EQ(frame.ts_receive_ns, kStart_ns + kMinute + 5'000'000);
  EXPECT_EQ(frame.last_price.v, 110'0000) << "the price before the event that closed the bar";
  EXPECT_EQ(frame.slot_count, 7);
  EXPECT_TRUE(frame.warm(4));
  EXPECT_FALSE(frame.warm(5)) << "the 5m bar is still open";
  EXPECT_EQ(desk.stage->bars(0, kMinute).closed, 1U);
}

TEST(Bars, SeveralTimeframesClosingTogetherMakeOneFrame) {
  Desk desk;
  for (int i = 0; i < 5; ++i) desk.on(trade(kStart_ns + i * kMinute, 100'0000 + i * 1'0000, 1'00000));
  ASSERT_EQ(desk.sink.frames.size(), 4U);
  desk.on(trade(kStart_ns + 5 * kMinute, 1, 1));
  ASSERT_EQ(desk.sink.frames.size(), 5U);
  EXPECT_EQ(desk.sink.frames[4].closed_mask, 0b11);
  EXPECT_EQ(desk.slots(4), (std::vector<double>{104, 104, 104, 104, 1, 104, 5}));
}

TEST(Bars, AMinuteWithoutTradesIsCountedNotInvented) {
  Desk desk;
  desk.on(trade(kStart_ns, 100'0000, 1));
  desk.on(trade(kStart_ns + 4 * kMinute, 101'0000, 1));
  ASSERT_EQ(desk.sink.frames.size(), 1U);
  EXPECT_EQ(desk.stage->bars(0, kMinute).gaps, 0U) << "the hole is known when the next bar has closed";
  desk.on(trade(kStart_ns + 7 * kMinute, 102'0000, 1));
  ASSERT_EQ(desk.sink.frames.size(), 2U);
  EXPECT_EQ(desk.sink.frames[1].closed_mask, 0b11);
  EXPECT_EQ(desk.stage->bars(0, kMinute).closed, 2U);
  EXPECT_EQ(desk.stage->bars(0, kMinute).gaps, 3U);
  EXPECT_EQ(desk.stage->bars(0, 5 * kMinute).closed, 1U);
  EXPECT_EQ(desk.stage->bars(0, 5 * kMinute).gaps, 0U);
}

TEST(Bars, ACoarseBarWhoseLastFineBarsAreMissingClosesWithTheFirstLaterTrade) {
  Desk desk;
  desk.on(trade(kStart_ns, 100'0000, 1'00000));
  desk.timer(kStart_ns + 2 * kMinute);  // closes the 1m bar alone
  ASSERT_EQ(desk.sink.frames.size(), 1U);
  EXPECT_EQ(desk.sink.frames[0].closed_mask, 0b01);
  desk.on(trade(kStart_ns + 5 * kMinute, 101'0000, 1'00000));
  ASSERT_EQ(desk.sink.frames.size(), 2U);
  EXPECT_EQ(desk.sink.frames[1].closed_mask, 0b10);
  EXPECT_EQ(desk.sink.frames[1].slots[5], 100.0);
}

TEST(Bars, ALateTradeIsDroppedFromEveryTimeframeAndCounted) {
  Desk desk;
  desk.on(trade(kStart_ns + 10 * kSecond, 100'0000, 1'00000));
  desk.on(trade(kStart_ns + 9 * kSecond, 99'0000, 1'00000));  // out of order within its bar: not late
  EXPECT_EQ(desk.stage->refused(0).late, 0U);
  desk.on(trade(kStart_ns + kMinute, 101'0000, 1'00000));
  desk.on(trade(kStart_ns + kMinute - 1, 1'0000, 7'00000));  // late for 1m; would still fit the open 5m
  EXPECT_EQ(desk.stage->refused(0).late, 1U);
  desk.on(trade(kStart_ns + 5 * kMinute, 102'0000, 1'00000));
  EXPECT_EQ(desk.slots(0), (std::vector<double>{100, 100, 99, 99, 2, 0, 0}));
  EXPECT_EQ(desk.sink.frames.back().slots[6], 3.0) << "timeframes agree with each other";
  EXPECT_EQ(desk.sink.frames[1].last_price.v, 101'0000) << "a late trade is not the last price";
}

TEST(Bars, ATradeOfAnIntervalThatWasPassedIsLateToo) {
  Desk desk;
  desk.on(trade(kStart_ns, 100'0000, 1));
  desk.on(trade(kStart_ns + 3 * kMinute, 100'0000, 1));
  desk.on(trade(kStart_ns + 2 * kMinute, 100'0000, 1));  // no bar of that minute was ever open
  EXPECT_EQ(desk.stage->refused(0).late, 1U);
}

TEST(Bars, ATimerClosesAtTheEndPlusGraceOnTheExchangeAxisAndNotANanosecondEarlier) {
  Desk desk({.grace_ns = 100'000'000});
  // Receive clock 1.25 s behind the venue; the fastest message took -1.250 s, others more.
  Tick tick = trade(kStart_ns + 10 * kSecond, 100'0000, 1'00000);
  tick.ts_receive_ns = tick.ts_exchange_ns - 1'250'000'000;
  desk.on(tick);
  tick.ts_exchange_ns += kSecond;
  tick.ts_receive_ns = tick.ts_exchange_ns - 1'200'000'000;
  desk.on(tick);
  const std::int64_t due_ns = kStart_ns + kMinute - 1'250'000'000 + 100'000'000;
  desk.timer(due_ns - 1);
  EXPECT_TRUE(desk.sink.frames.empty());
  desk.timer(due_ns);
  ASSERT_EQ(desk.sink.frames.size(), 1U);
  EXPECT_EQ(desk.sink.frames[0].ts_receive_ns, due_ns);
  EXPECT_EQ(desk.sink.frames[0].ts_exchange_ns, kStart_ns + kMinute + 100'000'000);
  EXPECT_EQ(desk.sink.frames[0].sequence, 4U);
  desk.timer(due_ns + 1);
  EXPECT_EQ(desk.sink.frames.size(), 1U) << "closed once";
  desk.on(trade(kStart_ns + kMinute - 1, 100'0000, 1));
  EXPECT_EQ(desk.stage->refused(0).late, 1U) << "after the timer the minute is over";
}

TEST(Bars, ATimerBeforeAnyExchangeTimeIsKnownDoesNothing) {
  Desk desk;
  desk.timer(kNever - 1);
  Tick tick = trade(kStart_ns, 100'0000, 1);
  tick.flags = tick_flag::exchange_time_estimated;  // an estimate says nothing about the delay
  desk.on(tick);
  desk.timer(kStart_ns + kNanosPerDay);
  EXPECT_TRUE(desk.sink.frames.empty());
}

TEST(Bars, HistoryWarmsUpButSendsNoFrame) {
  Desk desk;
  for (int i = 0; i < 3; ++i) {
    Tick tick = trade(kStart_ns + i * kMinute, 100'0000 + i * 1'0000, 1'00000);
    tick.flags = tick_flag::history;
    tick.ts_receive_ns = kStart_ns + kNanosPerHour;
    desk.on(tick);
  }
  EXPECT_TRUE(desk.sink.frames.empty());
  EXPECT_EQ(desk.stage->bars(0, kMinute).closed, 2U);
  EXPECT_EQ(desk.stage->frame(0).slots[3], 101.0);
  desk.on(trade(kStart_ns + 3 * kMinute, 1, 1));
  ASSERT_EQ(desk.sink.frames.size(), 1U);
  EXPECT_EQ(desk.sink.frames[0].slots[3], 102.0);
}

TEST(Bars, FramesPerTickComeAfterTheTickIsCountedAndOnlyWhereAsked) {
  Desk desk({}, true);
  desk.on(trade(kStart_ns, 100'0000, 1));
  desk.on(quote(kStart_ns + 1, 100'0000, 100'0100));
  desk.on(trade(kStart_ns + kMinute, 101'0000, 1));
  ASSERT_EQ(desk.sink.frames.size(), 4U);
  EXPECT_EQ(desk.sink.frames[0].on_tick, 1);
  EXPECT_EQ(desk.sink.frames[0].closed_mask, 0);
  EXPECT_EQ(desk.sink.frames[0].last_price.v, 100'0000);
  EXPECT_EQ(desk.sink.frames[1].on_tick, 1);
  EXPECT_EQ(desk.sink.frames[2].on_tick, 0) << "first the closed bar";
  EXPECT_EQ(desk.sink.frames[2].closed_mask, 1);
  EXPECT_EQ(desk.sink.frames[2].last_price.v, 100'0000);
  EXPECT_EQ(desk.sink.frames[3].on_tick, 1) << "then the tick that closed it";
  EXPECT_EQ(desk.sink.frames[3].last_price.v, 101'0000);
  EXPECT_EQ(desk.sink.frames[3].slots[3], 100.0) << "slots are of the last closed bar";
}

TEST(Bars, RefusesTradesThatAreNoPriceOrHaveNoTime) {
  Desk desk;
  desk.on(trade(kStart_ns, 0, 1));
  desk.on(trade(kStart_ns, -5, 1));
  desk.on(trade(kStart_ns, 100, -1));
  desk.on(trade(0, 100, 1));
  desk.on(trade(-1, 100, 1));
  desk.on(trade(kNever, 100, 1));
  EXPECT_EQ(desk.stage->refused(0).unusable, 6U);
  Tick stray = trade(kStart_ns, 100, 1);
  stray.instrument = 7;
  desk.on(stray);
  desk.on(trade(kStart_ns, 1, 0));
  desk.on(trade(kStart_ns + kMinute, 1, 0));
  EXPECT_EQ(desk.sink.frames.size(), 1U);
  EXPECT_EQ(desk.stage->refused(0).unusable, 6U) << "one grid unit and no quantity are the least there may be";
}

TEST(Bars, OfQuotesUseTheMiddleAndCountQuotes) {
  Desk desk({.source = BarConfig::Source::quotes});
  desk.on(quote(kStart_ns, 100'0000, 100'0200));
  desk.on(trade(kStart_ns + 1, 900'0000, 1));  // trades are not the source
  desk.on(quote(kStart_ns + 2, 99'0000, 99'0200));
  desk.on(quote(kStart_ns + 3, 101'0001, 101'0002));
  desk.on(quote(kStart_ns + 4, 0, 101'0002));  // one side only
  desk.on(quote(kStart_ns + kMinute, 1'0000, 1'0000));
  ASSERT_EQ(desk.sink.frames.size(), 1U);
  EXPECT_EQ(desk.slots(0), (std::vector<double>{100.01, 101.0001, 99.01, 101.0001, 3, 0, 0}));
  EXPECT_EQ(desk.stage->refused(0).unusable, 1U);
  EXPECT_EQ(desk.sink.frames[0].last_price.v, 101'0001);
}

Candle row(std::int64_t minute, std::int64_t close, std::int64_t volume, std::int64_t interval_ns = kMinute) {
  Candle candle;
  candle.ts_open_ns = kStart_ns + minute * kMinute;
  candle.interval_ns = interval_ns;
  candle.ts_receive_ns = candle.ts_open_ns + 30 * kSecond;
  candle.open = {100'0000};
  candle.high = {std::max<std::int64_t>(100'0000, close)};
  candle.low = {std::min<std::int64_t>(100'0000, close)};
  candle.close = {close};
  candle.volume = {volume};
  candle.instrument = 0;
  return candle;
}

const BarConfig kCandles{.source = BarConfig::Source::candles};

TEST(CandleBars, TheLastRowMayChangeUntilALaterOneComes) {
  Desk desk(kCandles);
  desk.on(row(0, 101'0000, 1'00000));
  desk.on(row(0, 140'0000, 5'00000));
  desk.on(row(0, 99'0000, 4'00000));  // even downward: the venue's word counts
  EXPECT_TRUE(desk.sink.frames.empty());
  desk.on(row(1, 300'0000, 1'00000));
  ASSERT_EQ(desk.sink.frames.size(), 1U);
  EXPECT_EQ(desk.slots(0), (std::vector<double>{100, 100, 99, 99, 4, 0, 0}));
  EXPECT_EQ(desk.sink.frames[0].sequence, 4U);
  desk.on(row(0, 120'0000, 9'00000));
  EXPECT_EQ(desk.stage->refused(0).stale_rows, 1U) << "too late to change it";
  EXPECT_EQ(desk.stage->frame(0).slots[3], 99.0);
}

TEST(CandleBars, ARowThatSaysClosedClosesAtOnce) {
  Desk desk(kCandles);
  desk.on(row(0, 101'0000, 1'00000));
  Candle last = row(0, 102'0000, 2'00000);
  last.closed = 1;
  desk.on(last);
  ASSERT_EQ(desk.sink.frames.size(), 1U);
  EXPECT_EQ(desk.sink.frames[0].slots[3], 102.0);
  EXPECT_EQ(desk.sink.frames[0].ts_exchange_ns, kStart_ns + kMinute);
  desk.on(last);
  EXPECT_EQ(desk.stage->refused(0).stale_rows, 1U);
  EXPECT_EQ(desk.sink.frames.size(), 1U);
}

TEST(CandleBars, ATimerClosesTheLastRow) {
  Desk desk({.source = BarConfig::Source::candles, .grace_ns = 0});
  Candle candle = row(0, 101'0000, 1'00000);
  candle.ts_receive_ns = candle.ts_open_ns + 20'000'000;  // the delay is at most 20 ms
  desk.on(candle);
  desk.timer(kStart_ns + kMinute + 20'000'000 - 1);
  EXPECT_TRUE(desk.sink.frames.empty());
  desk.timer(kStart_ns + kMinute + 20'000'000);
  ASSERT_EQ(desk.sink.frames.size(), 1U);
  EXPECT_EQ(desk.sink.frames[0].slots[3], 101.0);
}

TEST(CandleBars, CoarserTimeframesAreMadeOfTheRows) {
  Desk desk(kCandles);
  for (int i = 0; i < 6; ++i) desk.on(row(i, 100'0000 + i * 1'0000, 1'00000));
  ASSERT_EQ(desk.sink.frames.size(), 5U);
  EXPECT_EQ(desk.sink.frames[4].closed_mask, 0b11);
  EXPECT_EQ(desk.sink.frames[4].slots[5], 104.0);
  EXPECT_EQ(desk.sink.frames[4].slots[6], 5.0);
}

TEST(CandleBars, FinerRowsTakeOverAndCoarserOnesAreIgnored) {
  Desk desk(kCandles);
  Candle coarse = row(0, 105'0000, 50'00000, 5 * kMinute);
  desk.on(coarse);                     // first seen: 5m rows; nothing for the 1m timeframe
  desk.on(row(0, 101'0000, 1'00000));  // 1m divides it and takes over; the unfinished 5m row goes
  desk.on(coarse);
  EXPECT_EQ(desk.stage->refused(0).other_rows, 1U);
  for (int i = 1; i < 6; ++i) desk.on(row(i, 100'0000, 1'00000));
  EXPECT_EQ(desk.stage->bars(0, kMinute).closed, 5U);
  EXPECT_EQ(desk.stage->bars(0, 5 * kMinute).closed, 1U);
  EXPECT_EQ(desk.stage->frame(0).slots[6], 5.0) << "volume of the 1m rows, not of the dropped 5m row";
  desk.on(row(6, 100'0000, 1, 7 * kMinute));
  EXPECT_EQ(desk.stage->refused(0).other_rows + desk.stage->refused(0).unusable, 2U);
}

TEST(CandleBars, RowsCoarserThanATimeframeMakeOnlyTheBarsTheyCan) {
  Desk desk(kCandles);
  desk.on(row(0, 101'0000, 1'00000, 5 * kMinute));
  desk.on(row(5, 102'0000, 1'00000, 5 * kMinute));
  ASSERT_EQ(desk.sink.frames.size(), 1U);
  EXPECT_EQ(desk.sink.frames[0].closed_mask, 0b10);
  EXPECT_EQ(desk.sink.frames[0].slots[5], 101.0);
  EXPECT_EQ(desk.stage->bars(0, kMinute).closed, 0U);
}

TEST(CandleBars, RowsThatCannotBeBarsAreRefused) {
  Desk desk(kCandles);
  std::vector<Candle> bad(9, row(0, 101'0000, 1));
  bad[0].low = {0};
  bad[1].low = {100'5000};   // above the open
  bad[2].high = {100'5000};  // below the close
  bad[3].volume = {-1};
  bad[4].ts_open_ns += 1;  // not on the interval's grid
  bad[5].interval_ns = 0;
  bad[6].interval_ns = -kMinute;
  bad[7].ts_open_ns = 0;
  bad[8].close = {-1};
  for (const Candle& candle : bad) desk.on(candle);
  EXPECT_EQ(desk.stage->refused(0).unusable, bad.size());
  desk.on(row(0, 101'0000, 0));
  desk.on(row(1, 101'0000, 0));
  EXPECT_EQ(desk.sink.frames.size(), 1U);
}

TEST(CandleBars, HistoryRowsWarmUpWithoutFramesAndTheRowUnderWayGoesOnLive) {
  Desk desk(kCandles);
  for (int i = 0; i < 7; ++i) {
    Candle candle = row(i, 100'0000 + i * 1'0000, 1'00000);
    candle.history = 1;
    candle.ts_receive_ns = kStart_ns + 6 * kMinute + 10 * kSecond;
    desk.on(candle);
  }
  EXPECT_TRUE(desk.sink.frames.empty());
  EXPECT_EQ(desk.stage->bars(0, kMinute).closed, 6U);
  EXPECT_EQ(desk.stage->frame(0).slots[5], 104.0);
  desk.on(row(6, 110'0000, 3'00000));
  desk.on(row(7, 110'0000, 1'00000));
  ASSERT_EQ(desk.sink.frames.size(), 1U);
  EXPECT_EQ(desk.sink.frames[0].slots[3], 110.0);
  EXPECT_EQ(desk.sink.frames[0].slots[4], 3.0);
}

TEST(Bars, SourcesMayDifferFromInstrumentToInstrument) {
  IndicatorPlan plan(3);
  for (InstrumentId i = 0; i < 3; ++i) test::must_slot(plan, request(K::close, kMinute, {}, 0, i));
  BarConfig config;
  config.source = BarConfig::Source::candles;
  config.sources = {BarConfig::Source::trades, BarConfig::Source::quotes};
  Indicators stage(test::make_table(3), plan, config);
  KeepFrames sink;
  for (InstrumentId i = 0; i < 3; ++i) {
    for (const std::int64_t ts_ns : {kStart_ns, kStart_ns + kMinute}) {
      stage.on_tick(trade(ts_ns, 10'0000, 1, i), sink);
      stage.on_tick(quote(ts_ns, 20'0000, 20'0000, i), sink);
      Candle candle = row((ts_ns - kStart_ns) / kMinute, 101'0000, 1);
      candle.instrument = i;
      stage.on_candle(candle, sink);
    }
  }
  ASSERT_EQ(sink.frames.size(), 3U);
  EXPECT_EQ(sink.frames[0].slots[0], 10.0);
  EXPECT_EQ(sink.frames[1].slots[0], 20.0);
  EXPECT_EQ(sink.frames[2].slots[0], 101.0);
  EXPECT_EQ(sink.frames[2].instrument, 2);
  EXPECT_EQ(stage.refused().unusable + stage.refused().late + stage.refused().stale_rows, 0U);
}

TEST(Bars, AnInstrumentWithoutRequestsMakesNoFrames) {
  IndicatorPlan plan(1);
  Indicators stage(test::make_table(1), plan, {});
  KeepFrames sink;
  for (int i = 0; i < 5; ++i) stage.on_tick(trade(kStart_ns + i * kMinute, 10'0000, 1), sink);
  stage.on_timer({kStart_ns + kNanosPerDay, 9}, sink);
  EXPECT_TRUE(sink.frames.empty());
}

TEST(Bars, ADayOfHugeQuantitiesDoesNotOverflow) {
  Desk desk;
  const std::int64_t huge = std::numeric_limits<std::int64_t>::max();
  for (int i = 0; i < 4; ++i) desk.on(trade(kStart_ns + i, 100'0000, huge));
  desk.on(trade(kStart_ns + kMinute, 100'0000, 1));
  ASSERT_EQ(desk.sink.frames.size(), 1U);
  EXPECT_NEAR(desk.sink.frames[0].slots[4], 4 * 92233720368547.75807, 1);
}

}  // namespace
}  // namespace martinet::bars_test

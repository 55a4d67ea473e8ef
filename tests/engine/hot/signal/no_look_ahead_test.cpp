// Nobody sees the future: what comes after a bar, however absurd, leaves every frame and every decision up to that bar as it was, bit for
// bit. Every kind of the registry at parameters with which it decides often, every indicator there is; bars that arrive closed, rows that
// close with the next one, and trades. What cannot be a bar is refused at the door and changes nothing.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <set>

#include "tests/engine/hot/indicators/stage_fixture.hpp"
#include "tests/engine/hot/signal/kind_cases.hpp"

namespace martinet::no_look_ahead_test {
using plain_run::EngineRun;
using plain_run::load_market;
using plain_run::Market;

const std::vector<plain_run::Source> kSources = {{"bars/binance_usdm_2025/BTCUSDT_15m.csv.gz", 15 * kNanosPerMinute},
                                                 {"bars/binance_usdm_2025/SOLUSDT_15m.csv.gz", 15 * kNanosPerMinute}};
constexpr std::size_t kCuts = 24;   // bars after which the future is replaced, spread over the file
constexpr std::size_t kAfter = 40;  // bars of that future that are fed

enum class Feed : std::uint8_t { closed_bars, open_rows };

/// Everything the engine said, and how much of it had been said after each bar of the file.
struct Said {
  std::vector<IndicatorFrame> frames;
  std::vector<OrderIntent> intents;
  std::vector<std::size_t> frame_counts;
  std::vector<std::size_t> intent_counts;
};

using Future = Candle (*)(const Candle& candle, std::size_t after);

Candle scaled(Candle candle, std::int64_t up, std::int64_t down) {
  for (Price* price : {&candle.open, &candle.high, &candle.low, &candle.close}) price->v = std::max<std::int64_t>(price->v * up / down, 1);
  candle.volume.v = candle.volume.v * up / down;
  return candle;
}

const std::array<Future, 4> kFutures = {
    [](const Candle& c, std::size_t) { return scaled(c, 1'000, 1); }, [](const Candle& c, std::size_t) { return scaled(c, 1, 1'000); },
    [](const Candle& c, std::size_t after) { return after % 2 == 0 ? scaled(c, 1'000, 1) : scaled(c, 1, 1'000); },
    [](const Candle& c, std::size_t) {  // a bar from nearly nothing to a thousandfold, and no volume
      Candle wild = c;
      wild.low = wild.close = {1};
      wild.high.v *= 1'000;
      wild.volume = {0};
      return wild;
    }};

/// Feeds the bars up to `last`; from `cut` on (not included) as `future` has them.
Said run(const Market& market, std::string_view kind, Feed feed, std::size_t last, std::size_t cut, Future future) {
  Said said;
  EngineRun engine(market, kind, kind_cases::often(kind), kind_cases::complete(kind));
  engine.rows_stay_open = feed == Feed::open_rows;
  engine.on_frame = [&said](const IndicatorFrame& frame) { said.frames.push_back(frame); };
  for (std::size_t i = 0; i <= last; ++i) {
    Candle candle = i > cut ? future(market.candles[i], i - cut) : market.candles[i];
    if (feed == Feed::open_rows) candle.closed = 0;
    engine.feed(candle);
    said.frame_counts.push_back(said.frames.size());
    said.intent_counts.push_back(engine.intents().size());
  }
  said.intents = engine.intents();
  return said;
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b, std::size_t count) {
  if (count == 0) return true;  // memcmp may not be given the null of an empty vector
  return a.size() >= count && b.size() >= count && std::memcmp(a.data(), b.data(), count * sizeof(T)) == 0;
}

// Silence would pass every test below: a kind must decide, and every value it asked for must have been there and have moved.
void expect_alive(const Market& market, std::string_view kind, const Said& said) {
  const EngineRun engine(market, kind, kind_cases::often(kind), kind_cases::complete(kind));
  EXPECT_GE(said.intents.size(), 50u) << kind;
  for (const Instrument& row : market.table) {
    for (std::size_t slot = 0; slot < engine.plan().of(row.id).slots.size(); ++slot) {
      std::set<double> values;
      for (const IndicatorFrame& frame : said.frames) {
        if (frame.instrument == row.id && frame.warm(slot)) values.insert(frame.slots[slot]);
      }
      EXPECT_GE(values.size(), 5u) << kind << ": " << describe(engine.plan().of(row.id).slots[slot]);
    }
  }
}

void expect_no_look_ahead(Feed feed) {
  MT_NEED_DATA(folder);
  const Market market = load_market(folder, kSources);
  const std::size_t count = market.candles.size();
  for (const StrategyKind* kind : strategy_kinds()) {
    SCOPED_TRACE(kind->name);
    const Said truth = run(market, kind->name, feed, count - 1, count, kFutures[0]);
    expect_alive(market, kind->name, truth);
    for (std::size_t n = 0; n < kCuts; ++n) {
      const std::size_t cut = (n + 1) * count / (kCuts + 1);
      // Open rows: the bar at the cut closes with the next row of its instrument, which is of the future already.
      std::size_t told = cut;
      while (feed == Feed::open_rows && (told == cut || market.candles[told].instrument != market.candles[cut].instrument)) ++told;
      const Future future = kFutures[n % kFutures.size()];
      const Said other = run(market, kind->name, feed, std::min(cut + kAfter, count - 1), cut, future);
      ASSERT_TRUE(same_bits(truth.frames, other.frames, truth.frame_counts[told])) << "bar " << cut;
      ASSERT_TRUE(same_bits(truth.intents, other.intents, truth.intent_counts[told])) << "bar " << cut;
      EXPECT_FALSE(same_bits(truth.frames, other.frames, other.frames.size())) << "the future changed nothing at all: the test is blind";
    }
  }
}

TEST(NoLookAhead, BarsThatArriveClosed) { expect_no_look_ahead(Feed::closed_bars); }

TEST(NoLookAhead, RowsThatCloseWithTheNextOne) { expect_no_look_ahead(Feed::open_rows); }

/// A stage that computes everything there is, on two instruments and two timeframes, without a strategy.
struct Everything {
  explicit Everything(const Market& market, BarConfig::Source source) : plan(market.table.size()) {
    for (const Instrument& row : market.table) {
      for (const std::int64_t timeframe_ns : {15 * kNanosPerMinute, kNanosPerHour}) {
        for (const IndicatorRequest& one : test::every_kind(timeframe_ns, row.id)) add(one);
        const auto other = static_cast<InstrumentId>(1 - row.id);
        add(test::request(IndicatorKind::correlation, timeframe_ns, {20, 0, 0}, 0, row.id, other));
      }
    }
    BarConfig config;
    config.source = source;
    stage = std::make_unique<Indicators>(market.table, plan, config);
  }
  void add(const IndicatorRequest& one) {
    const Result<std::uint16_t> slot = plan.slot(one);
    EXPECT_TRUE(slot.ok()) << (slot.ok() ? "" : slot.error().what);
  }
  IndicatorPlan plan;
  std::unique_ptr<Indicators> stage;
};

TEST(NoLookAhead, NoIndicatorOfAnyKindSeesWhatComesLater) {
  MT_NEED_DATA(folder);
  const Market market = load_market(folder, kSources);
  const std::size_t count = market.candles.size();
  const auto run_all = [&market](std::size_t last, std::size_t cut, Future future, std::vector<std::size_t>& counts) {
    Everything all(market, BarConfig::Source::candles);
    test::KeepFrames kept;
    for (std::size_t i = 0; i <= last; ++i) {
      all.stage->on_candle(i > cut ? future(market.candles[i], i - cut) : market.candles[i], kept, i + 1);
      counts.push_back(kept.frames.size());
    }
    return std::move(kept.frames);
  };
  std::vector<std::size_t> counts;
  const std::vector<IndicatorFrame> truth = run_all(count - 1, count, kFutures[0], counts);
  for (std::size_t slot = 0; slot < truth.back().slot_count; ++slot) ASSERT_TRUE(truth.back().warm(slot)) << slot;
  for (std::size_t n = 0; n < kCuts; ++n) {
    const std::size_t cut = (n + 1) * count / (kCuts + 1);
    std::vector<std::size_t> ignored;
    const auto other = run_all(std::min(cut + kAfter, count - 1), cut, kFutures[n % kFutures.size()], ignored);
    ASSERT_TRUE(same_bits(truth, other, counts[cut])) << "bar " << cut;
  }
}

// Bars of trades close with the first trade of the next: that trade, at a thousandfold price, must not be in the frame it causes.
TEST(NoLookAhead, TradesAfterABarAreNotInIt) {
  MT_NEED_DATA(folder);
  const Market market = load_market(folder, kSources);
  constexpr std::size_t kBars = 1'500;
  const auto run_trades = [&](std::size_t cut, std::int64_t up) {
    Everything all(market, BarConfig::Source::trades);
    test::KeepFrames kept;
    for (std::size_t i = 0; i < std::min(cut + 3, kBars); ++i) {
      const Candle& bar = market.candles[i];
      std::int64_t offset_ns = 0;
      for (const Price price : {bar.open, bar.low, bar.high, bar.close}) {
        Tick tick = test::trade(bar.ts_open_ns + offset_ns, i > cut ? price.v * up : price.v, bar.volume.v / 4, bar.instrument);
        tick.sequence = i + 1;
        all.stage->on_tick(tick, kept);
        offset_ns += 3 * kNanosPerMinute;
      }
    }
    return std::move(kept.frames);
  };
  const std::vector<IndicatorFrame> truth = run_trades(kBars, 1);
  ASSERT_GT(truth.size(), kBars / 2);
  for (std::size_t n = 1; n <= kCuts; ++n) {
    const std::size_t cut = n * kBars / (kCuts + 1);
    const std::vector<IndicatorFrame> other = run_trades(cut, 1'000);
    std::size_t known = 0;
    while (known < other.size() && other[known].sequence <= cut + 2) ++known;  // frames caused by the first trade after the cut included
    ASSERT_TRUE(same_bits(truth, other, known)) << "bar " << cut;
  }
}

// Prices on the grid know no NaN; "no price" is what stands for it.
TEST(NoLookAhead, WhatCannotBeABarIsRefusedAtTheDoorAndChangesNothing) {
  MT_NEED_DATA(folder);
  const Market market = load_market(folder, kSources);
  constexpr std::size_t kBars = 2'000;
  for (const StrategyKind* kind : strategy_kinds()) {
    SCOPED_TRACE(kind->name);
    EngineRun clean(market, kind->name, kind_cases::often(kind->name), kind_cases::complete(kind->name));
    EngineRun soiled(market, kind->name, kind_cases::often(kind->name), kind_cases::complete(kind->name));
    std::vector<IndicatorFrame> clean_frames;
    std::vector<IndicatorFrame> soiled_frames;
    clean.on_frame = [&](const IndicatorFrame& frame) { clean_frames.push_back(frame); };
    soiled.on_frame = [&](const IndicatorFrame& frame) { soiled_frames.push_back(frame); };
    std::uint64_t refused = 0;
    for (std::size_t i = 0; i < kBars; ++i) {
      const Candle& good = market.candles[i];
      clean.feed(good);
      if (i % 7 == 0) {
        std::array<Candle, 8> bad;
        bad.fill(good);
        bad[0].close = kNoPrice;
        bad[1].low = kNoPrice;
        bad[2].high = kNoPrice;
        bad[3].open = {0};
        bad[4].low = {good.high.v + 1};
        bad[5].high = {good.close.v - 1};
        bad[6].volume = {-1};
        bad[7].ts_open_ns += 1;
        test::KeepFrames none;
        for (const Candle& candle : bad) soiled.indicators().on_candle(candle, none);
        ASSERT_TRUE(none.frames.empty());
        refused += bad.size();
      }
      soiled.feed(good);
    }
    EXPECT_EQ(soiled.indicators().refused().unusable, refused);
    ASSERT_EQ(clean_frames.size(), soiled_frames.size());
    EXPECT_TRUE(same_bits(clean_frames, soiled_frames, clean_frames.size()));
    EXPECT_EQ(clean.lines(), soiled.lines());
    EXPECT_GT(clean.lines().size(), 20u);
  }
}

TEST(NoLookAhead, ABarWithANaNAnywhereDoesNotPassTheDoor) {
  const Bar good{900, 10, 12, 9, 11, 5};
  ASSERT_TRUE(is_usable(good));
  for (const double wrong : {std::nan(""), std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()}) {
    for (double Bar::* field : {&Bar::open, &Bar::high, &Bar::low, &Bar::close, &Bar::volume}) {
      Bar bar = good;
      bar.*field = wrong;
      EXPECT_FALSE(is_usable(bar)) << wrong;
    }
  }
}

}  // namespace martinet::no_look_ahead_test

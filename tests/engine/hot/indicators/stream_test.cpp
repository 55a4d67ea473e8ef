// Goal: the stage as a function of its input. Seeded random trades of several instruments against a naive rebuild of the bars; any
// order of timeframes; a checkpoint at any point; no look-ahead at any point.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "engine/base/crc.hpp"
#include "tests/engine/hot/indicators/stage_fixture.hpp"

namespace martinet::stream_test {
namespace {

using K = IndicatorKind;
using test::KeepFrames;
using test::request;
constexpr std::int64_t kMinute = kNanosPerMinute;

struct NaiveBar {
  std::int64_t open, high, low, close;
  std::int64_t volume;
};
using NaiveBars = std::map<std::int64_t, NaiveBar>;  // by open time

/// Bars of one timeframe from a list of trades. A trade is late when it lies before the start of the newest bar of any base timeframe.
NaiveBars rebuild(const std::vector<Tick>& trades, InstrumentId instrument, std::int64_t timeframe_ns,
                  const std::vector<std::int64_t>& bases, std::uint64_t& late) {
  NaiveBars bars;
  std::int64_t newest_ns = 0;
  late = 0;
  for (const Tick& tick : trades) {
    if (tick.instrument != instrument) continue;
    const std::int64_t ts_ns = tick.ts_exchange_ns;
    bool is_late = false;
    for (const std::int64_t base_ns : bases) is_late = is_late || ts_ns < newest_ns / base_ns * base_ns;
    if (is_late) {
      ++late;
      continue;
    }
    newest_ns = std::max(newest_ns, ts_ns);
    const std::int64_t p = tick.price().v;
    const auto [bar, is_new] = bars.try_emplace(ts_ns / timeframe_ns * timeframe_ns, NaiveBar{p, p, p, p, 0});
    bar->second.high = std::max(bar->second.high, p);
    bar->second.low = std::min(bar->second.low, p);
    bar->second.close = p;
    bar->second.volume += tick.qty().v;
  }
  // The newest bar is open until something later comes.
  while (!bars.empty() && bars.rbegin()->first + timeframe_ns > newest_ns) bars.erase(std::prev(bars.end()));
  return bars;
}

/// Collects the closed bars that frames report, by instrument and timeframe.
struct BarSink {
  const Indicators* stage = nullptr;
  const IndicatorPlan* plan = nullptr;
  std::map<std::pair<InstrumentId, std::int64_t>, std::vector<Bar>> closed;
  void frame(const IndicatorFrame& frame) {
    const auto& timeframes = plan->of(frame.instrument).timeframes;
    for (std::size_t bit = 0; bit < timeframes.size(); ++bit) {
      if ((frame.closed_mask >> bit & 1) == 0) continue;
      closed[{frame.instrument, timeframes[bit]}].push_back(stage->last_bar(frame.instrument, timeframes[bit]));
    }
  }
};

void check_against_rebuild(std::uint64_t seed, std::vector<std::int64_t> timeframes, const std::vector<std::int64_t>& bases) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  constexpr std::size_t kInstruments = 3;
  const auto trades = test::random_trades(seed, 30'000, kInstruments);
  IndicatorPlan plan(kInstruments);
  for (InstrumentId id = 0; id < kInstruments; ++id) {
    for (const std::int64_t timeframe_ns : timeframes) test::must_slot(plan, request(K::close, timeframe_ns, {}, 0, id));
  }
  Indicators stage(test::make_table(kInstruments), plan, {});
  BarSink sink{&stage, &plan, {}};
  for (const Tick& tick : trades) stage.on_tick(tick, sink);
  for (InstrumentId id = 0; id < kInstruments; ++id) {
    std::uint64_t late = 0;
    for (const std::int64_t timeframe_ns : timeframes) {
      SCOPED_TRACE(timeframe_name(timeframe_ns));
      const NaiveBars expected = rebuild(trades, id, timeframe_ns, bases, late);
      const auto& found = sink.closed[{id, timeframe_ns}];
      ASSERT_EQ(found.size(), expected.size());
      ASSERT_GT(found.size(), 0U);
      std::size_t i = 0;
      for (const auto& [ts_ns, bar] : expected) {
        const Bar& have = found[i++];
        ASSERT_EQ(have.ts_open_ns, ts_ns);
        ASSERT_EQ(have.open, static_cast<double>(bar.open) / 1e4);
        ASSERT_EQ(have.high, static_cast<double>(bar.high) / 1e4);
        ASSERT_EQ(have.low, static_cast<double>(bar.low) / 1e4);
        ASSERT_EQ(have.close, static_cast<double>(bar.close) / 1e4);
        ASSERT_EQ(have.volume, static_cast<double>(bar.volume) / 1e5);
      }
      const std::uint64_t span = static_cast<std::uint64_t>((expected.rbegin()->first - expected.begin()->first) / timeframe_ns) + 1;
      EXPECT_EQ(stage.bars(id, timeframe_ns).gaps, span - expected.size());
    }
    EXPECT_EQ(stage.refused(id).late, late);
    EXPECT_GT(late, 0U) << "the stream holds late trades";
  }
}

TEST(Stream, BarsOfEveryTimeframeEqualANaiveRebuild) {
  using V = std::vector<std::int64_t>;
  const std::int64_t s = kNanosPerSecond;
  check_against_rebuild(31, V{s, kMinute, 3 * kMinute, 5 * kMinute, 15 * kMinute, 60 * kMinute, 240 * kMinute}, V{s});
  check_against_rebuild(32, V{3 * kMinute, 5 * kMinute, 15 * kMinute, 60 * kMinute}, V{3 * kMinute, 5 * kMinute});
  check_against_rebuild(33, V{7 * s, 11 * s, 13 * s, 77 * s}, V{7 * s, 11 * s, 13 * s});
  check_against_rebuild(34, V{60 * kMinute}, V{60 * kMinute});
}

TEST(Stream, TheOrderInWhichTimeframesAreAskedForChangesNothingButTheBits) {
  std::vector<std::int64_t> timeframes = {kMinute, 3 * kMinute, 5 * kMinute, 15 * kMinute, 60 * kMinute};
  const auto trades = test::random_trades(35, 5'000);
  std::vector<std::vector<Bar>> first;
  std::size_t orders = 0;
  do {
    if (orders++ % 5 != 0) continue;
    IndicatorPlan plan(1);
    for (const std::int64_t timeframe_ns : timeframes) test::must_slot(plan, request(K::sma, timeframe_ns, {3}));
    Indicators stage(test::make_table(1), plan, {});
    BarSink sink{&stage, &plan, {}};
    for (const Tick& tick : trades) stage.on_tick(tick, sink);
    std::vector<std::vector<Bar>> all;
    for (auto& [key, bars] : sink.closed) all.push_back(bars);
    if (first.empty()) first = all;
    ASSERT_EQ(all, first);
    ASSERT_EQ(all.size(), timeframes.size());
  } while (std::next_permutation(timeframes.begin(), timeframes.end()));
}

// One input of the stage; what a journal would hold.
struct Input {
  enum class Kind { tick, candle, timer } kind = Kind::tick;
  Tick tick;
  Candle candle;
  Timer timer;
};

/// Two instruments of trades, one of candles, timers in between.
std::vector<Input> random_inputs(std::uint64_t seed, std::size_t count) {
  std::mt19937_64 random(seed);
  std::vector<Input> inputs;
  std::int64_t row_price = 100'0000;
  Candle row;
  for (const Tick& tick : test::random_trades(seed, count, 2)) {
    inputs.push_back({Input::Kind::tick, tick, {}, {}});
    if (random() % 3 == 0) {
      row_price += static_cast<std::int64_t>(random() % 2001) - 1000;
      row_price = std::max<std::int64_t>(row_price, 1000);
      const std::int64_t open_ns = floor_to(tick.ts_receive_ns, kMinute);
      if (open_ns != row.ts_open_ns) {
        row = Candle{};
        row.ts_open_ns = open_ns;
        row.interval_ns = kMinute;
        row.instrument = 2;
        row.open = row.high = row.low = {row_price};
      }
      row.ts_receive_ns = tick.ts_receive_ns;
      row.close = {row_price};
      row.high = std::max(row.high, row.close);
      row.low = std::min(row.low, row.close);
      row.volume.v += static_cast<std::int64_t>(random() % 100'000);
      inputs.push_back({Input::Kind::candle, {}, row, {}});
    }
    if (random() % 5 == 0) inputs.push_back({Input::Kind::timer, {}, {}, {tick.ts_receive_ns, tick.sequence}});
  }
  return inputs;
}

template <class Out>
void feed(Indicators& stage, const Input& input, Out& out) {
  switch (input.kind) {
    case Input::Kind::tick:
      stage.on_tick(input.tick, out);
      break;
    case Input::Kind::candle:
      stage.on_candle(input.candle, out);
      break;
    case Input::Kind::timer:
      stage.on_timer(input.timer, out);
      break;
  }
}

IndicatorPlan full_plan() {
  IndicatorPlan plan(3);
  for (InstrumentId id = 0; id < 3; ++id) {
    for (const std::int64_t timeframe_ns : {kMinute, 5 * kMinute}) {
      for (const IndicatorRequest& asked : test::every_kind(timeframe_ns, id)) test::must_slot(plan, asked);
    }
  }
  test::must_slot(plan, request(K::correlation, kMinute, {20}, 0, 0, 1));
  test::must_slot(plan, request(K::correlation, kMinute, {20}, 0, 2, 1));
  EXPECT_TRUE(plan.want_ticks(1).ok());
  return plan;
}

BarConfig full_config() {
  BarConfig config;
  config.sources = {BarConfig::Source::trades, BarConfig::Source::trades, BarConfig::Source::candles};
  return config;
}

bool same(const std::vector<IndicatorFrame>& a, const std::vector<IndicatorFrame>& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), test::same_bits);
}

TEST(Stream, ACheckpointAtAnyPointGoesOnWithIdenticalBits) {
  const std::uint64_t seed = 41;
  const auto inputs = random_inputs(seed, 4'000);
  const IndicatorPlan plan = full_plan();
  const InstrumentTable table = test::make_table(3);
  std::mt19937_64 random(seed);
  std::size_t frames_seen = 0;
  for (int round = 0; round < 25; ++round) {
    const std::size_t cut = round == 0 ? 0 : random() % inputs.size();
    SCOPED_TRACE("cut " + std::to_string(cut));
    Indicators original(table, plan, full_config());
    KeepFrames before, after_original, after_restored;
    for (std::size_t i = 0; i < cut; ++i) feed(original, inputs[i], before);
    ArchiveWriter saved;
    original.save(saved);
    Indicators restored(table, plan, full_config());
    ArchiveReader reader(saved.bytes());
    ASSERT_EQ(restored.load(reader), Errc::ok);
    ASSERT_TRUE(reader.done());
    for (std::size_t i = cut; i < inputs.size(); ++i) {
      feed(original, inputs[i], after_original);
      feed(restored, inputs[i], after_restored);
    }
    ASSERT_TRUE(same(after_original.frames, after_restored.frames));
    ArchiveWriter end_original, end_restored;
    original.save(end_original);
    restored.save(end_restored);
    ASSERT_TRUE(std::ranges::equal(end_original.bytes(), end_restored.bytes()));
    frames_seen += after_original.frames.size();
  }
  EXPECT_GT(frames_seen, 1'000U);
}

TEST(Stream, ACheckpointOfAnotherPlanOrACutOneIsRefused) {
  const InstrumentTable table = test::make_table(1);
  const auto made = [&](std::int32_t period, std::int64_t grace_ns) {
    IndicatorPlan plan(1);
    test::must_slot(plan, request(K::ema, kMinute, {period}));
    test::must_slot(plan, request(K::stddev, kMinute, {20}));
    return Indicators(table, plan, {.grace_ns = grace_ns});
  };
  Indicators stage = made(12, 5);
  KeepFrames sink;
  for (const Tick& tick : test::random_trades(42, 2'000)) stage.on_tick(tick, sink);
  ArchiveWriter saved;
  stage.save(saved);
  const auto load_into = [](Indicators into, std::span<const std::byte> bytes) {
    ArchiveReader reader(bytes);
    return into.load(reader);
  };
  EXPECT_EQ(load_into(made(12, 5), saved.bytes()), Errc::ok);
  EXPECT_EQ(load_into(made(13, 5), saved.bytes()), Errc::checkpoint_mismatch) << "another period of the same size of state";
  EXPECT_EQ(load_into(made(12, 6), saved.bytes()), Errc::checkpoint_mismatch);
  for (std::size_t size = 0; size < saved.bytes().size(); size += 7) {
    ASSERT_EQ(load_into(made(12, 5), saved.bytes().first(size)), Errc::checkpoint_mismatch) << size;
  }
}

// Everything after input t is replaced by extremes: what went out up to t must not notice.
TEST(Stream, NothingAfterAnInputChangesAFrameUpToIt) {
  const auto inputs = random_inputs(43, 3'000);
  const IndicatorPlan plan = full_plan();
  const InstrumentTable table = test::make_table(3);
  KeepFrames whole;
  std::vector<std::size_t> frames_at;
  Indicators reference(table, plan, full_config());
  for (const Input& input : inputs) {
    feed(reference, input, whole);
    frames_at.push_back(whole.frames.size());
  }
  std::size_t differ = 0;
  for (std::size_t t = 0; t < inputs.size(); t += 211) {
    Indicators stage(table, plan, full_config());
    KeepFrames kept;
    for (std::size_t i = 0; i <= t; ++i) feed(stage, inputs[i], kept);
    const std::size_t frames_at_t = kept.frames.size();
    for (std::size_t i = t + 1; i < inputs.size(); ++i) {
      Input changed = inputs[i];
      changed.tick.bid_price.v = i % 2 == 0 ? 1 : 4'000'000'000'000'000'000;
      changed.tick.bid_qty.v = 4'000'000'000'000'000'000;
      changed.candle.high = changed.candle.close = {4'000'000'000'000'000'000};
      changed.candle.low = {1};
      changed.timer.ts_ns += kNanosPerDay;
      feed(stage, changed, kept);
    }
    ASSERT_EQ(frames_at_t, frames_at[t]);
    for (std::size_t i = 0; i < frames_at_t; ++i)
      ASSERT_TRUE(test::same_bits(kept.frames[i], whole.frames[i])) << "t " << t << " frame " << i;
    if (!same(kept.frames, whole.frames)) ++differ;
  }
  EXPECT_GT(differ, 10U) << "the change is seen afterwards, so the comparison means something";
}

// A number over every bit of every frame: compilers and optimisation levels must agree on it (invariant I2). When a definition is
// changed on purpose, the new number goes here and the reason into the commit.
TEST(Stream, FramesHaveTheSameBitsFromEveryCompilerAndOptimisationLevel) {
  struct HashFrames {
    std::uint32_t crc = 0;
    std::size_t count = 0;
    void frame(const IndicatorFrame& frame) {
      crc = crc32c(std::as_bytes(std::span(&frame, 1)), crc);
      ++count;
    }
  } hash;
  IndicatorPlan plan(2);
  for (InstrumentId id = 0; id < 2; ++id) {
    for (const std::int64_t timeframe_ns : {kMinute, 5 * kMinute}) {
      for (const IndicatorRequest& asked : test::every_kind(timeframe_ns, id)) test::must_slot(plan, asked);
    }
  }
  test::must_slot(plan, request(K::correlation, kMinute, {20}, 0, 0, 1));
  Indicators stage(test::make_table(2), plan, {});
  for (const Tick& tick : test::random_trades(99, 50'000, 2)) stage.on_tick(tick, hash);
  EXPECT_EQ(hash.count, 1330U);
  EXPECT_EQ(hash.crc, 3077272306U);
}

TEST(Stream, CorrelationOfTwoStreamsIsTheOneOfTheirCommonBars) {
  IndicatorPlan plan(2);
  const std::uint16_t slot = test::must_slot(plan, request(K::correlation, kMinute, {10}, 0, 0, 1));
  Indicators stage(test::make_table(2), plan, {});
  BarSink bars{&stage, &plan, {}};
  for (const Tick& tick : test::random_trades(44, 20'000, 2)) stage.on_tick(tick, bars);
  std::map<std::int64_t, double> other;
  for (const Bar& bar : bars.closed[{1, kMinute}]) other[bar.ts_open_ns] = bar.close;
  std::vector<std::pair<double, double>> common;
  for (const Bar& bar : bars.closed[{0, kMinute}]) {
    if (const auto found = other.find(bar.ts_open_ns); found != other.end()) common.emplace_back(bar.close, found->second);
  }
  ASSERT_GT(common.size(), 30U);
  long double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
  for (std::size_t i = common.size() - 10; i < common.size(); ++i) {
    const long double rx = std::log(static_cast<long double>(common[i].first) / common[i - 1].first);
    const long double ry = std::log(static_cast<long double>(common[i].second) / common[i - 1].second);
    x += rx, y += ry, xx += rx * rx, yy += ry * ry, xy += rx * ry;
  }
  const long double expected = (10 * xy - x * y) / std::sqrt((10 * xx - x * x) * (10 * yy - y * y));
  EXPECT_TRUE(stage.frame(0).warm(slot));
  EXPECT_NEAR(stage.frame(0).slots[slot], static_cast<double>(expected), 1e-9);
}

}  // namespace
}  // namespace martinet::stream_test

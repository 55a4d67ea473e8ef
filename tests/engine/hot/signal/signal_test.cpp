// The stage: who is asked, in which order, with which ids and views; every_bar; the price grid; checkpoints.
#include "engine/hot/signal/signal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>

#include "engine/hot/signal/price_grid.hpp"
#include "tests/engine/hot/signal/signal_fixture.hpp"

namespace martinet::signal_stage_test {
using namespace martinet::signal_test;
using Parameters = std::vector<std::pair<std::string, ParameterValue>>;

struct Wanted {
  std::string_view kind;
  std::vector<InstrumentId> instruments;
  Parameters parameters;
};

// A stage of any strategies over five perpetuals and a spot instrument.
struct Stage {
  explicit Stage(const std::vector<Wanted>& wanted) {
    std::vector<std::unique_ptr<Strategy>> list;
    for (const Wanted& w : wanted) {
      StrategyContext context = context_of(table, plan, w.instruments, static_cast<StrategyId>(list.size()));
      for (const auto& [name, value] : w.parameters) context.parameters.set(name, value);
      Result<std::unique_ptr<Strategy>> made = make_strategy(w.kind, context);
      EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().what);
      list.push_back(std::move(*made));
    }
    signal = std::make_unique<Signal>(std::move(list), table.size());
  }
  IndicatorFrame bar(InstrumentId id, double close) {
    IndicatorFrame f = frame_of(id, ++sequence);
    put(f, plan.slot(id, IndicatorKind::close), close);
    return f;
  }
  std::vector<OrderIntent> hand(const IndicatorFrame& frame) {
    Sink sink;
    signal->on_frame(frame, sink);
    return sink.intents;
  }
  InstrumentTable table = table_of(6);
  Plan plan;
  std::unique_ptr<Signal> signal;
  std::uint64_t sequence = 0;
};

TEST(Signal, NumbersIntentsInTheOrderOfTheStrategies) {
  Stage s({{"every_bar", {0, 1}, {}}, {"every_bar", {1}, {}}, {"every_bar", {1, 2}, {}}});
  const std::vector<OrderIntent> intents = s.hand(s.bar(1, 10));
  ASSERT_EQ(intents.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(intents[i].intent_id, i + 1);
    EXPECT_EQ(intents[i].strategy, i);
  }
  EXPECT_EQ(s.hand(s.bar(2, 10)).at(0).intent_id, 4u);
  EXPECT_EQ(s.hand(s.bar(2, 10)).at(0).strategy, 2);
  EXPECT_EQ(s.signal->counters().intents, 5u);
  EXPECT_EQ(s.signal->counters().entries, 5u);
  EXPECT_EQ(s.signal->counters().frames, 3u);
}

TEST(Signal, IgnoresViewsOfAnOlderVersion) {
  Stage s(std::vector<Wanted>{{"every_bar", {0}, {}}});
  s.signal->on_position_view(position(0, 5, 3));
  s.signal->on_position_view(position(0, 4, 0));
  EXPECT_EQ(s.signal->counters().views_stale, 1u);
  EXPECT_EQ(s.hand(s.bar(0, 10)).at(0).action, IntentAction::exit);
  s.signal->on_position_view(position(0, 6, 0));
  EXPECT_EQ(s.hand(s.bar(0, 10)).at(0).action, IntentAction::enter_long);
}

TEST(EveryBar, AlternatesEntryAndExitEveryNBars) {
  Stage s(std::vector<Wanted>{{"every_bar", {0}, {{"bars", std::int64_t{3}}, {"target_fraction", 0.02}}}});
  EXPECT_TRUE(s.hand(s.bar(0, 100)).empty());
  EXPECT_TRUE(s.hand(s.bar(0, 100)).empty());
  const OrderIntent in = s.hand(s.bar(0, 100)).at(0);
  EXPECT_EQ(in.action, IntentAction::enter_long);
  EXPECT_EQ(in.reference_price.v, 1'000'000);
  EXPECT_EQ(in.stop_price.v, 990'000);
  EXPECT_EQ(in.target_price.v, 1'020'000);
  s.signal->on_position_view(position(0, 1, 4));
  EXPECT_TRUE(s.hand(s.bar(0, 100)).empty());
  EXPECT_TRUE(s.hand(s.bar(0, 100)).empty());
  const OrderIntent out = s.hand(s.bar(0, 101)).at(0);
  EXPECT_EQ(out.action, IntentAction::exit);
  EXPECT_EQ(out.exit_reason, ExitReason::signal);
  EXPECT_EQ(out.reference_price.v, 1'010'000);
}

TEST(EveryBar, AlternatesSidesWhereAsked) {
  Stage s(std::vector<Wanted>{{"every_bar", {0}, {{"direction", std::string("alternate")}}}});
  EXPECT_EQ(s.hand(s.bar(0, 100)).at(0).action, IntentAction::enter_long);
  const OrderIntent sell = s.hand(s.bar(0, 100)).at(0);
  EXPECT_EQ(sell.action, IntentAction::enter_short);
  EXPECT_EQ(sell.stop_price.v, 1'010'000);
  EXPECT_EQ(sell.target_price, kNoPrice);
  EXPECT_EQ(s.hand(s.bar(0, 100)).at(0).action, IntentAction::enter_long);
}

TEST(EveryBar, DecidesOnTicksWithoutABarWhereAsked) {
  Stage s(std::vector<Wanted>{{"every_bar", {0}, {{"every_tick", true}}}, {"every_bar", {1}, {}}});
  EXPECT_TRUE(s.signal->wants_ticks(0));
  EXPECT_FALSE(s.signal->wants_ticks(1));
  EXPECT_FALSE(s.plan.requests.contains(0)) << "it needs no indicator";
  IndicatorFrame frame = frame_of(0);
  EXPECT_TRUE(s.hand(frame).empty()) << "a bar, not a tick";
  frame.closed_mask = 0;
  frame.on_tick = 1;
  frame.last_price = {2'000'000};
  EXPECT_EQ(s.hand(frame).at(0).reference_price.v, 2'000'000);
  frame.last_price = {0};
  EXPECT_TRUE(s.hand(frame).empty()) << "no price yet";
}

TEST(EveryBar, WaitsForItsCloseAndLeavesOthersPositionsAlone) {
  Stage s(std::vector<Wanted>{{"every_bar", {0}, {}}});
  EXPECT_TRUE(s.hand(frame_of(0)).empty());
  s.signal->on_position_view(position(0, 1, 4, 3));
  EXPECT_TRUE(s.hand(s.bar(0, 100)).empty());
}

TEST(Grid, GivesBackEveryPriceThatWasDividedOntoADouble) {
  const std::uint64_t seed = std::random_device{}();
  std::mt19937_64 random(seed);
  for (int i = 0; i < 1'000'000; ++i) {
    const int decimals = static_cast<int>(random() % 13);
    const std::int64_t value = static_cast<std::int64_t>(random() >> (14 + random() % 49)) * (random() % 2 == 0 ? 1 : -1);
    std::int64_t back = 0;
    const double stored = static_cast<double>(value) / static_cast<double>(pow10_i64(decimals));
    if (!to_grid(stored, decimals, back)) {
      ASSERT_GE(std::abs(value), (std::int64_t{1} << 51) - 1) << "seed " << seed;
      continue;
    }
    ASSERT_EQ(back, value) << "seed " << seed << " decimals " << decimals;
  }
}

TEST(Grid, RefusesWhatHasNoPlaceOnIt) {
  std::int64_t out = 7;
  EXPECT_FALSE(to_grid(std::nan(""), 2, out));
  EXPECT_FALSE(to_grid(1e300, 2, out));
  EXPECT_FALSE(to_grid(-std::numeric_limits<double>::infinity(), 2, out));
  EXPECT_FALSE(to_grid(2251799813685248.0, 0, out));
  EXPECT_EQ(out, 7);
  EXPECT_TRUE(to_grid(2251799813685247.0, 0, out));
  EXPECT_EQ(out, 2251799813685247);
  EXPECT_TRUE(to_grid(0.5, 0, out));
  EXPECT_EQ(out, 1);
  EXPECT_TRUE(to_grid(-0.5, 0, out));
  EXPECT_EQ(out, 0);
}

// Both strategies over random frames and views; a checkpoint anywhere, loaded into fresh objects, changes nothing that follows.
const std::vector<Wanted> kMixed = {
    {"vwap_rsi",
     {0, 1, 2},
     {{"direction", std::string("both")}, {"cooldown_bars", std::int64_t{2}}, {"max_holding_bars", std::int64_t{4}}, {"deviation", 0.001}}},
    {"every_bar", {1, 3}, {{"bars", std::int64_t{2}}, {"direction", std::string("alternate")}}},
    {"every_bar", {2}, {{"every_tick", true}, {"bars", std::int64_t{5}}}}};

void random_step(Stage& s, std::mt19937_64& random, std::vector<OrderIntent>& intents) {
  const auto id = static_cast<InstrumentId>(random() % 4);
  const auto part = [&random] { return static_cast<double>(random() % 10'000) / 10'000; };
  if (random() % 4 == 0) {
    const std::uint64_t version = random() % 3 == 0 ? s.sequence / 2 : s.sequence;
    s.signal->on_position_view(position(id, version, static_cast<std::int64_t>(random() % 3) - 1, static_cast<StrategyId>(random() % 3)));
    return;
  }
  IndicatorFrame f = frame_of(id, ++s.sequence);
  f.on_tick = random() % 2;
  f.last_price = {1'000'000};
  if (!s.plan.requests.contains(id)) return;
  for (std::size_t i = 0; i < s.plan.slot_count(id); ++i) put(f, s.plan.first + i, 0.5);
  const auto set = [&](IndicatorKind kind, double value) { put(f, s.plan.slot(id, kind), value); };
  set(IndicatorKind::close, 99 + 2 * part());
  if (id < 3) {
    set(IndicatorKind::vwap_session, 100);
    set(IndicatorKind::rsi, 100 * part());
    set(IndicatorKind::volume, part());
    set(IndicatorKind::volume_sma, 0.1);
    set(IndicatorKind::atr, part());
    set(IndicatorKind::natr_rank, 100 * part());
    set(IndicatorKind::adx, 40 * part());
  }
  for (const OrderIntent& i : s.hand(f)) intents.push_back(i);
}

TEST(Signal, ACheckpointTakenAnywhereContinuesAlike) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 one(seed);
  std::mt19937_64 other(seed);
  Stage plain(kMixed);
  auto restored = std::make_unique<Stage>(kMixed);
  std::vector<OrderIntent> expected;
  std::vector<OrderIntent> got;
  for (int i = 0; i < 20'000; ++i) {
    random_step(plain, one, expected);
    random_step(*restored, other, got);
    if (i % 499 != 0) continue;
    ArchiveWriter saved;
    restored->signal->save(saved);
    auto fresh = std::make_unique<Stage>(kMixed);
    fresh->sequence = restored->sequence;
    ArchiveReader reader(saved.bytes());
    ASSERT_EQ(fresh->signal->load(reader), Errc::ok);
    ASSERT_TRUE(reader.done());
    restored = std::move(fresh);
  }
  ASSERT_GT(expected.size(), 1'000u);
  ASSERT_EQ(expected.size(), got.size());
  const auto bytes = [](const std::vector<OrderIntent>& list) { return std::as_bytes(std::span(list)); };
  EXPECT_TRUE(std::ranges::equal(bytes(expected), bytes(got)));
  EXPECT_EQ(plain.signal->counters(), restored->signal->counters());
  for (std::size_t i = 0; i < kMixed.size(); ++i) {
    EXPECT_EQ(plain.signal->strategies()[i]->counters(), restored->signal->strategies()[i]->counters());
  }
}

TEST(Signal, RefusesACheckpointOfOtherStrategies) {
  Stage s(kMixed);
  ArchiveWriter saved;
  s.signal->save(saved);
  const auto load_into = [&](const std::vector<Wanted>& wanted, std::size_t size) {
    Stage other(wanted);
    ArchiveReader reader(saved.bytes().first(size));
    return other.signal->load(reader);
  };
  EXPECT_EQ(load_into(kMixed, saved.bytes().size()), Errc::ok);
  std::vector<Wanted> fewer = kMixed;
  fewer.pop_back();
  EXPECT_EQ(load_into(fewer, saved.bytes().size()), Errc::checkpoint_mismatch);
  std::vector<Wanted> swapped = kMixed;
  std::swap(swapped[0], swapped[1]);
  EXPECT_EQ(load_into(swapped, saved.bytes().size()), Errc::checkpoint_mismatch);
  std::vector<Wanted> elsewhere = kMixed;
  elsewhere[1].instruments = {1, 4};
  EXPECT_EQ(load_into(elsewhere, saved.bytes().size()), Errc::checkpoint_mismatch);
  for (std::size_t cut = 0; cut < saved.bytes().size(); ++cut) {
    ASSERT_EQ(load_into(kMixed, cut), Errc::checkpoint_mismatch) << cut;
  }
}

}  // namespace martinet::signal_stage_test

// Goal: a machine loaded from a checkpoint goes on as the one that wrote it. Method: one random stream of messages; in its
// middle a fresh machine loads, and both must say the same to the end, and end with equal bytes. The same at every point of short
// named lives: a cycle, a stop that is moved, a part that is closed.
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "tests/engine/cold/position/bench.hpp"

namespace martinet {
namespace checkpoint_test {
using namespace position_test;

template <class A>
bool same_bytes(const std::vector<A>& a, const std::vector<A>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(A)) == 0);
}

TEST(PositionCheckpoint, ALoadedMachineGoesOnAsTheOneThatSaved) {
  const InstrumentTable table = one_instrument();
  std::size_t commands = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    std::mt19937_64 random(seed);
    PositionMachine first(table, {}, {.reduce_only = true});
    std::int64_t now = kT0;
    Sink before;
    for (int i = 0; i < 150; ++i) feed_hostile(first, random(), now += static_cast<std::int64_t>(random() % 300) * kNanosPerMilli, before);
    ArchiveWriter saved;
    first.save(saved);
    PositionMachine second(table, {}, {.reduce_only = true});
    ArchiveReader reader(saved.bytes());
    ASSERT_EQ(second.load(reader), Errc::ok);
    ASSERT_TRUE(reader.done());
    Sink a, b;
    for (int i = 0; i < 150; ++i) {
      const std::uint64_t draw = random();
      now += static_cast<std::int64_t>(random() % 300) * kNanosPerMilli;
      feed_hostile(first, draw, now, a);
      feed_hostile(second, draw, now, b);
      ASSERT_EQ(first.next_deadline_ns(), second.next_deadline_ns());
    }
    commands += a.commands.size();
    EXPECT_TRUE(same_bytes(a.commands, b.commands) && same_bytes(a.executions, b.executions) && same_bytes(a.alerts, b.alerts) &&
                same_bytes(a.views, b.views) && same_bytes(a.guards, b.guards))
        << "seed " << seed;
    ArchiveWriter end_a, end_b;
    first.save(end_a);
    second.save(end_b);
    EXPECT_TRUE(std::ranges::equal(end_a.bytes(), end_b.bytes())) << "seed " << seed;
  }
  EXPECT_GT(commands, 1'000u) << "the machines had something to do";
}

/// A life: its messages one by one.
using Life = std::vector<std::function<Sink(Bench&)>>;
using Kind = VenueEventKind;

std::function<Sink(Bench&)> say(Kind kind, OrderKey key, Errc reason = Errc::ok) {
  return [=](Bench& b) { return b.say(kind, key, reason); };
}
std::function<Sink(Bench&)> filled(OrderKey key, Side side, std::int64_t qty, std::int64_t leaves, std::int64_t price) {
  return [=](Bench& b) { return b.filled(key, side, qty, leaves, price, 3); };
}
std::function<Sink(Bench&)> wait(std::int64_t ns) {
  return [=](Bench& b) { return b.wait(ns); };
}

// Plays `life` with a machine that is saved and loaded into a fresh one after each step from `first` to `last`.
void play(const Life& life, std::size_t first, std::size_t last, Sink& all, ArchiveWriter& end) {
  auto bench = std::make_unique<Bench>();
  for (std::size_t i = 0; i < life.size(); ++i) {
    const Sink sink = life[i](*bench);
    const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
    append(all.commands, sink.commands);
    append(all.executions, sink.executions);
    append(all.alerts, sink.alerts);
    append(all.views, sink.views);
    append(all.guards, sink.guards);
    if (i < first || i > last) continue;
    ArchiveWriter saved;
    bench->machine.save(saved);
    auto fresh = std::make_unique<Bench>();
    ArchiveReader reader(saved.bytes());
    ASSERT_EQ(fresh->machine.load(reader), Errc::ok);
    ASSERT_EQ(fresh->machine.next_deadline_ns(), bench->machine.next_deadline_ns());
    fresh->now = bench->now;
    fresh->trade = bench->trade;
    bench = std::move(fresh);
  }
  bench->machine.save(end);
}

void check_everywhere(const Life& life, std::size_t commands) {
  Sink whole;
  ArchiveWriter end;
  play(life, life.size(), life.size(), whole, end);
  EXPECT_EQ(whole.commands.size(), commands) << "the life is the one that was meant";
  for (std::size_t cut = 0; cut < life.size(); ++cut) {
    for (const std::size_t last : {cut, life.size()}) {
      Sink parts;
      ArchiveWriter end_parts;
      play(life, cut, last, parts, end_parts);
      EXPECT_TRUE(same_bytes(whole.commands, parts.commands) && same_bytes(whole.executions, parts.executions) &&
                  same_bytes(whole.alerts, parts.alerts) && same_bytes(whole.views, parts.views) && same_bytes(whole.guards, parts.guards))
          << "cut after step " << cut;
      EXPECT_TRUE(std::ranges::equal(end.bytes(), end_parts.bytes())) << "cut after step " << cut;
    }
  }
}

TEST(PositionCheckpoint, ACycleGoesOnFromAnyPointOfItsLife) {
  const CycleTerms terms{.target_rate = {2'000'000}};
  check_everywhere({[=](Bench& b) { return b.decide(cycle_decision(1, terms, b.now)); }, filled(kEntry, Side::buy, 4, 6, 9'990),
                    filled(kEntry, Side::buy, 6, 0, 9'995), say(Kind::accepted, stop_key(1)), say(Kind::accepted, target_key(1)),
                    say(Kind::cancelled, stop_key(0)), filled(leg_key(1), Side::buy, 3, 7, 9'500),
                    [=](Bench& b) { return b.add(1, terms); }, say(Kind::rejected, stop_key(2), Errc::venue_error), wait(200 * kMs),
                    say(Kind::accepted, stop_key(3)), say(Kind::cancelled, leg_key(1)), [=](Bench& b) { return b.add(2, terms); },
                    filled(stop_key(3), Side::sell, 13, 0, 8'900), filled(leg_key(2), Side::buy, 10, 0, 8'890), wait(kNanosPerSecond),
                    filled(close_key(0), Side::sell, 10, 0, 8'880), wait(kNanosPerSecond)},
                   25);
}

TEST(PositionCheckpoint, AMovedStopGoesOnFromAnyPointOfItsLife) {
  const auto move = [](std::int64_t price) { return [price](Bench& b) { return b.move(price); }; };
  check_everywhere({[](Bench& b) { return b.decide(1, Side::buy, 10, false); }, filled(kEntry, Side::buy, 10, 0, 10'000),
                    say(Kind::accepted, stop_key(0)), move(9'200), say(Kind::rejected, stop_key(1), Errc::venue_error), move(9'300),
                    move(9'400), say(Kind::accepted, stop_key(2)), wait(kNanosPerSecond), say(Kind::cancelled, stop_key(3)), move(9'500),
                    say(Kind::accepted, stop_key(4)), filled(stop_key(4), Side::sell, 4, 6, 9'490),
                    filled(stop_key(2), Side::sell, 6, 4, 9'290), wait(kNanosPerSecond)},
                   13);
}

TEST(PositionCheckpoint, APartGoesOnFromAnyPointOfItsLife) {
  const auto part = [](Bench& b) { return b.part(kRateUnit / 2); };
  check_everywhere(
      {[](Bench& b) { return b.decide(1, Side::sell, 10); }, filled(kEntry, Side::sell, 10, 0, 10'000), say(Kind::accepted, stop_key(0)),
       say(Kind::accepted, target_key(0)), part, filled(close_key(0), Side::buy, 2, 3, 9'700), [](Bench& b) { return b.exit(); },
       wait(kNanosPerSecond), filled(stop_key(0), Side::buy, 3, 7, 11'000), say(Kind::cancelled, close_key(0)),
       filled(close_key(1), Side::buy, 5, 0, 9'900), wait(2 * kNanosPerSecond)},
      9);
}

TEST(PositionCheckpoint, ForeignOrCutBytesAreRefusedAndChangeNothing) {
  const InstrumentTable table = one_instrument();
  PositionMachine machine(table, {}, {});
  Sink sink;
  machine.on_decision(decision(1, Side::buy, 10, kT0), sink);
  ArchiveWriter saved;
  machine.save(saved);
  PositionConfig other;
  other.leverage = 5;
  PositionMachine differs(table, other, {});
  ArchiveReader whole(saved.bytes());
  EXPECT_EQ(differs.load(whole), Errc::checkpoint_mismatch);
  PositionMachine fresh(table, {}, {});
  for (std::size_t size = 0; size < saved.bytes().size(); size += 97) {
    ArchiveReader cut(saved.bytes().first(size));
    ASSERT_EQ(fresh.load(cut), Errc::checkpoint_mismatch) << size;
    ASSERT_EQ(fresh.slot(0).exposure, Exposure::flat);
  }
}

}  // namespace checkpoint_test
}  // namespace martinet

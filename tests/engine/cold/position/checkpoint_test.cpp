// Goal: a machine loaded from a checkpoint goes on as the one that wrote it. Method: one random stream of messages; in its
// middle a fresh machine loads, and both must say the same to the end, and end with equal bytes.
#include <gtest/gtest.h>

#include <random>

#include "tests/engine/cold/position/support.hpp"

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

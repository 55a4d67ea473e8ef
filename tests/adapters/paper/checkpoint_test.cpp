// A venue saved in the middle of a day and loaded elsewhere goes on as if nothing had happened; and two runs are one.
#include <gtest/gtest.h>

#include <span>
#include <vector>

#include "tests/adapters/paper/random_day.hpp"

namespace martinet::checkpoint_test {

using namespace paper_kit;

PaperConfig busy() {
  PaperConfig config;
  config.order_latency_ns = 900;  // so that requests and events are under way when it is saved
  config.event_latency_ns = 700;
  config.initial_balance = {100'000 * kMoneyUnit};
  return config;
}

std::vector<std::byte> saved(const PaperVenue& venue) {
  ArchiveWriter writer;
  venue.save(writer);
  return {writer.bytes().begin(), writer.bytes().end()};
}

TEST(PaperCheckpoint, ResumedMidDayGivesTheSameEventsAndTheSameEndState) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const random_day::Day day = random_day::Maker(seed).make(1'200, true, true);
    const std::size_t cut = 300 + 77 * seed;
    Kit straight(busy());
    random_day::Player whole(*straight.venue);
    whole.play(day, 0, cut);
    const std::size_t said = whole.events.size();
    const std::size_t asked = whole.request;
    const std::vector<std::byte> checkpoint = saved(*straight.venue);
    EXPECT_GT(straight.venue->open_order_count(), 0U);
    whole.play(day, cut, day.inputs.size());
    whole.drain(kNever - 1);

    Kit other(busy());
    ArchiveReader reader(checkpoint);
    ASSERT_EQ(other.venue->load(reader), Errc::ok);
    EXPECT_TRUE(reader.done());
    EXPECT_EQ(saved(*other.venue), checkpoint);
    random_day::Player rest(*other.venue, asked);
    rest.play(day, cut, day.inputs.size());
    rest.drain(kNever - 1);
    ASSERT_EQ(rest.events.size(), whole.events.size() - said) << "seed " << seed;
    for (std::size_t i = 0; i < rest.events.size(); ++i)
      ASSERT_TRUE(same_event(rest.events[i], whole.events[said + i])) << "seed " << seed << " event " << i;
    EXPECT_EQ(saved(*other.venue), saved(*straight.venue));
  }
}

TEST(PaperCheckpoint, TwoRunsOverOneDayAreEqual) {
  const random_day::Day day = random_day::Maker(99).make(2'000, true, true);
  std::vector<std::byte> first;
  for (int run = 0; run < 2; ++run) {
    Kit kit(busy());
    random_day::Player player(*kit.venue);
    player.play(day, 0, day.inputs.size());
    player.drain(kNever - 1);
    EXPECT_GT(player.events.size(), 500U);
    if (run == 0) first = saved(*kit.venue);
    EXPECT_TRUE(first == saved(*kit.venue));
  }
}

TEST(PaperCheckpoint, AnotherConfigurationTableOrTruncatedCheckpointIsRefused) {
  Kit kit(busy());
  kit.trade(100'00, 1);
  kit.submit(kit.limit(Side::buy, 100, 99'00));
  kit.trade(100'00, 1);
  const std::vector<std::byte> checkpoint = saved(*kit.venue);
  {
    PaperConfig config = busy();
    config.maker_fee = {1};
    Kit other(config);
    ArchiveReader reader(checkpoint);
    EXPECT_EQ(other.venue->load(reader), Errc::checkpoint_mismatch);
  }
  {
    InstrumentTable table;
    ASSERT_TRUE(table.add(contract()).ok());
    PaperVenue other(table, busy());
    ArchiveReader reader(checkpoint);
    EXPECT_EQ(other.load(reader), Errc::checkpoint_mismatch);
  }
  PaperConfig small = busy();
  small.use_depth = false;  // a short checkpoint: every cut can be tried
  Kit tiny(small);
  const std::vector<std::byte> short_one = saved(*tiny.venue);
  Kit target(small);
  for (std::size_t size = 0; size < short_one.size(); size += 7) {
    ArchiveReader reader(std::span<const std::byte>(short_one).first(size));
    ASSERT_EQ(target.venue->load(reader), Errc::checkpoint_mismatch) << size;
  }
}

}  // namespace martinet::checkpoint_test

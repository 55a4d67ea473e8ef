// Goal (I3): after construction the feed allocates nothing, through gaps, snapshots, buffers and timers alike.
#include <gtest/gtest.h>

#include "engine/runtime/allocation_counter.hpp"
#include "tests/engine/hot/feed/venue_model.hpp"

namespace martinet::feed_test {
namespace {

struct Counting {
  std::uint64_t ticks = 0;
  std::uint64_t depths = 0;
  std::uint64_t resyncs = 0;
  void tick(const Tick&) { ++ticks; }
  void depth(const DepthUpdate&) { ++depths; }
  void candle(const Candle&) {}
  void stale(InstrumentId) {}
  void resync(InstrumentId) { ++resyncs; }
};

TEST(FeedAllocation, NothingIsAllocatedOnTheWay) {
  if (!allocations_are_counted()) GTEST_SKIP() << "this build does not count allocations";
  const std::uint64_t before_all = thread_allocations();
  for (const Dialect dialect : {Dialect::spot, Dialect::futures, Dialect::bitget_sequence, Dialect::bitget_checksum}) {
    VenueModel venue(dialect, 11);
    FeedConfig config;
    config.resync_depths_max = 16;
    Feed feed(four_instruments(), config);
    Counting out;
    std::uint64_t allocated = 0;
    const auto deliver = [&](const VenueModel::Message& message) {
      const std::uint64_t before = thread_allocations();
      for (const DepthUpdate& piece : message) feed.on_depth(piece, out);
      allocated += thread_allocations() - before;
    };
    std::uint64_t answered = 0;
    for (int n = 0; n < 3000; ++n) {
      for (const VenueModel::Message& message : venue.next({0.02, 0.02, 0.02, 0.02})) deliver(message);
      if (out.resyncs > answered && n % 30 == 0) {  // late, so that the buffer overflows
        answered = out.resyncs;
        deliver(venue.make_snapshot());
      }
      const Tick tick = trade(venue.instrument(), 10'000, static_cast<std::uint64_t>(n) + 1, venue.now_ns());
      const std::uint64_t before = thread_allocations();
      feed.on_tick(tick, out);
      feed.on_timer(Timer{venue.now_ns(), 0}, out);
      allocated += thread_allocations() - before;
    }
    EXPECT_EQ(allocated, 0U);
    EXPECT_GT(out.ticks, 3000U);
    EXPECT_GT(out.depths, 500U);
    EXPECT_GT(out.resyncs, 5U);
  }
  EXPECT_GT(thread_allocations(), before_all);  // the counter does count: the model allocates
}

}  // namespace
}  // namespace martinet::feed_test

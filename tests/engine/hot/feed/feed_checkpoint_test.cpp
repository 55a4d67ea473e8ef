// Goal: a feed saved in the middle of anything and loaded into a fresh one goes on as if nothing had happened, and a checkpoint of
// something else is refused. Method: streams with every fault, ticks in between; at many points the twin is made anew from bytes.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <utility>

#include "tests/engine/hot/feed/venue_model.hpp"

namespace martinet::feed_test {
namespace {

struct Logged {
  std::vector<Tick> ticks;
  std::vector<DepthUpdate> depths;
  std::vector<InstrumentId> stales;
  std::vector<InstrumentId> resyncs;
  void tick(const Tick& t) { ticks.push_back(t); }
  void depth(const DepthUpdate& d) { depths.push_back(d); }
  void candle(const Candle&) {}
  void stale(InstrumentId id) { stales.push_back(id); }
  void resync(InstrumentId id) { resyncs.push_back(id); }
};

void expect_same(const Logged& a, const Logged& b) {
  ASSERT_EQ(a.ticks, b.ticks);
  ASSERT_EQ(a.stales, b.stales);
  ASSERT_EQ(a.resyncs, b.resyncs);
  ASSERT_EQ(a.depths.size(), b.depths.size());
  for (std::size_t i = 0; i < a.depths.size(); ++i) {
    const DepthUpdate& x = a.depths[i];
    const DepthUpdate& y = b.depths[i];
    ASSERT_EQ(x.flags, y.flags);
    ASSERT_EQ(x.last_id, y.last_id);
    ASSERT_EQ(x.ts_receive_ns, y.ts_receive_ns);
    ASSERT_EQ(x.level_count, y.level_count);
    for (std::size_t k = 0; k < x.level_count; ++k) ASSERT_EQ(x.levels[k], y.levels[k]);
  }
}

FeedConfig small_config() {
  FeedConfig config;
  config.book_levels_max = 1024;
  config.resync_depths_max = 64;
  config.resync_retry_ns = kSecond;
  return config;
}

class Twins {
 public:
  template <class Call>
  void both(Call&& call) {
    Logged a;
    Logged b;
    call(*first_, a);
    call(*second_, b);
    expect_same(a, b);
    asked_ = asked_ || !a.resyncs.empty();
  }
  void renew_second() {
    ArchiveWriter writer;
    second_->save(writer);
    ArchiveWriter same;
    first_->save(same);
    ASSERT_TRUE(std::ranges::equal(writer.bytes(), same.bytes()));
    second_ = std::make_unique<Feed>(four_instruments(), small_config());
    ArchiveReader reader(writer.bytes());
    ASSERT_EQ(second_->load(reader), Errc::ok);
    ASSERT_TRUE(reader.done());
    ASSERT_EQ(second_->totals(), first_->totals());
  }
  [[nodiscard]] bool take_asked() { return std::exchange(asked_, false); }
  [[nodiscard]] const Feed& feed() const { return *first_; }

 private:
  std::unique_ptr<Feed> first_ = std::make_unique<Feed>(four_instruments(), small_config());
  std::unique_ptr<Feed> second_ = std::make_unique<Feed>(four_instruments(), small_config());
  bool asked_ = true;
};

TEST(FeedCheckpoint, ALoadedFeedGoesOnAsTheSavedOneWould) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  for (const Dialect dialect : {Dialect::spot, Dialect::futures, Dialect::bitget_sequence, Dialect::bitget_checksum}) {
    std::mt19937_64 random(seed);
    VenueModel venue(dialect, seed);
    Twins twins;
    std::uint64_t trade_id = 0;
    const auto deliver = [&](const VenueModel::Message& message) {
      for (const DepthUpdate& piece : message) {
        twins.both([&](Feed& feed, Logged& out) { feed.on_depth(piece, out); });
        if (random() % 40 == 0) twins.renew_second();  // also between the pieces of a message
      }
    };
    for (int n = 0; n < 1500 && !HasFatalFailure(); ++n) {
      for (const VenueModel::Message& message : venue.next({0.02, 0.02, 0.02, 0.02})) deliver(message);
      const std::int64_t now_ns = venue.now_ns() + 1'000'000;
      const std::uint64_t id = random() % 4 == 0 ? trade_id : ++trade_id;
      Tick tick = trade(venue.instrument(), random() % 50 == 0 ? 20'000 : 10'000, id, now_ns);
      if (random() % 5 == 0) tick.ts_exchange_ns = 0;
      if (random() % 20 == 0) tick.ts_exchange_ns -= 3600 * kSecond;
      if (random() % 20 != 0) twins.both([&](Feed& feed, Logged& out) { feed.on_tick(tick, out); });
      if (n % 10 == 0)
        twins.both([&](Feed& feed, Logged& out) { feed.on_timer(Timer{now_ns + (n % 300 == 0 ? 11 : 0) * kSecond, 0}, out); });
      if (twins.take_asked() && random() % 4 != 0) deliver(venue.make_snapshot());
    }
    EXPECT_GT(twins.feed().totals()[FeedCount::snapshots], 5U);
    EXPECT_GT(twins.feed().totals()[FeedCount::trades], 100U);
  }
}

TEST(FeedCheckpoint, ACheckpointOfSomethingElseIsRefused) {
  Bench saved(small_config());
  saved.depth(change(kSpot, 1, 2, {}, kBook));
  saved.depth(snapshot(kBitget, 1, kBook));
  saved.tick(trade(kBitget, 10'000, 4));
  ArchiveWriter writer;
  saved.feed.save(writer);
  const auto load = [&](std::span<const std::byte> bytes, const InstrumentTable& table, const FeedConfig& config) {
    Feed feed(table, config);
    ArchiveReader reader(bytes);
    return feed.load(reader);
  };
  EXPECT_EQ(load(writer.bytes(), four_instruments(), small_config()), Errc::ok);
  FeedConfig narrow = small_config();
  narrow.book_levels_max = 1;
  EXPECT_EQ(load(writer.bytes(), four_instruments(), narrow), Errc::checkpoint_mismatch);
  InstrumentTable fewer;
  EXPECT_TRUE(fewer.add(four_instruments()[0]).ok());
  EXPECT_EQ(load(writer.bytes(), fewer, small_config()), Errc::checkpoint_mismatch);
  InstrumentTable swapped;  // the same number, other venues
  for (const InstrumentId id : {kBitget, kFutures, kSpot, kFile}) {
    Instrument row = four_instruments()[id];
    EXPECT_TRUE(swapped.add(row).ok());
  }
  EXPECT_EQ(load(writer.bytes(), swapped, small_config()), Errc::checkpoint_mismatch);
  std::mt19937_64 random(7);
  const std::size_t size = writer.bytes().size();
  for (int n = 0; n < 60; ++n) {
    EXPECT_EQ(load(writer.bytes().first(random() % size), four_instruments(), small_config()), Errc::checkpoint_mismatch);
  }
  EXPECT_EQ(load(writer.bytes().first(size - 1), four_instruments(), small_config()), Errc::checkpoint_mismatch);
}

TEST(FeedCheckpoint, RandomDamageNeverBreaksTheLoader) {
  Bench saved(small_config());
  saved.depth(change(kSpot, 1, 2, {}, kBook));
  saved.depth(snapshot(kBitget, 1, kBook));
  saved.tick(trade(kBitget, 10'000, 4));
  ArchiveWriter writer;
  saved.feed.save(writer);
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int n = 0; n < 300; ++n) {
    std::vector<std::byte> bytes(writer.bytes().begin(), writer.bytes().end());
    for (int k = 0; k < 4; ++k) bytes[random() % bytes.size()] = static_cast<std::byte>(random());
    Feed feed(four_instruments(), small_config());
    ArchiveReader reader(bytes);
    (void)feed.load(reader);  // ok or not: the sanitizers watch
  }
}

}  // namespace
}  // namespace martinet::feed_test

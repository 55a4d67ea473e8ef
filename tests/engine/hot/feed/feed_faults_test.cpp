// Goal: whatever the line does to a stream, the feed never says a quote that the venue's book did not have, and it comes back.
// Method: a venue model that remembers its book after every message; messages dropped, repeated, reordered, corrupted at random
// (seed printed); snapshots answered late. After every piece: if the book is trusted it equals the true one at its id, and so does
// the mirror a consumer keeps. With the faults off, the feed must be right again after the next snapshot and stay so.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <random>

#include "tests/engine/hot/feed/venue_model.hpp"

namespace martinet::feed_test {
namespace {

class FaultRun {
 public:
  FaultRun(Dialect dialect, std::uint64_t seed) : dialect_(dialect), venue_(dialect, seed), random_(seed ^ 0x5EED) {
    // The model asks for snapshots more often than a venue would bear.
    FeedConfig config;
    config.resync_retry_ns = kSecond;
    config.resync_depths_max = 256;
    bench_ = std::make_unique<Bench>(config);
  }

  void run(int messages, const Faults& faults) {
    for (int n = 0; n < messages && !testing::Test::HasFatalFailure(); ++n) {
      for (const VenueModel::Message& message : venue_.next(faults)) deliver(message);
      answer_resync(faults);
      if (n % 20 == 0) {
        bench_->timer(venue_.now_ns() + 1'000'000);
        asked_ = asked_ || !bench_->out.resyncs.empty();
        bench_->out.resyncs.clear();
      }
    }
  }
  [[nodiscard]] Bench& bench() { return *bench_; }
  [[nodiscard]] const VenueModel& venue() const { return venue_; }
  [[nodiscard]] std::uint64_t quotes_checked() const { return quotes_; }
  [[nodiscard]] std::uint64_t books_checked() const { return books_; }

 private:
  void deliver(const VenueModel::Message& message) {
    for (const DepthUpdate& piece : message) {
      bench_->depth(piece);
      check();
      if (testing::Test::HasFatalFailure()) return;
    }
  }

  /// A snapshot is taken when asked for and comes a few messages later; the stream goes on in between.
  void answer_resync(const Faults& faults) {
    asked_ = asked_ || !bench_->out.resyncs.empty();
    bench_->out.resyncs.clear();
    if (asked_ && !answer_) {
      asked_ = false;
      wait_ = venue_.beside_rest() ? random_() % 6 : 0;  // in the stream nothing overtakes
      answer_ = venue_.make_snapshot();
    }
    if (!answer_ || wait_-- > 0) return;
    const bool lost = std::uniform_real_distribution<double>(0, 1)(random_) < faults.drop;
    for (DepthUpdate& piece : *answer_) piece.ts_receive_ns = venue_.now_ns() + 1'000'000;
    if (!lost) deliver(*answer_);
    answer_.reset();
  }

  void check() {
    const InstrumentId id = venue_.instrument();
    const Feed& feed = bench_->feed;
    for (const Tick& tick : bench_->out.ticks) check_quote(tick);
    bench_->out.ticks.clear();
    bench_->out.depths.clear();
    if (!feed.book_trusted(id)) return;
    ++books_;
    ASSERT_TRUE(bench_->out.mirrors.at(id) == feed.book(id)) << "the mirror differs";
    if (dialect_ == Dialect::bitget_checksum) return;  // deeper than 25 levels nothing vouches for it
    const Book* const truth = venue_.book_at_id(feed.book_id(id));
    ASSERT_NE(truth, nullptr);
    ASSERT_TRUE(*truth == feed.book(id)) << "the book differs at id " << feed.book_id(id);
  }

  void check_quote(const Tick& tick) {
    const Feed& feed = bench_->feed;
    const bool estimated = (tick.flags & tick_flag::exchange_time_estimated) != 0;
    const Book* const truth = dialect_ == Dialect::bitget_checksum && !estimated ? venue_.book_at_time(tick.ts_exchange_ns)
                                                                                 : venue_.book_at_id(feed.book_id(tick.instrument));
    ASSERT_NE(truth, nullptr);
    ASSERT_EQ(tick.bid_price, truth->best_bid().price);
    ASSERT_EQ(tick.ask_price, truth->best_ask().price);
    ASSERT_EQ(tick.bid_qty, truth->best_bid().qty);
    ASSERT_EQ(tick.ask_qty, truth->best_ask().qty);
    ++quotes_;
  }

  Dialect dialect_;
  VenueModel venue_;
  std::mt19937_64 random_;
  std::unique_ptr<Bench> bench_;
  std::optional<VenueModel::Message> answer_;
  std::uint64_t wait_ = 0;
  bool asked_ = true;  // the first snapshot
  std::uint64_t quotes_ = 0;
  std::uint64_t books_ = 0;
};

constexpr Dialect kDialects[] = {Dialect::spot, Dialect::futures, Dialect::bitget_sequence, Dialect::bitget_checksum};
constexpr Faults kNone{};

class FeedFaults : public testing::TestWithParam<Dialect> {};
INSTANTIATE_TEST_SUITE_P(Dialects, FeedFaults, testing::ValuesIn(kDialects));

TEST_P(FeedFaults, ACleanStreamIsFollowedWithoutASingleGap) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  FaultRun run(GetParam(), seed);
  run.run(4000, kNone);
  const FeedCounters totals = run.bench().feed.totals();
  EXPECT_EQ(totals[FeedCount::invalidations], 0U);
  EXPECT_EQ(totals[FeedCount::gaps], 0U);
  EXPECT_EQ(totals[FeedCount::snapshots], 1U);
  EXPECT_GT(totals[FeedCount::depth_messages], 3900U);
  EXPECT_GT(run.quotes_checked(), 1000U);
}

TEST_P(FeedFaults, NoFaultMakesAWrongQuoteAndEveryOneIsOvercome) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  for (std::uint64_t round = 0; round < 12; ++round) {
    std::mt19937_64 random(seed + round);
    const auto upto = [&](double most) { return std::uniform_real_distribution<double>(0, most)(random) * (random() % 3 == 0 ? 0 : 1); };
    const Faults faults{upto(0.03), upto(0.05), upto(0.03), upto(0.05)};
    FaultRun run(GetParam(), seed + round);
    run.run(1500, faults);
    ASSERT_FALSE(HasFatalFailure());
    run.run(400, kNone);
    ASSERT_FALSE(HasFatalFailure());
    EXPECT_TRUE(run.bench().feed.book_trusted(run.venue().instrument()));
    EXPECT_FALSE(run.bench().feed.is_stale(run.venue().instrument()));
    const std::uint64_t before = run.bench().feed.totals()[FeedCount::invalidations];
    run.run(400, kNone);
    if (GetParam() != Dialect::bitget_checksum) {  // there, damage below the 25th level shows only when it rises
      EXPECT_EQ(run.bench().feed.totals()[FeedCount::invalidations], before) << "trust was lost without a fault";
    }
    EXPECT_GT(run.quotes_checked(), 200U);
  }
}

TEST_P(FeedFaults, EachFaultAloneIsSeen) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  const auto totals_of = [&](const Faults& faults) {
    FaultRun run(GetParam(), seed);
    run.run(3000, faults);
    return run.bench().feed.totals();
  };
  const bool checksum = GetParam() == Dialect::bitget_checksum;
  const FeedCounters dropped = totals_of({.drop = 0.02});
  EXPECT_GT(dropped[checksum ? FeedCount::checksums_wrong : FeedCount::gaps], 10U);
  const FeedCounters reordered = totals_of({.reorder = 0.02});
  EXPECT_GT(reordered[FeedCount::gaps] + reordered[FeedCount::checksums_wrong], 10U);
  const FeedCounters repeated = totals_of({.duplicate = 0.02});
  EXPECT_EQ(repeated[FeedCount::invalidations], 0U);  // harmless
  if (checksum) {
    EXPECT_GT(totals_of({.corrupt = 0.02})[FeedCount::checksums_wrong], 10U);
  } else {
    EXPECT_GT(repeated[FeedCount::duplicate_depths], 10U);
  }
}

}  // namespace
}  // namespace martinet::feed_test

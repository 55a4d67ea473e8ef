// Goal: the parts of the feed by themselves, against references or at their bounds: remembered trade ids, the exchange clock, the
// price check, the buffer of kept pieces.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <random>

#include "tests/engine/hot/feed/feed_support.hpp"

namespace martinet::feed_test {
namespace {

TEST(TradeIds, RemembersAtLeastItsWindowAndAtMostTwice) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  auto ids = std::make_unique<TradeIds>();
  std::deque<std::uint64_t> accepted;  // newest first
  std::uint64_t surely_old = 0;
  for (int n = 0; n < 60'000; ++n) {
    // Near ids as venues give them, colliding ones, and old acquaintances.
    const bool again = !accepted.empty() && random() % 3 == 0;
    const std::uint64_t id = again               ? accepted[random() % accepted.size()]
                             : random() % 2 == 0 ? random() | 1
                                                 : (random() % 100'000 + 1) << 44;
    const auto it = std::find(accepted.begin(), accepted.end(), id);
    const auto age = static_cast<std::size_t>(it - accepted.begin());
    const bool is_new = ids->note(id);
    if (age < TradeIds::kWindow && it != accepted.end()) {
      ASSERT_FALSE(is_new) << "forgotten after " << age;
    }
    if (it == accepted.end() || age >= 2 * TradeIds::kWindow) {
      surely_old += it != accepted.end() ? 1 : 0;
      ASSERT_TRUE(is_new);
    }
    if (!is_new) continue;
    if (it != accepted.end()) accepted.erase(it);
    accepted.push_front(id);
    if (accepted.size() > 4 * TradeIds::kWindow) accepted.pop_back();
  }
  EXPECT_GT(surely_old, 100U);
}

TEST(TradeIds, ATableThatWouldBeProbedForEverIsRefused) {
  auto ids = std::make_unique<TradeIds>();
  ASSERT_TRUE(ids->note(5));
  ArchiveWriter writer;
  ids->save(writer);
  auto loaded = std::make_unique<TradeIds>();
  ArchiveReader good(writer.bytes());
  ASSERT_TRUE(loaded->load(good));
  EXPECT_FALSE(loaded->note(5));
  EXPECT_TRUE(loaded->note(6));
  std::vector<std::byte> full(writer.bytes().begin(), writer.bytes().end());
  std::fill(full.begin() + 8, full.begin() + 8 + 2 * TradeIds::kWindow * 8, std::byte{1});
  ArchiveReader bad(full);
  EXPECT_FALSE(loaded->load(bad));
}

TEST(ExchangeClock, FollowsTheShortestWay) {
  ExchangeClock clock;
  EXPECT_FALSE(clock.known());
  const auto see = [&](std::int64_t late_ns) {
    std::int64_t exchange_ns = kStart;
    EXPECT_EQ(clock.resolve(kStart + late_ns, exchange_ns, kSecond, 3), ExchangeClock::Answer::given);
    EXPECT_EQ(exchange_ns, kStart);
  };
  see(500);
  EXPECT_EQ(clock.offset_ns(), 500);
  see(900);
  EXPECT_EQ(clock.offset_ns(), 500);
  see(-1'250'000'000 + 500'000'000);
  EXPECT_EQ(clock.offset_ns(), -750'000'000);
  clock.learn(kStart, kStart + 800'000'000, kSecond);
  EXPECT_EQ(clock.offset_ns(), -800'000'000);
  clock.learn(kStart, kStart + 100 * kSecond, kSecond);  // too far to believe unasked
  clock.learn(kStart, 0, kSecond);
  clock.learn(kStart, -5, kSecond);
  EXPECT_EQ(clock.offset_ns(), -800'000'000);
}

TEST(ExchangeClock, SuspectsMustFollowEachOtherAndTheSmallestWins) {
  ExchangeClock clock;
  const auto see = [&](std::int64_t late_ns) {
    std::int64_t exchange_ns = kStart;
    return clock.resolve(kStart + late_ns, exchange_ns, kSecond, 3) == ExchangeClock::Answer::given;
  };
  EXPECT_TRUE(see(0));
  EXPECT_FALSE(see(50 * kSecond));
  EXPECT_FALSE(see(50 * kSecond));
  EXPECT_TRUE(see(1));  // a good one between
  EXPECT_FALSE(see(50 * kSecond));
  EXPECT_FALSE(see(50 * kSecond - 7));
  EXPECT_TRUE(see(50 * kSecond + 3));
  EXPECT_EQ(clock.offset_ns(), 50 * kSecond - 7);
}

TEST(PriceCheck, SurvivesThePricesAtTheEndsOfItsRange) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  PriceCheck check;
  const Rate rate{5'000'000};
  EXPECT_EQ(check.see(kMost, rate, 3), PriceCheck::Answer::plausible);
  EXPECT_EQ(check.see(1, rate, 3), PriceCheck::Answer::held_back);
  EXPECT_EQ(check.see(kMost - kMost / 21, rate, 3), PriceCheck::Answer::plausible);
  EXPECT_EQ(check.see(1, rate, 1), PriceCheck::Answer::jump);
  EXPECT_EQ(check.see(kMost, rate, 2), PriceCheck::Answer::held_back);
  EXPECT_EQ(check.see(kMost, rate, 2), PriceCheck::Answer::jump);
  EXPECT_EQ(check.last(), kMost);
}

TEST(DepthBuffer, KeepsChainsApartAndInOrderWhateverIsPushedAndPopped) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  DepthBuffer buffer(5, 64);
  std::deque<std::uint64_t> expected[5];
  std::uint64_t overflows = 0;
  for (std::uint64_t n = 1; n <= 100'000; ++n) {
    const auto id = static_cast<InstrumentId>(random() % 5);
    switch (random() % 8) {
      case 0:
        if (random() % 20 == 0) {
          ASSERT_EQ(buffer.clear(id), expected[id].size());
          expected[id].clear();
        }
        break;
      case 1:
      case 2:
      case 3:
        if (expected[id].empty()) break;
        ASSERT_EQ(buffer.front(id).last_id, expected[id].front());
        ASSERT_EQ(buffer.front(id).level_count, expected[id].front() % 41);
        ASSERT_EQ(buffer.front(id).instrument, id);
        buffer.pop(id);
        expected[id].pop_front();
        break;
      default: {
        DepthUpdate piece{};
        piece.instrument = id;
        piece.last_id = n;
        piece.level_count = static_cast<std::uint16_t>(n % 41);
        std::size_t total = 0;
        for (const auto& chain : expected) total += chain.size();
        const DepthBuffer::Pushed pushed = buffer.push(piece);
        ASSERT_EQ(pushed.given_up != 0, total == 64);
        if (pushed.given_up != 0) {
          ++overflows;
          for (const auto& chain : expected) ASSERT_LE(chain.size(), pushed.given_up);
          ASSERT_EQ(expected[pushed.victim].size(), pushed.given_up);
          expected[pushed.victim].clear();
        }
        expected[id].push_back(n);
      }
    }
    for (InstrumentId i = 0; i < 5; ++i) ASSERT_EQ(buffer.size(i), expected[i].size());
  }
  EXPECT_GT(overflows, 100U);
}

}  // namespace
}  // namespace martinet::feed_test

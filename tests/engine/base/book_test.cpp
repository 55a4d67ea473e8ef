// Goal: the book equals a plain map whatever happens to it, never loses its best levels, and computes the venue's checksum.
// Method: a std::map as reference over millions of random changes (seed printed), published checksum vectors, a book of three levels.
#include "engine/base/book.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "engine/base/crc.hpp"
#include "engine/base/decimal.hpp"

namespace martinet::book_test {

using Reference = std::map<std::int64_t, std::int64_t>;

void expect_equal(const Book& book, const Reference& bids, const Reference& asks) {
  ASSERT_EQ(book.size(Side::buy), bids.size());
  ASSERT_EQ(book.size(Side::sell), asks.size());
  std::size_t i = 0;
  for (auto it = bids.rbegin(); it != bids.rend(); ++it, ++i) {
    ASSERT_EQ(book.level(Side::buy, i).price.v, it->first);
    ASSERT_EQ(book.level(Side::buy, i).qty.v, it->second);
  }
  i = 0;
  for (auto it = asks.begin(); it != asks.end(); ++it, ++i) {
    ASSERT_EQ(book.level(Side::sell, i).price.v, it->first);
    ASSERT_EQ(book.level(Side::sell, i).qty.v, it->second);
  }
}

/// "price:qty:price:qty" as in the venue's documents, bid first, into a book; level by level as listed.
void set_text(Book& book, Side side, const std::string& price, const std::string& qty) {
  const auto digits_of = [](const std::string& text) {
    const std::size_t dot = text.find('.');
    return static_cast<std::uint8_t>(dot == std::string::npos ? 0 : text.size() - dot - 1);
  };
  Price p;
  Qty q;
  ASSERT_EQ(parse_decimal(price, 4, p.v), Errc::ok);
  ASSERT_EQ(parse_decimal(qty, 4, q.v), Errc::ok);
  ASSERT_EQ(book.set(side, p, q, digits_of(price), digits_of(qty)), Errc::ok);
}

TEST(Book, EqualsAMapAfterMillionsOfRandomChanges) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  Book book(4096);
  Reference sides[2];
  for (int n = 0; n < 3'000'000; ++n) {
    const bool bid = random() % 2 == 0;
    // Most changes fall near the top, some anywhere: as at a venue.
    const std::int64_t spread = random() % 10 == 0 ? 2000 : 30;
    const std::int64_t away = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(spread));
    const std::int64_t price = bid ? 100'000 - away : 100'001 + away;
    const std::int64_t qty = random() % 3 == 0 ? 0 : static_cast<std::int64_t>(random() % 1000 + 1);
    ASSERT_EQ(book.set(bid ? Side::buy : Side::sell, {price}, {qty}), Errc::ok);
    if (qty == 0) {
      sides[bid].erase(price);
    } else {
      sides[bid][price] = qty;
    }
    const Side side = bid ? Side::buy : Side::sell;
    ASSERT_EQ(book.qty_at(side, {price}).v, qty);
    ASSERT_EQ(book.size(side), sides[bid].size());
    if (!sides[bid].empty()) {
      ASSERT_EQ(book.level(side, 0).price.v, bid ? sides[1].rbegin()->first : sides[0].begin()->first);
    }
    if (n % 50'000 == 0) expect_equal(book, sides[1], sides[0]);
  }
  expect_equal(book, sides[1], sides[0]);
  EXPECT_EQ(book.dropped(), 0U);
}

TEST(Book, ASmallBookKeepsTheBestLevelsUnderRandomInsertions) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 2000; ++round) {
    Book book(8);
    Reference bids;
    Reference asks;
    for (int n = 0; n < 40; ++n) {
      const auto price = static_cast<std::int64_t>(random() % 64 + 1);
      const bool bid = random() % 2 == 0;
      Reference& side = bid ? bids : asks;
      const bool full = side.size() == 8 && !side.contains(price);
      side[price] = n + 1;
      if (full) side.erase(bid ? side.begin() : std::prev(side.end()));
      EXPECT_EQ(book.set(bid ? Side::buy : Side::sell, {price}, {n + 1}), full ? Errc::no_capacity : Errc::ok);
    }
    expect_equal(book, bids, asks);
  }
}

TEST(Book, KnowsWhenDroppedLevelsReachTheTop) {
  Book book(3);
  for (const std::int64_t price : {100, 99, 98}) ASSERT_EQ(book.set(Side::buy, {price}, {1}), Errc::ok);
  EXPECT_TRUE(book.is_top_known(Side::buy));
  EXPECT_EQ(book.set(Side::buy, {97}, {1}), Errc::no_capacity);   // the new one itself is the worst
  EXPECT_EQ(book.set(Side::buy, {101}, {1}), Errc::no_capacity);  // 98 goes
  EXPECT_EQ(book.dropped(), 2U);
  EXPECT_EQ(book.best_bid().price.v, 101);
  EXPECT_EQ(book.level(Side::buy, 2).price.v, 99);
  EXPECT_TRUE(book.is_top_known(Side::buy));
  for (const std::int64_t price : {101, 100}) ASSERT_EQ(book.set(Side::buy, {price}, {0}), Errc::ok);
  EXPECT_TRUE(book.is_top_known(Side::buy));  // 99 is better than anything that was dropped
  ASSERT_EQ(book.set(Side::buy, {99}, {0}), Errc::ok);
  EXPECT_FALSE(book.is_top_known(Side::buy));  // 98 was dropped: empty is not the truth
  ASSERT_EQ(book.set(Side::buy, {98}, {1}), Errc::ok);
  EXPECT_FALSE(book.is_top_known(Side::buy));
  EXPECT_TRUE(book.is_top_known(Side::sell));
  book.clear();
  EXPECT_TRUE(book.is_top_known(Side::buy));
}

TEST(Book, CrossedLockedAndNeitherAreToldApartAtTheBound) {
  Book book(4);
  EXPECT_FALSE(book.crossed() || book.locked() || book.both_sides());
  ASSERT_EQ(book.set(Side::sell, {100}, {1}), Errc::ok);
  EXPECT_FALSE(book.crossed() || book.locked());
  ASSERT_EQ(book.set(Side::buy, {99}, {1}), Errc::ok);
  EXPECT_FALSE(book.crossed() || book.locked());
  ASSERT_EQ(book.set(Side::buy, {100}, {1}), Errc::ok);
  EXPECT_TRUE(book.locked() && !book.crossed());
  ASSERT_EQ(book.set(Side::buy, {101}, {1}), Errc::ok);
  EXPECT_TRUE(book.crossed() && !book.locked());
}

TEST(Book, ChecksumEqualsThePublishedVectors) {
  Book first(30);
  set_text(first, Side::buy, "43231.1", "4");
  set_text(first, Side::sell, "43232.8", "9");
  set_text(first, Side::buy, "43231", "6");
  set_text(first, Side::sell, "43232.9", "8");
  EXPECT_EQ(static_cast<std::int32_t>(first.checksum25(4, 4)), -1504501796);
  Book second(30);  // one bid, three asks: the shorter side is left out
  set_text(second, Side::buy, "3366.1", "7");
  set_text(second, Side::sell, "3366.8", "9");
  set_text(second, Side::sell, "3368", "8");
  set_text(second, Side::sell, "3372", "8");
  EXPECT_EQ(static_cast<std::int32_t>(second.checksum25(4, 4)), 831078360);
}

TEST(Book, ChecksumCoversExactlyTwentyFiveLevelsWithTheirDigits) {
  Book book(64);
  std::string text;
  for (int i = 0; i < 30; ++i) {
    const std::string bid = std::to_string(1000 - i) + ".50";
    const std::string ask = std::to_string(1001 + i) + ".000";
    set_text(book, Side::buy, bid, "1.0");
    set_text(book, Side::sell, ask, "2");
    if (i < 25) text += (text.empty() ? "" : ":") + bid + ":1.0:" + ask + ":2";
  }
  const std::uint32_t expected = crc32_ieee(std::as_bytes(std::span(text)));
  EXPECT_EQ(book.checksum25(4, 4), expected);
  set_text(book, Side::buy, "975.50", "7");  // the 26th bid
  EXPECT_EQ(book.checksum25(4, 4), expected);
  set_text(book, Side::buy, "976.50", "7");  // the 25th
  EXPECT_NE(book.checksum25(4, 4), expected);
  EXPECT_EQ(Book(4).checksum25(4, 4), crc32_ieee({}));
}

TEST(Book, ChecksumHandlesTheLongestNumbers) {
  Book book(64);
  constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
  for (int i = 0; i < 30; ++i) {
    ASSERT_EQ(book.set(Side::buy, {kHuge - 100 - i}, {kHuge}, 18, 18), Errc::ok);
    ASSERT_EQ(book.set(Side::sell, {kHuge - i}, {kHuge}, 18, 255), Errc::ok);  // digits beyond the grid are cut to it
  }
  EXPECT_NE(book.checksum25(18, 18), 0U);
}

TEST(Book, ASavedBookLoadsEqualAndBehavesEqual) {
  Book book(16);
  for (std::int64_t i = 0; i < 20; ++i) (void)book.set(Side::buy, {100 - i}, {i + 1}, 2, 1);
  ASSERT_EQ(book.set(Side::sell, {200}, {5}, 1, 1), Errc::ok);
  ArchiveWriter writer;
  book.save(writer);
  Book loaded(16);
  ArchiveReader reader(writer.bytes());
  ASSERT_EQ(loaded.load(reader), Errc::ok);
  EXPECT_TRUE(reader.done());
  EXPECT_TRUE(loaded == book);
  EXPECT_EQ(loaded.checksum25(2, 2), book.checksum25(2, 2));
  EXPECT_EQ(loaded.dropped(), 4U);
  for (std::int64_t i = 0; i < 16; ++i) {
    EXPECT_EQ(loaded.is_top_known(Side::buy), i < 16);
    ASSERT_EQ(loaded.set(Side::buy, {100 - i}, {0}), Errc::ok);
  }
  EXPECT_FALSE(loaded.is_top_known(Side::buy));
  EXPECT_FALSE(loaded == book);
}

TEST(Book, RefusesACheckpointThatIsNoBook) {
  Book book(16);
  for (std::int64_t i = 0; i < 10; ++i) ASSERT_EQ(book.set(Side::sell, {100 + i}, {1}), Errc::ok);
  ArchiveWriter writer;
  book.save(writer);
  const auto load = [](std::span<const std::byte> bytes, std::size_t levels) {
    Book other(levels);
    ArchiveReader reader(bytes);
    const Errc code = other.load(reader);
    EXPECT_TRUE(code == Errc::ok || (other.empty(Side::buy) && other.empty(Side::sell)));
    return code;
  };
  EXPECT_EQ(load(writer.bytes(), 10), Errc::ok);
  EXPECT_EQ(load(writer.bytes(), 9), Errc::checkpoint_mismatch);
  for (std::size_t size = 0; size < writer.bytes().size(); ++size) {
    EXPECT_EQ(load(writer.bytes().first(size), 16), Errc::checkpoint_mismatch) << size;
  }
  Book shuffled(16);  // asks saved where bids belong are in the wrong order
  std::vector<std::byte> bytes(writer.bytes().begin(), writer.bytes().end());
  const std::size_t first_level = bytes.size() - 16 - 10 * sizeof(BookLevel);
  std::swap_ranges(bytes.begin() + static_cast<std::ptrdiff_t>(first_level),
                   bytes.begin() + static_cast<std::ptrdiff_t>(first_level + sizeof(BookLevel)),
                   bytes.begin() + static_cast<std::ptrdiff_t>(first_level + sizeof(BookLevel)));
  EXPECT_EQ(load(bytes, 16), Errc::checkpoint_mismatch);
}

}  // namespace martinet::book_test

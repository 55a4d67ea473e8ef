#include "engine/base/fixed_map.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace martinet::fixed_map_test {

struct BadHash {  // everything in a few neighbouring homes, across the end of the array
  std::uint64_t operator()(std::uint64_t key) const noexcept { return key % 5 + ~std::uint64_t{2}; }
};
struct PlainHash {
  std::uint64_t operator()(std::uint64_t key) const noexcept { return key; }
};

template <class Hash>
void agrees_with_std_map(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  FixedMap<std::uint64_t, int, Hash> ours(20);
  std::map<std::uint64_t, int> theirs;
  for (int step = 0; step < 20'000; ++step) {
    const std::uint64_t key = random() % 40;
    if (random() % 2 == 0) {
      const bool expected = !theirs.contains(key) && theirs.size() < 20;
      ASSERT_EQ(ours.insert(key, step), expected) << "seed " << seed;
      if (expected) theirs[key] = step;
    } else {
      ASSERT_EQ(ours.erase(key), theirs.erase(key) == 1) << "seed " << seed;
    }
    ASSERT_EQ(ours.size(), theirs.size());
    for (std::uint64_t probe = 0; probe < 40; ++probe) {
      const auto at = theirs.find(probe);
      const int* found = ours.find(probe);
      ASSERT_EQ(found != nullptr, at != theirs.end()) << "seed " << seed << " key " << probe;
      if (found != nullptr) {
        ASSERT_EQ(*found, at->second);
      }
    }
  }
  ours.clear();
  EXPECT_EQ(ours.size(), 0U);
  EXPECT_EQ(ours.find(1), nullptr);
}

TEST(FixedMap, AgreesWithStdMapUnderCollisionsAndWithoutThem) {
  agrees_with_std_map<BadHash>(1);
  agrees_with_std_map<PlainHash>(2);
}

TEST(FixedMap, TakesExactlyItsMaximum) {
  FixedMap<std::uint64_t, int, PlainHash> map(3);
  for (std::uint64_t key = 0; key < 3; ++key) EXPECT_TRUE(map.insert(key, 1));
  EXPECT_TRUE(map.full());
  EXPECT_FALSE(map.insert(3, 1));
  EXPECT_FALSE(map.insert(2, 9));
  EXPECT_EQ(*map.find(2), 1);
  EXPECT_TRUE(map.erase(0));
  EXPECT_TRUE(map.insert(3, 1));
}

}  // namespace martinet::fixed_map_test

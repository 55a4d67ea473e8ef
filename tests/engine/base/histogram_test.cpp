// Goal: quantiles within 1 % of those of the sorted values, whatever the shape; merging is recording the union.
#include "engine/base/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <random>
#include <vector>

namespace martinet::histogram_test {
namespace {

constexpr std::uint64_t kLargest = (std::uint64_t{1} << Histogram::kValueBits) - 1;

/// The value that at least `fraction` of all values do not pass.
std::uint64_t exact_quantile(const std::vector<std::uint64_t>& sorted, double fraction) {
  const double wanted = std::ceil(fraction * static_cast<double>(sorted.size()));
  const auto rank = static_cast<std::size_t>(std::max(wanted, 1.0));
  return sorted[rank - 1];
}

void expect_close(const Histogram& histogram, std::vector<std::uint64_t> values) {
  std::sort(values.begin(), values.end());
  ASSERT_EQ(histogram.count(), values.size());
  EXPECT_EQ(histogram.max(), values.back());
  for (const double fraction : {0.0, 0.001, 0.1, 0.25, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0}) {
    const auto exact = static_cast<double>(exact_quantile(values, fraction));
    const auto found = static_cast<double>(histogram.quantile(fraction));
    EXPECT_GE(found, exact) << fraction << ": a bucket is told by its highest value, never below the true one";
    EXPECT_LE(found, exact * 1.01) << fraction;
  }
}

TEST(Histogram, IsWithinOnePercentOfTheSortedValuesForEveryShape) {
  std::mt19937_64 random(5);
  const std::vector<std::function<std::uint64_t()>> shapes = {
      [&] { return random() % 100; },
      [&] { return random() % 1'000'000; },
      [&] { return static_cast<std::uint64_t>(std::exp(std::uniform_real_distribution<double>(0, 29)(random))); },  // up to 2^41.8
      [&] { return random() % 1000 == 0 ? 5'000'000 + random() % 1'000'000 : 700 + random() % 50; },                // a latency with a tail
      [&] { return std::uint64_t{777'777}; },
  };
  for (const auto& shape : shapes) {
    auto histogram = std::make_unique<Histogram>();
    std::vector<std::uint64_t> values;
    for (int i = 0; i < 100'000; ++i) {
      values.push_back(shape());
      histogram->record(values.back());
    }
    expect_close(*histogram, values);
  }
}

TEST(Histogram, PutsEveryValueIntoABucketThatHoldsIt) {
  const auto check = [](std::uint64_t value) {
    const std::size_t bucket = Histogram::bucket_of(value);
    ASSERT_LT(bucket, Histogram::kBucketCount) << value;
    ASSERT_LE(Histogram::lowest_of(bucket), value);
    ASSERT_GE(Histogram::highest_of(bucket), value);
    ASSERT_LE(static_cast<double>(Histogram::highest_of(bucket) - Histogram::lowest_of(bucket)), static_cast<double>(value) * 0.01)
        << value;
  };
  for (std::uint64_t value = 0; value < 100'000; ++value) check(value);
  for (int bit = 1; bit < Histogram::kValueBits; ++bit) {
    for (std::uint64_t near = 0; near < 3; ++near) check((std::uint64_t{1} << bit) - 1 + near);
  }
  check(kLargest);
}

TEST(Histogram, HasBucketsWithoutHolesOrOverlaps) {
  ASSERT_EQ(Histogram::lowest_of(0), 0U);
  for (std::size_t bucket = 1; bucket < Histogram::kBucketCount; ++bucket) {
    ASSERT_EQ(Histogram::lowest_of(bucket), Histogram::highest_of(bucket - 1) + 1) << bucket;
  }
  EXPECT_EQ(Histogram::highest_of(Histogram::kBucketCount - 1), kLargest);
}

TEST(Histogram, ClampsWhatIsTooLargeAndKeepsTheMaximumExact) {
  auto histogram = std::make_unique<Histogram>();
  histogram->record(kLargest);
  EXPECT_EQ(histogram->quantile(1), kLargest);
  histogram->record(UINT64_MAX);
  EXPECT_EQ(histogram->max(), UINT64_MAX);
  EXPECT_EQ(histogram->count(), 2U);
  EXPECT_EQ(histogram->count_in(Histogram::kBucketCount - 1), 2U);
  EXPECT_EQ(histogram->quantile(1), kLargest);
}

TEST(Histogram, AnswersNothingWhileEmptyAndAfterClear) {
  auto histogram = std::make_unique<Histogram>();
  EXPECT_EQ(histogram->quantile(0.5), 0U);
  EXPECT_EQ(histogram->max(), 0U);
  histogram->record(5);
  EXPECT_EQ(histogram->quantile(-1), 5U);
  EXPECT_EQ(histogram->quantile(2), 5U);
  histogram->clear();
  EXPECT_EQ(histogram->count(), 0U);
  EXPECT_EQ(histogram->quantile(0.5), 0U);
}

TEST(Histogram, MergedEqualsTheHistogramOfTheUnion) {
  std::mt19937_64 random(6);
  auto a = std::make_unique<Histogram>(), b = std::make_unique<Histogram>(), both = std::make_unique<Histogram>();
  for (int i = 0; i < 50'000; ++i) {
    const std::uint64_t value = random() >> (20 + random() % 40);
    (i % 3 == 0 ? *a : *b).record(value);
    both->record(value);
  }
  a->merge(*b);
  EXPECT_EQ(a->count(), both->count());
  EXPECT_EQ(a->max(), both->max());
  for (std::size_t bucket = 0; bucket < Histogram::kBucketCount; ++bucket) ASSERT_EQ(a->count_in(bucket), both->count_in(bucket)) << bucket;
  const Histogram empty;
  a->merge(empty);
  EXPECT_EQ(a->count(), both->count());
}

}  // namespace
}  // namespace martinet::histogram_test

#include "engine/cold/telemetry/words.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <limits>

#include "engine/base/time.hpp"
#include "tests/engine/cold/telemetry/sample_session.hpp"

namespace martinet::telemetry_test::words_of {
namespace {

TEST(Words, SeparateThousands) {
  EXPECT_EQ(words::count(0), "0");
  EXPECT_EQ(words::count(999), "999");
  EXPECT_EQ(words::count(1000), "1,000");
  EXPECT_EQ(words::count(std::numeric_limits<std::uint64_t>::max()), "18,446,744,073,709,551,615");
  EXPECT_EQ(words::money(Money{-123'456'789'000'000}), "-1,234,567.89");
  EXPECT_EQ(words::money(Money{1}), "0.00000001");
  EXPECT_EQ(words::grid(-1'234'567, 3), "-1,234.567");
  EXPECT_EQ(words::grid(1'200, 3), "1.2");
  EXPECT_EQ(words::grid(1'200, 3, 2), "1.20");
  EXPECT_EQ(words::grid(0, 3, 0), "0");
  EXPECT_EQ(words::grid(kNoPrice.v, 3), "none");
}

TEST(Words, RoundMoneyHalfAwayFromZero) {
  EXPECT_EQ(words::money_rounded(Money{499'999}), "0.00");
  EXPECT_EQ(words::money_rounded(Money{500'000}), "0.01");
  EXPECT_EQ(words::money_rounded(Money{-499'999}), "0.00") << "no minus before nothing";
  EXPECT_EQ(words::money_rounded(Money{-500'000}), "-0.01");
  EXPECT_EQ(words::money_rounded(Money{123'456'500'000}, true), "+1,234.57");
  EXPECT_EQ(words::money_rounded(Money{0}, true), "0.00");
  EXPECT_EQ(words::money_rounded(Money{std::numeric_limits<std::int64_t>::min()}), "-92,233,720,368.55");
}

TEST(Words, WriteLatenciesWithThreeDigits) {
  EXPECT_EQ(words::latency(0), "0 ns");
  EXPECT_EQ(words::latency(999), "999 ns");
  EXPECT_EQ(words::latency(1'000), "1.00 us");
  EXPECT_EQ(words::latency(9'994), "9.99 us");
  EXPECT_EQ(words::latency(9'996), "10.0 us");
  EXPECT_EQ(words::latency(99'960), "100 us");
  EXPECT_EQ(words::latency(999'499), "999 us");
  EXPECT_EQ(words::latency(999'600), "1.00 ms");
  EXPECT_EQ(words::latency(73 * 60 * 1'000'000'000ULL), "4,380 s");
  EXPECT_EQ(words::latency(1'500, "\u00b5s"), "1.50 \u00b5s");
}

TEST(Words, WriteLengthsOfTimeInTheUnitAPersonWouldTake) {
  EXPECT_EQ(words::duration(-5), "0 s");
  EXPECT_EQ(words::duration(1'500), "1 us");
  EXPECT_EQ(words::duration(850 * kNanosPerMilli), "850 ms");
  EXPECT_EQ(words::duration(kNanosPerMinute - 1), "59.9 s");
  EXPECT_EQ(words::duration(kNanosPerMinute + 5 * kNanosPerSecond), "1 min 05 s");
  EXPECT_EQ(words::duration(kNanosPerDay - 1), "23 h 59 min");
  EXPECT_EQ(words::duration(36 * kNanosPerHour), "1 d 12 h");
}

TEST(Words, NeverTurnAWildDoubleIntoAnUndefinedInteger) {
  EXPECT_EQ(words::whole(-1), 0u);
  EXPECT_EQ(words::whole(std::numeric_limits<double>::quiet_NaN()), 0u);
  EXPECT_EQ(words::whole(std::numeric_limits<double>::infinity()), 1'000'000'000'000'000'000u);
  EXPECT_EQ(words::whole(1.5), 2u);
}

TEST(Words, AgreeWithTheCLibraryAboutTheCalendar) {
  SampleRandom random(20250114);
  for (int i = 0; i < 3000; ++i) {
    const std::int64_t ts_ns = random.between(-9'000'000'000, 9'000'000'000) * kNanosPerSecond + random.between(0, kNanosPerSecond - 1);
    const std::time_t seconds = static_cast<std::time_t>(floor_to(ts_ns, kNanosPerSecond) / kNanosPerSecond);
    std::tm parts{};
    ASSERT_NE(gmtime_r(&seconds, &parts), nullptr);
    char text[40];
    std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &parts);
    ASSERT_EQ(words::utc(ts_ns), text) << ts_ns;
    const words::Calendar calendar = words::calendar_of(ts_ns);
    ASSERT_EQ(calendar.nanos, static_cast<std::uint32_t>(ts_ns - floor_to(ts_ns, kNanosPerSecond)));
  }
  EXPECT_EQ(words::iso_utc(-1), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(words::iso_utc(std::numeric_limits<std::int64_t>::min()), "1677-09-21T00:12:43.145224192Z");
  EXPECT_EQ(words::iso_utc(std::numeric_limits<std::int64_t>::max()), "2262-04-11T23:47:16.854775807Z");
}

}  // namespace
}  // namespace martinet::telemetry_test::words_of

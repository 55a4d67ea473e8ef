// Goal: every code has a name of its own, a sentence and a class; the class decides exit code and retry.
#include "engine/base/errc.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "engine/base/assert.hpp"
#include "engine/base/fixed_point.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"

namespace martinet::errc_test {
namespace {

#define MT_COUNT_ERROR(name, error_class, sentence) +1
constexpr std::size_t kCodes = 0 MT_ERRORS(MT_COUNT_ERROR);
#undef MT_COUNT_ERROR

TEST(Errc, HasAUniqueNameASentenceAndAClassForEveryCode) {
  std::set<std::string_view> names, sentences;
  for (std::size_t i = 0; i < kCodes; ++i) {
    const auto code = static_cast<Errc>(i);
    EXPECT_TRUE(names.insert(name_of(code)).second) << name_of(code);
    EXPECT_TRUE(sentences.insert(sentence_of(code)).second) << sentence_of(code);
    EXPECT_FALSE(sentence_of(code).ends_with('.')) << "the sentence goes on with what and where";
    EXPECT_EQ(class_of(code) == ErrorClass::none, code == Errc::ok) << name_of(code);
  }
  EXPECT_EQ(name_of(Errc::ok), "ok");
  EXPECT_EQ(name_of(Errc::off_grid), "off_grid");
  EXPECT_EQ(class_of(Errc::interrupted), ErrorClass::internal);
}

TEST(Errc, GivesEachClassItsDocumentedExitCode) {
  EXPECT_EQ(exit_code(ErrorClass::none), 0);
  EXPECT_EQ(exit_code(ErrorClass::config), 2);
  EXPECT_EQ(exit_code(ErrorClass::data), 3);
  EXPECT_EQ(exit_code(ErrorClass::exchange), 4);
  EXPECT_EQ(exit_code(ErrorClass::order), 5);
  EXPECT_EQ(exit_code(ErrorClass::risk), 6);
  EXPECT_EQ(exit_code(ErrorClass::storage), 7);
  EXPECT_EQ(exit_code(ErrorClass::security), 8);
  EXPECT_EQ(exit_code(ErrorClass::internal), 9);
  for (std::size_t i = 0; i <= static_cast<std::size_t>(ErrorClass::internal); ++i) {
    const auto error_class = static_cast<ErrorClass>(i);
    EXPECT_EQ(may_retry(error_class), error_class == ErrorClass::exchange) << name_of(error_class);
  }
}

TEST(Result, IsAValueOrAnError) {
  Result<std::string> good(std::string("value"));
  ASSERT_TRUE(good.ok());
  EXPECT_EQ(*good, "value");
  EXPECT_EQ(good->size(), 5U);
  const Result<std::string> bad(Error{Errc::not_found, "no such file"});
  ASSERT_FALSE(bad.ok());
  EXPECT_FALSE(static_cast<bool>(bad));
  EXPECT_EQ(bad.error().code, Errc::not_found);
  EXPECT_EQ(bad.error().what, "no such file");
  const Result<std::string> moved = std::move(good);
  EXPECT_EQ(*moved, "value");
  EXPECT_TRUE(Status().ok());
  EXPECT_FALSE(Status(Error{Errc::disk_full, "full"}).ok());
}

TEST(ResultDeathTest, StopsTheProcessWhenTheWrongHalfIsTaken) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_DEATH((void)*Result<int>(Error{Errc::overflow, "x"}), "ok\\(\\)");
  EXPECT_DEATH((void)Result<int>(1).error(), "!ok\\(\\)");
  EXPECT_DEATH((void)Status().error(), "!ok\\(\\)");
  EXPECT_DEATH((void)Result<int>(Error{Errc::ok, "an error that is none"}), "Errc::ok");
}

void leave_a_mark(const char* expression, const char*, int) noexcept { fprintf(stderr, "hook saw %s; ", expression); }

TEST(AssertDeathTest, RunsTheHookOnceAndThenStops) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_DEATH(
      {
        set_assert_hook(leave_a_mark);
        MT_ASSERT(1 + 1 == 3);
      },
      "hook saw 1 \\+ 1 == 3; .*internal error");
}

TEST(Assert, EvaluatesItsExpressionExactlyOnce) {
  int count = 0;
  MT_ASSERT(++count == 1);
  EXPECT_EQ(count, 1);
}

TEST(Time, FloorsToTheIntervalAlsoBeforeTheEpoch) {
  EXPECT_EQ(floor_to(119, 60), 60);
  EXPECT_EQ(floor_to(120, 60), 120);
  EXPECT_EQ(floor_to(0, 60), 0);
  EXPECT_EQ(floor_to(-1, 60), -60);
  EXPECT_EQ(floor_to(-60, 60), -60);
  EXPECT_EQ(floor_to(-61, 60), -120);
  EXPECT_EQ(kNanosPerDay, 86'400'000'000'000);
}

TEST(FixedPoint, KeepsItsSentinelApartFromEveryPrice) {
  EXPECT_FALSE(has_price(kNoPrice));
  EXPECT_TRUE(has_price(Price{0}));
  EXPECT_TRUE(has_price(Price{std::numeric_limits<std::int64_t>::max()}));
  EXPECT_EQ(opposite(Side::buy), Side::sell);
  EXPECT_EQ(opposite(Side::sell), Side::buy);
  EXPECT_EQ(opposite(Side::none), Side::none);
  EXPECT_EQ(abs(Qty{-3}).v, 3);
  EXPECT_EQ(-Qty{3}, Qty{-3});
  EXPECT_EQ((Price{5} - Price{7}).v, -2);
}

}  // namespace
}  // namespace martinet::errc_test

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "adapters/capture/import_number.hpp"
#include "engine/base/decimal.hpp"

namespace martinet::import_number_test {

using namespace martinet::importing;

constexpr __int128 kOne = 1'000'000'000'000'000'000;

ImportNumber number_of(std::string_view text) {
  ImportNumber number;
  EXPECT_EQ(parse_import_number(text, false, number), Errc::ok) << text;
  return number;
}

TEST(ImportNumber, ReadsPlainDecimalsAndExponentsExactly) {
  EXPECT_TRUE(number_of("0").units == 0);
  EXPECT_TRUE(number_of("-0.0").units == 0);
  EXPECT_TRUE(number_of("12.5").units == kOne * 25 / 2);
  EXPECT_TRUE(number_of("-12.5").units == -kOne * 25 / 2);
  EXPECT_TRUE(number_of("1e-06").units == kOne / 1'000'000);
  EXPECT_TRUE(number_of("2.5E3").units == kOne * 2500);
  EXPECT_TRUE(number_of("2.5e+3").units == kOne * 2500);
  EXPECT_TRUE(number_of("0.000000000000000001").units == 1);
  EXPECT_TRUE(number_of("999999999999999999").units == kOne * 999'999'999'999'999'999);
  EXPECT_TRUE(number_of("000000000000000000000000000001.10").units == kOne * 11 / 10) << "zeros in front have no value";
}

TEST(ImportNumber, RefusesWhatIsNotADecimal) {
  for (const char* text : {"",    "-",  ".",     "1.",   ".5",  "+1",  " 1",  "1 ", "abc",  "1,5",   "1.2.3",       "1e",
                           "1e-", "e5", "1e5.5", "0x10", "nan", "inf", "--1", "1-", "1e99", "1e-99", "\xEF\xBC\x91"}) {
    ImportNumber number{42};
    EXPECT_EQ(parse_import_number(text, false, number), Errc::bad_number) << text;
    EXPECT_TRUE(number.units == 42) << text;
  }
}

TEST(ImportNumber, KnowsItsBoundsOnBothSides) {
  ImportNumber number;
  EXPECT_EQ(parse_import_number("999999999999999999.999999999999999999", false, number), Errc::ok);
  EXPECT_EQ(parse_import_number("1000000000000000000", false, number), Errc::number_too_large);
  EXPECT_EQ(parse_import_number("1e18", false, number), Errc::number_too_large);
  EXPECT_EQ(parse_import_number("1e17", false, number), Errc::ok);
  EXPECT_EQ(parse_import_number("0.0000000000000000001", false, number), Errc::off_grid);
  EXPECT_EQ(parse_import_number("0.0000000000000000001", true, number), Errc::ok);
  EXPECT_TRUE(number.units == 0);
  EXPECT_EQ(parse_import_number("1e-19", false, number), Errc::off_grid);
  EXPECT_EQ(parse_import_number("10e-19", false, number), Errc::ok);
}

TEST(ImportNumber, CountsDecimalsAndDigitsOfTheInteger) {
  EXPECT_EQ(decimals_of(number_of("1.2300")), 2);
  EXPECT_EQ(decimals_of(number_of("100")), 0);
  EXPECT_EQ(decimals_of(number_of("0")), 0);
  EXPECT_EQ(decimals_of(number_of("1e-18")), 18);
  EXPECT_EQ(integer_digits_of(number_of("0.99")), 0);
  EXPECT_EQ(integer_digits_of(number_of("9")), 1);
  EXPECT_EQ(integer_digits_of(number_of("-10")), 2);
}

TEST(ImportNumber, RoundsHalvesAwayFromZero) {
  EXPECT_TRUE(round_nearest(number_of("0.125"), 2) == number_of("0.13"));
  EXPECT_TRUE(round_nearest(number_of("-0.125"), 2) == number_of("-0.13"));
  EXPECT_TRUE(round_nearest(number_of("0.1249"), 2) == number_of("0.12"));
  EXPECT_TRUE(round_nearest(number_of("11.649296019999998"), 10) == number_of("11.64929602"));
  EXPECT_TRUE(round_nearest(number_of("6.1153319800000006"), 10) == number_of("6.11533198"));
}

TEST(ImportNumber, AgreesWithTheEngineOnEveryPlainDecimalThatFitsAGrid) {
  constexpr std::uint64_t kSeed = 20'250'114;
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 20'000; ++i) {
    const int decimals = static_cast<int>(random() % 13);
    const auto value = static_cast<std::int64_t>(random() >> (random() % 40 + 4)) * (random() % 2 == 0 ? 1 : -1);
    const std::string text = to_text(value, decimals);
    if (integer_digits_of(ImportNumber{static_cast<__int128>(value) * kPow10[static_cast<std::size_t>(18 - decimals)]}) > 18) continue;
    std::int64_t engine = 0;
    std::int64_t imported = 0;
    ASSERT_EQ(parse_decimal(text, decimals, engine), Errc::ok) << "seed " << kSeed << " " << text;
    ImportNumber number;
    ASSERT_EQ(parse_import_number(text, false, number), Errc::ok) << "seed " << kSeed << " " << text;
    ASSERT_EQ(to_grid(number, decimals, imported), Errc::ok) << "seed " << kSeed << " " << text;
    ASSERT_EQ(engine, imported) << "seed " << kSeed << " " << text;
    ASSERT_EQ(decimals_of(number), decimals_needed(text)) << "seed " << kSeed << " " << text;
  }
}

TEST(ImportNumber, RefusesAGridThatIsTooCoarseOrTooFine) {
  std::int64_t value = 7;
  EXPECT_EQ(to_grid(number_of("0.001"), 2, value), Errc::off_grid);
  EXPECT_EQ(to_grid(number_of("10"), 18, value), Errc::number_too_large);
  EXPECT_EQ(to_grid(number_of("9.223372036854775808"), 18, value), Errc::number_too_large);
  EXPECT_EQ(value, 7);
  EXPECT_EQ(to_grid(number_of("9.223372036854775807"), 18, value), Errc::ok);
  EXPECT_EQ(value, 9'223'372'036'854'775'807);
}

}  // namespace martinet::import_number_test

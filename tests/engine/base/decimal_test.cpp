// Goal: decimal text and grid integers convert exactly or not at all. Method: the edges by hand; millions of random texts against an
// oracle that works on the text as a string of digits and compares magnitudes in 128 bits.
#include "engine/base/decimal.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>

namespace martinet::decimal_test {
namespace {

using Wide = __int128;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kUntouched = 0x5EED;

struct Answer {
  Errc error = Errc::ok;
  std::int64_t value = 0;
};

/// What the header promises, by a way of its own: split at the point, pad to the grid, read all digits at once.
Answer oracle(const std::string& text, int decimals) {
  std::string body = text;
  const bool negative = !body.empty() && body[0] == '-';
  if (negative) body.erase(0, 1);
  const std::size_t point = body.find('.');
  std::string whole = body.substr(0, point);
  std::string fraction = point == std::string::npos ? "" : body.substr(point + 1);
  const auto digits_only = [](const std::string& s) { return !s.empty() && s.find_first_not_of("0123456789") == std::string::npos; };
  if (!digits_only(whole) || (point != std::string::npos && !digits_only(fraction))) return {Errc::bad_number, 0};
  while (fraction.size() > static_cast<std::size_t>(decimals)) {
    if (fraction.back() != '0') return {Errc::off_grid, 0};
    fraction.pop_back();
  }
  fraction.append(static_cast<std::size_t>(decimals) - fraction.size(), '0');
  std::string all = whole + fraction;
  all.erase(0, std::min(all.find_first_not_of('0'), all.size()));
  if (all.size() > 19) return {Errc::number_too_large, 0};
  Wide value = 0;
  for (const char c : all) value = value * 10 + (c - '0');
  if (value > kMost) return {Errc::number_too_large, 0};
  return {Errc::ok, static_cast<std::int64_t>(negative ? -value : value)};
}

Answer parse(const std::string& text, int decimals) {
  Answer answer{Errc::ok, kUntouched};
  answer.error = parse_decimal(text, decimals, answer.value);
  return answer;
}

// A text can be wrong in two ways at once ("99999999999999999999.x"): which is reported is not promised, that one is, is.
void expect_as_oracle(const std::string& text, int decimals) {
  const Answer expected = oracle(text, decimals);
  const Answer found = parse(text, decimals);
  ASSERT_EQ(found.error == Errc::ok, expected.error == Errc::ok) << '"' << text << "\" on " << decimals << ": " << name_of(found.error);
  if (expected.error == Errc::ok) {
    ASSERT_EQ(found.value, expected.value) << '"' << text << "\" on " << decimals;
  } else {
    ASSERT_EQ(found.value, kUntouched) << '"' << text << "\" on " << decimals;
  }
}

TEST(Decimal, ReadsPlainNumbersExactly) {
  EXPECT_EQ(parse("12.340", 4).value, 123'400);
  EXPECT_EQ(parse("-0.0001", 4).value, -1);
  EXPECT_EQ(parse("0", 0).value, 0);
  EXPECT_EQ(parse("-0", 2).value, 0);
  EXPECT_EQ(parse("00012", 1).value, 120);
  EXPECT_EQ(parse("61000.1", 3).value, 61'000'100);
  EXPECT_EQ(parse("5.1000000000000000000000000", 1).value, 51) << "zeros beyond the grid say nothing";
}

TEST(Decimal, RefusesWhatIsNotAPlainDecimal) {
  for (const char* text : {"",    "-",    ".",     "-.",    ".5",  "5.", "-5.", "+5",  " 5",  "5 ",      "5e3",
                           "5E3", "0x10", "1,000", "1.2.3", "--1", "1-", "nan", "inf", "1_0", "\xD9\xA3"}) {
    const Answer answer = parse(text, 4);
    EXPECT_EQ(answer.error, Errc::bad_number) << '"' << text << '"';
    EXPECT_EQ(answer.value, kUntouched) << '"' << text << '"';
  }
  EXPECT_EQ(parse(std::string("1\0002", 3), 4).error, Errc::bad_number);
}

TEST(Decimal, RefusesADigitBeyondTheGridAndTakesTheLastOneOnIt) {
  EXPECT_EQ(parse("1.2345", 4).value, 12'345);
  EXPECT_EQ(parse("1.23451", 4).error, Errc::off_grid);
  EXPECT_EQ(parse("1.2345000001", 4).error, Errc::off_grid);
  EXPECT_EQ(parse("7.1", 0).error, Errc::off_grid);
  EXPECT_EQ(parse("7.0", 0).value, 7);
}

TEST(Decimal, StopsAtTheLargestInt64OnBothSides) {
  EXPECT_EQ(parse("9223372036854775807", 0).value, kMost);
  EXPECT_EQ(parse("9223372036854775808", 0).error, Errc::number_too_large);
  EXPECT_EQ(parse("-9223372036854775807", 0).value, -kMost);
  EXPECT_EQ(parse("-9223372036854775808", 0).error, Errc::number_too_large) << "kept free for the sentinel kNoPrice";
  EXPECT_EQ(parse("9.223372036854775807", 18).value, kMost);
  EXPECT_EQ(parse("9.223372036854775808", 18).error, Errc::number_too_large);
  EXPECT_EQ(parse("10", 18).error, Errc::number_too_large);
  EXPECT_EQ(parse("99999999999999999999999999", 0).error, Errc::number_too_large);
  EXPECT_EQ(parse("000000000000000000000000000000000007", 0).value, 7);
  EXPECT_EQ(parse("18446744073709551616", 0).error, Errc::number_too_large) << "2^64 must not wrap to 0";
}

TEST(Decimal, AgreesWithTheOracleOnMillionsOfRandomTexts) {
  constexpr std::uint64_t kSeed = 20240805;
  std::mt19937_64 random(kSeed);
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  std::string text;
  int accepted = 0;
  constexpr int kTexts = 2'000'000;
  for (int i = 0; i < kTexts; ++i) {
    text.clear();
    if (random() % 4 == 0) text += '-';
    const std::size_t whole = random() % 21, fraction = random() % 21;
    for (std::size_t k = 0; k < whole; ++k) text += static_cast<char>('0' + random() % 10);
    if (fraction > 0) text += '.';
    const bool ends_in_zeros = random() % 2 == 0;
    for (std::size_t k = 0; k < fraction; ++k) text += ends_in_zeros && k > fraction / 2 ? '0' : static_cast<char>('0' + random() % 10);
    if (random() % 16 == 0 && !text.empty()) text[random() % text.size()] = static_cast<char>(random() % 128);
    const int decimals = static_cast<int>(random() % (kDecimalsMax + 1));
    expect_as_oracle(text, decimals);
    if (HasFatalFailure()) return;
    accepted += oracle(text, decimals).error == Errc::ok ? 1 : 0;
  }
  EXPECT_GT(accepted, kTexts / 20) << "texts that are all refused prove little";
}

TEST(Decimal, WritesWhatItReadsAndReadsWhatItWrites) {
  std::mt19937_64 random(99);
  std::array<char, 24> buffer{};
  for (int i = 0; i < 500'000; ++i) {
    const int decimals = static_cast<int>(random() % (kDecimalsMax + 1));
    auto value = static_cast<std::int64_t>(random() >> (random() % 64));
    if (value == std::numeric_limits<std::int64_t>::min()) value = 0;
    const std::string whole_text(format_decimal(value, decimals, decimals, buffer));
    ASSERT_EQ(parse(whole_text, decimals).value, value) << whole_text;
    const std::string short_text = to_text(value, decimals);
    ASSERT_EQ(parse(short_text, decimals).value, value) << short_text;
    ASSERT_EQ(decimals_needed(short_text), decimals_needed(whole_text));
    ASSERT_TRUE(short_text.find('.') == std::string::npos || short_text.back() != '0') << short_text;
  }
}

TEST(Decimal, FormatsWithTheDigitsAskedFor) {
  std::array<char, 24> buffer{};
  EXPECT_EQ(format_decimal(123'400, 4, 4, buffer), "12.3400");
  EXPECT_EQ(format_decimal(123'400, 4, 2, buffer), "12.34");
  EXPECT_EQ(format_decimal(120'000, 4, 0, buffer), "12");
  EXPECT_EQ(format_decimal(-5, 4, 4, buffer), "-0.0005");
  EXPECT_EQ(format_decimal(0, 2, 2, buffer), "0.00");
  EXPECT_EQ(format_decimal(std::numeric_limits<std::int64_t>::min(), 18, 18, buffer), "-9.223372036854775808");
  EXPECT_EQ(format_decimal(kMost, 0, 0, buffer), "9223372036854775807");
  EXPECT_EQ(to_text(123'400, 4), "12.34");
  EXPECT_EQ(to_text(0, 4), "0");
  EXPECT_EQ(to_text(Money{1'250'000'000}), "12.50");
  EXPECT_EQ(to_text(Money{-12'345}), "-0.00012345");
}

TEST(Decimal, CountsTheDecimalsThatATextNeeds) {
  EXPECT_EQ(decimals_needed("1.2300"), 2);
  EXPECT_EQ(decimals_needed("1.000"), 0);
  EXPECT_EQ(decimals_needed("-17"), 0);
  EXPECT_EQ(decimals_needed("0.00000001"), 8);
  for (const char* text : {"", "-", "1.", ".1", "1e5", "1.2x"}) EXPECT_EQ(decimals_needed(text), -1) << text;
}

}  // namespace
}  // namespace martinet::decimal_test

// The number readers of the fast path against the plain ones, which go digit by digit.
#include "adapters/json/scan.hpp"

#include <gtest/gtest.h>

#include <string>

#include "adapters/json/number_text.hpp"
#include "tests/adapters/json/decoder_support.hpp"

namespace martinet::scan_test {

constexpr char kPadding[] = "                                                                ";
static_assert(sizeof kPadding == scan::Cursor::kFrameBytesMin + 1);

using test::GuardedBuffer;
using test::Random;

// A frame of at least the smallest size whose last bytes are `tail`.
std::string padded(std::string_view tail) { return std::string(scan::Cursor::kFrameBytesMin, ' ') + std::string(tail); }

scan::Cursor cursor_at(std::string_view frame, std::size_t skip) {
  scan::Cursor in(frame);
  for (std::size_t i = 0; i < skip; ++i) EXPECT_TRUE(in.take(" "));
  return in;
}

bool canonical(std::string_view text) { return !(text.size() > 1 && text[0] == '0' && text[1] != '.') && !text.starts_with('-'); }

// Random text that is often a number: some of every length, with zeros in front and behind.
std::string number_text(Random& random) {
  std::string text;
  if (random.below(20) == 0) text += '-';
  for (std::size_t n = random.below(14); n > 0; --n) text += static_cast<char>('0' + (random.below(3) == 0 ? 0 : random.below(10)));
  if (random.below(4) != 0) text += '.';
  for (std::size_t n = random.below(11); n > 0; --n) text += static_cast<char>('0' + (random.below(3) != 0 ? 0 : random.below(10)));
  if (random.below(30) == 0) text.insert(random.below(text.size() + 1), 1, "-+eE. x\\"[random.below(8)]);
  return text;
}

TEST(Scan, ReadsADecimalAsThePlainReaderDoesOrNotAtAll) {
  constexpr std::uint64_t kSeed = 20240809;
  Random random(kSeed);
  GuardedBuffer guarded(4096);
  std::size_t taken = 0;
  const std::size_t rounds = test::mutant_rounds(2'000'000);
  for (std::size_t round = 0; round < rounds; ++round) {
    const std::string text = number_text(random);
    const std::string tail = text + "\"" + std::string(random.below(20), random.below(2) == 0 ? '}' : '7');
    const std::string frame = padded(tail);
    scan::Cursor in(guarded.at_end(frame));
    ASSERT_TRUE(in.take(kPadding));
    const int decimals = static_cast<int>(random.below(13));
    std::int64_t fast = 0, slow = 0;
    std::uint8_t fast_digits = 0, slow_digits = 0;
    bool fast_odd = false, slow_odd = false;
    const bool ok = in.decimal(decimals, fast, fast_digits, fast_odd);
    const Errc plain = parse_level_number(text, decimals, slow, slow_digits, slow_odd);
    if (ok) {
      ++taken;
      ASSERT_EQ(plain, Errc::ok) << text << " on " << decimals << ", seed " << kSeed;
      ASSERT_EQ(fast, slow) << text << " on " << decimals;
      ASSERT_EQ(fast_digits, slow_digits) << text << " on " << decimals;
      ASSERT_EQ(fast_odd, slow_odd) << text << " on " << decimals;
      ASSERT_TRUE(in.take("\""));
      ASSERT_EQ(in.left(), tail.size() - text.size() - 1) << text;
    } else {
      ASSERT_TRUE(plain != Errc::ok || !canonical(text)) << text << " on " << decimals << " was not taken, seed " << kSeed;
    }
  }
  std::printf("decimals taken: %zu of %zu, seed %llu\n", taken, rounds, static_cast<unsigned long long>(kSeed));
  EXPECT_GT(taken, rounds / 4);
}

TEST(Scan, GivesTheSameWhateverLengthItGuesses) {
  constexpr std::uint64_t kSeed = 35;
  Random random(kSeed);
  GuardedBuffer guarded(4096);
  const std::size_t rounds = test::mutant_rounds(200'000);
  std::size_t taken = 0;
  for (std::size_t round = 0; round < rounds; ++round) {
    const std::string text = number_text(random);
    const std::string frame = padded(text + "\",\"B\":\"" + std::string(random.below(40), '7'));
    const int decimals = static_cast<int>(random.below(13));
    const std::string_view there = guarded.at_end(frame);
    scan::Cursor plain(there), guessing(there), whole(there), whole_guessing(there);
    ASSERT_TRUE(plain.take(kPadding) && guessing.take(kPadding) && whole.take(kPadding) && whole_guessing.take(kPadding));
    auto guess = static_cast<std::uint8_t>(1 + random.below(15));
    std::int64_t value = 0, guessed = 0;
    const bool ok = plain.decimal(decimals, value) && plain.take("\",\"B\":\"");
    ASSERT_EQ(guessing.decimal_then("\",\"B\":\"", guess, decimals, guessed), ok) << text << ", seed " << kSeed;
    if (ok) {
      ++taken;
      ASSERT_EQ(value, guessed) << text;
      ASSERT_EQ(plain.left(), guessing.left()) << text;
    }
    guess = static_cast<std::uint8_t>(1 + random.below(15));
    std::uint64_t id = 0, id_guessed = 0;
    const bool id_ok = whole.whole(id);
    ASSERT_EQ(whole_guessing.whole(id_guessed, guess), id_ok) << text << ", seed " << kSeed;
    if (id_ok) {
      ASSERT_EQ(id, id_guessed) << text;
      ASSERT_EQ(whole.left(), whole_guessing.left()) << text;
    }
  }
  EXPECT_GT(taken, rounds / 4);
}

TEST(Scan, ReadsAWholeNumberUpToNineteenDigits) {
  Random random(7);
  GuardedBuffer guarded(4096);
  for (std::size_t length = 1; length <= 22; ++length) {
    for (int round = 0; round < 200; ++round) {
      std::string text(1, static_cast<char>('1' + random.below(9)));
      while (text.size() < length) text += static_cast<char>('0' + random.below(10));
      const std::string tail = text + std::string(",}\"x]").substr(random.below(5), 1) + std::string(random.below(20), '9');
      const std::string frame = padded(tail);
      scan::Cursor in(guarded.at_end(frame));
      ASSERT_TRUE(in.take(kPadding));
      std::uint64_t fast = 0;
      const bool ok = in.whole(fast);
      ASSERT_EQ(ok, length <= 19) << text;
      if (!ok) continue;
      std::uint64_t slow = 0;
      ASSERT_EQ(parse_id(text, slow), Errc::ok);
      ASSERT_EQ(fast, slow);
    }
  }
}

TEST(Scan, RefusesWholeNumbersThatAreNotJson) {
  for (const std::string_view text : {"", "x", "-1", "00", "01", "0123456789012345678", ".5"}) {
    const std::string frame = padded(std::string(text) + ",");
    scan::Cursor in = cursor_at(frame, 64);
    std::uint64_t value = 0;
    EXPECT_FALSE(in.whole(value) && in.take(",")) << text;
  }
  const std::string zero = padded("0,");
  scan::Cursor in = cursor_at(zero, 64);
  std::uint64_t value = 1;
  EXPECT_TRUE(in.whole(value) && in.take(",") && in.at_end());
  EXPECT_EQ(value, 0U);
}

TEST(Scan, TakesOnlyPlainStrings) {
  GuardedBuffer guarded(4096);
  for (std::size_t length = 0; length < 100; ++length) {
    for (const char odd : {'\0', '\\', '\x1f', '\x80', '\xff', '\n'}) {
      for (std::size_t at = 0; at <= length; ++at) {
        std::string text(length, 'a');
        if (at < length) text[at] = odd;
        const std::string frame = padded(text + "\"");
        scan::Cursor in(guarded.at_end(frame));
        ASSERT_TRUE(in.take(kPadding));
        std::string_view got;
        ASSERT_EQ(in.plain_string(got), at == length) << length << " " << at;
        ASSERT_TRUE(at != length || (got == text && in.at_end()));
      }
      if (length == 0) break;
    }
    std::string open(length, 'a');
    const std::string frame = padded(open);
    scan::Cursor in(guarded.at_end(frame));
    ASSERT_TRUE(in.take(kPadding));
    std::string_view got;
    ASSERT_FALSE(in.plain_string(got)) << "no closing quote";
  }
}

TEST(NumberText, CutsReferencePricesAndRefusesEverythingElseOffTheGrid) {
  std::int64_t value = 0;
  EXPECT_EQ(parse_decimal_rounding_down("11851.86949091", 4, value), Errc::ok);
  EXPECT_EQ(value, 118518694);
  EXPECT_EQ(parse_decimal_rounding_down("11851.9", 0, value), Errc::ok);
  EXPECT_EQ(value, 11851);
  EXPECT_EQ(parse_decimal_rounding_down("5", 2, value), Errc::ok);
  EXPECT_EQ(value, 500);
  for (const std::string_view text : {"", "-1.5", "1.23456x", "1.2345.6", ".5", "1.", "1e5"})
    EXPECT_NE(parse_decimal_rounding_down(text, 2, value), Errc::ok) << text;
  EXPECT_EQ(parse_unsigned_decimal("1.234", 2, value), Errc::off_grid);
  EXPECT_EQ(parse_unsigned_decimal("-0.0", 2, value), Errc::bad_number);
}

TEST(NumberText, MarksLevelsWhoseTextCannotBeRebuilt) {
  struct Case {
    std::string_view text;
    int decimals;
    std::int64_t value;
    int digits;
    bool odd;
  };
  for (const Case& c :
       {Case{"7.10", 4, 71000, 2, false}, Case{"7", 4, 70000, 0, false}, Case{"0", 2, 0, 0, false}, Case{"0.50", 2, 50, 2, false},
        Case{"007.1", 4, 71000, 1, true}, Case{"00", 2, 0, 0, true}, Case{"7.1000", 2, 710, 2, true}, Case{"7.0", 0, 7, 0, true}}) {
    std::int64_t value = -1;
    std::uint8_t digits = 99;
    bool odd = false;
    ASSERT_EQ(parse_level_number(c.text, c.decimals, value, digits, odd), Errc::ok) << c.text;
    EXPECT_EQ(value, c.value) << c.text;
    EXPECT_EQ(digits, c.digits) << c.text;
    EXPECT_EQ(odd, c.odd) << c.text;
    std::array<char, 24> buffer{};
    EXPECT_EQ(format_decimal(value, c.decimals, digits, buffer) == c.text, !c.odd) << c.text;
  }
}

TEST(NumberText, ReadsStampsInMillisecondsAndMicroseconds) {
  std::int64_t ts_ns = 0;
  EXPECT_EQ(stamp_ns(1'723'161'256'313, ts_ns), Errc::ok);
  EXPECT_EQ(ts_ns, 1'723'161'256'313'000'000);
  EXPECT_EQ(stamp_ns(1'723'161'256'313'457, ts_ns), Errc::ok);
  EXPECT_EQ(ts_ns, 1'723'161'256'313'457'000);
  EXPECT_EQ(stamp_ns(100'000'000'000'000, ts_ns), Errc::ok);
  EXPECT_EQ(ts_ns, 100'000'000'000'000'000) << "1973, in microseconds";
  EXPECT_EQ(stamp_ns(99'999'999'999'999, ts_ns), Errc::number_too_large) << "5138, in milliseconds";
  EXPECT_EQ(stamp_ns(7'258'118'399'999, ts_ns), Errc::ok);
  EXPECT_EQ(stamp_ns(7'258'118'400'000, ts_ns), Errc::number_too_large) << "1 January 2200";
  EXPECT_EQ(stamp_ns(7'258'118'400'000'000, ts_ns), Errc::number_too_large);
  EXPECT_EQ(stamp_ns(UINT64_MAX, ts_ns), Errc::number_too_large);
}

TEST(NumberText, ReadsIdsAndChecksumsToTheirBounds) {
  std::uint64_t id = 0;
  EXPECT_EQ(parse_id("18446744073709551615", id), Errc::ok);
  EXPECT_EQ(id, UINT64_MAX);
  EXPECT_EQ(parse_id("18446744073709551616", id), Errc::number_too_large);
  for (const std::string_view text : {"", "-1", "+1", "1.0", "1e3", " 1", "1 "}) EXPECT_EQ(parse_id(text, id), Errc::bad_number) << text;
  std::int32_t checksum = 0;
  EXPECT_EQ(parse_i32("-2147483648", checksum), Errc::ok);
  EXPECT_EQ(parse_i32("2147483647", checksum), Errc::ok);
  EXPECT_EQ(parse_i32("2147483648", checksum), Errc::number_too_large);
  for (const std::string_view text : {"", "-", "+1", "1.0", "1x"}) EXPECT_EQ(parse_i32(text, checksum), Errc::bad_number) << text;
}

TEST(NumberText, KnowsHowLongMonthsAre) {
  constexpr std::int64_t kDay = 86'400'000'000'000;
  const std::int64_t february_2024 = 19754 * kDay;  // days since 1970-01-01
  EXPECT_EQ(next_month_ns(february_2024) - february_2024, 29 * kDay);
  EXPECT_EQ(next_month_ns(february_2024 + 28 * kDay + kDay - 1), february_2024 + 29 * kDay);
  EXPECT_EQ(next_month_ns(february_2024 + 29 * kDay), february_2024 + 60 * kDay);
}

}  // namespace martinet::scan_test

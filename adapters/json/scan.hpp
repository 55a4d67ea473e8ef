#pragma once
// The tools of the fast paths: a cursor that recognises fixed text, plain strings and numbers, 16 or 32 bytes at a time, and says
// "no" to anything that is not exactly what was expected. It accepts only what is also valid JSON with the same meaning, and
// never reads outside the frame.
//
// Numbers: all digits of a number are turned into an integer at once. The bytes are shifted so that the last digit lands in the
// last byte (the decimal point, if any, is shifted over), and three multiply-adds join them: 16 digits in about 20 cycles, where a
// loop takes 3 to 4 per digit.
#include <immintrin.h>

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "adapters/json/number_text.hpp"
#include "engine/base/assert.hpp"

#define MT_INLINE [[gnu::always_inline]] inline

namespace martinet::scan {

namespace detail {

// Byte k of the 16 loaded at kSlide + n is n - 16 + k: as a shuffle it moves the n-th byte behind the end and zeros what comes before the
// first.
inline constexpr std::array<std::int8_t, 48> kSlide = [] {
  std::array<std::int8_t, 48> table{};
  for (std::size_t i = 0; i < 48; ++i) table[i] = static_cast<std::int8_t>(static_cast<int>(i) - 16);
  return table;
}();
// The 16 loaded at kOver + n are -1 but in the last n places: added to a shuffle, they skip the decimal point for the digits in front
// of it, where n stand behind it; n = 16: there is none.
inline constexpr std::array<std::int8_t, 32> kOver = [] {
  std::array<std::int8_t, 32> table{};
  for (std::size_t i = 0; i < 16; ++i) table[i] = -1;
  return table;
}();
// As a shuffle, the 16 loaded at kTail + n drop the first n bytes and fill up with zeros.
inline constexpr std::array<std::uint8_t, 32> kTail = [] {
  std::array<std::uint8_t, 32> table{};
  for (std::size_t i = 0; i < 32; ++i) table[i] = static_cast<std::uint8_t>(i < 16 ? i : 0x80);
  return table;
}();

// One byte 32 times, kept in memory on purpose: constants that the compiler knows it builds anew at every use, in three
// instructions instead of none (a memory operand).
extern const std::array<std::array<char, 32>, 6> kSame;
enum Same : std::size_t { kZeroCharacter, kNine, kQuote, kDot, kSpace, kBackslash };

MT_INLINE __m128i load_16(const void* p) noexcept { return _mm_loadu_si128(static_cast<const __m128i*>(p)); }

MT_INLINE __m128i all(Same which) noexcept { return _mm_load_si128(reinterpret_cast<const __m128i*>(kSame[which].data())); }
MT_INLINE __m256i all_32(Same which) noexcept { return _mm256_load_si256(reinterpret_cast<const __m256i*>(kSame[which].data())); }

// Values of digits: all below ten.
MT_INLINE bool all_digits(__m128i values) noexcept {
  const __m128i above = _mm_subs_epu8(values, all(kNine));
  return _mm_testz_si128(above, above) != 0;
}

// One bit per byte of `bytes` that is not '0'..'9'; `digits` = bytes - '0'.
MT_INLINE unsigned not_digits(__m128i bytes, __m128i& digits) noexcept {
  digits = _mm_sub_epi8(bytes, all(kZeroCharacter));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(digits, all(kNine)), all(kNine)))) ^ 0xFFFFU;
}

MT_INLINE unsigned where(__m128i bytes, Same which) noexcept {
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, all(which))));
}

// 16 digit values, most significant first, as one number below 1e16.
MT_INLINE std::uint64_t join(__m128i digits) noexcept {
  const __m128i pairs = _mm_maddubs_epi16(digits, _mm_set1_epi16(0x010A));  // 10, 1
  const __m128i quads = _mm_madd_epi16(pairs, _mm_set1_epi32(0x00010064));  // 100, 1
  const __m128i packed = _mm_packus_epi32(quads, quads);
  const __m128i eights = _mm_madd_epi16(packed, _mm_set1_epi32(0x00012710));  // 10000, 1
  const auto both = static_cast<std::uint64_t>(_mm_cvtsi128_si64(eights));
  return (both & 0xFFFFFFFFU) * 100'000'000U + (both >> 32);
}

template <class Word>
MT_INLINE Word word_at(const char* p) noexcept {
  Word word = 0;
  std::memcpy(&word, p, sizeof word);
  return word;
}

// Two texts of N bytes are equal, by overlapping words. (memcmp becomes a call for odd sizes, which also spills every vector register.)
template <std::size_t N>
MT_INLINE bool same(const char* a, const char* b) noexcept {
  if constexpr (N >= 8) {
    std::uint64_t difference = word_at<std::uint64_t>(a + N - 8) ^ word_at<std::uint64_t>(b + N - 8);
    for (std::size_t at = 0; at + 8 < N; at += 8) difference |= word_at<std::uint64_t>(a + at) ^ word_at<std::uint64_t>(b + at);
    return difference == 0;
  } else if constexpr (N >= 4) {
    return ((word_at<std::uint32_t>(a) ^ word_at<std::uint32_t>(b)) |
            (word_at<std::uint32_t>(a + N - 4) ^ word_at<std::uint32_t>(b + N - 4))) == 0;
  } else if constexpr (N >= 2) {
    return word_at<std::uint16_t>(a) == word_at<std::uint16_t>(b) && (N == 2 || a[2] == b[2]);
  } else {
    return *a == *b;
  }
}

}  // namespace detail

/// A cursor over one frame of at least kFrameBytesMin bytes. Each method either takes what it is named after and returns true, or
/// returns false; after a false the frame belongs to the general decoder, and the cursor is of no more use (but see `take`).
class Cursor {
 public:
  static constexpr std::size_t kFrameBytesMin = 64;  // what is decoded is never shorter; 16 bytes that end with the frame can be loaded

  MT_INLINE explicit Cursor(std::string_view frame) noexcept : p_(frame.data()), end_(frame.data() + frame.size()) {
    MT_DASSERT(frame.size() >= kFrameBytesMin);
  }

  [[nodiscard]] MT_INLINE bool at_end() const noexcept { return p_ == end_; }
  [[nodiscard]] MT_INLINE std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - p_); }
  [[nodiscard]] MT_INLINE char peek(std::size_t at = 0) const noexcept { return at < left() ? p_[at] : '\0'; }
  [[nodiscard]] MT_INLINE const char* position() const noexcept { return p_; }

  /// The fixed text; where it is not there the cursor stays, so that another may be tried.
  template <std::size_t N>
  [[nodiscard]] MT_INLINE bool take(const char (&text)[N]) noexcept {
    if (left() < N - 1 || !detail::same<N - 1>(p_, text)) return false;
    p_ += N - 1;
    return true;
  }

  /// A string of printable ASCII without escapes, and its closing quote.
  /// in    the cursor stands behind the opening quote
  [[nodiscard]] MT_INLINE bool plain_string(std::string_view& text) noexcept {
    if (left() >= 32) [[likely]] {
      const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p_));
      // Signed comparison: bytes of 0x80 and more are negative, so they are odd like the control characters.
      const __m256i low = _mm256_cmpgt_epi8(detail::all_32(detail::kSpace), bytes);
      const unsigned odd = mask_of(_mm256_or_si256(low, _mm256_cmpeq_epi8(bytes, detail::all_32(detail::kBackslash))));
      const unsigned quote = mask_of(_mm256_cmpeq_epi8(bytes, detail::all_32(detail::kQuote)));
      if (quote != 0) [[likely]] {
        const auto size = static_cast<unsigned>(std::countr_zero(quote));
        text = {p_, size};
        p_ += size + 1;
        return (odd & ((1U << size) - 1)) == 0;
      }
    }
    const Text found = long_string(p_, end_);
    if (found.data == nullptr) return false;
    text = {found.data, found.size};
    p_ += found.size + 1;
    return true;
  }
  [[nodiscard]] MT_INLINE bool skip_string() noexcept {
    std::string_view text;
    return plain_string(text);
  }

  /// A symbol, at least 32 bytes before the end of the frame; `text` points into it. The cursor stops at the closing quote. The
  /// characters are NOT validated: SymbolCache does that.
  [[nodiscard]] MT_INLINE bool symbol(const char*& text, unsigned& size) noexcept {
    if (left() < 32) return false;
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p_));
    const unsigned quote = mask_of(_mm256_cmpeq_epi8(bytes, detail::all_32(detail::kQuote)));
    if (quote == 0) return false;
    text = p_;
    size = static_cast<unsigned>(std::countr_zero(quote));
    p_ += size;
    return true;
  }

  /// A whole number without sign or leading zeros, up to 19 digits. The cursor stops behind it.
  [[nodiscard]] MT_INLINE bool whole(std::uint64_t& value) noexcept {
    __m128i digits;
    const unsigned stop = detail::not_digits(window(), digits);
    if (stop == 0) [[unlikely]]
      return long_whole(digits, value);
    const auto size = static_cast<unsigned>(std::countr_zero(stop));
    if (size == 0 || (size > 1 && *p_ == '0')) return false;
    value = detail::join(_mm_shuffle_epi8(digits, detail::load_16(detail::kSlide.data() + size)));
    p_ += size;
    return true;
  }

  /// The same, where the length is probably known: if `guess` is right, nothing that follows waits for the digits to be counted.
  /// in,out  guess: 1..15; becomes the length found
  [[nodiscard]] MT_INLINE bool whole(std::uint64_t& value, std::uint8_t& guess) noexcept {
    const unsigned size = guess;
    if (left() > 16 && (p_[size] < '0' || p_[size] > '9') && *p_ != '0') [[likely]] {
      const __m128i digits = _mm_sub_epi8(detail::load_16(p_), detail::all(detail::kZeroCharacter));
      const __m128i values = _mm_shuffle_epi8(digits, detail::load_16(detail::kSlide.data() + size));
      if (detail::all_digits(values)) [[likely]] {
        value = detail::join(values);
        p_ += size;
        return true;
      }
    }
    const char* const begin = p_;
    if (!whole(value)) return false;
    const auto found = p_ - begin;
    if (found < 16) guess = static_cast<std::uint8_t>(found);
    return true;
  }

  /// A venue's time, see stamp_ns. In milliseconds it has 13 digits from 2001 to 2286.
  [[nodiscard]] MT_INLINE bool stamp(std::int64_t& ts_ns) noexcept {
    std::uint64_t value = 0;
    std::uint8_t guess = 13;
    return whole(value, guess) && stamp_ns(value, ts_ns) == Errc::ok;
  }

  /// A number of no interest: [-]digits.
  [[nodiscard]] MT_INLINE bool skip_whole() noexcept {
    std::uint64_t value = 0;
    if (peek() == '-') ++p_;
    return whole(value);
  }

  /// A decimal in a string, without sign or leading zeros, as an integer in units of 10^-decimals.
  /// in    the cursor stands behind the opening quote; out: it stands at the closing quote
  /// out   digits, odd: as parse_level_number
  [[nodiscard]] MT_INLINE bool decimal(int decimals, std::int64_t& value, std::uint8_t& digits, bool& odd) noexcept {
    const __m128i bytes = window();
    // The next field begins behind the quote: finding it first keeps the chain from field to field short, and the digits of
    // this one are worked out beside it. (A map of all quotes, made 64 bytes at a time, was tried: it was slower.)
    const unsigned quotes = detail::where(bytes, detail::kQuote);
    if (quotes == 0) [[unlikely]] {
      const LongDecimal result = long_decimal(p_, end_, decimals);
      if (result.quote == nullptr) return false;
      value = result.value;
      digits = result.digits;
      odd = odd || result.odd;
      p_ = result.quote;
      return true;
    }
    const auto close = static_cast<unsigned>(std::countr_zero(quotes));
    if (!convert(bytes, close, decimals, value, digits, odd)) return false;
    p_ += close;
    return true;
  }
  [[nodiscard]] MT_INLINE bool decimal(int decimals, std::int64_t& value) noexcept {
    std::uint8_t digits = 0;
    bool odd = false;
    return decimal(decimals, value, digits, odd);
  }

  /// The same and the text behind it, closing quote included, where the length is probably known: if `guess` is right, the next
  /// field does not wait for this one's end to be found.
  /// in,out  guess: 1..15; becomes the length found
  template <std::size_t N>
  [[nodiscard]] MT_INLINE bool decimal_then(const char (&after)[N], std::uint8_t& guess, int decimals, std::int64_t& value,
                                            std::uint8_t& digits, bool& odd) noexcept {
    static_assert(N <= 17);
    if (left() >= 32) [[likely]] {
      const __m128i bytes = detail::load_16(p_);
      unsigned close = guess;
      if (!detail::same<N - 1>(p_ + close, after)) {
        close = static_cast<unsigned>(std::countr_zero(detail::where(bytes, detail::kQuote) | 0x10000U));
        if (close == 16 || !detail::same<N - 1>(p_ + close, after)) return decimal(decimals, value, digits, odd) && take(after);
        guess = static_cast<std::uint8_t>(close);
      }
      if (!convert(bytes, close, decimals, value, digits, odd)) return false;
      p_ += close + N - 1;
      return true;
    }
    return decimal(decimals, value, digits, odd) && take(after);
  }
  template <std::size_t N>
  [[nodiscard]] MT_INLINE bool decimal_then(const char (&after)[N], std::uint8_t& guess, int decimals, std::int64_t& value) noexcept {
    std::uint8_t digits = 0;
    bool odd = false;
    return decimal_then(after, guess, decimals, value, digits, odd);
  }

 private:
  // The decimal in the first `close` <= 15 of 16 bytes.
  MT_INLINE bool convert(__m128i bytes, unsigned close, int decimals, std::int64_t& value, std::uint8_t& digits, bool& odd) const noexcept {
    const auto dot = static_cast<unsigned>(std::countr_zero(detail::where(bytes, detail::kDot) | 1U << close));  // or the end
    if (dot == 0 || (dot > 1 && *p_ == '0')) return false;
    unsigned end = close;  // behind the last digit that is kept
    unsigned behind = 16;
    int fraction = 0;
    if (dot != close) [[likely]] {
      fraction = static_cast<int>(close - dot) - 1;
      if (fraction == 0) return false;
      if (fraction > decimals) {
        // Only zeros may stand beyond the grid.
        end = dot + 1 + static_cast<unsigned>(decimals);
        const unsigned beyond = ((1U << close) - 1) & ~((1U << end) - 1);
        if ((detail::where(bytes, detail::kZeroCharacter) & beyond) != beyond) return false;
        fraction = decimals;
        odd = true;
      }
      behind = static_cast<unsigned>(fraction);
    }
    const __m128i shift = _mm_add_epi8(detail::load_16(detail::kSlide.data() + end), detail::load_16(detail::kOver.data() + behind));
    const __m128i values = _mm_shuffle_epi8(_mm_sub_epi8(bytes, detail::all(detail::kZeroCharacter)), shift);
    if (!detail::all_digits(values)) return false;  // a second point, too
    const auto joined = static_cast<std::int64_t>(detail::join(values));
    if (__builtin_mul_overflow(joined, kPow10[static_cast<std::size_t>(decimals - fraction)], &value)) return false;
    digits = static_cast<std::uint8_t>(fraction);
    return true;
  }
  MT_INLINE static unsigned mask_of(__m256i bytes) noexcept { return static_cast<unsigned>(_mm256_movemask_epi8(bytes)); }

  // Strings of 32 characters and more, or near the end of the frame.
  struct Text {
    const char* data = nullptr;
    std::size_t size = 0;
  };
  [[gnu::noinline]] static Text long_string(const char* p, const char* end) noexcept {
    for (const char* const begin = p; p != end; ++p) {
      if (*p == '"') return {begin, static_cast<std::size_t>(p - begin)};
      if (*p < 0x20 || *p == '\\') break;
    }
    return {};
  }

  // The next 16 bytes, zeros behind the end. The frame has more, so its last 16 can always be read.
  MT_INLINE __m128i window() const noexcept {
    const std::size_t n = left();
    if (n >= 16) [[likely]]
      return detail::load_16(p_);
    return _mm_shuffle_epi8(detail::load_16(end_ - 16), detail::load_16(detail::kTail.data() + 16 - n));
  }

  // 16 digits and more behind them.
  MT_INLINE bool long_whole(__m128i digits, std::uint64_t& value) noexcept {
    if (*p_ == '0') return false;
    value = detail::join(digits);
    p_ += 16;
    for (int i = 0; i < 3 && p_ != end_ && *p_ >= '0' && *p_ <= '9'; ++i, ++p_) value = value * 10 + static_cast<std::uint64_t>(*p_ - '0');
    return peek() < '0' || peek() > '9';
  }

  // Text too long for one window: 16 to 40 characters. By value, so that the caller's cursor stays in registers.
  struct LongDecimal {
    const char* quote = nullptr;  // the closing one; nullptr: not such a text
    std::int64_t value = 0;
    std::uint8_t digits = 0;
    bool odd = false;
  };
  [[gnu::noinline]] static LongDecimal long_decimal(const char* p, const char* end, int decimals) noexcept {
    constexpr std::ptrdiff_t kBytesMax = 40;
    LongDecimal result;
    const auto limit = static_cast<std::size_t>(end - p < kBytesMax ? end - p : kBytesMax);
    const auto* const quote = static_cast<const char*>(std::memchr(p, '"', limit));
    if (quote == nullptr || (p[0] == '0' && p[1] != '.')) return result;
    if (parse_level_number({p, static_cast<std::size_t>(quote - p)}, decimals, result.value, result.digits, result.odd) == Errc::ok)
      result.quote = quote;
    return result;
  }

  const char* p_;
  const char* end_;
};

}  // namespace martinet::scan

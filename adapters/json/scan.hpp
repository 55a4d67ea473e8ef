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

// Byte k of the 16 loaded at kSlide + n is n - 16 + k: as a shuffle it moves the n-th byte behind the end and zeros what comes before the first.
inline constexpr std::array<std::int8_t, 48> kSlide = [] {
  std::array<std::int8_t, 48> table{};
  for (std::size_t i = 0; i < 48; ++i) table[i] = static_cast<std::int8_t>(static_cast<int>(i) - 16);
  return table;
}();
// The 16 loaded at kOver + 16 - n are -1 in the first n places: they skip the decimal point for the digits in front of it.
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

// One byte sixteen times, kept in memory on purpose: as constants that the compiler knows it builds each anew at every use, in
// three instructions instead of none (a memory operand).
extern const std::array<std::array<char, 16>, 4> kSame;
enum Same : std::size_t { kZeroCharacter, kNine, kQuote, kDot };

MT_INLINE __m128i load_16(const void* p) noexcept { return _mm_loadu_si128(static_cast<const __m128i*>(p)); }

MT_INLINE __m128i all(Same which) noexcept { return load_16(kSame[which].data()); }

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
  const __m128i pairs = _mm_maddubs_epi16(digits, _mm_set1_epi16(0x010A));          // 10, 1
  const __m128i quads = _mm_madd_epi16(pairs, _mm_set1_epi32(0x00010064));          // 100, 1
  const __m128i packed = _mm_packus_epi32(quads, quads);
  const __m128i eights = _mm_madd_epi16(packed, _mm_set1_epi32(0x00012710));        // 10000, 1
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
    return ((word_at<std::uint32_t>(a) ^ word_at<std::uint32_t>(b)) | (word_at<std::uint32_t>(a + N - 4) ^ word_at<std::uint32_t>(b + N - 4))) == 0;
  } else if constexpr (N >= 2) {
    return word_at<std::uint16_t>(a) == word_at<std::uint16_t>(b) && (N == 2 || a[2] == b[2]);
  } else {
    return *a == *b;
  }
}

}  // namespace detail

/// A cursor over one frame of at least 32 bytes. Each method either takes what it is named after and returns true, or returns
/// false; after a false the frame belongs to the general decoder, and the cursor is of no more use (but see `take`).
class Cursor {
 public:
  static constexpr std::size_t kFrameBytesMin = 32;

  explicit Cursor(std::string_view frame) noexcept : p_(frame.data()), end_(frame.data() + frame.size()) {
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
    const char* const begin = p_;
    for (; left() >= 32; p_ += 32) {
      const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p_));
      const unsigned quote = mask_of(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"')));
      // Signed comparison: bytes of 0x80 and more are negative, so they are odd like the control characters.
      const __m256i low = _mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), bytes);
      const unsigned odd = mask_of(_mm256_or_si256(low, _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\'))));
      if (quote == 0) {
        if (odd != 0) return false;
        continue;
      }
      const auto at = static_cast<unsigned>(std::countr_zero(quote));
      if ((odd & ((1U << at) - 1)) != 0) return false;
      text = {begin, static_cast<std::size_t>(p_ - begin) + at};
      p_ += at + 1;
      return true;
    }
    for (; p_ != end_; ++p_) {
      if (*p_ == '"') {
        text = {begin, static_cast<std::size_t>(p_ - begin)};
        ++p_;
        return true;
      }
      if (*p_ < 0x20 || *p_ == '\\') return false;
    }
    return false;
  }
  [[nodiscard]] MT_INLINE bool skip_string() noexcept {
    std::string_view text;
    return plain_string(text);
  }

  /// A symbol up to 24 characters, 32 bytes before the end; `text` points into the frame. The cursor stops at the closing quote. Its characters are NOT
  /// validated: SymbolCache does that.
  [[nodiscard]] MT_INLINE bool symbol(const char*& text, unsigned& size) noexcept {
    if (left() < 32) return false;
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p_));
    const unsigned quote = mask_of(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"')));
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
    if (stop == 0) [[unlikely]] return long_whole(digits, value);
    const auto size = static_cast<unsigned>(std::countr_zero(stop));
    if (size == 0 || (size > 1 && *p_ == '0')) return false;
    value = detail::join(_mm_shuffle_epi8(digits, detail::load_16(detail::kSlide.data() + size)));
    p_ += size;
    return true;
  }

  /// A venue's time, see stamp_ns.
  [[nodiscard]] MT_INLINE bool stamp(std::int64_t& ts_ns) noexcept {
    std::uint64_t value = 0;
    return whole(value) && stamp_ns(value, ts_ns) == Errc::ok;
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
    // this one are worked out beside it.
    const unsigned quotes = detail::where(bytes, detail::kQuote);
    if (quotes == 0) [[unlikely]] {
      const LongDecimal result = long_decimal(p_, end_, decimals);
      value = result.value;
      digits = result.digits;
      odd = odd || result.odd;
      p_ = result.quote;
      return result.quote != nullptr;
    }
    const auto close = static_cast<unsigned>(std::countr_zero(quotes));
    const auto dot = static_cast<unsigned>(std::countr_zero(detail::where(bytes, detail::kDot) | quotes));  // or the quote, if that comes first
    if (dot == 0 || (dot > 1 && *p_ == '0')) return false;
    unsigned end = close;  // behind the last digit that is kept
    unsigned over = 0;
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
      over = 16 - static_cast<unsigned>(fraction);
    }
    const __m128i shift =
        _mm_add_epi8(detail::load_16(detail::kSlide.data() + end), detail::load_16(detail::kOver.data() + 16 - over));
    const __m128i values = _mm_shuffle_epi8(_mm_sub_epi8(bytes, detail::all(detail::kZeroCharacter)), shift);
    // What is not a digit, a second point included, is above nine here.
    const __m128i above = _mm_subs_epu8(values, detail::all(detail::kNine));
    if (_mm_testz_si128(above, above) == 0) return false;
    const auto joined = static_cast<std::int64_t>(detail::join(values));
    if (__builtin_mul_overflow(joined, kPow10[static_cast<std::size_t>(decimals - fraction)], &value)) return false;
    digits = static_cast<std::uint8_t>(fraction);
    p_ += close;
    return true;
  }
  [[nodiscard]] MT_INLINE bool decimal(int decimals, std::int64_t& value) noexcept {
    std::uint8_t digits = 0;
    bool odd = false;
    return decimal(decimals, value, digits, odd);
  }

 private:
  MT_INLINE static unsigned mask_of(__m256i bytes) noexcept { return static_cast<unsigned>(_mm256_movemask_epi8(bytes)); }

  // The next 16 bytes, zeros behind the end. The frame has at least 32, so the last 16 can always be read.
  MT_INLINE __m128i window() const noexcept {
    const std::size_t n = left();
    if (n >= 16) [[likely]] return detail::load_16(p_);
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
    if (parse_level_number({p, static_cast<std::size_t>(quote - p)}, decimals, result.value, result.digits, result.odd) == Errc::ok) result.quote = quote;
    return result;
  }

  const char* p_;
  const char* end_;
};

}  // namespace martinet::scan

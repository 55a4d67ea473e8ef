#pragma once
// Where one character of UTF-8 ends and the next begins (RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF).
#include <cstddef>
#include <string_view>

namespace martinet {

/// Bytes of the sequence at the front of `text`; 0 if it does not begin with a valid one, or is empty.
[[nodiscard]] constexpr std::size_t utf8_length(std::string_view text) noexcept {
  const auto within = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return i < text.size() && static_cast<unsigned char>(text[i]) >= low && static_cast<unsigned char>(text[i]) <= high;
  };
  if (text.empty()) return 0;
  const unsigned first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return within(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = first == 0xED ? 0x9F : 0xBF;
    return within(1, low, high) && within(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned low = first == 0xF0 ? 0x90 : 0x80;
    const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
    return within(1, low, high) && within(2) && within(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace martinet

#pragma once
// JSON as exact slices of its text. Import keeps venue messages byte for byte (the body of a recorded REST answer must go into
// the capture as it came), and a SAX reader does not say where a value began; so this walks the text itself. Keys and values are
// given raw: no escapes are resolved, because no key, symbol or number that import reads has any.
#include <cstddef>
#include <string_view>

#include "engine/base/errc.hpp"

namespace martinet::importing {

inline constexpr int kJsonDepthMax = 64;

/// True if `text` is one JSON value, blanks around it allowed. Otherwise `error_at` is the offset of the first wrong byte.
/// Structure, literals, numbers and control characters are checked; UTF-8 is not.
[[nodiscard]] bool json_valid(std::string_view text, std::size_t& error_at) noexcept;

/// What a value is, by its first byte: '{', '[', '"', or 0 for anything else. Blanks before it are skipped.
[[nodiscard]] char json_kind(std::string_view value) noexcept;

/// The inside of a string ("abc" without quotes) or the text of a number or literal; empty for objects and arrays.
[[nodiscard]] std::string_view json_scalar(std::string_view value) noexcept;

namespace detail {
/// Steps over the value at `p`; `p` is then behind it. False: not a value, and `p` is at the wrong byte.
[[nodiscard]] bool json_skip(const char*& p, const char* end, int depth) noexcept;
void json_blanks(const char*& p, const char* end) noexcept;
}  // namespace detail

/// Calls see(key, value) for every member of the object `text`; values are exact slices without blanks around them.
/// fails bad_json: not an object, or broken; members before the break were given
template <class See>
[[nodiscard]] Errc json_members(std::string_view text, See&& see) {
  const char* p = text.data();
  const char* const end = p + text.size();
  detail::json_blanks(p, end);
  if (p == end || *p != '{') return Errc::bad_json;
  ++p;
  detail::json_blanks(p, end);
  if (p != end && *p == '}') return Errc::ok;
  for (;;) {
    const char* const key = p;
    if (p == end || *p != '"' || !detail::json_skip(p, end, 0)) return Errc::bad_json;
    const std::string_view key_text(key + 1, static_cast<std::size_t>(p - key) - 2);
    detail::json_blanks(p, end);
    if (p == end || *p != ':') return Errc::bad_json;
    ++p;
    detail::json_blanks(p, end);
    const char* const value = p;
    if (!detail::json_skip(p, end, 1)) return Errc::bad_json;
    see(key_text, std::string_view(value, static_cast<std::size_t>(p - value)));
    detail::json_blanks(p, end);
    if (p == end || (*p != ',' && *p != '}')) return Errc::bad_json;
    if (*p == '}') return Errc::ok;
    ++p;
    detail::json_blanks(p, end);
  }
}

/// Calls see(value) for every element of the array `text`.
/// fails bad_json, as json_members
template <class See>
[[nodiscard]] Errc json_elements(std::string_view text, See&& see) {
  const char* p = text.data();
  const char* const end = p + text.size();
  detail::json_blanks(p, end);
  if (p == end || *p != '[') return Errc::bad_json;
  ++p;
  detail::json_blanks(p, end);
  if (p != end && *p == ']') return Errc::ok;
  for (;;) {
    const char* const value = p;
    if (!detail::json_skip(p, end, 1)) return Errc::bad_json;
    see(std::string_view(value, static_cast<std::size_t>(p - value)));
    detail::json_blanks(p, end);
    if (p == end || (*p != ',' && *p != ']')) return Errc::bad_json;
    if (*p == ']') return Errc::ok;
    ++p;
    detail::json_blanks(p, end);
  }
}

/// The value of member `key` of the object `text`; empty if there is none or the text is no object.
[[nodiscard]] std::string_view json_member(std::string_view text, std::string_view key) noexcept;

}  // namespace martinet::importing

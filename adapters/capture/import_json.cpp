#include "adapters/capture/import_json.hpp"

namespace martinet::importing {
namespace {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_hex(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool skip_escape(const char*& p, const char* end) noexcept {
  ++p;  // the backslash
  if (p == end) return false;
  if (*p != 'u') {
    if (std::string_view("\"\\/bfnrt").find(*p) == std::string_view::npos) return false;
    ++p;
    return true;
  }
  ++p;
  for (int i = 0; i < 4; ++i, ++p) {
    if (p == end || !is_hex(*p)) return false;
  }
  return true;
}

bool skip_string(const char*& p, const char* end) noexcept {
  ++p;  // the quote
  while (p != end && *p != '"') {
    if (static_cast<unsigned char>(*p) < 0x20) return false;
    if (*p != '\\') {
      ++p;
    } else if (!skip_escape(p, end)) {
      return false;
    }
  }
  if (p == end) return false;
  ++p;
  return true;
}

bool skip_digits(const char*& p, const char* end) noexcept {
  const char* const begin = p;
  while (p != end && is_digit(*p)) ++p;
  return p != begin;
}

bool skip_number(const char*& p, const char* end) noexcept {
  if (*p == '-') ++p;
  if (p != end && *p == '0') {
    ++p;
  } else if (!skip_digits(p, end)) {
    return false;
  }
  if (p != end && *p == '.') {
    ++p;
    if (!skip_digits(p, end)) return false;
  }
  if (p != end && (*p == 'e' || *p == 'E')) {
    ++p;
    if (p != end && (*p == '+' || *p == '-')) ++p;
    if (!skip_digits(p, end)) return false;
  }
  return true;
}

bool skip_literal(const char*& p, const char* end) noexcept {
  for (const std::string_view literal : {std::string_view("true"), std::string_view("false"), std::string_view("null")}) {
    if (std::string_view(p, static_cast<std::size_t>(end - p)).starts_with(literal)) {
      p += literal.size();
      return true;
    }
  }
  return false;
}

// One loop for objects and arrays: they differ in the key before each value and in the closing byte.
bool skip_container(const char*& p, const char* end, int depth) noexcept {
  const bool object = *p == '{';
  const char close = object ? '}' : ']';
  ++p;
  detail::json_blanks(p, end);
  if (p != end && *p == close) {
    ++p;
    return true;
  }
  for (;;) {
    if (object) {
      if (p == end || *p != '"' || !skip_string(p, end)) return false;
      detail::json_blanks(p, end);
      if (p == end || *p != ':') return false;
      ++p;
      detail::json_blanks(p, end);
    }
    if (!detail::json_skip(p, end, depth + 1)) return false;
    detail::json_blanks(p, end);
    if (p == end) return false;
    if (*p == close) {
      ++p;
      return true;
    }
    if (*p != ',') return false;
    ++p;
    detail::json_blanks(p, end);
  }
}

}  // namespace

namespace detail {

void json_blanks(const char*& p, const char* end) noexcept {
  while (p != end && is_blank(*p)) ++p;
}

bool json_skip(const char*& p, const char* end, int depth) noexcept {
  if (p == end || depth > kJsonDepthMax) return false;
  switch (*p) {
    case '{':
    case '[':
      return skip_container(p, end, depth);
    case '"':
      return skip_string(p, end);
    default:
      return *p == '-' || is_digit(*p) ? skip_number(p, end) : skip_literal(p, end);
  }
}

}  // namespace detail

bool json_valid(std::string_view text, std::size_t& error_at) noexcept {
  const char* p = text.data();
  const char* const end = p + text.size();
  detail::json_blanks(p, end);
  bool valid = detail::json_skip(p, end, 0);
  if (valid) {
    detail::json_blanks(p, end);
    valid = p == end;
  }
  error_at = static_cast<std::size_t>(p - text.data());
  return valid;
}

char json_kind(std::string_view value) noexcept {
  const char* p = value.data();
  const char* const end = p + value.size();
  detail::json_blanks(p, end);
  return p != end && (*p == '{' || *p == '[' || *p == '"') ? *p : '\0';
}

std::string_view json_scalar(std::string_view value) noexcept {
  if (value.empty() || value[0] == '{' || value[0] == '[') return {};
  return value[0] == '"' ? value.substr(1, value.size() - 2) : value;
}

std::string_view json_member(std::string_view text, std::string_view key) noexcept {
  std::string_view found;
  const Errc walked = json_members(text, [&](std::string_view name, std::string_view value) {
    if (name == key && found.empty()) found = value;
  });
  return walked == Errc::ok ? found : std::string_view{};
}

}  // namespace martinet::importing

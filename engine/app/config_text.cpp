#include "engine/app/config_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace martinet {
namespace {

// Position behind the string that begins at `at`. A string on one line ends with the line at the latest (the parser refuses it
// then); one in triple quotes may have up to two quotes of its own before the closing three.
std::size_t skip_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string three(3, quote);
  if (text.substr(at, 3) != three) {
    for (++at; at < text.size() && text[at] != quote && text[at] != '\n'; ++at) {
      if (quote == '"' && text[at] == '\\' && at + 1 < text.size() && text[at + 1] != '\n') ++at;
    }
    return at < text.size() && text[at] == quote ? at + 1 : at;
  }
  for (at += 3; at < text.size() && text.substr(at, 3) != three; ++at) {
    if (quote == '"' && text[at] == '\\') ++at;
  }
  at = std::min(at + 3, text.size());
  for (int more = 0; more < 2 && at < text.size() && text[at] == quote; ++more) ++at;
  return at;
}

}  // namespace

Status check_nesting(std::string_view text, const std::string& name) {
  if (text.size() > kConfigBytesMax) {
    return Error{Errc::config_syntax, fmt::format("{} is larger than {} bytes; a configuration is never that long", name, kConfigBytesMax)};
  }
  std::size_t dots = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else if (c == '"' || c == '\'') {
      at = skip_string(text, at);
    } else {
      if (c == '.') ++dots;
      if (c == '\n' || c == '=' || c == ',' || c == '[' || c == ']' || c == '{' || c == '}') dots = 0;
      ++at;
    }
    if (dots > kKeyDotsMax) {
      const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
      return Error{Errc::config_syntax, fmt::format("{} line {}: a key of more than {} parts; keys here are written section.key", name, line, kKeyDotsMax + 1)};
    }
  }
  return {};
}

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out;
}

std::string shortened(std::string_view text) {
  if (text.size() <= kShownBytesMax) return std::string(text);
  std::size_t size = kShownBytesMax;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;  // not between the bytes of one character
  return std::string(text.substr(0, size)) + "...";
}

}  // namespace martinet

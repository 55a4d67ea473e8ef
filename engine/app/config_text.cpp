#include "engine/app/config_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace martinet {
namespace {

constexpr std::string_view kAsciiOnly = "a letter outside ASCII may only stand in a comment or between quotes";

bool is_ascii(char c) noexcept { return static_cast<unsigned char>(c) < 0x80; }

// Position behind the string that begins at `at`. A string on one line ends with the line at the latest (the parser refuses it
// then); one in triple quotes may have up to two quotes of its own before the closing three. `bad` is set where a letter outside ASCII
// follows a backslash, spaces and ends of lines between them not counted.
std::size_t skip_string(std::string_view text, std::size_t at, bool& bad) {
  const char quote = text[at];
  const std::string three(3, quote);
  if (text.substr(at, 3) != three) {
    for (++at; at < text.size() && text[at] != quote && text[at] != '\n'; ++at) {
      if (quote == '"' && text[at] == '\\' && at + 1 < text.size() && text[at + 1] != '\n') ++at;
    }
    return at < text.size() && text[at] == quote ? at + 1 : at;
  }
  for (at += 3; at < text.size() && text.substr(at, 3) != three; ++at) {
    if (quote != '"' || text[at] != '\\') continue;
    ++at;
    const std::size_t next = text.find_first_not_of(" \t\r\n", at);
    bad = bad || (next != std::string_view::npos && !is_ascii(text[next]));
  }
  at = std::min(at + 3, text.size());
  for (int more = 0; more < 2 && at < text.size() && text[at] == quote; ++more) ++at;
  return at;
}

}  // namespace

Status check_text(std::string_view text, const std::string& name) {
  if (text.size() > kConfigBytesMax) {
    return Error{Errc::config_syntax, fmt::format("{} is larger than {} bytes; a configuration is never that long", name, kConfigBytesMax)};
  }
  const auto fail = [text, &name](std::size_t at, std::string_view what) {
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    return Error{Errc::config_syntax, fmt::format("{} line {}: {}", name, line, what)};
  };
  std::size_t dots = 0;
  char before = '\n';  // the last character that is neither a blank nor in a string
  for (std::size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0; at < text.size();) {  // behind the mark that some editors leave
    const char c = text[at];
    if (!is_ascii(c)) return fail(at, kAsciiOnly);
    if (c == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else if (c == '"' || c == '\'') {
      bool bad = false;
      const std::size_t behind = skip_string(text, at, bad);
      // Behind anything else the parser reads on as if no string had begun.
      constexpr std::string_view kBeforeString = "\n=,[{";
      const std::string_view held = text.substr(at, behind - at);
      if (kBeforeString.find(before) == std::string_view::npos) bad = bad || !std::all_of(held.begin(), held.end(), is_ascii);
      if (bad) return fail(at, kAsciiOnly);
      before = c;
      at = behind;
    } else {
      if (c != ' ' && c != '\t' && c != '\r') before = c;
      if (c == '.') ++dots;
      if (c == '\n' || c == '=' || c == ',' || c == '[' || c == ']' || c == '{' || c == '}') dots = 0;
      ++at;
    }
    if (dots > kKeyDotsMax) return fail(at, fmt::format("a key of more than {} parts; keys here are written section.key", kKeyDotsMax + 1));
  }
  return {};
}

std::size_t line_of_bad_header(std::string_view text) {
  constexpr std::string_view kSpace = " \t";
  constexpr std::string_view kKey = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_\"'";
  std::size_t line = 1;
  for (std::size_t at = 0; at < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view rest = text.substr(at, end - at);
    const auto skip_space = [&rest, kSpace] { rest.remove_prefix(std::min(rest.find_first_not_of(kSpace), rest.size())); };
    skip_space();
    if (rest.starts_with('[')) {
      rest.remove_prefix(rest.starts_with("[[") ? 2 : 1);
      skip_space();
      if (rest.empty() || kKey.find(rest.front()) == std::string_view::npos) return line;
    }
    at = end + 1;
  }
  return 1;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
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

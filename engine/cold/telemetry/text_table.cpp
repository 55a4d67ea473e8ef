#include "engine/cold/telemetry/text_table.hpp"

#include <algorithm>

#include "engine/cold/telemetry/utf8.hpp"
#include "engine/cold/telemetry/words.hpp"

namespace martinet {
namespace {

std::string_view code_of(Ink ink) noexcept {
  switch (ink) {
    case Ink::plain:
      return "";
    case Ink::bold:
      return "\x1b[1m";
    case Ink::dim:
      return "\x1b[2m";
    case Ink::good:
      return "\x1b[32m";
    case Ink::bad:
      return "\x1b[31m";
    case Ink::warn:
      return "\x1b[33m";
  }
  return "";
}

// Bytes of the first `characters` characters of printable text.
std::size_t bytes_of(std::string_view text, std::size_t characters) noexcept {
  std::size_t at = 0;
  while (characters-- > 0 && at < text.size()) at += std::max<std::size_t>(1, utf8_length(text.substr(at)));
  return at;
}

}  // namespace

std::string inked(std::string_view text, Ink ink, bool colour) {
  if (!colour || ink == Ink::plain) return std::string(text);
  return std::string(code_of(ink)) + std::string(text) + "\x1b[0m";
}

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const auto c = static_cast<unsigned char>(text.front());
    // U+0080..U+009F are control characters too: a terminal may take U+009B for an escape sequence.
    const bool control =
        length == 0 || (length == 1 && (c < 0x20 || c == 0x7F)) || (length == 2 && c == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0);
    out += control ? std::string_view("?") : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(1, length));
  }
  return out;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  const std::string clean = printable(text);
  std::string_view rest = clean;
  while (words::width_of(rest) > width) {
    const std::size_t limit = bytes_of(rest, width);
    std::size_t cut = rest.substr(0, limit + 1).rfind(' ');
    // A word longer than half a line is broken: better that than a ragged column.
    if (cut == std::string_view::npos || cut < limit / 2) cut = limit;
    lines.emplace_back(rest.substr(0, cut));
    rest.remove_prefix(cut);
    while (rest.starts_with(' ')) rest.remove_prefix(1);
  }
  lines.emplace_back(rest);
  return lines;
}

std::string TextTable::str() const {
  std::vector<std::size_t> widths;
  for (const Row& row : rows_) {
    widths.resize(std::max(widths.size(), row.cells.size()));
    for (std::size_t i = 0; i < row.cells.size(); ++i) widths[i] = std::max(widths[i], words::width_of(row.cells[i]));
  }
  std::string out;
  for (const Row& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      const std::string blanks(widths[i] - words::width_of(row.cells[i]), ' ');
      line += "  " + (i == 0 ? row.cells[i] + blanks : blanks + row.cells[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += inked(line, row.ink, colour_) + "\n";
  }
  return out;
}

}  // namespace martinet

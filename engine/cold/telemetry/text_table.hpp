#pragma once
// Plain text in columns for a terminal: widths follow the content, colour never changes an alignment.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace martinet {

/// ANSI styles, and nothing at all where the terminal shows none.
enum class Ink : std::uint8_t { plain, bold, dim, good, bad, warn };
[[nodiscard]] std::string inked(std::string_view text, Ink ink, bool colour);

/// `text` safe for a terminal: control characters and invalid UTF-8 become '?'.
[[nodiscard]] std::string printable(std::string_view text);

/// `text` broken into lines of at most `width` characters, at blanks where there are any.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, std::size_t width);

/// Rows of cells; the first column is left-aligned, all others right-aligned. Two blanks before each column.
class TextTable {
 public:
  explicit TextTable(bool colour) : colour_(colour) {}
  void row(std::vector<std::string> cells, Ink ink = Ink::plain) { rows_.push_back({std::move(cells), ink}); }
  void append(const TextTable& other) { rows_.insert(rows_.end(), other.rows_.begin(), other.rows_.end()); }
  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }
  [[nodiscard]] std::string str() const;

 private:
  struct Row {
    std::vector<std::string> cells;
    Ink ink;
  };
  std::vector<Row> rows_;
  bool colour_;
};

}  // namespace martinet

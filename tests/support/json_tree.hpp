#pragma once
// A JSON file as a tree, for reading expected results. For tests only: texts with escapes are not understood. (The Document of
// RapidJSON 1.1 does not compile with Clang 19.)
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace martinet::test {

/// A text or number as written (`text`), or an array or object (`items`; an object has as many `names`, in the order of the file).
/// Every wrong use throws std::runtime_error or std::out_of_range, which fails the test that made it.
struct JsonTree {
  std::string text;
  std::vector<std::string> names;
  std::vector<JsonTree> items;

  [[nodiscard]] const JsonTree* find(std::string_view name) const {
    const auto it = std::find(names.begin(), names.end(), name);
    return it == names.end() ? nullptr : &items.at(static_cast<std::size_t>(it - names.begin()));
  }
  [[nodiscard]] const JsonTree& operator[](std::string_view name) const {
    const JsonTree* const found = find(name);
    if (found == nullptr) throw std::runtime_error("no member " + std::string(name));
    return *found;
  }
  [[nodiscard]] const JsonTree& at(std::size_t index) const { return items.at(index); }
  [[nodiscard]] std::uint64_t number() const {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) throw std::runtime_error("not a whole number: " + text);
    return value;
  }
};

class JsonTreeReader {
 public:
  static JsonTree read(std::string_view text) {
    JsonTreeReader reader(text);
    JsonTree tree = reader.value();
    reader.skip_blanks();
    if (!reader.left_.empty()) throw std::runtime_error("text after the end of the JSON");
    return tree;
  }

 private:
  explicit JsonTreeReader(std::string_view text) : left_(text) {}

  JsonTree value() {
    JsonTree tree;
    skip_blanks();
    if (take('{')) {
      while (!take('}')) {
        tree.names.push_back(quoted());
        expect(':');
        tree.items.push_back(value());
        separator('}');
      }
    } else if (take('[')) {
      while (!take(']')) {
        tree.items.push_back(value());
        separator(']');
      }
    } else if (!left_.empty() && left_[0] == '"') {
      tree.text = quoted();
    } else {
      tree.text = until(",]} \t\r\n");
    }
    return tree;
  }
  std::string quoted() {
    expect('"');
    std::string text = until("\"");
    left_.remove_prefix(1);
    if (text.find('\\') != std::string::npos) throw std::runtime_error("an escape in " + text);
    return text;
  }
  std::string until(std::string_view ends) {
    const std::size_t end = left_.find_first_of(ends);
    if (end == std::string_view::npos || (end == 0 && ends.size() > 1)) throw std::runtime_error("the JSON is malformed or ends early");
    std::string text(left_.substr(0, end));
    left_.remove_prefix(end);
    return text;
  }
  void separator(char end) {
    skip_blanks();
    if (left_.empty() || (left_[0] != end && !take(','))) throw std::runtime_error("a comma is missing in the JSON");
  }
  bool take(char wanted) {
    skip_blanks();
    if (left_.empty() || left_[0] != wanted) return false;
    left_.remove_prefix(1);
    return true;
  }
  void expect(char wanted) {
    if (!take(wanted)) throw std::runtime_error(std::string("expected ") + wanted);
  }
  void skip_blanks() { left_.remove_prefix(std::min(left_.find_first_not_of(" \t\r\n"), left_.size())); }

  std::string_view left_;
};

inline JsonTree read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  return JsonTreeReader::read(text);
}

}  // namespace martinet::test

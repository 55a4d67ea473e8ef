#pragma once
// Writes JSON, nothing more: commas, escapes, numbers printed exactly. Keys come out in the order in which they are given.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "engine/base/fixed_point.hpp"

namespace martinet {

/// `text` between quotes. Control characters, quotes and backslashes are escaped; a byte that is not part of valid UTF-8 becomes
/// U+FFFD, so that the result is always valid JSON.
void append_json_string(std::string& out, std::string_view text);

class JsonText {
 public:
  JsonText& begin_object() { return open('{'); }
  JsonText& end_object() { return close('}'); }
  JsonText& begin_array() { return open('['); }
  JsonText& end_array() { return close(']'); }
  JsonText& key(std::string_view name);  ///< one value must follow

  JsonText& text(std::string_view value);
  JsonText& count(std::uint64_t value);
  JsonText& integer(std::int64_t value);
  JsonText& number(double value);                    ///< shortest text that reads back as the same double; null unless finite
  JsonText& grid(std::int64_t value, int decimals);  ///< exact; null for kNoPrice
  JsonText& money(Money value);                      ///< exact
  JsonText& boolean(bool value);
  JsonText& null();

  [[nodiscard]] const std::string& str() const noexcept { return out_; }
  [[nodiscard]] std::string take() && noexcept { return std::move(out_); }

 private:
  JsonText& open(char bracket);
  JsonText& close(char bracket);
  JsonText& raw(std::string_view value);
  void separate();

  std::string out_;
  bool value_before_ = false;  ///< a comma is due before the next key or value
};

}  // namespace martinet

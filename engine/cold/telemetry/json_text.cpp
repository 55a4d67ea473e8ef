#include "engine/cold/telemetry/json_text.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "engine/base/decimal.hpp"
#include "engine/cold/telemetry/utf8.hpp"

namespace martinet {
void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const auto c = static_cast<unsigned char>(text.front());
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      out += "\\ufffd";
      text.remove_prefix(1);
      continue;
    }
    if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c < 0x20 || c == 0x7F) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", c);
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  out += '"';
}

void JsonText::separate() {
  if (value_before_) out_ += ',';
  value_before_ = true;
}

JsonText& JsonText::open(char bracket) {
  separate();
  out_ += bracket;
  value_before_ = false;
  return *this;
}

JsonText& JsonText::close(char bracket) {
  out_ += bracket;
  value_before_ = true;
  return *this;
}

JsonText& JsonText::key(std::string_view name) {
  separate();
  append_json_string(out_, name);
  out_ += ':';
  value_before_ = false;
  return *this;
}

JsonText& JsonText::raw(std::string_view value) {
  separate();
  out_ += value;
  return *this;
}

JsonText& JsonText::text(std::string_view value) {
  separate();
  append_json_string(out_, value);
  return *this;
}

JsonText& JsonText::count(std::uint64_t value) { return raw(fmt::format("{}", value)); }
JsonText& JsonText::integer(std::int64_t value) { return raw(fmt::format("{}", value)); }
JsonText& JsonText::number(double value) { return std::isfinite(value) ? raw(fmt::format("{}", value)) : null(); }
JsonText& JsonText::grid(std::int64_t value, int decimals) { return value == kNoPrice.v ? null() : raw(to_text(value, decimals)); }
JsonText& JsonText::money(Money value) { return raw(to_text(value)); }
JsonText& JsonText::boolean(bool value) { return raw(value ? "true" : "false"); }
JsonText& JsonText::null() { return raw("null"); }

}  // namespace martinet

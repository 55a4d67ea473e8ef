#pragma once
// A reader of JSON as strict as RFC 8259 and stricter (no duplicate keys, no control characters, valid \u pairs), written for the
// tests alone: it shares nothing with the writer it checks. Scalars are kept as their source text.
#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace martinet::telemetry_test {

struct JsonValue {
  enum class Kind { object, array, string, number, literal } kind = Kind::literal;
  std::string text;               ///< string: decoded; number, literal: as written
  std::vector<std::string> keys;  ///< object, in order
  std::vector<JsonValue> items;   ///< array; object: the values, by key

  [[nodiscard]] const JsonValue& at(std::string_view key) const {
    static const JsonValue kMissing{Kind::literal, "(missing)", {}, {}};
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (keys[i] == key) return items[i];
    }
    return kMissing;
  }
};

class StrictJson {
 public:
  /// The whole of `text` as one value, or nothing.
  static std::optional<JsonValue> read(std::string_view text) {
    StrictJson reader(text);
    JsonValue value;
    if (!reader.value(value, 0)) return std::nullopt;
    reader.blanks();
    if (reader.at_ != text.size()) return std::nullopt;
    return value;
  }

 private:
  explicit StrictJson(std::string_view text) : text_(text) {}

  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (peek() != c || at_ >= text_.size()) return false;
    ++at_;
    return true;
  }
  void blanks() {
    while (at_ < text_.size() && (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t')) ++at_;
  }

  bool value(JsonValue& out, int depth) {
    if (depth > 64) return false;
    blanks();
    switch (peek()) {
      case '{':
        return object(out, depth);
      case '[':
        return array(out, depth);
      case '"':
        out.kind = JsonValue::Kind::string;
        return string(out.text);
      default:
        return number(out) || literal(out);
    }
  }

  bool object(JsonValue& out, int depth) {
    out.kind = JsonValue::Kind::object;
    ++at_;
    blanks();
    if (take('}')) return true;
    do {
      std::string key;
      blanks();
      if (!string(key)) return false;
      blanks();
      if (!take(':')) return false;
      if (std::find(out.keys.begin(), out.keys.end(), key) != out.keys.end()) return false;
      JsonValue inner;
      if (!value(inner, depth + 1)) return false;
      out.keys.push_back(std::move(key));
      out.items.push_back(std::move(inner));
      blanks();
    } while (take(','));
    return take('}');
  }

  bool array(JsonValue& out, int depth) {
    out.kind = JsonValue::Kind::array;
    ++at_;
    blanks();
    if (take(']')) return true;
    do {
      JsonValue inner;
      if (!value(inner, depth + 1)) return false;
      out.items.push_back(std::move(inner));
      blanks();
    } while (take(','));
    return take(']');
  }

  bool string(std::string& out) {
    if (!take('"')) return false;
    while (at_ < text_.size()) {
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (c == '"') {
        ++at_;
        return true;
      }
      if (c < 0x20) return false;
      if (c == '\\') {
        if (!escape(out)) return false;
      } else if (c < 0x80) {
        out += static_cast<char>(c);
        ++at_;
      } else if (!multibyte(out)) {
        return false;
      }
    }
    return false;
  }

  // Decodes to a code point and looks whether it is one that this many bytes may write: another way than the writer's table.
  bool multibyte(std::string& out) {
    const auto first = static_cast<unsigned char>(text_[at_]);
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC0 || first > 0xF7 || at_ + length > text_.size()) return false;
    unsigned point = first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
      const auto next = static_cast<unsigned char>(text_[at_ + i]);
      if (next >> 6 != 2) return false;
      point = point << 6 | (next & 0x3FU);
    }
    constexpr unsigned kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < kLeast[length] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return false;
    out += text_.substr(at_, length);
    at_ += length;
    return true;
  }

  bool escape(std::string& out) {
    ++at_;
    if (at_ >= text_.size()) return false;
    const char c = text_[at_++];
    constexpr std::string_view kFrom = "\"\\/bfnrt";
    constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
    if (const std::size_t i = kFrom.find(c); i != std::string_view::npos) {
      out += kTo[i];
      return true;
    }
    if (c != 'u' || at_ + 4 > text_.size()) return false;
    unsigned point = 0;
    for (int i = 0; i < 4; ++i) {
      const char digit = text_[at_++];
      if (!std::isxdigit(static_cast<unsigned char>(digit))) return false;
      point = point * 16 + static_cast<unsigned>(std::isdigit(static_cast<unsigned char>(digit)) ? digit - '0' : (digit | 0x20) - 'a' + 10);
    }
    if (point >= 0xD800 && point <= 0xDFFF) return false;  // our writer has no need of pairs
    if (point < 0x80) {
      out += static_cast<char>(point);
    } else if (point < 0x800) {
      out += static_cast<char>(0xC0 | point >> 6);
      out += static_cast<char>(0x80 | (point & 0x3F));
    } else {
      out += static_cast<char>(0xE0 | point >> 12);
      out += static_cast<char>(0x80 | (point >> 6 & 0x3F));
      out += static_cast<char>(0x80 | (point & 0x3F));
    }
    return true;
  }

  bool digits() {
    const std::size_t start = at_;
    while (std::isdigit(static_cast<unsigned char>(peek()))) ++at_;
    return at_ > start;
  }

  bool number(JsonValue& out) {
    const std::size_t start = at_;
    take('-');
    if (peek() == '0') {
      ++at_;
    } else if (!digits()) {
      at_ = start;
      return false;
    }
    if (take('.') && !digits()) return false;
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (!take('+')) take('-');
      if (!digits()) return false;
    }
    out.kind = JsonValue::Kind::number;
    out.text = text_.substr(start, at_ - start);
    return true;
  }

  bool literal(JsonValue& out) {
    for (const std::string_view word : {"true", "false", "null"}) {
      if (text_.substr(at_).starts_with(word)) {
        at_ += word.size();
        out.kind = JsonValue::Kind::literal;
        out.text = word;
        return true;
      }
    }
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace martinet::telemetry_test

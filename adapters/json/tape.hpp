#pragma once
// A parsed JSON text as a flat list of nodes in reading order, in memory taken once: what the general decoders walk. RapidJSON's
// SAX reader fills it.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "engine/base/errc.hpp"

namespace martinet {

enum class JsonKind : std::uint8_t { none, null, boolean_false, boolean_true, number, string, array, object };

class JsonTape;
struct JsonMember;

/// One value on a tape: a cursor, cheap to copy, valid until the tape's next parse. `none` where nothing was found; every
/// question to a `none` is answered with nothing, so that lookups can be chained.
class JsonValue {
 public:
  JsonValue() = default;

  [[nodiscard]] JsonKind kind() const noexcept;
  [[nodiscard]] explicit operator bool() const noexcept { return kind() != JsonKind::none; }
  [[nodiscard]] bool is_object() const noexcept { return kind() == JsonKind::object; }
  [[nodiscard]] bool is_array() const noexcept { return kind() == JsonKind::array; }
  [[nodiscard]] bool is_string() const noexcept { return kind() == JsonKind::string; }
  [[nodiscard]] bool is_boolean() const noexcept { return kind() == JsonKind::boolean_true || kind() == JsonKind::boolean_false; }
  /// A string or a number: venues print many numbers either way.
  [[nodiscard]] bool is_scalar() const noexcept { return kind() == JsonKind::string || kind() == JsonKind::number; }

  [[nodiscard]] std::string_view text() const noexcept;               ///< of a scalar, unescaped; else empty
  [[nodiscard]] JsonValue find(std::string_view key) const noexcept;  ///< in an object; the first, should it stand there twice
  [[nodiscard]] JsonValue first() const noexcept;                     ///< first element of an array
  [[nodiscard]] JsonValue next() const noexcept;                      ///< the element after this one, within the same array
  [[nodiscard]] std::size_t count() const noexcept;                   ///< elements of an array; walks them
  [[nodiscard]] JsonMember first_member() const noexcept;             ///< of an object, in the order of the text

 private:
  friend class JsonTape;
  friend struct JsonMember;
  JsonValue(const JsonTape* tape, std::uint32_t index, std::uint32_t end) : tape_(tape), index_(index), end_(end) {}

  const JsonTape* tape_ = nullptr;
  std::uint32_t index_ = 0;
  std::uint32_t end_ = 0;  // of the array that holds it
};

/// One key and its value, for readers that must see every key of an object (also one that stands there twice).
/// `for (JsonMember m = object.first_member(); m.value; m = m.next())`
struct JsonMember {
  std::string_view key;
  JsonValue value;  ///< `none` behind the last member
  [[nodiscard]] JsonMember next() const noexcept;

 private:
  friend class JsonValue;
  static JsonMember at(const JsonTape* tape, std::uint32_t key_index, std::uint32_t end) noexcept;
  std::uint32_t end_ = 0;  // of the object
};

class JsonTape {
 public:
  /// Nodes of one text: three per book level, so twice what DecodedFrame can hold and spare.
  static constexpr std::size_t kNodesMax = std::size_t{1} << 17;

  JsonTape();

  /// Copies `text` into scratch memory and parses it there.
  /// in    text: at most capacity::frame_bytes_max bytes; not modified, not kept
  /// fails bad_json, bad_utf8, number_too_large, too_deep, frame_too_large (bytes or nodes); the tape is then empty
  /// cost  no allocation; memory of 3.1 MB is taken and touched by the constructor
  [[nodiscard]] Errc parse(std::string_view text) noexcept;

  [[nodiscard]] JsonValue root() const noexcept { return node_count_ == 0 ? JsonValue{} : JsonValue(this, 0, 1); }

 private:
  friend class JsonValue;
  friend struct JsonMember;
  struct Node {
    std::uint32_t offset = 0;  // of the text in scratch_
    std::uint32_t size = 0;    // of the text
    std::uint32_t after = 0;   // index of the first node behind this value and everything in it
    JsonKind kind = JsonKind::none;
  };
  struct Builder;

  std::unique_ptr<char[]> scratch_;
  std::unique_ptr<Node[]> nodes_;
  std::uint32_t node_count_ = 0;
};

}  // namespace martinet

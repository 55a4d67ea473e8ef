#include "adapters/json/tape.hpp"

#include <array>
#include <cstring>

#include "adapters/json/sax.hpp"
#include "engine/base/capacity.hpp"

namespace martinet {

// Keys are nodes of kind string in front of their value; their `after` is the value.
struct JsonTape::Builder {
  JsonTape& tape;
  std::array<std::uint32_t, kJsonDepthMax + 1> open{};  // indices of the containers we are in
  std::size_t depth = 0;
  bool full = false;

  bool add(JsonKind kind, std::string_view text = {}) {
    if (tape.node_count_ == kNodesMax) {
      full = true;
      return false;
    }
    const std::uint32_t index = tape.node_count_++;
    const auto offset = text.data() == nullptr ? 0 : static_cast<std::uint32_t>(text.data() - tape.scratch_.get());
    tape.nodes_[index] = Node{offset, static_cast<std::uint32_t>(text.size()), index + 1, kind};
    return true;
  }
  bool begin(JsonKind kind) {
    open[depth++] = tape.node_count_;
    return add(kind);
  }
  bool end() {
    tape.nodes_[open[--depth]].after = tape.node_count_;
    return true;
  }

  bool null() { return add(JsonKind::null); }
  bool boolean(bool value) { return add(value ? JsonKind::boolean_true : JsonKind::boolean_false); }
  bool number(std::string_view text) { return add(JsonKind::number, text); }
  bool string(std::string_view text) { return add(JsonKind::string, text); }
  bool key(std::string_view text) { return add(JsonKind::string, text); }
  bool begin_object() { return begin(JsonKind::object); }
  bool end_object() { return end(); }
  bool begin_array() { return begin(JsonKind::array); }
  bool end_array() { return end(); }
};

// make_unique sets every byte, so that no page is touched for the first time by a frame.
JsonTape::JsonTape() : scratch_(std::make_unique<char[]>(capacity::frame_bytes_max + 1)), nodes_(std::make_unique<Node[]>(kNodesMax)) {}

Errc JsonTape::parse(std::string_view text) noexcept {
  node_count_ = 0;
  if (text.size() > capacity::frame_bytes_max) return Errc::frame_too_large;
  if (text.empty()) return Errc::bad_json;
  std::memcpy(scratch_.get(), text.data(), text.size());
  scratch_[text.size()] = '\0';
  Builder builder{*this};
  const Errc error = sax_parse_in_situ(scratch_.get(), text.size(), builder);
  if (error == Errc::ok) return Errc::ok;
  node_count_ = 0;
  return builder.full ? Errc::frame_too_large : error;
}

JsonKind JsonValue::kind() const noexcept { return tape_ == nullptr ? JsonKind::none : tape_->nodes_[index_].kind; }

std::string_view JsonValue::text() const noexcept {
  if (!is_scalar()) return {};
  const JsonTape::Node& node = tape_->nodes_[index_];
  return {tape_->scratch_.get() + node.offset, node.size};
}

JsonValue JsonValue::find(std::string_view key) const noexcept {
  if (!is_object()) return {};
  const JsonTape::Node* const nodes = tape_->nodes_.get();
  const std::uint32_t end = nodes[index_].after;
  for (std::uint32_t i = index_ + 1; i < end; i = nodes[i + 1].after) {
    if (std::string_view(tape_->scratch_.get() + nodes[i].offset, nodes[i].size) == key) return {tape_, i + 1, i + 2};
  }
  return {};
}

JsonValue JsonValue::first() const noexcept {
  if (!is_array()) return {};
  const std::uint32_t end = tape_->nodes_[index_].after;
  return index_ + 1 < end ? JsonValue(tape_, index_ + 1, end) : JsonValue{};
}

JsonValue JsonValue::next() const noexcept {
  if (tape_ == nullptr) return {};
  const std::uint32_t after = tape_->nodes_[index_].after;
  return after < end_ ? JsonValue(tape_, after, end_) : JsonValue{};
}

JsonMember JsonMember::at(const JsonTape* tape, std::uint32_t key_index, std::uint32_t end) noexcept {
  JsonMember member;
  if (key_index >= end) return member;
  const JsonTape::Node& node = tape->nodes_[key_index];
  member.key = {tape->scratch_.get() + node.offset, node.size};
  member.value = {tape, key_index + 1, key_index + 2};
  member.end_ = end;
  return member;
}

JsonMember JsonMember::next() const noexcept { return at(value.tape_, value.tape_->nodes_[value.index_].after, end_); }

JsonMember JsonValue::first_member() const noexcept {
  if (!is_object()) return {};
  return JsonMember::at(tape_, index_ + 1, tape_->nodes_[index_].after);
}

std::size_t JsonValue::count() const noexcept {
  std::size_t n = 0;
  for (JsonValue value = first(); value; value = value.next()) ++n;
  return n;
}

}  // namespace martinet

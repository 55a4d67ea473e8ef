#pragma once
// A hash table of a fixed size for hot threads: open addressing, linear probing, deletion by shifting back (no tombstones, so
// a table that lives for months probes as on its first day). It cannot be iterated: its order must decide nothing (I1).
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "engine/base/assert.hpp"

namespace martinet {

/// Key and Value are plain; Hash gives 64 bits of which the low ones are used. Memory from the constructor, at most half full.
/// cost  find, insert, erase: one short probe, no allocation
/// Pointers to values are valid until the next insert or erase.
template <class Key, class Value, class Hash>
class FixedMap {
  static_assert(std::is_trivially_copyable_v<Key> && std::is_trivially_copyable_v<Value>);

 public:
  explicit FixedMap(std::size_t count_max) : count_max_(count_max), mask_(std::bit_ceil(2 * count_max + 2) - 1), slots_(mask_ + 1) {}

  [[nodiscard]] Value* find(const Key& key) noexcept {
    const std::size_t at = probe(key);
    return slots_[at].used ? &slots_[at].value : nullptr;
  }
  [[nodiscard]] const Value* find(const Key& key) const noexcept {
    const std::size_t at = probe(key);
    return slots_[at].used ? &slots_[at].value : nullptr;
  }

  /// fails: false if the key is there already or the table is full; nothing changes then
  [[nodiscard]] bool insert(const Key& key, const Value& value) noexcept {
    const std::size_t at = probe(key);
    if (slots_[at].used || count_ == count_max_) return false;
    slots_[at] = {key, value, true};
    ++count_;
    return true;
  }

  /// False if the key was not there.
  bool erase(const Key& key) noexcept {
    std::size_t hole = probe(key);
    if (!slots_[hole].used) return false;
    for (std::size_t at = next(hole); slots_[at].used; at = next(at)) {
      // An entry may fill the hole unless its own home lies after the hole: it would then become unreachable.
      const std::size_t home = home_of(slots_[at].key);
      if (((at - home) & mask_) < ((at - hole) & mask_)) continue;
      slots_[hole] = slots_[at];
      hole = at;
    }
    slots_[hole] = {};
    --count_;
    return true;
  }

  void clear() noexcept {
    for (Slot& slot : slots_) slot = {};
    count_ = 0;
  }
  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  [[nodiscard]] std::size_t count_max() const noexcept { return count_max_; }
  [[nodiscard]] bool full() const noexcept { return count_ == count_max_; }

 private:
  struct Slot {
    Key key{};
    Value value{};
    bool used = false;
  };
  [[nodiscard]] std::size_t home_of(const Key& key) const noexcept { return static_cast<std::size_t>(Hash{}(key)) & mask_; }
  [[nodiscard]] std::size_t next(std::size_t at) const noexcept { return (at + 1) & mask_; }
  /// The key's slot, or the free one where it would go.
  [[nodiscard]] std::size_t probe(const Key& key) const noexcept {
    std::size_t at = home_of(key);
    while (slots_[at].used && !(slots_[at].key == key)) at = next(at);
    return at;
  }

  std::size_t count_max_;
  std::size_t mask_;
  std::vector<Slot> slots_;
  std::size_t count_ = 0;
};

}  // namespace martinet

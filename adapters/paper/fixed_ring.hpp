#pragma once
// First in, first out, of a fixed size, on one thread.
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "engine/base/archive.hpp"
#include "engine/base/assert.hpp"

namespace martinet {

template <class T>
class FixedRing {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  /// The only allocation.
  explicit FixedRing(std::size_t count_max) : items_(count_max) {}

  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  [[nodiscard]] std::size_t room() const noexcept { return items_.size() - count_; }
  [[nodiscard]] const T& front() const noexcept {
    MT_DASSERT(count_ > 0);
    return items_[first_];
  }
  void push(const T& item) noexcept {
    MT_ASSERT(count_ < items_.size());
    std::size_t at = first_ + count_;
    if (at >= items_.size()) at -= items_.size();
    items_[at] = item;
    ++count_;
  }
  void pop() noexcept {
    MT_ASSERT(count_ > 0);
    if (++first_ == items_.size()) first_ = 0;
    --count_;
  }
  void clear() noexcept { first_ = count_ = 0; }

  void save(ArchiveWriter& out) const {
    out.put(static_cast<std::uint64_t>(count_));
    for (std::size_t i = 0; i < count_; ++i) out.put(items_[(first_ + i) % items_.size()]);
  }
  [[nodiscard]] bool load(ArchiveReader& in) noexcept {
    clear();
    std::uint64_t count = 0;
    if (!in.get(count) || count > items_.size()) return false;
    for (; count_ < count; ++count_) {
      if (!in.get(items_[count_])) return false;
    }
    return true;
  }

 private:
  std::vector<T> items_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

}  // namespace martinet

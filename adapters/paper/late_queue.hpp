#pragma once
// Messages that a fault holds back: few at a time, by due time, then in the order in which they came.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "engine/base/archive.hpp"
#include "engine/base/assert.hpp"
#include "engine/base/time.hpp"

namespace martinet {

template <class T>
class LateQueue {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  struct Item {
    std::int64_t ts_ns = 0;
    T message;
  };
  /// Allocates at the first push only: who has no faults pays nothing.
  void push(std::int64_t ts_ns, const T& message) {
    if (items_.capacity() == 0) items_.reserve(64);
    const auto at =
        std::upper_bound(items_.begin(), items_.end(), ts_ns, [](std::int64_t ts, const Item& item) { return ts < item.ts_ns; });
    items_.insert(at, {ts_ns, message});
  }
  [[nodiscard]] bool empty() const noexcept { return items_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
  [[nodiscard]] std::int64_t next_ts() const noexcept { return items_.empty() ? kNever : items_.front().ts_ns; }
  T pop() noexcept {
    MT_ASSERT(!items_.empty());
    const T message = items_.front().message;
    items_.erase(items_.begin());
    return message;
  }

  void save(ArchiveWriter& out) const { out.put_span(std::span<const Item>(items_)); }
  [[nodiscard]] bool load(ArchiveReader& in, std::size_t count_max) { return in.get_vector(items_, count_max); }

 private:
  std::vector<Item> items_;
};

}  // namespace martinet

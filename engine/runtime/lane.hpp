#pragma once
// A lane: one message type from one thread to one other, bounded, in order. Boost's wait-free ring does the work; the lane adds
// the names of the domain. What a full lane means is for its producer to decide (engine/app/lanes.hpp): push() refuses, has_room() tells before.
#include <boost/lockfree/spsc_queue.hpp>
#include <cstddef>

#include "engine/base/assert.hpp"
#include "engine/runtime/touch_pages.hpp"

namespace martinet {

/// Threads: one producer calls push, has_room, free_slots; one consumer calls drain, pop, empty. In lock step, where one thread
/// at a time holds the turn, the holder may call any of them.
/// cost   push and pop: one copy of T, wait-free; no allocation after construction (the ring is inside the object: big lanes on the heap)
template <class T, std::size_t Capacity>
class Lane {
 public:
  static constexpr std::size_t kCapacity = Capacity;

  /// Touches the ring, so that its first round faults no page on a hot thread.
  Lane() noexcept { touch_pages(this, sizeof(*this)); }

  /// fails: false when full; nothing was queued
  [[nodiscard]] bool push(const T& message) noexcept { return queue_.push(message); }

  /// For producers that made sure of room before they took the input that led to this message.
  void push_reserved(const T& message) noexcept {
    const bool queued = push(message);
    MT_ASSERT(queued);
  }

  [[nodiscard]] bool pop(T& message) noexcept { return queue_.pop(message); }

  /// Hands at most `count_max` messages to `consume(const T&)`, in order; returns how many. A slot is free for the producer again
  /// as soon as its message is consumed; what `consume` itself pushes here is handed out too.
  template <class Consume>
  std::size_t drain(std::size_t count_max, Consume&& consume) noexcept {
    std::size_t count = 0;
    // The message is read in place, not copied out.
    while (count < count_max && queue_.consume_one([&consume](const T& message) { consume(message); })) ++count;
    return count;
  }

  [[nodiscard]] bool empty() const noexcept { return queue_.read_available() == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return queue_.read_available(); }
  [[nodiscard]] std::size_t free_slots() const noexcept { return queue_.write_available(); }
  [[nodiscard]] bool has_room(std::size_t reserve) const noexcept { return queue_.write_available() >= reserve; }

 private:
  boost::lockfree::spsc_queue<T, boost::lockfree::capacity<Capacity>> queue_;
};

}  // namespace martinet

#pragma once
// Orders that rest or wait at the simulated venue: a pool, one list per instrument in order of arrival, and every order that was
// taken and not yet forgotten.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "adapters/paper/fixed_ring.hpp"
#include "engine/base/capacity.hpp"
#include "engine/base/fixed_map.hpp"
#include "engine/messages/order_request.hpp"

namespace martinet {

struct PaperOrder {
  OrderRequest request;
  std::uint64_t venue_order_id = 0;
  Qty leaves{};
  Qty queue_ahead{};         ///< resting: what stands before it at its price
  Money reserved{};          ///< of the balance, for `leaves`
  Qty sell_reserved{};       ///< spot sells: of what is held
  std::uint8_t waiting = 0;  ///< 1 = its trigger has not fired
  std::uint8_t blind = 0;    ///< 1 = it took part of the opposite side when it came; what it took is still shown and must not fill it again
  std::uint8_t attached = 0;  ///< 1 = it belongs to the position and ends with it (protection.cpp)
  std::uint8_t whole = 0;     ///< 1 = an attribute of the position: covers all of it, whatever it is
  std::uint8_t pad[4] = {};
  Qty filled{};  ///< sum of its fills; leaves may have been cut besides
};

/// What is remembered of an order that is over.
struct DoneOrder {
  OrderKey key;
  std::uint64_t venue_order_id = 0;
  Qty filled{};
  InstrumentId instrument = kNoInstrument;
  StrategyId strategy = kNoStrategy;
  Side side = Side::none;
  std::uint8_t pad[3] = {};
};
[[nodiscard]] constexpr DoneOrder done_form(const PaperOrder& order) noexcept {
  return {order.request.key, order.venue_order_id, order.filled, order.request.instrument, order.request.strategy, order.request.side, {}};
}

/// No queue is known at the order's price: only a trade beyond it fills it.
inline constexpr Qty kQueueUnknown{std::numeric_limits<std::int64_t>::max()};

class OpenOrders {
 public:
  using Slot = std::uint16_t;
  static constexpr Slot kNone = 0xFFFF;
  static_assert(capacity::paper_orders_max < kNone);

  explicit OpenOrders(std::size_t instrument_count);

  [[nodiscard]] bool full() const noexcept { return free_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return nodes_.size() - free_.size(); }
  [[nodiscard]] bool empty(InstrumentId instrument) const noexcept { return lists_[instrument].first == kNone; }
  [[nodiscard]] Slot first(InstrumentId instrument) const noexcept { return lists_[instrument].first; }
  [[nodiscard]] Slot next(Slot slot) const noexcept { return nodes_[slot].next; }
  [[nodiscard]] PaperOrder& operator[](Slot slot) noexcept { return nodes_[slot].order; }
  [[nodiscard]] const PaperOrder& operator[](Slot slot) const noexcept { return nodes_[slot].order; }

  /// Slot of an open order, or kNone.
  [[nodiscard]] Slot find(const OrderKey& key) const noexcept;
  /// Open, or among the last capacity::paper_done_keys_max that are done.
  [[nodiscard]] bool is_known(const OrderKey& key) const noexcept { return keys_.find(key) != nullptr; }
  /// Among those that are done, or nullptr; valid until the next order is done.
  [[nodiscard]] const DoneOrder* find_done(const OrderKey& key) const noexcept;

  /// Adds at the end of its instrument's list; not full(), key not known. Returned slot is valid until remove().
  Slot add(const PaperOrder& order) noexcept;
  void remove(Slot slot) noexcept;
  /// An order that was done at once: it is remembered.
  void remember_done(const DoneOrder& order) noexcept;

  void save(ArchiveWriter& out) const;
  [[nodiscard]] bool load(ArchiveReader& in);

 private:
  struct Node {
    PaperOrder order;
    Slot previous = kNone;
    Slot next = kNone;
  };
  struct List {
    Slot first = kNone;
    Slot last = kNone;
  };
  static constexpr std::uint32_t kDone = 1U << 31;  ///< in keys_: the rest is an index of done_
  void clear() noexcept;

  std::vector<Node> nodes_;
  FixedRing<Slot> free_;
  std::vector<List> lists_;
  FixedMap<OrderKey, std::uint32_t, OrderKeyHash> keys_;  ///< a slot, or kDone and where in done_
  std::vector<DoneOrder> done_;                           ///< a ring; oldest at done_first_
  std::size_t done_first_ = 0;
  std::size_t done_count_ = 0;
};

}  // namespace martinet

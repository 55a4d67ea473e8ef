#pragma once
// The venue as its read side shows it: every change arrives there query_lag_ns after it happened. That is how a venue forgets an
// order that it has just accepted, and still lists one that is gone.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "adapters/paper/fixed_ring.hpp"
#include "adapters/paper/open_orders.hpp"
#include "engine/base/archive.hpp"

namespace martinet {

/// What a position report says.
struct PositionImage {
  Qty qty{};
  Price entry_price = kNoPrice;
};

/// Where more than capacity::paper_changes_max changes are under way, the oldest arrives early.
class LaggedTruth {
 public:
  LaggedTruth(std::size_t instrument_count, std::int64_t lag_ns);

  /// The order has changed at now_ns, and with it the position of its instrument. done: it is over.
  void note(std::int64_t now_ns, const PaperOrder& order, bool done, const PositionImage& position) noexcept;
  /// A position has changed without an order.
  void note_position(std::int64_t now_ns, InstrumentId instrument, const PositionImage& position) noexcept;

  /// Lets arrive what happened at or before now_ns - lag.
  void catch_up(std::int64_t now_ns) noexcept;
  [[nodiscard]] const OpenOrders& orders() const noexcept { return orders_; }
  [[nodiscard]] const PositionImage& position(InstrumentId instrument) const noexcept { return positions_[instrument]; }

  void save(ArchiveWriter& out) const;
  [[nodiscard]] bool load(ArchiveReader& in);

 private:
  enum class What : std::uint8_t { position, open, done };
  struct Change {
    std::int64_t ts_ns = 0;
    PaperOrder order;  ///< of `position` only the instrument counts
    PositionImage position;
    What what = What::position;
    std::uint8_t pad[7] = {};
  };
  void push(const Change& change) noexcept;
  void apply(const Change& change) noexcept;

  std::int64_t lag_ns_;
  OpenOrders orders_;
  std::vector<PositionImage> positions_;
  FixedRing<Change> changes_;
};

}  // namespace martinet

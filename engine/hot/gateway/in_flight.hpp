#pragma once
// Orders the gateway follows: the live ones and, for a while, the finished ones, because a venue tells some things twice and
// some things late.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/archive.hpp"
#include "engine/base/fixed_map.hpp"
#include "engine/messages/order_request.hpp"

namespace martinet {

/// One order of ours at the venue.
struct InFlight {
  static constexpr std::size_t kTradesMax =
      64;  ///< executions remembered per order; more than one market order's walk through a book gives

  OrderKey key;
  Qty qty{};                         ///< as requested
  Qty filled_qty{};                  ///< sum of the distinct fills seen
  std::uint64_t venue_order_id = 0;  ///< 0 until the venue has spoken
  InstrumentId instrument = kNoInstrument;
  std::uint8_t done = 0;       ///< finished; remembered to tell repeated events from late ones
  std::uint8_t accepted = 0;   ///< seen `accepted`
  std::uint8_t triggered = 0;  ///< seen `triggered`
  std::uint8_t pad[3] = {};
  std::uint64_t trade_count = 0;  ///< distinct fills seen; the last kTradesMax of their ids are kept
  std::array<std::uint64_t, kTradesMax> trade_ids{};

  [[nodiscard]] bool has_trade(std::uint64_t trade_id) const noexcept {
    const auto end = trade_ids.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(trade_count, kTradesMax));
    return std::find(trade_ids.begin(), end, trade_id) != end;
  }
  void note_trade(std::uint64_t trade_id) noexcept { trade_ids[trade_count++ % kTradesMax] = trade_id; }
};

/// Fixed table of InFlight by OrderKey. Rows are live or done; a done row is given up, oldest first, when its room is needed.
/// cost  every call: one probe; the rows lie in one array
class InFlightTable {
 public:
  /// in  live_max: live orders at once, >= 1; as many done ones are remembered
  explicit InFlightTable(std::size_t live_max)
      : live_max_(live_max), index_(2 * live_max), rows_(2 * live_max), done_ring_(live_max), free_(2 * live_max) {
    clear();
  }

  [[nodiscard]] InFlight* find(const OrderKey& key) noexcept {
    const std::uint32_t* at = index_.find(key);
    return at == nullptr ? nullptr : &rows_[*at];
  }
  [[nodiscard]] std::size_t live_count() const noexcept { return live_count_; }
  [[nodiscard]] std::size_t live_max() const noexcept { return live_max_; }

  /// A new live row, or nullptr if live_max are live. The key must not be in the table.
  InFlight* add(const OrderKey& key) noexcept {
    if (live_count_ == live_max_) return nullptr;
    const std::uint32_t at = take_row(key);
    ++live_count_;
    return &rows_[at];
  }

  /// A live row becomes done. Pointers to other rows stay valid.
  void finish(InFlight& row) noexcept {
    MT_DASSERT(row.done == 0);
    row.done = 1;
    --live_count_;
    remember(*index_.find(row.key));
  }

  void save(ArchiveWriter& out) const {
    out.put(static_cast<std::uint64_t>(live_max_));
    out.put_span(std::span<const InFlight>(rows_));
    out.put_span(std::span<const std::uint32_t>(done_ring_));
    out.put_span(std::span<const std::uint32_t>(free_));
    out.put(static_cast<std::uint64_t>(free_count_));
    out.put(static_cast<std::uint64_t>(done_first_));
    out.put(static_cast<std::uint64_t>(done_count_));
  }
  [[nodiscard]] Errc load(ArchiveReader& in);

 private:
  void clear() noexcept {
    index_.clear();
    for (InFlight& row : rows_) row = {};
    for (std::size_t i = 0; i < free_.size(); ++i) free_[i] = static_cast<std::uint32_t>(free_.size() - 1 - i);
    free_count_ = free_.size();
    live_count_ = done_first_ = done_count_ = 0;
  }
  std::uint32_t take_row(const OrderKey& key) noexcept {
    MT_ASSERT(free_count_ > 0);  // live_max live and live_max done rows are all there are
    const std::uint32_t at = free_[--free_count_];
    rows_[at] = {};
    rows_[at].key = key;
    const bool inserted = index_.insert(key, at);
    MT_ASSERT(inserted);
    return at;
  }
  void remember(std::uint32_t at) noexcept {
    if (done_count_ == done_ring_.size()) {
      const std::uint32_t oldest = done_ring_[done_first_];
      index_.erase(rows_[oldest].key);
      free_[free_count_++] = oldest;
      done_first_ = (done_first_ + 1) % done_ring_.size();
      --done_count_;
    }
    done_ring_[(done_first_ + done_count_++) % done_ring_.size()] = at;
  }
  [[nodiscard]] bool consistent() const noexcept;

  std::size_t live_max_;
  FixedMap<OrderKey, std::uint32_t, OrderKeyHash> index_;
  std::vector<InFlight> rows_;
  std::vector<std::uint32_t> done_ring_;  ///< rows of done orders, oldest first from done_first_
  std::vector<std::uint32_t> free_;       ///< the first free_count_ are free rows
  std::size_t free_count_ = 0;
  std::size_t done_first_ = 0;
  std::size_t done_count_ = 0;
  std::size_t live_count_ = 0;
};

inline bool InFlightTable::consistent() const noexcept {
  const std::size_t total = rows_.size();
  if (free_count_ > total || done_first_ >= done_ring_.size() || done_count_ > done_ring_.size()) return false;
  const auto in_range = [total](std::uint32_t at) { return at < total; };
  return std::all_of(free_.begin(), free_.end(), in_range) && std::all_of(done_ring_.begin(), done_ring_.end(), in_range);
}

inline Errc InFlightTable::load(ArchiveReader& in) {
  std::uint64_t free_count = 0;
  std::uint64_t done_first = 0;
  std::uint64_t done_count = 0;
  const bool read = in.expect(static_cast<std::uint64_t>(live_max_)) && in.get_span(std::span<InFlight>(rows_)) &&
                    in.get_span(std::span<std::uint32_t>(done_ring_)) && in.get_span(std::span<std::uint32_t>(free_)) &&
                    in.get(free_count) && in.get(done_first) && in.get(done_count);
  free_count_ = static_cast<std::size_t>(free_count);
  done_first_ = static_cast<std::size_t>(done_first);
  done_count_ = static_cast<std::size_t>(done_count);
  if (!read || !consistent()) {
    clear();
    return Errc::checkpoint_mismatch;
  }
  std::vector<std::uint8_t> is_free(rows_.size(), 0);
  for (std::size_t i = 0; i < free_count_; ++i) is_free[free_[i]] = 1;
  index_.clear();
  live_count_ = 0;
  for (std::uint32_t at = 0; at < rows_.size(); ++at) {
    if (is_free[at] != 0) continue;
    if (!index_.insert(rows_[at].key, at)) {
      clear();
      return Errc::checkpoint_mismatch;
    }
    live_count_ += rows_[at].done == 0 ? 1 : 0;
  }
  if (index_.size() != live_count_ + done_count_ || live_count_ > live_max_) {
    clear();
    return Errc::checkpoint_mismatch;
  }
  return Errc::ok;
}

}  // namespace martinet

#pragma once
// One side-by-side order book. Levels of a side lie in one sorted array with the best at the END: most changes happen near the
// best price, so little moves. The search starts there too and widens in doubling steps.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/archive.hpp"
#include "engine/base/assert.hpp"
#include "engine/base/capacity.hpp"
#include "engine/base/errc.hpp"
#include "engine/base/fixed_point.hpp"

namespace martinet {

struct BookLevel {
  Price price{};
  Qty qty{};                      ///< > 0
  std::uint32_t text_crc = 0;     ///< kept by checksum25(): CRC-32 of ":price:qty" as printed
  std::uint8_t text_size = 0;     ///< its length; 0 = not computed since the level was set
  std::uint8_t price_digits = 0;  ///< decimals as the venue printed them; checksums are over that text
  std::uint8_t qty_digits = 0;
  std::uint8_t pad = 0;
  bool operator==(const BookLevel& other) const noexcept {
    return price == other.price && qty == other.qty && price_digits == other.price_digits && qty_digits == other.qty_digits;
  }
};
static_assert(sizeof(BookLevel) == 24);

/// Memory is taken (and touched) in the constructor: levels_max * 24 bytes a side. Nothing allocates afterwards.
class Book {
 public:
  /// in    levels_max: levels kept a side, >= 1
  explicit Book(std::size_t levels_max = capacity::book_levels_max);

  void clear() noexcept;

  /// Sets the quantity of a price; 0 deletes the level (deleting what is not there is not an error).
  /// in    side: buy (bid) or sell (ask); qty >= 0; digits: decimals as printed, 0 where nobody computes a checksum
  /// fails no_capacity: the side is full and lost its worst level (which may be this one). The best levels stay right; how
  ///       deep they can be believed says is_top_known()
  /// cost  no allocation; about 10 ns near the best, a memmove of 24 bytes for each better level when a level comes or goes
  Errc set(Side side, Price price, Qty qty, std::uint8_t price_digits = 0, std::uint8_t qty_digits = 0) noexcept;

  [[nodiscard]] bool empty(Side side) const noexcept { return of(side).count == 0; }
  [[nodiscard]] std::size_t size(Side side) const noexcept { return of(side).count; }
  [[nodiscard]] std::size_t levels_max() const noexcept { return bids_.levels.size(); }

  /// The index-th level from the best (0); index < size(side). Valid until the next change.
  [[nodiscard]] const BookLevel& level(Side side, std::size_t index) const noexcept {
    const Half& half = of(side);
    MT_DASSERT(index < half.count);
    return half.levels[half.count - 1 - index];
  }
  [[nodiscard]] const BookLevel& best_bid() const noexcept { return level(Side::buy, 0); }   ///< not empty(buy)
  [[nodiscard]] const BookLevel& best_ask() const noexcept { return level(Side::sell, 0); }  ///< not empty(sell)

  /// All levels of a side, worst first. Valid until the next change.
  [[nodiscard]] std::span<const BookLevel> levels(Side side) const noexcept { return {of(side).levels.data(), of(side).count}; }

  /// Quantity at exactly this price; 0 if there is none.
  [[nodiscard]] Qty qty_at(Side side, Price price) const noexcept;

  /// crossed: the best bid is above the best ask; locked: they are equal. False while a side is empty.
  [[nodiscard]] bool crossed() const noexcept { return both_sides() && best_bid().price > best_ask().price; }
  [[nodiscard]] bool locked() const noexcept { return both_sides() && best_bid().price == best_ask().price; }
  [[nodiscard]] bool both_sides() const noexcept { return bids_.count != 0 && asks_.count != 0; }

  /// Levels that a full side had to drop since clear(), both sides together.
  [[nodiscard]] std::uint64_t dropped() const noexcept { return bids_.dropped + asks_.dropped; }
  /// False if the side's best is no better than a level that was dropped for want of room: better ones may be missing.
  [[nodiscard]] bool is_top_known(Side side) const noexcept;

  /// CRC-32 (IEEE) of the best 25 levels, "bid:qty:ask:qty:bid:..." with the digits the venue printed; levels missing on the
  /// shorter side are left out.
  /// in    the decimals of the instrument's grid, the same in every call
  /// from  Bitget `books` channel; vectors in the test
  /// cost  no allocation. Each level's part is computed once and kept until the level is set again: an update of few levels costs
  ///       a tenth of what the whole text would
  [[nodiscard]] std::uint32_t checksum25(int price_decimals, int qty_decimals) noexcept;

  void save(ArchiveWriter& writer) const;
  /// fails checkpoint_mismatch: more levels than fit, or not a book; the book is then empty
  [[nodiscard]] Errc load(ArchiveReader& reader) noexcept;

  /// The same levels on both sides; what was dropped does not count.
  bool operator==(const Book& other) const noexcept;

 private:
  struct Half {
    std::vector<BookLevel> levels;  // [0, count) ascending in sign * price
    std::size_t count = 0;
    std::uint64_t dropped = 0;
    std::int64_t dropped_key = 0;  // best key dropped; meaningful if dropped > 0
    std::int64_t sign = 1;         // +1 bids, -1 asks: the key sign * price is greater for a better level

    [[nodiscard]] std::int64_t key_at(std::size_t i) const noexcept { return sign * levels[i].price.v; }
    [[nodiscard]] std::size_t lower_bound(std::int64_t key) const noexcept;
    void erase(std::size_t at) noexcept;
    Errc insert(std::size_t at, const BookLevel& level) noexcept;
    void note_dropped(std::int64_t key) noexcept;
    [[nodiscard]] bool load(ArchiveReader& reader) noexcept;
    void save(ArchiveWriter& writer) const;
    void clear() noexcept;
  };
  [[nodiscard]] Half& of(Side side) noexcept { return side == Side::buy ? bids_ : asks_; }
  [[nodiscard]] const Half& of(Side side) const noexcept { return side == Side::buy ? bids_ : asks_; }

  Half bids_;
  Half asks_;
};

// Inline because the search is most of what a feed does with a book.
inline std::size_t Book::Half::lower_bound(std::int64_t key) const noexcept {
  // First level whose key is not below `key`, searched from the best in steps of 1, 2, 4, ...
  std::size_t high = count;
  std::size_t low = 0;
  for (std::size_t step = 1; high >= step; step *= 2) {
    const std::size_t probe = high - step;
    if (key_at(probe) < key) {
      low = probe + 1;
      break;
    }
    high = probe;
  }
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (key_at(middle) < key) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

inline Errc Book::set(Side side, Price price, Qty qty, std::uint8_t price_digits, std::uint8_t qty_digits) noexcept {
  MT_DASSERT(side != Side::none && qty.v >= 0);
  Half& half = of(side);
  const std::int64_t key = half.sign * price.v;
  const std::size_t at = half.lower_bound(key);
  const bool found = at < half.count && half.levels[at].price == price;
  if (qty.v == 0) {
    if (found) half.erase(at);
    return Errc::ok;
  }
  const BookLevel level{price, qty, 0, 0, price_digits, qty_digits, 0};
  if (!found) return half.insert(at, level);
  half.levels[at] = level;
  return Errc::ok;
}

}  // namespace martinet

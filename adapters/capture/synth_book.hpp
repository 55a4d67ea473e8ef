#pragma once
// The order book of one synthetic symbol, in ticks and lots: it follows a wanted best bid and ask, is eaten by trades, and tells
// what changed since it was last told.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "adapters/capture/synth_random.hpp"

namespace martinet::capture {

struct BookLevel {
  std::int64_t ticks = 0;
  std::int64_t lots = 0;  ///< in a change: 0 deletes
  bool operator==(const BookLevel&) const = default;
};

/// One fill of a market order.
struct BookFill {
  std::int64_t ticks = 0;
  std::int64_t lots = 0;
};

struct BookShape {
  std::int64_t gap_ticks = 1;  ///< usual distance of neighbouring levels
  std::int64_t lots = 1;       ///< usual quantity of a level
};

/// Both sides best first. Invariants between calls: never empty, bids fall, asks rise, best bid < best ask, lots > 0.
class SynthBook {
 public:
  static constexpr std::size_t kLevels = 50;

  explicit SynthBook(BookShape shape) noexcept : shape_(shape) {}

  /// Brings the best prices to (bid, ask) and shuffles the rest a little. bid < ask; bid > kLevels * 4 * gap_ticks
  void follow(std::int64_t bid, std::int64_t ask, Random& random);
  /// A market order that eats at most three levels; what it cannot eat is not filled.
  void take(bool buy, std::int64_t lots, std::vector<BookFill>& fills);

  [[nodiscard]] const std::vector<BookLevel>& bids() const noexcept { return bids_; }
  [[nodiscard]] const std::vector<BookLevel>& asks() const noexcept { return asks_; }

 private:
  // sign -1: bids (better is higher), +1: asks (better is lower); `away` = sign * ticks rises from the best level outward.
  void pull_side(std::vector<BookLevel>& side, std::int64_t sign, std::int64_t best, Random& random);
  void shuffle_side(std::vector<BookLevel>& side, Random& random);
  void extend_side(std::vector<BookLevel>& side, std::int64_t sign, Random& random);
  std::int64_t gap(Random& random) const noexcept;
  std::int64_t lots(Random& random) const noexcept;

  BookShape shape_;
  std::vector<BookLevel> bids_;
  std::vector<BookLevel> asks_;
};

/// Levels that turn `before` into `after` (both of one side, best first): new and changed ones with their quantity, gone ones with 0;
/// best first. higher_is_better: bids.
void book_changes(const std::vector<BookLevel>& before, const std::vector<BookLevel>& after, bool higher_is_better,
                  std::vector<BookLevel>& changes);

}  // namespace martinet::capture

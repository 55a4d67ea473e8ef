#include "adapters/capture/synth_book.hpp"

#include <algorithm>

namespace martinet::capture {

std::int64_t SynthBook::gap(Random& random) const noexcept { return 1 + random.below(2 * shape_.gap_ticks - 1); }

// Many small levels and some large ones: the usual size times 0.1 .. 1, one in twelve times up to ten.
std::int64_t SynthBook::lots(Random& random) const noexcept {
  const std::int64_t usual = 1 + shape_.lots / 10 + random.below(shape_.lots);
  return random.below(12) == 0 ? usual * (1 + random.below(10)) : usual;
}

void SynthBook::pull_side(std::vector<BookLevel>& side, std::int64_t sign, std::int64_t best, Random& random) {
  const auto better = [sign, best](const BookLevel& level) { return sign * level.ticks < sign * best; };
  side.erase(side.begin(), std::find_if_not(side.begin(), side.end(), better));
  // New levels from the wanted best outward, until they meet what is there: where the best price ran away, the way is filled.
  std::vector<BookLevel> front;
  for (std::int64_t ticks = best; front.size() < kLevels && (side.empty() || sign * ticks < sign * side.front().ticks);
       ticks += sign * gap(random)) {
    front.push_back({ticks, lots(random)});
  }
  side.insert(side.begin(), front.begin(), front.end());
  if (side.size() > kLevels) side.resize(kLevels);
}

void SynthBook::shuffle_side(std::vector<BookLevel>& side, Random& random) {
  const std::int64_t count = 1 + random.below(4);
  for (std::int64_t i = 0; i < count; ++i) {
    // Twice as much happens near the best price: the smaller of two places.
    const auto size = static_cast<std::int64_t>(side.size());
    const auto place = static_cast<std::size_t>(std::min(random.below(size), random.below(size)));
    if (place != 0 && random.below(5) == 0) {
      side.erase(side.begin() + static_cast<std::ptrdiff_t>(place));
    } else {
      side[place].lots = lots(random);
    }
  }
}

void SynthBook::extend_side(std::vector<BookLevel>& side, std::int64_t sign, Random& random) {
  while (side.size() < kLevels) side.push_back({side.back().ticks + sign * gap(random), lots(random)});
}

void SynthBook::follow(std::int64_t bid, std::int64_t ask, Random& random) {
  pull_side(bids_, -1, bid, random);
  pull_side(asks_, +1, ask, random);
  shuffle_side(bids_, random);
  shuffle_side(asks_, random);
  extend_side(bids_, -1, random);
  extend_side(asks_, +1, random);
}

void SynthBook::take(bool buy, std::int64_t lots_wanted, std::vector<BookFill>& fills) {
  fills.clear();
  std::vector<BookLevel>& side = buy ? asks_ : bids_;
  while (lots_wanted > 0 && fills.size() < 3 && side.size() > 1) {
    BookLevel& best = side.front();
    const std::int64_t eaten = std::min(lots_wanted, best.lots);
    fills.push_back({best.ticks, eaten});
    lots_wanted -= eaten;
    best.lots -= eaten;
    if (best.lots == 0) side.erase(side.begin());
  }
}

void book_changes(const std::vector<BookLevel>& before, const std::vector<BookLevel>& after, bool higher_is_better,
                  std::vector<BookLevel>& changes) {
  changes.clear();
  const auto first = [higher_is_better](const BookLevel& a, const BookLevel& b) {
    return higher_is_better ? a.ticks > b.ticks : a.ticks < b.ticks;
  };
  auto old = before.begin();
  for (const BookLevel& level : after) {
    for (; old != before.end() && first(*old, level); ++old) changes.push_back({old->ticks, 0});
    const bool known = old != before.end() && old->ticks == level.ticks;
    if (!known || old->lots != level.lots) changes.push_back(level);
    if (known) ++old;
  }
  for (; old != before.end(); ++old) changes.push_back({old->ticks, 0});
}

}  // namespace martinet::capture

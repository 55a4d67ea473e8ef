#pragma once
// A venue of our own: a true book that changes at random, told in the words of each protocol, over a line that loses, repeats,
// reorders and corrupts. It remembers what the book was after every message, so that whatever the feed says can be checked.
#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <vector>

#include "tests/engine/hot/feed/feed_support.hpp"

namespace martinet::feed_test {

enum class Dialect : std::uint8_t { spot, futures, bitget_sequence, bitget_checksum };

struct Faults {
  double drop = 0;
  double duplicate = 0;
  double reorder = 0;  ///< swapped with the message before
  double corrupt = 0;  ///< wrong checksum or wrong quantity (bitget_checksum only: nobody else could see it)
};

class VenueModel {
 public:
  using Message = std::vector<DepthUpdate>;  ///< the pieces of one message

  VenueModel(Dialect dialect, std::uint64_t seed) : dialect_(dialect), random_(seed), truth_(256) {
    for (std::int64_t i = 0; i < 60; ++i) {
      (void)truth_.set(Side::buy, {middle_ - 1 - i}, {quantity()}, 2, 2);
      (void)truth_.set(Side::sell, {middle_ + 1 + i}, {quantity()}, 2, 2);
    }
    remember();
  }

  [[nodiscard]] InstrumentId instrument() const {
    return dialect_ == Dialect::spot ? kSpot : dialect_ == Dialect::futures ? kFutures : kBitget;
  }
  [[nodiscard]] bool beside_rest() const { return dialect_ == Dialect::spot || dialect_ == Dialect::futures; }
  [[nodiscard]] std::int64_t now_ns() const { return now_ns_; }

  /// The book after the last message with an id up to `id`; nothing if that is too long ago.
  [[nodiscard]] const Book* book_at_id(std::uint64_t id) const {
    const auto it = std::upper_bound(past_.begin(), past_.end(), id, [](std::uint64_t v, const Past& p) { return v < p.id; });
    return it == past_.begin() ? nullptr : &std::prev(it)->book;
  }
  /// The book after the message with this exchange stamp.
  [[nodiscard]] const Book* book_at_time(std::int64_t ts_ns) const {
    for (const Past& past : past_) {
      if (past.ts_ns == ts_ns) return &past.book;
    }
    return nullptr;
  }

  /// What the line delivers next: none, one or two messages; the time goes on.
  std::vector<Message> next(const Faults& faults) {
    Message message = make_change();
    std::vector<Message> delivered;
    if (happens(faults.drop)) return delivered;
    if (dialect_ == Dialect::bitget_checksum && happens(faults.corrupt)) corrupt(message);
    if (held_) {
      delivered.push_back(message);
      delivered.push_back(*held_);
      held_.reset();
    } else if (happens(faults.reorder)) {
      held_ = message;
      return delivered;
    } else {
      delivered.push_back(message);
    }
    if (happens(faults.duplicate)) delivered.push_back(delivered[random_() % delivered.size()]);
    for (Message& each : delivered) {
      for (DepthUpdate& piece : each) piece.ts_receive_ns = now_ns_ + 1'000'000;
    }
    return delivered;
  }

  /// The whole book as the venue would send it now.
  Message make_snapshot() {
    std::vector<DepthLevel> levels;
    for (const Side side : {Side::buy, Side::sell}) {
      for (std::size_t i = 0; i < truth_.size(side); ++i) levels.push_back(to_level(side, truth_.level(side, i)));
    }
    Message message = split(levels, static_cast<std::uint16_t>(depth_flag::snapshot | (beside_rest() ? depth_flag::rest : 0)), 40);
    // On futures the ids are shared by all symbols: a snapshot may stand behind the last change of ours.
    const std::uint64_t id = dialect_ == Dialect::futures ? id_ + random_() % (next_id_gap_ + 1) : id_;
    for (DepthUpdate& piece : message) finish(piece, 0, dialect_ == Dialect::bitget_checksum ? 0 : id, 0);
    return message;
  }

 private:
  struct Past {
    std::uint64_t id;
    std::int64_t ts_ns;
    Book book;
  };
  bool happens(double chance) { return std::uniform_real_distribution<double>(0, 1)(random_) < chance; }
  std::int64_t quantity() { return static_cast<std::int64_t>(random_() % 900 + 1); }
  static DepthLevel to_level(Side side, const BookLevel& level) {
    return {level.price, level.qty, side, level.price_digits, level.qty_digits, {}};
  }
  void remember() {
    // Whole copies: the truth has few levels, and the checks compare levels, not capacity.
    past_.push_back({id_, now_ns_, truth_});
    if (past_.size() > 300) past_.pop_front();
  }

  void change_level(std::vector<DepthLevel>& levels, Side side, std::int64_t price, std::int64_t qty) {
    for (const DepthLevel& level : levels) {
      if (level.side == side && level.price.v == price) return;  // one change of a level a message
    }
    (void)truth_.set(side, {price}, {qty}, 2, 2);
    levels.push_back({{price}, {qty}, side, 2, 2, {}});
  }

  Message make_change() {
    now_ns_ += static_cast<std::int64_t>(random_() % 40 + 1) * 1'000'000;
    std::vector<DepthLevel> levels;
    const auto steps = static_cast<std::int64_t>(random_() % 3) - 1;
    middle_ += middle_ + steps > 10'200 || middle_ + steps < 9'800 ? 0 : steps;
    while (!truth_.empty(Side::buy) && truth_.best_bid().price.v >= middle_) change_level(levels, Side::buy, truth_.best_bid().price.v, 0);
    while (!truth_.empty(Side::sell) && truth_.best_ask().price.v <= middle_)
      change_level(levels, Side::sell, truth_.best_ask().price.v, 0);
    for (std::uint64_t n = random_() % 6; n > 0; --n) {
      const bool bid = random_() % 2 == 0;
      const auto away = static_cast<std::int64_t>(random_() % (random_() % 3 == 0 ? 60 : 4)) + 1;
      const std::int64_t qty = random_() % 3 == 0 ? 0 : quantity();
      change_level(levels, bid ? Side::buy : Side::sell, bid ? middle_ - away : middle_ + away, qty);
    }
    for (const Side side : {Side::buy, Side::sell}) {  // never empty
      if (truth_.empty(side)) change_level(levels, side, side == Side::buy ? middle_ - 70 : middle_ + 70, quantity());
    }
    const std::uint64_t previous = id_;
    const std::uint64_t first = previous + (dialect_ == Dialect::futures ? next_id_gap_ : 0) + 1;
    id_ = first + random_() % 5;
    next_id_gap_ = random_() % 7;
    Message message = split(levels, dialect_ == Dialect::futures || dialect_ == Dialect::bitget_sequence ? depth_flag::has_previous : 0, 3);
    for (DepthUpdate& piece : message) finish(piece, beside_rest() ? first : 0, dialect_ == Dialect::bitget_checksum ? 0 : id_, previous);
    remember();
    return message;
  }

  void finish(DepthUpdate& piece, std::uint64_t first, std::uint64_t last, std::uint64_t previous) const {
    piece.first_id = first;
    piece.last_id = last;
    piece.previous_id = piece.has(depth_flag::has_previous) ? previous : 0;
    if (dialect_ != Dialect::bitget_checksum) return;
    piece.flags |= depth_flag::has_checksum;
    piece.checksum = static_cast<std::int32_t>(truth_.checksum25(2, 2));
  }

  [[nodiscard]] Message split(const std::vector<DepthLevel>& levels, std::uint16_t flags, std::size_t size) const {
    Message message;
    std::size_t at = 0;
    do {
      DepthUpdate piece{};
      piece.instrument = instrument();
      piece.flags = flags;
      piece.ts_exchange_ns = now_ns_;
      piece.ts_receive_ns = now_ns_ + 1'000'000;
      for (; at < levels.size() && piece.level_count < size; ++at) piece.levels[piece.level_count++] = levels[at];
      message.push_back(piece);
    } while (at < levels.size());
    message.front().flags |= depth_flag::first;
    message.back().flags |= depth_flag::last;
    return message;
  }

  void corrupt(Message& message) {
    DepthUpdate& piece = message[random_() % message.size()];
    if (piece.level_count > 0 && random_() % 2 == 0) {
      piece.levels[0].qty.v += 1;  // also turns a deletion into a level
      return;
    }
    for (DepthUpdate& each : message) each.checksum ^= 1 << (random_() % 32);
  }

  Dialect dialect_;
  std::mt19937_64 random_;
  mutable Book truth_;
  std::deque<Past> past_;
  std::optional<Message> held_;
  std::int64_t middle_ = 10'000;
  std::int64_t now_ns_ = kStart;
  std::uint64_t id_ = 1000;
  std::uint64_t next_id_gap_ = 0;
};

}  // namespace martinet::feed_test

#pragma once
// What the feed let through and what it refused, by reason. Plain numbers; the cold side makes words of them.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace martinet {

// name: what one count is. "message" is a whole venue message, "piece" one DepthUpdate.
#define MT_FEED_COUNTS(X)                                                                       \
  X(ticks_in)           /* decoded ticks handed in */                                           \
  X(depths_in)          /* pieces handed in */                                                  \
  X(candles_in)         /* candles handed in */                                                 \
  X(trades)             /* live trades passed on */                                             \
  X(history_trades)     /* trades of a snapshot of the past passed on */                        \
  X(quotes)             /* quotes passed on, those from books and partial books included */     \
  X(book_quotes)        /* of which taken from a book or partial book */                        \
  X(marks)              /* mark prices passed on */                                             \
  X(candles)            /* candles passed on */                                                 \
  X(times_estimated)    /* inputs without exchange time */                                      \
  X(jumps)              /* new price levels accepted after confirmation */                      \
  X(unknown_instrument) /* refused: not in the table (in the totals only) */                    \
  X(bad_tick)           /* refused: no known kind */                                            \
  X(bad_price)          /* refused: zero or negative price */                                   \
  X(bad_qty)            /* refused: zero or negative quantity */                                \
  X(crossed_quotes)     /* refused: bid above ask */                                            \
  X(locked_quotes)      /* refused: bid equals ask */                                           \
  X(one_sided_quotes)   /* no quote: a partial book or a book without bids or asks */           \
  X(outliers)           /* refused: too far from the last trusted price */                      \
  X(bad_times)          /* refused: exchange time far from receive time */                      \
  X(duplicate_trades)   /* refused: trade id seen */                                            \
  X(duplicate_quotes)   /* refused: update id not above the last */                             \
  X(superseded_quotes)  /* dropped: a better source has spoken */                               \
  X(bad_candles)        /* refused: prices that do not fit together */                          \
  X(depth_messages)     /* changes applied to a book */                                         \
  X(depth_skipped)      /* changes older than the snapshot */                                   \
  X(duplicate_depths)   /* changes applied before */                                            \
  X(depth_unsynced)     /* pieces dropped for want of a snapshot or of their message's start */ \
  X(depth_buffered)     /* pieces kept back for a snapshot */                                   \
  X(buffer_overflows)   /* kept pieces given up for want of room */                             \
  X(bad_depths)         /* pieces that make no sense */                                         \
  X(partial_depths)     /* partial books taken */                                               \
  X(snapshots)          /* whole books taken */                                                 \
  X(snapshots_ignored)  /* snapshots that came while the book was right */                      \
  X(snapshots_too_old)  /* snapshots that did not reach the stream */                           \
  X(gaps)               /* breaks in the sequence of a book */                                  \
  X(checksums_right)                                                                            \
  X(checksums_wrong)                                                                            \
  X(checksums_skipped) /* not to be verified: digits cannot be rebuilt */                       \
  X(crossed_books)     /* messages that left the book crossed */                                \
  X(locked_books)      /* messages that left the book locked */                                 \
  X(levels_dropped)    /* levels a full side gave up */                                         \
  X(tops_unknown)      /* books ended because dropped levels reached the top */                 \
  X(invalidations)     /* trust in a book lost */                                               \
  X(resyncs)           /* snapshots asked for */                                                \
  X(stale_books)       /* books given up for their age */                                       \
  X(stale)             /* times the instrument went stale */

enum class FeedCount : std::uint8_t {
#define MT_FEED_COUNT_NAME(name) name,
  MT_FEED_COUNTS(MT_FEED_COUNT_NAME)
#undef MT_FEED_COUNT_NAME
      count_
};
inline constexpr std::size_t kFeedCounts = static_cast<std::size_t>(FeedCount::count_);

[[nodiscard]] constexpr std::string_view name_of(FeedCount count) noexcept {
  constexpr std::array<std::string_view, kFeedCounts> kNames = {
#define MT_FEED_COUNT_TEXT(name) #name,
      MT_FEED_COUNTS(MT_FEED_COUNT_TEXT)
#undef MT_FEED_COUNT_TEXT
  };
  return kNames[static_cast<std::size_t>(count)];
}

class FeedCounters {
 public:
  [[nodiscard]] std::uint64_t operator[](FeedCount count) const noexcept { return counts_[static_cast<std::size_t>(count)]; }
  void add(FeedCount count, std::uint64_t times = 1) noexcept { counts_[static_cast<std::size_t>(count)] += times; }
  void add(const FeedCounters& other) noexcept {
    for (std::size_t i = 0; i < kFeedCounts; ++i) counts_[i] += other.counts_[i];
  }
  bool operator==(const FeedCounters&) const = default;

 private:
  std::array<std::uint64_t, kFeedCounts> counts_{};
};

}  // namespace martinet

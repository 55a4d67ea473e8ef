#pragma once
// What the feed may believe, in numbers. Bounds are checked where the configuration is read.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "engine/base/capacity.hpp"
#include "engine/base/instrument.hpp"
#include "engine/base/time.hpp"

namespace martinet {

struct FeedConfig {
  std::int64_t stale_ns = 10 * kNanosPerSecond;          ///< an instrument is stale this long after its last trusted live input; > 0
  std::int64_t book_stale_ns = 60 * kNanosPerSecond;     ///< a book without a message for this long is given up and fetched again; > 0.
                                                         ///< Books of quiet coins change every ten seconds or so (captures of 2021)
  std::int64_t resync_retry_ns = 5 * kNanosPerSecond;    ///< a snapshot that has not come is asked for again; > 0
  std::int64_t source_timeout_ns = 2 * kNanosPerSecond;  ///< a better quote source counts for this long after its last quote; > 0
  std::int64_t quote_refresh_ns = kNanosPerSecond;       ///< an unchanged top of the book is repeated as a quote after this long; > 0
  std::int64_t time_error_ns_max =
      10 * kNanosPerSecond;                 ///< exchange stamps further than this from receive stamp minus offset are refused; > 0
  Rate outlier_fraction{5'000'000};         ///< a price further than this from the last trusted one waits for others; 0.05
  std::uint32_t outlier_confirmations = 3;  ///< so many in a row that agree make a new level; >= 1
  std::uint32_t time_confirmations = 8;     ///< so many refused stamps in a row that agree make a new offset; >= 1
  std::uint32_t crossed_messages_max = 3;   ///< so many messages in a row that leave a book crossed or locked end it; >= 1
  std::size_t book_levels_max = 0;          ///< levels a side; 0 = book_levels_for(instruments)
  std::size_t resync_depths_max = capacity::resync_depths_max;  ///< pieces kept back while snapshots are awaited, all instruments; >= 1
};

/// Levels a side such that all books together stay at 12.6 MB: the full capacity up to 16 instruments, 1024 at 256.
[[nodiscard]] constexpr std::size_t book_levels_for(std::size_t instruments) noexcept {
  return std::min(capacity::book_levels_max, 16 * capacity::book_levels_max / std::max<std::size_t>(instruments, 1));
}

}  // namespace martinet

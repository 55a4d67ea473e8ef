#pragma once
// Bars under way: integers on the instrument's grid, so that the tick path converts nothing and sums nothing inexactly.
#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "engine/base/time.hpp"
#include "engine/messages/candle.hpp"

namespace martinet {

/// A stamp that bars may be cut by: after 1970 and so far from the end of time that the end of its bar fits.
[[nodiscard]] constexpr bool is_usable_time(std::int64_t ts_ns) noexcept {
  return static_cast<std::uint64_t>(ts_ns) - 1 < static_cast<std::uint64_t>(kNever / 2);
}

/// The open bar of one timeframe. end_ns == kNever: none is open (nothing traded yet in this interval).
struct OpenBar {
  std::int64_t ts_open_ns = 0;
  std::int64_t end_ns = kNever;
  Price open{}, high{}, low{}, close{};
  __int128 volume = 0;  ///< 128 bits: a day of fine-grained quantities may pass 2^63

  [[nodiscard]] bool is_open() const noexcept { return end_ns != kNever; }
  void begin(std::int64_t ts_ns, std::int64_t timeframe_ns) noexcept {
    ts_open_ns = floor_to(ts_ns, timeframe_ns);
    end_ns = ts_open_ns + timeframe_ns;
  }
  void first(Price price, std::int64_t qty) noexcept {
    open = high = low = close = price;
    volume = qty;
  }
  void add(Price price, std::int64_t qty) noexcept {
    high = std::max(high, price);
    low = std::min(low, price);
    close = price;
    volume += qty;
  }
  /// A finer bar that lies within this one and after everything in it.
  void merge(Price bar_open, Price bar_high, Price bar_low, Price bar_close, __int128 bar_volume, bool is_first) noexcept {
    open = is_first ? bar_open : open;
    high = is_first ? bar_high : std::max(high, bar_high);
    low = is_first ? bar_low : std::min(low, bar_low);
    close = bar_close;
    volume = is_first ? bar_volume : volume + bar_volume;
  }
};
static_assert(sizeof(OpenBar) == 64 && std::is_trivially_copyable_v<OpenBar>, "one cache line");

/// What was seen of one timeframe of one instrument.
struct BarCounters {
  std::uint64_t closed = 0;
  std::uint64_t gaps = 0;  ///< bars that never were: nothing traded, or the feed was away. They are not invented
};

/// What was refused of one instrument.
struct RefusedCounters {
  std::uint64_t late = 0;        ///< trades (quotes) of a bar that has closed or been passed: dropped from every timeframe
  std::uint64_t unusable = 0;    ///< price not positive, quantity negative, no exchange time, candle whose high and low do not enclose it
  std::uint64_t stale_rows = 0;  ///< candle rows of a bar that has closed or been passed (a revision too late, or a snapshot again)
  std::uint64_t other_rows = 0;  ///< candle rows of an interval that is not the one in use, or that no timeframe is a multiple of
  std::uint64_t non_finite = 0;  ///< closed bars stopped at the indicators' door: a value became not finite or not positive as a double
};

}  // namespace martinet

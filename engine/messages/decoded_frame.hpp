#pragma once
// What one venue message says, in our words: the meeting point of every decoder and the feed. Allocated once (about 650 KB).
#include <array>
#include <cstdint>

#include "engine/base/capacity.hpp"
#include "engine/messages/candle.hpp"
#include "engine/messages/depth_update.hpp"
#include "engine/messages/tick.hpp"

namespace martinet {

enum class Channel : std::uint8_t {
  none,           ///< not decoded yet
  control,        ///< subscription answers, pong: nothing for the pipeline
  trade,
  agg_trade,
  book_ticker,
  depth_diff,     ///< changes of a book
  depth_snapshot, ///< a whole book (Bitget `books` snapshot, Binance REST depth)
  depth_partial,  ///< the best levels, whole each time (books1/5/15, depth5/10/20)
  candle,
  mark_price,
  ticker,         ///< Bitget ticker: quote and mark in one
  venue_error,    ///< the venue says that a request failed
  other,          ///< well-formed, of a channel that is not decoded
};

/// out of a decoder: the first tick_count ticks, candle_count candles and depth_count depths are set, in the order in which
/// they happened (a newest-first trade list is turned round). Entries beyond the counts are unspecified.
struct DecodedFrame {
  Channel channel = Channel::none;
  InstrumentId instrument = kNoInstrument;
  std::uint32_t tick_count = 0;
  std::uint32_t candle_count = 0;
  std::uint32_t depth_count = 0;
  std::array<Tick, capacity::decoded_ticks_max> ticks;
  std::array<Candle, capacity::decoded_candles_max> candles;
  std::array<DepthUpdate, capacity::decoded_depths_max> depths;

  void clear() noexcept {
    channel = Channel::none;
    instrument = kNoInstrument;
    tick_count = candle_count = depth_count = 0;
  }
};

}  // namespace martinet

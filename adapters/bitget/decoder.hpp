#pragma once
// Bitget v2 public WebSocket messages to engine words. A fast path is written for the layouts the venue really sends; whatever
// differs in a single byte goes to the general decoder, which is also the fast path's oracle: where fast says ok, slow says ok
// with the same DecodedFrame.
//
// trade         ticks oldest first; those of a `snapshot` carry tick_flag::history; sequence = tradeId
// ticker        one quote (left out where a side is missing or its price is zero) and, with a markPrice, one mark tick whose
//               ask_price is the index. Both from_ticker. Mark and index are computed by the venue with more decimals than it trades;
//               they alone are rounded (down) to the grid instead of refused
// books         depth_snapshot, depth_diff; books1/5/15: depth_partial. Bids first, then asks, in pieces of depth_levels_max
// candle*       every interval of the venue, with and without `utc`; a month is as long as its calendar month
// control       subscribe, unsubscribe, login and the text `pong`; venue_error: event `error` or a login code that is not 0
// other         private channels and what is new
//
// Levels keep the number of decimals as printed. Text that value and digits cannot rebuild (leading zeros; more decimals than the
// grid has, where digits is cut to the grid's) sets depth_flag::odd_digits on every piece of the message.
// from  venue reference, sections 11 to 14; captures of 2022 and 2024
#include <cstdint>
#include <memory>
#include <string_view>

#include "adapters/json/decoder_counters.hpp"
#include "adapters/json/symbol_cache.hpp"
#include "adapters/json/tape.hpp"
#include "engine/base/capacity.hpp"
#include "engine/base/errc.hpp"
#include "engine/base/instrument.hpp"
#include "engine/messages/decoded_frame.hpp"

namespace martinet {

/// in    frame: one message, at most capacity::frame_bytes_max bytes, no padding needed; not modified, not kept
/// out   out: cleared first; on error its counts are 0
/// fails bad_json, bad_utf8, bad_number, off_grid, number_too_large, missing_field, unknown_symbol, unknown_channel (a candle
///       interval that is not known), frame_too_large, too_deep, old_protocol (v1 and v3 messages);
///       decode_fast: only unusual_layout
/// cost  no allocation after construction (about 3.6 MB, touched); one pass over the frame on the fast path
class BitgetDecoder {
 public:
  explicit BitgetDecoder(const InstrumentTable& instruments);  ///< keeps a reference

  [[nodiscard]] Errc decode(std::string_view frame, std::int64_t ts_receive_ns, DecodedFrame& out) noexcept;
  [[nodiscard]] Errc decode_fast(std::string_view frame, std::int64_t ts_receive_ns, DecodedFrame& out) noexcept;
  [[nodiscard]] Errc decode_slow(std::string_view frame, std::int64_t ts_receive_ns, DecodedFrame& out) noexcept;

  [[nodiscard]] const DecoderCounters& counters() const noexcept { return counters_; }

 private:
  struct Fast;
  struct Slow;
  static constexpr std::size_t kAsksMax = capacity::decoded_depths_max * capacity::depth_levels_max;

  const InstrumentTable& instruments_;
  SymbolCache symbols_;
  DecoderCounters counters_;
  JsonTape tape_;
  std::unique_ptr<DepthLevel[]> asks_;  // asks come first on the wire and last in the output
};

}  // namespace martinet

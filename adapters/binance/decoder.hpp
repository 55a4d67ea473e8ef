#pragma once
// Binance public WebSocket messages (spot, USD-M, COIN-M; combined and raw streams) and REST depth answers to engine words. As
// with every venue: a fast path for the layouts that are really sent, and a general decoder, which is its oracle.
//
// trade, aggTrade   one tick, sequence = its id or 0, ts_exchange from T; the aggressor is the seller where the buyer is the maker (m).
// Trades whose X is
//                   not MARKET, or with a zero price or quantity, give no tick and count as skipped
// bookTicker        one quote; spot sends no time: ts_exchange_ns 0. A side without a price: no quote, skipped
// depthUpdate       depth_diff with U, u, pu; depth_partial where the stream is called depth5, depth10 or depth20 (on the futures
//                   markets only that name tells them apart, so a raw partial stream of theirs reads as a diff)
// lastUpdateId      REST answers (snapshot|rest), also wrapped as a stream `<symbol>@depthSnapshot`; in a stream called depth5/10/20
//                   depth_partial. The symbol is `symbol`, else that of the stream, else default_instrument
// kline             one candle, closed as x says
// markPriceUpdate   one mark tick, ask_price = index `i`, ts_exchange from E (T is the next funding). Rounded down to the grid: the
//                   venue computes both with eight decimals
// control           {"result":..,"id":..}; venue_error: {"code":..,"msg":..} and {"error":{..}}; other: everything else that is well-formed
//
// Times of 1e14 and more are microseconds. Level digits and odd_digits: as in adapters/bitget/decoder.hpp; here nearly every level is
// odd (eight decimals on a coarser grid), which is harmless as Binance sends no checksum.
// from  venue reference, sections 5.3 and 9; captures of 2021 and 2024
#include <cstdint>
#include <string_view>

#include "adapters/json/decoder_counters.hpp"
#include "adapters/json/symbol_cache.hpp"
#include "adapters/json/tape.hpp"
#include "engine/base/errc.hpp"
#include "engine/base/instrument.hpp"
#include "engine/messages/decoded_frame.hpp"

namespace martinet {

/// What a bare {"lastUpdateId":..} outside a stream is: the raw spot stream of partial depth has the shape of a REST answer.
enum class BareDepth : std::uint8_t { rest_answer, partial_stream };

/// in    frame: one message, at most capacity::frame_bytes_max bytes, no padding needed; not modified, not kept
/// out   out: cleared first; on error its counts are 0
/// fails bad_json, bad_utf8, bad_number, off_grid, number_too_large, missing_field, unknown_symbol, unknown_channel (a kline interval
///       that is not known), frame_too_large, too_deep; decode_fast: only unusual_layout
/// cost  no allocation after construction (about 3.1 MB, touched); one pass over the frame on the fast path
class BinanceDecoder {
 public:
  /// Keeps a reference to `instruments`. `market`: spot, usdm or coinm. `default_instrument`: of depth without a symbol, or kNoInstrument.
  BinanceDecoder(const InstrumentTable& instruments, Market market, InstrumentId default_instrument,
                 BareDepth bare_depth = BareDepth::rest_answer);

  [[nodiscard]] Errc decode(std::string_view frame, std::int64_t ts_receive_ns, DecodedFrame& out) noexcept;
  [[nodiscard]] Errc decode_fast(std::string_view frame, std::int64_t ts_receive_ns, DecodedFrame& out) noexcept;
  [[nodiscard]] Errc decode_slow(std::string_view frame, std::int64_t ts_receive_ns, DecodedFrame& out) noexcept;

  [[nodiscard]] const DecoderCounters& counters() const noexcept { return counters_; }

 private:
  struct Fast;
  struct Slow;

  const InstrumentTable& instruments_;
  SymbolCache symbols_;
  DecoderCounters counters_;
  JsonTape tape_;
  // Lengths of fields when last seen: the fast path's first guess, never more than that.
  struct Lengths {
    std::uint8_t price = 8;
    std::uint8_t id = 11;
  } lengths_;
  Market market_;
  InstrumentId default_instrument_;
  BareDepth bare_depth_;
};

}  // namespace martinet

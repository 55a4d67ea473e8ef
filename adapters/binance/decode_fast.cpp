// The layouts that Binance really sends, byte for byte. Every function gives false at the first byte that is not as expected.
#include "adapters/binance/channels.hpp"
#include "adapters/binance/decoder.hpp"
#include "adapters/json/depth_writer.hpp"
#include "adapters/json/fast_levels.hpp"
#include "adapters/json/scan.hpp"

namespace martinet {

// The cursor goes from function to function by value (and by reference only into what is inlined), so that it stays in registers:
// as a member it cost a store and a load per field, a quarter of the time of a quote.
struct BinanceDecoder::Fast {
  using Cursor = scan::Cursor;

  BinanceDecoder& decoder;
  std::int64_t ts_receive_ns;
  DecodedFrame& out;
  InstrumentId instrument = kNoInstrument;
  std::string_view stream{};
  bool combined = false;

  [[nodiscard]] const Instrument& grid() const noexcept { return decoder.instruments_[instrument]; }

  MT_INLINE bool run(Cursor in) noexcept {
    combined = in.take("{\"stream\":\"");
    if (!combined) return in.take("{") && event(in);
    return in.plain_string(stream) && in.take(",\"data\":{") && event(in);
  }

  // The end of the event and of the frame.
  MT_INLINE bool close(Cursor in) const noexcept { return (combined ? in.take("}}") : in.take("}")) && in.at_end(); }

  // From behind the opening brace of the event to the end of the frame.
  MT_INLINE bool event(Cursor in) noexcept {
    if (in.take("\"e\":\"")) {
      switch (in.peek()) {
        case 'b':
          return in.take("bookTicker\",\"u\":") && book_ticker(in, false);
        case 'd':
          return in.take("depthUpdate\",\"E\":") && depth_update(in);
        case 't':
          return in.take("trade\",\"E\":") && trade(in);
        case 'a':
          return in.take("aggTrade\",\"E\":") && agg_trade(in);
        case 'k':
          return in.take("kline\",\"E\":") && kline(in);
        case 'm':
          return in.take("markPriceUpdate\",\"E\":") && mark_price(in);
        default:
          return false;
      }
    }
    if (in.take("\"u\":")) return book_ticker(in, true);
    return in.take("\"lastUpdateId\":") && whole_book(in);
  }

  // BTCUSDT"  from behind the opening quote, with an optional pair behind it
  MT_INLINE bool symbol(Cursor& in) noexcept {
    const char* text = nullptr;
    unsigned size = 0;
    if (!in.symbol(text, size)) return false;
    instrument = decoder.symbols_.find(decoder.instruments_, Venue::binance, decoder.market_, text, size);
    if (instrument == kNoInstrument || !in.take("\"")) return false;
    out.instrument = instrument;
    return !in.take(",\"ps\":\"") || in.skip_string();
  }

  MT_INLINE static bool boolean(Cursor& in, bool& value) noexcept {
    value = in.take("true");
    return value || in.take("false");
  }

  // Field by field, as a Tick built first and copied would wait for its own stores.
  MT_INLINE void emit(Channel channel, TickKind kind, Side side, std::uint64_t sequence, std::int64_t ts_exchange_ns, Price bid_price,
                      Price ask_price, Qty bid_qty, Qty ask_qty) noexcept {
    Tick& tick = out.ticks[0];
    tick.ts_receive_ns = ts_receive_ns;
    tick.ts_exchange_ns = ts_exchange_ns;
    tick.sequence = sequence;
    tick.bid_price = bid_price;
    tick.ask_price = ask_price;
    tick.bid_qty = bid_qty;
    tick.ask_qty = ask_qty;
    tick.instrument = instrument;
    tick.kind = kind;
    tick.side = side;
    tick.flags = 0;
    out.channel = channel;
    out.tick_count = 1;
  }

  // spot     "u":N,"s":S,"b":P,"B":Q,"a":P,"A":Q}
  // USD-M    "e":"bookTicker","u":N,"s":S,"b":P,"B":Q,"a":P,"A":Q,"T":N,"E":N}
  // COIN-M   "u":N,"e":"bookTicker","s":S,"ps":S,"b":P,"B":Q,"a":P,"A":Q,"T":N,"E":N}
  MT_INLINE bool book_ticker(Cursor in, bool event_may_follow) noexcept {
    std::uint64_t update_id = 0;
    std::int64_t ts_exchange_ns = 0;
    Price bid_price, ask_price;
    Qty bid_qty, ask_qty;
    if (!in.whole(update_id, decoder.lengths_.id)) return false;
    const bool event_given = !event_may_follow || in.take(",\"e\":\"bookTicker\"");
    if (!in.take(",\"s\":\"") || !symbol(in)) return false;
    const int price_decimals = grid().price_decimals;
    const int qty_decimals = grid().qty_decimals;
    if (!in.take(",\"b\":\"") || !in.decimal_then("\",\"B\":\"", decoder.lengths_.price, price_decimals, bid_price.v)) return false;
    if (!in.decimal(qty_decimals, bid_qty.v) || !in.take("\",\"a\":\"")) return false;
    if (!in.decimal_then("\",\"A\":\"", decoder.lengths_.price, price_decimals, ask_price.v) || !in.decimal(qty_decimals, ask_qty.v))
      return false;
    if (bid_price.v == 0 || ask_price.v == 0) return false;
    if (!in.take("\"")) return false;
    if (event_given && (!in.take(",\"T\":") || !in.stamp(ts_exchange_ns) || !in.take(",\"E\":") || !in.skip_whole())) return false;
    if (!close(in)) return false;
    emit(Channel::book_ticker, TickKind::quote, Side::none, update_id, ts_exchange_ns, bid_price, ask_price, bid_qty, ask_qty);
    return true;
  }

  // spot     "E":N,"s":S,"t":N,"p":P,"q":Q,["b":N,"a":N,]"T":N,"m":B,"M":B}
  // futures  "E":N,"T":N,"s":S,"t":N,"p":P,"q":Q,["X":"MARKET",]"m":B}
  MT_INLINE bool trade(Cursor in) noexcept {
    std::int64_t ts_exchange_ns = 0;
    std::uint64_t trade_id = 0;
    if (!in.skip_whole()) return false;
    const bool futures = in.take(",\"T\":");
    if (futures && !in.stamp(ts_exchange_ns)) return false;
    if (!in.take(",\"s\":\"") || !symbol(in) || !in.take(",\"t\":") || !in.whole(trade_id)) return false;
    Price price;
    Qty qty;
    if (!price_and_qty(in, price, qty)) return false;
    if (futures) {
      if (in.take(",\"X\":\"") && !in.take("MARKET\"")) return false;
    } else {
      if (in.take(",\"b\":") && (!in.skip_whole() || !in.take(",\"a\":") || !in.skip_whole())) return false;
      if (!in.take(",\"T\":") || !in.stamp(ts_exchange_ns)) return false;
    }
    return finish_trade(in, Channel::trade, ts_exchange_ns, trade_id, price, qty);
  }

  // spot     "E":N,"s":S,"a":N,"p":P,"q":Q,"f":N,"l":N,"T":N,"m":B,"M":B}
  // futures  "E":N,"a":N,"s":S,"p":P,"q":Q,"f":N,"l":N,"T":N,"m":B}
  bool agg_trade(Cursor in) noexcept {
    std::int64_t ts_exchange_ns = 0;
    std::uint64_t trade_id = 0;
    if (!in.skip_whole()) return false;
    if (in.take(",\"a\":")) {
      if (!in.whole(trade_id) || !in.take(",\"s\":\"") || !symbol(in)) return false;
    } else if (!in.take(",\"s\":\"") || !symbol(in) || !in.take(",\"a\":") || !in.whole(trade_id)) {
      return false;
    }
    Price price;
    Qty qty;
    if (!price_and_qty(in, price, qty)) return false;
    if (!in.take(",\"f\":") || !in.skip_whole() || !in.take(",\"l\":") || !in.skip_whole()) return false;
    if (!in.take(",\"T\":") || !in.stamp(ts_exchange_ns)) return false;
    return finish_trade(in, Channel::agg_trade, ts_exchange_ns, trade_id, price, qty);
  }

  // ,"p":"61800.30","q":"0.006"
  MT_INLINE bool price_and_qty(Cursor& in, Price& price, Qty& qty) noexcept {
    if (!in.take(",\"p\":\"") || !in.decimal(grid().price_decimals, price.v)) return false;
    if (!in.take("\",\"q\":\"") || !in.decimal(grid().qty_decimals, qty.v)) return false;
    return price.v != 0 && qty.v != 0 && in.take("\"");
  }

  // ,"m":true,"M":true}
  MT_INLINE bool finish_trade(Cursor in, Channel channel, std::int64_t ts_exchange_ns, std::uint64_t trade_id, Price price,
                              Qty qty) noexcept {
    bool buyer_is_maker = false;
    bool ignored = false;
    if (!in.take(",\"m\":") || !boolean(in, buyer_is_maker)) return false;
    if (in.take(",\"M\":") && !boolean(in, ignored)) return false;
    if (!close(in)) return false;
    emit(channel, TickKind::trade, buyer_is_maker ? Side::sell : Side::buy, trade_id, ts_exchange_ns, price, kNoPrice, qty, Qty{});
    return true;
  }

  // spot     "E":N,"s":S,"U":N,"u":N,"b":[..],"a":[..]}
  // futures  "E":N,"T":N,"s":S,["ps":S,]"U":N,"u":N,"pu":N,"b":[..],"a":[..]}
  bool depth_update(Cursor in) noexcept {
    DepthHead depth{.ts_receive_ns = ts_receive_ns};
    if (!in.stamp(depth.ts_exchange_ns)) return false;
    if (in.take(",\"T\":") && !in.stamp(depth.ts_exchange_ns)) return false;
    if (!in.take(",\"s\":\"") || !symbol(in)) return false;
    if (!in.take(",\"U\":") || !in.whole(depth.first_id) || !in.take(",\"u\":") || !in.whole(depth.last_id)) return false;
    if (in.take(",\"pu\":")) {
      if (!in.whole(depth.previous_id)) return false;
      depth.flags |= depth_flag::has_previous;
    }
    const bool partial = binance::depth_kind_of(stream) == binance::DepthKind::partial;
    if (partial) depth.flags |= depth_flag::snapshot | depth_flag::partial;
    out.channel = partial ? Channel::depth_partial : Channel::depth_diff;
    return in.take(",\"b\":") && sides(in, depth, "\"a\":");
  }

  // N,["E":N,"T":N,]["symbol":S,"pair":S,]"bids":[..],"asks":[..]}
  bool whole_book(Cursor in) noexcept {
    DepthHead depth{.ts_receive_ns = ts_receive_ns};
    if (!in.whole(depth.last_id)) return false;
    if (in.take(",\"E\":") && (!in.skip_whole() || !in.take(",\"T\":") || !in.stamp(depth.ts_exchange_ns))) return false;
    if (in.take(",\"symbol\":\"")) {
      if (!symbol(in) || (in.take(",\"pair\":\"") && !in.skip_string())) return false;
    } else if (!stream.empty()) {
      const binance::StreamSymbol name(stream);
      instrument = decoder.symbols_.find(decoder.instruments_, Venue::binance, decoder.market_, name.bytes.data(), name.size);
    } else {
      instrument = decoder.default_instrument_;
    }
    if (instrument == kNoInstrument) return false;
    out.instrument = instrument;
    const bool partial =
        stream.empty() ? decoder.bare_depth_ == BareDepth::partial_stream : binance::depth_kind_of(stream) == binance::DepthKind::partial;
    depth.flags = static_cast<std::uint16_t>(depth_flag::snapshot | (partial ? depth_flag::partial : depth_flag::rest));
    out.channel = partial ? Channel::depth_partial : Channel::depth_snapshot;
    return in.take(",\"bids\":") && sides(in, depth, "\"asks\":");
  }

  // [..],"a":[..]}
  template <std::size_t N>
  MT_INLINE bool sides(Cursor in, DepthHead& depth, const char (&asks)[N]) noexcept {
    DepthWriter writer(out);
    bool odd = false;
    const auto next = [&writer] { return writer.next(); };
    if (!scan::levels(in, grid(), Side::buy, odd, next) || !in.take(",") || !in.take(asks)) return false;
    if (!scan::levels(in, grid(), Side::sell, odd, next) || !close(in)) return false;
    depth.instrument = instrument;
    depth.flags |= odd ? depth_flag::odd_digits : 0;
    return writer.finish(depth);
  }

  // "E":N,"s":S,"k":{"t":N,"T":N,"s":S,"i":"1m","f":N,"L":N,"o":P,"c":P,"h":P,"l":P,"v":Q,"n":N,"x":B,"q":S,"V":S,"Q":S,"B":S}}
  bool kline(Cursor in) noexcept {
    Candle& candle = out.candles[0];
    candle = Candle{};
    std::string_view interval;
    bool closed = false;
    if (!in.skip_whole() || !in.take(",\"s\":\"") || !symbol(in)) return false;
    if (!in.take(",\"k\":{\"t\":") || !in.stamp(candle.ts_open_ns) || !in.take(",\"T\":") || !in.skip_whole()) return false;
    if (!in.take(",\"s\":\"") || !in.skip_string() || !in.take(",\"i\":\"") || !in.plain_string(interval)) return false;
    if (!in.take(",\"f\":") || !in.skip_whole() || !in.take(",\"L\":") || !in.skip_whole()) return false;
    const int price_decimals = grid().price_decimals;
    if (!in.take(",\"o\":\"") || !in.decimal(price_decimals, candle.open.v)) return false;
    if (!in.take("\",\"c\":\"") || !in.decimal(price_decimals, candle.close.v)) return false;
    if (!in.take("\",\"h\":\"") || !in.decimal(price_decimals, candle.high.v)) return false;
    if (!in.take("\",\"l\":\"") || !in.decimal(price_decimals, candle.low.v)) return false;
    if (!in.take("\",\"v\":\"") || !in.decimal(grid().qty_decimals, candle.volume.v)) return false;
    if (!in.take("\",\"n\":") || !in.skip_whole() || !in.take(",\"x\":") || !boolean(in, closed)) return false;
    if (!in.take(",\"q\":\"") || !in.skip_string() || !in.take(",\"V\":\"") || !in.skip_string()) return false;
    if (!in.take(",\"Q\":\"") || !in.skip_string() || !in.take(",\"B\":\"") || !in.skip_string() || !in.take("}") || !close(in))
      return false;
    candle.interval_ns = binance::interval_ns_of(interval, candle.ts_open_ns);
    if (candle.interval_ns == 0) return false;
    candle.ts_receive_ns = ts_receive_ns;
    candle.instrument = instrument;
    candle.closed = closed ? 1 : 0;
    out.channel = Channel::candle;
    out.candle_count = 1;
    return true;
  }

  // "E":N,"s":S,"p":P,["ap":S,]["P":S,]["i":P,]["P":S,]"r":S,"T":N}
  bool mark_price(Cursor in) noexcept {
    std::int64_t ts_exchange_ns = 0;
    Price mark;
    Price index = kNoPrice;
    if (!in.stamp(ts_exchange_ns) || !in.take(",\"s\":\"") || !symbol(in)) return false;
    if (!in.take(",\"p\":\"") || !reference(in, mark) || mark.v == 0) return false;
    if (in.take(",\"ap\":\"") && !in.skip_string()) return false;
    if (in.take(",\"P\":\"") && !in.skip_string()) return false;
    if (in.take(",\"i\":\"") && !reference(in, index)) return false;
    if (in.take(",\"P\":\"") && !in.skip_string()) return false;
    if (!in.take(",\"r\":\"") || !in.skip_string() || !in.take(",\"T\":") || !in.skip_whole() || !close(in)) return false;
    if (index.v == 0) index = kNoPrice;
    emit(Channel::mark_price, TickKind::mark, Side::none, 0, ts_exchange_ns, mark, index, Qty{}, Qty{});
    return true;
  }

  MT_INLINE bool reference(Cursor& in, Price& price) noexcept {
    std::string_view text;
    return in.plain_string(text) && parse_decimal_rounding_down(text, grid().price_decimals, price.v) == Errc::ok;
  }
};

Errc BinanceDecoder::decode_fast(std::string_view frame, std::int64_t ts_receive_ns, DecodedFrame& out) noexcept {
  out.clear();
  if (frame.size() >= scan::Cursor::kFrameBytesMin && frame.size() <= capacity::frame_bytes_max) [[likely]] {
    Fast fast{*this, ts_receive_ns, out};
    if (fast.run(scan::Cursor(frame))) [[likely]]
      return Errc::ok;
    out.clear();
  }
  return Errc::unusual_layout;
}

}  // namespace martinet

// The layouts that Bitget really sends, byte for byte. Every function gives false at the first byte that is not as expected.
#include "adapters/bitget/channels.hpp"
#include "adapters/bitget/decoder.hpp"
#include "adapters/json/depth_writer.hpp"
#include "adapters/json/fast_levels.hpp"
#include "adapters/json/scan.hpp"

namespace martinet {

// The cursor goes from function to function by value (and by reference only into what is inlined), so that it stays in registers.
struct BitgetDecoder::Fast {
  using Cursor = scan::Cursor;

  BitgetDecoder& decoder;
  std::int64_t ts_receive_ns;
  DecodedFrame& out;
  Market market = Market::none;
  InstrumentId instrument = kNoInstrument;
  bool snapshot = false;

  [[nodiscard]] const Instrument& grid() const noexcept { return decoder.instruments_[instrument]; }

  MT_INLINE bool run(Cursor in) noexcept {
    if (in.take("{\"action\":\"")) [[likely]]
      return push(in);
    return in.take("{\"event\":\"") && acknowledgement(in);
  }

  // "subscribe","arg":{"instType":"SPOT","channel":"trade","instId":"BTCUSDT"}}
  bool acknowledgement(Cursor in) noexcept {
    if (!in.take("subscribe\",\"arg\":{\"") && !in.take("unsubscribe\",\"arg\":{\"")) return false;
    std::string_view text;
    if (!in.take("instType\":\"") || !in.plain_string(text) || bitget::market_of(text) == Market::none) return false;
    if (!in.take(",\"channel\":\"") || !in.skip_string() || !in.take(",\"instId\":\"") || !in.skip_string()) return false;
    out.channel = Channel::control;
    return in.take("}}") && in.at_end();
  }

  MT_INLINE bool push(Cursor in) noexcept {
    snapshot = in.peek() == 's';
    if (snapshot ? !in.take("snapshot\",\"arg\":{\"instType\":\"") : !in.take("update\",\"arg\":{\"instType\":\"")) return false;
    if (!inst_type(in) || !in.take(",\"channel\":\"")) return false;
    switch (in.peek()) {
      case 't':
        if (in.take("trade\"")) return trades(in);
        return in.take("ticker\"") && ticker(in);
      case 'b':
        return books(in);
      case 'c':
        return candles(in);
      default:
        return false;
    }
  }

  MT_INLINE bool inst_type(Cursor& in) noexcept {
    if (in.take("USDT-FUTURES\"")) {
      market = Market::usdt_futures;
    } else if (in.take("SPOT\"")) {
      market = Market::spot;
    } else if (in.take("COIN-FUTURES\"")) {
      market = Market::coin_futures;
    } else if (in.take("USDC-FUTURES\"")) {
      market = Market::usdc_futures;
    } else {
      return false;
    }
    return true;
  }

  // ,"instId":"BTCUSDT"},"data":[
  MT_INLINE bool head(Cursor& in) noexcept {
    const char* symbol = nullptr;
    unsigned size = 0;
    if (!in.take(",\"instId\":\"") || !in.symbol(symbol, size)) return false;
    instrument = decoder.symbols_.find(decoder.instruments_, Venue::bitget, market, symbol, size);
    return instrument != kNoInstrument && in.take("\"},\"data\":[");
  }

  // ],"ts":1730332858805}
  MT_INLINE bool tail(Cursor in) noexcept {
    out.instrument = instrument;
    return in.take("],\"ts\":") && in.skip_whole() && in.take("}") && in.at_end();
  }

  // {"ts":"1730332858796","price":"72389.99","size":"0.001373","side":"buy","tradeId":"1235671058980749319"},...
  MT_INLINE bool trades(Cursor in) noexcept {
    if (!head(in)) return false;
    const int price_decimals = grid().price_decimals;
    const int qty_decimals = grid().qty_decimals;
    const std::uint32_t flags = snapshot ? tick_flag::history : 0;
    std::uint32_t count = 0;
    do {
      if (count == out.ticks.size()) return false;
      Tick& tick = out.ticks[count++];
      std::int64_t ts_exchange_ns = 0;
      std::uint64_t trade_id = 0;
      Price price;
      Qty qty;
      if (!in.take("{\"ts\":\"") || !in.stamp(ts_exchange_ns)) return false;
      if (!in.take("\",\"price\":\"") || !in.decimal(price_decimals, price.v)) return false;
      if (!in.take("\",\"size\":\"") || !in.decimal(qty_decimals, qty.v)) return false;
      Side side = Side::buy;
      if (!in.take("\",\"side\":\"buy\",\"tradeId\":\"")) {
        if (!in.take("\",\"side\":\"sell\",\"tradeId\":\"")) return false;
        side = Side::sell;
      }
      if (!in.whole(trade_id) || !in.take("\"}")) return false;
      if (price.v == 0 || qty.v == 0) return false;
      tick.ts_receive_ns = ts_receive_ns;
      tick.ts_exchange_ns = ts_exchange_ns;
      tick.sequence = trade_id;
      tick.bid_price = price;
      tick.ask_price = kNoPrice;
      tick.bid_qty = qty;
      tick.ask_qty = Qty{};
      tick.instrument = instrument;
      tick.kind = TickKind::trade;
      tick.side = side;
      tick.flags = flags;
    } while (in.take(","));
    out.channel = Channel::trade;
    out.tick_count = count;
    bitget::order_ticks(out);
    return tail(in);
  }

  // {"instId":"STORJUSDT","lastPr":"0.4706","bidPr":"0.4705",...,"ts":"1730332823155"}: strings in any order, as it differs by market.
  bool ticker(Cursor in) noexcept {
    if (!head(in)) return false;
    bitget::TickerRow row;
    row.ts_receive_ns = ts_receive_ns;
    row.instrument = instrument;
    unsigned seen = 0;
    bool is_v2 = false;
    if (!in.take("{\"")) return false;
    do {
      std::string_view key;
      std::string_view value;
      if (!in.plain_string(key) || !in.take(":")) return false;
      const bitget::TickerField field = bitget::ticker_field(key);
      if (field == bitget::TickerField::none) {
        is_v2 = is_v2 || key == "lastPr";
        if (in.take("\"") ? !in.skip_string() : !in.skip_whole()) return false;
        continue;
      }
      const unsigned bit = 1U << static_cast<unsigned>(field);
      if ((seen & bit) != 0 || !in.take("\"") || !in.plain_string(value) || row.set(field, value, grid()) != Errc::ok) return false;
      seen |= bit;
    } while (in.take(",\""));
    constexpr unsigned kTs = 1U << static_cast<unsigned>(bitget::TickerField::ts);
    if (!in.take("}") || !is_v2 || (seen & kTs) == 0 || row.ts_exchange_ns == 0) return false;
    out.channel = Channel::ticker;
    return row.emit(out) && tail(in);
  }

  // books","instId":..  [{"asks":[[p,q],..],"bids":[..],"checksum":-1258619028,"ts":"1730332859988"}]
  bool books(Cursor in) noexcept {
    bool partial = true;
    if (in.take("books\"")) {
      partial = false;
    } else if (!in.take("books1\"") && !in.take("books5\"") && !in.take("books15\"")) {
      return false;
    }
    if ((partial && !snapshot) || !head(in) || !in.take("{\"asks\":")) return false;
    bool odd = false;
    DepthLevel* const asks = decoder.asks_.get();
    std::size_t ask_count = 0;
    const auto keep = [&]() -> DepthLevel* { return ask_count == kAsksMax ? nullptr : &asks[ask_count++]; };
    if (!scan::levels(in, grid(), Side::sell, odd, keep) || !in.take(",\"bids\":")) return false;
    DepthWriter writer(out);
    if (!scan::levels(in, grid(), Side::buy, odd, [&writer] { return writer.next(); })) return false;
    for (std::size_t i = 0; i < ask_count; ++i) {
      if (!writer.push(asks[i])) return false;
    }
    DepthHead depth{.ts_receive_ns = ts_receive_ns, .instrument = instrument};
    if (!book_fields(in, depth)) return false;
    depth.flags |= snapshot ? depth_flag::snapshot : 0;
    depth.flags |= partial ? depth_flag::partial : 0;
    depth.flags |= odd ? depth_flag::odd_digits : 0;
    out.channel = partial ? Channel::depth_partial : snapshot ? Channel::depth_snapshot : Channel::depth_diff;
    return writer.finish(depth) && tail(in);
  }

  // ,"checksum":N,"seq":N,"pseq":N,"ts":"N"} in any order, each at most once
  MT_INLINE bool book_fields(Cursor& in, DepthHead& depth) noexcept {
    unsigned seen = 0;
    const auto once = [&seen](unsigned bit) {
      const bool first = (seen & bit) == 0;
      seen |= bit;
      return first;
    };
    while (!in.take("}")) {
      if (in.take(",\"checksum\":")) {
        const bool negative = in.take("-");
        std::uint64_t value = 0;
        if (!once(1) || !in.whole(value) || value > 0x7FFFFFFFU + (negative ? 1U : 0U)) return false;
        depth.checksum = static_cast<std::int32_t>(negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value));
        if (value != 0) depth.flags |= depth_flag::has_checksum;
      } else if (in.take(",\"ts\":\"")) {
        if (!once(2) || !in.stamp(depth.ts_exchange_ns) || !in.take("\"")) return false;
      } else if (in.take(",\"seq\":")) {
        if (!once(4) || !id(in, depth.last_id)) return false;
      } else if (in.take(",\"pseq\":")) {
        if (!once(8) || !id(in, depth.previous_id)) return false;
        if (depth.previous_id != 0) depth.flags |= depth_flag::has_previous;
      } else {
        return false;
      }
    }
    return true;
  }

  MT_INLINE static bool id(Cursor& in, std::uint64_t& value) noexcept {
    if (in.take("\"")) return in.whole(value) && in.take("\"");
    return in.whole(value);
  }

  // candle1m","instId":..  ["1649290020000","113.47","113.47","113.33","113.37","16.68","1891.0116","1891.0116"],...
  bool candles(Cursor in) noexcept {
    std::string_view name;
    if (!in.take("candle") || !in.plain_string(name)) return false;
    const bitget::Interval interval = bitget::interval_of(name);
    if (!interval.known() || !head(in)) return false;
    const int price_decimals = grid().price_decimals;
    std::uint32_t count = 0;
    do {
      if (count == out.candles.size()) return false;
      Candle& candle = out.candles[count++];
      candle = Candle{};
      candle.ts_receive_ns = ts_receive_ns;
      if (!in.take("[\"") || !in.stamp(candle.ts_open_ns)) return false;
      if (!in.take("\",\"") || !in.decimal(price_decimals, candle.open.v)) return false;
      if (!in.take("\",\"") || !in.decimal(price_decimals, candle.high.v)) return false;
      if (!in.take("\",\"") || !in.decimal(price_decimals, candle.low.v)) return false;
      if (!in.take("\",\"") || !in.decimal(price_decimals, candle.close.v)) return false;
      if (!in.take("\",\"") || !in.decimal(grid().qty_decimals, candle.volume.v)) return false;
      if (!in.take("\",\"") || !in.skip_string() || !in.take(",\"") || !in.skip_string() || !in.take("]")) return false;
      candle.interval_ns = interval.length_ns(candle.ts_open_ns);
      candle.instrument = instrument;
      candle.history = snapshot ? 1 : 0;
    } while (in.take(","));
    out.channel = Channel::candle;
    out.candle_count = count;
    bitget::order_candles(out);
    return tail(in);
  }
};

Errc BitgetDecoder::decode_fast(std::string_view frame, std::int64_t ts_receive_ns, DecodedFrame& out) noexcept {
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

// The general decoder: any key order, any white space, escapes, numbers as strings or not. It decides what a message means; the
// fast path only gets there sooner.
#include "adapters/bitget/channels.hpp"
#include "adapters/bitget/decoder.hpp"
#include "adapters/json/depth_writer.hpp"
#include "adapters/json/number_text.hpp"

namespace martinet {

struct BitgetDecoder::Slow {
  BitgetDecoder& decoder;
  std::int64_t ts_receive_ns;
  DecodedFrame& out;
  InstrumentId instrument = kNoInstrument;
  bool snapshot = false;

  [[nodiscard]] const Instrument& grid() const noexcept { return decoder.instruments_[instrument]; }

  Errc run(JsonValue root) noexcept {
    if (!root.is_object()) return Errc::bad_json;
    const JsonValue arg = root.find("arg");
    if (bitget::is_v1(arg.find("instType").text()) || arg.find("topic")) return Errc::old_protocol;
    if (const JsonValue event = root.find("event")) return answer(event, root.find("code"));
    if (!arg) {
      if (!root.find("code")) return Errc::missing_field;
      out.channel = Channel::venue_error;
      return Errc::ok;
    }
    if (!arg.is_object()) return Errc::bad_json;
    return push(root, arg);
  }

  Errc answer(JsonValue event, JsonValue code) noexcept {
    if (!event.is_string()) return Errc::bad_json;
    const std::string_view name = event.text();
    const bool failed = code.is_scalar() && code.text() != "0" && !code.text().empty();
    if (name == "error" || (name == "login" && failed)) {
      out.channel = Channel::venue_error;
    } else if (name == "subscribe" || name == "unsubscribe" || name == "login") {
      out.channel = Channel::control;
    } else {
      out.channel = Channel::other;
    }
    return Errc::ok;
  }

  Errc push(JsonValue root, JsonValue arg) noexcept {
    const JsonValue name = arg.find("channel");
    if (!name || !arg.find("instType")) return Errc::missing_field;
    if (!name.is_string()) return Errc::bad_json;
    const Channel channel = channel_of(name.text());
    if (channel == Channel::other) {
      out.channel = Channel::other;
      return Errc::ok;
    }
    const JsonValue data = root.find("data");
    const JsonValue action = root.find("action");
    if (!data || !action || !arg.find("instId")) return Errc::missing_field;
    snapshot = action.text() == "snapshot";
    if (!data.is_array() || (!snapshot && action.text() != "update")) return Errc::bad_json;
    const Market market = bitget::market_of(arg.find("instType").text());
    instrument = decoder.instruments_.find(Venue::bitget, market, arg.find("instId").text());
    if (instrument == kNoInstrument) return Errc::unknown_symbol;
    out.channel = channel;
    out.instrument = instrument;
    switch (channel) {
      case Channel::trade:
        return trades(data);
      case Channel::ticker:
        return tickers(data);
      case Channel::candle:
        return candles(data, bitget::interval_of(name.text().substr(kCandle.size())));
      default:
        return books(data, channel);
    }
  }

  static constexpr std::string_view kCandle = "candle";

  [[nodiscard]] Channel channel_of(std::string_view name) const noexcept {
    if (name == "trade") return Channel::trade;
    if (name == "ticker") return Channel::ticker;
    if (name == "books") return Channel::depth_diff;
    if (name == "books1" || name == "books5" || name == "books15") return Channel::depth_partial;
    return name.starts_with(kCandle) ? Channel::candle : Channel::other;
  }

  static Errc number(JsonValue value, int decimals, std::int64_t& out) noexcept {
    if (!value) return Errc::missing_field;
    if (!value.is_scalar()) return Errc::bad_json;
    return parse_unsigned_decimal(value.text(), decimals, out);
  }
  static Errc id(JsonValue value, std::uint64_t& out) noexcept {
    if (!value) return Errc::missing_field;
    if (!value.is_scalar()) return Errc::bad_json;
    return parse_id(value.text(), out);
  }
  static Errc stamp(JsonValue value, std::int64_t& ts_ns) noexcept {
    std::uint64_t number = 0;
    if (const Errc error = id(value, number); error != Errc::ok) return error;
    return stamp_ns(number, ts_ns);
  }

  Errc trades(JsonValue data) noexcept {
    for (JsonValue row = data.first(); row; row = row.next()) {
      if (row.is_array()) return Errc::old_protocol;  // v1: ["1649290076980","113.37","0.49","sell"]
      if (!row.is_object()) return Errc::bad_json;
      Tick tick;
      tick.ts_receive_ns = ts_receive_ns;
      tick.ask_price = kNoPrice;
      tick.instrument = instrument;
      tick.kind = TickKind::trade;
      tick.flags = snapshot ? tick_flag::history : 0;
      if (const Errc error = stamp(row.find("ts"), tick.ts_exchange_ns); error != Errc::ok) return error;
      if (const Errc error = number(row.find("price"), grid().price_decimals, tick.bid_price.v); error != Errc::ok) return error;
      if (const Errc error = number(row.find("size"), grid().qty_decimals, tick.bid_qty.v); error != Errc::ok) return error;
      if (const Errc error = id(row.find("tradeId"), tick.sequence); error != Errc::ok) return error;
      const JsonValue side = row.find("side");
      if (!side) return Errc::missing_field;
      tick.side = side.text() == "buy" ? Side::buy : side.text() == "sell" ? Side::sell : Side::none;
      if (tick.side == Side::none) return Errc::bad_json;
      if (tick.bid_price.v == 0 || tick.bid_qty.v == 0) {
        ++decoder.counters_.skipped;
        continue;
      }
      if (out.tick_count == out.ticks.size()) return Errc::frame_too_large;
      out.ticks[out.tick_count++] = tick;
    }
    bitget::order_ticks(out);
    return Errc::ok;
  }

  Errc tickers(JsonValue data) noexcept {
    for (JsonValue row = data.first(); row; row = row.next()) {
      if (!row.is_object()) return Errc::bad_json;
      if (!row.find("lastPr")) return row.find("last") ? Errc::old_protocol : Errc::missing_field;
      bitget::TickerRow ticker;
      ticker.ts_receive_ns = ts_receive_ns;
      ticker.instrument = instrument;
      for (std::size_t i = 0; i < bitget::kTickerFieldNames.size(); ++i) {
        const JsonValue value = row.find(bitget::kTickerFieldNames[i]);
        if (!value || value.kind() == JsonKind::null) continue;
        if (!value.is_scalar()) return Errc::bad_json;
        if (const Errc error = ticker.set(static_cast<bitget::TickerField>(i), value.text(), grid()); error != Errc::ok) return error;
      }
      if (ticker.ts_exchange_ns == 0) return Errc::missing_field;
      if (!ticker.emit(out)) return Errc::frame_too_large;
    }
    return Errc::ok;
  }

  Errc candles(JsonValue data, bitget::Interval interval) noexcept {
    if (!interval.known()) return Errc::unknown_channel;
    for (JsonValue row = data.first(); row; row = row.next()) {
      if (!row.is_array()) return Errc::bad_json;
      constexpr std::size_t kColumnsV1 = 6;  // v2 has the turnover as well
      const std::size_t columns = row.count();
      if (columns <= kColumnsV1) return columns == kColumnsV1 ? Errc::old_protocol : Errc::missing_field;
      if (out.candle_count == out.candles.size()) return Errc::frame_too_large;
      Candle candle;
      candle.ts_receive_ns = ts_receive_ns;
      JsonValue cell = row.first();
      if (const Errc error = stamp(cell, candle.ts_open_ns); error != Errc::ok) return error;
      for (Price* const price : {&candle.open, &candle.high, &candle.low, &candle.close}) {
        cell = cell.next();
        if (const Errc error = number(cell, grid().price_decimals, price->v); error != Errc::ok) return error;
      }
      if (const Errc error = number(cell.next(), grid().qty_decimals, candle.volume.v); error != Errc::ok) return error;
      candle.interval_ns = interval.length_ns(candle.ts_open_ns);
      candle.instrument = instrument;
      candle.history = snapshot ? 1 : 0;
      out.candles[out.candle_count++] = candle;
    }
    bitget::order_candles(out);
    return Errc::ok;
  }

  Errc books(JsonValue data, Channel channel) noexcept {
    const bool partial = channel == Channel::depth_partial;
    if (partial && !snapshot) return Errc::bad_json;  // these channels are whole each time; half of one would be taken for a book
    if (snapshot && !partial) out.channel = Channel::depth_snapshot;
    for (JsonValue book = data.first(); book; book = book.next()) {
      if (!book.is_object()) return Errc::bad_json;
      const JsonValue bids = book.find("bids");
      const JsonValue asks = book.find("asks");
      if (!bids || !asks) return Errc::missing_field;
      DepthWriter writer(out);
      bool odd = false;
      if (const Errc error = side(bids, Side::buy, odd, writer); error != Errc::ok) return error;
      if (const Errc error = side(asks, Side::sell, odd, writer); error != Errc::ok) return error;
      DepthHead depth{.ts_receive_ns = ts_receive_ns, .instrument = instrument};
      if (const Errc error = book_fields(book, depth); error != Errc::ok) return error;
      depth.flags |= snapshot ? depth_flag::snapshot : 0;
      depth.flags |= partial ? depth_flag::partial : 0;
      depth.flags |= odd ? depth_flag::odd_digits : 0;
      if (!writer.finish(depth)) return Errc::frame_too_large;
    }
    return Errc::ok;
  }

  Errc side(JsonValue levels, Side side, bool& odd, DepthWriter& writer) noexcept {
    if (!levels.is_array()) return Errc::bad_json;
    for (JsonValue row = levels.first(); row; row = row.next()) {
      const JsonValue price = row.first();
      const JsonValue qty = price.next();
      if (!price.is_scalar() || !qty.is_scalar()) return Errc::bad_json;
      DepthLevel level;
      level.side = side;
      if (const Errc error = parse_level_number(price.text(), grid().price_decimals, level.price.v, level.price_digits, odd);
          error != Errc::ok)
        return error;
      if (const Errc error = parse_level_number(qty.text(), grid().qty_decimals, level.qty.v, level.qty_digits, odd); error != Errc::ok)
        return error;
      if (!writer.push(level)) return Errc::frame_too_large;
    }
    return Errc::ok;
  }

  Errc book_fields(JsonValue book, DepthHead& depth) noexcept {
    if (const JsonValue value = book.find("ts")) {
      if (const Errc error = stamp(value, depth.ts_exchange_ns); error != Errc::ok) return error;
    }
    if (const JsonValue value = book.find("seq")) {
      if (const Errc error = id(value, depth.last_id); error != Errc::ok) return error;
    }
    if (const JsonValue value = book.find("pseq")) {
      if (const Errc error = id(value, depth.previous_id); error != Errc::ok) return error;
      if (depth.previous_id != 0) depth.flags |= depth_flag::has_previous;
    }
    if (const JsonValue value = book.find("checksum"); value && value.kind() != JsonKind::null) {
      if (!value.is_scalar()) return Errc::bad_json;
      if (const Errc error = parse_i32(value.text(), depth.checksum); error != Errc::ok) return error;
      if (depth.checksum != 0) depth.flags |= depth_flag::has_checksum;
    }
    return Errc::ok;
  }
};

Errc BitgetDecoder::decode_slow(std::string_view frame, std::int64_t ts_receive_ns, DecodedFrame& out) noexcept {
  out.clear();
  if (frame == "pong") {
    out.channel = Channel::control;
    return Errc::ok;
  }
  Errc error = tape_.parse(frame);
  if (error == Errc::ok) error = Slow{*this, ts_receive_ns, out}.run(tape_.root());
  if (error != Errc::ok) out.clear();
  return error;
}

}  // namespace martinet

// The general decoder: any key order, any white space, escapes, numbers as strings or not. It decides what a message means; the
// fast path only gets there sooner.
#include "adapters/binance/channels.hpp"
#include "adapters/binance/decoder.hpp"
#include "adapters/json/depth_writer.hpp"
#include "adapters/json/number_text.hpp"

namespace martinet {

struct BinanceDecoder::Slow {
  BinanceDecoder& decoder;
  std::int64_t ts_receive_ns;
  DecodedFrame& out;
  InstrumentId instrument = kNoInstrument;
  std::string_view stream{};

  [[nodiscard]] const Instrument& grid() const noexcept { return decoder.instruments_[instrument]; }

  Errc run(JsonValue root) noexcept {
    if (root.is_array()) return done(Channel::other);  // !ticker@arr and its kind
    if (!root.is_object()) return Errc::bad_json;
    const JsonValue name = root.find("stream");
    const JsonValue data = root.find("data");
    if (!name || !data) return event(root);
    if (!name.is_string()) return Errc::bad_json;
    stream = name.text();
    return data.is_object() ? event(data) : done(Channel::other);
  }

  Errc done(Channel channel) noexcept {
    out.channel = channel;
    return Errc::ok;
  }

  Errc event(JsonValue data) noexcept {
    const JsonValue kind = data.find("e");
    if (!kind) return nameless(data);
    if (!kind.is_string()) return Errc::bad_json;
    const std::string_view name = kind.text();
    if (name == "bookTicker") return book_ticker(data);
    if (name == "depthUpdate") return depth_update(data);
    if (name == "trade") return trade(data, Channel::trade, "t");
    if (name == "aggTrade") return trade(data, Channel::agg_trade, "a");
    if (name == "kline") return kline(data);
    if (name == "markPriceUpdate") return mark_price(data);
    return done(Channel::other);
  }

  Errc nameless(JsonValue data) noexcept {
    if (data.find("lastUpdateId")) return whole_book(data);
    if (data.find("u") && data.find("s") && data.find("b") && data.find("a")) return book_ticker(data);
    if (data.find("error") || (data.find("code") && data.find("msg"))) return done(Channel::venue_error);
    return done(data.find("result") ? Channel::control : Channel::other);
  }

  Errc find_instrument(std::string_view symbol) noexcept {
    instrument = decoder.instruments_.find(Venue::binance, decoder.market_, symbol);
    out.instrument = instrument;
    return instrument == kNoInstrument ? Errc::unknown_symbol : Errc::ok;
  }
  Errc symbol(JsonValue value) noexcept {
    if (!value) return Errc::missing_field;
    return value.is_string() ? find_instrument(value.text()) : Errc::bad_json;
  }

  static Errc number(JsonValue value, int decimals, std::int64_t& number) noexcept {
    if (!value) return Errc::missing_field;
    if (!value.is_scalar()) return Errc::bad_json;
    return parse_unsigned_decimal(value.text(), decimals, number);
  }
  static Errc id(JsonValue value, std::uint64_t& number) noexcept {
    if (!value) return Errc::missing_field;
    if (!value.is_scalar()) return Errc::bad_json;
    return parse_id(value.text(), number);
  }
  static Errc stamp(JsonValue value, std::int64_t& ts_ns) noexcept {
    std::uint64_t number = 0;
    if (const Errc error = id(value, number); error != Errc::ok) return error;
    return stamp_ns(number, ts_ns);
  }
  static Errc boolean(JsonValue value, bool& truth) noexcept {
    if (!value) return Errc::missing_field;
    if (!value.is_boolean()) return Errc::bad_json;
    truth = value.kind() == JsonKind::boolean_true;
    return Errc::ok;
  }
  // The matching engine's time, else the event's, else (where that is allowed) none.
  static Errc exchange_time(JsonValue data, bool required, std::int64_t& ts_ns) noexcept {
    if (const JsonValue transaction = data.find("T")) return stamp(transaction, ts_ns);
    const JsonValue sent = data.find("E");
    if (!sent && !required) return Errc::ok;
    return stamp(sent, ts_ns);
  }

  Tick tick_of(TickKind kind) const noexcept {
    Tick tick;
    tick.ts_receive_ns = ts_receive_ns;
    tick.instrument = instrument;
    tick.kind = kind;
    return tick;
  }
  Errc emit(const Tick& tick) noexcept {
    out.ticks[out.tick_count++] = tick;
    return Errc::ok;
  }
  Errc skip() noexcept {
    ++decoder.counters_.skipped;
    return Errc::ok;
  }

  Errc book_ticker(JsonValue data) noexcept {
    out.channel = Channel::book_ticker;
    if (const Errc error = symbol(data.find("s")); error != Errc::ok) return error;
    Tick tick = tick_of(TickKind::quote);
    if (const Errc error = id(data.find("u"), tick.sequence); error != Errc::ok) return error;
    if (const Errc error = number(data.find("b"), grid().price_decimals, tick.bid_price.v); error != Errc::ok) return error;
    if (const Errc error = number(data.find("B"), grid().qty_decimals, tick.bid_qty.v); error != Errc::ok) return error;
    if (const Errc error = number(data.find("a"), grid().price_decimals, tick.ask_price.v); error != Errc::ok) return error;
    if (const Errc error = number(data.find("A"), grid().qty_decimals, tick.ask_qty.v); error != Errc::ok) return error;
    if (const Errc error = exchange_time(data, false, tick.ts_exchange_ns); error != Errc::ok) return error;
    return tick.bid_price.v == 0 || tick.ask_price.v == 0 ? skip() : emit(tick);
  }

  Errc trade(JsonValue data, Channel channel, std::string_view id_name) noexcept {
    out.channel = channel;
    if (const Errc error = symbol(data.find("s")); error != Errc::ok) return error;
    // Insurance fund and delivery settlements: not prices of the market, and their numbers need not be on its grid.
    if (const JsonValue kind = data.find("X"); kind && kind.text() != "MARKET") return skip();
    Tick tick = tick_of(TickKind::trade);
    tick.ask_price = kNoPrice;
    if (const JsonValue trade_id = data.find(id_name)) {  // the USD-M aggTrades of 2019 had none
      if (const Errc error = id(trade_id, tick.sequence); error != Errc::ok) return error;
    }
    if (const Errc error = number(data.find("p"), grid().price_decimals, tick.bid_price.v); error != Errc::ok) return error;
    if (const Errc error = number(data.find("q"), grid().qty_decimals, tick.bid_qty.v); error != Errc::ok) return error;
    if (const Errc error = exchange_time(data, true, tick.ts_exchange_ns); error != Errc::ok) return error;
    bool buyer_is_maker = false;
    if (const Errc error = boolean(data.find("m"), buyer_is_maker); error != Errc::ok) return error;
    tick.side = buyer_is_maker ? Side::sell : Side::buy;
    return tick.bid_price.v == 0 || tick.bid_qty.v == 0 ? skip() : emit(tick);
  }

  Errc mark_price(JsonValue data) noexcept {
    out.channel = Channel::mark_price;
    if (const Errc error = symbol(data.find("s")); error != Errc::ok) return error;
    Tick tick = tick_of(TickKind::mark);
    tick.ask_price = kNoPrice;
    // Not T: here that is the time of the next funding.
    if (const Errc error = stamp(data.find("E"), tick.ts_exchange_ns); error != Errc::ok) return error;
    if (const Errc error = reference(data.find("p"), tick.bid_price); error != Errc::ok) return error;
    if (const JsonValue index = data.find("i"); index && !index.text().empty()) {
      if (const Errc error = reference(index, tick.ask_price); error != Errc::ok) return error;
      if (tick.ask_price.v == 0) tick.ask_price = kNoPrice;
    }
    return tick.bid_price.v == 0 ? skip() : emit(tick);
  }
  Errc reference(JsonValue value, Price& price) const noexcept {
    if (!value) return Errc::missing_field;
    if (!value.is_scalar()) return Errc::bad_json;
    return parse_decimal_rounding_down(value.text(), grid().price_decimals, price.v);
  }

  Errc kline(JsonValue data) noexcept {
    out.channel = Channel::candle;
    if (const Errc error = symbol(data.find("s")); error != Errc::ok) return error;
    const JsonValue bar = data.find("k");
    if (!bar) return Errc::missing_field;
    if (!bar.is_object()) return Errc::bad_json;
    Candle candle;
    candle.ts_receive_ns = ts_receive_ns;
    candle.instrument = instrument;
    if (const Errc error = stamp(bar.find("t"), candle.ts_open_ns); error != Errc::ok) return error;
    const int price_decimals = grid().price_decimals;
    if (const Errc error = number(bar.find("o"), price_decimals, candle.open.v); error != Errc::ok) return error;
    if (const Errc error = number(bar.find("h"), price_decimals, candle.high.v); error != Errc::ok) return error;
    if (const Errc error = number(bar.find("l"), price_decimals, candle.low.v); error != Errc::ok) return error;
    if (const Errc error = number(bar.find("c"), price_decimals, candle.close.v); error != Errc::ok) return error;
    if (const Errc error = number(bar.find("v"), grid().qty_decimals, candle.volume.v); error != Errc::ok) return error;
    bool closed = false;
    if (const Errc error = boolean(bar.find("x"), closed); error != Errc::ok) return error;
    candle.closed = closed ? 1 : 0;
    const JsonValue interval = bar.find("i");
    if (!interval) return Errc::missing_field;
    candle.interval_ns = binance::interval_ns_of(interval.text(), candle.ts_open_ns);
    if (candle.interval_ns == 0) return Errc::unknown_channel;
    out.candles[out.candle_count++] = candle;
    return Errc::ok;
  }

  Errc depth_update(JsonValue data) noexcept {
    const bool partial = binance::depth_kind_of(stream) == binance::DepthKind::partial;
    out.channel = partial ? Channel::depth_partial : Channel::depth_diff;
    if (const Errc error = symbol(data.find("s")); error != Errc::ok) return error;
    DepthHead depth{.ts_receive_ns = ts_receive_ns, .instrument = instrument};
    if (partial) depth.flags = depth_flag::snapshot | depth_flag::partial;
    if (const Errc error = exchange_time(data, true, depth.ts_exchange_ns); error != Errc::ok) return error;
    if (const Errc error = id(data.find("U"), depth.first_id); error != Errc::ok) return error;
    if (const Errc error = id(data.find("u"), depth.last_id); error != Errc::ok) return error;
    if (const JsonValue previous = data.find("pu")) {
      if (const Errc error = id(previous, depth.previous_id); error != Errc::ok) return error;
      depth.flags |= depth_flag::has_previous;
    }
    return sides(data.find("b"), data.find("a"), depth);
  }

  Errc whole_book(JsonValue data) noexcept {
    const bool bare = stream.empty();
    const bool partial =
        bare ? decoder.bare_depth_ == BareDepth::partial_stream : binance::depth_kind_of(stream) == binance::DepthKind::partial;
    out.channel = partial ? Channel::depth_partial : Channel::depth_snapshot;
    if (const Errc error = book_instrument(data.find("symbol")); error != Errc::ok) return error;
    DepthHead depth{.ts_receive_ns = ts_receive_ns, .instrument = instrument};
    depth.flags = static_cast<std::uint16_t>(depth_flag::snapshot | (partial ? depth_flag::partial : depth_flag::rest));
    if (const Errc error = id(data.find("lastUpdateId"), depth.last_id); error != Errc::ok) return error;
    if (const Errc error = exchange_time(data, false, depth.ts_exchange_ns); error != Errc::ok) return error;
    return sides(data.find("bids"), data.find("asks"), depth);
  }

  Errc book_instrument(JsonValue name) noexcept {
    if (name) return symbol(name);
    if (!stream.empty()) return find_instrument(binance::StreamSymbol(stream).view());
    instrument = decoder.default_instrument_;
    out.instrument = instrument;
    return instrument == kNoInstrument ? Errc::unknown_symbol : Errc::ok;
  }

  Errc sides(JsonValue bids, JsonValue asks, DepthHead& depth) noexcept {
    if (!bids || !asks) return Errc::missing_field;
    DepthWriter writer(out);
    bool odd = false;
    if (const Errc error = side(bids, Side::buy, odd, writer); error != Errc::ok) return error;
    if (const Errc error = side(asks, Side::sell, odd, writer); error != Errc::ok) return error;
    depth.flags |= odd ? depth_flag::odd_digits : 0;
    return writer.finish(depth) ? Errc::ok : Errc::frame_too_large;
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
};

Errc BinanceDecoder::decode_slow(std::string_view frame, std::int64_t ts_receive_ns, DecodedFrame& out) noexcept {
  out.clear();
  Errc error = tape_.parse(frame);
  if (error == Errc::ok) error = Slow{*this, ts_receive_ns, out}.run(tape_.root());
  if (error != Errc::ok) out.clear();
  return error;
}

}  // namespace martinet

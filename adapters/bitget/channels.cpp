#include "adapters/bitget/channels.hpp"

#include <algorithm>
#include <array>

#include "adapters/json/number_text.hpp"

namespace martinet::bitget {

Market market_of(std::string_view inst_type) noexcept {
  if (inst_type == "USDT-FUTURES") return Market::usdt_futures;
  if (inst_type == "SPOT") return Market::spot;
  if (inst_type == "COIN-FUTURES") return Market::coin_futures;
  if (inst_type == "USDC-FUTURES") return Market::usdc_futures;
  return Market::none;
}

bool is_v1(std::string_view inst_type) noexcept {
  constexpr std::array<std::string_view, 6> kNames = {"mc", "sp", "umcbl", "dmcbl", "cmcbl", "spbl"};
  return std::find(kNames.begin(), kNames.end(), inst_type) != kNames.end();
}

std::int64_t Interval::length_ns(std::int64_t ts_open_ns) const noexcept {
  return month ? next_month_ns(ts_open_ns + day_starts_ns) - (ts_open_ns + day_starts_ns) : ns;
}

Interval interval_of(std::string_view name) noexcept {
  struct Row {
    std::string_view name;
    std::int64_t ns;
  };
  constexpr std::array<Row, 14> kRows = {{{"1m", kNanosPerMinute},
                                          {"3m", 3 * kNanosPerMinute},
                                          {"5m", 5 * kNanosPerMinute},
                                          {"15m", 15 * kNanosPerMinute},
                                          {"30m", 30 * kNanosPerMinute},
                                          {"1H", kNanosPerHour},
                                          {"2H", 2 * kNanosPerHour},
                                          {"4H", 4 * kNanosPerHour},
                                          {"6H", 6 * kNanosPerHour},
                                          {"12H", 12 * kNanosPerHour},
                                          {"1D", kNanosPerDay},
                                          {"3D", 3 * kNanosPerDay},
                                          {"1W", 7 * kNanosPerDay},
                                          {"1M", 0}}};
  const bool utc = name.size() > 3 && name.ends_with("utc");
  if (utc) name.remove_suffix(3);
  for (const Row& row : kRows) {
    if (row.name != name) continue;
    return row.ns != 0 ? Interval{row.ns, false, 0} : Interval{0, true, utc ? 0 : 8 * kNanosPerHour};
  }
  return {};
}

void order_ticks(DecodedFrame& out) noexcept {
  if (out.tick_count < 2) return;
  Tick* const begin = out.ticks.data();
  Tick* const end = begin + out.tick_count;
  if (begin->ts_exchange_ns >= (end - 1)->ts_exchange_ns) std::reverse(begin, end);
}

void order_candles(DecodedFrame& out) noexcept {
  if (out.candle_count < 2) return;
  Candle* const begin = out.candles.data();
  Candle* const end = begin + out.candle_count;
  if (begin->ts_open_ns > (end - 1)->ts_open_ns) std::reverse(begin, end);
}

TickerField ticker_field(std::string_view key) noexcept {
  const auto* const found = std::find(kTickerFieldNames.begin(), kTickerFieldNames.end(), key);
  return static_cast<TickerField>(found - kTickerFieldNames.begin());
}

Errc TickerRow::set(TickerField field, std::string_view text, const Instrument& grid) noexcept {
  if (text.empty()) return Errc::ok;
  switch (field) {
    case TickerField::bid:
      return parse_unsigned_decimal(text, grid.price_decimals, bid.v);
    case TickerField::ask:
      return parse_unsigned_decimal(text, grid.price_decimals, ask.v);
    case TickerField::bid_qty:
      sizes = true;
      return parse_unsigned_decimal(text, grid.qty_decimals, bid_qty.v);
    case TickerField::ask_qty:
      sizes = true;
      return parse_unsigned_decimal(text, grid.qty_decimals, ask_qty.v);
    case TickerField::mark:
      return parse_decimal_rounding_down(text, grid.price_decimals, mark.v);
    case TickerField::index:
      return parse_decimal_rounding_down(text, grid.price_decimals, index.v);
    case TickerField::ts: {
      std::uint64_t stamp = 0;
      const Errc error = parse_id(text, stamp);
      return error != Errc::ok ? error : stamp_ns(stamp, ts_exchange_ns);
    }
    case TickerField::none:
      break;
  }
  return Errc::ok;
}

namespace {
bool given(Price price) noexcept { return has_price(price) && price.v != 0; }

bool add(const Tick& tick, DecodedFrame& out) noexcept {
  if (out.tick_count == out.ticks.size()) return false;
  out.ticks[out.tick_count++] = tick;
  return true;
}
}  // namespace

bool TickerRow::emit(DecodedFrame& out) const noexcept {
  Tick tick;
  tick.ts_receive_ns = ts_receive_ns;
  tick.ts_exchange_ns = ts_exchange_ns;
  tick.instrument = instrument;
  tick.flags = tick_flag::from_ticker;
  if (given(bid) && given(ask)) {
    Tick quote = tick;
    quote.bid_price = bid;
    quote.ask_price = ask;
    quote.bid_qty = bid_qty;
    quote.ask_qty = ask_qty;
    if (!sizes) quote.flags |= tick_flag::market_unknown_size;
    if (!add(quote, out)) return false;
  }
  if (given(mark)) {
    tick.kind = TickKind::mark;
    tick.bid_price = mark;
    tick.ask_price = given(index) ? index : kNoPrice;
    if (!add(tick, out)) return false;
  }
  return true;
}

}  // namespace martinet::bitget

#include "adapters/capture/import_frames.hpp"

#include <array>

#include "adapters/capture/import_json.hpp"

namespace martinet::importing {
namespace {

// The members of one object that were asked for, in the order of the names.
template <std::size_t N>
std::array<std::string_view, N> pick(std::string_view object, const std::array<std::string_view, N>& names) {
  std::array<std::string_view, N> values{};
  (void)json_members(object, [&](std::string_view key, std::string_view value) {
    for (std::size_t i = 0; i < N; ++i) {
      if (names[i] == key && values[i].empty()) values[i] = value;
    }
  });
  return values;
}

// "BTCUSD_PERP" and "BTCUSD_240927" are COIN-M names; USD-M deliveries end in "USDT_240927".
bool is_coinm_symbol(std::string_view symbol) {
  const std::size_t underscore = symbol.find('_');
  return underscore != std::string_view::npos && symbol.substr(0, underscore).ends_with("USD");
}

std::uint32_t kline_sign(std::string_view kline) {
  const std::string_view open = json_scalar(json_member(kline, "o"));
  const std::size_t point = open.find('.');
  return point != std::string_view::npos && open.size() - point - 1 == 8 ? market_sign::weak_spot : market_sign::weak_usdm;
}

constexpr std::array<std::string_view, 11> kBinanceNames = {"e", "s", "ps", "pu", "M", "X", "lastUpdateId", "A", "k", "m", "B"};
enum BinanceName : std::size_t { kEvent, kSymbol, kPair, kPrevious, kBestMatch, kOrderType, kLastUpdate, kAskQty, kKline, kMaker, kBidQty };
using BinanceFields = std::array<std::string_view, kBinanceNames.size()>;

std::uint32_t binance_signs(const BinanceFields& fields, std::string_view symbol) {
  if (!fields[kPair].empty() || is_coinm_symbol(symbol)) return market_sign::coinm;
  const std::string_view event = json_scalar(fields[kEvent]);
  if (event == "trade" || event == "aggTrade") return fields[kBestMatch].empty() ? market_sign::usdm : market_sign::spot;
  if (event == "depthUpdate") return fields[kPrevious].empty() ? market_sign::spot : market_sign::usdm;
  if (event == "bookTicker" || event == "markPriceUpdate" || event == "forceOrder") return market_sign::usdm;
  if (event == "kline") return kline_sign(fields[kKline]);
  if (event.empty()) return market_sign::spot;  // bookTicker and partial depth carry no event name on spot only
  return 0;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

bool is_binance_payload(const BinanceFields& fields) {
  const bool event = !fields[kEvent].empty() && !fields[kSymbol].empty();
  const bool book_ticker = !fields[kSymbol].empty() && !fields[kAskQty].empty() && !fields[kBidQty].empty();
  return event || book_ticker;
}

void read_binance(std::string_view payload, std::string_view stream, FrameFacts& facts) {
  const BinanceFields fields = pick(payload, kBinanceNames);
  const bool partial_depth = !stream.empty() && !fields[kLastUpdate].empty();
  if (!partial_depth && !is_binance_payload(fields)) return;
  facts.kind = FrameKind::binance;
  facts.symbol = partial_depth ? upper(stream.substr(0, stream.find('@'))) : std::string(json_scalar(fields[kSymbol]));
  facts.is_depth = json_scalar(fields[kEvent]) == "depthUpdate" || partial_depth;
  // A recorder's own name for a REST answer on the stream's line: every market answers in this shape.
  if (!stream.ends_with("@depthSnapshot") || is_coinm_symbol(facts.symbol)) facts.signs = binance_signs(fields, facts.symbol);
}

struct InstType {
  std::string_view name;
  Market market;
};
constexpr std::array<InstType, 4> kInstTypes = {{{"SPOT", Market::spot},
                                                 {"USDT-FUTURES", Market::usdt_futures},
                                                 {"COIN-FUTURES", Market::coin_futures},
                                                 {"USDC-FUTURES", Market::usdc_futures}}};

// v1 names as pushed ("mc" futures, "sp" spot, as in the captures of 2022) and as the product types were named.
constexpr std::array<std::string_view, 8> kInstTypesV1 = {"mc", "sp", "umcbl", "dmcbl", "cmcbl", "spbl", "sumcbl", "sdmcbl"};

bool is_inst_type_v1(std::string_view name) {
  for (const std::string_view known : kInstTypesV1) {
    if (name == known || name == upper(known)) return true;
  }
  return false;
}

void read_bitget(std::string_view arg, FrameFacts& facts) {
  const auto [inst_type, inst_id, symbol, topic] = pick(arg, std::array<std::string_view, 4>{"instType", "instId", "symbol", "topic"});
  facts.inst_type = json_scalar(inst_type);
  if (facts.inst_type.empty()) return;
  if (!topic.empty()) {
    facts.kind = FrameKind::bitget_v3;
    return;
  }
  facts.kind = is_inst_type_v1(facts.inst_type) ? FrameKind::bitget_v1 : FrameKind::bitget;
  for (const InstType& known : kInstTypes) {
    if (known.name != facts.inst_type) continue;
    facts.market = known.market;
    facts.symbol = json_scalar(inst_id);
    if (facts.symbol == "default") facts.symbol.clear();
  }
}

// [["price","qty"],...]
void read_levels(std::string_view levels, SymbolNeeds& needs) {
  if (json_kind(levels) != '[') return;
  (void)json_elements(levels, [&needs](std::string_view level) {
    int index = 0;
    if (json_kind(level) != '[') return;
    (void)json_elements(level, [&](std::string_view value) {
      if (index == 0) needs.see_price(json_scalar(value));
      if (index == 1) needs.see_qty(json_scalar(value));
      ++index;
    });
  });
}

void read_kline_numbers(std::string_view kline, SymbolNeeds& needs) {
  const auto [open, high, low, close, volume] = pick(kline, std::array<std::string_view, 5>{"o", "h", "l", "c", "v"});
  for (const std::string_view price : {open, high, low, close}) needs.see_price(json_scalar(price));
  needs.see_qty(json_scalar(volume));
}

void read_binance_numbers(std::string_view payload, SymbolNeeds& needs) {
  const auto [event, p, q, b, bid_qty, a, ask_qty, i, k, bids, asks] =
      pick(payload, std::array<std::string_view, 11>{"e", "p", "q", "b", "B", "a", "A", "i", "k", "bids", "asks"});
  const std::string_view name = json_scalar(event);
  if (name == "trade" || name == "aggTrade") {
    needs.see_price(json_scalar(p));
    needs.see_qty(json_scalar(q));
  } else if (name == "bookTicker" || (name.empty() && !bid_qty.empty())) {
    needs.see_price(json_scalar(b));
    needs.see_qty(json_scalar(bid_qty));
    needs.see_price(json_scalar(a));
    needs.see_qty(json_scalar(ask_qty));
  } else if (name == "depthUpdate") {
    read_levels(b, needs);
    read_levels(a, needs);
  } else if (name == "kline") {
    read_kline_numbers(k, needs);
  } else if (name == "markPriceUpdate") {
    needs.see_reference(json_scalar(p));
    needs.see_reference(json_scalar(i));
  } else if (!bids.empty()) {
    read_levels(bids, needs);
    read_levels(asks, needs);
  }
}

void read_bitget_candle(std::string_view row, SymbolNeeds& needs) {
  int index = 0;  // start, open, high, low, close, base volume, turnovers
  (void)json_elements(row, [&](std::string_view value) {
    if (index >= 1 && index <= 4) needs.see_price(json_scalar(value));
    if (index == 5) needs.see_qty(json_scalar(value));
    ++index;
  });
}

void read_bitget_item(std::string_view channel, std::string_view item, SymbolNeeds& needs) {
  if (channel.starts_with("candle")) {
    read_bitget_candle(item, needs);
  } else if (channel.starts_with("books")) {
    const auto [asks, bids] = pick(item, std::array<std::string_view, 2>{"asks", "bids"});
    read_levels(asks, needs);
    read_levels(bids, needs);
  } else if (channel == "trade") {
    const auto [price, size] = pick(item, std::array<std::string_view, 2>{"price", "size"});
    needs.see_price(json_scalar(price));
    needs.see_qty(json_scalar(size));
  } else if (channel == "ticker") {
    const auto [last, bid, ask, mark, index, bid_size, ask_size] =
        pick(item, std::array<std::string_view, 7>{"lastPr", "bidPr", "askPr", "markPrice", "indexPrice", "bidSz", "askSz"});
    for (const std::string_view price : {last, bid, ask, mark, index}) needs.see_reference(json_scalar(price));
    for (const std::string_view size : {bid_size, ask_size}) needs.see_qty(json_scalar(size));
  }
}

}  // namespace

void read_frame_facts(std::string_view frame, FrameFacts& facts) {
  facts = {};
  if (json_kind(frame) != '{') return;
  const auto [stream, data, arg, last_update, bids, symbol] =
      pick(frame, std::array<std::string_view, 6>{"stream", "data", "arg", "lastUpdateId", "bids", "symbol"});
  if (!stream.empty() && json_kind(data) == '{') {
    read_binance(data, json_scalar(stream), facts);
  } else if (json_kind(arg) == '{') {
    read_bitget(arg, facts);
  } else if (!last_update.empty() && !bids.empty()) {
    facts.kind = FrameKind::binance_rest;
    facts.symbol = json_scalar(symbol);
  } else {
    read_binance(frame, {}, facts);
  }
}

void read_frame_numbers(std::string_view frame, const FrameFacts& facts, SymbolNeeds& needs) {
  if (facts.kind == FrameKind::binance) {
    const std::string_view data = json_member(frame, "data");
    read_binance_numbers(json_kind(data) == '{' ? data : frame, needs);
  } else if (facts.kind == FrameKind::binance_rest) {
    read_depth_numbers(frame, needs);
  } else if (facts.kind == FrameKind::bitget) {
    const auto [arg, data] = pick(frame, std::array<std::string_view, 2>{"arg", "data"});
    const std::string_view channel = json_scalar(json_member(arg, "channel"));
    if (json_kind(data) != '[') return;
    (void)json_elements(data, [&](std::string_view item) { read_bitget_item(channel, item, needs); });
  }
}

void read_depth_numbers(std::string_view body, SymbolNeeds& needs) {
  const auto [bids, asks] = pick(body, std::array<std::string_view, 2>{"bids", "asks"});
  read_levels(bids, needs);
  read_levels(asks, needs);
}

}  // namespace martinet::importing

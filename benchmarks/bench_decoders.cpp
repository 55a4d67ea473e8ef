// Bytes of one venue message to fixed-point fields: ours (fast path, general path) against RapidJSON SAX in situ and simdjson
// On-Demand, in one run on the same messages. The rivals do the equivalent work: find the fields, convert numbers with
// parse_decimal, look up the symbol. simdjson reads from a padded copy made beforehand; RapidJSON spoils its text, so it pays for
// a copy. Compare ratios within a run, not runs.
#include <benchmark/benchmark.h>

#include <cstring>
#include <memory>
#include <string>

#include "adapters/binance/decoder.hpp"
#include "adapters/bitget/decoder.hpp"
#include "adapters/json/number_text.hpp"
#include "adapters/json/sax.hpp"
#if __has_include(<simdjson.h>)
#include <simdjson.h>
#define MT_HAVE_SIMDJSON 1
#endif

namespace martinet {
namespace {

constexpr std::int64_t kReceived = 1'723'161'256'500'000'000;

// In the shape and length of captured messages; origins in tests/fixtures/*/SOURCES.md.
constexpr std::string_view kBitgetTrade =
    R"({"action":"update","arg":{"instType":"USDT-FUTURES","channel":"trade","instId":"BTCUSDT"},"data":[{"ts":"1730332858796","price":"72389.9","size":"0.001373","side":"buy","tradeId":"1235671058980749319"}],"ts":1730332858805})";
constexpr std::string_view kBookTicker =
    R"({"stream":"btcusdt@bookTicker","data":{"u":50093239212,"s":"BTCUSDT","b":"61837.63000000","B":"3.78826000","a":"61837.64000000","A":"1.54698000"}})";
constexpr std::string_view kUsdmDepth =
    R"({"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1723161256299,"T":1723161256298,"s":"BTCUSDT","U":5123107832006,"u":5123107837557,"pu":5123107831937,"b":[["58710.20","0.014"],["61496.50","0.010"],["61510.90","0.000"],["61641.50","1.211"],["61652.80","0.195"],["61653.30","0.072"],["61653.70","0.067"],["61657.90","0.067"],["61668.50","0.086"],["61670.60","0.161"]],"a":[["61800.30","2.510"],["61800.40","0.002"],["61801.00","0.117"],["61802.30","0.000"],["61803.90","1.004"],["61810.00","0.250"],["61812.20","0.005"],["61821.70","0.000"],["61834.50","3.170"],["61900.00","12.345"]]}})";
constexpr std::string_view kBitgetBooks =
    R"({"action":"update","arg":{"instType":"USDT-FUTURES","channel":"books","instId":"BTCUSDT"},"data":[{"asks":[["113.42","0"],["113.43","0"],["113.44","0"],["113.45","0"],["113.46","13.65"],["113.47","10.42"],["113.48","4.37"],["113.49","20.20"],["113.50","70.95"],["113.51","3.77"]],"bids":[["113.36","465.31"],["113.35","12.12"],["113.34","16.18"],["113.33","0"],["113.32","5.99"],["113.31","77.36"],["113.30","0"],["92.77","0"],["92.18","20.24"],["92.10","94.69"]],"checksum":-487257069,"ts":"1649290077676"}],"ts":1649290078125})";

struct World {
  World() {
    const auto add = [this](Venue venue, Market market, std::string_view symbol, int price_decimals, int qty_decimals) {
      Instrument row;
      row.symbol.assign(symbol);
      row.venue = venue;
      row.market = market;
      row.price_decimals = static_cast<std::uint8_t>(price_decimals);
      row.qty_decimals = static_cast<std::uint8_t>(qty_decimals);
      (void)table.add(row);
    };
    add(Venue::bitget, Market::usdt_futures, "BTCUSDT", 4, 8);
    add(Venue::binance, Market::spot, "BTCUSDT", 4, 7);
    add(Venue::binance, Market::usdm, "BTCUSDT", 4, 5);
  }
  InstrumentTable table;
  std::unique_ptr<DecodedFrame> out = std::make_unique<DecodedFrame>();
};

World& world() {
  static World w;
  return w;
}

enum class Path { whole, fast, slow };

template <class Decoder>
void run(benchmark::State& state, Decoder& decoder, std::string_view frame, Path path) {
  DecodedFrame& out = *world().out;
  const std::string text(frame);  // on the heap, without padding, as from a socket
  for (auto _ : state) {
    const Errc error = path == Path::whole  ? decoder.decode(text, kReceived, out)
                       : path == Path::fast ? decoder.decode_fast(text, kReceived, out)
                                            : decoder.decode_slow(text, kReceived, out);
    if (error != Errc::ok) state.SkipWithError("not decoded");
    benchmark::DoNotOptimize(out.ticks[0]);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(text.size()));
  state.counters["bytes"] = static_cast<double>(text.size());
}

void ours_bitget(benchmark::State& state, std::string_view frame, Path path) {
  BitgetDecoder decoder(world().table);
  run(state, decoder, frame, path);
}
void ours_binance(benchmark::State& state, std::string_view frame, Market market, Path path) {
  BinanceDecoder decoder(world().table, market, kNoInstrument);
  run(state, decoder, frame, path);
}

// What a hand-made SAX handler does: remembers the key, converts the value when it comes. One handler for the four messages.
struct SaxHandler {
  const InstrumentTable& table;
  Venue venue;
  Market market;
  DecodedFrame& out;
  std::string_view name{};
  Tick tick{};
  DepthUpdate* depth = nullptr;
  std::size_t levels = 0;
  bool price_next = true;
  Side side = Side::none;
  InstrumentId instrument = kNoInstrument;
  Errc error = Errc::ok;

  bool fail(Errc code) {
    if (code != Errc::ok) error = code;
    return code == Errc::ok;
  }
  bool price(std::string_view text, Price& to) { return fail(parse_unsigned_decimal(text, table[instrument].price_decimals, to.v)); }
  bool qty(std::string_view text, Qty& to) { return fail(parse_unsigned_decimal(text, table[instrument].qty_decimals, to.v)); }
  bool stamp(std::string_view text) {
    std::uint64_t number = 0;
    return fail(parse_id(text, number)) && fail(stamp_ns(number, tick.ts_exchange_ns));
  }
  bool scalar(std::string_view text) {
    if (side != Side::none) {  // inside a side of a book: price and quantity in turn
      if (levels == capacity::depth_levels_max) return fail(Errc::frame_too_large);
      DepthLevel& level = depth->levels[levels];
      level.side = side;
      bool odd = false;
      price_next = !price_next;
      if (!price_next) return fail(parse_level_number(text, table[instrument].price_decimals, level.price.v, level.price_digits, odd));
      ++levels;
      return fail(parse_level_number(text, table[instrument].qty_decimals, level.qty.v, level.qty_digits, odd));
    }
    if (name == "s" || name == "instId") {
      instrument = table.find(venue, market, text);
      return fail(instrument == kNoInstrument ? Errc::unknown_symbol : Errc::ok);
    }
    if (name == "ts" || name == "T") return stamp(text);
    if (name == "price" || name == "b") return price(text, tick.bid_price);
    if (name == "size" || name == "B") return qty(text, tick.bid_qty);
    if (name == "a") return price(text, tick.ask_price);
    if (name == "A") return qty(text, tick.ask_qty);
    if (name == "u" || name == "tradeId") return fail(parse_id(text, tick.sequence));
    if (name == "U") return fail(parse_id(text, depth->first_id));
    if (name == "pu") return fail(parse_id(text, depth->previous_id));
    if (name == "checksum") return fail(parse_i32(text, depth->checksum));
    if (name == "side") tick.side = text == "buy" ? Side::buy : Side::sell;
    return true;
  }
  bool null() { return true; }
  bool boolean(bool) { return true; }
  bool number(std::string_view text) { return scalar(text); }
  bool string(std::string_view text) { return scalar(text); }
  bool key(std::string_view text) {
    name = text;
    return true;
  }
  bool begin_object() { return true; }
  bool end_object() { return true; }
  int arrays = 0;
  bool begin_array() {
    if (name == "asks" || name == "a") side = Side::sell;
    if (name == "bids" || name == "b") side = Side::buy;
    ++arrays;
    return true;
  }
  int base = 0;  // arrays open around the sides
  bool end_array() {
    if (--arrays == base) side = Side::none;
    return true;
  }
};

void sax(benchmark::State& state, std::string_view frame, Venue venue, Market market) {
  DecodedFrame& out = *world().out;
  const std::string text(frame);
  std::string scratch(text.size() + 1, '\0');
  for (auto _ : state) {
    std::memcpy(scratch.data(), text.data(), text.size());
    scratch[text.size()] = '\0';
    SaxHandler handler{.table = world().table,
                       .venue = venue,
                       .market = market,
                       .out = out,
                       .depth = &out.depths[0],
                       .base = venue == Venue::bitget ? 1 : 0};
    if (sax_parse_in_situ(scratch.data(), text.size(), handler) != Errc::ok || handler.error != Errc::ok)
      state.SkipWithError("not decoded");
    handler.depth->level_count = static_cast<std::uint16_t>(handler.levels);
    handler.tick.instrument = handler.instrument;
    out.ticks[0] = handler.tick;
    benchmark::DoNotOptimize(out.ticks[0]);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(text.size()));
}

#ifdef MT_HAVE_SIMDJSON
namespace sj = simdjson::ondemand;

// Fields are read in the order in which they stand, which is what On-Demand is fastest at.
struct Simd {
  explicit Simd(std::string_view frame) : text(frame) {}
  simdjson::padded_string text;
  sj::parser parser;
};

bool put(std::string_view text, int decimals, std::int64_t& to) { return parse_unsigned_decimal(text, decimals, to) == Errc::ok; }
bool put_stamp(std::string_view text, std::int64_t& to) {
  std::uint64_t number = 0;
  return parse_id(text, number) == Errc::ok && stamp_ns(number, to) == Errc::ok;
}

bool side_of(sj::array levels, const Instrument& grid, Side side, DepthUpdate& depth, std::size_t& n) {
  for (auto row : levels) {
    if (n == capacity::depth_levels_max) return false;
    DepthLevel& level = depth.levels[n++];
    level.side = side;
    int i = 0;
    bool odd = false;
    for (auto cell : row.get_array()) {
      const std::string_view text = cell.get_string();
      const Errc error = i++ == 0 ? parse_level_number(text, grid.price_decimals, level.price.v, level.price_digits, odd)
                                  : parse_level_number(text, grid.qty_decimals, level.qty.v, level.qty_digits, odd);
      if (error != Errc::ok) return false;
    }
  }
  return true;
}

bool simd_bitget_trade(Simd& simd, DecodedFrame& out) {
  const InstrumentTable& table = world().table;
  sj::document document = simd.parser.iterate(simd.text);
  sj::object root = document.get_object();
  const std::string_view action = root["action"];
  sj::object arg = root["arg"];
  const std::string_view type = arg["instType"];
  const std::string_view channel = arg["channel"];
  const std::string_view symbol = arg["instId"];
  if (channel != "trade" || type != "USDT-FUTURES") return false;
  const InstrumentId instrument = table.find(Venue::bitget, Market::usdt_futures, symbol);
  if (instrument == kNoInstrument) return false;
  std::uint32_t count = 0;
  for (sj::object row : root["data"].get_array()) {
    Tick& tick = out.ticks[count++];
    tick = Tick{};
    tick.ts_receive_ns = kReceived;
    tick.instrument = instrument;
    tick.kind = TickKind::trade;
    tick.flags = action == "snapshot" ? tick_flag::history : 0;
    if (!put_stamp(row["ts"], tick.ts_exchange_ns)) return false;
    if (!put(row["price"], table[instrument].price_decimals, tick.bid_price.v)) return false;
    if (!put(row["size"], table[instrument].qty_decimals, tick.bid_qty.v)) return false;
    tick.side = std::string_view(row["side"]) == "buy" ? Side::buy : Side::sell;
    if (parse_id(row["tradeId"], tick.sequence) != Errc::ok) return false;
  }
  out.tick_count = count;
  return true;
}

bool simd_book_ticker(Simd& simd, DecodedFrame& out) {
  const InstrumentTable& table = world().table;
  sj::document document = simd.parser.iterate(simd.text);
  sj::object data = document["data"];
  Tick& tick = out.ticks[0];
  tick = Tick{};
  tick.ts_receive_ns = kReceived;
  tick.sequence = data["u"];
  tick.instrument = table.find(Venue::binance, Market::spot, data["s"]);
  if (tick.instrument == kNoInstrument) return false;
  const Instrument& grid = table[tick.instrument];
  return put(data["b"], grid.price_decimals, tick.bid_price.v) && put(data["B"], grid.qty_decimals, tick.bid_qty.v) &&
         put(data["a"], grid.price_decimals, tick.ask_price.v) && put(data["A"], grid.qty_decimals, tick.ask_qty.v);
}

bool simd_usdm_depth(Simd& simd, DecodedFrame& out) {
  const InstrumentTable& table = world().table;
  sj::document document = simd.parser.iterate(simd.text);
  sj::object data = document["data"];
  DepthUpdate& depth = out.depths[0];
  if (std::string_view(data["e"]) != "depthUpdate") return false;
  if (stamp_ns(data["T"], depth.ts_exchange_ns) != Errc::ok) return false;
  depth.ts_receive_ns = kReceived;
  depth.instrument = table.find(Venue::binance, Market::usdm, data["s"]);
  if (depth.instrument == kNoInstrument) return false;
  depth.first_id = data["U"];
  depth.last_id = data["u"];
  depth.previous_id = data["pu"];
  std::size_t n = 0;
  if (!side_of(data["b"], table[depth.instrument], Side::buy, depth, n) ||
      !side_of(data["a"], table[depth.instrument], Side::sell, depth, n))
    return false;
  depth.level_count = static_cast<std::uint16_t>(n);
  return true;
}

bool simd_bitget_books(Simd& simd, DecodedFrame& out) {
  const InstrumentTable& table = world().table;
  sj::document document = simd.parser.iterate(simd.text);
  sj::object root = document.get_object();
  DepthUpdate& depth = out.depths[0];
  const std::string_view action = root["action"];
  sj::object arg = root["arg"];
  if (std::string_view(arg["instType"]) != "USDT-FUTURES" || std::string_view(arg["channel"]) != "books") return false;
  depth.instrument = table.find(Venue::bitget, Market::usdt_futures, arg["instId"]);
  if (depth.instrument == kNoInstrument) return false;
  depth.flags = action == "snapshot" ? depth_flag::snapshot : 0;
  std::size_t n = 0;
  for (sj::object book : root["data"].get_array()) {
    if (!side_of(book["asks"], table[depth.instrument], Side::sell, depth, n) ||
        !side_of(book["bids"], table[depth.instrument], Side::buy, depth, n))
      return false;
    depth.checksum = static_cast<std::int32_t>(std::int64_t(book["checksum"]));
    if (!put_stamp(book["ts"], depth.ts_exchange_ns)) return false;
  }
  depth.level_count = static_cast<std::uint16_t>(n);
  return true;
}

void simd(benchmark::State& state, std::string_view frame, bool (*decode)(Simd&, DecodedFrame&)) {
  Simd simd(frame);
  DecodedFrame& out = *world().out;
  for (auto _ : state) {
    if (!decode(simd, out)) state.SkipWithError("not decoded");
    benchmark::DoNotOptimize(out.ticks[0]);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(frame.size()));
}
#define MT_SIMD(name, frame, decode) BENCHMARK_CAPTURE(simd, name, frame, decode)
#else
#define MT_SIMD(name, frame, decode) static_assert(true)
#endif

BENCHMARK_CAPTURE(ours_bitget, trade, kBitgetTrade, Path::whole);
BENCHMARK_CAPTURE(ours_bitget, trade_slow, kBitgetTrade, Path::slow);
BENCHMARK_CAPTURE(sax, bitget_trade, kBitgetTrade, Venue::bitget, Market::usdt_futures);
MT_SIMD(bitget_trade, kBitgetTrade, simd_bitget_trade);

BENCHMARK_CAPTURE(ours_binance, book_ticker, kBookTicker, Market::spot, Path::whole);
BENCHMARK_CAPTURE(ours_binance, book_ticker_slow, kBookTicker, Market::spot, Path::slow);
BENCHMARK_CAPTURE(sax, binance_book_ticker, kBookTicker, Venue::binance, Market::spot);
MT_SIMD(binance_book_ticker, kBookTicker, simd_book_ticker);

BENCHMARK_CAPTURE(ours_binance, usdm_depth_20, kUsdmDepth, Market::usdm, Path::whole);
BENCHMARK_CAPTURE(ours_binance, usdm_depth_20_slow, kUsdmDepth, Market::usdm, Path::slow);
BENCHMARK_CAPTURE(sax, binance_usdm_depth_20, kUsdmDepth, Venue::binance, Market::usdm);
MT_SIMD(binance_usdm_depth_20, kUsdmDepth, simd_usdm_depth);

BENCHMARK_CAPTURE(ours_bitget, books_20, kBitgetBooks, Path::whole);
BENCHMARK_CAPTURE(ours_bitget, books_20_slow, kBitgetBooks, Path::slow);
BENCHMARK_CAPTURE(sax, bitget_books_20, kBitgetBooks, Venue::bitget, Market::usdt_futures);
MT_SIMD(bitget_books_20, kBitgetBooks, simd_bitget_books);

}  // namespace
}  // namespace martinet

BENCHMARK_MAIN();

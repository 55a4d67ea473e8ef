#include "engine/app/snapshot_json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/json/tape.hpp"
#include "engine/base/decimal.hpp"
#include "engine/cold/telemetry/json_text.hpp"

namespace martinet {
namespace {

// ---- writing: numbers on a grid are texts, so that no reader turns them into binary fractions

void put_grid(JsonText& out, std::string_view key, std::int64_t value, int decimals) { out.key(key).text(to_text(value, decimals)); }

void put_price(JsonText& out, std::string_view key, Price price, int decimals) {
  out.key(key);
  if (has_price(price))
    out.text(to_text(price.v, decimals));
  else
    out.null();
}

void put_money(JsonText& out, std::string_view key, Money money) { put_grid(out, key, money.v, kMoneyDecimals); }

void put_instrument(JsonText& out, const SnapshotInstrument& instrument) {
  out.key("market").text(instrument.market).key("symbol").text(instrument.symbol);
  out.key("price_decimals").count(instrument.price_decimals).key("qty_decimals").count(instrument.qty_decimals);
}

void put_order(JsonText& out, std::string_view key, const SnapshotOrder& order) {
  out.key(key).begin_object().key("venue_id").text(order.venue_id).key("client_id").text(order.client_id).end_object();
}

constexpr std::string_view name_of_direction(Side side) noexcept {
  return side == Side::buy ? "long" : side == Side::sell ? "short" : "none";
}

std::string text_of(const SnapshotPosition& p) {
  const int price_decimals = p.instrument.price_decimals, qty_decimals = p.instrument.qty_decimals;
  JsonText out;
  out.begin_object();
  put_instrument(out, p.instrument);
  out.key("strategy").text(p.strategy).key("direction").text(name_of_direction(p.direction));
  put_grid(out, "qty", p.qty.v, qty_decimals);
  put_price(out, "entry_vwap", p.entry_vwap, price_decimals);
  out.key("entry_ts_ns").integer(p.entry_ts_ns);
  out.key("levels").begin_array();
  for (const SnapshotLevel& level : p.levels) {
    out.begin_object().key("index").count(level.index);
    put_grid(out, "qty", level.qty.v, qty_decimals);
    put_price(out, "price", level.price, price_decimals);
    out.key("order_id").text(level.order_id).end_object();
  }
  out.end_array();
  put_order(out, "entry", p.entry);
  put_order(out, "stop", p.stop);
  put_order(out, "target", p.target);
  put_price(out, "stop_price", p.stop_price, price_decimals);
  put_price(out, "target_price", p.target_price, price_decimals);
  out.key("trailing").begin_object().key("active").boolean(p.trailing.is_active);
  put_price(out, "extreme", p.trailing.extreme, price_decimals);
  out.key("level").count(p.trailing.level).end_object().end_object();
  return std::move(out).take();
}

std::string text_of(const SnapshotLedgers& ledgers) {
  JsonText out;
  out.begin_object().key("day_start_ts_ns").integer(ledgers.day_start_ts_ns);
  put_money(out, "day_start_equity", ledgers.day_start_equity);
  put_money(out, "day_pnl", ledgers.day_pnl);
  put_money(out, "session_pnl", ledgers.session_pnl);
  put_money(out, "peak_equity", ledgers.peak_equity);
  out.end_object();
  return std::move(out).take();
}

std::string text_of(const SnapshotLatch& latch) {
  JsonText out;
  out.begin_object()
      .key("name")
      .text(latch.name)
      .key("reason")
      .text(latch.reason)
      .key("since_ts_ns")
      .integer(latch.since_ts_ns)
      .end_object();
  return std::move(out).take();
}

std::string text_of(const SnapshotTwinCapital& row) {
  JsonText out;
  out.begin_object().key("strategy").text(row.strategy);
  put_money(out, "capital", row.capital);
  out.end_object();
  return std::move(out).take();
}

std::string text_of(const SnapshotTwinPosition& p) {
  JsonText out;
  out.begin_object();
  put_instrument(out, p.instrument);
  out.key("strategy").text(p.strategy).key("direction").text(name_of_direction(p.direction));
  put_grid(out, "qty", p.qty.v, p.instrument.qty_decimals);
  put_price(out, "entry_price", p.entry_price, p.instrument.price_decimals);
  out.key("entry_ts_ns").integer(p.entry_ts_ns);
  put_money(out, "margin", p.margin);
  out.end_object();
  return std::move(out).take();
}

template <class T>
std::string rows_of(const std::vector<T>& values) {
  std::string out = "[";
  for (const T& value : values) out += (out.size() == 1 ? "\n" : ",\n") + text_of(value);
  return out + (values.empty() ? "]" : "\n]");
}

// ---- reading: every key must be there; the first fault is kept, the rest is then read without meaning

class Reader {
 public:
  [[nodiscard]] const Error& fault() const noexcept { return fault_; }
  void fail(Errc code, const std::string& where, std::string_view what) {
    if (fault_.code == Errc::ok)
      fault_ = {code, "the snapshot's " + where + " " + std::string(what) + "; it was not written by this build"};
  }

  JsonValue find(JsonValue object, const char* key) {
    const JsonValue value = object.find(key);
    if (!value) fail(Errc::missing_field, key, "is missing");
    return value;
  }
  std::string text(JsonValue object, const char* key) {
    const JsonValue value = find(object, key);
    if (value && !value.is_string()) fail(Errc::bad_json, key, "is no text");
    return std::string(value.text());
  }
  template <class T>
  T integer(JsonValue object, const char* key, T max = std::numeric_limits<T>::max()) {
    const JsonValue value = find(object, key);
    const std::string_view digits = value.text();
    T number{};
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool whole = value.kind() == JsonKind::number && error == std::errc{} && end == digits.data() + digits.size() && number <= max;
    if (value && !whole) fail(Errc::bad_number, key, "is no whole number in its range");
    return whole ? number : T{};
  }
  std::int64_t grid(JsonValue object, const char* key, int decimals) {
    std::int64_t number = 0;
    const std::string digits = text(object, key);
    if (const Errc bad = parse_decimal(digits, decimals, number); bad != Errc::ok)
      fail(bad, key, "is no decimal on its grid ('" + digits + "')");
    return number;
  }
  Price price(JsonValue object, const char* key, int decimals) {
    if (find(object, key).kind() == JsonKind::null) return kNoPrice;
    return {grid(object, key, decimals)};
  }
  Money money(JsonValue object, const char* key) { return {grid(object, key, kMoneyDecimals)}; }
  bool boolean(JsonValue object, const char* key) {
    const JsonValue value = find(object, key);
    if (value && !value.is_boolean()) fail(Errc::bad_json, key, "is neither true nor false");
    return value.kind() == JsonKind::boolean_true;
  }
  Side direction(JsonValue object, const char* key) {
    const std::string name = text(object, key);
    for (const Side side : {Side::none, Side::buy, Side::sell}) {
      if (name == name_of_direction(side)) return side;
    }
    fail(Errc::bad_json, key, "is neither long nor short ('" + name + "')");
    return Side::none;
  }
  template <class Row>
  auto rows(JsonValue object, const char* key, Row row) {
    const JsonValue array = find(object, key);
    if (array && !array.is_array()) fail(Errc::bad_json, key, "is no list");
    std::vector<decltype(row(array))> values;
    for (JsonValue value = array.first(); value && fault_.code == Errc::ok; value = value.next()) values.push_back(row(value));
    return values;
  }

 private:
  Error fault_;
};

SnapshotInstrument read_instrument(Reader& in, JsonValue value) {
  SnapshotInstrument instrument{in.text(value, "market"), in.text(value, "symbol"), 0, 0};
  instrument.price_decimals = in.integer<std::uint8_t>(value, "price_decimals", kDecimalsMax);
  instrument.qty_decimals = in.integer<std::uint8_t>(value, "qty_decimals", kDecimalsMax);
  return instrument;
}

SnapshotOrder read_order(Reader& in, JsonValue object, const char* key) {
  const JsonValue value = in.find(object, key);
  return {in.text(value, "venue_id"), in.text(value, "client_id")};
}

SnapshotPosition read_position(Reader& in, JsonValue value) {
  SnapshotPosition p;
  p.instrument = read_instrument(in, value);
  const int price_decimals = p.instrument.price_decimals, qty_decimals = p.instrument.qty_decimals;
  p.strategy = in.text(value, "strategy");
  p.direction = in.direction(value, "direction");
  p.qty = {in.grid(value, "qty", qty_decimals)};
  p.entry_vwap = in.price(value, "entry_vwap", price_decimals);
  p.entry_ts_ns = in.integer<std::int64_t>(value, "entry_ts_ns");
  p.levels = in.rows(value, "levels", [&](JsonValue row) {
    SnapshotLevel level;
    level.index = in.integer<std::uint32_t>(row, "index");
    level.qty = {in.grid(row, "qty", qty_decimals)};
    level.price = in.price(row, "price", price_decimals);
    level.order_id = in.text(row, "order_id");
    return level;
  });
  p.entry = read_order(in, value, "entry");
  p.stop = read_order(in, value, "stop");
  p.target = read_order(in, value, "target");
  p.stop_price = in.price(value, "stop_price", price_decimals);
  p.target_price = in.price(value, "target_price", price_decimals);
  const JsonValue trailing = in.find(value, "trailing");
  p.trailing.is_active = in.boolean(trailing, "active");
  p.trailing.extreme = in.price(trailing, "extreme", price_decimals);
  p.trailing.level = in.integer<std::uint32_t>(trailing, "level");
  return p;
}

SnapshotTwinPosition read_twin_position(Reader& in, JsonValue value) {
  SnapshotTwinPosition p;
  p.instrument = read_instrument(in, value);
  p.strategy = in.text(value, "strategy");
  p.direction = in.direction(value, "direction");
  p.qty = {in.grid(value, "qty", p.instrument.qty_decimals)};
  p.entry_price = in.price(value, "entry_price", p.instrument.price_decimals);
  p.entry_ts_ns = in.integer<std::int64_t>(value, "entry_ts_ns");
  p.margin = in.money(value, "margin");
  return p;
}

}  // namespace

std::vector<std::byte> snapshot_to_json(const Snapshot& snapshot) {
  const std::string text = "{\n\"epoch\":" + std::to_string(snapshot.epoch) + ",\n\"positions\":" + rows_of(snapshot.positions) +
                           ",\n\"ledgers\":" + text_of(snapshot.ledgers) + ",\n\"latches\":" + rows_of(snapshot.latches) +
                           ",\n\"twin\":{\n\"capital\":" + rows_of(snapshot.twin.capital) +
                           ",\n\"positions\":" + rows_of(snapshot.twin.positions) + "\n}\n}";
  const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
  return {bytes.begin(), bytes.end()};
}

Result<Snapshot> snapshot_of_json(std::span<const std::byte> body) {
  const auto tape = std::make_unique<JsonTape>();
  if (const Errc bad = tape->parse({reinterpret_cast<const char*>(body.data()), body.size()}); bad != Errc::ok) {
    return Error{bad, "the snapshot's body cannot be read: " + std::string(sentence_of(bad)) + "; it was not written by this build"};
  }
  Reader in;
  const JsonValue root = tape->root();
  Snapshot snapshot;
  snapshot.epoch = in.integer<std::uint64_t>(root, "epoch");
  snapshot.positions = in.rows(root, "positions", [&](JsonValue row) { return read_position(in, row); });
  const JsonValue ledgers = in.find(root, "ledgers");
  snapshot.ledgers.day_start_ts_ns = in.integer<std::int64_t>(ledgers, "day_start_ts_ns");
  snapshot.ledgers.day_start_equity = in.money(ledgers, "day_start_equity");
  snapshot.ledgers.day_pnl = in.money(ledgers, "day_pnl");
  snapshot.ledgers.session_pnl = in.money(ledgers, "session_pnl");
  snapshot.ledgers.peak_equity = in.money(ledgers, "peak_equity");
  snapshot.latches = in.rows(root, "latches", [&](JsonValue row) {
    return SnapshotLatch{in.text(row, "name"), in.text(row, "reason"), in.integer<std::int64_t>(row, "since_ts_ns")};
  });
  const JsonValue twin = in.find(root, "twin");
  snapshot.twin.capital =
      in.rows(twin, "capital", [&](JsonValue row) { return SnapshotTwinCapital{in.text(row, "strategy"), in.money(row, "capital")}; });
  snapshot.twin.positions = in.rows(twin, "positions", [&](JsonValue row) { return read_twin_position(in, row); });
  if (in.fault().code != Errc::ok) return in.fault();
  // What was read must be all there was: a key we do not know would be lost with the next snapshot.
  const std::vector<std::byte> again = snapshot_to_json(snapshot);
  if (!std::equal(again.begin(), again.end(), body.begin(), body.end())) {
    return Error{Errc::bad_json, "the snapshot's body holds more or other than this build writes; it was not written by this build"};
  }
  return snapshot;
}

SnapshotFormat snapshot_format() { return {}; }

}  // namespace martinet

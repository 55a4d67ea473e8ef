#pragma once
// Instruments, messages and a sink for the gate's tests.
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/hot/risk/risk_gate.hpp"

namespace martinet::risk_test {

inline constexpr std::int64_t kNow = 1'700'000'000'000'000'000;

struct Sink {
  std::vector<OrderRequest> requests;
  std::vector<OrderIntent> exits;
  std::vector<GateDecision> decisions;
  void request(const OrderRequest& r) { requests.push_back(r); }
  void exit(const OrderIntent& i) { exits.push_back(i); }
  void decision(const GateDecision& d) { decisions.push_back(d); }
};

/// A linear perpetual like BTCUSDT: prices in 0.0001 (tick 0.1), quantities in 0.00001 (lot 0.001).
inline Instrument perpetual(std::string_view symbol, ContractKind kind = ContractKind::linear) {
  Instrument instrument;
  (void)instrument.symbol.assign(symbol);
  instrument.kind = kind;
  instrument.price_decimals = 4;
  instrument.qty_decimals = 5;
  (void)set_linear_value(instrument);
  instrument.rules.tick_size = {1'000};
  instrument.rules.lot_size = {100};
  instrument.rules.qty_min = {100};
  return instrument;
}

inline Tick trade(InstrumentId id, Price price, std::int64_t ts_ns = kNow) {
  Tick tick;
  tick.kind = TickKind::trade;
  tick.instrument = id;
  tick.bid_price = price;
  tick.ts_receive_ns = ts_ns;
  return tick;
}

inline GuardView guard(Money equity, std::uint64_t version = 1) {
  GuardView view;
  view.version = version;
  view.ts_ns = kNow;
  view.ts_expires_ns = kNow + 1'000'000'000;
  view.equity = view.balance = equity;
  return view;
}

inline OrderIntent entry(InstrumentId id, bool buy, Price reference, Price stop, std::int64_t ts_ns = kNow) {
  OrderIntent intent;
  intent.ts_receive_ns = ts_ns;
  intent.sequence = 77;
  intent.intent_id = 9;
  intent.reference_price = reference;
  intent.stop_price = stop;
  intent.instrument = id;
  intent.strategy = 2;
  intent.action = buy ? IntentAction::enter_long : IntentAction::enter_short;
  return intent;
}

/// Opens a cycle: levels of equal quantity, the dearest at worst_price, the average at most worst_average, out stop_rate away from it.
inline OrderIntent cycle(InstrumentId id, bool buy, Price reference, Price stop, std::uint8_t levels, Price worst_price,
                         Price worst_average, Rate stop_rate, std::int64_t ts_ns = kNow) {
  OrderIntent intent = entry(id, buy, reference, stop, ts_ns);
  intent.level_count = levels;
  intent.worst_price = worst_price;
  intent.worst_average = worst_average;
  intent.stop_rate = stop_rate;
  return intent;
}

/// The next level of the cycle that strategy 2 has there.
inline OrderIntent level(InstrumentId id, Price reference, std::int64_t ts_ns = kNow) {
  OrderIntent intent;
  intent.ts_receive_ns = ts_ns;
  intent.sequence = 78;
  intent.intent_id = 10;
  intent.reference_price = reference;
  intent.instrument = id;
  intent.strategy = 2;
  intent.action = IntentAction::add_level;
  return intent;
}

inline PositionView view_of(InstrumentId id, std::uint64_t version, std::uint64_t covers, Qty qty = {}, Money notional = {}) {
  PositionView view;
  view.instrument = id;
  view.version = version;
  view.covers_request = covers;
  view.qty = qty;
  view.notional = notional;
  if (qty.v != 0) {
    view.exposure = Exposure::open;
    view.owner = 2;
  }
  return view;
}

}  // namespace martinet::risk_test

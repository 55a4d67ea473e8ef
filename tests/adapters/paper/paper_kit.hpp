#pragma once
// A market and an account by hand: one contract (grid 0.01 and 0.001, tick 0.10), one spot pair (grid 0.01 and 0.001, tick
// 0.01), a venue over them and the loop of a replay.
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

#include "adapters/paper/paper_venue.hpp"

namespace martinet::paper_kit {

inline Instrument contract() {
  Instrument row;
  row.symbol.assign("BTCUSDT");
  row.venue = Venue::bitget;
  row.market = Market::usdt_futures;
  row.kind = ContractKind::linear;
  row.price_decimals = 2;
  row.qty_decimals = 3;
  row.rules.tick_size = {10};
  row.rules.lot_size = {1};
  row.rules.qty_min = {2};
  row.rules.qty_max = {100'000};
  row.rules.notional_min = {1 * kMoneyUnit};
  MT_ASSERT(set_linear_value(row) == Errc::ok);
  return row;
}

inline Instrument spot() {
  Instrument row = contract();
  row.symbol.assign("ETHUSDT");
  row.venue = Venue::binance;
  row.market = Market::spot;
  row.kind = ContractKind::spot;
  row.rules.tick_size = {1};
  return row;
}

/// No latency, no slippage: what a test is about, it sets.
inline PaperConfig plain_config() {
  PaperConfig config;
  config.order_latency_ns = 0;
  config.event_latency_ns = 0;
  config.slippage = {0};
  return config;
}

struct Kit {
  static constexpr InstrumentId kContract = 0;
  static constexpr InstrumentId kSpot = 1;

  std::unique_ptr<InstrumentTable> table_owned = std::make_unique<InstrumentTable>();  ///< stays put when the kit moves
  InstrumentTable& table = *table_owned;
  std::unique_ptr<PaperVenue> venue;
  std::int64_t now = 1'000;
  std::uint64_t intent = 0;
  bool lossy = false;  ///< faults may swallow what was due
  std::vector<VenueEvent> events;

  explicit Kit(const PaperConfig& config = plain_config()) {
    MT_ASSERT(table.add(contract()).value() == kContract);
    MT_ASSERT(table.add(spot()).value() == kSpot);
    venue = std::make_unique<PaperVenue>(table, config);
  }

  /// Everything due before the next input at `to`, as the replay loop takes it.
  void drain(std::int64_t to) {
    while (venue->next_event_ts() <= to) {
      VenueEvent event;
      const std::int64_t due = venue->next_event_ts();
      const bool taken = venue->take_event(due, event);
      MT_ASSERT(taken || lossy);
      if (!taken) continue;
      MT_ASSERT(event.ts_receive_ns == due);
      events.push_back(event);
    }
  }
  /// Drains and gives what came since the last call.
  std::vector<VenueEvent> news() {
    drain(now);
    return std::exchange(events, {});
  }
  void tick(Tick tick) {
    ++now;
    drain(now);
    tick.ts_receive_ns = now;
    venue->on_tick(tick);
  }
  void trade(std::int64_t price, std::int64_t qty, Side side = Side::none, InstrumentId id = kContract) {
    Tick t;
    t.kind = TickKind::trade;
    t.bid_price = {price};
    t.ask_price = kNoPrice;
    t.bid_qty = {qty};
    t.side = side;
    t.instrument = id;
    tick(t);
  }
  void quote(std::int64_t bid, std::int64_t ask, std::int64_t bid_qty = 0, std::int64_t ask_qty = 0, InstrumentId id = kContract,
             std::uint32_t flags = 0) {
    Tick t;
    t.bid_price = {bid};
    t.ask_price = {ask};
    t.bid_qty = {bid_qty};
    t.ask_qty = {ask_qty};
    t.instrument = id;
    t.flags = flags;
    tick(t);
  }
  void mark(std::int64_t price, InstrumentId id = kContract) {
    Tick t;
    t.kind = TickKind::mark;
    t.bid_price = {price};
    t.ask_price = kNoPrice;
    t.instrument = id;
    tick(t);
  }
  using Levels = std::initializer_list<std::pair<std::int64_t, std::int64_t>>;
  void book(Levels bids, Levels asks, std::uint16_t flags = depth_flag::first | depth_flag::last | depth_flag::snapshot) {
    DepthUpdate update;
    update.instrument = kContract;
    update.flags = flags;
    for (const auto& [price, qty] : bids) update.levels[update.level_count++] = {{price}, {qty}, Side::buy, 0, 0, {}};
    for (const auto& [price, qty] : asks) update.levels[update.level_count++] = {{price}, {qty}, Side::sell, 0, 0, {}};
    depth(update);
  }
  void depth(DepthUpdate& update) {
    ++now;
    drain(now);
    update.ts_receive_ns = now;
    venue->on_depth(update);
  }
  void bar(std::int64_t open, std::int64_t high, std::int64_t low, std::int64_t close) {
    Candle candle;
    candle.instrument = kContract;
    candle.open = {open};
    candle.high = {high};
    candle.low = {low};
    candle.close = {close};
    candle.closed = 1;
    now += 100;
    drain(now);
    candle.ts_receive_ns = now;
    venue->on_candle(candle);
  }

  OrderRequest order(OrderType type, Side side, std::int64_t qty) {
    OrderRequest request;
    request.key.intent_id = ++intent;
    request.instrument = kContract;
    request.type = type;
    request.side = side;
    request.qty = {qty};
    request.strategy = 7;
    return request;
  }
  OrderRequest market(Side side, std::int64_t qty) { return order(OrderType::market, side, qty); }
  OrderRequest limit(Side side, std::int64_t qty, std::int64_t price, TimeInForce tif = TimeInForce::gtc) {
    OrderRequest request = order(OrderType::limit, side, qty);
    request.price = {price};
    request.time_in_force = tif;
    return request;
  }
  OrderRequest trigger(OrderType type, Side side, std::int64_t qty, std::int64_t trigger_price, bool reduce_only = true) {
    OrderRequest request = order(type, side, qty);
    request.trigger_price = {trigger_price};
    request.reduce_only = reduce_only ? 1 : 0;
    return request;
  }
  static OrderRequest reducing(OrderRequest request) {
    request.reduce_only = 1;
    return request;
  }
  static OrderRequest on_spot(OrderRequest request) {
    request.instrument = kSpot;
    return request;
  }
  static OrderRequest cancel(OrderRequest request) {
    request.action = OrderAction::cancel;
    return request;
  }
  void submit(OrderRequest request) {
    request.ts_ns = now;
    venue->submit(request);
  }
  /// Submits and gives everything that came of it at once.
  std::vector<VenueEvent> send(const OrderRequest& request) {
    submit(request);
    return news();
  }
  /// The reason for which the request is rejected; ok if it is not.
  Errc refusal(const OrderRequest& request) {
    const std::vector<VenueEvent> said = send(request);
    MT_ASSERT(!said.empty());
    return said.front().kind == VenueEventKind::rejected ? said.front().reason : Errc::ok;
  }
  [[nodiscard]] std::int64_t balance() const { return venue->account().balance().v; }
  [[nodiscard]] std::int64_t position(InstrumentId id = kContract) const { return venue->account().position(id).qty.v; }
};

inline bool same_event(const VenueEvent& a, const VenueEvent& b) noexcept {
  return a.ts_exchange_ns == b.ts_exchange_ns && a.ts_receive_ns == b.ts_receive_ns && a.venue_order_id == b.venue_order_id &&
         a.trade_id == b.trade_id && a.key == b.key && a.fill_price == b.fill_price && a.fill_qty == b.fill_qty &&
         a.leaves_qty == b.leaves_qty && a.fee == b.fee && a.instrument == b.instrument && a.strategy == b.strategy && a.kind == b.kind &&
         a.reason == b.reason && a.side == b.side && a.maker == b.maker && a.query_id == b.query_id;
}

}  // namespace martinet::paper_kit

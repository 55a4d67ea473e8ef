#pragma once
// The account side of the paper venue written a second time, plainly: margin, liquidation, spot balances, attached protection and
// queries over markets of trades and marks alone. Nothing is kept that can be added up anew; read sides are whole copies of the past.
// It shares messages, configuration and instruments with the venue, no code.
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "adapters/paper/paper_config.hpp"
#include "engine/messages/order_request.hpp"
#include "engine/messages/tick.hpp"
#include "engine/messages/venue_event.hpp"

namespace martinet::plain_exchange {

using Wide = __int128;
using Kind = VenueEventKind;
using Key = std::tuple<std::uint64_t, int, int>;

inline Key key_of(const OrderKey& key) { return {key.intent_id, static_cast<int>(key.leg), key.attempt}; }
inline Wide floor_div(Wide a, Wide b) { return a / b - (a % b < 0 ? 1 : 0); }
inline Wide ceil_div(Wide a, Wide b) { return -floor_div(-a, b); }

struct Order {
  OrderRequest r;
  std::int64_t leaves = 0, filled = 0;
  std::int64_t money = 0, asset = 0;  ///< set aside
  bool waiting = false, attached = false, whole = false;
  std::uint64_t id = 0;
};
struct Market {
  std::optional<std::int64_t> last, mark;
  [[nodiscard]] std::optional<std::int64_t> value() const { return mark ? mark : last; }
  [[nodiscard]] std::optional<std::int64_t> taken_at() const { return last ? last : mark; }
};
struct Position {
  std::int64_t qty = 0;
  Wide cost = 0;
};
struct Done {
  std::int64_t filled = 0;
  std::uint64_t id = 0;
  OrderRequest r;
};
struct Shown {
  std::vector<Order> open;
  std::map<Key, Done> done;
  std::vector<Position> positions;
};

class Exchange {
 public:
  Exchange(const InstrumentTable& table, const PaperConfig& config)
      : table_(table), config_(config), markets_(table.size()), positions_(table.size()), balance(config.initial_balance.v) {
    past_.push_back({std::numeric_limits<std::int64_t>::min(), {{}, {}, positions_}});
  }

  std::vector<VenueEvent> run(const std::vector<Tick>& ticks, const std::vector<OrderRequest>& requests) {
    std::size_t next = 0;
    for (const Tick& tick : ticks) {
      const std::int64_t ts = tick.ts_receive_ns;
      for (; next < requests.size() && requests[next].ts_ns < ts && requests[next].ts_ns + config_.order_latency_ns <= ts; ++next) {
        arrive(requests[next]);
      }
      now_ = ts;
      market(tick);
    }
    for (; next < requests.size(); ++next) arrive(requests[next]);
    return events_;
  }
  [[nodiscard]] const Position& position(std::size_t i) const { return positions_[i]; }
  [[nodiscard]] std::int64_t locked(std::size_t i) const {
    std::int64_t sum = 0;
    for (const Order& o : open_) sum += o.r.instrument == i ? o.asset : 0;
    return sum;
  }
  [[nodiscard]] std::int64_t free() const {
    std::int64_t sum = balance;
    for (std::size_t i = 0; i < positions_.size(); ++i) sum -= margin(i);
    for (const Order& o : open_) sum -= o.money;
    if (config_.margin_mode == MarginMode::cross) {
      for (std::size_t i = 0; i < positions_.size(); ++i) sum += unrealised(i);
    }
    return sum;
  }
  std::uint64_t liquidations = 0;

 private:
  // ---- what the account is worth ----
  bool spot(std::size_t i) const { return table_[static_cast<InstrumentId>(i)].kind == ContractKind::spot; }
  const InstrumentRules& rules(std::size_t i) const { return table_[static_cast<InstrumentId>(i)].rules; }
  std::int64_t money_up(std::size_t i, Wide area) const {
    const Instrument& row = table_[static_cast<InstrumentId>(i)];
    return static_cast<std::int64_t>(ceil_div(area * static_cast<Wide>(row.value_num), static_cast<Wide>(row.value_den)));
  }
  std::int64_t money_down(std::size_t i, Wide area) const { return -money_up(i, -area); }
  static std::int64_t part_up(Wide amount, std::int64_t rate) { return static_cast<std::int64_t>(ceil_div(amount * rate, kRateUnit)); }
  std::int64_t margin(std::size_t i) const {
    const std::int64_t cost = money_up(i, positions_[i].cost);
    return spot(i) ? cost : static_cast<std::int64_t>(ceil_div(cost, config_.leverage));
  }
  bool held(std::size_t i) const { return positions_[i].qty != 0 && !spot(i); }
  std::int64_t unrealised(std::size_t i) const {
    if (!held(i)) return 0;
    const Wide worth = static_cast<Wide>(*markets_[i].value()) * std::abs(positions_[i].qty);
    return money_down(i, positions_[i].qty > 0 ? worth - positions_[i].cost : positions_[i].cost - worth);
  }
  std::int64_t maintenance(std::size_t i) const {
    if (!held(i)) return 0;
    return part_up(money_up(i, static_cast<Wide>(*markets_[i].value()) * std::abs(positions_[i].qty)), config_.maintenance_margin.v);
  }
  std::int64_t equity() const {
    std::int64_t sum = balance;
    for (std::size_t i = 0; i < positions_.size(); ++i) sum += spot(i) ? -margin(i) : unrealised(i);
    return sum;
  }
  /// What an order may take off the position; on spot, whole lots nobody else holds.
  std::int64_t closable(const OrderRequest& r, std::int64_t own) const {
    const std::int64_t qty = positions_[r.instrument].qty;
    if (!spot(r.instrument)) return std::max<std::int64_t>(r.side == Side::sell ? qty : -qty, 0);
    if (r.side == Side::buy) return 0;
    const std::int64_t rest = qty - locked(r.instrument) + own;
    return rest - rest % rules(r.instrument).lot_size.v;
  }
  bool strict(const OrderRequest& r) const { return spot(r.instrument) && config_.stop_locks_asset; }
  Errc none_left(const OrderRequest& r) const {
    const bool held_but_locked = spot(r.instrument) && r.side == Side::sell && positions_[r.instrument].qty != 0;
    return r.reduce_only != 0 && !held_but_locked ? Errc::reduce_only_refused : Errc::insufficient_balance;
  }
  Wide needed(const OrderRequest& r, std::int64_t price, std::int64_t qty) const {
    const std::size_t i = r.instrument;
    if (spot(i) && r.side == Side::sell) return 0;
    const std::int64_t reduced = spot(i) ? 0 : std::min(qty, closable(r, 0));
    const std::int64_t opened = money_up(i, static_cast<Wide>(price) * (qty - reduced));
    const bool fee_in_base = spot(i) && config_.spot_fee_asset == SpotFeeAsset::base;
    const std::int64_t rate = fee_in_base ? 0 : spot(i) ? config_.spot_taker_fee.v : config_.taker_fee.v;
    const std::int64_t fee = part_up(money_up(i, static_cast<Wide>(price) * qty), rate);
    return (spot(i) ? Wide{opened} : ceil_div(opened, config_.leverage)) + fee;
  }
  bool affords(const Order& o, std::int64_t price) const {
    if (o.r.reduce_only != 0) return true;
    if (spot(o.r.instrument) && o.r.side == Side::sell) return o.leaves <= closable(o.r, o.asset);
    return needed(o.r, price, o.leaves) <= Wide{free()} + o.money;
  }

  // ---- prices ----
  std::int64_t slid(const OrderRequest& r, std::int64_t price) const {
    if (config_.slippage.v == 0) return price;
    const std::int64_t tick = rules(r.instrument).tick_size.v;
    const Wide slip = ceil_div(static_cast<Wide>(price) * config_.slippage.v, kRateUnit);
    if (r.side == Side::buy) return static_cast<std::int64_t>(ceil_div(price + slip, tick)) * tick;
    return std::max<std::int64_t>(tick, static_cast<std::int64_t>(floor_div(price - slip, tick)) * tick);
  }
  static bool waits(OrderType type) { return type != OrderType::market && type != OrderType::limit; }
  bool reached(const OrderRequest& r, OrderType type, Side side, std::int64_t trigger) const {
    const Market& m = markets_[r.instrument];
    const std::optional<std::int64_t> at = r.trigger_ref == TriggerRef::mark && m.mark ? m.mark : m.last;
    if (!at) return false;
    const bool when_high = (type == OrderType::stop_market) == (side == Side::buy);
    return when_high ? *at >= trigger : *at <= trigger;
  }
  bool in_band(const OrderRequest& r, std::int64_t price) const {
    const auto reference = markets_[r.instrument].value();
    if (config_.price_band.v == 0 || !reference) return true;
    return std::abs(price - *reference) <= static_cast<std::int64_t>(static_cast<Wide>(*reference) * config_.price_band.v / kRateUnit);
  }

  // ---- what is said ----
  VenueEvent about(const Order& o, Kind kind, Errc reason = Errc::ok) const {
    VenueEvent e;
    e.ts_exchange_ns = now_;
    e.ts_receive_ns = now_ + config_.event_latency_ns;
    e.venue_order_id = o.id;
    e.key = o.r.key;
    e.leaves_qty = {o.leaves};
    e.instrument = o.r.instrument;
    e.strategy = o.r.strategy;
    e.side = o.r.side;
    e.kind = kind;
    e.reason = reason;
    return e;
  }
  void say(const VenueEvent& e) { events_.push_back(e); }
  void remember() { past_.push_back({now_, {open_, done_, positions_}}); }
  Order* find(const OrderKey& key) {
    for (Order& o : open_) {
      if (o.r.key == key) return &o;
    }
    return nullptr;
  }
  bool knows(const OrderKey& key) { return find(key) != nullptr || done_.contains(key_of(key)); }
  void forget(const OrderKey& key) {
    const Order* o = find(key);
    done_[key_of(key)] = {o->filled, o->id, o->r};
    open_.erase(open_.begin() + (o - open_.data()));
    remember();
  }
  void end(const OrderKey& key, Errc reason) {
    say(about(*find(key), Kind::cancelled, reason));
    forget(key);
  }
  static void shrink(Order& o, std::int64_t left) {
    if (o.leaves != 0) o.money = static_cast<std::int64_t>(ceil_div(static_cast<Wide>(o.money) * left, o.leaves));
    o.asset = std::min(o.asset, left);
    o.leaves = left;
  }
  void set_aside(Order& o) const {
    if (o.money != 0 || o.asset != 0) return;
    if (!strict(o.r) && (o.r.reduce_only != 0 || o.waiting)) return;
    o.money = static_cast<std::int64_t>(needed(o.r, has_price(o.r.price) ? o.r.price.v : o.r.trigger_price.v, o.leaves));
    if (spot(o.r.instrument) && o.r.side == Side::sell) o.asset = o.leaves;
  }

  // ---- fills ----
  void settle(const OrderRequest& r, std::int64_t price, std::int64_t qty, std::int64_t fee, std::int64_t fee_qty) {
    Position& p = positions_[r.instrument];
    const std::int64_t sign = r.side == Side::buy ? 1 : -1;
    const std::int64_t closing = p.qty * sign < 0 ? std::min(qty, std::abs(p.qty)) : 0;
    if (closing > 0) {
      const Wide part = p.cost * closing / std::abs(p.qty);
      const Wide worth = static_cast<Wide>(price) * closing;
      const std::int64_t gain = money_down(r.instrument, p.qty > 0 ? worth - part : part - worth);
      balance += gain;
      p.cost -= part;
    }
    p.cost += static_cast<Wide>(price) * (qty - closing - fee_qty);
    p.qty += sign * (qty - fee_qty);
    balance -= fee;
  }
  /// `o` is in open_, or an order that never rests.
  void fill(Order& o, std::int64_t price, bool maker) {
    const std::size_t i = o.r.instrument;
    const std::int64_t qty = o.leaves;
    const std::int64_t rate =
        spot(i) ? (maker ? config_.spot_maker_fee.v : config_.spot_taker_fee.v) : (maker ? config_.maker_fee.v : config_.taker_fee.v);
    std::int64_t fee_qty = 0;
    std::int64_t fee = part_up(money_up(i, static_cast<Wide>(price) * qty), rate);
    if (spot(i) && o.r.side == Side::buy && config_.spot_fee_asset == SpotFeeAsset::base) {
      fee_qty = std::min(qty, part_up(qty, rate));
      fee = money_up(i, static_cast<Wide>(price) * fee_qty);
    }
    shrink(o, 0);
    o.filled += qty;
    settle(o.r, price, qty, fee, fee_qty);
    VenueEvent e = about(o, Kind::filled);
    e.trade_id = ++trades_;
    e.fill_price = {price};
    e.fill_qty = {qty};
    e.fee = {fee};
    e.set_fee_qty({fee_qty});
    e.maker = maker ? 1 : 0;
    say(e);
    remember();
    const Order copy = o;  // what follows moves the list
    if (config_.attach != AttachStop::none) protect(copy, qty);
  }
  bool clip(Order& o) {
    const bool spot_sell = spot(o.r.instrument) && o.r.side == Side::sell;
    if (o.r.reduce_only == 0 && !spot_sell) return true;
    const std::int64_t most = closable(o.r, o.asset);
    if (most == 0) return false;
    if (most < o.leaves) shrink(o, most);
    return true;
  }

  // ---- attached protection ----
  static bool has_plan(const OrderRequest& r) { return r.key.leg == OrderPurpose::entry && r.reduce_only == 0; }
  void protect(const Order& o, std::int64_t qty) {
    // Every fill here is a whole one, so the three dialects differ in nothing but what a later order of the intent adds.
    if (has_plan(o.r)) {
      add_leg(o, OrderPurpose::stop, o.r.stop_price, qty);
      add_leg(o, OrderPurpose::target, o.r.target_price, qty);
    }
    std::vector<OrderKey> attached;
    for (const Order& other : open_) {
      if (other.attached && other.r.instrument == o.r.instrument && !(other.r.key == o.r.key)) attached.push_back(other.r.key);
    }
    for (const OrderKey& key : attached) {
      Order& other = *find(key);
      const std::int64_t most = closable(other.r, other.asset);
      if (most == 0) {
        end(key, Errc::reduce_only_refused);
      } else if (other.whole && other.waiting && most < other.leaves) {
        shrink(other, most);
        remember();
      } else if (other.whole && other.waiting && most > other.leaves) {
        if (other.asset != 0) other.asset = most;
        other.leaves = most;
        say(about(other, Kind::accepted));
        remember();
      }
    }
  }
  void add_leg(const Order& o, OrderPurpose leg, Price trigger, std::int64_t qty) {
    if (!has_price(trigger)) return;
    OrderRequest r;
    r.key = {o.r.key.intent_id, leg, 0, {}};
    r.instrument = o.r.instrument;
    r.strategy = o.r.strategy;
    r.type = leg == OrderPurpose::stop ? OrderType::stop_market : OrderType::take_profit_limit;
    r.side = opposite(o.r.side);
    r.trigger_ref = o.r.trigger_ref;
    r.trigger_price = trigger;
    r.price = leg == OrderPurpose::stop ? kNoPrice : trigger;
    r.reduce_only = 1;
    r.qty = {spot(r.instrument) ? std::min(qty, closable(r, 0)) : qty};
    Order* known = find(r.key);
    if (known == nullptr) {
      if (!done_.contains(key_of(r.key))) place(r, true);
      return;
    }
    if (!known->waiting || known->r.instrument != r.instrument || known->r.side != r.side) return;
    known->r.trigger_price = r.trigger_price;
    known->r.price = r.price;
    if (known->whole) return;
    known->leaves += r.qty.v;
    if (known->asset != 0) known->asset += r.qty.v;
    say(about(*known, Kind::accepted));
    remember();
  }

  // ---- requests ----
  Errc refusal(const OrderRequest& r) {
    const InstrumentRules& rule = rules(r.instrument);
    const Market& m = markets_[r.instrument];
    if (knows(r.key)) return Errc::duplicate_order;
    const bool small = r.reduce_only != 0 && !strict(r);
    if (r.qty.v <= 0 || r.qty.v % rule.lot_size.v != 0 || (!small && r.qty < rule.qty_min)) return Errc::filter_qty;
    if (config_.attach != AttachStop::none && has_plan(r)) {
      const Side side = opposite(r.side);
      for (const auto& [type, trigger] :
           {std::pair(OrderType::stop_market, r.stop_price), std::pair(OrderType::take_profit_limit, r.target_price)}) {
        if (!has_price(trigger)) continue;
        if (trigger.v % rule.tick_size.v != 0) return Errc::filter_price;
        if (reached(r, type, side, trigger.v)) return Errc::would_trigger;
      }
    }
    if (r.reduce_only != 0 && closable(r, 0) == 0) return none_left(r);
    if (waits(r.type) && reached(r, r.type, r.side, r.trigger_price.v)) return Errc::would_trigger;
    std::optional<std::int64_t> price = r.price.v;
    if (r.type == OrderType::market) price = m.taken_at();
    const bool later = r.type == OrderType::stop_market || r.type == OrderType::take_profit_market;
    if (later) price = r.trigger_price.v;
    if (!price) return Errc::no_liquidity;
    if (!later && !in_band(r, *price)) return Errc::filter_price;
    if (!small && money_down(r.instrument, static_cast<Wide>(*price) * r.qty.v) < rule.notional_min.v) return Errc::filter_notional;
    const bool crossing = m.last && (r.side == Side::buy ? *m.last <= r.price.v : *m.last >= r.price.v);
    if (r.type == OrderType::limit && r.time_in_force == TimeInForce::post_only && crossing) return Errc::would_cross;
    Order o;
    o.r = r;
    o.leaves = r.qty.v;
    if (!affords(o, r.type == OrderType::market ? slid(r, *price) : *price)) return Errc::insufficient_balance;
    if (config_.trigger_orders_max > 0 && waits(r.type)) {
      const auto counts = [&](const Order& other) {
        return other.r.instrument == r.instrument && other.waiting && !(other.whole && attribute(r) && other.r.key.leg == r.key.leg);
      };
      if (std::count_if(open_.begin(), open_.end(), counts) >= config_.trigger_orders_max) return Errc::too_many_orders;
    }
    return Errc::ok;
  }
  bool attribute(const OrderRequest& r) const {
    const bool leg = r.key.leg == OrderPurpose::stop || r.key.leg == OrderPurpose::target;
    return config_.attach == AttachStop::position_attribute && r.reduce_only != 0 && waits(r.type) && leg;
  }
  void place(const OrderRequest& r, bool attached) {
    Order o;
    o.r = r;
    o.leaves = r.qty.v;
    if (const Errc reason = refusal(r); reason != Errc::ok) return say(about(o, Kind::rejected, reason));
    o.id = ++orders_;
    o.waiting = waits(r.type);
    o.whole = attribute(r);
    o.attached = attached || o.whole;
    if (r.type == OrderType::market) {
      clip(o);
      fill(o, slid(r, *markets_[r.instrument].taken_at()), false);
      done_[key_of(r.key)] = {o.filled, o.id, r};
      return remember();
    }
    if (o.whole) o.leaves = closable(r, 0);
    if (r.reduce_only != 0 && strict(r)) clip(o);
    if (o.waiting) set_aside(o);
    open_.push_back(o);
    if (o.waiting || r.time_in_force != TimeInForce::ioc) {
      say(about(o, Kind::accepted));
      remember();
    }
    if (o.whole) {
      std::vector<OrderKey> old;
      for (const Order& other : open_) {
        if (other.whole && other.r.instrument == r.instrument && other.r.key.leg == r.key.leg && !(other.r.key == r.key))
          old.push_back(other.r.key);
      }
      for (const OrderKey& key : old) end(key, Errc::ok);
    }
    if (!o.waiting) come_in(r.key);
  }
  void come_in(const OrderKey& key) {
    Order* o = find(key);
    const auto last = markets_[o->r.instrument].last;
    if (last && (o->r.side == Side::buy ? *last <= o->r.price.v : *last >= o->r.price.v)) {
      if (!clip(*o)) return end(key, none_left(o->r));
      const std::int64_t price = slid(o->r, *last);
      fill(*o, o->r.side == Side::buy ? std::min(price, o->r.price.v) : std::max(price, o->r.price.v), false);
      return forget(key);
    }
    if (o->r.time_in_force == TimeInForce::ioc) return end(key, Errc::no_liquidity);
    set_aside(*o);
  }
  void answer(const OrderRequest& q) {
    const Shown* seen = nullptr;
    for (const auto& [ts, shown] : past_) {
      if (ts <= now_ - config_.query_lag_ns) seen = &shown;
    }
    Order ask;
    ask.r = q;
    VenueEvent e = about(ask, Kind::order_unknown);
    e.query_id = q.request_id;
    e.side = Side::none;
    const auto listed = [&](const Order& o) {
      VenueEvent line = about(o, Kind::order_open);
      line.query_id = q.request_id;
      line.fill_qty = {o.filled};
      line.fill_price = o.waiting ? o.r.trigger_price : o.r.price;
      say(line);
    };
    if (q.action == OrderAction::query_position) {
      const Position& p = seen->positions[q.instrument];
      e.kind = Kind::position_report;
      e.fill_qty = {p.qty};
      e.fill_price = p.qty == 0 ? kNoPrice : Price{static_cast<std::int64_t>(floor_div(2 * p.cost + std::abs(p.qty), 2 * std::abs(p.qty)))};
      return say(e);
    }
    if (q.action == OrderAction::query_orders) {
      e.kind = Kind::orders_end;
      for (const Order& o : seen->open) {
        if (o.r.instrument != q.instrument) continue;
        listed(o);
        ++e.trade_id;
      }
      return say(e);
    }
    for (const Order& o : seen->open) {
      if (o.r.key == q.key) return listed(o);
    }
    if (const auto done = seen->done.find(key_of(q.key)); done != seen->done.end()) {
      e.kind = Kind::order_done;
      e.fill_qty = {done->second.filled};
      e.venue_order_id = done->second.id;
      e.instrument = done->second.r.instrument;
      e.strategy = done->second.r.strategy;
      e.side = done->second.r.side;
    }
    say(e);
  }
  void arrive(const OrderRequest& r) {
    now_ = std::max(now_, r.ts_ns + config_.order_latency_ns);
    if (r.action >= OrderAction::query_order) return answer(r);
    if (r.action == OrderAction::place) return place(r, false);
    if (find(r.key) != nullptr) return end(r.key, Errc::ok);
    Order o;
    o.r = r;
    say(about(o, Kind::cancel_refused, Errc::unknown_order));
  }

  // ---- the market ----
  void market(const Tick& tick) {
    const std::size_t i = tick.instrument;
    (tick.kind == TickKind::trade ? markets_[i].last : markets_[i].mark) = tick.bid_price.v;
    std::vector<OrderKey> here;
    for (const Order& o : open_) {
      if (o.r.instrument == i) here.push_back(o.r.key);
    }
    for (const OrderKey& key : here) {
      if (Order* o = find(key); o != nullptr) meet(*o, tick);
    }
    if (held(i)) watch(i);
  }
  void meet(Order& o, const Tick& tick) {
    const OrderKey key = o.r.key;
    const auto at = markets_[o.r.instrument].taken_at();
    if (!o.waiting) {
      const std::int64_t price = tick.bid_price.v;
      if (tick.kind != TickKind::trade || !(o.r.side == Side::buy ? price < o.r.price.v : price > o.r.price.v)) return;
      if (!clip(o)) return end(key, none_left(o.r));
      fill(o, o.r.price.v, true);
      return forget(key);
    }
    if (!reached(o.r, o.r.type, o.r.side, o.r.trigger_price.v)) return;
    const bool limited = o.r.type == OrderType::take_profit_limit;
    if (!limited && !in_band(o.r, *at)) return end(key, Errc::filter_price);
    if (!affords(o, limited ? o.r.price.v : slid(o.r, *at))) return end(key, Errc::insufficient_balance);
    if (!clip(o)) return end(key, none_left(o.r));
    o.waiting = false;
    say(about(o, Kind::triggered));
    remember();
    if (limited) return come_in(key);
    fill(o, slid(o.r, *at), false);
    forget(key);
  }
  void watch(std::size_t i) {
    for (;;) {
      std::int64_t all = 0;
      std::optional<std::size_t> worst;
      for (std::size_t k = 0; k < positions_.size(); ++k) {
        all += maintenance(k);
        if (held(k) && (!worst || unrealised(k) < unrealised(*worst))) worst = k;
      }
      const bool cross = config_.margin_mode == MarginMode::cross;
      if (cross ? !worst || equity() >= all : !held(i) || margin(i) + unrealised(i) >= maintenance(i)) return;
      close_out(cross ? *worst : i);
    }
  }
  void close_out(std::size_t i) {
    ++liquidations;
    end_all(i, true);
    const Position p = positions_[i];
    const std::int64_t stake =
        config_.margin_mode == MarginMode::isolated ? margin(i) : std::max<std::int64_t>(0, equity() - unrealised(i));
    Order o;
    o.r.key.leg = OrderPurpose::close;
    o.r.instrument = static_cast<InstrumentId>(i);
    o.r.side = p.qty > 0 ? Side::sell : Side::buy;
    o.id = ++orders_;
    const std::int64_t qty = std::abs(p.qty);
    const auto gain_at = [&](std::int64_t price) {
      const Wide worth = static_cast<Wide>(price) * qty;
      return money_down(i, p.qty > 0 ? worth - p.cost : p.cost - worth);
    };
    // From the market on, tick by tick toward where no more than the stake is lost.
    const std::int64_t tick = rules(i).tick_size.v;
    std::int64_t price = slid(o.r, *markets_[i].taken_at());
    while (gain_at(price) < -stake) {
      price = p.qty > 0 ? static_cast<std::int64_t>(floor_div(price, tick) + 1) * tick
                        : static_cast<std::int64_t>(ceil_div(price, tick) - 1) * tick;
    }
    const std::int64_t fee = std::min(part_up(money_up(i, static_cast<Wide>(price) * qty), config_.taker_fee.v), stake + gain_at(price));
    settle(o.r, price, qty, fee, 0);
    VenueEvent e = about(o, Kind::liquidated, Errc::liquidated);
    e.trade_id = ++trades_;
    e.fill_price = {price};
    e.fill_qty = {qty};
    e.fee = {fee};
    say(e);
    remember();
    end_all(i, false);
  }
  void end_all(std::size_t i, bool entries_only) {
    std::vector<OrderKey> keys;
    for (const Order& o : open_) {
      if (o.r.instrument == i && (!entries_only || o.r.reduce_only == 0)) keys.push_back(o.r.key);
    }
    for (const OrderKey& key : keys) end(key, Errc::liquidated);
  }

  const InstrumentTable& table_;
  PaperConfig config_;
  std::int64_t now_ = std::numeric_limits<std::int64_t>::min();
  std::vector<Market> markets_;
  std::vector<Position> positions_;
  std::vector<Order> open_;
  std::map<Key, Done> done_;
  std::vector<std::pair<std::int64_t, Shown>> past_;
  std::uint64_t orders_ = 0, trades_ = 0;
  std::vector<VenueEvent> events_;

 public:
  std::int64_t balance;
};

}  // namespace martinet::plain_exchange

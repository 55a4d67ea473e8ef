#pragma once
// The paper venue written a second time, plainly: the whole day is known beforehand, maps instead of pools, one long list of
// what happened when. Contracts only, money without bound. It shares messages and the instrument with the venue, no code.
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "adapters/paper/paper_config.hpp"
#include "engine/messages/depth_update.hpp"
#include "engine/messages/order_request.hpp"
#include "engine/messages/tick.hpp"
#include "engine/messages/venue_event.hpp"

namespace martinet::slow_model {

using Wide = __int128;

struct Input {
  std::int64_t ts = 0;
  bool is_depth = false;
  Tick tick;
  std::map<std::int64_t, std::int64_t> bids, asks;  ///< depth: the whole book; both empty = invalidated
};

struct Open {
  OrderRequest request;
  std::int64_t leaves = 0;
  std::optional<std::int64_t> ahead;  ///< queue; nothing = not known
  bool waiting = false;
  bool took_first = false;
  std::uint64_t id = 0;
};

class Model {
 public:
  Model(const Instrument& instrument, const PaperConfig& config) : instrument_(instrument), config_(config) {}

  std::vector<VenueEvent> run(const std::vector<Input>& inputs, const std::vector<OrderRequest>& requests) {
    std::size_t next = 0;
    for (const Input& input : inputs) {
      // Made on an input of an earlier stamp and arrived by now: even without latency nothing arrives before what caused it.
      const auto due = [&](const OrderRequest& r) { return r.ts_ns < input.ts && r.ts_ns + config_.order_latency_ns <= input.ts; };
      for (; next < requests.size() && due(requests[next]); ++next) arrive(requests[next]);
      now_ = input.ts;
      market(input);
    }
    for (; next < requests.size(); ++next) arrive(requests[next]);
    return events_;
  }
  std::int64_t position = 0;
  Wide cost = 0;
  std::int64_t pnl = 0;
  std::int64_t fees = 0;

 private:
  static bool buys(const OrderRequest& r) { return r.side == Side::buy; }
  /// Standing prices an order on this side meets, best first.
  std::vector<std::pair<std::int64_t, std::int64_t>> facing(bool buy) const {
    if (buy) return {asks_.begin(), asks_.end()};
    return {bids_.rbegin(), bids_.rend()};
  }
  std::optional<std::int64_t> standing(bool buy) const {
    if (const auto levels = facing(buy); !levels.empty()) return levels.front().first;
    if (buy ? ask_ : bid_) return buy ? ask_ : bid_;
    return last_;
  }
  std::optional<std::int64_t> reference(const OrderRequest& r) const {
    if (r.trigger_ref == TriggerRef::mark && mark_) return mark_;
    if (last_) return last_;
    return buys(r) ? ask_ : bid_;
  }
  static bool reached(const OrderRequest& r, std::int64_t price) {
    const bool stop = r.type == OrderType::stop_market;
    if (stop) return buys(r) ? price >= r.trigger_price.v : price <= r.trigger_price.v;
    return buys(r) ? price <= r.trigger_price.v : price >= r.trigger_price.v;
  }
  std::int64_t slid(bool buy, std::int64_t price) const {
    if (config_.slippage.v == 0) return price;
    const std::int64_t tick = instrument_.rules.tick_size.v;
    const Wide exact = static_cast<Wide>(price) * (buy ? kRateUnit + config_.slippage.v : kRateUnit - config_.slippage.v);  // in 1e-8
    const Wide step = static_cast<Wide>(tick) * kRateUnit;
    const Wide ticks = buy ? (exact + step - 1) / step : exact / step;
    return std::max(tick, static_cast<std::int64_t>(ticks) * tick);
  }
  std::int64_t closable(const OrderRequest& r) const {
    return buys(r) ? std::max<std::int64_t>(-position, 0) : std::max<std::int64_t>(position, 0);
  }

  void say(VenueEventKind kind, const Open& order, Errc reason = Errc::ok) {
    VenueEvent e;
    e.ts_exchange_ns = now_;
    e.ts_receive_ns = now_ + config_.event_latency_ns;
    e.venue_order_id = order.id;
    e.key = order.request.key;
    e.leaves_qty = {order.leaves};
    e.instrument = order.request.instrument;
    e.strategy = order.request.strategy;
    e.side = order.request.side;
    e.kind = kind;
    e.reason = reason;
    events_.push_back(e);
  }
  void trade(Open& order, std::int64_t price, std::int64_t qty, bool maker) {
    order.leaves -= qty;
    const Wide notional =
        (static_cast<Wide>(price) * qty * static_cast<Wide>(instrument_.value_num) + static_cast<Wide>(instrument_.value_den) - 1) /
        static_cast<Wide>(instrument_.value_den);
    const Rate rate = maker ? config_.maker_fee : config_.taker_fee;
    const auto fee = static_cast<std::int64_t>((notional * rate.v + kRateUnit - 1) / kRateUnit);
    fees += fee;
    const std::int64_t sign = buys(order.request) ? 1 : -1;
    const std::int64_t closing = position * sign < 0 ? std::min(qty, std::abs(position)) : 0;
    if (closing > 0) {
      const Wide part = cost * closing / std::abs(position);
      const Wide gain = (static_cast<Wide>(price) * closing - part) * (position > 0 ? 1 : -1) * static_cast<Wide>(instrument_.value_num);
      const Wide den = static_cast<Wide>(instrument_.value_den);
      pnl += static_cast<std::int64_t>(gain >= 0 ? gain / den : -((-gain + den - 1) / den));
      cost -= part;
    }
    cost += static_cast<Wide>(price) * (qty - closing);
    position += sign * qty;
    say(VenueEventKind::filled, order);
    VenueEvent& e = events_.back();
    e.trade_id = ++trades_;
    e.fill_price = {price};
    e.fill_qty = {qty};
    e.fee = {fee};
    e.maker = maker ? 1 : 0;
  }
  /// False if there is nothing to reduce.
  bool clip(Open& order) const {
    if (order.request.reduce_only == 0) return true;
    if (closable(order.request) == 0) return false;
    order.leaves = std::min(order.leaves, closable(order.request));
    return true;
  }
  void take(Open& order, std::optional<std::int64_t> limit) {
    const bool buy = buys(order.request);
    const auto levels = facing(buy);
    if (levels.empty()) {
      std::int64_t price = slid(buy, standing(buy) ? *standing(buy) : *mark_);
      if (limit) price = buy ? std::min(price, *limit) : std::max(price, *limit);
      return trade(order, price, order.leaves, false);
    }
    for (const auto& [price, qty] : levels) {
      if (order.leaves == 0 || (limit && (buy ? price > *limit : price < *limit))) return;
      trade(order, price, std::min(qty, order.leaves), false);
    }
    if (order.leaves > 0 && !limit) trade(order, slid(buy, levels.back().first), order.leaves, false);
  }
  std::optional<std::int64_t> queue(const OrderRequest& r) const {
    const auto& own = buys(r) ? bids_ : asks_;
    const std::int64_t sign = buys(r) ? 1 : -1;
    if (!own.empty()) {
      const std::int64_t worst = buys(r) ? own.begin()->first : own.rbegin()->first;
      if (sign * r.price.v < sign * worst) return std::nullopt;
      const auto at = own.find(r.price.v);
      return at == own.end() ? 0 : at->second;
    }
    const auto& quote = buys(r) ? bid_ : ask_;
    const std::int64_t qty = buys(r) ? bid_qty_ : ask_qty_;
    if (!quote || sign * r.price.v < sign * *quote) return std::nullopt;
    if (r.price.v != *quote) return 0;
    return qty > 0 ? std::optional(qty) : std::nullopt;
  }

  Errc refusal(const OrderRequest& r) const {
    if (keys_.contains(r.key.intent_id)) return Errc::duplicate_order;
    const InstrumentRules& rules = instrument_.rules;
    if (r.qty.v % rules.lot_size.v != 0 || (r.reduce_only == 0 && r.qty < rules.qty_min) || r.qty > rules.qty_max) return Errc::filter_qty;
    if (r.type == OrderType::limit && r.price.v % rules.tick_size.v != 0) return Errc::filter_price;
    if (r.reduce_only != 0 && closable(r) == 0) return Errc::reduce_only_refused;
    const bool waits =
        r.type == OrderType::stop_market || r.type == OrderType::take_profit_market || r.type == OrderType::take_profit_limit;
    if (waits && reference(r) && reached(r, *reference(r))) return Errc::would_trigger;
    if (r.type == OrderType::market && !standing(buys(r)) && !mark_) return Errc::no_liquidity;
    const auto met = standing(buys(r));
    if (r.type == OrderType::limit && r.time_in_force == TimeInForce::post_only && met &&
        (buys(r) ? *met <= r.price.v : *met >= r.price.v)) {
      return Errc::would_cross;
    }
    return Errc::ok;
  }
  void arrive(const OrderRequest& r) {
    now_ = r.ts_ns + config_.order_latency_ns;
    Open order{r, r.qty.v, std::nullopt, false, false, 0};
    if (r.action == OrderAction::cancel) {
      for (const auto& [id, open] : open_) {
        if (!(open.request.key == r.key)) continue;
        say(VenueEventKind::cancelled, open);
        open_.erase(id);
        return;
      }
      order.leaves = 0;
      return say(VenueEventKind::cancel_refused, order, Errc::unknown_order);
    }
    if (const Errc reason = refusal(r); reason != Errc::ok) return say(VenueEventKind::rejected, order, reason);
    keys_.insert(r.key.intent_id);
    order.id = ++orders_;
    if (r.type == OrderType::market) {
      clip(order);
      return take(order, std::nullopt);
    }
    order.waiting = r.type != OrderType::limit;
    if (order.waiting || r.time_in_force != TimeInForce::ioc) say(VenueEventKind::accepted, order);
    if (order.waiting || come_in(order)) open_[order.id] = order;
  }
  /// True if the order stays.
  bool come_in(Open& order) {
    const OrderRequest& r = order.request;
    const auto met = standing(buys(r));
    if (met && (buys(r) ? *met <= r.price.v : *met >= r.price.v)) {
      if (!clip(order)) return say(VenueEventKind::cancelled, order, Errc::reduce_only_refused), false;
      take(order, r.price.v);
      order.took_first = true;
    }
    if (order.leaves == 0) return false;
    if (r.time_in_force == TimeInForce::ioc) return say(VenueEventKind::cancelled, order, Errc::no_liquidity), false;
    order.ahead = queue(r);
    return true;
  }

  void market(const Input& input) {
    if (input.is_depth) {
      bids_ = input.bids;
      asks_ = input.asks;
      if (bids_.empty() && asks_.empty()) return;
    } else if (input.tick.kind == TickKind::quote) {
      bid_ = input.tick.bid_price.v;
      ask_ = input.tick.ask_price.v;
      bid_qty_ = input.tick.bid_qty.v;
      ask_qty_ = input.tick.ask_qty.v;
    } else {
      (input.tick.kind == TickKind::trade ? last_ : mark_) = input.tick.bid_price.v;
    }
    for (auto at = open_.begin(); at != open_.end();) at = stays(at->second, input) ? std::next(at) : open_.erase(at);
  }
  bool stays(Open& order, const Input& input) {
    const OrderRequest& r = order.request;
    if (order.waiting) {
      if (!reference(r) || !reached(r, *reference(r))) return true;
      if (!clip(order)) return say(VenueEventKind::cancelled, order, Errc::reduce_only_refused), false;
      order.waiting = false;
      say(VenueEventKind::triggered, order);
      if (r.type == OrderType::take_profit_limit) return come_in(order);
      take(order, std::nullopt);
      return false;
    }
    const std::int64_t gained = won(order, input);
    if (gained == 0) return true;
    if (!clip(order)) return say(VenueEventKind::cancelled, order, Errc::reduce_only_refused), false;
    trade(order, r.price.v, std::min(gained, order.leaves), true);
    return order.leaves > 0;
  }
  /// What the input fills of a resting order.
  std::int64_t won(Open& order, const Input& input) const {
    const OrderRequest& r = order.request;
    const std::int64_t sign = buys(r) ? 1 : -1;
    if (!input.is_depth && input.tick.kind == TickKind::mark) return 0;
    if (!input.is_depth && input.tick.kind == TickKind::trade) {
      const std::int64_t better = sign * (r.price.v - input.tick.bid_price.v);
      if (better > 0) return order.leaves;
      if (better < 0 || input.tick.side == r.side || !order.ahead) return 0;
      const std::int64_t gone = std::min(*order.ahead, input.tick.bid_qty.v);
      *order.ahead -= gone;
      return std::min(input.tick.bid_qty.v - gone, order.leaves);
    }
    std::optional<std::int64_t> met;
    if (!input.is_depth) met = buys(r) ? input.tick.ask_price.v : input.tick.bid_price.v;
    if (const auto levels = facing(buys(r)); input.is_depth && !levels.empty()) met = levels.front().first;
    if (!met || sign * (r.price.v - *met) < 0) {
      order.took_first = false;
      return 0;
    }
    return order.took_first ? 0 : order.leaves;
  }

  Instrument instrument_;
  PaperConfig config_;
  std::int64_t now_ = 0;
  std::optional<std::int64_t> last_, mark_, bid_, ask_;
  std::int64_t bid_qty_ = 0, ask_qty_ = 0;
  std::map<std::int64_t, std::int64_t> bids_, asks_;
  std::map<std::uint64_t, Open> open_;
  std::set<std::uint64_t> keys_;
  std::uint64_t orders_ = 0, trades_ = 0;
  std::vector<VenueEvent> events_;
};

}  // namespace martinet::slow_model

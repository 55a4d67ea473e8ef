#pragma once
// What the tests of this room share: a sink that keeps everything, makers of messages, and a small model venue that holds
// orders and answers when it is told to, so that a test decides about every order and interleaving.
#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/cold/position/cycle_stop.hpp"
#include "engine/cold/position/position_machine.hpp"
#include "engine/cold/position/transitions.hpp"

namespace martinet::position_test {

/// Price grid 1e-2, quantity grid 1e-6: one price unit times one quantity unit is exactly one unit of money.
inline InstrumentTable one_instrument(std::uint8_t price_decimals = 2, std::uint8_t qty_decimals = 6) {
  InstrumentTable table;
  Instrument row;
  (void)row.symbol.assign("BTCUSDT");
  row.venue = Venue::bitget;
  row.market = Market::usdt_futures;
  row.kind = ContractKind::linear;
  row.price_decimals = price_decimals;
  row.qty_decimals = qty_decimals;
  (void)set_linear_value(row);
  (void)table.add(row).value();
  return table;
}

inline constexpr std::int64_t kT0 = 1'700'000'000 * kNanosPerSecond;
inline constexpr Price kReference{10'000}, kStop{9'000}, kTarget{11'000};

struct Sink {
  std::vector<OrderRequest> commands;
  std::vector<Execution> executions;
  std::vector<Alert> alerts;
  std::vector<PositionView> views;
  std::vector<GuardView> guards;
  Money equity_last{}, balance_last{};
  void command(const OrderRequest& request) { commands.push_back(request); }
  void execution(const Execution& line) { executions.push_back(line); }
  void position_view(const PositionView& view) { views.push_back(view); }
  void guard_view(const GuardView& guard) { guards.push_back(guard); }
  void alert(const Alert& a) { alerts.push_back(a); }
  void equity(std::int64_t, Money equity, Money balance) {
    equity_last = equity;
    balance_last = balance;
  }
  [[nodiscard]] std::size_t count(AlertCode code) const {
    return static_cast<std::size_t>(std::count_if(alerts.begin(), alerts.end(), [code](const Alert& a) { return a.code == code; }));
  }
};

inline GateDecision decision(std::uint64_t intent_id, Side side, std::int64_t qty, std::int64_t ts_ns, bool with_target = true) {
  GateDecision d;
  d.verdict = Verdict::admitted;
  d.intent.intent_id = intent_id;
  d.intent.instrument = 0;
  d.intent.strategy = 3;
  d.intent.sequence = 100 + intent_id;
  d.intent.action = side == Side::buy ? IntentAction::enter_long : IntentAction::enter_short;
  d.intent.reference_price = kReference;
  d.intent.stop_price = side == Side::buy ? kStop : kTarget;
  if (with_target) d.intent.target_price = side == Side::buy ? kTarget : kStop;
  d.intent.score = 0.75;
  d.intent.regime = MarketRegime::ranging;
  d.request.request_id = intent_id * 10;
  d.request.key = {.intent_id = intent_id, .leg = OrderPurpose::entry};
  d.request.qty = {qty};
  d.request.side = side;
  d.request.instrument = 0;
  d.request.strategy = 3;
  d.request.ts_ns = ts_ns;
  return d;
}

/// What a cycle is admitted with. Its worst case is that of `levels` legs, on average at worst_average.
struct CycleTerms {
  Side side = Side::buy;
  std::int64_t leg_qty = 10;
  std::uint8_t levels = 3;
  Rate stop_rate{10'000'000};  ///< 10 %
  Rate target_rate{};
  Price worst_average{10'000};
};

inline GateDecision cycle_decision(std::uint64_t intent_id, const CycleTerms& terms, std::int64_t ts_ns) {
  GateDecision d = decision(intent_id, terms.side, terms.leg_qty, ts_ns);
  d.intent.level_count = terms.levels;
  d.intent.stop_rate = terms.stop_rate;
  d.intent.target_rate = terms.target_rate;
  d.intent.worst_price = d.intent.worst_average = terms.worst_average;
  return d;
}

/// Leg `attempt` (1, 2..) of cycle `cycle`: an intent of its own (100 x cycle + attempt), an order of the cycle.
inline GateDecision level_decision(std::uint64_t cycle, std::uint8_t attempt, const CycleTerms& terms, std::int64_t ts_ns) {
  GateDecision d = decision(cycle, terms.side, terms.leg_qty, ts_ns);
  d.intent.intent_id = 100 * cycle + attempt;
  d.intent.action = IntentAction::add_level;
  d.intent.stop_price = d.intent.target_price = kNoPrice;
  d.request.key.attempt = attempt;
  d.request.request_id = cycle * 10 + attempt;
  return d;
}

inline OrderIntent exit_intent(StrategyId strategy, ExitReason reason, std::int64_t ts_ns) {
  OrderIntent intent;
  intent.instrument = 0;
  intent.strategy = strategy;
  intent.exit_reason = reason;
  intent.ts_receive_ns = ts_ns;
  return intent;
}

inline OrderIntent part_intent(StrategyId strategy, std::int64_t rate, std::int64_t ts_ns) {
  OrderIntent intent = exit_intent(strategy, ExitReason::partial, ts_ns);
  intent.action = IntentAction::exit_part;
  intent.part = {rate};
  return intent;
}

inline OrderIntent move_intent(StrategyId strategy, std::int64_t price, std::int64_t ts_ns) {
  OrderIntent intent = exit_intent(strategy, ExitReason::none, ts_ns);
  intent.action = IntentAction::move_stop;
  intent.stop_price = {price};
  return intent;
}

inline VenueEvent event(VenueEventKind kind, const OrderKey& key, std::int64_t ts_ns, Errc reason = Errc::ok) {
  VenueEvent e;
  e.kind = kind;
  e.key = key;
  e.instrument = 0;
  e.strategy = 3;
  e.ts_receive_ns = e.ts_exchange_ns = ts_ns;
  e.reason = reason;
  return e;
}

inline VenueEvent fill(const OrderKey& key, Side side, std::int64_t qty, std::int64_t leaves, std::int64_t price, std::uint64_t trade_id,
                       std::int64_t ts_ns, std::int64_t fee = 0) {
  VenueEvent e = event(VenueEventKind::filled, key, ts_ns);
  e.side = side;
  e.fill_qty = {qty};
  e.leaves_qty = {leaves};
  e.fill_price = {price};
  e.trade_id = trade_id;
  e.fee = {fee};
  return e;
}

inline Tick trade_tick(std::int64_t price, std::int64_t ts_ns, std::uint64_t sequence = 1) {
  Tick tick;
  tick.kind = TickKind::trade;
  tick.instrument = 0;
  tick.bid_price = {price};
  tick.ask_price = kNoPrice;
  tick.ts_receive_ns = ts_ns;
  tick.sequence = sequence;
  return tick;
}

/// The venue's truth. Orders rest until told to fill; a reduce-only order never reduces more than the position.
struct ModelVenue {
  struct Order {
    OrderRequest request;
    std::int64_t leaves = 0;
    bool done = false;
    bool triggered = false;
  };
  std::vector<OrderRequest> inbox;  ///< sent by us, not there yet
  std::vector<Order> orders;        ///< accepted, ever
  std::vector<VenueEvent> outbox;   ///< said by the venue, not told to us yet
  std::int64_t position = 0;
  std::int64_t cash = 0;  ///< - buys + sells - fees, in money units
  std::uint64_t trade_next = 1;
  std::int64_t fee_per_unit = 0;

  void say(const VenueEvent& e) { outbox.push_back(e); }
  VenueEvent about(const Order& order, VenueEventKind kind, std::int64_t now) const {
    VenueEvent e = event(kind, order.request.key, now);
    e.side = order.request.side;
    e.leaves_qty = {order.leaves};
    return e;
  }
  enum class Fate { normal, reject, would_trigger, mute, lost };  // mute: done, but the answer is lost; lost: never arrived

  void receive(Fate fate, std::int64_t now) {
    const OrderRequest request = inbox.front();
    inbox.erase(inbox.begin());
    if (fate == Fate::lost) return;
    const std::size_t before = outbox.size();
    if (request.action == OrderAction::cancel) {
      cancel(request, now);
    } else {
      Order order{request, request.qty.v};
      const bool nothing = request.reduce_only != 0 && request.type == OrderType::market && reducible(order) == 0;
      if (fate == Fate::reject || fate == Fate::would_trigger || nothing) {
        VenueEvent e = about(order, VenueEventKind::rejected, now);
        e.reason = nothing ? Errc::reduce_only_refused : fate == Fate::would_trigger ? Errc::would_trigger : Errc::venue_error;
        say(e);
      } else {
        orders.push_back(order);
        say(about(order, VenueEventKind::accepted, now));
      }
    }
    if (fate == Fate::mute) outbox.resize(before);
  }
  void cancel(const OrderRequest& request, std::int64_t now) {
    for (Order& order : orders) {
      if (order.request.key == request.key && !order.done) {
        order.done = true;
        say(about(order, VenueEventKind::cancelled, now));
        return;
      }
    }
    VenueEvent e = event(VenueEventKind::cancel_refused, request.key, now);
    e.reason = Errc::unknown_order;
    say(e);
  }
  [[nodiscard]] std::int64_t reducible(const Order& order) const {
    const std::int64_t against = order.request.side == Side::sell ? position : -position;
    return std::max<std::int64_t>(0, std::min(order.leaves, against));
  }
  /// Fills up to `qty` of order i at its natural price; a reduce-only order with nothing to reduce is cancelled instead.
  void fill_order(std::size_t i, std::int64_t qty, std::int64_t now, std::int64_t price = 0) {
    Order& order = orders[i];
    if (order.request.key.leg == OrderPurpose::stop && !order.triggered) {
      order.triggered = true;
      say(about(order, VenueEventKind::triggered, now));
    }
    const std::int64_t part = order.request.reduce_only != 0 ? std::min(qty, reducible(order)) : std::min(qty, order.leaves);
    if (part == 0) {
      order.done = true;
      say(about(order, VenueEventKind::cancelled, now));
      return;
    }
    order.leaves -= part;
    order.done = order.leaves == 0;
    if (price == 0) price = has_price(order.request.trigger_price) ? order.request.trigger_price.v : kReference.v;
    const std::int64_t fee = fee_per_unit * part;
    position += order.request.side == Side::buy ? part : -part;
    cash += (order.request.side == Side::buy ? -price : price) * part - fee;
    say(fill(order.request.key, order.request.side, part, order.leaves, price, trade_next++, now, fee));
  }
  void vanish(std::size_t i, std::int64_t now) {
    orders[i].done = true;
    say(about(orders[i], VenueEventKind::cancelled, now));
  }
  [[nodiscard]] std::int64_t stops_resting() const {
    std::int64_t sum = 0;
    for (const Order& o : orders) {
      const bool right = position > 0 ? o.request.side == Side::sell : o.request.side == Side::buy;
      if (!o.done && o.request.key.leg == OrderPurpose::stop && right) sum += o.leaves;
    }
    return sum;
  }
  [[nodiscard]] std::size_t resting(OrderPurpose leg) const {
    std::size_t count = 0;
    for (const Order& o : orders) count += !o.done && o.request.key.leg == leg ? 1 : 0;
    return count;
  }
  [[nodiscard]] bool rests(const OrderKey& key) const {
    return std::any_of(orders.begin(), orders.end(), [&key](const Order& o) { return !o.done && o.request.key == key; });
  }
};

/// Machine and venue, with the clock between them. Copyable: a copy is a branch of the walk.
struct World {
  PositionMachine machine;
  ModelVenue venue;
  std::int64_t now = kT0;
  std::string wrong;  ///< what a command should not have been

  World(const InstrumentTable& table, const PositionConfig& config) : machine(table, config, {.reduce_only = true}) {}

  /// Hands what the machine sent to the venue's inbox; the rest is kept by the caller if asked for.
  void take(const Sink& sink, Sink* all) {
    for (const OrderRequest& request : sink.commands) {
      venue.inbox.push_back(request);
      check_cancel(request);
    }
    if (all == nullptr) return;
    all->commands.insert(all->commands.end(), sink.commands.begin(), sink.commands.end());
    all->executions.insert(all->executions.end(), sink.executions.begin(), sink.executions.end());
    all->alerts.insert(all->alerts.end(), sink.alerts.begin(), sink.alerts.end());
    all->views.insert(all->views.end(), sink.views.begin(), sink.views.end());
  }
  /// While something is open, a stop is cancelled only beside another that covers everything. (A ghost was never counted.)
  void check_cancel(const OrderRequest& request) {
    if (request.action != OrderAction::cancel || request.key.leg != OrderPurpose::stop || slot().open_qty() == 0) return;
    const auto order = std::find_if(slot().orders.begin(), slot().orders.end(),
                                    [&request](const LegOrder& o) { return o.state != LegState::free && o.key() == request.key; });
    if (order == slot().orders.end() || order->ghost) return;
    const LegOrder* cover = slot().cover(OrderPurpose::stop);
    if (cover == nullptr || cover->key() == request.key) wrong = "a stop was cancelled that nothing stands in for";
  }
  void decide(std::uint64_t intent_id, Side side, std::int64_t qty, Sink* all = nullptr) {
    const GateDecision d = decision(intent_id, side, qty, now);
    venue.inbox.push_back(d.request);
    tell_decision(d, all);
  }
  void tell_decision(const GateDecision& d, Sink* all = nullptr) {
    Sink sink;
    machine.on_decision(d, sink);
    take(sink, all);
  }
  void tell(const VenueEvent& e, Sink* all = nullptr) {
    Sink sink;
    machine.on_venue_event(e, sink);
    take(sink, all);
  }
  void deliver(std::size_t i, Sink* all = nullptr) {
    VenueEvent e = venue.outbox[i];
    venue.outbox.erase(venue.outbox.begin() + static_cast<std::ptrdiff_t>(i));
    e.ts_receive_ns = now;
    tell(e, all);
  }
  void part(std::int64_t rate, Sink* all = nullptr) {
    Sink sink;
    machine.on_exit(part_intent(3, rate, now), sink);
    take(sink, all);
  }
  void move(std::int64_t price, Sink* all = nullptr) {
    Sink sink;
    machine.on_stop_move(move_intent(3, price, now), sink);
    take(sink, all);
  }
  void exit(StrategyId strategy = 3, Sink* all = nullptr) {
    Sink sink;
    machine.on_exit(exit_intent(strategy, ExitReason::signal, now), sink);
    take(sink, all);
  }
  void wait(std::int64_t ns, Sink* all = nullptr) {
    now += ns;
    Sink sink;
    machine.on_timer({.ts_ns = now, .sequence = 0}, sink);
    take(sink, all);
  }
  [[nodiscard]] const PositionSlot& slot() const { return machine.slot(0); }
};

/// One message drawn from a number: any event of any order of six intents, every third a cycle, true or not.
inline void feed_hostile(PositionMachine& machine, std::uint64_t draw, std::int64_t now, Sink& sink) {
  std::mt19937_64 random(draw);
  const std::uint64_t intent = 1 + random() % 6;
  const Side side = intent % 2 == 0 ? Side::buy : Side::sell;
  const CycleTerms terms{.side = side, .leg_qty = 5, .target_rate = {intent == 3 ? 1'000'000 : 0}};
  const auto price = [&random] { return 9'500 + static_cast<std::int64_t>(random() % 1000); };
  switch (random() % 11) {
    case 0:
      machine.on_decision(intent % 3 == 0 ? cycle_decision(intent, terms, now) : decision(intent, side, 5, now), sink);
      break;
    case 1:
      machine.on_exit(exit_intent(random() % 4 == 0 ? kNoStrategy : StrategyId{3}, ExitReason::signal, now), sink);
      break;
    case 2:
      machine.on_timer({.ts_ns = now, .sequence = 0}, sink);
      break;
    case 3:
      machine.on_mark(trade_tick(random() % 40 == 0 ? std::int64_t{1} << 60 : price(), now, draw % 1000), sink);
      break;
    case 4: {
      const std::uint64_t kind = random() % 4;
      if (kind == 0) machine.on_exit(part_intent(3, static_cast<std::int64_t>(random() % kRateUnit), now), sink);
      if (kind == 1) machine.on_decision(level_decision(intent, static_cast<std::uint8_t>(random() % 3), terms, now), sink);
      if (kind > 1) machine.on_stop_move(move_intent(3, price(), now), sink);
      break;
    }
    default: {
      const auto leg = static_cast<OrderPurpose>(random() % 4);
      const OrderKey key{.intent_id = intent, .leg = leg, .attempt = static_cast<std::uint8_t>(random() % 3)};
      VenueEvent e =
          event(static_cast<VenueEventKind>(random() % 6), key, now, random() % 6 == 0 ? Errc::would_trigger : Errc::venue_error);
      e.side = leg == OrderPurpose::entry ? side : opposite(side);
      e.fill_qty = {1 + static_cast<std::int64_t>(random() % 3)};
      e.leaves_qty = {static_cast<std::int64_t>(random() % 3)};
      e.fill_price = {price()};
      e.fee = {static_cast<std::int64_t>(random() % 5)};
      e.trade_id = 1 + random() % 5'000;
      machine.on_venue_event(e, sink);
    }
  }
}

/// The plan's stop: never more than was admitted, and where it should be when nothing is under way.
inline std::string stop_violation(const World& world) {
  const PositionSlot& slot = world.slot();
  if (slot.open_qty() == 0 || !slot.stop_possible()) return {};
  const PositionPlan& plan = slot.plan;
  if (plan.is_cycle() && loss_at(slot.basis, plan.stop_price) > plan.loss_max) return "the stop loses more than was admitted";
  const LegOrder* cover = slot.cover(OrderPurpose::stop);
  if (slot.exposure != Exposure::open || cover == nullptr || cover->price == plan.stop_price) return {};
  const bool waits = slot.cover_under_way(OrderPurpose::stop) || slot.stop_retry_at_ns > world.now ||
                     slot.count_orders(OrderPurpose::stop) >= kSlotMovesMax;
  return waits || slot.cover(OrderPurpose::stop, plan.stop_price) != nullptr ? "" : "the stop is not where the plan has it";
}

/// What must hold of machine and venue together at any moment; empty if it does.
inline std::string violation(const World& world, const PositionConfig& config) {
  const PositionSlot& slot = world.slot();
  const ModelVenue& venue = world.venue;
  if (!world.wrong.empty()) return world.wrong;
  if (transitions::forbidden(slot.exposure, slot.protection, slot.knowledge)) return "forbidden combination";
  if (const std::string wrong = stop_violation(world); !wrong.empty()) return wrong;
  for (const OrderRequest& r : venue.inbox) {
    if (r.action == OrderAction::place && r.key.leg != OrderPurpose::entry && r.reduce_only == 0) return "an order of ours may open";
  }
  std::size_t closes = venue.resting(OrderPurpose::close);
  for (const OrderRequest& r : venue.inbox) closes += r.action == OrderAction::place && r.key.leg == OrderPurpose::close ? 1 : 0;
  if (closes > 1) return "two closing orders at once";
  if (slot.exposure == Exposure::flat && slot.open_qty() != 0) return "flat with a quantity";
  if (!venue.outbox.empty()) return {};  // the machine cannot know yet

  for (const LegOrder& order : slot.orders) {
    const bool counted = order.is(OrderPurpose::stop) && order.state == LegState::live && order.wanted();
    if (counted && !venue.rests(order.key())) return "a stop is counted that does not rest";
  }
  if (slot.basis.qty.v != venue.position && slot.early_count == 0) return "our quantity is not the venue's";
  const std::int64_t held = venue.position < 0 ? -venue.position : venue.position;
  if (held == 0 || venue.stops_resting() >= held) return {};
  if (slot.stop_retry_at_ns > world.now || slot.close_retry_at_ns > world.now) return {};  // between two attempts
  for (const LegOrder& order : slot.orders) {
    const bool working = order.state == LegState::sent || order.state == LegState::unconfirmed;
    if (order.is(OrderPurpose::stop) && working) return {};
    // A close of the whole waits for a part that is under way: until its answer is late, then until it is proven gone.
    const bool waited_for = slot.close_wanted && (order.cancel_asked || world.now - order.ts_sent_ns < config.answer_ns);
    if (order.is(OrderPurpose::close) && (!order.part || waited_for)) return {};
  }
  const bool waits_for_plan = slot.planless() && world.now - slot.unprotected_since_ns < config.stop_deadline_ns;
  return waits_for_plan ? "" : "naked, and nothing is under way";
}

inline std::string describe(const World& world) {
  const PositionSlot& slot = world.slot();
  std::string text = std::string(name_of(slot.exposure)) + "/" + std::string(name_of(slot.protection)) + "/" +
                     std::string(name_of(slot.knowledge)) + " qty " + std::to_string(slot.basis.qty.v) + " venue " +
                     std::to_string(world.venue.position) + " inbox " + std::to_string(world.venue.inbox.size()) + " outbox " +
                     std::to_string(world.venue.outbox.size()) + " plan " + std::to_string(slot.plan.stop_price.v);
  if (slot.early_count != 0) text += " early " + std::to_string(slot.early_count);
  for (const EntryOrder& entry : slot.entries) {
    if (entry.intent_id == 0) continue;
    text += " [entry " + std::to_string(entry.intent_id) + "/" + std::to_string(entry.attempt) + " filled " +
            std::to_string(entry.filled.v) + " of " + std::to_string(entry.qty.v) + (entry.seen ? " seen" : "") +
            (entry.cancel_asked ? " cancel" : "") + "]";
  }
  for (const LegOrder& order : slot.orders) {
    if (order.state == LegState::free) continue;
    text += " [" + std::string(name_of(order.leg)) + std::to_string(order.attempt) + " state " +
            std::to_string(static_cast<int>(order.state)) + " leaves " + std::to_string(order.leaves.v) +
            (has_price(order.price) ? " at " + std::to_string(order.price.v) : "") + (order.part ? " part" : "") +
            (order.cancel_asked ? " cancel" : "") + (order.ghost ? " ghost" : "") + "]";
  }
  return text;
}

}  // namespace martinet::position_test

#pragma once
// One machine on one instrument for the named tests; each call hands in one message and gives what it caused.
#include <gtest/gtest.h>

#include "tests/engine/cold/position/support.hpp"

namespace martinet::position_test {

inline constexpr std::int64_t kMs = kNanosPerMilli;
inline constexpr OrderKey kEntry{.intent_id = 1, .leg = OrderPurpose::entry, .attempt = 0};
constexpr OrderKey leg_key(std::uint8_t attempt) { return {.intent_id = 1, .leg = OrderPurpose::entry, .attempt = attempt}; }
constexpr OrderKey stop_key(std::uint8_t attempt) { return {.intent_id = 1, .leg = OrderPurpose::stop, .attempt = attempt}; }
constexpr OrderKey target_key(std::uint8_t attempt) { return {.intent_id = 1, .leg = OrderPurpose::target, .attempt = attempt}; }
constexpr OrderKey close_key(std::uint8_t attempt) { return {.intent_id = 1, .leg = OrderPurpose::close, .attempt = attempt}; }

class Bench {
 public:
  explicit Bench(const PositionConfig& config = {}, Capabilities capabilities = {.reduce_only = true}, Price tick = {1}, Qty lot = {1},
                 Qty qty_min = {1})
      : table(with_rules(tick, lot, qty_min)), machine(table, config, capabilities) {}

  Sink decide(std::uint64_t intent, Side side, std::int64_t qty, bool target = true) {
    return decide(decision(intent, side, qty, now, target));
  }
  Sink decide(const GateDecision& d) {
    return feed([&](Sink& s) { machine.on_decision(d, s); });
  }
  Sink say(VenueEventKind kind, const OrderKey& key, Errc reason = Errc::ok) {
    return feed([&](Sink& s) { machine.on_venue_event(event(kind, key, now, reason), s); });
  }
  Sink filled(const OrderKey& key, Side side, std::int64_t qty, std::int64_t leaves, std::int64_t price = kReference.v,
              std::int64_t fee = 0) {
    return feed([&](Sink& s) { machine.on_venue_event(fill(key, side, qty, leaves, price, ++trade, now, fee), s); });
  }
  Sink exit(StrategyId strategy = 3, ExitReason reason = ExitReason::signal) {
    return feed([&](Sink& s) { machine.on_exit(exit_intent(strategy, reason, now), s); });
  }
  Sink part(std::int64_t rate, StrategyId strategy = 3) {
    return feed([&](Sink& s) { machine.on_exit(part_intent(strategy, rate, now), s); });
  }
  Sink move(std::int64_t price, StrategyId strategy = 3) {
    return feed([&](Sink& s) { machine.on_stop_move(move_intent(strategy, price, now), s); });
  }
  Sink wait(std::int64_t ns) {
    now += ns;
    return feed([&](Sink& s) { machine.on_timer({.ts_ns = now, .sequence = 0}, s); });
  }
  Sink mark(std::int64_t price, std::uint64_t sequence = 1) {
    return feed([&](Sink& s) { machine.on_mark(trade_tick(price, now, sequence), s); });
  }
  template <class Call>
  Sink feed(Call&& call) {
    Sink sink;
    call(sink);
    return sink;
  }
  /// A long of `qty`, stop and target accepted.
  void open_long(std::int64_t qty = 10) {
    decide(1, Side::buy, qty);
    filled(kEntry, Side::buy, qty, 0);
    say(VenueEventKind::accepted, stop_key(0));
    say(VenueEventKind::accepted, target_key(0));
    ASSERT_EQ(slot().exposure, Exposure::open);
    ASSERT_EQ(slot().protection, Protection::live);
  }
  /// The first leg of a cycle, filled at `price`, its stop accepted.
  void open_cycle(const CycleTerms& terms, std::int64_t price) {
    decide(cycle_decision(1, terms, now));
    filled(kEntry, terms.side, terms.leg_qty, 0, price);
    say(VenueEventKind::accepted, stop_key(0));
    ASSERT_EQ(slot().exposure, Exposure::open);
    ASSERT_EQ(slot().protection, Protection::live);
  }
  /// Leg `attempt` is decided; its intent has a number of its own.
  Sink add(std::uint8_t attempt, const CycleTerms& terms) { return decide(level_decision(1, attempt, terms, now)); }
  [[nodiscard]] const PositionSlot& slot() const { return machine.slot(0); }
  [[nodiscard]] const PositionView& view() const { return machine.position(0); }
  [[nodiscard]] std::uint64_t alerts(AlertCode code) const { return machine.counters().alerts[static_cast<std::size_t>(code)]; }

  InstrumentTable table;
  PositionMachine machine;
  std::int64_t now = kT0;
  std::uint64_t trade = 0;

 private:
  static InstrumentTable with_rules(Price tick, Qty lot, Qty qty_min) {
    InstrumentTable made = one_instrument();
    made.mutable_row(0).rules.tick_size = tick;
    made.mutable_row(0).rules.lot_size = lot;
    made.mutable_row(0).rules.qty_min = qty_min;
    return made;
  }
};

inline const OrderRequest* find(const Sink& sink, OrderAction action, const OrderKey& key) {
  for (const OrderRequest& request : sink.commands) {
    if (request.action == action && request.key == key) return &request;
  }
  return nullptr;
}
inline bool places(const Sink& sink, const OrderKey& key) { return find(sink, OrderAction::place, key) != nullptr; }
inline bool cancels(const Sink& sink, const OrderKey& key) { return find(sink, OrderAction::cancel, key) != nullptr; }
/// Quantity and trigger price of an order that was placed; {0, no price} if it was not.
struct Placed {
  Qty qty{};
  Price price = kNoPrice;
  bool operator==(const Placed&) const = default;
};
inline Placed placed(const Sink& sink, const OrderKey& key) {
  const OrderRequest* request = find(sink, OrderAction::place, key);
  return request == nullptr ? Placed{} : Placed{request->qty, request->trigger_price};
}
inline void PrintTo(const Placed& p, std::ostream* out) { *out << p.qty.v << " at " << p.price.v; }

}  // namespace martinet::position_test

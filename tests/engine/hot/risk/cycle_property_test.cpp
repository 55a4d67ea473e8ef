// Goal: whatever strategies ask, the market does and the venue answers, cycles never take more than was admitted, and leave nothing behind.
// Method: random intents of three strategies, some with a share of the account, drive the gate; a venue fills, part-fills, rejects and
// closes as it likes and its views come late, repeated or a step behind. Beside the gate goes a plain model that works out each verdict
// and every sum anew, in unbounded integers and by definition. And the limits of a cycle are held against what was really bought.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <boost/multiprecision/cpp_int.hpp>
#include <cstdlib>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <vector>

#include "engine/hot/risk/risk_gate.hpp"
#include "tests/engine/hot/risk/risk_fixture.hpp"

namespace martinet::cycle_property_test {
using namespace martinet::risk_test;
using Big = boost::multiprecision::int512_t;  // wider than any product here, and without allocation

#ifdef MARTINET_SANITIZED
constexpr int kRounds = 60'000;
#else
constexpr int kRounds = 3'000'000;
#endif
constexpr std::size_t kInstruments = 6;
constexpr StrategyId kStrategies = 3;

Big up(const Big& numerator, const Big& denominator) { return (numerator + denominator - 1) / denominator; }

// What is set aside on one instrument: an entry under way, or a cycle (levels > 1) whether or not a leg is under way.
struct Reserved {
  StrategyId strategy = kNoStrategy;
  std::uint64_t intent_id = 0;
  std::optional<std::uint64_t> under_way;  // request id
  Big margin, notional, cost, leg;
  int levels = 1, sent = 1;
  bool buy = true;
};

struct Model {
  const InstrumentTable& table;
  RiskConfig config;
  std::array<Big, kInstruments> last{};
  std::array<PositionView, kInstruments> views{};
  std::array<std::optional<Reserved>, kInstruments> reserved{};
  std::optional<GuardView> guard;
  bool killed = false;

  [[nodiscard]] Big leverage(const Instrument& i) const { return i.kind == ContractKind::spot ? 1 : config.leverage; }
  [[nodiscard]] bool flat(std::size_t id) const { return views[id].exposure == Exposure::flat && views[id].qty.v == 0; }
  [[nodiscard]] Big view_margin(std::size_t id) const { return up(views[id].notional.v, leverage(table[static_cast<InstrumentId>(id)])); }
  [[nodiscard]] Big reserved_margin(std::size_t id) const {
    if (!reserved[id]) return 0;
    if (reserved[id]->levels == 1) return reserved[id]->margin;
    return std::max<Big>(0, reserved[id]->margin - view_margin(id));
  }
  [[nodiscard]] Big margin_positions() const {
    Big sum = 0;
    for (std::size_t id = 0; id < kInstruments; ++id) sum += view_margin(id);
    return sum;
  }
  [[nodiscard]] Big margin_reserved() const {
    Big sum = 0;
    for (std::size_t id = 0; id < kInstruments; ++id) sum += reserved_margin(id);
    return sum;
  }
  [[nodiscard]] Big margin_of_strategy(StrategyId strategy) const {
    Big sum = 0;
    for (std::size_t id = 0; id < kInstruments; ++id) {
      if (views[id].owner == strategy) sum += view_margin(id);
      if (reserved[id] && reserved[id]->strategy == strategy) sum += reserved_margin(id);
    }
    return sum;
  }
  [[nodiscard]] Big free() const {
    return Big(guard->equity.v) - std::max(margin_positions(), Big(guard->margin_used.v)) - margin_reserved();
  }
  [[nodiscard]] Big capital_free(StrategyId strategy) const {
    return Big(guard->equity.v) * config.capital_fraction[strategy].v / kRateUnit - margin_of_strategy(strategy);
  }
  [[nodiscard]] int under_way() const {
    return static_cast<int>(std::ranges::count_if(reserved, [](const auto& r) { return r && r->under_way; }));
  }
  [[nodiscard]] int positions() const {
    int open = 0;
    int entering = 0;
    for (std::size_t id = 0; id < kInstruments; ++id) {
      open += flat(id) ? 0 : 1;
      entering += flat(id) && reserved[id] && reserved[id]->under_way ? 1 : 0;
    }
    return std::max(open, static_cast<int>(guard->open_positions)) + entering;
  }
  [[nodiscard]] static Big value_up(const Instrument& i, const Big& price, const Big& qty) {
    return up(price * qty * i.value_num, i.value_den);
  }
  [[nodiscard]] Big raised(const Big& price) const { return price + up(price * config.slippage_allowance.v, kRateUnit); }
  [[nodiscard]] Big margin_of(const Instrument& i, const Big& notional) const {
    return up(notional, leverage(i)) + up(notional * config.taker_fee.v, kRateUnit);
  }

  struct Answer {
    Verdict verdict = Verdict::admitted;
    Big qty = 0, notional = 0, cost = 0;  // of the whole; where the margin makes it smaller, qty is a bound and `shrunk` is set
    Big valued = 0, step = 1, least = 0;
    bool shrunk = false;
  };
  static Answer refused(Verdict verdict) {
    Answer answer;
    answer.verdict = verdict;
    return answer;
  }

  [[nodiscard]] Answer answer(const OrderIntent& in) const {
    if (!is_entry(in.action)) return refused(in.action == IntentAction::move_stop ? Verdict::stop_forwarded : Verdict::exit_forwarded);
    if (killed) return refused(Verdict::kill_switch);
    if (!guard || in.ts_receive_ns > guard->ts_expires_ns) return refused(Verdict::guard_expired);
    return in.action == IntentAction::add_level ? further_level(in) : first_order(in);
  }

  [[nodiscard]] Answer further_level(const OrderIntent& in) const {
    const Instrument& i = table[in.instrument];
    const Big now = last[in.instrument];
    const Big ref = in.reference_price.v;
    const PositionView& view = views[in.instrument];
    const auto& r = reserved[in.instrument];
    if (now == 0) return refused(Verdict::data_gate);
    const bool open = r && r->levels > 1 && !r->under_way && r->strategy == in.strategy && view.owner == in.strategy &&
                      view.exposure == Exposure::open && (r->buy ? view.qty.v > 0 : view.qty.v < 0);
    if (!open) return refused(Verdict::cycle_not_open);
    if (ref <= 0) return refused(Verdict::price_collar);
    const Big valued = raised(std::max(ref, now));
    const bool within = view.legs_filled < r->levels && r->sent < 256 && abs(Big(view.qty.v)) + r->leg <= r->leg * r->levels &&
                        view.notional.v + value_up(i, valued, r->leg) <= r->notional &&
                        view.notional.v + value_up(i, std::max(ref, now), r->leg) <= r->cost;
    if (!within) return refused(Verdict::cycle_exceeded);
    if (abs(ref - now) * kRateUnit > now * config.price_collar.v) return refused(Verdict::price_collar);
    if (guard->equity.v <= 0) return refused(Verdict::equity_not_positive);
    if (std::min(ref, now) * r->leg * i.value_num < Big(i.rules.notional_min.v) * i.value_den) return refused(Verdict::notional_too_small);
    if (under_way() >= config.in_flight_max) return refused(Verdict::in_flight_full);
    Answer admitted;
    admitted.qty = r->leg;
    return admitted;
  }

  [[nodiscard]] Answer first_order(const OrderIntent& in) const {
    const Instrument& i = table[in.instrument];
    const bool buy = in.action == IntentAction::enter_long;
    if (!buy && i.kind == ContractKind::spot) return refused(Verdict::short_unsupported);
    const Big now = last[in.instrument];
    if (now == 0) return refused(Verdict::data_gate);
    if (!flat(in.instrument) || reserved[in.instrument]) return refused(Verdict::symbol_owned);
    if (positions() >= config.max_open_positions) return refused(Verdict::max_positions);
    const bool is_cycle = in.level_count != 1;
    const Big ref = in.reference_price.v;
    const Big average = in.worst_average.v;
    if (is_cycle) {
      if (in.level_count == 0 || in.level_count > 32) return refused(Verdict::stop_missing);
      if (average <= 0 || average > in.worst_price.v || average * in.level_count < std::max(ref, now))
        return refused(Verdict::stop_missing);
      if (in.stop_rate.v <= 0 || in.stop_rate.v >= kRateUnit || in.target_rate.v < 0) return refused(Verdict::stop_missing);
      if (!buy && in.target_rate.v >= kRateUnit) return refused(Verdict::stop_missing);
    }
    const Big tick = i.rules.tick_size.v;
    if (in.stop_price.v <= 0) return refused(Verdict::stop_missing);
    const Big stop = buy ? up(in.stop_price.v, tick) * tick : Big(in.stop_price.v) / tick * tick;
    const Big sign = buy ? 1 : -1;
    if (stop <= 0 || (ref - stop) * sign <= 0 || (now - stop) * sign <= 0) return refused(Verdict::stop_missing);
    if (abs(ref - now) * kRateUnit > now * config.price_collar.v) return refused(Verdict::price_collar);
    if (guard->equity.v <= 0) return refused(Verdict::equity_not_positive);
    const Big near = std::min((ref - stop) * sign, (now - stop) * sign);
    const Big far = std::max((ref - stop) * sign, (now - stop) * sign);
    const Big loss = is_cycle ? up(average * in.stop_rate.v, kRateUnit) : far;
    if (near < tick || loss < tick) return refused(Verdict::stop_too_near);
    const Big high = is_cycle ? std::max({ref, now, Big(in.worst_price.v)}) : std::max(ref, now);
    const Big low = is_cycle ? std::min({ref, now, average}) : std::min(ref, now);
    return sized(in, loss, high, low);
  }

  [[nodiscard]] Answer sized(const OrderIntent& in, const Big& loss, const Big& high, const Big& low) const {
    const Instrument& i = table[in.instrument];
    const int levels = in.level_count;
    Answer a;
    a.valued = raised(high);
    a.step = Big(i.rules.lot_size.v) * levels;
    const Big base = Big(guard->equity.v) * config.capital_fraction[in.strategy].v / kRateUnit;
    a.qty = base * config.risk_fraction.v / kRateUnit * i.value_den / (loss * i.value_num);
    if (i.rules.qty_max.v > 0) a.qty = std::min<Big>(a.qty, Big(i.rules.qty_max.v / i.rules.lot_size.v * i.rules.lot_size.v) * levels);
    const Big limit = config.max_order_notional.v;
    if (limit > 0 && config.cap_size) a.qty = std::min<Big>(a.qty, limit * i.value_den / (a.valued * i.value_num));
    a.qty = a.qty / a.step * a.step;
    const Big leg = a.qty / levels;
    if (a.qty <= 0 || leg < i.rules.qty_min.v) return refused(Verdict::size_zero);
    if (low * leg * i.value_num < Big(i.rules.notional_min.v) * i.value_den) return refused(Verdict::notional_too_small);
    // The least leg that the venue takes, for judging an order that was made smaller.
    const Big least_notional = up(Big(i.rules.notional_min.v) * i.value_den, low * i.value_num);
    a.least = up(std::max(Big(i.rules.qty_min.v), least_notional), i.rules.lot_size.v) * i.rules.lot_size.v * levels;
    a.notional = value_up(i, a.valued, a.qty);
    if (limit > 0 && a.notional > limit) return refused(Verdict::max_order_notional);
    a.cost = value_up(i, raised(in.worst_average.v), a.qty);
    const Big margin = margin_of(i, a.notional);
    if (margin <= free() && margin <= capital_free(in.strategy)) {
      if (under_way() >= config.in_flight_max) a.verdict = Verdict::in_flight_full;
      return a;
    }
    if (!config.cap_size) return refused(margin > free() ? Verdict::free_margin : Verdict::strategy_capital);
    a.shrunk = true;
    return a;
  }
};

// The venue's truth about one instrument, and what of a cycle was admitted there.
struct Truth {
  Qty qty{};  // signed
  Big cost = 0;
  StrategyId owner = kNoStrategy;
  std::uint8_t legs = 0;
  bool closing = false;
  std::optional<OrderRequest> order;
  std::int64_t leaves = 0;
  bool leg_has_fill = false;
  std::int64_t fill_price_max = 0;
  std::uint64_t last_request = 0;
  std::uint64_t version = 0;
  // The cycle as the test saw it admitted.
  int levels = 0;
  std::uint64_t cycle_id = 0;
  std::int64_t leg = 0;
  int sent = 0;
  Big notional_max = 0, cost_max = 0;
  Rate stop_rate{};
};

class World {
 public:
  World(std::uint64_t seed, const RiskConfig& config) : random_(seed), table_(make_table()), model_{table_, config, {}, {}, {}, {}, false} {
    gate_.emplace(table_, config);
    for (std::size_t id = 0; id < kInstruments; ++id) price_.push_back(50'000'000 + static_cast<std::int64_t>(below(1'000'000)));
  }

  void step() {
    const std::uint64_t what = below(100);
    const auto id = static_cast<InstrumentId>(below(kInstruments));
    if (what < 20) {
      tick(id);
    } else if (what < 24) {
      guard_view();
    } else if (what < 52) {
      intend(id);
    } else if (what < 70) {
      venue_turn(id);
    } else if (what < 99) {
      deliver_view();
    } else {
      model_.killed = below(6) == 0;
      gate_->on_kill(model_.killed);
    }
    if (!testing::Test::HasFatalFailure()) check_sums();
  }

  // Everything ends: orders come to nothing, positions are closed, every view arrives.
  void end() {
    for (std::size_t id = 0; id < kInstruments; ++id) {
      Truth& t = truth_[id];
      t.order.reset();
      close(t);
      publish(static_cast<InstrumentId>(id));
    }
    while (!pending_.empty()) deliver_view();
    check_sums();
    const RiskState& s = gate_->state();
    ASSERT_TRUE(s.margin_reserved == 0 && s.margin_positions == 0 && s.reserved_count == 0 && s.reserved_flat_count == 0 &&
                s.occupied_count == 0);
    for (const Share& share : s.shares) ASSERT_TRUE(share.margin == 0);
    for (const Cycle& cycle : s.cycles) ASSERT_EQ(cycle.intent_id, 0u);
    for (const Holding& holding : s.holdings) ASSERT_TRUE(holding.reserver == kNoStrategy && holding.has_cycle == 0);
  }

  RiskGate& gate() { return *gate_; }
  const InstrumentTable& table() const { return table_; }
  std::map<Verdict, int> seen, seen_levels, seen_cycles;
  int shrunk = 0, cycles_full = 0;

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  std::int64_t upto(std::int64_t bound) { return static_cast<std::int64_t>(below(static_cast<std::uint64_t>(bound) + 1)); }

  InstrumentTable make_table() {
    InstrumentTable table;
    for (std::size_t n = 0; n < kInstruments; ++n) {
      Instrument i = perpetual("R" + std::to_string(n), n == 1 ? ContractKind::spot : ContractKind::linear);
      if (n == 3) {
        i.kind = ContractKind::cfd;
        i.value_num = 684'213;
        i.value_den = 1'000'003;
      }
      i.rules.tick_size = {1 + upto(2'000)};
      i.rules.lot_size = {1 + upto(300)};
      i.rules.qty_min = {1 + upto(600)};
      i.rules.qty_max = {below(2) == 0 ? 2'000 + upto(20'000) : 0};
      i.rules.notional_min = {below(2) == 0 ? upto(200) * kMoneyUnit : 0};
      (void)table.add(i).value();
    }
    return table;
  }

  void tick(InstrumentId id) {
    std::int64_t& price = price_[id];
    price = std::clamp<std::int64_t>(price + upto(1'200'000) - 600'000, 20'000'000, 120'000'000);
    gate_->on_tick(trade(id, {price}));
    model_.last[id] = price;
  }

  void guard_view() {
    GuardView view = guard({0}, ++guard_version_);
    view.ts_expires_ns = below(20) == 0 ? kNow - 1 : kNow;
    view.equity = {below(60) == 0 ? -upto(100) : 3'000 * kMoneyUnit + upto(30'000 * kMoneyUnit)};
    view.margin_used = {below(4) == 0 ? upto(8'000 * kMoneyUnit) : 0};
    view.open_positions = static_cast<std::uint16_t>(below(20) == 0 ? below(5) : 0);
    gate_->on_guard_view(view);
    model_.guard = view;
  }

  OrderIntent random_intent(InstrumentId id) {
    const Truth& t = truth_[id];
    const std::int64_t now = price_[id];
    const std::int64_t reference = now + (below(20) == 0 ? upto(4'000'000) - 2'000'000 : upto(100'000) - 50'000);
    OrderIntent in = level(id, {reference});
    in.strategy = t.owner < kStrategies && below(12) != 0 ? t.owner : static_cast<StrategyId>(below(kStrategies));
    const std::uint64_t what = below(20);
    if (what == 0) {
      in.action = std::array{IntentAction::exit, IntentAction::exit_part, IntentAction::move_stop}[below(3)];
    } else if (what < 3 || t.qty.v == 0) {
      const bool buy = below(2) == 0;
      const std::int64_t distance = upto(3'000'000);
      in = entry(id, buy, {reference}, {buy ? reference - distance : reference + distance});
      in.strategy = static_cast<StrategyId>(below(kStrategies));
      if (below(4) != 0) make_cycle(in, buy);
    } else if (below(60) == 0) {
      in.reference_price = {upto(2) - 1};
    }
    in.intent_id = ++intent_id_;
    return in;
  }

  // Levels from the reference away, to the losing side; now and then a plan that is none.
  void make_cycle(OrderIntent& in, bool buy) {
    in.level_count = static_cast<std::uint8_t>(2 + below(below(8) == 0 ? 31 : 4));
    const std::int64_t spacing = upto(1'500'000);
    const std::int64_t away = spacing * (in.level_count - 1);
    const std::int64_t ref = in.reference_price.v;
    in.worst_price = {buy ? ref : ref + away};
    in.worst_average = {buy ? std::max<std::int64_t>(ref - away / 2, ref / 3) : ref + away / 2};
    in.stop_rate = {500'000 + upto(30'000'000)};
    in.target_rate = {below(2) == 0 ? upto(5'000'000) : 0};
    if (below(25) != 0) return;
    switch (below(8)) {
      case 0:
        in.level_count = below(2) == 0 ? 0 : 33;
        break;
      case 1:
        in.worst_price = below(2) == 0 ? kNoPrice : Price{in.worst_average.v - 1};
        break;
      case 2:
        in.worst_average = below(2) == 0 ? kNoPrice : Price{in.worst_price.v + 1};
        break;
      case 3:
        in.stop_rate = {below(2) == 0 ? 0 : kRateUnit};
        break;
      case 4:
        in.target_rate = {below(2) == 0 ? -1 : kRateUnit};
        break;
      case 5:
        in.worst_average = {ref / in.level_count};
        break;
      case 6:
        in.stop_rate = {upto(3'000)};
        break;
      default:
        in.stop_price = kNoPrice;
    }
  }

  void intend(InstrumentId id) {
    if (below(3) == 0) tick(id);
    const OrderIntent in = random_intent(id);
    const Model::Answer expected = model_.answer(in);
    Sink sink;
    gate_->on_intent(in, sink);
    ASSERT_EQ(sink.decisions.size(), 1u);
    const Verdict verdict = sink.decisions.front().verdict;
    ++seen[verdict];
    if (in.action == IntentAction::add_level) ++seen_levels[verdict];
    if (is_entry(in.action) && in.action != IntentAction::add_level && in.opens_cycle()) ++seen_cycles[verdict];
    ASSERT_EQ(sink.exits.size(), is_entry(in.action) ? 0u : 1u);
    ASSERT_EQ(sink.requests.size(), verdict == Verdict::admitted ? 1u : 0u);
    if (expected.shrunk) {
      ++shrunk;
      check_shrunk(in, verdict, sink, expected);
    } else {
      ASSERT_EQ(name_of(verdict), name_of(expected.verdict)) << "action " << int(in.action) << " levels " << int(in.level_count);
      if (verdict == Verdict::admitted) {
        const Big levels = in.action == IntentAction::add_level ? 1 : in.level_count;
        ASSERT_EQ(Big(sink.requests.front().qty.v) * levels, expected.qty);
      }
    }
    if (verdict == Verdict::admitted) admitted(in, sink.requests.front(), expected);
  }

  // Smaller because of the margin: it fits, a step more would not (but for two units of rounding), and a refusal means that the least
  // the venue takes does not fit either.
  void check_shrunk(const OrderIntent& in, Verdict verdict, const Sink& sink, const Model::Answer& expected) {
    const Instrument& i = table_[in.instrument];
    const Big free = model_.free();
    const Big capital = model_.capital_free(in.strategy);
    const Big room = std::min(free, capital);
    const auto margin_at = [&](const Big& qty) { return model_.margin_of(i, Model::value_up(i, expected.valued, qty)); };
    if (verdict == Verdict::in_flight_full) {
      ASSERT_GE(model_.under_way(), model_.config.in_flight_max);
      return;
    }
    if (verdict != Verdict::admitted) {
      ASSERT_TRUE(verdict == Verdict::free_margin || verdict == Verdict::strategy_capital) << name_of(verdict);
      ASSERT_GT(margin_at(expected.least) + 2, verdict == Verdict::free_margin ? free : capital);
      return;
    }
    const Big whole = Big(sink.requests.front().qty.v) * in.level_count;
    ASSERT_LE(whole, expected.qty);
    ASSERT_GE(whole, expected.least);
    ASSERT_LE(margin_at(whole), room);
    // Twice rounded down where both limits bind: to the account's room first, then to the share's.
    ASSERT_GT(margin_at(whole + expected.step) + 2, room);
  }

  void admitted(const OrderIntent& in, const OrderRequest& request, const Model::Answer& expected) {
    const Instrument& i = table_[in.instrument];
    Truth& t = truth_[in.instrument];
    ASSERT_FALSE(t.order.has_value()) << "one order at a time";
    ASSERT_GT(request.request_id, last_request_);
    ASSERT_EQ(request.qty.v % i.rules.lot_size.v, 0);
    ASSERT_GE(request.qty, i.rules.qty_min);
    ASSERT_TRUE(i.rules.qty_max.v == 0 || request.qty <= i.rules.qty_max);
    last_request_ = request.request_id;
    const Big now = std::max(Big(in.reference_price.v), model_.last[in.instrument]);
    const Big fill_max = model_.raised(now);
    if (in.action == IntentAction::add_level) {
      ASSERT_EQ(request.key, (OrderKey{t.cycle_id, OrderPurpose::entry, static_cast<std::uint8_t>(t.sent), {}}));
      ASSERT_EQ(request.qty.v, t.leg);
      ASSERT_EQ(request.side, t.qty.v >= 0 ? Side::buy : Side::sell);
      ++t.sent;
      model_.reserved[in.instrument]->under_way = request.request_id;
      model_.reserved[in.instrument]->sent = t.sent;
    } else {
      ASSERT_EQ(t.qty.v, 0);
      ASSERT_EQ(request.key, (OrderKey{in.intent_id, OrderPurpose::entry, 0, {}}));
      take_up(in, request, expected);
    }
    t.order = request;
    t.leaves = request.qty.v;
    t.leg_has_fill = false;
    t.fill_price_max = fill_max.convert_to<std::int64_t>();
    t.last_request = request.request_id;
    t.owner = in.strategy;
    t.closing = false;
    if (t.levels > 1) {
      // With the leg filled at the worst: quantity, notional and the loss at the global stop are within what was admitted.
      const Big qty = abs(Big(t.qty.v)) + t.leaves;
      ASSERT_LE(qty, Big(t.leg) * t.levels);
      ASSERT_LE(Model::value_up(i, 1, t.cost + fill_max * t.leaves), t.notional_max);
      ASSERT_LE(Model::value_up(i, 1, t.cost + now * t.leaves), t.cost_max);
    }
    publish(in.instrument);
  }

  // A first order: what it, or the cycle it opens, was admitted with.
  void take_up(const OrderIntent& in, const OrderRequest& request, const Model::Answer& expected) {
    const Instrument& i = table_[in.instrument];
    Truth& t = truth_[in.instrument];
    const Big whole = Big(request.qty.v) * in.level_count;
    Reserved r;
    r.strategy = in.strategy;
    r.intent_id = in.intent_id;
    r.under_way = request.request_id;
    r.notional = Model::value_up(i, expected.valued, whole);
    r.margin = model_.margin_of(i, r.notional);
    r.leg = request.qty.v;
    r.levels = in.level_count;
    r.buy = request.side == Side::buy;
    if (in.opens_cycle()) r.cost = Model::value_up(i, model_.raised(in.worst_average.v), whole);
    ASSERT_LE(r.margin, model_.free());
    ASSERT_LE(r.margin, model_.capital_free(in.strategy));
    ASSERT_LT(model_.positions(), model_.config.max_open_positions);
    ASSERT_TRUE(model_.config.max_order_notional.v == 0 || r.notional <= model_.config.max_order_notional.v);
    t.levels = in.level_count;
    t.cycle_id = in.intent_id;
    t.leg = request.qty.v;
    t.sent = 1;
    t.notional_max = r.notional;
    t.cost_max = r.cost;
    if (in.opens_cycle()) {
      // The loss of all levels at the worst average, at the global stop, is within the strategy's budget.
      const Big base = Big(model_.guard->equity.v) * model_.config.capital_fraction[in.strategy].v / kRateUnit;
      const Big loss = whole * in.worst_average.v * in.stop_rate.v * i.value_num;
      ASSERT_LE(loss, base * model_.config.risk_fraction.v * i.value_den);
    }
    model_.reserved[in.instrument] = r;
  }

  void close(Truth& t) {
    t.qty = {};
    t.cost = 0;
    t.closing = t.order.has_value();
    if (!t.order) t.legs = 0;
  }

  // Something happens at the venue: a fill of all or a part, the end of an order, a partial or full exit.
  void venue_turn(InstrumentId id) {
    Truth& t = truth_[id];
    const std::uint64_t what = below(10);
    if (t.order && what < 7) {
      const std::int64_t qty = what < 4 ? t.leaves : std::max<std::int64_t>(1, upto(t.leaves));
      const std::int64_t price = t.fill_price_max - upto(t.fill_price_max / 20);
      t.qty.v += t.order->side == Side::buy ? qty : -qty;
      t.cost += Big(price) * qty;
      if (!t.leg_has_fill) ++t.legs;
      t.leg_has_fill = true;
      t.leaves -= qty;
      if (t.leaves == 0) t.order.reset();
      cycles_full += t.levels > 1 && t.leg * t.levels == std::abs(t.qty.v) ? 1 : 0;
    } else if (t.order && what < 9) {
      t.order.reset();
    } else if (t.qty.v != 0 && what == 8) {
      const std::int64_t part = upto(t.qty.v < 0 ? -t.qty.v : t.qty.v);
      t.cost -= t.cost * part / abs(Big(t.qty.v));
      t.qty.v -= t.qty.v > 0 ? part : -part;
      if (t.qty.v == 0) close(t);
    } else if (t.qty.v != 0 && what == 9) {
      below(3) == 0 ? void(t.closing = true) : close(t);
    }
    publish(id);
  }

  void publish(InstrumentId id) {
    Truth& t = truth_[id];
    PositionView view;
    view.instrument = id;
    view.version = ++t.version;
    view.covers_request = t.order ? t.order->request_id - 1 : t.last_request;
    view.qty = t.qty;
    view.notional = {Model::value_up(table_[id], 1, t.cost).convert_to<std::int64_t>()};
    view.legs_filled = t.legs;
    view.exposure = t.qty.v != 0 ? (t.closing ? Exposure::closing : Exposure::open)
                    : t.order    ? (t.closing ? Exposure::closing : Exposure::opening)
                                 : Exposure::flat;
    if (below(30) == 0 && t.qty.v == 0) view.exposure = Exposure::flat;  // says less than it could
    if (view.exposure == Exposure::flat && !t.order) {
      t.owner = kNoStrategy;
      t.legs = 0;
      t.closing = false;
    }
    view.owner = view.exposure == Exposure::flat ? kNoStrategy : t.owner;
    pending_.push_back(view);
  }

  // The next view, or an old one again.
  void deliver_view() {
    if (!delivered_.empty() && below(12) == 0) return take(delivered_[below(delivered_.size())]);
    if (pending_.empty()) return;
    const PositionView view = pending_.front();
    pending_.pop_front();
    delivered_.push_back(view);
    if (delivered_.size() > 20) delivered_.pop_front();
    take(view);
  }

  void take(const PositionView& view) {
    gate_->on_position_view(view);
    if (view.version < model_.views[view.instrument].version) return;
    model_.views[view.instrument] = view;
    auto& r = model_.reserved[view.instrument];
    if (!r) return;
    if (r->under_way && *r->under_way <= view.covers_request) r->under_way.reset();
    if (!r->under_way && (r->levels == 1 || model_.flat(view.instrument))) r.reset();
  }

  // Sums are functions of views and reservations: those of the gate are those of the model, after every step.
  void check_sums() {
    const RiskState& s = gate_->state();
    ASSERT_EQ(Big(s.margin_positions), model_.margin_positions());
    ASSERT_EQ(Big(s.margin_reserved), model_.margin_reserved());
    ASSERT_EQ(s.reserved_count, model_.under_way());
    ASSERT_TRUE(!model_.guard || s.positions_worst() == model_.positions());
    for (StrategyId strategy = 0; strategy < kStrategies; ++strategy) {
      ASSERT_EQ(Big(s.shares[strategy].margin), model_.margin_of_strategy(strategy));
    }
    for (std::size_t id = 0; id < kInstruments; ++id) {
      const bool has_cycle = model_.reserved[id] && model_.reserved[id]->levels > 1;
      ASSERT_EQ(s.cycles[id].intent_id, has_cycle ? model_.reserved[id]->intent_id : 0);
    }
  }

  std::mt19937_64 random_;
  InstrumentTable table_;
  Model model_;
  std::optional<RiskGate> gate_;
  std::vector<std::int64_t> price_;
  std::array<Truth, kInstruments> truth_{};
  std::deque<PositionView> pending_, delivered_;
  std::uint64_t guard_version_ = 0, intent_id_ = 0, last_request_ = 0;
};

RiskConfig config_of(int form) {
  RiskConfig config;
  config.max_order_notional = {form % 2 == 0 ? 0 : 4'000 * kMoneyUnit};
  config.cap_size = form % 3 != 2;
  config.leverage = form == 0 ? 1 : 3;
  config.in_flight_max = form == 1 ? 2 : 256;
  config.max_open_positions = form == 1 ? 6 : 4;
  config.risk_fraction = {form == 3 ? 10'000'000 : 3'000'000};
  config.slippage_allowance = {form == 4 ? 0 : 50'000};
  config.capital_fraction[1] = {60'000'000};
  config.capital_fraction[2] = {23'456'789};
  return config;
}

TEST(CycleProperty, NothingBeyondWhatWasAdmittedAndNothingLeftBehind) {
  std::map<Verdict, int> seen, levels, cycles;
  int shrunk = 0;
  int full = 0;
  for (int form = 0; form < 6; ++form) {
    const std::uint64_t seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed) + " form " + std::to_string(form));
    World world(seed, config_of(form));
    for (int i = 0; i < kRounds / 6; ++i) {
      world.step();
      if (HasFatalFailure()) FAIL() << "at step " << i;
    }
    world.end();
    if (HasFatalFailure()) FAIL() << "at the end";
    for (const auto& [verdict, count] : world.seen) seen[verdict] += count;
    for (const auto& [verdict, count] : world.seen_levels) levels[verdict] += count;
    for (const auto& [verdict, count] : world.seen_cycles) cycles[verdict] += count;
    shrunk += world.shrunk;
    full += world.cycles_full;
  }
  EXPECT_GT(shrunk, kRounds / 1'000);
  EXPECT_GT(full, kRounds / 5'000) << "cycles with every level filled";
  EXPECT_GT(cycles[Verdict::admitted], kRounds / 400);
  EXPECT_GT(levels[Verdict::admitted], kRounds / 400);
  // Every reason must have been met, or the test proves less than it says.
  for (const Verdict verdict : {Verdict::exit_forwarded, Verdict::stop_forwarded}) EXPECT_GT(seen[verdict], 0) << name_of(verdict);
  for (const Verdict verdict : {Verdict::kill_switch, Verdict::guard_expired, Verdict::short_unsupported, Verdict::symbol_owned,
                                Verdict::max_positions, Verdict::stop_missing, Verdict::price_collar, Verdict::equity_not_positive,
                                Verdict::stop_too_near, Verdict::size_zero, Verdict::notional_too_small, Verdict::max_order_notional,
                                Verdict::free_margin, Verdict::strategy_capital, Verdict::in_flight_full}) {
    EXPECT_GE(cycles[verdict], kRounds / 200'000) << "cycle: " << name_of(verdict);
  }
  for (const Verdict verdict : {Verdict::kill_switch, Verdict::guard_expired, Verdict::cycle_not_open, Verdict::cycle_exceeded,
                                Verdict::price_collar, Verdict::in_flight_full}) {
    EXPECT_GE(levels[verdict], kRounds / 200'000) << "level: " << name_of(verdict);
  }
}

TEST(CycleProperty, ACheckpointTakenAnywhereContinuesAlike) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  World plain(seed, config_of(1));
  World restored(seed, config_of(1));
  for (int i = 0; i < 20'000; ++i) {
    plain.step();
    restored.step();
    if (HasFatalFailure()) FAIL();
    if (i % 97 != 0) continue;
    ArchiveWriter saved;
    restored.gate().save(saved);
    RiskGate fresh(restored.table(), config_of(1));
    ArchiveReader reader(saved.bytes());
    ASSERT_EQ(fresh.load(reader), Errc::ok);
    ASSERT_TRUE(reader.done());
    restored.gate() = fresh;
  }
  ArchiveWriter one;
  ArchiveWriter other;
  plain.gate().save(one);
  restored.gate().save(other);
  EXPECT_TRUE(std::ranges::equal(one.bytes(), other.bytes()));
  EXPECT_EQ(plain.gate().counters(), restored.gate().counters());
  EXPECT_GT(plain.seen_levels[Verdict::admitted], 20);
}

}  // namespace martinet::cycle_property_test

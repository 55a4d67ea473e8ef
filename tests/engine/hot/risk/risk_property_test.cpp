// Goal: no sequence of inputs makes the gate admit an order above any limit, everything in flight counted at its worst.
// Method: random ticks, guard views, intents and position views (late, repeated, out of order) drive the gate and beside it a plain model
// that keeps the whole history and, for each intent, works out verdict and size anew in unbounded integers by definition.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <deque>
#include <map>
#include <random>
#include <vector>

#include "engine/hot/risk/risk_gate.hpp"
#include "tests/engine/hot/risk/risk_fixture.hpp"

namespace martinet::risk_property_test {
using namespace martinet::risk_test;
using Big = boost::multiprecision::int512_t;  // wider than any product here, and without allocation

#ifdef MARTINET_SANITIZED
constexpr int kRounds = 120'000;
#else
constexpr int kRounds = 12'000'000;
#endif

Big up(const Big& numerator, const Big& denominator) { return (numerator + denominator - 1) / denominator; }

// What was admitted and is not known to be reflected in a view.
struct InFlight {
  std::uint64_t request_id;
  Big margin;
};

struct Model {
  const InstrumentTable& table;
  RiskConfig config;
  std::map<InstrumentId, Tick> last;
  std::map<InstrumentId, PositionView> views;
  std::map<InstrumentId, std::vector<InFlight>> in_flight;
  std::optional<GuardView> guard;
  bool killed = false;

  [[nodiscard]] Big leverage(const Instrument& i) const { return i.kind == ContractKind::spot ? 1 : config.leverage; }
  [[nodiscard]] bool flat(InstrumentId id) const {
    const auto found = views.find(id);
    return found == views.end() || (found->second.exposure == Exposure::flat && found->second.qty.v == 0);
  }
  [[nodiscard]] int positions() const {
    int open = 0;
    for (const auto& [id, view] : views) open += flat(id) ? 0 : 1;
    int entering = 0;
    for (const auto& [id, list] : in_flight) entering += !list.empty() && flat(id) ? 1 : 0;
    return std::max(open, static_cast<int>(guard->open_positions)) + entering;
  }
  [[nodiscard]] Big free() const {
    Big positions = 0;
    for (const auto& [id, view] : views) positions += up(view.notional.v, leverage(table[id]));
    Big entering = 0;
    for (const auto& [id, list] : in_flight) {
      for (const InFlight& f : list) entering += f.margin;
    }
    return Big(guard->equity.v) - std::max(positions, Big(guard->margin_used.v)) - entering;
  }
  static Big last_price(const Tick& tick) {
    return tick.kind == TickKind::trade ? Big(tick.bid_price.v) : (Big(tick.bid_price.v) + tick.ask_price.v) / 2;
  }

  // The size by definition, in the order of the gate's words; `qty` is set where the verdict is admitted. Where the margin has made the
  // entry smaller, `shrunk` is set and qty is an upper bound.
  struct Answer {
    Verdict verdict;
    Big qty = 0;
    bool shrunk = false;
  };
  [[nodiscard]] Verdict before_size(const OrderIntent& in, const Instrument& i) const {
    if (killed || (guard && guard->latches != 0)) return Verdict::kill_switch;
    if (!guard || in.ts_receive_ns > guard->ts_expires_ns) return Verdict::guard_expired;
    if (i.kind == ContractKind::inverse) return Verdict::contract_unsupported;
    const bool buy = in.action == IntentAction::enter_long;
    if (!buy && i.kind == ContractKind::spot) return Verdict::short_unsupported;
    if (i.rules.status != TradingStatus::trading) return Verdict::instrument_halted;
    const auto tick = last.find(in.instrument);
    if (tick == last.end()) return Verdict::data_gate;
    const Big age = Big(in.ts_receive_ns) - tick->second.ts_receive_ns;
    if (abs(age) > config.tick_age_ns_max) return Verdict::data_gate;
    const auto entering = in_flight.find(in.instrument);
    if (!flat(in.instrument) || (entering != in_flight.end() && !entering->second.empty())) return Verdict::symbol_owned;
    if (positions() >= config.max_open_positions) return Verdict::max_positions;
    return Verdict::admitted;
  }
  [[nodiscard]] Answer answer(const OrderIntent& in) const {
    const Instrument& i = table[in.instrument];
    if (const Verdict v = before_size(in, i); v != Verdict::admitted) return {v};
    const bool buy = in.action == IntentAction::enter_long;
    const Big ref = in.reference_price.v;
    const Big now = last_price(last.at(in.instrument));
    const Big tick = i.rules.tick_size.v;
    if (!has_price(in.stop_price) || in.stop_price.v <= 0 || ref <= 0) return {Verdict::stop_missing};
    const Big stop = buy ? up(in.stop_price.v, tick) * tick : Big(in.stop_price.v) / tick * tick;
    const Big sign = buy ? 1 : -1;
    if (stop <= 0 || (ref - stop) * sign <= 0 || (now - stop) * sign <= 0) return {Verdict::stop_missing};
    if (has_price(in.target_price)) {
      const Big target = buy ? Big(in.target_price.v) / tick * tick : up(in.target_price.v, tick) * tick;
      if (in.target_price.v <= 0 || (target - ref) * sign <= 0) return {Verdict::stop_missing};
    }
    if (abs(ref - now) * kRateUnit > now * config.price_collar.v) return {Verdict::price_collar};
    if (guard->equity.v <= 0) return {Verdict::equity_not_positive};
    const Big near = std::min((ref - stop) * sign, (now - stop) * sign);
    const Big far = std::max((ref - stop) * sign, (now - stop) * sign);
    if (near < tick) return {Verdict::stop_too_near};
    return size(i, far, std::max(ref, now), std::min(ref, now));
  }
  [[nodiscard]] Answer size(const Instrument& i, const Big& distance, const Big& high, const Big& low) const {
    const Big lot = i.rules.lot_size.v;
    const Big worst = high + up(high * config.slippage_allowance.v, kRateUnit);
    const auto value_up = [&](const Big& price, const Big& qty) { return up(price * qty * i.value_num, i.value_den); };
    const Big budget = Big(guard->equity.v) * config.risk_fraction.v / kRateUnit;
    Big qty = budget * i.value_den / (distance * i.value_num);
    if (i.rules.qty_max.v > 0) qty = std::min(qty, Big(i.rules.qty_max.v));
    const Big limit = config.max_order_notional.v;
    if (limit > 0 && config.cap_size) qty = std::min<Big>(qty, limit * i.value_den / (worst * i.value_num));
    qty = qty / lot * lot;
    if (qty <= 0 || qty < i.rules.qty_min.v) return {Verdict::size_zero};
    if (low * qty * i.value_num < Big(i.rules.notional_min.v) * i.value_den) return {Verdict::notional_too_small};
    if (limit > 0 && value_up(worst, qty) > limit) return {Verdict::max_order_notional};
    const Big room = free();
    if (margin(i, value_up(worst, qty)) <= room) return {full() ? Verdict::in_flight_full : Verdict::admitted, qty};
    return {room <= 0 || !config.cap_size ? Verdict::free_margin : Verdict::admitted, qty, true};
  }
  [[nodiscard]] bool full() const {
    std::int64_t count = 0;
    for (const auto& [id, list] : in_flight) count += static_cast<std::int64_t>(list.size());
    return count >= config.in_flight_max;
  }
  [[nodiscard]] Big margin(const Instrument& i, const Big& notional) const {
    return up(notional, leverage(i)) + up(notional * config.taker_fee.v, kRateUnit);
  }
  [[nodiscard]] Big notional_worst(const OrderIntent& in, const Big& qty) const {
    const Instrument& i = table[in.instrument];
    const Big high = std::max(Big(in.reference_price.v), last_price(last.at(in.instrument)));
    return up((high + up(high * config.slippage_allowance.v, kRateUnit)) * qty * i.value_num, i.value_den);
  }
};

// A market that moves, a venue whose answers come late and mixed up, and intents of which some are nonsense.
class World {
 public:
  World(std::uint64_t seed, const RiskConfig& config) : random_(seed), table_(make_table()), model_{table_, config, {}, {}, {}, {}, false} {
    gate_.emplace(table_, config);
    for (std::size_t i = 0; i < table_.size(); ++i) price_.push_back(50'000'000 + static_cast<std::int64_t>(random_() % 1'000'000));
    versions_.resize(table_.size());
  }

  void step() {
    now_ns_ += static_cast<std::int64_t>(below(200'000'000));
    const std::uint64_t what = below(100);
    if (what < 35) {
      tick(any_instrument());
    } else if (what < 45) {
      guard_view();
    } else if (what < 75) {
      intend();
    } else if (what < 99) {
      deliver_view();
    } else {
      model_.killed = below(8) == 0;
      gate_->on_kill(model_.killed);
    }
  }

  RiskGate& gate() { return *gate_; }
  const Model& model() const { return model_; }
  std::map<Verdict, int> seen;
  int shrunk = 0;

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  InstrumentId any_instrument() { return static_cast<InstrumentId>(below(table_.size())); }

  InstrumentTable make_table() {
    InstrumentTable table;
    for (int n = 0; n < 12; ++n) {
      Instrument i = perpetual("R" + std::to_string(n), n % 4 == 1 ? ContractKind::spot
                                                        : n == 6   ? ContractKind::inverse
                                                                   : ContractKind::linear);
      if (n % 4 == 3) {
        i.kind = ContractKind::cfd;
        i.value_num = 684'213;
        i.value_den = 1'000'003;
      }
      i.rules.tick_size = {static_cast<std::int64_t>(1 + below(2'000))};
      i.rules.lot_size = {static_cast<std::int64_t>(1 + below(500))};
      i.rules.qty_min = {static_cast<std::int64_t>(1 + below(2'000))};
      i.rules.qty_max = {below(3) == 0 ? static_cast<std::int64_t>(5'000 + below(100'000)) : 0};
      i.rules.notional_min = {below(2) == 0 ? static_cast<std::int64_t>(below(2'000)) * kMoneyUnit : 0};
      if (n == 10) i.rules.status = TradingStatus::halted;
      (void)table.add(i).value();
    }
    return table;
  }

  void tick(InstrumentId id) {
    std::int64_t& price = price_[id];
    price = std::max<std::int64_t>(price + static_cast<std::int64_t>(below(600'001)) - 300'000, 1'000'000);
    Tick t = trade(id, {price}, now_ns_);
    const std::uint64_t form = below(10);
    if (form < 4) {
      t.kind = TickKind::quote;
      t.bid_price = {price - static_cast<std::int64_t>(below(5'000))};
      t.ask_price = {price + static_cast<std::int64_t>(below(5'000))};
    }
    if (form == 9) t.kind = TickKind::mark;
    if (form == 8) t.flags = tick_flag::history;
    gate_->on_tick(t);
    if (form < 8) model_.last[id] = t;
  }

  void guard_view() {
    GuardView view = guard({0}, below(5) == 0 ? guard_version_ / 2 : ++guard_version_);
    view.ts_ns = now_ns_;
    view.ts_expires_ns = now_ns_ + static_cast<std::int64_t>(below(8'000'000'000));
    view.equity = {below(40) == 0 ? -static_cast<std::int64_t>(below(100))
                                  : static_cast<std::int64_t>(below(30'000) * kMoneyUnit + below(99))};
    view.margin_used = {static_cast<std::int64_t>(below(3) == 0 ? below(10'000) * kMoneyUnit : 0)};
    view.open_positions = static_cast<std::uint16_t>(below(20) == 0 ? below(5) : below(2));
    view.latches = below(30) == 0 ? latch::kill : 0;
    gate_->on_guard_view(view);
    if (!model_.guard || view.version >= model_.guard->version) model_.guard = view;
  }

  OrderIntent random_intent(InstrumentId id) {
    const bool buy = below(2) == 0;
    const std::int64_t reference = price_[id] + static_cast<std::int64_t>(below(8) == 0 ? below(4'000'000) : below(100'000)) - 50'000;
    const auto distance = static_cast<std::int64_t>(below(6) == 0 ? below(3'000) : below(3'000'000));
    OrderIntent in = entry(id, buy, {reference}, {buy ? reference - distance : reference + distance}, now_ns_);
    if (below(2) == 0) in.target_price = {buy ? reference + 2 * distance : reference - 2 * distance};
    if (below(50) == 0) in.stop_price = below(2) == 0 ? kNoPrice : Price{reference};
    if (below(50) == 0) in.target_price = in.stop_price;
    return in;
  }

  void intend() {
    const InstrumentId id = any_instrument();
    if (below(3) != 0) tick(id);
    const OrderIntent in = random_intent(id);
    const Model::Answer expected = model_.answer(in);
    Sink sink;
    gate_->on_intent(in, sink);
    ASSERT_EQ(sink.decisions.size(), 1u);
    const Verdict verdict = sink.decisions.front().verdict;
    ++seen[verdict];
    if (expected.shrunk) {
      ++shrunk;
      if (verdict == Verdict::in_flight_full) {
        ASSERT_TRUE(model_.full());
        return;
      }
      ASSERT_TRUE(verdict == Verdict::free_margin || verdict == expected.verdict) << name_of(verdict);
      check_shrunk(in, verdict, sink, expected.qty);
    } else {
      ASSERT_EQ(name_of(verdict), name_of(expected.verdict));
    }
    if (verdict != Verdict::admitted) {
      ASSERT_TRUE(sink.requests.empty());
      return;
    }
    ASSERT_EQ(sink.requests.size(), 1u);
    const OrderRequest& request = sink.requests.front();
    if (!expected.shrunk) {
      ASSERT_EQ(Big(request.qty.v), expected.qty);
    }
    ASSERT_EQ(request.request_id, ++last_request_);
    check_limits(in, request);
    model_.in_flight[in.instrument].push_back(
        {request.request_id, model_.margin(table_[in.instrument], model_.notional_worst(in, request.qty.v))});
    sent_.push_back(request);
  }

  // Made smaller by the margin: within one lot and two units of money of the largest that fits, or refused because that is too small.
  void check_shrunk(const OrderIntent& in, Verdict verdict, const Sink& sink, const Big& most) {
    const Instrument& i = table_[in.instrument];
    const Big lot = i.rules.lot_size.v;
    const Big got = verdict == Verdict::admitted ? Big(sink.requests.front().qty.v) : Big(0);
    ASSERT_LT(got, most);
    Big larger = got + lot;
    if (verdict == Verdict::free_margin) {
      if (!model_.config.cap_size || model_.free() <= 0) return;
      const Big low = std::min(Big(in.reference_price.v), Model::last_price(model_.last.at(in.instrument)));
      larger = std::max(up(i.rules.qty_min.v, lot), up(up(Big(i.rules.notional_min.v) * i.value_den, low * i.value_num), lot)) * lot;
    }
    ASSERT_GT(model_.margin(i, model_.notional_worst(in, larger)) + 2, model_.free());
  }

  // The limits themselves, by definition: this is what the whole test is for.
  void check_limits(const OrderIntent& in, const OrderRequest& request) {
    const Instrument& i = table_[in.instrument];
    const RiskConfig& config = model_.config;
    const Big qty = request.qty.v;
    ASSERT_FALSE(model_.killed);
    ASSERT_EQ(request.qty.v % i.rules.lot_size.v, 0);
    ASSERT_GE(request.qty, i.rules.qty_min);
    ASSERT_TRUE(i.rules.qty_max.v == 0 || request.qty <= i.rules.qty_max);
    ASSERT_EQ(request.stop_price.v % i.rules.tick_size.v, 0);
    const Big notional = model_.notional_worst(in, qty);
    ASSERT_TRUE(config.max_order_notional.v == 0 || notional <= config.max_order_notional.v);
    ASSERT_LE(model_.margin(i, notional), model_.free());
    ASSERT_LT(model_.positions(), config.max_open_positions);
    for (const Big& price : {Big(in.reference_price.v), Model::last_price(model_.last.at(in.instrument))}) {
      const Big loss = abs(price - request.stop_price.v) * qty * i.value_num;
      ASSERT_LE(loss * kRateUnit, Big(model_.guard->equity.v) * config.risk_fraction.v * i.value_den);
    }
  }

  // A view of an instrument: of a request that was sent (filled, partly or not), of the position's end, or an old or repeated one.
  void deliver_view() {
    PositionView view;
    if (!sent_.empty() && below(3) != 0) {
      const std::size_t pick = below(sent_.size());
      const OrderRequest request = sent_[pick];
      if (sent_.size() > 8 || below(3) != 0) sent_.erase(sent_.begin() + static_cast<std::ptrdiff_t>(pick));
      const auto filled = static_cast<std::int64_t>(below(3) == 0 ? 0 : below(static_cast<std::uint64_t>(request.qty.v) + 1));
      // Sometimes one request short: such a view must not end the reservation.
      view = view_of(request.instrument, 0, request.request_id - (below(4) == 0 ? 1 : 0), {request.side == Side::buy ? filled : -filled});
    } else {
      // The position has ended: of what was asked since, some is known to have come to nothing and some may still be under way.
      view = view_of(any_instrument(), 0, below(3) == 0 ? below(last_request_ + 1) : last_request_);
    }
    if (view.qty.v != 0) view.notional = {static_cast<std::int64_t>(below(3'000) * kMoneyUnit)};
    std::uint64_t& version = versions_[view.instrument];
    view.version = below(4) == 0 ? version / 2 : version + below(2);
    version = std::max(version, view.version) + 1;
    gate_->on_position_view(view);
    const auto held = model_.views.find(view.instrument);
    if (held != model_.views.end() && view.version < held->second.version) return;
    model_.views[view.instrument] = view;
    std::erase_if(model_.in_flight[view.instrument], [&](const InFlight& f) { return f.request_id <= view.covers_request; });
  }

  std::mt19937_64 random_;
  InstrumentTable table_;
  Model model_;
  std::optional<RiskGate> gate_;
  std::vector<std::int64_t> price_;
  std::vector<std::uint64_t> versions_;
  std::deque<OrderRequest> sent_;
  std::uint64_t guard_version_ = 0;
  std::uint64_t last_request_ = 0;
  std::int64_t now_ns_ = kNow;
};

RiskConfig config_of(int form) {
  RiskConfig config;
  config.max_order_notional = {form % 2 == 0 ? 0 : 2'000 * kMoneyUnit};
  config.cap_size = form % 3 != 2;
  config.leverage = form == 0 ? 1 : 3;
  config.in_flight_max = form == 1 ? 2 : 256;
  config.max_open_positions = form == 1 ? 9 : 4;
  config.risk_fraction = {form == 3 ? 10'000'000 : 1'000'000};
  return config;
}

TEST(RiskProperty, NoAdmittedOrderIsAboveALimitWithEverythingInFlightFilled) {
  std::map<Verdict, int> seen;
  int shrunk = 0;
  for (int form = 0; form < 6; ++form) {
    const std::uint64_t seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed) + " form " + std::to_string(form));
    World world(seed, config_of(form));
    for (int i = 0; i < kRounds / 6; ++i) {
      world.step();
      if (HasFatalFailure()) FAIL() << "at step " << i;
    }
    for (const auto& [verdict, count] : world.seen) seen[verdict] += count;
    shrunk += world.shrunk;
  }
  EXPECT_GT(shrunk, kRounds / 1'000);
  EXPECT_GT(seen[Verdict::admitted], kRounds / 50);
  // Every reason must have been met, or the test proves less than it says. (Overflow needs numbers that no market has: RiskGate tests.)
  for (int v = 0; v < static_cast<int>(Verdict::count_); ++v) {
    const auto verdict = static_cast<Verdict>(v);
    if (verdict == Verdict::exit_forwarded || verdict == Verdict::stop_forwarded || verdict == Verdict::overflow) continue;
    if (verdict == Verdict::cycle_not_open || verdict == Verdict::cycle_exceeded || verdict == Verdict::strategy_capital) {
      continue;  // cycle_property_test.cpp
    }
    EXPECT_GE(seen[verdict], kRounds / 60'000) << name_of(verdict);
  }
}

TEST(RiskProperty, ACheckpointTakenAnywhereContinuesAlike) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  World plain(seed, config_of(1));
  World restored(seed, config_of(1));
  for (int i = 0; i < 20'000; ++i) {
    plain.step();
    restored.step();
    if (HasFatalFailure()) FAIL();
    if (i % 997 != 0) continue;
    ArchiveWriter saved;
    restored.gate().save(saved);
    RiskGate fresh(restored.model().table, config_of(1));
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
  EXPECT_GT(plain.seen[Verdict::admitted], 50);
}

}  // namespace martinet::risk_property_test

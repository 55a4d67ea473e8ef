// Goal: long random lives, with many faults at once and several positions one after another, end where the venue says they are,
// and the money is the venue's money. Method: seeded schedules over the model venue; the violations of support.hpp are asked
// for at every step; then faults stop, time passes, and everything must settle. Entries are single positions or cycles whose later
// legs are asked for as by a gate whose view is old: the position may be closing or gone, and their decisions may arrive late. Stops
// are moved and parts closed at any time.
#include <gtest/gtest.h>

#include <optional>
#include <random>

#include "tests/engine/cold/position/support.hpp"

namespace martinet {
namespace random_test {
using namespace position_test;
using Fate = ModelVenue::Fate;

struct Chances {
  unsigned reject = 6, mute = 4, lost = 4, vanish = 3, duplicate = 8, reorder = 8, exit = 3;  // of 100
  [[nodiscard]] bool none() const { return reject + mute + lost + vanish + duplicate + reorder == 0; }
};

class Life {
 public:
  Life(std::uint64_t seed, const Chances& chances) : chances_(chances), random_(seed), world_(table_, config_) {
    world_.venue.fee_per_unit = static_cast<std::int64_t>(random_() % 7);
  }

  std::string run(int steps) {
    for (int i = 0; i < steps; ++i) {
      step();
      if (const std::string wrong = check(); !wrong.empty()) return wrong + " at step " + std::to_string(i) + ": " + describe(world_);
    }
    return settle();
  }
  Sink all;
  std::uint64_t entries = 0;
  std::uint64_t legs = 0;
  [[nodiscard]] const World& world() const { return world_; }

 private:
  bool chance(unsigned percent) { return random_() % 100 < percent; }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }

  void step() {
    ModelVenue& venue = world_.venue;
    if (late_ && chance(30)) {
      tell_late();
      return;
    }
    // As the gate would: a new entry only when the view it got last says flat.
    if (world_.machine.position(0).exposure == Exposure::flat && venue.inbox.empty() && !late_ && chance(30)) {
      enter();
      return;
    }
    switch (below(6)) {
      case 5:
        ask();
        break;
      case 0:
        receive();
        break;
      case 1:
        trade();
        break;
      case 2:
      case 3:
        deliver();
        break;
      default:
        if (chance(chances_.exit)) {
          world_.exit(3, &all);
        } else if (chance(40)) {
          world_.wait(static_cast<std::int64_t>(below(400)) * kNanosPerMilli, &all);
        }
    }
  }
  void enter() {
    terms_ = {};
    terms_.side = chance(50) ? Side::buy : Side::sell;
    terms_.leg_qty = 1 + static_cast<std::int64_t>(below(9));
    terms_.levels = static_cast<std::uint8_t>(chance(60) ? 2 + below(4) : 1);
    terms_.stop_rate = {1'000'000 * (1 + static_cast<std::int64_t>(below(15)))};
    terms_.target_rate = {chance(50) ? 2'000'000 : 0};
    legs_sent_ = 1;
    ++entries;
    send(terms_.levels > 1 ? cycle_decision(entries, terms_, world_.now) : decision(entries, terms_.side, terms_.leg_qty, world_.now));
  }
  // The order leaves at once; its decision may come later, even after its fill.
  void send(const GateDecision& d) {
    world_.venue.inbox.push_back(d.request);
    late_ = d;
    if (chance(85)) tell_late();
  }
  void tell_late() {
    const GateDecision d = *late_;
    late_.reset();
    world_.tell_decision(d, &all);
  }
  // What the strategy asks for while it believes the position open.
  void ask() {
    const ModelVenue& venue = world_.venue;
    const bool entry_rests = venue.resting(OrderPurpose::entry) != 0;
    const bool entry_under_way =
        late_ || entry_rests || world_.slot().has_entries() ||
        std::any_of(venue.inbox.begin(), venue.inbox.end(), [](const OrderRequest& r) { return r.key.leg == OrderPurpose::entry; });
    switch (below(4)) {
      case 0:
        if (legs_sent_ < terms_.levels && !entry_under_way && entries != 0) {
          ++legs;
          send(level_decision(entries, legs_sent_++, terms_, world_.now));
        }
        break;
      case 1:
        world_.part(10'000'000 * (1 + static_cast<std::int64_t>(below(9))), &all);
        break;
      default:
        world_.move(8'500 + static_cast<std::int64_t>(below(3'000)), &all);
    }
  }
  [[nodiscard]] bool seen(const OrderKey& key) const {
    const auto& entries_known = world_.slot().entries;
    return std::any_of(entries_known.begin(), entries_known.end(), [&key](const EntryOrder& e) { return e.key() == key && e.seen; });
  }
  void receive() {
    ModelVenue& venue = world_.venue;
    if (venue.inbox.empty()) return;
    const OrderRequest& request = venue.inbox.front();
    const bool entry_place = request.action == OrderAction::place && request.key.leg == OrderPurpose::entry;
    Fate fate = Fate::normal;
    if (request.action == OrderAction::place && chance(chances_.reject)) fate = chance(30) ? Fate::would_trigger : Fate::reject;
    if (fate == Fate::normal && chance(chances_.mute)) fate = Fate::mute;
    if (fate == Fate::normal && !entry_place && chance(chances_.lost)) fate = Fate::lost;
    // An entry whose cancel's answer is lost is asked again; an entry whose only answer is lost shows itself by its fill. One that
    // loses both stays unknown until somebody asks the venue, which is not here yet.
    if (request.key.leg == OrderPurpose::entry && !entry_place && fate == Fate::mute && !seen(request.key)) fate = Fate::normal;
    venue.receive(fate, world_.now);
  }
  void trade() {
    ModelVenue& venue = world_.venue;
    std::vector<std::size_t> resting;
    for (std::size_t i = 0; i < venue.orders.size(); ++i) {
      if (!venue.orders[i].done) resting.push_back(i);
    }
    if (resting.empty()) return;
    const std::size_t i = resting[below(resting.size())];
    const OrderPurpose leg = venue.orders[i].request.key.leg;
    const bool waits = leg == OrderPurpose::stop || leg == OrderPurpose::target;
    if (waits && !chance(25)) return;
    if (chance(chances_.vanish)) {
      venue.vanish(i, world_.now);
    } else {
      const std::int64_t price = 9'000 + static_cast<std::int64_t>(below(2'000));
      venue.fill_order(i, 1 + static_cast<std::int64_t>(below(6)), world_.now, price);
    }
  }
  void deliver() {
    ModelVenue& venue = world_.venue;
    if (venue.outbox.empty()) return;
    const std::size_t i =
        venue.outbox.size() > 1 && chance(chances_.reorder) ? 1 + below(std::min<std::size_t>(venue.outbox.size() - 1, 3)) : 0;
    const VenueEvent e = venue.outbox[i];
    world_.deliver(i, &all);
    if (chance(chances_.duplicate)) world_.tell(e, &all);
  }

  std::string check() {
    const std::string wrong = violation(world_, config_);
    if (!wrong.empty()) return wrong;
    const PositionSlot& slot = world_.slot();
    // Deadline: uncovered for longer than the policy allows means that a close has been asked for.
    if (slot.unprotected_since_ns != 0 && slot.exposure == Exposure::open &&
        world_.now - slot.unprotected_since_ns > config_.stop_deadline_ns + 400 * kNanosPerMilli) {
      return "uncovered past the deadline and not closing";
    }
    return chances_.none() ? gap_violation() : "";
  }

  // Without faults the only naked time is the sequenced gap: a fill of an entry on its way to us, or its stop on its way there.
  std::string gap_violation() const {
    const ModelVenue& venue = world_.venue;
    const std::int64_t held = venue.position < 0 ? -venue.position : venue.position;
    // (Answers later than the deadline have had the machine give the stop up and close.)
    if (venue.stops_resting() >= held || late_ || world_.slot().stop_failed) return {};
    for (const VenueEvent& e : venue.outbox) {
      if (e.kind == VenueEventKind::filled && e.key.leg == OrderPurpose::entry) return {};
    }
    for (const OrderRequest& r : venue.inbox) {
      if (r.action == OrderAction::place && r.key.leg == OrderPurpose::stop && r.qty.v >= held) return {};
    }
    return "naked outside the gap";
  }

  // No more faults: everything in flight arrives, closes fill at once, time passes.
  std::string settle() {
    ModelVenue& venue = world_.venue;
    if (late_) tell_late();
    for (int turn = 0; turn < 400; ++turn) {
      while (!venue.inbox.empty()) venue.receive(Fate::normal, world_.now);
      for (std::size_t i = 0; i < venue.orders.size(); ++i) {
        const OrderPurpose leg = venue.orders[i].request.key.leg;
        if (!venue.orders[i].done && (leg == OrderPurpose::close || leg == OrderPurpose::entry))
          venue.fill_order(i, 1'000, world_.now, kReference.v);
      }
      while (!venue.outbox.empty()) world_.deliver(0, &all);
      if (const std::string wrong = check(); !wrong.empty()) return "settling: " + wrong + ": " + describe(world_);
      if (venue.inbox.empty() && turn % 40 == 39) world_.exit(kNoStrategy, &all);
      if (venue.inbox.empty()) world_.wait(300 * kNanosPerMilli, &all);
    }
    return settled();
  }
  std::string settled() {
    const ModelVenue& venue = world_.venue;
    const PositionSlot& slot = world_.slot();
    const std::string at = ": " + describe(world_);
    if (slot.exposure != Exposure::flat) return "not flat after everything was answered" + at;
    if (venue.position != 0) return "flat, but the venue holds a position" + at;
    for (const auto& order : venue.orders) {
      if (!order.done) return "flat, but an order rests" + at;
    }
    const Money expected = config_.initial_balance + Money{venue.cash};
    if (world_.machine.balance() != expected) return "the balance is not the venue's";
    if (world_.machine.equity() != expected) return "equity is not the balance though flat";
    Money net{};
    for (const Execution& line : all.executions) net = net + line.pnl_net;
    if (net != Money{venue.cash}) return "the lines' net P&L do not add up to the cash";
    const StrategyLedger& ledger = world_.machine.ledger(3);
    if (ledger.pnl_net != net || ledger.price_pnl - ledger.fees != net) return "the ledger does not add up";
    return {};
  }

  InstrumentTable table_ = one_instrument();
  PositionConfig config_;
  Chances chances_;
  std::mt19937_64 random_;
  World world_;
  CycleTerms terms_;
  std::uint8_t legs_sent_ = 0;
  std::optional<GateDecision> late_;  ///< on its way to the machine; the gate sends nothing before it is there
};

#ifdef MARTINET_DEBUG_ASSERTS
constexpr std::uint64_t kLives = 150;
#else
constexpr std::uint64_t kLives = 3'000;
#endif

void live(std::uint64_t seed_base, const Chances& chances) {
  std::uint64_t entries = 0, legs = 0, executions = 0, urgent = 0;
  PositionCounters sum;
  for (std::uint64_t seed = seed_base; seed < seed_base + kLives; ++seed) {
    Life life(seed, chances);
    const std::string wrong = life.run(400);
    ASSERT_EQ(wrong, "") << "seed " << seed;
    entries += life.entries;
    legs += life.legs;
    const PositionCounters& counters = life.world().machine.counters();
    sum.stop_moves += counters.stop_moves;
    sum.parts_placed += counters.parts_placed;
    executions += life.all.executions.size();
    for (const Alert& alert : life.all.alerts) urgent += is_urgent(alert.code) ? 1 : 0;
  }
  EXPECT_GT(executions, kLives);
  EXPECT_GT(legs, kLives / 10);
  EXPECT_GT(sum.stop_moves, kLives);
  EXPECT_GT(sum.parts_placed, kLives);
  const auto number = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
  std::printf("%llu lives from seed %llu: %llu entries, %llu legs more, %llu moves, %llu parts, %llu executions, %llu urgent alerts\n",
              number(kLives), number(seed_base), number(entries), number(legs), number(sum.stop_moves), number(sum.parts_placed),
              number(executions), number(urgent));
}

TEST(PositionLives, WithoutFaultsEverythingAddsUp) {
  live(1, {.reject = 0, .mute = 0, .lost = 0, .vanish = 0, .duplicate = 0, .reorder = 0});
}
TEST(PositionLives, WithSomeFaultsEverythingAddsUp) { live(1'000'000, {}); }
TEST(PositionLives, WithHeavyFaultsEverythingAddsUp) {
  live(2'000'000, {.reject = 30, .mute = 20, .lost = 20, .vanish = 15, .duplicate = 30, .reorder = 30, .exit = 10});
}

}  // namespace random_test
}  // namespace martinet

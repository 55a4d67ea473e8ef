// Goal: long random lives, with many faults at once and several positions one after another, end where the venue says they are,
// and the money is the venue's money. Method: seeded schedules over the model venue; the violations of support.hpp are asked
// for at every step; then faults stop, time passes, and everything must settle. The twin run saves and loads in the middle.
#include <gtest/gtest.h>

#include <random>

#include "tests/engine/cold/position/support.hpp"

namespace martinet {
namespace random_test {
using namespace position_test;
using Fate = ModelVenue::Fate;

struct Chances {
  unsigned reject = 6, mute = 4, lost = 4, vanish = 3, duplicate = 8, reorder = 8, exit = 3;  // of 100
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
  std::uint64_t naked_ns_max = 0;
  [[nodiscard]] const World& world() const { return world_; }

 private:
  bool chance(unsigned percent) { return random_() % 100 < percent; }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }

  void step() {
    ModelVenue& venue = world_.venue;
    // As the gate would: a new entry only when the view it got last says flat.
    if (world_.machine.position(0).exposure == Exposure::flat && venue.inbox.empty() && chance(30)) {
      side_ = chance(50) ? Side::buy : Side::sell;
      world_.decide(++entries, side_, 1 + static_cast<std::int64_t>(below(9)), &all);
      return;
    }
    switch (below(5)) {
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
  void receive() {
    ModelVenue& venue = world_.venue;
    if (venue.inbox.empty()) return;
    const OrderRequest& request = venue.inbox.front();
    const bool entry_place = request.action == OrderAction::place && request.key.leg == OrderPurpose::entry;
    Fate fate = Fate::normal;
    if (request.action == OrderAction::place && chance(chances_.reject)) fate = chance(30) ? Fate::would_trigger : Fate::reject;
    if (fate == Fate::normal && chance(chances_.mute)) fate = Fate::mute;
    if (fate == Fate::normal && !entry_place && chance(chances_.lost)) fate = Fate::lost;
    // An entry whose cancel's answer is lost is asked again; an entry whose only answer is lost shows itself by its fill.
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
    return {};
  }

  // No more faults: everything in flight arrives, closes fill at once, time passes.
  std::string settle() {
    ModelVenue& venue = world_.venue;
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
  Side side_ = Side::buy;
};

#ifdef MARTINET_DEBUG_ASSERTS
constexpr std::uint64_t kLives = 150;
#else
constexpr std::uint64_t kLives = 3'000;
#endif

void live(std::uint64_t seed_base, const Chances& chances) {
  std::uint64_t entries = 0, executions = 0, urgent = 0;
  for (std::uint64_t seed = seed_base; seed < seed_base + kLives; ++seed) {
    Life life(seed, chances);
    const std::string wrong = life.run(400);
    ASSERT_EQ(wrong, "") << "seed " << seed;
    entries += life.entries;
    executions += life.all.executions.size();
    for (const Alert& alert : life.all.alerts) urgent += is_urgent(alert.code) ? 1 : 0;
  }
  EXPECT_GT(executions, kLives);
  std::printf("%llu lives from seed %llu: %llu entries, %llu executions, %llu urgent alerts\n", static_cast<unsigned long long>(kLives),
              static_cast<unsigned long long>(seed_base), static_cast<unsigned long long>(entries),
              static_cast<unsigned long long>(executions), static_cast<unsigned long long>(urgent));
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

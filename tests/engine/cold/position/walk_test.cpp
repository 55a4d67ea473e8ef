// Goal: no order of answers leaves a position naked, reversed, or the machine in a combination that must not be.
// Method: breadth-first walk over (machine, model venue) from one admitted entry of two units, or from a cycle: at each state every
// action of the venue (accept, refuse, fill a part or all, cancel by itself, lose), of the line (deliver, deliver out of turn, twice),
// of time and of the strategy (exit, add a level whose decision may be late, move the stop, close a part), with a bounded number of
// faults and wishes per path. States already seen are not entered again. In each new state every kind of event for every order is
// thrown in as well.
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_set>

#include "tests/engine/cold/position/support.hpp"

namespace martinet {
namespace walk_test {
using namespace position_test;
using Fate = ModelVenue::Fate;

/// What a strategy may still ask for on a path.
struct Wishes {
  int levels = 0;
  int moves = 0;
  int parts = 0;
  bool late_decisions = false;  ///< a level's decision may reach the machine after its order's events
};

struct Node {
  World world;
  Wishes wishes;
  std::uint8_t legs_sent = 1;
  std::optional<GateDecision> late = {};
  int depth = 0;
  int faults = 0;
  int waits = 0;
  bool exited = false;
};

void mix(std::uint64_t& h, const void* data, std::size_t size) {
  const auto* bytes = static_cast<const unsigned char*>(data);
  for (; size >= 8; size -= 8, bytes += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, 8);
    h = (h ^ word) * 0x9E3779B97F4A7C15ULL;
    h ^= h >> 29;
  }
  for (std::size_t i = 0; i < size; ++i) h = (h ^ bytes[i]) * 1099511628211ULL;
}

std::uint64_t hash_of(const Node& node) {
  std::uint64_t h = 1469598103934665603ULL;
  PositionSlot slot = node.world.slot();
  slot.view.version = 0;
  mix(h, &slot, sizeof slot);
  const ModelVenue& venue = node.world.venue;
  for (const OrderRequest& r : venue.inbox) {
    mix(h, &r.key, sizeof r.key);
    const std::int64_t more[] = {static_cast<std::int64_t>(r.action), r.qty.v, r.trigger_price.v};
    mix(h, more, sizeof more);
  }
  for (const auto& o : venue.orders) {
    mix(h, &o.request.key, sizeof o.request.key);
    const std::int64_t more[] = {o.leaves, o.done, o.triggered};
    mix(h, more, sizeof more);
  }
  for (VenueEvent e : venue.outbox) {
    e.ts_exchange_ns = e.ts_receive_ns = 0;
    mix(h, &e, sizeof e);
  }
  const std::int64_t more[] = {venue.position, node.faults,        node.waits,        node.exited,       node.world.now,
                               node.legs_sent, node.wishes.levels, node.wishes.moves, node.wishes.parts, node.late.has_value()};
  mix(h, more, sizeof more);
  return h;
}

class Walk {
 public:
  Walk(const PositionConfig& config, int depth_max, int faults_max, std::size_t states_max)
      : config_(config), depth_max_(depth_max), faults_max_(faults_max), states_max_(states_max) {}

  /// `filled` units of the entry are filled and protected before the walk begins: it then starts amid the races of the end.
  void run(Side side, std::int64_t filled = 0, const Wishes& wishes = {}) {
    Node root{World(table_, config_), wishes};
    root.world.decide(1, side, 2);
    run(std::move(root), filled);
  }
  /// A cycle of legs of `leg_qty` units; the first is filled and protected before the walk begins.
  void run_cycle(const CycleTerms& terms, const Wishes& wishes) {
    terms_ = terms;
    Node root{World(table_, config_), wishes};
    const GateDecision d = cycle_decision(1, terms, root.world.now);
    root.world.venue.inbox.push_back(d.request);
    root.world.tell_decision(d);
    run(std::move(root), terms.leg_qty);
  }
  void run(Node&& root, std::int64_t filled) {
    World& world = root.world;
    if (filled != 0) {
      world.venue.receive(Fate::normal, world.now);
      world.venue.fill_order(0, filled, world.now);
      while (!world.venue.inbox.empty() || !world.venue.outbox.empty()) {
        if (!world.venue.inbox.empty()) world.venue.receive(Fate::normal, world.now);
        while (!world.venue.outbox.empty()) world.deliver(0);
      }
      ASSERT_EQ(world.slot().protection, Protection::live);
    }
    enter(std::move(root));
    while (!queue_.empty() && !::testing::Test::HasFatalFailure()) {
      const std::unique_ptr<Node> node = std::move(queue_.front());
      queue_.pop_front();
      if (node->depth < depth_max_) expand(*node);
    }
  }

  void print() const {
    std::printf("%zu states, every path of %d steps, %zu strays thrown, %zu combinations of regions, %zu flat again\n", states, depth,
                thrown, combinations.size(), round_trips);
  }

  std::set<std::tuple<Exposure, Protection, Knowledge>> combinations;
  std::size_t states = 0;
  std::size_t thrown = 0;
  std::size_t round_trips = 0;
  int depth = 0;          // every path of so many steps was walked
  bool exhausted = true;  // no state was left out for want of room

 private:
  void enter(Node&& node) {
    if (!seen_.insert(hash_of(node)).second) return;
    if (exhausted) depth = std::max(depth, node.depth - 1);
    if (states >= states_max_) {
      exhausted = false;
      return;
    }
    ++states;
    const PositionSlot& slot = node.world.slot();
    combinations.emplace(slot.exposure, slot.protection, slot.knowledge);
    const std::string wrong = violation(node.world, config_);
    ASSERT_EQ(wrong, "") << describe(node.world) << " depth " << node.depth;
    if (slot.exposure == Exposure::flat && slot.view.version > 1) ++round_trips;
    // One admitted entry: nothing the machine does may turn it.
    ASSERT_TRUE(node.world.venue.position == 0 || (node.world.venue.position > 0) == (slot.plan.direction == Side::buy))
        << describe(node.world);
    throw_everything(node.world);
    queue_.push_back(std::make_unique<Node>(std::move(node)));
  }

  // Any event for any order, also those that cannot be true: no assertion may fail, no forbidden combination may appear.
  void throw_everything(const World& world) {
    const bool cycle = world.slot().plan.is_cycle();
    for (int leg = 0; leg < 4; ++leg) {
      for (std::uint8_t attempt = 0; attempt < 2; ++attempt) {
        if (leg == 0 && attempt == 1 && !cycle) continue;
        for (int kind = 0; kind < 6; ++kind) {
          for (std::uint64_t intent = 1; intent <= (leg == 0 ? 2u : 1u); ++intent) {
            World copy = world;
            VenueEvent e = event(static_cast<VenueEventKind>(kind),
                                 {.intent_id = intent, .leg = static_cast<OrderPurpose>(leg), .attempt = attempt}, copy.now);
            const Side in = world.slot().plan.direction;
            e.side = leg == 0 ? in : opposite(in);
            e.fill_qty = {1};
            e.fill_price = kReference;
            e.trade_id = 900'000;
            copy.tell(e);
            const PositionSlot& slot = copy.slot();
            ASSERT_FALSE(transitions::forbidden(slot.exposure, slot.protection, slot.knowledge)) << describe(copy);
            copy.wait(config_.stop_deadline_ns);
            ++thrown;
          }
        }
      }
    }
  }

  template <class Act>
  void branch(const Node& from, bool fault, Act&& act) {
    if (fault && from.faults >= faults_max_) return;
    Node next = from;
    ++next.depth;
    next.faults += fault ? 1 : 0;
    act(next);
    enter(std::move(next));
  }

  void expand(const Node& node) {
    const ModelVenue& venue = node.world.venue;
    if (!venue.inbox.empty()) {
      const OrderRequest& request = venue.inbox.front();
      const bool place = request.action == OrderAction::place;
      branch(node, false, [](Node& n) { n.world.venue.receive(Fate::normal, n.world.now); });
      if (place) branch(node, true, [](Node& n) { n.world.venue.receive(Fate::reject, n.world.now); });
      if (place && request.key.leg == OrderPurpose::stop) {
        branch(node, true, [](Node& n) { n.world.venue.receive(Fate::would_trigger, n.world.now); });
      }
      if (request.key.leg != OrderPurpose::entry || !place) {
        branch(node, true, [](Node& n) { n.world.venue.receive(Fate::lost, n.world.now); });
      }
      branch(node, true, [](Node& n) { n.world.venue.receive(Fate::mute, n.world.now); });
    }
    for (std::size_t i = 0; i < venue.orders.size(); ++i) {
      if (venue.orders[i].done) continue;
      const bool entry = venue.orders[i].request.key.leg == OrderPurpose::entry;
      branch(node, false, [i](Node& n) { n.world.venue.fill_order(i, 100, n.world.now); });
      if (venue.orders[i].leaves > 1) branch(node, !entry, [i](Node& n) { n.world.venue.fill_order(i, 1, n.world.now); });
      branch(node, !entry, [i](Node& n) { n.world.venue.vanish(i, n.world.now); });
    }
    if (!venue.outbox.empty()) {
      branch(node, false, [](Node& n) { n.world.deliver(0); });
      branch(node, true, [](Node& n) {
        const VenueEvent twice = n.world.venue.outbox.front();
        n.world.deliver(0);
        n.world.tell(twice);
      });
    }
    if (venue.outbox.size() > 1) branch(node, true, [](Node& n) { n.world.deliver(1); });
    if (node.waits < 3) {
      branch(node, false, [](Node& n) {
        ++n.waits;
        n.world.wait(200 * kNanosPerMilli);
      });
      branch(node, false, [](Node& n) {
        ++n.waits;
        n.world.wait(1500 * kNanosPerMilli);
      });
    }
    if (!node.exited)
      branch(node, false, [](Node& n) {
        n.exited = true;
        n.world.exit();
      });
    expand_wishes(node);
  }

  // The gate knows the position from views that are behind, so a level may come whatever has become of the cycle; but never two at once.
  void expand_wishes(const Node& node) {
    const World& world = node.world;
    if (node.late) {
      branch(node, false, [](Node& n) {
        n.world.tell_decision(*n.late);
        n.late.reset();
      });
    }
    const auto& inbox = world.venue.inbox;
    const bool entry_under_way =
        world.venue.resting(OrderPurpose::entry) != 0 || PositionSlot(world.slot()).has_entries() ||
        std::any_of(inbox.begin(), inbox.end(), [](const OrderRequest& r) { return r.key.leg == OrderPurpose::entry; });
    if (node.wishes.levels > 0 && !node.late && !entry_under_way) {
      for (const bool late : {false, true}) {
        if (late && !node.wishes.late_decisions) continue;
        branch(node, false, [this, late](Node& n) {
          --n.wishes.levels;
          n.late = level_decision(1, n.legs_sent++, terms_, n.world.now);
          n.world.venue.inbox.push_back(n.late->request);
          if (late) return;
          n.world.tell_decision(*n.late);
          n.late.reset();
        });
      }
    }
    if (node.wishes.moves > 0 && world.slot().exposure == Exposure::open) {
      branch(node, false, [](Node& n) {
        const std::int64_t step = 300 * --n.wishes.moves;
        n.world.move(n.world.slot().plan.direction == Side::buy ? 9'800 - step : 10'200 + step);
      });
    }
    if (node.wishes.parts > 0 && world.slot().exposure == Exposure::open) {
      branch(node, false, [](Node& n) {
        --n.wishes.parts;
        n.world.part(kRateUnit / 2);
      });
    }
  }

  InstrumentTable table_ = one_instrument();
  PositionConfig config_;
  CycleTerms terms_;
  int depth_max_, faults_max_;
  std::size_t states_max_;
  std::unordered_set<std::uint64_t> seen_;
  std::deque<std::unique_ptr<Node>> queue_;
};

// Sanitizer and -O0 builds are some twenty times slower; they walk less far.
#ifdef MARTINET_DEBUG_ASSERTS
constexpr std::size_t kStatesMax = 4'000;
constexpr bool kFull = false;  // too short a walk for every state that the full one must meet
#else
constexpr std::size_t kStatesMax = 20'000;
constexpr bool kFull = true;
#endif

TEST(PositionWalk, ALongWithTargetSurvivesEveryInterleaving) {
  PositionConfig config;
  Walk walk(config, 40, 1, kStatesMax);
  walk.run(Side::buy);
  EXPECT_TRUE(walk.round_trips > 0 || !kFull);
  EXPECT_GT(walk.combinations.size(), 8u);
  walk.print();
}

TEST(PositionWalk, AShortWithoutTargetSurvivesEveryInterleavingWithTwoFaults) {
  PositionConfig config;
  config.target_enabled = false;
  Walk walk(config, 40, 2, kStatesMax);
  walk.run(Side::sell);
  EXPECT_TRUE(walk.round_trips > 0 || !kFull);
  walk.print();
}

TEST(PositionWalk, AHalfFilledProtectedLongSurvivesEveryInterleavingOfItsEnd) {
  PositionConfig config;
  config.target_enabled = false;
  Walk walk(config, 40, 1, kStatesMax);
  walk.run(Side::buy, 1);
  EXPECT_TRUE(walk.round_trips > 0 || !kFull);
  walk.print();
}

TEST(PositionWalk, AFilledProtectedShortSurvivesEveryInterleavingOfItsEndWithTwoFaults) {
  PositionConfig config;
  Walk walk(config, 40, 2, kStatesMax);
  walk.run(Side::sell, 2);
  EXPECT_TRUE(walk.round_trips > 0 || !kFull);
  walk.print();
}

TEST(PositionWalk, AProtectedLongWhoseStopIsMovedTwiceSurvivesEveryInterleaving) {
  PositionConfig config;
  config.target_enabled = false;
  Walk walk(config, 40, 1, kStatesMax);
  walk.run(Side::buy, 2, {.moves = 2});
  EXPECT_TRUE(walk.round_trips > 0 || !kFull);
  walk.print();
}

TEST(PositionWalk, AHalfFilledShortWhoseStopIsMovedAndPartClosedSurvivesEveryInterleaving) {
  PositionConfig config;
  config.target_enabled = false;
  Walk walk(config, 40, 1, kStatesMax);
  walk.run(Side::sell, 1, {.moves = 1, .parts = 1});
  EXPECT_TRUE(walk.round_trips > 0 || !kFull);
  walk.print();
}

TEST(PositionWalk, ACycleSurvivesEveryInterleavingOfItsLevelsTheirDecisionsLate) {
  PositionConfig config;
  Walk walk(config, 40, 1, kStatesMax);
  walk.run_cycle({.leg_qty = 1, .target_rate = {2'000'000}}, {.levels = 2, .late_decisions = true});
  EXPECT_TRUE(walk.round_trips > 0 || !kFull);
  walk.print();
}

TEST(PositionWalk, AShortCycleWithMoveAndPartSurvivesEveryInterleavingWithTwoFaults) {
  PositionConfig config;
  Walk walk(config, 40, 2, kStatesMax);
  walk.run_cycle({.side = Side::sell, .leg_qty = 2, .levels = 2}, {.levels = 1, .moves = 1, .parts = 1});
  EXPECT_TRUE(walk.round_trips > 0 || !kFull);
  walk.print();
}

TEST(PositionWalk, StopsThatNeedASecondSourceAreNotTrustedBefore) {
  PositionConfig config;
  config.stop_needs_confirmation = true;
  config.target_enabled = false;
  Walk walk(config, 40, 1, kStatesMax / 2);
  walk.run(Side::buy);
  walk.print();
  EXPECT_TRUE(!kFull || walk.combinations.contains({Exposure::open, Protection::unconfirmed, Knowledge::known}));
}

}  // namespace walk_test
}  // namespace martinet

// A bug that the random lives found: a close's fill that reached us after an entry had turned the position was held back for ever
// (a reduce-only order cannot open, so it seemed to lack an entry fill), and the venue held a quantity that we did not know of.
#include "tests/engine/cold/position/bench.hpp"

namespace martinet {
namespace turned_position_test {
using namespace position_test;
using Kind = VenueEventKind;
constexpr OrderKey kSecond{.intent_id = 2, .leg = OrderPurpose::entry};
constexpr OrderKey kClose{.intent_id = 2, .leg = OrderPurpose::close};
constexpr OrderKey kCloseAgain{.intent_id = 2, .leg = OrderPurpose::close, .attempt = 1};

// A late fill of a dead long's entry is being closed, when the short's entry that came after it fills.
void turn(Bench& bench, std::int64_t short_qty) {
  bench.decide(1, Side::buy, 10);
  bench.say(Kind::cancelled, kEntry);
  bench.decide(2, Side::sell, short_qty);
  EXPECT_TRUE(places(bench.filled(kEntry, Side::buy, 4, 6), kClose));
  bench.filled(kSecond, Side::sell, short_qty, 0, 10'000);
}

TEST(PositionTurned, ACloseThatFilledBeforeTheTurnCountsByItsSign) {
  Bench bench;
  turn(bench, 7);
  ASSERT_EQ(bench.slot().basis.qty, Qty{-3});
  const Sink late = bench.filled(kClose, Side::sell, 4, 0, 9'900);
  EXPECT_EQ(bench.slot().basis.qty, Qty{-7}) << "4 - 4 - 7";
  EXPECT_EQ(bench.slot().early_count, 0u);
  EXPECT_EQ(find(late, OrderAction::place, kCloseAgain)->qty, Qty{7});
  EXPECT_EQ(find(late, OrderAction::place, kCloseAgain)->side, Side::buy);
  bench.filled(kCloseAgain, Side::buy, 7, 0, 10'000);
  EXPECT_EQ(bench.machine.balance(), (Money{10'000 * kMoneyUnit + 4 * (9'900 - 10'000)}));
}

TEST(PositionTurned, AlsoWhereTheTurnEndedAtNothing) {
  Bench bench;
  turn(bench, 4);
  ASSERT_EQ(bench.slot().basis.qty, Qty{0});
  ASSERT_EQ(bench.slot().exposure, Exposure::closing);
  const Sink late = bench.filled(kClose, Side::sell, 4, 0);
  EXPECT_EQ(bench.slot().basis.qty, Qty{-4});
  EXPECT_TRUE(places(late, kCloseAgain));
}

TEST(PositionTurned, OnceFlatAReduceThatNobodyExplainsBlocksAsBefore) {
  Bench bench;
  turn(bench, 4);
  bench.say(Kind::rejected, kClose, Errc::reduce_only_refused);
  for (std::uint8_t k = 0; k < 2; ++k) bench.say(Kind::rejected, {.intent_id = 2, .leg = OrderPurpose::stop, .attempt = k});
  ASSERT_EQ(bench.slot().exposure, Exposure::flat);
  bench.filled(kClose, Side::sell, 4, 0);
  EXPECT_EQ(bench.slot().early_count, 1u);
}

}  // namespace turned_position_test
}  // namespace martinet

// A bug that the random lives found: a surplus stop's unanswered cancel was repeated although the stop that had made it surplus was
// gone by then. If the first cancel had been lost, the repeated one took away the last stop of the position.
#include "tests/engine/cold/position/bench.hpp"

namespace martinet {
namespace surplus_stop_test {
using namespace position_test;
using Kind = VenueEventKind;

TEST(PositionSurplusStop, ItsCancelIsNotRepeatedWhileItMayBeTheLastCover) {
  Bench bench;
  bench.open_long();
  bench.move(9'500);
  EXPECT_TRUE(cancels(bench.say(Kind::accepted, stop_key(1)), stop_key(0)));  // and that cancel is lost
  bench.wait(900 * kMs);
  EXPECT_TRUE(places(bench.say(Kind::cancelled, stop_key(1)), stop_key(2))) << "vanished: placed again";
  EXPECT_FALSE(cancels(bench.wait(100 * kMs), stop_key(0)));
  EXPECT_FALSE(cancels(bench.wait(400 * kMs), stop_key(0)));
  const Sink covered = bench.say(Kind::accepted, stop_key(2));
  EXPECT_TRUE(covered.commands.empty()) << "asked once already: its turn is the timer's";
  EXPECT_LE(bench.machine.next_deadline_ns(), bench.now);
  EXPECT_TRUE(cancels(bench.wait(0), stop_key(0))) << "covered again: it is surplus again";
}

TEST(PositionSurplusStop, ItIsCancelledAgainWhenThePositionIsFlat) {
  Bench bench;
  bench.open_long();
  bench.move(9'500);
  bench.say(Kind::accepted, stop_key(1));
  bench.filled(stop_key(1), Side::sell, 10, 0, 9'500);
  EXPECT_TRUE(cancels(bench.wait(kNanosPerSecond), stop_key(0)));
}

}  // namespace surplus_stop_test
}  // namespace martinet

// The tables themselves: what they must never allow, whoever edits them.
#include "engine/cold/position/transitions.hpp"

#include <gtest/gtest.h>

namespace martinet {
namespace transitions_test {
namespace tables = martinet::transitions;

TEST(PositionTransitions, StayingIsAlwaysAllowed) {
  for (int c = 0; c < kCauseCount; ++c) {
    for (int e = 0; e < kExposureCount; ++e) EXPECT_TRUE(tables::allowed(Cause(c), Exposure(e), Exposure(e)));
    for (int p = 0; p < kProtectionCount; ++p) EXPECT_TRUE(tables::allowed(Cause(c), Protection(p), Protection(p)));
  }
}

TEST(PositionTransitions, AClosingKeyNeverOpensAgainAndATimerNeverProvesFlat) {
  for (int c = 0; c < kCauseCount; ++c) {
    EXPECT_FALSE(tables::allowed(Cause(c), Exposure::closing, Exposure::open));
    EXPECT_FALSE(tables::allowed(Cause(c), Exposure::closing, Exposure::opening));
    EXPECT_FALSE(tables::allowed(Cause(c), Exposure::open, Exposure::opening));
  }
  for (int e = 1; e < kExposureCount; ++e) EXPECT_FALSE(tables::allowed(Cause::timer, Exposure(e), Exposure::flat));
}

TEST(PositionTransitions, MovingAStopOrClosingAPartNeverTakesCoverAway) {
  for (int p = 0; p < kProtectionCount; ++p) {
    EXPECT_EQ(tables::allowed(Cause::adjust, Protection::live, Protection(p)), Protection(p) == Protection::live);
    EXPECT_EQ(tables::allowed(Cause::adjust, Protection::none, Protection(p)), Protection(p) == Protection::none);
  }
  EXPECT_FALSE(tables::allowed(Cause::adjust, Exposure::open, Exposure::flat));
}

TEST(PositionTransitions, NoStopIsLiveWithoutAnEvent) {
  for (const Cause cause : {Cause::decision, Cause::exit, Cause::adjust, Cause::entry_event, Cause::timer}) {
    for (const Protection from :
         {Protection::none, Protection::placing, Protection::unconfirmed, Protection::replacing, Protection::failed}) {
      EXPECT_FALSE(tables::allowed(cause, from, Protection::live)) << name_of(cause) << " " << name_of(from);
    }
  }
}

TEST(PositionTransitions, OnlyAnOperatorLeavesAHaltAndNothingIsAnOrphanAtOnce) {
  for (int k = 0; k < 3; ++k) EXPECT_FALSE(tables::allowed(Knowledge::halted, Knowledge(k)));
  EXPECT_FALSE(tables::allowed(Knowledge::known, Knowledge::orphan));
}

TEST(PositionTransitions, TheForbiddenCombinationsAreTheNakedAndTheContradictory) {
  EXPECT_TRUE(tables::forbidden(Exposure::open, Protection::none, Knowledge::known));
  EXPECT_TRUE(tables::forbidden(Exposure::open, Protection::failed, Knowledge::unknown));
  EXPECT_TRUE(tables::forbidden(Exposure::flat, Protection::live, Knowledge::known));
  EXPECT_TRUE(tables::forbidden(Exposure::flat, Protection::none, Knowledge::orphan));
  EXPECT_FALSE(tables::forbidden(Exposure::flat, Protection::none, Knowledge::known));
  EXPECT_FALSE(tables::forbidden(Exposure::open, Protection::placing, Knowledge::unknown));
  EXPECT_FALSE(tables::forbidden(Exposure::closing, Protection::failed, Knowledge::halted));
}

}  // namespace transitions_test
}  // namespace martinet

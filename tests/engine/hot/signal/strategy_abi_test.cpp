// The stamp of the strategy interface: what it says of this build, and the orders that no size shows. A failure of OrderOfVirtualFunctions
// is not repaired by changing the numbers here alone: raise kStrategyAbiVersion with them.
#include "engine/hot/signal/strategy_abi.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string_view>

namespace martinet::strategy_abi_test {

TEST(StrategyAbi, SaysWhatThisBuildIs) {
  constexpr StrategyAbi kStamp = strategy_abi();
  EXPECT_EQ(std::string_view(kStamp.magic, sizeof(kStamp.magic)), "martinet");
  EXPECT_EQ(kStamp.version, kStrategyAbiVersion);
  EXPECT_NE(kStamp.compiler, static_cast<std::uint32_t>(AbiCompiler::other));
  EXPECT_GE(kStamp.compiler_major, 12U);
  EXPECT_NE(kStamp.layout, 0U);
#ifdef MARTINET_DEBUG_ASSERTS
  EXPECT_NE(kStamp.flags & kAbiDebugAsserts, 0U);
#else
  EXPECT_EQ(kStamp.flags & kAbiDebugAsserts, 0U);
#endif
  EXPECT_EQ(kStamp.flags & (kAbiOldStrings | kAbiOtherLibrary | kAbiDebugLibrary), 0U);
  EXPECT_FALSE(abi::fuses_multiply_add()) << "the engine itself keeps -ffp-contract=off";
}

// A pointer to a virtual member function holds 1 + its offset in the table of virtual functions (Itanium C++ ABI, 2.3).
template <class Member>
std::ptrdiff_t place_of(Member member) {
  std::ptrdiff_t offset = 0;
  static_assert(sizeof(member) >= sizeof(offset));
  std::memcpy(&offset, &member, sizeof(offset));
  return (offset - 1) / static_cast<std::ptrdiff_t>(sizeof(void*));
}

struct Opened : BarStrategy {
  using BarStrategy::consider_entry;
  using BarStrategy::manage;
  using BarStrategy::on_bar;
  using BarStrategy::on_closed;
  using BarStrategy::on_opened;
};

struct OpenedGrid : GridCycleStrategy {
  using GridCycleStrategy::consider_cycle;
};

TEST(StrategyAbi, OrderOfVirtualFunctionsBelongsToItsVersion) {
  ASSERT_EQ(kStrategyAbiVersion, 1U) << "a new version: write its order down here";
  // 0 and 1 are the destructors.
  EXPECT_EQ(place_of(&Strategy::on_frame), 2);
  EXPECT_EQ(place_of(&Strategy::on_position), 3);
  EXPECT_EQ(place_of(&Strategy::save), 4);
  EXPECT_EQ(place_of(&Strategy::load), 5);
  EXPECT_EQ(place_of(&Strategy::kind), 6);
  EXPECT_EQ(place_of(&Opened::consider_entry), 7);
  EXPECT_EQ(place_of(&Opened::manage), 8);
  EXPECT_EQ(place_of(&Opened::on_bar), 9);
  EXPECT_EQ(place_of(&Opened::on_opened), 10);
  EXPECT_EQ(place_of(&Opened::on_closed), 11);
  EXPECT_EQ(place_of(&OpenedGrid::consider_cycle), 12);
  EXPECT_EQ(place_of(&Model::predict), 2);
}

}  // namespace martinet::strategy_abi_test

// The example of engine/hot/signal/README.md as a strategy: its rule at both sides of each threshold. And that the page shows this file.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>

#include <string>
#include <vector>

#include "tests/engine/hot/signal/signal_fixture.hpp"

namespace martinet {
extern const StrategyKind kBreakoutKind;
}

namespace martinet::breakout_test {
using namespace martinet::signal_test;

// Before main, so that the tests over all kinds (no look-ahead, bounds, save and restore) hold for the example too.
const bool kIsRegistered = register_strategy_kind(kBreakoutKind).ok();

struct Bar {
  double close = 102;
  double upper = 101;
  double middle = 100;
  double lower = 99;
  double atr = 0.5;
};

class Rig {
 public:
  explicit Rig(const std::vector<std::pair<std::string, ParameterValue>>& parameters = {}) {
    EXPECT_TRUE(kIsRegistered);
    StrategyContext context = context_of(table, plan, ids);
    context.parameters.set("direction", std::string("both"));
    for (const auto& [name, value] : parameters) context.parameters.set(name, value);
    Result<std::unique_ptr<Strategy>> made = make_strategy("breakout", context);
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().what);
    std::vector<std::unique_ptr<Strategy>> list;
    list.push_back(std::move(*made));
    signal = std::make_unique<Signal>(std::move(list), table.size());
  }
  /// Intents of one closed bar; every slot that was asked for has a value.
  std::vector<OrderIntent> close(const Bar& bar, std::optional<IndicatorKind> cold = {}) {
    IndicatorFrame frame = frame_of(0, ++sequence);
    for (const IndicatorRequest& request : plan.requests.at(0)) {
      if (request.kind == cold) continue;
      const auto value = [&] {
        switch (request.kind) {
          case IndicatorKind::close:
            return bar.close;
          case IndicatorKind::bb_upper:
            return bar.upper;
          case IndicatorKind::bb_middle:
            return bar.middle;
          case IndicatorKind::bb_lower:
            return bar.lower;
          case IndicatorKind::atr:
            return bar.atr;
          default:
            return 10.0;
        }
      }();
      put(frame, plan.slot(0, request.kind), value);
    }
    Sink sink;
    signal->on_frame(frame, sink);
    return sink.intents;
  }

  InstrumentTable table = table_of(2);
  Plan plan;
  std::array<InstrumentId, 1> ids = {0};
  std::unique_ptr<Signal> signal;
  std::uint64_t sequence = 0;
};

TEST(Breakout, BuysACloseAboveTheUpperBandAndSellsOneBelowTheLower) {
  Rig rig;
  EXPECT_TRUE(rig.close({.close = 101}).empty()) << "on the band";
  EXPECT_TRUE(rig.close({.close = 99}).empty());
  const std::vector<OrderIntent> buy = rig.close({.close = 101.01});
  ASSERT_EQ(buy.size(), 1U);
  EXPECT_EQ(buy[0].action, IntentAction::enter_long);
  EXPECT_EQ(buy[0].reference_price.v, 1'010'100);
  EXPECT_EQ(buy[0].stop_price.v, 1'000'100) << "two ATRs below";
  EXPECT_EQ(buy[0].target_price, kNoPrice);
  const std::vector<OrderIntent> sell = rig.close({.close = 98.99});
  ASSERT_EQ(sell.size(), 1U);
  EXPECT_EQ(sell[0].action, IntentAction::enter_short);
  EXPECT_EQ(sell[0].stop_price.v, 999'900);
  EXPECT_TRUE(Rig({{"direction", std::string("long")}}).close({.close = 98}).empty());
  EXPECT_TRUE(Rig({{"direction", std::string("short")}}).close({}).empty());
  EXPECT_EQ(Rig({{"stop_atrs", 4.0}}).close({}).at(0).stop_price.v, 1'000'000);
}

TEST(Breakout, LeavesWhenTheCloseIsBackThroughTheMiddleBand) {
  const auto leaves = [](std::int64_t qty, double close) {
    Rig rig;
    rig.signal->on_position_view(position(0, 1, qty));
    const std::vector<OrderIntent> intents = rig.close({.close = close});
    return intents.size() == 1 && intents[0].action == IntentAction::exit && intents[0].exit_reason == ExitReason::signal;
  };
  EXPECT_FALSE(leaves(5, 100));
  EXPECT_TRUE(leaves(5, 99.99));
  EXPECT_FALSE(leaves(-5, 100));
  EXPECT_TRUE(leaves(-5, 100.01));
}

TEST(Breakout, IsSilentUntilEveryBandHasAValue) {
  for (const IndicatorKind kind : {IndicatorKind::bb_upper, IndicatorKind::bb_middle, IndicatorKind::bb_lower, IndicatorKind::atr}) {
    Rig rig;
    EXPECT_TRUE(rig.close({}, kind).empty());
    EXPECT_EQ(rig.signal->strategies()[0]->counters().not_warm, 1U);
    EXPECT_EQ(rig.close({}).size(), 1U);
  }
}

TEST(Breakout, AsksForTheBandsThatItsParametersName) {
  const Rig rig({{"period", std::int64_t{33}}, {"deviations", 1.5}, {"timeframe", std::string("15m")}});
  std::size_t bands = 0;
  for (const IndicatorRequest& request : rig.plan.requests.at(0)) {
    if (request.kind != IndicatorKind::bb_upper && request.kind != IndicatorKind::bb_middle && request.kind != IndicatorKind::bb_lower)
      continue;
    ++bands;
    EXPECT_EQ(request.period[0], 33);
    EXPECT_EQ(request.factor, 1.5);
    EXPECT_EQ(request.timeframe_ns, 900'000'000'000);
  }
  EXPECT_EQ(bands, 3U);
}

TEST(Breakout, GoesOnFromACheckpointAsIfNothingHadBeen) {
  const std::vector<std::pair<std::string, ParameterValue>> parameters = {{"cooldown_bars", std::int64_t{2}}};
  Rig rig(parameters);
  rig.signal->on_position_view(position(0, 1, 5));
  rig.signal->on_position_view(position(0, 2, 0));
  EXPECT_TRUE(rig.close({}).empty());
  ArchiveWriter archive;
  rig.signal->save(archive);
  Rig other(parameters);
  ArchiveReader reader(archive.bytes());
  ASSERT_EQ(other.signal->load(reader), Errc::ok);
  EXPECT_TRUE(other.close({}).empty()) << "the second bar of the cooldown";
  EXPECT_EQ(other.close({}).size(), 1U);
}

std::string text_of(const std::string& path) {
  std::ifstream in(MARTINET_SOURCE_DIR "/" + path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(SignalReadme, ShowsTheExampleAsItIs) {
  const std::string page = text_of("engine/hot/signal/README.md");
  const std::string example = text_of("tests/engine/hot/signal/example/breakout.cpp");
  ASSERT_FALSE(example.empty());
  EXPECT_NE(page.find("```cpp\n" + example + "```\n"), std::string::npos)
      << "the page shows another text than tests/engine/hot/signal/example/breakout.cpp";
  EXPECT_LE(std::count(example.begin(), example.end(), '\n'), 50) << "an example is short";
}

}  // namespace martinet::breakout_test

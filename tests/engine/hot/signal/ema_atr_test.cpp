// ema_atr: crosses and the first bar, each filter at both sides of its bound, the prices of its plan, the trailing stop and the parts as
// intents, exits and turns, and all of it across a restart. The arithmetic of trailing and parts has tests of its own.
#include "engine/hot/signal/ema_atr.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <optional>
#include <string>

#include "tests/engine/hot/signal/signal_fixture.hpp"

namespace martinet::ema_atr_test {
using namespace martinet::signal_test;
using Parameters = std::vector<std::pair<std::string, ParameterValue>>;

// Every filter passes. Slow EMA at 100; the fast one says where it stands.
struct Bar {
  double fast = 101;
  double close = 100;
  double high = 100.5;
  double low = 99.5;
  double atr = 1;
  double hv_z = 0;
  double rsi = 50;
  double histogram = 0;
  double stochrsi = 50;
};

class Rig {
 public:
  explicit Rig(const Parameters& parameters = {}, std::string_view direction = "both") {
    StrategyContext context = context_of(table, plan, ids);
    context.parameters.set("direction", std::string(direction));
    for (const auto& [name, value] : parameters) context.parameters.set(name, value);
    Result<std::unique_ptr<Strategy>> made = make_strategy("ema_atr", context);
    if (!made.ok()) throw std::runtime_error(made.error().what);
    std::vector<std::unique_ptr<Strategy>> list;
    list.push_back(std::move(*made));
    signal = std::make_unique<Signal>(std::move(list), table.size());
  }
  [[nodiscard]] std::size_t ema_slot(InstrumentId id, bool fast) const {
    const std::size_t first = plan.slot(id, IndicatorKind::ema);
    return fast ? first : first + 1;  // asked for one after the other
  }
  [[nodiscard]] IndicatorFrame frame(const Bar& bar, InstrumentId id = 0) {
    IndicatorFrame f = frame_of(id, ++sequence);
    const auto set = [&](IndicatorKind kind, double value) {
      if (const std::size_t slot = plan.slot(id, kind); slot != 0) put(f, slot, value);
    };
    set(IndicatorKind::close, bar.close);
    set(IndicatorKind::high, bar.high);
    set(IndicatorKind::low, bar.low);
    set(IndicatorKind::atr, bar.atr);
    set(IndicatorKind::adx, 10);
    set(IndicatorKind::plus_di, 20);
    set(IndicatorKind::minus_di, 10);
    set(IndicatorKind::natr_rank, 50);
    set(IndicatorKind::historical_volatility_z, bar.hv_z);
    set(IndicatorKind::rsi, bar.rsi);
    set(IndicatorKind::macd_histogram, bar.histogram);
    set(IndicatorKind::stochrsi_k, bar.stochrsi);
    put(f, ema_slot(id, true), bar.fast);
    put(f, ema_slot(id, false), 100);
    return f;
  }
  /// Intents of one closed bar.
  std::vector<OrderIntent> close(const Bar& bar, InstrumentId id = 0) { return hand(frame(bar, id)); }
  std::vector<OrderIntent> hand(const IndicatorFrame& f) {
    Sink sink;
    signal->on_frame(f, sink);
    return sink.intents;
  }
  void view(std::int64_t qty, double entry = 100, StrategyId owner = 0) {
    PositionView v = position(0, ++version, qty, owner);
    if (qty != 0) v.entry_price = {std::llround(entry * 10'000)};
    signal->on_position_view(v);
  }
  /// A position of its own, entered by a cross at `atr` and filled at `entry`; the bar of the fill has closed.
  void open(bool buy, double entry = 100, double atr = 1) {
    close({.fast = buy ? 99.0 : 101.0});
    ASSERT_EQ(close({.fast = buy ? 101.0 : 99.0, .atr = atr}).size(), 1u);
    view(buy ? 1'000 : -1'000, entry);
    EXPECT_TRUE(close({.fast = buy ? 101.0 : 99.0, .high = 200, .low = 1}).empty()) << "extremes of the fill's bar do not count";
  }
  /// Continues in a new object with the state of this one.
  void restart(const Parameters& parameters, std::string_view direction = "both") {
    ArchiveWriter saved;
    signal->save(saved);
    Rig fresh(parameters, direction);
    ArchiveReader reader(saved.bytes());
    ASSERT_EQ(fresh.signal->load(reader), Errc::ok);
    EXPECT_TRUE(reader.done());
    ArchiveWriter again;
    fresh.signal->save(again);
    EXPECT_TRUE(std::ranges::equal(saved.bytes(), again.bytes()));
    signal = std::move(fresh.signal);
  }
  const StrategyCounters& counters() const { return signal->strategies()[0]->counters(); }

  InstrumentTable table = table_of(3);
  Plan plan;
  std::array<InstrumentId, 2> ids = {0, 1};
  std::unique_ptr<Signal> signal;
  std::uint64_t sequence = 0;
  std::uint64_t version = 0;
};

/// Intents of an upward (downward) cross at `bar`.
std::vector<OrderIntent> cross(bool buy, Bar bar, const Parameters& parameters = {}, std::string_view direction = "both") {
  Rig rig(parameters, direction);
  rig.close({.fast = buy ? 99.0 : 101.0});
  bar.fast = buy ? 101 : 99;
  return rig.close(bar);
}
std::size_t buys(const Bar& bar, const Parameters& parameters = {}) { return cross(true, bar, parameters).size(); }
std::size_t sells(const Bar& bar, const Parameters& parameters = {}) { return cross(false, bar, parameters).size(); }

double above(double x) { return std::nextafter(x, 1e9); }
double under(double x) { return std::nextafter(x, -1e9); }

TEST(EmaAtr, BuysAnUpwardCrossWithItsWholePlan) {
  const std::vector<OrderIntent> intents = cross(true, {.close = 100.005});
  ASSERT_EQ(intents.size(), 1u);
  const OrderIntent& i = intents[0];
  EXPECT_EQ(i.action, IntentAction::enter_long);
  EXPECT_EQ(i.reference_price.v, 1'000'050);
  EXPECT_EQ(i.stop_price.v, 970'100) << "3 ATR below the close, to the tick toward it";
  EXPECT_EQ(i.target_price, kNoPrice) << "none by default";
  EXPECT_EQ(i.atr.v, 10'000);
  EXPECT_EQ(i.level_count, 1);
  EXPECT_EQ(i.regime, MarketRegime::ranging);
  EXPECT_EQ(i.exit_reason, ExitReason::none);
}

TEST(EmaAtr, SellsTheMirrorImage) {
  const std::vector<OrderIntent> intents = cross(false, {}, {{"target_atr", 4.0}});
  ASSERT_EQ(intents.size(), 1u);
  EXPECT_EQ(intents[0].action, IntentAction::enter_short);
  EXPECT_EQ(intents[0].stop_price.v, 1'030'000);
  EXPECT_EQ(intents[0].target_price.v, 960'000);
}

TEST(EmaAtr, TakesForACrossOnlyWhatWasNotThereBefore) {
  const auto intents = [](double before, double now) {
    Rig rig;
    EXPECT_TRUE(rig.close({.fast = before}).empty()) << "the first bar is never a cross";
    const std::vector<OrderIntent> found = rig.close({.fast = now});
    return found.empty() ? 0 : found[0].action == IntentAction::enter_long ? 1 : -1;
  };
  EXPECT_EQ(intents(99, 101), 1);
  EXPECT_EQ(intents(100, above(100)), 1) << "from equal";
  EXPECT_EQ(intents(under(100), 100), 0) << "to equal is not above";
  EXPECT_EQ(intents(101, 102), 0);
  EXPECT_EQ(intents(101, 99), -1);
  EXPECT_EQ(intents(100, under(100)), -1);
  EXPECT_EQ(intents(101, 100), 0);
  EXPECT_EQ(intents(99, 98), 0);
  EXPECT_EQ(intents(std::nan(""), 101), 0);
  EXPECT_EQ(intents(99, std::nan("")), 0);
}

TEST(EmaAtr, CrossesOverABarOfEqualAverages) {
  Rig rig;
  rig.close({.fast = 99});
  EXPECT_TRUE(rig.close({.fast = 100}).empty());
  EXPECT_EQ(rig.close({.fast = 101}).size(), 1u);
  EXPECT_TRUE(rig.close({.fast = 101}).empty()) << "a cross is one bar";
}

TEST(EmaAtr, IsSilentUntilEverySlotIsWarmAndForgetsWhatCameBefore) {
  Rig rig({{"stochrsi_filter", true}});
  const std::size_t slots = rig.plan.requests.at(0).size();
  EXPECT_EQ(slots, 14u);
  for (std::size_t slot = 3; slot < 3 + slots; ++slot) {
    rig.close({.fast = 99});
    IndicatorFrame cold = rig.frame({.fast = 101});
    cold.warm_mask[0] &= ~(std::uint64_t{1} << slot);
    EXPECT_TRUE(rig.hand(cold).empty()) << slot;
    EXPECT_TRUE(rig.close({.fast = 101}).empty()) << "after a gap the first bar says only where the averages stand";
  }
  EXPECT_EQ(rig.counters().not_warm, slots);
  rig.close({.fast = 99});
  EXPECT_EQ(rig.close({.fast = 101}).size(), 1u);
}

TEST(EmaAtr, HoldsTheVolatilityWithinItsOpenInterval) {
  EXPECT_EQ(buys({.hv_z = 1.5}), 0u);
  EXPECT_EQ(buys({.hv_z = under(1.5)}), 1u);
  EXPECT_EQ(buys({.hv_z = -1.5}), 0u);
  EXPECT_EQ(buys({.hv_z = above(-1.5)}), 1u);
  EXPECT_EQ(sells({.hv_z = 1.5}), 0u);
  EXPECT_EQ(sells({.hv_z = under(1.5)}), 1u);
  EXPECT_EQ(sells({.hv_z = -1.5}), 0u);
  EXPECT_EQ(sells({.hv_z = above(-1.5)}), 1u);
  EXPECT_EQ(buys({.hv_z = std::nan("")}), 0u);
  EXPECT_EQ(buys({.hv_z = 9}, {{"hv_filter", false}}), 1u);
}

TEST(EmaAtr, HoldsTheRsiWithinItsClosedInterval) {
  EXPECT_EQ(buys({.rsi = 30}), 1u);
  EXPECT_EQ(buys({.rsi = under(30)}), 0u);
  EXPECT_EQ(buys({.rsi = 70}), 1u);
  EXPECT_EQ(buys({.rsi = above(70)}), 0u);
  EXPECT_EQ(sells({.rsi = 30}), 1u);
  EXPECT_EQ(sells({.rsi = under(30)}), 0u);
  EXPECT_EQ(sells({.rsi = 70}), 1u);
  EXPECT_EQ(sells({.rsi = above(70)}), 0u);
  EXPECT_EQ(buys({.rsi = std::nan("")}), 0u);
  EXPECT_EQ(sells({.rsi = 99}, {{"rsi_filter", false}}), 1u);
}

TEST(EmaAtr, HoldsTheHistogramToItsLimitInPriceUnits) {
  EXPECT_EQ(buys({.histogram = -0.0005}), 0u);
  EXPECT_EQ(buys({.histogram = above(-0.0005)}), 1u);
  EXPECT_EQ(sells({.histogram = 0.0005}), 0u);
  EXPECT_EQ(sells({.histogram = under(0.0005)}), 1u);
  EXPECT_EQ(buys({.histogram = 3}), 1u);
  EXPECT_EQ(sells({.histogram = 3}), 0u);
  EXPECT_EQ(buys({.histogram = std::nan("")}), 0u);
  EXPECT_EQ(buys({.histogram = -3}, {{"macd_filter", false}}), 1u);
}

TEST(EmaAtr, ScalesTheHistogramsLimitByTheCloseWhereAsked) {
  const Parameters scaled = {{"macd_hist_scale", std::string("price")}, {"macd_hist_min", -0.25}};
  EXPECT_EQ(buys({.close = 100, .histogram = -25}, scaled), 0u);
  EXPECT_EQ(buys({.close = 100, .histogram = above(-25)}, scaled), 1u);
  EXPECT_EQ(sells({.close = 100, .histogram = 25}, scaled), 0u);
  EXPECT_EQ(sells({.close = 100, .histogram = under(25)}, scaled), 1u);
}

TEST(EmaAtr, AsksForRoomInTheStochRsiWhereAsked) {
  const Parameters on = {{"stochrsi_filter", true}};
  EXPECT_EQ(buys({.stochrsi = 80}, on), 0u) << "0.8 of an indicator that runs to 100";
  EXPECT_EQ(buys({.stochrsi = 79.999}, on), 1u);
  EXPECT_EQ(buys({.stochrsi = 0}, on), 1u);
  EXPECT_EQ(sells({.stochrsi = 20}, on), 0u);
  EXPECT_EQ(sells({.stochrsi = 20.001}, on), 1u);
  EXPECT_EQ(sells({.stochrsi = 100}, on), 1u);
  EXPECT_EQ(buys({.stochrsi = std::nan("")}, on), 0u);
  EXPECT_EQ(buys({.stochrsi = 100}), 1u) << "off by default";
}

TEST(EmaAtr, AsksOnlyForTheIndicatorsOfFiltersThatAreOn) {
  const Rig none({{"hv_filter", false}, {"rsi_filter", false}, {"macd_filter", false}});
  EXPECT_EQ(none.plan.requests.at(0).size(), 10u);
  EXPECT_EQ(none.plan.slot(0, IndicatorKind::historical_volatility_z), 0u);
  EXPECT_EQ(none.plan.slot(0, IndicatorKind::rsi), 0u);
  EXPECT_EQ(none.plan.slot(0, IndicatorKind::macd_histogram), 0u);
  const Rig usual;
  EXPECT_EQ(usual.plan.slot(0, IndicatorKind::stochrsi_k), 0u);
  for (const IndicatorRequest& r : usual.plan.requests.at(0)) {
    EXPECT_EQ(r.timeframe_ns, 3'600'000'000'000) << "1h unless it says otherwise";
    if (r.kind == IndicatorKind::historical_volatility_z) {
      EXPECT_EQ(r.period, (std::array<std::int32_t, 3>{20, 50, 0}));
    }
    if (r.kind == IndicatorKind::macd_histogram) {
      EXPECT_EQ(r.period, (std::array<std::int32_t, 3>{12, 26, 9}));
    }
    if (r.kind == IndicatorKind::rsi) {
      EXPECT_EQ(r.period[0], 14);
    }
  }
}

TEST(EmaAtr, TradesOnlyTheDirectionsItIsGiven) {
  EXPECT_EQ(cross(true, {}, {}, "long").size(), 1u);
  EXPECT_EQ(cross(false, {}, {}, "long").size(), 0u);
  EXPECT_EQ(cross(true, {}, {}, "short").size(), 0u);
  EXPECT_EQ(cross(false, {}, {}, "short").size(), 1u);
}

TEST(EmaAtr, ScoresTheMeanOfItsMargins) {
  const auto score = [](bool buy, Bar bar, const Parameters& parameters = {}) {
    Rig rig(parameters);
    rig.close({.fast = buy ? 99.0 : 101.0});
    return rig.close(bar).at(0).score;
  };
  const Parameters bare = {{"hv_filter", false}, {"rsi_filter", false}, {"macd_filter", false}};
  EXPECT_DOUBLE_EQ(score(true, {.fast = 100.25}, bare), 0.25) << "the averages are a quarter of an ATR apart";
  EXPECT_DOUBLE_EQ(score(false, {.fast = 99.75}, bare), 0.25);
  EXPECT_DOUBLE_EQ(score(true, {.fast = 150}, bare), 1);
  // z in the middle 1, RSI at the near bound 1, histogram an ATR above its limit 1
  EXPECT_DOUBLE_EQ(score(true, {.fast = 150, .hv_z = 0, .rsi = 30, .histogram = 5}), 1);
  EXPECT_DOUBLE_EQ(score(false, {.fast = 50, .hv_z = 0, .rsi = 70, .histogram = -5}), 1);
  EXPECT_DOUBLE_EQ(score(true, {.fast = 150, .hv_z = 0.75, .rsi = 40, .histogram = 5}), (1 + 0.5 + 0.75 + 1) / 4);
  EXPECT_DOUBLE_EQ(score(true, {.fast = 150, .stochrsi = 20},
                         {{"hv_filter", false}, {"rsi_filter", false}, {"macd_filter", false}, {"stochrsi_filter", true}}),
                   (1 + 0.75) / 2);
}

TEST(EmaAtr, GivesUpAnEntryThatCannotBePriced) {
  EXPECT_EQ(buys({.atr = 0}), 0u);
  EXPECT_EQ(buys({.atr = 40}), 0u) << "a stop below zero";
  EXPECT_EQ(buys({.atr = std::nan("")}), 0u);
  EXPECT_EQ(buys({.close = std::nan("")}), 0u);
  EXPECT_EQ(sells({.close = -1}), 0u);
}

TEST(EmaAtr, LeavesAtTheOppositeCrossWhateverTheFiltersSayAndAsksUntilItIsGone) {
  for (const bool buy : {true, false}) {
    Rig rig;
    rig.open(buy);
    EXPECT_TRUE(rig.close({.fast = 100}).empty()) << "equal is no cross yet";
    const Bar against{.fast = buy ? 99.0 : 101.0, .hv_z = 5, .rsi = 99, .histogram = buy ? 5.0 : -5.0};
    for (int bar = 0; bar < 3; ++bar) {
      const std::vector<OrderIntent> intents = rig.close(against);
      ASSERT_EQ(intents.size(), 1u) << bar;
      EXPECT_EQ(intents[0].action, IntentAction::exit);
      EXPECT_EQ(intents[0].exit_reason, ExitReason::signal);
    }
    EXPECT_EQ(rig.counters().exits, 3u);
  }
}

TEST(EmaAtr, LeavesWhereTheCrossCameWhileTheEntryWasUnderWay) {
  Rig rig;
  rig.close({.fast = 99});
  rig.close({.fast = 101});
  PositionView opening = position(0, ++rig.version, 0);
  opening.exposure = Exposure::opening;
  opening.owner = 0;
  rig.signal->on_position_view(opening);
  EXPECT_TRUE(rig.close({.fast = 99}).empty());
  rig.view(1'000);
  ASSERT_EQ(rig.close({.fast = 99}).size(), 1u);
}

TEST(EmaAtr, LeavesPositionsOfOthersAlone) {
  Rig rig;
  rig.view(1'000, 100, 1);
  rig.close({.fast = 101});
  EXPECT_TRUE(rig.close({.fast = 99, .high = 200}).empty());
  EXPECT_TRUE(rig.close({.fast = 101}).empty());
  rig.view(0);
  EXPECT_TRUE(rig.close({.fast = 101}).empty()) << "the cross is over";
  EXPECT_EQ(rig.close({.fast = 99}).size(), 1u);
}

// --- the turn

/// Bars after the opposite cross until the opposite entry comes; the position is gone after the cross. nullopt: not within 9.
std::optional<int> turn_after(const Parameters& parameters, const std::vector<Bar>& bars, std::string_view direction = "both") {
  Rig rig(parameters, direction);
  rig.open(true);
  EXPECT_EQ(rig.close({.fast = 99}).size(), 1u);
  rig.view(0);
  for (int bar = 1; bar <= 9; ++bar) {
    const Bar next = static_cast<std::size_t>(bar) <= bars.size() ? bars[static_cast<std::size_t>(bar) - 1] : Bar{.fast = 98};
    const std::vector<OrderIntent> intents = rig.close(next);
    if (intents.empty()) continue;
    EXPECT_EQ(intents[0].action, IntentAction::enter_short);
    EXPECT_TRUE(rig.close({.fast = 98}).empty()) << "the cross is spent";
    return bar;
  }
  return std::nullopt;
}

TEST(EmaAtr, TurnsAtTheBarAfterTheExit) {
  EXPECT_EQ(turn_after({}, {}), 1);
  EXPECT_EQ(turn_after({{"reversal_bars", std::int64_t{3}}}, {}), 1) << "and once: a refused entry is not asked for again";
  EXPECT_EQ(turn_after({}, {}, "long"), std::nullopt);
  EXPECT_EQ(turn_after({{"reversal_bars", std::int64_t{0}}}, {}), std::nullopt);
}

TEST(EmaAtr, TurnsOnlyWithinItsBarsAndWhereTheFiltersPass) {
  const Bar refused{.fast = 98, .rsi = 20};
  EXPECT_EQ(turn_after({}, {refused}), std::nullopt);
  EXPECT_EQ(turn_after({{"reversal_bars", std::int64_t{3}}}, {refused, refused}), 3);
  EXPECT_EQ(turn_after({{"reversal_bars", std::int64_t{3}}}, {refused, refused, refused}), std::nullopt);
  EXPECT_EQ(turn_after({{"reversal_bars", std::int64_t{3}}}, {{.fast = 100}}), 2) << "not while the averages are equal; then by a cross";
  EXPECT_EQ(turn_after({{"cooldown_bars", std::int64_t{1}}}, {}), std::nullopt) << "the cooldown takes the only bar";
  EXPECT_EQ(turn_after({{"cooldown_bars", std::int64_t{1}}, {"reversal_bars", std::int64_t{2}}}, {}), 2);
}

TEST(EmaAtr, DoesNotTurnAfterAStop) {
  Rig rig;
  rig.open(true);
  rig.view(0);
  EXPECT_TRUE(rig.close({.fast = 101}).empty());
  EXPECT_EQ(rig.close({.fast = 99}).at(0).action, IntentAction::enter_short) << "flat at the cross: an entry of its own";
}

TEST(EmaAtr, DoesNotTurnWhereTheCrossIsTakenBack) {
  Rig rig({{"reversal_bars", std::int64_t{5}}});
  rig.open(true);
  EXPECT_EQ(rig.close({.fast = 99}).size(), 1u);
  rig.view(0);
  EXPECT_EQ(rig.close({.fast = 101}).at(0).action, IntentAction::enter_long) << "a cross of its own";
  EXPECT_TRUE(rig.close({.fast = 101}).empty());
}

// --- the trailing stop

TEST(EmaAtr, MovesTheStopAfterTheExtremeFromTheActivationOn) {
  for (const bool buy : {true, false}) {
    SCOPED_TRACE(buy ? "long" : "short");
    const auto bar = [buy](double past) {  // extreme so far past the fill at 100.5, close 0.5 before it
      const double side = buy ? 1 : -1;
      return Bar{.fast = buy ? 101.0 : 99.0, .close = 100.5 + side * (past - 0.5), .high = 100.5 + past, .low = 100.5 - past};
    };
    Rig rig;
    rig.open(buy, 100.5);
    EXPECT_TRUE(rig.close(bar(5.49)).empty()) << "5.5 ATR past the fill, not past the close decided on";
    const std::vector<OrderIntent> first = rig.close(bar(5.5));
    ASSERT_EQ(first.size(), 1u);
    EXPECT_EQ(first[0].action, IntentAction::move_stop);
    EXPECT_EQ(first[0].stop_price.v, 1'005'000) << "the entry price";
    EXPECT_EQ(first[0].target_price, kNoPrice);
    EXPECT_TRUE(rig.close(bar(5.59)).empty()) << "less than the step, a tenth of an ATR";
    EXPECT_EQ(rig.close(bar(5.6)).at(0).stop_price.v, buy ? 1'006'000 : 1'004'000);
    EXPECT_TRUE(rig.close(bar(4)).empty()) << "never back";
    EXPECT_EQ(rig.close(bar(8)).at(0).stop_price.v, buy ? 1'030'000 : 980'000);
    EXPECT_EQ(rig.counters().exits, 0u);
    EXPECT_EQ(rig.signal->counters().entries, 1u) << "a moved stop is no entry";
  }
}

TEST(EmaAtr, CountsTheTrailingDistanceInTheAtrAtEntryOrTheCurrentOne) {
  const auto level = [](std::string_view mode) {
    Rig rig({{"trailing_atr", std::string(mode)}});
    rig.open(true, 100, 2);
    EXPECT_TRUE(rig.close({.close = 110, .high = 110.9, .atr = 1}).empty()) << "active from 5.5 x 2 on";
    return rig.close({.close = 110.5, .high = 111, .atr = 1}).at(0).stop_price.v;
  };
  EXPECT_EQ(level("entry"), 1'000'000);
  EXPECT_EQ(level("current"), 1'055'000);
}

TEST(EmaAtr, LeavesAtOnceWhereTheCloseIsAtTheTrailingLevel) {
  Rig rig;
  rig.open(true);
  const std::vector<OrderIntent> intents = rig.close({.close = 101, .high = 106.5});
  ASSERT_EQ(intents.size(), 1u);
  EXPECT_EQ(intents[0].action, IntentAction::exit);
  EXPECT_EQ(intents[0].exit_reason, ExitReason::trailing);
  EXPECT_EQ(rig.close({.close = 101.01, .high = 101}).at(0).action, IntentAction::move_stop) << "refused, and the price is back";
}

TEST(EmaAtr, TrailsNothingWhereItIsOff) {
  Rig rig({{"trailing", false}});
  rig.open(true);
  EXPECT_TRUE(rig.close({.close = 150, .high = 160}).empty());
}

TEST(EmaAtr, BeginsAnewWithEachPosition) {
  Rig rig;
  rig.open(true);
  EXPECT_EQ(rig.close({.close = 109, .high = 110}).size(), 1u);
  rig.view(0);
  rig.open(true);
  EXPECT_TRUE(rig.close({.close = 105, .high = 105.4}).empty()) << "110 was another trade's";
  EXPECT_EQ(rig.close({.close = 105, .high = 105.5}).at(0).stop_price.v, 1'000'000);
}

TEST(EmaAtr, TrailsAnAdoptedPositionByTheFirstAtrItSees) {
  Rig rig;
  rig.view(1'000);
  EXPECT_TRUE(rig.close({.high = 200, .atr = 2}).empty());
  EXPECT_TRUE(rig.close({.close = 110, .high = 110.9, .atr = 1}).empty());
  EXPECT_EQ(rig.close({.close = 110, .high = 111, .atr = 1}).at(0).stop_price.v, 1'000'000);
}

TEST(EmaAtr, FollowsTheExtremeOnColdBarsToo) {
  Rig rig;
  rig.open(true);
  IndicatorFrame cold = rig.frame({.close = 106, .high = 107});
  cold.warm_mask[0] &= ~(std::uint64_t{1} << rig.plan.slot(0, IndicatorKind::rsi));
  EXPECT_TRUE(rig.hand(cold).empty());
  EXPECT_EQ(rig.close({.close = 105}).at(0).stop_price.v, 1'015'000);
}

// --- parts, time

TEST(EmaAtr, TakesProfitInPartsWhereAsked) {
  Rig rig({{"partial_exits", true}, {"trailing", false}});
  rig.open(true);
  EXPECT_TRUE(rig.close({.close = 101.99}).empty());
  const std::vector<OrderIntent> first = rig.close({.close = 102});
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].action, IntentAction::exit_part);
  EXPECT_EQ(first[0].part.v, 50'000'000);
  EXPECT_EQ(first[0].exit_reason, ExitReason::partial);
  EXPECT_EQ(rig.close({.close = 102}).size(), 1u) << "the quantity has not changed: asked again";
  rig.view(500);
  EXPECT_TRUE(rig.close({.close = 103.99}).empty());
  EXPECT_EQ(rig.close({.close = 104}).at(0).part.v, 30'000'000);
  rig.view(350);
  EXPECT_TRUE(rig.close({.close = 120}).empty());
  rig.view(0);
  rig.open(false);
  EXPECT_EQ(rig.close({.fast = 99, .close = 98}).at(0).part.v, 50'000'000) << "each position has its own";
  Rig off({{"trailing", false}});
  off.open(true);
  EXPECT_TRUE(off.close({.close = 120}).empty()) << "off by default";
}

TEST(EmaAtr, MovesTakesAPartAndLeavesByTimeInOneFrame) {
  Rig rig({{"partial_exits", true}, {"max_holding_bars", std::int64_t{2}}});
  rig.open(true);
  const std::vector<OrderIntent> intents = rig.close({.close = 107, .high = 108});
  ASSERT_EQ(intents.size(), 3u);
  EXPECT_EQ(intents[0].action, IntentAction::move_stop);
  EXPECT_EQ(intents[1].action, IntentAction::exit_part);
  EXPECT_EQ(intents[2].action, IntentAction::exit);
  EXPECT_EQ(intents[2].exit_reason, ExitReason::time);
}

TEST(EmaAtr, HasNoHoldingLimitAndNoCooldownByDefault) {
  Rig rig;
  rig.open(true);
  for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(rig.close({}).empty());
  rig.view(0);
  EXPECT_EQ(rig.close({.fast = 99}).size(), 1u);
}

// --- restart

TEST(EmaAtr, LosesNothingInARestart) {
  const Parameters parameters = {
      {"partial_exits", true}, {"partial_1_profit", 0.06}, {"partial_2_profit", 0.07}, {"reversal_bars", std::int64_t{2}}};
  // The same bars twice; the second time with a restart between any two inputs.
  std::array<std::vector<std::string>, 2> told;
  for (const bool restarts : {false, true}) {
    Rig rig(parameters);
    const auto note = [&](const std::vector<OrderIntent>& intents) {
      std::string line;
      for (const OrderIntent& i : intents) {
        line += std::to_string(static_cast<int>(i.action)) + " " + std::to_string(i.stop_price.v) + " " + std::to_string(i.part.v) + " " +
                std::to_string(i.intent_id) + "; ";
      }
      told[restarts ? 1 : 0].push_back(line);
      if (restarts) rig.restart(parameters);
    };
    const auto view = [&](std::int64_t qty) {
      rig.view(qty, 100.5);
      note({});
    };
    note(rig.close({.fast = 99}));
    note(rig.close({.fast = 101}));  // in: ATR 1
    view(1'000);
    note(rig.close({.fast = 102, .high = 109}));                          // the fill's bar
    note(rig.close({.fast = 102, .close = 105, .high = 106, .atr = 3}));  // active: 106 - 5.5
    note(rig.close({.fast = 102, .close = 105, .high = 105}));            // nothing new
    note(rig.close({.fast = 102, .close = 107, .high = 107}));            // moved, part 1
    view(500);
    note(rig.close({.fast = 102, .close = 108, .high = 108}));  // moved, part 2
    note(rig.close({.fast = 102, .close = 108, .high = 108}));  // part 2 again
    note(rig.close({.fast = 99, .close = 104, .high = 105}));   // out
    view(0);
    note(rig.close({.fast = 98, .rsi = 5}));  // no turn yet
    note(rig.close({.fast = 98}));            // the turn
  }
  EXPECT_EQ(told[0], told[1]);
  const std::vector<std::string> expected = {"",
                                             "0 970000 0 1; ",
                                             "",
                                             "",
                                             "4 1005000 0 2; ",
                                             "",
                                             "4 1015000 0 3; 3 -9223372036854775808 50000000 4; ",
                                             "",
                                             "4 1025000 0 5; 3 -9223372036854775808 30000000 6; ",
                                             "3 -9223372036854775808 30000000 7; ",
                                             "2 -9223372036854775808 0 8; ",
                                             "",
                                             "",
                                             "1 1030000 0 9; "};
  EXPECT_EQ(told[0], expected);
}

TEST(EmaAtr, RefusesACheckpointOfAnotherShape) {
  Rig rig;
  rig.open(true);
  ArchiveWriter saved;
  rig.signal->save(saved);
  for (std::size_t size = 0; size < saved.bytes().size(); size += 7) {
    Rig fresh;
    ArchiveReader reader(saved.bytes().first(size));
    ASSERT_EQ(fresh.signal->load(reader), Errc::checkpoint_mismatch) << size;
  }
}

// --- parameters

TEST(EmaAtr, RefusesParametersThatContradictEachOther) {
  const auto refused = [](std::string_view low, ParameterValue at, ParameterValue below, std::string_view high) {
    ParameterSet set;
    set.set(low, at);
    const Status status = check_strategy("ema_atr", "strategy[1]", set);
    EXPECT_FALSE(status.ok()) << low;
    if (status.ok()) return;
    EXPECT_EQ(status.error().code, Errc::config_contradiction);
    EXPECT_EQ(status.error().what, "strategy[1]." + std::string(low) + " must be below " + std::string(high));
    set.set(low, below);
    EXPECT_TRUE(check_strategy("ema_atr", "strategy[1]", set).ok()) << low;
  };
  refused("ema_fast", std::int64_t{50}, std::int64_t{49}, "ema_slow");
  refused("hv_z_min", 1.5, 1.49, "hv_z_max");
  refused("rsi_min", 70.0, 69.9, "rsi_max");
  refused("macd_fast", std::int64_t{26}, std::int64_t{25}, "macd_slow");
  refused("partial_1_profit", 0.04, 0.0399, "partial_2_profit");
  refused("low_volatility", 80.0, 79.0, "high_volatility");
}

TEST(EmaAtr, RefusesToShortOnSpot) {
  const InstrumentTable table = table_of(3);
  Plan plan;
  const std::array<InstrumentId, 1> spot = {2};
  StrategyContext context = context_of(table, plan, spot);
  EXPECT_TRUE(make_strategy("ema_atr", context).ok());
  context.parameters.set("direction", std::string("both"));
  EXPECT_EQ(make_strategy("ema_atr", context).error().code, Errc::config_contradiction);
}

}  // namespace martinet::ema_atr_test

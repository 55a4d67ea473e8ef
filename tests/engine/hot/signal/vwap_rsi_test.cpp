// vwap_rsi: each condition at both sides of its threshold, the prices of its plan, its exits; then the whole against a second, plain
// implementation over random bars.
#include "engine/hot/signal/vwap_rsi.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <optional>
#include <random>
#include <string>

#include "tests/engine/hot/signal/signal_fixture.hpp"

namespace martinet::vwap_rsi_test {
using namespace martinet::signal_test;

struct Bar {
  double close = 99.75;  // VWAP 100 and a deviation of 0.0025: exactly at the threshold, in doubles too
  double volume = 8;
  double vwap = 100;
  double rsi = 30;
  double volume_average = 8;
  double atr = 0.5;
};

class Rig {
 public:
  explicit Rig(const std::vector<std::pair<std::string, ParameterValue>>& parameters = {}, std::string_view direction = "both") {
    StrategyContext context = context_of(table, plan, ids);
    context.parameters.set("deviation", 0.0025);
    context.parameters.set("direction", std::string(direction));
    for (const auto& [name, value] : parameters) context.parameters.set(name, value);
    Result<std::unique_ptr<Strategy>> made = make_strategy("vwap_rsi", context);
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().what);
    std::vector<std::unique_ptr<Strategy>> list;
    list.push_back(std::move(*made));
    signal = std::make_unique<Signal>(std::move(list), table.size());
  }
  [[nodiscard]] IndicatorFrame frame(const Bar& bar, InstrumentId id = 0) {
    IndicatorFrame f = frame_of(id, ++sequence);
    put(f, plan.slot(id, IndicatorKind::close), bar.close);
    put(f, plan.slot(id, IndicatorKind::volume), bar.volume);
    put(f, plan.slot(id, IndicatorKind::vwap_session), bar.vwap);
    put(f, plan.slot(id, IndicatorKind::rsi), bar.rsi);
    put(f, plan.slot(id, IndicatorKind::volume_sma), bar.volume_average);
    put(f, plan.slot(id, IndicatorKind::atr), bar.atr);
    return f;
  }
  /// Intents of one closed bar.
  std::vector<OrderIntent> close(const Bar& bar, InstrumentId id = 0) { return hand(frame(bar, id)); }
  std::vector<OrderIntent> hand(const IndicatorFrame& f) {
    Sink sink;
    signal->on_frame(f, sink);
    return sink.intents;
  }
  const StrategyCounters& counters() const { return signal->strategies()[0]->counters(); }

  InstrumentTable table = table_of(3);
  Plan plan;
  std::array<InstrumentId, 2> ids = {0, 1};
  std::unique_ptr<Signal> signal;
  std::uint64_t sequence = 0;
};

TEST(VwapRsi, BuysAnOversoldDipOnVolumeWithItsWholePlan) {
  Rig rig;
  const std::vector<OrderIntent> intents = rig.close({});
  ASSERT_EQ(intents.size(), 1u);
  const OrderIntent& i = intents[0];
  EXPECT_EQ(i.action, IntentAction::enter_long);
  EXPECT_EQ(i.reference_price.v, 997'500);
  EXPECT_EQ(i.stop_price.v, 990'000);      // 99.75 - 1.5 * 0.5
  EXPECT_EQ(i.target_price.v, 1'012'500);  // 99.75 + 2 * 0.75
  EXPECT_EQ(i.atr.v, 5'000);
  EXPECT_EQ(i.score, 0.0) << "both conditions hold with nothing to spare";
  EXPECT_EQ(i.intent_id, 1u);
  EXPECT_EQ(i.sequence, 1u);
  EXPECT_EQ(i.ts_receive_ns, 1'001);
  EXPECT_EQ(i.ts_exchange_ns, 901);
  EXPECT_EQ(i.instrument, 0);
  EXPECT_EQ(i.strategy, 0);
  EXPECT_EQ(i.regime, MarketRegime::unknown);
  EXPECT_EQ(i.exit_reason, ExitReason::none);
}

TEST(VwapRsi, SellsTheMirrorImage) {
  Rig rig;
  const std::vector<OrderIntent> intents = rig.close({.close = 100.25, .rsi = 70});
  ASSERT_EQ(intents.size(), 1u);
  EXPECT_EQ(intents[0].action, IntentAction::enter_short);
  EXPECT_EQ(intents[0].stop_price.v, 1'010'000);
  EXPECT_EQ(intents[0].target_price.v, 987'500);
}

TEST(VwapRsi, HoldsEachThresholdOnBothSides) {
  const auto count = [](const Bar& bar) { return Rig().close(bar).size(); };
  EXPECT_EQ(count({}), 1u);
  EXPECT_EQ(count({.close = 99.7501}), 0u);
  EXPECT_EQ(count({.close = 99.7499}), 1u);
  EXPECT_EQ(count({.rsi = std::nextafter(30.0, 31.0)}), 0u);
  EXPECT_EQ(count({.volume = std::nextafter(8.0, 7.0)}), 0u);
  EXPECT_EQ(count({.close = 100.2499, .rsi = 70}), 0u);
  EXPECT_EQ(count({.close = 100.25, .rsi = std::nextafter(70.0, 69.0)}), 0u);
  EXPECT_EQ(count({.close = 100.25}), 0u) << "above VWAP but oversold";
  EXPECT_EQ(count({.rsi = 70}), 0u) << "below VWAP but overbought";
}

TEST(VwapRsi, ScoreGrowsWithBothMarginsToOne) {
  EXPECT_DOUBLE_EQ(Rig().close({.close = 99.5})[0].score, 0.5);
  EXPECT_DOUBLE_EQ(Rig().close({.rsi = 0})[0].score, 0.5);
  EXPECT_DOUBLE_EQ(Rig().close({.close = 90, .rsi = 0})[0].score, 1.0);
  EXPECT_DOUBLE_EQ(Rig().close({.close = 110, .rsi = 100})[0].score, 1.0);
  EXPECT_DOUBLE_EQ(Rig().close({.close = 99.625, .rsi = 15})[0].score, 0.5);
}

TEST(VwapRsi, TradesOnlyTheDirectionsItIsGiven) {
  EXPECT_EQ(Rig({}, "long").close({.close = 100.25, .rsi = 70}).size(), 0u);
  EXPECT_EQ(Rig({}, "long").close({}).size(), 1u);
  EXPECT_EQ(Rig({}, "short").close({}).size(), 0u);
  EXPECT_EQ(Rig({}, "short").close({.close = 100.25, .rsi = 70}).size(), 1u);
}

TEST(VwapRsi, IsSilentUntilEverySlotIsWarm) {
  Rig rig;
  const IndicatorFrame whole = rig.frame({});
  for (std::size_t slot = 3; slot < 9; ++slot) {
    IndicatorFrame cold = whole;
    cold.warm_mask[0] &= ~(std::uint64_t{1} << slot);
    EXPECT_TRUE(rig.hand(cold).empty()) << slot;
  }
  EXPECT_EQ(rig.counters().not_warm, 6u);
  EXPECT_EQ(rig.hand(whole).size(), 1u);
}

TEST(VwapRsi, DecidesOnlyWhereABarOfItsTimeframeCloses) {
  Rig rig;
  IndicatorFrame f = rig.frame({});
  f.closed_mask = static_cast<std::uint8_t>(~f.closed_mask);
  EXPECT_TRUE(rig.hand(f).empty());
  f.closed_mask = 0;
  f.on_tick = 1;
  EXPECT_TRUE(rig.hand(f).empty());
  EXPECT_EQ(rig.counters().decisions, 0u);
  f.closed_mask = 0xFF;
  EXPECT_EQ(rig.hand(f).size(), 1u);
  EXPECT_TRUE(rig.hand(frame_of(2)).empty()) << "not its instrument";
  EXPECT_EQ(rig.counters().decisions, 1u);
}

TEST(VwapRsi, RoundsStopAndTargetTowardTheReference) {
  Rig rig({{"atr_stop_multiplier", 1.0}, {"reward", 1.0}});
  const OrderIntent buy = rig.close({.atr = 0.505})[0];  // 99.245 and 100.255, tick 0.01
  EXPECT_EQ(buy.stop_price.v, 992'500);
  EXPECT_EQ(buy.target_price.v, 1'002'500);
  const OrderIntent sell = rig.close({.close = 100.25, .rsi = 70, .atr = 0.505})[0];  // 100.755 and 99.745
  EXPECT_EQ(sell.stop_price.v, 1'007'500);
  EXPECT_EQ(sell.target_price.v, 997'500);
}

TEST(VwapRsi, GivesUpAnEntryThatCannotBePriced) {
  Rig rig;
  const double nan = std::nan("");
  EXPECT_TRUE(rig.close({.atr = 0}).empty());
  EXPECT_TRUE(rig.close({.atr = 0.001}).empty()) << "a stop that rounds onto the reference";
  EXPECT_TRUE(rig.close({.atr = 70}).empty()) << "a stop below zero";
  EXPECT_TRUE(rig.close({.atr = nan}).empty());
  EXPECT_TRUE(rig.close({.close = -1}).empty());
  EXPECT_TRUE(rig.close({.close = 150, .rsi = 70, .atr = 60}).empty()) << "a target below zero";
  EXPECT_EQ(rig.counters().unpriceable, 6u);
  EXPECT_TRUE(rig.close({.close = nan}).empty());
  EXPECT_TRUE(rig.close({.vwap = 0}).empty());
  EXPECT_TRUE(rig.close({.rsi = nan}).empty());
  EXPECT_TRUE(rig.close({.volume = nan}).empty());
  EXPECT_EQ(rig.counters().entries_long, 0u);
  EXPECT_EQ(rig.close({}).size(), 1u);
}

TEST(VwapRsi, LeavesAtTheReturnToVwap) {
  const auto exits = [](std::int64_t qty, double close) {
    Rig rig;
    rig.signal->on_position_view(position(0, 1, qty));
    const std::vector<OrderIntent> intents = rig.close({.close = close});
    if (intents.empty()) return 0;
    EXPECT_EQ(intents[0].action, IntentAction::exit);
    EXPECT_EQ(intents[0].exit_reason, ExitReason::signal);
    EXPECT_EQ(intents[0].reference_price.v, static_cast<std::int64_t>(std::llround(close * 10'000)));
    return 1;
  };
  EXPECT_EQ(exits(5, 99.9999), 0);
  EXPECT_EQ(exits(5, 100), 1);
  EXPECT_EQ(exits(5, 101), 1);
  EXPECT_EQ(exits(-5, 100.0001), 0);
  EXPECT_EQ(exits(-5, 100), 1);
}

TEST(VwapRsi, NeitherEntersNorLeavesWhereThePositionIsNotItsOwnOrUnderWay) {
  Rig rig;
  rig.signal->on_position_view(position(0, 1, 5, 1));
  EXPECT_TRUE(rig.close({}).empty());
  EXPECT_TRUE(rig.close({.close = 101}).empty()) << "another strategy's";
  PositionView view = position(0, 2, 5);
  view.exposure = Exposure::closing;
  rig.signal->on_position_view(view);
  EXPECT_TRUE(rig.close({.close = 101}).empty()) << "closing already";
  view.version = 3;
  view.exposure = Exposure::opening;
  rig.signal->on_position_view(view);
  EXPECT_TRUE(rig.close({.close = 101}).empty()) << "opening";
  view.version = 4;
  view.exposure = Exposure::open;
  rig.signal->on_position_view(view);
  EXPECT_EQ(rig.close({.close = 101}).size(), 1u);
  EXPECT_EQ(rig.close({}, 1).size(), 1u) << "its other instrument is flat";
}

TEST(VwapRsi, LeavesAfterTheLongestHoldingTime) {
  Rig rig({{"max_holding_bars", std::int64_t{3}}});
  rig.signal->on_position_view(position(0, 1, 5));
  EXPECT_TRUE(rig.close({}).empty());
  EXPECT_TRUE(rig.close({}).empty());
  const std::vector<OrderIntent> third = rig.close({});
  ASSERT_EQ(third.size(), 1u);
  EXPECT_EQ(third[0].exit_reason, ExitReason::time);
  EXPECT_EQ(rig.close({}).size(), 1u) << "asked again until the position is gone";
  Rig unlimited({{"max_holding_bars", std::int64_t{0}}});
  unlimited.signal->on_position_view(position(0, 1, 5));
  for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(unlimited.close({}).empty());
}

TEST(VwapRsi, CoolsDownAfterItsOwnPositionOnly) {
  Rig rig({{"cooldown_bars", std::int64_t{2}}});
  rig.signal->on_position_view(position(0, 1, 5));
  rig.signal->on_position_view(position(0, 2, 0));
  EXPECT_TRUE(rig.close({}).empty());
  EXPECT_EQ(rig.close({}, 1).size(), 1u) << "the other instrument is not cooling down";
  EXPECT_TRUE(rig.close({}).empty());
  EXPECT_EQ(rig.counters().cooling_down, 2u);
  EXPECT_EQ(rig.close({}).size(), 1u);
  rig.signal->on_position_view(position(0, 3, 5, 1));
  rig.signal->on_position_view(position(0, 4, 0));
  EXPECT_EQ(rig.close({}).size(), 1u) << "that was another strategy's position";
  PositionView opening = position(0, 5, 0);
  opening.exposure = Exposure::opening;
  opening.owner = 0;
  rig.signal->on_position_view(opening);
  rig.signal->on_position_view(position(0, 6, 0));
  EXPECT_EQ(rig.close({}).size(), 1u) << "an entry without a fill is no position";
}

TEST(VwapRsi, CountsHoldingTimeAnewForEachPosition) {
  Rig rig({{"max_holding_bars", std::int64_t{2}}, {"cooldown_bars", std::int64_t{0}}});
  rig.signal->on_position_view(position(0, 1, 5));
  EXPECT_TRUE(rig.close({}).empty());
  rig.signal->on_position_view(position(0, 2, 0));
  EXPECT_EQ(rig.close({}).size(), 1u);
  rig.signal->on_position_view(position(0, 3, 5));
  EXPECT_TRUE(rig.close({}).empty());
  EXPECT_EQ(rig.close({}).size(), 1u);
}

TEST(VwapRsi, NamesTheRegimeByAdxWhereAsked) {
  const auto regime = [](double adx, double plus, double minus) {
    Rig rig({{"regime", std::string("adx")}});
    IndicatorFrame f = rig.frame({});
    EXPECT_TRUE(rig.hand(f).empty()) << "the ADX is not warm";
    put(f, rig.plan.slot(0, IndicatorKind::adx), adx);
    put(f, rig.plan.slot(0, IndicatorKind::plus_di), plus);
    put(f, rig.plan.slot(0, IndicatorKind::minus_di), minus);
    return rig.hand(f).at(0).regime;
  };
  EXPECT_EQ(regime(25, 2, 1), MarketRegime::trending_up);
  EXPECT_EQ(regime(25, 1, 2), MarketRegime::trending_down);
  EXPECT_EQ(regime(24.9, 1, 2), MarketRegime::unknown);
  EXPECT_EQ(regime(20, 1, 2), MarketRegime::unknown);
  EXPECT_EQ(regime(19.9, 1, 2), MarketRegime::ranging);
}

TEST(VwapRsi, AsksForTheIndicatorsItsParametersName) {
  InstrumentTable table = table_of(3);
  Plan plan;
  const std::array<InstrumentId, 1> ids = {1};
  StrategyContext context = context_of(table, plan, ids);
  context.parameters.set("timeframe", std::string("15m"));
  context.parameters.set("vwap", std::string("rolling"));
  context.parameters.set("vwap_period", std::int64_t{33});
  context.parameters.set("rsi_period", std::int64_t{7});
  context.parameters.set("volume_period", std::int64_t{9});
  context.parameters.set("atr_period", std::int64_t{11});
  ASSERT_TRUE(make_strategy("vwap_rsi", context).ok());
  const auto period = [&](IndicatorKind kind) {
    for (const IndicatorRequest& r : plan.requests.at(1)) {
      if (r.kind == kind) return r.timeframe_ns == 900'000'000'000 && r.instrument == 1 ? r.period[0] : -2;
    }
    return -1;
  };
  EXPECT_EQ(period(IndicatorKind::vwap_rolling), 33);
  EXPECT_EQ(period(IndicatorKind::vwap_session), -1);
  EXPECT_EQ(period(IndicatorKind::rsi), 7);
  EXPECT_EQ(period(IndicatorKind::volume_sma), 9);
  EXPECT_EQ(period(IndicatorKind::atr), 11);
  EXPECT_EQ(period(IndicatorKind::close), 0);
}

// The second implementation: one instrument, written from the description alone, prices through long double and text-book steps.
class Plain {
 public:
  struct Order {
    int side = 0;  // +1 long, -1 short, 2 exit by reversion, 3 exit by time
    std::int64_t reference = 0, stop = 0, target = 0;
  };
  std::optional<Order> bar(const Bar& b, int position) {
    if (position_ != 0 && position == 0) wait_ = 4;  // three bars after this one's predecessor: counted down below
    held_ = position == 0 ? 0 : position_ == 0 ? 1 : held_ + 1;
    position_ = position;
    if (wait_ > 0) --wait_;
    const auto grid = [](double x) { return std::llround(static_cast<long double>(x) * 10'000); };
    Order order{0, grid(b.close)};
    if (position != 0) {
      if ((b.close - b.vwap) * position >= 0)
        order.side = 2;
      else if (held_ >= 4)
        order.side = 3;
      return order.side == 0 ? std::nullopt : std::optional(order);
    }
    if (wait_ > 0 || b.volume < 1.25 * b.volume_average) return std::nullopt;
    const double away = b.close / b.vwap - 1;
    if (std::abs(away) < 0.002) return std::nullopt;
    if (away < 0 && b.rsi <= 35) order.side = 1;
    if (away > 0 && b.rsi >= 65) order.side = -1;
    if (order.side == 0) return std::nullopt;
    const std::int64_t stop_distance = grid(1.5 * b.atr);
    const std::int64_t target_distance = grid(3.0 * b.atr);
    const auto nearer = [&](std::int64_t price) {  // to the multiple of 100 toward the reference
      while (price % 100 != 0) price += price < order.reference ? 1 : -1;
      return price;
    };
    order.stop = nearer(order.reference - order.side * stop_distance);
    order.target = nearer(order.reference + order.side * target_distance);
    if (order.stop == order.reference || order.target == order.reference) return std::nullopt;
    return order;
  }

 private:
  int position_ = 0;
  int held_ = 0;
  int wait_ = 0;
};

TEST(VwapRsi, AgreesWithAPlainImplementationOverRandomBars) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> unit(0, 1);
  Rig rig({{"deviation", 0.002},
           {"oversold", std::int64_t{35}},
           {"overbought", std::int64_t{65}},
           {"volume_factor", 1.25},
           {"max_holding_bars", std::int64_t{4}},
           {"cooldown_bars", std::int64_t{3}}});
  Plain plain;
  std::uint64_t version = 0;
  int position_now = 0;
  std::array<int, 5> seen{};
  double level = 100;
  for (int n = 0; n < 300'000; ++n) {
    level = std::clamp(level * (1 + 0.002 * (unit(random) - 0.5)), 50.0, 200.0);
    const double close = std::round(level * 100) / 100;
    const Bar bar{close,
                  unit(random) * 20,
                  level * (1 + 0.01 * (unit(random) - 0.5)),
                  unit(random) * 100,
                  8,
                  unit(random) < 0.02 ? 0.003 : unit(random)};
    const std::optional<Plain::Order> expected = plain.bar(bar, position_now);
    const std::vector<OrderIntent> got = rig.close(bar);
    ASSERT_EQ(got.size(), expected ? 1u : 0u) << "bar " << n;
    if (expected) {
      const OrderIntent& i = got[0];
      ++seen[static_cast<std::size_t>(expected->side + 1)];
      ASSERT_EQ(i.reference_price.v, expected->reference);
      ASSERT_EQ(i.action, expected->side == 1    ? IntentAction::enter_long
                          : expected->side == -1 ? IntentAction::enter_short
                                                 : IntentAction::exit);
      if (expected->side < 2) {
        ASSERT_EQ(i.stop_price.v, expected->stop) << "bar " << n;
        ASSERT_EQ(i.target_price.v, expected->target) << "bar " << n;
        ASSERT_TRUE(i.score >= 0 && i.score <= 1);
      } else {
        ASSERT_EQ(i.exit_reason, expected->side == 2 ? ExitReason::signal : ExitReason::time);
      }
      // The venue does most of what it is asked.
      if (unit(random) < 0.9) {
        position_now = expected->side < 2 ? expected->side : 0;
        rig.signal->on_position_view(position(0, ++version, position_now * 7));
      }
    } else if (position_now != 0 && unit(random) < 0.05) {
      position_now = 0;  // its stop or target
      rig.signal->on_position_view(position(0, ++version, 0));
    }
  }
  EXPECT_GT(seen[0], 100);
  EXPECT_GT(seen[2], 100);
  EXPECT_GT(seen[3], 100);
  EXPECT_GT(seen[4], 100);
}

}  // namespace martinet::vwap_rsi_test

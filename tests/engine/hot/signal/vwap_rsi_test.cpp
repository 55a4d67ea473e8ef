// vwap_rsi: each condition at both sides of its threshold, the prices of its plan, its exits; then the whole against a second, plain
// implementation over random bars. What it shares with others is in bar_strategy_test.cpp, real bars are in plain_vwap_rsi_test.cpp.
#include "engine/hot/signal/vwap_rsi.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <optional>
#include <random>
#include <string>

#include "engine/base/time.hpp"
#include "tests/engine/hot/signal/signal_fixture.hpp"

namespace martinet::vwap_rsi_test {
using namespace martinet::signal_test;

constexpr std::int64_t kOwn_ns = 5 * kNanosPerMinute;
constexpr std::int64_t kFilter_ns = 15 * kNanosPerMinute;

struct Bar {
  double close = 99.75;  // VWAP 100 and a deviation of 0.0025: exactly at the threshold, in doubles too
  double volume = 8;
  double vwap = 100;
  double rsi = 30;
  double volume_average = 8;
  double atr = 0.5;
  double adx = 10;  ///< of its own timeframe: no trend
  double natr_rank = 50;
  double filter_adx = 10;  ///< of the filter's
  double filter_plus_di = 20;
  double filter_minus_di = 20;
};

using Parameters = std::vector<std::pair<std::string, ParameterValue>>;

class Rig {
 public:
  explicit Rig(const Parameters& parameters = {}, std::string_view direction = "both") {
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
    put(f, plan.slot(id, IndicatorKind::adx, kOwn_ns), bar.adx);
    put(f, plan.slot(id, IndicatorKind::plus_di, kOwn_ns), 20);
    put(f, plan.slot(id, IndicatorKind::minus_di, kOwn_ns), 19);
    put(f, plan.slot(id, IndicatorKind::natr_rank), bar.natr_rank);
    if (plan.slot(id, IndicatorKind::adx, kFilter_ns) == 0) return f;
    put(f, plan.slot(id, IndicatorKind::adx, kFilter_ns), bar.filter_adx);
    put(f, plan.slot(id, IndicatorKind::plus_di, kFilter_ns), bar.filter_plus_di);
    put(f, plan.slot(id, IndicatorKind::minus_di, kFilter_ns), bar.filter_minus_di);
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
  EXPECT_EQ(i.regime, MarketRegime::ranging);
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
  ASSERT_EQ(rig.plan.slot_count(0), 13u);
  for (std::size_t slot = 3; slot < 16; ++slot) {
    IndicatorFrame cold = whole;
    cold.warm_mask[0] &= ~(std::uint64_t{1} << slot);
    EXPECT_TRUE(rig.hand(cold).empty()) << slot;
  }
  EXPECT_EQ(rig.counters().not_warm, 13u);
  EXPECT_EQ(rig.hand(whole).size(), 1u);
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

TEST(VwapRsi, EntersOnlyInACalmMarketUnlessToldOtherwise) {
  const auto regimes = [](std::string_view given) {
    std::vector<MarketRegime> entered;
    for (const Bar& bar : {Bar{}, Bar{.natr_rank = 20}, Bar{.natr_rank = 80}, Bar{.adx = 25}}) {
      Rig rig({{"regime", std::string(given)}});
      for (const OrderIntent& i : rig.close(bar)) entered.push_back(i.regime);
    }
    return entered;
  };
  using enum MarketRegime;
  EXPECT_EQ(regimes("calm"), (std::vector{ranging, low_volatility}));
  EXPECT_EQ(regimes("any"), (std::vector{ranging, low_volatility, high_volatility, trending_up}));
  Rig rig;
  rig.signal->on_position_view(position(0, 1, 5));
  EXPECT_EQ(rig.close({.close = 101, .adx = 60}).size(), 1u) << "it leaves in any market";
}

TEST(VwapRsi, EntersNotAgainstTheTrendOfTheLongerTimeframe) {
  const auto buys = [](double adx, double up, double down, const Parameters& more = {}) {
    return Rig(more).close({.filter_adx = adx, .filter_plus_di = up, .filter_minus_di = down}).size();
  };
  const auto sells = [](double adx, double up, double down) {
    return Rig().close({.close = 100.25, .rsi = 70, .filter_adx = adx, .filter_plus_di = up, .filter_minus_di = down}).size();
  };
  const double above = std::nextafter(20.0, 21.0);
  EXPECT_EQ(buys(20, 10, 30), 1u) << "at the threshold there is no trend yet";
  EXPECT_EQ(buys(above, 10, 30), 0u);
  EXPECT_EQ(buys(above, 30, 10), 1u) << "with the trend";
  EXPECT_EQ(buys(above, 20, 20), 1u) << "a trend without a side";
  EXPECT_EQ(buys(above, 20, above), 0u);
  EXPECT_EQ(sells(20, 30, 10), 1u);
  EXPECT_EQ(sells(above, 30, 10), 0u);
  EXPECT_EQ(sells(above, 10, 30), 1u);
  EXPECT_EQ(sells(above, 20, 20), 1u);
  EXPECT_EQ(buys(35, 10, 30, {{"filter_adx", 35.0}}), 1u);
  EXPECT_EQ(buys(99, 10, 30, {{"trend_filter", false}}), 1u);
  Rig off({{"trend_filter", false}});
  EXPECT_EQ(off.plan.slot(0, IndicatorKind::adx, kFilter_ns), 0u) << "a filter that is off asks for nothing, so nothing of it delays";
  EXPECT_EQ(off.plan.slot_count(0), 10u);
}

TEST(VwapRsi, AFilterMustBeLongerAndAMultiple) {
  const auto check = [](std::string_view own, std::string_view filter, bool on = true) {
    ParameterSet set;
    set.set("timeframe", std::string(own));
    set.set("filter_timeframe", std::string(filter));
    set.set("trend_filter", on);
    const Status status = check_strategy("vwap_rsi", "strategy[2]", set);
    return status.ok() ? std::string() : std::string(status.error().what);
  };
  EXPECT_EQ(check("5m", "10m"), "");
  EXPECT_EQ(check("1s", "1d"), "");
  for (const auto& [own, filter] : {std::pair("5m", "5m"), std::pair("15m", "5m"), std::pair("5m", "12m"), std::pair("1d", "1d")}) {
    EXPECT_NE(check(own, filter).find("strategy[2].filter_timeframe"), std::string::npos) << check(own, filter);
    EXPECT_EQ(check(own, filter, false), "") << "a filter that is off contradicts nothing";
  }
}

TEST(VwapRsi, AsksForTheIndicatorsItsParametersName) {
  InstrumentTable table = table_of(3);
  Plan plan;
  const std::array<InstrumentId, 1> ids = {1};
  StrategyContext context = context_of(table, plan, ids);
  context.parameters.set("timeframe", std::string("15m"));
  context.parameters.set("filter_timeframe", std::string("45m"));
  context.parameters.set("filter_adx_period", std::int64_t{6});
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
    if (wait_ > 0 || b.volume < 1.25 * b.volume_average || b.adx >= 25 || b.natr_rank >= 80) return std::nullopt;
    const double away = b.close / b.vwap - 1;
    if (std::abs(away) < 0.002) return std::nullopt;
    if (away < 0 && b.rsi <= 35) order.side = 1;
    if (away > 0 && b.rsi >= 65) order.side = -1;
    if (order.side == 0) return std::nullopt;
    if (b.filter_adx > 20 && (b.filter_plus_di - b.filter_minus_di) * order.side < 0) return std::nullopt;
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
                  unit(random) < 0.02 ? 0.003 : unit(random),
                  unit(random) * 40,
                  std::floor(unit(random) * 101),
                  unit(random) * 40,
                  std::floor(unit(random) * 50),
                  std::floor(unit(random) * 50)};
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

// What every strategy on closed bars does alike, seen through a strategy that enters and leaves exactly when the test says so.
#include "engine/hot/signal/bar_strategy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>

#include "engine/base/time.hpp"
#include "tests/engine/hot/signal/signal_fixture.hpp"

namespace martinet::bar_strategy_test {
using namespace martinet::signal_test;
using Parameters = std::vector<std::pair<std::string, ParameterValue>>;

constexpr auto kProbeParameters =
    with_common("15m", 2, 4, std::array{ParameterSpec{"rsi_period", ParameterType::integer, "bars", std::int64_t{9}, 2, 99, {}, "x"}});
const double kNan = std::nan("");

class Probe final : public BarStrategy {
 public:
  using BarStrategy::BarStrategy;
  [[nodiscard]] std::string_view kind() const noexcept override { return "probe"; }

  EntryIdea idea{true, 0.75, 1.5, 0.25};
  bool leaves = false;
  bool sells_part = false;
  int considered = 0;
  int managed = 0;
  std::vector<std::string> events;

 private:
  void consider_entry(std::size_t index, const IndicatorFrame& frame, IntentList& out) noexcept override {
    ++considered;
    enter(index, frame, idea, out);
  }
  void manage(std::size_t index, const IndicatorFrame& frame, const PositionView&, IntentList& out) noexcept override {
    ++managed;
    if (sells_part) add(index, frame, IntentAction::exit_part, out)->part = {kRateUnit / 2};
    if (leaves) exit(index, frame, ExitReason::signal, out);
  }
  void on_opened(std::size_t index, const PositionView& view) noexcept override {
    events.push_back("opened " + std::to_string(index) + " " + std::to_string(view.qty.v));
  }
  void on_closed(std::size_t index) noexcept override { events.push_back("closed " + std::to_string(index)); }
};

struct Bar {
  double close = 100;
  double atr = 0.5;
  double adx = 10;
  double plus_di = 20;
  double minus_di = 15;
  double natr_rank = 50;
};

// Instruments 1 and 0 of the table, in this order; slots begin at 60, so that both words of the warm mask are in use.
class Rig {
 public:
  explicit Rig(const Parameters& parameters = {}) {
    StrategyContext context = context_of(table, plan, ids);
    context.parameters.set("direction", std::string("both"));
    for (const auto& [name, value] : parameters) context.parameters.set(name, value);
    const Status status = check_parameters("x", kProbeParameters, context.parameters);
    EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.error().what);
    const ParameterReader read(kProbeParameters, context.parameters);
    std::uint16_t rsi = 0;
    auto trades = bar_trades(context, read, [&](std::size_t, SlotRequests& requests) {
      requests.want(rsi, IndicatorKind::rsi, {.period = {read.integer("rsi_period")}, .timeframe_ns = 4 * kNanosPerHour});
    });
    EXPECT_TRUE(trades.ok()) << (trades.ok() ? "" : trades.error().what);
    auto made = std::make_unique<Probe>(context, bar_settings_of(read), std::move(*trades));
    probe = made.get();
    std::vector<std::unique_ptr<Strategy>> list;
    list.push_back(std::move(made));
    signal = std::make_unique<Signal>(std::move(list), table.size());
  }
  [[nodiscard]] IndicatorFrame frame(const Bar& bar = {}, InstrumentId id = 0) {
    IndicatorFrame f = frame_of(id, ++sequence);
    f.last_price = {1'230'000};
    put(f, plan.slot(id, IndicatorKind::close), bar.close);
    put(f, plan.slot(id, IndicatorKind::atr), bar.atr);
    put(f, plan.slot(id, IndicatorKind::adx), bar.adx);
    put(f, plan.slot(id, IndicatorKind::plus_di), bar.plus_di);
    put(f, plan.slot(id, IndicatorKind::minus_di), bar.minus_di);
    put(f, plan.slot(id, IndicatorKind::natr_rank), bar.natr_rank);
    put(f, plan.slot(id, IndicatorKind::rsi), 50);
    return f;
  }
  std::vector<OrderIntent> close(const Bar& bar = {}, InstrumentId id = 0) { return hand(frame(bar, id)); }
  std::vector<OrderIntent> hand(const IndicatorFrame& f) {
    Sink sink;
    signal->on_frame(f, sink);
    return sink.intents;
  }
  IndicatorFrame cold(InstrumentId id = 0) {
    IndicatorFrame f = frame({}, id);
    const std::size_t slot = plan.slot(id, IndicatorKind::rsi);
    f.warm_mask[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
    return f;
  }
  void view(std::int64_t qty, StrategyId owner = 0, InstrumentId id = 0) { signal->on_position_view(position(id, ++version, qty, owner)); }
  [[nodiscard]] const StrategyCounters& counters() const { return probe->counters(); }

  InstrumentTable table = table_of(3);
  Plan plan{60};
  std::array<InstrumentId, 2> ids = {1, 0};
  Probe* probe = nullptr;
  std::unique_ptr<Signal> signal;
  std::uint64_t sequence = 0;
  std::uint64_t version = 0;
};

TEST(BarStrategy, IsSilentUntilEverySlotItAskedForHasAValue) {
  Rig rig;
  ASSERT_EQ(rig.plan.slot_count(0), 7u) << "six in common and its own";
  const IndicatorFrame whole = rig.frame();
  for (std::size_t slot = 60; slot < 67; ++slot) {
    IndicatorFrame f = whole;
    f.warm_mask[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
    EXPECT_TRUE(rig.hand(f).empty()) << slot;
  }
  EXPECT_EQ(rig.counters().not_warm, 7u);
  EXPECT_EQ(rig.probe->considered, 0);
  IndicatorFrame more = whole;
  more.warm_mask[0] = ~std::uint64_t{0};
  EXPECT_EQ(rig.hand(whole).size(), 1u);
  EXPECT_EQ(rig.hand(more).size(), 1u) << "slots of others do not matter";
}

TEST(BarStrategy, AsksForTheCommonSlotsOnItsTimeframe) {
  Rig rig({{"atr_period", std::int64_t{3}},
           {"regime_adx_period", std::int64_t{5}},
           {"regime_natr_period", std::int64_t{7}},
           {"regime_window", std::int64_t{11}}});
  std::array<std::int32_t, 3> none{};
  const auto has = [&](IndicatorKind kind, std::array<std::int32_t, 3> period, std::int64_t timeframe_ns = 15 * kNanosPerMinute) {
    for (const InstrumentId id : rig.ids) {
      const auto& list = rig.plan.requests.at(id);
      const bool found = std::ranges::any_of(list, [&](const auto& r) {
        return r.kind == kind && r.period == period && r.timeframe_ns == timeframe_ns && r.instrument == id;
      });
      if (!found) return false;
    }
    return true;
  };
  EXPECT_TRUE(has(IndicatorKind::close, none));
  EXPECT_TRUE(has(IndicatorKind::atr, {3}));
  EXPECT_TRUE(has(IndicatorKind::adx, {5}));
  EXPECT_TRUE(has(IndicatorKind::plus_di, {5}));
  EXPECT_TRUE(has(IndicatorKind::minus_di, {5}));
  EXPECT_TRUE(has(IndicatorKind::natr_rank, {7, 11}));
  EXPECT_TRUE(has(IndicatorKind::rsi, {9}, 4 * kNanosPerHour));
}

TEST(BarStrategy, DecidesOnClosedBarsOfItsTimeframeAndItsInstrumentsOnly) {
  Rig rig;
  IndicatorFrame f = rig.frame();
  f.closed_mask = static_cast<std::uint8_t>(~f.closed_mask);
  EXPECT_TRUE(rig.hand(f).empty());
  f.closed_mask = 0;
  f.on_tick = 1;
  EXPECT_TRUE(rig.hand(f).empty());
  EXPECT_TRUE(rig.hand(frame_of(2)).empty());
  EXPECT_EQ(rig.counters().decisions, 0u);
  f.closed_mask = 0xFF;
  EXPECT_EQ(rig.hand(f).size(), 1u);
  EXPECT_EQ(rig.close({}, 1).size(), 1u);
  EXPECT_EQ(rig.counters().decisions, 2u);
}

TEST(BarStrategy, FillsInWhatEveryEntryCarries) {
  Rig rig;
  const OrderIntent i = rig.close({.close = 99.75, .atr = 0.50004, .adx = 25}).at(0);
  EXPECT_EQ(i.action, IntentAction::enter_long);
  EXPECT_EQ(i.reference_price.v, 997'500);
  EXPECT_EQ(i.stop_price.v, 990'000);
  EXPECT_EQ(i.target_price.v, 1'012'500);
  EXPECT_EQ(i.atr.v, 5'000) << "to the nearest";
  EXPECT_EQ(i.score, 0.25);
  EXPECT_EQ(i.regime, MarketRegime::trending_up);
  EXPECT_EQ(i.exit_reason, ExitReason::none);
  EXPECT_EQ(i.level_count, 1);
  EXPECT_EQ(i.strategy, 0);
  EXPECT_EQ(i.instrument, 0);
  EXPECT_EQ(i.intent_id, 1u);
  EXPECT_EQ(i.sequence, 1u);
  EXPECT_EQ(i.ts_receive_ns, 1'001);
  EXPECT_EQ(i.ts_exchange_ns, 901);
  rig.probe->idea = {false, 0.75, 0, 0.25};
  const OrderIntent sell = rig.close({.close = 99.75}).at(0);
  EXPECT_EQ(sell.action, IntentAction::enter_short);
  EXPECT_EQ(sell.stop_price.v, 1'005'000);
  EXPECT_EQ(sell.target_price, kNoPrice) << "no target was asked for";
  EXPECT_EQ(rig.counters().entries_long, 1u);
  EXPECT_EQ(rig.counters().entries_short, 1u);
}

TEST(BarStrategy, RoundsStopAndTargetToTheTickTowardTheClose) {
  Rig rig;
  rig.probe->idea = {true, 0.505, 0.505, 0};  // tick 0.01
  const OrderIntent buy = rig.close({.close = 99.75}).at(0);
  EXPECT_EQ(buy.stop_price.v, 992'500);
  EXPECT_EQ(buy.target_price.v, 1'002'500);
  rig.probe->idea.buy = false;
  const OrderIntent sell = rig.close({.close = 100.25}).at(0);
  EXPECT_EQ(sell.stop_price.v, 1'007'500);
  EXPECT_EQ(sell.target_price.v, 997'500);
}

TEST(BarStrategy, HoldsTheScoreToItsRange) {
  const auto score = [](double given) {
    Rig rig;
    rig.probe->idea.score = given;
    return rig.close().at(0).score;
  };
  EXPECT_EQ(score(0), 0.0);
  EXPECT_EQ(score(1), 1.0);
  EXPECT_EQ(score(0.5), 0.5);
  EXPECT_EQ(score(-0.1), 0.0);
  EXPECT_EQ(score(1.1), 1.0);
  EXPECT_EQ(score(kNan), 0.0);
  EXPECT_EQ(score(std::numeric_limits<double>::infinity()), 1.0);
}

TEST(BarStrategy, GivesUpAnEntryWithoutValidPrices) {
  std::uint64_t given_up = 0;
  const auto entries = [&](const EntryIdea& idea, double close = 100) {
    Rig rig;
    rig.probe->idea = idea;
    const std::size_t count = rig.close({.close = close}).size();
    given_up += rig.counters().unpriceable;
    EXPECT_EQ(rig.counters().entries_long + rig.counters().entries_short, count);
    return count;
  };
  EXPECT_EQ(entries({true, 0.01, 0.01, 0}), 1u) << "a tick";
  EXPECT_EQ(entries({true, 0.0099, 1, 0}), 0u) << "a stop less than a tick away";
  EXPECT_EQ(entries({true, 1, 0.0099, 0}), 0u) << "a target less than a tick away";
  EXPECT_EQ(entries({true, 1, 1e-9, 0}), 0u) << "a target that is asked for and vanishes on the grid";
  EXPECT_EQ(entries({true, 0, 1, 0}), 0u);
  EXPECT_EQ(entries({true, -1, 1, 0}), 0u);
  EXPECT_EQ(entries({true, 1, -1, 0}), 0u);
  EXPECT_EQ(entries({true, 99.99, 1, 0}), 1u) << "the lowest stop";
  EXPECT_EQ(entries({true, 100, 1, 0}), 0u) << "a stop at zero";
  EXPECT_EQ(entries({false, 1, 99.99, 0}), 1u) << "the lowest target";
  EXPECT_EQ(entries({false, 1, 100, 0}), 0u) << "a target at zero";
  EXPECT_EQ(entries({true, kNan, 1, 0}), 0u);
  EXPECT_EQ(entries({true, 1, kNan, 0}), 0u);
  EXPECT_EQ(entries({true, std::numeric_limits<double>::infinity(), 1, 0}), 0u);
  EXPECT_EQ(entries({false, 1e300, 0, 0}), 0u);
  EXPECT_EQ(entries({true, 1, 1, 0}, kNan), 0u);
  EXPECT_EQ(entries({true, 1, 1, 0}, 0), 0u);
  EXPECT_EQ(entries({true, 1, 1, 0}, -5), 0u);
  EXPECT_EQ(entries({true, 1, 1, 0}, 1e12), 0u) << "a close beyond the grid";
  EXPECT_EQ(given_up, 16u);
}

TEST(BarStrategy, NamesTheRegimeOnBothSidesOfEachBound) {
  Rig rig;
  const auto regime = [&rig](const Bar& bar) { return rig.close(bar).at(0).regime; };
  const auto below = [](double x) { return std::nextafter(x, -1e9); };
  const auto above = [](double x) { return std::nextafter(x, 1e9); };
  EXPECT_EQ(regime({.adx = 25, .plus_di = 20, .minus_di = below(20)}), MarketRegime::trending_up);
  EXPECT_EQ(regime({.adx = 25, .plus_di = 20, .minus_di = 20}), MarketRegime::trending_up);
  EXPECT_EQ(regime({.adx = 25, .plus_di = 20, .minus_di = above(20)}), MarketRegime::trending_down);
  EXPECT_EQ(regime({.adx = 25, .natr_rank = 100}), MarketRegime::trending_up) << "a trend goes before volatility";
  EXPECT_EQ(regime({.adx = below(25), .natr_rank = 80}), MarketRegime::high_volatility);
  EXPECT_EQ(regime({.natr_rank = below(80)}), MarketRegime::ranging);
  EXPECT_EQ(regime({.natr_rank = above(20)}), MarketRegime::ranging);
  EXPECT_EQ(regime({.natr_rank = 20}), MarketRegime::low_volatility);
  EXPECT_EQ(regime({.natr_rank = 0}), MarketRegime::low_volatility);
  EXPECT_EQ(regime({.natr_rank = 100}), MarketRegime::high_volatility);
  Rig other({{"trend_adx", 40.0}, {"high_volatility", 51.0}, {"low_volatility", 50.0}});
  EXPECT_EQ(other.close({.adx = 39.9, .natr_rank = 51}).at(0).regime, MarketRegime::high_volatility);
  EXPECT_EQ(other.close({.adx = 39.9, .natr_rank = 50}).at(0).regime, MarketRegime::low_volatility);
  EXPECT_EQ(other.close({.adx = 40}).at(0).regime, MarketRegime::trending_up);
}

TEST(BarStrategy, NeitherBuysWhatItHoldsNorSellsWhatItDoesNot) {
  Rig rig;
  rig.probe->leaves = true;
  EXPECT_EQ(rig.close().at(0).action, IntentAction::enter_long);
  EXPECT_EQ(rig.probe->managed, 0) << "nothing to leave";
  rig.view(5);
  EXPECT_EQ(rig.close().at(0).action, IntentAction::exit);
  EXPECT_EQ(rig.probe->considered, 1) << "it holds already";
  rig.view(-5);
  EXPECT_EQ(rig.close().at(0).action, IntentAction::exit);
  EXPECT_EQ(rig.probe->considered, 1);
}

TEST(BarStrategy, LeavesAloneWhatIsNotItsOwnOrUnderWay) {
  Rig rig({{"max_holding_bars", std::int64_t{1}}});
  rig.probe->leaves = true;
  rig.view(5, 1);
  EXPECT_TRUE(rig.close().empty()) << "another strategy's";
  rig.view(5, kNoStrategy);
  EXPECT_TRUE(rig.close().empty()) << "nobody's: found at the venue";
  for (const Exposure under_way : {Exposure::opening, Exposure::closing}) {
    PositionView view = position(0, ++rig.version, 5);
    view.exposure = under_way;
    rig.signal->on_position_view(view);
    EXPECT_TRUE(rig.close().empty());
  }
  EXPECT_EQ(rig.probe->considered + rig.probe->managed, 0);
  EXPECT_EQ(rig.close({}, 1).size(), 1u) << "its other instrument is flat";
  rig.view(5);
  EXPECT_EQ(rig.close().size(), 1u);
}

TEST(BarStrategy, LeavesByTimeAfterTheLongestHoldingTime) {
  Rig rig({{"max_holding_bars", std::int64_t{3}}});
  rig.view(5);
  EXPECT_TRUE(rig.close().empty());
  EXPECT_TRUE(rig.close().empty());
  const std::vector<OrderIntent> third = rig.close({.close = 101});
  ASSERT_EQ(third.size(), 1u);
  EXPECT_EQ(third[0].action, IntentAction::exit);
  EXPECT_EQ(third[0].exit_reason, ExitReason::time);
  EXPECT_EQ(third[0].reference_price.v, 1'010'000);
  EXPECT_EQ(third[0].regime, MarketRegime::ranging);
  EXPECT_EQ(rig.close().size(), 1u) << "asked again until the position is gone";
  EXPECT_EQ(rig.counters().exits, 2u);
  Rig unlimited({{"max_holding_bars", std::int64_t{0}}});
  unlimited.view(5);
  for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(unlimited.close().empty());
}

TEST(BarStrategy, CountsTheHoldingTimeFromTheFirstFillOfEachPosition) {
  Rig rig({{"max_holding_bars", std::int64_t{2}}, {"cooldown_bars", std::int64_t{0}}});
  rig.view(5);
  EXPECT_TRUE(rig.close().empty());
  rig.view(7);
  EXPECT_EQ(rig.close().size(), 1u) << "a further fill is the same position";
  rig.view(3);
  EXPECT_EQ(rig.close().size(), 1u) << "so is what a part left";
  rig.view(0);
  EXPECT_EQ(rig.close().at(0).action, IntentAction::enter_long);
  rig.view(-5);
  EXPECT_TRUE(rig.close().empty());
  EXPECT_EQ(rig.close().at(0).exit_reason, ExitReason::time);
  EXPECT_EQ(rig.probe->events, (std::vector<std::string>{"opened 1 5", "closed 1", "opened 1 -5"})) << "instrument 0 is its second";
}

TEST(BarStrategy, ItsOwnExitGoesBeforeTheOneByTimeButAPartDoesNot) {
  Rig rig({{"max_holding_bars", std::int64_t{1}}});
  rig.probe->leaves = true;
  rig.view(5);
  std::vector<OrderIntent> intents = rig.close();
  ASSERT_EQ(intents.size(), 1u);
  EXPECT_EQ(intents[0].exit_reason, ExitReason::signal);
  rig.probe->leaves = false;
  rig.probe->sells_part = true;
  intents = rig.close();
  ASSERT_EQ(intents.size(), 2u);
  EXPECT_EQ(intents[0].action, IntentAction::exit_part);
  EXPECT_EQ(intents[1].exit_reason, ExitReason::time);
}

TEST(BarStrategy, LeavesByTimeWithoutIndicatorsToo) {
  Rig rig({{"max_holding_bars", std::int64_t{2}}});
  rig.view(5);
  EXPECT_TRUE(rig.hand(rig.cold()).empty()) << "time passes while a value is missing";
  IndicatorFrame f = rig.cold();
  std::vector<OrderIntent> intents = rig.hand(f);
  ASSERT_EQ(intents.size(), 1u);
  EXPECT_EQ(intents[0].exit_reason, ExitReason::time);
  EXPECT_EQ(intents[0].regime, MarketRegime::ranging) << "its values are there";
  const std::size_t rank = rig.plan.slot(0, IndicatorKind::natr_rank);
  f.warm_mask[rank / 64] &= ~(std::uint64_t{1} << (rank % 64));
  intents = rig.hand(f);
  ASSERT_EQ(intents.size(), 1u);
  EXPECT_EQ(intents[0].regime, MarketRegime::unknown);
  EXPECT_EQ(rig.probe->managed, 0) << "but nothing else is decided";
  EXPECT_EQ(rig.counters().not_warm, 3u);
  rig.view(5, 1);
  EXPECT_TRUE(rig.hand(rig.cold()).empty()) << "another's";
}

TEST(BarStrategy, ACloseBeyondTheGridKeepsNobodyInAPosition) {
  Rig rig;
  rig.probe->leaves = true;
  rig.view(5);
  const std::vector<OrderIntent> intents = rig.close({.close = 1e12});
  ASSERT_EQ(intents.size(), 1u);
  EXPECT_EQ(intents[0].action, IntentAction::exit);
  EXPECT_EQ(intents[0].reference_price.v, 1'230'000) << "the last price";
}

TEST(BarStrategy, WaitsForTheCooldownAfterItsOwnPositionOnly) {
  Rig rig({{"cooldown_bars", std::int64_t{2}}});
  rig.view(5);
  rig.view(0);
  EXPECT_TRUE(rig.close().empty());
  EXPECT_EQ(rig.close({}, 1).size(), 1u) << "the other instrument is not cooling down";
  EXPECT_TRUE(rig.close().empty());
  EXPECT_EQ(rig.counters().cooling_down, 2u);
  EXPECT_EQ(rig.close().size(), 1u);
  rig.view(5, 1);
  rig.view(0);
  EXPECT_EQ(rig.close().size(), 1u) << "that was another strategy's position";
  PositionView opening = position(0, ++rig.version, 0);
  opening.exposure = Exposure::opening;
  opening.owner = 0;
  rig.signal->on_position_view(opening);
  rig.view(0);
  EXPECT_EQ(rig.close().size(), 1u) << "an entry without a fill is no position";
  rig.view(5);
  rig.view(5, 1);
  rig.view(0);
  EXPECT_TRUE(rig.close().empty()) << "its own ended, though another's followed at once";
}

TEST(BarStrategy, TheCooldownPassesWhileValuesAreMissing) {
  Rig rig({{"cooldown_bars", std::int64_t{2}}});
  rig.view(5);
  rig.view(0);
  EXPECT_TRUE(rig.hand(rig.cold()).empty());
  EXPECT_TRUE(rig.hand(rig.cold()).empty());
  EXPECT_EQ(rig.close().size(), 1u);
  Rig none({{"cooldown_bars", std::int64_t{0}}});
  none.view(5);
  none.view(0);
  EXPECT_EQ(none.close().size(), 1u);
}

TEST(BarStrategy, ShortingASpotInstrumentIsRefusedByName) {
  const InstrumentTable table = table_of(3);
  Plan plan;
  const std::array<InstrumentId, 2> ids = {0, 2};
  StrategyContext context = context_of(table, plan, ids);
  const auto made = [&](std::string_view direction) {
    context.parameters.set("direction", std::string(direction));
    return bar_trades(context, ParameterReader(kProbeParameters, context.parameters), [](std::size_t, SlotRequests&) {});
  };
  EXPECT_TRUE(made("long").ok());
  for (const std::string_view direction : {"short", "both"}) {
    const auto refused = made(direction);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, Errc::config_contradiction);
    EXPECT_NE(refused.error().what.find("s0.direction"), std::string::npos) << refused.error().what;
    EXPECT_NE(refused.error().what.find("P2"), std::string::npos) << refused.error().what;
  }
}

TEST(BarStrategy, VolatilityBoundsMustStandInOrder) {
  const auto check = [](double low, double high) {
    ParameterSet set;
    set.set("low_volatility", low);
    set.set("high_volatility", high);
    return check_common("x", ParameterReader(kProbeParameters, set));
  };
  EXPECT_TRUE(check(0, 1).ok());
  EXPECT_TRUE(check(98.9, 99).ok());
  ASSERT_FALSE(check(50, 50).ok());
  EXPECT_EQ(check(50, 50).error().code, Errc::config_contradiction);
  EXPECT_NE(check(51, 50).error().what.find("x.low_volatility"), std::string::npos);
}

// Random bars (some cold) and views; a checkpoint at any bar, loaded into fresh objects, changes nothing that follows.
TEST(BarStrategy, ACheckpointAtAnyBarContinuesAlike) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  const Parameters parameters = {{"cooldown_bars", std::int64_t{2}}, {"max_holding_bars", std::int64_t{3}}};
  const auto step = [](Rig& rig, std::mt19937_64& random, std::vector<OrderIntent>& intents) {
    const auto id = static_cast<InstrumentId>(random() % 2);
    rig.probe->leaves = random() % 4 == 0;
    rig.probe->idea.buy = random() % 2 == 0;
    const std::uint64_t what = random() % 8;
    if (what == 0) rig.view(static_cast<std::int64_t>(random() % 3) - 1, static_cast<StrategyId>(random() % 2), id);
    const Bar bar{.close = 50 + static_cast<double>(random() % 10'000) / 100, .adx = static_cast<double>(random() % 50)};
    for (const OrderIntent& i : rig.hand(what == 1 ? rig.cold(id) : rig.frame(bar, id))) intents.push_back(i);
  };
  std::mt19937_64 one(seed);
  std::mt19937_64 other(seed);
  Rig plain(parameters);
  auto restored = std::make_unique<Rig>(parameters);
  std::vector<OrderIntent> expected;
  std::vector<OrderIntent> got;
  for (int i = 0; i < 4'000; ++i) {
    step(plain, one, expected);
    step(*restored, other, got);
    ArchiveWriter saved;
    restored->signal->save(saved);
    auto fresh = std::make_unique<Rig>(parameters);
    fresh->sequence = restored->sequence;
    fresh->version = restored->version;
    ArchiveReader reader(saved.bytes());
    ASSERT_EQ(fresh->signal->load(reader), Errc::ok);
    ASSERT_TRUE(reader.done());
    restored = std::move(fresh);
  }
  const auto bytes = [](const std::vector<OrderIntent>& list) { return std::as_bytes(std::span(list)); };
  EXPECT_TRUE(std::ranges::equal(bytes(expected), bytes(got)));
  EXPECT_EQ(plain.counters(), restored->counters());
  EXPECT_GT(plain.counters().entries_long, 30u);
  EXPECT_GT(plain.counters().entries_short, 30u);
  EXPECT_GT(plain.counters().cooling_down, 30u);
  EXPECT_GT(plain.counters().exits, 30u);
}

}  // namespace martinet::bar_strategy_test

// model_signal on frames filled by hand: what becomes of each class, both sides of the threshold, features in the order of the card,
// features without a value; what does not fit a model; state.
#include "engine/hot/signal/model_signal.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "engine/base/time.hpp"
#include "tests/engine/hot/model/model_fixture.hpp"
#include "tests/engine/hot/signal/signal_fixture.hpp"

namespace martinet::model_signal_test {
using namespace martinet::signal_test;
using Parameters = std::vector<std::pair<std::string, ParameterValue>>;

/// Says what its features are: one per class, its probability. Keeps the last it was asked.
class Parrot final : public Model {
 public:
  explicit Parrot(ModelCard card) : Model(std::move(card)) {}
  void predict(std::span<const double> features, std::span<double> probabilities) const noexcept override {
    ++asked;
    heard.assign(features.begin(), features.end());
    for (std::size_t i = 0; i < probabilities.size(); ++i) probabilities[i] = features[i];
  }
  mutable int asked = 0;
  mutable std::vector<double> heard;
};

std::shared_ptr<Parrot> parrot(std::size_t classes = 3, double threshold = 0.5) {
  ModelCard card = model_test::card_of(classes, classes);
  card.threshold = threshold;
  card.sha256 = std::string(64, 'a');
  return std::make_shared<Parrot>(std::move(card));
}

class Rig {
 public:
  explicit Rig(std::shared_ptr<const Model> model, const Parameters& parameters = {}, std::string_view direction = "both") {
    StrategyContext context = context_of(table, plan, ids);
    context.parameters.set("direction", std::string(direction));
    for (const auto& [name, value] : parameters) context.parameters.set(name, value);
    context.model_of = [&](std::string_view path) -> Result<std::shared_ptr<const Model>> {
      EXPECT_EQ(path, "model.json");
      return model;
    };
    Result<std::unique_ptr<Strategy>> made = make_strategy("model_signal", context);
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().what);
    std::vector<std::unique_ptr<Strategy>> list;
    list.push_back(std::move(*made));
    signal = std::make_unique<Signal>(std::move(list), table.size());
  }
  /// All that every bar strategy needs, at a close of 100 and an ATR of 1.
  [[nodiscard]] IndicatorFrame bare(InstrumentId id = 0) {
    IndicatorFrame f = frame_of(id, ++sequence);
    for (const IndicatorKind kind : {IndicatorKind::adx, IndicatorKind::plus_di, IndicatorKind::minus_di}) put(f, plan.slot(id, kind), 10);
    put(f, plan.slot(id, IndicatorKind::natr_rank), 50);
    put(f, plan.slot(id, IndicatorKind::close), 100);
    put(f, plan.slot(id, IndicatorKind::atr), 1);
    return f;
  }
  /// The features of the card, in its order.
  [[nodiscard]] IndicatorFrame frame(const std::vector<double>& features, InstrumentId id = 0) {
    IndicatorFrame f = bare(id);
    for (std::size_t i = 0; i < features.size(); ++i) put(f, feature_slot(i, id), features[i]);
    return f;
  }
  /// SMA of i + 1 bars, as in card_of().
  [[nodiscard]] std::size_t feature_slot(std::size_t i, InstrumentId id = 0) const {
    const auto& list = plan.requests.at(id);
    for (std::size_t slot = 0; slot < list.size(); ++slot) {
      if (list[slot].kind == IndicatorKind::sma && list[slot].period[0] == static_cast<std::int32_t>(i) + 1) return slot + 3;
    }
    ADD_FAILURE() << "feature " << i << " was not asked for";
    return 0;
  }
  std::vector<OrderIntent> close(const std::vector<double>& features, InstrumentId id = 0) { return hand(frame(features, id)); }
  std::vector<OrderIntent> hand(const IndicatorFrame& f) {
    Sink sink;
    signal->on_frame(f, sink);
    return sink.intents;
  }
  void hold(std::int64_t qty, InstrumentId id = 0) { signal->on_position_view(position(id, ++version, qty)); }
  [[nodiscard]] const StrategyCounters& counters() const { return signal->strategies()[0]->counters(); }

  InstrumentTable table = table_of(3);
  Plan plan;
  std::array<InstrumentId, 2> ids = {0, 1};
  std::unique_ptr<Signal> signal;
  std::uint64_t sequence = 0;
  std::uint64_t version = 0;
};

constexpr IntentAction kNothing = IntentAction::add_level;  // never made by this strategy

IntentAction action_of(const std::vector<OrderIntent>& intents) {
  EXPECT_LE(intents.size(), 1u);
  return intents.empty() ? kNothing : intents[0].action;
}

const std::vector<double> kBuy = {0.75, 0.125, 0.125};
const std::vector<double> kHold = {0.125, 0.75, 0.125};
const std::vector<double> kSell = {0.125, 0.125, 0.75};

TEST(ModelSignal, BuysWithItsWholePlan) {
  Rig rig(parrot());
  const std::vector<OrderIntent> intents = rig.close(kBuy);
  ASSERT_EQ(intents.size(), 1u);
  const OrderIntent& i = intents[0];
  EXPECT_EQ(i.action, IntentAction::enter_long);
  EXPECT_EQ(i.reference_price.v, 1'000'000);
  EXPECT_EQ(i.stop_price.v, 985'000);      // 100 - 1.5 x 1
  EXPECT_EQ(i.target_price.v, 1'030'000);  // 100 + 2 x 1.5
  EXPECT_EQ(i.atr.v, 10'000);
  EXPECT_EQ(i.score, 0.5) << "half way from 0.5 to 1";
  EXPECT_EQ(i.regime, MarketRegime::ranging);
  EXPECT_EQ(i.level_count, 1u);
  EXPECT_EQ(rig.counters().entries_long, 1u);
}

TEST(ModelSignal, SellsTheMirrorImage) {
  Rig rig(parrot());
  const std::vector<OrderIntent> intents = rig.close(kSell);
  ASSERT_EQ(intents.size(), 1u);
  EXPECT_EQ(intents[0].action, IntentAction::enter_short);
  EXPECT_EQ(intents[0].stop_price.v, 1'015'000);
  EXPECT_EQ(intents[0].target_price.v, 970'000);
  EXPECT_EQ(intents[0].score, 0.5);
}

TEST(ModelSignal, PutsStopAndTargetWhereItIsTold) {
  Rig rig(parrot(), {{"atr_stop_multiplier", 3.0}, {"reward", 0.5}});
  EXPECT_EQ(rig.close(kBuy).at(0).stop_price.v, 970'000);
  EXPECT_EQ(rig.close(kBuy).at(0).target_price.v, 1'015'000);
  Rig open_ended(parrot(), {{"reward", 0.0}});
  EXPECT_EQ(open_ended.close(kBuy).at(0).target_price, kNoPrice);
  EXPECT_EQ(open_ended.close(kSell).at(0).target_price, kNoPrice);
  EXPECT_EQ(open_ended.close(kSell).at(0).stop_price.v, 1'015'000);
}

TEST(ModelSignal, DoesWhatEachClassMeansInEachPositionAndDirection) {
  struct Row {
    std::string_view direction;
    std::int64_t qty;
    IntentAction buy, hold, sell;
  };
  using enum IntentAction;
  for (const Row& row : {Row{"long", 0, enter_long, kNothing, kNothing}, Row{"long", 5, kNothing, kNothing, exit},
                         Row{"short", 0, kNothing, kNothing, enter_short}, Row{"short", -5, exit, kNothing, kNothing},
                         Row{"both", 0, enter_long, kNothing, enter_short}, Row{"both", 5, kNothing, kNothing, exit},
                         Row{"both", -5, exit, kNothing, kNothing}}) {
    SCOPED_TRACE(std::string(row.direction) + " " + std::to_string(row.qty));
    Rig rig(parrot(), {}, row.direction);
    if (row.qty != 0) rig.hold(row.qty);
    EXPECT_EQ(action_of(rig.close(kBuy)), row.buy);
    EXPECT_EQ(action_of(rig.close(kHold)), row.hold);
    EXPECT_EQ(action_of(rig.close(kSell)), row.sell);
  }
  Rig rig(parrot());
  rig.hold(5);
  EXPECT_EQ(rig.close(kSell).at(0).exit_reason, ExitReason::signal);
  EXPECT_EQ(action_of(rig.close(kBuy, 1)), IntentAction::enter_long) << "its other instrument is flat";
}

TEST(ModelSignal, ActsAtTheThresholdAndNotBelowIt) {
  for (const double threshold : {0.5, 0.625, 0.999}) {
    const double below = std::nextafter(threshold, 0);
    const double rest = (1 - threshold) / 2;
    for (const bool own : {true, false}) {  // the model's own, or the parameter's in its place
      const auto model = parrot(3, own ? threshold : 0.75);
      const Parameters parameters = own ? Parameters{} : Parameters{{"threshold", threshold}};
      Rig rig(model, parameters);
      SCOPED_TRACE(threshold);
      EXPECT_EQ(rig.close({threshold, rest, rest}).at(0).score, 0) << "nothing to spare";
      EXPECT_TRUE(rig.close({below, rest, rest}).empty());
      EXPECT_EQ(action_of(rig.close({rest, rest, threshold})), IntentAction::enter_short);
      EXPECT_TRUE(rig.close({rest, rest, below}).empty());
      EXPECT_EQ(rig.close({1, 0, 0}).at(0).score, 1);
      rig.hold(5);
      EXPECT_EQ(action_of(rig.close({rest, rest, threshold})), IntentAction::exit);
      EXPECT_TRUE(rig.close({rest, rest, below}).empty());
    }
  }
}

TEST(ModelSignal, WantsCertaintyAtAThresholdOfOne) {
  Rig rig(parrot(3, 1));
  EXPECT_EQ(rig.close({1, 0, 0}).at(0).score, 1);
  EXPECT_TRUE(rig.close({std::nextafter(1.0, 0), 0, 0}).empty());
}

TEST(ModelSignal, HoldsWhereTwoClassesAreEquallyProbable) {
  Rig rig(parrot(3, 0.34));
  EXPECT_TRUE(rig.close({0.5, 0, 0.5}).empty());
  EXPECT_TRUE(rig.close({0.5, 0.5, 0}).empty());
  EXPECT_TRUE(rig.close({1.0 / 3, 1.0 / 3, 1.0 / 3}).empty());
  EXPECT_EQ(action_of(rig.close({0.5, 0.25, 0.25})), IntentAction::enter_long) << "equal losers do not matter";
}

TEST(ModelSignal, ReadsTheClassesInTheOrderOfTheCard) {
  ModelCard card = model_test::card_of(3, 3);
  card.classes = {ModelClass::hold, ModelClass::sell, ModelClass::buy};
  card.threshold = 0.5;
  Rig rig(std::make_shared<Parrot>(std::move(card)));
  EXPECT_EQ(action_of(rig.close({0.75, 0.125, 0.125})), kNothing);
  EXPECT_EQ(action_of(rig.close({0.125, 0.75, 0.125})), IntentAction::enter_short);
  EXPECT_EQ(action_of(rig.close({0.125, 0.125, 0.75})), IntentAction::enter_long);
}

TEST(ModelSignal, GivesTheFeaturesInTheOrderOfTheCard) {
  // Among the features are the ATR and close that every bar strategy has, so that slots and features are not in one order.
  ModelCard card = model_test::card_of(2, 3);
  card.threshold = 0.5;
  ModelFeature feature;
  feature.kind = IndicatorKind::close;
  feature.timeframe_ns = kNanosPerHour;
  card.features.insert(card.features.begin() + 1, feature);
  feature.kind = IndicatorKind::atr;
  feature.period[0] = 14;
  card.features.push_back(feature);
  const auto model = std::make_shared<Parrot>(std::move(card));
  Rig rig(model);
  (void)rig.close({0.25, 0.5});
  EXPECT_EQ(model->heard, (std::vector<double>{0.25, 100, 0.5, 1}));
  (void)rig.close({0.125, 0.375}, 1);
  EXPECT_EQ(model->heard, (std::vector<double>{0.125, 100, 0.375, 1}));
}

TEST(ModelSignal, AsksForTheIndicatorsOfTheCard) {
  ModelCard card = model_test::card_of(2, 3);
  card.features[0] = {IndicatorKind::bb_upper, {20, 0, 0}, 2.5, 15 * kNanosPerMinute, ""};
  card.features[1] = {IndicatorKind::correlation, {50, 0, 0}, 0, kNanosPerDay, "P1"};
  InstrumentTable table = table_of(3);
  Plan plan;
  const std::array<InstrumentId, 1> ids = {0};
  StrategyContext context = context_of(table, plan, ids);
  context.parameters.set("timeframe", std::string("5m"));
  const auto model = std::make_shared<Parrot>(card);
  context.model_of = [&](std::string_view) -> Result<std::shared_ptr<const Model>> { return std::shared_ptr<const Model>(model); };
  ASSERT_TRUE(make_strategy("model_signal", context).ok());
  const auto& asked = plan.requests.at(0);
  EXPECT_EQ(asked[asked.size() - 2], (IndicatorRequest{15 * kNanosPerMinute, 2.5, {20, 0, 0}, 0, kNoInstrument, IndicatorKind::bb_upper}));
  EXPECT_EQ(asked[asked.size() - 1], (IndicatorRequest{kNanosPerDay, 0, {50, 0, 0}, 0, 1, IndicatorKind::correlation}));
}

TEST(ModelSignal, HoldsWhereAFeatureHasNoFiniteValue) {
  const auto model = parrot();
  Rig rig(model);
  const double infinity = std::numeric_limits<double>::infinity();
  int missing = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    for (const double bad : {std::nan(""), infinity, -infinity}) {
      std::vector<double> features = kBuy;
      features[i] = bad;
      EXPECT_TRUE(rig.close(features).empty());
      ++missing;
    }
    IndicatorFrame cold = rig.frame(kBuy);
    cold.warm_mask[0] &= ~(std::uint64_t{1} << rig.feature_slot(i));
    EXPECT_TRUE(rig.hand(cold).empty());
    ++missing;
  }
  EXPECT_EQ(rig.counters().missing_features, static_cast<std::uint64_t>(missing));
  EXPECT_EQ(rig.counters().not_warm, 0u);
  EXPECT_EQ(model->asked, 0) << "a model is never given what is not a number";
  EXPECT_EQ(rig.close(kBuy).size(), 1u);
}

TEST(ModelSignal, NeitherLeavesNorForgetsTheTimeWhereAFeatureIsMissing) {
  Rig rig(parrot(), {{"max_holding_bars", std::int64_t{3}}});
  rig.hold(5);
  EXPECT_TRUE(rig.hand(rig.bare()).empty());
  EXPECT_TRUE(rig.hand(rig.bare()).empty());
  const std::vector<OrderIntent> third = rig.hand(rig.bare());
  ASSERT_EQ(third.size(), 1u) << "held no longer than it may be";
  EXPECT_EQ(third[0].exit_reason, ExitReason::time);
  EXPECT_EQ(rig.counters().missing_features, 3u);
}

TEST(ModelSignal, IsSilentWithoutWhatEveryBarStrategyNeeds) {
  const auto model = parrot();
  Rig rig(model);
  const IndicatorFrame whole = rig.frame(kBuy);
  for (std::size_t slot = 3; slot < 9; ++slot) {  // close, ATR and the regime's, asked for first
    IndicatorFrame cold = whole;
    cold.warm_mask[0] &= ~(std::uint64_t{1} << slot);
    EXPECT_TRUE(rig.hand(cold).empty()) << slot;
  }
  EXPECT_EQ(rig.counters().not_warm, 6u);
  EXPECT_EQ(rig.counters().missing_features, 0u);
  EXPECT_EQ(model->asked, 0);
}

TEST(ModelSignal, GivesUpWhatCannotBePriced) {
  Rig rig(parrot());
  for (const double atr : {0.0, 0.001, 70.0, std::nan("")}) {
    IndicatorFrame f = rig.frame(kBuy);
    f.slots[rig.plan.slot(0, IndicatorKind::atr)] = atr;
    EXPECT_TRUE(rig.hand(f).empty()) << atr;
  }
  EXPECT_EQ(rig.counters().unpriceable, 4u);
}

TEST(ModelSignal, LeavesOtherStrategiesPositionsAlone) {
  Rig rig(parrot());
  rig.signal->on_position_view(position(0, 1, 5, 1));
  EXPECT_TRUE(rig.close(kSell).empty());
  EXPECT_TRUE(rig.close(kBuy).empty());
}

TEST(ModelSignal, LivesWithAModelOfTwoClasses) {
  Rig rig(parrot(2, 0.75), {}, "long");
  EXPECT_EQ(action_of(rig.close({0.75, 0.25})), IntentAction::enter_long);
  EXPECT_TRUE(rig.close({0.25, 0.75}).empty());
  rig.hold(5);
  EXPECT_TRUE(rig.close({0.25, 0.75}).empty()) << "it cannot say sell: stop, target and max_holding_bars remain";
}

// --- what does not fit

Error refused(std::shared_ptr<const Model> model, const Parameters& parameters) {
  InstrumentTable table = table_of(3);
  Plan plan;
  const std::array<InstrumentId, 1> ids = {0};
  StrategyContext context = context_of(table, plan, ids);
  for (const auto& [name, value] : parameters) context.parameters.set(name, value);
  if (model != nullptr) context.model_of = [&](std::string_view) -> Result<std::shared_ptr<const Model>> { return model; };
  const Result<std::unique_ptr<Strategy>> made = make_strategy("model_signal", context);
  return made ? Error{} : made.error();
}

std::string text(const char* word) { return word; }

TEST(ModelSignal, RefusesADirectionThatItsModelCannotAdvise) {
  const auto of = [](std::vector<ModelClass> classes) {
    ModelCard card = model_test::card_of(2, 2);
    card.classes = std::move(classes);
    return std::make_shared<Parrot>(std::move(card));
  };
  using enum ModelClass;
  EXPECT_EQ(refused(of({buy, hold}), {}).code, Errc::ok);
  EXPECT_EQ(refused(of({hold, sell}), {{"direction", text("short")}}).code, Errc::ok);
  EXPECT_EQ(refused(of({sell, buy}), {{"direction", text("both")}}).code, Errc::ok);
  const Error wrong = refused(of({buy, hold}), {{"direction", text("both")}});
  EXPECT_EQ(wrong.code, Errc::config_contradiction);
  EXPECT_NE(wrong.what.find("direction = \"both\" needs a model that can say sell"), std::string::npos) << wrong.what;
  EXPECT_EQ(refused(of({buy, hold}), {{"direction", text("short")}}).code, Errc::config_contradiction);
  EXPECT_EQ(refused(of({hold, sell}), {{"direction", text("both")}}).code, Errc::config_contradiction);
  EXPECT_EQ(refused(of({hold, sell}), {}).code, Errc::config_contradiction) << "long is the default";
}

TEST(ModelSignal, TakesTheMostProbableClassWhereTheThresholdIsBelowChance) {
  Rig rig(parrot(), {{"threshold", 0.01}});
  EXPECT_EQ(action_of(rig.close({0.375, 0.25, 0.25})), IntentAction::enter_long);
  EXPECT_EQ(action_of(rig.close({0.25, 0.375, 0.25})), kNothing);
}

TEST(ModelSignal, PassesOnWhyThereIsNoModel) {
  EXPECT_EQ(refused(nullptr, {}).code, Errc::unsupported);
  InstrumentTable table = table_of(3);
  Plan plan;
  const std::array<InstrumentId, 1> ids = {0};
  StrategyContext context = context_of(table, plan, ids);
  context.parameters.set("model", text("lost.json"));
  context.model_of = [](std::string_view path) -> Result<std::shared_ptr<const Model>> {
    return Error{Errc::not_found, "no " + std::string(path)};
  };
  const auto made = make_strategy("model_signal", context);
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code, Errc::not_found);
  EXPECT_EQ(made.error().what, "strategy s0: no lost.json");
}

TEST(ModelSignal, NamesTheFeatureThatCannotBeComputed) {
  ModelCard card = model_test::card_of(3, 3);
  card.features[2] = {IndicatorKind::correlation, {50, 0, 0}, 0, kNanosPerHour, "NOWHERE"};
  const Error lost = refused(std::make_shared<Parrot>(card), {});
  EXPECT_EQ(lost.code, Errc::config_missing);
  EXPECT_EQ(lost.what, "strategy s0: model test: features[2]: the input does not have NOWHERE");

  InstrumentTable table = table_of(3);
  Plan plan;
  const std::array<InstrumentId, 1> ids = {0};
  StrategyContext context = context_of(table, plan, ids);
  const auto model = parrot();
  context.model_of = [&](std::string_view) -> Result<std::shared_ptr<const Model>> { return std::shared_ptr<const Model>(model); };
  const SlotResolver slots = plan.slots();
  context.slot_of = [&](const IndicatorRequest& request) -> Result<std::uint16_t> {
    if (request.kind == IndicatorKind::sma && request.period[0] == 2) return Error{Errc::no_capacity, "full"};
    return slots(request);
  };
  const auto made = make_strategy("model_signal", context);
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code, Errc::no_capacity);
  EXPECT_EQ(made.error().what, "strategy s0: model test: features[1]: full");
}

TEST(ModelSignal, HoldsThePathToItsLength) {
  const auto given = [](std::string path) {
    ParameterSet set;
    set.set("model", std::move(path));
    const Status status = check_strategy("model_signal", "strategy[0]", set);
    return status.ok() ? std::string() : std::string(name_of(status.error().code)) + " " + status.error().what.substr(0, 17);
  };
  EXPECT_EQ(given("m"), "");
  EXPECT_EQ(given(std::string(4096, 'm')), "");
  for (const std::string& bad : {std::string(), std::string(4097, 'm'), std::string("a\0b", 3), std::string("a\nb"), std::string("\x7F")}) {
    EXPECT_EQ(given(bad), "config_out_of_bounds strategy[0].model") << bad.size();
  }
  ParameterSet set;
  set.set("model", std::int64_t{7});
  EXPECT_EQ(check_strategy("model_signal", "x", set).error().code, Errc::config_wrong_type);
}

// --- state

TEST(ModelSignal, IsRestoredByTheSameModelOnly) {
  Rig rig(parrot(), {{"max_holding_bars", std::int64_t{3}}});
  rig.hold(5);
  (void)rig.close(kHold);
  (void)rig.hand(rig.bare());
  ArchiveWriter saved;
  rig.signal->save(saved);
  Rig same(parrot(), {{"max_holding_bars", std::int64_t{3}}});
  ArchiveReader reader(saved.bytes());
  ASSERT_EQ(same.signal->load(reader), Errc::ok);
  EXPECT_TRUE(reader.done());
  EXPECT_EQ(same.counters(), rig.counters());
  EXPECT_EQ(same.counters().missing_features, 1u);
  EXPECT_EQ(action_of(same.close(kHold)), IntentAction::exit) << "the third bar of the position";

  ModelCard card = parrot()->card();
  card.sha256[63] = 'b';
  Rig other(std::make_shared<Parrot>(card));
  ArchiveReader again(saved.bytes());
  EXPECT_EQ(other.signal->load(again), Errc::checkpoint_mismatch);
}

TEST(ModelSignal, SharesOneModelAmongStrategies) {
  const auto model = parrot();
  Rig a(model);
  Rig b(model, {{"threshold", 0.9}});
  EXPECT_EQ(a.close(kBuy).size(), 1u);
  EXPECT_EQ(b.close(kBuy).size(), 0u);
  EXPECT_EQ(model->asked, 2);
}

}  // namespace martinet::model_signal_test

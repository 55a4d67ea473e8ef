#include "engine/hot/signal/model_signal.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace martinet {
namespace {

using Type = ParameterType;
using std::string_view_literals::operator""sv;

constexpr auto kParameters = with_common(
    "1h", 0, 0,
    std::array{
        ParameterSpec{"model", Type::text, "", "model.json"sv, 1, 4096, {}, "the model's file, as seen from this file's folder"},
        ParameterSpec{"threshold", Type::number, "probability", 0.0, 0, 1, {}, "least one to act on; 0 = as the model's file says"},
        ParameterSpec{"atr_stop_multiplier", Type::number, "ATR", 1.5, 0.1, 50, {}, "distance of the stop from the close"},
        ParameterSpec{"reward", Type::number, "stop distances", 2.0, 0, 100, {}, "distance of the target from the close; 0 = none"},
    });

Status check_model_signal(std::string_view owner, const ParameterSet& given) {
  return check_common(owner, ParameterReader(kParameters, given));
}

bool advises(const ModelCard& card, ModelClass action) { return std::ranges::find(card.classes, action) != card.classes.end(); }

/// The direction against the classes of the model.
Status check_fit(const std::string& owner, const ParameterReader& read, const ModelCard& card) {
  const std::string_view direction = read.choice("direction");
  for (const auto& [action, other] : {std::pair(ModelClass::buy, "short"sv), std::pair(ModelClass::sell, "long"sv)}) {
    if (direction == other || advises(card, action)) continue;
    return Error{Errc::config_contradiction, owner + ": direction = \"" + std::string(direction) + "\" needs a model that can say " +
                                                 std::string(name_of(action)) + "; " + card.name + " cannot, give direction = \"" +
                                                 std::string(other) + "\""};
  }
  return {};
}

Result<InstrumentId> instrument_of(const InstrumentTable& table, const std::string& symbol) {
  for (const Instrument& instrument : table) {
    if (instrument.symbol.view() == symbol) return instrument.id;
  }
  return Error{Errc::config_missing, "the input does not have " + symbol};
}

Result<IndicatorParameters> parameters_of(const ModelFeature& feature, const InstrumentTable& table) {
  IndicatorParameters parameters;
  std::ranges::copy(feature.period, parameters.period.begin());
  parameters.factor = feature.factor;
  parameters.timeframe_ns = feature.timeframe_ns;
  if (feature.other.empty()) return parameters;
  const Result<InstrumentId> other = instrument_of(table, feature.other);
  if (!other) return other.error();
  parameters.other = *other;
  return parameters;
}

/// The slots of the model's features for one instrument, in the order of the card.
Result<ModelSignal::FeatureSlots> feature_slots(const StrategyContext& context, InstrumentId id, const ModelCard& card) {
  ModelSignal::FeatureSlots slots(card.features.size());
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const std::string subject = "strategy " + context.name + ": model " + card.name + ": features[" + std::to_string(i) + "]: ";
    const Result<IndicatorParameters> parameters = parameters_of(card.features[i], *context.table);
    if (!parameters) return Error{parameters.error().code, subject + parameters.error().what};
    SlotRequests requests(context, id, card.features[i].timeframe_ns);
    requests.want_if_warm(slots[i], card.features[i].kind, *parameters);
    if (!requests.status()) return Error{requests.status().error().code, subject + requests.status().error().what};
  }
  return slots;
}

Result<std::unique_ptr<Strategy>> make_model_signal(const StrategyContext& context) {
  const std::string owner = "strategy " + context.name;
  const ParameterReader read(kParameters, context.parameters);
  if (!context.model_of) return Error{Errc::unsupported, owner + ": models cannot be read here"};
  const Result<std::shared_ptr<const Model>> model = context.model_of(read.text("model"));
  if (!model) return Error{model.error().code, owner + ": " + model.error().what};
  const ModelCard& card = (*model)->card();
  if (const Status fits = check_fit(owner, read, card); !fits) return fits.error();
  Result<std::vector<BarStrategy::Trade>> trades = bar_trades(context, read, [](std::size_t, SlotRequests&) {});
  if (!trades) return trades.error();
  std::vector<ModelSignal::FeatureSlots> features;
  for (const InstrumentId id : context.instruments) {
    Result<ModelSignal::FeatureSlots> slots = feature_slots(context, id, card);
    if (!slots) return slots.error();
    features.push_back(std::move(*slots));
  }
  ModelSignal::Settings settings;
  settings.threshold = read.number("threshold") > 0 ? read.number("threshold") : card.threshold;
  settings.stop_multiplier = read.number("atr_stop_multiplier");
  settings.reward = read.number("reward");
  return std::unique_ptr<Strategy>(
      std::make_unique<ModelSignal>(context, bar_settings_of(read), std::move(*trades), settings, *model, std::move(features)));
}

}  // namespace

constinit const StrategyKind kModelSignalKind = {"model_signal", "trades on the advice of a trained model", kParameters, check_model_signal,
                                                 make_model_signal};

ModelSignal::ModelSignal(const StrategyContext& context, const BarSettings& bar_settings, std::vector<Trade> trades,
                         const Settings& settings, std::shared_ptr<const Model> model, std::vector<FeatureSlots> features)
    : BarStrategy(context, bar_settings, std::move(trades)), settings_(settings), model_(std::move(model)), features_(std::move(features)) {
  for (const FeatureSlots& slots : features_) MT_ASSERT(slots.size() == model_->card().features.size());
}

ModelSignal::Advice ModelSignal::advice(std::size_t index, const IndicatorFrame& frame) noexcept {
  const FeatureSlots& slots = features_[index];
  std::array<double, capacity::model_features_max> features{};
  for (std::size_t i = 0; i < slots.size(); ++i) {
    features[i] = frame.slots[slots[i]];
    if (frame.warm(slots[i]) && std::isfinite(features[i])) continue;
    ++counters_.missing_features;
    return {};
  }
  const std::vector<ModelClass>& classes = model_->card().classes;
  std::array<double, kModelClassesMax> probabilities{};
  model_->predict({features.data(), slots.size()}, {probabilities.data(), classes.size()});
  const auto end = probabilities.begin() + static_cast<std::ptrdiff_t>(classes.size());
  const auto best = std::max_element(probabilities.begin(), end);
  if (!(*best >= settings_.threshold) || std::count(probabilities.begin(), end, *best) > 1) return {};
  return {classes[static_cast<std::size_t>(best - probabilities.begin())], *best};
}

void ModelSignal::consider_entry(std::size_t index, const IndicatorFrame& frame, IntentList& out) noexcept {
  const Advice advised = advice(index, frame);
  const bool buy = advised.action == ModelClass::buy && settings().allow_long;
  const bool sell = advised.action == ModelClass::sell && settings().allow_short;
  if (!buy && !sell) return;
  const double stop_distance = settings_.stop_multiplier * frame.slots[trade(index).slots.atr];
  const double to_certainty = 1 - settings_.threshold;
  const double score = to_certainty > 0 ? (advised.probability - settings_.threshold) / to_certainty : 1;
  enter(index, frame, {buy, stop_distance, settings_.reward * stop_distance, score}, out);
}

void ModelSignal::manage(std::size_t index, const IndicatorFrame& frame, const PositionView& position, IntentList& out) noexcept {
  const ModelClass against = position.qty.v > 0 ? ModelClass::sell : ModelClass::buy;
  if (advice(index, frame).action == against) exit(index, frame, ExitReason::signal, out);
}

void ModelSignal::save(ArchiveWriter& archive) const {
  const std::string& hash = model_->card().sha256;
  archive.put_span(std::span<const char>(hash.data(), hash.size()));
  BarStrategy::save(archive);
}

Errc ModelSignal::load(ArchiveReader& archive) {
  std::vector<char> hash;
  if (!archive.get_vector(hash, 64) || !std::ranges::equal(hash, model_->card().sha256)) return Errc::checkpoint_mismatch;
  return BarStrategy::load(archive);
}

}  // namespace martinet

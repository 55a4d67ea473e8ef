#pragma once
// Trades on the advice of a trained model: its features are read from the frame, its most probable class is the advice.
//
//   advice  the class with the largest probability, where that is at or above the threshold and no other class has the same;
//           everything else is hold
//   flat    buy enters long, sell enters short (as `direction` allows)
//   long    sell exits (reason signal); short: buy exits. A model without that class leaves the way out to stop, target and
//           max_holding_bars
//   stop    atr_stop_multiplier ATRs from the close; target: `reward` times that distance, 0 = none
//   score   (probability - threshold) / (1 - threshold): 0 at the threshold, 1 at certainty (1 too where the threshold is 1)
//
// Features may be of several timeframes; they and the ATR are of the same frame: the bars closed by then. A feature that has no value
// yet, or one that is not finite, means hold (counted as missing_features): no entry, and no exit by signal; stop and target stand at the
// venue and max_holding_bars goes on counting.
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/hot/model/model.hpp"
#include "engine/hot/signal/bar_strategy.hpp"

namespace martinet {

extern const StrategyKind kModelSignalKind;

class ModelSignal final : public BarStrategy {
 public:
  struct Settings {
    double threshold = 0;        ///< in force: the parameter's, or the model's own
    double stop_multiplier = 0;  ///< ATRs from close to stop
    double reward = 0;           ///< stop distances from close to target; 0 = no target
  };
  /// Slots of the features of one instrument, in the order of the card.
  using FeatureSlots = std::vector<std::uint16_t>;

  ModelSignal(const StrategyContext& context, const BarSettings& bar_settings, std::vector<Trade> trades, const Settings& settings,
              std::shared_ptr<const Model> model, std::vector<FeatureSlots> features);
  [[nodiscard]] std::string_view kind() const noexcept override { return "model_signal"; }
  /// With the hash of the model: a state that another model made is refused.
  void save(ArchiveWriter& archive) const override;
  [[nodiscard]] Errc load(ArchiveReader& archive) override;

 private:
  struct Advice {
    ModelClass action = ModelClass::hold;
    double probability = 0;
  };

  void consider_entry(std::size_t index, const IndicatorFrame& frame, IntentList& out) noexcept override;
  void manage(std::size_t index, const IndicatorFrame& frame, const PositionView& position, IntentList& out) noexcept override;
  [[nodiscard]] Advice advice(std::size_t index, const IndicatorFrame& frame) noexcept;

  Settings settings_;
  std::shared_ptr<const Model> model_;
  std::vector<FeatureSlots> features_;  // one per instrument
};

}  // namespace martinet

#pragma once
// Models made in memory, for tests.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/hot/model/linear_model.hpp"

namespace martinet::model_test {

/// A sound card: SMA features of 1, 2, 3.. bars of one hour, classes buy, hold, sell (the first two of them), any threshold that is
/// allowed.
inline ModelCard card_of(std::size_t features, std::size_t classes) {
  ModelCard card;
  card.name = "test";
  card.version = "1";
  for (std::size_t i = 0; i < features; ++i) {
    ModelFeature feature;
    feature.kind = IndicatorKind::sma;
    feature.period[0] = static_cast<std::int32_t>(i) + 1;
    feature.timeframe_ns = 3'600'000'000'000;
    card.features.push_back(std::move(feature));
  }
  for (std::size_t i = 0; i < classes; ++i) card.classes.push_back(static_cast<ModelClass>(i));
  card.threshold = 0.75;
  return card;
}

/// Every feature as it is (mean 0, scale 1), every weight and bias 0.
inline LinearWeights zero_weights(std::size_t features, std::size_t rows) {
  return {std::vector<double>(features, 0.0), std::vector<double>(features, 1.0),
          std::vector<std::vector<double>>(rows, std::vector<double>(features, 0.0)), std::vector<double>(rows, 0.0)};
}

/// nullptr where it is refused.
inline std::shared_ptr<const Model> linear(ModelCard card, const LinearWeights& weights) {
  Result<std::shared_ptr<const Model>> made = LinearModel::make(std::move(card), weights);
  return made ? *made : nullptr;
}

}  // namespace martinet::model_test

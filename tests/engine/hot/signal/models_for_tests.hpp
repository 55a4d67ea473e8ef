#pragma once
// Models for strategies that are made without a configuration file: the default path gives one made in memory, so that the tests over all
// kinds need no file; any other path is read.
#include <string_view>

#include "engine/app/model_file.hpp"
#include "engine/base/time.hpp"
#include "engine/hot/model/linear_model.hpp"

namespace martinet::signal_test {

/// A model that changes its mind often: buys low RSI and %B, sells high ones, on two timeframes.
inline Result<std::shared_ptr<const Model>> restless_model() {
  ModelCard card;
  card.name = "restless";
  card.version = "1";
  card.sha256 = std::string(64, '5');
  card.features = {{IndicatorKind::rsi, {9, 0, 0}, 0, 15 * kNanosPerMinute, ""},
                   {IndicatorKind::bb_percent_b, {20, 0, 0}, 2, 15 * kNanosPerMinute, ""},
                   {IndicatorKind::return_log, {}, 0, 15 * kNanosPerMinute, ""},
                   {IndicatorKind::rsi, {9, 0, 0}, 0, kNanosPerHour, ""}};
  card.classes = {ModelClass::buy, ModelClass::hold, ModelClass::sell};
  card.threshold = 0.4;
  const std::vector<double> buy = {-0.7, -0.5, -0.3, 0.2};
  const std::vector<double> sell = {0.7, 0.5, 0.3, -0.2};
  return LinearModel::make(std::move(card), {{50, 0.5, 0, 50}, {12, 0.35, 0.004, 12}, {buy, {0, 0, 0, 0}, sell}, {0, 0, 0}});
}

inline Result<std::shared_ptr<const Model>> model_for_tests(std::string_view path) {
  return path == "model.json" ? restless_model() : read_model(std::filesystem::path(path));
}

}  // namespace martinet::signal_test

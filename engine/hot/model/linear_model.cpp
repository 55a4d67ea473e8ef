#include "engine/hot/model/linear_model.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/math.hpp"

namespace martinet {
namespace {

static_assert(std::numeric_limits<long double>::max_exponent > 3 * std::numeric_limits<double>::max_exponent + 100,
              "2^1025 / 2^-1074 * 2^1024, 64 of them added, and half the range to spare: holds on x86-64 and AArch64");

Status check_size(const std::string& field, std::size_t size, std::size_t wanted, const char* of_what) {
  if (size == wanted) return {};
  return Error{Errc::config_contradiction,
               field + " has " + std::to_string(size) + " elements, but there are " + std::to_string(wanted) + " " + of_what};
}

Status check_finite(const std::string& field, const std::vector<double>& list) {
  const auto bad = std::ranges::find_if(list, [](double value) { return !std::isfinite(value); });
  if (bad == list.end()) return {};
  return Error{Errc::config_out_of_bounds, field + "[" + std::to_string(bad - list.begin()) + "] is not a finite number"};
}

Status check_list(const std::string& field, const std::vector<double>& list, std::size_t wanted, const char* of_what) {
  if (Status status = check_size(field, list.size(), wanted, of_what); !status) return status;
  return check_finite(field, list);
}

Status check_weights(const ModelCard& card, const LinearWeights& given) {
  const std::size_t features = card.features.size();
  const std::size_t rows = given.weights.size();
  if (Status status = check_list("mean", given.mean, features, "features"); !status) return status;
  if (Status status = check_list("scale", given.scale, features, "features"); !status) return status;
  const auto flat = std::ranges::find_if(given.scale, [](double value) { return !(value > 0); });
  if (flat != given.scale.end()) {
    return Error{Errc::config_out_of_bounds, "scale[" + std::to_string(flat - given.scale.begin()) + "] must be above 0"};
  }
  if (rows != card.classes.size() && !(rows == 1 && card.classes.size() == 2)) {
    return Error{Errc::config_contradiction, "weights has " + std::to_string(rows) + " rows for " + std::to_string(card.classes.size()) +
                                                 " classes; it has a row for each, or a single one where there are two"};
  }
  for (std::size_t r = 0; r < rows; ++r) {
    if (Status status = check_list("weights[" + std::to_string(r) + "]", given.weights[r], features, "features"); !status) return status;
  }
  return check_list("bias", given.bias, rows, "rows of weights");
}

}  // namespace

Result<std::shared_ptr<const Model>> LinearModel::make(ModelCard card, const LinearWeights& weights) {
  if (const Status status = check_card(card); !status) return status.error();
  if (const Status status = check_weights(card, weights); !status) return status.error();
  return std::shared_ptr<const Model>(new LinearModel(std::move(card), weights));
}

LinearModel::LinearModel(ModelCard card, const LinearWeights& weights) : Model(std::move(card)), columns_(weights.mean.size()) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    columns_[i].mean = weights.mean[i];
    columns_[i].scale = weights.scale[i];
    for (std::size_t r = 0; r < weights.weights.size(); ++r) columns_[i].weight[r] = weights.weights[r][i];
  }
  std::ranges::copy(weights.bias, bias_.begin());
}

void LinearModel::predict(std::span<const double> features, std::span<double> probabilities) const noexcept {
  MT_DASSERT(features.size() == columns_.size());
  MT_DASSERT(probabilities.size() == card().classes.size());
  if (predict_in<double>(features, probabilities)) [[likely]]
    return;
  const bool done = predict_in<long double>(features, probabilities);
  MT_ASSERT(done);  // the features are finite, and then the static_assert above says so
}

// False where a score is not finite. A sum or product that overflowed on the way stays infinite or becomes NaN, so it shows in the score.
template <class Real>
bool LinearModel::predict_in(std::span<const double> features, std::span<double> probabilities) const noexcept {
  std::array<Real, kModelClassesMax> score{};
  std::ranges::copy(bias_, score.begin());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const Column& column = columns_[i];
    const Real z = (static_cast<Real>(features[i]) - static_cast<Real>(column.mean)) / static_cast<Real>(column.scale);
    for (std::size_t r = 0; r < kModelClassesMax; ++r) score[r] += static_cast<Real>(column.weight[r]) * z;
  }
  const std::size_t count = probabilities.size();
  Real best = score[0];
  for (std::size_t r = 0; r < count; ++r) {
    if (!std::isfinite(score[r])) return false;
    best = std::max(best, score[r]);
  }
  double sum = 0;
  for (std::size_t r = 0; r < count; ++r) {
    // e^-1000 is 0 in a double; the bound keeps the difference of two long doubles inside one.
    probabilities[r] = math::exp(static_cast<double>(std::max(score[r] - best, static_cast<Real>(-1000))));
    sum += probabilities[r];
  }
  for (std::size_t r = 0; r < count; ++r) probabilities[r] /= sum;
  return true;
}

}  // namespace martinet

#pragma once
// The simplest model: features standardised, one weighted sum a class, softmax over the sums.
//
//   z[i]     = (feature[i] - mean[i]) / scale[i]
//   score[r] = bias[r] + weight[r][0] z[0] + weight[r][1] z[1] + ..        added in this order
//   p[r]     = e^(score[r] - best) / sum over r of e^(score[r] - best)     best = the largest score
//
// With one row for two classes it is the logistic model: the row is the score of the first class, the second's is 0.
// Sums in double; where they pass what a double holds (weights or features beyond 1e150, say) the same sums are made in long double,
// whose exponent has room for any product of doubles, so the order of the classes stays right and nothing becomes NaN.
#include <memory>
#include <vector>

#include "engine/hot/model/model.hpp"

namespace martinet {

struct LinearWeights {
  std::vector<double> mean;                  ///< one per feature
  std::vector<double> scale;                 ///< one per feature, > 0
  std::vector<std::vector<double>> weights;  ///< rows of one per feature: a row per class, or a single row for two classes
  std::vector<double> bias;                  ///< one per row
};

class LinearModel final : public Model {
 public:
  /// fails as check_card; config_contradiction (sizes that do not agree), config_out_of_bounds (a number that is not finite, a scale
  ///       that is not above 0). The sentence begins with the field ("weights[1][0] ...")
  [[nodiscard]] static Result<std::shared_ptr<const Model>> make(ModelCard card, const LinearWeights& weights);

  void predict(std::span<const double> features, std::span<double> probabilities) const noexcept override;

 private:
  struct Column {
    double mean = 0;
    double scale = 1;
    std::array<double, kModelClassesMax> weight{};  ///< of each row; rows that are not there are 0
  };

  LinearModel(ModelCard card, const LinearWeights& weights);
  template <class Real>
  bool predict_in(std::span<const double> features, std::span<double> probabilities) const noexcept;

  std::vector<Column> columns_;
  std::array<double, kModelClassesMax> bias_{};
};

}  // namespace martinet

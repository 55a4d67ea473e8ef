// The linear model against a second computation in long double, at ordinary and at absurd sizes; what make() refuses.
#include "engine/hot/model/linear_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "tests/engine/hot/model/model_fixture.hpp"

namespace martinet::linear_model_test {
using namespace martinet::model_test;

constexpr double kHuge = std::numeric_limits<double>::max();
constexpr double kTiny = std::numeric_limits<double>::denorm_min();

std::vector<double> predict(const Model& model, const std::vector<double>& features) {
  std::vector<double> out(model.card().classes.size(), -1.0);
  model.predict(features, out);
  return out;
}

/// Text-book scores: every product by itself, summed from the last to the first.
std::vector<long double> scores_of(const LinearWeights& w, const std::vector<double>& x) {
  std::vector<long double> scores;
  for (std::size_t r = 0; r < w.weights.size(); ++r) {
    long double score = 0;
    for (std::size_t i = x.size(); i-- > 0;) {
      score += static_cast<long double>(w.weights[r][i]) * ((static_cast<long double>(x[i]) - w.mean[i]) / w.scale[i]);
    }
    scores.push_back(score + w.bias[r]);
  }
  return scores;
}

std::vector<long double> softmax_of(const std::vector<long double>& scores) {
  std::vector<long double> out;
  if (scores.size() == 1) {
    out = {1 / (1 + std::exp(-scores[0])), 1 / (1 + std::exp(scores[0]))};
    return out;
  }
  for (const long double mine : scores) {
    long double sum = 0;
    for (const long double other : scores) sum += std::exp(other - mine);
    out.push_back(1 / sum);
  }
  return out;
}

struct Random {
  std::uint64_t seed = std::random_device{}();
  std::mt19937_64 engine{seed};
  double between(double low, double high) { return std::uniform_real_distribution<double>(low, high)(engine); }
  std::size_t below(std::size_t end) { return static_cast<std::size_t>(engine() % end); }
};

void expect_distribution(const std::vector<double>& p) {
  double sum = 0;
  for (const double value : p) {
    ASSERT_TRUE(value >= 0 && value <= 1) << value;
    sum += value;
  }
  ASSERT_NEAR(sum, 1, 1e-12);
}

TEST(LinearModel, AgreesWithLongDoubleOnRandomModels) {
  Random random;
  SCOPED_TRACE("seed " + std::to_string(random.seed));
  double worst = 0;
  for (int n = 0; n < 20'000; ++n) {
    const std::size_t features = 1 + random.below(capacity::model_features_max);
    const std::size_t classes = 2 + random.below(2);
    const std::size_t rows = classes == 2 && random.below(2) == 0 ? 1 : classes;
    LinearWeights w = zero_weights(features, rows);
    std::vector<double> x(features);
    for (std::size_t i = 0; i < features; ++i) {
      w.mean[i] = random.between(-100, 100);
      w.scale[i] = random.between(0.01, 50);
      x[i] = w.mean[i] + w.scale[i] * random.between(-4, 4);
    }
    for (std::size_t r = 0; r < rows; ++r) {
      w.bias[r] = random.between(-2, 2);
      for (double& weight : w.weights[r]) weight = random.between(-2, 2);
    }
    const auto model = linear(card_of(features, classes), w);
    ASSERT_NE(model, nullptr);
    const std::vector<double> p = predict(*model, x);
    expect_distribution(p);
    const std::vector<long double> exact = softmax_of(scores_of(w, x));
    for (std::size_t k = 0; k < classes; ++k) worst = std::max(worst, static_cast<double>(std::fabs(p[k] - exact[k])));
  }
  // A score is a sum of at most 65 terms of size 20 or less, so its rounding errors stay below 65 x 65 x 20 x 2^-53 = 1e-11; a
  // probability moves by at most a quarter of its score's error.
  EXPECT_LT(worst, 5e-12);
  std::cout << "largest difference " << worst << ", seed " << random.seed << "\n";
}

TEST(LinearModel, KeepsTheOrderOfClassesAtAnySize) {
  Random random;
  SCOPED_TRACE("seed " + std::to_string(random.seed));
  const auto wild = [&random]() -> double {  // any exponent there is
    for (;;) {
      const auto value = std::bit_cast<double>(random.engine());
      if (std::isfinite(value)) return value;
    }
  };
  int compared = 0;
  int beyond_double = 0;
  for (int n = 0; n < 50'000; ++n) {
    const std::size_t features = 1 + random.below(6);
    LinearWeights w = zero_weights(features, 3);
    std::vector<double> x(features);
    for (std::size_t i = 0; i < features; ++i) {
      w.mean[i] = random.below(4) == 0 ? 0 : wild();
      w.scale[i] = std::max(std::fabs(wild()), kTiny);
      x[i] = wild();
    }
    for (std::size_t r = 0; r < 3; ++r) {
      w.bias[r] = wild();
      for (double& weight : w.weights[r]) weight = random.below(4) == 0 ? 0 : wild();
    }
    const auto model = linear(card_of(features, 3), w);
    ASSERT_NE(model, nullptr);
    const std::vector<double> p = predict(*model, x);
    expect_distribution(p);
    const std::vector<long double> scores = scores_of(w, x);
    beyond_double += std::ranges::any_of(scores, [](long double s) { return std::fabs(s) > static_cast<long double>(kHuge); });
    const auto best = std::ranges::max_element(scores) - scores.begin();
    std::vector<long double> sorted = scores;
    std::ranges::sort(sorted);
    const long double size = std::max(std::fabs(sorted[0]), std::fabs(sorted[2]));
    if (sorted[2] - sorted[1] < std::max(1e-9L * size, 1e-6L)) continue;  // too close for either computation to say
    ++compared;
    ASSERT_EQ(std::ranges::max_element(p) - p.begin(), best) << "model " << n;
  }
  EXPECT_GT(compared, 10'000);
  EXPECT_GT(beyond_double, 5'000);
}

TEST(LinearModel, StaysFiniteAtTheVeryEndsOfDouble) {
  LinearWeights w = zero_weights(2, 3);
  w.mean = {-kHuge, 0};
  w.scale = {kTiny, 1};
  w.weights = {{kHuge, 0}, {-kHuge, kHuge}, {0, 0}};
  const auto model = linear(card_of(2, 3), w);
  EXPECT_EQ(predict(*model, {kHuge, 1}), (std::vector<double>{1, 0, 0}));
  EXPECT_EQ(predict(*model, {-kHuge, 0}), (std::vector<double>{1.0 / 3, 1.0 / 3, 1.0 / 3})) << "every score is 0";
  EXPECT_EQ(predict(*model, {-kHuge, 1}), (std::vector<double>{0, 1, 0}));
  EXPECT_EQ(predict(*model, {-kHuge, -1}), (std::vector<double>{0.5, 0, 0.5}));
}

TEST(LinearModel, DoesNotCancelInfinities) {
  // In doubles both scores pass through infinity; their difference is 1e300, in favour of the second.
  LinearWeights w = zero_weights(3, 2);
  w.weights = {{kHuge, kHuge, 0}, {kHuge, kHuge, 1e300}};
  const auto model = linear(card_of(3, 2), w);
  EXPECT_EQ(predict(*model, {1, 1, 1}), (std::vector<double>{0, 1}));
  EXPECT_EQ(predict(*model, {1, 1, -1}), (std::vector<double>{1, 0}));
  EXPECT_EQ(predict(*model, {1, 1, 0}), (std::vector<double>{0.5, 0.5}));
}

TEST(LinearModel, AnswersALogisticRowForItsFirstClass) {
  LinearWeights w = zero_weights(1, 1);
  w.mean = {10};
  w.scale = {2};
  w.weights = {{3}};
  w.bias = {0.5};
  const auto model = linear(card_of(1, 2), w);
  const std::vector<double> p = predict(*model, {12});  // z = 1, score 3.5
  EXPECT_DOUBLE_EQ(p[0], 1 / (1 + std::exp(-3.5)));
  EXPECT_DOUBLE_EQ(p[1], 1 / (1 + std::exp(3.5)));
  EXPECT_EQ(predict(*model, {1e6})[0], 1);
  EXPECT_EQ(predict(*model, {-1e6})[0], 0);
}

TEST(LinearModel, GivesTheSameBitsForTheSameFeatures) {
  // Bit patterns of one model, fixed here: another compiler, level of optimisation or host must find the same.
  LinearWeights w = zero_weights(2, 3);
  w.mean = {50, 1};
  w.scale = {20, 0.3};
  w.weights = {{1.25, -0.5}, {0.1, 0.2}, {-1.25, 0.7}};
  w.bias = {0.3, -0.1, 0.2};
  const auto model = linear(card_of(2, 3), w);
  const std::vector<double> p = predict(*model, {61.7, 1.9});
  EXPECT_EQ(std::bit_cast<std::uint64_t>(p[0]), std::bit_cast<std::uint64_t>(predict(*model, {61.7, 1.9})[0]));
  EXPECT_EQ(p[0], 0x1.6544a0e33c85cp-4);
  EXPECT_EQ(p[1], 0x1.f2fdd8e63bee8p-3);
  EXPECT_EQ(p[2], 0x1.5697f5aa0973bp-1);
}

// --- what is refused

::testing::AssertionResult refused(const LinearWeights& w, std::size_t features, std::size_t classes, Errc code, std::string_view begins) {
  const auto made = LinearModel::make(card_of(features, classes), w);
  if (made.ok()) return ::testing::AssertionFailure() << "was taken";
  if (made.error().code == code && made.error().what.starts_with(begins)) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << name_of(made.error().code) << ": " << made.error().what;
}

TEST(LinearModel, RefusesSizesThatDoNotAgree) {
  for (const int by : {-1, 1}) {
    const auto off = [by](std::vector<double> list) {
      list.resize(static_cast<std::size_t>(static_cast<int>(list.size()) + by), 1.0);
      return list;
    };
    LinearWeights w = zero_weights(3, 3);
    w.mean = off(w.mean);
    EXPECT_TRUE(refused(w, 3, 3, Errc::config_contradiction, "mean has"));
    w = zero_weights(3, 3);
    w.scale = off(w.scale);
    EXPECT_TRUE(refused(w, 3, 3, Errc::config_contradiction, "scale has"));
    w = zero_weights(3, 3);
    w.weights[1] = off(w.weights[1]);
    EXPECT_TRUE(refused(w, 3, 3, Errc::config_contradiction, "weights[1] has"));
    w = zero_weights(3, 3);
    w.bias = off(w.bias);
    EXPECT_TRUE(refused(w, 3, 3, Errc::config_contradiction, "bias has"));
  }
  EXPECT_TRUE(refused(zero_weights(3, 2), 3, 3, Errc::config_contradiction, "weights has 2 rows"));
  EXPECT_TRUE(refused(zero_weights(3, 4), 3, 3, Errc::config_contradiction, "weights has 4 rows"));
  EXPECT_TRUE(refused(zero_weights(3, 0), 3, 2, Errc::config_contradiction, "weights has 0 rows"));
  EXPECT_TRUE(refused(zero_weights(3, 1), 3, 3, Errc::config_contradiction, "weights has 1 rows")) << "a single row speaks for two classes";
  EXPECT_NE(linear(card_of(3, 2), zero_weights(3, 1)), nullptr);
  EXPECT_NE(linear(card_of(3, 2), zero_weights(3, 2)), nullptr);
}

TEST(LinearModel, RefusesNumbersThatAreNotFiniteAndScalesThatAreNotAboveZero) {
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()}) {
    LinearWeights w = zero_weights(2, 3);
    w.mean[1] = bad;
    EXPECT_TRUE(refused(w, 2, 3, Errc::config_out_of_bounds, "mean[1]"));
    w = zero_weights(2, 3);
    w.scale[0] = bad;
    EXPECT_TRUE(refused(w, 2, 3, Errc::config_out_of_bounds, "scale[0]"));
    w = zero_weights(2, 3);
    w.weights[2][1] = bad;
    EXPECT_TRUE(refused(w, 2, 3, Errc::config_out_of_bounds, "weights[2][1]"));
    w = zero_weights(2, 3);
    w.bias[2] = bad;
    EXPECT_TRUE(refused(w, 2, 3, Errc::config_out_of_bounds, "bias[2]"));
  }
  for (const double bad : {0.0, -0.0, -kTiny, -1.0}) {
    LinearWeights w = zero_weights(2, 3);
    w.scale[1] = bad;
    EXPECT_TRUE(refused(w, 2, 3, Errc::config_out_of_bounds, "scale[1] must be above 0"));
  }
  LinearWeights w = zero_weights(2, 3);
  w.scale = {kTiny, kHuge};
  EXPECT_NE(linear(card_of(2, 3), w), nullptr);
}

TEST(LinearModel, RefusesWhatItsCardRefuses) {
  EXPECT_TRUE(refused(zero_weights(65, 3), 65, 3, Errc::config_out_of_bounds, "features has 65"));
  EXPECT_NE(linear(card_of(64, 3), zero_weights(64, 3)), nullptr);
}

}  // namespace martinet::linear_model_test

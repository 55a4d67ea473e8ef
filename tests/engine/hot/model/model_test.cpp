// A model's card: each bound from both sides, each error beginning with its field.
#include "engine/hot/model/model.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/engine/hot/model/model_fixture.hpp"

namespace martinet::model_card_test {
using namespace martinet::model_test;

::testing::AssertionResult refused(const ModelCard& card, Errc code, std::string_view begins) {
  const Status status = check_card(card);
  if (status.ok()) return ::testing::AssertionFailure() << "was taken";
  if (status.error().code == code && status.error().what.starts_with(begins)) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << name_of(status.error().code) << ": " << status.error().what;
}

TEST(ModelCard, HoldsNameAndVersionToTheirLengths) {
  ModelCard card = card_of(1, 3);
  EXPECT_TRUE(check_card(card).ok());
  card.name = std::string(kModelNameMax, 'n');
  card.version = std::string(kModelVersionMax, 'v');
  EXPECT_TRUE(check_card(card).ok());
  card.name += 'n';
  EXPECT_TRUE(refused(card, Errc::config_out_of_bounds, "name "));
  card.name = "";
  EXPECT_TRUE(refused(card, Errc::config_out_of_bounds, "name "));
  card.name = "a\nb";
  EXPECT_TRUE(refused(card, Errc::config_out_of_bounds, "name ")) << "a line of the session's record";
  card.name = "é";
  EXPECT_TRUE(check_card(card).ok());
  card.version += 'v';
  EXPECT_TRUE(refused(card, Errc::config_out_of_bounds, "version "));
  card.version = "\x7F";
  EXPECT_TRUE(refused(card, Errc::config_out_of_bounds, "version "));
}

TEST(ModelCard, HoldsItsFeaturesToTheirNumberAndToEachOther) {
  EXPECT_TRUE(check_card(card_of(capacity::model_features_max, 3)).ok());
  EXPECT_TRUE(refused(card_of(capacity::model_features_max + 1, 3), Errc::config_out_of_bounds, "features has 65"));
  EXPECT_TRUE(refused(card_of(0, 3), Errc::config_out_of_bounds, "features has 0"));
  ModelCard card = card_of(5, 3);
  card.features[4] = card.features[1];
  EXPECT_TRUE(refused(card, Errc::config_contradiction, "features[4] is the same as features[1]"));
  card.features[4].timeframe_ns *= 2;
  EXPECT_TRUE(check_card(card).ok()) << "the same indicator on another timeframe is another feature";
}

TEST(ModelCard, HoldsItsClassesToTwoOrThreeDifferentOnes) {
  ModelCard card = card_of(1, 2);
  EXPECT_TRUE(check_card(card).ok());
  card.classes = {ModelClass::buy};
  EXPECT_TRUE(refused(card, Errc::config_out_of_bounds, "classes has 1"));
  card.classes = {ModelClass::buy, ModelClass::hold, ModelClass::sell, ModelClass::buy};
  EXPECT_TRUE(refused(card, Errc::config_out_of_bounds, "classes has 4"));
  card.classes = {ModelClass::sell, ModelClass::buy, ModelClass::sell};
  EXPECT_TRUE(refused(card, Errc::config_contradiction, "classes[2] is the same as classes[0]"));
  card.classes = {ModelClass::sell, ModelClass::hold};
  EXPECT_TRUE(check_card(card).ok());
}

TEST(ModelCard, HoldsItsThresholdBetweenChanceAndCertainty) {
  for (const std::size_t classes : {std::size_t{2}, std::size_t{3}}) {
    ModelCard card = card_of(1, classes);
    const double chance = 1.0 / static_cast<double>(classes);
    card.threshold = chance;
    EXPECT_TRUE(refused(card, Errc::config_out_of_bounds, "threshold "));
    card.threshold = std::nextafter(chance, 1);
    EXPECT_TRUE(check_card(card).ok());
    card.threshold = 1;
    EXPECT_TRUE(check_card(card).ok());
    card.threshold = std::nextafter(1.0, 2);
    EXPECT_TRUE(refused(card, Errc::config_out_of_bounds, "threshold "));
    card.threshold = std::nan("");
    EXPECT_TRUE(refused(card, Errc::config_out_of_bounds, "threshold "));
  }
}

TEST(ModelCard, NamesItsClasses) {
  EXPECT_EQ(name_of(ModelClass::buy), "buy");
  EXPECT_EQ(name_of(ModelClass::hold), "hold");
  EXPECT_EQ(name_of(ModelClass::sell), "sell");
}

}  // namespace martinet::model_card_test

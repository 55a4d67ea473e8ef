// Goal: the schema says of every key what the loader enforces. Method: the schema's own text, read back, against the table of settings,
// and its bounds against what the loader does at and beyond each.
#include "engine/app/config_schema.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "adapters/json/tape.hpp"
#include "engine/app/config_file.hpp"
#include "engine/app/config_keys.hpp"
#include "engine/app/strategy_config.hpp"

namespace martinet::config_schema_test {
namespace {

class Schema : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(tape_.parse(text_), Errc::ok);
    root_ = tape_.root();
  }
  /// The schema of a key: "risk.leverage" is properties.risk.properties.leverage.
  [[nodiscard]] JsonValue of(const std::string& path) const {
    JsonValue at = root_;
    std::size_t from = 0;
    while (from <= path.size()) {
      const std::size_t dot = std::min(path.find('.', from), path.size());
      at = at.find("properties").find(path.substr(from, dot - from));
      from = dot + 1;
    }
    return at;
  }
  const std::string text_ = config_schema();
  JsonTape tape_;
  JsonValue root_;
};

TEST_F(Schema, HasEveryKeyWithItsTypeWordsAndDefault) {
  for (const ConfigKey& key : config_keys()) {
    const JsonValue schema = of(key.path);
    ASSERT_TRUE(schema.is_object()) << key.path;
    EXPECT_NE(schema.find("description").text().find(key.doc), std::string_view::npos) << key.path;
    EXPECT_TRUE(schema.find("default")) << key.path;
    EXPECT_TRUE(schema.find("type").is_string()) << key.path;
  }
  EXPECT_EQ(root_.find("additionalProperties").kind(), JsonKind::boolean_false);
}

TEST_F(Schema, BoundsAreThoseThatTheLoaderEnforces) {
  for (const ConfigKey& key : config_keys()) {
    if (key.type != ConfigType::integer && key.type != ConfigType::number) continue;
    const JsonValue schema = of(key.path);
    const std::string section = key.path.substr(0, key.path.find('.'));
    const std::string name = key.path.substr(key.path.find('.') + 1);
    const auto loads = [&](double value) {
      const std::string text = key.type == ConfigType::integer ? fmt::format("{}", static_cast<std::int64_t>(value)) : fmt::format("{:f}", value);
      const Result<EngineConfig> config = parse_config(fmt::format("[{}]\n{} = {}\n", section, name, text), "test");
      return config.ok() || config.error().code != Errc::config_out_of_bounds;
    };
    const double low = std::stod(std::string(schema.find("minimum").text()));
    const double high = std::stod(std::string(schema.find("maximum").text()));
    EXPECT_TRUE(loads(low) && loads(high)) << key.path;
    EXPECT_FALSE(loads(low - 1)) << key.path;
    EXPECT_FALSE(loads(high + 1)) << key.path;
  }
}

TEST_F(Schema, HasEveryStrategyKindWithItsParameters) {
  JsonValue variant = of("strategy").find("items").find("oneOf").first();
  for (const std::string& kind : strategy_kind_names()) {
    ASSERT_TRUE(variant) << kind;
    EXPECT_EQ(variant.find("properties").find("kind").find("const").text(), kind);
    const auto keys = strategy_keys(kind);
    ASSERT_TRUE(keys.ok());
    for (const ConfigKey& key : *keys) EXPECT_TRUE(variant.find("properties").find(key.path).is_object()) << kind << "." << key.path;
    variant = variant.next();
  }
  EXPECT_FALSE(variant) << "a kind that does not exist";
}

}  // namespace
}  // namespace martinet::config_schema_test

// Model files: what a sound one gives, each check from both sides, and garbage of every kind.
#include "engine/app/model_file.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>

#include "engine/base/time.hpp"
#include "tests/support/model_text.hpp"

namespace martinet::model_file_test {
using test::hashed;
using test::model_fields;
using test::replaced;

Result<std::shared_ptr<const Model>> parse(const std::string& text) { return parse_model(text, "m.json"); }

/// The sound file with one part replaced, and its hash made anew.
std::string with(std::string_view from, std::string_view to) { return hashed(replaced(model_fields(), from, to)); }

::testing::AssertionResult taken(const std::string& text) {
  const auto model = parse(text);
  if (model.ok()) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << name_of(model.error().code) << ": " << model.error().what;
}

/// Refused with this code, and a sentence that names the file and holds each of `words`.
::testing::AssertionResult refused(const std::string& text, Errc code, std::initializer_list<std::string_view> words) {
  const auto model = parse(text);
  if (model.ok()) return ::testing::AssertionFailure() << "was taken";
  const std::string& what = model.error().what;
  bool all = model.error().code == code && what.starts_with("model file m.json") && what.find('\n') == std::string::npos;
  for (const std::string_view word : words) all = all && what.find(word) != std::string::npos;
  if (all) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << name_of(model.error().code) << ": " << what;
}

TEST(ModelFile, GivesTheModelItDescribes) {
  const auto model = parse(hashed(model_fields()));
  ASSERT_TRUE(model.ok()) << model.error().what;
  const ModelCard& card = (*model)->card();
  EXPECT_EQ(card.name, "test model");
  EXPECT_EQ(card.version, "1.2");
  EXPECT_EQ(card.sha256, test::sha256_of(model_fields()));
  EXPECT_EQ(card.threshold, 0.6);
  EXPECT_EQ(card.classes, (std::vector<ModelClass>{ModelClass::buy, ModelClass::hold, ModelClass::sell}));
  ASSERT_EQ(card.features.size(), 3u);
  EXPECT_EQ(card.features[0], (ModelFeature{IndicatorKind::rsi, {14, 0, 0}, 0, kNanosPerHour, ""}));
  EXPECT_EQ(card.features[1], (ModelFeature{IndicatorKind::bb_upper, {20, 0, 0}, 2.5, 15 * kNanosPerMinute, ""}));
  EXPECT_EQ(card.features[2], (ModelFeature{IndicatorKind::close, {}, 0, kNanosPerHour, ""}));
  // Mean, scale, weights and bias show in what it predicts.
  const std::array<double, 3> features = {51, 1.5, -200.001};
  std::array<double, 3> p{};
  (*model)->predict(features, p);
  const double z0 = 0.1;
  const double z2 = (-200.001 + 200) / 1e-3;
  const std::array<double, 3> scores = {0.1 + z0 + 3 * z2, 0.2 + 4 * z0 + 6 * z2, 0.3 + 7 * z0 + 9 * z2};
  double sum = 0;
  for (const double score : scores) sum += std::exp(score);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(p[i], std::exp(scores[i]) / sum, 1e-12);
}

TEST(ModelFile, TakesTwoClassesWithOneRow) {
  std::string text = replaced(model_fields(), "[[1, 2, 3], [4, 5, 6], [7, 8, 9]]", "[[1, 2, 3]]");
  text = replaced(replaced(text, "[0.1, 0.2, 0.3]", "[0.1]"), R"(["buy", "hold", "sell"])", R"(["buy", "hold"])");
  EXPECT_TRUE(taken(hashed(text)));
  EXPECT_TRUE(refused(hashed(replaced(text, "[0.1]", "[0.1, 0.2]")), Errc::config_contradiction, {"bias has 2 elements"}));
}

TEST(ModelFile, WantsEveryKeyOnceAndNoOther) {
  for (const std::string_view key :
       {"format", "name", "version", "features", "mean", "scale", "classes", "weights", "bias", "threshold", "hash"}) {
    const std::string quoted = "\"" + std::string(key) + "\":";
    const bool is_format = key == "format";
    EXPECT_TRUE(
        refused(with(quoted, "\"x\":"), is_format ? Errc::unknown_version : Errc::config_unknown_key, {is_format ? "format" : ": x "}))
        << key;
    std::string missing = model_fields();
    const std::size_t at = missing.find("  " + quoted);
    std::size_t end = missing.find("\n  \"", at + 1);
    if (end == std::string::npos) {  // the last one: with the comma before it
      missing = missing.substr(0, at - 2) + "\n}\n";
    } else {
      missing.erase(at, end + 1 - at);
    }
    EXPECT_TRUE(refused(hashed(missing), is_format ? Errc::unknown_version : Errc::config_missing, {key})) << key;
  }
  EXPECT_TRUE(refused(with("\"bias\":", "\"mean\": [50, 1.5, -2e2], \"bias\":"), Errc::config_contradiction, {"mean is given twice"}));
  EXPECT_TRUE(refused(with("{\"indicator\": \"rsi\",", "{\"indicator\": \"rsi\", \"period\": 3,"), Errc::config_unknown_key,
                      {"features[0].period"}));
  EXPECT_TRUE(refused(with("\"timeframe\": \"15m\", ", ""), Errc::config_missing, {"features[1].timeframe is missing"}));
  EXPECT_TRUE(refused(with("\"indicator\": \"rsi\", ", ""), Errc::config_missing, {"features[0].indicator is missing"}));
  EXPECT_TRUE(refused(with("\"factor\": 2.5", "\"factor\": 2.5, \"factor\": 2.5"), Errc::config_contradiction,
                      {"features[1].factor is given twice"}));
}

TEST(ModelFile, WantsEachKeyOfItsType) {
  EXPECT_TRUE(refused(with("\"test model\"", "7"), Errc::config_wrong_type, {"name must be a text"}));
  EXPECT_TRUE(refused(with("\"1.2\"", "1.2"), Errc::config_wrong_type, {"version must be a text"}));
  EXPECT_TRUE(refused(with("[50, 1.5, -2e2]", "50"), Errc::config_wrong_type, {"mean must be a list"}));
  EXPECT_TRUE(refused(with("[50, 1.5, -2e2]", "[50, \"1.5\", -2e2]"), Errc::config_wrong_type, {"mean[1] must be a number"}));
  EXPECT_TRUE(refused(with("[4, 5, 6]", "4"), Errc::config_wrong_type, {"weights[1] must be a list"}));
  EXPECT_TRUE(refused(with("[4, 5, 6]", "[4, null, 6]"), Errc::config_wrong_type, {"weights[1][1] must be a number"}));
  EXPECT_TRUE(refused(with("0.6", "true"), Errc::config_wrong_type, {"threshold must be a number"}));
  EXPECT_TRUE(refused(with("[14]", "14"), Errc::config_wrong_type, {"features[0].periods must be a list"}));
  EXPECT_TRUE(refused(with("[14]", "[\"14\"]"), Errc::config_wrong_type, {"features[0].periods[0] must be a number"}));
  EXPECT_TRUE(refused(with("\"1h\"", "3600"), Errc::config_wrong_type, {"features[0].timeframe must be a text"}));
  EXPECT_TRUE(refused(with("2.5", "\"2.5\""), Errc::config_wrong_type, {"features[1].factor must be a number"}));
  EXPECT_TRUE(refused(with("{\"indicator\": \"close\", \"timeframe\": \"1h\"}", "\"close\""), Errc::config_wrong_type,
                      {"features[2] must be an object"}));
  EXPECT_TRUE(refused("[]", Errc::config_wrong_type, {"must be an object"}));
  EXPECT_TRUE(refused("7", Errc::config_wrong_type, {"must be an object"}));
  EXPECT_TRUE(refused("{}", Errc::unknown_version, {"format"}));
}

TEST(ModelFile, HoldsItsNumbersToWhatADoubleHolds) {
  EXPECT_TRUE(taken(with("[4, 5, 6]", "[1.7976931348623157e308, -5e-324, -0.0]")));
  EXPECT_TRUE(refused(with("[4, 5, 6]", "[4, 1.8e308, 6]"), Errc::config_out_of_bounds, {"weights[1][1]"}));
  EXPECT_FALSE(parse(with("[4, 5, 6]", "[4, 1e99999, 6]")).ok());
  for (const std::string_view bad : {"NaN", "Infinity", "-Infinity", "nan", "inf", "0x10", "+1", "01", ".5", "1."}) {
    EXPECT_TRUE(refused(with("[4, 5, 6]", "[4, " + std::string(bad) + ", 6]"), Errc::bad_json, {})) << bad;
  }
}

TEST(ModelFile, HoldsSizesScalesClassesAndThresholdToEachOther) {
  EXPECT_TRUE(refused(with("[50, 1.5, -2e2]", "[50, 1.5]"), Errc::config_contradiction, {"mean has 2 elements, but there are 3 features"}));
  EXPECT_TRUE(refused(with("[10, 0.25, 1e-3]", "[10, 0.25, 1e-3, 1]"), Errc::config_contradiction, {"scale has 4"}));
  EXPECT_TRUE(refused(with("[4, 5, 6]", "[4, 5]"), Errc::config_contradiction, {"weights[1] has 2"}));
  EXPECT_TRUE(refused(with(", [7, 8, 9]", ""), Errc::config_contradiction, {"weights has 2 rows for 3 classes"}));
  EXPECT_TRUE(refused(with("[0.1, 0.2, 0.3]", "[]"), Errc::config_contradiction, {"bias has 0"}));
  EXPECT_TRUE(refused(with("0.25", "0"), Errc::config_out_of_bounds, {"scale[1] must be above 0"}));
  EXPECT_TRUE(refused(with("0.25", "-1"), Errc::config_out_of_bounds, {"scale[1]"}));
  EXPECT_TRUE(taken(with("0.25", "5e-324")));
  EXPECT_TRUE(refused(with("\"hold\"", "\"wait\""), Errc::config_out_of_bounds, {"classes[1] = \"wait\"", "buy, hold, sell"}));
  EXPECT_TRUE(refused(with("\"hold\"", "\"sell\""), Errc::config_contradiction, {"classes[2] is the same as classes[1]"}));
  EXPECT_TRUE(refused(with("\"threshold\": 0.6", "\"threshold\": 0.3333333333333333"), Errc::config_out_of_bounds,
                      {"threshold must be above 1/3"}));
  EXPECT_TRUE(taken(with("\"threshold\": 0.6", "\"threshold\": 0.3333333333333334")));
  EXPECT_TRUE(taken(with("\"threshold\": 0.6", "\"threshold\": 1")));
  EXPECT_TRUE(refused(with("\"threshold\": 0.6", "\"threshold\": 1.0000000000000002"), Errc::config_out_of_bounds, {"threshold"}));
  EXPECT_TRUE(refused(with("\"test model\"", "\"\""), Errc::config_out_of_bounds, {"name "}));
  EXPECT_TRUE(refused(with("\"test model\"", "\"a\\nb\""), Errc::config_out_of_bounds, {"name "}));
  EXPECT_TRUE(refused(with("\"1.2\"", "\"" + std::string(33, '1') + "\""), Errc::config_out_of_bounds, {"version "}));
}

TEST(ModelFile, RefusesFeaturesThatThePlanDoesNotCompute) {
  EXPECT_TRUE(refused(with("\"rsi\"", "\"rsj\""), Errc::config_out_of_bounds, {"features[0].indicator = \"rsj\"", "stochrsi_k"}));
  EXPECT_TRUE(refused(with("\"rsi\"", "\"unknown\""), Errc::config_out_of_bounds, {"features[0].indicator"}));
  for (const std::string_view bad : {"0h", "2d", "1w", "", "h", "01h", "1.5h"}) {
    EXPECT_TRUE(refused(with("\"1h\"", "\"" + std::string(bad) + "\""), Errc::config_out_of_bounds, {"features[0].timeframe"})) << bad;
  }
  EXPECT_TRUE(taken(with("[14]", "[2]")));
  EXPECT_TRUE(refused(with("[14]", "[1]"), Errc::config_out_of_bounds, {"features[0]: ", "period 1 is 1, allowed are 2 to 100000"}));
  EXPECT_TRUE(taken(with("[14]", "[100000]")));
  EXPECT_TRUE(refused(with("[14]", "[100001]"), Errc::config_out_of_bounds, {"features[0]: "}));
  for (const std::string_view bad : {"14.0", "1.4e1", "99999999999"}) {
    EXPECT_TRUE(refused(with("[14]", "[" + std::string(bad) + "]"), Errc::config_out_of_bounds, {"features[0].periods[0]", "whole number"}))
        << bad;
  }
  EXPECT_TRUE(refused(with("[14]", "[]"), Errc::config_contradiction, {"features[0].periods has 0 elements; rsi takes 1"}));
  EXPECT_TRUE(refused(with("[14]", "[14, 14]"), Errc::config_contradiction, {"features[0].periods has 2"}));
  EXPECT_TRUE(refused(with("[14]", "[14, 1, 1, 1, 1]"), Errc::config_contradiction, {"features[0].periods has 5"}));
  EXPECT_TRUE(refused(with(", \"periods\": [14]", ""), Errc::config_contradiction, {"features[0].periods has 0"}));
  EXPECT_TRUE(refused(with("\"close\", \"timeframe\": \"1h\"", "\"close\", \"timeframe\": \"1h\", \"periods\": [1]"),
                      Errc::config_contradiction, {"close takes 0"}));
  EXPECT_TRUE(taken(with("\"close\", \"timeframe\": \"1h\"", "\"close\", \"timeframe\": \"1h\", \"periods\": []")));
  EXPECT_TRUE(refused(with(", \"factor\": 2.5", ""), Errc::config_missing, {"features[1].factor is missing for bb_upper"}));
  EXPECT_TRUE(refused(with("2.5", "0"), Errc::config_out_of_bounds, {"features[1]: ", "factor"}));
  EXPECT_TRUE(refused(with("2.5", "100.5"), Errc::config_out_of_bounds, {"features[1]: ", "factor"}));
  EXPECT_TRUE(refused(with("[14]", "[14], \"factor\": 1"), Errc::config_contradiction, {"features[0].factor is not taken by rsi"}));
  EXPECT_TRUE(refused(with("[14]", "[14], \"other\": \"X\""), Errc::config_contradiction, {"features[0].other is not taken by rsi"}));
  EXPECT_TRUE(refused(with("\"rsi\"", "\"correlation\""), Errc::config_missing, {"features[0].other is missing for correlation"}));
  EXPECT_TRUE(taken(with("\"rsi\"", "\"correlation\", \"other\": \"ETHUSDT\"")));
  EXPECT_TRUE(refused(with("\"rsi\"", "\"correlation\", \"other\": \"\""), Errc::config_out_of_bounds, {"features[0].other"}));
  EXPECT_TRUE(refused(with("\"indicator\": \"rsi\", \"timeframe\": \"1h\", \"periods\": [14]",
                           "\"indicator\": \"macd\", \"timeframe\": \"1h\", \"periods\": [26, 12, 9]"),
                      Errc::config_contradiction, {"features[0]: ", "fast"}));
  EXPECT_TRUE(
      refused(with("\"indicator\": \"rsi\", \"timeframe\": \"1h\", \"periods\": [14]", "\"indicator\": \"close\", \"timeframe\": \"1h\""),
              Errc::config_contradiction, {"features[2] is the same as features[0]"}));
}

TEST(ModelFile, HoldsTheNumberOfFeatures) {
  const auto text = [](std::size_t count) {
    std::string features;
    std::string ones;
    for (std::size_t i = 0; i < count; ++i) {
      features += (i == 0 ? "" : ",") + std::string(R"({"indicator":"sma","timeframe":"1h","periods":[)") + std::to_string(i + 1) + "]}";
      ones += i == 0 ? "1" : ",1";
    }
    std::string out = model_fields();
    const std::size_t from = out.find("\"features\"");
    out.replace(from, out.find("\"classes\"") - from, "\"features\":[" + features + "],\"mean\":[" + ones + "],\"scale\":[" + ones + "],");
    return hashed(replaced(out, "[[1, 2, 3], [4, 5, 6], [7, 8, 9]]", "[[" + ones + "],[" + ones + "],[" + ones + "]]"));
  };
  EXPECT_TRUE(taken(text(1)));
  EXPECT_TRUE(taken(text(64)));
  EXPECT_TRUE(refused(text(65), Errc::config_out_of_bounds, {"features has 65 elements"}));
  EXPECT_TRUE(refused(text(1'000), Errc::config_out_of_bounds, {"features has "}));
  EXPECT_TRUE(refused(text(0), Errc::config_out_of_bounds, {"features has 0"}));
}

TEST(ModelFile, HoldsTheHash) {
  const std::string sound = hashed(model_fields());
  EXPECT_TRUE(taken(sound));
  for (const std::size_t at : {sound.find("0.6"), sound.find("test model"), sound.find("[14]") + 1}) {
    std::string changed = sound;
    changed[at] = changed[at] == '1' ? '2' : '1';
    EXPECT_TRUE(refused(changed, Errc::corrupted, {"hash is", "changed"}));
  }
  EXPECT_TRUE(refused(sound + " ", Errc::corrupted, {"hash"})) << "every byte counts";
  EXPECT_TRUE(refused(model_fields(), Errc::corrupted, {"hash"})) << "still zeros";
  const std::string digits = test::sha256_of(model_fields());
  EXPECT_TRUE(refused(replaced(sound, digits, digits.substr(1)), Errc::config_out_of_bounds, {"hash must be 64 digits"}));
  EXPECT_TRUE(refused(replaced(sound, digits, digits + "0"), Errc::config_out_of_bounds, {"hash must be 64 digits"}));
  std::string upper = digits;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  EXPECT_TRUE(refused(replaced(sound, digits, upper), Errc::config_out_of_bounds, {"hash must be 64 digits"}));
  char escaped[8];
  std::snprintf(escaped, sizeof escaped, "\\u00%02x", static_cast<unsigned>(digits[63]));
  EXPECT_TRUE(
      refused(replaced(sound, digits, digits.substr(0, 63) + escaped), Errc::config_out_of_bounds, {"hash must stand in the file once"}));
  EXPECT_TRUE(refused(replaced(sound, "test model", digits), Errc::config_out_of_bounds, {"hash must stand in the file once"}));
}

TEST(ModelFile, RefusesGarbageInAWord) {
  EXPECT_TRUE(refused("", Errc::bad_json, {"not valid JSON"}));
  EXPECT_TRUE(refused("martinet", Errc::bad_json, {}));
  EXPECT_TRUE(refused(std::string(64, '\0'), Errc::bad_json, {}));
  EXPECT_TRUE(refused("\x1f\x8b\x08", Errc::bad_json, {}));
  EXPECT_TRUE(refused(replaced(hashed(model_fields()), "test model", "test \xff model"), Errc::bad_utf8, {}));
  EXPECT_TRUE(refused(std::string(1'000, '['), Errc::too_deep, {}));
  EXPECT_TRUE(refused(std::string(200'000, '['), Errc::too_deep, {}));
  std::string deep;
  for (int i = 0; i < 10'000; ++i) deep += "{\"format\":";
  EXPECT_TRUE(refused(deep, Errc::too_deep, {}));
  EXPECT_TRUE(refused(with("[50, 1.5, -2e2]", "[50, [[[[1]]]], -2e2]"), Errc::config_wrong_type, {"mean[1]"}));
  EXPECT_TRUE(refused(std::string(kModelBytesMax + 1, ' '), Errc::config_out_of_bounds, {"larger than 262144"}));
  const std::string sound = model_fields();
  EXPECT_TRUE(taken(hashed(sound + std::string(kModelBytesMax - sound.size(), ' '))));
}

TEST(ModelFile, NeverTakesAFileThatWasCutOff) {
  const std::string sound = hashed(model_fields());
  for (std::size_t size = 0; size + 1 < sound.size(); ++size) ASSERT_FALSE(parse(sound.substr(0, size)).ok()) << size;
  EXPECT_TRUE(refused(sound.substr(0, sound.size() - 1), Errc::corrupted, {})) << "the last line end";
}

TEST(ModelFile, SurvivesRandomChanges) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const std::string fields = model_fields();
  const std::string_view alphabet = "{}[]\",:0123456789.eE+-tfn \\\n\t\x01\x80\xff";
  int taken_count = 0;
  for (int n = 0; n < 3'000; ++n) {
    std::string text = fields;
    for (std::uint64_t changes = 1 + random() % 3; changes > 0; --changes) {
      const auto at = static_cast<std::size_t>(random() % text.size());
      switch (random() % 4) {
        case 0:
          text[at] = alphabet[random() % alphabet.size()];
          break;
        case 1:
          text.erase(at, 1 + random() % 8);
          break;
        case 2:
          text.insert(at, 1, alphabet[random() % alphabet.size()]);
          break;
        default:
          text.insert(at, fields.substr(random() % fields.size(), random() % 40));
          break;
      }
      if (text.empty()) text = " ";
    }
    const auto model = parse(hashed(text));  // with the right hash where it still has one, so that every check is reached
    if (model.ok()) {
      ++taken_count;
      const ModelCard& card = (*model)->card();
      std::vector<double> features(card.features.size(), 1e300);
      std::vector<double> p(card.classes.size());
      (*model)->predict(features, p);
      for (const double value : p) ASSERT_TRUE(value >= 0 && value <= 1) << text;
    } else {
      ASSERT_TRUE(model.error().what.starts_with("model file m.json")) << model.error().what;
      ASSERT_LT(model.error().what.size(), 1'500u) << model.error().what;
    }
  }
  EXPECT_GT(taken_count, 10) << "a changed digit is a model too";
}

// --- files

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "martinet-model-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return path_ / name;
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

TEST(ModelFiles, ReadsEachFileOnceFromItsFolder) {
  const Folder folder;
  const std::filesystem::path file = folder.write("a.json", hashed(model_fields()));
  folder.write("b.json", hashed(model_fields()));
  ModelFiles files(folder.path());
  const auto first = files.get("a.json");
  ASSERT_TRUE(first.ok()) << first.error().what;
  std::filesystem::remove(file);
  const auto again = files.get("./a.json");
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->get(), first->get()) << "shared";
  const auto absolute = files.get(file.string());
  ASSERT_TRUE(absolute.ok());
  EXPECT_EQ(absolute->get(), first->get());
  EXPECT_NE(files.get("b.json")->get(), first->get());
}

TEST(ModelFiles, SaysWhichFileItCannotRead) {
  const Folder folder;
  ModelFiles files(folder.path());
  for (const std::string path : {"absent.json", ".", "no/such/folder/a.json"}) {
    const auto model = files.get(path);
    ASSERT_FALSE(model.ok()) << path;
    EXPECT_EQ(model.error().code, Errc::not_found) << path;
    EXPECT_NE(model.error().what.find(folder.path().string()), std::string::npos) << model.error().what;
  }
  folder.write("empty.json", "");
  EXPECT_EQ(files.get("empty.json").error().code, Errc::bad_json);
  folder.write("large.json", std::string(kModelBytesMax + 1, ' '));
  EXPECT_EQ(files.get("large.json").error().code, Errc::config_out_of_bounds);
  folder.write("mended.json", "");
  EXPECT_FALSE(files.get("mended.json").ok());
  folder.write("mended.json", hashed(model_fields()));
  EXPECT_TRUE(files.get("mended.json").ok()) << "a failure is not remembered";
}

TEST(ModelFiles, TheExampleOfTheFormatIsSound) {
  const auto model = read_model(MARTINET_SOURCE_DIR "/config/model_example.json");
  ASSERT_TRUE(model.ok()) << model.error().what;
  EXPECT_NE((*model)->card().name.find("not a trained model"), std::string::npos);
}

TEST(ModelFiles, TheScriptOfTheTestTreeWritesTheHash) {
  if (std::system("python3 -c 'pass' 2>/dev/null") != 0) GTEST_SKIP() << "no python3 on the path";
  const Folder folder;
  const std::filesystem::path file = folder.write("m.json", model_fields());
  EXPECT_FALSE(read_model(file).ok());
  const std::string command = "python3 -B '" MARTINET_SOURCE_DIR "/tests/engine/hot/signal/plain/make_model.py' '" + file.string() + "'";
  ASSERT_EQ(std::system(command.c_str()), 0);
  const auto model = read_model(file);
  ASSERT_TRUE(model.ok()) << model.error().what;
  EXPECT_EQ((*model)->card().features.size(), 3u);
}

}  // namespace martinet::model_file_test

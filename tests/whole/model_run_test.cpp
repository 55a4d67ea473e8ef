// A model from its file to orders: a whole replay from TOML, what the session says of it, and what refuses to start.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "engine/app/explain.hpp"
#include "engine/app/reproduce.hpp"
#include "engine/cold/journal/journal_reader.hpp"
#include "tests/support/model_text.hpp"
#include "tests/whole/whole_support.hpp"

namespace martinet::whole {
namespace model_run_test {

using testing::HasSubstr;
using testing::StartsWith;

void write(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

/// A configuration with this model, written beside the folder "models".
EngineConfig config_with(const TemporaryFolder& folder, const std::string& model, const std::string& more = "") {
  write(folder / "c.toml",
        "[risk]\nmax_order_notional = 20000.0\n\n[[strategy]]\nkind = \"model_signal\"\nname = \"head\"\ninstruments = "
        "[\"BTCUSDT\"]\ntimeframe = \"5s\"\n"
        "direction = \"both\"\nregime_window = 10\nmodel = \"" +
            model + "\"\n" + more);
  const Result<EngineConfig> config = load_config(folder / "c.toml");
  EXPECT_TRUE(config.ok()) << (config.ok() ? "" : config.error().what);
  return *config;
}

std::string sha256_in(const std::string& model_text) { return model_text.substr(model_text.find("\"hash\": \"") + 9, 64); }

TEST(ModelRun, TradesOnItsModelAlikeInEveryLayout) {
  const TemporaryFolder folder;
  const std::filesystem::path capture = make_synth(folder, 21, 8 * kNanosPerMinute);
  write(folder / "models/m.json", test::restless_model_text("5s"));
  EngineConfig config = config_with(folder, "models/m.json");
  const Replayed first = run(config, capture);
  ASSERT_GT(first.requests.size(), 20U) << "a run without orders proves nothing";
  for (const Layout layout : {Layout::split, Layout::staged}) {
    config.pipeline.layout = layout;
    EXPECT_EQ(run(config, capture).requests, first.requests) << name_of(layout);
  }
  config.pipeline.layout = Layout::fused;
  config.strategies[0].parameters.set("threshold", 0.6);
  EXPECT_NE(run(config, capture).requests, first.requests) << "the parameter goes before the file's threshold";
}

TEST(ModelRun, ASessionIsReproducedWithItsModelAndAnotherModelIsNamed) {
  const TemporaryFolder folder;
  const std::filesystem::path capture = make_synth(folder, 21, 4 * kNanosPerMinute);
  write(folder / "models/m.json", test::restless_model_text("5s"));
  ReplayOptions options;
  options.capture = capture;
  options.session = folder / "s";
  const Replayed first = run(config_with(folder, "models/m.json"), options);
  ReproduceOptions again;
  again.session = folder / "s";
  again.layout = Layout::staged;
  const Result<Reproduction> same = reproduce(again);
  ASSERT_TRUE(same.ok()) << same.error().what;
  EXPECT_TRUE(same->identical()) << reproduction_text(*same, false);
  EXPECT_TRUE(same->config_changes.empty());
  EXPECT_EQ(same->orders_sha256, first.summary.order_stream_sha256);
  const Result<Explanation> told = explain({folder / "s", "intent:1", {}, nullptr});
  ASSERT_TRUE(told.ok()) << told.error().what;
  EXPECT_EQ(told->context_missing, "");
  // The file is another model now: under its old name, at its old place.
  const std::string before = test::restless_model_text("5s");
  std::string after = test::replaced(before, sha256_in(before), std::string(64, '0'));
  after = test::hashed(test::replaced(after, "[[-1, -0.5], [0, 0], [1, 0.5]]", "[[1, 0.5], [0, 0], [-1, -0.5]]"));
  write(folder / "models/m.json", after);
  const Result<Reproduction> other = reproduce(again);
  ASSERT_TRUE(other.ok()) << other.error().what;
  EXPECT_TRUE(other->orders_part.has_value());
  ASSERT_EQ(other->config_changes.size(), 2U);
  EXPECT_THAT(other->config_changes[0], testing::AllOf(HasSubstr(sha256_in(before)), HasSubstr("recorded, not now")));
  EXPECT_THAT(other->config_changes[1], testing::AllOf(HasSubstr(sha256_in(after)), HasSubstr("now")));
}

TEST(ModelRun, TheSessionSaysWhichModelItAsked) {
  const TemporaryFolder folder;
  const std::filesystem::path capture = make_synth(folder, 22, 3 * kNanosPerMinute);
  const std::string model = test::restless_model_text("5s");
  write(folder / "models/m.json", model);
  const EngineConfig config =
      config_with(folder, "models/m.json",
                  "\n[[strategy]]\nkind = \"model_signal\"\nname = \"second\"\ninstruments = [\"ETHUSDT\"]\nmodel = \"models/m.json\"\n");
  ReplayOptions options;
  options.capture = capture;
  options.session = folder / "s";
  const Replayed replayed = run(config, options);
  ASSERT_EQ(replayed.summary.models.size(), 2u);
  EXPECT_EQ(replayed.summary.models[1].strategy, "second");
  EXPECT_EQ(replayed.summary.models[1].name, "of a test");
  EXPECT_EQ(replayed.summary.models[1].version, "1");
  EXPECT_EQ(replayed.summary.models[1].sha256, sha256_in(model));

  const std::string sentence = "of a test version 1, SHA-256 " + sha256_in(model);
  EXPECT_THAT(text_of(folder / "s/session.log"),
              StartsWith("[PAPER] head asks the model " + sentence + "\n[PAPER] second asks the model " + sentence + "\n"));
  EXPECT_THAT(
      text_of(folder / "s/summary.json"),
      HasSubstr("\"models\":[{\"strategy\":\"head\",\"name\":\"of a test\",\"version\":\"1\",\"sha256\":\"" + sha256_in(model) + "\"}"));
  EXPECT_THAT(text_of(folder / "s/report.html"), HasSubstr(sha256_in(model)));
  const std::string printed = summary_text(replayed.summary, {}, false);
  EXPECT_THAT(printed, HasSubstr("of a test version 1 of strategy head"));

  auto journal = JournalReader::open(folder / "s/journal-000001.mtj");
  ASSERT_TRUE(journal.ok());
  JournalRecord record;
  ASSERT_TRUE(journal->next(record));
  ASSERT_EQ(record.type(), journal::RecordType::session);
  const std::string session(reinterpret_cast<const char*>(record.payload.data()), record.payload.size());
  EXPECT_THAT(session, HasSubstr("\nmodel=of a test version=1 sha256=" + sha256_in(model) + " strategy=head\n"));
}

TEST(ModelRun, GoesOnFromACheckpointWithTheSameModelOnly) {
  const TemporaryFolder folder;
  const std::filesystem::path capture = make_synth(folder, 23, 6 * kNanosPerMinute);
  write(folder / "m.json", test::restless_model_text("5s"));
  EngineConfig config = config_with(folder, "m.json");
  config.session.segment_ns = 2 * kNanosPerMinute;
  ReplayOptions options;
  options.capture = capture;
  options.session = folder / "s";
  const Replayed whole = run(config, options);
  options.session.clear();
  options.resume = folder / "s/journal-000002.mtj";
  EXPECT_EQ(run(config, options).summary.order_stream_sha256, whole.summary.order_stream_sha256);
  write(folder / "m.json", test::restless_model_text("10s"));
  const Result<ReplayOutcome> other = replay(config, options);
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().code, Errc::checkpoint_mismatch) << other.error().what;
}

TEST(ModelRun, RefusesToStartWithAModelThatDoesNotCheck) {
  const TemporaryFolder folder;
  ReplayOptions options;
  options.capture = make_synth(folder, 24, 2 * kNanosPerSecond);
  const auto refused = [&](const std::string& model) {
    const Result<ReplayOutcome> outcome = replay(config_with(folder, "m.json"), options);
    EXPECT_FALSE(outcome.ok()) << model;
    return outcome.ok() ? Error{} : outcome.error();
  };
  Error error = refused("absent");
  EXPECT_EQ(error.code, Errc::not_found);
  EXPECT_THAT(error.what, HasSubstr((folder / "m.json").string()));
  EXPECT_THAT(error.what, StartsWith("strategy head: "));
  const std::string sound = test::restless_model_text("5s");
  write(folder / "m.json", test::replaced(sound, "0.4", "0.5"));
  EXPECT_EQ(refused("changed").code, Errc::corrupted);
  write(folder / "m.json",
        test::model_text(R"({"indicator": "correlation", "timeframe": "5s", "periods": [20], "other": "DOGEUSDT"})",
                         R"("mean": [0], "scale": [1], "classes": ["buy", "sell"], "weights": [[1]], "bias": [0], "threshold": 0.9)"));
  error = refused("an instrument that the input does not have");
  EXPECT_EQ(error.code, Errc::config_missing);
  EXPECT_THAT(error.what, HasSubstr("features[0]: the input does not have DOGEUSDT"));
  // Nine timeframes of one instrument are one more than there can be: sound by itself, but not computed.
  std::string features;
  std::string ones;
  std::string zeros;
  for (int i = 1; i <= 9; ++i) {
    features += (i == 1 ? "" : ",") + std::string(R"({"indicator": "close", "timeframe": ")") + std::to_string(i * 10) + "s\"}";
    ones += i == 1 ? "1" : ", 1";
    zeros += i == 1 ? "0" : ", 0";
  }
  write(folder / "m.json", test::model_text(features, "\"mean\": [" + zeros + "], \"scale\": [" + ones +
                                                          "], \"classes\": [\"buy\", \"sell\"], \"weights\": [[" + ones +
                                                          "]], \"bias\": [0], \"threshold\": 0.9"));
  error = refused("a timeframe too many");
  EXPECT_EQ(error.code, Errc::no_capacity);
  EXPECT_THAT(error.what, HasSubstr("model of a test: features[7]: "));
}

TEST(ModelRun, TheExampleConfigurationRuns) {
  const TemporaryFolder folder;
  const Result<EngineConfig> config = load_config(MARTINET_SOURCE_DIR "/config/model.toml");
  ASSERT_TRUE(config.ok()) << config.error().what;
  const Replayed replayed = run(*config, make_synth(folder, 25, 2 * kNanosPerSecond));
  ASSERT_EQ(replayed.summary.models.size(), 1u);
  EXPECT_THAT(replayed.summary.models[0].name, HasSubstr("not a trained model"));
}

TEST(ModelRun, TheConfigurationOfASessionKeepsThePath) {
  const TemporaryFolder folder;
  const EngineConfig config = config_with(folder, "models/\\\"odd\\\" é.json");
  const Result<EngineConfig> again = parse_config(effective_toml(config), "again.toml");
  ASSERT_TRUE(again.ok()) << again.error().what;
  EXPECT_EQ(std::get<std::string>(*again->strategies[0].parameters.find("model")), "models/\"odd\" é.json");
}

}  // namespace model_run_test
}  // namespace martinet::whole

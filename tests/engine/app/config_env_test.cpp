// Settings from the environment: every row of the table sets its key, at and beyond the key's bounds; the order of sources; hostile files.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "engine/app/config_env.hpp"
#include "engine/app/config_file.hpp"
#include "engine/app/config_keys.hpp"

namespace martinet::config_env_test {

EngineConfig file_config(const std::string& text = "[[strategy]]\nkind = \"vwap_rsi\"\n") {
  const Result<EngineConfig> config = parse_config(text, "file.toml");
  EXPECT_TRUE(config.ok()) << (config.ok() ? "" : config.error().what);
  return config.ok() ? *config : EngineConfig{};
}

Environment one(const std::string& variable, const std::string& value) { return {{variable, {value, "a.env line 1"}}}; }

const ConfigKey* key_of(std::string_view path) {
  for (const ConfigKey& key : config_keys()) {
    if (key.path == path) return &key;
  }
  return nullptr;
}

void expect_refused(const Environment& environment, Errc code, const std::vector<std::string>& parts, EngineConfig config = file_config()) {
  const Status status = apply_environment(environment, config);
  ASSERT_FALSE(status.ok()) << parts.front();
  EXPECT_EQ(name_of(status.error().code), name_of(code)) << status.error().what;
  for (const std::string& part : parts)
    EXPECT_NE(status.error().what.find(part), std::string::npos) << "no '" << part << "' in: " << status.error().what;
  EXPECT_EQ(status.error().what.find('\n'), std::string::npos);
}

std::string least(const ConfigKey& key) { return key.choices.empty() ? fmt::format("{}", key.min) : key.choices.front(); }
std::string most(const ConfigKey& key) { return key.choices.empty() ? fmt::format("{}", key.max) : key.choices.back(); }

TEST(ConfigEnv, EveryVariableSetsItsKeyWithinTheKeysBounds) {
  for (const EnvironmentRow& row : environment_rows()) {
    if (row.kind != VariableKind::key && row.kind != VariableKind::fraction) continue;
    const std::string name(row.variable);
    const std::string path(row.targets.front());
    const ConfigKey* const key = key_of(path);
    if (key == nullptr) {  // never ignored: whoever sets a limit that is not there must hear of it
      expect_refused(one(name, "0.05"), Errc::unsupported, {name, path});
      continue;
    }
    for (const std::string& value : {least(*key), most(*key)}) {
      EngineConfig config = file_config();
      // A mode may ask for a companion; that is the file's business.
      const Status status = apply_environment(one(name, value), config);
      if (!key->choices.empty() && !status) continue;
      ASSERT_TRUE(status.ok()) << status.error().what;
      const std::string set = to_toml(key->get(config));
      if (key->type == ConfigType::text) {
        EXPECT_EQ(set, "\"" + value + "\"");
      } else {
        EXPECT_DOUBLE_EQ(std::stod(set), std::stod(value));
      }
      EXPECT_EQ(config.origins.at(path), name + ", a.env line 1");
    }
    if (!key->choices.empty()) {
      expect_refused(one(name, "martingale"), Errc::config_out_of_bounds, {name, "martingale", key->choices.front()});
      continue;
    }
    expect_refused(one(name, fmt::format("{}", key->min - (key->type == ConfigType::integer ? 1 : 1e-6))), Errc::config_out_of_bounds,
                   {name, path});
    expect_refused(one(name, fmt::format("{}", key->max + (key->type == ConfigType::integer ? 1 : 1e-6))), Errc::config_out_of_bounds,
                   {name, path});
    for (const std::string value : {"", "much", "0.01 # one percent", "\"0.01\"", "$RISK", "0,01", "1 %"}) {
      expect_refused(one(name, value), Errc::config_wrong_type, {name, "a.env line 1", path});
    }
    if (key->type == ConfigType::number) {
      for (const std::string value : {"nan", "-inf", "-0.01"}) expect_refused(one(name, value), Errc::config_out_of_bounds, {name});
    } else {
      expect_refused(one(name, "5.0"), Errc::config_wrong_type, {name});
      expect_refused(one(name, "99999999999999999999"), Errc::config_wrong_type, {name});
    }
  }
}

TEST(ConfigEnv, AFractionAboveOneWasMeantAsPercentAndIsRefused) {
  expect_refused(one("RISK_PER_TRADE", "1.0000001"), Errc::config_out_of_bounds, {"RISK_PER_TRADE", "fraction", "0.05"});
  expect_refused(one("RISK_PER_TRADE", "2"), Errc::config_out_of_bounds, {"fraction"});
  expect_refused(one("DAILY_LOSS_LIMIT_PCT", "5"), Errc::config_out_of_bounds, {"DAILY_LOSS_LIMIT_PCT", "fraction"});
  expect_refused(one("MAX_DRAWDOWN_PCT", "15"), Errc::config_out_of_bounds, {"MAX_DRAWDOWN_PCT", "fraction"});
  expect_refused(one("RISK_PER_TRADE", "1"), Errc::config_out_of_bounds,
                 {"risk.risk_fraction", "0.1"});  // one is a fraction, and out of bounds
}

TEST(ConfigEnv, AnAtrMultiplierIsSetInEveryStrategyThatHasIt) {
  EngineConfig config = file_config(
      "[[strategy]]\nkind = \"vwap_rsi\"\natr_stop_multiplier = 2.5\n[[strategy]]\nkind = \"every_bar\"\n[[strategy]]\nkind = "
      "\"ema_atr\"\n");
  ASSERT_TRUE(apply_environment(one("ATR_STOP_MULTIPLIER", "4.5"), config).ok());
  const auto value_of = [&](std::size_t i, const char* name) {
    const ParameterValue* const value = config.strategies[i].parameters.find(name);
    return value == nullptr ? -1.0 : std::get<double>(*value);
  };
  EXPECT_EQ(value_of(0, "atr_stop_multiplier"), 4.5);
  EXPECT_EQ(value_of(2, "stop_atr"), 4.5);
  EXPECT_EQ(config.strategies[1].parameters.values().size(), 0U);
  EXPECT_EQ(config.origins.at("strategy[0].atr_stop_multiplier"), "ATR_STOP_MULTIPLIER, a.env line 1");
  EXPECT_EQ(config.origins.at("strategy[2].stop_atr"), "ATR_STOP_MULTIPLIER, a.env line 1");
  EXPECT_TRUE(config.unused_variables.empty());
  EXPECT_EQ(config.strategies[0].name, "vwap_rsi");  // and the rest of it is as it was
  expect_refused(one("ATR_STOP_MULTIPLIER", "0.09"), Errc::config_out_of_bounds,
                 {"ATR_STOP_MULTIPLIER", "strategy[0].atr_stop_multiplier"});
  expect_refused(one("ATR_STOP_MULTIPLIER", "50.1"), Errc::config_out_of_bounds, {"ATR_STOP_MULTIPLIER"});
  expect_refused(one("ATR_STOP_MULTIPLIER", "wide"), Errc::config_wrong_type, {"ATR_STOP_MULTIPLIER", "wide"});
}

TEST(ConfigEnv, AVariableWithoutAStrategyToSetIsSaid) {
  EngineConfig config = file_config("[[strategy]]\nkind = \"every_bar\"\n");
  ASSERT_TRUE(apply_environment(one("ATR_STOP_MULTIPLIER", "2"), config).ok());
  ASSERT_EQ(config.unused_variables.size(), 1U);
  EXPECT_NE(shown_toml(config).find("# ATR_STOP_MULTIPLIER = 2 (from a.env line 1) sets nothing"), std::string::npos);
}

TEST(ConfigEnv, LiveTradingNeedsTheWordTrueAndNoPaperTrading) {
  const auto live = [](const Environment& environment) {
    EngineConfig config = file_config();
    EXPECT_TRUE(apply_environment(environment, config).ok());
    return config.live_allowed;
  };
  EXPECT_FALSE(live({}));
  EXPECT_TRUE(live({{"LIVE_TRADING", {"true", "x"}}}));
  EXPECT_FALSE(live({{"LIVE_TRADING", {"false", "x"}}}));
  EXPECT_FALSE(live({{"LIVE_TRADING", {"true", "x"}}, {"PAPER_TRADING", {"true", "x"}}}));
  EXPECT_TRUE(live({{"LIVE_TRADING", {"true", "x"}}, {"PAPER_TRADING", {"false", "x"}}}));
  EXPECT_FALSE(live({{"PAPER_TRADING", {"false", "x"}}}));
  for (const std::string value : {"", "1", "yes", "TRUE", "True", "true ", "on"}) {
    expect_refused(one("LIVE_TRADING", value), Errc::config_wrong_type, {"LIVE_TRADING", "true or false"});
    expect_refused(one("PAPER_TRADING", value), Errc::config_wrong_type, {"PAPER_TRADING", "true or false"});
  }
}

TEST(ConfigEnv, TheProcessIsHeardAfterTheFileAndPaperFromEither) {
  const Environment file = {{"RISK_PER_TRADE", {"0.02", "f"}}, {"MAX_OPEN_POSITIONS", {"7", "f"}}, {"PAPER_TRADING", {"true", "f"}}};
  const Environment process = {{"RISK_PER_TRADE", {"0.03", "p"}}, {"PAPER_TRADING", {"false", "p"}}, {"LIVE_TRADING", {"true", "p"}}};
  const Environment both = merged(file, process);
  EXPECT_EQ(both.at("RISK_PER_TRADE").value, "0.03");
  EXPECT_EQ(both.at("MAX_OPEN_POSITIONS").value, "7");
  EXPECT_EQ(both.at("PAPER_TRADING").value, "true");
  EXPECT_EQ(merged({{"PAPER_TRADING", {"false", "f"}}}, {{"PAPER_TRADING", {"true", "p"}}}).at("PAPER_TRADING").value, "true");
  EngineConfig config =
      file_config("[risk]\nrisk_fraction = 0.05\nmax_open_positions = 3\nprice_collar = 0.2\n[[strategy]]\nkind = \"vwap_rsi\"\n");
  ASSERT_TRUE(apply_environment(both, config).ok());
  EXPECT_EQ(config.risk.risk_fraction.v, 3 * kRateUnit / 100);
  EXPECT_EQ(config.risk.max_open_positions, 7);
  EXPECT_FALSE(config.live_allowed);
  const std::string shown = shown_toml(config);
  EXPECT_NE(shown.find("risk_fraction = 0.03  # RISK_PER_TRADE, p\n"), std::string::npos);
  EXPECT_NE(shown.find("price_collar = 0.2  # line 4\n"), std::string::npos);
  EXPECT_NE(shown.find("cap_size = true  # default\n"), std::string::npos);
  EXPECT_EQ(source_text(config), "file.toml with MAX_OPEN_POSITIONS, RISK_PER_TRADE");
  EXPECT_EQ(source_text(file_config()), "file.toml");
  const Result<EngineConfig> again = parse_config(shown, "shown.toml");  // what is shown is a file still
  ASSERT_TRUE(again.ok()) << again.error().what;
  EXPECT_EQ(effective_toml(*again), effective_toml(config));
}

TEST(ConfigEnv, AFileIsKeysAndValuesAsTheyStand) {
  const Result<Environment> read = parse_env(
      "# comment\n\n  RISK_PER_TRADE = 0.02 \r\nLIVE_TRADING=false\nBITGET_API_KEY=secret=with=signs\n\tSIZING_MODE=$HOME `id` "
      "\"x\"\n#MAX_OPEN_POSITIONS=1\nMAX_DRAWDOWN_PCT=",
      "a.env");
  ASSERT_TRUE(read.ok()) << read.error().what;
  EXPECT_EQ(read->size(), 4U);
  EXPECT_EQ(read->at("RISK_PER_TRADE").value, "0.02");
  EXPECT_EQ(read->at("RISK_PER_TRADE").source, "a.env line 3");
  EXPECT_EQ(read->at("SIZING_MODE").value, "$HOME `id` \"x\"");
  EXPECT_EQ(read->at("MAX_DRAWDOWN_PCT").value, "");
  EXPECT_EQ(read->count("BITGET_API_KEY"), 0U);  // not ours: not kept
}

TEST(ConfigEnv, BadLinesAreRefusedWithoutShowingWhatMayBeSecret) {
  const auto refused = [](const std::string& text, Errc code, const std::string& part) {
    const Result<Environment> read = parse_env(text, "a.env");
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_EQ(name_of(read.error().code), name_of(code));
    EXPECT_NE(read.error().what.find(part), std::string::npos) << read.error().what;
    EXPECT_EQ(read.error().what.find("hunter2"), std::string::npos) << read.error().what;
    EXPECT_EQ(read.error().what.find('\n'), std::string::npos);
  };
  refused("A=1\nhunter2\n", Errc::config_syntax, "a.env line 2");
  refused("export A=hunter2\n", Errc::config_syntax, "a.env line 1");
  refused("=hunter2\n", Errc::config_syntax, "line 1");
  refused("1A=hunter2\n", Errc::config_syntax, "line 1");
  refused(std::string("A\0B=hunter2\n", 12), Errc::config_syntax, "line 1");
  refused("RISK_PER_TRADE=0.01\nRISK_PER_TRADE=0.01\n", Errc::config_contradiction, "line 2");
  refused("RISK_PER_TARDE=hunter2\n", Errc::config_unknown_key, "did you mean RISK_PER_TRADE?");
  refused("risk_per_trade=hunter2\n", Errc::config_unknown_key, "did you mean RISK_PER_TRADE?");
  refused("PAPER_TRADINGS=hunter2\n", Errc::config_unknown_key, "did you mean PAPER_TRADING?");
  refused(std::string(64 * 1024 + 1, '#'), Errc::config_syntax, "larger");
  EXPECT_TRUE(parse_env(std::string(64 * 1024, '#'), "a.env").ok());
  EXPECT_TRUE(parse_env("", "a.env").ok());
}

TEST(ConfigEnv, AFileThatEverybodyMayWriteIsNotBelieved) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / fmt::format("martinet-env-{}", static_cast<const void*>(&file));
  std::ofstream(file) << "MAX_OPEN_POSITIONS=2\n";
  for (const auto& [mode, is_good] : {std::pair{0600, true}, {0644, true}, {0664, true}, {0666, false}, {0602, false}}) {
    std::filesystem::permissions(file, static_cast<std::filesystem::perms>(mode));
    const Result<Environment> read = read_env_file(file);
    EXPECT_EQ(read.ok(), is_good) << std::oct << mode;
    if (!read) {
      EXPECT_EQ(read.error().code, Errc::unsafe_file);
      EXPECT_NE(read.error().what.find(file.string()), std::string::npos);
    }
  }
  std::filesystem::remove(file);
  EXPECT_EQ(read_env_file(file).error().code, Errc::not_found);
  EXPECT_EQ(read_env_file(std::filesystem::temp_directory_path()).error().code, Errc::not_found);
}

TEST(ConfigEnv, TheExampleListsEveryVariableAndIsHarmless) {
  const Result<Environment> example = read_env_file(MARTINET_SOURCE_DIR "/config/martinet.env.example");
  ASSERT_TRUE(example.ok()) << example.error().what;
  EXPECT_EQ(example->at("LIVE_TRADING").value, "false");
  EngineConfig config = file_config();
  ASSERT_TRUE(apply_environment(*example, config).ok());
  EXPECT_FALSE(config.live_allowed);
  std::ifstream in(MARTINET_SOURCE_DIR "/config/martinet.env.example");
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const auto setting = [&text](std::string_view variable) {  // of a line, commented out or not
    const std::string plain = fmt::format("\n{}=", variable), off = fmt::format("\n#{}=", variable);
    return std::min(text.find(plain), text.find(off));
  };
  std::string all_on;
  for (const EnvironmentRow& row : environment_rows()) {
    ASSERT_NE(setting(row.variable), std::string::npos) << row.variable;
    EXPECT_GE(setting(row.variable), setting("LIVE_TRADING")) << row.variable;
    const bool is_there =
        row.kind == VariableKind::trading || row.kind == VariableKind::parameter || key_of(row.targets.front()) != nullptr;
    if (!is_there) continue;
    const std::size_t from = text.find('=', setting(row.variable));
    all_on += fmt::format("{}{}\n", row.variable, text.substr(from, text.find('\n', from) - from));
  }
  // What is commented out is sound as well.
  const Result<Environment> on = parse_env(all_on, "all");
  ASSERT_TRUE(on.ok()) << on.error().what;
  EngineConfig all = file_config();
  const Status applied = apply_environment(*on, all);
  EXPECT_TRUE(applied.ok()) << applied.error().what;
}

}  // namespace martinet::config_env_test

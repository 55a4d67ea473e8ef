// The configuration loader against its own table: every key at and beyond its bounds, every wrong type, every message with file,
// line, key path, value and bound. The table's rows are the cases, so a new key is tested the day it is added.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <set>

#include "engine/app/config_file.hpp"
#include "engine/app/config_keys.hpp"
#include "engine/app/config_text.hpp"
#include "engine/app/strategy_config.hpp"
#include "engine/hot/signal/registry.hpp"

namespace martinet::config_test {

bool has_section(const ConfigKey& key) { return key.path.find('.') != std::string::npos; }
std::string section_of(const ConfigKey& key) { return key.path.substr(0, key.path.find('.')); }
std::string leaf_of(const ConfigKey& key) { return key.path.substr(key.path.find('.') + 1); }

// A file that sets one key, on line 2. Some keys may only stand at their bound if another makes room: it follows, in line 3.
std::string text_of(const ConfigKey& key, const std::string& value) {
  if (!has_section(key)) return fmt::format("\n{} = {}\n", key.path, value);
  std::string text = fmt::format("[{}]\n{} = {}\n", section_of(key), leaf_of(key), value);
  if (key.path == "feed.stale_ms") text += "book_stale_ms = 86400000\n";
  if (key.path == "feed.book_stale_ms") text += "stale_ms = 100\n";
  if (key.path == "risk.sizing_base") text += "fixed_base = 1000.0\n";
  return text;
}

Result<EngineConfig> parse(const std::string& text) { return parse_config(text, "file.toml"); }

const ConfigKey& key_named(const std::string& path) {
  for (const ConfigKey& key : config_keys()) {
    if (key.path == path) return key;
  }
  ADD_FAILURE() << "no key " << path;
  return config_keys().front();
}

std::string literal(double value, ConfigType type) {
  return type == ConfigType::number ? to_toml(ConfigValue(value)) : fmt::format("{}", static_cast<std::int64_t>(value));
}

std::string bound_text(double value) {
  return std::floor(value) == value ? fmt::format("{}", static_cast<std::int64_t>(value)) : fmt::format("{}", value);
}

void expect_sentence(const Result<EngineConfig>& config, Errc code, const std::vector<std::string>& parts) {
  ASSERT_FALSE(config.ok());
  EXPECT_EQ(name_of(config.error().code), name_of(code)) << config.error().what;
  for (const std::string& part : parts)
    EXPECT_NE(config.error().what.find(part), std::string::npos) << "no '" << part << "' in: " << config.error().what;
  EXPECT_EQ(config.error().what.find('\n'), std::string::npos) << config.error().what;
}

bool is_numeric(const ConfigKey& key) { return key.type == ConfigType::integer || key.type == ConfigType::number; }

TEST(ConfigTable, IsWellFormed) {
  std::set<std::string> paths;
  const EngineConfig defaults;
  for (const ConfigKey& key : config_keys()) {
    SCOPED_TRACE(key.path);
    EXPECT_TRUE(paths.insert(key.path).second) << "twice";
    EXPECT_LE(std::count(key.path.begin(), key.path.end(), '.'), 1);
    EXPECT_FALSE(key.doc.empty());
    EXPECT_EQ(key.doc.find('\n'), std::string::npos);
    const ConfigValue value = key.get(defaults);
    EXPECT_EQ(value.index(), static_cast<std::size_t>(key.type)) << "the default has the key's type";
    if (is_numeric(key)) {
      EXPECT_LT(key.min, key.max);
      const double number = key.type == ConfigType::integer ? static_cast<double>(std::get<std::int64_t>(value)) : std::get<double>(value);
      EXPECT_GE(number, key.min);
      EXPECT_LE(number, key.max);
    }
    if (!key.choices.empty()) {
      EXPECT_NE(std::find(key.choices.begin(), key.choices.end(), std::get<std::string>(value)), key.choices.end());
    }
  }
}

TEST(ConfigKeys, LoadAtTheirBoundsAndNotBeyondThem) {
  std::size_t tried = 0;
  for (const ConfigKey& key : config_keys()) {
    if (!is_numeric(key)) continue;
    SCOPED_TRACE(key.path);
    for (const double good : {key.min, key.max}) {
      const Result<EngineConfig> config = parse(text_of(key, literal(good, key.type)));
      ASSERT_TRUE(config.ok()) << config.error().what;
      const ConfigValue value = key.get(*config);
      const double found = key.type == ConfigType::integer ? static_cast<double>(std::get<std::int64_t>(value)) : std::get<double>(value);
      EXPECT_EQ(found, good);
    }
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    const bool whole = key.type == ConfigType::integer;
    for (const double bad :
         {whole ? key.min - 1 : std::nextafter(key.min, -kInfinity), whole ? key.max + 1 : std::nextafter(key.max, kInfinity)}) {
      const std::string value = literal(bad, key.type);
      expect_sentence(parse(text_of(key, value)), Errc::config_out_of_bounds,
                      {"file.toml line 2: " + key.path + " = ", bound_text(key.min) + " to " + bound_text(key.max), key.unit});
      ++tried;
    }
  }
  EXPECT_GE(tried, 60U);
}

TEST(ConfigKeys, TheMessageShowsTheValueThatWasGiven) {
  expect_sentence(parse("[risk]\n\nrisk_fraction = 0.25\n"), Errc::config_out_of_bounds,
                  {"file.toml line 3: risk.risk_fraction = 0.25 ", "0.001 to 0.1 (fraction)"});
  expect_sentence(parse("[account]\nleverage = 126\n"), Errc::config_out_of_bounds,
                  {"file.toml line 2: account.leverage = 126 ", "1 to 125 (times)"});
  expect_sentence(parse("[account]\nleverage = \"high\"\n"), Errc::config_wrong_type,
                  {"file.toml line 2: account.leverage = ", "high", "whole number"});
}

TEST(ConfigKeys, NumbersThatAreNoneAreOutOfBounds) {
  for (const ConfigKey& key : config_keys()) {
    if (key.type != ConfigType::number) continue;
    for (const std::string value : {"nan", "-nan", "inf", "-inf", "1e300", "-1e300"}) {
      expect_sentence(parse(text_of(key, value)), Errc::config_out_of_bounds, {"file.toml line 2: " + key.path});
    }
  }
  for (const ConfigKey& key : config_keys()) {
    if (key.type != ConfigType::integer) continue;
    for (const std::string value : {"9223372036854775807", "-9223372036854775808"}) {
      expect_sentence(parse(text_of(key, value)), Errc::config_out_of_bounds, {"file.toml line 2: " + key.path + " = " + value});
    }
    EXPECT_EQ(parse(text_of(key, "9223372036854775808")).error().code, Errc::config_syntax) << "does not fit TOML's integers";
  }
}

TEST(ConfigKeys, EveryWrongTypeIsNamed) {
  struct Literal {
    std::string text;
    std::set<ConfigType> fits;
  };
  const std::vector<Literal> literals = {{"true", {ConfigType::boolean}},
                                         {"3", {ConfigType::integer, ConfigType::number}},
                                         {"0.5", {ConfigType::number}},
                                         {"\"word\"", {ConfigType::text}},
                                         {"[\"a\"]", {ConfigType::text_list}},
                                         {"[1]", {ConfigType::integer_list}},
                                         {"[1.5]", {}},
                                         {"[1, \"a\"]", {}},
                                         {"[[1]]", {}},
                                         {"{a = 1}", {}},
                                         {"2024-01-01", {}},
                                         {"12:00:00", {}}};
  for (const ConfigKey& key : config_keys()) {
    for (const Literal& given : literals) {
      if (given.fits.count(key.type) != 0) continue;
      SCOPED_TRACE(key.path + " = " + given.text);
      expect_sentence(parse(text_of(key, given.text)), Errc::config_wrong_type,
                      {"file.toml line 2: " + key.path + " = ", std::string(name_of(key.type)), key.unit});
    }
  }
}

TEST(ConfigKeys, EveryChoiceLoadsAndNoOtherWord) {
  std::size_t keys = 0;
  for (const ConfigKey& key : config_keys()) {
    if (key.choices.empty()) continue;
    ++keys;
    for (const std::string& choice : key.choices) {
      const Result<EngineConfig> config = parse(text_of(key, "\"" + choice + "\""));
      ASSERT_TRUE(config.ok()) << config.error().what;
      EXPECT_EQ(std::get<std::string>(key.get(*config)), choice);
    }
    for (const std::string word : {"", "other", "FUSED"}) {
      std::vector<std::string> parts = key.choices;
      parts.push_back("file.toml line 2: " + key.path + " = \"" + word + "\"");
      expect_sentence(parse(text_of(key, "\"" + word + "\"")), Errc::config_out_of_bounds, parts);
    }
  }
  EXPECT_GE(keys, 5U);
}

TEST(ConfigKeys, BooleansAndListsLoad) {
  for (const ConfigKey& key : config_keys()) {
    if (key.type == ConfigType::boolean) {
      for (const bool value : {false, true}) {
        const auto config = parse(text_of(key, value ? "true" : "false"));
        ASSERT_TRUE(config.ok());
        EXPECT_EQ(std::get<bool>(key.get(*config)), value) << key.path;
      }
    }
    if (key.type == ConfigType::integer_list) {
      const auto config = parse(text_of(key, fmt::format("[{}, {}]", key.min, key.max)));
      ASSERT_TRUE(config.ok());
      EXPECT_EQ(std::get<std::vector<std::int64_t>>(key.get(*config)),
                (std::vector<std::int64_t>{static_cast<std::int64_t>(key.min), static_cast<std::int64_t>(key.max)}));
      expect_sentence(parse(text_of(key, fmt::format("[{}]", key.max + 1))), Errc::config_out_of_bounds,
                      {key.path, bound_text(key.max + 1), bound_text(key.max)});
      expect_sentence(parse(text_of(key, fmt::format("[{}]", key.min - 1))), Errc::config_out_of_bounds, {key.path, bound_text(key.min)});
    }
  }
}

TEST(ConfigNames, AMisspeltKeyIsNamedWithTheOneThatWasMeant) {
  for (const ConfigKey& key : config_keys()) {
    if (!has_section(key)) continue;
    const std::string leaf = leaf_of(key);
    const std::string wrong = leaf.substr(0, leaf.size() - 1) + "xx";
    SCOPED_TRACE(wrong);
    expect_sentence(parse(fmt::format("[{}]\n{} = 1\n", section_of(key), wrong)), Errc::config_unknown_key,
                    {"file.toml line 2: " + section_of(key) + "." + wrong, "did you mean '"});
  }
  expect_sentence(parse("[pipeline]\nlayot = \"fused\"\n"), Errc::config_unknown_key, {"did you mean 'pipeline.layout'?"});
  expect_sentence(parse("[pipeline]\nsomething_else_entirely = 1\n"), Errc::config_unknown_key, {"martinet config show"});
  expect_sentence(parse("[riks]\nrisk_fraction = 0.01\n"), Errc::config_unknown_key, {"line 1: riks", "did you mean 'risk'?"});
  expect_sentence(parse("layout = \"fused\"\n"), Errc::config_unknown_key, {"line 1: layout"});
  expect_sentence(parse("plugin = []\n"), Errc::config_unknown_key, {"line 1: plugin", "did you mean 'plugins'?"});
  expect_sentence(parse("[pipeline.layout]\na = 1\n"), Errc::config_wrong_type, {"pipeline.layout"});
}

TEST(ConfigNames, ASectionThatIsNoTableIsToldSo) {
  expect_sentence(parse("risk = 5\n"), Errc::config_wrong_type, {"file.toml line 1: risk = 5", "[risk]"});
  expect_sentence(parse("[[risk]]\n"), Errc::config_wrong_type, {"risk"});
}

TEST(ConfigContradictions, AreRefusedThoughEachValueIsInBounds) {
  expect_sentence(parse("[risk]\nsizing_base = \"fixed\"\n"), Errc::config_contradiction,
                  {"file.toml: ", "risk.sizing_base", "risk.fixed_base"});
  EXPECT_TRUE(parse("[risk]\nsizing_base = \"fixed\"\nfixed_base = 0.00000001\n").ok());
  expect_sentence(parse("[account]\nleverage = 100\n[paper]\nmaintenance_margin = 0.01\n"), Errc::config_contradiction,
                  {"paper.maintenance_margin", "account.leverage"});
  EXPECT_TRUE(parse("[account]\nleverage = 99\n[paper]\nmaintenance_margin = 0.01\n").ok());
  expect_sentence(parse("[feed]\nstale_ms = 5000\nbook_stale_ms = 4999\n"), Errc::config_contradiction,
                  {"feed.book_stale_ms", "feed.stale_ms"});
  EXPECT_TRUE(parse("[feed]\nstale_ms = 5000\nbook_stale_ms = 5000\n").ok());
}

TEST(ConfigAccount, MoneyAndLeverageReachThePartsThatUseThem) {
  Result<EngineConfig> config =
      parse("[account]\ninitial_balance = 1234.5\nleverage = 7\n[paper]\ntaker_fee = 0.0011\nslippage = 0.0007\n");
  ASSERT_TRUE(config.ok());
  spread_account(*config);
  EXPECT_EQ(config->paper.initial_balance.v, 123'450'000'000);
  EXPECT_EQ(config->position.initial_balance.v, 123'450'000'000);
  EXPECT_EQ(config->paper.leverage, 7);
  EXPECT_EQ(config->position.leverage, 7);
  EXPECT_EQ(config->risk.leverage, 7);
  EXPECT_EQ(config->risk.taker_fee.v, 110'000);
  EXPECT_EQ(config->risk.slippage_allowance.v, 70'000);
}

// --- strategies

std::string strategy_text(std::string_view kind, std::string_view parameter, const std::string& value) {
  return fmt::format("[[strategy]]\nkind = \"{}\"\n{} = {}\n", kind, parameter, value);
}

TEST(ConfigStrategies, EveryParameterLoadsAtItsBoundsAndNotBeyondThem) {
  std::size_t tried = 0;
  for (const StrategyKind* kind : strategy_kinds()) {
    for (const ParameterSpec& spec : kind->parameters) {
      SCOPED_TRACE(fmt::format("{}.{}", kind->name, spec.name));
      const std::string place = fmt::format("file.toml line 3: strategy[0].{}", spec.name);
      const bool whole = spec.type == ParameterType::integer;
      if (!whole && spec.type != ParameterType::number) continue;
      const ConfigType type = whole ? ConfigType::integer : ConfigType::number;
      for (const double good : {spec.min, spec.max}) {
        const auto config = parse(strategy_text(kind->name, spec.name, literal(good, type)));
        // At its bound a value may contradict another's default; then that is what the sentence says.
        if (!config.ok()) {
          EXPECT_EQ(config.error().code, Errc::config_contradiction) << config.error().what;
        }
      }
      constexpr double kInfinity = std::numeric_limits<double>::infinity();
      for (const double bad :
           {whole ? spec.min - 1 : std::nextafter(spec.min, -kInfinity), whole ? spec.max + 1 : std::nextafter(spec.max, kInfinity)}) {
        expect_sentence(parse(strategy_text(kind->name, spec.name, literal(bad, type))), Errc::config_out_of_bounds,
                        {place, bound_text(spec.min), bound_text(spec.max), std::string(spec.unit)});
        ++tried;
      }
      expect_sentence(parse(strategy_text(kind->name, spec.name, "\"word\"")), Errc::config_wrong_type, {place, "word"});
    }
  }
  EXPECT_GE(tried, 20U);
}

TEST(ConfigStrategies, WordsAndTimeframesAreChecked) {
  for (const StrategyKind* kind : strategy_kinds()) {
    for (const ParameterSpec& spec : kind->parameters) {
      SCOPED_TRACE(fmt::format("{}.{}", kind->name, spec.name));
      if (spec.type == ParameterType::boolean)
        expect_sentence(parse(strategy_text(kind->name, spec.name, "1")), Errc::config_wrong_type, {});
      if (spec.type == ParameterType::choice) {
        expect_sentence(parse(strategy_text(kind->name, spec.name, "\"other\"")), Errc::config_out_of_bounds, {"line 3", "other"});
        for (const std::string_view choice : spec.choices) {
          const auto config = parse(strategy_text(kind->name, spec.name, fmt::format("\"{}\"", choice)));
          EXPECT_TRUE(config.ok() || config.error().code == Errc::config_contradiction);
        }
      }
      if (spec.type == ParameterType::timeframe) {
        for (const std::string bad : {"0s", "2d", "", "1", "01m", "1w", "1 m"}) {
          expect_sentence(parse(strategy_text(kind->name, spec.name, "\"" + bad + "\"")), Errc::config_out_of_bounds,
                          {std::string(spec.name)});
        }
      }
    }
  }
}

TEST(ConfigStrategies, TablesAreCheckedAsAWhole) {
  const std::string kind = "[[strategy]]\nkind = \"every_bar\"\n";
  const auto plain = parse(kind);
  ASSERT_TRUE(plain.ok());
  ASSERT_EQ(plain->strategies.size(), 1U);
  EXPECT_EQ(plain->strategies[0].name, "every_bar") << "its kind where no name is given";
  EXPECT_EQ(plain->strategies[0].instruments, std::vector<std::string>{"*"});
  EXPECT_TRUE(parse("").ok()) << "an empty file is the defaults";
  EXPECT_EQ(parse("")->strategies.size(), 0U);
  expect_sentence(parse(kind + kind), Errc::config_contradiction, {"file.toml line 3", "strategy[1].name = \"every_bar\""});
  EXPECT_TRUE(parse(kind + kind + "name = \"second\"\n").ok());
  expect_sentence(parse("[[strategy]]\nname = \"x\"\n"), Errc::config_missing, {"line 1", "strategy[0].kind", "vwap_rsi"});
  expect_sentence(parse("[[strategy]]\nkind = 5\n"), Errc::config_wrong_type, {"line 2", "strategy[0].kind = 5"});
  expect_sentence(parse("[[strategy]]\nkind = \"oracle\"\n"), Errc::config_out_of_bounds, {"oracle", "vwap_rsi", "every_bar"});
  expect_sentence(parse("[strategy]\nkind = \"every_bar\"\n"), Errc::config_wrong_type, {"line 1", "[[strategy]]"});
  expect_sentence(parse("strategy = 1\n"), Errc::config_wrong_type, {"[[strategy]]"});
  expect_sentence(parse(kind + "instruments = []\n"), Errc::config_out_of_bounds, {"file.toml line 3: strategy[0].instruments"});
  expect_sentence(parse(kind + "instruments = [1]\n"), Errc::config_wrong_type, {"strategy[0].instruments"});
  expect_sentence(parse(kind + "instruments = \"BTCUSDT\"\n"), Errc::config_wrong_type,
                  {"strategy[0].instruments", "BTCUSDT", "list of texts"});
  expect_sentence(parse(kind + "stop_fractoin = 0.1\n"), Errc::config_unknown_key,
                  {"strategy[0].stop_fractoin", "did you mean 'strategy[0].stop_fraction'?"});
  expect_sentence(parse(kind + "kind = \"every_bar\"\n"), Errc::config_syntax, {"line 3"});
  std::string many;
  for (std::size_t i = 0; i < capacity::strategies_max; ++i) many += kind + fmt::format("name = \"s{}\"\n", i);
  const auto full = parse(many);
  ASSERT_TRUE(full.ok()) << full.error().what;
  EXPECT_EQ(full->strategies.size(), capacity::strategies_max);
  expect_sentence(parse(many + kind), Errc::config_out_of_bounds, {fmt::format("more than {} strategies", capacity::strategies_max)});
}

TEST(ConfigStrategies, EachHasItsShareOfTheAccount) {
  const auto with = [](const std::string& value) {
    return parse("[[strategy]]\nkind = \"every_bar\"\ncapital_fraction = " + value + "\n");
  };
  EXPECT_EQ(with("0.01")->strategies[0].capital_fraction.v, 1'000'000);
  EXPECT_EQ(with("1")->strategies[0].capital_fraction.v, kRateUnit);
  EXPECT_EQ(parse("[[strategy]]\nkind = \"every_bar\"\n")->strategies[0].capital_fraction.v, kRateUnit);
  for (const char* value : {"0.00999999", "1.00000001", "0", "-0.5", "nan", "inf"}) {
    expect_sentence(with(value), Errc::config_out_of_bounds,
                    {"file.toml line 3: strategy[0].capital_fraction", "from 0.01 to 1 (fraction)"});
  }
  expect_sentence(with("\"half\""), Errc::config_wrong_type, {"strategy[0].capital_fraction"});

  // Shares may add up to more than 1. Every one loads to the units it prints, and reaches the gate under its strategy's id.
  std::string text;
  for (int i = 0; i < 3; ++i)
    text += fmt::format("[[strategy]]\nkind = \"every_bar\"\nname = \"s{}\"\ncapital_fraction = 0.7654321{}\n", i, i);
  const auto config = parse(text);
  ASSERT_TRUE(config.ok()) << config.error().what;
  const auto again = parse(effective_toml(*config));
  ASSERT_TRUE(again.ok()) << again.error().what;
  EngineConfig spread = *again;
  spread_account(spread);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(again->strategies[i].capital_fraction.v, 76'543'210 + static_cast<std::int64_t>(i));
    EXPECT_EQ(spread.risk.capital_fraction[i], again->strategies[i].capital_fraction);
  }
  EXPECT_EQ(spread.risk.capital_fraction[3].v, kRateUnit);
  EXPECT_NE(effective_toml(*config).find("may add up to more than 1"), std::string::npos);
}

// --- round trips and files

void expect_round_trip(const EngineConfig& config) {
  const std::string text = effective_toml(config);
  const auto again = parse(text);
  ASSERT_TRUE(again.ok()) << again.error().what << "\n" << text;
  EXPECT_EQ(effective_toml(*again), text);
  for (const ConfigKey& key : config_keys()) EXPECT_EQ(key.get(*again), key.get(config)) << key.path;
}

TEST(ConfigText, TheEffectiveConfigurationLoadsToTheSame) {
  expect_round_trip(EngineConfig{});
  const std::string text = effective_toml(EngineConfig{});
  for (const ConfigKey& key : config_keys()) {
    EXPECT_NE(text.find(key.doc), std::string::npos) << key.path;
    EXPECT_NE(text.find("\n" + leaf_of(key) + " = "), std::string::npos) << key.path;
  }
}

TEST(ConfigText, RandomConfigurationsLoadToTheSame) {
  std::uint64_t state = 42;
  const auto below = [&state](std::uint64_t n) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state >> 33) % n;
  };
  for (int round = 0; round < 200; ++round) {
    SCOPED_TRACE("seed 42, round " + std::to_string(round));
    EngineConfig config;
    for (const ConfigKey& key : config_keys()) {
      const double part = static_cast<double>(below(1'000'001)) / 1'000'000.0;
      const double number = key.min + (key.max - key.min) * part * part * part;
      switch (key.type) {
        case ConfigType::boolean:
          key.set(config, below(2) == 0);
          break;
        case ConfigType::integer:
          key.set(config, static_cast<std::int64_t>(number));
          break;
        case ConfigType::number:
          key.set(config, number);
          break;
        case ConfigType::text:
          key.set(config, key.choices.empty() ? std::string(1 + below(5), static_cast<char>(1 + below(126)))
                                              : key.choices[below(key.choices.size())]);
          break;
        case ConfigType::integer_list:
          key.set(config, std::vector<std::int64_t>(below(4), static_cast<std::int64_t>(number)));
          break;
        case ConfigType::text_list:  // plugins: of a file only
          break;
      }
    }
    if (!check_config(config).ok()) continue;
    expect_round_trip(config);
  }
}

TEST(ConfigText, StrategiesWithAnyNameLoadToTheSame) {
  const auto config = parse(
      "[[strategy]]\nkind = \"vwap_rsi\"\nname = \"a \\\"b\\\" \\\\ \\t \\n \\u0001 \\u007f é 速\"\ninstruments = [\"X\\nY\", "
      "\"*\"]\ndirection = \"both\"\n");
  ASSERT_TRUE(config.ok()) << config.error().what;
  expect_round_trip(*config);
  const auto again = parse(effective_toml(*config));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->strategies[0].name, config->strategies[0].name);
  EXPECT_EQ(again->strategies[0].instruments, config->strategies[0].instruments);
}

TEST(ConfigFiles, EveryExampleLoadsAndRoundTrips) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(MARTINET_SOURCE_DIR "/config")) {
    if (entry.path().extension() != ".toml") continue;
    const auto config = load_config(entry.path());
    ASSERT_TRUE(config.ok()) << config.error().what;
    EXPECT_EQ(config->source, entry.path().string());
    expect_round_trip(*config);
    ++files;
  }
  EXPECT_GE(files, 3U);
}

TEST(ConfigFiles, WhatCannotBeReadIsNotTheDefaults) {
  const std::filesystem::path folder = std::filesystem::temp_directory_path();
  const auto code_of = [](const std::filesystem::path& path) {
    const auto config = load_config(path);
    EXPECT_TRUE(config.ok() || config.error().what.find(path.string()) != std::string::npos);
    return config.ok() ? Errc::ok : config.error().code;
  };
  EXPECT_EQ(code_of(folder / "martinet_no_such_file.toml"), Errc::not_found);
  EXPECT_EQ(code_of(folder), Errc::not_found) << "a folder";
  const std::filesystem::path file = folder / fmt::format("martinet_config_{}.toml", ::getpid());
  const auto with_size = [&file](std::size_t size) { std::ofstream(file, std::ios::binary | std::ios::trunc) << std::string(size, '\n'); };
  with_size(0);
  EXPECT_EQ(code_of(file), Errc::ok) << "an empty file is the defaults";
  with_size(kConfigBytesMax);
  EXPECT_EQ(code_of(file), Errc::ok);
  with_size(kConfigBytesMax + 1);
  EXPECT_EQ(code_of(file), Errc::config_syntax);
  EXPECT_EQ(code_of("/dev/zero"), Errc::config_syntax) << "without end";
  std::filesystem::remove(file);
}

// --- hostile text

TEST(ConfigHostile, DeepNestingIsAnErrorNotACrash) {
  const auto repeated = [](std::string_view text, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += text;
    return out;
  };
  const std::string deep = repeated("a.", 200'000) + "a";
  for (const std::string& text : {deep + " = 1\n", "[" + deep + "]\n", "[[" + deep + "]]\n", "x = {" + deep + " = 1}\n",
                                  "x = [\"\"\"a\"\"\"\", {" + deep + " = 1}]\n", "x = ['''a''''', {" + deep + " = 1}]\n",
                                  "x = \"\\\"\"\n" + deep + " = 1\n", "\"#\"." + deep + " = 1\n", "x = " + repeated("[", 200'000),
                                  "x = " + repeated("{a=", 200'000), "x = " + repeated("[{a = ", 150'000) + "1" + repeated("}]", 150'000),
                                  "x = " + repeated("[{a.a.a.a.a.a.a.a = ", 127) + "1" + repeated("}]", 127) + "\n"}) {
    const auto config = parse(text);
    ASSERT_FALSE(config.ok());
    EXPECT_TRUE(config.error().code == Errc::config_syntax || config.error().code == Errc::config_unknown_key) << config.error().what;
    EXPECT_LT(config.error().what.size(), 1000U);
    EXPECT_EQ(config.error().what.find('\n'), std::string::npos);
  }
}

TEST(ConfigHostile, LettersOutsideAsciiStandInTextsAndCommentsOnly) {
  EXPECT_TRUE(parse("\xEF\xBB\xBF# 速 é\n[account]\ncurrency = \"€\" # ϻ\n").ok()) << "with the mark that some editors leave";
  for (const std::string line : {"\u03bb = 1", "bpipel\u03fbssk", "[\u20ac]", "leverage = \u0663", "\xff", "x = [1, \u00e9]"}) {
    expect_sentence(parse("[account]\n" + line + "\n"), Errc::config_syntax, {"file.toml line 2: ", "ASCII"});
  }
  expect_sentence(parse("[account]\ncurrency = \"\"\"a\\\n  \u03fb\"\"\"\n"), Errc::config_syntax, {"file.toml line 2: ", "ASCII"});
  EXPECT_TRUE(parse("[account]\ncurrency = \"\"\"a\\\n  b \u03fb\"\"\"\n").ok());
  // Found by the fuzzer: behind a sign or another value the parser goes on as if no string had begun.
  for (const std::string value : {"-\"\xEF\xAD\xBFs\"9\"\"", "1\"\u00e9\"", "\"a\" \"\u00e9\"", ".\"\u00e9\"", "-'\u00e9'"}) {
    expect_sentence(parse("[account]\ncurrency = " + value + "\n"), Errc::config_syntax, {"file.toml line 2: ", "ASCII"});
  }
  EXPECT_TRUE(parse("[[strategy]]\nkind = \"every_bar\"\ninstruments = [\"\u00e9\", '\u00e9']\n").ok());
  EXPECT_EQ(parse("[account]\ncurrency = \"\xff\"\n").error().code, Errc::config_syntax) << "not UTF-8";
}

// toml++ 3.3 asserts on these in debug builds and has undefined behaviour in clang's release builds.
TEST(ConfigHostile, AHeaderThatDoesNotGoOnWithANameIsASyntaxErrorWithItsLine) {
  for (const std::string header : {"[[[risk]]]", "[[=", "[=", "[ = [,0", "[[[]]", "  [ #", "[.a]", "[\x7f]"}) {
    SCOPED_TRACE(header);
    expect_sentence(parse("[account]\nleverage = 2\n" + header + "\n[risk]\n"), Errc::config_syntax, {"file.toml line 3"});
  }
  EXPECT_EQ(line_of_bad_header("a\n [ok]\n[[ ok ]]\n['ok']\n[\"ok\"]\n"), 1U) << "none";
}

TEST(ConfigHostile, DotsThatAreNoKeyAreNotCounted) {
  EXPECT_TRUE(parse("# a.b.c.d.e.f.g.h.i.j.k.l.m\n[account] # ....................\ncurrency = \"a.b.c.d.e.f.g.h.i.j.k.l.m\"\n").ok());
  EXPECT_TRUE(parse("[account]\ncurrency = '''\na.b.c.d.e.f.g.h.i.j.k.l.m\n'''\n").ok());
  EXPECT_TRUE(check_text("a.b.c.d.e.f.g.h.i = 1", "f").ok());
  EXPECT_FALSE(check_text("a.b.c.d.e.f.g.h.i.j = 1", "f").ok());
  EXPECT_FALSE(check_text("\n\na.b.c.d.'e'.f.\"g\".h . i.j = 1", "f").ok());
  EXPECT_NE(check_text("\n\na.b.c.d.e.f.g.h.i.j = 1", "f").error().what.find("f line 3"), std::string::npos);
}

TEST(ConfigHostile, AnyPrefixAndAnyDamageOfAnExampleLoadsOrIsRefusedInASentence) {
  std::ifstream in(MARTINET_SOURCE_DIR "/config/replay.toml", std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  ASSERT_GT(whole.size(), 100U);
  std::uint64_t state = 7;
  const auto check = [](const std::string& text) {
    const auto config = parse(text);
    if (config.ok()) return;
    ASSERT_EQ(class_of(config.error().code), ErrorClass::config);
    ASSERT_TRUE(config.error().what.starts_with("file.toml")) << config.error().what;
    for (const char c : config.error().what) ASSERT_GE(static_cast<unsigned char>(c), 0x20) << config.error().what;
  };
  for (std::size_t size = 0; size <= whole.size(); ++size) check(whole.substr(0, size));
  for (int round = 0; round < 2000; ++round) {
    SCOPED_TRACE("seed 7, round " + std::to_string(round));
    std::string text = whole;
    for (int n = 0; n < 3; ++n) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      text[(state >> 33) % text.size()] = static_cast<char>(state >> 25);
    }
    check(text);
  }
}

TEST(ConfigHostile, ASentenceShowsLongValuesShortened) {
  const auto config = parse("[pipeline]\nlayout = \"" + std::string(100'000, 'x') + "\"\n");
  expect_sentence(config, Errc::config_out_of_bounds, {"pipeline.layout", "xxx..."});
  EXPECT_LT(config.error().what.size(), 300U);
  EXPECT_EQ(shortened(std::string(80, 'a')), std::string(80, 'a'));
  EXPECT_EQ(shortened(std::string(81, 'a')), std::string(80, 'a') + "...");
  EXPECT_EQ(shortened(std::string(79, 'a') + "é!"), std::string(79, 'a') + "...") << "not in the middle of a character";
  EXPECT_EQ(one_line("a\nb\x7f"), "a\\u000Ab\\u007F");
}

}  // namespace martinet::config_test

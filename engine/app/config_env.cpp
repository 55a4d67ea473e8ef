#include "engine/app/config_env.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <set>

#include "engine/app/config_keys.hpp"
#include "engine/app/config_text.hpp"
#include "engine/app/strategy_config.hpp"

namespace martinet {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kEnvBytesMax = 64 * 1024;
constexpr std::string_view kBlanks = " \t\r";

constexpr std::array kRiskPerTrade = {"risk.risk_fraction"sv};
constexpr std::array kDailyLoss = {"risk.daily_loss"sv};
constexpr std::array kDrawdown = {"risk.drawdown"sv};
constexpr std::array kSizingMode = {"risk.sizing_mode"sv};
constexpr std::array kMaxOpenPositions = {"risk.max_open_positions"sv};
constexpr std::array kAtrSpacing = {"spacing"sv};
constexpr std::array kAtrStop = {"atr_stop_multiplier"sv, "stop_atr"sv};

constexpr std::array<EnvironmentRow, 9> kRows = {{
    {"LIVE_TRADING", VariableKind::trading, {}, "true lets orders reach a real venue; anything else, or nothing, does not"},
    {"PAPER_TRADING", VariableKind::trading, {}, "true keeps every order at the simulated venue, whatever LIVE_TRADING says"},
    {"RISK_PER_TRADE", VariableKind::fraction, kRiskPerTrade, "part of the sizing base that an entry may lose at its stop: 0.01 is 1 %"},
    {"DAILY_LOSS_LIMIT_PCT", VariableKind::fraction, kDailyLoss,
     "entries stop for the UTC day at this loss, of the day's first equity: 0.05 is 5 %"},
    {"MAX_DRAWDOWN_PCT", VariableKind::fraction, kDrawdown,
     "entries stop until they are armed again at this fall from the highest equity: 0.15 is 15 %"},
    {"SIZING_MODE", VariableKind::key, kSizingMode, "how the quantity of an entry is found"},
    {"ATR_MULTIPLIER", VariableKind::parameter, kAtrSpacing,
     "distance between the levels of a grid, in ATR: of every strategy that has levels"},
    {"ATR_STOP_MULTIPLIER", VariableKind::parameter, kAtrStop,
     "distance of the stop, in ATR: of every strategy whose stop is counted in ATR"},
    {"MAX_OPEN_POSITIONS", VariableKind::key, kMaxOpenPositions, "positions and entries under way together"},
}};

const EnvironmentRow* row_of(std::string_view variable) {
  const auto found = std::ranges::find(kRows, variable, &EnvironmentRow::variable);
  return found == kRows.end() ? nullptr : &*found;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(kBlanks);
  return from == std::string_view::npos ? std::string_view() : text.substr(from, text.find_last_not_of(kBlanks) - from + 1);
}

bool is_variable_name(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
  return !text.empty() && is_letter(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

/// The variable of ours that was meant: one or two letters are missing, too many, wrong or swapped.
std::string_view meant_by(std::string_view name) {
  std::string upper(name);
  for (char& c : upper) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  for (const EnvironmentRow& row : kRows) {
    if (edit_distance(upper, row.variable) <= 2) return row.variable;
  }
  return {};
}

std::string about(std::string_view variable, const EnvironmentValue& given) {
  return fmt::format("{} = {} (from {})", variable, one_line(shortened(given.value)), given.source);
}

template <class T>
bool read_number(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

/// The text as the key's type, within the key's bounds.
Result<ConfigValue> value_of(const ConfigKey& key, std::string_view path, std::string_view variable, const EnvironmentValue& given) {
  const auto wrong_type = [&] {
    return Error{Errc::config_wrong_type, fmt::format("{} must be a {}; it sets {}", about(variable, given), name_of(key.type), path)};
  };
  const auto in_bounds = [&](double number) { return std::isfinite(number) && number >= key.min && number <= key.max; };
  const auto out_of_bounds = [&] {
    return Error{Errc::config_out_of_bounds,
                 fmt::format("{} is outside the bounds of {}; give a value from {} to {}{}", about(variable, given), path, key.min, key.max,
                             key.unit.empty() ? "" : fmt::format(" ({})", key.unit))};
  };
  switch (key.type) {
    case ConfigType::boolean:
      if (given.value == "true" || given.value == "false") return ConfigValue(given.value == "true");
      return wrong_type();
    case ConfigType::integer: {
      std::int64_t number = 0;
      if (!read_number(given.value, number)) return wrong_type();
      if (!in_bounds(static_cast<double>(number))) return out_of_bounds();
      return ConfigValue(number);
    }
    case ConfigType::number: {
      double number = 0;
      if (!read_number(given.value, number)) return wrong_type();
      if (!in_bounds(number)) return out_of_bounds();
      return ConfigValue(number);
    }
    case ConfigType::text:
      if (!key.choices.empty() && std::ranges::find(key.choices, given.value) == key.choices.end()) {
        return Error{Errc::config_out_of_bounds,
                     fmt::format("{} is not one of: {}; it sets {}", about(variable, given), fmt::join(key.choices, ", "), path)};
      }
      return ConfigValue(given.value);
    case ConfigType::text_list:
    case ConfigType::integer_list:
      break;
  }
  return wrong_type();
}

Status check_fraction(std::string_view variable, const EnvironmentValue& given) {
  double number = 0;
  if (!read_number(std::string_view(given.value), number) || !(number > 1)) return {};
  return Error{Errc::config_out_of_bounds, fmt::format("{} is above 1; it is a fraction: 5 % is written 0.05", about(variable, given))};
}

std::string origin(std::string_view variable, const EnvironmentValue& given) { return fmt::format("{}, {}", variable, given.source); }

Status set_key(const EnvironmentRow& row, const EnvironmentValue& given, EngineConfig& config) {
  const std::vector<ConfigKey>& keys = config_keys();
  const auto key = std::ranges::find(keys, row.targets.front(), &ConfigKey::path);
  if (key == keys.end()) {
    return Error{Errc::unsupported, fmt::format("{} would set {}, which this build does not have; unset it, nothing would be limited by it",
                                                about(row.variable, given), row.targets.front())};
  }
  const Result<ConfigValue> value = value_of(*key, key->path, row.variable, given);
  if (!value) return value.error();
  key->set(config, *value);
  config.origins[key->path] = origin(row.variable, given);
  return {};
}

Status set_parameter(const EnvironmentRow& row, const EnvironmentValue& given, EngineConfig& config) {
  std::size_t set_count = 0;
  for (std::size_t i = 0; i < config.strategies.size(); ++i) {
    const Result<std::vector<ConfigKey>> keys = strategy_keys(config.strategies[i].kind);
    if (!keys) return keys.error();
    for (const ConfigKey& key : *keys) {
      if (key.unit != "ATR" || std::ranges::find(row.targets, key.path) == row.targets.end()) continue;
      const std::string path = fmt::format("strategy[{}].{}", i, key.path);
      const Result<ConfigValue> value = value_of(key, path, row.variable, given);
      if (!value) return value.error();
      EngineConfig staged;  // strategy keys write to strategies.front() of the config they are given
      staged.strategies.push_back(std::move(config.strategies[i]));
      key.set(staged, *value);
      config.strategies[i] = std::move(staged.strategies.front());
      config.origins[path] = origin(row.variable, given);
      ++set_count;
    }
  }
  if (set_count == 0)
    config.unused_variables.push_back(fmt::format("{} sets nothing: no strategy here has such a parameter", about(row.variable, given)));
  return {};
}

Result<bool> is_true(const Environment& environment, std::string_view variable) {
  const auto found = environment.find(variable);
  if (found == environment.end()) return false;
  if (found->second.value == "true" || found->second.value == "false") return found->second.value == "true";
  return Error{Errc::config_wrong_type, fmt::format("{} must be true or false", about(variable, found->second))};
}

}  // namespace

std::span<const EnvironmentRow> environment_rows() { return kRows; }

Environment process_environment() {
  Environment environment;
  for (const EnvironmentRow& row : kRows) {
    if (const char* const value = std::getenv(row.variable.data()); value != nullptr)
      environment[std::string(row.variable)] = {std::string(trimmed(value)), "the environment"};
  }
  return environment;
}

Result<Environment> parse_env(std::string_view text, const std::string& name) {
  Environment environment;
  if (text.size() > kEnvBytesMax)
    return Error{Errc::config_syntax, fmt::format("{} is larger than {} bytes; it is no file of settings", name, kEnvBytesMax)};
  std::set<std::string, std::less<>> seen;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::string_view whole = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), whole.size() + 1));
    const std::string_view words = trimmed(whole);
    if (words.empty() || words.front() == '#') continue;
    const std::size_t at = words.find('=');
    const std::string_view key = trimmed(words.substr(0, at));
    // What stands on the line is not shown: it may be a secret that lost its name.
    if (at == std::string_view::npos || !is_variable_name(key))
      return Error{Errc::config_syntax, fmt::format("{} line {}: not of the form KEY=VALUE", name, line)};
    const std::string_view value = trimmed(words.substr(at + 1));
    if (row_of(key) == nullptr) {
      if (const std::string_view meant = meant_by(key); !meant.empty()) {
        return Error{Errc::config_unknown_key,
                     fmt::format("{} line {}: {} is not a variable of ours; did you mean {}?", name, line, shortened(key), meant)};
      }
      continue;
    }
    if (!seen.emplace(key).second)
      return Error{Errc::config_contradiction, fmt::format("{} line {}: {} is given twice; leave one", name, line, key)};
    environment[std::string(key)] = {std::string(value), fmt::format("{} line {}", name, line)};
  }
  return environment;
}

Result<Environment> read_env_file(const std::filesystem::path& file) {
  const std::string name = file.string();
  struct stat status{};
  if (stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode))
    return Error{Errc::not_found, fmt::format("cannot read the settings in {}; check the path", name)};
  if ((status.st_mode & S_IWOTH) != 0) {
    return Error{Errc::unsafe_file,
                 fmt::format("{} may be written by everybody, and what it says decides about money; chmod o-w it", name)};
  }
  std::ifstream in(file, std::ios::binary);
  std::string text(kEnvBytesMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || !(in.eof() || in.gcount() > 0))
    return Error{Errc::not_found, fmt::format("cannot read the settings in {}; check the path", name)};
  text.resize(static_cast<std::size_t>(in.gcount()));
  return parse_env(text, name);
}

Environment merged(const Environment& file, const Environment& process) {
  Environment both = file;
  for (const auto& [variable, given] : process) both[variable] = given;
  const auto paper = file.find("PAPER_TRADING");
  if (paper != file.end() && paper->second.value == "true") both["PAPER_TRADING"] = paper->second;
  return both;
}

Status apply_environment(const Environment& environment, EngineConfig& config) {
  for (const EnvironmentRow& row : kRows) {
    const auto found = environment.find(row.variable);
    if (found == environment.end() || row.kind == VariableKind::trading) continue;
    if (row.kind == VariableKind::fraction) {
      if (const Status fraction = check_fraction(row.variable, found->second); !fraction) return fraction;
    }
    const Status set =
        row.kind == VariableKind::parameter ? set_parameter(row, found->second, config) : set_key(row, found->second, config);
    if (!set) return set;
  }
  const Result<bool> live = is_true(environment, "LIVE_TRADING");
  if (!live) return live.error();
  const Result<bool> paper = is_true(environment, "PAPER_TRADING");
  if (!paper) return paper.error();
  config.live_allowed = *live && !*paper;
  if (const Status sound = check_config(config); !sound)
    return Error{sound.error().code, config.source + " with the environment: " + sound.error().what};
  return {};
}

std::string source_text(const EngineConfig& config) {
  std::set<std::string> variables;
  for (const auto& [path, origin] : config.origins) {
    const std::string variable = origin.substr(0, origin.find(','));
    if (row_of(variable) != nullptr) variables.insert(variable);
  }
  return variables.empty() ? config.source : fmt::format("{} with {}", config.source, fmt::join(variables, ", "));
}

}  // namespace martinet

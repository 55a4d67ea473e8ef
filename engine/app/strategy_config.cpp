#include "engine/app/strategy_config.hpp"

#include <fmt/format.h>

#include "engine/hot/signal/registry.hpp"

namespace martinet {
namespace {

ConfigType type_of(ParameterType type) {
  switch (type) {
    case ParameterType::boolean: return ConfigType::boolean;
    case ParameterType::integer: return ConfigType::integer;
    case ParameterType::number: return ConfigType::number;
    case ParameterType::choice:
    case ParameterType::timeframe:
    case ParameterType::text: break;
  }
  return ConfigType::text;
}

ConfigValue fallback_of(const ParameterSpec& spec) {
  return std::visit(
      [](const auto& value) -> ConfigValue {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string_view>) {
          return std::string(value);
        } else {
          return value;
        }
      },
      spec.fallback);
}

ConfigKey key_of(const ParameterSpec& spec) {
  ConfigKey key;
  key.path = spec.name;
  key.type = type_of(spec.type);
  key.unit = spec.unit;
  key.min = spec.min;
  key.max = spec.max;
  key.choices.assign(spec.choices.begin(), spec.choices.end());
  key.doc = spec.doc;
  key.set = [name = key.path](EngineConfig& config, const ConfigValue& value) {
    std::visit(
        [&](const auto& v) {
          if constexpr (std::is_constructible_v<ParameterValue, decltype(v)>) config.strategies.front().parameters.set(name, ParameterValue(v));
        },
        value);
  };
  key.get = [name = key.path, fallback = fallback_of(spec)](const EngineConfig& config) -> ConfigValue {
    const ParameterValue* value = config.strategies.front().parameters.find(name);
    if (value == nullptr) return fallback;
    return std::visit([](const auto& v) -> ConfigValue { return v; }, *value);
  };
  return key;
}

ConfigKey name_key() {
  ConfigKey key;
  key.path = "name";
  key.type = ConfigType::text;
  key.doc = "what this strategy is called in ledgers and reports; its kind where not given";
  key.set = [](EngineConfig& config, const ConfigValue& value) { config.strategies.front().name = std::get<std::string>(value); };
  key.get = [](const EngineConfig& config) -> ConfigValue { return config.strategies.front().name; };
  return key;
}

ConfigKey instruments_key() {
  ConfigKey key;
  key.path = "instruments";
  key.type = ConfigType::text_list;
  key.doc = "symbols it trades, as in the input's instrument table; [\"*\"] is every one of them";
  key.set = [](EngineConfig& config, const ConfigValue& value) { config.strategies.front().instruments = std::get<std::vector<std::string>>(value); };
  key.get = [](const EngineConfig& config) -> ConfigValue { return config.strategies.front().instruments; };
  return key;
}

ConfigKey capital_key() {
  return fraction_key("capital_fraction", 0.01, 1,
                      "share of the account it may use: of the sizing base for its sizes, of equity for the margin of all it holds; "
                      "shares may add up to more than 1",
                      [](EngineConfig& config) -> Rate& { return config.strategies.front().capital_fraction; });
}

}  // namespace

std::vector<std::string> strategy_kind_names() {
  std::vector<std::string> names;
  for (const StrategyKind* kind : strategy_kinds()) names.emplace_back(kind->name);
  return names;
}

Result<std::vector<ConfigKey>> strategy_keys(const std::string& kind) {
  if (find_strategy_kind(kind) == nullptr) {
    return Error{Errc::config_out_of_bounds, fmt::format("there is no strategy kind \"{}\"; one of: {}", kind, fmt::join(strategy_kind_names(), ", "))};
  }
  std::vector<ConfigKey> keys{name_key(), instruments_key(), capital_key()};
  for (const ParameterSpec& spec : parameters_of(kind)) keys.push_back(key_of(spec));
  return keys;
}

}  // namespace martinet

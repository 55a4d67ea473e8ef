#pragma once
// The table of settings: every key with its type, unit, bounds and words stands in it once. The loader, the printed
// configuration and the documentation are made from it; the default of a key is what a default EngineConfig holds.
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/app/config.hpp"

namespace martinet {

using ConfigValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>, std::vector<std::int64_t>>;

enum class ConfigType : std::uint8_t { boolean, integer, number, text, text_list, integer_list };

struct ConfigKey {
  std::string path;  ///< "risk.risk_fraction"; without a dot: a key above all sections
  ConfigType type = ConfigType::integer;
  std::string unit;  ///< "fraction", "ms"; empty where there is none
  double min = 0;    ///< integer and number (each element of a list too): bounds, both allowed
  double max = 0;
  std::vector<std::string> choices;  ///< text: the words allowed; empty = any
  std::string doc;                   ///< one line
  std::function<void(EngineConfig&, const ConfigValue&)> set;
  std::function<ConfigValue(const EngineConfig&)> get;
};

/// Every key but those of [[strategy]], in the order in which they are shown: first those above all sections.
[[nodiscard]] const std::vector<ConfigKey>& config_keys();

/// A key of a fraction with up to eight decimals, which loads and prints to the very same units.
[[nodiscard]] ConfigKey fraction_key(std::string path, double min, double max, std::string doc, Rate& (*member)(EngineConfig&));

[[nodiscard]] std::string_view name_of(ConfigType type) noexcept;

/// As TOML: 0.0006, "fused", ["a", "b"].
[[nodiscard]] std::string to_toml(const ConfigValue& value);

}  // namespace martinet

#pragma once
// Configuration files: TOML in, TOML out. The one door to toml++.
#include <filesystem>
#include <string>

#include "engine/app/config.hpp"
#include "engine/base/result.hpp"

namespace martinet {

/// Reads a file over the defaults and loads the plugins it names (engine/app/strategy_plugin.hpp): their strategies are known from then on.
/// fails as load_strategy_plugin; not_found, config_syntax, config_unknown_key, config_wrong_type, config_out_of_bounds, config_missing,
///       config_contradiction: one sentence with file, line, key path, value and bound
[[nodiscard]] Result<EngineConfig> load_config(const std::filesystem::path& file);

/// As load_config, from text; `name` stands for the file in messages. Text alone loads no plugins: one that names any is refused
/// (config_contradiction).
[[nodiscard]] Result<EngineConfig> parse_config(const std::string& text, const std::string& name);

/// The whole configuration as a file that loads to the same from anywhere, every key with its unit, bounds and default beside it.
[[nodiscard]] std::string effective_toml(const EngineConfig& config);

/// The same for people: behind each value where it came from.
[[nodiscard]] std::string shown_toml(const EngineConfig& config);

}  // namespace martinet

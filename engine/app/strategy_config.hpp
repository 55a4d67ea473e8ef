#pragma once
// The keys of a [[strategy]] table: those every strategy has and the parameters its kind publishes.
#include <string>
#include <vector>

#include "engine/app/config_keys.hpp"
#include "engine/base/result.hpp"

namespace martinet {

/// Keys of one kind, paths relative to the table ("rsi_period"). Their set and get work on config.strategies.front().
/// fails config_out_of_bounds where there is no such kind
[[nodiscard]] Result<std::vector<ConfigKey>> strategy_keys(const std::string& kind);

[[nodiscard]] std::vector<std::string> strategy_kind_names();

}  // namespace martinet

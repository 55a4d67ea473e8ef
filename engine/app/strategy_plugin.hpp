#pragma once
// Strategies from shared objects, named by `plugins` in the configuration. Loading one is running its code with all rights of this process,
// so who may write the configuration or the file may do what the engine may do. Therefore: a file that others could have changed is
// refused, and so is, before any of its code runs, one whose stamp does not fit this build (engine/hot/signal/strategy_abi.hpp).
//
// What was loaded stays for the life of the process: the kinds, their tables and the code of strategies live in it.
#include <filesystem>
#include <span>
#include <string>

#include "engine/base/result.hpp"
#include "engine/hot/signal/registry.hpp"

namespace martinet {

struct StrategyPlugin {
  std::filesystem::path file;  ///< absolute, without links
  std::string sha256;          ///< of its bytes when it was loaded
  const StrategyKind* kind = nullptr;
};

/// Loads the file and registers its kind. A file that is loaded already is given again, and nothing else happens. Not for two threads at a
/// time; before the engine's threads start.
/// out   valid until the next call
/// fails not_found; unsafe_file (neither ours nor root's, or others may write it or replace it); plugin_refused (no shared object, none of
///       ours, another interface, compiler or layout); config_contradiction (its kind is known already); no_capacity. Sentences begin with
///       the file as it was given
[[nodiscard]] Result<StrategyPlugin> load_strategy_plugin(const std::filesystem::path& file);

/// In the order they were loaded. Valid until the next one is.
[[nodiscard]] std::span<const StrategyPlugin> strategy_plugins();

}  // namespace martinet

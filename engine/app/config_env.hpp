#pragma once
// Settings from environment variables, over those of the file: defaults < file < environment < command line. One table says which
// variable sets which key; type, bounds and words are the key's own (config_keys.cpp).
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "engine/app/config.hpp"
#include "engine/base/result.hpp"

namespace martinet {

enum class VariableKind : std::uint8_t {
  key,        ///< sets one key
  fraction,   ///< the same; above 1 it was meant as percent and is refused
  parameter,  ///< sets a parameter of every [[strategy]] that has it, counted in ATR
  trading,    ///< PAPER_TRADING, LIVE_TRADING
};

struct EnvironmentRow {
  std::string_view variable;
  VariableKind kind = VariableKind::key;
  std::span<const std::string_view> targets;  ///< the key's path; names of the parameter, each strategy has at most one of them
  std::string_view doc;                       ///< one line
};

/// In the order in which they are shown.
[[nodiscard]] std::span<const EnvironmentRow> environment_rows();

struct EnvironmentValue {
  std::string value;
  std::string source;  ///< "the environment", "live.env line 3"
};
/// By name. Only what environment_rows() names is kept: other variables may hold secrets.
using Environment = std::map<std::string, EnvironmentValue, std::less<>>;

/// The variables of this process.
[[nodiscard]] Environment process_environment();

/// Reads a file of KEY=VALUE lines. Empty lines and lines that begin with # are skipped; blanks around KEY and VALUE do not count; a value
/// stands as it is: no quotes, no expansion, no comment behind it. Variables of others are passed over, but one that is nearly ours is a
/// typing error.
/// fails not_found; unsafe_file (everybody may write it); config_syntax (no such line, too large), config_unknown_key (nearly ours),
///       config_contradiction (given twice); the sentence names file and line, and never a value that is not ours
[[nodiscard]] Result<Environment> read_env_file(const std::filesystem::path& file);

/// As read_env_file, from text; `name` stands for the file in messages.
[[nodiscard]] Result<Environment> parse_env(std::string_view text, const std::string& name);

/// `file` under `process`: what the process has was said later. Only PAPER_TRADING=true holds from wherever it comes.
[[nodiscard]] Environment merged(const Environment& file, const Environment& process);

/// Sets what the variables say, and where each value came from (EngineConfig::origins).
/// fails config_wrong_type, config_out_of_bounds, unsupported (a variable whose key this build does not have), config_contradiction: the
///       sentence names the variable and where it was set. `config` may then be half changed
[[nodiscard]] Status apply_environment(const Environment& environment, EngineConfig& config);

/// "config/replay.toml with RISK_PER_TRADE, SIZING_MODE": where a configuration is from, for a summary.
[[nodiscard]] std::string source_text(const EngineConfig& config);

}  // namespace martinet

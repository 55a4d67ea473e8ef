#include <fmt/format.h>

#include "engine/app/config_file.hpp"
#include "engine/app/config_schema.hpp"
#include "tools/martinet/command.hpp"

namespace martinet::cli {

int run_config_check(const std::filesystem::path& file, const std::filesystem::path& env_file) {
  const Result<EngineConfig> config = settings_of(file, env_file);
  if (!config) return fail(config.error());
  fmt::print("{}: sound, {} strateg{}\n", file.string(), config->strategies.size(), config->strategies.size() == 1 ? "y" : "ies");
  return 0;
}

int run_config_show(const std::filesystem::path& file, const std::filesystem::path& env_file) {
  const Result<EngineConfig> config = settings_of(file, env_file);
  if (!config) return fail(config.error());
  fmt::print("{}", shown_toml(*config));
  return 0;
}

int run_config_schema() {
  fmt::print("{}\n", config_schema());
  return 0;
}

}  // namespace martinet::cli

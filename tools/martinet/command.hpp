#pragma once
// What the subcommands share: how they end and how they talk. Each subcommand is one file; main.cpp reads the command line.
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/app/config.hpp"
#include "engine/base/result.hpp"

namespace martinet::cli {

/// Prints "martinet: <sentence>" on stderr; gives the exit code of the error's class.
int fail(const Error& error);

/// The file, or the defaults with the demo strategy where `file` is empty; over it the variables of `env_file` (if any) and of this process.
Result<EngineConfig> settings_of(const std::filesystem::path& file, const std::filesystem::path& env_file);

[[nodiscard]] bool stdout_is_terminal();
[[nodiscard]] bool stderr_is_terminal();

/// A bar on stderr, redrawn in place; nothing where stderr is no terminal.
class ProgressBar {
 public:
  explicit ProgressBar(std::string label);
  ~ProgressBar();
  void show(double fraction, const std::string& detail);

 private:
  std::string label_;
  bool active_;
  bool drawn_ = false;
};

/// Set by Ctrl-C (SIGINT) and SIGTERM once installed; a second signal ends the process at once.
const std::atomic<bool>& interrupted();
void install_interrupt_handler();

/// "12,345,678"
std::string grouped(std::uint64_t value);

struct ReplayArguments {
  std::filesystem::path capture, config, session, resume, input, env_file;
  std::string layout, pace = "max";
  bool json = false, no_session = false, allow_truncated = false;
};
int run_replay(const ReplayArguments& arguments, const std::string& command);

struct ImportArguments {
  std::vector<std::filesystem::path> sources, rules;
  std::filesystem::path output;
  std::string on_error = "stop", market, kind, symbol, timeframe;
  std::vector<std::string> columns, instruments;
  bool overwrite = false, no_compress = false, json = false;
};
int run_import(const ImportArguments& arguments);

struct SynthArguments {
  std::uint64_t seed = 7;
  double hours = 1;
  std::filesystem::path output;
  std::vector<std::string> symbols;
  bool overwrite = false;
};
int run_synth(const SynthArguments& arguments);

struct InspectArguments {
  std::filesystem::path file;
  bool json = false;
  std::uint64_t head = 0;
};
int run_inspect(const InspectArguments& arguments);

struct JournalArguments {
  std::filesystem::path path;
  std::uint64_t head = 0;  ///< 0: all
  bool json = false, dry_run = false;
};
int run_journal_verify(const JournalArguments& arguments);
int run_journal_dump(const JournalArguments& arguments);
int run_journal_repair(const JournalArguments& arguments);

struct ExplainArguments {
  std::string order;
  std::filesystem::path session, input;
  bool json = false;
};
int run_explain(const ExplainArguments& arguments);

struct BenchArguments {
  std::filesystem::path capture;
  double seconds = 2;
  bool json = false;
};
int run_bench(const BenchArguments& arguments);

int run_config_check(const std::filesystem::path& file, const std::filesystem::path& env_file);
int run_config_show(const std::filesystem::path& file, const std::filesystem::path& env_file);
int run_config_schema();

}  // namespace martinet::cli

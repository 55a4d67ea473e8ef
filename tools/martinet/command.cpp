#include "tools/martinet/command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "engine/app/config_env.hpp"
#include "engine/app/config_file.hpp"

namespace martinet::cli {
namespace {

std::atomic<bool> interrupt_flag{false};

extern "C" void on_signal(int signal) {
  if (interrupt_flag.exchange(true)) _exit(128 + signal);
}

}  // namespace

int fail(const Error& error) {
  fmt::print(stderr, "martinet: {}\n", error.what);
  return exit_code(class_of(error.code));
}

Result<EngineConfig> settings_of(const std::filesystem::path& file, const std::filesystem::path& env_file) {
  Result<EngineConfig> config = file.empty() ? parse_config("[[strategy]]\nkind = \"vwap_rsi\"\n", "built-in defaults") : load_config(file);
  if (!config) return config;
  Environment from_file;
  if (!env_file.empty()) {
    Result<Environment> read = read_env_file(env_file);
    if (!read) return read.error();
    from_file = std::move(*read);
  }
  if (const Status applied = apply_environment(merged(from_file, process_environment()), *config); !applied) return applied.error();
  return config;
}

bool stdout_is_terminal() { return isatty(STDOUT_FILENO) == 1; }
bool stderr_is_terminal() { return isatty(STDERR_FILENO) == 1; }

ProgressBar::ProgressBar(std::string label) : label_(std::move(label)), active_(stderr_is_terminal()) {}

ProgressBar::~ProgressBar() {
  if (drawn_) fmt::print(stderr, "\r\033[K");
}

void ProgressBar::show(double fraction, const std::string& detail) {
  if (!active_) return;
  constexpr int kWidth = 30;
  const int filled = static_cast<int>(fraction * kWidth);
  fmt::print(stderr, "\r\033[K{} [{:#<{}}{:.<{}}] {:3.0f} %  {}", label_, "", filled, "", kWidth - filled, fraction * 100, detail);
  std::fflush(stderr);
  drawn_ = true;
}

const std::atomic<bool>& interrupted() { return interrupt_flag; }

void install_interrupt_handler() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

std::string grouped(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

}  // namespace martinet::cli

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <ctime>

#include "engine/app/replay.hpp"
#include "tools/martinet/command.hpp"

namespace martinet::cli {
namespace {

Result<double> parse_pace(const std::string& text) {
  if (text == "max") return 0.0;
  if (text == "realtime") return 1.0;
  double factor = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, factor);
  if (error == std::errc{} && stop + 1 == end && *stop == 'x' && factor > 0 && factor <= 1e6) return factor;
  return Error{Errc::usage, fmt::format("--pace {} is not max, realtime or a factor like 10x (up to 1000000x)", text)};
}

/// sessions/20240805-101500-demo, with a number behind it where that exists already.
std::filesystem::path new_session_folder(const std::filesystem::path& capture) {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  gmtime_r(&now, &utc);
  char stamp[32];
  std::strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &utc);
  const std::filesystem::path base = std::filesystem::path("sessions") / fmt::format("{}-{}", static_cast<const char*>(stamp), capture.stem().string());
  std::filesystem::path folder = base;
  std::error_code error;
  for (int i = 2; std::filesystem::exists(folder, error); ++i) folder = fmt::format("{}-{}", base.string(), i);
  return folder;
}

Status apply_layout(const std::string& text, EngineConfig& config) {
  if (text.empty()) return {};
  for (const Layout layout : {Layout::fused, Layout::split, Layout::staged}) {
    if (name_of(layout) == text) {
      config.pipeline.layout = layout;
      return {};
    }
  }
  return Error{Errc::usage, fmt::format("--layout {} is not fused, split or staged", text)};
}

}  // namespace

int run_replay(const ReplayArguments& arguments, const std::string& command) {
  Result<EngineConfig> config = config_or_defaults(arguments.config);
  if (!config) return fail(config.error());
  if (const Status applied = apply_layout(arguments.layout, *config); !applied) return fail(applied.error());
  const Result<double> pace = parse_pace(arguments.pace);
  if (!pace) return fail(pace.error());

  ReplayOptions options;
  options.capture = arguments.capture;
  options.command = command;
  options.pace = *pace;
  options.allow_truncated = arguments.allow_truncated;
  options.resume = arguments.resume;
  options.interrupted = &interrupted();
  if (!arguments.no_session) options.session = arguments.session.empty() ? new_session_folder(arguments.capture) : arguments.session;
  install_interrupt_handler();

  Result<ReplayOutcome> outcome = [&] {
    ProgressBar bar("replay");
    options.progress = [&bar](double fraction, std::uint64_t records) { bar.show(fraction, grouped(records) + " records"); };
    return replay(*config, options);
  }();
  if (!outcome) return fail(outcome.error());
  const std::string text = arguments.json ? summary_json(outcome->summary, outcome->instruments) + "\n"
                                          : summary_text(outcome->summary, outcome->instruments, stdout_is_terminal());
  fmt::print("{}", text);
  return outcome->was_interrupted ? exit_code(class_of(Errc::interrupted)) : 0;
}

}  // namespace martinet::cli

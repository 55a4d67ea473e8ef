#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <ctime>

#include "engine/app/replay.hpp"
#include "engine/app/reproduce.hpp"
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

Result<Layout> parse_layout(const std::string& text) {
  for (const Layout layout : {Layout::fused, Layout::split, Layout::staged}) {
    if (name_of(layout) == text) return layout;
  }
  return Error{Errc::usage, fmt::format("--layout {} is not fused, split or staged", text)};
}

/// What cannot be meant without a capture.
Status check_reproduction(const ReplayArguments& arguments) {
  if (arguments.session.empty()) {
    return Error{Errc::usage, "replay needs a capture, or --session DIR alone to reproduce a recorded session; see martinet replay --help"};
  }
  const std::pair<bool, const char*> only_with_capture[] = {{arguments.pace != "max", "--pace"},
                                                            {!arguments.resume.empty(), "--resume"},
                                                            {!arguments.env_file.empty() && arguments.config.empty(), "--env-file"},
                                                            {arguments.no_session, "--no-session"},
                                                            {arguments.allow_truncated, "--allow-truncated"}};
  for (const auto& [is_given, name] : only_with_capture) {
    if (is_given) return Error{Errc::usage, fmt::format("{} goes with a capture to replay; without one, --session {} is reproduced as it was recorded", name, arguments.session.string())};
  }
  return {};
}

int run_reproduce(const ReplayArguments& arguments) {
  if (const Status sound = check_reproduction(arguments); !sound) return fail(sound.error());
  ReproduceOptions options;
  options.session = arguments.session;
  options.input = arguments.input;
  if (!arguments.layout.empty()) {
    const Result<Layout> layout = parse_layout(arguments.layout);
    if (!layout) return fail(layout.error());
    options.layout = *layout;
  }
  if (!arguments.config.empty()) {
    Result<EngineConfig> config = settings_of(arguments.config, arguments.env_file);
    if (!config) return fail(config.error());
    options.config = std::move(*config);
  }
  options.interrupted = &interrupted();
  install_interrupt_handler();
  const Result<Reproduction> made = [&] {
    ProgressBar bar("reproduce");
    options.progress = [&bar](double fraction, std::uint64_t records) { bar.show(fraction, grouped(records) + " records"); };
    return reproduce(options);
  }();
  if (!made) return fail(made.error());
  fmt::print("{}", arguments.json ? reproduction_json(*made) + "\n" : reproduction_text(*made, stdout_is_terminal()));
  return made->identical() ? 0 : 1;
}

}  // namespace

int run_replay(const ReplayArguments& arguments, const std::string& command) {
  if (arguments.capture.empty()) return run_reproduce(arguments);
  if (!arguments.input.empty()) return fail({Errc::usage, "--input goes with a session to reproduce; a capture to replay is given without it"});
  Result<EngineConfig> config = settings_of(arguments.config, arguments.env_file);
  if (!config) return fail(config.error());
  if (!arguments.layout.empty()) {
    const Result<Layout> layout = parse_layout(arguments.layout);
    if (!layout) return fail(layout.error());
    config->pipeline.layout = *layout;
  }
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

#pragma once
// A folder that goes with the test, a synthetic market in it, and a replay that keeps every request.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "adapters/capture/synth.hpp"
#include "engine/app/config_file.hpp"
#include "engine/app/replay.hpp"

namespace martinet::whole {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "martinet-whole-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// Sanitizer runs of slow kinds ask for less.
inline bool is_short_run() { return std::getenv("MARTINET_SHORT") != nullptr; }

inline std::filesystem::path make_synth(const TemporaryFolder& folder, std::uint64_t seed, std::int64_t duration_ns) {
  SynthOptions options;
  options.seed = seed;
  options.duration_ns = duration_ns;
  std::filesystem::path capture = folder / ("synth-" + std::to_string(seed) + ".cap");
  const auto made = synthesize(capture, options);
  EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().what);
  return capture;
}

/// Two strategies that trade often: a real one on fast bars and the diagnostic that alternates.
inline EngineConfig busy_config(Layout layout) {
  const Result<EngineConfig> config = load_config(MARTINET_SOURCE_DIR "/config/determinism.toml");
  EXPECT_TRUE(config.ok()) << (config.ok() ? "" : config.error().what);
  EngineConfig out = *config;
  out.pipeline.layout = layout;
  return out;
}

using RequestBytes = std::array<std::byte, kOrderStreamBytes>;

struct Replayed {
  SessionSummary summary;
  std::vector<RequestBytes> requests;
};

inline Replayed run(const EngineConfig& config, ReplayOptions options) {
  Replayed result;
  options.on_request = [&result](const OrderRequest& request) { result.requests.push_back(order_stream_form(request)); };
  Result<ReplayOutcome> outcome = replay(config, options);
  EXPECT_TRUE(outcome.ok()) << (outcome.ok() ? "" : outcome.error().what);
  if (outcome.ok()) result.summary = std::move(outcome->summary);
  return result;
}

inline Replayed run(const EngineConfig& config, const std::filesystem::path& capture) {
  ReplayOptions options;
  options.capture = capture;
  return run(config, options);
}

}  // namespace martinet::whole

// Where threads outnumber cores, spinning is refused: the engine yields, says so, and sends the same orders.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/runtime/pinning.hpp"
#include "tests/whole/whole_support.hpp"

namespace martinet::whole {
namespace spinning_test {

TEST(Spinning, IsRefusedWithAWarningWhereThreadsOutnumberCores) {
  constexpr std::size_t kStagedThreads = 6;  // ingress, gate, indicators, signal, egress, cold
  const TemporaryFolder folder;
  const std::filesystem::path capture = make_synth(folder, 21, kNanosPerMinute);
  EngineConfig config = busy_config(Layout::staged);
  const auto yielding = run(config, capture);
  config.pipeline.idle = IdleMode::spin;
  const auto spinning = run(config, capture);
  const auto says_so = [](const std::string& warning) { return warning.find("\"spin\"") != std::string::npos; };
  EXPECT_EQ(std::ranges::any_of(spinning.summary.warnings, says_so), allowed_cpus().size() < kStagedThreads);
  EXPECT_FALSE(std::ranges::any_of(yielding.summary.warnings, says_so));
  EXPECT_EQ(spinning.requests, yielding.requests);
}

}  // namespace spinning_test
}  // namespace martinet::whole

#pragma once
// From the stages' counters to the summary of a session.
#include <string>
#include <vector>

#include "engine/app/config.hpp"
#include "engine/app/pipeline.hpp"
#include "engine/app/replay_input.hpp"
#include "engine/app/session_recorder.hpp"
#include "engine/cold/telemetry/session_summary.hpp"

namespace martinet {

struct SummarySources {
  const EngineConfig& config;
  const InstrumentTable& instruments;
  Pipeline& pipeline;
  const ReplayInput& input;
  const SessionRecorder& recorder;
  const std::vector<std::string>& strategy_names;
  const TscClock& clock;
};

/// Everything but what only the caller knows: names, times, threads. The pipeline has stopped.
[[nodiscard]] SessionSummary summarise(const SummarySources& sources);

}  // namespace martinet

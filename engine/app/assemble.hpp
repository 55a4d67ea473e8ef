#pragma once
// From configuration and instruments to what the pipeline is built of: strategies and the indicator plan they ask for.
#include <memory>
#include <vector>

#include "engine/app/config.hpp"
#include "engine/base/instrument.hpp"
#include "engine/cold/telemetry/session_summary.hpp"
#include "engine/hot/indicators/plan.hpp"
#include "engine/hot/signal/strategy.hpp"

namespace martinet {

struct Assembly {
  IndicatorPlan plan;
  std::vector<std::unique_ptr<Strategy>> strategies;  ///< in the order of their ids
  std::vector<ModelRow> models;                       ///< which strategy asks which model, in the same order
};

/// A model's path that is not absolute begins in the folder of config.source.
/// fails config_missing (a symbol that the input does not have), and what strategies, plan and model files refuse; the sentence names the strategy
[[nodiscard]] Result<Assembly> assemble(const EngineConfig& config, const InstrumentTable& instruments);

}  // namespace martinet

#pragma once
// Histograms of cycles as rows of nanoseconds.
#include <string>
#include <vector>

#include "engine/app/latency.hpp"
#include "engine/cold/telemetry/session_summary.hpp"
#include "engine/runtime/tsc_clock.hpp"

namespace martinet {

/// Stages that recorded anything, in data order.
[[nodiscard]] std::vector<LatencyRow> latency_rows(const LatencyBook& book, const TscClock& clock);

/// The histogram of one stage in a few dozen bars, four to a doubling.
[[nodiscard]] std::vector<LatencyBar> latency_bars(const Histogram& cycles, const TscClock& clock);

/// The text of latency.hgrm: a block per stage, each line "value_ns count", as in its heading.
[[nodiscard]] std::string latency_text(const LatencyBook& book, const TscClock& clock);

}  // namespace martinet

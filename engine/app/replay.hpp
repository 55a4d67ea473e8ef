#pragma once
// `martinet replay`: a capture through the pipeline in lock step, and what it leaves behind.
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "engine/app/config.hpp"
#include "engine/app/pipeline_probe.hpp"
#include "engine/app/session_recorder.hpp"
#include "engine/cold/telemetry/session_summary.hpp"

namespace martinet {

struct ReplayOptions {
  std::filesystem::path capture;
  std::filesystem::path session;      ///< folder to make; empty = nothing is written
  std::string command;                ///< for the session record
  double pace = 0;                    ///< 0 = as fast as it goes; 1 = real time; 10 = ten times as fast
  bool allow_truncated = false;       ///< replay what is whole of a capture whose end is missing
  std::uint64_t epoch = 1;
  std::filesystem::path resume;       ///< a journal segment of an earlier replay of the same capture with the same configuration: go
                                      ///< on from its checkpoint; empty = from the beginning
  /// Called about ten times a second with the part done (0..1) and the records so far. May be empty.
  std::function<void(double, std::uint64_t)> progress;
  const std::atomic<bool>* interrupted = nullptr;  ///< set from outside: stop, and report what was done so far
  /// For tests: hears every request in order.
  std::function<void(const OrderRequest&)> on_request;
  RecordTap on_record;                      ///< hears every record that a journal gets, or would get
  PipelineProbe* probe = nullptr;           ///< listens in on the hot stages
  std::uint64_t records_max = UINT64_MAX;   ///< stop after so many records of the capture, those before `resume` included
  const std::atomic<bool>* enough = nullptr;  ///< looked at after each record: stop, what was wanted is known
};

struct ReplayOutcome {
  SessionSummary summary;
  InstrumentTable instruments;
  bool was_interrupted = false;
};

/// Runs the whole of it. With a session folder: journal segments, trades.jsonl, session.log, latency.hgrm, summary.json, report.html are in it
/// when this returns.
/// fails what opening the capture, assembling and the session folder fail with; corrupted and truncated where the capture breaks
///       off (the session then holds all up to there)
[[nodiscard]] Result<ReplayOutcome> replay(const EngineConfig& config, const ReplayOptions& options);

}  // namespace martinet

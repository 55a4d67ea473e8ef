#pragma once
// The folder a session leaves: journal segments while it runs, the files made from them at its end.
#include <filesystem>
#include <memory>
#include <string>

#include "adapters/capture/capture_types.hpp"
#include "adapters/io/uring_storage.hpp"
#include "engine/app/config.hpp"
#include "engine/cold/journal/journal_writer.hpp"
#include "engine/cold/telemetry/session_summary.hpp"

namespace martinet {

/// Where a session came from: what it takes to make it once more (session_journal.hpp).
struct SessionOrigin {
  std::string command;
  std::filesystem::path input;    ///< the capture, as it was given
  std::filesystem::path resumed;  ///< the journal segment it goes on from; empty = from the beginning
};

class SessionFolder {
 public:
  /// Makes the folder (0700) and opens the journal.
  /// in    models: what the strategies ask; named in the record of the session
  /// fails exists_already where it exists and is not empty; io_failed; kernel_too_old
  [[nodiscard]] static Result<std::unique_ptr<SessionFolder>> create(const std::filesystem::path& folder, const EngineConfig& config,
                                                                     const InstrumentTable& instruments, std::span<const ModelRow> models,
                                                                     const SessionOrigin& origin, std::uint64_t epoch);

  [[nodiscard]] JournalWriter& journal() noexcept { return *journal_; }
  [[nodiscard]] std::uint64_t ring_enters() const noexcept { return storage_->ring_enters(); }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return folder_; }

  /// Begins the next segment: session text, configuration, instrument table, checkpoint.
  Status begin_segment(std::int64_t ts_ns, std::span<const std::byte> checkpoint);

  /// Ends the journal and writes trades.jsonl, session.log, latency.hgrm, summary.json and report.html, all from the journal and the summary.
  /// `summary` gets its performance figures here.
  Status finish(std::int64_t ts_ns, const journal::SegmentEndRecord& end, SessionSummary& summary, SessionDetail detail, const std::string& latency_text);

 private:
  SessionFolder(std::filesystem::path folder, std::unique_ptr<UringStorage> storage);

  std::filesystem::path folder_;
  std::string config_text_;
  std::string session_text_;
  std::vector<std::byte> instruments_;
  std::unique_ptr<UringStorage> storage_;
  std::unique_ptr<JournalWriter> journal_;
};

/// The code and the models behind a session, a line each with its hash: "plugin=...", "model=...".
[[nodiscard]] std::vector<std::string> made_with(const EngineConfig& config, std::span<const ModelRow> models);

/// Every execution in the journal of a session folder, in order.
[[nodiscard]] Result<std::vector<Execution>> executions_of(const std::filesystem::path& folder);

/// The checkpoint at the beginning of a journal segment, its parts joined.
/// fails as JournalReader; checkpoint_mismatch where the segment ends before its checkpoint does
[[nodiscard]] Result<std::vector<std::byte>> checkpoint_of(const std::filesystem::path& segment);

/// Writes a text file as a whole: beside it first, then renamed, so that it is there completely or not at all.
[[nodiscard]] Status write_whole_file(const std::filesystem::path& file, const std::string& text);

}  // namespace martinet

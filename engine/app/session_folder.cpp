#include "engine/app/session_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <optional>

#include "adapters/capture/capture_format.hpp"
#include "adapters/io/posix_files.hpp"
#include "adapters/net/sha256.hpp"
#include "engine/app/build_info.hpp"
#include "engine/app/config_file.hpp"
#include "engine/app/config_text.hpp"
#include "engine/app/strategy_plugin.hpp"
#include "engine/base/decimal.hpp"
#include "engine/cold/journal/journal_reader.hpp"

namespace martinet {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span<const char>(text.data(), text.size())); }

std::string describe_session(const EngineConfig& config, std::span<const ModelRow> models, const SessionOrigin& origin) {
  std::error_code error;  // paths that are not absolute begin in `folder`; without one they are taken as they are
  std::string text = fmt::format("mode=replay\ncommand={}\ninput={}\nfolder={}\n", one_line(origin.command), one_line(origin.input.string()),
                                 one_line(std::filesystem::current_path(error).string()));
  if (!origin.resumed.empty()) text += fmt::format("resumed={}\n", one_line(origin.resumed.string()));
  text += fmt::format("config={}\nbuild={}\naccount={} {}\ntaker_fee={} maker_fee={} spot_taker_fee={} spot_maker_fee={} slippage={}\n",
                     one_line(config.source), build_id(), to_text(config.account.initial_balance), config.account.currency, to_text(config.paper.taker_fee.v, kRateDecimals),
                     to_text(config.paper.maker_fee.v, kRateDecimals), to_text(config.paper.spot_taker_fee.v, kRateDecimals),
                     to_text(config.paper.spot_maker_fee.v, kRateDecimals), to_text(config.paper.slippage.v, kRateDecimals));
  for (const std::string& line : made_with(config, models)) text += line + "\n";
  return text;
}

}  // namespace

std::vector<std::string> made_with(const EngineConfig& config, std::span<const ModelRow> models) {
  std::vector<std::string> lines;
  for (const StrategyPlugin& plugin : strategy_plugins()) {
    const bool is_named = std::find(config.plugins.begin(), config.plugins.end(), plugin.file.string()) != config.plugins.end();
    if (is_named) lines.push_back(fmt::format("plugin={} sha256={}", one_line(plugin.file.string()), plugin.sha256));
  }
  for (const ModelRow& row : models) {
    lines.push_back(fmt::format("model={} version={} sha256={} strategy={}", one_line(row.name), one_line(row.version), row.sha256, one_line(row.strategy)));
  }
  return lines;
}

SessionFolder::SessionFolder(std::filesystem::path folder, std::unique_ptr<UringStorage> storage)
    : folder_(std::move(folder)), storage_(std::move(storage)) {}

Result<std::unique_ptr<SessionFolder>> SessionFolder::create(const std::filesystem::path& folder, const EngineConfig& config,
                                                             const InstrumentTable& instruments, std::span<const ModelRow> models,
                                                             const SessionOrigin& origin, std::uint64_t epoch) {
  std::error_code error;
  if (std::filesystem::exists(folder, error) && !(std::filesystem::is_directory(folder, error) && std::filesystem::is_empty(folder, error))) {
    return Error{Errc::exists_already, folder.string() + " exists and is not an empty folder; sessions are never overwritten, choose another with --session, or leave the capture out to reproduce that one"};
  }
  std::filesystem::create_directories(folder, error);
  if (error) return Error{Errc::io_failed, fmt::format("cannot make the session folder {}: {}", folder.string(), error.message())};
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  // What is durable in a folder is lost with the folder's name: that must be durable first.
  if (const Status synced = PosixFiles().sync_folder((folder / "..").string()); !synced) return synced.error();
  Result<std::unique_ptr<UringStorage>> storage = UringStorage::create_ring();
  if (!storage) return storage.error();
  std::unique_ptr<SessionFolder> session(new SessionFolder(folder, std::move(*storage)));
  session->config_text_ = effective_toml(config);
  session->session_text_ = describe_session(config, models, origin);
  CaptureHeader header;
  header.instruments = instruments;
  Result<std::vector<std::byte>> body = capture::encode_header(header);
  if (!body) return body.error();
  session->instruments_ = std::move(*body);
  Sha256 config_hash;
  config_hash.update(bytes_of(session->config_text_));
  JournalOptions options;
  options.folder = folder.string();
  options.epoch = epoch;
  options.config_sha256 = config_hash.digest();
  options.build_id = build_id();
  options.account = "paper";
  session->journal_ = std::make_unique<JournalWriter>(*session->storage_, options);
  return session;
}

Status SessionFolder::begin_segment(std::int64_t ts_ns, std::span<const std::byte> checkpoint) {
  if (const Status begun = journal_->begin_segment(ts_ns); !begun) return begun;
  if (journal_->append(journal::RecordType::session, ts_ns, bytes_of(session_text_).first(std::min(session_text_.size(), journal::kPayloadMax))) != Errc::ok) {
    return journal_->sync();
  }
  if (const Status done = journal_->append_parts(journal::RecordType::configuration, ts_ns, bytes_of(config_text_)); !done) return done;
  if (const Status done = journal_->append_parts(journal::RecordType::instruments, ts_ns, instruments_); !done) return done;
  return journal_->append_parts(journal::RecordType::checkpoint, ts_ns, checkpoint);
}

Status SessionFolder::finish(std::int64_t ts_ns, const journal::SegmentEndRecord& end, SessionSummary& summary, SessionDetail detail, const std::string& latency_text) {
  if (journal_->append_struct(journal::RecordType::segment_end, ts_ns, end) == Errc::lane_full) {
    if (const Status synced = journal_->sync(); !synced) return synced;
    (void)journal_->append_struct(journal::RecordType::segment_end, ts_ns, end);
  }
  if (const Status closed = journal_->close(); !closed) return closed;
  summary.ring_enters = ring_enters();
  Result<std::vector<Execution>> executions = executions_of(folder_);
  if (!executions) return executions.error();
  detail.executions = std::move(*executions);
  summary.performance = performance_of(detail.executions, detail.equity);
  std::string trades;
  std::string log;
  for (const ModelRow& model : summary.models) log += model_line(model, true);
  for (const Execution& execution : detail.executions) {
    trades += trade_line(execution, detail, folder_.filename().string(), true);
    log += log_line(execution, detail, true);
  }
  if (const Status done = write_whole_file(folder_ / "session.log", log); !done) return done;
  if (const Status done = write_whole_file(folder_ / "trades.jsonl", trades); !done) return done;
  if (const Status done = write_whole_file(folder_ / "latency.hgrm", latency_text); !done) return done;
  if (const Status done = write_whole_file(folder_ / "summary.json", summary_json(summary, *detail.instruments) + "\n"); !done) return done;
  return write_whole_file(folder_ / "report.html", report_html(summary, detail));
}

Result<std::vector<Execution>> executions_of(const std::filesystem::path& folder) {
  const Result<std::vector<std::filesystem::path>> segments = journal_segments(folder);
  if (!segments) return segments.error();
  std::vector<Execution> executions;
  std::optional<JournalReader> previous;
  for (const std::filesystem::path& segment : *segments) {
    Result<JournalReader> reader = JournalReader::open(segment);
    if (!reader) return reader.error();
    if (previous) {
      if (const Status chained = reader->follows(*previous); !chained) return chained.error();
    }
    JournalRecord record;
    Execution execution;
    while (reader->next(record)) {
      if (record.type() == journal::RecordType::execution && record.as(execution)) executions.push_back(execution);
    }
    if (!reader->status()) return reader->status().error();
    previous = std::move(*reader);
  }
  return executions;
}

Result<std::vector<std::byte>> checkpoint_of(const std::filesystem::path& segment) {
  Result<JournalReader> reader = JournalReader::open(segment);
  if (!reader) return reader.error();
  std::vector<std::byte> checkpoint;
  JournalRecord record;
  while (reader->next(record)) {
    if (record.type() != journal::RecordType::checkpoint || record.payload.size() < sizeof(journal::PartHead)) continue;
    journal::PartHead head;
    std::memcpy(&head, record.payload.data(), sizeof(head));
    const auto body = record.payload.subspan(sizeof(head));
    checkpoint.insert(checkpoint.end(), body.begin(), body.end());
    if (head.index + 1 == head.count) return checkpoint;
  }
  if (!reader->status()) return reader->status().error();
  return Error{Errc::checkpoint_mismatch, segment.string() + " ends before its checkpoint does; use the segment before it"};
}

Status write_whole_file(const std::filesystem::path& file, const std::string& text) {
  const std::filesystem::path part = file.string() + ".part";
  {
    std::ofstream out(part, std::ios::binary | std::ios::trunc);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    out.close();
    if (!out) return Error{Errc::io_failed, "cannot write " + file.string() + "; check the folder and the space on its disk"};
  }
  std::error_code error;
  std::filesystem::permissions(part, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
  std::filesystem::rename(part, file, error);
  if (error) return Error{Errc::io_failed, fmt::format("cannot write {}: {}", file.string(), error.message())};
  return {};
}

}  // namespace martinet

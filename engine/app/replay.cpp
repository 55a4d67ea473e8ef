#include "engine/app/replay.hpp"

#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "adapters/capture/capture_reader.hpp"
#include "engine/app/assemble.hpp"
#include "engine/app/build_info.hpp"
#include "engine/app/latency_report.hpp"
#include "engine/app/pipeline.hpp"
#include "engine/app/replay_input.hpp"
#include "engine/app/session_folder.hpp"
#include "engine/app/session_recorder.hpp"
#include "engine/app/summarise.hpp"
#include "engine/runtime/pinning.hpp"

namespace martinet {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// Inputs worked off before the hot thread's counters start: caches, page tables and lazily bound symbols are settled by then.
constexpr std::uint64_t kWarmUpRecords = 2000;

/// What the session folder's recorder hears, and what a test asked to hear.
class TappedRecorder final : public ColdSink {
 public:
  TappedRecorder(SessionRecorder& recorder, const std::function<void(const OrderRequest&)>& on_request) : recorder_(recorder), on_request_(on_request) {}
  void decision(const GateDecision& decision) override { recorder_.decision(decision); }
  void mark(const Tick& tick) override { recorder_.mark(tick); }
  void sent(const OrderRequest& request) override {
    recorder_.sent(request);
    if (on_request_) on_request_(request);
  }
  void venue_event(const VenueEvent& event) override { recorder_.venue_event(event); }
  void execution(const Execution& execution, std::int64_t ts_ns) override { recorder_.execution(execution, ts_ns); }
  void position(const PositionView& view) override { recorder_.position(view); }
  void equity(std::int64_t ts_ns, Money equity, Money balance) override { recorder_.equity(ts_ns, equity, balance); }
  void alert(std::int64_t ts_ns, std::uint32_t code, InstrumentId instrument) override { recorder_.alert(ts_ns, code, instrument); }
  void turn_done() override { recorder_.turn_done(); }

 private:
  SessionRecorder& recorder_;
  const std::function<void(const OrderRequest&)>& on_request_;
};

/// Holds a record back until its time has come.
class Pacer {
 public:
  explicit Pacer(double pace) : pace_(pace) {}
  void wait_for(std::int64_t ts_ns) {
    if (pace_ <= 0) return;
    if (ts_first_ns_ == INT64_MIN) {
      ts_first_ns_ = ts_ns;
      start_ = SteadyClock::now();
    }
    const auto due = start_ + std::chrono::nanoseconds(static_cast<std::int64_t>(static_cast<double>(ts_ns - ts_first_ns_) / pace_));
    if (due > SteadyClock::now()) std::this_thread::sleep_until(due);
  }

 private:
  double pace_;
  std::int64_t ts_first_ns_ = INT64_MIN;
  SteadyClock::time_point start_;
};

class Run {
 public:
  Run(EngineConfig config, const ReplayOptions& options, CaptureReader reader) : config_(std::move(config)), options_(options), reader_(std::move(reader)) {}

  Result<ReplayOutcome> operator()() {
    if (const Status ready = prepare(); !ready) return ready.error();
    const auto start = SteadyClock::now();
    const Status read = read_all();
    input_->finish(kSettleHorizonNs);
    const WorkerCounters ingress = since(rotation_counters_, since(warm_counters_, ingress_counters()));
    pipeline_->stop();
    const double elapsed_s = std::chrono::duration<double>(SteadyClock::now() - start).count();
    ReplayOutcome outcome{summary(ingress, elapsed_s), reader_.header().instruments, was_interrupted_};
    if (folder_) {
      if (const Status done = close_session(outcome.summary); !done) return done.error();
    } else {
      outcome.summary.performance = performance_of(recorder_->executions(), equity_points());
    }
    if (!read) return read.error();
    return outcome;
  }

 private:
  /// Orders on their way when the capture ends still get their answer.
  static constexpr std::int64_t kSettleHorizonNs = 10 * kNanosPerSecond;

  Status prepare() {
    const InstrumentTable& instruments = reader_.header().instruments;
    Result<Assembly> assembly = assemble(config_, instruments);
    if (!assembly) return assembly.error();
    for (const auto& strategy : assembly->strategies) strategy_names_.push_back(strategy->name());
    models_ = assembly->models;
    if (!options_.session.empty()) {
      auto folder = SessionFolder::create(options_.session, config_, instruments, models_, {options_.command, options_.capture, options_.resume}, options_.epoch);
      if (!folder) return folder.error();
      folder_ = std::move(*folder);
    }
    const Result<TscClock> clock = TscClock::calibrate();
    if (!clock) return clock.error();
    clock_ = *clock;
    venue_ = std::make_unique<PaperVenue>(instruments, config_.paper);
    recorder_ = std::make_unique<SessionRecorder>(instruments, config_.account.initial_balance, folder_ ? &folder_->journal() : nullptr, options_.on_record);
    tap_ = std::make_unique<TappedRecorder>(*recorder_, options_.on_request);
    pipeline_ = std::make_unique<Pipeline>(config_, instruments, assembly->plan, std::move(assembly->strategies), *venue_, venue_.get(), *tap_, options_.epoch);
    input_ = std::make_unique<ReplayInput>(*pipeline_, reader_.header(), config_);
    if (!config_.pipeline.cpus.empty()) {
      if (const Status pinned = pin_this_thread(static_cast<int>(config_.pipeline.cpus.front())); !pinned) warnings_.push_back(pinned.error().what);
    }
    if (!options_.resume.empty()) {
      if (const Status resumed = resume(); !resumed) return resumed;
    }
    pipeline_->listen(options_.probe);
    name_this_thread("ingress");
    pipeline_->start(Crank::lock_step);
    return {};
  }

  /// The state at the segment's beginning, and as many records passed over as had been worked off by then.
  Status resume() {
    const Result<std::vector<std::byte>> checkpoint = checkpoint_of(options_.resume);
    if (!checkpoint) return checkpoint.error();
    ArchiveReader archive(*checkpoint);
    if (pipeline_->load(archive) != Errc::ok || input_->load(archive) != Errc::ok || recorder_->load(archive) != Errc::ok || !archive.done()) {
      return Error{Errc::checkpoint_mismatch, fmt::format("the checkpoint in {} was made by another build, configuration or capture; replay from the beginning, or give what it was made with", options_.resume.string())};
    }
    CaptureRecord record;
    for (std::uint64_t passed = 0; passed < input_->counters().records; ++passed) {
      const ReadState state = reader_.next(record);
      if (state == ReadState::failed) return reader_.error();
      if (state == ReadState::end) return Error{Errc::checkpoint_mismatch, fmt::format("{} ends before the place at which {} goes on; give the capture the segment was made from", options_.capture.string(), options_.resume.string())};
      ts_first_ns_ = record.ts_receive_ns;
    }
    return {};
  }

  Status read_all() {
    Pacer pacer(options_.pace);
    CaptureRecord record;
    auto next_report = SteadyClock::now();
    std::uint64_t count = 0;
    for (;;) {
      if (input_->counters().records >= options_.records_max) return {};
      if (options_.enough != nullptr && options_.enough->load(std::memory_order_relaxed)) return {};
      const ReadState state = reader_.next(record);
      if (state == ReadState::end) return {};
      if (state == ReadState::failed) return reader_.error();
      if (ts_first_ns_ == 0) ts_first_ns_ = record.ts_receive_ns;
      if (record.ts_receive_ns >= next_segment_ns_) {
        if (const Status begun = begin_segment(record.ts_receive_ns); !begun) return begun;
      }
      pacer.wait_for(record.ts_receive_ns);
      input_->on_record(record);
      ++count;
      if (count == kWarmUpRecords) {
        warm_counters_ = ingress_counters();
        is_warm_ = true;
      }
      if ((count & 0xFFF) != 0 && options_.pace <= 0) continue;
      if (options_.interrupted != nullptr && options_.interrupted->load(std::memory_order_relaxed)) {
        was_interrupted_ = true;
        return {};
      }
      if (options_.progress && SteadyClock::now() >= next_report) {
        options_.progress(reader_.fraction_read(), count);
        next_report = SteadyClock::now() + std::chrono::milliseconds(100);
      }
    }
  }

  Status begin_segment(std::int64_t ts_ns) {
    next_segment_ns_ = floor_to(ts_ns, config_.session.segment_ns) + config_.session.segment_ns;
    if (!folder_) return {};
    // Between inputs, the engine at rest: what a rotation costs is not the hot path's, so it is counted apart.
    const WorkerCounters before = read_thread_counters();
    ArchiveWriter checkpoint;
    pipeline_->save(checkpoint);
    input_->save(checkpoint);
    recorder_->save(checkpoint);
    const Status begun = folder_->begin_segment(ts_ns, checkpoint.bytes());
    if (is_warm_) add_host_counts(rotation_counters_, since(before, read_thread_counters()));
    return begun;
  }

  WorkerCounters ingress_counters() const {
    WorkerCounters counters = read_thread_counters();
    counters.name = config_.pipeline.layout == Layout::fused ? "all stages" : "ingress";
    counters.messages = pipeline_->counters().inputs;
    return counters;
  }

  SessionSummary summary(const WorkerCounters& ingress, double elapsed_s) {
    SummarySources sources{config_, reader_.header().instruments, *pipeline_, *input_, *recorder_, strategy_names_, clock_};
    SessionSummary out = summarise(sources);
    out.models = models_;
    out.session = options_.session.string();
    out.input = options_.capture.string();
    out.ts_first_ns = ts_first_ns_;
    out.ts_last_ns = input_->now_ns() == INT64_MIN ? 0 : input_->now_ns();
    out.elapsed_s = elapsed_s;
    out.events_per_second = elapsed_s > 0 ? static_cast<double>(out.events) / elapsed_s : 0;
    out.hot_threads.push_back(ingress);
    for (WorkerCounters& counters : pipeline_->worker_counters()) out.hot_threads.push_back(std::move(counters));
    for (std::string& warning : warnings_) out.warnings.push_back(warning);
    if (reader_.was_truncated()) out.warnings.emplace_back("the capture's end is missing; what is whole was replayed");
    if (was_interrupted_) out.warnings.emplace_back("interrupted before the end of the capture");
    if (recorder_->journal_status() != Errc::ok) out.warnings.push_back(fmt::format("the journal stopped: {}", sentence_of(recorder_->journal_status())));
    return out;
  }

  std::vector<SeriesPoint> equity_points() const {
    const auto kept = recorder_->equity_curve().points();
    std::vector<SeriesPoint> points(kept.begin(), kept.end());
    if (recorder_->equity_curve().seen() > 0) points.push_back(recorder_->equity_curve().last());
    return points;
  }

  Status close_session(SessionSummary& summary) {
    if (folder_->journal().segment_count() == 0) {  // a capture without records still leaves a journal that says so
      if (const Status begun = begin_segment(summary.ts_first_ns); !begun) return begun;
    }
    SessionDetail detail;
    detail.instruments = &reader_.header().instruments;
    detail.strategy_names = strategy_names_;
    detail.epoch = options_.epoch;
    detail.equity = equity_points();
    for (const InstrumentCurve& curve : recorder_->prices()) {
      if (curve.price.seen() > 0) detail.prices.push_back(&curve);
    }
    return folder_->finish(summary.ts_last_ns, {pipeline_->counters().inputs, summary.orders_sent, summary.records}, summary, std::move(detail), latency_text(pipeline_->latency(), clock_));
  }

  EngineConfig config_;
  const ReplayOptions& options_;
  CaptureReader reader_;
  TscClock clock_;
  std::unique_ptr<SessionFolder> folder_;
  std::unique_ptr<PaperVenue> venue_;
  std::unique_ptr<SessionRecorder> recorder_;
  std::unique_ptr<TappedRecorder> tap_;
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<ReplayInput> input_;
  std::vector<std::string> strategy_names_;
  std::vector<ModelRow> models_;
  std::vector<std::string> warnings_;
  WorkerCounters warm_counters_;
  WorkerCounters rotation_counters_;
  bool is_warm_ = false;
  std::int64_t ts_first_ns_ = 0;
  std::int64_t next_segment_ns_ = INT64_MIN;
  bool was_interrupted_ = false;
};

}  // namespace

Result<ReplayOutcome> replay(const EngineConfig& config, const ReplayOptions& options) {
  CaptureReadOptions read_options;
  read_options.allow_truncated = options.allow_truncated;
  Result<CaptureReader> reader = CaptureReader::open(options.capture, read_options);
  if (!reader) return reader.error();
  EngineConfig spread = config;
  spread_account(spread);
  return Run(std::move(spread), options, std::move(*reader))();
}

}  // namespace martinet

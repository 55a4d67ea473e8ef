#include "engine/app/bench.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "adapters/capture/capture_reader.hpp"
#include "adapters/capture/capture_writer.hpp"
#include "adapters/capture/synth.hpp"
#include "engine/app/assemble.hpp"
#include "engine/app/build_info.hpp"
#include "engine/app/config_file.hpp"
#include "engine/app/latency_report.hpp"
#include "engine/app/pipeline.hpp"
#include "engine/app/replay.hpp"
#include "engine/app/replay_input.hpp"
#include "engine/runtime/pinning.hpp"

namespace martinet {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// Refuses every order at once, so that the next tick may send the next: the path of an order is taken as often as there are ticks.
class RefusingVenue final : public OrderVenue {
 public:
  void submit(const OrderRequest& request) noexcept override {
    if (request.action != OrderAction::place || count_ == events_.size()) return;
    VenueEvent& event = events_[(first_ + count_++) % events_.size()];
    event = VenueEvent{};
    event.ts_exchange_ns = event.ts_receive_ns = request.ts_ns;
    event.key = request.key;
    event.leaves_qty = request.qty;
    event.instrument = request.instrument;
    event.strategy = request.strategy;
    event.kind = VenueEventKind::rejected;
    event.reason = Errc::instrument_halted;
    event.side = request.side;
  }
  [[nodiscard]] std::int64_t next_event_ts() const noexcept override { return count_ == 0 ? kNever : events_[first_].ts_receive_ns; }
  [[nodiscard]] bool take_event(std::int64_t now_ns, VenueEvent& event) noexcept override {
    if (count_ == 0 || events_[first_].ts_receive_ns > now_ns) return false;
    event = events_[first_];
    first_ = (first_ + 1) % events_.size();
    --count_;
    return true;
  }
  [[nodiscard]] Capabilities capabilities() const noexcept override { return {AttachStop::none, true, true, false, false, true}; }

 private:
  std::array<VenueEvent, capacity::orders_in_flight_max> events_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

struct Frame {
  std::int64_t ts_receive_ns;
  std::uint16_t stream;
  std::string text;
};

struct Frames {
  CaptureHeader header;
  std::vector<Frame> frames;
};

Result<Frames> load(const std::filesystem::path& capture) {
  Result<CaptureReader> reader = CaptureReader::open(capture);
  if (!reader) return reader.error();
  Frames loaded{reader->header(), {}};
  CaptureRecord record;
  constexpr std::size_t kFramesMax = 200'000;  // about 100 MB
  while (loaded.frames.size() < kFramesMax) {
    const ReadState state = reader->next(record);
    if (state == ReadState::failed) return reader->error();
    if (state == ReadState::end) break;
    if (record.kind == RecordKind::raw_frame) loaded.frames.push_back({record.ts_receive_ns, record.stream, std::string(record.frame())});
  }
  if (loaded.frames.empty()) return Error{Errc::missing_field, capture.string() + " holds no raw frames; give a capture of raw frames, or none for a synthetic one"};
  return loaded;
}

Result<EngineConfig> order_per_tick_config(Layout layout) {
  Result<EngineConfig> config = parse_config("[[strategy]]\nkind = \"every_bar\"\nevery_tick = true\n", "bench");
  if (!config) return config;
  config->pipeline.layout = layout;
  config->pipeline.latency_sample = 1;
  spread_account(*config);
  return config;
}

std::vector<CaptureRecord> as_records(const Frames& frames) {
  std::vector<CaptureRecord> records;
  records.reserve(frames.frames.size());
  for (const Frame& frame : frames.frames) {
    CaptureRecord record;
    record.kind = RecordKind::raw_frame;
    record.stream = frame.stream;
    record.ts_receive_ns = frame.ts_receive_ns;
    record.payload = std::as_bytes(std::span<const char>(frame.text.data(), frame.text.size()));
    records.push_back(record);
  }
  return records;
}

/// Every pass is a session of its own: the feed would refuse the same trades a second time.
Result<BenchLatency> measure_fused(const Frames& frames, const BenchOptions& options, const TscClock& clock) {
  const Result<EngineConfig> config = order_per_tick_config(Layout::fused);
  if (!config) return config.error();
  const std::vector<CaptureRecord> records = as_records(frames);
  auto sum = std::make_unique<LatencyBook>();
  std::array<Histogram, kStageCount> merged;
  BenchLatency result{"fused, lock step, every tick sends an order", {}, {}};
  const auto end = SteadyClock::now() + std::chrono::duration<double>(options.seconds);
  do {
    Result<Assembly> assembly = assemble(*config, frames.header.instruments);
    if (!assembly) return assembly.error();
    RefusingVenue venue;
    ColdSink sink;
    Pipeline pipeline(*config, frames.header.instruments, assembly->plan, std::move(assembly->strategies), venue, nullptr, sink, 1);
    ReplayInput input(pipeline, frames.header, *config);
    pipeline.start(Crank::lock_step);
    const std::size_t warm_up = records.size() / 10;
    for (std::size_t i = 0; i < warm_up; ++i) input.on_record(records[i]);
    pipeline.latency().clear();
    const WorkerCounters start = read_thread_counters();
    for (std::size_t i = warm_up; i < records.size(); ++i) input.on_record(records[i]);
    WorkerCounters counters = since(start, read_thread_counters());
    counters.name = "all stages";
    counters.messages = records.size() - warm_up;
    result.threads.assign(1, counters);
    pipeline.stop();
    for (std::size_t i = 0; i < kStageCount; ++i) merged[i].merge(pipeline.latency().of(static_cast<Stage>(i)));
  } while (SteadyClock::now() < end);
  for (std::size_t i = 0; i < kStageCount; ++i) sum->merge(static_cast<Stage>(i), merged[i]);
  result.stages = latency_rows(*sum, clock);
  return result;
}

/// Frames come one at a time, as far apart as a busy market sends them, so that what is measured is the path and not the queue.
Result<BenchLatency> measure_split(const Frames& frames, const BenchOptions& options, const TscClock& clock) {
  constexpr std::int64_t kSpacingNs = 50'000;
  const Result<EngineConfig> config = order_per_tick_config(Layout::split);
  if (!config) return config.error();
  Result<Assembly> assembly = assemble(*config, frames.header.instruments);
  if (!assembly) return assembly.error();
  const std::vector<CaptureRecord> records = as_records(frames);
  RefusingVenue venue;
  ColdSink sink;
  Pipeline pipeline(*config, frames.header.instruments, assembly->plan, std::move(assembly->strategies), venue, nullptr, sink, 1);
  FrameDecoder decoder(frames.header.instruments, frames.header.streams);
  auto decoded = std::make_unique<DecodedFrame>();
  pipeline.start(Crank::free_running);
  const auto count = std::min(records.size(), static_cast<std::size_t>(options.seconds * 1e9 / static_cast<double>(kSpacingNs)));
  std::int64_t next_timer_ns = 0;
  std::int64_t due_ns = clock.now_ns();
  for (std::size_t i = 0; i < count; ++i) {
    while (clock.now_ns() < due_ns) _mm_pause();
    due_ns = std::max(due_ns + kSpacingNs, clock.now_ns());
    const CaptureRecord& record = records[i];
    if (record.ts_receive_ns >= next_timer_ns) {
      pipeline.on_timer(record.ts_receive_ns);
      next_timer_ns = record.ts_receive_ns + kNanosPerSecond;
    }
    const std::uint64_t origin = tsc_now();
    if (decoder.decode(record.stream, record.frame(), record.ts_receive_ns, *decoded) != Errc::ok) continue;
    for (std::uint32_t k = 0; k < decoded->depth_count; ++k) pipeline.on_depth(decoded->depths[k], origin);
    for (std::uint32_t k = 0; k < decoded->candle_count; ++k) pipeline.on_candle(decoded->candles[k], origin);
    for (std::uint32_t k = 0; k < decoded->tick_count; ++k) pipeline.on_tick(decoded->ticks[k], origin);
  }
  pipeline.stop();
  BenchLatency result{"split, free running, one frame every 50 us", latency_rows(pipeline.latency(), clock), pipeline.worker_counters()};
  return result;
}

/// The ticks of the frames as a parsed capture, again and again with later stamps and ids until there are enough.
Status write_parsed(const Frames& frames, const std::filesystem::path& file, std::size_t tick_count_min) {
  CaptureHeader header;
  header.instruments = frames.header.instruments;
  header.streams.push_back({Venue::file, Market::none, StreamKind::parsed, kNoInstrument, "parsed"});
  header.note = "bench";
  Result<CaptureWriter> writer = CaptureWriter::create(file, header, {true, false, false});
  if (!writer) return writer.error();
  FrameDecoder decoder(frames.header.instruments, frames.header.streams);
  auto decoded = std::make_unique<DecodedFrame>();
  const std::int64_t span_ns = frames.frames.back().ts_receive_ns - frames.frames.front().ts_receive_ns + kNanosPerSecond;
  std::size_t count = 0;
  constexpr std::uint64_t kIdShift = 1ULL << 48;
  for (std::int64_t pass = 0; count < tick_count_min; ++pass) {
    const std::size_t before = count;
    for (const Frame& frame : frames.frames) {
      if (decoder.decode(frame.stream, frame.text, frame.ts_receive_ns, *decoded) != Errc::ok) continue;
      for (std::uint32_t i = 0; i < decoded->tick_count; ++i) {
        Tick tick = decoded->ticks[i];
        tick.ts_receive_ns += pass * span_ns;
        if (tick.ts_exchange_ns != 0) tick.ts_exchange_ns += pass * span_ns;
        if (tick.sequence != 0) tick.sequence = tick.sequence % kIdShift + static_cast<std::uint64_t>(pass) * kIdShift;
        if (const Status written = writer->tick(0, tick); !written) return written;
        ++count;
      }
    }
    if (count == before) break;  // no ticks at all in these frames
  }
  if (const Result<CaptureTotals> totals = writer->finish(); !totals) return totals.error();
  return {};
}

/// The frames without those of books: what a strategy on trades and quotes needs.
Status write_without_books(const Frames& frames, const std::filesystem::path& file) {
  Result<CaptureWriter> writer = CaptureWriter::create(file, frames.header, {});
  if (!writer) return writer.error();
  FrameDecoder decoder(frames.header.instruments, frames.header.streams);
  auto decoded = std::make_unique<DecodedFrame>();
  for (const Frame& frame : frames.frames) {
    if (decoder.decode(frame.stream, frame.text, frame.ts_receive_ns, *decoded) != Errc::ok || decoded->depth_count > 0) continue;
    if (const Status written = writer->raw_frame(frame.stream, frame.ts_receive_ns, frame.text); !written) return written;
  }
  if (const Result<CaptureTotals> totals = writer->finish(); !totals) return totals.error();
  return {};
}

Result<BenchThroughput> measure_replay(const std::filesystem::path& capture, const std::string& what) {
  Result<EngineConfig> config = parse_config("[[strategy]]\nkind = \"vwap_rsi\"\n", "bench");
  if (!config) return config.error();
  ReplayOptions options;
  options.capture = capture;
  BenchThroughput best{what, 0, 0, 0};
  for (int run = 0; run < 3; ++run) {  // the best of three: what disturbs a run only slows it down
    const Result<ReplayOutcome> outcome = replay(*config, options);
    if (!outcome) return outcome.error();
    const double rate = static_cast<double>(outcome->summary.records) / outcome->summary.elapsed_s;
    if (rate > best.events_per_second) best = {what, outcome->summary.records, outcome->summary.elapsed_s, rate};
  }
  return best;
}

/// A file that goes when the bench is over.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& name) : path_(std::filesystem::temp_directory_path() / ("martinet-bench-" + std::to_string(getpid()) + "-" + name)) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace

Result<BenchReport> bench(const BenchOptions& options) {
  const auto tell = [&options](const std::string& what) {
    if (options.progress) options.progress(what);
  };
  const TemporaryFile synthetic("synth.cap");
  const TemporaryFile parsed("parsed.cap");
  const TemporaryFile no_books("no-books.cap");
  std::filesystem::path capture = options.capture;
  if (capture.empty()) {
    tell("making a synthetic market");
    SynthOptions synth;
    synth.duration_ns = 30 * kNanosPerMinute;
    capture = synthetic.path();
    if (const auto made = synthesize(capture, synth); !made) return made.error();
  }
  const Result<Frames> frames = load(capture);
  if (!frames) return frames.error();
  const Result<TscClock> clock = TscClock::calibrate(200'000'000);
  if (!clock) return clock.error();
  BenchReport report;
  report.machine = machine_description();
  report.build_id = build_id();
  tell("bytes in to order out, fused");
  Result<BenchLatency> fused = measure_fused(*frames, options, *clock);
  if (!fused) return fused.error();
  report.latency.push_back(std::move(*fused));
  tell("bytes in to order out, split");
  Result<BenchLatency> split = measure_split(*frames, options, *clock);
  if (!split) return split.error();
  report.latency.push_back(std::move(*split));
  if (allowed_cpus().size() < 4) {
    report.notes.push_back("split has four threads and this host " + std::to_string(allowed_cpus().size()) + " cores: its figures are those of the scheduler");
  }
  tell("replay of a parsed capture");
  if (const Status written = write_parsed(*frames, parsed.path(), 2'000'000); !written) return written.error();
  Result<BenchThroughput> ticks = measure_replay(parsed.path(), "parsed ticks, fused, vwap_rsi");
  if (!ticks) return ticks.error();
  report.throughput.push_back(*ticks);
  tell("replay of raw frames");
  if (const Status written = write_without_books(*frames, no_books.path()); !written) return written.error();
  for (const auto& [file, what] : {std::pair(no_books.path(), "raw trades, tickers, candles, fused, vwap_rsi"), std::pair(capture, "all raw frames, books kept, fused, vwap_rsi")}) {
    Result<BenchThroughput> raw = measure_replay(file, what);
    if (!raw) return raw.error();
    report.throughput.push_back(*raw);
  }
  return report;
}

}  // namespace martinet

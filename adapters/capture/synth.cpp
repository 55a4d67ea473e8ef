#include "adapters/capture/synth.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "adapters/capture/capture_writer.hpp"
#include "adapters/capture/synth_random.hpp"
#include "adapters/capture/synth_symbol.hpp"

namespace martinet::capture {
namespace {

constexpr std::int64_t kStartMin = 946'684'800 * kNanosPerSecond;    // 2000-01-01
constexpr std::int64_t kStartMax = 7'258'118'400 * kNanosPerSecond;  // 2200-01-01
constexpr std::int64_t kDurationMax = 30 * kNanosPerDay;
constexpr std::int64_t kPongMs = 30'000;  // the client's ping interval

Error out_of_bounds(std::string what) { return {Errc::config_out_of_bounds, std::move(what)}; }

Status check(const SynthOptions& o) {
  if (o.duration_ns < kNanosPerSecond || o.duration_ns > kDurationMax) return out_of_bounds("the duration must be 1 second to 30 days");
  if (o.start_ns < kStartMin || o.start_ns > kStartMax || o.start_ns % kNanosPerSecond != 0) {
    return out_of_bounds("the start must be a whole second between the years 2000 and 2200");
  }
  // Written so that NaN fails it too.
  if (!(o.trades_per_second >= 0.1 && o.trades_per_second <= 40.0)) return out_of_bounds("trades per second must be 0.1 to 40");
  if (o.history_minutes < 0 || o.history_minutes > 500) return out_of_bounds("the history must be 0 to 500 minutes");
  if (o.symbols.empty()) return out_of_bounds("give at least one symbol");
  for (auto symbol = o.symbols.begin(); symbol != o.symbols.end(); ++symbol) {
    if (std::find(o.symbols.begin(), symbol, *symbol) != symbol) return Error{Errc::usage, "symbol " + *symbol + " is given twice"};
    const std::vector<std::string>& known = synth_symbols();
    if (std::find(known.begin(), known.end(), *symbol) == known.end()) {
      std::string all;
      for (const std::string& name : known) all.append(all.empty() ? "" : ", ").append(name);
      return Error{Errc::unknown_symbol, "there is no synthetic market for '" + *symbol + "'; choose from " + all};
    }
  }
  return {};
}

const SymbolSpec& spec_of(std::string_view symbol) {
  const std::span<const SymbolSpec> specs = symbol_specs();
  return *std::find_if(specs.begin(), specs.end(), [symbol](const SymbolSpec& spec) { return spec.symbol == symbol; });
}

// The way from the venue to us: one TCP connection, so frames keep their order whatever the delay of each.
class Transport {
 public:
  explicit Transport(std::uint64_t seed) noexcept : random_(seed) {}

  /// Receive time of a frame that was pushed at `push_ms`: 1.8 ms and some, one frame in 2000 10 to 60 ms late.
  std::int64_t receive_ns(std::int64_t push_ms) noexcept {
    const double wobble = random_.normal();
    std::int64_t delay = 1'800'000 + static_cast<std::int64_t>((wobble < 0 ? -wobble : wobble) * 400'000.0);
    if (random_.below(2000) == 0) delay += 10'000'000 + random_.below(50'000'000);
    const std::int64_t behind = last_ns_ + 500 + random_.below(3000);
    last_ns_ = std::max(push_ms * kNanosPerMilli + delay, behind);
    return last_ns_;
  }

 private:
  Random random_;
  std::int64_t last_ns_ = 0;
};

class Market {
 public:
  explicit Market(const SynthOptions& options);
  /// False if `progress` wants to stop or the sink has failed.
  bool run(const SynthOptions& options, const SynthSink& sink, const SynthProgress& progress, const bool& sink_failed);

 private:
  std::vector<SynthSymbol> symbols_;
  Random shared_;
  std::int64_t start_ms_;
  std::int64_t past_ms_;  // where the history before the capture starts: on a minute
};

Market::Market(const SynthOptions& o) : shared_(o.seed), start_ms_(o.start_ns / kNanosPerMilli) {
  past_ms_ = floor_to(o.start_ns - o.history_minutes * kNanosPerMinute, kNanosPerMinute) / kNanosPerMilli;
  for (std::size_t i = 0; i < o.symbols.size(); ++i) {
    symbols_.emplace_back(spec_of(o.symbols[i]), shared_.bits(), i, o.trades_per_second, past_ms_);
  }
}

bool Market::run(const SynthOptions& o, const SynthSink& sink, const SynthProgress& progress, const bool& sink_failed) {
  constexpr std::int64_t kStepMs = kStepNs / kNanosPerMilli;
  for (std::int64_t ts = past_ms_; ts < start_ms_; ts += kStepMs) {
    const double shared = shared_.normal();
    for (SynthSymbol& symbol : symbols_) symbol.step_silent(ts, shared);
  }
  for (SynthSymbol& symbol : symbols_) symbol.open(start_ms_, static_cast<std::size_t>(o.history_minutes), sink);
  const std::int64_t duration_ms = o.duration_ns / kNanosPerMilli;
  const std::int64_t report_ms = std::max(kStepMs, duration_ms / 100 / kStepMs * kStepMs);
  for (std::int64_t passed = 0; passed < duration_ms; passed += kStepMs) {
    const double shared = shared_.normal();
    if (passed % kPongMs == 0 && passed != 0) sink(start_ms_ + passed, "pong");
    for (SynthSymbol& symbol : symbols_) symbol.step(start_ms_ + passed, shared, sink);
    if (passed % report_ms != 0) continue;
    if (sink_failed || (progress && !progress(static_cast<double>(passed) / static_cast<double>(duration_ms)))) return false;
  }
  return true;
}

CaptureHeader header_of(const SynthOptions& o) {
  CaptureHeader header;
  header.note = "synth seed " + std::to_string(o.seed);
  for (const std::string& symbol : o.symbols) static_cast<void>(header.instruments.add(instrument_of(spec_of(symbol))));
  header.streams.push_back(
      {Venue::bitget, martinet::Market::usdt_futures, StreamKind::public_ws, kNoInstrument, "synthetic Bitget v2 public"});
  return header;
}

}  // namespace

const std::vector<std::string>& synth_symbols() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const SymbolSpec& spec : symbol_specs()) all.emplace_back(spec.symbol);
    return all;
  }();
  return names;
}

Result<CaptureTotals> synthesize(const std::filesystem::path& path, const SynthOptions& options, const SynthProgress& progress) {
  if (Status status = check(options); !status.ok()) return status.error();
  Result<CaptureWriter> writer =
      CaptureWriter::create(path, header_of(options), {.overwrite = options.overwrite, .compress = options.compress});
  if (!writer.ok()) return writer.error();
  Transport transport(options.seed ^ 0x7472616E73706F72ULL);
  Status written;
  bool failed = false;
  const SynthSink sink = [&](std::int64_t push_ms, std::string_view frame) {
    if (failed) return;
    written = writer->raw_frame(0, transport.receive_ns(push_ms), frame);
    failed = !written.ok();
  };
  const bool whole = Market(options).run(options, sink, progress, failed);
  if (failed) return written.error();
  if (!whole) return Error{Errc::interrupted, path.string() + ": stopped on request; nothing was left behind"};
  Result<CaptureTotals> totals = writer->finish();
  if (totals.ok() && progress) progress(1.0);
  return totals;
}

}  // namespace martinet::capture

// Captures: what a record costs its consumer, what reading and writing reach as a whole, and how fast the synthetic market is made.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>

#include "adapters/capture/capture_reader.hpp"
#include "adapters/capture/capture_writer.hpp"
#include "adapters/capture/synth.hpp"
#include "adapters/capture/synth_symbol.hpp"

namespace {

using namespace martinet;

constexpr std::int64_t kTicks = 5'000'000;

// Files made once, removed at exit.
class Files {
 public:
  Files() : folder_(std::filesystem::temp_directory_path() / ("martinet_bench_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~Files() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  std::filesystem::path operator/(const char* name) const { return folder_ / name; }

 private:
  std::filesystem::path folder_;
};

const Files& files() {
  static const Files made;
  return made;
}

template <class T>
T& need(Result<T>& result) {
  if (!result.ok()) {
    std::cerr << result.error().what << '\n';
    std::exit(1);
  }
  return *result;
}

void write_ticks(const std::filesystem::path& path, bool compress) {
  CaptureHeader header;
  static_cast<void>(header.instruments.add(capture::instrument_of(capture::symbol_specs().front())));
  header.streams.push_back({Venue::file, Market::none, StreamKind::parsed, 0, "bench"});
  auto created = CaptureWriter::create(path, header, {.overwrite = true, .compress_parsed = compress});
  CaptureWriter& writer = need(created);
  Tick tick;
  tick.instrument = 0;
  for (std::int64_t i = 0; i < kTicks; ++i) {
    tick.ts_receive_ns += 1000 + i % 7;
    tick.sequence = static_cast<std::uint64_t>(i);
    tick.bid_price.v = 6'100'000 + i % 1000;
    static_cast<void>(writer.tick(0, tick));
  }
  auto totals = writer.finish();
  need(totals);
}

// CPU time of the consumer's thread alone, while the reading thread works beside it; wall time says what both reach together.
std::uint64_t read_all(const std::filesystem::path& path) {
  auto opened = CaptureReader::open(path);
  CaptureReader& reader = need(opened);
  CaptureRecord record;
  std::uint64_t sum = 0;
  while (reader.next(record) == ReadState::record) sum += static_cast<std::uint64_t>(record.ts_receive_ns);
  benchmark::DoNotOptimize(sum);
  return reader.totals().records;
}

void read_parsed_ticks(benchmark::State& state) {
  write_ticks(files() / "ticks.cap", state.range(0) != 0);
  std::uint64_t records = 0;
  for (auto _ : state) records += read_all(files() / "ticks.cap");
  state.SetItemsProcessed(static_cast<std::int64_t>(records));
}
BENCHMARK(read_parsed_ticks)->ArgName("zstd")->Arg(0)->Arg(1)->UseRealTime()->Unit(benchmark::kMillisecond);

// The next() of ticks that are in memory already: one block, read ahead before the clock starts.
void next_of_a_block_at_hand(benchmark::State& state) {
  write_ticks(files() / "ticks.cap", false);
  auto opened = CaptureReader::open(files() / "ticks.cap");
  CaptureRecord record;
  constexpr int kBatch = 3000;  // a block of 256 KiB holds 3276 ticks
  for (auto _ : state) {
    state.PauseTiming();
    opened = CaptureReader::open(files() / "ticks.cap");
    if (need(opened).next(record) != ReadState::record) std::exit(1);
    CaptureReader& reader = *opened;
    state.ResumeTiming();
    std::int64_t sum = 0;
    for (int i = 0; i < kBatch; ++i) {
      static_cast<void>(reader.next(record));
      sum += record.tick().bid_price.v;
    }
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * kBatch);
}
BENCHMARK(next_of_a_block_at_hand)->Iterations(200);

void write_parsed_ticks(benchmark::State& state) {
  for (auto _ : state) write_ticks(files() / "ticks.cap", false);
  state.SetItemsProcessed(state.iterations() * kTicks);
}
BENCHMARK(write_parsed_ticks)->Unit(benchmark::kMillisecond);

void synthesize_an_hour(benchmark::State& state) {
  std::uint64_t records = 0;
  for (auto _ : state) {
    SynthOptions options;
    options.overwrite = true;
    auto totals = synthesize(files() / "synth.cap", options);
    records += need(totals).records;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(records));
}
BENCHMARK(synthesize_an_hour)->Unit(benchmark::kMillisecond)->Iterations(2);

void read_raw_frames(benchmark::State& state) {
  SynthOptions options;
  options.overwrite = true;
  auto totals = synthesize(files() / "synth.cap", options);
  need(totals);
  std::uint64_t records = 0;
  for (auto _ : state) records += read_all(files() / "synth.cap");
  state.SetItemsProcessed(static_cast<std::int64_t>(records));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(totals->payload_bytes));
}
BENCHMARK(read_raw_frames)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();

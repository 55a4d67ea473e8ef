// The journal: what an append costs, how many records a second reach the disk with group commit, how long a record waits until it is
// durable, against a bare write + fdatasync of the same bytes on the same disk in the same run; and how fast records are read back, alone
// and in a whole recovery. Files go to MARTINET_BENCH_DIR, else to the folder the benchmark is started in: /tmp may be memory and would
// prove nothing.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <vector>

#include "adapters/io/posix_files.hpp"
#include "adapters/io/uring_storage.hpp"
#include "engine/base/assert.hpp"
#include "engine/cold/journal/journal_reader.hpp"
#include "engine/cold/journal/journal_writer.hpp"
#include "engine/cold/journal/recovery.hpp"

namespace martinet {
namespace {

constexpr std::size_t kPayload = 144;  // about what a decision or an execution has

std::filesystem::path fresh_folder() {
  const char* const given = std::getenv("MARTINET_BENCH_DIR");
  const std::filesystem::path folder =
      std::filesystem::path(given != nullptr ? given : ".") / ("bench_journal." + std::to_string(::getpid()));
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

struct Journal {
  std::filesystem::path folder = fresh_folder();
  std::unique_ptr<UringStorage> storage;
  std::unique_ptr<JournalWriter> writer;
  std::vector<std::byte> payload = std::vector<std::byte>(kPayload, std::byte{0x5A});

  Journal() {
    auto made = UringStorage::create_ring();
    MT_ASSERT(made.ok());
    storage = std::move(*made);
    JournalOptions options;
    options.folder = folder.string();
    options.segment_reserve_bytes = 64ULL << 20;
    writer = std::make_unique<JournalWriter>(*storage, options);
    MT_ASSERT(writer->begin_segment(0).ok());
  }
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  ~Journal() {
    (void)writer->close();
    std::filesystem::remove_all(folder);
  }
  void append() {
    while (writer->append(journal::RecordType::decision, 1, payload) == Errc::lane_full) {
      storage->drain();
      writer->turn(true);
    }
  }
};

/// Takes everything and keeps nothing: the cost of append alone.
class NullStorage final : public Storage {
 public:
  Result<FileId> create(const std::string&, std::uint64_t) override { return FileId{0}; }
  Errc append(FileId, std::uint64_t, std::span<const std::byte>, bool, std::uint64_t tag) noexcept override {
    tag_ = tag;
    full_ = true;
    return Errc::ok;
  }
  bool poll(Completion& completion) noexcept override {
    completion = {tag_, Errc::ok};
    return std::exchange(full_, false);
  }
  void drain() noexcept override {}
  Status close(FileId, std::uint64_t) override { return {}; }

 private:
  std::uint64_t tag_ = 0;
  bool full_ = false;
};

void append_cost(benchmark::State& state) {
  NullStorage storage;
  JournalOptions options;
  JournalWriter writer(storage, options);
  MT_ASSERT(writer.begin_segment(0).ok());
  const std::vector<std::byte> payload(static_cast<std::size_t>(state.range(0)), std::byte{0x5A});
  for (auto _ : state) {
    if (writer.append(journal::RecordType::decision, 1, payload) == Errc::no_capacity) MT_ASSERT(writer.begin_segment(0).ok());
    writer.turn(false);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}
BENCHMARK(append_cost)->Arg(16)->Arg(144)->Arg(1024);

/// Appends as fast as the disk lets it, until the last record is durable.
void records_sustained(benchmark::State& state) {
  Journal journal;
  constexpr std::int64_t kRecords = 200'000;
  for (auto _ : state) {
    for (std::int64_t i = 0; i < kRecords; ++i) {
      journal.append();
      if (i % 64 == 0) journal.writer->turn(false);
    }
    MT_ASSERT(journal.writer->sync().ok());
  }
  MT_ASSERT(journal.writer->durable_sequence() == journal.writer->last_sequence());
  state.SetItemsProcessed(state.iterations() * kRecords);
  state.SetBytesProcessed(state.iterations() * kRecords * static_cast<std::int64_t>(journal::record_size(kPayload)));
}
BENCHMARK(records_sustained)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(5);

void report_percentiles(benchmark::State& state, std::vector<double>& micros) {
  std::sort(micros.begin(), micros.end());
  const auto at = [&micros](double part) { return micros[static_cast<std::size_t>(part * static_cast<double>(micros.size() - 1))]; };
  state.counters["p50_us"] = at(0.5);
  state.counters["p99_us"] = at(0.99);
  state.counters["max_us"] = micros.back();
}

double micros_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
}

constexpr std::int64_t kCommits = 1000;

/// One record after the other: append, hand over, wait until it is durable.
void commit_latency_journal(benchmark::State& state) {
  Journal journal;
  std::vector<double> micros;
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    journal.append();
    MT_ASSERT(journal.writer->sync().ok());
    micros.push_back(micros_since(start));
  }
  report_percentiles(state, micros);
}
BENCHMARK(commit_latency_journal)->Unit(benchmark::kMicrosecond)->UseRealTime()->Iterations(kCommits);

/// The same bytes, in a file reserved the same way, with pwrite and fdatasync and nothing else.
void commit_latency_bare(benchmark::State& state) {
  const std::filesystem::path folder = fresh_folder();
  const int fd = ::open((folder / "bare").c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  MT_ASSERT(fd >= 0 && ::posix_fallocate(fd, 0, 64 << 20) == 0 && ::fsync(fd) == 0);
  const std::vector<std::byte> record(journal::record_size(kPayload), std::byte{0x5A});
  std::vector<double> micros;
  off_t offset = 0;
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    MT_ASSERT(::pwrite(fd, record.data(), record.size(), offset) == static_cast<ssize_t>(record.size()));
    MT_ASSERT(::fdatasync(fd) == 0);
    micros.push_back(micros_since(start));
    offset += static_cast<off_t>(record.size());
  }
  ::close(fd);
  std::filesystem::remove_all(folder);
  report_percentiles(state, micros);
}
BENCHMARK(commit_latency_bare)->Unit(benchmark::kMicrosecond)->UseRealTime()->Iterations(kCommits);

/// How long a record waits when records keep coming: 64 between two turns of the cold worker.
void commit_latency_under_load(benchmark::State& state) {
  Journal journal;
  std::vector<double> micros;
  std::vector<std::pair<std::uint64_t, std::chrono::steady_clock::time_point>> waiting;
  std::size_t next = 0;
  for (auto _ : state) {
    for (int i = 0; i < 64; ++i) journal.append();
    waiting.emplace_back(journal.writer->last_sequence(), std::chrono::steady_clock::now());
    journal.writer->turn(true);
    for (; next < waiting.size() && waiting[next].first <= journal.writer->durable_sequence(); ++next)
      micros.push_back(micros_since(waiting[next].second));
  }
  MT_ASSERT(journal.writer->sync().ok());
  for (; next < waiting.size(); ++next) micros.push_back(micros_since(waiting[next].second));
  report_percentiles(state, micros);
  state.SetItemsProcessed(state.iterations() * 64);
}
BENCHMARK(commit_latency_under_load)->Unit(benchmark::kMicrosecond)->UseRealTime()->Iterations(5000);

void read_records(benchmark::State& state) {
  Journal journal;
  constexpr std::int64_t kRecords = 200'000;
  for (std::int64_t i = 0; i < kRecords; ++i) journal.append();
  MT_ASSERT(journal.writer->close().ok());
  for (auto _ : state) {
    auto reader = JournalReader::open(journal.folder / segment_name(1));
    MT_ASSERT(reader.ok());
    JournalRecord record;
    std::int64_t count = 0;
    for (; reader->next(record); ++count) benchmark::DoNotOptimize(record.payload.data());
    MT_ASSERT(count == kRecords && reader->status().ok());
  }
  state.SetItemsProcessed(state.iterations() * kRecords);
}
BENCHMARK(read_records)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(5);

/// A start after a crash: state folder, snapshot, every segment checked, the records behind the snapshot handed out again.
void recovery(benchmark::State& state) {
  const std::filesystem::path folder = fresh_folder();
  const StateFolderOptions place{(folder / "state").string(), "bench", "1", 0};
  constexpr std::int64_t kRecords = 1'000'000;
  PosixFiles files;
  {
    auto storage = UringStorage::create_ring();
    auto opened = StateFolder::open(files, place);
    MT_ASSERT(storage.ok() && opened.ok());
    SnapshotStore snapshots(files, **opened, {});
    MT_ASSERT(snapshots.settle(snapshots.examine()).ok());
    MT_ASSERT(files.make_folder((folder / "sessions").string()).ok() && files.make_folder((folder / "sessions/s").string()).ok());
    JournalOptions options;
    options.folder = (folder / "sessions/s").string();
    options.epoch = (*opened)->epoch();
    options.account = (*opened)->account();
    options.segment_reserve_bytes = 64ULL << 20;
    JournalWriter writer(**storage, options);
    const std::vector<std::byte> payload(kPayload, std::byte{0x5A});
    for (std::int64_t i = 0; i < kRecords; ++i) {
      if (i % 250'000 == 0) MT_ASSERT(writer.begin_segment(i).ok());
      while (writer.append(journal::RecordType::decision, 1, payload) == Errc::lane_full) MT_ASSERT(writer.sync().ok());
    }
    MT_ASSERT(writer.sync().ok());
    MT_ASSERT(snapshots.write("s", 0, std::as_bytes(std::span("{}", 2))).ok());
  }  // not closed: what a crash leaves
  for (auto _ : state) {
    auto opened = StateFolder::open(files, place);
    MT_ASSERT(opened.ok());
    SnapshotStore snapshots(files, **opened, {});
    const auto recovered = recover(files, **opened, snapshots, {(folder / "sessions").string(), "", false});
    MT_ASSERT(recovered.ok());
    std::int64_t count = 0;
    MT_ASSERT(replay_records(files, *recovered, [&count](const JournalRecord& record) { count += record.head.type != 0 ? 1 : 0; }).ok());
    MT_ASSERT(count == kRecords);
  }
  state.SetItemsProcessed(state.iterations() * kRecords);
  std::filesystem::remove_all(folder);
}
BENCHMARK(recovery)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(5);

}  // namespace
}  // namespace martinet

BENCHMARK_MAIN();

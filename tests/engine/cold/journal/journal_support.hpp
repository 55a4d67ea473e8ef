#pragma once
// Journals for the tests of this room: a storage in memory that completes when told and fails when told, random records with a
// seed, and a reader's verdict over bytes.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "engine/base/assert.hpp"
#include "engine/cold/journal/journal_reader.hpp"
#include "engine/cold/journal/journal_writer.hpp"

namespace martinet::journal_test {

using Bytes = std::vector<std::byte>;

/// splitmix64: the same numbers everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
  Bytes bytes(std::size_t size) {
    Bytes out(size);
    for (std::byte& b : out) b = static_cast<std::byte>(next());
    return out;
  }

 private:
  std::uint64_t state_;
};

/// Completes what was queued only in deliver() and drain(); bytes() is what a power cut would leave behind at that moment.
class MemoryStorage final : public Storage {
 public:
  enum class Fault : std::uint8_t { none, io_failed, disk_full, short_write, refused };
  Fault fault = Fault::none;
  std::size_t fail_at = 0;     ///< the n-th append (from 0) meets the fault
  bool forever = false;        ///< and every one after it too
  std::size_t full_count = 0;  ///< so many appends are answered lane_full first
  bool create_fails = false;
  bool close_fails = false;
  std::size_t append_count = 0;  ///< that were taken
  std::size_t close_count = 0;
  bool failed = false;  ///< a fault was met
  std::size_t append_after_failure = 0;

  Result<FileId> create(const std::string& path, std::uint64_t size_bytes) override {
    if (create_fails) return Error{Errc::disk_full, "no room for " + path};
    if (by_path_.count(path) != 0) return Error{Errc::exists_already, path + " exists"};
    files_.push_back({path, Bytes(static_cast<std::size_t>(size_bytes)), true});
    by_path_[path] = static_cast<FileId>(files_.size() - 1);
    return by_path_[path];
  }
  Errc append(FileId file, std::uint64_t offset, std::span<const std::byte> bytes, bool sync, std::uint64_t tag) noexcept override {
    MT_ASSERT(files_[file].open && sync);
    append_after_failure += failed ? 1 : 0;
    if (full_count > 0) {
      --full_count;
      return Errc::lane_full;
    }
    const std::size_t number = append_count++;
    const bool bad = fault != Fault::none && (number == fail_at || (forever && number > fail_at));
    failed = failed || bad;
    if (bad && fault == Fault::refused) return Errc::storage_poisoned;
    queued_.push_back({file, offset, Bytes(bytes.begin(), bytes.end()), tag, bad ? fault : Fault::none});
    return Errc::ok;
  }
  bool poll(Completion& completion) noexcept override {
    if (done_.empty()) return false;
    completion = done_.front();
    done_.erase(done_.begin());
    return true;
  }
  void drain() noexcept override {
    while (deliver()) {
    }
  }
  Status close(FileId file, std::uint64_t size_bytes) override {
    drain();
    ++close_count;
    files_[file].open = false;
    if (close_fails) return Error{Errc::io_failed, "cannot close " + files_[file].path};
    if (!failed) files_[file].bytes.resize(static_cast<std::size_t>(size_bytes));
    return {};
  }

  /// Completes the oldest append under way.
  bool deliver() {
    if (queued_.empty()) return false;
    const Queued op = std::move(queued_.front());
    queued_.erase(queued_.begin());
    const std::size_t size = op.fault == Fault::none ? op.bytes.size() : op.fault == Fault::short_write ? op.bytes.size() / 2 : 0;
    Bytes& file = files_[op.file].bytes;
    file.resize(std::max(file.size(), static_cast<std::size_t>(op.offset) + size));
    std::copy_n(op.bytes.begin(), size, file.begin() + static_cast<std::ptrdiff_t>(op.offset));
    const Errc status = op.fault == Fault::none ? Errc::ok : op.fault == Fault::disk_full ? Errc::disk_full : Errc::io_failed;
    done_.push_back({op.tag, status});
    return true;
  }
  [[nodiscard]] std::size_t queued_count() const { return queued_.size(); }
  [[nodiscard]] std::size_t file_count() const { return files_.size(); }
  [[nodiscard]] const Bytes& bytes(std::size_t file = 0) const { return files_[file].bytes; }
  [[nodiscard]] const std::string& path(std::size_t file) const { return files_[file].path; }
  /// Sizes of the appends still queued, oldest first.
  [[nodiscard]] std::size_t queued_bytes() const { return queued_.empty() ? 0 : queued_.front().bytes.size(); }

 private:
  struct File {
    std::string path;
    Bytes bytes;
    bool open;
  };
  struct Queued {
    FileId file;
    std::uint64_t offset;
    Bytes bytes;
    std::uint64_t tag;
    Fault fault;
  };
  std::vector<File> files_;
  std::map<std::string, FileId> by_path_;
  std::vector<Queued> queued_;
  std::vector<Completion> done_;
};

/// A record as it was appended.
struct Sample {
  journal::RecordType type = journal::RecordType::session;
  std::int64_t ts_ns = 0;
  Bytes payload;
};

inline Sample random_sample(Random& random, std::size_t size_max) {
  const auto type = static_cast<journal::RecordType>(1 + random.below(12));
  return {type, static_cast<std::int64_t>(random.next() >> 1), random.bytes(random.below(size_max + 1))};
}

inline JournalOptions small_options(std::uint64_t reserve = 0) {
  JournalOptions options;
  options.folder = "folder";
  options.epoch = 7;
  for (std::size_t i = 0; i < options.config_sha256.size(); ++i) options.config_sha256[i] = static_cast<std::uint8_t>(200 + i);
  options.build_id = "build 1.2.3";
  options.account = "paper";
  options.segment_reserve_bytes = reserve;
  return options;
}

/// The bytes of one closed segment that holds `samples`.
inline Bytes segment_of(const std::vector<Sample>& samples) {
  MemoryStorage storage;
  JournalWriter writer(storage, small_options());
  MT_ASSERT(writer.begin_segment(1000).ok());
  for (const Sample& sample : samples) {
    Errc result = writer.append(sample.type, sample.ts_ns, sample.payload);
    if (result == Errc::lane_full) {
      MT_ASSERT(writer.sync().ok());
      result = writer.append(sample.type, sample.ts_ns, sample.payload);
    }
    MT_ASSERT(result == Errc::ok);
  }
  MT_ASSERT(writer.close().ok());
  return storage.bytes();
}

/// Offsets of the records of a segment, and its end.
inline std::vector<std::uint64_t> offsets_of(const std::vector<Sample>& samples) {
  std::vector<std::uint64_t> offsets{sizeof(journal::SegmentHeader)};
  for (const Sample& sample : samples) offsets.push_back(offsets.back() + journal::record_size(sample.payload.size()));
  return offsets;
}

/// What a reader makes of some bytes.
struct Verdict {
  Errc code = Errc::ok;  ///< of opening, or of reading
  std::string what;
  std::size_t count = 0;  ///< records handed out
  bool invented = false;  ///< one of them was never written, or not in this place
  JournalEnd end = JournalEnd::clean;
  std::uint64_t offset = 0;
};

inline bool same(const JournalRecord& record, const Sample& sample, std::uint64_t sequence) {
  return record.head.sequence == sequence && record.type() == sample.type && record.head.version == 1 &&
         record.head.t_mono_ns == sample.ts_ns && record.head.t_wall_ns == sample.ts_ns &&
         std::equal(record.payload.begin(), record.payload.end(), sample.payload.begin(), sample.payload.end());
}

inline Verdict judge(Bytes bytes, const std::vector<Sample>& samples, std::uint64_t first_sequence = 1) {
  Verdict verdict;
  Result<JournalReader> reader = JournalReader::from_bytes(std::move(bytes), "segment");
  if (!reader) {
    verdict.code = reader.error().code;
    verdict.what = reader.error().what;
    return verdict;
  }
  JournalRecord record;
  while (reader->next(record)) {
    const std::size_t i = verdict.count++;
    verdict.invented = verdict.invented || i >= samples.size() || !same(record, samples[i], first_sequence + i);
  }
  verdict.end = reader->end();
  verdict.offset = reader->offset();
  if (!reader->status()) {
    verdict.code = reader->status().error().code;
    verdict.what = reader->status().error().what;
  }
  return verdict;
}

/// A folder that cleans up after itself.
class Folder {
 public:
  Folder() {
    static std::atomic<int> next{0};
    path_ = std::filesystem::temp_directory_path() / ("martinet_journal_" + std::to_string(::getpid()) + "_" + std::to_string(next++));
    std::filesystem::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path write(const std::string& name, std::span<const std::byte> bytes) const {
    std::ofstream out(path_ / name, std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace martinet::journal_test

#pragma once
// Files to import, made on the spot, and what came out of them.
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/capture/capture_reader.hpp"
#include "adapters/capture/import_files.hpp"

namespace martinet::import_test {

/// A folder of its own, gone with the object.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "martinet_import_XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~Folder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

  std::filesystem::path write(const std::string& name, std::string_view text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return path_ / name;
  }
  std::filesystem::path write_gz(const std::string& name, std::string_view text) const {
    const std::filesystem::path path = path_ / name;
    gzFile file = gzopen(path.c_str(), "wb");
    gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    gzclose(file);
    return path;
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream file(path_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) found.push_back(entry.path().filename().string());
    return found;
  }

 private:
  std::filesystem::path path_;
};

/// A capture read back whole.
struct Contents {
  CaptureHeader header;
  struct Frame {
    std::uint16_t stream = 0;
    std::int64_t ts_ns = 0;
    std::string text;
  };
  std::vector<Frame> frames;
  std::vector<Tick> ticks;
  std::vector<Candle> candles;
  std::vector<RecordKind> order;  ///< of all records
};

inline Contents read_back(const std::filesystem::path& path) {
  Contents contents;
  auto reader = CaptureReader::open(path);
  EXPECT_TRUE(reader.ok()) << (reader.ok() ? "" : reader.error().what);
  if (!reader.ok()) return contents;
  contents.header = reader->header();
  CaptureRecord record;
  ReadState state;
  while ((state = reader->next(record)) == ReadState::record) {
    contents.order.push_back(record.kind);
    if (record.kind == RecordKind::raw_frame) contents.frames.push_back({record.stream, record.ts_receive_ns, std::string(record.frame())});
    if (record.kind == RecordKind::tick) contents.ticks.push_back(record.tick());
    if (record.kind == RecordKind::candle) contents.candles.push_back(record.candle());
  }
  EXPECT_EQ(state, ReadState::end);
  return contents;
}

inline ImportOptions options_for(std::vector<std::filesystem::path> sources, const std::filesystem::path& output) {
  ImportOptions options;
  options.sources = std::move(sources);
  options.output = output;
  return options;
}

/// Imports and expects it to work.
inline ImportReport import_ok(const ImportOptions& options) {
  auto report = import_files(options);
  EXPECT_TRUE(report.ok()) << (report.ok() ? "" : report.error().what);
  return report.ok() ? report.value() : ImportReport{};
}

/// Imports, expects `code`, and gives the sentence.
inline std::string import_fails(const ImportOptions& options, Errc code) {
  auto report = import_files(options);
  EXPECT_FALSE(report.ok());
  if (report.ok()) return {};
  EXPECT_EQ(name_of(report.error().code), name_of(code)) << report.error().what;
  return report.error().what;
}

}  // namespace martinet::import_test

#pragma once
// One input of the capture fuzzer, for libFuzzer and for the replay of its corpus. The first byte is 's': checksums, tags and
// numbers of header and blocks are set right first, so that what is behind them is reached; else the bytes are taken as they are.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "adapters/capture/capture_reader.hpp"
#include "engine/base/crc.hpp"

namespace martinet::test {

class CaptureCheck {
 public:
  std::uint64_t record_count = 0;  ///< of the last input
  Errc code = Errc::ok;            ///< how it ended

  CaptureCheck() : file_(::memfd_create("capture", MFD_CLOEXEC)), path_("/proc/self/fd/" + std::to_string(file_)) {}
  CaptureCheck(const CaptureCheck&) = delete;
  CaptureCheck& operator=(const CaptureCheck&) = delete;
  ~CaptureCheck() { ::close(file_); }

  /// What is broken, or nothing.
  std::string operator()(std::string_view input) {
    if (input.empty()) return {};
    std::string bytes(input.substr(1));
    if (input[0] == 's') seal(bytes);
    if (::ftruncate(file_, 0) != 0 || ::pwrite(file_, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
      return "no memory file";
    const std::string strict = read(bytes.size(), {});
    if (!strict.empty()) return strict;
    const Errc first_code = code;
    const std::uint64_t first_count = record_count;
    const std::string lenient = read(bytes.size(), {.allow_truncated = true});
    if (!lenient.empty()) return lenient;
    // Leniency forgives a missing tail, nothing else, and finds the same records.
    if (code != first_code && !(code == Errc::ok && first_code == Errc::truncated)) return "allow_truncated changed the verdict";
    if (record_count != first_count) return "allow_truncated changed the records";
    code = first_code;
    return {};
  }

 private:
  std::string read(std::size_t size, capture::CaptureReadOptions options) {
    record_count = 0;
    code = Errc::ok;
    auto reader = CaptureReader::open(path_, options);
    if (!reader) return ended(reader.error());
    if (reader->file_bytes() != size) return "another size";
    CaptureRecord record;
    std::int64_t before = INT64_MIN;
    ReadState state = reader->next(record);
    for (; state == ReadState::record; state = reader->next(record), ++record_count) {
      if (record.ts_receive_ns < before) return "a record earlier than the one before";
      before = record.ts_receive_ns;
      if (record.stream >= reader->header().streams.size()) return "a record of no stream";
      if (!record.payload.empty())
        sum_ += std::to_integer<unsigned>(record.payload.front()) + std::to_integer<unsigned>(record.payload.back());
    }
    if (state == ReadState::failed) return ended(reader->error());
    return reader->totals().records == record_count ? "" : "another count of records";
  }

  std::string ended(const Error& error) {
    code = error.code;
    return error.what.starts_with(path_) && error.what.find('\n') == std::string::npos
               ? ""
               : "not a sentence with the file's name: " + error.what;
  }

  static void seal(std::string& bytes) {
    const auto get = [&bytes](std::size_t at) {
      std::uint32_t value = 0;
      std::memcpy(&value, bytes.data() + at, sizeof(value));
      return value;
    };
    const auto put = [&bytes](std::size_t at, std::uint32_t value) { std::memcpy(bytes.data() + at, &value, sizeof(value)); };
    const auto crc = [&bytes](std::size_t at, std::size_t size) { return crc32c(std::as_bytes(std::span(bytes.data() + at, size))); };
    if (bytes.size() < 32) return;
    const std::size_t body = get(16);
    if (32 + body > bytes.size()) return;
    put(20, crc(32, body));
    put(28, crc(0, 28));
    std::uint32_t number = 0;
    for (std::size_t at = 32 + body; at + 56 <= bytes.size(); ++number) {
      const std::size_t payload = get(at + 12);
      put(at + 8, get(28));
      put(at + 24, number);
      put(at + 28, 0);
      if (payload <= bytes.size() - at - 56) put(at + 48, crc(at + 56, payload));
      put(at + 52, crc(at, 52));
      at += 56 + payload;
    }
  }

  int file_;
  std::string path_;
  unsigned sum_ = 0;  // so that payloads are touched
};

}  // namespace martinet::test

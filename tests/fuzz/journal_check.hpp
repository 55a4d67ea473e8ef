#pragma once
// One input of the journal fuzzer, for libFuzzer and for the replay of its corpus. The first byte is 's': the checksums of header
// and records are set right first, so that what is behind them is reached; else the bytes are taken as they are.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/crc.hpp"
#include "engine/cold/journal/journal_reader.hpp"

namespace martinet::test {

class JournalCheck {
 public:
  std::size_t record_count = 0;  ///< of the last input
  Errc code = Errc::ok;          ///< how it ended

  /// What is broken, or nothing.
  std::string operator()(std::string_view input) {
    record_count = 0;
    code = Errc::ok;
    if (input.empty()) return {};
    const auto raw = std::as_bytes(std::span(input.data() + 1, input.size() - 1));
    std::vector<std::byte> bytes(raw.begin(), raw.end());
    if (input[0] == 's') seal(bytes);
    Result<JournalReader> reader = JournalReader::from_bytes(bytes, "fuzz");
    if (!reader) return ended(reader.error());
    std::uint64_t end = sizeof(journal::SegmentHeader);
    std::uint64_t sequence = reader->header().first_sequence;
    for (JournalRecord record; reader->next(record); ++record_count) {
      if (record.offset != end || record.head.sequence != sequence++) return "a record out of its place";
      end += journal::record_size(record.payload.size());
      if (end > bytes.size() || record.payload.size() > journal::kPayloadMax) return "a record past the end";
      sum_ += std::to_integer<unsigned>(record.payload.empty() ? std::byte{} : record.payload.back());
    }
    if (reader->offset() != end || reader->next_sequence() != sequence) return "the reader forgot where it is";
    if (!reader->status()) return ended(reader->status().error());
    const bool zeros =
        std::all_of(bytes.begin() + static_cast<std::ptrdiff_t>(end), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
    return zeros == (reader->end() == JournalEnd::clean) ? "" : "clean and torn are mixed up";
  }

 private:
  std::string ended(const Error& error) {
    code = error.code;
    return error.what.starts_with("fuzz ") && error.what.find('\n') == std::string::npos
               ? ""
               : "not a sentence with the file's name: " + error.what;
  }

  static void seal(std::vector<std::byte>& bytes) {
    const auto put = [&bytes](std::size_t at, std::uint32_t value) { std::memcpy(bytes.data() + at, &value, sizeof(value)); };
    const auto get = [&bytes](std::size_t at) {
      std::uint32_t value = 0;
      std::memcpy(&value, bytes.data() + at, sizeof(value));
      return value;
    };
    if (bytes.size() < sizeof(journal::SegmentHeader)) return;
    put(252, crc32c({bytes.data(), 252}));
    std::uint32_t chain = get(48);
    for (std::size_t at = sizeof(journal::SegmentHeader); at + journal::record_size(0) <= bytes.size();) {
      const std::size_t size = get(at + 4);
      if (size > journal::kPayloadMax || at + journal::record_size(size) > bytes.size()) return;
      const std::size_t checked = journal::record_size(size) - journal::kTailSize;
      chain = crc32c({bytes.data() + at, checked}, chain);
      put(at + checked, chain);
      at += checked + journal::kTailSize;
    }
  }

  unsigned sum_ = 0;  // so that payloads are touched
};

}  // namespace martinet::test

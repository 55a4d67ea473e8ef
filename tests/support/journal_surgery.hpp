#pragma once
// Changes a journal segment by hand and sets its checksums right again: what a checker must find that looks at more than checksums.
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "engine/base/crc.hpp"
#include "engine/cold/journal/record.hpp"

namespace martinet::test {

inline std::vector<std::byte> bytes_of_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

inline void write_file(const std::filesystem::path& file, std::span<const std::byte> bytes) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

/// change(head, payload) for each record, in order; the payload may be changed in place. The segment must be whole.
inline void change_segment(const std::filesystem::path& file,
                           const std::function<void(const journal::RecordHead&, std::span<std::byte>)>& change) {
  std::vector<std::byte> bytes = bytes_of_file(file);
  journal::SegmentHeader header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  std::uint32_t chain = header.previous_chain;
  for (std::size_t at = sizeof(header); at + sizeof(journal::RecordHead) <= bytes.size();) {
    journal::RecordHead head;
    std::memcpy(&head, bytes.data() + at, sizeof(head));
    if (head.magic != journal::kRecordMagic) break;
    change(head, std::span(bytes).subspan(at + sizeof(head), head.payload_size));
    const std::size_t body = sizeof(head) + journal::padded(head.payload_size);
    chain = crc32c(std::span<const std::byte>(bytes).subspan(at, body), chain);
    std::memcpy(bytes.data() + at + body, &chain, sizeof(chain));
    at += journal::record_size(head.payload_size);
  }
  write_file(file, bytes);
}

}  // namespace martinet::test

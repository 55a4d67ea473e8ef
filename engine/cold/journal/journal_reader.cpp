#include "engine/cold/journal/journal_reader.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>

#include "engine/base/crc.hpp"

namespace martinet {
namespace {

Error about(Errc code, const std::string& name, const std::string& what) { return {code, name + " " + what}; }

}  // namespace

Result<JournalReader> JournalReader::open(const std::filesystem::path& file) {
  JournalReader reader;
  reader.name_ = file.string();
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) {
    return about(Errc::not_found, reader.name_, "is not a file that can be read; give a journal-NNNNNN.mtj of a session");
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) return about(Errc::not_found, reader.name_, "cannot be opened; check the path and its permissions");
  in.seekg(0, std::ios::end);
  const auto size = static_cast<std::size_t>(in.tellg());
  in.seekg(0);
  if (size == 0) return about(Errc::empty_file, reader.name_, "is empty; nothing was journaled");
  reader.bytes_.resize(size);
  in.read(reinterpret_cast<char*>(reader.bytes_.data()), static_cast<std::streamsize>(size));
  if (!in) return about(Errc::io_failed, reader.name_, "cannot be read to its end; check the disk");
  auto& header = reader.header_;
  if (size < sizeof(header)) {
    const std::size_t seen = std::min(size, header.magic.size());
    const bool ours = std::memcmp(reader.bytes_.data(), journal::kMagic.data(), seen) == 0;
    return about(ours ? Errc::truncated : Errc::not_a_journal, reader.name_,
                 ours ? "ends inside its header (" + std::to_string(size) + " of 256 bytes); no record is in it"
                      : "is not a martinet journal; give a journal-NNNNNN.mtj of a session");
  }
  std::memcpy(&header, reader.bytes_.data(), sizeof(header));
  if (header.magic != journal::kMagic) {
    return about(Errc::not_a_journal, reader.name_, "is not a martinet journal; give a journal-NNNNNN.mtj of a session");
  }
  if (header.version != journal::kVersion) {
    return about(Errc::unknown_version, reader.name_,
                 "has journal version " + std::to_string(header.version) + ", this build reads " + std::to_string(journal::kVersion));
  }
  if (crc32c({reader.bytes_.data(), sizeof(header) - sizeof(header.crc)}) != header.crc) {
    return about(Errc::corrupted, reader.name_, "is damaged in its header (offset 0); restore it from a copy");
  }
  reader.offset_ = sizeof(header);
  reader.next_sequence_ = header.first_sequence;
  reader.chain_ = header.previous_chain;
  return reader;
}

bool JournalReader::record_at(std::uint64_t offset, std::uint64_t sequence_min, JournalRecord& record) const noexcept {
  if (bytes_.size() - offset < journal::record_size(0)) return false;
  std::memcpy(&record.head, bytes_.data() + offset, sizeof(record.head));
  const journal::RecordHead& head = record.head;
  if (head.magic != journal::kRecordMagic || head.payload_size > journal::kPayloadMax || head.sequence < sequence_min) return false;
  if (bytes_.size() - offset < journal::record_size(head.payload_size)) return false;
  record.payload = {bytes_.data() + offset + sizeof(head), head.payload_size};
  record.offset = offset;
  return true;
}

bool JournalReader::next(JournalRecord& record) {
  if (done_) return false;
  if (record_at(offset_, next_sequence_, record) && record.head.sequence == next_sequence_) {
    const std::size_t checked = sizeof(record.head) + journal::padded(record.head.payload_size);
    std::uint32_t stored = 0;
    std::memcpy(&stored, bytes_.data() + offset_ + checked, sizeof(stored));
    const std::uint32_t chain = crc32c({bytes_.data() + offset_, checked}, chain_);
    std::uint32_t zero = 0;
    std::memcpy(&zero, bytes_.data() + offset_ + checked + sizeof(stored), sizeof(zero));
    if (chain == stored && zero == 0) {
      chain_ = chain;
      offset_ += journal::record_size(record.head.payload_size);
      ++next_sequence_;
      return true;
    }
  }
  done_ = true;
  judge_end();
  return false;
}

void JournalReader::judge_end() {
  const auto rest = std::span<const std::byte>(bytes_).subspan(static_cast<std::size_t>(offset_));
  if (std::all_of(rest.begin(), rest.end(), [](std::byte b) { return b == std::byte{0}; })) return;
  // A record that follows a broken one cannot be chained from it, but the one after that can be chained from its neighbour:
  // two in a row that fit each other prove that the break is damage inside the file, not its torn end.
  for (std::uint64_t at = offset_ + 8; at + journal::record_size(0) <= bytes_.size(); at += 8) {
    JournalRecord first;
    JournalRecord second;
    if (!record_at(at, next_sequence_ + 1, first)) continue;
    const std::uint64_t behind = at + journal::record_size(first.head.payload_size);
    if (behind >= bytes_.size() || !record_at(behind, first.head.sequence + 1, second)) continue;
    const std::size_t checked = sizeof(second.head) + journal::padded(second.head.payload_size);
    std::uint32_t seed = 0;
    std::uint32_t stored = 0;
    std::memcpy(&seed, bytes_.data() + behind - journal::kTailSize, sizeof(seed));
    std::memcpy(&stored, bytes_.data() + behind + checked, sizeof(stored));
    if (crc32c({bytes_.data() + behind, checked}, seed) == stored) {
      status_ = Error{Errc::corrupted, name_ + " is damaged at offset " + std::to_string(offset_) + ": record " + std::to_string(next_sequence_) +
                                           " does not check, yet record " + std::to_string(second.head.sequence) + " at offset " +
                                           std::to_string(behind) + " does; restore the file from a copy"};
      return;
    }
  }
  end_ = JournalEnd::torn;
}

Result<std::vector<std::filesystem::path>> journal_segments(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> segments;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("journal-") && name.ends_with(".mtj")) segments.push_back(entry.path());
  }
  if (segments.empty()) {
    return Error{Errc::not_found, folder.string() + " holds no journal-NNNNNN.mtj; give the folder of a session"};
  }
  std::sort(segments.begin(), segments.end());
  return segments;
}

}  // namespace martinet

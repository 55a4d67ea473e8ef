#include "engine/cold/journal/journal_reader.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <utility>

#include "engine/base/crc.hpp"

namespace martinet {
namespace {

Error about(Errc code, const std::string& name, const std::string& what) { return {code, name + " " + what}; }

bool all_zero(std::span<const std::byte> bytes) noexcept {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

// Size of `bytes` without the zeros at their end.
std::uint64_t used_size(std::span<const std::byte> bytes) noexcept {
  const auto last = std::find_if(bytes.rbegin(), bytes.rend(), [](std::byte b) { return b != std::byte{0}; });
  return static_cast<std::uint64_t>(bytes.rend() - last);
}

}  // namespace

Result<JournalReader> JournalReader::open(const std::filesystem::path& file) {
  const std::string name = file.string();
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) {
    return about(Errc::not_found, name, "is not a file that can be read; give a journal-NNNNNN.mtj of a session");
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) return about(Errc::not_found, name, "cannot be opened; check the path and its permissions");
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  if (error) return about(Errc::io_failed, name, "cannot be examined (" + error.message() + "); check the disk");
  if (size > journal::kSegmentBytesMax) {
    return about(Errc::frame_too_large, name,
                 "has " + std::to_string(size) + " bytes, more than a segment ever has; give a journal-NNNNNN.mtj of a session");
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  if (!in) return about(Errc::io_failed, name, "cannot be read to its end; check the disk");
  return from_bytes(std::move(bytes), name);
}

Result<JournalReader> JournalReader::from_bytes(std::vector<std::byte> bytes, std::string name) {
  JournalReader reader;
  reader.name_ = std::move(name);
  reader.bytes_ = std::move(bytes);
  if (const Status read = reader.read_header(); !read) return read.error();
  return reader;
}

Status JournalReader::read_header() {
  const std::size_t seen = std::min(bytes_.size(), header_.magic.size());
  if (all_zero({bytes_.data(), std::min(bytes_.size(), sizeof(header_))})) return no_header();
  if (std::memcmp(bytes_.data(), journal::kMagic.data(), seen) != 0) {
    return about(Errc::not_a_journal, name_, "is not a martinet journal; give a journal-NNNNNN.mtj of a session");
  }
  if (bytes_.size() < sizeof(header_)) {
    return about(Errc::truncated, name_, "ends inside its header (" + std::to_string(bytes_.size()) + " of 256 bytes); no record is in it");
  }
  std::memcpy(&header_, bytes_.data(), sizeof(header_));
  if (header_.version != journal::kVersion) {
    return about(Errc::unknown_version, name_,
                 "has journal version " + std::to_string(header_.version) + ", this build reads " + std::to_string(journal::kVersion));
  }
  if (crc32c({bytes_.data(), sizeof(header_) - sizeof(header_.crc)}) != header_.crc) {
    return about(Errc::corrupted, name_, "is damaged in its header (offset 0); restore it from a copy");
  }
  const bool sound = header_.header_size == sizeof(header_) && header_.segment >= 1 && header_.first_sequence >= 1 &&
                     header_.previous_sequence == header_.first_sequence - 1;
  if (!sound) return about(Errc::corrupted, name_, "has a header (offset 0) that contradicts itself; restore it from a copy");
  offset_ = sizeof(header_);
  next_sequence_ = header_.first_sequence;
  chain_ = header_.previous_chain;
  return {};
}

// The file begins with zeros (or is empty): its header, which is in the first group, was never written.
Error JournalReader::no_header() const {
  const std::uint64_t used = used_size(bytes_);
  if (used == 0) return about(Errc::empty_file, name_, "is empty; nothing was journaled");
  if (used <= journal::kGroupBytesMax) {
    return about(Errc::truncated, name_, "has no header: a crash came before its first records were durable; no record is in it");
  }
  return about(Errc::not_a_journal, name_,
               "begins with zeros and is not a martinet journal, or a damaged one (offset 0); restore it from a copy");
}

std::span<const std::byte> JournalReader::used_bytes() const noexcept {
  const std::size_t sectors = (used_size(bytes_) + journal::kSectorBytes - 1) / journal::kSectorBytes;
  return {bytes_.data(), std::min(bytes_.size(), sectors * journal::kSectorBytes)};
}

std::uint32_t JournalReader::word_at(std::uint64_t offset) const noexcept {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes_.data() + offset, sizeof(word));
  return word;
}

// A record whose head could be one and that ends inside the file; its checksum is not looked at.
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

std::uint32_t JournalReader::chain_of(const JournalRecord& record, std::uint32_t seed) const noexcept {
  return crc32c({bytes_.data() + record.offset, sizeof(record.head) + journal::padded(record.payload.size())}, seed);
}

bool JournalReader::checks(const JournalRecord& record, std::uint32_t seed) const noexcept {
  const std::uint64_t tail = record.offset + sizeof(record.head) + journal::padded(record.payload.size());
  return word_at(tail + sizeof(std::uint32_t)) == 0 && word_at(tail) == chain_of(record, seed);
}

bool JournalReader::next(JournalRecord& record) {
  if (done_) return false;
  JournalRecord candidate;
  if (record_at(offset_, next_sequence_, candidate) && candidate.head.sequence == next_sequence_ && checks(candidate, chain_)) {
    record = candidate;
    const std::uint64_t size = journal::record_size(record.payload.size());
    chain_ = word_at(offset_ + size - journal::kTailSize);
    offset_ += size;
    ++next_sequence_;
    return true;
  }
  done_ = true;
  judge_end();
  return false;
}

// The first record behind the broken one that is proven by the checksum of its neighbour before it. The broken one may be that
// neighbour: if its head is whole, by what its checksum should be; else by the one it has.
bool JournalReader::find_behind(JournalRecord& found) const noexcept {
  JournalRecord broken;
  if (record_at(offset_, next_sequence_, broken) && broken.head.sequence == next_sequence_) {
    const std::uint64_t behind = offset_ + journal::record_size(broken.payload.size());
    if (record_at(behind, next_sequence_ + 1, found) && found.head.sequence == next_sequence_ + 1 &&
        checks(found, chain_of(broken, chain_)))
      return true;
  }
  for (std::uint64_t at = offset_ + 8; at + journal::record_size(0) <= bytes_.size(); at += 8) {
    if (!record_at(at, next_sequence_ + 1, found)) continue;
    if (found.head.sequence - next_sequence_ > (at - offset_) / 8) continue;  // so many do not fit in between
    if (checks(found, word_at(at - journal::kTailSize))) return true;
  }
  return false;
}

// True if a sector that the broken record needs holds nothing but zeros from where the record begins: what a sector that never
// reached the disk looks like, since the file was zeros before and nothing in it is written twice.
bool JournalReader::lost_a_sector() const noexcept {
  JournalRecord broken;
  const bool whole_head = record_at(offset_, next_sequence_, broken) && broken.head.sequence == next_sequence_;
  const std::uint64_t end = offset_ + (whole_head ? journal::record_size(broken.payload.size()) : sizeof(journal::RecordHead));
  for (std::uint64_t sector = offset_ / journal::kSectorBytes * journal::kSectorBytes; sector < end; sector += journal::kSectorBytes) {
    const std::uint64_t from = std::max(sector, offset_);
    const std::uint64_t to = std::min<std::uint64_t>(sector + journal::kSectorBytes, bytes_.size());
    if (from < to && all_zero({bytes_.data() + from, static_cast<std::size_t>(to - from)})) return true;
  }
  return false;
}

void JournalReader::judge_end() {
  const std::uint64_t rest = used_size(std::span<const std::byte>(bytes_).subspan(static_cast<std::size_t>(offset_)));
  if (rest == 0) return;
  end_ = JournalEnd::torn;
  const std::string place =
      name_ + " is damaged at offset " + std::to_string(offset_) + ": record " + std::to_string(next_sequence_) + " does not check, ";
  if (rest > journal::kGroupBytesMax) {
    status_ = Error{Errc::corrupted, place + "and more follows it than a crash leaves unfinished; restore the file from a copy"};
    return;
  }
  JournalRecord behind;
  if (lost_a_sector() || !find_behind(behind)) return;
  status_ = Error{Errc::corrupted, place + "yet record " + std::to_string(behind.head.sequence) + " at offset " +
                                       std::to_string(behind.offset) + " does; restore the file from a copy"};
}

Status JournalReader::follows(const JournalReader& previous) const {
  const journal::SegmentHeader& before = previous.header_;
  if (header_.epoch >= before.epoch && header_.segment == before.segment + 1 && header_.previous_sequence == previous.next_sequence_ - 1 &&
      header_.previous_chain == previous.chain_) {
    return {};
  }
  return about(Errc::corrupted, name_,
               "(segment " + std::to_string(header_.segment) + ", behind record " + std::to_string(header_.previous_sequence) +
                   ") does not continue " + previous.name_ + " (segment " + std::to_string(before.segment) + ", whole to record " +
                   std::to_string(previous.next_sequence_ - 1) +
                   "): one is missing, damaged or of another session; restore it from a copy");
}

std::uint64_t segment_number(const std::string& name) {
  constexpr std::string_view kBegin = "journal-";
  constexpr std::string_view kEnd = ".mtj";
  constexpr std::size_t kDigitsMin = 6, kDigitsMax = 18;
  if (!name.starts_with(kBegin) || !name.ends_with(kEnd)) return 0;
  const std::string digits = name.substr(kBegin.size(), name.size() - kBegin.size() - std::min(kEnd.size(), name.size() - kBegin.size()));
  if (digits.size() < kDigitsMin || digits.size() > kDigitsMax || digits.find_first_not_of("0123456789") != std::string::npos) return 0;
  return std::stoull(digits);
}

Result<std::vector<std::filesystem::path>> journal_segments(const std::filesystem::path& folder) {
  std::vector<std::pair<std::uint64_t, std::filesystem::path>> found;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (const std::uint64_t segment = segment_number(entry->path().filename().string()); segment != 0)
      found.emplace_back(segment, entry->path());
  }
  if (error || found.empty()) {
    return Error{Errc::not_found, folder.string() + " holds no journal-NNNNNN.mtj; give the folder of a session"};
  }
  std::sort(found.begin(), found.end());
  std::vector<std::filesystem::path> segments;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i].first != found[0].first + i) {
      return Error{Errc::not_found, folder.string() + " lacks segment " + std::to_string(found[0].first + i) +
                                        " of its journal, yet holds " + found[i].second.filename().string() + "; restore it from a copy"};
    }
    segments.push_back(std::move(found[i].second));
  }
  return segments;
}

}  // namespace martinet

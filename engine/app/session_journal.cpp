#include "engine/app/session_journal.hpp"

#include <fmt/format.h>

#include <cstring>
#include <utility>

#include "adapters/capture/capture_format.hpp"

namespace martinet {
namespace {

using journal::RecordType;

std::string_view text_of(std::span<const std::byte> bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

void take_words(std::string_view text, SegmentOrigin& origin) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::size_t at = line.find('=');
    if (line.starts_with("plugin=") || line.starts_with("model=")) {
      origin.made_with.emplace_back(line);
    } else if (at != std::string_view::npos) {
      origin.words.emplace(line.substr(0, at), line.substr(at + 1));
    }
  }
}

}  // namespace

std::string SegmentOrigin::build_id() const { return {header.build_id.data(), strnlen(header.build_id.data(), header.build_id.size())}; }

std::filesystem::path SegmentOrigin::path_of(std::string_view word) const {
  const auto found = words.find(word);
  if (found == words.end() || found->second.empty()) return {};
  const auto folder = words.find("folder");
  return folder == words.end() ? std::filesystem::path(found->second) : std::filesystem::path(folder->second) / found->second;
}

Result<SegmentOrigin> origin_of(const std::filesystem::path& segment) {
  Result<JournalReader> reader = JournalReader::open(segment);
  if (!reader) return reader.error();
  SegmentOrigin origin;
  origin.segment = segment;
  origin.header = reader->header();
  std::vector<std::byte> table;
  JournalRecord record;
  while (reader->next(record)) {
    const RecordType type = record.type();
    if (type == RecordType::session) take_words(text_of(record.payload), origin);
    const bool in_parts = type == RecordType::configuration || type == RecordType::instruments || type == RecordType::checkpoint;
    if (!in_parts || record.payload.size() < sizeof(journal::PartHead)) continue;
    journal::PartHead head;
    std::memcpy(&head, record.payload.data(), sizeof(head));
    const auto body = record.payload.subspan(sizeof(head));
    if (type == RecordType::configuration) origin.config_text += text_of(body);
    if (type == RecordType::instruments) table.insert(table.end(), body.begin(), body.end());
    if (type != RecordType::checkpoint || head.index + 1 != head.count) continue;
    Result<CaptureHeader> header = capture::decode_header(table, segment.string() + ", its instrument table");
    if (!header) return header.error();
    origin.instruments = std::move(header->instruments);
    return origin;
  }
  if (!reader->status()) return reader->status().error();
  return Error{Errc::checkpoint_mismatch, segment.string() + " ends before its checkpoint does; nothing can be made from it"};
}

SessionJournal::SessionJournal(std::vector<std::filesystem::path> segments, JournalReader first)
    : segments_(std::move(segments)), reader_(std::move(first)) {}

Result<SessionJournal> SessionJournal::open(const std::filesystem::path& folder) {
  Result<std::vector<std::filesystem::path>> segments = journal_segments(folder);
  if (!segments) return segments.error();
  Result<JournalReader> first = JournalReader::open(segments->front());
  if (!first) return first.error();
  return SessionJournal(std::move(*segments), std::move(*first));
}

bool SessionJournal::next(JournalRecord& record) {
  while (status_.ok() && !reader_->next(record)) {
    status_ = reader_->status();
    if (reader_->end() == JournalEnd::torn) ending_ = SessionEnding::torn;
    if (!status_ || index_ + 1 == segments_.size() || !open_next()) return false;
  }
  if (!status_) return false;
  ending_ = record.type() == RecordType::segment_end ? SessionEnding::complete : SessionEnding::open;
  if (ending_ == SessionEnding::complete) (void)record.as(totals_);
  return true;
}

bool SessionJournal::open_next() {
  Result<JournalReader> following = JournalReader::open(segments_[index_ + 1]);
  const bool is_last = index_ + 2 == segments_.size();
  if (!following) {
    const Errc code = following.error().code;
    if (is_last && (code == Errc::empty_file || code == Errc::truncated)) {  // begun in the crash
      ending_ = SessionEnding::torn;
    } else {
      status_ = following.error();
    }
    return false;
  }
  status_ = following->follows(*reader_);
  if (!status_) return false;
  ++index_;
  reader_ = std::move(*following);
  return true;
}

std::string SessionJournal::ending_text() const {
  switch (ending_) {
    case SessionEnding::complete:
      return "complete";
    case SessionEnding::open:
      return "not closed: it runs still, or was killed; every record is whole";
    case SessionEnding::torn:
      break;
  }
  return fmt::format("torn in {} at offset {}: a crash cut its last records; all before are whole", segment().filename().string(),
                     reader_->offset());
}

}  // namespace martinet

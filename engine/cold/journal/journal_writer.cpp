#include "engine/cold/journal/journal_writer.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "engine/base/assert.hpp"
#include "engine/base/crc.hpp"

namespace martinet {
namespace {

template <std::size_t N>
void assign_text(std::array<char, N>& target, const std::string& text) {
  std::copy_n(text.begin(), std::min(N, text.size()), target.begin());
}

}  // namespace

std::string segment_name(std::uint64_t segment) {
  std::array<char, 32> name{};
  std::snprintf(name.data(), name.size(), "journal-%06llu.mtj", static_cast<unsigned long long>(segment));
  return name.data();
}

JournalWriter::JournalWriter(Storage& storage, JournalOptions options) : storage_(storage), options_(std::move(options)) {
  pending_.reserve(kPendingBytesMax + journal::record_size(journal::kPayloadMax));
}

Status JournalWriter::begin_segment(std::int64_t ts_begin_ns) {
  if (const Status closed = close(); !closed) return closed;
  const std::string path = options_.folder + "/" + segment_name(segment_ + 1);
  Result<FileId> file = storage_.create(path, options_.segment_reserve_bytes);
  if (!file) return file.error();
  file_ = *file;
  open_ = true;
  ++segment_;
  journal::SegmentHeader header;
  header.epoch = options_.epoch;
  header.segment = segment_;
  header.first_sequence = next_sequence_;
  header.previous_sequence = next_sequence_ - 1;
  header.previous_chain = chain_;
  header.ts_begin_ns = ts_begin_ns;
  header.config_sha256 = options_.config_sha256;
  assign_text(header.build_id, options_.build_id);
  assign_text(header.account, options_.account);
  const auto bytes = std::as_bytes(std::span<const journal::SegmentHeader, 1>(&header, 1));
  header.crc = crc32c(bytes.first(sizeof(header) - sizeof(header.crc)));
  offset_ = 0;
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
  return {};
}

Errc JournalWriter::append(journal::RecordType type, std::int64_t ts_ns, std::span<const std::byte> payload, std::uint64_t* sequence) noexcept {
  MT_ASSERT(payload.size() <= journal::kPayloadMax);
  if (failed_ != Errc::ok) return failed_;
  MT_ASSERT(open_);
  if (pending_.size() >= kPendingBytesMax) return Errc::lane_full;
  journal::RecordHead head;
  head.payload_size = static_cast<std::uint32_t>(payload.size());
  head.sequence = next_sequence_;
  head.type = static_cast<std::uint16_t>(type);
  head.t_mono_ns = ts_ns;
  head.t_wall_ns = ts_ns;
  const std::size_t begin = pending_.size();
  // Room was reserved in the constructor for the limit above plus one largest record: no allocation here.
  pending_.resize(begin + journal::record_size(payload.size()));
  std::byte* const p = pending_.data() + begin;
  std::memcpy(p, &head, sizeof(head));
  if (!payload.empty()) std::memcpy(p + sizeof(head), payload.data(), payload.size());
  const std::size_t checked = sizeof(head) + journal::padded(payload.size());
  chain_ = crc32c({p, checked}, chain_);
  std::memcpy(p + checked, &chain_, sizeof(chain_));
  if (sequence != nullptr) *sequence = next_sequence_;
  ++next_sequence_;
  return Errc::ok;
}

Status JournalWriter::append_parts(journal::RecordType type, std::int64_t ts_ns, std::span<const std::byte> bytes) {
  const std::size_t count = std::max<std::size_t>((bytes.size() + journal::kPartBytesMax - 1) / journal::kPartBytesMax, 1);
  std::vector<std::byte> part;
  for (std::size_t index = 0; index < count; ++index) {
    const auto body = bytes.subspan(index * journal::kPartBytesMax, std::min(journal::kPartBytesMax, bytes.size() - index * journal::kPartBytesMax));
    const journal::PartHead head{static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(count)};
    const auto head_bytes = std::as_bytes(std::span<const journal::PartHead, 1>(&head, 1));
    part.assign(head_bytes.begin(), head_bytes.end());
    part.insert(part.end(), body.begin(), body.end());
    if (append(type, ts_ns, part) == Errc::lane_full) {
      if (const Status synced = sync(); !synced) return synced;
      MT_ASSERT(append(type, ts_ns, part) != Errc::lane_full);
    }
    if (failed_ != Errc::ok) return sync();
  }
  return {};
}

bool JournalWriter::hand_over() noexcept {
  const Errc queued = storage_.append(file_, offset_, pending_, true, next_sequence_ - 1);
  if (queued == Errc::lane_full) return false;
  if (queued != Errc::ok) {
    fail(queued);
    return false;
  }
  offset_ += pending_.size();
  bytes_total_ += pending_.size();
  group_under_way_ = true;
  pending_.clear();
  return true;
}

void JournalWriter::turn(bool flush) noexcept {
  Storage::Completion completion;
  while (storage_.poll(completion)) {
    group_under_way_ = false;
    if (completion.status != Errc::ok) {
      fail(completion.status);
    } else if (failed_ == Errc::ok) {
      durable_sequence_ = completion.tag;
    }
  }
  // One group at a time, so that what is durable is always a prefix; what is appended meanwhile makes the next group.
  if (failed_ != Errc::ok || group_under_way_ || pending_.empty() || !(flush || pending_.size() >= kGroupBytes)) return;
  (void)hand_over();  // lane_full: the next turn tries again
}

Status JournalWriter::sync() {
  turn(true);
  while (failed_ == Errc::ok && (group_under_way_ || !pending_.empty())) {
    storage_.drain();
    turn(true);
  }
  if (failed_ == Errc::ok) return {};
  return Error{failed_, "the journal in " + options_.folder + " cannot be written: " + std::string(sentence_of(failed_)) +
                            "; free space or use another folder (what was acknowledged before is safe)"};
}

Status JournalWriter::close() {
  if (!open_) return {};
  const Status synced = sync();
  open_ = false;
  const Status closed = storage_.close(file_, offset_);
  return synced ? closed : synced;
}

void JournalWriter::fail(Errc code) noexcept {
  if (failed_ == Errc::ok) failed_ = code;
}

}  // namespace martinet

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

JournalWriter::JournalWriter(Storage& storage, JournalOptions options)
    : storage_(storage),
      options_(std::move(options)),
      pending_(journal::kGroupBytesMax),
      segment_(options_.resume.segment),
      next_sequence_(options_.resume.sequence + 1),
      durable_sequence_(options_.resume.sequence),
      chain_(options_.resume.chain) {
  static_assert(kPendingBytesMax + journal::record_size(journal::kPayloadMax) <= journal::kGroupBytesMax);
  MT_ASSERT(options_.segment_bytes_max <= journal::kSegmentBytesMax);
}

void JournalWriter::put(std::span<const std::byte> bytes) noexcept {
  if (!bytes.empty()) std::memcpy(pending_.data() + pending_size_, bytes.data(), bytes.size());
  pending_size_ += bytes.size();
}

Result<FileId> JournalWriter::create_segment(std::uint64_t segment) {
  return storage_.create(options_.folder + "/" + segment_name(segment),
                         std::min(options_.segment_reserve_bytes, options_.segment_bytes_max));
}

Status JournalWriter::prepare_next() {
  if (next_prepared_) return {};
  if (failed_ != Errc::ok) return first_error();
  const Result<FileId> file = create_segment(segment_ + 1);
  if (!file) return file.error();
  next_file_ = *file;
  next_prepared_ = true;
  return {};
}

bool JournalWriter::low_water() const noexcept {
  const std::uint64_t used = offset_ + pending_size_;
  const std::uint64_t room = (reserve_ > used ? reserve_ - used : 0) + (next_prepared_ ? reserve_ : 0);
  return open_ && room < options_.low_water_bytes;
}

Status JournalWriter::begin_segment(std::int64_t ts_begin_ns) {
  if (const Status closed = close(); !closed) return closed;
  const Result<FileId> file = next_prepared_ ? Result<FileId>(next_file_) : create_segment(segment_ + 1);
  if (!file) return fail(file.error());
  next_prepared_ = false;
  file_ = *file;
  open_ = true;
  reserve_ = std::min(options_.segment_reserve_bytes, options_.segment_bytes_max);
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
  MT_ASSERT(pending_size_ == 0);  // close() has synced
  put(bytes);
  return {};
}

Errc JournalWriter::append(journal::RecordType type, std::int64_t ts_ns, std::span<const std::byte> payload,
                           std::uint64_t* sequence) noexcept {
  MT_ASSERT(payload.size() <= journal::kPayloadMax);
  if (failed_ != Errc::ok) return failed_;
  MT_ASSERT(open_);
  const std::size_t size = journal::record_size(payload.size());
  if (offset_ + pending_size_ + size > options_.segment_bytes_max) return Errc::no_capacity;
  if (pending_size_ >= kPendingBytesMax) return Errc::lane_full;
  journal::RecordHead head;
  head.payload_size = static_cast<std::uint32_t>(payload.size());
  head.sequence = next_sequence_;
  head.type = static_cast<std::uint16_t>(type);
  head.t_mono_ns = ts_ns;
  head.t_wall_ns = ts_ns;
  const std::byte* const begin = pending_.data() + pending_size_;
  constexpr std::array<std::byte, 8> kZeros{};
  put(std::as_bytes(std::span<const journal::RecordHead, 1>(&head, 1)));
  put(payload);
  put(std::span<const std::byte>(kZeros).first(journal::padded(payload.size()) - payload.size()));
  chain_ = crc32c({begin, sizeof(head) + journal::padded(payload.size())}, chain_);
  const std::array<std::uint32_t, 2> tail = {chain_, 0};
  put(std::as_bytes(std::span<const std::uint32_t, 2>(tail)));
  if (sequence != nullptr) *sequence = next_sequence_;
  ++next_sequence_;
  return Errc::ok;
}

Status JournalWriter::append_parts(journal::RecordType type, std::int64_t ts_ns, std::span<const std::byte> bytes) {
  const std::size_t count = std::max<std::size_t>((bytes.size() + journal::kPartBytesMax - 1) / journal::kPartBytesMax, 1);
  std::vector<std::byte> part;
  for (std::size_t index = 0; index < count; ++index) {
    const auto body =
        bytes.subspan(index * journal::kPartBytesMax, std::min(journal::kPartBytesMax, bytes.size() - index * journal::kPartBytesMax));
    const journal::PartHead head{static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(count)};
    const auto head_bytes = std::as_bytes(std::span<const journal::PartHead, 1>(&head, 1));
    part.assign(head_bytes.begin(), head_bytes.end());
    part.insert(part.end(), body.begin(), body.end());
    Errc result = append(type, ts_ns, part);
    if (result == Errc::lane_full) {
      if (const Status synced = sync(); !synced) return synced;
      result = append(type, ts_ns, part);
      MT_ASSERT(result != Errc::lane_full);
    }
    if (failed_ != Errc::ok) return first_error();
    if (result != Errc::ok) {
      return Error{result, "segment " + segment_name(segment_) + " in " + options_.folder + " is full; begin the next one earlier"};
    }
  }
  return {};
}

void JournalWriter::hand_over() noexcept {
  const Errc queued = storage_.append(file_, offset_, {pending_.data(), pending_size_}, true, next_sequence_ - 1);
  if (queued == Errc::lane_full) return;  // the next turn tries again
  if (queued != Errc::ok) return fail(queued);
  offset_ += pending_size_;
  bytes_total_ += pending_size_;
  group_under_way_ = true;
  group_sequence_ = next_sequence_ - 1;
  pending_size_ = 0;
}

void JournalWriter::take_completions() noexcept {
  Storage::Completion completion;
  while (storage_.poll(completion)) {
    MT_ASSERT(group_under_way_ && completion.tag == group_sequence_);  // one group at a time, and nobody else's
    group_under_way_ = false;
    if (completion.status != Errc::ok) {
      fail(completion.status);
    } else if (failed_ == Errc::ok) {
      durable_sequence_ = completion.tag;
    }
  }
}

void JournalWriter::turn(bool flush) noexcept {
  take_completions();
  // One group at a time, so that what is durable is always a prefix; what is appended meanwhile makes the next group.
  if (failed_ != Errc::ok || group_under_way_ || pending_size_ == 0 || !(flush || pending_size_ >= kGroupBytes)) return;
  hand_over();
}

Status JournalWriter::sync() {
  turn(true);
  while (failed_ == Errc::ok && (group_under_way_ || pending_size_ > 0)) {
    storage_.drain();
    take_completions();
    MT_ASSERT(!group_under_way_);  // drain() leaves nothing under way
    turn(true);
  }
  return first_error();
}

Status JournalWriter::close() {
  if (!open_) return first_error();
  const Status synced = sync();
  open_ = false;
  const Status closed = storage_.close(file_, offset_);
  if (synced && !closed) return fail(closed.error());
  return synced;
}

void JournalWriter::fail(Errc code) noexcept {
  if (failed_ == Errc::ok) failed_ = code;
}

Status JournalWriter::fail(const Error& error) {
  if (failed_ == Errc::ok) {
    failed_ = error.code;
    failed_what_ = error.what;
  }
  return first_error();
}

Status JournalWriter::first_error() const {
  if (failed_ == Errc::ok) return {};
  if (!failed_what_.empty()) return Error{failed_, failed_what_};
  return Error{failed_, "the journal in " + options_.folder + " cannot be written: " + std::string(sentence_of(failed_)) +
                            "; free space or use another folder (what was acknowledged before is safe)"};
}

}  // namespace martinet

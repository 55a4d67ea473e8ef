#include "adapters/io/write_ring.hpp"

#include <cerrno>
#include <cstring>

namespace martinet {
namespace {

constexpr std::uint64_t kWriteDone = 0;  // lowest bit of user_data: which of a slot's two operations completed
constexpr std::uint64_t kSyncDone = 1;
constexpr int kIdleTriesMax = 16;  // a write that makes no progress so often in a row has failed

Errc code_of(int error) noexcept { return error == ENOSPC || error == EDQUOT ? Errc::disk_full : Errc::io_failed; }

}  // namespace

WriteRing::~WriteRing() {
  if (!made_) return;
  io_uring_queue_exit(&ring_);
  // Of a ring that broke we do not know what the kernel still reads: its bytes are never given back.
  for (Slot& slot : slots_) {
    if (slot.abandoned) static_cast<void>(slot.bytes.release());
  }
}

int WriteRing::init() {
  for (Slot& slot : slots_) slot.bytes = std::make_unique<std::byte[]>(kSlotBytes);
  // Two operations a slot, twice: neither queue is ever full.
  const int error = io_uring_queue_init(4 * kSlotCount, &ring_, 0);
  made_ = error == 0;
  return -error;
}

bool WriteRing::start(FileId file, int fd, std::uint64_t offset, std::span<const std::byte> bytes, bool sync, std::uint64_t tag) noexcept {
  if (broken_) return false;
  for (std::size_t index = 0; index < kSlotCount; ++index) {
    Slot& slot = slots_[index];
    if (slot.busy) continue;
    if (!bytes.empty()) std::memcpy(slot.bytes.get(), bytes.data(), bytes.size());
    slot.size = bytes.size();
    slot.written = 0;
    slot.offset = offset;
    slot.tag = tag;
    slot.file = file;
    slot.fd = fd;
    slot.idle_tries = 0;
    slot.sync = sync;
    slot.doomed = false;
    slot.status = Errc::ok;
    slot.busy = true;
    ++busy_count_;
    queue(index);
    return true;
  }
  return false;
}

// Queues what is left of a slot: the write and, linked behind it, the sync. A short write breaks the link, the sync comes back
// cancelled, and the rest is queued anew.
void WriteRing::queue(std::size_t index) noexcept {
  Slot& slot = slots_[index];
  slot.synced = false;
  slot.operations = slot.sync ? 2 : 1;
  io_uring_sqe* const write = io_uring_get_sqe(&ring_);
  io_uring_sqe* const sync = slot.sync && write != nullptr ? io_uring_get_sqe(&ring_) : nullptr;
  if (write == nullptr || (slot.sync && sync == nullptr)) {
    broken_ = true;
    return;
  }
  io_uring_prep_write(write, slot.fd, slot.bytes.get() + slot.written, static_cast<unsigned>(slot.size - slot.written),
                      slot.offset + slot.written);
  io_uring_sqe_set_data64(write, index << 1 | kWriteDone);
  if (sync != nullptr) {
    write->flags |= IOSQE_IO_LINK;
    io_uring_prep_fsync(sync, slot.fd, IORING_FSYNC_DATASYNC);
    io_uring_sqe_set_data64(sync, index << 1 | kSyncDone);
  }
  submit();
}

void WriteRing::submit() noexcept {
  ++enters_;
  const int queued = static_cast<int>(io_uring_sq_ready(&ring_));
  // All or nothing: a submission cut between a write and its sync would end the link there, and a sync that overtakes its write
  // says "durable" of bytes that are not.
  if (io_uring_submit(&ring_) != queued) broken_ = true;
}

bool WriteRing::take(Finished& finished, bool wait) noexcept {
  while (busy_count_ > 0) {
    if (broken_) return abandon_one(finished);
    io_uring_cqe* cqe = nullptr;
    int error = io_uring_peek_cqe(&ring_, &cqe);
    if (error == -EAGAIN && wait) {
      ++enters_;
      error = io_uring_wait_cqe(&ring_, &cqe);
      if (error == -EINTR || error == -EAGAIN) continue;
    }
    if (error == -EAGAIN) return false;
    if (error != 0) {
      broken_ = true;
      continue;
    }
    const std::uint64_t data = io_uring_cqe_get_data64(cqe);
    const int result = cqe->res;
    io_uring_cqe_seen(&ring_, cqe);
    if (on_completion(data, result, finished)) return true;
  }
  return false;
}

bool WriteRing::on_completion(std::uint64_t data, int result, Finished& finished) noexcept {
  const auto index = static_cast<std::size_t>(data >> 1);
  Slot& slot = slots_[index];
  --slot.operations;
  if ((data & 1) == kSyncDone) {
    // A failed sync is never tried again on this descriptor: the pages may be gone. A cancelled one is judged below.
    slot.synced = result == 0;
    if (result != 0 && result != -ECANCELED) slot.status = code_of(-result);
  } else if (result > 0) {
    slot.written += static_cast<std::size_t>(result);
    slot.idle_tries = 0;
  } else if (result == -EINTR || result == -EAGAIN) {
    if (++slot.idle_tries == kIdleTriesMax) slot.status = Errc::io_failed;
  } else if (result < 0 || slot.written < slot.size) {
    slot.status = code_of(-result);
  }
  if (slot.operations > 0) return false;
  if (slot.status == Errc::ok && slot.written < slot.size && !slot.doomed) {
    queue(index);
    return false;
  }
  return finish(slot, finished);
}

bool WriteRing::finish(Slot& slot, Finished& finished) noexcept {
  if (slot.status == Errc::ok && slot.written < slot.size) slot.status = Errc::storage_poisoned;
  // Written whole, yet its sync was cancelled: we cannot say that it is durable.
  if (slot.status == Errc::ok && slot.sync && !slot.synced) slot.status = Errc::io_failed;
  if (slot.status != Errc::ok) {
    for (Slot& other : slots_) other.doomed = other.doomed || (other.busy && other.file == slot.file);
  }
  finished = {slot.file, slot.tag, slot.status};
  slot.busy = false;
  --busy_count_;
  return true;
}

bool WriteRing::abandon_one(Finished& finished) noexcept {
  for (Slot& slot : slots_) {
    if (!slot.busy || slot.abandoned) continue;
    slot.abandoned = true;  // stays busy: its bytes are never written over
    --busy_count_;
    finished = {slot.file, slot.tag, Errc::io_failed};
    return true;
  }
  return false;
}

}  // namespace martinet

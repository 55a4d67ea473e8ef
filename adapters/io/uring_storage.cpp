#include "adapters/io/uring_storage.hpp"

#include <fcntl.h>
#include <liburing.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

namespace martinet {
namespace {

Errc code_of(int error) noexcept { return error == ENOSPC || error == EDQUOT ? Errc::disk_full : Errc::io_failed; }

constexpr std::uint64_t kWriteDone = 0;  // lowest bit of user_data: which of a slot's two operations completed
constexpr std::uint64_t kSyncDone = 1;

struct Slot {
  std::unique_ptr<std::byte[]> bytes;
  std::size_t size = 0;
  std::size_t written = 0;
  std::uint64_t offset = 0;
  std::uint64_t tag = 0;
  FileId file = 0;
  int operations = 0;  // completions still to come
  bool busy = false;
  bool sync = false;
  Errc status = Errc::ok;
};

struct File {
  int fd = -1;
  std::string path;
  bool poisoned = false;
};

}  // namespace

struct UringStorage::State {
  io_uring ring{};
  std::array<Slot, kSlotCount> slots;
  std::vector<File> files;
  std::array<Completion, kSlotCount> done;  // busy slots and untaken completions together never pass kSlotCount
  std::size_t done_count = 0;
  std::uint64_t enters = 0;

  void submit() noexcept {
    ++enters;
    io_uring_submit(&ring);
  }

  // Queues what is left of a slot: the write and, linked behind it, the sync. A short write breaks the link, the sync comes back
  // cancelled, and the rest is queued anew.
  void queue(std::size_t index) noexcept {
    Slot& slot = slots[index];
    const int fd = files[slot.file].fd;
    io_uring_sqe* write = io_uring_get_sqe(&ring);
    io_uring_prep_write(write, fd, slot.bytes.get() + slot.written, static_cast<unsigned>(slot.size - slot.written), slot.offset + slot.written);
    io_uring_sqe_set_data64(write, index << 1 | kWriteDone);
    slot.operations = 1;
    if (slot.sync) {
      write->flags |= IOSQE_IO_LINK;
      io_uring_sqe* sync = io_uring_get_sqe(&ring);
      io_uring_prep_fsync(sync, fd, IORING_FSYNC_DATASYNC);
      io_uring_sqe_set_data64(sync, index << 1 | kSyncDone);
      slot.operations = 2;
    }
    submit();
  }

  void on_completion(std::uint64_t data, int result) noexcept {
    const auto index = static_cast<std::size_t>(data >> 1);
    Slot& slot = slots[index];
    --slot.operations;
    if ((data & 1) == kWriteDone) {
      if (result > 0) {
        slot.written += static_cast<std::size_t>(result);
      } else if (result != -EINTR && result != -EAGAIN) {
        slot.status = result == 0 ? Errc::io_failed : code_of(-result);
      }
    } else if (result < 0 && result != -ECANCELED && result != -EINTR) {
      slot.status = code_of(-result);  // a failed sync is never tried again on this descriptor: the pages may be gone
    } else if (result == -EINTR) {
      slot.status = Errc::io_failed;
    }
    if (slot.operations > 0) return;
    if (slot.status == Errc::ok && slot.written < slot.size) {
      queue(index);
      return;
    }
    if (slot.status != Errc::ok) files[slot.file].poisoned = true;
    done[done_count++] = {slot.tag, slot.status};
    slot.busy = false;
  }

  bool reap(bool wait) noexcept {
    io_uring_cqe* cqe = nullptr;
    if (wait) ++enters;
    const int error = wait ? io_uring_wait_cqe(&ring, &cqe) : io_uring_peek_cqe(&ring, &cqe);
    if (error != 0) return wait && error == -EINTR;
    const std::uint64_t data = io_uring_cqe_get_data64(cqe);
    const int result = cqe->res;
    io_uring_cqe_seen(&ring, cqe);
    on_completion(data, result);
    return true;
  }

  [[nodiscard]] std::size_t busy_count() const noexcept {
    return static_cast<std::size_t>(std::count_if(slots.begin(), slots.end(), [](const Slot& slot) { return slot.busy; }));
  }
};

UringStorage::UringStorage(std::unique_ptr<State> state) : state_(std::move(state)) {}

UringStorage::~UringStorage() {
  drain();
  for (const File& file : state_->files) {
    if (file.fd >= 0) ::close(file.fd);
  }
  io_uring_queue_exit(&state_->ring);
}

Result<std::unique_ptr<UringStorage>> UringStorage::create_ring() {
  auto state = std::make_unique<State>();
  // Twice two operations a slot: a requeue never finds the submission queue full.
  const int error = io_uring_queue_init(4 * kSlotCount, &state->ring, 0);
  if (error != 0) {
    return Error{Errc::kernel_too_old, std::string("io_uring is not to be had here (") + std::strerror(-error) +
                                           "); use Linux 6 or later, and in a container a profile that allows io_uring"};
  }
  for (Slot& slot : state->slots) slot.bytes = std::make_unique<std::byte[]>(kSlotBytes);
  return std::unique_ptr<UringStorage>(new UringStorage(std::move(state)));
}

Result<FileId> UringStorage::create(const std::string& path, std::uint64_t size_bytes) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    const int error = errno;
    return Error{error == EEXIST ? Errc::exists_already : code_of(error), "cannot make " + path + ": " + std::strerror(error) +
                                                                              (error == EEXIST ? "; it is never overwritten, choose another folder" : "; check the folder and the space on its disk")};
  }
  if (size_bytes > 0) {
    if (const int error = posix_fallocate(fd, 0, static_cast<off_t>(size_bytes)); error != 0) {
      ::close(fd);
      ::unlink(path.c_str());
      return Error{code_of(error), "cannot reserve " + std::to_string(size_bytes) + " bytes for " + path + ": " + std::strerror(error)};
    }
  }
  // The new name must survive a power cut before anything in the file counts as written.
  const std::string folder = path.find('/') == std::string::npos ? "." : path.substr(0, path.find_last_of('/') + 1);
  const int folder_fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = folder_fd >= 0 && ::fsync(fd) == 0 && ::fsync(folder_fd) == 0;
  if (folder_fd >= 0) ::close(folder_fd);
  if (!synced) {
    ::close(fd);
    return Error{Errc::io_failed, "cannot sync " + path + " and its folder; check the disk"};
  }
  state_->files.push_back({fd, path, false});
  return static_cast<FileId>(state_->files.size() - 1);
}

Errc UringStorage::append(FileId file, std::uint64_t offset, std::span<const std::byte> bytes, bool sync, std::uint64_t tag) noexcept {
  if (state_->files[file].poisoned || state_->files[file].fd < 0) return Errc::storage_poisoned;
  if (bytes.size() > kSlotBytes) return Errc::frame_too_large;
  if (state_->busy_count() + state_->done_count >= kSlotCount) return Errc::lane_full;
  for (std::size_t index = 0; index < kSlotCount; ++index) {
    Slot& slot = state_->slots[index];
    if (slot.busy) continue;
    std::memcpy(slot.bytes.get(), bytes.data(), bytes.size());
    slot.size = bytes.size();
    slot.written = 0;
    slot.offset = offset;
    slot.tag = tag;
    slot.file = file;
    slot.sync = sync;
    slot.busy = true;
    slot.status = Errc::ok;
    state_->queue(index);
    return Errc::ok;
  }
  return Errc::lane_full;
}

bool UringStorage::poll(Completion& completion) noexcept {
  while (state_->reap(false)) {
  }
  if (state_->done_count == 0) return false;
  completion = state_->done[0];
  std::copy(state_->done.begin() + 1, state_->done.begin() + static_cast<std::ptrdiff_t>(state_->done_count), state_->done.begin());
  --state_->done_count;
  return true;
}

void UringStorage::drain() noexcept {
  while (state_->busy_count() > 0 && state_->reap(true)) {
  }
}

Status UringStorage::close(FileId file, std::uint64_t size_bytes) {
  drain();
  File& open = state_->files[file];
  if (open.fd < 0) return {};
  const bool cut = open.poisoned || (::ftruncate(open.fd, static_cast<off_t>(size_bytes)) == 0 && ::fsync(open.fd) == 0);
  const bool closed = ::close(open.fd) == 0;
  open.fd = -1;
  if (cut && closed) return {};
  return Error{Errc::io_failed, "cannot close " + open.path + " cleanly; its records are safe, its reserve may remain"};
}

std::uint64_t UringStorage::ring_enters() const noexcept { return state_->enters; }

}  // namespace martinet

#include "adapters/io/uring_storage.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "adapters/io/write_ring.hpp"

namespace martinet {
namespace {

static_assert(UringStorage::kSlotCount == WriteRing::kSlotCount && UringStorage::kSlotBytes == WriteRing::kSlotBytes);

Errc code_of(int error) noexcept {
  if (error == EEXIST) return Errc::exists_already;
  return error == ENOSPC || error == EDQUOT ? Errc::disk_full : Errc::io_failed;
}

struct File {
  int fd = -1;
  FileId generation = 0;  // tells a closed file from the next one in its row
  std::string path;
  bool poisoned = false;
};

// Makes the file, its reserve and its name durable: the name must survive a power cut before anything in the file counts as written.
// Answer: 0 or an errno; `step` says what was being done.
int prepare(int fd, const std::string& path, std::uint64_t size_bytes, const char*& step) noexcept {
  step = "cannot reserve its space";
  if (size_bytes > 0) {
    int error = EINTR;
    while (error == EINTR) error = ::posix_fallocate(fd, 0, static_cast<off_t>(size_bytes));
    if (error != 0) return error;
  }
  step = "cannot sync it";
  if (::fsync(fd) != 0) return errno;
  step = "cannot sync its folder";
  const std::string folder = path.find('/') == std::string::npos ? "." : path.substr(0, path.find_last_of('/') + 1);
  const int folder_fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder_fd < 0) return errno;
  const int error = ::fsync(folder_fd) == 0 ? 0 : errno;
  ::close(folder_fd);
  return error;
}

}  // namespace

struct UringStorage::State {
  WriteRing ring;
  std::array<File, kFilesMax> files;
  std::array<Completion, kSlotCount> done;  // in the order they came; busy slots and these together never pass kSlotCount
  std::size_t done_count = 0;

  // The low part of an id is its row, the rest counts the files that had the row before.
  [[nodiscard]] File* find(FileId id) noexcept {
    File& file = files[id % kFilesMax];
    return file.fd >= 0 && file.generation == id / kFilesMax ? &file : nullptr;
  }

  bool take(bool wait) noexcept {
    WriteRing::Finished finished;
    if (!ring.take(finished, wait)) return false;
    done[done_count++] = {finished.tag, finished.status};
    File* const file = find(finished.file);
    if (file != nullptr && finished.status != Errc::ok) file->poisoned = true;
    return true;
  }
};

UringStorage::UringStorage(std::unique_ptr<State> state) : state_(std::move(state)) {}

UringStorage::~UringStorage() {
  drain();
  for (const File& file : state_->files) {
    if (file.fd >= 0) ::close(file.fd);
  }
}

Result<std::unique_ptr<UringStorage>> UringStorage::create_ring() {
  auto state = std::make_unique<State>();
  if (const int error = state->ring.init(); error != 0) {
    return Error{Errc::kernel_too_old, std::string("io_uring is not to be had here (") + std::strerror(error) +
                                           "); use Linux 6 or later, and in a container a profile that allows io_uring"};
  }
  return std::unique_ptr<UringStorage>(new UringStorage(std::move(state)));
}

Result<FileId> UringStorage::create(const std::string& path, std::uint64_t size_bytes) {
  const auto row = std::find_if(state_->files.begin(), state_->files.end(), [](const File& file) { return file.fd < 0; });
  if (row == state_->files.end()) {
    return Error{Errc::no_capacity, "cannot make " + path + ": " + std::to_string(kFilesMax) + " files are open; close one first"};
  }
  std::string kept = path;
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    const int error = errno;
    return Error{code_of(error), "cannot make " + path + ": " + std::strerror(error) +
                                     (error == EEXIST ? "; it is never overwritten, choose another folder"
                                                      : "; check the folder and the space on its disk")};
  }
  // Until it is closed: PosixFiles does not change a file that a living writer holds.
  (void)::flock(fd, LOCK_EX | LOCK_NB);
  const char* step = "";
  if (const int error = prepare(fd, path, size_bytes, step); error != 0) {
    ::close(fd);
    ::unlink(path.c_str());
    return Error{code_of(error), "cannot make " + path + " (" + std::to_string(size_bytes) + " bytes): " + step + ": " +
                                     std::strerror(error) + "; check the disk and the space on it"};
  }
  row->fd = fd;
  row->path = std::move(kept);
  row->poisoned = false;
  row->generation = static_cast<std::uint32_t>((row->generation + 1) % (UINT32_MAX / kFilesMax));
  return static_cast<FileId>(row->generation * kFilesMax + static_cast<FileId>(row - state_->files.begin()));
}

Errc UringStorage::append(FileId file, std::uint64_t offset, std::span<const std::byte> bytes, bool sync, std::uint64_t tag) noexcept {
  while (state_->take(false)) {  // a failure that is already known must stop this write
  }
  const File* const open = state_->find(file);
  if (open == nullptr || open->poisoned || state_->ring.broken()) return Errc::storage_poisoned;
  if (bytes.size() > kSlotBytes) return Errc::frame_too_large;
  if (state_->ring.busy_count() + state_->done_count >= kSlotCount) return Errc::lane_full;
  return state_->ring.start(file, open->fd, offset, bytes, sync, tag) ? Errc::ok : Errc::lane_full;
}

bool UringStorage::poll(Completion& completion) noexcept {
  while (state_->take(false)) {
  }
  if (state_->done_count == 0) return false;
  completion = state_->done[0];
  std::copy(state_->done.begin() + 1, state_->done.begin() + static_cast<std::ptrdiff_t>(state_->done_count), state_->done.begin());
  --state_->done_count;
  return true;
}

void UringStorage::drain() noexcept {
  while (state_->take(true)) {
  }
}

Status UringStorage::close(FileId file, std::uint64_t size_bytes) {
  drain();
  File* const open = state_->find(file);
  if (open == nullptr) return {};
  const bool cut = !open->poisoned && ::ftruncate(open->fd, static_cast<off_t>(size_bytes)) == 0 && ::fsync(open->fd) == 0;
  const bool closed = ::close(open->fd) == 0;
  open->fd = -1;
  if (open->poisoned) {
    return Error{Errc::storage_poisoned, open->path + " was closed as a failed write left it; what was acknowledged before is in it"};
  }
  if (cut && closed) return {};
  return Error{Errc::io_failed, "cannot close " + open->path + " cleanly; its records are safe, its reserve may remain"};
}

std::uint64_t UringStorage::ring_enters() const noexcept { return state_->ring.enters(); }

}  // namespace martinet

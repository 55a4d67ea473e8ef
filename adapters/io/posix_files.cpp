#include "adapters/io/posix_files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace martinet {
namespace {

Errc code_of(int error) noexcept {
  switch (error) {
    case EINTR:
      return Errc::interrupted;
    case EEXIST:
      return Errc::exists_already;
    case ENOENT:
      return Errc::not_found;
    case ELOOP:
      return Errc::unsafe_permissions;  // O_NOFOLLOW met a symbolic link
    case ENOSPC:
    case EDQUOT:
      return Errc::disk_full;
    default:
      return Errc::io_failed;
  }
}

Error about(int error, const char* verb, const std::string& path) {
  const char* const hint = error == ELOOP    ? "; a symbolic link is not followed, put the file itself there"
                           : error == ENOENT ? "; check the path"
                           : error == ENOSPC ? "; free space on its disk"
                                             : "; check the folder, its permissions and its disk";
  return {code_of(error), std::string("cannot ") + verb + " " + path + ": " + std::strerror(error) + hint};
}

// What is open to others could have been written by them: state is never taken from there.
Status check_ours(const struct stat& info, bool folder, const std::string& path, FileOwner owner = FileOwner::ours) {
  const char* wrong = nullptr;
  if (S_ISLNK(info.st_mode))
    wrong = "is a symbolic link; put the folder or file itself there";
  else if (folder ? !S_ISDIR(info.st_mode) : !S_ISREG(info.st_mode))
    wrong = folder ? "is not a folder; move it away" : "is not a file; move it away";
  else if (owner == FileOwner::ours && info.st_uid != ::geteuid())
    wrong = "belongs to another user; run as its owner or use another folder";
  else if (owner == FileOwner::ours && (info.st_mode & 077) != 0)
    wrong = folder ? "is open to other users; chmod 700 it, after asking who wrote into it"
                   : "is open to other users; chmod 600 it, after asking who wrote it";
  if (wrong == nullptr) return {};
  return Error{Errc::unsafe_permissions, path + " " + wrong};
}

// A process that was killed keeps its files until the kernel has finished what its ring had under way, some milliseconds after its end.
bool lock_within(int fd, int wait_ms) noexcept {
  for (int waited = 0; ::flock(fd, LOCK_EX | LOCK_NB) != 0 && (errno == EWOULDBLOCK || errno == EINTR); waited += 5) {
    if (waited >= wait_ms) return false;
    ::usleep(5'000);
  }
  return true;
}

class Descriptor {
 public:
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const noexcept { return fd_; }
  int release() noexcept { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

std::string holder_of(int fd) {
  std::array<char, 64> text{};
  const ssize_t count = ::pread(fd, text.data(), text.size() - 1, 0);
  if (count <= 0) return "another process";
  std::string holder(text.data(), static_cast<std::size_t>(count));
  holder.erase(std::find_if(holder.begin(), holder.end(), [](char c) { return c < ' ' || c > '~'; }), holder.end());
  return holder.empty() ? "another process" : holder;
}

}  // namespace

struct PosixFiles::State {
  struct Row {
    int fd = -1;
    FileId generation = 0;  // tells a closed file from the next one in its row
  };
  std::array<Row, kFilesMax> rows;

  [[nodiscard]] Row* find(FileId id) noexcept {
    Row& row = rows[id % kFilesMax];
    return row.fd >= 0 && row.generation == id / kFilesMax ? &row : nullptr;
  }
  [[nodiscard]] int fd_of(FileId id) noexcept {
    const Row* const row = find(id);
    return row == nullptr ? -1 : row->fd;
  }
  /// Takes the descriptor over.
  Result<FileId> keep(Descriptor& fd, const std::string& path) {
    const auto row = std::find_if(rows.begin(), rows.end(), [](const Row& candidate) { return candidate.fd < 0; });
    if (row == rows.end())
      return Error{Errc::no_capacity, "cannot open " + path + ": " + std::to_string(kFilesMax) + " files are open; close one first"};
    row->fd = fd.release();
    row->generation = static_cast<FileId>((row->generation + 1) % (UINT32_MAX / kFilesMax));
    return static_cast<FileId>(row->generation * kFilesMax + static_cast<FileId>(row - rows.begin()));
  }
};

PosixFiles::PosixFiles(FileOwner owner) : state_(std::make_unique<State>()), owner_(owner) {}

PosixFiles::~PosixFiles() {
  for (const State::Row& row : state_->rows) {
    if (row.fd >= 0) ::close(row.fd);
  }
}

Status PosixFiles::make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return about(errno, "make the folder", path);
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0) return about(errno, "examine", path);
  return check_ours(info, true, path);
}

Result<std::vector<std::string>> PosixFiles::list(const std::string& folder) {
  Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (fd.get() < 0) return about(errno, "list", folder);
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) return about(errno, "examine", folder);
  if (const Status ours = check_ours(info, true, folder, owner_); !ours) return ours.error();
  DIR* const stream = ::fdopendir(fd.get());
  if (stream == nullptr) return about(errno, "list", folder);
  (void)fd.release();
  std::vector<std::string> names;
  errno = 0;
  for (const dirent* entry = nullptr; (entry = ::readdir(stream)) != nullptr; errno = 0) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  const int error = errno;  // an end that is an error is not the end: half a list must not pass for a whole one
  ::closedir(stream);
  if (error != 0) return about(error, "list", folder);
  std::sort(names.begin(), names.end());
  return names;
}

Status PosixFiles::sync_folder(const std::string& folder) {
  const Descriptor fd(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) return about(errno, "open", folder);
  if (::fsync(fd.get()) != 0) return about(errno == EINTR ? EIO : errno, "sync", folder);  // never "try again"
  return {};
}

Result<FileId> PosixFiles::open(const std::string& path, int flags, const char* verb) {
  // O_NONBLOCK: a pipe that someone put in the file's place must not stop us; on files it does nothing.
  Descriptor fd(::open(path.c_str(), flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600));
  if (fd.get() < 0) return about(errno, verb, path);
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) return about(errno, "examine", path);
  if (const Status ours = check_ours(info, false, path, owner_); !ours) return ours.error();
  if ((flags & O_ACCMODE) == O_RDWR && !lock_within(fd.get(), kWriterWaitMs)) {
    return Error{Errc::held_elsewhere, path + " is being written by a process that lives; stop that one first"};
  }
  return state_->keep(fd, path);
}

Result<FileId> PosixFiles::open_to_read(const std::string& path) { return open(path, O_RDONLY, "read"); }
Result<FileId> PosixFiles::open_to_write(const std::string& path) { return open(path, O_RDWR, "write"); }
Result<FileId> PosixFiles::create_new(const std::string& path) { return open(path, O_RDWR | O_CREAT | O_EXCL, "make"); }

Errc PosixFiles::size(FileId file, std::uint64_t& bytes) noexcept {
  const int fd = state_->fd_of(file);
  if (fd < 0) return Errc::storage_poisoned;
  struct stat info{};
  if (::fstat(fd, &info) != 0) return code_of(errno);
  bytes = static_cast<std::uint64_t>(info.st_size);
  return Errc::ok;
}

Errc PosixFiles::read(FileId file, std::uint64_t offset, std::span<std::byte> bytes, std::size_t& count) noexcept {
  const int fd = state_->fd_of(file);
  if (fd < 0) return Errc::storage_poisoned;
  const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
  if (got < 0) return code_of(errno);
  count = static_cast<std::size_t>(got);
  return Errc::ok;
}

Errc PosixFiles::write(FileId file, std::uint64_t offset, std::span<const std::byte> bytes, std::size_t& count) noexcept {
  const int fd = state_->fd_of(file);
  if (fd < 0) return Errc::storage_poisoned;
  const ssize_t put = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
  if (put < 0) return code_of(errno);
  count = static_cast<std::size_t>(put);
  return Errc::ok;
}

Errc PosixFiles::truncate(FileId file, std::uint64_t bytes) noexcept {
  const int fd = state_->fd_of(file);
  if (fd < 0) return Errc::storage_poisoned;
  return ::ftruncate(fd, static_cast<off_t>(bytes)) == 0 ? Errc::ok : code_of(errno);
}

Errc PosixFiles::sync(FileId file) noexcept {
  const int fd = state_->fd_of(file);
  if (fd < 0) return Errc::storage_poisoned;
  if (::fsync(fd) == 0) return Errc::ok;
  return errno == ENOSPC || errno == EDQUOT ? Errc::disk_full : Errc::io_failed;  // never "try again"
}

Errc PosixFiles::close(FileId file) noexcept {
  State::Row* const row = state_->find(file);
  if (row == nullptr) return Errc::ok;
  // Linux closes the descriptor whatever close says; its data was judged by sync.
  return ::close(std::exchange(row->fd, -1)) == 0 || errno == EINTR ? Errc::ok : Errc::io_failed;
}

Status PosixFiles::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return about(errno, "rename", from + " to " + to);
  return {};
}

Status PosixFiles::remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0) return about(errno, "remove", path);
  return {};
}

Result<FileId> PosixFiles::lock(const std::string& path) {
  Descriptor fd(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600));
  if (fd.get() < 0) return about(errno, "open the lock", path);
  struct stat held{};
  if (::fstat(fd.get(), &held) != 0) return about(errno, "examine", path);
  if (const Status ours = check_ours(held, false, path); !ours) return ours.error();
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return about(errno, "lock", path);
    return Error{Errc::held_elsewhere,
                 path + " is held by " + holder_of(fd.get()) + "; two writers on one account are never allowed, stop that one first"};
  }
  struct stat named{};
  if (::lstat(path.c_str(), &named) != 0 || named.st_ino != held.st_ino || named.st_dev != held.st_dev) {
    return Error{Errc::held_elsewhere,
                 path + " was exchanged while it was being locked; another process is starting, look which one and try again"};
  }
  const std::string holder = "process " + std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd.get(), 0) != 0 || ::pwrite(fd.get(), holder.data(), holder.size(), 0) != static_cast<ssize_t>(holder.size())) {
    return about(errno, "write", path);
  }
  return state_->keep(fd, path);
}

void PosixFiles::unlock(FileId lock) noexcept { (void)close(lock); }

}  // namespace martinet

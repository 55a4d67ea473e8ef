#include "adapters/capture/capture_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace martinet::capture {
namespace {

Errc code_of(int error_number) noexcept {
  switch (error_number) {
    case ENOENT:
      return Errc::not_found;
    case EEXIST:
      return Errc::exists_already;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return Errc::disk_full;
    default:
      return Errc::io_failed;
  }
}

}  // namespace

File& File::operator=(File&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = other.release();
  }
  return *this;
}

int File::release() noexcept { return std::exchange(fd_, -1); }

void File::close() noexcept {
  if (fd_ >= 0) ::close(release());
}

Error system_error(const std::filesystem::path& path, std::string_view what, int error_number) {
  return {code_of(error_number), path.string() + ": " + std::string(what) + ": " + std::generic_category().message(error_number)};
}

Error place_error(Errc code, const std::filesystem::path& path, std::uint64_t offset, std::string_view what) {
  return {code, path.string() + ": byte " + std::to_string(offset) + ": " + std::string(what)};
}

int write_all(int fd, std::span<const std::byte> bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return 0;
}

int read_at(int fd, std::uint64_t offset, std::span<std::byte> bytes, std::size_t& count) noexcept {
  count = 0;
  while (count < bytes.size()) {
    const ssize_t got = ::pread(fd, bytes.data() + count, bytes.size() - count, static_cast<off_t>(offset + count));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) return 0;
    count += static_cast<std::size_t>(got);
  }
  return 0;
}

int sync_folder(const std::filesystem::path& folder) noexcept {
  const File handle(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!handle.open() || ::fsync(handle.fd()) != 0) return errno;
  return 0;
}

}  // namespace martinet::capture

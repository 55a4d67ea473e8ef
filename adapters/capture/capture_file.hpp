#pragma once
// A file descriptor that closes itself, and the sentences for what the system refuses. For the writer and the reader.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"

namespace martinet::capture {

class File {
 public:
  File() = default;
  explicit File(int fd) noexcept : fd_(fd) {}
  File(File&& other) noexcept : fd_(other.release()) {}
  File& operator=(File&& other) noexcept;
  ~File() { close(); }

  [[nodiscard]] int fd() const noexcept { return fd_; }
  [[nodiscard]] bool open() const noexcept { return fd_ >= 0; }
  int release() noexcept;
  void close() noexcept;

 private:
  int fd_ = -1;
};

/// "PATH: what: system's words", with the code that fits `error_number` (not_found, exists_already, disk_full, io_failed).
[[nodiscard]] Error system_error(const std::filesystem::path& path, std::string_view what, int error_number);

/// "PATH: byte OFFSET: what"
[[nodiscard]] Error place_error(Errc code, const std::filesystem::path& path, std::uint64_t offset, std::string_view what);

/// Writes all of `bytes` at the file's position. 0, or the error number.
[[nodiscard]] int write_all(int fd, std::span<const std::byte> bytes) noexcept;

/// Reads up to bytes.size() at `offset`; fewer only at the end of the file. `count` is set; 0, or the error number.
[[nodiscard]] int read_at(int fd, std::uint64_t offset, std::span<std::byte> bytes, std::size_t& count) noexcept;

/// Makes a rename in `folder` durable. 0, or the error number.
[[nodiscard]] int sync_folder(const std::filesystem::path& folder) noexcept;

}  // namespace martinet::capture

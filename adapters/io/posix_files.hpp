#pragma once
// The files port over system calls: no symbolic link is followed at the end of a path, nothing that others can write or read is taken.
#include <memory>

#include "engine/ports/files.hpp"

namespace martinet {

/// Whose files are taken. Tools that only look may look at copies, which anybody may own.
enum class FileOwner : std::uint8_t { ours, anybody };

/// Threads: one at a time. What is still open when it is destroyed is closed, what is locked is unlocked.
/// fails  held_elsewhere where open_to_write meets a file that a UringStorage has open; no_capacity where kFilesMax are open;
/// storage_poisoned for an id that is not open
class PosixFiles final : public Files {
 public:
  explicit PosixFiles(FileOwner owner = FileOwner::ours);
  ~PosixFiles() override;

  [[nodiscard]] Status make_folder(const std::string& path) override;
  [[nodiscard]] Result<std::vector<std::string>> list(const std::string& folder) override;
  [[nodiscard]] Status sync_folder(const std::string& folder) override;
  [[nodiscard]] Result<FileId> open_to_read(const std::string& path) override;
  [[nodiscard]] Result<FileId> open_to_write(const std::string& path) override;
  [[nodiscard]] Result<FileId> create_new(const std::string& path) override;
  [[nodiscard]] Errc size(FileId file, std::uint64_t& bytes) noexcept override;
  [[nodiscard]] Errc read(FileId file, std::uint64_t offset, std::span<std::byte> bytes, std::size_t& count) noexcept override;
  [[nodiscard]] Errc write(FileId file, std::uint64_t offset, std::span<const std::byte> bytes, std::size_t& count) noexcept override;
  [[nodiscard]] Errc truncate(FileId file, std::uint64_t bytes) noexcept override;
  [[nodiscard]] Errc sync(FileId file) noexcept override;
  [[nodiscard]] Errc close(FileId file) noexcept override;
  [[nodiscard]] Status rename(const std::string& from, const std::string& to) override;
  [[nodiscard]] Status remove(const std::string& path) override;
  /// The lock is flock(2) on the file, which holds "process <pid>". A lock file that was exchanged under us is not taken.
  [[nodiscard]] Result<FileId> lock(const std::string& path) override;
  void unlock(FileId lock) noexcept override;

  static constexpr std::size_t kFilesMax = 64;
  static constexpr int kWriterWaitMs = 2000;  ///< of open_to_write; what a killed process had under way is done long before

 private:
  struct State;
  Result<FileId> open(const std::string& path, int flags, const char* verb);
  std::unique_ptr<State> state_;
  FileOwner owner_;
};

}  // namespace martinet

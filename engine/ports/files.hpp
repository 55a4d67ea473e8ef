#pragma once
// Small files and folders as the state of an account needs them: opened, written, synced and renamed step by step, so that what
// happens between two steps can be simulated. Implemented by adapters/io over system calls; the fault simulation implements it too.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/ports/storage.hpp"

namespace martinet {

/// Threads: one at a time. Everything here may block: start, recovery, a helper thread, tools; never a cold turn.
/// Ours: a file or folder that belongs to this user, is open to nobody else (0600, 0700) and is no symbolic link. What is not
/// ours is refused with unsafe_permissions and left alone.
/// `interrupted` means that nothing was done and the same call may be made again. A failed sync is never tried again.
class Files {
 public:
  virtual ~Files() = default;

  /// Makes a folder (0700) unless it is there and ours. Its name is durable after sync_folder of the folder above it.
  [[nodiscard]] virtual Status make_folder(const std::string& path) = 0;
  /// The names in a folder of ours, sorted.
  /// fails not_found, unsafe_permissions, io_failed
  [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;
  /// Makes what was made, renamed and removed in the folder durable. fails io_failed
  [[nodiscard]] virtual Status sync_folder(const std::string& folder) = 0;

  /// fails not_found, unsafe_permissions, io_failed, interrupted
  [[nodiscard]] virtual Result<FileId> open_to_read(const std::string& path) = 0;
  /// What is there stays until it is written over. A Storage that has the file, in whatever process, is waited for (some seconds).
  /// fails held_elsewhere after that, too
  [[nodiscard]] virtual Result<FileId> open_to_write(const std::string& path) = 0;
  /// Makes a new file (0600). fails exists_already, disk_full, io_failed, interrupted
  [[nodiscard]] virtual Result<FileId> create_new(const std::string& path) = 0;

  [[nodiscard]] virtual Errc size(FileId file, std::uint64_t& bytes) noexcept = 0;
  /// Reads or writes at `offset`; `count` says how much, which may be less than asked for. Reading 0 is the end of the file.
  [[nodiscard]] virtual Errc read(FileId file, std::uint64_t offset, std::span<std::byte> bytes, std::size_t& count) noexcept = 0;
  [[nodiscard]] virtual Errc write(FileId file, std::uint64_t offset, std::span<const std::byte> bytes, std::size_t& count) noexcept = 0;
  [[nodiscard]] virtual Errc truncate(FileId file, std::uint64_t bytes) noexcept = 0;
  [[nodiscard]] virtual Errc sync(FileId file) noexcept = 0;
  [[nodiscard]] virtual Errc close(FileId file) noexcept = 0;

  /// Gives `from` the name `to`, in place of what had it. Both are in one folder.
  [[nodiscard]] virtual Status rename(const std::string& from, const std::string& to) = 0;
  [[nodiscard]] virtual Status remove(const std::string& path) = 0;

  /// Takes the file as a lock of this process, until unlock or the end of the process, and writes into it who holds it.
  /// fails held_elsewhere, naming the holder
  [[nodiscard]] virtual Result<FileId> lock(const std::string& path) = 0;
  virtual void unlock(FileId lock) noexcept = 0;
};

}  // namespace martinet

#pragma once
// Append-only files as the journal sees them. Implemented by adapters/io over io_uring; the fault simulation implements it too.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "engine/base/result.hpp"

namespace martinet {

using FileId = std::uint32_t;

/// Threads: cold only. Nothing here blocks except create, close and drain, which belong to start, rotation and shutdown.
class Storage {
 public:
  virtual ~Storage() = default;

  /// Makes a new file (mode 0600, fails if it exists) and reserves `size_bytes` of zeros for it.
  [[nodiscard]] virtual Result<FileId> create(const std::string& path, std::uint64_t size_bytes) = 0;

  /// Queues `bytes` for writing at `offset`, followed, if `sync`, by a data sync that completes only after the write.
  /// Copies `bytes` before it returns. `tag` comes back from poll() when write (and sync) are done.
  /// fails lane_full: too much is under way, poll and try again; nothing was queued
  /// fails storage_poisoned: an earlier write or sync of this file failed; nothing more is ever written to it
  [[nodiscard]] virtual Errc append(FileId file, std::uint64_t offset, std::span<const std::byte> bytes, bool sync, std::uint64_t tag) noexcept = 0;

  struct Completion {
    std::uint64_t tag = 0;
    Errc status = Errc::ok;  ///< io_failed, disk_full
  };
  /// Takes one completion; false if none is ready. Does not block.
  [[nodiscard]] virtual bool poll(Completion& completion) noexcept = 0;

  /// Waits until everything queued is on disk or has failed; completions stay for poll().
  virtual void drain() noexcept = 0;

  /// Closes; cuts the file to `size_bytes` first (the reserve that was not used).
  [[nodiscard]] virtual Status close(FileId file, std::uint64_t size_bytes) = 0;
};

}  // namespace martinet

#pragma once
// Writes under way on one io_uring: each is copied into a slot of its own, written, and, where asked, synced behind the write.
// What a file is, and which files may still be written, is uring_storage's business.
#include <liburing.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "engine/ports/storage.hpp"

namespace martinet {

/// Threads: one at a time.
class WriteRing {
 public:
  static constexpr std::size_t kSlotCount = 16;               ///< writes under way at once
  static constexpr std::size_t kSlotBytes = 2 * 1024 * 1024;  ///< the largest single write

  struct Finished {
    FileId file = 0;
    std::uint64_t tag = 0;
    Errc status = Errc::ok;  ///< io_failed, disk_full; storage_poisoned: given up because another write of this file failed
  };

  WriteRing() = default;
  WriteRing(const WriteRing&) = delete;
  WriteRing& operator=(const WriteRing&) = delete;
  ~WriteRing();

  /// Makes the ring; once, before anything else. Answer: 0 or an errno.
  [[nodiscard]] int init();

  /// Copies `bytes` (at most kSlotBytes) and begins to write them. A failure to begin comes back through take().
  /// False: every slot is busy, nothing was begun.
  [[nodiscard]] bool start(FileId file, int fd, std::uint64_t offset, std::span<const std::byte> bytes, bool sync,
                           std::uint64_t tag) noexcept;

  /// Takes one finished write. `wait`: waits for one as long as any is under way. False: none.
  [[nodiscard]] bool take(Finished& finished, bool wait) noexcept;

  [[nodiscard]] std::size_t busy_count() const noexcept { return busy_count_; }
  /// The ring itself failed: everything under way fails, nothing can be begun any more.
  [[nodiscard]] bool broken() const noexcept { return broken_; }
  /// Calls of io_uring_enter so far.
  [[nodiscard]] std::uint64_t enters() const noexcept { return enters_; }

 private:
  struct Slot {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size = 0;
    std::size_t written = 0;
    std::uint64_t offset = 0;
    std::uint64_t tag = 0;
    FileId file = 0;
    int fd = -1;
    int operations = 0;  // completions still to come
    int idle_tries = 0;  // in a row that wrote nothing
    bool busy = false;
    bool sync = false;
    bool synced = false;
    bool doomed = false;     // another write of the same file failed: finish what is queued, queue no more
    bool abandoned = false;  // given up with the ring; the kernel may still read its bytes
    Errc status = Errc::ok;
  };

  void queue(std::size_t index) noexcept;
  void submit() noexcept;
  bool on_completion(std::uint64_t data, int result, Finished& finished) noexcept;
  bool finish(Slot& slot, Finished& finished) noexcept;
  bool abandon_one(Finished& finished) noexcept;

  io_uring ring_{};
  std::array<Slot, kSlotCount> slots_;
  std::size_t busy_count_ = 0;
  std::uint64_t enters_ = 0;
  bool made_ = false;
  bool broken_ = false;
};

}  // namespace martinet

#pragma once
// The storage port over io_uring: write, linked to a data sync, completions checked. With write_ring the one door to liburing.
#include <memory>

#include "engine/ports/storage.hpp"

namespace martinet {

/// Threads: one at a time; the ring belongs to whoever holds the object.
/// fails  append answers storage_poisoned for a file that is closed too, and frame_too_large above kSlotBytes; a ring that fails as
///        such fails everything under way and poisons every file
/// cost   append: one copy into a slot of its own and one io_uring_enter
class UringStorage final : public Storage {
 public:
  /// fails kernel_too_old: no io_uring here (old kernel, or a container that forbids it)
  [[nodiscard]] static Result<std::unique_ptr<UringStorage>> create_ring();
  ~UringStorage() override;

  /// The file is locked (flock) until it is closed.
  /// fails exists_already, disk_full, io_failed, no_capacity (kFilesMax are open); then no file and no descriptor is left behind
  [[nodiscard]] Result<FileId> create(const std::string& path, std::uint64_t size_bytes) override;
  [[nodiscard]] Errc append(FileId file, std::uint64_t offset, std::span<const std::byte> bytes, bool sync,
                            std::uint64_t tag) noexcept override;
  [[nodiscard]] bool poll(Completion& completion) noexcept override;
  void drain() noexcept override;
  /// Closing a closed file is ok. A poisoned file is closed as it is, not cut: fails storage_poisoned.
  [[nodiscard]] Status close(FileId file, std::uint64_t size_bytes) override;

  static constexpr std::size_t kSlotCount = 16;               ///< appends under way or not yet taken by poll
  static constexpr std::size_t kSlotBytes = 2 * 1024 * 1024;  ///< the largest single append
  static constexpr std::size_t kFilesMax = 64;                ///< open at once

  /// Calls of io_uring_enter so far (a shipping counter).
  [[nodiscard]] std::uint64_t ring_enters() const noexcept;

 private:
  struct State;
  explicit UringStorage(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace martinet

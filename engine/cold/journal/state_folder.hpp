#pragma once
// The folder of one account's state, held by one process at a time and stamped with an epoch that only ever counts up. The epoch
// is in every client order id: two processes with the same one would take each other's orders for their own (FORMAT.md, State folder).
#include <cstdint>
#include <memory>
#include <string>

#include "engine/ports/files.hpp"

namespace martinet {

struct StateFolderOptions {
  std::string root;               ///< "state"; made if absent
  std::string venue;              ///< "bitget"
  std::string account;            ///< as the venue names it
  std::uint64_t epoch_floor = 0;  ///< an operator's word: where the epoch file is lost or damaged, go on behind this one. 0: refuse then
};

/// Threads: one at a time. `files` outlives it.
class StateFolder {
 public:
  /// Makes or checks the folder, takes its lock, and makes the next epoch durable, in this order and before anything else is touched.
  /// fails usage (a venue or account that cannot be part of a file name), unsafe_permissions, held_elsewhere (names the holder),
  ///       needs_operator (the epoch file is damaged, or gone while state is there), unknown_version, disk_full, io_failed
  [[nodiscard]] static Result<std::unique_ptr<StateFolder>> open(Files& files, const StateFolderOptions& options);
  StateFolder(const StateFolder&) = delete;
  StateFolder& operator=(const StateFolder&) = delete;
  ~StateFolder();

  [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_; }
  /// Of the process before us; 0: nobody was here before.
  [[nodiscard]] std::uint64_t previous_epoch() const noexcept { return previous_epoch_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] const std::string& account() const noexcept { return account_; }  ///< "<venue>-<account>", as journal and snapshot carry it

  /// Reads the epoch file again. Locks are one host's; a copied folder or a restored machine is caught here: the older epoch stops.
  /// fails fenced, naming both epochs, from then on for good; io_failed, needs_operator where the file cannot be read
  [[nodiscard]] Status check_epoch();

 private:
  StateFolder(Files& files, std::string path, std::string account) : files_(files), path_(std::move(path)), account_(std::move(account)) {}
  [[nodiscard]] Status take_epoch(std::uint64_t floor);

  Files& files_;
  std::string path_;
  std::string account_;
  FileId lock_ = 0;
  bool locked_ = false;
  bool fenced_ = false;
  std::uint64_t epoch_ = 0;
  std::uint64_t previous_epoch_ = 0;
  std::uint64_t epoch_found_ = 0;  // by the last check
};

}  // namespace martinet

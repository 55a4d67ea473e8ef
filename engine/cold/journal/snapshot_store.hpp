#pragma once
// snapshot.json and snapshot.json.bak: two slots of which one is always whole, through every crash. Works on bytes; what the body
// says is engine/app/snapshot_json's business. Layout: FORMAT.md, Snapshot.
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/cold/journal/state_folder.hpp"

namespace martinet {

inline constexpr std::uint64_t kSnapshotBytesMax = 1 << 20;  ///< what the JSON reader takes (capacity::frame_bytes_max)

struct SnapshotHead {
  std::uint32_t version = 1;
  std::string account;                 ///< "<venue>-<account>"
  std::uint64_t generation = 0;        ///< counts up with each snapshot of the folder
  std::uint64_t epoch = 0;             ///< of the process that wrote it
  std::uint64_t journal_sequence = 0;  ///< the records up to this one are in it
  std::string session;                 ///< folder that holds the journal's records behind them; empty: there are none yet
  bool operator==(const SnapshotHead&) const = default;
};

struct StoredSnapshot {
  SnapshotHead head;
  std::vector<std::byte> body;
  std::vector<std::byte> file;  ///< as it stands on the disk
};

/// The whole file for a head and a body (JSON text).
[[nodiscard]] std::vector<std::byte> encode_snapshot(const SnapshotHead& head, std::span<const std::byte> body);

/// fails corrupted, saying where; unknown_version above `version`
[[nodiscard]] Result<StoredSnapshot> decode_snapshot(std::vector<std::byte> file, std::uint32_t version, const std::string& name);

/// Turns the body of version `from` into one of `from` + 1.
struct SnapshotMigration {
  std::uint32_t from = 0;
  std::function<Result<std::vector<std::byte>>(std::span<const std::byte>)> step;
};

/// The body's version, and how to get there from each version before it, down to `oldest`.
struct SnapshotFormat {
  std::uint32_t version = 1;
  std::uint32_t oldest = 1;
  std::vector<SnapshotMigration> migrations;
};

/// What the two slots hold. Every state of them is one of these.
enum class SnapshotFinding : std::uint8_t {
  both_good,
  newest_bad,   ///< snapshot.json is damaged, the .bak is good
  older_bad,    ///< snapshot.json is good, the .bak is damaged
  newest_only,  ///< there is no .bak yet
  older_only,   ///< a crash between two renames: the .bak is the newest
  none_good,    ///< damaged, and no good one beside it
  lost,         ///< none, although a process held this folder before
  first_boot,   ///< none, and nobody was here before
  other_account,
  epoch_newer,    ///< written by a process that comes after us: the folder's epoch was put back
  newer_version,  ///< of a newer build
  unreadable,     ///< the system refuses to read one
  count_
};
[[nodiscard]] std::string_view name_of(SnapshotFinding finding) noexcept;

struct SnapshotSlots {
  SnapshotFinding finding = SnapshotFinding::none_good;
  std::optional<StoredSnapshot> newest;  ///< the newest good one
  std::string problem;                   ///< names the file that is not good, and what is wrong with it; empty where all is well
  bool newest_damaged = false;           ///< snapshot.json stands there and is damaged
  bool older_damaged = false;
};

/// Threads: one at a time. `files` and `state` outlive it.
class SnapshotStore {
 public:
  SnapshotStore(Files& files, StateFolder& state, SnapshotFormat format);

  /// Looks at both slots; changes nothing.
  [[nodiscard]] SnapshotSlots examine();

  /// Keeps damaged slots as `.broken` and removes what a crash left unfinished. Once, before the first write. Again: nothing to do.
  [[nodiscard]] Status settle(const SnapshotSlots& slots);
  /// Keeps both slots as `.broken`, good or not: the boot goes by the venue alone.
  [[nodiscard]] Status set_all_aside(const SnapshotSlots& slots);

  /// The body in the current version; the original of an older one is kept first, as `snapshot.json.v<N>.bak`.
  /// fails unknown_version (older than `oldest`), corrupted (a step did not understand it), disk_full, io_failed
  [[nodiscard]] Result<std::vector<std::byte>> migrated(const StoredSnapshot& snapshot);

  /// Makes `body` the newest snapshot, durable when this returns ok; the one before it is the .bak. A failure leaves a good slot.
  /// in    journal_sequence: every record up to it is in the body, and durable; session: of [A-Za-z0-9._-], at most 128
  /// fails fenced (a newer epoch), frame_too_large, disk_full, io_failed
  [[nodiscard]] Status write(const std::string& session, std::uint64_t journal_sequence, std::span<const std::byte> body);

  /// Of the last snapshot that was written or found.
  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }

 private:
  [[nodiscard]] Result<StoredSnapshot> read_slot(const std::string& path) const;

  Files& files_;
  StateFolder& state_;
  SnapshotFormat format_;
  std::string newest_path_, older_path_;
  std::uint64_t generation_ = 0;
  bool settled_ = false;
};

}  // namespace martinet

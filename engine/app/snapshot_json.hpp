#pragma once
// The body of snapshot.json: the Snapshot struct as JSON text and back, exactly. Keys and units: engine/cold/journal/FORMAT.md.
#include <cstddef>
#include <span>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/cold/journal/snapshot.hpp"
#include "engine/cold/journal/snapshot_store.hpp"

namespace martinet {

/// The text is made for people too: a line per position, ledger, latch.
[[nodiscard]] std::vector<std::byte> snapshot_to_json(const Snapshot& snapshot);

/// Every key must be there, and no other: what this build does not understand it must not drop with the next snapshot.
/// fails bad_json (naming the key), off_grid, number_too_large, missing_field
[[nodiscard]] Result<Snapshot> snapshot_of_json(std::span<const std::byte> body);

/// The version that these two speak, and the steps to it from older ones.
[[nodiscard]] SnapshotFormat snapshot_format();

}  // namespace martinet

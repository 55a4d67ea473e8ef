#pragma once
// The stamp of a strategy in a shared object (engine/hot/signal/strategy_abi.hpp), read from the bytes of the file. Nothing of the file is
// run, and whatever its bytes are, nothing outside of them is read: this comes before the system's loader, which trusts its input.
#include <cstddef>
#include <span>
#include <string>

#include "engine/base/result.hpp"
#include "engine/hot/signal/strategy_abi.hpp"

namespace martinet {

/// in    file: all bytes of it
/// out   the stamp; where its version is not ours, only magic and version mean something
/// fails plugin_refused with what goes on after the file's name: "is not a shared object"
[[nodiscard]] Result<StrategyAbi> stamp_of(std::span<const std::byte> file);

/// What keeps the two apart, as it goes on after the file's name; empty where they fit.
[[nodiscard]] std::string difference_of(const StrategyAbi& file, const StrategyAbi& engine);

}  // namespace martinet

#pragma once
// What stands behind a leveraged position: the whole account, or only the margin set aside for it.
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace martinet {

enum class MarginMode : std::uint8_t { cross, isolated };

[[nodiscard]] constexpr std::string_view name_of(MarginMode mode) noexcept {
  constexpr std::string_view kNames[] = {"cross", "isolated"};
  return kNames[static_cast<std::size_t>(mode)];
}

}  // namespace martinet

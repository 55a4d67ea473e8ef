#pragma once
// What a decoder counts. Plain numbers, read by the cold side between turns; one writer.
#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/base/errc.hpp"

namespace martinet {

inline constexpr std::size_t kErrcCount = [] {
  std::size_t count = 0;
#define MT_ERROR_COUNT(name, error_class, sentence) ++count;
  MT_ERRORS(MT_ERROR_COUNT)
#undef MT_ERROR_COUNT
  return count;
}();

/// fast + slow = calls of decode(); a frame that is refused counts as slow and under its code.
struct DecoderCounters {
  std::uint64_t fast = 0;     ///< decoded by the hand-written path
  std::uint64_t slow = 0;     ///< went to the general path, whatever came of it
  std::uint64_t skipped = 0;  ///< trades and quotes left out on purpose: not a market trade, or a zero price or quantity
  std::array<std::uint64_t, kErrcCount> refused{};  ///< by Errc

  [[nodiscard]] std::uint64_t refused_with(Errc code) const noexcept { return refused[static_cast<std::size_t>(code)]; }
  [[nodiscard]] std::uint64_t refused_total() const noexcept {
    std::uint64_t sum = 0;
    for (const std::uint64_t n : refused) sum += n;
    return sum;
  }
};

}  // namespace martinet

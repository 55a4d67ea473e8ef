#pragma once
// Counts operator new per thread in every build but the sanitizers', whose allocator must stay in place.
#include <cstdint>

namespace martinet {

/// Allocations of the calling thread since it began; 0 in sanitizer builds.
[[nodiscard]] std::uint64_t thread_allocations() noexcept;

/// True where this build counts.
[[nodiscard]] bool allocations_are_counted() noexcept;

}  // namespace martinet

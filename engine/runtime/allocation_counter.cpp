#include "engine/runtime/allocation_counter.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace martinet {
namespace {
// Initial-exec: a plain load and add relative to the thread pointer, never a call into the loader.
__attribute__((tls_model("initial-exec"))) constinit thread_local std::uint64_t allocations = 0;
}  // namespace

std::uint64_t thread_allocations() noexcept { return allocations; }

#ifdef MARTINET_SANITIZED
bool allocations_are_counted() noexcept { return false; }
#else
bool allocations_are_counted() noexcept { return true; }

void* counted_allocation(std::size_t size, std::size_t alignment) {
  ++allocations;
  if (size == 0) size = 1;
  // aligned_alloc wants a multiple of the alignment (a power of two); a size so large that rounding wraps to 0 is refused below.
  const std::size_t rounded = (size + alignment - 1) & ~(alignment - 1);
  void* const memory = alignment <= alignof(std::max_align_t) ? std::malloc(size)
                       : rounded >= size                      ? std::aligned_alloc(alignment, rounded)
                                                              : nullptr;
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
#endif

}  // namespace martinet

#ifndef MARTINET_SANITIZED
// The other forms (array, nothrow) call these by the standard's default definitions.
void* operator new(std::size_t size) { return martinet::counted_allocation(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return martinet::counted_allocation(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
#endif

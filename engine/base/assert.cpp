#include "engine/base/assert.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace martinet {
namespace {
std::atomic<AssertHook> hook_in_force{nullptr};
}  // namespace

void set_assert_hook(AssertHook hook) noexcept { hook_in_force.store(hook, std::memory_order_release); }

void assert_failed(const char* expression, const char* file, int line) noexcept {
  if (const AssertHook hook = hook_in_force.exchange(nullptr, std::memory_order_acq_rel)) hook(expression, file, line);
  std::fprintf(stderr, "martinet: internal error: '%s' does not hold at %s:%d; this is a bug, please report it\n", expression, file, line);
  std::abort();
}

}  // namespace martinet

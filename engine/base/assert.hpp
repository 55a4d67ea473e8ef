#pragma once
// What must be true of us (never of input). MT_ASSERT is always on: borders, cold code, anything money depends on.
// MT_DASSERT is on in debug and sanitizer builds: inner loops. A failure runs the registered hook (the kill switch) first,
// then stops the process.
namespace martinet {

/// Called once, before abort(), on the thread that failed. Must not throw or allocate.
using AssertHook = void (*)(const char* expression, const char* file, int line) noexcept;
void set_assert_hook(AssertHook hook) noexcept;

[[noreturn]] void assert_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace martinet

#define MT_ASSERT(expression) \
  (__builtin_expect(static_cast<bool>(expression), 1) ? static_cast<void>(0) : ::martinet::assert_failed(#expression, __FILE__, __LINE__))

#ifdef MARTINET_DEBUG_ASSERTS
#define MT_DASSERT(expression) MT_ASSERT(expression)
#else
#define MT_DASSERT(expression) static_cast<void>(0)
#endif

// The library functions that a hot thread must not call, replaced for the whole program: each looks at the trap, then does what the
// original does. A definition in the program wins over the shared libraries' own, for their calls too.
#include "tests/support/trap_hooks.hpp"

#ifndef MARTINET_SANITIZED

#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <typeinfo>

namespace {

using martinet::trap::is_armed;
using martinet::trap::Offence;
using martinet::trap::trip;

inline void watch(Offence offence, std::size_t detail = 0) noexcept {
  if (__builtin_expect(is_armed(), 0)) trip(offence, static_cast<std::int64_t>(detail));
}

/// The library's own function behind the one replaced here; looked up once.
template <class Function>
Function* original(const char* name, std::atomic<void*>& found) noexcept {
  void* at = found.load(std::memory_order_acquire);
  if (at == nullptr) {
    at = dlsym(RTLD_NEXT, name);
    found.store(at, std::memory_order_release);
  }
  return reinterpret_cast<Function*>(at);
}

}  // namespace

extern "C" {

// glibc's own entry points behind malloc and its kin: dlsym itself allocates, so it cannot be used to find them.
void* __libc_malloc(std::size_t size) noexcept;
void* __libc_calloc(std::size_t count, std::size_t size) noexcept;
void* __libc_realloc(void* memory, std::size_t size) noexcept;
void* __libc_memalign(std::size_t alignment, std::size_t size) noexcept;
void __libc_free(void* memory) noexcept;

void* malloc(std::size_t size) noexcept {
  watch(Offence::allocation, size);
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) noexcept {
  watch(Offence::allocation, count * size);
  return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) noexcept {
  watch(Offence::allocation, size);
  return __libc_realloc(memory, size);
}
void* memalign(std::size_t alignment, std::size_t size) noexcept {
  watch(Offence::allocation, size);
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  watch(Offence::allocation, size);
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
  watch(Offence::allocation, size);
  *memory = __libc_memalign(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}
void free(void* memory) noexcept {
  if (memory != nullptr) watch(Offence::release);
  __libc_free(memory);
}

#define MT_LOCK_HOOK(name, Argument)                       \
  int name(Argument* object) noexcept {                    \
    static std::atomic<void*> found{nullptr};              \
    watch(Offence::lock);                                  \
    return original<int(Argument*)>(#name, found)(object); \
  }
MT_LOCK_HOOK(pthread_mutex_lock, pthread_mutex_t)
MT_LOCK_HOOK(pthread_mutex_trylock, pthread_mutex_t)
MT_LOCK_HOOK(pthread_rwlock_rdlock, pthread_rwlock_t)
MT_LOCK_HOOK(pthread_rwlock_wrlock, pthread_rwlock_t)
MT_LOCK_HOOK(pthread_rwlock_tryrdlock, pthread_rwlock_t)
MT_LOCK_HOOK(pthread_rwlock_trywrlock, pthread_rwlock_t)
#undef MT_LOCK_HOOK

int pthread_spin_lock(pthread_spinlock_t* object) noexcept {
  static std::atomic<void*> found{nullptr};
  watch(Offence::lock);
  return original<int(pthread_spinlock_t*)>("pthread_spin_lock", found)(object);
}
int sem_wait(sem_t* object) {
  static std::atomic<void*> found{nullptr};
  watch(Offence::lock);
  return original<int(sem_t*)>("sem_wait", found)(object);
}

// Every `throw` begins with __cxa_allocate_exception, and goes through __cxa_throw; a rethrow through __cxa_rethrow.
void* __cxa_allocate_exception(std::size_t size) noexcept {
  static std::atomic<void*> found{nullptr};
  watch(Offence::exception, size);
  return original<void*(std::size_t)>("__cxa_allocate_exception", found)(size);
}
[[noreturn]] void __cxa_throw(void* object, std::type_info* type, void (*destroy)(void*)) {
  static std::atomic<void*> found{nullptr};
  watch(Offence::exception);
  original<void(void*, std::type_info*, void (*)(void*))>("__cxa_throw", found)(object, type, destroy);
  __builtin_unreachable();
}
[[noreturn]] void __cxa_rethrow() {
  static std::atomic<void*> found{nullptr};
  watch(Offence::exception);
  original<void()>("__cxa_rethrow", found)();
  __builtin_unreachable();
}

}  // extern "C"

#endif

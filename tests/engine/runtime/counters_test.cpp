// Goal: the shipping counters of a thread see what that thread did to its host, and nothing of other threads (I3).
#include <gtest/gtest.h>

#include <atomic>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <new>
#include <thread>
#include <vector>

#include "engine/runtime/allocation_counter.hpp"
#include "engine/runtime/worker.hpp"

namespace martinet::counters_test {
namespace {

template <class T>
void keep(T* pointer) {
  asm volatile("" : : "r"(pointer) : "memory");
}

#define MT_NEED_COUNTED_ALLOCATIONS() \
  if (!allocations_are_counted()) GTEST_SKIP() << "a sanitizer's allocator must stay in place: allocations are not counted"

TEST(AllocationCounter, CountsEveryFormOfNew) {
  MT_NEED_COUNTED_ALLOCATIONS();
  struct alignas(256) Wide {
    char bytes[256];
  };
  const auto counted = [](auto&& allocate) {
    const std::uint64_t before = thread_allocations();
    allocate();
    return thread_allocations() - before;
  };
  EXPECT_EQ(counted([] {
              int* const p = new int;
              keep(p);
              delete p;
            }),
            1U);
  EXPECT_EQ(counted([] {
              char* const p = new char[100];
              keep(p);
              delete[] p;
            }),
            1U);
  EXPECT_EQ(counted([] {
              int* const p = new (std::nothrow) int;
              keep(p);
              delete p;
            }),
            1U);
  EXPECT_EQ(counted([] {
              Wide* const p = new Wide;
              keep(p);
              EXPECT_EQ(reinterpret_cast<std::uintptr_t>(p) % 256, 0U);
              delete p;
            }),
            1U);
  EXPECT_EQ(counted([] {
              Wide* const p = new Wide[3];
              keep(p);
              delete[] p;
            }),
            1U);
  EXPECT_EQ(counted([] {
              std::vector<int> numbers(10);
              keep(numbers.data());
              numbers.resize(1000);
              keep(numbers.data());
            }),
            2U);
  EXPECT_EQ(counted([] {
              void* const p = ::operator new(0);
              EXPECT_NE(p, nullptr);
              ::operator delete(p);
            }),
            1U);
  EXPECT_EQ(counted([] {}), 0U);
}

TEST(AllocationCounter, RefusesWhatNoMemoryCanHoldAsTheStandardSays) {
  MT_NEED_COUNTED_ALLOCATIONS();
  volatile std::size_t too_much = SIZE_MAX - 8;
  EXPECT_THROW(keep(::operator new(too_much)), std::bad_alloc);
  EXPECT_THROW(keep(::operator new(too_much, std::align_val_t{64})), std::bad_alloc) << "rounding up to the alignment must not wrap";
  EXPECT_EQ(::operator new(too_much, std::nothrow), nullptr);
}

TEST(AllocationCounter, CountsTheCallingThreadAlone) {
  MT_NEED_COUNTED_ALLOCATIONS();
  std::uint64_t of_the_other = 0;
  std::uint64_t before = 0, after = 0;
  std::thread other([&of_the_other] {
    const std::uint64_t start = thread_allocations();
    for (int i = 0; i < 1000; ++i) {
      int* const p = new int;
      keep(p);
      delete p;
    }
    of_the_other = thread_allocations() - start;
  });
  before = thread_allocations();
  other.join();
  after = thread_allocations();
  EXPECT_EQ(of_the_other, 1000U);
  EXPECT_EQ(after, before);
}

TEST(WorkerCounters, SeeAnAllocation) {
  MT_NEED_COUNTED_ALLOCATIONS();
  const WorkerCounters start = read_thread_counters();
  int* const p = new int;
  keep(p);
  delete p;
  EXPECT_EQ(since(start, read_thread_counters()).allocations, 1U);
}

TEST(WorkerCounters, SeeAPageFaultAndABlock) {
  constexpr std::size_t kPages = 32;
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  void* const memory = mmap(nullptr, kPages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  madvise(memory, kPages * page, MADV_NOHUGEPAGE);
  const WorkerCounters start = read_thread_counters();
  for (std::size_t i = 0; i < kPages; ++i) static_cast<volatile char*>(memory)[i * page] = 1;
  const WorkerCounters touched = since(start, read_thread_counters());
  EXPECT_GE(touched.page_faults_minor, kPages);
  usleep(1000);
  EXPECT_GE(since(start, read_thread_counters()).context_switches_voluntary, touched.context_switches_voluntary + 1);
  munmap(memory, kPages * page);
}

TEST(WorkerCounters, OfAWorkerTellItsTurnsAndIdleSteps) {
  int left = 5;
  std::atomic<int> idle_turns{0};
  Worker worker({"counted", kNotPinned, IdleMode::park}, [&left, &idle_turns]() -> int {
    if (left > 0) {
      int* const p = new int;
      keep(p);
      delete p;
      --left;
      return 2;
    }
    idle_turns.fetch_add(1, std::memory_order_relaxed);
    return 0;
  });
  worker.start_free();
  // Until the spins and the yields of an idle worker are over and some parks done, however long this host takes for it.
  while (idle_turns.load(std::memory_order_relaxed) < 400) usleep(1'000);
  worker.stop();
  const WorkerCounters& counters = worker.counters();
  EXPECT_EQ(counters.turns_busy, 5U);
  EXPECT_EQ(counters.messages, 10U);
  EXPECT_GT(counters.turns_idle, 0U);
  EXPECT_GT(counters.yields, 0U);
  EXPECT_GT(counters.parks, 0U);
  EXPECT_GE(counters.context_switches_voluntary, counters.parks / 2) << "a park sleeps";
  EXPECT_EQ(counters.allocations, allocations_are_counted() ? 5U : 0U);
}

}  // namespace
}  // namespace martinet::counters_test

// Goal: the trap catches what it is meant to catch, and lets pass what a hot thread may do. Method: each kind of offence is planted
// in a child of its own, on its first thread and on a worker, and must be named in the report.
#include "tests/support/trap.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <thread>

#include "engine/runtime/worker.hpp"

namespace martinet::trap_test {
namespace {

using trap::Armed;
using trap::in_child;
using trap::Offence;
using trap::Outcome;

class Trap : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string reason = trap::reason_not_to_run(); !reason.empty()) GTEST_SKIP() << reason;
  }
};

// The compiler must not see through what is planted, or it leaves out an allocation that nobody uses.
template <class T>
void keep(T* pointer) {
  asm volatile("" : : "r"(pointer) : "memory");
}

Outcome plant(const std::function<void()>& offence) {
  return in_child([&](Armed& self) {
    self.arm();
    offence();
  });
}

void expect_caught(const Outcome& outcome, Offence offence) {
  EXPECT_FALSE(outcome.finished);
  EXPECT_EQ(trap::name_of(outcome.offence), trap::name_of(offence)) << outcome.end << '\n' << outcome.where;
  EXPECT_FALSE(outcome.where.empty());
}

TEST_F(Trap, LetsPlainWorkPass) {
  const Outcome outcome = in_child([](Armed& self) {
    self.arm();
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < 100'000; ++i) sum += i * i;
    keep(&sum);
    self.tell(3, 42);
  });
  EXPECT_TRUE(outcome.finished) << outcome.end << '\n' << outcome.where;
  EXPECT_EQ(outcome.offence, Offence::none);
  EXPECT_EQ(outcome.numbers[3], 42U);
  ASSERT_EQ(outcome.threads.size(), 1U);
}

TEST_F(Trap, LetsTheYieldAndTheRingsSubmitPass) {
  const Outcome outcome = in_child([](Armed& self) {
    self.arm();
    self.tell(0, sched_yield() == 0 ? 1 : 0);
    // No such ring: the kernel's answer shows that the call got there.
    self.tell(1, syscall(SYS_io_uring_enter, -1, 0, 0, 0, nullptr, 0) == -1 && errno == EBADF ? 1 : 0);
  });
  EXPECT_TRUE(outcome.finished) << outcome.end << '\n' << outcome.where;
  EXPECT_EQ(outcome.numbers[0], 1U);
  EXPECT_EQ(outcome.numbers[1], 1U);
}

TEST_F(Trap, CatchesMallocAndItsKin) {
  expect_caught(plant([] { keep(std::malloc(24)); }), Offence::allocation);
  expect_caught(plant([] { keep(std::calloc(3, 8)); }), Offence::allocation);
  expect_caught(plant([] { keep(std::aligned_alloc(64, 128)); }), Offence::allocation);
  void* memory = nullptr;
  expect_caught(plant([&memory] { (void)!posix_memalign(&memory, 64, 128); }), Offence::allocation);
  void* const old = std::malloc(8);
  expect_caught(plant([old] { keep(std::realloc(old, 1 << 20)); }), Offence::allocation);
  expect_caught(plant([old] { std::free(old); }), Offence::release);
  std::free(old);
  EXPECT_EQ(plant([] { keep(std::malloc(24)); }).detail, 24);
}

TEST_F(Trap, CatchesNew) {
  expect_caught(plant([] { keep(new int(1)); }), Offence::allocation);
  expect_caught(plant([] { keep(new char[1000]); }), Offence::allocation);
  struct alignas(128) Wide {
    char bytes[128];
  };
  expect_caught(plant([] { keep(new Wide); }), Offence::allocation);
  expect_caught(plant([] {
                  std::string text(100, 'x');
                  keep(text.data());
                }),
                Offence::allocation);
  int* const old = new int(1);
  expect_caught(plant([old] { delete old; }), Offence::release);
  delete old;
}

TEST_F(Trap, CatchesLocksEvenThoseThatNobodyHolds) {
  std::mutex mutex;
  std::shared_mutex shared;
  expect_caught(plant([&] { mutex.lock(); }), Offence::lock);
  expect_caught(plant([&] { (void)mutex.try_lock(); }), Offence::lock);
  expect_caught(plant([&] { shared.lock(); }), Offence::lock);
  expect_caught(plant([&] { shared.lock_shared(); }), Offence::lock);
}

TEST_F(Trap, CatchesAThrow) {
  const auto thrown_and_caught = [] {
    try {
      throw 1;
    } catch (int) {
    }
  };
  expect_caught(plant(thrown_and_caught), Offence::exception);
  expect_caught(plant([] { (void)std::string("x").at(7); }), Offence::exception);
}

TEST_F(Trap, CatchesSystemCallsByTheLibraryAndByHand) {
  const Outcome by_library = plant([] { (void)getpid(); });
  expect_caught(by_library, Offence::system_call);
  EXPECT_EQ(by_library.detail, SYS_getpid);
  const Outcome by_hand = plant([] {
    long result = SYS_getpid;
    asm volatile("syscall" : "+a"(result) : : "rcx", "r11", "memory");
  });
  expect_caught(by_hand, Offence::system_call);
  EXPECT_EQ(by_hand.detail, SYS_getpid);
  const Outcome write_call = plant([] { (void)!write(STDERR_FILENO, "x", 1); });
  expect_caught(write_call, Offence::system_call);
  EXPECT_EQ(write_call.detail, SYS_write);
  EXPECT_EQ(plant([] { usleep(1); }).detail, SYS_clock_nanosleep);
}

TEST_F(Trap, CatchesAnOffenceOnAnyThreadThatWasThereWhenItWasArmed) {
  for (const Offence offence : {Offence::allocation, Offence::lock, Offence::exception, Offence::system_call}) {
    const Outcome outcome = in_child([offence](Armed& self) {
      std::atomic<bool> go{false};
      std::mutex mutex;
      std::atomic<bool> seen{false};
      Worker worker({"hot", kNotPinned, IdleMode::yield}, [&]() -> int {
        seen = true;
        if (!go.load()) return 0;
        if (offence == Offence::allocation) keep(new int);
        if (offence == Offence::lock) mutex.lock();
        if (offence == Offence::exception) {
          try {
            throw 1;
          } catch (int) {
          }
        }
        if (offence == Offence::system_call) (void)getppid();
        return 1;
      });
      worker.start_free();
      while (!seen) sched_yield();
      self.arm();
      go = true;
      for (;;) sched_yield();
    });
    expect_caught(outcome, offence);
  }
}

TEST_F(Trap, LeavesAnExemptThreadItsAllocations) {
  const Outcome outcome = plant([] {
    trap::exempt_this_thread();
    int* const number = new int(1);
    keep(number);
    delete number;
  });
  EXPECT_TRUE(outcome.finished) << outcome.end << '\n' << outcome.where;
}

TEST_F(Trap, SeesAPageFaultByTheKernelsCount) {
  constexpr std::size_t kPages = 64;
  const auto touched = [](bool before) {
    const Outcome outcome = in_child([before](Armed& self) {
      const std::size_t bytes = kPages * 4096;
      auto* const memory = static_cast<volatile char*>(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
      madvise(const_cast<char*>(memory), bytes, MADV_NOHUGEPAGE);
      const auto touch = [&] {
        for (std::size_t i = 0; i < bytes; i += 4096) memory[i] = 1;
      };
      if (before) touch();
      self.arm();
      touch();
    });
    EXPECT_TRUE(outcome.finished) << outcome.end << '\n' << outcome.where;
    return outcome.threads.empty() ? -1 : outcome.threads.front().page_faults_minor;
  };
  EXPECT_GE(touched(false), static_cast<std::int64_t>(kPages));
  EXPECT_EQ(touched(true), 0);
}

TEST_F(Trap, SeesAThreadThatSleepsInsideAnAllowedCall) {
  // A yield does not count as a voluntary switch; so a hot thread's count stands still, and one that blocks shows.
  const Outcome outcome = in_child([](Armed& self) {
    self.arm();
    for (int i = 0; i < 1000; ++i) sched_yield();
  });
  ASSERT_TRUE(outcome.finished) << outcome.end << '\n' << outcome.where;
  EXPECT_EQ(outcome.threads.front().switches_voluntary, 0);
}

}  // namespace
}  // namespace martinet::trap_test

#include "engine/runtime/idle.hpp"

#include <sched.h>
#include <time.h>

namespace martinet {

void Idle::give_core_away() noexcept { sched_yield(); }

void Idle::sleep_a_little() noexcept {
  const timespec pause{0, 50'000};
  nanosleep(&pause, nullptr);
}

}  // namespace martinet

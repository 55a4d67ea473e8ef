#include "engine/runtime/pinning.hpp"

#include <pthread.h>
#include <sched.h>

#include <string>
#include <system_error>

namespace martinet {

std::vector<int> allowed_cpus() {
  std::vector<int> cpus;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(static_cast<unsigned>(cpu), &set)) cpus.push_back(cpu);
  }
  return cpus;
}

Status pin_this_thread(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (cpu >= 0) CPU_SET(static_cast<unsigned>(cpu), &set);  // beyond the set's size: left empty, which the system refuses
  const int error = pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
  if (error == 0) return {};
  return Error{Errc::unsupported, "cannot pin a thread to core " + std::to_string(cpu) + ": " + std::generic_category().message(error) +
                                      "; give cores this process may use in pipeline.cpus"};
}

void name_this_thread(std::string_view name) {
  const std::string cut(name.substr(0, 15));
  pthread_setname_np(pthread_self(), cut.c_str());
}

}  // namespace martinet

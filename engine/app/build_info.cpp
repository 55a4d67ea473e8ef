#include "engine/app/build_info.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <fstream>

#include "engine/runtime/pinning.hpp"

namespace martinet {

std::string build_id() { return MARTINET_BUILD_ID; }

std::string machine_description() {
  std::string processor = "unknown processor";
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    if (line.starts_with("model name")) {
      processor = line.substr(line.find(':') + 2);
      break;
    }
  }
  utsname system{};
  uname(&system);
  return fmt::format("{}, {} cores, {} {}", processor, allowed_cpus().size(), static_cast<const char*>(system.sysname), static_cast<const char*>(system.release));
}

}  // namespace martinet

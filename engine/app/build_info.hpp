#pragma once
// What this binary is and where it runs.
#include <string>

namespace martinet {

/// Version, revision of the source, compiler and build type: "0.1.0 1a2b3c4 g++ 12.2.0 Release".
[[nodiscard]] std::string build_id();

/// Processor, cores and kernel of this host, in one line.
[[nodiscard]] std::string machine_description();

}  // namespace martinet

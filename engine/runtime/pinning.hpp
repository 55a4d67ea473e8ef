#pragma once
// Which cores there are and who runs where.
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"

namespace martinet {

/// Cores the calling thread may use, ascending; of the first 1024. Empty if the system does not say.
[[nodiscard]] std::vector<int> allowed_cpus();

/// Binds the calling thread to one core. fails unsupported, with the core and the system's words
[[nodiscard]] Status pin_this_thread(int cpu);

/// Names the calling thread for top, perf and gdb; cut to 15 characters.
void name_this_thread(std::string_view name);

}  // namespace martinet

#pragma once
// The passing of time as an input: made at the entrances, numbered like any input, so that no stage needs a clock.
#include <cstdint>

namespace martinet {

struct Timer {
  std::int64_t ts_ns = 0;       ///< on the receive axis; never before the last input's stamp
  std::uint64_t sequence = 0;   ///< number of the input
  bool operator==(const Timer&) const = default;
};
static_assert(sizeof(Timer) == 16);

}  // namespace martinet

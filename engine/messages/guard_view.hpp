#pragma once
// Account facts for the gate, all of one moment, with an expiry: past it there are no entries.
#include <cstdint>
#include <type_traits>

#include "engine/base/fixed_point.hpp"

namespace martinet {

namespace latch {
inline constexpr std::uint32_t kill = 1;  ///< kill switch; set by an operator, a failed assertion, or a limit
}  // namespace latch

struct GuardView {
  std::int64_t ts_ns = 0;
  std::int64_t ts_expires_ns = 0;
  std::uint64_t version = 0;
  Money equity{};          ///< balance plus unrealised P&L at the last marks
  Money balance{};         ///< realised
  Money margin_used{};     ///< of open positions, at the configured leverage
  std::uint32_t latches = 0;          ///< latch::*; any of them stops entries
  std::uint16_t open_positions = 0;
  std::uint16_t pad = 0;
  std::uint64_t pad2 = 0;
};
static_assert(sizeof(GuardView) == 64 && std::is_trivially_copyable_v<GuardView>);

}  // namespace martinet

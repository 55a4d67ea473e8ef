#pragma once
// The state of one instrument's indicators after an input. What stands in which slot is fixed by the indicator plan at start.
#include <array>
#include <cstdint>
#include <type_traits>

#include "engine/base/capacity.hpp"
#include "engine/base/fixed_point.hpp"

namespace martinet {

struct IndicatorFrame {
  std::int64_t ts_receive_ns = 0;   ///< stamp of the input that made the frame
  std::int64_t ts_exchange_ns = 0;
  std::uint64_t sequence = 0;       ///< number of that input
  std::uint64_t warm_mask[2] = {};  ///< bit i = slot i holds a value
  InstrumentId instrument = kNoInstrument;
  std::uint8_t closed_mask = 0;     ///< bit t = timeframe t of the plan closed a bar with this input
  std::uint8_t on_tick = 0;         ///< 1 = sent because a strategy asked for every tick
  std::uint16_t slot_count = 0;
  std::uint8_t pad[2] = {};
  std::uint64_t pad2 = 0;
  Price last_price{};               ///< last trade, or middle of the quote where nothing trades; on the instrument's grid
  std::array<double, capacity::frame_slots_max> slots{};

  [[nodiscard]] bool warm(std::size_t slot) const noexcept { return (warm_mask[slot / 64] >> (slot % 64) & 1) != 0; }
};
static_assert(sizeof(IndicatorFrame) == 1024 && std::is_trivially_copyable_v<IndicatorFrame>);

}  // namespace martinet

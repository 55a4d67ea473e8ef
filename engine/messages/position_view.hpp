#pragma once
// The position machine's word on one key (instrument, net), for the gate and the strategies: absolute, never a difference.
#include <cstdint>
#include <type_traits>

#include "engine/base/fixed_point.hpp"

namespace martinet {

enum class Exposure : std::uint8_t { flat, opening, open, closing };

struct PositionView {
  std::int64_t ts_ns = 0;             ///< stamp of the input that made it
  std::uint64_t version = 0;          ///< counts up per instrument; an older one than held is ignored
  std::uint64_t covers_request = 0;   ///< every entry request of this instrument up to this id is reflected: its reservation ends
  Qty qty{};                          ///< signed: + long, - short
  Price entry_price = kNoPrice;       ///< volume-weighted over the fills; kNoPrice when flat
  Money notional{};                   ///< |qty| at the entry price, rounded up
  std::int64_t ts_opened_ns = 0;      ///< first fill; 0 when flat
  InstrumentId instrument = kNoInstrument;
  StrategyId owner = kNoStrategy;     ///< who holds the key while it is not flat
  Exposure exposure = Exposure::flat;
  std::uint8_t legs_filled = 0;       ///< entry orders of this position that have a fill: levels of a cycle, 1 of a single position
  std::uint8_t pad[2] = {};
};
static_assert(sizeof(PositionView) == 64 && std::is_trivially_copyable_v<PositionView>);

}  // namespace martinet

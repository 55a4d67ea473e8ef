#pragma once
// One row of a venue's candle channel (or of a bar file). The last row may still change: nothing here says that a bar is
// final unless `closed` is set; the bar builder decides from time and the next row.
#include <cstdint>
#include <type_traits>

#include "engine/base/fixed_point.hpp"

namespace martinet {

struct Candle {
  std::int64_t ts_receive_ns = 0;
  std::int64_t ts_open_ns = 0;   ///< start of the bar
  std::int64_t interval_ns = 0;  ///< length of the bar
  Price open{}, high{}, low{}, close{};
  Qty volume{};                  ///< base currency (contracts on COIN-M)
  InstrumentId instrument = kNoInstrument;
  std::uint8_t closed = 0;       ///< 1 = the source says it is final (Binance kline x, bar files)
  std::uint8_t history = 0;      ///< 1 = part of a snapshot of past bars
  std::uint8_t pad[4] = {};
  bool operator==(const Candle&) const = default;
};
static_assert(sizeof(Candle) == 72 && std::is_trivially_copyable_v<Candle>);

}  // namespace martinet

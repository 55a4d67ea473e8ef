#pragma once
// One market event, one cache line. The adapter's decoder makes it, the feed passes it on only when it may be trusted.
#include <cstdint>
#include <type_traits>

#include "engine/base/fixed_point.hpp"

namespace martinet {

enum class TickKind : std::uint8_t { quote = 0, trade = 1, mark = 2 };

namespace tick_flag {
inline constexpr std::uint32_t exchange_time_estimated = 1;  ///< the venue sent no time; receive time minus the estimated offset
inline constexpr std::uint32_t from_book = 2;                ///< a quote taken from the maintained book
inline constexpr std::uint32_t from_ticker = 4;              ///< a quote or mark from a summary channel, slower than the book
inline constexpr std::uint32_t history = 8;                  ///< part of a snapshot of past trades: bars may use it, the paper venue does not
inline constexpr std::uint32_t market_unknown_size = 16;     ///< the source gives no quantities; they are 0
}  // namespace tick_flag

struct Tick {
  std::int64_t ts_receive_ns = 0;
  std::int64_t ts_exchange_ns = 0;  ///< 0 where the venue sends none, until the feed estimates it
  std::uint64_t sequence = 0;       ///< from the decoder: the venue's trade or update id (0 = none). After the feed: the number of the input, 1.. without holes
  Price bid_price{};                ///< quote: best bid. trade, mark: the price
  Price ask_price{};                ///< quote: best ask. mark: index price or kNoPrice. trade: kNoPrice
  Qty bid_qty{};                    ///< quote: at the bid. trade: traded quantity
  Qty ask_qty{};                    ///< quote: at the ask
  InstrumentId instrument = kNoInstrument;
  TickKind kind = TickKind::quote;
  Side side = Side::none;           ///< trade: the aggressor
  std::uint32_t flags = 0;          ///< tick_flag

  [[nodiscard]] constexpr Price price() const noexcept { return bid_price; }  ///< trade, mark
  [[nodiscard]] constexpr Qty qty() const noexcept { return bid_qty; }        ///< trade
  bool operator==(const Tick&) const = default;
};
static_assert(sizeof(Tick) == 64 && std::is_trivially_copyable_v<Tick>, "a tick is one cache line");

}  // namespace martinet

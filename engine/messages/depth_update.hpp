#pragma once
// A piece of a book: up to capacity::depth_levels_max levels. A venue message with more levels travels as several pieces;
// `first` and `last` mark its ends, and a book is trusted only between a `last` and the next `first`.
#include <array>
#include <cstdint>
#include <type_traits>

#include "engine/base/capacity.hpp"
#include "engine/base/fixed_point.hpp"

namespace martinet {

struct DepthLevel {
  Price price{};
  Qty qty{};                      ///< 0 deletes the level
  Side side = Side::none;         ///< buy = bid, sell = ask
  std::uint8_t price_digits = 0;  ///< decimals as the venue printed them, for checksums over the original text
  std::uint8_t qty_digits = 0;
  std::uint8_t pad[5] = {};
  bool operator==(const DepthLevel&) const = default;
};
static_assert(sizeof(DepthLevel) == 24);

namespace depth_flag {
inline constexpr std::uint16_t first = 1;          ///< first piece of a venue message
inline constexpr std::uint16_t last = 2;           ///< last piece
inline constexpr std::uint16_t snapshot = 4;       ///< the levels replace the book (deltas otherwise)
inline constexpr std::uint16_t rest = 8;           ///< a REST answer: it starts a Binance book, whose stream it may lag
inline constexpr std::uint16_t partial = 16;       ///< only the best levels of a deeper book (books1/5/15, depth5/10/20)
inline constexpr std::uint16_t has_checksum = 32;  ///< `checksum` is the venue's CRC-32 of the best 25 levels
inline constexpr std::uint16_t has_previous = 64;  ///< `previous_id` holds the id this message continues from
inline constexpr std::uint16_t odd_digits = 128;   ///< a level's text cannot be rebuilt from its digits: the checksum cannot be verified
inline constexpr std::uint16_t invalidate = 256;   ///< made by the feed: the book is no longer trusted; no levels
}  // namespace depth_flag

struct DepthUpdate {
  std::int64_t ts_receive_ns = 0;
  std::int64_t ts_exchange_ns = 0;  ///< matching engine time where the venue gives one; 0 otherwise
  std::uint64_t first_id = 0;       ///< Binance U. Others: 0
  std::uint64_t last_id = 0;        ///< Binance u or lastUpdateId, Bitget seq. 0 = none
  std::uint64_t previous_id = 0;    ///< Binance futures pu, Bitget pseq
  std::int32_t checksum = 0;        ///< Bitget, as signed on the wire
  InstrumentId instrument = kNoInstrument;
  std::uint16_t level_count = 0;
  std::uint16_t flags = 0;          ///< depth_flag
  std::uint8_t pad[14] = {};
  std::array<DepthLevel, capacity::depth_levels_max> levels;  ///< the first level_count are set; the rest is unspecified

  [[nodiscard]] constexpr bool has(std::uint16_t flag) const noexcept { return (flags & flag) != 0; }
};
static_assert(sizeof(DepthUpdate) == 1024 && std::is_trivially_copyable_v<DepthUpdate>);

}  // namespace martinet

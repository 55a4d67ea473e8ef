#pragma once
// What one recorded venue message shows about itself: venue, market, symbol, and the numbers that its symbol's grid must hold.
// Nothing is decoded here; the capture keeps the bytes and the venue's decoder reads them at replay.
#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/capture/import_needs.hpp"

namespace martinet::importing {

enum class FrameKind : std::uint8_t {
  other,         ///< control text (pong), answers to requests, channels without numbers of ours
  binance,       ///< a Binance event, combined or raw
  binance_rest,  ///< a REST depth answer written in line
  bitget,        ///< Bitget v2
  bitget_v1,     ///< refused
  bitget_v3,     ///< refused
};

/// How the shape of a Binance message tells its market. Strong signs are certain; weak ones count only where there is no strong one.
namespace market_sign {
inline constexpr std::uint32_t spot = 1;        ///< M in a trade, bookTicker without e, depth without pu
inline constexpr std::uint32_t usdm = 2;        ///< pu, X, aggTrade without M, bookTicker with e, mark price
inline constexpr std::uint32_t coinm = 4;       ///< ps, or a symbol like BTCUSD_PERP, BTCUSD_240927
inline constexpr std::uint32_t weak_spot = 8;   ///< a kline with eight decimals
inline constexpr std::uint32_t weak_usdm = 16;  ///< a kline with fewer
inline constexpr std::uint32_t strong = spot | usdm | coinm;
}  // namespace market_sign

struct FrameFacts {
  FrameKind kind = FrameKind::other;
  std::uint32_t signs = 0;       ///< market_sign; Binance only
  Market market = Market::none;  ///< Bitget only, from instType; none = an instType that v2 does not have
  bool is_depth = false;         ///< a Binance depth stream: its symbol may own the file's REST answers
  std::string symbol;            ///< as the venue writes it (upper case); empty where the frame names none
  std::string inst_type;         ///< Bitget, as written
};

/// Reads the facts of `frame`, one valid JSON value or other text.
void read_frame_facts(std::string_view frame, FrameFacts& facts);

/// Adds the numbers of `frame` to what its symbol needs.
void read_frame_numbers(std::string_view frame, const FrameFacts& facts, SymbolNeeds& needs);

/// The numbers of a REST depth answer.
void read_depth_numbers(std::string_view body, SymbolNeeds& needs);

}  // namespace martinet::importing

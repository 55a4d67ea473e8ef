#pragma once
// Every bound of the engine that is fixed at compile time, in one table (invariant I11). What a user may set is in the
// configuration table of engine/app instead.
#include <cstddef>

namespace martinet::capacity {

inline constexpr std::size_t instruments_max = 256;        // rows of an instrument table; an id fits 16 bits with room
inline constexpr std::size_t streams_max = 64;             // connections recorded in one capture
inline constexpr std::size_t strategies_max = 16;          // strategy instances in one process
inline constexpr std::size_t cycle_levels_max = 32;        // levels of one grid cycle
inline constexpr std::size_t strategy_kinds_max = 64;      // kinds of strategies known to one process, of the build and loaded
inline constexpr std::size_t strategy_plugins_max = 32;    // shared objects with strategies in one process
inline constexpr std::size_t timeframes_max = 8;           // bar timeframes of one instrument; the frame's masks have 8 bits
inline constexpr std::size_t frame_slots_max = 120;        // doubles in one IndicatorFrame: 64 + 120*8 = 1024 bytes
inline constexpr std::size_t model_features_max = 64;      // inputs of one model; half the slots of a frame
inline constexpr std::size_t frame_bytes_max = 1 << 20;    // one raw venue message; a 1000-level snapshot has about 50 KB
inline constexpr std::size_t depth_levels_max = 40;        // levels in one DepthUpdate: 64 + 40*24 = 1024 bytes
inline constexpr std::size_t decoded_ticks_max = 1024;     // ticks one frame may hold; Bitget's trade snapshot has 50 to 500
inline constexpr std::size_t decoded_candles_max = 1024;   // candles one frame may hold; Bitget's candle snapshot has up to 1000
inline constexpr std::size_t decoded_depths_max = 512;     // DepthUpdates one frame may hold: 20480 levels, twice 5000 a side and spare
inline constexpr std::size_t book_levels_max = 16'384;     // levels one side of a book may keep; the 2024 USD-M capture ends with 5018
inline constexpr std::size_t resync_depths_max = 1024;     // DepthUpdates kept back, all instruments together, while a snapshot is awaited
inline constexpr std::size_t orders_in_flight_max = 256;   // orders the gateway follows at once
inline constexpr std::size_t paper_orders_max = 1024;      // orders open on the simulated venue
inline constexpr std::size_t paper_requests_max = 2048;    // requests on their way to the simulated venue
inline constexpr std::size_t paper_fills_max = 64;         // book levels one order may walk; more is beyond depth
inline constexpr std::size_t paper_events_max = 8192;      // events of the simulated venue not yet taken: 786 KB
inline constexpr std::size_t paper_done_keys_max = 4096;   // keys of finished orders that it still refuses as duplicates
inline constexpr std::size_t paper_changes_max = 4096;     // changes its read side has not seen yet, where queries lag
inline constexpr std::size_t batch_max = 256;              // messages one crank turn takes from a lane
inline constexpr std::size_t tick_lane_max = 4096;         // 256 KB: about a millisecond at the peak rate seen in the captures
inline constexpr std::size_t depth_lane_max = 4096;        // 4 MB: one input may release all that was kept back
inline constexpr std::size_t frame_lane_max = 256;         // 256 KB
inline constexpr std::size_t order_lane_max = 1024;
inline constexpr std::size_t event_lane_max = 1024;
inline constexpr std::size_t view_lane_max = 1024;

static_assert(resync_depths_max + 1 < depth_lane_max, "what one input releases fits the lane");
static_assert(model_features_max <= frame_slots_max, "a frame holds the features of a model");
static_assert(orders_in_flight_max <= order_lane_max, "an admitted order finds a slot in the lane to the gateway");

}  // namespace martinet::capacity

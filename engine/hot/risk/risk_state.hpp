#pragma once
// What the gate knows: per instrument its terms, its last trusted price, its position view and its reservation, and for the account
// the last guard view and the sums over all of these. Sums are kept by add/remove, so that a check reads one number.
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/capacity.hpp"
#include "engine/base/instrument.hpp"
#include "engine/hot/risk/risk_config.hpp"
#include "engine/messages/guard_view.hpp"
#include "engine/messages/position_view.hpp"
#include "engine/messages/tick.hpp"

namespace martinet {

/// The last trusted price of one instrument. price 0: none yet.
struct LastTick {
  Price price{};
  std::int64_t ts_receive_ns = 0;

  void update(const Tick& tick) noexcept {
    // Past trades and marks say nothing about what a market order would get now.
    if (tick.kind == TickKind::mark || (tick.flags & tick_flag::history) != 0 || tick.bid_price.v <= 0) return;
    std::int64_t value = tick.bid_price.v;
    if (tick.kind == TickKind::quote) {
      if (tick.ask_price.v <= 0) return;
      value = static_cast<std::int64_t>((static_cast<std::uint64_t>(value) + static_cast<std::uint64_t>(tick.ask_price.v)) / 2);
    }
    price.v = value;
    ts_receive_ns = tick.ts_receive_ns;
  }
};

/// What the checks need of an instrument, in one cache line.
struct alignas(64) Terms {
  std::uint64_t value_num = 1;
  std::uint64_t value_den = 1;
  Price tick_size{1};
  Qty lot_size{1};
  Qty qty_min{1};
  Qty qty_max{0};  ///< 0 = no limit
  Money notional_min{0};
  std::int32_t leverage = 1;  ///< 1 for spot, else the configured one
  ContractKind kind = ContractKind::spot;
  TradingStatus status = TradingStatus::trading;
  std::uint8_t pad[2] = {};
};
static_assert(sizeof(Terms) == 64);

/// One instrument's exposure: what the last view says, and the one entry that may be under way.
struct alignas(64) Holding {
  std::uint64_t version = 0;
  std::uint64_t covers_request = 0;
  Qty qty{};
  Money margin{};                      ///< of the view's position: notional / leverage, rounded up
  std::uint64_t reserved_request = 0;  ///< request id of the entry under way; 0 = none
  Money reserved_margin{};             ///< what it takes if it fills in full, with its fee
  Money reserved_notional{};
  StrategyId owner = kNoStrategy;
  Exposure exposure = Exposure::flat;
  std::uint8_t pad[5] = {};

  [[nodiscard]] bool occupied() const noexcept { return exposure != Exposure::flat || qty.v != 0; }
  [[nodiscard]] bool reserved() const noexcept { return reserved_request != 0; }
};
static_assert(sizeof(Holding) == 64);

struct RiskState {
  RiskConfig config;
  GuardView guard;
  bool has_guard = false;
  bool killed = false;
  std::uint16_t pad = 0;
  std::int32_t occupied_count = 0;       ///< instruments whose view is not flat
  std::int32_t reserved_count = 0;       ///< reservations held
  std::int32_t reserved_flat_count = 0;  ///< of these: on instruments whose view is flat, so not in occupied_count
  Money risk_budget{};                   ///< base * risk_fraction, rounded down; made when a guard view arrives
  std::uint64_t last_request_id = 0;
  __int128 margin_positions = 0;  ///< sum of Holding.margin; 256 * 2^63 fits
  __int128 margin_reserved = 0;   ///< sum of Holding.reserved_margin
  std::vector<Terms> terms;
  std::vector<Holding> holdings;
  std::array<LastTick, capacity::instruments_max> ticks{};

  /// Positions if everything under way fills. The views and the guard tell of the same positions at slightly different moments: the
  /// larger count is taken.
  [[nodiscard]] std::int32_t positions_worst() const noexcept {
    const std::int32_t counted = guard.open_positions;
    return (occupied_count > counted ? occupied_count : counted) + reserved_flat_count;
  }
  /// Equity that no position and no entry under way has taken; may be negative.
  [[nodiscard]] __int128 margin_free() const noexcept {
    const __int128 guard_margin = guard.margin_used.v;
    return guard.equity.v - (margin_positions > guard_margin ? margin_positions : guard_margin) - margin_reserved;
  }
  [[nodiscard]] Money sizing_base() const noexcept {
    switch (config.sizing_base) {
      case SizingBase::equity:
        return guard.equity;
      case SizingBase::balance:
        return guard.balance;
      case SizingBase::fixed:
        return config.fixed_base;
    }
    return {};
  }

  /// Adds (sign +1) or takes away (sign -1) a holding from the sums. Every change of a holding is count(-1), change, count(+1).
  void count(const Holding& holding, int sign) noexcept {
    occupied_count += holding.occupied() ? sign : 0;
    reserved_count += holding.reserved() ? sign : 0;
    reserved_flat_count += holding.reserved() && !holding.occupied() ? sign : 0;
    margin_positions += sign * static_cast<__int128>(holding.margin.v);
    margin_reserved += sign * static_cast<__int128>(holding.reserved_margin.v);
  }
};

}  // namespace martinet

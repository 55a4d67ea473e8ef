#pragma once
// What the gate knows: per instrument its terms, its last trusted price, its position view and its reservation (a cycle's in a table
// of its own, which single entries never touch), and for the account and each strategy the last guard view and the sums over all of
// these. Sums are kept by add/remove, so that a check reads one number.
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

/// One instrument's exposure: what the last view says, and what is reserved: the one entry that may be under way, or a cycle.
struct alignas(64) Holding {
  std::uint64_t version = 0;
  std::uint64_t covers_request = 0;
  Qty qty{};
  Money notional{};                    ///< of the view's position, at its entry price
  Money margin{};                      ///< of the view's position: notional / leverage, rounded up
  std::uint64_t reserved_request = 0;  ///< request id of the entry under way; 0 = none
  Money reserved_margin{};  ///< of an entry: what it takes if it fills in full, with its fee. Of a cycle: Cycle.margin, less margin
  StrategyId owner = kNoStrategy;
  StrategyId reserver = kNoStrategy;  ///< whose the reservation is; kNoStrategy = there is none
  Exposure exposure = Exposure::flat;
  std::uint8_t has_cycle = 0;  ///< 1: the reservation is a cycle's, see RiskState.cycles
  std::uint8_t legs_filled = 0;
  std::uint8_t pad = 0;

  [[nodiscard]] bool occupied() const noexcept { return exposure != Exposure::flat || qty.v != 0; }
  [[nodiscard]] bool reserved() const noexcept { return reserved_request != 0; }
};
static_assert(sizeof(Holding) == 64);

/// What a cycle was admitted with, from its first level until the view is flat and no leg is under way.
struct alignas(64) Cycle {
  std::uint64_t intent_id = 0;  ///< of the intent that opened it, the name of all its legs; 0 = no cycle
  Money margin{};               ///< of `notional`, with the fee
  Money notional{};             ///< of every level filled at the worst price, with slippage, rounded up
  Money cost_max{};             ///< of every level filled at the worst average, with slippage: what the global stop's loss is a share of
  Qty leg_qty{};                ///< of each level
  Qty qty{};                    ///< of all
  std::uint32_t legs_sent = 0;  ///< orders so far; a level that did not fill is asked for again
  std::uint8_t level_count = 0;
  std::uint8_t buy = 0;
  std::uint8_t pad[10] = {};
};
static_assert(sizeof(Cycle) == 64);

/// One strategy's part of the account.
struct alignas(32) Share {
  Money risk_budget{};  ///< sizing base * capital_fraction * risk_fraction, rounded down; made when a guard view arrives
  Money capital{};      ///< equity * capital_fraction, rounded down; the same
  __int128 margin = 0;  ///< sum of Holding.margin it owns and of Holding.reserved_margin it reserved
};
static_assert(sizeof(Share) == 32);

struct RiskState {
  RiskConfig config;
  GuardView guard;
  bool has_guard = false;
  bool killed = false;
  std::uint16_t pad = 0;
  std::int32_t occupied_count = 0;       ///< instruments whose view is not flat
  std::int32_t reserved_count = 0;       ///< entries under way
  std::int32_t reserved_flat_count = 0;  ///< of these: on instruments whose view is flat, so not in occupied_count
  std::uint64_t last_request_id = 0;
  __int128 margin_positions = 0;  ///< sum of Holding.margin; 256 * 2^63 fits
  __int128 margin_reserved = 0;   ///< sum of Holding.reserved_margin
  std::array<Share, capacity::strategies_max> shares{};
  std::vector<Terms> terms;
  std::vector<Holding> holdings;
  std::vector<Cycle> cycles;  ///< by instrument
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
  /// Of the whole account; a strategy's is its capital_fraction of it.
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

  /// Adds (sign +1) or takes away (sign -1) a holding from the sums. Every change of a holding is count(-1), change, count(+1), but
  /// for reserve(), which is the same in fewer steps.
  void count(const Holding& holding, int sign) noexcept {
    occupied_count += holding.occupied() ? sign : 0;
    reserved_count += holding.reserved() ? sign : 0;
    reserved_flat_count += holding.reserved() && !holding.occupied() ? sign : 0;
    margin_positions += sign * static_cast<__int128>(holding.margin.v);
    margin_reserved += sign * static_cast<__int128>(holding.reserved_margin.v);
    if (holding.owner < shares.size()) shares[holding.owner].margin += sign * static_cast<__int128>(holding.margin.v);
    if (holding.reserver < shares.size()) shares[holding.reserver].margin += sign * static_cast<__int128>(holding.reserved_margin.v);
  }
  /// An entry is under way on a holding that is neither occupied nor reserved. `strategy` is below strategies_max.
  void reserve(Holding& holding, StrategyId strategy, Money margin) noexcept {
    holding.reserved_request = ++last_request_id;
    holding.reserved_margin = margin;
    holding.reserver = strategy;
    ++reserved_count;
    ++reserved_flat_count;
    margin_reserved += margin.v;
    shares[strategy].margin += margin.v;
  }
};

}  // namespace martinet

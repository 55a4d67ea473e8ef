#pragma once
// What an open position cost, by average cost and without losing a unit: prices times quantities are kept as 128-bit "areas"
// (price grid x qty grid), and the money of realised P&L is the difference of two roundings of a running total, so that the
// sum over all reduces of a position equals its total rounded once.
#include <cstdint>

#include "engine/base/errc.hpp"
#include "engine/base/fixed_point.hpp"
#include "engine/base/instrument.hpp"

namespace martinet {

using Area = __int128;  ///< price grid units times quantity grid units, signed

/// Bound of one amount: 11.5 thousand million units of account currency. Sums of a few such still fit 64 bits.
inline constexpr std::int64_t kAmountMax = std::int64_t{1} << 60;

/// Money of an area, rounded toward minus infinity, or up. fails overflow (beyond kAmountMax)
[[nodiscard]] Errc money_of_area_down(const Instrument& instrument, Area area, Money& out) noexcept;
[[nodiscard]] Errc money_of_area_up(const Instrument& instrument, Area area, Money& out) noexcept;

struct Realised {
  Money price_pnl{};   ///< of the closed part
  Money entry_fees{};  ///< its share of the entry fees
};

struct CostBasis {
  Area cost = 0;           ///< of what is open: sum of price x |qty|; average cost, its remainder stays with what is left
  Area realised_area = 0;  ///< price P&L so far, exact
  Money realised{};        ///< price P&L so far, rounded down
  Money entry_fees{};      ///< paid on what is still open
  Qty qty{};               ///< signed
  std::int64_t pad = 0;

  /// Opens or adds: `signed_qty` has the sign of the position (or the position is flat).
  void increase(Price price, Qty signed_qty, Money fee) noexcept;

  /// Closes `part` (0 < part <= |qty|) at `price`. After the last unit the basis is zero but for the realised totals.
  /// fails overflow: the quantity is reduced all the same, the money is then zero
  [[nodiscard]] Errc reduce(const Instrument& instrument, Price price, Qty part, Realised& out) noexcept;

  /// Volume-weighted entry, rounded against us: up for a long, down for a short; kNoPrice when flat.
  [[nodiscard]] Price entry_price() const noexcept;

  /// P&L of the open part at `price`, rounded down. fails overflow
  [[nodiscard]] Errc unrealised(const Instrument& instrument, Price price, Money& out) const noexcept;
};

}  // namespace martinet

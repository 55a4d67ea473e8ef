#pragma once
// Money and positions of the simulated account. One account currency; one net position per instrument.
#include <cstdint>
#include <vector>

#include "engine/base/archive.hpp"
#include "engine/base/instrument.hpp"

namespace martinet {

struct PaperPosition {
  __int128 cost = 0;    ///< sum of price * qty of what is held, in grid units; >= 0, exact, so that no rounding of an average adds up
  Qty qty{};            ///< + long, - short. Spot: what is held, never negative
  Qty sell_reserved{};  ///< spot: promised to resting sell orders
  Money margin{};       ///< cost in money over the leverage, rounded up
  Money reserved{};     ///< of the balance, promised to resting orders of this instrument
};

/// Balance is realised: initial + sum of P&L - sum of fees, exactly. What is free is the balance less the margin of positions
/// (spot: what they cost) and less what resting orders reserve. Unrealised P&L counts neither way, and nothing is liquidated.
class PaperAccount {
 public:
  /// in  instruments: outlives this, all rows present; leverage >= 1
  PaperAccount(const InstrumentTable& instruments, Money initial_balance, int leverage);

  [[nodiscard]] Money balance() const noexcept { return balance_; }
  [[nodiscard]] Money free() const noexcept { return balance_ - margin_ - reserved_; }
  [[nodiscard]] Money pnl_total() const noexcept { return pnl_total_; }    ///< before fees
  [[nodiscard]] Money fees_total() const noexcept { return fees_total_; }  ///< paid if positive
  [[nodiscard]] const PaperPosition& position(InstrumentId id) const noexcept { return positions_[id]; }
  /// Volume-weighted entry of what is held, rounded to the nearest grid unit (half up); kNoPrice when flat.
  [[nodiscard]] Price entry_price(InstrumentId id) const noexcept;

  /// How much of an order on `side` would only reduce the position.
  [[nodiscard]] Qty reducible(InstrumentId id, Side side) const noexcept;

  /// What an order needs to be free: margin of the part that opens, plus the fee of the whole. Spot sells need none.
  /// fails overflow
  [[nodiscard]] Errc required(InstrumentId id, Side side, Price price, Qty qty, Rate fee_rate, Money& out) const noexcept;
  /// Spot: whether `qty` can be sold besides what resting sells hold.
  [[nodiscard]] bool can_sell_spot(InstrumentId id, Qty qty) const noexcept;

  /// Books a fill. Returns its P&L (before the fee): rounded down to 1e-8.
  /// in  qty > 0; spot sells at most what is held
  Money fill(InstrumentId id, Side side, Price price, Qty qty, Money fee) noexcept;

  void reserve(InstrumentId id, Money money, Qty sell_qty) noexcept;
  void release(InstrumentId id, Money money, Qty sell_qty) noexcept;

  void save(ArchiveWriter& out) const;
  [[nodiscard]] bool load(ArchiveReader& in) noexcept;

 private:
  Money close_part(const Instrument& instrument, PaperPosition& position, Price price, Qty qty) noexcept;
  void set_margin(const Instrument& instrument, PaperPosition& position) noexcept;

  const InstrumentTable& instruments_;
  int leverage_;
  Money balance_;
  Money pnl_total_{};
  Money fees_total_{};
  Money margin_{};    ///< sum of positions_[].margin
  Money reserved_{};  ///< sum of positions_[].reserved
  std::vector<PaperPosition> positions_;
};

}  // namespace martinet

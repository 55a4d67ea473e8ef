#pragma once
// Money, assets and positions of the simulated account. One account currency; one net position per instrument; on spot the
// position is what is held of the base asset.
#include <cstdint>
#include <vector>

#include "engine/base/archive.hpp"
#include "engine/base/instrument.hpp"
#include "engine/base/margin_mode.hpp"

namespace martinet {

struct PaperPosition {
  __int128 cost = 0;    ///< sum of price * qty of what is held, in grid units; >= 0, exact, so that no rounding of an average adds up
  Qty qty{};            ///< + long, - short. Spot: what is held, never negative
  Qty sell_reserved{};  ///< spot: locked by open sell orders; 0 .. qty
  Money margin{};       ///< cost in money over the leverage, rounded up
  Money reserved{};     ///< of the balance, promised to resting orders of this instrument
  Money unrealised{};   ///< contracts: at value_price, rounded down
  Money maintenance{};  ///< contracts: below this the margin must not fall; rounded up
  Price value_price = kNoPrice;
};

/// Free and locked amounts of the two assets of a spot instrument.
struct BalanceView {
  Qty base_free{};
  Qty base_locked{};
  Money quote_free{};  ///< of the account, not of this instrument alone
  Money quote_locked{};
  bool operator==(const BalanceView&) const = default;
};

/// What stands behind the account's positions.
struct MarginTerms {
  int leverage = 1;  ///< contracts; >= 1
  MarginMode mode = MarginMode::cross;
  Rate maintenance{};  ///< of the notional at mark
};

/// Balance is realised: initial + deposits + sum of P&L - sum of fees, exactly. What is free is the balance less the margin of
/// positions (spot: what they cost) and less what open orders reserve; in cross mode unrealised P&L counts too, both ways.
class PaperAccount {
 public:
  /// in  instruments: outlives this, all rows present
  PaperAccount(const InstrumentTable& instruments, Money initial_balance, const MarginTerms& terms);
  PaperAccount(const InstrumentTable& instruments, Money initial_balance, int leverage)
      : PaperAccount(instruments, initial_balance, MarginTerms{leverage, MarginMode::cross, {}}) {}

  [[nodiscard]] Money balance() const noexcept { return balance_; }
  [[nodiscard]] Money free() const noexcept {
    return balance_ - margin_ - reserved_ + (terms_.mode == MarginMode::cross ? unrealised_ : Money{});
  }
  /// What contracts stand on: the money that is not in spot assets, and what positions would add at value_price.
  [[nodiscard]] Money equity() const noexcept { return balance_ - spot_cost_ + unrealised_; }
  [[nodiscard]] Money pnl_total() const noexcept { return pnl_total_; }            ///< before fees
  [[nodiscard]] Money fees_total() const noexcept { return fees_total_; }          ///< paid if positive
  [[nodiscard]] Money deposits_total() const noexcept { return deposits_total_; }  ///< less withdrawals and other debits
  [[nodiscard]] const PaperPosition& position(InstrumentId id) const noexcept { return positions_[id]; }
  [[nodiscard]] BalanceView balances(InstrumentId id) const noexcept {
    return {positions_[id].qty - positions_[id].sell_reserved, positions_[id].sell_reserved, free(), reserved_};
  }
  /// Volume-weighted entry of what is held, rounded to the nearest grid unit (half up); kNoPrice when flat.
  [[nodiscard]] Price entry_price(InstrumentId id) const noexcept;

  /// How much of an order on `side` would only reduce the position.
  [[nodiscard]] Qty reducible(InstrumentId id, Side side) const noexcept;

  /// What an order needs to be free: margin of the part that opens, plus the fee of the whole. Spot sells need none.
  /// fails overflow
  [[nodiscard]] Errc required(InstrumentId id, Side side, Price price, Qty qty, Rate fee_rate, Money& out) const noexcept;
  /// Spot: whole lots that can be sold besides what other open sells hold. own: what the asking order itself holds.
  [[nodiscard]] Qty sellable(InstrumentId id, Qty own) const noexcept;

  /// Books a fill. Returns its P&L (before the fee): rounded down to 1e-8.
  /// in  qty > 0; spot sells at most what is held; fee_qty: spot buys, taken out of qty and worth `fee`
  Money fill(InstrumentId id, Side side, Price price, Qty qty, Money fee, Qty fee_qty = {}) noexcept;

  void reserve(InstrumentId id, Money money, Qty sell_qty) noexcept;
  void release(InstrumentId id, Money money, Qty sell_qty) noexcept;

  /// Money or base asset (spot, at a price) that comes in; negative: goes out. Not P&L.
  void deposit(Money money) noexcept;
  void deposit_asset(InstrumentId id, Qty qty, Price price) noexcept;

  // margin.cpp: contracts at the mark price

  /// Values the position at `price`. A price at which it has no value in 64 bits is ignored.
  void revalue(InstrumentId id, Price price) noexcept;
  /// True if the venue closes a position now: isolated, this one, when its margin and unrealised P&L are less than its maintenance
  /// margin; cross, worst(), when equity is less than the sum of all.
  [[nodiscard]] bool margin_used_up(InstrumentId id) const noexcept;
  /// The position with the largest unrealised loss, the lowest id of equals; kNoInstrument if there is none.
  [[nodiscard]] InstrumentId worst() const noexcept;
  /// What the position may lose: its margin (isolated); equity without its own unrealised P&L, at least 0 (cross).
  [[nodiscard]] Money loss_max(InstrumentId id) const noexcept;
  /// The last tick, coming from the entry, at which closing the position loses no more than loss_max().
  /// in  position not flat
  [[nodiscard]] Price bankruptcy_price(InstrumentId id) const noexcept;

  void save(ArchiveWriter& out) const;
  [[nodiscard]] bool load(ArchiveReader& in) noexcept;

 private:
  Money close_part(const Instrument& instrument, PaperPosition& position, Price price, Qty qty) noexcept;
  void set_margin(const Instrument& instrument, PaperPosition& position) noexcept;
  void set_value(PaperPosition& position, Money unrealised, Money maintenance) noexcept;

  const InstrumentTable& instruments_;
  MarginTerms terms_;
  Money balance_;
  Money pnl_total_{};
  Money fees_total_{};
  Money deposits_total_{};
  // Sums over positions_:
  Money margin_{};
  Money spot_cost_{};  ///< the spot part of margin_
  Money reserved_{};
  Money unrealised_{};
  Money maintenance_{};
  std::vector<PaperPosition> positions_;
};

/// area (price * qty in grid units) in money, rounded up or down (toward minus infinity); false if it does not fit.
[[nodiscard]] bool area_to_money(const Instrument& instrument, __int128 area, bool up, Money& out) noexcept;

}  // namespace martinet

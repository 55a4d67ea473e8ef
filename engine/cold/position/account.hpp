#pragma once
// The account: balance, what open positions are worth, and a ledger per strategy.
// Fees are in account currency (the paper venue's are). A venue that takes them in the bought asset needs the balance
// arithmetic of spot positions, which is not here: quantities are those of the fills.
#include <array>
#include <cstdint>

#include "engine/base/archive.hpp"
#include "engine/base/capacity.hpp"
#include "engine/base/fixed_point.hpp"

namespace martinet {

/// One strategy's share. pnl_net = price_pnl - fees once its positions are flat (an open position's entry fees are in fees only).
struct StrategyLedger {
  Money price_pnl{};
  Money fees{};
  Money pnl_net{};  ///< of reduces and closes
  std::uint64_t executions = 0;
  std::uint64_t trades = 0;  ///< positions that went back to flat
  std::uint64_t wins = 0;    ///< of them with pnl_net > 0
  bool operator==(const StrategyLedger&) const = default;
};

class Account {
 public:
  explicit Account(Money initial_balance) noexcept : balance_(initial_balance) {}

  void book_fee(StrategyId strategy, Money fee) noexcept;
  void book_pnl(StrategyId strategy, Money price_pnl, Money pnl_net) noexcept;
  void book_execution(StrategyId strategy) noexcept { ++row(strategy).executions; }
  void book_trade(StrategyId strategy, Money pnl_net) noexcept;
  void move_unrealised(Money before, Money after) noexcept { unrealised_ = unrealised_ - before + after; }
  void move_margin(Money before, Money after) noexcept { margin_ = margin_ - before + after; }

  [[nodiscard]] Money balance() const noexcept { return balance_; }
  [[nodiscard]] Money equity() const noexcept { return balance_ + unrealised_; }
  [[nodiscard]] Money margin_used() const noexcept { return margin_; }
  /// Index capacity::strategies_max holds what belongs to no strategy.
  [[nodiscard]] const StrategyLedger& ledger(StrategyId strategy) const noexcept { return ledgers_[index_of(strategy)]; }

  void save(ArchiveWriter& writer) const;
  [[nodiscard]] Errc load(ArchiveReader& reader);

 private:
  static std::size_t index_of(StrategyId strategy) noexcept {
    return strategy < capacity::strategies_max ? strategy : capacity::strategies_max;
  }
  StrategyLedger& row(StrategyId strategy) noexcept { return ledgers_[index_of(strategy)]; }

  Money balance_{};
  Money unrealised_{};
  Money margin_{};
  std::array<StrategyLedger, capacity::strategies_max + 1> ledgers_{};
};

}  // namespace martinet

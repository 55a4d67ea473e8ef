#include "engine/cold/position/account.hpp"

namespace martinet {

void Account::book_fee(StrategyId strategy, Money fee) noexcept {
  balance_ = balance_ - fee;
  row(strategy).fees = row(strategy).fees + fee;
}

void Account::book_pnl(StrategyId strategy, Money price_pnl, Money pnl_net) noexcept {
  balance_ = balance_ + price_pnl;
  row(strategy).price_pnl = row(strategy).price_pnl + price_pnl;
  row(strategy).pnl_net = row(strategy).pnl_net + pnl_net;
}

void Account::book_trade(StrategyId strategy, Money pnl_net) noexcept {
  ++row(strategy).trades;
  if (pnl_net.v > 0) ++row(strategy).wins;
}

void Account::save(ArchiveWriter& writer) const {
  writer.put(balance_);
  writer.put(unrealised_);
  writer.put(margin_);
  writer.put_span(std::span<const StrategyLedger>(ledgers_));
}

Errc Account::load(ArchiveReader& reader) {
  Account read{Money{}};
  const bool ok = reader.get(read.balance_) && reader.get(read.unrealised_) && reader.get(read.margin_) &&
                  reader.get_span(std::span<StrategyLedger>(read.ledgers_));
  if (!ok) return Errc::checkpoint_mismatch;
  *this = read;
  return Errc::ok;
}

}  // namespace martinet

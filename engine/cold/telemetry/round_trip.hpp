#pragma once
// Executions paired into positions: from the fill that opened one to the fill that closed it.
#include <cstdint>
#include <span>
#include <vector>

#include "engine/messages/execution.hpp"

namespace martinet {

/// One position, opened and (if `closed`) closed completely. Money in 1e-8 of the account currency.
struct RoundTrip {
  std::int64_t ts_open_ns = 0;
  std::int64_t ts_close_ns = 0;  ///< of the last fill seen
  Price first_price = kNoPrice;  ///< of the first fill seen
  Price entry_price = kNoPrice;  ///< volume-weighted over the entries
  Price exit_price = kNoPrice;   ///< of the last fill that reduced; kNoPrice before the first
  Qty qty_max{};                 ///< the largest it was
  Money fees{};                  ///< of all its fills
  Money pnl_net{};               ///< of what was closed, entry and exit fees taken off
  InstrumentId instrument = kNoInstrument;
  StrategyId strategy = kNoStrategy;
  Side direction = Side::none;
  ExitReason exit_reason = ExitReason::none;  ///< of the last fill that reduced
  bool closed = false;
  std::uint32_t fills = 0;
};

/// in   executions in order; positions are kept apart by instrument (netting). A fill without its opening one (a session that
///      took over a position) begins a round trip at that fill.
/// out  closed ones in the order of their closes, then those still open in the order of their instruments
[[nodiscard]] std::vector<RoundTrip> round_trips_of(std::span<const Execution> executions);

}  // namespace martinet

#pragma once
// The gate's answer to one intent, told to the cold side: for the journal, the counts, and (admitted) the plan of the position.
#include <array>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "engine/messages/order_intent.hpp"
#include "engine/messages/order_request.hpp"

namespace martinet {

/// Why. In the order in which the checks of an entry are made; `admitted` first. (Names are part of the JSON summary: do not rename.)
enum class Verdict : std::uint8_t {
  admitted,
  exit_forwarded,      ///< an exit, whole or in part: handed to the position machine, never blocked
  stop_forwarded,      ///< a stop to move: the same
  kill_switch,
  guard_expired,       ///< no fresh account facts
  contract_unsupported,///< inverse contracts carry data only
  short_unsupported,   ///< a short entry on a spot instrument
  instrument_halted,
  data_gate,           ///< no trusted tick, or the last one is too old
  symbol_owned,        ///< another strategy's position, or one of ours, or an entry under way
  cycle_not_open,      ///< a level for a cycle that is not this strategy's, not open, or has a leg under way
  cycle_exceeded,      ///< a level beyond the count, quantity or notional that was admitted
  max_positions,
  stop_missing,        ///< no stop, or on the wrong side of the reference price
  price_collar,        ///< reference too far from the last trusted price
  equity_not_positive,
  stop_too_near,       ///< less than one tick
  size_zero,           ///< rounds to nothing, or below the venue's minimum quantity
  notional_too_small,
  max_order_notional,  ///< only where capping the size is switched off
  free_margin,
  strategy_capital,    ///< beyond the strategy's share of the account
  overflow,            ///< a product left 64 bits: refused, never wrapped
  in_flight_full,      ///< no slot for the reservation
  count_
};

[[nodiscard]] constexpr std::string_view name_of(Verdict verdict) noexcept {
  constexpr std::array<std::string_view, static_cast<std::size_t>(Verdict::count_)> kNames = {
      "admitted", "exit_forwarded", "stop_forwarded", "kill_switch", "guard_expired", "contract_unsupported", "short_unsupported", "instrument_halted",
      "data_gate", "symbol_owned", "cycle_not_open", "cycle_exceeded", "max_positions", "stop_missing", "price_collar", "equity_not_positive", "stop_too_near", "size_zero",
      "notional_too_small", "max_order_notional", "free_margin", "strategy_capital", "overflow", "in_flight_full"};
  return kNames[static_cast<std::size_t>(verdict)];
}

struct GateDecision {
  OrderIntent intent;
  OrderRequest request;  ///< admitted: what was sent; otherwise default
  Verdict verdict = Verdict::overflow;
  std::uint8_t pad[31] = {};
};
static_assert(sizeof(GateDecision) == 256 && std::is_trivially_copyable_v<GateDecision>);

}  // namespace martinet

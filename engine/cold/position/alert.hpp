#pragma once
// What a person should hear of the position machine. Codes only: telemetry has the words.
#include <cstdint>
#include <string_view>

#include "engine/base/fixed_point.hpp"

namespace martinet {

enum class AlertCode : std::uint8_t {
  stop_rejected,       ///< a stop was refused and will be tried again
  stop_would_trigger,  ///< the price is through the stop already: closing
  stop_failed,         ///< every attempt was refused: closing
  stop_deadline,       ///< not covered in time: closing
  stop_vanished,       ///< somebody else cancelled a stop of an open position; it is placed again
  stop_unfilled,       ///< a stop triggered and did not fill: closing
  target_rejected,     ///< the position is kept without its target
  close_rejected,      ///< a close was refused; it is tried again
  slippage,            ///< entry VWAP beyond the guard
  plan_missing,        ///< a fill whose decision did not arrive in time: closing
  unexpected_fill,     ///< a fill of an entry that should be dead: closing
  entry_overlap,       ///< a second entry was admitted while the key was not flat: closing
  reduce_unexplained,  ///< the venue reduced more than we know of: the symbol is blocked
  attempts_exhausted,  ///< no order number is left for a leg
  bad_event,           ///< an event that cannot be true (unknown instrument, no quantity, no price)
  overflow,            ///< an amount left 64 bits: the symbol is blocked
  stop_move_refused,   ///< a stop could not be moved: it stays where it was
  part_refused,        ///< a close of a part was refused or did not end: it is not tried again
  liquidated,          ///< the venue closed the position for want of margin
  count_
};

struct Alert {
  std::int64_t ts_ns = 0;
  InstrumentId instrument = kNoInstrument;
  AlertCode code = AlertCode::bad_event;
  std::uint8_t pad[5] = {};
  bool operator==(const Alert&) const = default;
};

/// True where somebody must look now; the others are warnings.
[[nodiscard]] constexpr bool is_urgent(AlertCode code) noexcept {
  return code != AlertCode::stop_rejected && code != AlertCode::target_rejected && code != AlertCode::slippage &&
         code != AlertCode::stop_vanished && code != AlertCode::close_rejected && code != AlertCode::stop_move_refused &&
         code != AlertCode::part_refused;
}

[[nodiscard]] constexpr std::string_view name_of(AlertCode code) noexcept {
  constexpr std::string_view kNames[] = {
      "stop_rejected",      "stop_would_trigger", "stop_failed", "stop_deadline", "stop_vanished",     "stop_unfilled",
      "target_rejected",    "close_rejected",     "slippage",    "plan_missing",  "unexpected_fill",   "entry_overlap",
      "reduce_unexplained", "attempts_exhausted", "bad_event",   "overflow",      "stop_move_refused", "part_refused",
      "liquidated"};
  static_assert(sizeof(kNames) / sizeof(kNames[0]) == static_cast<std::size_t>(AlertCode::count_));
  return kNames[static_cast<std::size_t>(code)];
}

}  // namespace martinet

#pragma once
// What a user may set about protection, closing and the account. Defaults are those of the reliability page (A2 to A4).
#include <cstdint>

#include "engine/base/fixed_point.hpp"
#include "engine/base/instrument.hpp"
#include "engine/base/time.hpp"
#include "engine/messages/order_request.hpp"

namespace martinet {

struct PositionConfig {
  Money initial_balance{10'000 * kMoneyUnit};             ///< of the paper account
  std::int64_t stop_retry_ns = 200 * kNanosPerMilli;      ///< wait between two attempts after a definite reject; > 0
  std::int64_t stop_deadline_ns = 1500 * kNanosPerMilli;  ///< longest time without full cover before the position is closed; > 0
  std::int64_t stop_watchdog_ns = 2000 * kNanosPerMilli;  ///< a triggered stop that has not filled by then is helped by a close; > 0
  std::int64_t close_retry_ns = 500 * kNanosPerMilli;     ///< first wait after a refused close; doubles up to close_retry_ns_max; > 0
  std::int64_t close_retry_ns_max = 30 * kNanosPerSecond;
  std::int64_t answer_ns = kNanosPerSecond;         ///< an order or cancel without an answer for this long is of unknown outcome; > 0
  std::int64_t guard_ttl_ns = 5 * kNanosPerSecond;  ///< life of a GuardView; one is sent at least every quarter of it; > 0
  Rate slippage_guard{500'000};                     ///< entry VWAP farther than this from the reference is counted; 0.5 %
  std::int32_t leverage = 1;                        ///< 1 .. 125
  std::int32_t stop_retries = 2;                    ///< attempts after the first before the position is closed; >= 0
  TriggerRef trigger_ref = TriggerRef::last;        ///< falls back to last where the venue does not trigger on mark
  bool target_enabled = true;                       ///< place the plan's target as an order of its own
  bool stop_needs_confirmation = false;             ///< a stop counts only after a second source repeats its acceptance
};

}  // namespace martinet

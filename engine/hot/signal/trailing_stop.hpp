#pragma once
// A trailing stop as whole numbers on the instrument's price grid. It only says where the protective stop should be; moving it is an
// intent (move_stop), so that the level is never a number of the strategy's alone.
//
//   active    once the extreme (highest high of a long, lowest low of a short) is `activation_atr` ATRs at entry past the entry price, or
//   more level     extreme - distance_atr x ATR (+ for shorts), rounded to the tick toward the market as the first stop is; the ATR is the
//   one
//             at entry or, with current_atr, this bar's
//   asked     when it is better than what was asked last (at first: the plan's stop) by at least a tick and `step_atr` ATRs at entry
//   reached   when the close is at the best level so far or past it: no stop can stand there, so the position is to be closed at once
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "engine/base/instrument.hpp"

namespace martinet {

/// Distances in ATRs.
struct TrailingSettings {
  double activation_atr = 0;
  double distance_atr = 0;
  double step_atr = 0;
  bool current_atr = false;  ///< the distance is counted in this bar's ATR instead of the one at entry
};

/// Of one position; part of checkpoints. kNoPrice: not known.
struct TrailingState {
  Price atr{};               ///< at entry; 0 = not known
  Price extreme = kNoPrice;  ///< kNoPrice until a bar counts
  Price asked = kNoPrice;    ///< the plan's stop, then the best level asked for

  /// One more bar that lies wholly after the entry.
  void follow(bool buy, Price high, Price low) noexcept {
    if (buy && (!has_price(extreme) || high > extreme)) extreme = high;
    if (!buy && (!has_price(extreme) || low < extreme)) extreme = low;
  }
};

enum class TrailingAdvice : std::uint8_t { hold, move, reached };

/// What to do at the close of a bar, after follow(). `move`: state.asked is the new stop.
/// in    entry: volume-weighted fill; atr_now: used with current_atr only; all prices > 0 and below 2^51, as to_grid() makes them
[[nodiscard]] inline TrailingAdvice advise(const TrailingSettings& settings, const InstrumentRules& rules, bool buy, Price entry,
                                           Price close, Price atr_now, TrailingState& state) noexcept {
  if (!has_price(state.extreme) || !has_price(entry) || state.atr.v <= 0) return TrailingAdvice::hold;
  if (settings.current_atr && atr_now.v <= 0) return TrailingAdvice::hold;  // nothing has moved: no distance to keep
  const auto distance = [](double atrs, Price atr) { return std::llround(std::min(atrs * static_cast<double>(atr.v), 4e18)); };
  const std::int64_t sign = buy ? 1 : -1;
  if (sign * (state.extreme.v - entry.v) < distance(settings.activation_atr, state.atr)) return TrailingAdvice::hold;

  Price level{state.extreme.v - sign * distance(settings.distance_atr, settings.current_atr ? atr_now : state.atr)};
  if (level.v <= 0) return TrailingAdvice::hold;  // farther away than the price is high
  level = buy ? tick_up(rules, level) : tick_down(rules, level);
  const bool known = has_price(state.asked);
  const Price best = !known || sign * (level.v - state.asked.v) > 0 ? level : state.asked;
  if (sign * (close.v - best.v) <= 0) return TrailingAdvice::reached;
  const std::int64_t step = std::max(rules.tick_size.v, static_cast<std::int64_t>(distance(settings.step_atr, state.atr)));
  if (known && sign * (level.v - state.asked.v) < step) return TrailingAdvice::hold;
  state.asked = level;
  return TrailingAdvice::move;
}

}  // namespace martinet

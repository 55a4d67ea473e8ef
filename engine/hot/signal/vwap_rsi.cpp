#include "engine/hot/signal/vwap_rsi.hpp"

#include <algorithm>

#include "engine/hot/signal/grid.hpp"

namespace martinet {

VwapRsi::VwapRsi(const StrategyContext& context, const Settings& settings, std::vector<Trade> trades)
    : Strategy(context.id, context.name, context.instruments), settings_(settings), trades_(std::move(trades)), states_(trades_.size()) {
  MT_ASSERT(trades_.size() == instruments().size());
  for (std::size_t i = 0; i < trades_.size(); ++i) bar_masks_[i] = trades_[i].bar_mask;
}

void VwapRsi::on_frame(const IndicatorFrame& frame, const PositionView& position, IntentList& out) noexcept {
  const std::size_t index = local(frame.instrument);
  const Trade& trade = trades_[index];
  State& state = states_[index];
  ++counters_.decisions;
  // Time in a trade and time after it pass with every closed bar, warm or not.
  if (state.holding != 0) ++state.bars_held;
  const bool cooling = state.holding == 0 && state.cooldown_left > 0;
  if (cooling) --state.cooldown_left;

  const Slots& slots = trade.slots;
  if ((frame.warm_mask[0] & slots.needed[0]) != slots.needed[0] || (frame.warm_mask[1] & slots.needed[1]) != slots.needed[1]) {
    ++counters_.not_warm;
    return;
  }
  if (position.exposure == Exposure::flat) {
    if (cooling) {
      ++counters_.cooling_down;
      return;
    }
    consider_entry(frame, trade, out);
  } else if (position.exposure == Exposure::open && owns(position)) {
    consider_exit(frame, trade, position, state, out);
  }
}

void VwapRsi::consider_entry(const IndicatorFrame& frame, const Trade& trade, IntentList& out) noexcept {
  const double close = frame.slots[trade.slots.close];
  const double vwap = frame.slots[trade.slots.vwap];
  const double rsi = frame.slots[trade.slots.rsi];
  const Settings& s = settings_;
  if (!(vwap > 0) || !(frame.slots[trade.slots.volume] >= s.volume_factor * frame.slots[trade.slots.volume_average])) return;
  const double below = (vwap - close) / vwap;
  // How far each condition passes its threshold, 0..1: twice the deviation counts as all the way, and so does an RSI of 0 (of 100).
  if (s.allow_long && below >= s.deviation && rsi <= s.oversold) {
    enter(frame, trade, true, 0.5 * (std::min(below / s.deviation - 1.0, 1.0) + (s.oversold - rsi) / s.oversold), out);
  } else if (s.allow_short && -below >= s.deviation && rsi >= s.overbought) {
    enter(frame, trade, false, 0.5 * (std::min(-below / s.deviation - 1.0, 1.0) + (rsi - s.overbought) / (100.0 - s.overbought)), out);
  }
}

void VwapRsi::enter(const IndicatorFrame& frame, const Trade& trade, bool buy, double score, IntentList& out) noexcept {
  const double atr = frame.slots[trade.slots.atr];
  const double stop_distance = settings_.stop_multiplier * atr;
  Price reference{};
  std::int64_t atr_grid = 0;
  std::int64_t stop_grid = 0;
  std::int64_t target_grid = 0;
  EntryPrices prices;
  const bool priced = to_grid(frame.slots[trade.slots.close], trade.price_decimals, reference.v) &&
                      to_grid(atr, trade.price_decimals, atr_grid) && to_grid(stop_distance, trade.price_decimals, stop_grid) &&
                      to_grid(settings_.reward * stop_distance, trade.price_decimals, target_grid) && stop_grid > 0 && target_grid > 0 &&
                      plan_entry(trade.rules, buy, reference, stop_grid, target_grid, prices);
  if (!priced) {
    ++counters_.unpriceable;
    return;
  }
  OrderIntent& intent = out.add();
  intent.action = buy ? IntentAction::enter_long : IntentAction::enter_short;
  intent.reference_price = reference;
  intent.stop_price = prices.stop;
  intent.target_price = prices.target;
  intent.atr = {atr_grid};
  intent.score = std::clamp(score, 0.0, 1.0);
  intent.regime = regime_of(frame, trade.slots);
  ++(buy ? counters_.entries_long : counters_.entries_short);
}

void VwapRsi::consider_exit(const IndicatorFrame& frame, const Trade& trade, const PositionView& position, const State& state,
                            IntentList& out) noexcept {
  const double close = frame.slots[trade.slots.close];
  const double vwap = frame.slots[trade.slots.vwap];
  const bool reverted = position.qty.v > 0 ? close >= vwap : close <= vwap;
  const bool expired = settings_.max_holding_bars > 0 && state.bars_held >= settings_.max_holding_bars;
  Price reference{};
  if ((!reverted && !expired) || !to_grid(close, trade.price_decimals, reference.v)) return;
  OrderIntent& intent = out.add();
  intent.action = IntentAction::exit;
  intent.reference_price = reference;
  intent.exit_reason = reverted ? ExitReason::signal : ExitReason::time;
  intent.regime = regime_of(frame, trade.slots);
  static_cast<void>(to_grid(frame.slots[trade.slots.atr], trade.price_decimals, intent.atr.v));  // stays 0 where it does not fit
  ++counters_.exits;
}

// ADX as Wilder meant it: from 25 a trend, whose side the directional indicators tell; below 20 none; between, undecided.
MarketRegime VwapRsi::regime_of(const IndicatorFrame& frame, const Slots& slots) const noexcept {
  if (!settings_.classify) return MarketRegime::unknown;
  const double adx = frame.slots[slots.adx];
  if (adx >= settings_.trend_adx) {
    return frame.slots[slots.plus_di] >= frame.slots[slots.minus_di] ? MarketRegime::trending_up : MarketRegime::trending_down;
  }
  return adx < 0.8 * settings_.trend_adx ? MarketRegime::ranging : MarketRegime::unknown;
}

void VwapRsi::on_position(const PositionView& view) noexcept {
  State& state = states_[local(view.instrument)];
  if (owns(view) && view.qty.v != 0) {
    state.holding = 1;
  } else if (state.holding != 0 && !owns(view)) {
    state = {settings_.cooldown_bars, 0, 0};
  }
}

void VwapRsi::save(ArchiveWriter& archive) const { archive.put_span(std::span<const State>(states_)); }

Errc VwapRsi::load(ArchiveReader& archive) { return archive.get_span(std::span<State>(states_)) ? Errc::ok : Errc::checkpoint_mismatch; }

}  // namespace martinet

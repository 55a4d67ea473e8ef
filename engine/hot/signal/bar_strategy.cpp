#include "engine/hot/signal/bar_strategy.hpp"

#include <algorithm>
#include <string>

#include "engine/hot/signal/price_grid.hpp"

namespace martinet {

MarketRegime regime_of(const IndicatorFrame& frame, const BarSlots& slots, const RegimeSettings& settings) noexcept {
  for (const std::uint16_t slot : {slots.adx, slots.plus_di, slots.minus_di, slots.natr_rank}) {
    if (!frame.warm(slot)) return MarketRegime::unknown;
  }
  if (frame.slots[slots.adx] >= settings.trend_adx) {
    return frame.slots[slots.plus_di] >= frame.slots[slots.minus_di] ? MarketRegime::trending_up : MarketRegime::trending_down;
  }
  const double rank = frame.slots[slots.natr_rank];
  if (rank >= settings.high_volatility) return MarketRegime::high_volatility;
  return rank <= settings.low_volatility ? MarketRegime::low_volatility : MarketRegime::ranging;
}

BarStrategy::BarStrategy(const StrategyContext& context, const BarSettings& settings, std::vector<Trade> trades)
    : Strategy(context.id, context.name, context.instruments), settings_(settings), trades_(std::move(trades)), paces_(trades_.size()) {
  MT_ASSERT(trades_.size() == instruments().size());
  for (std::size_t i = 0; i < trades_.size(); ++i) bar_masks_[i] = trades_[i].slots.bar_mask;
}

void BarStrategy::on_frame(const IndicatorFrame& frame, const PositionView& position, IntentList& out) noexcept {
  const std::size_t index = local(frame.instrument);
  Pace& pace = paces_[index];
  ++counters_.decisions;
  // Time in a trade and time after it pass with every closed bar, warm or not.
  if (pace.holding != 0) ++pace.bars_held;
  const bool cooling = pace.holding == 0 && pace.cooldown_left > 0;
  if (cooling) --pace.cooldown_left;

  const bool open = position.exposure == Exposure::open && owns(position);
  const auto& needed = trades_[index].slots.needed;
  const bool warm = (frame.warm_mask[0] & needed[0]) == needed[0] && (frame.warm_mask[1] & needed[1]) == needed[1];
  on_bar(index, frame, warm);
  if (!warm) {
    ++counters_.not_warm;
    // The end of the holding time needs no indicator: a session's VWAP without volume must not keep it in a position.
    if (open && expired(index)) exit(index, frame, ExitReason::time, out);
    return;
  }
  if (position.exposure == Exposure::flat) {
    if (cooling) {
      ++counters_.cooling_down;
      return;
    }
    consider_entry(index, frame, out);
  } else if (open) {
    const std::uint64_t exits = counters_.exits;
    manage(index, frame, position, out);
    if (expired(index) && counters_.exits == exits) exit(index, frame, ExitReason::time, out);
  }
}

void BarStrategy::on_position(const PositionView& view) noexcept {
  const std::size_t index = local(view.instrument);
  Pace& pace = paces_[index];
  if (owns(view) && view.qty.v != 0) {
    if (std::exchange(pace.holding, 1) == 0) on_opened(index, view);
  } else if (pace.holding != 0 && !owns(view)) {
    pace = {settings_.cooldown_bars, 0, 0};
    on_closed(index);
  }
}

OrderIntent* BarStrategy::add(std::size_t index, const IndicatorFrame& frame, IntentAction action, IntentList& out) noexcept {
  const Trade& trade = trades_[index];
  Price reference = frame.last_price;
  if (!to_grid(frame.slots[trade.slots.close], trade.price_decimals, reference.v) && is_entry(action)) return nullptr;
  OrderIntent& intent = out.add();
  intent.action = action;
  intent.reference_price = reference;
  intent.regime = regime_of(frame, trade.slots, settings_.regime);
  static_cast<void>(to_grid(frame.slots[trade.slots.atr], trade.price_decimals, intent.atr.v));  // stays 0 where it does not fit
  return &intent;
}

OrderIntent* BarStrategy::enter(std::size_t index, const IndicatorFrame& frame, const EntryIdea& idea, IntentList& out) noexcept {
  const Trade& trade = trades_[index];
  Price reference{};
  std::int64_t stop = 0;
  std::int64_t target = 0;
  EntryPrices prices;
  const bool priced = to_grid(frame.slots[trade.slots.close], trade.price_decimals, reference.v) &&
                      to_grid(idea.stop_distance, trade.price_decimals, stop) &&
                      to_grid(idea.target_distance, trade.price_decimals, target) && stop > 0 && target >= 0 &&
                      (target > 0 || !(idea.target_distance > 0)) && plan_entry(trade.rules, idea.buy, reference, stop, target, prices);
  if (!priced) {
    ++counters_.unpriceable;
    return nullptr;
  }
  OrderIntent* intent = add(index, frame, idea.buy ? IntentAction::enter_long : IntentAction::enter_short, out);
  intent->stop_price = prices.stop;
  intent->target_price = prices.target;
  intent->score = idea.score > 0 ? std::min(idea.score, 1.0) : 0.0;  // written so that a NaN is no score
  ++(idea.buy ? counters_.entries_long : counters_.entries_short);
  return intent;
}

void BarStrategy::exit(std::size_t index, const IndicatorFrame& frame, ExitReason reason, IntentList& out) noexcept {
  add(index, frame, IntentAction::exit, out)->exit_reason = reason;
  ++counters_.exits;
}

void BarStrategy::save(ArchiveWriter& archive) const { archive.put_span(std::span<const Pace>(paces_)); }

Errc BarStrategy::load(ArchiveReader& archive) { return archive.get_span(std::span<Pace>(paces_)) ? Errc::ok : Errc::checkpoint_mismatch; }

Status must_hold(bool holds, std::string_view owner, std::string_view field, std::string_view what) {
  if (holds) return {};
  return Error{Errc::config_contradiction, std::string(owner) + "." + std::string(field) + " " + std::string(what)};
}

Status check_common(std::string_view owner, const ParameterReader& read) {
  return must_hold(read.number("low_volatility") < read.number("high_volatility"), owner, "low_volatility",
                   "must be below high_volatility");
}

BarSettings bar_settings_of(const ParameterReader& read) {
  BarSettings settings;
  settings.regime.trend_adx = read.number("trend_adx");
  settings.regime.high_volatility = read.number("high_volatility");
  settings.regime.low_volatility = read.number("low_volatility");
  settings.cooldown_bars = read.integer("cooldown_bars");
  settings.max_holding_bars = read.integer("max_holding_bars");
  settings.allow_long = read.choice("direction") != "short";
  settings.allow_short = read.choice("direction") != "long";
  return settings;
}

void SlotRequests::want(std::uint16_t& slot, IndicatorKind kind, const IndicatorParameters& parameters) {
  want_if_warm(slot, kind, parameters);
  if (status_) needed_[slot / 64u] |= std::uint64_t{1} << (slot % 64u);
}

void SlotRequests::want_if_warm(std::uint16_t& slot, IndicatorKind kind, const IndicatorParameters& parameters) {
  if (!status_) return;
  IndicatorRequest request;
  request.timeframe_ns = parameters.timeframe_ns != 0 ? parameters.timeframe_ns : timeframe_ns_;
  request.instrument = instrument_;
  request.other = parameters.other;
  request.kind = kind;
  request.factor = parameters.factor;
  for (std::size_t i = 0; i < request.period.size(); ++i) request.period[i] = static_cast<std::int32_t>(parameters.period[i]);
  const Result<std::uint16_t> found = context_.slot_of(request);
  if (!found) {
    status_ = found.error();
    return;
  }
  MT_ASSERT(*found < capacity::frame_slots_max);
  slot = *found;
}

Result<std::vector<BarStrategy::Trade>> bar_trades(const StrategyContext& context, const ParameterReader& read,
                                                   const std::function<void(std::size_t, SlotRequests&)>& ask_more) {
  std::vector<BarStrategy::Trade> trades;
  for (std::size_t index = 0; index < context.instruments.size(); ++index) {
    const InstrumentId id = context.instruments[index];
    const Instrument& instrument = (*context.table)[id];
    if (read.choice("direction") != "long" && instrument.kind == ContractKind::spot) {
      return Error{Errc::config_contradiction, "strategy " + context.name + ".direction = \"" + std::string(read.choice("direction")) +
                                                   "\" needs shorting, which the spot instrument " + std::string(instrument.symbol.view()) +
                                                   " does not allow; say direction = \"long\""};
    }
    const std::int64_t timeframe_ns = read.timeframe_ns("timeframe");
    SlotRequests requests(context, id, timeframe_ns);
    BarSlots slots;
    requests.want(slots.close, IndicatorKind::close);
    requests.want(slots.atr, IndicatorKind::atr, {.period = {read.integer("atr_period")}});
    requests.want(slots.adx, IndicatorKind::adx, {.period = {read.integer("regime_adx_period")}});
    requests.want(slots.plus_di, IndicatorKind::plus_di, {.period = {read.integer("regime_adx_period")}});
    requests.want(slots.minus_di, IndicatorKind::minus_di, {.period = {read.integer("regime_adx_period")}});
    requests.want(slots.natr_rank, IndicatorKind::natr_rank,
                  {.period = {read.integer("regime_natr_period"), read.integer("regime_window")}});
    ask_more(index, requests);
    if (!requests.status()) return requests.status().error();
    slots.needed = requests.needed();
    const Result<std::uint8_t> bit = context.timeframe_bit_of(id, timeframe_ns);
    if (!bit) return bit.error();
    MT_ASSERT(*bit < capacity::timeframes_max);
    slots.bar_mask = static_cast<std::uint8_t>(1u << *bit);
    trades.push_back({instrument.rules, instrument.price_decimals, slots});
  }
  return trades;
}

}  // namespace martinet

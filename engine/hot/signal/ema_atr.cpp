#include "engine/hot/signal/ema_atr.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "engine/hot/signal/price_grid.hpp"

namespace martinet {
namespace {

constexpr std::array<std::string_view, 2> kHistogramScales = {"none", "price"};
constexpr std::array<std::string_view, 2> kTrailingAtrs = {"entry", "current"};
using Type = ParameterType;
using std::string_view_literals::operator""sv;

// A trend is given its time: no holding limit, and no cooldown, for a new entry needs a new cross anyway.
constexpr auto kParameters = with_common(
    "1h", 0, 0,
    std::array{
        ParameterSpec{"ema_fast", Type::integer, "bars", std::int64_t{20}, 1, 1000, {}, "length of the fast EMA; below ema_slow"},
        ParameterSpec{"ema_slow", Type::integer, "bars", std::int64_t{50}, 2, 1000, {}, "length of the slow EMA"},
        ParameterSpec{"stop_atr", Type::number, "ATR", 3.0, 0.1, 50, {}, "distance of the stop from the close"},
        ParameterSpec{"target_atr", Type::number, "ATR", 0.0, 0, 100, {}, "distance of the target from the close; 0 = no target"},
        ParameterSpec{"reversal_bars",
                      Type::integer,
                      "bars",
                      std::int64_t{1},
                      0,
                      1000,
                      {},
                      "an opposite cross may be entered so long after; 0 = never"},
        ParameterSpec{"hv_filter", Type::boolean, "", true, 0, 0, {}, "entries need the z-score of the volatility within its interval"},
        ParameterSpec{"hv_period", Type::integer, "bars", std::int64_t{20}, 2, 1000, {}, "log returns in the historical volatility"},
        ParameterSpec{"hv_z_window", Type::integer, "bars", std::int64_t{50}, 2, 1000, {}, "volatilities its z-score is taken over"},
        ParameterSpec{"hv_z_min", Type::number, "deviations", -1.5, -10, 10, {}, "the z-score is above it; below hv_z_max"},
        ParameterSpec{"hv_z_max", Type::number, "deviations", 1.5, -10, 10, {}, "the z-score is below it"},
        ParameterSpec{"rsi_filter", Type::boolean, "", true, 0, 0, {}, "entries need the RSI within its interval"},
        ParameterSpec{"rsi_period", Type::integer, "bars", std::int64_t{14}, 2, 1000, {}, "length of the RSI"},
        ParameterSpec{"rsi_min", Type::number, "RSI points", 30.0, 0, 100, {}, "the RSI is at or above it; below rsi_max"},
        ParameterSpec{"rsi_max", Type::number, "RSI points", 70.0, 0, 100, {}, "the RSI is at or below it"},
        ParameterSpec{"macd_filter", Type::boolean, "", true, 0, 0, {}, "entries need the MACD histogram on their side of its limit"},
        ParameterSpec{"macd_fast", Type::integer, "bars", std::int64_t{12}, 1, 1000, {}, "fast length of the MACD; below macd_slow"},
        ParameterSpec{"macd_slow", Type::integer, "bars", std::int64_t{26}, 2, 1000, {}, "slow length of the MACD"},
        ParameterSpec{"macd_signal", Type::integer, "bars", std::int64_t{9}, 1, 1000, {}, "length of its signal line"},
        ParameterSpec{"macd_hist_min", Type::number, "price", -0.0005, -1e6, 1e6, {}, "longs: histogram above it; shorts: below minus it"},
        ParameterSpec{"macd_hist_scale", Type::choice, "", "none"sv, 0, 0, kHistogramScales, "price: macd_hist_min is a part of the close"},
        ParameterSpec{"stochrsi_filter", Type::boolean, "", false, 0, 0, {}, "entries need the StochRSI %K away from their extreme"},
        ParameterSpec{"stochrsi_rsi_period", Type::integer, "bars", std::int64_t{14}, 2, 1000, {}, "length of the RSI in it"},
        ParameterSpec{"stochrsi_period", Type::integer, "bars", std::int64_t{14}, 1, 1000, {}, "RSI values it is ranked among"},
        ParameterSpec{"stochrsi_buy_below", Type::number, "fraction", 0.8, 0, 1, {}, "longs: %K as 0 to 1 is below it"},
        ParameterSpec{"stochrsi_sell_above", Type::number, "fraction", 0.2, 0, 1, {}, "shorts: %K is above it"},
        ParameterSpec{"trailing", Type::boolean, "", true, 0, 0, {}, "moves the stop after the price"},
        ParameterSpec{"trailing_activation_atr", Type::number, "ATR at entry", 5.5, 0, 100, {}, "from this far past the entry price on"},
        ParameterSpec{"trailing_distance_atr", Type::number, "ATR", 5.5, 0.1, 100, {}, "distance from the extreme since the entry"},
        ParameterSpec{"trailing_atr", Type::choice, "", "entry"sv, 0, 0, kTrailingAtrs, "which ATR that distance is counted in"},
        ParameterSpec{"trailing_step", Type::number, "ATR at entry", 0.1, 0, 50, {}, "least move of the stop; always whole ticks"},
        ParameterSpec{"partial_exits", Type::boolean, "", false, 0, 0, {}, "takes profit in two parts"},
        ParameterSpec{"partial_1_profit",
                      Type::number,
                      "fraction",
                      0.02,
                      0.0001,
                      10,
                      {},
                      "the close is so far past the entry; below partial_2_profit"},
        ParameterSpec{"partial_1_part", Type::number, "fraction", 0.5, 0, 0.99, {}, "closed then, of the open quantity; 0 = no such level"},
        ParameterSpec{"partial_2_profit", Type::number, "fraction", 0.04, 0.0001, 10, {}, "the same for the second part"},
        ParameterSpec{"partial_2_part", Type::number, "fraction", 0.3, 0, 0.99, {}, "closed then, of the rest; 0 = no such level"},
    });

Status check_ema_atr(std::string_view owner, const ParameterSet& given) {
  const ParameterReader read(kParameters, given);
  Status status = check_common(owner, read);
  const auto below = [&](bool holds, std::string_view low, std::string_view high) {
    if (status) status = must_hold(holds, owner, low, "must be below " + std::string(high));
  };
  below(read.integer("ema_fast") < read.integer("ema_slow"), "ema_fast", "ema_slow");
  below(read.number("hv_z_min") < read.number("hv_z_max"), "hv_z_min", "hv_z_max");
  below(read.number("rsi_min") < read.number("rsi_max"), "rsi_min", "rsi_max");
  below(read.integer("macd_fast") < read.integer("macd_slow"), "macd_fast", "macd_slow");
  below(read.number("partial_1_profit") < read.number("partial_2_profit"), "partial_1_profit", "partial_2_profit");
  return status;
}

Rate rate_of(double fraction) {
  Rate rate;
  const bool fits = to_grid(fraction, kRateDecimals, rate.v);
  MT_ASSERT(fits);
  return rate;
}

EmaAtr::Settings settings_of(const ParameterReader& read) {
  EmaAtr::Settings settings;
  settings.stop_atr = read.number("stop_atr");
  settings.target_atr = read.number("target_atr");
  settings.reversal_bars = read.integer("reversal_bars");
  settings.hv_z_min = read.number("hv_z_min");
  settings.hv_z_max = read.number("hv_z_max");
  settings.rsi_min = read.number("rsi_min");
  settings.rsi_max = read.number("rsi_max");
  settings.macd_hist_min = read.number("macd_hist_min");
  settings.stochrsi_buy_below = read.number("stochrsi_buy_below");
  settings.stochrsi_sell_above = read.number("stochrsi_sell_above");
  settings.trailing.activation_atr = read.number("trailing_activation_atr");
  settings.trailing.distance_atr = read.number("trailing_distance_atr");
  settings.trailing.step_atr = read.number("trailing_step");
  settings.trailing.current_atr = read.choice("trailing_atr") == "current";
  settings.partials = {{{rate_of(read.number("partial_1_profit")), rate_of(read.number("partial_1_part"))},
                        {rate_of(read.number("partial_2_profit")), rate_of(read.number("partial_2_part"))}}};
  settings.filter_hv = read.boolean("hv_filter");
  settings.filter_rsi = read.boolean("rsi_filter");
  settings.filter_macd = read.boolean("macd_filter");
  settings.filter_stochrsi = read.boolean("stochrsi_filter");
  settings.macd_of_price = read.choice("macd_hist_scale") == "price";
  settings.trails = read.boolean("trailing");
  settings.takes_parts = read.boolean("partial_exits");
  return settings;
}

void ask_for_slots(const ParameterReader& read, EmaAtr::Slots& slots, SlotRequests& requests) {
  requests.want(slots.high, IndicatorKind::high);
  requests.want(slots.low, IndicatorKind::low);
  requests.want(slots.fast, IndicatorKind::ema, {.period = {read.integer("ema_fast")}});
  requests.want(slots.slow, IndicatorKind::ema, {.period = {read.integer("ema_slow")}});
  if (read.boolean("hv_filter")) {
    requests.want(slots.hv_z, IndicatorKind::historical_volatility_z, {.period = {read.integer("hv_period"), read.integer("hv_z_window")}});
  }
  if (read.boolean("rsi_filter")) requests.want(slots.rsi, IndicatorKind::rsi, {.period = {read.integer("rsi_period")}});
  if (read.boolean("macd_filter")) {
    requests.want(slots.macd_histogram, IndicatorKind::macd_histogram,
                  {.period = {read.integer("macd_fast"), read.integer("macd_slow"), read.integer("macd_signal")}});
  }
  if (read.boolean("stochrsi_filter")) {
    // %D is not used; 3 is what everybody smooths it with, so that others who do use it share the computation.
    requests.want(slots.stochrsi_k, IndicatorKind::stochrsi_k,
                  {.period = {read.integer("stochrsi_rsi_period"), read.integer("stochrsi_period"), 3}});
  }
}

Result<std::unique_ptr<Strategy>> make_ema_atr(const StrategyContext& context) {
  const ParameterReader read(kParameters, context.parameters);
  std::vector<EmaAtr::Slots> slots(context.instruments.size());
  Result<std::vector<BarStrategy::Trade>> trades =
      bar_trades(context, read, [&](std::size_t index, SlotRequests& requests) { ask_for_slots(read, slots[index], requests); });
  if (!trades) return trades.error();
  return std::unique_ptr<Strategy>(
      std::make_unique<EmaAtr>(context, bar_settings_of(read), std::move(*trades), settings_of(read), std::move(slots)));
}

}  // namespace

constinit const StrategyKind kEmaAtrKind = {"ema_atr",
                                            "enters where a fast EMA crosses a slow one, leaves at the opposite cross, trails its stop",
                                            kParameters, check_ema_atr, make_ema_atr};

EmaAtr::EmaAtr(const StrategyContext& context, const BarSettings& bar_settings, std::vector<Trade> trades, const Settings& settings,
               std::vector<Slots> slots)
    : BarStrategy(context, bar_settings, std::move(trades)), settings_(settings), slots_(std::move(slots)), states_(slots_.size()) {}

void EmaAtr::on_bar(std::size_t index, const IndicatorFrame& frame, bool warm) noexcept {
  follow_extreme(index, frame);
  if (warm) {
    follow_cross(index, frame);
    return;
  }
  State& state = states_[index];
  state.relation = kUnknown;
  state.cross = 0;
  state.turn = 0;
}

void EmaAtr::follow_extreme(std::size_t index, const IndicatorFrame& frame) noexcept {
  State& state = states_[index];
  if (state.side == 0 || std::exchange(state.first_bar_over, 1) == 0) return;
  const Slots& slots = slots_[index];
  Price high{};
  Price low{};
  if (!frame.warm(slots.high) || !frame.warm(slots.low)) return;
  if (!to_grid(frame.slots[slots.high], trade(index).price_decimals, high.v)) return;
  if (!to_grid(frame.slots[slots.low], trade(index).price_decimals, low.v)) return;
  state.trailing.follow(state.side > 0, high, low);
}

void EmaAtr::follow_cross(std::size_t index, const IndicatorFrame& frame) noexcept {
  State& state = states_[index];
  const double fast = frame.slots[slots_[index].fast];
  const double slow = frame.slots[slots_[index].slow];
  const std::int64_t before = std::exchange(state.relation, fast > slow ? 1 : fast < slow ? -1 : fast == slow ? 0 : kUnknown);
  const std::int64_t now = state.relation;
  state.cross = 0;
  if (before != kUnknown && now != kUnknown && now != 0 && now != before) state.cross = now;
  if (state.cross == 0) {
    if (state.turn != 0 && ++state.bars_since_cross > settings_.reversal_bars) state.turn = 0;
    return;
  }
  state.bars_since_cross = 0;
  state.turn = state.side == -state.cross ? state.cross : 0;
}

bool EmaAtr::passes_filters(std::size_t index, const IndicatorFrame& frame, bool buy) const noexcept {
  const Settings& s = settings_;
  const Slots& slots = slots_[index];
  if (s.filter_hv) {
    const double z = frame.slots[slots.hv_z];
    if (!(z > s.hv_z_min && z < s.hv_z_max)) return false;
  }
  if (s.filter_rsi) {
    const double rsi = frame.slots[slots.rsi];
    if (!(rsi >= s.rsi_min && rsi <= s.rsi_max)) return false;
  }
  if (s.filter_macd) {
    const double histogram = frame.slots[slots.macd_histogram];
    const double limit = macd_limit(frame.slots[trade(index).slots.close]);
    if (!(buy ? histogram > limit : histogram < -limit)) return false;
  }
  if (s.filter_stochrsi) {
    const double k = frame.slots[slots.stochrsi_k] / 100;
    if (!(buy ? k < s.stochrsi_buy_below : k > s.stochrsi_sell_above)) return false;
  }
  return true;
}

double EmaAtr::score(std::size_t index, const IndicatorFrame& frame, bool buy) const noexcept {
  const Settings& s = settings_;
  const Slots& slots = slots_[index];
  const double atr = frame.slots[trade(index).slots.atr];
  double sum = 0;
  int count = 0;
  const auto consider = [&](double share) {
    sum += std::clamp(share, 0.0, 1.0);
    ++count;
  };
  consider(std::abs(frame.slots[slots.fast] - frame.slots[slots.slow]) / atr);
  if (s.filter_hv) {
    const double half = 0.5 * (s.hv_z_max - s.hv_z_min);
    consider(1 - std::abs(frame.slots[slots.hv_z] - (s.hv_z_min + half)) / half);
  }
  if (s.filter_rsi) {
    const double rsi = frame.slots[slots.rsi];
    consider((buy ? s.rsi_max - rsi : rsi - s.rsi_min) / (s.rsi_max - s.rsi_min));
  }
  if (s.filter_macd) {
    const double histogram = frame.slots[slots.macd_histogram];
    consider(((buy ? histogram : -histogram) - macd_limit(frame.slots[trade(index).slots.close])) / atr);
  }
  if (s.filter_stochrsi) {
    const double k = frame.slots[slots.stochrsi_k] / 100;
    consider(buy ? (s.stochrsi_buy_below - k) / s.stochrsi_buy_below : (k - s.stochrsi_sell_above) / (1 - s.stochrsi_sell_above));
  }
  return sum / count;
}

void EmaAtr::consider_entry(std::size_t index, const IndicatorFrame& frame, IntentList& out) noexcept {
  State& state = states_[index];
  const bool turns = state.turn != 0 && state.relation == state.turn;
  const std::int64_t side = state.cross != 0 ? state.cross : turns ? state.turn : 0;
  if (side == 0) return;
  const bool buy = side > 0;
  if (!(buy ? settings().allow_long : settings().allow_short) || !passes_filters(index, frame, buy)) return;
  const double atr = frame.slots[trade(index).slots.atr];
  const OrderIntent* const intent =
      enter(index, frame, {buy, settings_.stop_atr * atr, settings_.target_atr * atr, score(index, frame, buy)}, out);
  if (intent == nullptr) return;
  state.turn = 0;
  state.planned[buy ? 0 : 1] = {intent->atr, intent->stop_price};
}

void EmaAtr::manage(std::size_t index, const IndicatorFrame& frame, const PositionView& position, IntentList& out) noexcept {
  const State& state = states_[index];
  if (state.relation == (position.qty.v > 0 ? -1 : 1)) {
    exit(index, frame, ExitReason::signal, out);
    return;
  }
  if (settings_.trails && trail(index, frame, position, out)) return;
  if (settings_.takes_parts) take_part(index, frame, position, out);
}

/// True if the position is to be closed because the level has been reached.
bool EmaAtr::trail(std::size_t index, const IndicatorFrame& frame, const PositionView& position, IntentList& out) noexcept {
  TrailingState& trailing = states_[index].trailing;
  const int decimals = trade(index).price_decimals;
  Price close{};
  Price atr{};
  if (!to_grid(frame.slots[trade(index).slots.close], decimals, close.v)) return false;
  if (!to_grid(frame.slots[trade(index).slots.atr], decimals, atr.v)) return false;
  if (trailing.atr.v <= 0) trailing.atr = atr;  // a position whose intent nobody remembers: its ATR is the first one seen
  switch (advise(settings_.trailing, trade(index).rules, position.qty.v > 0, position.entry_price, close, atr, trailing)) {
    case TrailingAdvice::hold:
      return false;
    case TrailingAdvice::reached:
      exit(index, frame, ExitReason::trailing, out);
      return true;
    case TrailingAdvice::move:
      break;
  }
  add(index, frame, IntentAction::move_stop, out)->stop_price = trailing.asked;
  return false;
}

void EmaAtr::take_part(std::size_t index, const IndicatorFrame& frame, const PositionView& position, IntentList& out) noexcept {
  Price close{};
  if (!to_grid(frame.slots[trade(index).slots.close], trade(index).price_decimals, close.v)) return;
  const Rate part = next_part(settings_.partials, trade(index).rules, position.qty.v > 0, position.entry_price, close, abs(position.qty),
                              states_[index].partial);
  if (part.v == 0) return;
  OrderIntent* const intent = add(index, frame, IntentAction::exit_part, out);
  intent->part = part;
  intent->exit_reason = ExitReason::partial;
}

void EmaAtr::on_opened(std::size_t index, const PositionView& view) noexcept {
  State& state = states_[index];
  const Entry& planned = state.planned[view.qty.v > 0 ? 0 : 1];
  state.side = view.qty.v > 0 ? 1 : -1;
  state.first_bar_over = 0;
  state.trailing = {planned.atr, kNoPrice, planned.stop};
  state.partial = {};
}

void EmaAtr::on_closed(std::size_t index) noexcept {
  State& state = states_[index];
  state.side = 0;
  state.planned = {};
}

void EmaAtr::save(ArchiveWriter& archive) const {
  BarStrategy::save(archive);
  archive.put_span(std::span<const State>(states_));
}

Errc EmaAtr::load(ArchiveReader& archive) {
  if (const Errc error = BarStrategy::load(archive); error != Errc::ok) return error;
  if (!archive.get_span(std::span<State>(states_))) return Errc::checkpoint_mismatch;
  const bool sound = std::ranges::all_of(states_, [](const State& state) {
    return state.partial.done >= 0 && state.side >= -1 && state.side <= 1 && state.relation >= -1 && state.relation <= kUnknown;
  });
  return sound ? Errc::ok : Errc::checkpoint_mismatch;
}

}  // namespace martinet

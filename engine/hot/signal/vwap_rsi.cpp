#include "engine/hot/signal/vwap_rsi.hpp"

#include <algorithm>
#include <memory>

namespace martinet {
namespace {

constexpr std::array<std::string_view, 2> kVwaps = {"session", "rolling"};
constexpr std::array<std::string_view, 2> kRegimes = {"any", "calm"};
using Type = ParameterType;
using std::string_view_literals::operator""sv;

constexpr auto kParameters = with_common(
    "5m", 3, 48,
    std::array{
        ParameterSpec{"vwap", Type::choice, "", "session"sv, 0, 0, kVwaps, "VWAP since 00:00 UTC, or over the last vwap_period bars"},
        ParameterSpec{"vwap_period", Type::integer, "bars", std::int64_t{20}, 2, 1000, {}, "length of the rolling VWAP"},
        ParameterSpec{
            "deviation", Type::number, "fraction", 0.002, 0.0001, 0.5, {}, "least distance of the close from VWAP, as a part of VWAP"},
        ParameterSpec{"rsi_period", Type::integer, "bars", std::int64_t{14}, 2, 1000, {}, "length of the RSI"},
        ParameterSpec{"oversold", Type::number, "RSI points", 30.0, 1, 99, {}, "long entries need an RSI at or below it; below overbought"},
        ParameterSpec{"overbought", Type::number, "RSI points", 70.0, 1, 99, {}, "short entries need an RSI at or above it"},
        ParameterSpec{"volume_factor", Type::number, "multiple", 1.0, 0, 100, {}, "the bar's volume is at least this times its average"},
        ParameterSpec{"volume_period", Type::integer, "bars", std::int64_t{20}, 1, 1000, {}, "length of the volume average"},
        ParameterSpec{"atr_stop_multiplier", Type::number, "ATR", 1.5, 0.1, 50, {}, "distance of the stop from the close"},
        ParameterSpec{"reward", Type::number, "stop distances", 2.0, 0.1, 100, {}, "distance of the target from the close"},
        ParameterSpec{"regime", Type::choice, "", "calm"sv, 0, 0, kRegimes, "calm: entries only in a range or in low volatility"},
        ParameterSpec{"trend_filter", Type::boolean, "", true, 0, 0, {}, "no entry against a trend of filter_timeframe"},
        ParameterSpec{"filter_timeframe", Type::timeframe, "", "15m"sv, 0, 0, {}, "the longer bars; a multiple of timeframe"},
        ParameterSpec{"filter_adx_period", Type::integer, "bars", std::int64_t{14}, 2, 500, {}, "length of the ADX there"},
        ParameterSpec{"filter_adx", Type::number, "ADX points", 20.0, 0, 99, {}, "an ADX above it is a trend"},
    });

Status check_vwap_rsi(std::string_view owner, const ParameterSet& given) {
  const ParameterReader read(kParameters, given);
  if (const Status common = check_common(owner, read); !common) return common;
  const Status ordered = must_hold(read.number("oversold") < read.number("overbought"), owner, "oversold", "must be below overbought");
  if (!ordered || !read.boolean("trend_filter")) return ordered;
  const std::int64_t own = read.timeframe_ns("timeframe");
  const std::int64_t filter = read.timeframe_ns("filter_timeframe");
  return must_hold(filter > own && filter % own == 0, owner, "filter_timeframe", "must be a multiple of timeframe, and longer");
}

VwapRsi::Settings settings_of(const ParameterReader& read) {
  VwapRsi::Settings settings;
  settings.deviation = read.number("deviation");
  settings.oversold = read.number("oversold");
  settings.overbought = read.number("overbought");
  settings.volume_factor = read.number("volume_factor");
  settings.stop_multiplier = read.number("atr_stop_multiplier");
  settings.reward = read.number("reward");
  settings.filter_adx = read.number("filter_adx");
  settings.filter_trend = read.boolean("trend_filter");
  settings.calm_only = read.choice("regime") == "calm";
  return settings;
}

void ask_for_slots(const ParameterReader& read, VwapRsi::Slots& slots, SlotRequests& requests) {
  requests.want(slots.volume, IndicatorKind::volume);
  if (read.choice("vwap") == "session") {
    requests.want(slots.vwap, IndicatorKind::vwap_session);
  } else {
    requests.want(slots.vwap, IndicatorKind::vwap_rolling, {.period = {read.integer("vwap_period")}});
  }
  requests.want(slots.rsi, IndicatorKind::rsi, {.period = {read.integer("rsi_period")}});
  requests.want(slots.volume_average, IndicatorKind::volume_sma, {.period = {read.integer("volume_period")}});
  if (!read.boolean("trend_filter")) return;
  const IndicatorParameters filter{.period = {read.integer("filter_adx_period")}, .timeframe_ns = read.timeframe_ns("filter_timeframe")};
  requests.want(slots.filter_adx, IndicatorKind::adx, filter);
  requests.want(slots.filter_plus_di, IndicatorKind::plus_di, filter);
  requests.want(slots.filter_minus_di, IndicatorKind::minus_di, filter);
}

Result<std::unique_ptr<Strategy>> make_vwap_rsi(const StrategyContext& context) {
  const ParameterReader read(kParameters, context.parameters);
  std::vector<VwapRsi::Slots> slots(context.instruments.size());
  Result<std::vector<BarStrategy::Trade>> trades =
      bar_trades(context, read, [&](std::size_t index, SlotRequests& requests) { ask_for_slots(read, slots[index], requests); });
  if (!trades) return trades.error();
  return std::unique_ptr<Strategy>(
      std::make_unique<VwapRsi>(context, bar_settings_of(read), std::move(*trades), settings_of(read), std::move(slots)));
}

}  // namespace

constinit const StrategyKind kVwapRsiKind = {"vwap_rsi", "buys oversold dips below VWAP on volume, sells the return to it", kParameters,
                                             check_vwap_rsi, make_vwap_rsi};

VwapRsi::VwapRsi(const StrategyContext& context, const BarSettings& bar_settings, std::vector<Trade> trades, const Settings& settings,
                 std::vector<Slots> slots)
    : BarStrategy(context, bar_settings, std::move(trades)), settings_(settings), slots_(std::move(slots)) {}

bool VwapRsi::against_filter(const IndicatorFrame& frame, const Slots& slots, bool buy) const noexcept {
  if (!settings_.filter_trend || !(frame.slots[slots.filter_adx] > settings_.filter_adx)) return false;
  const double up = frame.slots[slots.filter_plus_di];
  const double down = frame.slots[slots.filter_minus_di];
  return buy ? down > up : up > down;
}

void VwapRsi::consider_entry(std::size_t index, const IndicatorFrame& frame, IntentList& out) noexcept {
  const Settings& s = settings_;
  const Slots& slots = slots_[index];
  const double close = frame.slots[trade(index).slots.close];
  const double vwap = frame.slots[slots.vwap];
  const double rsi = frame.slots[slots.rsi];
  if (!(vwap > 0) || !(frame.slots[slots.volume] >= s.volume_factor * frame.slots[slots.volume_average])) return;
  const double below = (vwap - close) / vwap;
  const bool buy = settings().allow_long && below >= s.deviation && rsi <= s.oversold;
  const bool sell = settings().allow_short && -below >= s.deviation && rsi >= s.overbought;
  if ((!buy && !sell) || against_filter(frame, slots, buy)) return;
  const MarketRegime regime = regime_of(frame, trade(index).slots, settings().regime);
  if (s.calm_only && regime != MarketRegime::ranging && regime != MarketRegime::low_volatility) return;

  const double past_rsi = buy ? (s.oversold - rsi) / s.oversold : (rsi - s.overbought) / (100.0 - s.overbought);
  const double past_deviation = std::min((buy ? below : -below) / s.deviation - 1.0, 1.0);
  const double stop_distance = s.stop_multiplier * frame.slots[trade(index).slots.atr];
  enter(index, frame, {buy, stop_distance, s.reward * stop_distance, 0.5 * (past_deviation + past_rsi)}, out);
}

void VwapRsi::manage(std::size_t index, const IndicatorFrame& frame, const PositionView& position, IntentList& out) noexcept {
  const double close = frame.slots[trade(index).slots.close];
  const double vwap = frame.slots[slots_[index].vwap];
  if (position.qty.v > 0 ? close >= vwap : close <= vwap) exit(index, frame, ExitReason::signal, out);
}

}  // namespace martinet

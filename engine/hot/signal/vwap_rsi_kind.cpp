// vwap_rsi as the registry knows it: its parameters, what contradicts, and how one is made.
#include <array>
#include <string>

#include "engine/hot/signal/vwap_rsi.hpp"

namespace martinet {
namespace {

constexpr std::array<std::string_view, 3> kDirections = {"long", "short", "both"};
constexpr std::array<std::string_view, 2> kVwaps = {"session", "rolling"};
constexpr std::array<std::string_view, 2> kRegimes = {"none", "adx"};
using Type = ParameterType;
using std::string_view_literals::operator""sv;

constexpr std::array kParameters = {
    ParameterSpec{"timeframe", Type::timeframe, "", "1m"sv, 0, 0, {}, "the bars it decides on"},
    ParameterSpec{"direction", Type::choice, "", "long"sv, 0, 0, kDirections, "which entries it makes; spot instruments allow long only"},
    ParameterSpec{"vwap", Type::choice, "", "session"sv, 0, 0, kVwaps, "VWAP since 00:00 UTC, or over the last vwap_period bars"},
    ParameterSpec{"vwap_period", Type::integer, "bars", std::int64_t{20}, 2, 1000, {}, "length of the rolling VWAP"},
    ParameterSpec{
        "deviation", Type::number, "fraction", 0.002, 0.0001, 0.5, {}, "least distance of the close from VWAP, as a part of VWAP"},
    ParameterSpec{"rsi_period", Type::integer, "bars", std::int64_t{14}, 2, 1000, {}, "length of the RSI"},
    ParameterSpec{"oversold", Type::number, "RSI points", 30.0, 1, 99, {}, "long entries need an RSI at or below it; below overbought"},
    ParameterSpec{"overbought", Type::number, "RSI points", 70.0, 1, 99, {}, "short entries need an RSI at or above it"},
    ParameterSpec{"volume_factor", Type::number, "multiple", 1.0, 0, 100, {}, "the bar's volume is at least this times its average"},
    ParameterSpec{"volume_period", Type::integer, "bars", std::int64_t{20}, 1, 1000, {}, "length of the volume average"},
    ParameterSpec{"atr_period", Type::integer, "bars", std::int64_t{14}, 1, 1000, {}, "length of the ATR"},
    ParameterSpec{"atr_stop_multiplier", Type::number, "ATR", 1.5, 0.1, 50, {}, "distance of the stop from the close"},
    ParameterSpec{"reward", Type::number, "stop distances", 2.0, 0.1, 100, {}, "distance of the target from the close"},
    ParameterSpec{"max_holding_bars", Type::integer, "bars", std::int64_t{240}, 0, 1'000'000, {}, "out after so many bars; 0 = no limit"},
    ParameterSpec{"cooldown_bars", Type::integer, "bars", std::int64_t{3}, 0, 1'000'000, {}, "no entry so long after a position; 0 = off"},
    ParameterSpec{"regime", Type::choice, "", "none"sv, 0, 0, kRegimes, "how intents name the market regime"},
    ParameterSpec{"regime_period", Type::integer, "bars", std::int64_t{14}, 2, 500, {}, "length of the ADX that names the regime"},
    ParameterSpec{"trend_adx", Type::number, "ADX points", 25.0, 1, 99, {}, "an ADX from here on is a trend, below 0.8 of it a range"},
};

Status check_vwap_rsi(std::string_view owner, const ParameterSet& given) {
  const ParameterReader read(kParameters, given);
  if (read.number("oversold") < read.number("overbought")) return {};
  return Error{Errc::config_contradiction, std::string(owner) + ": oversold must be below overbought"};
}

VwapRsi::Settings settings_of(const ParameterReader& read) {
  VwapRsi::Settings settings;
  settings.deviation = read.number("deviation");
  settings.oversold = read.number("oversold");
  settings.overbought = read.number("overbought");
  settings.volume_factor = read.number("volume_factor");
  settings.stop_multiplier = read.number("atr_stop_multiplier");
  settings.reward = read.number("reward");
  settings.trend_adx = read.number("trend_adx");
  settings.cooldown_bars = read.integer("cooldown_bars");
  settings.max_holding_bars = read.integer("max_holding_bars");
  settings.allow_long = read.choice("direction") != "short";
  settings.allow_short = read.choice("direction") != "long";
  settings.classify = read.choice("regime") == "adx";
  return settings;
}

// Asks for the slots of one instrument, keeping the first failure.
class SlotBuilder {
 public:
  SlotBuilder(const StrategyContext& context, InstrumentId instrument, std::int64_t timeframe_ns)
      : context_(context), instrument_(instrument), timeframe_ns_(timeframe_ns) {}

  void want(std::uint16_t& slot, IndicatorKind kind, std::int64_t period = 0) {
    if (!status_) return;
    IndicatorRequest request;
    request.timeframe_ns = timeframe_ns_;
    request.instrument = instrument_;
    request.kind = kind;
    request.period[0] = static_cast<std::int32_t>(period);
    const Result<std::uint16_t> found = context_.slot_of(request);
    if (!found) {
      status_ = found.error();
      return;
    }
    MT_ASSERT(*found < capacity::frame_slots_max);
    slot = *found;
    needed_[slot / 64u] |= std::uint64_t{1} << (slot % 64u);
  }
  [[nodiscard]] const Status& status() const { return status_; }
  [[nodiscard]] const std::array<std::uint64_t, 2>& needed() const { return needed_; }

 private:
  const StrategyContext& context_;
  InstrumentId instrument_;
  std::int64_t timeframe_ns_;
  std::array<std::uint64_t, 2> needed_{};
  Status status_;
};

Result<VwapRsi::Slots> slots_of(const StrategyContext& context, InstrumentId instrument, const ParameterReader& read) {
  SlotBuilder builder(context, instrument, read.timeframe_ns("timeframe"));
  VwapRsi::Slots slots;
  builder.want(slots.close, IndicatorKind::close);
  builder.want(slots.volume, IndicatorKind::volume);
  if (read.choice("vwap") == "session") {
    builder.want(slots.vwap, IndicatorKind::vwap_session);
  } else {
    builder.want(slots.vwap, IndicatorKind::vwap_rolling, read.integer("vwap_period"));
  }
  builder.want(slots.rsi, IndicatorKind::rsi, read.integer("rsi_period"));
  builder.want(slots.volume_average, IndicatorKind::volume_sma, read.integer("volume_period"));
  builder.want(slots.atr, IndicatorKind::atr, read.integer("atr_period"));
  if (read.choice("regime") == "adx") {
    builder.want(slots.adx, IndicatorKind::adx, read.integer("regime_period"));
    builder.want(slots.plus_di, IndicatorKind::plus_di, read.integer("regime_period"));
    builder.want(slots.minus_di, IndicatorKind::minus_di, read.integer("regime_period"));
  }
  if (!builder.status()) return builder.status().error();
  slots.needed = builder.needed();
  return slots;
}

Result<std::unique_ptr<Strategy>> make_vwap_rsi(const StrategyContext& context) {
  const ParameterReader read(kParameters, context.parameters);
  const VwapRsi::Settings settings = settings_of(read);
  std::vector<VwapRsi::Trade> trades;
  for (const InstrumentId id : context.instruments) {
    const Instrument& instrument = (*context.table)[id];
    if (settings.allow_short && instrument.kind == ContractKind::spot) {
      return Error{Errc::config_contradiction, "strategy " + context.name + ": direction = \"" + std::string(read.choice("direction")) +
                                                   "\" needs shorting, which the spot instrument " + std::string(instrument.symbol.view()) +
                                                   " does not allow; say direction = \"long\""};
    }
    Result<VwapRsi::Slots> slots = slots_of(context, id, read);
    if (!slots) return slots.error();
    const Result<std::uint8_t> bit = context.timeframe_bit_of(id, read.timeframe_ns("timeframe"));
    if (!bit) return bit.error();
    MT_ASSERT(*bit < capacity::timeframes_max);
    trades.push_back({instrument.rules, instrument.price_decimals, static_cast<std::uint8_t>(1u << *bit), *slots});
  }
  return std::unique_ptr<Strategy>(std::make_unique<VwapRsi>(context, settings, std::move(trades)));
}

}  // namespace

constinit const StrategyKind kVwapRsiKind = {"vwap_rsi", "buys oversold dips below VWAP on volume, sells the return to it", kParameters,
                                             check_vwap_rsi, make_vwap_rsi};

}  // namespace martinet

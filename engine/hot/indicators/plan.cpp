#include "engine/hot/indicators/plan.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "engine/base/time.hpp"

namespace martinet {
namespace {

using Family = IndicatorFamily;

/// One row per kind: what computes it, which output it is, and which parameters it takes.
struct KindRow {
  IndicatorKind kind;
  std::string_view name;
  Family family;
  std::uint8_t output;
  std::uint8_t period_count;
  std::int32_t period_min;
};

using K = IndicatorKind;
// period_min: a deviation, a range or a directional average of one bar says nothing (TA-Lib begins at 2 there as well).
constexpr std::array<KindRow, static_cast<std::size_t>(K::count_)> kKinds = {{
    {K::open, "open", Family::last_bar, 0, 0, 0},
    {K::high, "high", Family::last_bar, 1, 0, 0},
    {K::low, "low", Family::last_bar, 2, 0, 0},
    {K::close, "close", Family::last_bar, 3, 0, 0},
    {K::volume, "volume", Family::last_bar, 4, 0, 0},
    {K::sma, "sma", Family::sma, 0, 1, 1},
    {K::ema, "ema", Family::ema, 0, 1, 1},
    {K::rsi, "rsi", Family::rsi, 0, 1, 2},
    {K::atr, "atr", Family::atr, 0, 1, 1},
    {K::natr, "natr", Family::atr, 1, 1, 1},
    {K::stddev, "stddev", Family::stddev, 0, 1, 2},
    {K::adx, "adx", Family::adx, 0, 1, 2},
    {K::plus_di, "plus_di", Family::adx, 1, 1, 2},
    {K::minus_di, "minus_di", Family::adx, 2, 1, 2},
    {K::macd, "macd", Family::macd, 0, 3, 1},
    {K::macd_signal, "macd_signal", Family::macd, 1, 3, 1},
    {K::macd_histogram, "macd_histogram", Family::macd, 2, 3, 1},
    {K::bb_upper, "bb_upper", Family::bollinger, 0, 1, 2},
    {K::bb_middle, "bb_middle", Family::bollinger, 1, 1, 2},
    {K::bb_lower, "bb_lower", Family::bollinger, 2, 1, 2},
    {K::bb_percent_b, "bb_percent_b", Family::bollinger, 3, 1, 2},
    {K::bb_bandwidth, "bb_bandwidth", Family::bollinger, 4, 1, 2},
    {K::vwap_session, "vwap_session", Family::vwap_session, 0, 0, 0},
    {K::vwap_rolling, "vwap_rolling", Family::vwap_rolling, 0, 1, 1},
    {K::volume_sma, "volume_sma", Family::volume_sma, 0, 1, 1},
    {K::stochrsi_k, "stochrsi_k", Family::stoch_rsi, 0, 3, 1},
    {K::stochrsi_d, "stochrsi_d", Family::stoch_rsi, 1, 3, 1},
    {K::obv, "obv", Family::obv, 0, 0, 0},
    {K::mfi, "mfi", Family::mfi, 0, 1, 2},
    {K::cci, "cci", Family::cci, 0, 1, 2},
    {K::williams_r, "williams_r", Family::williams_r, 0, 1, 2},
    {K::roc, "roc", Family::roc, 0, 1, 1},
    {K::historical_volatility, "historical_volatility", Family::historical_volatility, 0, 1, 2},
    {K::historical_volatility_z, "historical_volatility_z", Family::historical_volatility, 1, 2, 2},
    {K::return_simple, "return_simple", Family::returns, 0, 0, 0},
    {K::return_log, "return_log", Family::returns, 1, 0, 0},
    {K::volume_price_ratio, "volume_price_ratio", Family::volume_price_ratio, 0, 0, 0},
    {K::volume_z, "volume_z", Family::volume_z, 0, 1, 2},
    {K::correlation, "correlation", Family::correlation, 0, 1, 2},
    {K::natr_rank, "natr_rank", Family::natr_rank, 0, 2, 1},
}};

constexpr bool rows_in_order() {
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    if (static_cast<std::size_t>(kKinds[i].kind) != i) return false;
  }
  return true;
}
static_assert(rows_in_order(), "the table is indexed by kind");

const KindRow& row_of(IndicatorKind kind) noexcept { return kKinds[static_cast<std::size_t>(kind)]; }

/// Parameters that the kind does not use are zeroed, so that equal values are one request.
IndicatorRequest normalised(IndicatorRequest request) noexcept {
  const KindRow& row = row_of(request.kind);
  for (std::size_t i = row.period_count; i < request.period.size(); ++i) request.period[i] = 0;
  if (row.family != Family::bollinger) request.factor = 0;
  if (row.family != Family::correlation) request.other = kNoInstrument;
  return request;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

Error out_of_bounds(const IndicatorRequest& request, const std::string& why) {
  return {Errc::config_out_of_bounds, "indicator " + describe(request) + ": " + why};
}

std::int32_t period_min_of(const KindRow& row, std::size_t i) noexcept {
  return row.family == Family::stoch_rsi && i == 0 ? 2 : row.period_min;  // the RSI inside has the RSI's bound
}

bool same_object(const IndicatorNodePlan& node, Family family, const IndicatorRequest& request) noexcept {
  return node.family == family && node.request.timeframe_ns == request.timeframe_ns && node.request.period == request.period &&
         node.request.factor == request.factor && node.request.other == request.other;
}

}  // namespace

std::string_view indicator_name(IndicatorKind kind) noexcept {
  return kind < IndicatorKind::count_ ? row_of(kind).name : std::string_view("unknown");
}

IndicatorInputs inputs_of(IndicatorKind kind) noexcept {
  if (kind >= IndicatorKind::count_) return {};
  const KindRow& row = row_of(kind);
  return {row.period_count, row.family == Family::bollinger, row.family == Family::correlation};
}

std::string timeframe_name(std::int64_t timeframe_ns) {
  struct Unit {
    std::int64_t ns;
    const char* letter;
  };
  for (const Unit unit : {Unit{kNanosPerDay, "d"}, Unit{kNanosPerHour, "h"}, Unit{kNanosPerMinute, "m"}, Unit{kNanosPerSecond, "s"}}) {
    if (timeframe_ns != 0 && timeframe_ns % unit.ns == 0) return std::to_string(timeframe_ns / unit.ns) + unit.letter;
  }
  return std::to_string(timeframe_ns) + "ns";
}

std::string describe(const IndicatorRequest& request) {
  std::string text(indicator_name(request.kind));
  if (request.kind >= IndicatorKind::count_) return text;
  const KindRow& row = row_of(request.kind);
  std::string list;
  for (std::size_t i = 0; i < row.period_count; ++i) list += (list.empty() ? "" : ", ") + std::to_string(request.period[i]);
  if (row.family == Family::bollinger) list += ", " + number(request.factor);
  if (!list.empty()) text += "(" + list + ")";
  text += " on " + timeframe_name(request.timeframe_ns) + " of instrument " + std::to_string(request.instrument);
  if (row.family == Family::correlation) text += " with " + std::to_string(request.other);
  return text;
}

Status IndicatorPlan::check(const IndicatorRequest& request, std::size_t instrument_count) {
  if (request.kind >= IndicatorKind::count_) return Error{Errc::config_out_of_bounds, "an indicator request names no known indicator"};
  const KindRow& row = row_of(request.kind);
  if (request.instrument >= instrument_count) return out_of_bounds(request, "no instrument has this number");
  if (request.timeframe_ns < kTimeframeMin_ns || request.timeframe_ns > kTimeframeMax_ns || request.timeframe_ns % kTimeframeMin_ns != 0) {
    return out_of_bounds(request, "the timeframe must be a whole number of seconds, at least 1 and at most 366 days");
  }
  for (std::size_t i = 0; i < row.period_count; ++i) {
    const std::int32_t low = period_min_of(row, i);
    if (request.period[i] < low || request.period[i] > kPeriodMax) {
      return out_of_bounds(request, "period " + std::to_string(i + 1) + " is " + std::to_string(request.period[i]) + ", allowed are " +
                                        std::to_string(low) + " to " + std::to_string(kPeriodMax));
    }
  }
  if (row.family == Family::bollinger && !(request.factor > 0 && request.factor <= 100)) {
    return out_of_bounds(request, "the factor must be above 0 and at most 100");
  }
  if (row.family == Family::correlation && (request.other >= instrument_count || request.other == request.instrument)) {
    return out_of_bounds(request, "a correlation needs a second, different instrument");
  }
  if (row.family == Family::macd && request.period[0] >= request.period[1]) {
    return Error{Errc::config_contradiction, "indicator " + describe(request) + ": the fast period must be below the slow one"};
  }
  return {};
}

Status IndicatorPlan::add_timeframe(InstrumentId instrument, const IndicatorRequest& request) {
  if (timeframe_bit(instrument, request.timeframe_ns) != kNoTimeframe) return {};
  auto& timeframes = instruments_[instrument].timeframes;
  if (timeframes.size() == capacity::timeframes_max) {
    return Error{Errc::no_capacity, "indicator " + describe(request) + ": instrument " + std::to_string(instrument) + " already has " +
                                        std::to_string(timeframes.size()) + " timeframes, the most there can be"};
  }
  timeframes.push_back(request.timeframe_ns);
  return {};
}

Result<std::uint16_t> IndicatorPlan::slot(const IndicatorRequest& asked) {
  if (const Status checked = check(asked, instruments_.size()); !checked) return checked.error();
  const IndicatorRequest request = normalised(asked);
  InstrumentPlan& plan = instruments_[request.instrument];
  const auto found = std::find(plan.slots.begin(), plan.slots.end(), request);
  if (found != plan.slots.end()) return static_cast<std::uint16_t>(found - plan.slots.begin());
  if (plan.slots.size() == capacity::frame_slots_max) {
    return Error{Errc::no_capacity, "indicator " + describe(request) + ": the instrument already has " + std::to_string(plan.slots.size()) +
                                        " values, the most a frame holds"};
  }
  if (const Status added = add_timeframe(request.instrument, request); !added) return added.error();
  const KindRow& row = row_of(request.kind);
  if (row.family == Family::correlation) {
    if (const Status added = add_timeframe(request.other, request); !added) return added.error();
  }
  auto node = std::find_if(plan.nodes.begin(), plan.nodes.end(), [&](const auto& n) { return same_object(n, row.family, request); });
  if (node == plan.nodes.end()) {
    IndicatorNodePlan fresh{request, row.family, {}};
    fresh.slot.fill(kNoSlot);
    node = plan.nodes.insert(plan.nodes.end(), fresh);
  }
  const auto index = static_cast<std::uint16_t>(plan.slots.size());
  node->slot[row.output] = index;
  plan.slots.push_back(request);
  return index;
}

Status IndicatorPlan::want_ticks(InstrumentId instrument) {
  if (instrument >= instruments_.size()) {
    return Error{Errc::config_out_of_bounds, "no instrument has the number " + std::to_string(instrument)};
  }
  instruments_[instrument].want_ticks = true;
  return {};
}

std::uint8_t IndicatorPlan::timeframe_bit(InstrumentId instrument, std::int64_t timeframe_ns) const noexcept {
  if (instrument >= instruments_.size()) return kNoTimeframe;
  const auto& timeframes = instruments_[instrument].timeframes;
  const auto found = std::find(timeframes.begin(), timeframes.end(), timeframe_ns);
  return found == timeframes.end() ? kNoTimeframe : static_cast<std::uint8_t>(found - timeframes.begin());
}

int IndicatorPlan::warmup_bars(const IndicatorRequest& request) noexcept {
  if (request.kind >= IndicatorKind::count_) return 0;
  const auto& p = request.period;
  switch (row_of(request.kind).family) {
    case Family::last_bar:
    case Family::vwap_session:
    case Family::obv:
    case Family::volume_price_ratio:
      return 1;
    case Family::returns:
      return 2;
    case Family::sma:
    case Family::ema:
    case Family::stddev:
    case Family::bollinger:
    case Family::vwap_rolling:
    case Family::volume_sma:
    case Family::volume_z:
    case Family::cci:
    case Family::williams_r:
      return p[0];
    case Family::rsi:
    case Family::atr:
    case Family::mfi:
    case Family::roc:
    case Family::correlation:
      return p[0] + 1;
    case Family::natr_rank:
      return p[0] + 1 + p[1];
    case Family::adx:
      return request.kind == IndicatorKind::adx ? 2 * p[0] : p[0] + 1;
    case Family::macd:
      return p[1] + p[2] - 1;
    case Family::stoch_rsi:
      return p[0] + p[1] + p[2] - 1;
    case Family::historical_volatility:
      return p[0] + 1 + (request.kind == IndicatorKind::historical_volatility_z ? p[1] - 1 : 0);
  }
  return 0;
}

int IndicatorPlan::warmup_bars(InstrumentId instrument, std::int64_t timeframe_ns) const noexcept {
  int longest = 0;
  if (instrument >= instruments_.size()) return longest;
  for (const IndicatorRequest& request : instruments_[instrument].slots) {
    if (request.timeframe_ns == timeframe_ns) longest = std::max(longest, warmup_bars(request));
  }
  return longest;
}

}  // namespace martinet

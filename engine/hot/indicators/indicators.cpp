// Making the stage, its checkpoint and its counters. The bar closing is in bars.cpp.
#include "engine/hot/indicators/indicators.hpp"

#include <algorithm>

#include "engine/base/assert.hpp"
#include "engine/base/crc.hpp"
#include "engine/base/decimal.hpp"

namespace martinet {
namespace {

constexpr std::uint64_t kTag = 0x31'30'73'64'6e'69'74'6d;  // "mtinds01"

using Family = IndicatorFamily;

}  // namespace

AnyIndicator make_indicator(IndicatorFamily family, const IndicatorRequest& request) {
  const auto& p = request.period;
  switch (family) {
    case Family::last_bar:
      return LastBar{};
    case Family::sma:
      return Sma(p[0]);
    case Family::ema:
      return Ema(p[0]);
    case Family::rsi:
      return Rsi(p[0]);
    case Family::atr:
      return Atr(p[0]);
    case Family::stddev:
      return StdDev(p[0]);
    case Family::adx:
      return Adx(p[0]);
    case Family::macd:
      return Macd(p[0], p[1], p[2]);
    case Family::bollinger:
      return Bollinger(p[0], request.factor);
    case Family::vwap_session:
      return VwapSession{};
    case Family::vwap_rolling:
      return VwapRolling(p[0]);
    case Family::volume_sma:
      return VolumeSma(p[0]);
    case Family::stoch_rsi:
      return StochRsi(p[0], p[1], p[2]);
    case Family::obv:
      return Obv{};
    case Family::mfi:
      return Mfi(p[0]);
    case Family::cci:
      return Cci(p[0]);
    case Family::williams_r:
      return WilliamsR(p[0]);
    case Family::roc:
      return Roc(p[0]);
    case Family::historical_volatility:
      return HistoricalVolatility(p[0], p[1], request.timeframe_ns);
    case Family::returns:
      return Returns{};
    case Family::volume_price_ratio:
      return VolumePriceRatio{};
    case Family::volume_z:
      return VolumeZ(p[0]);
    case Family::natr_rank:
      return NatrRank(p[0], p[1]);
    case Family::correlation:
      break;
  }
  MT_ASSERT(family != Family::correlation);
  return LastBar{};
}

Indicators::Indicators(const InstrumentTable& instruments, const IndicatorPlan& plan, const BarConfig& config)
    : grace_ns_(config.grace_ns) {
  MT_ASSERT(config.grace_ns >= 0);
  MT_ASSERT(plan.instrument_count() == instruments.size());
  hot_.reserve(instruments.size());
  cold_.reserve(instruments.size());
  for (const Instrument& instrument : instruments) {
    make_instrument(instrument, plan.of(instrument.id), config.source_of(instrument.id));
  }
  make_correlations(plan);
  plan_hash_ = fingerprint(plan);
}

void Indicators::make_instrument(const Instrument& instrument, const InstrumentPlan& plan, BarConfig::Source source) {
  Hot& hot = hot_.emplace_back();
  Cold& cold = cold_.emplace_back();
  hot.id = instrument.id;
  hot.source_kind = source == BarConfig::Source::trades ? TickKind::trade : source == BarConfig::Source::quotes ? TickKind::quote : kNoKind;
  hot.want_ticks = plan.want_ticks ? 1 : 0;
  cold.frame.instrument = instrument.id;
  cold.frame.slot_count = static_cast<std::uint16_t>(plan.slots.size());
  cold.price_unit = static_cast<double>(pow10_i64(instrument.price_decimals));
  cold.qty_unit = hot.source_kind == TickKind::quote ? 1.0 : static_cast<double>(pow10_i64(instrument.qty_decimals));

  std::vector<std::int64_t> sorted = plan.timeframes;
  std::sort(sorted.begin(), sorted.end());
  cold.series.resize(sorted.size());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    Series& series = cold.series[i];
    series.timeframe_ns = sorted[i];
    series.last_bar.ts_open_ns = kNever;
    series.bit = static_cast<std::uint8_t>(std::find(plan.timeframes.begin(), plan.timeframes.end(), sorted[i]) - plan.timeframes.begin());
    for (std::size_t finer = i; finer-- > 0 && series.parent == kNoParent;) {
      if (sorted[i] % sorted[finer] == 0) series.parent = static_cast<std::uint8_t>(finer);
    }
    if (i != 0 && series.parent == kNoParent) ++hot.direct_count;
    for (const IndicatorNodePlan& node : plan.nodes) {
      if (node.request.timeframe_ns != sorted[i] || node.family == Family::correlation) continue;
      series.nodes.push_back({make_indicator(node.family, node.request), node.slot});
    }
  }
  if (!sorted.empty()) hot.timeframe_ns = sorted[0];
}

void Indicators::make_correlations(const IndicatorPlan& plan) {
  for (std::size_t i = 0; i < cold_.size(); ++i) {
    for (const IndicatorNodePlan& node : plan.of(static_cast<InstrumentId>(i)).nodes) {
      if (node.family != Family::correlation) continue;
      const auto index = static_cast<std::uint32_t>(correlations_.size());
      correlations_.push_back({Correlation(node.request.period[0]), node.request.instrument, node.slot[0]});
      series_of(node.request.instrument, node.request.timeframe_ns)->correlations.emplace_back(index, 0);
      series_of(node.request.other, node.request.timeframe_ns)->correlations.emplace_back(index, 1);
    }
  }
}

Indicators::Series* Indicators::series_of(InstrumentId instrument, std::int64_t timeframe_ns) noexcept {
  for (Series& series : cold_[instrument].series) {
    if (series.timeframe_ns == timeframe_ns) return &series;
  }
  return nullptr;
}

BarCounters Indicators::bars(InstrumentId instrument, std::int64_t timeframe_ns) const noexcept {
  for (const Series& series : cold_[instrument].series) {
    if (series.timeframe_ns == timeframe_ns) return series.counters;
  }
  return {};
}

BarCounters Indicators::bars() const noexcept {
  BarCounters all;
  for (const Cold& cold : cold_) {
    for (const Series& series : cold.series) {
      all.closed += series.counters.closed;
      all.gaps += series.counters.gaps;
    }
  }
  return all;
}

RefusedCounters Indicators::refused() const noexcept {
  RefusedCounters all;
  for (const Cold& cold : cold_) {
    all.late += cold.refused.late;
    all.unusable += cold.refused.unusable;
    all.stale_rows += cold.refused.stale_rows;
    all.other_rows += cold.refused.other_rows;
    all.non_finite += cold.refused.non_finite;
  }
  return all;
}

Bar Indicators::last_bar(InstrumentId instrument, std::int64_t timeframe_ns) const noexcept {
  for (const Series& series : cold_[instrument].series) {
    if (series.timeframe_ns == timeframe_ns) return series.last_bar;
  }
  Bar none;
  none.ts_open_ns = kNever;
  return none;
}

// What a checkpoint must agree on: the grids, the sources, and every request in its slot.
std::uint64_t Indicators::fingerprint(const IndicatorPlan& plan) const noexcept {
  std::uint32_t crc = 0;
  const auto add = [&crc](const auto& value) { crc = crc32c(std::as_bytes(std::span(&value, 1)), crc); };
  add(grace_ns_);
  for (std::size_t i = 0; i < cold_.size(); ++i) {
    const InstrumentPlan& of = plan.of(static_cast<InstrumentId>(i));
    add(hot_[i].source_kind);
    add(hot_[i].want_ticks);
    add(cold_[i].price_unit);
    add(cold_[i].qty_unit);
    add(of.slots.size());
    for (const std::int64_t timeframe_ns : of.timeframes) add(timeframe_ns);
    for (const IndicatorRequest& request : of.slots) {
      add(request.timeframe_ns);
      add(request.factor);
      add(request.period);
      add(request.other);
      add(request.kind);
    }
  }
  return crc;
}

void Indicators::save(ArchiveWriter& archive) const {
  archive.put(kTag);
  archive.put(plan_hash_);
  StateWriter write(archive);
  write(delay_min_ns_, next_end_min_ns_, sequence_);
  for (std::size_t i = 0; i < hot_.size(); ++i) {
    const Hot& hot = hot_[i];
    const Cold& cold = cold_[i];
    write(hot.bar, hot.next_end_ns, hot.late_before_ns, hot.last_price);
    write(cold.frame, cold.row, cold.has_row, cold.row_interval_ns, cold.refused);
    for (const Series& series : cold.series) {
      write(series.bar, series.last_open_ns, series.last_bar, series.counters);
      for (const IndicatorNode& node : series.nodes) std::visit([&](const auto& one) { write(one); }, node.indicator);
    }
  }
  for (const CorrelationNode& node : correlations_) write(node.correlation);
}

Errc Indicators::load(ArchiveReader& archive) {
  if (!archive.expect(kTag) || !archive.expect(plan_hash_)) return Errc::checkpoint_mismatch;
  StateReader read(archive);
  read(delay_min_ns_, next_end_min_ns_, sequence_);
  for (std::size_t i = 0; i < hot_.size(); ++i) {
    Hot& hot = hot_[i];
    Cold& cold = cold_[i];
    read(hot.bar, hot.next_end_ns, hot.late_before_ns, hot.last_price);
    read(cold.frame, cold.row, cold.has_row, cold.row_interval_ns, cold.refused);
    for (Series& series : cold.series) {
      read(series.bar, series.last_open_ns, series.last_bar, series.counters);
      for (IndicatorNode& node : series.nodes) std::visit([&](auto& one) { read(one); }, node.indicator);
    }
  }
  for (CorrelationNode& node : correlations_) read(node.correlation);
  return read.ok() ? Errc::ok : Errc::checkpoint_mismatch;
}

}  // namespace martinet

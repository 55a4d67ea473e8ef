// Opening, closing and aggregating bars: the part of the stage that runs when a bar changes, not on every tick.
#include "engine/hot/indicators/bars.hpp"

#include "engine/hot/indicators/indicators.hpp"

namespace martinet {
namespace {

/// low <= open, close <= high, all positive, volume not negative, a whole interval on its grid of time.
bool is_well_formed(const Candle& candle) noexcept {
  return candle.interval_ns > 0 && is_usable_time(candle.ts_open_ns) && candle.ts_open_ns % candle.interval_ns == 0 && candle.low.v > 0 &&
         candle.low <= candle.open && candle.low <= candle.close && candle.open <= candle.high && candle.close <= candle.high &&
         candle.volume.v >= 0;
}

}  // namespace

void Indicators::open_bar(Hot& hot, OpenBar& bar, std::int64_t timeframe_ns, std::int64_t ts_ns) noexcept {
  bar.begin(ts_ns, timeframe_ns);
  hot.late_before_ns = std::max(hot.late_before_ns, bar.ts_open_ns);
  hot.next_end_ns = std::min(hot.next_end_ns, bar.end_ns);
  next_end_min_ns_ = std::min(next_end_min_ns_, bar.end_ns);
}

void Indicators::count_in_direct(Hot& hot, std::int64_t ts_ns, Price price, std::int64_t qty) noexcept {
  Cold& cold = cold_[hot.id];
  for (std::size_t i = 1; i < cold.series.size(); ++i) {
    Series& series = cold.series[i];
    if (series.parent != kNoParent) continue;
    if (series.bar.is_open()) {
      series.bar.add(price, qty);
    } else {
      open_bar(hot, series.bar, series.timeframe_ns, ts_ns);
      series.bar.first(price, qty);
    }
  }
}

std::uint8_t Indicators::close_until(Hot& hot, std::int64_t now_ns) noexcept {
  Cold& cold = cold_[hot.id];
  if (cold.has_row != 0 && cold.row.ts_open_ns + cold.row.interval_ns <= now_ns) merge_row(hot, cold);
  std::uint8_t mask = 0;
  // A coarser bar never closes before the finer ones it is made of: those stand earlier in the list and end no later.
  for (std::size_t i = 0; i < cold.series.size(); ++i) {
    if (bar_of(hot, cold, i).end_ns > now_ns) continue;
    close_bar(hot, cold, i);
    mask = static_cast<std::uint8_t>(mask | 1U << cold.series[i].bit);
  }
  renew_next_end(hot, cold);
  return mask;
}

void Indicators::close_bar(Hot& hot, Cold& cold, std::size_t index) noexcept {
  Series& series = cold.series[index];
  OpenBar& open = bar_of(hot, cold, index);
  hot.late_before_ns = std::max(hot.late_before_ns, open.end_ns);
  for (std::size_t i = index + 1; i < cold.series.size(); ++i) {
    if (cold.series[i].parent == index) merge_into(cold.series[i].bar, cold.series[i], open);
  }
  ++series.counters.closed;
  if (series.last_open_ns != kNever) {
    series.counters.gaps += static_cast<std::uint64_t>((open.ts_open_ns - series.last_open_ns) / series.timeframe_ns - 1);
  }
  series.last_open_ns = open.ts_open_ns;
  const Bar bar{open.ts_open_ns,
                static_cast<double>(open.open.v) / cold.price_unit,
                static_cast<double>(open.high.v) / cold.price_unit,
                static_cast<double>(open.low.v) / cold.price_unit,
                static_cast<double>(open.close.v) / cold.price_unit,
                static_cast<double>(open.volume) / cold.qty_unit};
  open.end_ns = kNever;
  if (!is_usable(bar)) [[unlikely]] {
    ++cold.refused.non_finite;
    return;
  }
  series.last_bar = bar;
  feed_indicators(cold, series, bar);
}

void Indicators::feed_indicators(Cold& cold, Series& series, const Bar& bar) noexcept {
  for (IndicatorNode& node : series.nodes) node.on_bar(bar, cold.frame);
  for (const auto& [index, side] : series.correlations) {
    CorrelationNode& node = correlations_[index];
    node.correlation.on_bar(side, bar);
    const bool ready = node.correlation.ready();
    set_slot(cold_[node.instrument].frame, node.slot, ready, ready ? node.correlation.value() : 0.0);
  }
}

// Only within close_until, which then renews next_end_ns; next_end_min_ns_ is not later than the finer bar's end, which comes first.
void Indicators::merge_into(OpenBar& into, const Series& series, const OpenBar& finer) noexcept {
  const bool is_first = !into.is_open();
  if (is_first) into.begin(finer.ts_open_ns, series.timeframe_ns);
  MT_DASSERT(finer.ts_open_ns >= into.ts_open_ns && finer.end_ns <= into.end_ns);
  into.merge(finer.open, finer.high, finer.low, finer.close, finer.volume, is_first);
}

// The row kept is final now: it goes into the timeframes that are multiples of its interval and have no finer series that gets it.
void Indicators::merge_row(Hot& hot, Cold& cold) noexcept {
  const Candle& row = cold.row;
  OpenBar finer;
  finer.ts_open_ns = row.ts_open_ns;
  finer.end_ns = row.ts_open_ns + row.interval_ns;
  finer.merge(row.open, row.high, row.low, row.close, row.volume.v, true);
  for (std::size_t i = 0; i < cold.series.size(); ++i) {
    const Series& series = cold.series[i];
    if (series.timeframe_ns % row.interval_ns != 0) continue;
    if (series.parent != kNoParent && cold.series[series.parent].timeframe_ns % row.interval_ns == 0) continue;
    merge_into(bar_of(hot, cold, i), series, finer);
  }
  hot.late_before_ns = std::max(hot.late_before_ns, finer.end_ns);
  cold.has_row = 0;
}

void Indicators::renew_next_end(Hot& hot, Cold& cold) noexcept {
  std::int64_t next_ns = cold.has_row != 0 ? cold.row.ts_open_ns + cold.row.interval_ns : kNever;
  for (std::size_t i = 0; i < cold.series.size(); ++i) next_ns = std::min(next_ns, bar_of(hot, cold, i).end_ns);
  hot.next_end_ns = next_ns;
}

bool Indicators::accept(const Candle& candle) noexcept {
  if (candle.instrument >= hot_.size()) return false;
  Hot& hot = hot_[candle.instrument];
  Cold& cold = cold_[candle.instrument];
  if (hot.source_kind != kNoKind || hot.timeframe_ns == 0) return false;  // candles are not this instrument's source
  if (!is_well_formed(candle)) {
    ++cold.refused.unusable;
    return false;
  }
  // A row cannot be received before its bar began, nor a closed one before it ended: an upper bound of the delay, like a tick's.
  if (candle.history == 0) note_delay(candle.ts_receive_ns - candle.ts_open_ns - (candle.closed != 0 ? candle.interval_ns : 0), 1, 0);
  if (!accept_interval(hot, cold, candle)) {
    ++cold.refused.other_rows;
    return false;
  }
  if (candle.ts_open_ns < hot.late_before_ns) {
    ++cold.refused.stale_rows;
    return false;
  }
  return true;
}

bool Indicators::accept_interval(Hot& hot, Cold& cold, const Candle& candle) noexcept {
  if (candle.interval_ns == cold.row_interval_ns) return true;
  const bool is_finer = candle.interval_ns < cold.row_interval_ns && cold.row_interval_ns % candle.interval_ns == 0;
  if (cold.row_interval_ns != 0 && !is_finer) return false;
  bool is_wanted = false;
  for (const Series& series : cold.series) is_wanted = is_wanted || series.timeframe_ns % candle.interval_ns == 0;
  if (!is_wanted) return false;
  cold.row_interval_ns = candle.interval_ns;
  cold.has_row = 0;  // the coarse row was not final; finer rows of its time will replace it
  renew_next_end(hot, cold);
  return true;
}

void Indicators::keep(Hot& hot, const Candle& candle) noexcept {
  Cold& cold = cold_[candle.instrument];
  cold.row = candle;
  cold.has_row = 1;
  hot.late_before_ns = candle.ts_open_ns;
  const std::int64_t end_ns = candle.ts_open_ns + candle.interval_ns;
  hot.next_end_ns = std::min(hot.next_end_ns, end_ns);
  next_end_min_ns_ = std::min(next_end_min_ns_, end_ns);
  hot.last_price = candle.close;
}

}  // namespace martinet

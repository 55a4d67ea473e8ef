#pragma once
// The stage between trusted ticks and strategies: cuts bars by exchange time, feeds closed bars to the indicators, sends frames.
//
// Bars     Aligned to the epoch (UTC), any multiple of a second, several timeframes at once. One source per instrument: trades, quotes
//          (middle of bid and ask; volume = number of quotes), or candle rows. A coarser timeframe is made of the bars of the coarsest
//          finer one that divides it, so all timeframes of an instrument agree with each other.
// Closing  A bar closes with the first later event *of its source* (other channels run ahead of it by milliseconds and would turn good
//          trades into late ones), or with a timer at its end plus the grace. Exchange time at a timer is its stamp minus the smallest
//          (receive - exchange) seen: never later than the truth but for the shortest delay on the way.
// Late     A trade is late when a bar that would hold it has closed or been passed; it is counted and dropped from every timeframe.
// Missing  A bar in which nothing traded is not invented; the hole is counted when the next bar of the timeframe closes.
// Candles  The last row may change until a later row comes, a row says `closed`, or a timer passes its end. The first interval seen is
//          used; rows of a finer one that divides it replace it, rows of any other are counted and ignored. Bars whose timeframe is
//          not a multiple of the interval are not made.
// Frames   One per event that closes bars, whatever their number, sent *before* the event is counted in the new bar, with the event's
//          stamps and number; `last_price` is that of the event before. Per tick only where a strategy asked (then after the event is
//          counted, closed_mask 0). Slots change only when bars close. Past data (history flags) closes bars and warms indicators but
//          sends no frame: nobody may decide on it.
//
// Threads: one. cost: a trade inside its bar touches two cache lines of the instrument and allocates nothing; a bar close costs the
// indicators of the timeframe.
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/archive.hpp"
#include "engine/base/instrument.hpp"
#include "engine/hot/indicators/bar_config.hpp"
#include "engine/hot/indicators/bars.hpp"
#include "engine/hot/indicators/correlation.hpp"
#include "engine/hot/indicators/node.hpp"
#include "engine/hot/indicators/plan.hpp"
#include "engine/messages/candle.hpp"
#include "engine/messages/indicator_frame.hpp"
#include "engine/messages/tick.hpp"
#include "engine/messages/timer.hpp"

namespace martinet {

class Indicators {
 public:
  /// The plan is copied; the table only read here. All memory is allocated here.
  Indicators(const InstrumentTable& instruments, const IndicatorPlan& plan, const BarConfig& config);

  /// out   out.frame(const IndicatorFrame&); the frame is valid during the call
  template <class Out>
  void on_tick(const Tick& tick, Out& out) {
    sequence_ = tick.sequence;
    if (tick.instrument >= hot_.size()) [[unlikely]]
      return;
    Hot& hot = hot_[tick.instrument];
    note_delay(tick.ts_receive_ns - tick.ts_exchange_ns, tick.ts_exchange_ns, tick.flags);
    if (tick.kind == hot.source_kind) [[likely]] {
      on_source_tick(hot, tick, out);
    } else if (tick.kind == TickKind::trade && hot.source_kind != TickKind::quote && tick.price().v > 0) {
      hot.last_price = tick.price();  // bars of candles: trades still say where the price is
    }
    if (hot.want_ticks != 0 && (tick.flags & tick_flag::history) == 0) send_tick_frame(hot, tick, out);
  }

  /// sequence: number of the input that brought the row; 0 = the latest number this stage has seen
  template <class Out>
  void on_candle(const Candle& candle, Out& out, std::uint64_t sequence = 0) {
    if (sequence != 0) sequence_ = sequence;
    if (!accept(candle)) return;
    Hot& hot = hot_[candle.instrument];
    const Stamps stamps{candle.ts_receive_ns, candle.ts_open_ns, sequence_};
    if (candle.ts_open_ns >= hot.next_end_ns) close_and_send(hot, candle.ts_open_ns, stamps, candle.history == 0, out);
    keep(hot, candle);
    if (candle.closed != 0) {
      const std::int64_t end_ns = candle.ts_open_ns + candle.interval_ns;
      close_and_send(hot, end_ns, {candle.ts_receive_ns, end_ns, sequence_}, candle.history == 0, out);
    }
  }

  /// Closes the bars whose end plus grace has passed, in order of instruments. Does nothing before the first tick with an exchange time.
  template <class Out>
  void on_timer(const Timer& timer, Out& out) {
    sequence_ = timer.sequence;
    if (delay_min_ns_ == kNever) return;
    const std::int64_t now_ns = timer.ts_ns - delay_min_ns_;
    const std::int64_t until_ns = now_ns - grace_ns_;
    if (until_ns < next_end_min_ns_) [[likely]]
      return;
    next_end_min_ns_ = kNever;
    for (Hot& hot : hot_) {
      if (until_ns >= hot.next_end_ns) close_and_send(hot, until_ns, {timer.ts_ns, now_ns, timer.sequence}, true, out);
      next_end_min_ns_ = std::min(next_end_min_ns_, hot.next_end_ns);
    }
  }

  /// timeframe_ns: one of the plan; zeros otherwise
  [[nodiscard]] BarCounters bars(InstrumentId instrument, std::int64_t timeframe_ns) const noexcept;
  [[nodiscard]] BarCounters bars() const noexcept;  ///< of all instruments and timeframes
  [[nodiscard]] const RefusedCounters& refused(InstrumentId instrument) const noexcept { return cold_[instrument].refused; }
  [[nodiscard]] RefusedCounters refused() const noexcept;

  /// The slots as they are now (stamps are those of the last frame sent). For reports and tests.
  [[nodiscard]] const IndicatorFrame& frame(InstrumentId instrument) const noexcept { return cold_[instrument].frame; }
  /// The last closed bar of a timeframe; ts_open_ns == kNever before the first.
  [[nodiscard]] Bar last_bar(InstrumentId instrument, std::int64_t timeframe_ns) const noexcept;

  void save(ArchiveWriter& archive) const;
  /// Into an object made from the same table, plan and configuration.
  /// fails checkpoint_mismatch: another plan, configuration or build; the object must then not be used
  [[nodiscard]] Errc load(ArchiveReader& archive);

 private:
  struct Stamps {
    std::int64_t ts_receive_ns;
    std::int64_t ts_exchange_ns;
    std::uint64_t sequence;
  };

  /// What a tick inside its bar needs, in two cache lines.
  struct alignas(64) Hot {
    OpenBar bar;                              ///< of the finest timeframe
    std::int64_t next_end_ns = kNever;        ///< earliest end of an open bar of any timeframe (or of the candle row kept)
    std::int64_t late_before_ns = INT64_MIN;  ///< events before it are late
    std::int64_t timeframe_ns = 0;            ///< the finest; 0: no bars are made of this instrument
    Price last_price{};
    InstrumentId id = 0;
    TickKind source_kind = TickKind::trade;  ///< kNoKind for candles
    std::uint8_t want_ticks = 0;
    std::uint8_t direct_count = 0;  ///< further timeframes that are made from ticks directly (no finer one divides them)
  };
  static constexpr auto kNoKind = static_cast<TickKind>(0xFF);
  static constexpr std::uint8_t kNoParent = 0xFF;

  /// One timeframe. In Cold::series from finest to coarsest.
  struct Series {
    OpenBar bar;  ///< unused in series 0: Hot::bar is it
    std::int64_t timeframe_ns = 0;
    std::int64_t last_open_ns = kNever;
    Bar last_bar;
    BarCounters counters;
    std::uint8_t bit = 0;             ///< in closed_mask
    std::uint8_t parent = kNoParent;  ///< the finer series it is made of
    std::vector<IndicatorNode> nodes;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> correlations;  ///< (index in correlations_, side)
  };

  struct Cold {
    std::vector<Series> series;
    IndicatorFrame frame;
    Candle row;  ///< bars of candles: the row that may still change
    std::uint8_t has_row = 0;
    std::int64_t row_interval_ns = 0;
    double price_unit = 1;  ///< 10^decimals: a double is value / unit, correctly rounded
    double qty_unit = 1;
    RefusedCounters refused;
  };

  struct CorrelationNode {
    Correlation correlation;
    InstrumentId instrument;  ///< whose frame holds it
    std::uint16_t slot;
  };

  void note_delay(std::int64_t delay_ns, std::int64_t ts_exchange_ns, std::uint32_t flags) noexcept {
    if (delay_ns >= delay_min_ns_) [[likely]]
      return;
    if (ts_exchange_ns > 0 && (flags & (tick_flag::history | tick_flag::exchange_time_estimated)) == 0) delay_min_ns_ = delay_ns;
  }

  template <class Out>
  void on_source_tick(Hot& hot, const Tick& tick, Out& out) {
    const bool is_quote = tick.kind == TickKind::quote;
    const Price price = is_quote ? middle_of(tick) : tick.price();
    const std::int64_t qty = is_quote ? 1 : tick.qty().v;
    if (price.v <= 0 || qty < 0 || !is_usable_time(tick.ts_exchange_ns)) [[unlikely]] {
      ++cold_[hot.id].refused.unusable;
      return;
    }
    if (tick.ts_exchange_ns >= hot.next_end_ns) [[unlikely]] {
      const Stamps stamps{tick.ts_receive_ns, tick.ts_exchange_ns, tick.sequence};
      close_and_send(hot, tick.ts_exchange_ns, stamps, (tick.flags & tick_flag::history) == 0, out);
    }
    if (tick.ts_exchange_ns < hot.late_before_ns) [[unlikely]] {
      ++cold_[hot.id].refused.late;
      return;
    }
    hot.last_price = price;
    if (hot.bar.is_open()) [[likely]] {
      hot.bar.add(price, qty);
    } else if (hot.timeframe_ns != 0) {
      open_bar(hot, hot.bar, hot.timeframe_ns, tick.ts_exchange_ns);
      hot.bar.first(price, qty);
    }
    if (hot.direct_count != 0) [[unlikely]]
      count_in_direct(hot, tick.ts_exchange_ns, price, qty);
  }

  // Where one side is missing there is no middle; the result is then 0 and refused.
  static Price middle_of(const Tick& tick) noexcept {
    if (tick.bid_price.v <= 0 || tick.ask_price.v <= 0) return {0};
    return {tick.bid_price.v + (tick.ask_price.v - tick.bid_price.v) / 2};
  }

  template <class Out>
  void close_and_send(Hot& hot, std::int64_t now_ns, const Stamps& stamps, bool live, Out& out) {
    const std::uint8_t closed_mask = close_until(hot, now_ns);
    if (closed_mask == 0 || !live) return;
    IndicatorFrame& frame = cold_[hot.id].frame;
    stamp(frame, hot, stamps, closed_mask, 0);
    out.frame(static_cast<const IndicatorFrame&>(frame));
  }
  template <class Out>
  void send_tick_frame(Hot& hot, const Tick& tick, Out& out) {
    IndicatorFrame& frame = cold_[hot.id].frame;
    stamp(frame, hot, {tick.ts_receive_ns, tick.ts_exchange_ns, tick.sequence}, 0, 1);
    out.frame(static_cast<const IndicatorFrame&>(frame));
  }
  static void stamp(IndicatorFrame& frame, const Hot& hot, const Stamps& stamps, std::uint8_t closed_mask, std::uint8_t on_tick) noexcept {
    frame.ts_receive_ns = stamps.ts_receive_ns;
    frame.ts_exchange_ns = stamps.ts_exchange_ns;
    frame.sequence = stamps.sequence;
    frame.closed_mask = closed_mask;
    frame.on_tick = on_tick;
    frame.last_price = hot.last_price;
  }

  void open_bar(Hot& hot, OpenBar& bar, std::int64_t timeframe_ns, std::int64_t ts_ns) noexcept;
  void count_in_direct(Hot& hot, std::int64_t ts_ns, Price price, std::int64_t qty) noexcept;
  /// Closes every open bar that ends at or before now_ns, finer ones first, and gives their bits.
  std::uint8_t close_until(Hot& hot, std::int64_t now_ns) noexcept;
  void close_bar(Hot& hot, Cold& cold, std::size_t index) noexcept;
  void feed_indicators(Cold& cold, Series& series, const Bar& bar) noexcept;
  static void merge_into(OpenBar& into, const Series& series, const OpenBar& finer) noexcept;
  void merge_row(Hot& hot, Cold& cold) noexcept;
  void renew_next_end(Hot& hot, Cold& cold) noexcept;
  [[nodiscard]] bool accept(const Candle& candle) noexcept;
  [[nodiscard]] bool accept_interval(Hot& hot, Cold& cold, const Candle& candle) noexcept;
  void keep(Hot& hot, const Candle& candle) noexcept;
  [[nodiscard]] static OpenBar& bar_of(Hot& hot, Cold& cold, std::size_t index) noexcept {
    return index == 0 ? hot.bar : cold.series[index].bar;
  }
  void make_instrument(const Instrument& instrument, const InstrumentPlan& plan, BarConfig::Source source);
  void make_correlations(const IndicatorPlan& plan);
  [[nodiscard]] Series* series_of(InstrumentId instrument, std::int64_t timeframe_ns) noexcept;
  [[nodiscard]] std::uint64_t fingerprint(const IndicatorPlan& plan) const noexcept;

  std::vector<Hot> hot_;
  std::vector<Cold> cold_;
  std::vector<CorrelationNode> correlations_;
  std::int64_t grace_ns_;
  std::int64_t delay_min_ns_ = kNever;     ///< smallest (receive - exchange) seen
  std::int64_t next_end_min_ns_ = kNever;  ///< not later than the earliest next_end_ns of any instrument
  std::uint64_t sequence_ = 0;
  std::uint64_t plan_hash_ = 0;
};

}  // namespace martinet

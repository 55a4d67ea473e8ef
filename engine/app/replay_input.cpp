#include "engine/app/replay_input.hpp"

#include <algorithm>

namespace martinet {

std::string_view name_of(Channel channel) noexcept {
  constexpr std::string_view kNames[] = {"none", "control", "trade", "agg_trade", "book_ticker", "depth_diff", "depth_snapshot",
                                         "depth_partial", "candle", "mark_price", "ticker", "venue_error", "other"};
  static_assert(std::size(kNames) == kChannelCount);
  return kNames[static_cast<std::size_t>(channel)];
}

FrameDecoder::FrameDecoder(const InstrumentTable& instruments, const std::vector<StreamInfo>& streams) {
  for (const StreamInfo& stream : streams) {
    Row row;
    if (stream.kind != StreamKind::parsed && stream.venue == Venue::bitget) {
      if (!bitget_) bitget_ = std::make_unique<BitgetDecoder>(instruments);
      row.bitget = bitget_.get();
    } else if (stream.kind != StreamKind::parsed && stream.venue == Venue::binance) {
      binance_.push_back(std::make_unique<BinanceDecoder>(instruments, stream.market, stream.default_instrument));
      row.binance = binance_.back().get();
    }
    rows_.push_back(row);
  }
}

Errc FrameDecoder::decode(std::uint16_t stream, std::string_view frame, std::int64_t ts_receive_ns, DecodedFrame& out) noexcept {
  const Row& row = rows_[stream];
  if (row.bitget != nullptr) return row.bitget->decode(frame, ts_receive_ns, out);
  if (row.binance != nullptr) return row.binance->decode(frame, ts_receive_ns, out);
  return Errc::unsupported;
}

ReplayInput::ReplayInput(Pipeline& pipeline, const CaptureHeader& header, const EngineConfig& config)
    : pipeline_(pipeline),
      decoder_(header.instruments, header.streams),
      decoded_(std::make_unique<DecodedFrame>()),
      timer_period_ns_(config.pipeline.timer_period_ns),
      latency_sample_(static_cast<std::uint64_t>(config.pipeline.latency_sample)) {}

void ReplayInput::on_record(const CaptureRecord& record) noexcept {
  ++counters_.records;
  advance_to(record.ts_receive_ns);
  switch (record.kind) {
    case RecordKind::tick: pipeline_.on_tick(record.tick()); break;
    case RecordKind::candle: pipeline_.on_candle(record.candle()); break;
    case RecordKind::raw_frame: on_frame(record); break;
    case RecordKind::note: break;
  }
}

void ReplayInput::on_frame(const CaptureRecord& record) noexcept {
  const bool timed = counters_.records % latency_sample_ == 0;
  const std::uint64_t origin = timed ? tsc_now() : 0;
  const Errc result = decoder_.decode(record.stream, record.frame(), record.ts_receive_ns, *decoded_);
  if (timed) pipeline_.latency().record(Stage::decode, tsc_now() - origin);
  if (result != Errc::ok) {
    ++counters_.refused[static_cast<std::size_t>(result)];
    return;
  }
  const DecodedFrame& frame = *decoded_;
  ++counters_.frames[static_cast<std::size_t>(frame.channel)];
  // Each message is an input of its own: what the venue answers within the same nanosecond comes between them.
  for (std::uint32_t i = 0; i < frame.depth_count; ++i) {
    advance_to(record.ts_receive_ns);
    pipeline_.on_depth(frame.depths[i], origin);
  }
  for (std::uint32_t i = 0; i < frame.candle_count; ++i) {
    advance_to(record.ts_receive_ns);
    pipeline_.on_candle(frame.candles[i], origin);
  }
  for (std::uint32_t i = 0; i < frame.tick_count; ++i) {
    advance_to(record.ts_receive_ns);
    pipeline_.on_tick(frame.ticks[i], origin);
  }
}

void ReplayInput::advance_to(std::int64_t ts_ns) noexcept {
  now_ns_ = ts_ns;
  if (pipeline_.next_venue_ts() > ts_ns && pipeline_.next_deadline_ts() > ts_ns && next_timer_ns_ > ts_ns) return;
  advance_slowly(ts_ns);
}

void ReplayInput::advance_slowly(std::int64_t ts_ns) noexcept {
  if (next_timer_ns_ == INT64_MIN) next_timer_ns_ = floor_to(ts_ns, timer_period_ns_) + timer_period_ns_;
  for (;;) {
    const std::int64_t venue = pipeline_.next_venue_ts();
    // A deadline is told once: what it did not move is for the next event or timer to move.
    const std::int64_t told = pipeline_.next_deadline_ts();
    const std::int64_t deadline = told > deadline_seen_ns_ ? told : kNever;
    const std::int64_t next = std::min({venue, deadline, next_timer_ns_});
    if (next > ts_ns) return;
    if (venue == next) {
      ++counters_.venue_events;
      pipeline_.on_venue_due(next);
    } else if (deadline == next) {
      ++counters_.deadlines;
      deadline_seen_ns_ = next;
      pipeline_.on_cold_timer(next);
    } else {
      ++counters_.timers;
      pipeline_.on_timer(next);
      // Over a silence of hours two timers say all there is: its first and its last.
      next_timer_ns_ = std::max(next + timer_period_ns_, floor_to(ts_ns, timer_period_ns_));
    }
  }
}

void ReplayInput::finish(std::int64_t horizon_ns) noexcept {
  if (now_ns_ == INT64_MIN) return;
  const std::int64_t end = now_ns_ + horizon_ns;
  while (pipeline_.next_venue_ts() <= end) {
    ++counters_.venue_events;
    pipeline_.on_venue_due(pipeline_.next_venue_ts());
  }
}

void ReplayInput::save(ArchiveWriter& out) const {
  out.put(counters_);
  out.put(next_timer_ns_);
  out.put(now_ns_);
  out.put(deadline_seen_ns_);
}

Errc ReplayInput::load(ArchiveReader& in) {
  return in.get(counters_) && in.get(next_timer_ns_) && in.get(now_ns_) && in.get(deadline_seen_ns_) ? Errc::ok : Errc::checkpoint_mismatch;
}

}  // namespace martinet

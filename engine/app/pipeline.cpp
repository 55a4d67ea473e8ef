#include "engine/app/pipeline.hpp"

#include <algorithm>
#include <span>

#include "engine/app/pipeline_outputs.hpp"
#include "engine/base/assert.hpp"

namespace martinet {

Pipeline::Pipeline(const EngineConfig& config, const InstrumentTable& instruments, const IndicatorPlan& plan,
                   std::vector<std::unique_ptr<Strategy>> strategies, OrderVenue& venue, PaperVenue* paper, ColdSink& sink,
                   std::uint64_t epoch)
    : config_(config.pipeline),
      bars_from_candles_(config.bars.source == BarConfig::Source::candles),
      sink_(sink),
      feed_(instruments, config.feed),
      indicators_(instruments, plan, config.bars),
      signal_(std::move(strategies), instruments.size()),
      gate_(instruments, config.risk),
      venue_(venue),
      paper_(paper),
      gateway_(epoch, venue, capacity::orders_in_flight_max),
      positions_(instruments, config.position, venue.capabilities()),
      latency_(std::make_unique<LatencyBook>()),
      last_tick_(instruments.size()),
      tick_is_new_(instruments.size()) {
  choose_layout(config_.layout);
  intents_per_frame_ = IntentList::kCapacity * std::max<std::size_t>(1, signal_.strategies().size());
  cold_outputs_per_timer_ = std::min(kColdOutputsEach * (instruments.size() + 1), cold_outputs_room());
  frames_per_timer_ = std::clamp<std::size_t>(instruments.size(), 1, std::max<std::size_t>(1, frames_room()));
}

Pipeline::~Pipeline() { stop(); }

void Pipeline::choose_layout(Layout layout) {
  if (layout == Layout::fused) return;
  edges_.venue = edges_.strategy = edges_.requests = true;
  indicators_watch_ = signal_watch_ = gate_watch_ = &watches_[1];
  egress_watch_ = &watches_[4];
  if (layout == Layout::split) return;
  edges_.gate_ticks = edges_.frames = edges_.intents = true;
  signal_watch_ = &watches_[2];
  gate_watch_ = &watches_[3];
}

// ---- inputs --------------------------------------------------------------------------------------------------------------------

void Pipeline::begin_input(std::uint64_t origin_cycles, Stage order_stage) noexcept {
  ++counters_.inputs;
  if (crank_ == Crank::free_running) wait_for_room();
  const std::uint64_t sequence = feed_.last_sequence() + 1;
  Stopwatch& watch = *ingress_watch_;
  look_at_watch(watch, sequence);
  if (!watch.on) return;
  input_start_cycles_ = origin_cycles != 0 ? origin_cycles : tsc_now();
  latency_->set_origin(sequence, input_start_cycles_, order_stage);
}

void Pipeline::end_input() noexcept {
  Stopwatch& watch = *ingress_watch_;
  if (watch.on) {
    latency_->record(Stage::input, tsc_now() - input_start_cycles_);
    watch.on = false;
  }
  if (crank_ == Crank::lock_step) {
    settle();
  } else if (config_.layout == Layout::fused) {
    take_views();
    take_commands();
    take_due_events();
  }
}

void Pipeline::look_at_watch(Stopwatch& watch, std::uint64_t sequence) const noexcept {
  watch.on = sequence % static_cast<std::uint64_t>(config_.latency_sample) == 0;
  watch.nested_cycles = 0;
}

void Pipeline::on_tick(const Tick& decoded, std::uint64_t origin_cycles) noexcept {
  begin_input(origin_cycles);
  FeedOut out{*this};
  latency_->time(Stage::feed, *ingress_watch_, [&] { feed_.on_tick(decoded, out); });
  end_input();
}

void Pipeline::on_depth(const DepthUpdate& piece, std::uint64_t origin_cycles) noexcept {
  begin_input(origin_cycles, Stage::order_depth);
  FeedOut out{*this};
  latency_->time(Stage::feed, *ingress_watch_, [&] { feed_.on_depth(piece, out); });
  end_input();
}

void Pipeline::on_candle(const Candle& candle, std::uint64_t origin_cycles) noexcept {
  begin_input(origin_cycles);
  FeedOut out{*this};
  latency_->time(Stage::feed, *ingress_watch_, [&] { feed_.on_candle(candle, out); });
  end_input();
}

void Pipeline::on_timer(std::int64_t ts_ns) noexcept {
  begin_input(0);
  const Timer timer{ts_ns, feed_.last_sequence() + 1};
  if (probe_ != nullptr) probe_->timer(timer);
  FeedOut out{*this};
  feed_.on_timer(timer, out);
  edges_.strategy ? lanes_.indicator_timers->push_reserved(timer) : indicate_timer(timer);
  publish_marks();
  lanes_.cold_timers->push_reserved(timer);
  end_input();
}

void Pipeline::on_cold_timer(std::int64_t ts_ns) noexcept {
  lanes_.cold_timers->push_reserved(Timer{ts_ns, feed_.last_sequence()});
  settle();
}

void Pipeline::publish_marks() noexcept {
  for (std::size_t i = 0; i < last_tick_.size(); ++i) {
    if (tick_is_new_[i] == 0) continue;
    tick_is_new_[i] = 0;
    lanes_.cold_marks->push_reserved(last_tick_[i]);
  }
}

void Pipeline::on_venue_due(std::int64_t now_ns) noexcept {
  if (edges_.venue) {
    venue_due_ns_.store(now_ns, std::memory_order_relaxed);
  } else {
    take_venue_event(now_ns);
  }
  settle();
}

void Pipeline::take_venue_event(std::int64_t now_ns) noexcept {
  VenueEvent event;
  if (!venue_.take_event(now_ns, event)) return;
  GatewayOut out{*this};
  gateway_.on_venue_event(event, out);
}

// ---- the hot stages, in data order ---------------------------------------------------------------------------------------------

void Pipeline::venue_tick(const Tick& tick) noexcept {
  egress_now_ns_ = std::max(egress_now_ns_, tick.ts_receive_ns);
  if (paper_ != nullptr) latency_->time(Stage::venue, *egress_watch_, [&] { paper_->on_tick(tick); });
}

void Pipeline::venue_depth(const DepthUpdate& piece) noexcept {
  egress_now_ns_ = std::max(egress_now_ns_, piece.ts_receive_ns);
  if (paper_ != nullptr) latency_->time(Stage::venue, *egress_watch_, [&] { paper_->on_depth(piece); });
}

void Pipeline::venue_candle(const Candle& candle) noexcept {
  egress_now_ns_ = std::max(egress_now_ns_, candle.ts_receive_ns);
  if (paper_ != nullptr) latency_->time(Stage::venue, *egress_watch_, [&] { paper_->on_candle(candle); });
}

void Pipeline::indicate_tick(const Tick& tick) noexcept {
  FrameOut out{*this};
  latency_->time(Stage::indicators, *indicators_watch_, [&] { indicators_.on_tick(tick, out); });
}

void Pipeline::indicate_candle(const NumberedCandle& numbered) noexcept {
  FrameOut out{*this};
  latency_->time(Stage::indicators, *indicators_watch_, [&] { indicators_.on_candle(numbered.candle, out, numbered.sequence); });
}

void Pipeline::indicate_timer(const Timer& timer) noexcept {
  FrameOut out{*this};
  latency_->time(Stage::indicators, *indicators_watch_, [&] { indicators_.on_timer(timer, out); });
}

void Pipeline::signal_frame(const IndicatorFrame& frame) noexcept {
  if (probe_ != nullptr) probe_->frame(frame);
  IntentOut out{*this};
  latency_->time(Stage::signal, *signal_watch_, [&] { signal_.on_frame(frame, out); });
}

void Pipeline::gate_intent(const OrderIntent& intent) noexcept {
  if (probe_ != nullptr) probe_->intent(intent, gate_.state());
  GateOut out{*this};
  latency_->time(Stage::risk, *gate_watch_, [&] { gate_.on_intent(intent, out); });
}

void Pipeline::gateway_request(const OrderRequest& request) noexcept {
  GatewayOut out{*this};
  latency_->time(Stage::gateway, *egress_watch_, [&] { gateway_.on_request(request, out); });
}

// ---- checkpoints ---------------------------------------------------------------------------------------------------------------

namespace {
constexpr std::uint32_t kPipelineTag = 0x31504C50;  // "PLP1"
}  // namespace

void Pipeline::save(ArchiveWriter& out) const {
  out.put(kPipelineTag);
  feed_.save(out);
  indicators_.save(out);
  signal_.save(out);
  gate_.save(out);
  gateway_.save(out);
  positions_.save(out);
  if (paper_ != nullptr) paper_->save(out);
  out.put(counters_);
  out.put_span(std::span<const Tick>(last_tick_));
  out.put_span(std::span<const std::uint8_t>(tick_is_new_));
}

Errc Pipeline::load(ArchiveReader& in) {
  if (!in.expect(kPipelineTag)) return Errc::checkpoint_mismatch;
  for (const auto& load_stage :
       {std::function<Errc()>([&] { return feed_.load(in); }), std::function<Errc()>([&] { return indicators_.load(in); }),
        std::function<Errc()>([&] { return signal_.load(in); }), std::function<Errc()>([&] { return gate_.load(in); }),
        std::function<Errc()>([&] { return gateway_.load(in); }), std::function<Errc()>([&] { return positions_.load(in); }),
        std::function<Errc()>([&] { return paper_ != nullptr ? paper_->load(in) : Errc::ok; })}) {
    if (const Errc error = load_stage(); error != Errc::ok) return error;
  }
  if (!in.get(counters_) || !in.get_span(std::span<Tick>(last_tick_)) || !in.get_span(std::span<std::uint8_t>(tick_is_new_))) {
    return Errc::checkpoint_mismatch;
  }
  return Errc::ok;
}

}  // namespace martinet

#pragma once
// The spine: stages, lanes and workers in data order. Ingress gives it one input at a time; in the fused layout the hot stages
// call each other, in the others messages go through lanes to the worker that owns the next stage. In lock step (replay) one
// input is worked off everywhere before the next enters, and the order in which stages run is the same in every layout; free
// running, every worker turns its own crank.
#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/paper/paper_venue.hpp"
#include "engine/app/cold_sink.hpp"
#include "engine/app/config.hpp"
#include "engine/app/lanes.hpp"
#include "engine/app/latency.hpp"
#include "engine/app/pipeline_probe.hpp"
#include "engine/cold/position/position_machine.hpp"
#include "engine/hot/feed/feed.hpp"
#include "engine/hot/gateway/gateway.hpp"
#include "engine/hot/indicators/indicators.hpp"
#include "engine/hot/risk/risk_gate.hpp"
#include "engine/hot/signal/signal.hpp"
#include "engine/runtime/worker.hpp"

namespace martinet {

enum class Crank : std::uint8_t { lock_step, free_running };

/// Commands that one step of the position machine may send (PositionOutputs); of views it sends one.
constexpr std::size_t kColdOutputsEach = 64;
static_assert(kColdOutputsEach <= capacity::order_lane_max && kColdOutputsEach <= capacity::view_lane_max);

/// Counters of the hot path that no stage owns.
struct PipelineCounters {
  std::uint64_t inputs = 0;        ///< market messages and timers given
  std::uint64_t ticks = 0;         ///< trusted ticks that left the feed
  std::uint64_t intake_stops = 0;  ///< times ingress waited because a lane was below its reserve
  std::uint64_t resyncs = 0;       ///< snapshots asked for
};

/// Threads: built, fed and stopped by one thread, the ingress. Between inputs in lock step that thread may read any stage.
class Pipeline {
 public:
  /// in  plan and strategies fit the instrument table; venue outlives this; paper: the same object if the venue is the simulated
  ///     one (it then sees the market), else null; sink outlives this
  Pipeline(const EngineConfig& config, const InstrumentTable& instruments, const IndicatorPlan& plan,
           std::vector<std::unique_ptr<Strategy>> strategies, OrderVenue& venue, PaperVenue* paper, ColdSink& sink, std::uint64_t epoch);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// Lock step only, before start(): who listens in on the hot stages; null (the default) = nobody. Outlives this.
  void listen(PipelineProbe* probe) noexcept { probe_ = probe; }

  void start(Crank crank);
  /// Works off what is in the lanes, then stops the workers. Idempotent.
  void stop();

  // Inputs, by the ingress thread. `origin_cycles`: TSC when the bytes came in, 0 = take it now.
  void on_tick(const Tick& decoded, std::uint64_t origin_cycles = 0) noexcept;
  void on_depth(const DepthUpdate& piece, std::uint64_t origin_cycles = 0) noexcept;
  void on_candle(const Candle& candle, std::uint64_t origin_cycles = 0) noexcept;
  void on_timer(std::int64_t ts_ns) noexcept;
  /// Time for the position machine alone: a deadline of its own has come.
  void on_cold_timer(std::int64_t ts_ns) noexcept;
  /// Lock step: takes one venue event that is due at or before `now_ns` and works it off.
  void on_venue_due(std::int64_t now_ns) noexcept;
  /// Lock step: stamp of the next venue event or deadline of the position machine.
  [[nodiscard]] std::int64_t next_venue_ts() const noexcept { return venue_.next_event_ts(); }
  [[nodiscard]] std::int64_t next_deadline_ts() const noexcept { return positions_.next_deadline_ns(); }

  /// Every stage's state, in data order; only between inputs in lock step.
  void save(ArchiveWriter& out) const;
  [[nodiscard]] Errc load(ArchiveReader& in);

  [[nodiscard]] const Feed& feed() const noexcept { return feed_; }
  [[nodiscard]] const Indicators& indicators() const noexcept { return indicators_; }
  [[nodiscard]] const Signal& signal() const noexcept { return signal_; }
  [[nodiscard]] const RiskGate& gate() const noexcept { return gate_; }
  [[nodiscard]] const Gateway& gateway() const noexcept { return gateway_; }
  [[nodiscard]] const PositionMachine& positions() const noexcept { return positions_; }
  [[nodiscard]] const PipelineCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] LatencyBook& latency() noexcept { return *latency_; }
  /// Of the workers (after stop()); the ingress thread's own counters are its owner's business.
  [[nodiscard]] std::vector<WorkerCounters> worker_counters() const;
  [[nodiscard]] std::vector<std::string> warnings() const;

 private:
  struct FeedOut;
  struct FrameOut;
  struct IntentOut;
  struct GateOut;
  struct GatewayOut;
  struct ColdOut;

  // Where each edge goes in this layout: null = a direct call.
  struct Edges {
    bool venue = false;       // ingress -> egress (market for the paper venue)
    bool strategy = false;    // ingress -> indicators (and gate in split)
    bool gate_ticks = false;  // ingress -> gate on a thread of its own
    bool frames = false;      // indicators -> signal
    bool intents = false;     // signal -> gate
    bool requests = false;    // gate -> gateway
  };

  struct Group {
    std::string name;
    std::function<int()> turn;
    std::function<bool()> has_input;
    LockStep step;
    std::unique_ptr<Worker> worker;
  };

  // hot, in data order
  void venue_tick(const Tick& tick) noexcept;
  void venue_depth(const DepthUpdate& piece) noexcept;
  void venue_candle(const Candle& candle) noexcept;
  void indicate_tick(const Tick& tick) noexcept;
  void indicate_candle(const NumberedCandle& numbered) noexcept;
  void indicate_timer(const Timer& timer) noexcept;
  void signal_frame(const IndicatorFrame& frame) noexcept;
  void gate_intent(const OrderIntent& intent) noexcept;
  void gateway_request(const OrderRequest& request) noexcept;
  void look_at_watch(Stopwatch& watch, std::uint64_t sequence) const noexcept;
  void take_venue_event(std::int64_t now_ns) noexcept;
  void publish_marks() noexcept;

  // turns: each drains the lanes of one worker
  int strategy_turn() noexcept;
  int gate_turn() noexcept;
  int indicators_turn() noexcept;
  int signal_turn() noexcept;
  int egress_turn() noexcept;
  int cold_turn() noexcept;
  int take_gate_views() noexcept;
  int take_views() noexcept;
  int take_commands() noexcept;
  int take_due_events() noexcept;

  [[nodiscard]] bool strategy_has_input() const noexcept;
  [[nodiscard]] bool gate_has_input() const noexcept;
  [[nodiscard]] bool indicators_have_input() const noexcept;
  [[nodiscard]] bool views_wait() const noexcept;
  [[nodiscard]] bool egress_has_input() const noexcept;
  [[nodiscard]] bool cold_has_input() const noexcept;

  void build_groups();
  void refuse_spinning();
  void begin_input(std::uint64_t origin_cycles, Stage order_stage = Stage::order) noexcept;
  void choose_layout(Layout layout);
  void end_input() noexcept;
  void wait_for_room() noexcept;
  void settle() noexcept;

  // Free running: how many messages of a kind the lanes behind a stage can take now (I11). A turn takes no more of its input than
  // what that can become finds room; the rest waits in its lane, and in the end ingress stops its intake.
  [[nodiscard]] std::size_t frames_room() const noexcept;
  [[nodiscard]] std::size_t intents_room() const noexcept;
  [[nodiscard]] std::size_t decisions_room() const noexcept;
  [[nodiscard]] std::size_t requests_room() const noexcept;
  [[nodiscard]] std::size_t cold_outputs_room() const noexcept;
  [[nodiscard]] std::size_t batch(std::size_t room, std::size_t each) const noexcept;

  PipelineConfig config_;
  bool bars_from_candles_ = false;
  Edges edges_;
  Lanes lanes_;
  ColdSink& sink_;

  Feed feed_;
  Indicators indicators_;
  Signal signal_;
  RiskGate gate_;
  OrderVenue& venue_;
  PaperVenue* paper_;
  Gateway gateway_;
  PositionMachine positions_;

  PipelineCounters counters_;
  PipelineProbe* probe_ = nullptr;
  std::unique_ptr<LatencyBook> latency_;
  // One watch per thread: stages that share a thread share a watch, so that nested times are taken off.
  std::array<Stopwatch, 5> watches_;
  Stopwatch* ingress_watch_ = &watches_[0];
  Stopwatch* indicators_watch_ = &watches_[0];
  Stopwatch* signal_watch_ = &watches_[0];
  Stopwatch* gate_watch_ = &watches_[0];
  Stopwatch* egress_watch_ = &watches_[0];
  std::uint64_t input_start_cycles_ = 0;

  // What one frame or timer may become at most; a timer never more than empty lanes hold, or it would wait for ever.
  std::size_t intents_per_frame_ = 1;
  std::size_t frames_per_timer_ = 1;
  std::size_t cold_outputs_per_timer_ = 1;

  // Last trusted tick per instrument since the last timer, for marks. Ingress only.
  std::vector<Tick> last_tick_;
  std::vector<std::uint8_t> tick_is_new_;

  // Egress: the stamp up to which venue events are taken. Written by ingress (lock step) or by egress itself (free running).
  std::atomic<std::int64_t> venue_due_ns_{INT64_MIN};
  std::int64_t egress_now_ns_ = INT64_MIN;

  bool running_ = false;
  Crank crank_ = Crank::lock_step;
  std::vector<std::unique_ptr<Group>> groups_;  // hot ones in data order, the cold one last
  std::vector<WorkerCounters> worker_counters_;
  std::string idle_warning_;
};

}  // namespace martinet

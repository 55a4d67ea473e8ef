#pragma once
// The signal stage: hands each frame to the strategies that wait for it and numbers what they want. A plain object on the
// strategy thread. Strategies are asked in the order they were given, so intent ids are a function of the inputs.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/hot/signal/strategy.hpp"

namespace martinet {

struct SignalCounters {
  std::uint64_t frames = 0;
  std::uint64_t decisions = 0;  ///< strategies asked
  std::uint64_t intents = 0;
  std::uint64_t entries = 0;    ///< levels of a cycle included
  std::uint64_t exits = 0;      ///< whole; a moved stop or a part is neither
  std::uint64_t views = 0;
  std::uint64_t views_stale = 0;  ///< of an older version than held; ignored
  bool operator==(const SignalCounters&) const = default;
};

class Signal {
 public:
  /// in    strategies: in the order of their ids; instrument_count: rows of the session's table
  Signal(std::vector<std::unique_ptr<Strategy>> strategies, std::size_t instrument_count);

  /// out   out.intent(const OrderIntent&) per intent, intent_id counting 1, 2, 3..
  /// cost  one load and a compare per strategy of the instrument that does not wait for this frame; no allocation
  template <class Out>
  void on_frame(const IndicatorFrame& frame, Out& out) noexcept {
    MT_DASSERT(frame.instrument < views_.size());
    ++counters_.frames;
    const PositionView& view = views_[frame.instrument];
    for (std::uint32_t i = first_[frame.instrument]; i != first_[frame.instrument + 1u]; ++i) {
      const Route& route = routes_[i];
      if ((frame.closed_mask & route.bar_mask) == 0 && (frame.on_tick & route.on_tick) == 0) continue;
      ++counters_.decisions;
      list_.clear();
      route.strategy->on_frame(frame, view, list_);
      for (OrderIntent& intent : list_.span()) {
        finish(frame, *route.strategy, intent);
        out.intent(static_cast<const OrderIntent&>(intent));
      }
    }
  }

  void on_position_view(const PositionView& view) noexcept;

  [[nodiscard]] const SignalCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] std::span<const std::unique_ptr<Strategy>> strategies() const noexcept { return strategies_; }
  /// True if a strategy of `instrument` asked for a frame on every tick.
  [[nodiscard]] bool wants_ticks(InstrumentId instrument) const noexcept;

  void save(ArchiveWriter& archive) const;
  /// fails checkpoint_mismatch (other strategies or instruments); the stage must then not be used
  [[nodiscard]] Errc load(ArchiveReader& archive);

 private:
  struct Route {
    Strategy* strategy = nullptr;
    std::uint8_t bar_mask = 0;
    std::uint8_t on_tick = 0;
  };

  void finish(const IndicatorFrame& frame, const Strategy& strategy, OrderIntent& intent) noexcept {
    intent.ts_receive_ns = frame.ts_receive_ns;
    intent.ts_exchange_ns = frame.ts_exchange_ns;
    intent.sequence = frame.sequence;
    intent.intent_id = ++last_intent_id_;
    intent.instrument = frame.instrument;
    intent.strategy = strategy.id();
    ++counters_.intents;
    if (is_entry(intent.action)) ++counters_.entries;
    if (intent.action == IntentAction::exit) ++counters_.exits;
  }

  std::vector<std::unique_ptr<Strategy>> strategies_;
  std::vector<Route> routes_;         // grouped by instrument, in the order of the strategies
  std::vector<std::uint32_t> first_;  // routes_[first_[i], first_[i+1]) belong to instrument i
  std::vector<PositionView> views_;
  IntentList list_;
  std::uint64_t last_intent_id_ = 0;
  SignalCounters counters_;
};

}  // namespace martinet

#pragma once
// Keeps what the last decisions of a replay were made from: the input, the frame, what the gate knew.
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/app/pipeline_probe.hpp"
#include "engine/hot/indicators/plan.hpp"

namespace martinet {

enum class InputKind : std::uint8_t { none, tick, candle, timer };

struct ProbedInput {
  InputKind kind = InputKind::none;
  std::uint64_t sequence = 0;  ///< number of the input
  std::int64_t ts_receive_ns = 0;
  std::int64_t ts_exchange_ns = 0;  ///< 0 where it has none
  Tick tick;
  Candle candle;
};

/// What the gate knew of the account and the instrument before it decided.
struct GateFacts {
  GuardView guard;
  bool has_guard = false;
  bool killed = false;
  LastTick last;
  std::int32_t positions_worst = 0;
};

struct DecisionContext {
  OrderIntent intent;
  IndicatorFrame frame;
  ProbedInput input;
  GateFacts gate;
};

class DecisionProbe final : public PipelineProbe {
 public:
  explicit DecisionProbe(std::size_t instrument_count) : frames_(instrument_count), contexts_(kKept) {}

  void tick(const Tick& tick) noexcept override;
  void candle(const Candle& candle, std::uint64_t sequence) noexcept override;
  void timer(const Timer& timer) noexcept override;
  void frame(const IndicatorFrame& frame) noexcept override;
  void intent(const OrderIntent& intent, const RiskState& state) noexcept override;

  /// The input and the frame of this number and instrument are kept when they come by.
  void watch(std::uint64_t sequence, InstrumentId instrument) noexcept;

  /// Of one of the last kKept intents; null for others. Valid until the next input.
  [[nodiscard]] const DecisionContext* of(std::uint64_t intent_id) const noexcept;
  [[nodiscard]] const ProbedInput& last_input() const noexcept { return input_; }
  [[nodiscard]] const ProbedInput* watched_input() const noexcept {
    return watched_input_.sequence == watched_ && watched_ != 0 ? &watched_input_ : nullptr;
  }
  [[nodiscard]] const IndicatorFrame* watched_frame() const noexcept {
    return watched_frame_.sequence == watched_ && watched_ != 0 ? &watched_frame_ : nullptr;
  }

 private:
  static constexpr std::size_t kKept = 64;

  void note(const ProbedInput& input) noexcept;

  std::vector<IndicatorFrame> frames_;  // the last of each instrument
  std::vector<DecisionContext> contexts_;
  ProbedInput input_;
  std::uint64_t watched_ = 0;
  InstrumentId watched_instrument_ = kNoInstrument;
  ProbedInput watched_input_;
  IndicatorFrame watched_frame_;
};

/// What stands in the slots of an instrument's frames: "rsi(14) on 1m", "correlation(24) on 1h with ETHUSDT".
[[nodiscard]] std::vector<std::string> slot_names(const IndicatorPlan& plan, const InstrumentTable& table, InstrumentId instrument);

/// Name and value of each slot; a value that is not there yet is "not warm".
[[nodiscard]] std::vector<std::pair<std::string, std::string>> frame_words(const IndicatorFrame& frame,
                                                                           const std::vector<std::string>& names);

}  // namespace martinet

#include "engine/app/decision_probe.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace martinet {

void DecisionProbe::note(const ProbedInput& input) noexcept {
  input_ = input;
  if (input.sequence == watched_) watched_input_ = input;
}

void DecisionProbe::tick(const Tick& tick) noexcept {
  ProbedInput input{InputKind::tick, tick.sequence, tick.ts_receive_ns, tick.ts_exchange_ns, {}, {}};
  input.tick = tick;
  note(input);
}

void DecisionProbe::candle(const Candle& candle, std::uint64_t sequence) noexcept {
  ProbedInput input{InputKind::candle, sequence, candle.ts_receive_ns, candle.ts_open_ns + candle.interval_ns, {}, {}};
  input.candle = candle;
  note(input);
}

void DecisionProbe::timer(const Timer& timer) noexcept { note({InputKind::timer, timer.sequence, timer.ts_ns, 0, {}, {}}); }

void DecisionProbe::frame(const IndicatorFrame& frame) noexcept {
  frames_[frame.instrument] = frame;
  if (frame.sequence == watched_ && frame.instrument == watched_instrument_) watched_frame_ = frame;
}

void DecisionProbe::intent(const OrderIntent& intent, const RiskState& state) noexcept {
  DecisionContext& context = contexts_[intent.intent_id % kKept];
  context.intent = intent;
  context.frame = frames_[intent.instrument];
  context.input = input_;
  context.gate = {state.guard, state.has_guard, state.killed, state.ticks[intent.instrument], state.positions_worst()};
}

void DecisionProbe::watch(std::uint64_t sequence, InstrumentId instrument) noexcept {
  if (sequence == watched_ && instrument == watched_instrument_) return;
  watched_ = sequence;
  watched_instrument_ = instrument;
  // It may be the present input already: several decisions come of one.
  if (input_.sequence == sequence) watched_input_ = input_;
  if (instrument < frames_.size() && frames_[instrument].sequence == sequence) watched_frame_ = frames_[instrument];
}

const DecisionContext* DecisionProbe::of(std::uint64_t intent_id) const noexcept {
  const DecisionContext& context = contexts_[intent_id % kKept];
  return intent_id != 0 && context.intent.intent_id == intent_id ? &context : nullptr;
}

std::vector<std::string> slot_names(const IndicatorPlan& plan, const InstrumentTable& table, InstrumentId instrument) {
  std::vector<std::string> names;
  if (instrument >= plan.instrument_count()) return names;
  for (const IndicatorRequest& request : plan.of(instrument).slots) {
    std::string name = describe(request);
    name.resize(std::min(name.size(), name.find(" of instrument")));
    if (request.other < table.size()) name += fmt::format(" with {}", table[request.other].symbol.view());
    names.push_back(std::move(name));
  }
  return names;
}

std::vector<std::pair<std::string, std::string>> frame_words(const IndicatorFrame& frame, const std::vector<std::string>& names) {
  std::vector<std::pair<std::string, std::string>> words;
  for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), frame.slot_count); ++i) {
    words.emplace_back(names[i], frame.warm(i) ? fmt::format("{}", frame.slots[i]) : std::string("not warm"));
  }
  return words;
}

}  // namespace martinet

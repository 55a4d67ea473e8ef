#pragma once
// The shortest way from a class to a strategy: a bar strategy that says which slots it needs, when to enter and what to do with its
// position becomes a StrategyKind in one line. tests/engine/hot/signal/example/breakout.cpp is a whole one; README.md tells its story.
//
//   class Dip final : public BarStrategyOf<DipSlots> {
//     static constexpr std::string_view kName = "dip";
//     static void ask(const ParameterReader&, DipSlots&, SlotRequests&);           // once per instrument, before it is made
//     static Status check(std::string_view owner, const ParameterReader&);         // optional: contradictory parameters
//     Dip(Parts parts, const ParameterReader& read);
//     ...
//   };
//   extern const StrategyKind kDipKind = bar_strategy_kind<Dip, kParameters>("one sentence");   // kParameters: see with_common()
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/hot/signal/bar_strategy.hpp"
#include "engine/hot/signal/strategy_abi.hpp"

namespace martinet {

/// A bar strategy with slots of its own, one `Slots` per instrument.
template <class Slots>
class BarStrategyOf : public BarStrategy {
 public:
  using SlotsType = Slots;
  /// What the base is made of; a strategy passes it on.
  struct Parts {
    const StrategyContext& context;
    BarSettings settings;
    std::vector<Trade> trades;
    std::vector<Slots> slots;
  };
  explicit BarStrategyOf(Parts parts)
      : BarStrategy(parts.context, parts.settings, std::move(parts.trades)), slots_(std::move(parts.slots)) {}

 protected:
  [[nodiscard]] const Slots& slots(std::size_t index) const noexcept { return slots_[index]; }

 private:
  std::vector<Slots> slots_;
};

template <class S, const auto& kSpecs>
[[nodiscard]] Status check_bar_strategy(std::string_view owner, const ParameterSet& given) {
  const ParameterReader read(kSpecs, given);
  if (const Status common = check_common(owner, read); !common) return common;
  if constexpr (requires { S::check(owner, read); }) return S::check(owner, read);
  return {};
}

template <class S, const auto& kSpecs>
[[nodiscard]] Result<std::unique_ptr<Strategy>> make_bar_strategy(const StrategyContext& context) {
  const ParameterReader read(kSpecs, context.parameters);
  std::vector<typename S::SlotsType> slots(context.instruments.size());
  Result<std::vector<BarStrategy::Trade>> trades =
      bar_trades(context, read, [&](std::size_t index, SlotRequests& requests) { S::ask(read, slots[index], requests); });
  if (!trades) return trades.error();
  return std::unique_ptr<Strategy>(
      std::make_unique<S>(typename S::Parts{context, bar_settings_of(read), std::move(*trades), std::move(slots)}, read));
}

/// in    doc: one sentence; kSpecs: with_common(...), of static lifetime
template <class S, const auto& kSpecs>
[[nodiscard]] consteval StrategyKind bar_strategy_kind(std::string_view doc) {
  return {S::kName, doc, kSpecs, check_bar_strategy<S, kSpecs>, make_bar_strategy<S, kSpecs>};
}

}  // namespace martinet

#pragma once
// Everything that crosses the border between the engine and a strategy loaded from a shared object, as one number: two builds with the same
// number lay these structs out alike. Sizes, alignments and offsets of what strategies touch; the last enumerator of each list, so that a
// longer list shows; the bounds that arrays are made with. Private members count through the size of their class.
#include <cstddef>
#include <cstdint>

#include "engine/base/capacity.hpp"
#include "engine/hot/model/model.hpp"
#include "engine/hot/signal/bar_strategy.hpp"
#include "engine/hot/signal/grid_cycle_strategy.hpp"
#include "engine/hot/signal/registry.hpp"
#include "engine/hot/signal/strategy.hpp"

namespace martinet::abi {

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"  // g++ and clang know the offsets of every class without virtual bases, and say so
#define MT_SIZE(type) sizeof(type), alignof(type)
#define MT_AT(type, member) offsetof(type, member), sizeof(type::member)
#define MT_LAST(enumerator) static_cast<std::uint64_t>(enumerator)

/// FNV-1a over the facts, eight bytes each.
[[nodiscard]] consteval std::uint64_t layout() {
  // clang-format off
  constexpr std::uint64_t kFacts[] = {
      MT_SIZE(IndicatorFrame), MT_AT(IndicatorFrame, ts_receive_ns), MT_AT(IndicatorFrame, ts_exchange_ns), MT_AT(IndicatorFrame, sequence),
      MT_AT(IndicatorFrame, warm_mask), MT_AT(IndicatorFrame, instrument), MT_AT(IndicatorFrame, closed_mask),
      MT_AT(IndicatorFrame, on_tick),
      MT_AT(IndicatorFrame, slot_count), MT_AT(IndicatorFrame, last_price), MT_AT(IndicatorFrame, slots),

      MT_SIZE(OrderIntent), MT_AT(OrderIntent, ts_receive_ns), MT_AT(OrderIntent, ts_exchange_ns), MT_AT(OrderIntent, sequence),
      MT_AT(OrderIntent, intent_id), MT_AT(OrderIntent, reference_price), MT_AT(OrderIntent, stop_price), MT_AT(OrderIntent, target_price),
      MT_AT(OrderIntent, atr), MT_AT(OrderIntent, score), MT_AT(OrderIntent, worst_price), MT_AT(OrderIntent, worst_average),
      MT_AT(OrderIntent, stop_rate), MT_AT(OrderIntent, target_rate), MT_AT(OrderIntent, part), MT_AT(OrderIntent, instrument),
      MT_AT(OrderIntent, strategy), MT_AT(OrderIntent, action), MT_AT(OrderIntent, regime), MT_AT(OrderIntent, exit_reason),
      MT_AT(OrderIntent, level_count), MT_SIZE(IntentList), IntentList::kCapacity,

      MT_SIZE(PositionView), MT_AT(PositionView, ts_ns), MT_AT(PositionView, version), MT_AT(PositionView, covers_request),
      MT_AT(PositionView, qty), MT_AT(PositionView, entry_price), MT_AT(PositionView, notional), MT_AT(PositionView, ts_opened_ns),
      MT_AT(PositionView, instrument), MT_AT(PositionView, owner), MT_AT(PositionView, exposure), MT_AT(PositionView, legs_filled),

      MT_SIZE(IndicatorRequest), MT_AT(IndicatorRequest, timeframe_ns), MT_AT(IndicatorRequest, factor), MT_AT(IndicatorRequest, period),
      MT_AT(IndicatorRequest, instrument), MT_AT(IndicatorRequest, other), MT_AT(IndicatorRequest, kind),

      MT_SIZE(Instrument), MT_AT(Instrument, symbol), MT_AT(Instrument, id), MT_AT(Instrument, kind), MT_AT(Instrument, price_decimals),
      MT_AT(Instrument, qty_decimals), MT_AT(Instrument, value_num), MT_AT(Instrument, rules), MT_SIZE(InstrumentRules),
      MT_AT(InstrumentRules, status), MT_AT(InstrumentRules, tick_size), MT_AT(InstrumentRules, lot_size), MT_SIZE(InstrumentTable),

      MT_SIZE(StrategyContext), MT_AT(StrategyContext, id), MT_AT(StrategyContext, name), MT_AT(StrategyContext, instruments),
      MT_AT(StrategyContext, table), MT_AT(StrategyContext, parameters), MT_AT(StrategyContext, slot_of),
      MT_AT(StrategyContext, timeframe_bit_of), MT_AT(StrategyContext, model_of),

      MT_SIZE(Model), MT_SIZE(ModelCard), MT_AT(ModelCard, features), MT_AT(ModelCard, classes), MT_AT(ModelCard, threshold),
      MT_SIZE(ModelFeature), MT_AT(ModelFeature, kind), MT_AT(ModelFeature, period), MT_AT(ModelFeature, factor),
      MT_AT(ModelFeature, timeframe_ns), MT_AT(ModelFeature, other), MT_SIZE(std::shared_ptr<const Model>),

      MT_SIZE(StrategyKind), MT_AT(StrategyKind, name), MT_AT(StrategyKind, doc), MT_AT(StrategyKind, parameters),
      MT_AT(StrategyKind, check), MT_AT(StrategyKind, make),

      MT_SIZE(ParameterSpec), MT_AT(ParameterSpec, name), MT_AT(ParameterSpec, type), MT_AT(ParameterSpec, unit),
      MT_AT(ParameterSpec, fallback), MT_AT(ParameterSpec, min), MT_AT(ParameterSpec, max), MT_AT(ParameterSpec, choices),
      MT_AT(ParameterSpec, doc), MT_SIZE(ParameterSet), MT_SIZE(ParameterReader),

      MT_SIZE(Strategy), MT_SIZE(StrategyCounters), MT_AT(StrategyCounters, not_warm), MT_AT(StrategyCounters, missing_features),
      MT_AT(StrategyCounters, entries_long), MT_AT(StrategyCounters, exits), MT_SIZE(ArchiveWriter), MT_SIZE(ArchiveReader),

      MT_SIZE(GridCycleStrategy), MT_SIZE(GridSettings), MT_AT(GridSettings, stop_rate), MT_AT(GridSettings, target_rate),
      MT_SIZE(BarStrategy), MT_SIZE(BarSlots), MT_AT(BarSlots, close), MT_AT(BarSlots, atr), MT_AT(BarSlots, adx), MT_AT(BarSlots, plus_di),
      MT_AT(BarSlots, minus_di), MT_AT(BarSlots, natr_rank), MT_AT(BarSlots, bar_mask), MT_AT(BarSlots, needed), MT_SIZE(BarSettings),
      MT_AT(BarSettings, regime), MT_AT(BarSettings, cooldown_bars), MT_AT(BarSettings, max_holding_bars), MT_AT(BarSettings, allow_long),
      MT_AT(BarSettings, allow_short), MT_SIZE(RegimeSettings), MT_SIZE(BarStrategy::Trade), MT_AT(BarStrategy::Trade, rules),
      MT_AT(BarStrategy::Trade, price_decimals), MT_AT(BarStrategy::Trade, slots), MT_SIZE(EntryIdea), MT_AT(EntryIdea, buy),
      MT_AT(EntryIdea, stop_distance), MT_AT(EntryIdea, target_distance), MT_AT(EntryIdea, score), MT_SIZE(SlotRequests),
      MT_SIZE(IndicatorParameters), MT_AT(IndicatorParameters, period), MT_AT(IndicatorParameters, factor),
      MT_AT(IndicatorParameters, timeframe_ns), MT_AT(IndicatorParameters, other),

      MT_SIZE(Error), MT_SIZE(Status), MT_SIZE(Result<std::unique_ptr<Strategy>>), MT_SIZE(std::vector<int>), MT_SIZE(std::string),

      MT_LAST(IndicatorKind::count_), MT_LAST(IntentAction::add_level), MT_LAST(MarketRegime::low_volatility), MT_LAST(ExitReason::unknown),
      MT_LAST(Exposure::closing), MT_LAST(ParameterType::text), MT_LAST(ModelClass::count_), MT_LAST(ContractKind::cfd),
      MT_LAST(TradingStatus::halted), MT_LAST(Errc::interrupted),

      capacity::instruments_max, capacity::strategies_max, capacity::timeframes_max, capacity::frame_slots_max,
      capacity::model_features_max,
  };
  // clang-format on
  std::uint64_t hash = 0xcbf29ce484222325;
  for (std::uint64_t fact : kFacts) {
    for (int byte = 0; byte < 8; ++byte, fact >>= 8) hash = (hash ^ (fact & 0xff)) * 0x100000001b3;
  }
  return hash;
}

#undef MT_LAST
#undef MT_AT
#undef MT_SIZE
#pragma GCC diagnostic pop

}  // namespace martinet::abi

#pragma once
// Strategies without an indicator stage: a plan that hands out slots in the order they are asked for, and frames filled by hand.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/hot/signal/registry.hpp"
#include "engine/hot/signal/signal.hpp"

namespace martinet::signal_test {

struct Sink {
  std::vector<OrderIntent> intents;
  void intent(const OrderIntent& i) { intents.push_back(i); }
};

/// Slots first, first + 1.. per instrument (not from 0, so that a forgotten slot shows); the bit of a timeframe is instrument + 1.
class Plan {
 public:
  explicit Plan(std::size_t first_slot = 3) : first(first_slot) {}
  [[nodiscard]] SlotResolver slots() {
    return [this](const IndicatorRequest& request) -> Result<std::uint16_t> {
      std::vector<IndicatorRequest>& list = requests[request.instrument];
      for (std::size_t i = 0; i < list.size(); ++i) {
        if (list[i] == request) return static_cast<std::uint16_t>(i + first);
      }
      list.push_back(request);
      return static_cast<std::uint16_t>(list.size() - 1 + first);
    };
  }
  [[nodiscard]] static TimeframeResolver bits() {
    return [](InstrumentId instrument, std::int64_t) -> Result<std::uint8_t> { return static_cast<std::uint8_t>(bit_of(instrument)); };
  }
  static int bit_of(InstrumentId instrument) { return instrument % 7 + 1; }
  /// The first slot of a kind (of a timeframe, where one is given); 0 = nobody asked for it.
  [[nodiscard]] std::size_t slot(InstrumentId instrument, IndicatorKind kind, std::int64_t timeframe_ns = 0) const {
    const std::vector<IndicatorRequest>& list = requests.at(instrument);
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (list[i].kind == kind && (timeframe_ns == 0 || list[i].timeframe_ns == timeframe_ns)) return i + first;
    }
    return 0;
  }
  [[nodiscard]] std::size_t slot_count(InstrumentId instrument) const { return requests.at(instrument).size(); }
  std::size_t first;
  std::map<InstrumentId, std::vector<IndicatorRequest>> requests;
};

/// Perpetuals "P0".. with prices in 0.0001 and a tick of 0.01; the last one is spot.
inline InstrumentTable table_of(std::size_t count) {
  InstrumentTable table;
  for (std::size_t i = 0; i < count; ++i) {
    Instrument row;
    (void)row.symbol.assign("P" + std::to_string(i));
    row.kind = i + 1 == count ? ContractKind::spot : ContractKind::linear;
    row.price_decimals = 4;
    row.qty_decimals = 4;
    row.rules.tick_size = {100};
    (void)table.add(row).value();
  }
  return table;
}

inline StrategyContext context_of(const InstrumentTable& table, Plan& plan, std::span<const InstrumentId> instruments, StrategyId id = 0) {
  StrategyContext context;
  context.id = id;
  context.name = "s" + std::to_string(id);
  context.instruments = instruments;
  context.table = &table;
  context.slot_of = plan.slots();
  context.timeframe_bit_of = Plan::bits();
  return context;
}

inline IndicatorFrame frame_of(InstrumentId instrument, std::uint64_t sequence = 1) {
  IndicatorFrame frame;
  frame.instrument = instrument;
  frame.sequence = sequence;
  frame.ts_receive_ns = 1'000 + static_cast<std::int64_t>(sequence);
  frame.ts_exchange_ns = 900 + static_cast<std::int64_t>(sequence);
  frame.closed_mask = static_cast<std::uint8_t>(1 << Plan::bit_of(instrument));
  return frame;
}

inline void put(IndicatorFrame& frame, std::size_t slot, double value) {
  frame.slots[slot] = value;
  frame.warm_mask[slot / 64] |= std::uint64_t{1} << (slot % 64);
}

inline PositionView position(InstrumentId id, std::uint64_t version, std::int64_t qty, StrategyId owner = 0) {
  PositionView view;
  view.instrument = id;
  view.version = version;
  view.qty = {qty};
  view.exposure = qty != 0 ? Exposure::open : Exposure::flat;
  view.owner = qty != 0 ? owner : kNoStrategy;
  return view;
}

}  // namespace martinet::signal_test

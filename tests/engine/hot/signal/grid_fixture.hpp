#pragma once
// A grid strategy in a signal stage, fed bars whose indicators are written by hand, and told its position.
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/engine/hot/signal/signal_fixture.hpp"

namespace martinet::signal_test {

using Parameters = std::vector<std::pair<std::string, ParameterValue>>;

/// Values of every slot that a grid asks for; the mean is the SMA of grid_atr and the middle band of grid_boltrend.
struct GridBar {
  double close = 100;
  double mean = 100;
  double atr = 2;
  double upper = 104;
  double lower = 96;
  double trend = 100;
};

class GridRig {
 public:
  explicit GridRig(std::string_view kind, const Parameters& parameters = {}) {
    StrategyContext context = context_of(table, plan, ids);
    context.parameters.set("fill_allowance", 0.0);  // the figures of the tests are those of the plan itself
    for (const auto& [name, value] : parameters) context.parameters.set(name, value);
    Result<std::unique_ptr<Strategy>> made = make_strategy(kind, context);
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().what);
    std::vector<std::unique_ptr<Strategy>> list;
    list.push_back(std::move(*made));
    signal = std::make_unique<Signal>(std::move(list), table.size());
  }

  [[nodiscard]] IndicatorFrame frame(const GridBar& bar, InstrumentId id = 0) {
    IndicatorFrame f = frame_of(id, ++sequence);
    using K = IndicatorKind;
    const bool bands = plan.slot(id, K::bb_upper) != 0;
    for (const auto& [kind, value] : {std::pair{K::close, bar.close},
                                      {K::atr, bar.atr},
                                      {K::adx, 10.0},
                                      {K::plus_di, 1.0},
                                      {K::minus_di, 1.0},
                                      {K::natr_rank, 50.0},
                                      {K::bb_upper, bar.upper},
                                      {K::bb_middle, bar.mean},
                                      {K::bb_lower, bar.lower},
                                      {K::sma, bands ? bar.trend : bar.mean}}) {
      if (plan.slot(id, kind) != 0) put(f, plan.slot(id, kind), value);
    }
    return f;
  }
  std::vector<OrderIntent> hand(const IndicatorFrame& f) {
    Sink sink;
    signal->on_frame(f, sink);
    return sink.intents;
  }
  /// Intents of one closed bar.
  std::vector<OrderIntent> close(const GridBar& bar, InstrumentId id = 0) { return hand(frame(bar, id)); }

  /// The position after a fill: `legs` levels at `average` (grid units of 0.0001); legs 0 = flat.
  void holds(int legs, std::int64_t average = 0, int direction = 1, InstrumentId id = 0, StrategyId owner = 0) {
    PositionView view = position(id, ++version, direction * legs * 10, owner);
    if (legs > 0) view.entry_price = {average};
    view.legs_filled = static_cast<std::uint8_t>(legs);
    signal->on_position_view(view);
  }
  [[nodiscard]] const StrategyCounters& counters() const { return signal->strategies()[0]->counters(); }

  InstrumentTable table = table_of(3);
  Plan plan;
  std::array<InstrumentId, 2> ids = {0, 1};
  std::unique_ptr<Signal> signal;
  std::uint64_t sequence = 0;
  std::uint64_t version = 0;
};

}  // namespace martinet::signal_test

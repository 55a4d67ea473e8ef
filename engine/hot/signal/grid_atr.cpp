#include "engine/hot/signal/grid_atr.hpp"

#include <memory>

namespace martinet {
namespace {

constexpr std::array<std::string_view, 2> kTargets = {"mean", "percent"};
using Type = ParameterType;
using std::string_view_literals::operator""sv;

constexpr auto kParameters = with_common(
    "1h", 3, 0,
    with_grid(std::array{
        ParameterSpec{
            "sma_period", Type::integer, "bars", std::int64_t{14}, 2, 1000, {}, "length of the average that the levels lie around"},
        ParameterSpec{"first", Type::number, "ATR", 2.0, 0.05, 20, {}, "distance of level 0 from the average"},
        ParameterSpec{"target", Type::choice, "", "mean"sv, 0, 0, kTargets,
                      "mean: out at the return to the average; percent: at target_fraction"},
        ParameterSpec{
            "target_fraction", Type::number, "fraction", 0.0, 0, 0.5, {}, "target = \"percent\": gain on the average entry; else 0"},
    }));

Status check_grid_atr(std::string_view owner, const ParameterSet& given) {
  const ParameterReader read(kParameters, given);
  if (const Status shared = check_grid(owner, read, read.number("first")); !shared) return shared;
  const double fraction = read.number("target_fraction");
  if (read.choice("target") == "percent") {
    return must_hold(fraction > 0, owner, "target_fraction", "must be above 0 with target = \"percent\"");
  }
  return must_hold(fraction == 0, owner, "target_fraction", "is used with target = \"percent\" only; say so, or leave it at 0");
}

Result<std::unique_ptr<Strategy>> make_grid_atr(const StrategyContext& context) {
  const ParameterReader read(kParameters, context.parameters);
  std::vector<std::uint16_t> sma_slots(context.instruments.size());
  Result<std::vector<BarStrategy::Trade>> trades = bar_trades(context, read, [&](std::size_t index, SlotRequests& requests) {
    requests.want(sma_slots[index], IndicatorKind::sma, {.period = {read.integer("sma_period")}});
  });
  if (!trades) return trades.error();
  GridSettings grid = grid_settings_of(read);
  if (read.choice("target") == "percent") {
    grid.target = GridTarget::percent;
    grid.target_fraction = read.number("target_fraction");
    grid.target_rate = rate_of(grid.target_fraction);
  }
  return std::unique_ptr<Strategy>(
      std::make_unique<GridAtr>(context, bar_settings_of(read), std::move(*trades), grid, std::move(sma_slots), read.number("first")));
}

}  // namespace

constinit const StrategyKind kGridAtrKind = {"grid_atr", "an averaging grid below a moving average, closed at the return to it",
                                             kParameters, check_grid_atr, make_grid_atr};

GridAtr::GridAtr(const StrategyContext& context, const BarSettings& bar_settings, std::vector<Trade> trades, const GridSettings& grid,
                 std::vector<std::uint16_t> mean_slots, double first)
    : GridCycleStrategy(context, bar_settings, std::move(trades), grid, std::move(mean_slots)), first_(first) {}

void GridAtr::consider_cycle(std::size_t index, const IndicatorFrame& frame, IntentList& out) noexcept {
  const double close = frame.slots[trade(index).slots.close];
  const double atr = frame.slots[trade(index).slots.atr];
  const double sma = mean_of(index, frame);
  const auto distance = [&](std::size_t level) { return atr * (first_ + static_cast<double>(level) * grid().spacing); };
  const bool buy = settings().allow_long && close <= sma - distance(0);
  const bool sell = settings().allow_short && close >= sma + distance(0);
  if (!buy && !sell) return;

  std::array<double, kGridLevelsMax> levels{};
  for (std::size_t k = 0; k < grid().level_count; ++k) levels[k] = buy ? sma - distance(k) : sma + distance(k);
  const double last = levels[grid().level_count - 1];
  open_cycle(index, frame, {buy, {levels.data(), grid().level_count}, atr * grid().spacing, (close - levels[0]) / (last - levels[0])}, out);
}

}  // namespace martinet

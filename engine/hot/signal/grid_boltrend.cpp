#include "engine/hot/signal/grid_boltrend.hpp"

#include <cmath>
#include <memory>
#include <utility>

namespace martinet {
namespace {

using Type = ParameterType;

constexpr auto kParameters = with_common(
    "1h", 0, 0,
    with_grid(std::array{
        ParameterSpec{"band_period", Type::integer, "bars", std::int64_t{100}, 2, 1000, {}, "length of the Bollinger bands"},
        ParameterSpec{
            "band_deviations", Type::number, "standard deviations", 2.0, 0.1, 10, {}, "distance of the bands from the middle one"},
        ParameterSpec{"trend_period", Type::integer, "bars", std::int64_t{200}, 2, 1000, {}, "length of the average that tells the trend"},
    }));

Status check_grid_boltrend(std::string_view owner, const ParameterSet& given) {
  const ParameterReader read(kParameters, given);
  if (const Status shared = check_grid(owner, read, 0); !shared) return shared;
  return must_hold(read.integer("trend_period") != read.integer("band_period"), owner, "trend_period",
                   "must not be band_period: the trend would be the middle band, which every break is beyond");
}

Result<std::unique_ptr<Strategy>> make_grid_boltrend(const StrategyContext& context) {
  const ParameterReader read(kParameters, context.parameters);
  std::vector<std::uint16_t> middle_slots(context.instruments.size());
  std::vector<GridBoltrend::Slots> slots(context.instruments.size());
  const IndicatorParameters bands{.period = {read.integer("band_period")}, .factor = read.number("band_deviations")};
  Result<std::vector<BarStrategy::Trade>> trades = bar_trades(context, read, [&](std::size_t index, SlotRequests& requests) {
    requests.want(slots[index].upper, IndicatorKind::bb_upper, bands);
    requests.want(middle_slots[index], IndicatorKind::bb_middle, bands);
    requests.want(slots[index].lower, IndicatorKind::bb_lower, bands);
    requests.want(slots[index].trend, IndicatorKind::sma, {.period = {read.integer("trend_period")}});
  });
  if (!trades) return trades.error();
  GridSettings grid = grid_settings_of(read);
  grid.target = GridTarget::through_mean;
  return std::unique_ptr<Strategy>(
      std::make_unique<GridBoltrend>(context, bar_settings_of(read), std::move(*trades), grid, std::move(middle_slots), std::move(slots)));
}

}  // namespace

constinit const StrategyKind kGridBoltrendKind = {"grid_boltrend", "a Bollinger break with the trend, averaged into the pullback",
                                                  kParameters, check_grid_boltrend, make_grid_boltrend};

GridBoltrend::GridBoltrend(const StrategyContext& context, const BarSettings& bar_settings, std::vector<Trade> trades,
                           const GridSettings& grid, std::vector<std::uint16_t> mean_slots, std::vector<Slots> slots)
    : GridCycleStrategy(context, bar_settings, std::move(trades), grid, std::move(mean_slots)),
      slots_(std::move(slots)),
      bars_(instruments().size()) {
  MT_ASSERT(slots_.size() == instruments().size());
}

void GridBoltrend::consider_cycle(std::size_t index, const IndicatorFrame& frame, IntentList& out) noexcept {
  const auto& [before, now] = bars_[index];
  if (before.known == 0 || now.known == 0) return;
  const Slots& slots = slots_[index];
  const double close = frame.slots[trade(index).slots.close];
  const double trend = frame.slots[slots.trend];
  const bool buy = settings().allow_long && before.above == 0 && now.above != 0 && close > trend;
  const bool sell = settings().allow_short && before.below == 0 && now.below != 0 && close < trend;
  if (!buy && !sell) return;

  const double spacing = frame.slots[trade(index).slots.atr] * grid().spacing;
  std::array<double, kGridLevelsMax> levels{};
  for (std::size_t k = 0; k < grid().level_count; ++k) {
    const double distance = static_cast<double>(k) * spacing;
    levels[k] = buy ? close - distance : close + distance;
  }
  // A break out of bands without width has no measure: all the way.
  const double band = frame.slots[buy ? slots.upper : slots.lower];
  const double width = std::abs(band - mean_of(index, frame));
  const double score = width > 0 ? std::abs(close - band) / width : 1.0;
  open_cycle(index, frame, {buy, {levels.data(), grid().level_count}, spacing, score}, out);
}

void GridBoltrend::on_bar(std::size_t index, const IndicatorFrame& frame, bool warm) noexcept {
  const double close = frame.slots[trade(index).slots.close];
  const double upper = frame.slots[slots_[index].upper];
  const double lower = frame.slots[slots_[index].lower];
  auto& [before, now] = bars_[index];
  before = std::exchange(now, Place{});
  if (!warm || !std::isfinite(close) || !std::isfinite(upper) || !std::isfinite(lower)) return;
  now = {1, static_cast<std::uint8_t>(close > upper), static_cast<std::uint8_t>(close < lower)};
}

void GridBoltrend::save(ArchiveWriter& archive) const {
  GridCycleStrategy::save(archive);
  archive.put_span(std::span<const Bars>(bars_));
}

Errc GridBoltrend::load(ArchiveReader& archive) {
  if (const Errc error = GridCycleStrategy::load(archive); error != Errc::ok) return error;
  return archive.get_span(std::span<Bars>(bars_)) ? Errc::ok : Errc::checkpoint_mismatch;
}

}  // namespace martinet

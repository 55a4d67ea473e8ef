#include "engine/hot/signal/grid_cycle_strategy.hpp"

#include <algorithm>
#include <cmath>

#include "engine/hot/signal/price_grid.hpp"

namespace martinet {
namespace {

/// Rounded down; rates are at most 1 and prices on the grid below 2^51, so it always fits.
std::int64_t part_of(Price price, Rate rate) noexcept {
  std::int64_t part = 0;
  static_cast<void>(mul_div_down(price.v, rate.v, kRateUnit, part));
  return part;
}

/// `total` of `count` prices as their average, rounded up.
Price average_up(std::int64_t total, std::int64_t count) noexcept { return {(total + count - 1) / count}; }

/// Rounded up.
Price raised(Price price, Rate rate) noexcept {
  std::int64_t part = 0;
  static_cast<void>(mul_div_up(price.v, rate.v, kRateUnit, part));
  return {price.v + part};
}

}  // namespace

GridCycleStrategy::GridCycleStrategy(const StrategyContext& context, const BarSettings& bar_settings, std::vector<Trade> trades,
                                     const GridSettings& grid, std::vector<std::uint16_t> mean_slots)
    : BarStrategy(context, bar_settings, std::move(trades)),
      grid_(grid),
      mean_slots_(std::move(mean_slots)),
      cycles_(instruments().size()) {
  MT_ASSERT(mean_slots_.size() == instruments().size());
  MT_ASSERT(grid_.level_count >= 2 && grid_.level_count <= kGridLevelsMax);
}

void GridCycleStrategy::consider_entry(std::size_t index, const IndicatorFrame& frame, IntentList& out) noexcept {
  cycles_[index] = {};  // of an attempt that came to nothing
  consider_cycle(index, frame, out);
}

bool GridCycleStrategy::plan_cycle(const Trade& trade, const IndicatorFrame& frame, const CycleIdea& idea,
                                   OrderIntent& plan) const noexcept {
  const auto count = static_cast<std::int64_t>(idea.levels.size());
  const double last = idea.levels.back();
  Price reference{};
  if (!(idea.spacing > 0) || !(last > 0) || !to_grid(frame.slots[trade.slots.close], trade.price_decimals, reference.v)) return false;
  const std::int64_t stop = part_of(reference, grid_.stop_rate);
  const std::int64_t target = part_of(reference, grid_.target_rate);
  EntryPrices prices;
  if (stop <= 0 || (target <= 0 && grid_.target_rate.v > 0)) return false;
  if (!plan_entry(trade.rules, idea.buy, reference, stop, target, prices)) return false;

  Price worst = reference;
  std::int64_t total = reference.v;  // of prices below 2^51, at most 16 of them
  if (idea.buy) {
    for (const double level : idea.levels.subspan(1)) {
      Price price{};
      if (!to_grid(level, trade.price_decimals, price.v) || price.v <= 0) return false;
      worst = std::max(worst, price);
      total += price.v;
    }
  } else {
    Price beyond{};
    if (!to_grid(last + idea.spacing, trade.price_decimals, beyond.v)) return false;
    worst = tick_up(trade.rules, std::max(worst, beyond));
    total += (count - 1) * worst.v;
  }
  plan.stop_price = prices.stop;
  plan.target_price = prices.target;
  plan.worst_price = tick_up(trade.rules, raised(worst, grid_.fill_allowance));
  plan.worst_average = raised(average_up(total, count), grid_.fill_allowance);
  return true;
}

void GridCycleStrategy::open_cycle(std::size_t index, const IndicatorFrame& frame, const CycleIdea& idea, IntentList& out) noexcept {
  MT_DASSERT(idea.levels.size() == grid_.level_count);
  OrderIntent plan;
  if (!plan_cycle(trade(index), frame, idea, plan)) {
    ++counters_.unpriceable;
    return;
  }
  OrderIntent* const intent = add(index, frame, idea.buy ? IntentAction::enter_long : IntentAction::enter_short, out);
  intent->stop_price = plan.stop_price;
  intent->target_price = plan.target_price;
  intent->worst_price = plan.worst_price;
  intent->worst_average = plan.worst_average;
  intent->stop_rate = grid_.stop_rate;
  intent->target_rate = grid_.target_rate;
  intent->level_count = static_cast<std::uint8_t>(grid_.level_count);
  intent->score = idea.score > 0 ? std::min(idea.score, 1.0) : 0.0;  // written so that a NaN is no score
  ++(idea.buy ? counters_.entries_long : counters_.entries_short);

  Cycle& cycle = cycles_[index];
  std::ranges::copy(idea.levels, cycle.levels.begin());
  cycle.level_count = static_cast<std::int64_t>(idea.levels.size());
  cycle.direction = idea.buy ? 1 : -1;
}

CloseAll GridCycleStrategy::judge(std::size_t index, const IndicatorFrame& frame, const PositionView& position) const noexcept {
  if (!has_price(position.entry_price)) return CloseAll::none;
  const Trade& trade = this->trade(index);
  GridCycle cycle;
  cycle.direction = position.qty.v > 0 ? Side::buy : Side::sell;
  cycle.target = grid_.target;
  cycle.entry_average = static_cast<double>(position.entry_price.v) / static_cast<double>(pow10_i64(trade.price_decimals));
  cycle.stop_fraction = grid_.stop_fraction;
  cycle.target_fraction = grid_.target_fraction;
  return should_close_all({frame.slots[trade.slots.close], mean_of(index, frame)}, cycle);
}

void GridCycleStrategy::manage(std::size_t index, const IndicatorFrame& frame, const PositionView& position, IntentList& out) noexcept {
  if (const CloseAll close_all = judge(index, frame, position); close_all != CloseAll::none) {
    exit(index, frame, close_all == CloseAll::tp_global ? ExitReason::tp_global : ExitReason::sl_global, out);
    return;
  }
  if (expired(index)) return;  // no level on the bar that is out by time

  // A position that came without our opening (adopted after a crash) has no levels here: it is closed as any other, nothing is added.
  const Cycle& cycle = cycles_[index];
  const std::int64_t next = position.legs_filled;
  const bool is_long = position.qty.v > 0;
  if (next < 1 || next >= cycle.level_count || (cycle.direction > 0) != is_long) return;
  const double close = frame.slots[trade(index).slots.close];
  const double level = cycle.levels[static_cast<std::size_t>(next)];
  if (is_long ? close <= level : close >= level) add(index, frame, IntentAction::add_level, out);
}

void GridCycleStrategy::save(ArchiveWriter& archive) const {
  BarStrategy::save(archive);
  archive.put_span(std::span<const Cycle>(cycles_));
}

Errc GridCycleStrategy::load(ArchiveReader& archive) {
  if (const Errc error = BarStrategy::load(archive); error != Errc::ok) return error;
  if (!archive.get_span(std::span<Cycle>(cycles_))) return Errc::checkpoint_mismatch;
  const bool sound = std::ranges::all_of(cycles_, [this](const Cycle& cycle) {
    return cycle.level_count == 0 || cycle.level_count == static_cast<std::int64_t>(grid_.level_count);
  });
  return sound ? Errc::ok : Errc::checkpoint_mismatch;
}

Status check_grid(std::string_view owner, const ParameterReader& read, double first) {
  if (const Status common = check_common(owner, read); !common) return common;
  const double depth = first + read.number("spacing") * static_cast<double>(read.integer("levels") - 1);
  return must_hold(depth <= 50, owner, "spacing",
                   "times levels puts the last level more than 50 ATR away; take fewer levels or less spacing");
}

GridSettings grid_settings_of(const ParameterReader& read) {
  GridSettings settings;
  settings.level_count = static_cast<std::size_t>(read.integer("levels"));
  settings.spacing = read.number("spacing");
  settings.stop_fraction = read.number("stop_fraction");
  settings.stop_rate = rate_of(settings.stop_fraction);
  settings.fill_allowance = rate_of(read.number("fill_allowance"));
  return settings;
}

Rate rate_of(double fraction) {
  Rate rate;
  const bool fits = to_grid(fraction, kRateDecimals, rate.v);
  MT_ASSERT(fits);
  return rate;
}

}  // namespace martinet

#include "engine/hot/signal/every_bar.hpp"

#include <array>
#include <string>

#include "engine/hot/signal/price_grid.hpp"

namespace martinet {
namespace {

constexpr std::array<std::string_view, 3> kDirections = {"long", "short", "alternate"};
using Type = ParameterType;
using std::string_view_literals::operator""sv;

constexpr std::array kParameters = {
    ParameterSpec{"timeframe", Type::timeframe, "", "1m"sv, 0, 0, {}, "the bars it counts"},
    ParameterSpec{"bars", Type::integer, "bars", std::int64_t{1}, 1, 1'000'000, {}, "acts on every so-manieth bar (tick where every_tick)"},
    ParameterSpec{"every_tick", Type::boolean, "", false, 0, 0, {}, "counts ticks instead of bars"},
    ParameterSpec{"direction", Type::choice, "", "long"sv, 0, 0, kDirections, "side of its entries; spot instruments allow long only"},
    ParameterSpec{"stop_fraction", Type::number, "fraction", 0.01, 0.0001, 0.5, {}, "distance of the stop, as a part of the price"},
    ParameterSpec{"target_fraction", Type::number, "fraction", 0.0, 0, 0.5, {}, "distance of the target, as a part of the price; 0 = none"},
};

Status check_every_bar(std::string_view, const ParameterSet&) { return {}; }

std::int64_t rate_of(double fraction) {
  std::int64_t rate = 0;
  const bool fits = to_grid(fraction, kRateDecimals, rate);
  MT_ASSERT(fits);
  return rate;
}

EveryBar::Direction direction_of(std::string_view text) {
  if (text == "short") return EveryBar::Direction::only_short;
  return text == "alternate" ? EveryBar::Direction::alternate : EveryBar::Direction::only_long;
}

Result<EveryBar::Trade> trade_of(const StrategyContext& context, InstrumentId id, const EveryBar::Settings& settings,
                                 std::int64_t timeframe_ns) {
  const Instrument& instrument = (*context.table)[id];
  if (settings.direction != EveryBar::Direction::only_long && instrument.kind == ContractKind::spot) {
    return Error{Errc::config_contradiction, "strategy " + context.name + ".direction needs shorting, which the spot instrument " +
                                                 std::string(instrument.symbol.view()) + " does not allow; say direction = \"long\""};
  }
  EveryBar::Trade trade{instrument.rules, instrument.price_decimals, 0, 0};
  if (settings.on_ticks) return trade;
  IndicatorRequest request;
  request.timeframe_ns = timeframe_ns;
  request.instrument = id;
  request.kind = IndicatorKind::close;
  const Result<std::uint16_t> slot = context.slot_of(request);
  if (!slot) return slot.error();
  const Result<std::uint8_t> bit = context.timeframe_bit_of(id, timeframe_ns);
  if (!bit) return bit.error();
  MT_ASSERT(*bit < capacity::timeframes_max);
  MT_ASSERT(*slot < capacity::frame_slots_max);
  trade.close_slot = *slot;
  trade.bar_mask = static_cast<std::uint8_t>(1u << *bit);
  return trade;
}

Result<std::unique_ptr<Strategy>> make_every_bar(const StrategyContext& context) {
  const ParameterReader read(kParameters, context.parameters);
  EveryBar::Settings settings;
  settings.period = read.integer("bars");
  settings.stop_rate = rate_of(read.number("stop_fraction"));
  settings.target_rate = rate_of(read.number("target_fraction"));
  settings.direction = direction_of(read.choice("direction"));
  settings.on_ticks = read.boolean("every_tick");
  const std::int64_t timeframe_ns = read.timeframe_ns("timeframe");
  std::vector<EveryBar::Trade> trades;
  for (const InstrumentId id : context.instruments) {
    const Result<EveryBar::Trade> trade = trade_of(context, id, settings, timeframe_ns);
    if (!trade) return trade.error();
    trades.push_back(*trade);
  }
  return std::unique_ptr<Strategy>(std::make_unique<EveryBar>(context, settings, std::move(trades)));
}

}  // namespace

constinit const StrategyKind kEveryBarKind = {"every_bar", "a diagnostic: alternates entry and exit, whatever the market does", kParameters,
                                              check_every_bar, make_every_bar};

EveryBar::EveryBar(const StrategyContext& context, const Settings& settings, std::vector<Trade> trades)
    : Strategy(context.id, context.name, context.instruments), settings_(settings), trades_(std::move(trades)), states_(trades_.size()) {
  MT_ASSERT(trades_.size() == instruments().size());
  for (std::size_t i = 0; i < trades_.size(); ++i) bar_masks_[i] = trades_[i].bar_mask;
  wants_ticks_ = settings.on_ticks;
}

void EveryBar::on_frame(const IndicatorFrame& frame, const PositionView& position, IntentList& out) noexcept {
  const std::size_t index = local(frame.instrument);
  const Trade& trade = trades_[index];
  State& state = states_[index];
  ++counters_.decisions;
  Price reference = frame.last_price;
  if (!settings_.on_ticks) {
    if (!frame.warm(trade.close_slot) || !to_grid(frame.slots[trade.close_slot], trade.price_decimals, reference.v)) {
      ++counters_.not_warm;
      return;
    }
  }
  if (++state.waited < settings_.period) return;
  state.waited = 0;
  if (position.exposure == Exposure::flat) {
    enter(trade, reference, state, out);
  } else if (position.exposure == Exposure::open && owns(position)) {
    OrderIntent& intent = out.add();
    intent.action = IntentAction::exit;
    intent.reference_price = reference;
    intent.exit_reason = ExitReason::signal;
    ++counters_.exits;
  }
}

void EveryBar::enter(const Trade& trade, Price reference, State& state, IntentList& out) noexcept {
  const bool buy = settings_.direction == Direction::only_long || (settings_.direction == Direction::alternate && state.entries % 2 == 0);
  const auto part = [reference](std::int64_t rate) {
    return static_cast<std::int64_t>(static_cast<__int128>(reference.v) * rate / kRateUnit);  // rate <= 1/2: fits
  };
  EntryPrices prices;
  if (!plan_entry(trade.rules, buy, reference, part(settings_.stop_rate), part(settings_.target_rate), prices)) {
    ++counters_.unpriceable;
    return;
  }
  ++state.entries;
  OrderIntent& intent = out.add();
  intent.action = buy ? IntentAction::enter_long : IntentAction::enter_short;
  intent.reference_price = reference;
  intent.stop_price = prices.stop;
  intent.target_price = prices.target;
  ++(buy ? counters_.entries_long : counters_.entries_short);
}

void EveryBar::save(ArchiveWriter& archive) const { archive.put_span(std::span<const State>(states_)); }

Errc EveryBar::load(ArchiveReader& archive) { return archive.get_span(std::span<State>(states_)) ? Errc::ok : Errc::checkpoint_mismatch; }

}  // namespace martinet

// Buys when a bar closes above the upper Bollinger band, leaves when one closes below the middle band; mirrored for shorts.
#include "engine/hot/signal/bar_strategy_kind.hpp"

namespace martinet {
namespace {

constexpr auto kParameters = with_common(
    "1h", 0, 0,  // its bars, no cooldown, no longest holding time
    std::array{
        ParameterSpec{"period", ParameterType::integer, "bars", std::int64_t{20}, 2, 1000, {}, "length of the bands"},
        ParameterSpec{"deviations", ParameterType::number, "standard deviations", 2.0, 0.1, 10, {}, "from the middle to a band"},
        ParameterSpec{"stop_atrs", ParameterType::number, "ATR", 2.0, 0.1, 50, {}, "distance of the stop from the close"},
    });

struct Bands {
  std::uint16_t upper = 0, middle = 0, lower = 0;
};

class Breakout final : public BarStrategyOf<Bands> {
 public:
  static constexpr std::string_view kName = "breakout";
  static void ask(const ParameterReader& read, Bands& bands, SlotRequests& requests) {
    const IndicatorParameters parameters{.period = {read.integer("period")}, .factor = read.number("deviations")};
    requests.want(bands.upper, IndicatorKind::bb_upper, parameters);
    requests.want(bands.middle, IndicatorKind::bb_middle, parameters);
    requests.want(bands.lower, IndicatorKind::bb_lower, parameters);
  }
  Breakout(Parts parts, const ParameterReader& read) : BarStrategyOf(std::move(parts)), stop_atrs_(read.number("stop_atrs")) {}
  std::string_view kind() const noexcept override { return kName; }

 private:
  void consider_entry(std::size_t index, const IndicatorFrame& frame, IntentList& out) noexcept override {
    const bool buy = settings().allow_long && close(index, frame) > frame.slots[slots(index).upper];
    const bool sell = settings().allow_short && close(index, frame) < frame.slots[slots(index).lower];
    if (buy || sell) enter(index, frame, {.buy = buy, .stop_distance = stop_atrs_ * atr(index, frame)}, out);
  }
  void manage(std::size_t index, const IndicatorFrame& frame, const PositionView& position, IntentList& out) noexcept override {
    const double above = close(index, frame) - frame.slots[slots(index).middle];
    if (position.qty.v > 0 ? above < 0 : above > 0) exit(index, frame, ExitReason::signal, out);
  }
  double stop_atrs_;
};

}  // namespace

extern const StrategyKind kBreakoutKind =
    bar_strategy_kind<Breakout, kParameters>("buys a close above the bands, sells the return to their middle");

}  // namespace martinet
MARTINET_STRATEGY(martinet::kBreakoutKind);

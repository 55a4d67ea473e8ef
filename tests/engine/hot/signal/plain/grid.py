"""What both grids say about a cycle: it is admitted once with its worst case, adds a level where the price has come to it, and closes as a
whole. Prices of levels are floats, as the indicators they come from; what an intent carries is on the grid."""
from fractions import Fraction

from bars import TICK
from common import intent, on_grid

RATE_UNIT = 100_000_000
DEFAULTS = {"levels": 3, "spacing": 1, "stop_fraction": 0.2, "fill_allowance": 0.005}


def tick_up(price):
    return -(-price // TICK) * TICK


def tick_down(price):
    return price // TICK * TICK


def beside(reference, side, rate):
    """reference x (1 + side x rate), to the tick toward the reference."""
    price = reference * (1 + side * Fraction(rate, RATE_UNIT))
    return int(tick_down(price) if side > 0 else tick_up(price))


def with_room(price, p):
    """Market orders slip: the worst case leaves room for it."""
    return price - (-price * on_grid(p["fill_allowance"], 8) // RATE_UNIT)


def open_cycle(i, series, position, p, buy, levels, score, target_fraction=None):
    """One intent for the whole cycle; the levels go into the memory, to stay there."""
    reference = series.bars.prices["close"][i]
    gap = abs(levels[1] - levels[0])
    if levels[-1] <= 0 or gap == 0:
        return []
    if buy:
        # The first fills at the close, every other one at its level or below.
        fills = [reference] + [on_grid(level, series.decimals) for level in levels[1:]]
        worst_price = max(fills)
    else:
        # A level may fill above its price: as far as one more level would be.
        worst_price = tick_up(max(reference, on_grid(levels[-1] + gap, series.decimals)))
        fills = [reference] + [worst_price] * (len(levels) - 1)
    side = 1 if buy else -1
    stop_rate = on_grid(p["stop_fraction"], 8)
    target_rate = on_grid(target_fraction, 8) if target_fraction else 0
    stop = beside(reference, -side, stop_rate)
    if stop <= 0 or stop == reference:
        return []
    position.memory["levels"] = levels
    return [
        intent(
            i,
            series,
            p,
            "enter_long" if buy else "enter_short",
            stop=stop,
            target=beside(reference, side, target_rate) if target_rate else None,
            score=min(max(score, 0.0), 1.0),
            levels=len(levels),
            worst_price=tick_up(with_room(worst_price, p)),
            worst_average=with_room(-(-sum(fills) // len(fills)), p),
            stop_rate=stop_rate,
            target_rate=target_rate,
        )
    ]


def manage(i, series, position, p, reached):
    """in    reached: function of (side, average entry): "tp_global" or "sl_global" where the grid's own way out is open, else None"""
    close, side = series.close[i], position.side
    average = position.entry / 10**series.decimals
    loss = (average - close) * side / average
    reason = "sl_global" if loss >= p["stop_fraction"] else reached(side, average)
    if reason:
        return [intent(i, series, p, "exit", reason=reason)]
    if p["max_holding_bars"] and i - position.opened_bar >= p["max_holding_bars"]:
        return []  # out by time
    levels, next_level = position.memory["levels"], len(position.legs)
    if next_level < len(levels) and side * (close - levels[next_level]) <= 0:
        return [intent(i, series, p, "add_level")]
    return []

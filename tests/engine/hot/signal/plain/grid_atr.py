"""grid_atr from its description: levels below (above, for shorts) a moving average, spaced by ATRs; out at the return to the average, at a
percentage of the average entry where that is asked for, or at the global stop."""
import grid
from common import may_buy, may_sell

DEFAULTS = grid.DEFAULTS | {
    "timeframe": "1h",
    "cooldown_bars": 3,
    "max_holding_bars": 0,
    "sma_period": 14,
    "first": 2,
    "target": "mean",
    "target_fraction": 0,
}


def columns(series, p):
    return [series.sma(p["sma_period"])]


def decide(i, series, position, p):
    close = series.close[i]
    sma = series.sma(p["sma_period"])[i]
    atr = series.atr(p["atr_period"])[i]

    if position.side != 0:

        def reached(side, average):
            if p["target"] == "mean":
                there = side * (close - sma) >= 0
            else:
                there = side * (close - average) / average >= p["target_fraction"]
            return "tp_global" if there else None

        return grid.manage(i, series, position, p, reached)

    def levels(side):
        return [sma - side * atr * (p["first"] + k * p["spacing"]) for k in range(p["levels"])]

    for side, may in ((1, may_buy(p)), (-1, may_sell(p))):
        at = levels(side)
        if may and side * (close - at[0]) <= 0 and atr > 0:
            depth = (close - at[0]) / (at[-1] - at[0])
            percent = p["target_fraction"] if p["target"] == "percent" else None
            return grid.open_cycle(i, series, position, p, side > 0, at, depth, percent)
    return []

"""grid_boltrend from its description: a close that breaks out of the Bollinger bands in the direction of the trend opens a cycle whose
further levels lie in the pullback; out when the close is back through the middle band, or at the global stop."""
import common
import grid
from common import may_buy, may_sell

DEFAULTS = grid.DEFAULTS | {
    "timeframe": "1h",
    "cooldown_bars": 0,
    "max_holding_bars": 0,
    "band_period": 100,
    "band_deviations": 2,
    "trend_period": 200,
}


def bands(series, p):
    n, k = p["band_period"], p["band_deviations"]
    return series.bb_lower(n, k), series.bb_middle(n, k), series.bb_upper(n, k)


def columns(series, p):
    return [*bands(series, p), series.sma(p["trend_period"])]


def outside(i, series, p):
    """+1 above the upper band, -1 below the lower one, 0 on or between them"""
    lower, _, upper = bands(series, p)
    return (series.close[i] > upper[i]) - (series.close[i] < lower[i])


def decide(i, series, position, p):
    close = series.close[i]
    lower, middle, upper = (band[i] for band in bands(series, p))

    if position.side != 0:

        def reached(side, average):
            if side * (close - middle) >= 0:
                return None
            return "tp_global" if side * (close - average) > 0 else "sl_global"

        return grid.manage(i, series, position, p, reached)

    # A break needs a bar before it on which everything had a value.
    if i == 0 or any(column[i - 1] is None for column in columns(series, p) + common.columns(series, p)):
        return []
    side = outside(i, series, p)
    if side == 0 or outside(i - 1, series, p) == side or side * (close - series.sma(p["trend_period"])[i]) <= 0:
        return []
    if not (may_buy(p) if side > 0 else may_sell(p)):
        return []
    atr = series.atr(p["atr_period"])[i]
    levels = [close - side * k * p["spacing"] * atr for k in range(p["levels"])]
    band = upper if side > 0 else lower
    width = abs(band - middle)
    score = abs(close - band) / width if width > 0 else 1.0
    return grid.open_cycle(i, series, position, p, side > 0, levels, score)

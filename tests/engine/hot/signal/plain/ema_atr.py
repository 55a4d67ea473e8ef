"""ema_atr from its description: EMA crosses through filters, a trailing stop, profit in parts, out at the opposite cross.

Written over whole columns: a cross is looked up, not remembered, and the extreme since the entry is taken anew at every bar.
"""
import math
from fractions import Fraction

import common
from bars import TICK
from common import enter, intent, may_buy, may_sell, on_grid, tick_toward
from toy import RATE_UNIT

DEFAULTS = {
    "timeframe": "1h",
    "cooldown_bars": 0,
    "max_holding_bars": 0,
    "ema_fast": 20,
    "ema_slow": 50,
    "stop_atr": 3,
    "target_atr": 0,
    "reversal_bars": 1,
    "hv_filter": True,
    "hv_period": 20,
    "hv_z_window": 50,
    "hv_z_min": -1.5,
    "hv_z_max": 1.5,
    "rsi_filter": True,
    "rsi_period": 14,
    "rsi_min": 30,
    "rsi_max": 70,
    "macd_filter": True,
    "macd_fast": 12,
    "macd_slow": 26,
    "macd_signal": 9,
    "macd_hist_min": -0.0005,
    "macd_hist_scale": "none",
    "stochrsi_filter": False,
    "stochrsi_rsi_period": 14,
    "stochrsi_period": 14,
    "stochrsi_buy_below": 0.8,
    "stochrsi_sell_above": 0.2,
    "trailing": True,
    "trailing_activation_atr": 5.5,
    "trailing_distance_atr": 5.5,
    "trailing_atr": "entry",
    "trailing_step": 0.1,
    "partial_exits": False,
    "partial_1_profit": 0.02,
    "partial_1_part": 0.5,
    "partial_2_profit": 0.04,
    "partial_2_part": 0.3,
}


def hv_z(series, p):
    return series.historical_volatility_z(p["hv_period"], p["hv_z_window"])


def histogram(series, p):
    return series.macd_histogram(p["macd_fast"], p["macd_slow"], p["macd_signal"])


def stoch(series, p):
    return series.stochrsi_k(p["stochrsi_rsi_period"], p["stochrsi_period"], 3)


def columns(series, p):
    needed = [series.ema(p["ema_fast"]), series.ema(p["ema_slow"])]
    if p["hv_filter"]:
        needed.append(hv_z(series, p))
    if p["rsi_filter"]:
        needed.append(series.rsi(p["rsi_period"]))
    if p["macd_filter"]:
        needed.append(histogram(series, p))
    if p["stochrsi_filter"]:
        needed.append(stoch(series, p))
    return needed


def cross_at(i, series, p):
    """+1 upward, -1 downward, 0 none; none unless the bar before had all its values too."""
    fast, slow = series.ema(p["ema_fast"]), series.ema(p["ema_slow"])
    if i < 1 or fast[i - 1] is None or slow[i - 1] is None:
        return 0
    up = fast[i - 1] <= slow[i - 1] and fast[i] > slow[i]
    down = fast[i - 1] >= slow[i - 1] and fast[i] < slow[i]
    if not (up or down) or any(column[i - 1] is None for column in common.columns(series, p) + columns(series, p)):
        return 0
    return 1 if up else -1


def shares_of_filters(i, series, p, buy):
    """What each filter adds to the score, or None where one says no."""
    shares = []
    side = 1 if buy else -1
    if p["hv_filter"]:
        z, low, high = hv_z(series, p)[i], p["hv_z_min"], p["hv_z_max"]
        if z <= low or z >= high:
            return None
        shares.append(1 - abs(z - (low + high) / 2) / ((high - low) / 2))
    if p["rsi_filter"]:
        rsi, low, high = series.rsi(p["rsi_period"])[i], p["rsi_min"], p["rsi_max"]
        if rsi < low or rsi > high:
            return None
        shares.append(((high - rsi) if buy else (rsi - low)) / (high - low))
    if p["macd_filter"]:
        limit = p["macd_hist_min"] * (series.close[i] if p["macd_hist_scale"] == "price" else 1)
        above = side * histogram(series, p)[i] - limit
        if above <= 0:
            return None
        shares.append(above / series.atr(p["atr_period"])[i])
    if p["stochrsi_filter"]:
        k = stoch(series, p)[i] / 100
        if buy:
            share = 1 - k / p["stochrsi_buy_below"]
        else:
            share = (k - p["stochrsi_sell_above"]) / (1 - p["stochrsi_sell_above"])
        if share <= 0:
            return None
        shares.append(share)
    return shares


def entry_side(i, series, position, p):
    cross = cross_at(i, series, p)
    if cross != 0:
        return cross, i
    # The turn: the last cross is recent, came against a position of ours, and has led to no entry yet.
    for at in range(i - 1, i - 1 - p["reversal_bars"], -1):
        cross = cross_at(at, series, p)
        if cross == 0:
            continue
        fast, slow = series.ema(p["ema_fast"])[i], series.ema(p["ema_slow"])[i]
        against_ours = position.memory.get(("side", at), 0) == -cross
        if against_ours and position.memory.get("spent") != at and cross * (fast - slow) > 0:
            return cross, at
        break
    return 0, None


def decide(i, series, position, p):
    if position.side != 0:
        position.memory["side", i] = position.side
        return with_position(i, series, position, p)
    side, cross_bar = entry_side(i, series, position, p)
    if side == 0 or not (may_buy(p) if side > 0 else may_sell(p)):
        return []
    shares = shares_of_filters(i, series, p, side > 0)
    if shares is None:
        return []
    atr = series.atr(p["atr_period"])[i]
    shares.append(abs(series.ema(p["ema_fast"])[i] - series.ema(p["ema_slow"])[i]) / atr)
    score = sum(min(max(share, 0.0), 1.0) for share in shares) / len(shares)
    made = enter(i, series, p, side > 0, p["stop_atr"] * atr, p["target_atr"] * atr, score)
    if made is None:
        return []
    position.memory["spent"] = cross_bar
    return [made]


def with_position(i, series, position, p):
    side, born = position.side, position.opened_bar
    if any(cross_at(j, series, p) == -side for j in range(born + 1, i + 1)):
        return [intent(i, series, p, "exit", reason="signal")]
    made = []
    if p["trailing"]:
        made = trail(i, series, position, p)
        if made and made[0]["action"] == "exit":
            return made
    if p["partial_exits"]:
        made += parts(i, series, position, p)
    return made


def trail(i, series, position, p):
    side, born, close = position.side, position.opened_bar, series.bars.prices["close"][i]
    asked = position.memory.setdefault(("asked", born), position.stop)
    whole_bars = series.bars.prices["high" if side > 0 else "low"][born + 2 : i + 1]  # the bar after the decision holds the fill
    if not whole_bars:
        return []
    extreme = max(whole_bars) if side > 0 else min(whole_bars)

    def atrs(count, bar):
        return math.floor(count * on_grid(series.atr(p["atr_period"])[bar], series.decimals) + 0.5)

    if side * (extreme - position.entry) < atrs(p["trailing_activation_atr"], born):
        return []
    level = extreme - side * atrs(p["trailing_distance_atr"], born if p["trailing_atr"] == "entry" else i)
    if level <= 0:
        return []
    level = tick_toward(level, extreme)
    if side * (close - level) <= 0 or side * (close - asked) <= 0:
        return [intent(i, series, p, "exit", reason="trailing")]
    if side * (level - asked) < max(TICK, atrs(p["trailing_step"], born)):
        return []
    position.memory["asked", born] = level
    return [intent(i, series, p, "move_stop", stop=level)]


def parts(i, series, position, p):
    side, born = position.side, position.opened_bar
    levels = [(p[f"partial_{n}_profit"], round(p[f"partial_{n}_part"] * RATE_UNIT)) for n in (1, 2) if p[f"partial_{n}_part"] > 0]
    done = position.memory.setdefault(("parts", born), 0)  # the toy never refuses: asked is done
    if done == len(levels):
        return []
    profit, part = levels[done]
    change = Fraction(series.bars.prices["close"][i], position.entry) - 1
    if side * change < Fraction(str(profit)):
        return []
    position.memory["parts", born] += 1
    return [intent(i, series, p, "exit_part", part=part, reason="partial")]

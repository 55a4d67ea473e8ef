"""What the strategies that decide on closed bars share, said once more: regime, prices on the grid, warmth, cooldown, holding time."""
from fractions import Fraction

from bars import TICK

DEFAULTS = {
    "direction": "long",
    "atr_period": 14,
    "regime_adx_period": 14,
    "regime_natr_period": 14,
    "regime_window": 100,
    "trend_adx": 25,
    "high_volatility": 80,
    "low_volatility": 20,
}


def columns(series, p):
    """Without a value in each of these a strategy is silent."""
    return [
        series.atr(p["atr_period"]),
        series.adx(p["regime_adx_period"]),
        series.natr_rank(p["regime_natr_period"], p["regime_window"]),
    ]


def regime(i, series, p):
    n = p["regime_adx_period"]
    if series.adx(n)[i] >= p["trend_adx"]:
        return "trending_up" if series.plus_di(n)[i] >= series.minus_di(n)[i] else "trending_down"
    rank = series.natr_rank(p["regime_natr_period"], p["regime_window"])[i]
    if rank >= p["high_volatility"]:
        return "high_volatility"
    return "low_volatility" if rank <= p["low_volatility"] else "ranging"


def may_buy(p):
    return p["direction"] in ("long", "both")


def may_sell(p):
    return p["direction"] in ("short", "both")


def on_grid(value, decimals):
    """Nearest integer, a half up."""
    return int((Fraction(value) * 10**decimals + Fraction(1, 2)) // 1)


def tick_toward(price, reference):
    """Of the ticks around `price` the one nearer to `reference`; both are integers."""
    if price % TICK == 0:
        return price
    return price // TICK * TICK + (TICK if price < reference else 0)


def intent(i, series, p, action, **fields):
    """An intent at the close of bar i. Fields that are not named: no price, no part, one level."""
    made = {
        "action": action,
        "reference": series.bars.prices["close"][i],
        "stop": None,
        "target": None,
        "score": 0.0,
        "regime": regime(i, series, p),
        "reason": "none",
        "atr": on_grid(series.atr(p["atr_period"])[i], series.decimals),
        "part": 0,
        "levels": 1,
        "worst_price": None,
        "worst_average": None,
        "stop_rate": 0,
        "target_rate": 0,
    }
    assert set(fields) <= set(made)
    return made | fields


def enter(i, series, p, buy, stop_distance, target_distance, score, **fields):
    """An entry with stop and target at these distances (floats; target 0 = none), on ticks toward the close; None where that gives no
    prices that make sense."""
    reference = series.bars.prices["close"][i]
    stop_distance, wanted = on_grid(stop_distance, series.decimals), target_distance
    target_distance = on_grid(target_distance, series.decimals)
    side = 1 if buy else -1
    stop = tick_toward(reference - side * stop_distance, reference)
    target = tick_toward(reference + side * target_distance, reference)
    if stop_distance <= 0 or reference - side * stop_distance <= 0 or side * (reference - stop) <= 0:
        return None
    if wanted > 0 and (reference + side * target_distance <= 0 or side * (target - reference) <= 0):
        return None
    return intent(
        i,
        series,
        p,
        "enter_long" if buy else "enter_short",
        stop=stop,
        target=target if wanted > 0 else None,
        score=min(max(score, 0.0), 1.0),
        **fields,
    )


def decide(i, series, position, p, strategy, needed):
    """What the strategy module wants at bar i, within what is common to all."""
    warm = all(column[i] is not None for column in needed)
    if position.side == 0:
        cooling = position.flat_since is not None and i - position.flat_since < p["cooldown_bars"]
        return strategy.decide(i, series, position, p) if warm and not cooling else []
    intents = strategy.decide(i, series, position, p) if warm else []
    too_long = p["max_holding_bars"] > 0 and i - position.opened_bar >= p["max_holding_bars"]
    if too_long and not any(x["action"] == "exit" for x in intents):
        intents.append(intent(i, series, p, "exit", reason="time"))  # the end of the holding time needs no indicator of the strategy
    return intents

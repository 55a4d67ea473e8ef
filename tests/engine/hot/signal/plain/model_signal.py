"""model_signal from its description: a linear model read from its file says buy, hold or sell."""
import functools
import hashlib
import json
import math

from common import enter, intent, may_buy, may_sell

DEFAULTS = {
    "timeframe": "1h",
    "cooldown_bars": 0,
    "max_holding_bars": 0,
    "model": "model.json",
    "threshold": 0,
    "atr_stop_multiplier": 1.5,
    "reward": 2,
}


@functools.cache
def model_of(path):
    with open(path, "rb") as file:
        data = file.read()
    model = json.loads(data)
    digits = model["hash"].encode()
    assert data.count(digits) == 1 and hashlib.sha256(data.replace(digits, b"0" * 64)).hexdigest().encode() == digits
    return model


def column_of(series, feature):
    found = getattr(series.longer(feature["timeframe"]), feature["indicator"])  # "longer" gives shorter timeframes too
    if isinstance(found, list):
        return found
    arguments = list(feature.get("periods", []))
    if "factor" in feature:
        arguments.append(feature["factor"])
    return found(*arguments)


def probabilities(model, values):
    z = [(value - mean) / scale for value, mean, scale in zip(values, model["mean"], model["scale"])]
    scores = [bias + sum(w * x for w, x in zip(row, z)) for row, bias in zip(model["weights"], model["bias"])]
    if len(scores) == 1:
        chance = 1 / (1 + math.exp(-scores[0]))
        return [chance, 1 - chance]
    shares = [math.exp(score - max(scores)) for score in scores]
    return [share / sum(shares) for share in shares]


def columns(series, p):
    return []  # a feature without a value is no reason to be silent: it means hold


def threshold_of(model, p):
    return p["threshold"] if p["threshold"] > 0 else model["threshold"]


def advice(i, series, p):
    model = model_of(p["model"])
    values = [column_of(series, feature)[i] for feature in model["features"]]
    if any(value is None or not math.isfinite(value) for value in values):
        return "hold", 0.0
    ranked = sorted(zip(probabilities(model, values), model["classes"]), reverse=True)
    (best, action), (second, _) = ranked[0], ranked[1]
    if best < threshold_of(model, p) or best == second:
        return "hold", best
    return action, best


def decide(i, series, position, p):
    action, chance = advice(i, series, p)
    if position.side != 0:
        against = "sell" if position.side > 0 else "buy"
        return [intent(i, series, p, "exit", reason="signal")] if action == against else []
    buy = action == "buy" and may_buy(p)
    sell = action == "sell" and may_sell(p)
    if not buy and not sell:
        return []
    least = threshold_of(model_of(p["model"]), p)
    score = (chance - least) / (1 - least) if least < 1 else 1.0
    stop = p["atr_stop_multiplier"] * series.atr(p["atr_period"])[i]
    made = enter(i, series, p, buy, stop, p["reward"] * stop, score)
    return [made] if made else []

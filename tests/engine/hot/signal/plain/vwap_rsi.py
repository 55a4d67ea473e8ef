"""vwap_rsi from its description: reversion to VWAP out of oversold dips on volume, and the mirror image."""
from common import enter, intent, may_buy, may_sell, regime

DEFAULTS = {
    "timeframe": "5m",
    "cooldown_bars": 3,
    "max_holding_bars": 48,
    "vwap": "session",
    "vwap_period": 20,
    "deviation": 0.002,
    "rsi_period": 14,
    "oversold": 30,
    "overbought": 70,
    "volume_factor": 1,
    "volume_period": 20,
    "atr_stop_multiplier": 1.5,
    "reward": 2,
    "regime": "calm",
    "trend_filter": True,
    "filter_timeframe": "15m",
    "filter_adx_period": 14,
    "filter_adx": 20,
}


def vwap_of(series, p):
    return series.vwap_session() if p["vwap"] == "session" else series.vwap_rolling(p["vwap_period"])


def columns(series, p):
    needed = [vwap_of(series, p), series.rsi(p["rsi_period"]), series.volume_sma(p["volume_period"])]
    if p["trend_filter"]:
        needed.append(series.longer(p["filter_timeframe"]).adx(p["filter_adx_period"]))
    return needed


def decide(i, series, position, p):
    close, vwap = series.close[i], vwap_of(series, p)[i]
    if position.side != 0:
        back = close >= vwap if position.side > 0 else close <= vwap
        return [intent(i, series, p, "exit", reason="signal")] if back else []

    if series.volume[i] < p["volume_factor"] * series.volume_sma(p["volume_period"])[i]:
        return []
    if p["regime"] == "calm" and regime(i, series, p) not in ("ranging", "low_volatility"):
        return []
    rsi = series.rsi(p["rsi_period"])[i]
    away = close / vwap - 1
    if abs(away) < p["deviation"]:
        return []
    if away < 0 and rsi <= p["oversold"] and may_buy(p):
        buy, rsi_share = True, 1 - rsi / p["oversold"]
    elif away > 0 and rsi >= p["overbought"] and may_sell(p):
        buy, rsi_share = False, (rsi - p["overbought"]) / (100 - p["overbought"])
    else:
        return []
    if p["trend_filter"]:
        n, filter_bars = p["filter_adx_period"], series.longer(p["filter_timeframe"])
        up, down = filter_bars.plus_di(n)[i], filter_bars.minus_di(n)[i]
        against = down > up if buy else up > down
        if filter_bars.adx(n)[i] > p["filter_adx"] and against:
            return []
    deviation_share = min(abs(away) / p["deviation"] - 1, 1)
    stop = p["atr_stop_multiplier"] * series.atr(p["atr_period"])[i]
    made = enter(i, series, p, buy, stop, p["reward"] * stop, (rsi_share + deviation_share) / 2)
    return [made] if made else []

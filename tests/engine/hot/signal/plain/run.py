"""Runs a plain strategy over bar files and prints its decisions.

in   standard input: {"strategy": "vwap_rsi", "instruments": [{"path": "...", "interval_ms": 60000}], "runs": [{parameter: value}, ..]}
     parameters that a run does not name have the defaults of the module (and of common.py)
out  per run a line "run N", then a line per intent, in order of the bars of the files, of equal bars in order of the instruments:
     bar_open_ms instrument action reference stop target score regime reason atr part levels worst_price worst_average stop_rate target_rate
     prices and ATR as integers on the grid, - where there is none; rates in 1e-8; bar_open_ms: of the strategy's bar
"""
import importlib
import json
import sys

import bars
import common
from indicators import Series
from toy import Position

FIELDS = ("action", "reference", "stop", "target", "score", "regime", "reason", "atr", "part", "levels", "worst_price", "worst_average",
          "stop_rate", "target_rate")


def text_of(value):
    if value is None:
        return "-"
    return f"{value:.12f}" if isinstance(value, float) else str(value)


def decisions(series, strategy, p):
    """Yields (index of the file bar, phase, line without instrument)."""
    file_bars = series.file_bars
    needed = common.columns(series, p) + strategy.columns(series, p)
    position = Position()
    i = 0
    for f in range(len(file_bars)):
        position.touch(file_bars.prices["low"][f], file_bars.prices["high"][f])
        while i < series.count and series.bars.known[i] <= (f, 1):
            position.begin_bar(i)
            intents = common.decide(i, series, position, p, strategy, needed)
            position.apply(i, intents)
            for one in intents:
                yield file_bars.open_ms[f], series.bars.open_ms[i], [text_of(one[name]) for name in FIELDS]
            i += 1


def main():
    job = json.load(sys.stdin)
    strategy = importlib.import_module(job["strategy"])
    files = [bars.read(one["path"], one["interval_ms"]) for one in job["instruments"]]
    made = {}
    for number, given in enumerate(job["runs"]):
        p = common.DEFAULTS | strategy.DEFAULTS | given
        unknown = set(p) - set(common.DEFAULTS) - set(strategy.DEFAULTS)
        assert not unknown, f"parameters that {job['strategy']} does not have: {unknown}"
        lines = []
        for instrument, file_bars in enumerate(files):
            key = (instrument, p["timeframe"])
            if key not in made:
                made[key] = Series(bars.longer(file_bars, bars.timeframe_ms(p["timeframe"])), file_bars)
            for at, open_ms, fields in decisions(made[key], strategy, p):
                lines.append((at, instrument, " ".join([str(open_ms), str(instrument)] + fields)))
        lines.sort(key=lambda one: one[:2])  # stable: lines of one frame keep their order
        print("run", number)
        for _, _, line in lines:
            print(line)


main()

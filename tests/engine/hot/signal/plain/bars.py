"""Bar files, and longer bars made of shorter ones.

Prices and volumes are integers on a grid: prices with the decimals the file needs plus two, as the engine's instruments have; the tick
is the last decimal of the file. Floats are those integers divided by the grid, so they are what the file says, correctly rounded.
"""
import csv
import gzip

UNIT_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
TICK = 100


def timeframe_ms(text):
    return int(text[:-1]) * UNIT_MS[text[-1]]


def decimals_of(text):
    fraction = text.partition(".")[2].rstrip("0")
    return len(fraction)


def to_integer(text, decimals):
    whole, _, fraction = text.partition(".")
    return int(whole + fraction.rstrip("0").ljust(decimals, "0"))


class Bars:
    """Columns of equal length. prices[name] and volume_units are integers; open, high, low, close, volume are floats."""

    def __init__(self, interval_ms, decimals, volume_decimals):
        self.interval_ms = interval_ms
        self.decimals = decimals
        self.volume_decimals = volume_decimals
        self.open_ms = []
        self.prices = {"open": [], "high": [], "low": [], "close": []}
        self.volume_units = []
        self.known = []  # (i, 0): known when file bar i arrives, before it counts; (i, 1): known with the end of file bar i

    def finish(self):
        for name, column in self.prices.items():
            setattr(self, name, [value / 10**self.decimals for value in column])
        self.volume = [value / 10**self.volume_decimals for value in self.volume_units]
        return self

    def __len__(self):
        return len(self.open_ms)


def read(path, interval_ms):
    with gzip.open(path, "rt") as file:
        rows = list(csv.DictReader(file))
    names = ("open", "high", "low", "close")
    decimals = max(decimals_of(row[name]) for row in rows for name in names) + 2
    volume_decimals = max(decimals_of(row["volume"]) for row in rows)
    bars = Bars(interval_ms, decimals, volume_decimals)
    for i, row in enumerate(rows):
        bars.open_ms.append(int(row["ts_ms"]))
        for name in names:
            bars.prices[name].append(to_integer(row[name], decimals))
        bars.volume_units.append(to_integer(row["volume"], volume_decimals))
        bars.known.append((i, 1))
    return bars.finish()


def longer(file_bars, interval_ms):
    """Bars of `interval_ms`, aligned to UTC. One that is still growing at the end of the file is not among them. A bar is known with the
    last shorter bar inside it, or, where that one is missing, when the next shorter bar arrives."""
    assert interval_ms % file_bars.interval_ms == 0
    if interval_ms == file_bars.interval_ms:
        return file_bars
    result = Bars(interval_ms, file_bars.decimals, file_bars.volume_decimals)
    i = 0
    while i < len(file_bars):
        start = file_bars.open_ms[i] // interval_ms * interval_ms
        j = i
        while j < len(file_bars) and file_bars.open_ms[j] < start + interval_ms:
            j += 1
        complete = file_bars.open_ms[j - 1] + file_bars.interval_ms == start + interval_ms
        if complete or j < len(file_bars):
            result.open_ms.append(start)
            result.prices["open"].append(file_bars.prices["open"][i])
            result.prices["high"].append(max(file_bars.prices["high"][i:j]))
            result.prices["low"].append(min(file_bars.prices["low"][i:j]))
            result.prices["close"].append(file_bars.prices["close"][j - 1])
            result.volume_units.append(sum(file_bars.volume_units[i:j]))
            result.known.append((j - 1, 1) if complete else (j, 0))
        i = j
    return result.finish()

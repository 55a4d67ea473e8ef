"""The plain indicators against TA-Lib's values.

in   arguments: bar file, its interval in ms, reference file (one row a bar, joined by ts_ms, an empty cell where TA-Lib has no value yet)
out  a line per column with the worst difference as a part of max(|value|, scale), scale being the price or, of what moves in 0..100, 100;
     exit code 1 if any is above its bound, or a value is there that should not be or the other way round
"""
import csv
import gzip
import sys

from bars import read
from indicators import Series

# 1e-9, but for what TA-Lib derives from a deviation, where it loses digits itself.
PRICE, BOUNDED, DEVIATION, VOLUME = ("price", 1e-9), (100.0, 1e-9), ("price", 1e-7), (1.0, 1e-9)
COLUMNS = {
    "sma20": ("sma", (20,), PRICE),
    "ema12": ("ema", (12,), PRICE),
    "ema26": ("ema", (26,), PRICE),
    "ema200": ("ema", (200,), PRICE),
    "rsi14": ("rsi", (14,), BOUNDED),
    "macd_12_26_9": ("macd", (12, 26, 9), PRICE),
    "macd_signal": ("macd_signal", (12, 26, 9), PRICE),
    "macd_hist": ("macd_histogram", (12, 26, 9), PRICE),
    "bb_upper_20_2": ("bb_upper", (20, 2.0), DEVIATION),
    "bb_lower_20_2": ("bb_lower", (20, 2.0), DEVIATION),
    "atr14": ("atr", (14,), PRICE),
    "natr14": ("natr", (14,), BOUNDED),
    "adx14": ("adx", (14,), BOUNDED),
    "plus_di14": ("plus_di", (14,), BOUNDED),
    "minus_di14": ("minus_di", (14,), BOUNDED),
    "stochrsi_k_14_14_3": ("stochrsi_k", (14, 14, 3), BOUNDED),
    "stochrsi_d": ("stochrsi_d", (14, 14, 3), BOUNDED),
    "stddev20": ("stddev", (20,), DEVIATION),
    "obv": ("obv", (), VOLUME),
    "mfi14": ("mfi", (14,), BOUNDED),
    "cci20": ("cci", (20,), BOUNDED),
    "willr14": ("williams_r", (14,), BOUNDED),
    "roc10": ("roc", (10,), BOUNDED),
}


def main():
    bars = read(sys.argv[1], int(sys.argv[2]))
    with gzip.open(sys.argv[3], "rt") as file:
        reference = list(csv.DictReader(file))
    series = Series(bars, bars)
    assert [int(row["ts_ms"]) for row in reference] == bars.open_ms[: len(reference)]
    assert set(reference[0]) == set(COLUMNS) | {"ts_ms"}, set(reference[0]) ^ set(COLUMNS)
    good = True
    for name, (indicator, arguments, (scale, bound)) in COLUMNS.items():
        mine = getattr(series, indicator)(*arguments)
        worst, compared, misplaced = 0.0, 0, 0
        for i, row in enumerate(reference):
            if (row[name] == "") != (mine[i] is None):
                misplaced += 1
            elif row[name] != "":
                expected = float(row[name])
                size = max(abs(expected), series.close[i] if scale == "price" else scale)
                worst = max(worst, abs(mine[i] - expected) / size)
                compared += 1
        passed = worst <= bound and misplaced == 0 and compared > 100
        good = good and passed
        print(f"{name:20} {compared} values, worst {worst:.2e}" + ("" if passed else f", MISPLACED {misplaced}: FAILED"))
    sys.exit(0 if good else 1)


main()

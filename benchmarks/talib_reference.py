#!/usr/bin/env python3
"""The reference beside bench_indicators: the same eight indicators by TA-Lib, over whole columns and over a window of 200 bars for each new
bar. Needs the Python modules TA-Lib and numpy. Prints nanoseconds a bar."""
import statistics
import time

import numpy
import talib

BARS, WINDOW = 65_536, 200


def eight(close, high, low):
    talib.SMA(close, 20)
    talib.EMA(close, 20)
    talib.RSI(close, 14)
    talib.MACD(close, 12, 26, 9)
    talib.BBANDS(close, 20, 2, 2)
    talib.ATR(high, low, close, 14)
    talib.ADX(high, low, close, 14)
    talib.STOCHRSI(close, 14, 14, 3)


def quantiles(times):
    cuts = statistics.quantiles(times, n=10)
    return f"p10 {cuts[0]:.1f}, p50 {cuts[4]:.1f}, p90 {cuts[8]:.1f}"


def timed(call, bars):
    start = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - start) / bars


random = numpy.random.default_rng(20240808)
close = 60_000 + numpy.cumsum(random.normal(0, 40, BARS))
opened = numpy.concatenate(([60_000], close[:-1]))
high = numpy.maximum(opened, close) + random.uniform(0, 50, BARS)
low = numpy.minimum(opened, close) - random.uniform(0, 50, BARS)

print("TA-Lib", talib.__version__, "C library", talib.__ta_version__.decode())
print("batch, ns a bar:         ", quantiles([timed(lambda: eight(close, high, low), BARS) for _ in range(100)]))
windows = [slice(i, i + WINDOW) for i in range(2_000)]
print("window of 200, ns a bar: ", quantiles([timed(lambda: eight(close[w], high[w], low[w]), 1) for w in windows]))

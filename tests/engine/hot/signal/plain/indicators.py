"""Indicators as lists, one element a bar, None where there is no value yet. Written from the definitions (Wilder's book, TA-Lib's
conventions for where a series begins), window by window, with no thought of speed.

A Series computes a column when it is first asked for: series.rsi(14)[i]. series.longer("15m").adx(14)[i] is the value of the last 15m bar
that was known when bar i was. Arguments are those of the engine's IndicatorRequest.
"""
import math

from bars import longer as longer_bars
from bars import timeframe_ms

DAY_MS = 86_400_000
YEAR_MS = 365 * DAY_MS


def mean(values):
    return math.fsum(values) / len(values)


def deviation(values, freedom):
    """freedom 0: of a population; 1: of a sample"""
    middle = mean(values)
    return math.sqrt(math.fsum((x - middle) ** 2 for x in values) / (len(values) - freedom))


def z_score(values):
    width = deviation(values, 1)
    return (values[-1] - mean(values)) / width if width > 0 else 0.0


def windows(column, n, of):
    """of(the last n values) at every bar where all of them exist"""
    first = next((i for i, x in enumerate(column) if x is not None), len(column))
    return [of(column[i - n + 1 : i + 1]) if i - n + 1 >= first else None for i in range(len(column))]


def smoothed(column, n, weight):
    """Begins with the mean of the first n values, then moves by `weight` of the way to each next one."""
    result = []
    value = None
    seen = []
    for x in column:
        if x is None:
            result.append(None)
            continue
        if value is None:
            seen.append(x)
            if len(seen) == n:
                value = mean(seen)
        else:
            value = (1 - weight) * value + weight * x
        result.append(value)
    return result


def ema_of(column, n):
    return smoothed(column, n, 2 / (n + 1))


def wilder_of(column, n):
    return smoothed(column, n, 1 / n)


def either(a, b, of):
    return [None if x is None or y is None else of(x, y) for x, y in zip(a, b)]


class Series:
    def __init__(self, bars, file_bars):
        self.bars = bars
        self.file_bars = file_bars
        self.decimals = bars.decimals
        self.count = len(bars)
        self.open, self.high, self.low, self.close, self.volume = bars.open, bars.high, bars.low, bars.close, bars.volume
        self.typical = [(h + l + c) / 3 for h, l, c in zip(self.high, self.low, self.close)]
        self._made = {}

    def __getattr__(self, name):
        """series.rsi(14): the column made by make_rsi, kept."""
        if name.startswith("_"):
            raise AttributeError(name)
        make = object.__getattribute__(self, "make_" + name)

        def kept(*arguments):
            key = (name, arguments)
            if key not in self._made:
                self._made[key] = make(*arguments)
            return self._made[key]

        return kept

    # --- averages
    def make_sma(self, n):
        return windows(self.close, n, mean)

    def make_ema(self, n):
        return ema_of(self.close, n)

    def make_stddev(self, n):
        return windows(self.close, n, lambda w: deviation(w, 0))

    def make_bb_middle(self, n, factor):
        return self.sma(n)

    def make_bb_upper(self, n, factor):
        return either(self.sma(n), self.stddev(n), lambda m, s: m + factor * s)

    def make_bb_lower(self, n, factor):
        return either(self.sma(n), self.stddev(n), lambda m, s: m - factor * s)

    def make_bb_bandwidth(self, n, factor):
        return either(self.sma(n), self.stddev(n), lambda m, s: 2 * factor * s / m)

    def make_bb_percent_b(self, n, factor):
        lower, upper = self.bb_lower(n, factor), self.bb_upper(n, factor)
        return [
            None if lo is None else (c - lo) / (up - lo) if up > lo else 0.5 for c, lo, up in zip(self.close, lower, upper)
        ]

    def make_macd(self, fast, slow, signal):
        line = self._macd_line(fast, slow)
        return either(line, ema_of(line, signal), lambda l, s: l)  # no line before its signal

    def make_macd_signal(self, fast, slow, signal):
        return ema_of(self._macd_line(fast, slow), signal)

    def make_macd_histogram(self, fast, slow, signal):
        return either(self.macd(fast, slow, signal), self.macd_signal(fast, slow, signal), lambda l, s: l - s)

    def _macd_line(self, fast, slow):
        # Both averages begin with the same bar, as TA-Lib has it: the fast one leaves out the oldest closes.
        skipped = [None] * (slow - fast) + self.close[slow - fast :]
        return either(ema_of(skipped, fast), ema_of(self.close, slow), lambda f, s: f - s)

    # --- momentum
    def make_rsi(self, n):
        change = [None] + [b - a for a, b in zip(self.close, self.close[1:])]
        gain = wilder_of([None if x is None else max(x, 0.0) for x in change], n)
        loss = wilder_of([None if x is None else max(-x, 0.0) for x in change], n)
        return either(gain, loss, lambda g, l: 100 * g / (g + l) if g + l > 0 else 0.0)

    def make_stochrsi_k(self, rsi, window, smoothing):
        fast = self._fast_k(rsi, window)
        return either(fast, windows(fast, smoothing, mean), lambda k, d: k)  # no %K before its %D

    def make_stochrsi_d(self, rsi, window, smoothing):
        return windows(self._fast_k(rsi, window), smoothing, mean)

    def _fast_k(self, rsi, window):
        def of(w):
            reach = max(w) - min(w)
            return 100 * (w[-1] - min(w)) / reach if reach > 1e-9 else 0.0

        return windows(self.rsi(rsi), window, of)

    def make_roc(self, n):
        return [100 * (c / self.close[i - n] - 1) if i >= n else None for i, c in enumerate(self.close)]

    def make_cci(self, n):
        def of(w):
            middle = mean(w)
            off = mean([abs(x - middle) for x in w])
            return (w[-1] - middle) / (0.015 * off) if max(w) > min(w) else 0.0

        return windows(self.typical, n, of)

    def make_williams_r(self, n):
        high, low = windows(self.high, n, max), windows(self.low, n, min)
        return [
            None if h is None else -100 * (h - c) / (h - l) if h > l else 0.0 for h, l, c in zip(high, low, self.close)
        ]

    # --- range and trend
    def _true_range(self):
        result = [None]
        for i in range(1, self.count):
            before = self.close[i - 1]
            result.append(max(self.high[i] - self.low[i], abs(self.high[i] - before), abs(self.low[i] - before)))
        return result

    def make_atr(self, n):
        return wilder_of(self._true_range(), n)

    def make_natr(self, n):
        return either(self.atr(n), self.close, lambda a, c: 100 * a / c)

    def make_natr_rank(self, n, window):
        natr = self.natr(n)
        result = []
        for i in range(self.count):
            past = natr[i - window : i] if i >= window else [None]
            result.append(None if past[0] is None else 100 * sum(1 for x in past if x <= natr[i]) / window)
        return result

    def make_directional(self, n):
        """Lists of +DI, -DI, ADX. Sums of n movements, the first of n - 1 plain additions, each later one fading the sum by 1/n first."""
        plus_di, minus_di, adx = [None] * self.count, [None] * self.count, [None] * self.count
        true_range = self._true_range()
        sums = [0.0, 0.0, 0.0]
        first = []  # DX of the first n bars that have one
        for i in range(1, self.count):
            up, down = self.high[i] - self.high[i - 1], self.low[i - 1] - self.low[i]
            plus = up if up > down and up > 0 else 0.0
            minus = down if down > up and down > 0 else 0.0
            keep = 1.0 if i < n else (n - 1) / n
            sums = [keep * s + x for s, x in zip(sums, (plus, minus, true_range[i]))]
            if i < n:
                continue
            p, m, r = sums
            plus_di[i], minus_di[i] = (100 * p / r, 100 * m / r) if r > 0 else (0.0, 0.0)
            total = plus_di[i] + minus_di[i]
            dx = 100 * abs(plus_di[i] - minus_di[i]) / total if total > 0 else None
            if len(first) < n:
                first.append(dx or 0.0)
                if len(first) == n:
                    adx[i] = mean(first)
            else:
                adx[i] = adx[i - 1] if dx is None else ((n - 1) * adx[i - 1] + dx) / n
        return plus_di, minus_di, adx

    def make_plus_di(self, n):
        return self.directional(n)[0]

    def make_minus_di(self, n):
        return self.directional(n)[1]

    def make_adx(self, n):
        return self.directional(n)[2]

    # --- volume
    def make_vwap_session(self):
        result = []
        day = None
        for i in range(self.count):
            if self.bars.open_ms[i] // DAY_MS != day:
                day = self.bars.open_ms[i] // DAY_MS
                turnover = volume = 0.0
            turnover += self.typical[i] * self.volume[i]
            volume += self.volume[i]
            result.append(turnover / volume if volume > 0 else None)
        return result

    def make_vwap_rolling(self, n):
        turnover = [t * v for t, v in zip(self.typical, self.volume)]
        total = windows(self.volume, n, math.fsum)
        return either(windows(turnover, n, math.fsum), [t or None for t in total], lambda a, b: a / b)

    def make_volume_sma(self, n):
        return windows(self.volume, n, mean)

    def make_volume_z(self, n):
        return windows(self.volume, n, z_score)

    def make_volume_price_ratio(self):
        return [v / c for v, c in zip(self.volume, self.close)]

    def make_obv(self):
        result = [self.volume[0]]
        for i in range(1, self.count):
            step = (self.close[i] > self.close[i - 1]) - (self.close[i] < self.close[i - 1])
            result.append(result[-1] + step * self.volume[i])
        return result

    def make_mfi(self, n):
        up, down = [None], [None]
        for i in range(1, self.count):
            flow = self.typical[i] * self.volume[i]
            up.append(flow if self.typical[i] > self.typical[i - 1] else 0.0)
            down.append(flow if self.typical[i] < self.typical[i - 1] else 0.0)
        return either(windows(up, n, math.fsum), windows(down, n, math.fsum), lambda u, d: 100 * u / (u + d) if u + d > 0 else 0.0)

    # --- returns
    def make_return_simple(self):
        return [None] + [b / a - 1 for a, b in zip(self.close, self.close[1:])]

    def make_return_log(self):
        return [None] + [math.log(b / a) for a, b in zip(self.close, self.close[1:])]

    def make_historical_volatility(self, n, window=0):
        scale = math.sqrt(YEAR_MS / self.bars.interval_ms)
        return windows(self.return_log(), n, lambda w: scale * deviation(w, 1))

    def make_historical_volatility_z(self, n, window):
        return windows(self.historical_volatility(n), window, z_score)

    # --- longer bars
    def make_longer(self, timeframe):
        return LongerView(self, timeframe_ms(timeframe))


class LongerView:
    """The columns of a longer timeframe, as they are known at each bar of the shorter one."""

    def __init__(self, series, interval_ms):
        bars = longer_bars(series.file_bars, interval_ms)
        self._series = Series(bars, series.file_bars)
        self._made = {}
        self._last = []
        j = 0
        for known in series.bars.known:
            while j < len(bars) and bars.known[j] <= known:
                j += 1
            self._last.append(j - 1)

    def __getattr__(self, name):
        found = getattr(self._series, name)
        if isinstance(found, list):
            return self._aligned(name, found)
        return lambda *arguments: self._aligned((name, arguments), found(*arguments))

    def _aligned(self, key, column):
        if key not in self._made:
            self._made[key] = [column[j] if j >= 0 else None for j in self._last]
        return self._made[key]

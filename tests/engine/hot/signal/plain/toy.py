"""What becomes of intents, in the simplest way that can be said; plain_run.hpp says the same in C++.

An entry fills at once at the reference price: one leg of LEG units. Before a bar of the file is given to the strategy, its low and high
are held against the stop, then against the target; touched means flat. Prices are integers on the grid.
"""
from fractions import Fraction

from bars import TICK

LEG = 1_000_000
RATE_UNIT = 100_000_000


class Position:
    def __init__(self):
        self.memory = {}  # a strategy's own, kept as long as the run
        self.flat_since = None  # index of the first bar decided on since the last position ended; None = there was none yet
        self.opened_bar = None  # index of the bar it was opened on
        self._ended = False
        self._clear()

    def _clear(self):
        self.side = 0  # +1 long, -1 short, 0 flat
        self.qty = 0  # units, >= 0
        self.legs = []  # price of each
        self.entry = None  # average of the legs, rounded down
        self.stop = None
        self.target = None
        self.cycle = None  # (stop_rate, target_rate)

    def _end(self):
        self._clear()
        self._ended = True

    def begin_bar(self, i):
        if self._ended:
            self.flat_since = i
            self._ended = False

    def touch(self, low, high):
        if self.side == 0:
            return
        far = low if self.side > 0 else high
        near = high if self.side > 0 else low
        if self.stop is not None and self.side * (far - self.stop) <= 0:
            self._end()
        elif self.target is not None and self.side * (near - self.target) >= 0:
            self._end()

    def apply(self, i, intents):
        for intent in intents:
            self._apply(i, intent)

    def _apply(self, i, intent):
        action = intent["action"]
        if action in ("enter_long", "enter_short"):
            if self.side != 0:
                return
            self.side = 1 if action == "enter_long" else -1
            self.opened_bar = i
            self.stop, self.target = intent["stop"], intent["target"]
            if intent["levels"] > 1:
                self.cycle = (intent["stop_rate"], intent["target_rate"])
            self._add_leg(intent["reference"])
        elif self.side == 0:
            return
        elif action == "add_level":
            self._add_leg(intent["reference"])
        elif action == "exit":
            self._end()
        elif action == "exit_part":
            self.qty -= self.qty * intent["part"] // RATE_UNIT
        elif action == "move_stop":
            if self.stop is None or self.side * (intent["stop"] - self.stop) > 0:
                self.stop = intent["stop"]

    def _add_leg(self, price):
        self.legs.append(price)
        self.qty += LEG
        self.entry = sum(self.legs) // len(self.legs)
        if self.cycle is None:
            return
        stop_rate, target_rate = self.cycle
        self.stop = self._toward(self.entry - self.side * Fraction(self.entry * stop_rate, RATE_UNIT))
        self.target = self._toward(self.entry + self.side * Fraction(self.entry * target_rate, RATE_UNIT)) if target_rate > 0 else None

    def _toward(self, price):
        """To the tick toward the average."""
        ticks = price / TICK
        return TICK * (-(-ticks // 1) if price < self.entry else ticks // 1)

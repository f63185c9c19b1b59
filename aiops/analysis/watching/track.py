"""What is remembered of one service: its minutes for burn rates, its slots for seasons, and how it departs now."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import takewhile

import numpy as np

from aiops.analysis.watching.burn import BurnRule, burning
from aiops.analysis.watching.seasons import KEPT, SLOT, expected
from aiops.core.model import Value
from aiops.core.telemetry import FloatArray

MINUTE = 60.0
MINUTES = 360
"""Kept for the longest window of the burn rates, six hours."""

LEVELS = ("served", "ratio", "latency")


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a service: requests and failures a second, the seconds of work that they took a second, and how many
    a second were refused as the client's mistake, where that is measured."""

    at: float
    requests: float
    failed: float
    busy: float
    refused: float = 0.0

    @property
    def served(self) -> float:
        """Requests a second that were not refused."""
        return max(self.requests - self.refused, 0.0)

    @property
    def ratio(self) -> float:
        """The share of the requests that failed."""
        return min(self.failed / self.requests, 1.0) if self.requests > 0 else float("nan")

    @property
    def latency(self) -> float:
        """Mean seconds of a request."""
        return self.busy / self.requests if self.requests > 0 else float("nan")


class Usual(Value):
    """Level and spread (of the logarithm) of a figure that are usual now."""

    level: float
    spread: float


@dataclass(slots=True)
class Track:
    """`usual` holds what is usual by figure; figures of which nothing is known are not in it."""

    usual: dict[str, Usual] = field(default_factory=dict)
    looks: dict[str, int] = field(default_factory=dict)
    """For how many looks in a row the service has departed, by the kind of departure."""
    weight: float = 0.0
    """How strongly the failures of the last looks speak for trouble."""
    weighed_at: float | None = None
    _minutes: deque[Look] = field(default_factory=lambda: deque(maxlen=MINUTES))
    _slots: dict[str, FloatArray] = field(default_factory=lambda: {name: np.full(KEPT, np.nan) for name in LEVELS})
    _slot: int = 0
    _open: list[Look] = field(default_factory=list)

    def remember(self, slots: list[Look], now: float) -> None:
        """Take in what was before anybody watched: one look a slot, whatever its order."""
        self._slot = int(now // SLOT)
        for look in slots:
            age = self._slot - int(look.at // SLOT)
            if 0 < age <= KEPT:
                self._put(KEPT - age, [look])
        self._learn()

    def refill(self, minutes: list[Look]) -> None:
        """Take in the last hours, one look a minute, the oldest first."""
        self._minutes.extend(minutes)

    def add(self, look: Look, *, troubled: bool) -> None:
        """Take in a look; what is seen in a time of trouble is not taken for usual."""
        if not self._minutes or look.at - self._minutes[-1].at >= MINUTE - 1.0:
            self._minutes.append(look)
        slot = int(look.at // SLOT)
        if self._slot == 0:
            self._slot = slot
        if slot > self._slot:
            self._turn(slot)
        if not troubled and look.requests > 0:
            self._open.append(look)

    @property
    def suspicious(self) -> bool:
        """Whether the last look may be the beginning of trouble: it is not to be learnt from."""
        return self.weight > 0 or any(self.looks.values())

    def burning(self, objective: float) -> BurnRule | None:
        """The burn rate that is too high, if any; windows that are not half filled do not count."""
        return burning(self._ratio, objective)

    def _ratio(self, seconds: float) -> float | None:
        if not self._minutes:
            return None
        since = self._minutes[-1].at - seconds
        inside = list(takewhile(lambda look: look.at > since, reversed(self._minutes)))
        if len(inside) < 0.5 * seconds / MINUTE:
            return None
        asked = sum(look.requests for look in inside)
        return sum(look.failed for look in inside) / asked if asked > 0 else None

    def _turn(self, slot: int) -> None:
        """A slot is over: it becomes history, and what is usual is found anew."""
        steps = min(slot - self._slot, KEPT)
        for name in LEVELS:
            self._slots[name][:-steps] = self._slots[name][steps:]
            self._slots[name][-steps:] = np.nan
        self._put(KEPT - steps, self._open)
        self._open = []
        self._slot = slot
        self._learn()

    def _put(self, index: int, looks: list[Look]) -> None:
        for name in LEVELS if looks else ():
            values = [getattr(look, name) for look in looks]
            self._slots[name][index] = float(np.median(values))

    def _learn(self) -> None:
        for name in LEVELS:
            found = expected(self._slots[name])
            if found is not None:
                self.usual[name] = Usual(level=found[0], spread=found[1])

"""A controller's work queue: each key at most once, some of them later."""

from __future__ import annotations

from heapq import heappop, heappush
from math import inf
from typing import Generic, TypeVar

K = TypeVar("K", bound=tuple[str, str])

FIRST_DELAY, LONGEST_DELAY = 0.005, 1000.0
"""Seconds: the delays of client-go's default rate limiter, doubling from the first failure on."""

AT_ONCE = 1.0
"""Delays below this many seconds are none: a step takes no time."""


class WorkQueue(Generic[K]):
    """Keys in the order in which they were added. `added` counts those taken in, `retried` those of them that came back
    after a failure. `due` is the moment from which on there is something to take; never, where the queue is empty."""

    def __init__(self) -> None:
        self.added = 0
        self.due = inf
        self.retried = 0
        self._ready: dict[K, None] = {}
        self._later: list[tuple[float, K]] = []
        self._failures: dict[K, int] = {}

    @property
    def depth(self) -> int:
        """How many wait to be taken at once."""
        return len(self._ready)

    def add(self, key: K) -> None:
        self._ready[key] = None
        self.due = -inf

    def add_at(self, key: K, moment: float) -> None:
        """Add the key once the time is `moment` (unix seconds)."""
        heappush(self._later, (moment, key))
        self.due = min(self.due, moment)

    def add_rate_limited(self, key: K, now: float) -> None:
        """Add the key after a failure: the later, the more often it failed."""
        self.retried += 1
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        delay = min(FIRST_DELAY * 2.0 ** min(failures, 30), LONGEST_DELAY)
        self.add_at(key, now + delay if delay >= AT_ONCE else now)

    def forget(self, key: K) -> None:
        """The key is done: its next failure counts as the first."""
        if self._failures:
            self._failures.pop(key, None)

    def take(self, now: float) -> list[K]:
        """Everything that is due; the queue forgets it."""
        while self._later and self._later[0][0] <= now:
            self._ready[heappop(self._later)[1]] = None
        taken = list(self._ready)
        self.added += len(taken)
        self._ready.clear()
        self.due = self._later[0][0] if self._later else inf
        return taken

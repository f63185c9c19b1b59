"""A controller's work queue: each key at most once, some of them later."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Generic, TypeVar

K = TypeVar("K", bound=tuple[str, str])


class WorkQueue(Generic[K]):
    """Keys in the order in which they were added."""

    def __init__(self) -> None:
        self._ready: dict[K, None] = {}
        self._later: list[tuple[float, K]] = []

    def add(self, key: K) -> None:
        self._ready[key] = None

    def add_at(self, key: K, moment: float) -> None:
        """Add the key once the time is `moment` (unix seconds)."""
        heappush(self._later, (moment, key))

    def take(self, now: float) -> list[K]:
        """Everything that is due; the queue forgets it."""
        while self._later and self._later[0][0] <= now:
            self._ready[heappop(self._later)[1]] = None
        taken = list(self._ready)
        self._ready.clear()
        return taken

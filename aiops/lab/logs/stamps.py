"""The times that container runtimes put before lines: by the clock of their node, which may be wrong."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, nextafter
from typing import NamedTuple


class Window(NamedTuple):
    """The moments (unix seconds, both included) in which what is written gets a stamp that is `ahead` seconds off."""

    since: float
    until: float
    ahead: float


class Stamps:
    """By how many seconds the clocks of nodes were ahead, and since when."""

    def __init__(self) -> None:
        self._changes: dict[str, list[tuple[float, float]]] = {}

    def note(self, now: float, ahead: Mapping[str, float]) -> None:
        """From `now` on these nodes' clocks are so many seconds ahead, and the others right."""
        for node in [*self._changes, *(node for node in ahead if node not in self._changes)]:
            changes = self._changes.setdefault(node, [(-inf, 0.0)])
            if changes[-1][1] != ahead.get(node, 0.0):
                changes.append((now, ahead.get(node, 0.0)))

    def windows(self, node: str, since: float, until: float) -> list[Window]:
        """When lines were written whose stamps lie between two times, in the order in which they were."""
        changes = self._changes.get(node)
        if changes is None:
            return [Window(since, until, 0.0)]
        ends = [nextafter(moment, -inf) for moment, _ in changes[1:]] + [inf]
        found = [
            Window(max(start, since - ahead), min(end, until - ahead), ahead)
            for (start, ahead), end in zip(changes, ends, strict=True)
        ]
        return [window for window in found if window.since <= window.until]

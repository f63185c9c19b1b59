"""What users got over time, counted outside the cluster."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """User requests of a window: all, those that failed, those that succeeded but later than promised, and those that
    got a wrong answer in time, of which no exporter knows.

    Who was refused at the door, by TLS or because nobody listens, counts as failed."""

    requests: float
    failed: float
    slow: float
    wrong: float = 0.0

    @property
    def good(self) -> float:
        """The share that got the right answer in time; 1 where nobody asked."""
        return 1.0 - (self.failed + self.slow + self.wrong) / self.requests if self.requests else 1.0

    @property
    def correct(self) -> float:
        """The share of the answers in time that was right; 1 where there were none."""
        answered = self.requests - self.failed - self.slow
        return 1.0 - self.wrong / answered if answered > 0 else 1.0


class ServiceLevelRecord:
    """Running totals at the end of each tick."""

    def __init__(self, start: float) -> None:
        self._times = [start]
        self._totals = [(0.0, 0.0, 0.0, 0.0)]

    def add(self, now: float, requests: float, failed: float, slow: float, wrong: float = 0.0) -> None:
        """The totals since the start, at a moment after all earlier ones."""
        self._times.append(now)
        self._totals.append((requests, failed, slow, wrong))

    def between(self, start: float, end: float) -> ServiceLevel:
        """The ticks that ended after `start` and not after `end` (unix seconds)."""
        first, last = self._at(start), self._at(end)
        return ServiceLevel(*(after - before for before, after in zip(first, last, strict=True)))

    def _at(self, moment: float) -> tuple[float, float, float, float]:
        return self._totals[max(bisect_right(self._times, moment) - 1, 0)]

"""How often the user's Prometheus may be asked: a fixed number of queries a minute, fewer while it is slow or away."""

from __future__ import annotations

from dataclasses import dataclass

SLOW_SECONDS = 5.0
"""Wall seconds of a look from which we ask half as often."""

LONGEST = 300.0
"""Seconds between two looks at most."""


@dataclass(slots=True)
class Budget:
    """`interval` is how long to wait between looks (seconds), `queries` are what a look takes."""

    per_minute: int
    shortest: float
    queries: int = 1
    factor: float = 1.0

    @property
    def interval(self) -> float:
        """Seconds until the next look."""
        within_budget = 60.0 * self.queries / self.per_minute
        return min(max(self.shortest, within_budget) * self.factor, LONGEST)

    def note(self, wall_seconds: float, *, failed: bool) -> None:
        """A look took so long: back off by doubling, come back by halving."""
        late = failed or wall_seconds > SLOW_SECONDS
        longest = LONGEST / self.shortest
        self.factor = min(self.factor * 2, longest) if late else max(self.factor / 2, 1.0)

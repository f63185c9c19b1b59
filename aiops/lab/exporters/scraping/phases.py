"""When each target is scraped: its job's interval, and a phase of its own that stays.

Phases differ by less than a tick: everything is read at the end of one tick, as if each target had been read a little
before, so that what is scraped need not be added up at every tick.
"""

from __future__ import annotations

from collections.abc import Mapping
from zlib import crc32

from aiops.lab.ports import SCRAPE_INTERVAL, TICK

OFTEN, SELDOM = SCRAPE_INTERVAL, 2 * SCRAPE_INTERVAL
"""Seconds between two scrapes of what changes quickly, and of the rest."""

PHASES = 3
"""As many groups of targets has each interval; a group is a table of the store, so they are few."""


_EVERY = round(SCRAPE_INTERVAL / TICK)


class Phase:
    """One group: the targets of an interval that the seed gives this number."""

    def __init__(self, interval: float, number: int, seed: int) -> None:
        self.interval, self.number = interval, number
        self.name = f"{interval:g}s-{number}"
        self._seed = seed
        self.offset = _drawn(f"{seed}/{self.name}", 4900) / 1000 + 0.05
        """Seconds before the end of a tick at which the group is scraped."""

    def due(self, now: float) -> bool:
        """Whether the group is scraped in the tick that ends at `now` (unix seconds)."""
        turns = round(self.interval / SCRAPE_INTERVAL)
        return scraped_at(now) and round(now / TICK) // _EVERY % turns == self.number % turns

    def mine(self, labels: Mapping[str, str]) -> bool:
        """Whether the target with these labels belongs to the group."""
        return _drawn(f"{self._seed}/{labels['job']}/{labels['instance']}", PHASES) == self.number


def scraped_at(now: float) -> bool:
    """Whether any group is scraped in the tick that ends at `now` (unix seconds)."""
    return round(now / TICK) % _EVERY == 0


def _drawn(text: str, below: int) -> int:
    return crc32(text.encode()) % below

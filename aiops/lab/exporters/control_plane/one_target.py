"""A component with one target that never changes, whose series come as things happen."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.exporters.exposition.page import Page
from aiops.lab.exporters.exposition.samples import Sheet, Target
from aiops.lab.exporters.scraping.job import Mine
from aiops.lab.tsdb import TimeSeriesStore


class OneTarget(ABC):
    """A `Job`. Who inherits puts its figures on `page` in `_tell`; `targets` is empty where somebody else's moments are
    the target's."""

    def __init__(self, target: Target, store: TimeSeriesStore, mine: Mine) -> None:
        self.targets: Sequence[Target] = [target] if mine(target.labels) else []
        self.page = Page(store, target.labels)

    @property
    def sheet(self) -> Sheet:
        return self.page.sheet

    def version(self) -> Hashable:
        return 0

    def lay_out(self) -> None:  # noqa: B027 - its one target never changes
        pass

    def values(self, now: float) -> FloatArray:
        if not self.targets:
            return np.zeros(0)
        self._tell(now)
        return self.page.samples()

    @abstractmethod
    def _tell(self, now: float) -> None:
        """Put on the page what is true at `now` (unix seconds)."""

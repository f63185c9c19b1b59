"""Targets that are scraped at the same moments: one table of the store, one append for all of them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

from aiops.core.telemetry import FloatArray
from aiops.lab.exporters.exposition.samples import Sheet, Target, block
from aiops.lab.exporters.scraping.absences import Absences
from aiops.lab.exporters.scraping.job import Job
from aiops.lab.exporters.scraping.reach import SCRAPE_TIMEOUT, Reach, Ways
from aiops.lab.traffic.callgraph.graph import IntArray
from aiops.lab.traffic.demand.arrivals import Streams
from aiops.lab.tsdb import TimeSeriesStore

OWN = (
    "up",
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
)
"""What Prometheus itself notes of each scrape."""

_SECONDS_PER_SAMPLE = 3e-6
_VARIATION = 0.15
_NO_IDS: IntArray = np.zeros(0, dtype=np.int64)


class Slot:
    """`name` is that of the table, `offset` by how many seconds before the end of a tick its targets are scraped, and
    `stream` that of its random numbers."""

    def __init__(
        self,
        name: str,
        offset: float,
        store: TimeSeriesStore,
        jobs: Sequence[Job],
        reach: Reach,
        seed: int,
        stream: int,
    ) -> None:
        self._name = name
        self._offset = offset
        self._store = store
        self._jobs = jobs
        self._reach = reach
        self._streams, self._stream, self._seed = Streams(seed), stream, seed
        self._absences = Absences(seed, ())
        self._versions: list[Hashable] = [None] * len(jobs)
        self._sheets: list[Sheet] = []
        self._targets: list[Target] = []
        self._own: IntArray = _NO_IDS
        self._ids: IntArray = _NO_IDS
        self._owners: IntArray = _NO_IDS
        self._counts: FloatArray = np.zeros(0)
        self._known = 0
        self._ways: tuple[Hashable, Ways] | None = None
        self._kept: tuple[bytes, IntArray, IntArray] | None = None

    def scrape(self, now: float) -> None:
        """Scrape every target. Call after the step that ends at `now` (unix seconds)."""
        values = self._collect(now)
        if not self._targets:
            return
        added = self._join()
        answered, seconds = self._ask(now)
        own = np.concatenate(
            [
                answered,
                np.where(answered, seconds, np.minimum(seconds, SCRAPE_TIMEOUT)),
                answered * self._counts,
                answered * self._counts,
                answered * added,
            ]
        )
        found = np.concatenate([*values, own])
        if answered.all():
            self._store.append(now - self._offset, self._ids, found, self._name)
        else:
            keep, ids = self._left(answered)
            self._store.append(now - self._offset, ids, found[keep], self._name)

    def _collect(self, now: float) -> list[FloatArray]:
        moved = False
        for number, job in enumerate(self._jobs):
            version = job.version()
            if version != self._versions[number]:
                self._versions[number] = version
                job.lay_out()
                moved = True
        if moved:
            self._adopt_targets()
        return [job.values(now) for job in self._jobs]

    def _adopt_targets(self) -> None:
        targets = [target for job in self._jobs for target in job.targets]
        if targets != self._targets:
            self._targets = targets
            self._own = block(self._store, OWN, [target.labels for target in targets])
            self._absences = Absences(self._seed, [_name(target) for target in targets])
        self._sheets, self._ways = [], None

    def _join(self) -> FloatArray:
        """Lay out all samples anew where a job has others than before. Returns how many series of each target are new
        to the store in this scrape."""
        sheets, count = [job.sheet for job in self._jobs], len(self._targets)
        if len(sheets) == len(self._sheets) and all(a is b for a, b in zip(sheets, self._sheets, strict=True)):
            return np.zeros(count)
        self._sheets, self._kept = sheets, None
        starts = np.cumsum([0, *(len(job.targets) for job in self._jobs)])
        owners = [each.owners + start for each, start in zip(sheets, starts.tolist(), strict=False)]
        samples = np.concatenate(owners)
        own = np.tile(np.arange(count, dtype=np.int64), len(OWN))
        self._ids = np.concatenate([*(each.ids for each in sheets), self._own])
        self._owners = np.concatenate([samples, own])
        self._counts = np.bincount(samples, minlength=count).astype(np.float64)
        new = self._ids[: len(samples)] >= self._known
        self._known = len(self._store)
        return np.bincount(samples[new], minlength=count).astype(np.float64)

    def _ask(self, now: float) -> tuple[npt.NDArray[np.bool_], FloatArray]:
        """Each (targets,): who answers in time, and after how many seconds."""
        version = self._reach.version()
        if self._ways is None or self._ways[0] != version:
            self._ways = (version, self._reach.ways(self._targets, now))
        ways = self._ways[1]
        rng = self._streams.at(now, self._stream)
        noise = np.exp(_VARIATION * rng.standard_normal(len(self._targets)))
        seconds = (self._reach.seconds(ways) + self._counts * _SECONDS_PER_SAMPLE) * noise
        seconds[(rng.random(len(self._targets)) < ways.lost) | self._absences.away(now)] = np.inf
        return ways.open & (seconds < SCRAPE_TIMEOUT), seconds

    def _left(self, answered: npt.NDArray[np.bool_]) -> tuple[IntArray, IntArray]:
        """Which samples are left where some targets don't answer, and their ids; the same objects as long as they are
        the same targets."""
        key = answered.tobytes()
        if self._kept is None or self._kept[0] != key:
            left = answered[self._owners]
            left[len(left) - len(self._own) :] = True
            keep = np.flatnonzero(left).astype(np.int64)
            self._kept = (key, keep, self._ids[keep])
        return self._kept[1], self._kept[2]


def _name(target: Target) -> str:
    return f"{target.labels['job']}/{target.labels['instance']}"

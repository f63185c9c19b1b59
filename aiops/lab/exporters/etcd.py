"""etcd: its log, its database, its leader."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.exporters.heartbeats import Heartbeats
from aiops.lab.exporters.job import Mine
from aiops.lab.exporters.news import WatchedCluster
from aiops.lab.exporters.page import Durations, Page
from aiops.lab.exporters.samples import Sheet, Target
from aiops.lab.exporters.stored import Stored
from aiops.lab.tsdb import TimeSeriesStore

TARGET = Target({"job": "kube-etcd", "instance": "10.0.0.10:2381"})

_BOUNDS = np.array([0.001 * 2.0**n for n in range(14)])
_SYNC_SECONDS, _COMMIT_SECONDS = 0.0016, 0.0035
_COMMITS = 10.0
"""The most often that the database is committed in a second (`--backend-batch-interval`)."""

_QUOTA = 2.0 * 2**30

_STANDING = {
    "etcd_server_has_leader": 1.0,
    "etcd_server_is_leader": 1.0,
    "etcd_server_leader_changes_seen_total": 1.0,
    "etcd_server_proposals_pending": 0.0,
    "etcd_server_proposals_failed_total": 0.0,
    "etcd_server_quota_backend_bytes": _QUOTA,
}
_MOVING = (
    "etcd_server_proposals_committed_total",
    "etcd_server_proposals_applied_total",
    "etcd_mvcc_db_total_size_in_bytes",
    "etcd_mvcc_db_total_size_in_use_in_bytes",
)


class Etcd:
    """One member. Every write is synced to its log once; what comes within a tenth of a second is committed at once."""

    def __init__(
        self, cluster: WatchedCluster, stored: Stored, heartbeats: Heartbeats, store: TimeSeriesStore, mine: Mine
    ) -> None:
        self.targets: Sequence[Target] = [TARGET] if mine(TARGET.labels) else []
        self._cluster = cluster
        self._stored = stored
        self._heartbeats = heartbeats
        self._page = Page(store, TARGET.labels)
        self._syncs = Durations(self._page, "etcd_disk_wal_fsync_duration_seconds", _BOUNDS)
        self._commits = Durations(self._page, "etcd_disk_backend_commit_duration_seconds", _BOUNDS)
        self._start = self._begin() if self.targets else 0
        self._written = 0.0
        self._last = 0.0

    @property
    def sheet(self) -> Sheet:
        return self._page.sheet

    def version(self) -> Hashable:
        return 0

    def lay_out(self) -> None:
        """Its one target never changes."""

    def values(self, now: float) -> FloatArray:
        if not self.targets:
            return np.zeros(0)
        written = self._cluster.revision + self._heartbeats.until(now)
        new, seconds = written - self._written, now - (self._last or now)
        self._written, self._last = written, now
        self._syncs.add("", dict, new, _SYNC_SECONDS)
        self._commits.add("", dict, min(new, _COMMITS * seconds), _COMMIT_SECONDS)
        self._stored.look(now)
        self._page.fill(self._start, (written, written, self._stored.bytes_at_most, self._stored.bytes_in_use))
        return self._page.samples()

    def _begin(self) -> int:
        """Place what stays as it is, then what moves; where that begins."""
        for name, value in _STANDING.items():
            self._page.fill(self._page.place(name, {}), (value,))
        return min([self._page.place(name, {}) for name in _MOVING])

"""etcd: its log, its database, its leader."""

from __future__ import annotations

import numpy as np

from aiops.lab.exporters.control_plane.heartbeats import Heartbeats
from aiops.lab.exporters.control_plane.one_target import OneTarget
from aiops.lab.exporters.control_plane.stored import Stored
from aiops.lab.exporters.exposition.page import Durations
from aiops.lab.exporters.exposition.samples import Target
from aiops.lab.exporters.readings.news import WatchedCluster
from aiops.lab.exporters.scraping.job import Mine
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


class Etcd(OneTarget):
    """One member. Every write is synced to its log once; what comes within a tenth of a second is committed at once."""

    def __init__(
        self, cluster: WatchedCluster, stored: Stored, heartbeats: Heartbeats, store: TimeSeriesStore, mine: Mine
    ) -> None:
        super().__init__(TARGET, store, mine)
        self._cluster = cluster
        self._stored = stored
        self._heartbeats = heartbeats
        self._syncs = Durations(self.page, "etcd_disk_wal_fsync_duration_seconds", _BOUNDS)
        self._commits = Durations(self.page, "etcd_disk_backend_commit_duration_seconds", _BOUNDS)
        self._start = self._begin() if self.targets else 0
        self._written = 0.0
        self._last = 0.0

    def _tell(self, now: float) -> None:
        written = self._cluster.revision + self._heartbeats.until(now)
        new, seconds = written - self._written, now - (self._last or now)
        self._written, self._last = written, now
        self._syncs.add("", dict, new, _SYNC_SECONDS)
        self._commits.add("", dict, min(new, _COMMITS * seconds), _COMMIT_SECONDS)
        self._stored.look(now)
        self.page.fill(self._start, (written, written, self._stored.bytes_at_most, self._stored.bytes_in_use))

    def _begin(self) -> int:
        """Place what stays as it is, then what moves; where that begins."""
        for name, value in _STANDING.items():
            self.page.fill(self.page.place(name, {}), (value,))
        return min([self.page.place(name, {}) for name in _MOVING])

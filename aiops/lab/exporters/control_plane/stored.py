"""What is in the API server's storage: how many objects, and how many bytes they and their older versions take."""

from __future__ import annotations

from collections import Counter, deque

import orjson

from aiops.core.entity import Manifest
from aiops.lab.exporters.readings.news import News, ObjectKey, WatchedCluster
from aiops.lab.kube.kinds.resources import RESOURCES

COMPACTION = 300.0
"""Seconds after which the API server lets etcd forget older versions."""

_EMPTY_BYTES = 1.6 * 2**20
_ENTRY_BYTES = 180
"""What an entry takes beside the object: its key, its revisions, its place in two trees."""

RESOURCE_NAMES = {r.kind: f"{r.plural}.{r.group}".rstrip(".") for r in RESOURCES if "list" in r.verbs}
"""As `type` and `resource` name kinds in metrics."""


class Stored:
    """`objects` by kind, and `writes`, which rises when they change; `bytes_in_use` now, `bytes_at_most` since the
    beginning, as a database file never shrinks."""

    def __init__(self, cluster: WatchedCluster) -> None:
        self._news = News(cluster, RESOURCE_NAMES)
        self._sizes: dict[ObjectKey, int] = {}
        self._live = 0
        self._older: deque[tuple[float, int]] = deque()
        self._kept = 0
        self.writes = 0
        self.objects: Counter[str] = Counter()
        self.bytes_in_use = self.bytes_at_most = 0.0

    def look(self, now: float) -> None:
        """Take in what was written up to `now` (unix seconds)."""
        whole, changed = self._news.take()
        self.writes += len(changed)
        if whole:
            self._sizes.clear()
            self._live = 0
            self.objects = Counter(dict.fromkeys(self.objects, 0))
        for key, manifest in changed.items():
            self._take_in(key, manifest, now)
        while self._older and self._older[0][0] < now - COMPACTION:
            self._kept -= self._older.popleft()[1]
        self.bytes_in_use = _EMPTY_BYTES + self._live + self._kept
        self.bytes_at_most = max(self.bytes_at_most, self.bytes_in_use)

    def _take_in(self, key: ObjectKey, manifest: Manifest | None, now: float) -> None:
        before = self._sizes.pop(key, 0)
        self._live -= before
        if before:
            self._older.append((now, before))
            self._kept += before
            self.objects[key[0]] -= 1
        if manifest is not None:
            self._sizes[key] = size = len(orjson.dumps(manifest)) + _ENTRY_BYTES
            self._live += size
            self.objects[key[0]] += 1

"""The last state of every object that was written since the last look, from the same news that watches get."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from aiops.core.entity import Manifest
from aiops.lab.kube.storage.history import History
from aiops.lab.ports import ClusterView

ObjectKey = tuple[str, str, str]
"""(kind, namespace, name)."""


class WatchedCluster(ClusterView, Protocol):
    """A cluster whose last writes can be read."""

    @property
    def history(self) -> History: ...


class News:
    """What one reader has not seen yet of some kinds. The first look, and one that comes too late, see everything."""

    def __init__(self, cluster: WatchedCluster, kinds: Iterable[str]) -> None:
        self._cluster = cluster
        self._kinds = tuple(kinds)
        self._seen = -1

    def take(self) -> tuple[bool, dict[ObjectKey, Manifest | None]]:
        """Whether these are all objects that there are, and the objects; None for one that is gone."""
        seen, self._seen = self._seen, self._cluster.revision
        if seen == self._seen:
            return False, {}
        if seen < 0 or not self._cluster.history.reaches(seen):
            return True, {key_of(kind, item): item for kind, item in self._everything()}
        found: dict[ObjectKey, Manifest | None] = {}
        for write in self._cluster.history.since(seen):
            if write.kind in self._kinds:
                found[key_of(write.kind, write.new)] = None if write.type == "DELETED" else write.new
        return False, found

    def _everything(self) -> Iterator[tuple[str, Manifest]]:
        for kind in self._kinds:
            for item in self._cluster.objects(kind):
                yield kind, item


def key_of(kind: str, manifest: Manifest) -> ObjectKey:
    metadata = manifest["metadata"]
    return kind, metadata.get("namespace", ""), metadata["name"]

"""The volumes of each pod: set up before its first container, kept after, brought up to date when their source changes.

A container sees a changed ConfigMap or Secret after the kubelet's next periodic sync, about a minute later; a `subPath`
never changes.
"""

from __future__ import annotations

from heapq import heappop, heappush
from zlib import crc32

from aiops.core.entity import Manifest
from aiops.lab.control.kubelet.sequence import all_containers
from aiops.lab.control.kubelet.volumes import MountError, files_of, sources_of, volumes_of
from aiops.lab.control.kubelet.worker import PodWorker
from aiops.lab.kube.objects import Key, key_of
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

SYNC_SECONDS, SYNC_SPREAD = 45.0, 30
"""A pod is synced again so many seconds after its volumes' source changed, and up to so many later."""

Volumes = dict[str, dict[str, str]]
_Source = tuple[str, str, str]


class Mounts:
    """The content of volumes, by pod."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._volumes: dict[Key, Volumes] = {}
        self._pods: dict[_Source, dict[Key, None]] = {}
        self._later: list[tuple[float, Key]] = []

    def set_up(self, pod: Manifest) -> Volumes:
        """The content of a pod's volumes. Raises `MountError` where it never could be set up."""
        if not pod["spec"].get("volumes"):
            return {}
        key = key_of(pod)
        try:
            self._volumes[key] = volumes_of(self._store, pod)
        except MountError:
            if key not in self._volumes:
                raise
        for kind, name in sources_of(pod):
            self._pods.setdefault((kind, key[0], name), {})[key] = None
        return self._volumes[key]

    def drop(self, pod: Manifest) -> None:
        """The pod is gone from its node."""
        key = key_of(pod)
        if self._volumes.pop(key, None) is None:
            return
        for kind, name in sources_of(pod):
            pods = self._pods.get((kind, key[0], name), {})
            pods.pop(key, None)
            if not pods:
                self._pods.pop((kind, key[0], name), None)

    def hear(self, write: Write) -> None:
        """A ConfigMap or Secret was written."""
        namespace, name = key_of(write.new)
        for key in self._pods.get((write.kind, namespace, name), ()):
            spread = crc32("/".join(key).encode()) % SYNC_SPREAD
            heappush(self._later, (self._store.now() + SYNC_SECONDS + spread, key))

    def due(self, now: float) -> list[Key]:
        """The pods whose volumes have to be read again now."""
        found: dict[Key, None] = {}
        while self._later and self._later[0][0] <= now:
            found[heappop(self._later)[1]] = None
        return list(found)

    def refresh(self, pod: Manifest, worker: PodWorker) -> dict[str, dict[str, str]]:
        """Read a pod's volumes again. Returns the files of each running container that sees other ones by now, by its
        id."""
        before = self._volumes.get(key_of(pod), {})
        after = self.set_up(pod)
        found = {}
        for spec in all_containers(pod):
            container = worker.container(spec["name"])
            mounts = spec.get("volumeMounts") or ()
            fixed = {"volumeMounts": [mount for mount in mounts if mount.get("subPath")]}
            moving = {"volumeMounts": [mount for mount in mounts if not mount.get("subPath")]}
            files = {**files_of(after, moving), **files_of(before, fixed)}
            if container.running and files != files_of(before, spec):
                found[container.id] = files
        return found

"""How a Deployment sizes its ReplicaSets."""

from __future__ import annotations

from aiops.core.clock import from_rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.client import ControllerClient
from aiops.lab.control.events import NORMAL, EventRecorder
from aiops.lab.control.workloads.deployment_versions import Version
from aiops.lab.control.workloads.revisions import DESIRED, MAXIMUM, number, sizes_annotated
from aiops.lab.control.workloads.rollout import (
    Size,
    bounds,
    in_proportion,
    new_replicas,
    removable,
    without_broken,
    without_spare,
)
from aiops.lab.kube.storage.store import ObjectStore


class Scaler:
    """Writes the sizes of ReplicaSets and tells of it."""

    def __init__(self, store: ObjectStore, events: EventRecorder) -> None:
        self._client = ControllerClient(store)
        self._events = events

    def grow_new(self, version: Version) -> bool:
        """Give the new ReplicaSet as many pods as may be. Was there anything to do?"""
        deployment, new = version.deployment, version.new
        if new is None:
            return False
        wanted, size = deployment["spec"]["replicas"], new["spec"]["replicas"]
        total = sum(item["spec"]["replicas"] for item in version.everything)
        strategy = deployment["spec"]["strategy"]
        recreates = strategy["type"] == "Recreate"
        grown = wanted if recreates else new_replicas(wanted, bounds(strategy, wanted), size, total)
        return self._scale(deployment, new, grown)[0]

    def shrink_old(self, version: Version) -> bool:
        """Take old pods away: first those that do not work, then as many as may be missing. Was there any?"""
        deployment, new = version.deployment, version.new
        old = [item for item in version.old if item["spec"]["replicas"]]
        if new is None or not old:
            return False
        wanted = deployment["spec"]["replicas"]
        limit = bounds(deployment["spec"]["strategy"], wanted)
        sizes = [_size(item) for item in old]
        most = removable(wanted, limit, _size(new), sizes)
        if most <= 0:
            return False
        fewer = without_broken(sizes, most)
        steps = [self._scale(deployment, item, count) for item, count in zip(old, fewer, strict=True)]
        spare = sum(size.available for size in (*sizes, _size(new))) - (wanted - limit.unavailable)
        least = without_spare(fewer, spare)
        for (_, item), count in zip(list(steps), least, strict=True):
            steps.append(self._scale(deployment, item, count))
        return any(done for done, _ in steps)

    def empty(self, version: Version, replica_sets: list[Manifest]) -> bool:
        """Take all pods of these away. Was there any?"""
        running = [item for item in replica_sets if item["spec"]["replicas"]]
        for item in running:
            self._scale(version.deployment, item, 0)
        return bool(running)

    def resize(self, version: Version) -> None:
        """Bring the ReplicaSets to a new total, in the midst of a rollout each in proportion."""
        deployment, wanted = version.deployment, version.deployment["spec"]["replicas"]
        active = [item for item in version.everything if item["spec"]["replicas"]]
        if len(active) <= 1:
            latest = [version.new] if version.new else version.old[-1:]
            for item in active or latest:
                self._scale(deployment, item, wanted)
            return
        if _saturated(deployment, version.new):
            self.empty(version, version.old)
        elif deployment["spec"]["strategy"]["type"] == "RollingUpdate":
            self._spread(deployment, active)

    def _spread(self, deployment: Manifest, active: list[Manifest]) -> None:
        wanted = deployment["spec"]["replicas"]
        limit = bounds(deployment["spec"]["strategy"], wanted)
        grows = wanted + limit.surge > sum(item["spec"]["replicas"] for item in active)
        ordered = sorted(active, key=lambda item: _by_size(item, newer=grows))
        known = (deployment.get("status") or {}).get("replicas", 0)
        sizes = in_proportion([(i["spec"]["replicas"], number(i, MAXIMUM) or known) for i in ordered], wanted, limit)
        for item, count in zip(ordered, sizes, strict=True):
            self._scale(deployment, item, count, force=True)

    def _scale(
        self, deployment: Manifest, replica_set: Manifest, count: int, *, force: bool = False
    ) -> tuple[bool, Manifest]:
        """Write a size. Returns whether it is another one, and the ReplicaSet; `force` renews its annotations, too."""
        before = replica_set["spec"]["replicas"]
        if count == before and not force:
            return False, replica_set
        sized = sizes_annotated(replica_set, deployment)
        replica_set = self._client.update({**sized, "spec": {**sized["spec"], "replicas": count}})
        if count == before:
            return False, replica_set
        direction = "up" if count > before else "down"
        text = f"Scaled {direction} replica set {replica_set['metadata']['name']} from {before} to {count}"
        self._events.record(deployment, NORMAL, "ScalingReplicaSet", text)
        return True, replica_set


def _size(replica_set: Manifest) -> Size:
    available = (replica_set.get("status") or {}).get("availableReplicas", 0)
    return Size(replica_set["spec"]["replicas"], available)


def _by_size(replica_set: Manifest, *, newer: bool) -> tuple[int, float, str]:
    """The largest first; among equals the newer or the older."""
    metadata = replica_set["metadata"]
    created = from_rfc3339(metadata["creationTimestamp"])
    return -replica_set["spec"]["replicas"], -created if newer else created, metadata["name"]


def _saturated(deployment: Manifest, new: Manifest | None) -> bool:
    """Does the new ReplicaSet have all replicas, available and sized for that?"""
    if new is None:
        return False
    available = (new.get("status") or {}).get("availableReplicas", 0)
    wanted = deployment["spec"]["replicas"]
    return [new["spec"]["replicas"], number(new, DESIRED), available] == [wanted] * 3

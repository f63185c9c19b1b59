"""The Deployment controller: a ReplicaSet for each version of the template, and the way from one to the next."""

from __future__ import annotations

from collections.abc import Iterable

from aiops.core.entity import Manifest
from aiops.lab.control.controller import CONTROLLER_MANAGER
from aiops.lab.control.events import NORMAL, EventRecorder
from aiops.lab.control.workloads import deployment_status as status
from aiops.lab.control.workloads.revisions import (
    DESIRED,
    new_replica_set,
    old_to_delete,
    same_template,
    sizes_annotated,
    with_revision,
)
from aiops.lab.control.workloads.rollout import Bounds, Size, bounds, new_replicas, shrink_old, spread
from aiops.lab.kube.objects import Key, annotations_of, controller_of, deleting, key_of, uid_of
from aiops.lab.kube.storage.deletion import FINISHED
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore


class DeploymentController:
    """Rolls Deployments out."""

    def __init__(self, store: ObjectStore, events: EventRecorder) -> None:
        self._store = store
        self._events = events

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "Deployment" and write.type != "DELETED":
            yield key_of(write.new)
        if write.kind == "ReplicaSet":
            owner = controller_of(write.new)
            if owner and owner["kind"] == "Deployment":
                yield write.new["metadata"]["namespace"], owner["name"]
        if write.kind == "Pod" and write.type == "DELETED" and (owner := controller_of(write.new)):
            # A Deployment that recreates waits for its last old pod.
            replica_set = self._store.find("ReplicaSet", write.new["metadata"]["namespace"], owner["name"])
            if replica_set is not None and (above := controller_of(replica_set)):
                yield write.new["metadata"]["namespace"], above["name"]

    def sync(self, key: Key) -> float | None:
        deployment = self._store.find("Deployment", *key)
        if deployment is None:
            return None
        if not deleting(deployment):
            self._roll(deployment)
        return self._write_status(key)

    def _roll(self, deployment: Manifest) -> None:
        new, old = self._versions(deployment)
        wanted, paused = deployment["spec"]["replicas"], deployment["spec"].get("paused", False)
        if paused or self._resized(deployment, [new, *old] if new else old):
            self._resize(deployment, new, old)
            return
        limit = bounds(deployment["spec"]["strategy"], wanted)
        if deployment["spec"]["strategy"]["type"] == "Recreate":
            self._recreate(deployment, new, old)
            return
        new = self._ensure_new(deployment, new, old, limit)
        self._rolling(deployment, new, old, limit)
        self._clean_up(deployment, new, old)

    def _versions(self, deployment: Manifest) -> tuple[Manifest | None, list[Manifest]]:
        """The ReplicaSet of the current template, and the others, oldest first."""
        found = self._store.owned(uid_of(deployment), "ReplicaSet")
        new = next((item for item in found if same_template(deployment, item)), None)
        return new, [item for item in found if item is not new]

    def _ensure_new(self, deployment: Manifest, new: Manifest | None, old: list[Manifest], limit: Bounds) -> Manifest:
        """Create the ReplicaSet of the current template where it is missing; keep its revision the highest."""
        if new is None:
            total = sum(item["spec"]["replicas"] for item in old)
            size = new_replicas(deployment["spec"]["replicas"], limit, 0, total)
            wanted = new_replica_set(deployment, old, size)
            new = self._store.create(wanted, manager=CONTROLLER_MANAGER)
            if size:
                self._note(deployment, f"Scaled up replica set {new['metadata']['name']} from 0 to {size}")
        else:
            new = self._update(with_revision(new, deployment, old))
        self._update(with_revision(deployment, deployment, [new]))
        return new

    def _rolling(self, deployment: Manifest, new: Manifest, old: list[Manifest], limit: Bounds) -> None:
        wanted = deployment["spec"]["replicas"]
        total = sum(item["spec"]["replicas"] for item in [new, *old])
        size = new_replicas(wanted, limit, new["spec"]["replicas"], total)
        if size != new["spec"]["replicas"]:
            self._scale(deployment, new, size)
            return
        active = [item for item in old if item["spec"]["replicas"]]
        sizes = shrink_old(wanted, limit, _size(new), [_size(item) for item in active])
        for item, count in zip(active, sizes, strict=True):
            self._scale(deployment, item, count)

    def _recreate(self, deployment: Manifest, new: Manifest | None, old: list[Manifest]) -> None:
        for item in old:
            self._scale(deployment, item, 0)
        running = [pod for item in old for pod in self._store.owned(uid_of(item), "Pod")]
        if any(pod.get("status", {}).get("phase") not in FINISHED for pod in running):
            return
        new = self._ensure_new(deployment, new, old, Bounds(0, 0))
        self._scale(deployment, new, deployment["spec"]["replicas"])
        self._clean_up(deployment, new, old)

    def _resized(self, deployment: Manifest, replica_sets: list[Manifest]) -> bool:
        """Was the Deployment scaled since its ReplicaSets were last sized?"""
        wanted = str(deployment["spec"]["replicas"])
        active = [item for item in replica_sets if item["spec"]["replicas"]]
        return any(annotations_of(item).get(DESIRED, wanted) != wanted for item in active)

    def _resize(self, deployment: Manifest, new: Manifest | None, old: list[Manifest]) -> None:
        """Bring the ReplicaSets to a new total, in the midst of a rollout each in proportion."""
        wanted = deployment["spec"]["replicas"]
        active = [item for item in [new, *old] if item is not None and item["spec"]["replicas"]]
        if len(active) <= 1:
            only = active[0] if active else new
            if only is not None:
                self._scale(deployment, only, wanted)
            return
        surge = bounds(deployment["spec"]["strategy"], wanted).surge
        sizes = spread([item["spec"]["replicas"] for item in active], wanted + surge if wanted else 0)
        for item, count in zip(active, sizes, strict=True):
            self._scale(deployment, item, count)

    def _scale(self, deployment: Manifest, replica_set: Manifest, count: int) -> None:
        before = replica_set["spec"]["replicas"]
        sized = sizes_annotated(replica_set, deployment)
        self._update({**sized, "spec": {**sized["spec"], "replicas": count}})
        if count != before:
            direction = "up" if count > before else "down"
            name = replica_set["metadata"]["name"]
            self._note(deployment, f"Scaled {direction} replica set {name} from {before} to {count}")

    def _clean_up(self, deployment: Manifest, new: Manifest, old: list[Manifest]) -> None:
        """Delete old versions beyond the history's limit once the rollout is done."""
        if status.complete(deployment) and new["spec"]["replicas"] == deployment["spec"]["replicas"]:
            for item in old_to_delete(old, deployment["spec"]["revisionHistoryLimit"]):
                self._store.delete("ReplicaSet", *key_of(item))

    def _write_status(self, key: Key) -> float | None:
        deployment = self._store.find("Deployment", *key)
        if deployment is None:
            return None
        new, old = self._versions(deployment)
        wanted, deadline = status.deployment_status(deployment, new, old, self._store.now())
        if wanted != deployment.get("status"):
            changed = {**deployment, "status": wanted}
            self._store.update(changed, manager=CONTROLLER_MANAGER, subresource="status")
        return deadline

    def _update(self, manifest: Manifest) -> Manifest:
        return self._store.update(manifest, manager=CONTROLLER_MANAGER)

    def _note(self, deployment: Manifest, message: str) -> None:
        self._events.record(deployment, NORMAL, "ScalingReplicaSet", message)


def _size(replica_set: Manifest) -> Size:
    available = replica_set.get("status", {}).get("availableReplicas", 0)
    return Size(replica_set["spec"]["replicas"], available)

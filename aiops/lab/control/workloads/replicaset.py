"""The ReplicaSet controller: as many pods as asked for."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

from aiops.core.clock import from_rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.controller import CONTROLLER_MANAGER
from aiops.lab.control.events import NORMAL, WARNING, EventRecorder
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.names import random_suffix
from aiops.lab.kube.objects import (
    Key,
    annotations_of,
    condition,
    condition_is,
    controller_of,
    deleting,
    key_of,
    uid_of,
)
from aiops.lab.kube.storage.deletion import FINISHED
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"


class ReplicaSetController:
    """Creates and deletes the pods of ReplicaSets, and counts them."""

    def __init__(self, store: ObjectStore, rng: Random, events: EventRecorder) -> None:
        self._store = store
        self._rng = rng
        self._events = events

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "ReplicaSet" and write.type != "DELETED":
            yield key_of(write.new)
        if write.kind == "Pod":
            owner = controller_of(write.new)
            if owner and owner["kind"] == "ReplicaSet":
                yield write.new["metadata"]["namespace"], owner["name"]

    def sync(self, key: Key) -> float | None:
        replica_set = self._store.find("ReplicaSet", *key)
        if replica_set is None:
            return None
        pods = self._store.owned(uid_of(replica_set), "Pod")
        if not deleting(replica_set):
            active = [pod for pod in pods if is_active(pod)]
            missing = replica_set["spec"]["replicas"] - len(active)
            self._create_pods(replica_set, missing)
            for pod in sorted(active, key=deletion_rank)[: max(-missing, 0)]:
                self._store.delete("Pod", *key_of(pod))
                self._note(replica_set, "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}")
            pods = self._store.owned(uid_of(replica_set), "Pod")
        return self._write_status(replica_set, [pod for pod in pods if is_active(pod)])

    def _create_pods(self, replica_set: Manifest, count: int) -> None:
        for _ in range(count):
            try:
                self._create_pod(replica_set)
            except ApiError as error:  # a template that makes no pod: the next would fail too
                self._events.record(replica_set, WARNING, "FailedCreate", f"Error creating: {error}")
                return

    def _create_pod(self, replica_set: Manifest) -> None:
        metadata, template = replica_set["metadata"], replica_set["spec"]["template"]
        name = f"{metadata['name']}-{random_suffix(self._rng)}"
        meta = {**template["metadata"], "name": name, "namespace": metadata["namespace"]}
        meta.pop("creationTimestamp", None)
        meta |= {"generateName": f"{metadata['name']}-", "ownerReferences": [owner_reference(replica_set)]}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": template["spec"]}
        self._store.create(pod, manager=CONTROLLER_MANAGER)
        self._note(replica_set, "SuccessfulCreate", f"Created pod: {name}")

    def _note(self, replica_set: Manifest, reason: str, message: str) -> None:
        self._events.record(replica_set, NORMAL, reason, message)

    def _write_status(self, replica_set: Manifest, active: list[Manifest]) -> float | None:
        ready = [pod for pod in active if condition_is(pod, "Ready")]
        delay = replica_set["spec"].get("minReadySeconds", 0)
        available_at = [_ready_since(pod) + delay for pod in ready]
        now = self._store.now()
        counts: dict[str, Any] = {
            "replicas": len(active),
            "fullyLabeledReplicas": len(active),
            "readyReplicas": len(ready),
            "availableReplicas": sum(moment <= now for moment in available_at),
        }
        status = {name: count for name, count in counts.items() if count or name == "replicas"}
        status["observedGeneration"] = replica_set["metadata"]["generation"]
        if status != replica_set.get("status"):
            changed = {**replica_set, "status": status}
            self._store.update(changed, manager=CONTROLLER_MANAGER, subresource="status")
        return min((moment for moment in available_at if moment > now), default=None)


def is_active(pod: Manifest) -> bool:
    """Counts for its owner: neither ended nor being deleted."""
    return not deleting(pod) and pod.get("status", {}).get("phase") not in FINISHED


def owner_reference(owner: Manifest) -> dict[str, Any]:
    """A reference by which `owner` controls an object."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": uid_of(owner),
        "controller": True,
        "blockOwnerDeletion": True,
    }


def deletion_rank(pod: Manifest) -> tuple[Any, ...]:
    """Which pod goes first when there are too many: unassigned, pending, not ready, cheap, young ones."""
    phase = pod.get("status", {}).get("phase")
    ready = condition_is(pod, "Ready")
    statuses = pod.get("status", {}).get("containerStatuses") or ()
    return (
        bool(pod["spec"].get("nodeName")),
        {"Pending": 0, "Unknown": 1}.get(str(phase), 2),
        ready,
        int(annotations_of(pod).get(DELETION_COST, "0")),
        -_ready_since(pod) if ready else 0.0,
        -max((status.get("restartCount", 0) for status in statuses), default=0),
        -from_rfc3339(pod["metadata"]["creationTimestamp"]),
        pod["metadata"]["name"],
    )


def _ready_since(pod: Manifest) -> float:
    entry = condition(pod, "Ready")
    return from_rfc3339(entry["lastTransitionTime"]) if entry else 0.0

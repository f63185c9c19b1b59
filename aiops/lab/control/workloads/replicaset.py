"""The ReplicaSet controller: as many pods as asked for. It serves ReplicationControllers, too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aiops.core.entity import Manifest
from aiops.lab.control.client import ControllerClient
from aiops.lab.control.controller import Controller
from aiops.lab.control.events import EventRecorder
from aiops.lab.control.workloads.batches import in_batches
from aiops.lab.control.workloads.deletion_rank import by_deletion_rank
from aiops.lab.control.workloads.owning import Dependents, selects
from aiops.lab.control.workloads.pace import BURST, Pace, earliest
from aiops.lab.control.workloads.pods import (
    PodControl,
    is_active,
    is_terminating_pod,
    next_available,
    pod_from_template,
)
from aiops.lab.control.workloads.replicaset_status import replica_set_status
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.objects import Key, controller_of, deleting, key_of, uid_of
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore


class ReplicaSetController(Controller):
    """Creates and deletes the pods of one kind of workload, and counts them."""

    def __init__(self, store: ObjectStore, events: EventRecorder, kind: str = "ReplicaSet") -> None:
        self._store = store
        self._kind = kind
        self.hears = (kind, "Pod")
        self._client = ControllerClient(store)
        self._pods = PodControl(store, events)
        self._pace = Pace()
        self._dependents = Dependents(store, kind, "Pod")
        self.account = "replicaset-controller" if kind == "ReplicaSet" else "replication-controller"

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == self._kind and write.type != "DELETED":
            yield key_of(write.new)
        elif write.kind == "Pod":
            yield from self._dependents.owners_to_wake(write)

    def sync(self, key: Key) -> float | None:
        owner = self._store.find(self._kind, *key)
        if owner is None:
            return None
        everything = self._dependents.claim(owner, is_active)
        active = [pod for pod in everything if is_active(pod)]
        terminating = sum(is_terminating_pod(pod) for pod in everything)
        now = self._store.now()
        idle = not deleting(owner) and self._pace.free_at(key, now) is None
        failure = self._manage(owner, active) if idle else None
        status = replica_set_status(owner, active, terminating, failure, now)
        self._client.update_status(owner, status)
        if failure is not None:
            raise failure
        ready = next_available(active, owner["spec"].get("minReadySeconds", 0), now)
        return earliest(ready, self._pace.free_at(key, now))

    def _manage(self, owner: Manifest, active: list[Manifest]) -> ApiError | None:
        """Create what is missing, delete what is too much. Returns why that failed."""
        missing = owner["spec"]["replicas"] - len(active)
        count = min(abs(missing), BURST)
        failure = self._create(owner, count) if missing > 0 else self._delete(owner, active, count)
        if failure is None:
            self._pace.spent(key_of(owner), count, self._store.now())
        return failure

    def _delete(self, owner: Manifest, active: list[Manifest], count: int) -> ApiError | None:
        try:
            for pod in self._to_delete(owner, active, count):
                self._pods.delete(owner, pod)
        except ApiError as error:
            return error
        return None

    def _create(self, owner: Manifest, count: int) -> ApiError | None:
        pod = pod_from_template(owner, owner["spec"]["template"])
        first: Manifest | None = None

        def create(_: int) -> None:
            nonlocal first
            made = self._pods.create(owner, pod, first)
            first = first or made

        return in_batches(range(count), create)

    def _to_delete(self, owner: Manifest, active: list[Manifest], count: int) -> list[Manifest]:
        if not count or count >= len(active):
            return active[:count]
        siblings = [pod for pod in self._siblings(owner) if is_active(pod)]
        return by_deletion_rank(active, siblings, self._store.now())[:count]

    def _siblings(self, owner: Manifest) -> Iterator[Manifest]:
        """The pods of all workloads with the same controller, such as the old ReplicaSets of a Deployment."""
        above = controller_of(owner)
        others = self._store.owned(above["uid"], self._kind) if above else [owner]
        seen: set[str] = set()
        for other in others:
            for pod in self._store.owned(uid_of(other), "Pod"):
                if uid_of(pod) not in seen and selects(other, pod):
                    seen.add(uid_of(pod))
                    yield pod

"""The StatefulSet controller: pods with a number and storage of their own, one after the other."""

from __future__ import annotations

from collections.abc import Iterable

from aiops.core.entity import Manifest
from aiops.lab.control.client import ControllerClient
from aiops.lab.control.controller import Controller
from aiops.lab.control.events import EventRecorder
from aiops.lab.control.workloads.controller_revisions import POD_HASH, template_of
from aiops.lab.control.workloads.owning import Dependents
from aiops.lab.control.workloads.pace import BURST, Pace, earliest
from aiops.lab.control.workloads.pods import is_available, next_available, phase
from aiops.lab.control.workloads.statefulset_pods import is_member, new_pod, ordinal_of, ordinals
from aiops.lab.control.workloads.statefulset_revisions import RevisionHistory, Revisions
from aiops.lab.control.workloads.statefulset_status import stateful_set_status
from aiops.lab.control.workloads.statefulset_steps import Stepper
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.objects import Key, deleting, key_of, labels_of
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore


class StatefulSetController(Controller):
    """Creates, updates and removes the pods of StatefulSets in order."""

    account = "statefulset-controller"
    hears = ("StatefulSet", "Pod", "ControllerRevision")

    def __init__(self, store: ObjectStore, events: EventRecorder) -> None:
        self._store = store
        self._client = ControllerClient(store)
        self._pods = Dependents(store, "StatefulSet", "Pod")
        self._revisions = Dependents(store, "StatefulSet", "ControllerRevision")
        self._history = RevisionHistory(store, self._revisions)
        self._stepper = Stepper(store, events)
        self._pace = Pace()

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "StatefulSet" and write.type != "DELETED":
            yield key_of(write.new)
        elif write.kind == "Pod":
            yield from self._pods.owners_to_wake(write)
        elif write.kind == "ControllerRevision":
            yield from self._revisions.owners_to_wake(write)

    def sync(self, key: Key) -> float | None:
        owner = self._store.find("StatefulSet", *key)
        if owner is None:
            return None
        pods = [pod for pod in self._pods.claim(owner, lambda pod: is_member(owner, pod)) if is_member(owner, pod)]
        revisions = self._history.revisions(owner)
        replicas, condemned = self._sorted(owner, pods, revisions)
        now = self._store.now()
        failure = None
        removed = 0
        if not deleting(owner) and self._pace.free_at(key, now) is None:
            try:
                removed = self._advance(owner, replicas, condemned, revisions)
                self._pace.spent(key, self._at_once(owner, replicas), now)
            except ApiError as error:
                failure = error
        self._client.update_status(owner, stateful_set_status(owner, pods, revisions, removed, now))
        self._history.truncate(owner, pods, revisions)
        if failure is not None:
            raise failure
        ready = next_available(pods, owner["spec"].get("minReadySeconds", 0), now)
        return earliest(ready, self._pace.free_at(key, now))

    def _at_once(self, owner: Manifest, replicas: list[Manifest]) -> int:
        """How many pods one look has made: in order it is one."""
        ordered = owner["spec"].get("podManagementPolicy", "OrderedReady") != "Parallel"
        return 1 if ordered else sum(not phase(pod) for pod in replicas)

    def _sorted(
        self, owner: Manifest, pods: list[Manifest], revisions: Revisions
    ) -> tuple[list[Manifest], list[Manifest]]:
        """A pod for each number, be it there or to be made, and those beyond the numbers, the highest first. Of very
        many that are missing only those for one look."""
        wanted = ordinals(owner)
        there = {ordinal_of(pod): pod for pod in pods}
        near = wanted[: len(pods) + BURST]
        replicas = [there.get(number) or _versioned_pod(owner, revisions, number) for number in near]
        beyond = [pod for pod in pods if ordinal_of(pod) not in wanted]
        return replicas, sorted(beyond, key=ordinal_of, reverse=True)

    def _advance(
        self, owner: Manifest, replicas: list[Manifest], condemned: list[Manifest], revisions: Revisions
    ) -> int:
        """One step: missing pods first, then surplus ones, then an update. Returns how many old ones were removed."""
        if not self._stepper.establish(owner, replicas, condemned, self._first_unavailable(owner, replicas, condemned)):
            return 0
        if owner["spec"]["updateStrategy"]["type"] != "RollingUpdate":
            return 0
        return self._update(owner, replicas, revisions)

    def _update(self, owner: Manifest, replicas: list[Manifest], revisions: Revisions) -> int:
        """Delete the last pod of another revision, once those behind it are available."""
        rolling = owner["spec"]["updateStrategy"].get("rollingUpdate") or {}
        for pod in reversed(replicas[rolling.get("partition", 0) :]):
            if labels_of(pod).get(POD_HASH) != revisions.update_name and not deleting(pod):
                self._stepper.delete(owner, pod)
                return 1
            if self._unavailable(owner, pod):
                return 0
        return 0

    def _first_unavailable(
        self, owner: Manifest, replicas: list[Manifest], condemned: list[Manifest]
    ) -> Manifest | None:
        ordered = [*replicas, *reversed(condemned)]
        return next((pod for pod in ordered if self._unavailable(owner, pod)), None)

    def _unavailable(self, owner: Manifest, pod: Manifest) -> bool:
        delay = owner["spec"].get("minReadySeconds", 0)
        return deleting(pod) or not is_available(pod, delay, self._store.now())


def _versioned_pod(owner: Manifest, revisions: Revisions, ordinal: int) -> Manifest:
    """A new pod of the current revision below the partition, else of the one to which the set is updated."""
    strategy = owner["spec"]["updateStrategy"]
    rolling = strategy.get("rollingUpdate")
    if rolling is not None:
        kept = rolling.get("partition", 0)
    else:
        kept = (owner.get("status") or {}).get("currentReplicas", 0) if strategy["type"] == "RollingUpdate" else 0
    revision = revisions.current if ordinal < ordinals(owner).start + kept else revisions.update
    return new_pod(owner, template_of(revision), revision["metadata"]["name"], ordinal)

"""The steps by which a StatefulSet gets all of its pods, and no others."""

from __future__ import annotations

from collections.abc import Callable

from aiops.core.entity import Manifest
from aiops.lab.control.client import ControllerClient
from aiops.lab.control.events import NORMAL, WARNING, EventRecorder
from aiops.lab.control.workloads.batches import in_batches
from aiops.lab.control.workloads.pods import is_available, is_finished, is_ready, phase
from aiops.lab.control.workloads.statefulset_claims import Claims
from aiops.lab.control.workloads.statefulset_pods import (
    identity_matches,
    storage_matches,
    with_identity,
    with_storage,
)
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.objects import deleting, key_of
from aiops.lab.kube.storage.store import ObjectStore

Step = Callable[[Manifest], bool]
"""Works on one pod; True where everything behind it has to wait."""


class Stepper:
    """Creates, mends and deletes one pod at a time, or all at once where the set allows it."""

    def __init__(self, store: ObjectStore, events: EventRecorder) -> None:
        self._store = store
        self._client = ControllerClient(store)
        self._events = events
        self._claims = Claims(store, events)

    def establish(
        self, owner: Manifest, replicas: list[Manifest], condemned: list[Manifest], first_unavailable: Manifest | None
    ) -> bool:
        """Bring the pods to what is asked for. False where something has to be waited for. Raises `ApiError`."""
        ordered = owner["spec"].get("podManagementPolicy", "OrderedReady") != "Parallel"

        def settle_claims(pod: Manifest) -> bool:
            self._claims.settle_owners(owner, pod)
            return False

        return (
            _for_all(replicas, lambda pod: self._process(owner, pod, ordered=ordered), ordered=ordered)
            and _for_all(condemned, settle_claims, ordered=ordered)
            and _for_all(
                condemned,
                lambda pod: self._remove(owner, pod, ordered=ordered, first=pod is first_unavailable),
                ordered=ordered,
            )
        )

    def _process(self, owner: Manifest, pod: Manifest, *, ordered: bool) -> bool:
        if is_finished(pod):
            if not deleting(pod):
                self.delete(owner, pod)
            return True
        if not phase(pod):
            if self._claims.stale(owner, pod):
                return True
            self._create(owner, pod)
            return ordered
        if phase(pod) == "Pending":
            self._claims.ensure(owner, pod)
            self._claims.settle_owners(owner, pod)
        if ordered and (deleting(pod) or not self._healthy(owner, pod)):
            return True
        self._mend(owner, pod)
        return False

    def _remove(self, owner: Manifest, pod: Manifest, *, ordered: bool, first: bool) -> bool:
        """Delete a surplus pod; in order only if it is healthy, or the first one that is not."""
        if deleting(pod):
            return ordered
        if ordered and not first and not self._healthy(owner, pod):
            return True
        self.delete(owner, pod)
        return True

    def _healthy(self, owner: Manifest, pod: Manifest) -> bool:
        running = phase(pod) == "Running" and is_ready(pod)
        return running and is_available(pod, owner["spec"].get("minReadySeconds", 0), self._store.now())

    def _create(self, owner: Manifest, pod: Manifest) -> None:
        try:
            self._claims.ensure(owner, pod)
            made = self._client.create(pod)
            self._claims.settle_owners(owner, made)
        except ApiError as error:
            if error.reason != "AlreadyExists":
                self._tell("Create", owner, pod, error)
            raise
        self._tell("Create", owner, pod)

    def _mend(self, owner: Manifest, pod: Manifest) -> None:
        """Give a pod the labels, volumes and owners of claims that it lost."""
        settled = self._claims.owned_as_asked(owner, pod)
        if identity_matches(pod) and storage_matches(owner, pod) and settled:
            return
        try:
            self._claims.ensure(owner, pod)
            self._claims.settle_owners(owner, pod)
            self._client.update(with_storage(owner, with_identity(pod)))
        except ApiError as error:
            self._tell("Update", owner, pod, error)
            raise
        self._tell("Update", owner, pod)

    def delete(self, owner: Manifest, pod: Manifest) -> None:
        """Delete a pod and tell of it. Raises `ApiError`."""
        try:
            if self._store.find("Pod", *key_of(pod)) is not None:
                self._client.delete("Pod", key_of(pod))
        except ApiError as error:
            self._tell("Delete", owner, pod, error)
            raise
        self._tell("Delete", owner, pod)

    def _tell(self, verb: str, owner: Manifest, pod: Manifest, error: ApiError | None = None) -> None:
        what = f"{verb} Pod {pod['metadata']['name']} in StatefulSet {owner['metadata']['name']}"
        if error is None:
            self._events.record(owner, NORMAL, f"Successful{verb}", f"{what} successful")
        else:
            self._events.record(owner, WARNING, f"Failed{verb}", f"{what} failed error: {error}")


def _for_all(pods: list[Manifest], step: Step, *, ordered: bool) -> bool:
    """Take the step for each pod. False where, in order, one of them has to be waited for. Raises `ApiError`."""
    if ordered:
        return not any(step(pod) for pod in pods)
    failure = in_batches(pods, step)
    if failure is not None:
        raise failure
    return True

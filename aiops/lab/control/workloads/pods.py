"""The pods of a workload: how they are made from a template, deleted, and counted."""

from __future__ import annotations

from typing import Any

from aiops.core.clock import from_rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.client import ControllerClient
from aiops.lab.control.events import NORMAL, WARNING, EventRecorder
from aiops.lab.control.workloads.owning import owner_reference
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.objects import condition, condition_is, deleting, key_of
from aiops.lab.kube.storage.deletion import FINISHED
from aiops.lab.kube.storage.store import ObjectStore

TERMINATING = "NamespaceTerminating"


class PodControl:
    """Creates and deletes pods for workloads and tells of it, as the controllers' `RealPodControl` does."""

    def __init__(self, store: ObjectStore, events: EventRecorder) -> None:
        self._store = store
        self._client = ControllerClient(store)
        self._events = events

    def create(self, owner: Manifest, pod: Manifest, like: Manifest | None = None) -> Manifest | None:
        """Create a pod. `like` was made of the same manifest at this moment: its fields have the same managers.

        None where its namespace ends. Raises `ApiError` after an Event about it."""
        try:
            made = self._client.create(pod, None if like is None else like["metadata"].get("managedFields"))
        except ApiError as error:
            if is_terminating(error):
                return None
            self._events.record(owner, WARNING, "FailedCreate", f"Error creating: {error}")
            raise
        self._events.record(owner, NORMAL, "SuccessfulCreate", f"Created pod: {made['metadata']['name']}")
        return made

    def delete(self, owner: Manifest, pod: Manifest) -> None:
        """Delete a pod, unless it is gone already. Raises `ApiError` after an Event about it."""
        if self._store.find("Pod", *key_of(pod)) is None:
            return
        try:
            self._client.delete("Pod", key_of(pod))
        except ApiError as error:
            self._events.record(owner, WARNING, "FailedDelete", f"Error deleting: {error}")
            raise
        self._events.record(owner, NORMAL, "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}")


def is_terminating(error: ApiError) -> bool:
    """Was a write refused because its namespace ends?"""
    return any(cause.get("reason") == TERMINATING for cause in (error.details or {}).get("causes") or ())


def pod_from_template(owner: Manifest, template: Manifest) -> Manifest:
    """A pod of the template, to be named by the server after its owner."""
    metadata = template.get("metadata") or {}
    meta: dict[str, Any] = {
        "generateName": f"{owner['metadata']['name']}-",
        "namespace": owner["metadata"]["namespace"],
        "ownerReferences": [owner_reference(owner)],
    }
    meta |= {field: metadata[field] for field in ("labels", "annotations", "finalizers") if metadata.get(field)}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": template["spec"]}


def phase(pod: Manifest) -> str:
    return str(pod.get("status", {}).get("phase", ""))


def is_finished(pod: Manifest) -> bool:
    return phase(pod) in FINISHED


def is_active(pod: Manifest) -> bool:
    """Counts for its owner: neither ended nor being deleted."""
    return not deleting(pod) and not is_finished(pod)


def is_terminating_pod(pod: Manifest) -> bool:
    return deleting(pod) and not is_finished(pod)


def is_ready(pod: Manifest) -> bool:
    return condition_is(pod, "Ready")


def ready_since(pod: Manifest) -> float:
    """Unix seconds; 0 for a pod that is not ready."""
    entry = condition(pod, "Ready")
    known = entry.get("lastTransitionTime") if entry and entry["status"] == "True" else None
    return from_rfc3339(known) if known else 0.0


def available_at(pod: Manifest, min_ready_seconds: int) -> float | None:
    """When the pod is (or was) ready for long enough; None where it is not ready."""
    return ready_since(pod) + min_ready_seconds if is_ready(pod) else None


def is_available(pod: Manifest, min_ready_seconds: int, now: float) -> bool:
    moment = available_at(pod, min_ready_seconds)
    return moment is not None and moment <= now


def next_available(pods: list[Manifest], min_ready_seconds: int, now: float) -> float | None:
    """The next moment at which one of the pods becomes available by time alone."""
    if not min_ready_seconds:
        return None
    moments = [available_at(pod, min_ready_seconds) for pod in pods]
    return min((moment for moment in moments if moment is not None and moment > now), default=None)

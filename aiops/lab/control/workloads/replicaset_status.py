"""The status of a ReplicaSet: its counts, and whether its pods can be made."""

from __future__ import annotations

from typing import Any

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.workloads.pods import is_available, is_ready
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.objects import condition, labels_of

FAILURE = "ReplicaFailure"


def replica_set_status(
    owner: Manifest, active: list[Manifest], terminating: int, failure: ApiError | None, now: float
) -> dict[str, Any]:
    """The status as it should be. `active` are the pods before the last look created or deleted some."""
    spec = owner["spec"]
    labels = ((spec["template"].get("metadata") or {}).get("labels") or {}).items()
    delay = spec.get("minReadySeconds", 0)
    counts = {
        "fullyLabeledReplicas": sum(labels <= labels_of(pod).items() for pod in active),
        "readyReplicas": sum(is_ready(pod) for pod in active),
        "availableReplicas": sum(is_available(pod, delay, now) for pod in active),
    }
    status: dict[str, Any] = {"replicas": len(active), **{name: count for name, count in counts.items() if count}}
    if owner["kind"] == "ReplicaSet":
        status["terminatingReplicas"] = terminating
    status["observedGeneration"] = owner["metadata"]["generation"]
    conditions = _conditions(owner, len(active), failure, now)
    return {**status, "conditions": conditions} if conditions else status


def _conditions(owner: Manifest, active: int, failure: ApiError | None, now: float) -> list[dict[str, Any]]:
    others = [entry for entry in owner.get("status", {}).get("conditions") or () if entry["type"] != FAILURE]
    if failure is None:
        return others
    entry = condition(owner, FAILURE) or {
        "type": FAILURE,
        "status": "True",
        "reason": "FailedCreate" if active < owner["spec"]["replicas"] else "FailedDelete",
        "message": str(failure),
        "lastTransitionTime": rfc3339(now),
    }
    return [*others, entry]

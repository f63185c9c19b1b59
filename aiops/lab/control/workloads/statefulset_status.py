"""The status of a StatefulSet."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control.workloads.controller_revisions import POD_HASH
from aiops.lab.control.workloads.pods import is_available, is_ready, phase
from aiops.lab.control.workloads.statefulset_revisions import Revisions
from aiops.lab.kube.objects import deleting, labels_of


def stateful_set_status(
    owner: Manifest, pods: list[Manifest], revisions: Revisions, removed: int, now: float
) -> dict[str, Any]:
    """The status as it should be. `pods` are those before the last step, which `removed` so many of the old ones."""
    delay, wanted = owner["spec"].get("minReadySeconds", 0), owner["spec"]["replicas"]
    kept = [labels_of(pod).get(POD_HASH) for pod in pods if phase(pod) and not deleting(pod)]
    ready = [pod for pod in pods if phase(pod) == "Running" and is_ready(pod)]
    counts = {
        "readyReplicas": len(ready),
        "currentReplicas": kept.count(revisions.current_name) - removed,
        "updatedReplicas": kept.count(revisions.update_name),
    }
    current = revisions.current_name
    rolling = owner["spec"]["updateStrategy"]["type"] == "RollingUpdate"
    if rolling and [counts["updatedReplicas"], len(ready), len(pods)] == [wanted] * 3:
        counts["currentReplicas"], current = counts["updatedReplicas"], revisions.update_name
    return {
        "observedGeneration": owner["metadata"]["generation"],
        "replicas": sum(bool(phase(pod)) for pod in pods),
        "availableReplicas": sum(is_available(pod, delay, now) for pod in ready),
        "currentRevision": current,
        "updateRevision": revisions.update_name,
        "collisionCount": revisions.collisions,
        **{name: count for name, count in counts.items() if count},
    }

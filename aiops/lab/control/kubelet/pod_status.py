"""The status of a pod, computed from what its containers do."""

from __future__ import annotations

from typing import Any

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.kubelet.conditions import conditions
from aiops.lab.control.kubelet.container_status import container_status
from aiops.lab.control.kubelet.phases import phase
from aiops.lab.control.kubelet.sequence import ephemeral_containers, init_containers
from aiops.lab.control.kubelet.worker import PodWorker

_KEPT = ("nominatedNodeName", "resourceClaimStatuses", "resize", "extendedResourceClaimStatus")
"""What others write into a pod's status."""


def pod_status(pod: Manifest, worker: PodWorker, host_ip: str, now: float) -> dict[str, Any]:
    """The whole `status` of a pod that a node runs."""
    before = pod.get("status", {})
    which = phase(pod, worker)
    status: dict[str, Any] = {
        **{field: before[field] for field in _KEPT if field in before},
        "phase": which,
        "conditions": conditions(pod, worker, which, now),
        "hostIP": host_ip,
        "hostIPs": [{"ip": host_ip}],
        "startTime": before.get("startTime") or rfc3339(now),
        "qosClass": before.get("qosClass", "BestEffort"),
        **_containers(pod, worker),
    }
    if worker.ip:
        status |= {"podIP": worker.ip, "podIPs": [{"ip": worker.ip}]}
    if generation := pod["metadata"].get("generation"):
        status["observedGeneration"] = generation
    ending = worker.ending
    if ending is not None:
        status |= {field: text for field, text in (("reason", ending.reason), ("message", ending.message)) if text}
    return status


def refused_status(pod: Manifest, reason: str, message: str, now: float) -> dict[str, Any]:
    """The status of a pod that its node does not take."""
    before, generation = pod.get("status", {}), pod["metadata"].get("generation")
    return {
        "phase": "Failed",
        "reason": reason,
        "message": f"Pod was rejected: {message}",
        "qosClass": before.get("qosClass", "BestEffort"),
        "startTime": rfc3339(now),
        "conditions": list(before.get("conditions") or ()),
        **({"observedGeneration": generation} if generation else {}),
    }


def _containers(pod: Manifest, worker: PodWorker) -> dict[str, Any]:
    """The statuses of all containers, by the field that they stand in."""
    initialising = bool(init_containers(pod))
    groups = (
        ("initContainerStatuses", init_containers(pod)),
        ("containerStatuses", pod["spec"]["containers"]),
        ("ephemeralContainerStatuses", ephemeral_containers(pod)),
    )
    return {
        field: [
            container_status(
                worker.container(spec["name"]),
                spec,
                init=field.startswith("init"),
                initialising=initialising and not field.startswith("ephemeral"),
            )
            for spec in specs
        ]
        for field, specs in groups
        if specs
    }

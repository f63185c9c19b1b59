"""Which container ports a Service sends to."""

from __future__ import annotations

from aiops.core.entity import Manifest
from aiops.core.target import Target
from aiops.faults.kit.workloads import pods_with


async def sends_to(target: Target, service: Manifest, port: Manifest) -> set[int]:
    """The container ports to which one port of a Service sends, over all pods that it selects."""
    return {number for _, number in await reached(target, service, port)}


async def reached(target: Target, service: Manifest, port: Manifest) -> set[tuple[str, int]]:
    """(pod, container port) of every pod that a Service selects, for one of its ports."""
    wanted = port.get("targetPort", port["port"])
    return {
        (str(pod["metadata"]["name"]), int(listed["containerPort"]))
        for pod in await pods_with(target, service["metadata"]["namespace"], service["spec"].get("selector") or {})
        for container in pod["spec"]["containers"]
        for listed in container.get("ports") or ()
        if wanted in (listed["containerPort"], listed.get("name"))
    }

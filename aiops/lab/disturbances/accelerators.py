"""The accelerators that the nodes' device plugins offer."""

from __future__ import annotations

from collections.abc import Collection

from aiops.core.entity import Manifest
from aiops.lab.disturbances.audience import ACCELERATOR, has_accelerators
from aiops.lab.kube.storage.store import ObjectStore
from aiops.lab.traffic.process import Process

_MANAGER = "kubelet"


def uses_accelerator(process: Process) -> bool:
    """Whether a process' container has one."""
    containers = process.container.pod["spec"]["containers"]
    own: Manifest = next((each for each in containers if each["name"] == process.container.name), {})
    return ACCELERATOR in ((own.get("resources") or {}).get("limits") or {})


def offer_accelerators(store: ObjectStore, failed: Collection[str]) -> None:
    """Let every node offer all that it has, and those that failed none: what can be used is allocatable."""
    for node in list(store.objects("Node")):
        if not has_accelerators(node):
            continue
        status = node["status"]
        right = "0" if node["metadata"]["name"] in failed else status["capacity"][ACCELERATOR]
        allocatable = status.get("allocatable") or status["capacity"]
        if allocatable.get(ACCELERATOR) != right:
            changed = {**status, "allocatable": {**allocatable, ACCELERATOR: right}}
            store.update({**node, "status": changed}, manager=_MANAGER, subresource="status")

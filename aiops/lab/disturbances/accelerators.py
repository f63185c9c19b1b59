"""The accelerators that the nodes' device plugins offer."""

from __future__ import annotations

from collections.abc import Sequence

from aiops.core.entity import Manifest
from aiops.lab.kube.storage.store import ObjectStore
from aiops.lab.traffic.process import Process

RESOURCE = "nvidia.com/gpu"
_MANAGER = "kubelet"


class Accelerators:
    """What a node has of them is its capacity; what can be used is allocatable."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def on(self, nodes: Sequence[str]) -> list[str]:
        """Those of the nodes that have any."""
        found = ((name, self._store.find("Node", "", name)) for name in nodes)
        return [name for name, node in found if node is not None and _has(node)]

    def used_by(self, process: Process) -> bool:
        """Whether a process' container has one."""
        containers = process.container.pod["spec"]["containers"]
        own: Manifest = next((each for each in containers if each["name"] == process.container.name), {})
        return RESOURCE in ((own.get("resources") or {}).get("limits") or {})

    def offer_without(self, failed: Sequence[str]) -> None:
        """Let every node offer all that it has, and those that failed none."""
        for node in list(self._store.objects("Node")):
            if not _has(node):
                continue
            status = node["status"]
            right = "0" if node["metadata"]["name"] in failed else status["capacity"][RESOURCE]
            allocatable = status.get("allocatable") or status["capacity"]
            if allocatable.get(RESOURCE) != right:
                changed = {**status, "allocatable": {**allocatable, RESOURCE: right}}
                self._store.update({**node, "status": changed}, manager=_MANAGER, subresource="status")


def _has(node: Manifest) -> bool:
    return RESOURCE in ((node.get("status") or {}).get("capacity") or {})

"""The accelerators that the nodes' device plugins offer."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from aiops.core.entity import Manifest
from aiops.lab.kube.storage.store import ObjectStore
from aiops.lab.traffic.processes.process import Process

ACCELERATOR = "nvidia.com/gpu"
"""The extended resource that device plugins offer."""

_MANAGER = "kubelet"

DEVICE_LOST = 134
"""SIGABRT: how frameworks end when their device is gone."""

_SOCKETS = "/var/lib/kubelet/device-plugins"
"""Where device plugins meet the kubelet, by the device plugin API of Kubernetes."""


class Plugins:
    """The device plugins that have registered with the kubelets. A node whose plugin went away offers no devices until
    there is one again; what already has a device keeps it."""

    def __init__(self) -> None:
        self._seen = -1
        self._registered: frozenset[str] = frozenset()
        self._running: frozenset[str] = frozenset()

    @property
    def gone(self) -> frozenset[str]:
        """The nodes whose plugin runs no more."""
        return self._registered - self._running

    def look(self, store: ObjectStore) -> bool:
        """See which plugins run, and say whether that is news."""
        changes = store.changes("Pod")
        if changes == self._seen:
            return False
        self._seen = changes
        before = self.gone
        self._running = frozenset(_nodes_of_plugins(store.objects("Pod")))
        self._registered |= self._running
        return self.gone != before


def _nodes_of_plugins(pods: Iterable[Manifest]) -> Iterable[str]:
    """Where plugins run that have not been told to end: then they take their leave of the kubelet at once."""
    for pod in pods:
        if pod["metadata"].get("deletionTimestamp"):
            continue
        volumes = pod["spec"].get("volumes") or ()
        if any((volume.get("hostPath") or {}).get("path", "").startswith(_SOCKETS) for volume in volumes):
            statuses = (pod.get("status") or {}).get("containerStatuses") or ()
            if any("running" in (status.get("state") or {}) for status in statuses):
                yield str(pod["spec"].get("nodeName", ""))


def has_accelerators(node: Manifest) -> bool:
    """Whether a node has accelerators of the kind that its device plugin offers."""
    return ACCELERATOR in ((node.get("status") or {}).get("capacity") or {})


def uses_accelerator(process: Process) -> bool:
    """Whether a process' container has one."""
    containers = process.container.pod["spec"]["containers"]
    own: Manifest = next((each for each in containers if each["name"] == process.container.name), {})
    return ACCELERATOR in ((own.get("resources") or {}).get("limits") or {})


def offer_accelerators(store: ObjectStore, without: Collection[str]) -> None:
    """Let every node offer all that it has, and those `without` none: what can be used is allocatable."""
    for node in list(store.objects("Node")):
        if not has_accelerators(node):
            continue
        status = node["status"]
        right = "0" if node["metadata"]["name"] in without else status["capacity"][ACCELERATOR]
        allocatable = status.get("allocatable") or status["capacity"]
        if allocatable.get(ACCELERATOR) != right:
            changed = {**status, "allocatable": {**allocatable, ACCELERATOR: right}}
            store.update({**node, "status": changed}, manager=_MANAGER, subresource="status")

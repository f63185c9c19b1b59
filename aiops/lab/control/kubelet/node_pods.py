"""What each node has taken: its pods, what they ask for together, the host ports that are in use."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from aiops.core.entity import Manifest
from aiops.lab.control.kubelet.requests import pod_requests
from aiops.lab.kube.objects import Key, key_of

STORAGE = "ephemeral-storage"
HostPort = tuple[str, str, int]
ANYWHERE = str(IPv4Address(0))


@dataclass(slots=True)
class NodeLoad:
    """One node. Requests by resource, in cores, bytes and counts."""

    pods: dict[Key, Manifest] = field(default_factory=dict)
    requests: dict[str, float] = field(default_factory=dict)
    ports: dict[HostPort, Key] = field(default_factory=dict)


class NodePods:
    """The load of every node, kept up with each pod that comes and goes."""

    def __init__(self) -> None:
        self._nodes: dict[str, NodeLoad] = {}
        self._limited: dict[Key, Manifest] = {}

    @property
    def limited(self) -> list[Manifest]:
        """The pods that may use only so much local storage."""
        return list(self._limited.values())

    def load(self, node: str) -> NodeLoad:
        return self._nodes.setdefault(node, NodeLoad())

    def add(self, pod: Manifest) -> None:
        load = self.load(pod["spec"]["nodeName"])
        load.pods[key_of(pod)] = pod
        if any(STORAGE in ((each.get("resources") or {}).get("limits") or {}) for each in pod["spec"]["containers"]):
            self._limited[key_of(pod)] = pod
        self._count(load, pod, 1.0)
        for port in host_ports(pod):
            load.ports.setdefault(port, key_of(pod))

    def remove(self, node: str, key: Key) -> Manifest | None:
        """Take a pod off its node. Returns it as it came, None where it was not there."""
        load = self.load(node)
        pod = load.pods.pop(key, None)
        self._limited.pop(key, None)
        if pod is not None:
            self._count(load, pod, -1.0)
            load.ports = {port: owner for port, owner in load.ports.items() if owner != key} if load.ports else {}
        return pod

    def _count(self, load: NodeLoad, pod: Manifest, sign: float) -> None:
        for name, amount in pod_requests(pod).items():
            load.requests[name] = load.requests.get(name, 0.0) + sign * amount


def host_ports(pod: Manifest) -> list[HostPort]:
    """(address, protocol, port) of every port of its node that a pod takes."""
    containers = [
        *pod["spec"]["containers"],
        *(each for each in pod["spec"].get("initContainers") or () if each.get("restartPolicy") == "Always"),
    ]
    return [
        (port.get("hostIP") or ANYWHERE, port.get("protocol", "TCP"), int(port["hostPort"]))
        for container in containers
        for port in container.get("ports") or ()
        if port.get("hostPort")
    ]

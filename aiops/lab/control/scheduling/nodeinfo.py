"""A node as the scheduler sees it: the object, its pods, and the sums of what they take."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiops.core.entity import Manifest
from aiops.lab.control.scheduling.amounts import Amounts, amounts
from aiops.lab.control.scheduling.terms import NO_TERMS, PodTerms
from aiops.lab.kube.objects import deleting, labels_of

ANY_ADDRESS = "0.0.0.0"  # noqa: S104 - a word of the API, nothing listens
HostPort = tuple[str, str, int]
"""Protocol, address and number of a port of the node that a pod takes."""


@dataclass(frozen=True, slots=True)
class PodInfo:
    """A pod that a node holds, with what it takes. `comparable` is millicores and bytes for comparing nodes."""

    pod: Manifest
    requests: Amounts
    comparable: tuple[int, int]
    ports: tuple[HostPort, ...] = ()
    terms: PodTerms = NO_TERMS

    @property
    def uid(self) -> str:
        return str(self.pod["metadata"]["uid"])

    @property
    def namespace(self) -> str:
        return str(self.pod["metadata"]["namespace"])

    @property
    def labels(self) -> dict[str, str]:
        return labels_of(self.pod)

    @property
    def deleting(self) -> bool:
        return deleting(self.pod)

    @property
    def priority(self) -> int:
        return int(self.pod["spec"].get("priority") or 0)


@dataclass(slots=True)
class NodeInfo:
    """One node. `node` is None where pods name a node that is not there (any more)."""

    name: str
    node: Manifest | None = None
    allocatable: Amounts = field(default_factory=dict)
    requested: Amounts = field(default_factory=dict)
    cpu: int = 0
    memory: int = 0
    pods: dict[str, PodInfo] = field(default_factory=dict)
    ports: dict[HostPort, int] = field(default_factory=dict)
    with_terms: dict[str, PodInfo] = field(default_factory=dict)
    images: dict[str, int] = field(default_factory=dict)

    def set_node(self, node: Manifest | None) -> None:
        self.node = node
        status = (node or {}).get("status") or {}
        self.allocatable = amounts(status.get("allocatable") or status.get("capacity"))
        self.images = {
            name: int(image.get("sizeBytes", 0))
            for image in status.get("images") or ()
            for name in image.get("names") or ()
        }

    def add(self, info: PodInfo) -> None:
        self.pods[info.uid] = info
        self._count(info, 1)
        if info.terms:
            self.with_terms[info.uid] = info

    def remove(self, uid: str) -> PodInfo | None:
        info = self.pods.pop(uid, None)
        if info is not None:
            self._count(info, -1)
            self.with_terms.pop(uid, None)
        return info

    def _count(self, info: PodInfo, sign: int) -> None:
        for name, value in info.requests.items():
            self.requested[name] = self.requested.get(name, 0) + sign * value
        self.cpu += sign * info.comparable[0]
        self.memory += sign * info.comparable[1]
        for port in info.ports:
            self.ports[port] = self.ports.get(port, 0) + sign
            if not self.ports[port]:
                del self.ports[port]

    def copy(self) -> NodeInfo:
        """A copy whose pods can be added and removed to see what would be."""
        return NodeInfo(
            self.name,
            self.node,
            self.allocatable,
            dict(self.requested),
            self.cpu,
            self.memory,
            dict(self.pods),
            dict(self.ports),
            dict(self.with_terms),
            self.images,
        )

    def taken(self, wanted: tuple[HostPort, ...]) -> bool:
        """Is one of these ports taken? The address 0.0.0.0 stands for all of them."""
        return any(
            protocol == held_protocol
            and number == held_number
            and (address == held_address or ANY_ADDRESS in (address, held_address))
            for protocol, address, number in wanted
            for held_protocol, held_address, held_number in self.ports
        )


def host_ports(pod: Manifest) -> tuple[HostPort, ...]:
    """The node's ports that a pod takes, its sidecars' included."""
    spec = pod["spec"]
    sidecars = [c for c in spec.get("initContainers") or () if c.get("restartPolicy") == "Always"]
    return tuple(
        (port.get("protocol") or "TCP", port.get("hostIP") or ANY_ADDRESS, port["hostPort"])
        for container in [*sidecars, *spec["containers"]]
        for port in container.get("ports") or ()
        if port.get("hostPort")
    )

"""Who has to go first from a node under pressure, and what the pod is told. As the kubelet's eviction helpers."""

from __future__ import annotations

from dataclasses import dataclass

from aiops.core.entity import Manifest
from aiops.core.quantity import parse_quantity
from aiops.lab.control.kubelet.requests import container_requests, pod_requests
from aiops.lab.kube.objects import Key, key_of
from aiops.lab.ports import ContainerUse

CRITICAL = 2_000_000_000
"""Pods of this priority and above are never evicted by their node."""

_SUFFIXES = ("Ei", "Pi", "Ti", "Gi", "Mi", "Ki")


@dataclass(frozen=True, slots=True)
class PodUse:
    """A pod and what its containers use, by their names."""

    pod: Manifest
    containers: dict[str, ContainerUse]

    @property
    def key(self) -> Key:
        return key_of(self.pod)

    @property
    def priority(self) -> int:
        return int(self.pod["spec"].get("priority") or 0)

    def over_request(self, resource: str) -> float:
        """How much more than it asked for the pod uses, in bytes."""
        used = sum(amount(use, resource) for use in self.containers.values())
        return used - pod_requests(self.pod).get(resource, 0.0)


def amount(use: ContainerUse, resource: str) -> float:
    return use.memory if resource == "memory" else use.disk


def rank(pods: list[PodUse], resource: str) -> list[PodUse]:
    """Those that use more than they asked for, then the lower priority, then the larger excess. Critical ones are
    left out."""
    candidates = [pod for pod in pods if pod.priority < CRITICAL]
    return sorted(candidates, key=lambda p: (p.over_request(resource) <= 0, p.priority, -p.over_request(resource)))


def eviction_message(pod: PodUse, resource: str, head: str) -> str:
    """The pod's `status.message`; like the kubelet's it ends in a space."""
    text = f"The node was low on resource: {resource}. {head}"
    for container in (*pod.pod["spec"]["containers"], *(pod.pod["spec"].get("initContainers") or ())):
        use = pod.containers.get(container["name"])
        asked = container_requests(container).get(resource, 0.0)
        if use is not None and amount(use, resource) > asked:
            used = f"was using {binary(amount(use, resource))}, request is {binary(asked)}"
            text += f"Container {container['name']} {used}, has larger consumption of {resource}. "
    return text


def storage_excess(pod: PodUse) -> str:
    """Why a pod has to go that uses more local storage than it may, in the kubelet's words; empty where it does not."""
    used = {name: use.disk for name, use in pod.containers.items()}
    limits = {
        container["name"]: ((container.get("resources") or {}).get("limits") or {}).get("ephemeral-storage")
        for container in pod.pod["spec"]["containers"]
    }
    known = {name: parse_quantity(text) for name, text in limits.items() if text is not None}
    if known and sum(used.values()) > sum(known.values()):
        return (
            f"Pod ephemeral local storage usage exceeds the total limit of containers {binary(sum(known.values()))}. "
        )
    for name, limit in known.items():
        if used.get(name, 0.0) > limit:
            return f'Container {name} exceeded its local ephemeral storage limit "{binary(limit)}". '
    return ""


def binary(size: float) -> str:
    """Bytes in the largest binary unit that they are a whole number of."""
    whole = int(size)
    for place, suffix in enumerate(_SUFFIXES):
        unit = 2 ** (10 * (len(_SUFFIXES) - place))
        if whole and whole % unit == 0:
            return f"{whole // unit}{suffix}"
    return str(whole)

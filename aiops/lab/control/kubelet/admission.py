"""Whether a node takes a pod that was bound to it: the checks that its kubelet makes itself.

As the kubelet's `predicateAdmitHandler`, which repeats the scheduler's filters for resources, ports, labels and taints,
for pods that came past the scheduler.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from aiops.core.entity import Manifest
from aiops.core.quantity import parse_quantity
from aiops.lab.control.kubelet.node_pods import ANYWHERE, HostPort, NodeLoad, host_ports
from aiops.lab.control.kubelet.requests import pod_requests

_UNIT = {"cpu": 1000}
"""The kubelet counts CPU in thousandths, everything else in units."""

_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a node does not take a pod: the pod's `status.reason`, and what follows `Pod was rejected: `."""

    reason: str
    message: str


def refusal(pod: Manifest, node: Manifest, load: NodeLoad) -> Refusal | None:
    """None where the node takes the pod beside what it runs."""
    return next(_problems(pod, node, load), None)


def _problems(pod: Manifest, node: Manifest, load: NodeLoad) -> Iterator[Refusal]:
    spec, labels = pod["spec"], node["metadata"].get("labels") or {}
    if (spec.get("os") or {}).get("name", "linux") != "linux":
        yield Refusal("PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS")
    yield from _resources(pod, node, load)
    if any(labels.get(key) != value for key, value in (spec.get("nodeSelector") or {}).items()):
        yield _predicate("NodeAffinity", "node(s) didn't match Pod's node affinity/selector")
    if any(_taken(port, load.ports) for port in host_ports(pod)):
        yield _predicate("NodePorts", "node(s) didn't have free ports for the requested pod ports")
    for taint in (node.get("spec") or {}).get("taints") or ():
        tolerations = spec.get("tolerations") or ()
        if taint.get("effect") == "NoExecute" and not any(_tolerates(each, taint) for each in tolerations):
            yield _predicate("TaintToleration", "node(s) had taints that the pod didn't tolerate")


def _predicate(name: str, why: str) -> Refusal:
    return Refusal(name, f"Predicate {name} failed: {why}")


def _resources(pod: Manifest, node: Manifest, load: NodeLoad) -> Iterator[Refusal]:
    room = (node.get("status") or {}).get("allocatable") or {}
    for resource, amount in {"pods": 1.0, **pod_requests(pod)}.items():
        if resource not in room or not amount:
            continue
        used = float(len(load.pods)) if resource == "pods" else load.requests.get(resource, 0.0)
        capacity = parse_quantity(room[resource])
        if used + amount > capacity + _ROUNDING:
            yield _insufficient(resource, amount, used, capacity)


def _insufficient(resource: str, asked: float, used: float, capacity: float) -> Refusal:
    unit = _UNIT.get(resource, 1)
    amounts = f"requested: {round(asked * unit)}, used: {round(used * unit)}, capacity: {round(capacity * unit)}"
    return Refusal(f"OutOf{resource}", f"Node didn't have enough resource: {resource}, {amounts}")


def _taken(wanted: HostPort, ports: Iterable[HostPort]) -> bool:
    address, protocol, number = wanted
    return any(
        ((protocol, number) == (other, taken) and ANYWHERE in (address, where)) or wanted == (where, other, taken)
        for where, other, taken in ports
    )


def _tolerates(toleration: Manifest, taint: Manifest) -> bool:
    if toleration.get("effect") not in (None, "", taint.get("effect")):
        return False
    if toleration.get("operator", "Equal") == "Exists":
        return toleration.get("key") in (None, "", taint.get("key"))
    return toleration.get("key") == taint.get("key") and (toleration.get("value") or "") == (taint.get("value") or "")

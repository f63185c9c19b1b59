"""Whose setting it is that a pod finds no node: the workload's own, where it is new or can never be met, or that of
nodes and of other workloads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from aiops.analysis.selectors import matches
from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.placing.asking import (
    allocatable,
    amount,
    asking_container,
    host_ports,
    is_chosen,
    requested,
    required_terms,
    tolerates,
)
from aiops.analysis.state.placing.illness import illnesses
from aiops.analysis.state.placing.message import Obstacle, obstacles
from aiops.analysis.state.placing.preemption import pushers
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Hypothesis
from aiops.core.fields import read
from aiops.core.mechanism import Mechanism

SPEC = "spec.template.spec"
SURE, LIKELY, POSSIBLE, FAINT = 0.92, 0.75, 0.5, 0.25
"""How far the scheduler's word convinces: no node can ever do; this alone is new; one of several; merely also there."""

CLUSTERS_OWN = ("node.kubernetes.io/", "node.cloudprovider.kubernetes.io/", "node-role.kubernetes.io/")
"""Taints that the cluster sets by itself, or that control planes have."""


class Turned:
    """A pod that was turned down, with what its workload asked for in earlier revisions."""

    def __init__(self, state: ClusterState, pod: Manifest, subject: Entity, told: list[Obstacle]) -> None:
        self.state = state
        self.subject = subject
        self.spec: Manifest = pod["spec"]
        self.namespace = pod["metadata"].get("namespace", "")
        self.labels: dict[str, str] = pod["metadata"].get("labels") or {}
        self.told = told
        self.nodes = state.of("Node")
        self.former: list[Manifest] = [t.get("spec") or {} for t in state.templates(subject)]

    def changed(self, path: str) -> bool:
        """Did the revision before ask for something else here?"""
        return bool(self.former) and read(self.former[0], path) != read(self.spec, path)

    def before(self, path: str) -> Any:
        """What the revision before had here."""
        return read(self.former[0], path) if self.former else None

    def has(self, *kinds: str) -> bool:
        """Did the scheduler name one of these?"""
        return any(obstacle.kind in kinds for obstacle in self.told)

    def own(self, mechanism: Mechanism, strength: float, path: str, wanted: Any = None) -> Hypothesis:
        """A setting of the workload's own."""
        return Hypothesis(
            subject=self.subject, mechanism=mechanism, strength=strength, field=f"{SPEC}.{path}", wanted=wanted
        )


Blame = Callable[[Turned, Obstacle], Iterator[Hypothesis]]


def suspects(state: ClusterState, pod: Manifest, subject: Entity, message: str) -> list[Hypothesis]:
    """What each reason of the scheduler speaks for. Claims have a check of their own."""
    told = obstacles(message)
    turned = Turned(state, pod, subject, told)
    return [guess for one in told if one.kind in _BLAME for guess in _BLAME[one.kind](turned, one)]


def _selector(pod: Turned, _: Obstacle) -> Iterator[Hypothesis]:
    """The selector, where no node has its labels; one that fits some nodes only has come by it if it is new."""
    labels = not required_terms(pod.spec) or pod.changed("nodeSelector")
    path = "nodeSelector" if labels else "affinity.nodeAffinity"
    fits = [node for node in pod.nodes if is_chosen(pod.spec, node)]
    new = pod.changed(path)
    if not fits or new:
        usable = [spec for spec in pod.former if any(is_chosen(spec, node) for node in pod.nodes)]
        wanted = read(usable[0], path) if usable else None
        strength = SURE if new or not pod.former else LIKELY
        yield pod.own(Mechanism.SCHEDULING_NODE_SELECTOR, strength, path, wanted)
    if not fits and not new:
        for node in pod.nodes:
            yield _node(node, Mechanism.SCHEDULING_NODE_SELECTOR, POSSIBLE, "metadata.labels")


def _cordon(pod: Turned, _: Obstacle) -> Iterator[Hypothesis]:
    """Cordoned nodes on which the pod would be let otherwise."""
    for node in pod.nodes:
        if (node.get("spec") or {}).get("unschedulable") and is_chosen(pod.spec, node):
            own = any(pod.changed(path) for path in ("affinity", "nodeSelector", "topologySpreadConstraints"))
            strength = POSSIBLE if own or _outgrown(pod) else LIKELY
            yield _node(node, Mechanism.SCHEDULING_CORDON, strength, "spec.unschedulable")


def _taint(pod: Turned, obstacle: Obstacle) -> Iterator[Hypothesis]:
    """The toleration that the workload lost, else the nodes' taint, or the illness for which the cluster set it."""
    tainted = [
        (node, taint) for node in pod.nodes for taint in _taints(pod, node, obstacle) if is_chosen(pod.spec, node)
    ]
    if any(tolerates(spec, taint) for spec in pod.former[:1] for _, taint in tainted):
        yield pod.own(Mechanism.SCHEDULING_TAINT, SURE, "tolerations", pod.before("tolerations"))
        return
    own = any(pod.changed(path) for path in ("affinity", "nodeSelector", "topologySpreadConstraints"))
    for node, taint in tainted:
        strength = FAINT if own or _outgrown(pod) else LIKELY
        yield _node(node, Mechanism.SCHEDULING_TAINT, strength, f"spec.taints[{taint['key']}]")
    for node in pod.nodes if not own and not _outgrown(pod) else ():
        by_cluster = any(t.get("key", "").startswith(CLUSTERS_OWN[0]) for t in _keeping(pod, node, obstacle))
        yield from illnesses(node) if by_cluster and is_chosen(pod.spec, node) else ()


def _taints(pod: Turned, node: Manifest, obstacle: Obstacle) -> list[Manifest]:
    """Those that somebody set and that the pod does not tolerate."""
    return [t for t in _keeping(pod, node, obstacle) if not t.get("key", "").startswith(CLUSTERS_OWN)]


def _keeping(pod: Turned, node: Manifest, obstacle: Obstacle) -> list[Manifest]:
    """Those that the pod does not tolerate; the scheduler does not always say which it met."""
    meant = [t for t in (node.get("spec") or {}).get("taints") or () if obstacle.name in ("", t.get("key"))]
    return [t for t in meant if t.get("effect") in ("NoSchedule", "NoExecute") and not tolerates(pod.spec, t)]


def _apart(pod: Turned, _: Obstacle) -> Iterator[Hypothesis]:
    yield from _spreading(pod, "affinity.podAntiAffinity")


def _spread(pod: Turned, _: Obstacle) -> Iterator[Hypothesis]:
    yield from _spreading(pod, "topologySpreadConstraints")


def _together(pod: Turned, _: Obstacle) -> Iterator[Hypothesis]:
    yield from _spreading(pod, "affinity.podAffinity")


def _spreading(pod: Turned, path: str) -> Iterator[Hypothesis]:
    """A rule about other pods. Nodes that are out of use may be why an old one cannot be kept any more."""
    old = POSSIBLE if pod.has("cordon", "taint") else LIKELY
    strength = SURE if not pod.former or pod.changed(path) else old
    yield pod.own(Mechanism.SCHEDULING_ANTI_AFFINITY, strength, path, pod.before(path))


def _others(pod: Turned, _: Obstacle) -> Iterator[Hypothesis]:
    """The workloads whose pods want none like this one beside them."""
    path = "affinity.podAntiAffinity"
    for workload in pod.state.workloads(pod.namespace):
        entity = Entity.of(workload)
        rules = read(workload, f"{SPEC}.{path}.requiredDuringSchedulingIgnoredDuringExecution") or ()
        if entity != pod.subject and any(matches(rule.get("labelSelector"), pod.labels) for rule in rules):
            field = f"{SPEC}.{path}"
            yield Hypothesis(subject=entity, mechanism=Mechanism.SCHEDULING_ANTI_AFFINITY, strength=LIKELY, field=field)


def _port(pod: Turned, _: Obstacle) -> Iterator[Hypothesis]:
    """The port of the node that this workload took up lately, else whoever holds it."""
    ports = host_ports(pod.spec)
    former = {port for spec in pod.former[:1] for _, port in host_ports(spec)}
    for container, port in ports:
        path = f"containers[{container}].ports"
        if port not in former or not pod.former:
            yield pod.own(Mechanism.SCHEDULING_HOST_PORT, SURE, path, pod.before(path))
            continue
        yield pod.own(Mechanism.SCHEDULING_HOST_PORT, POSSIBLE, path)
        for other in _holders(pod, port):
            yield Hypothesis(subject=other, mechanism=Mechanism.SCHEDULING_HOST_PORT, strength=LIKELY)


def _holders(pod: Turned, port: int) -> list[Entity]:
    """The other workloads that take this port of the node."""
    found = []
    for workload in pod.state.workloads():
        spec = read(workload, SPEC) or {}
        entity = Entity.of(workload)
        if entity != pod.subject and any(taken == port for _, taken in host_ports(spec)):
            found.append(entity)
    return found


def _resource(pod: Turned, obstacle: Obstacle) -> Iterator[Hypothesis]:
    """A request that no node can ever meet, or that grew; else only that there is no room."""
    resource = obstacle.name
    if not resource or not any(node.get("status", {}).get("allocatable") for node in pod.nodes):
        return
    asked, largest = requested(pod.spec, resource), max(allocatable(node, resource) for node in pod.nodes)
    device = "/" in resource
    if device and not largest and any(_holds(node, resource) for node in pod.nodes):
        return
    mechanism = Mechanism.ACCELERATOR_SHAPE if device else Mechanism.SCHEDULING_REQUEST
    path = _request_path(pod, resource)
    grown = asked > largest or _outgrown(pod, resource)
    pushing = [] if grown else pushers(pod.state, pod.spec.get("priority") or 0)
    for pusher in pushing:
        field = f"{SPEC}.priorityClassName"
        yield Hypothesis(subject=pusher, mechanism=Mechanism.SCHEDULING_PREEMPTION, strength=SURE, field=field)
    least = FAINT if pushing or pod.has("cordon", "taint") else POSSIBLE
    yield pod.own(mechanism, SURE if grown else least, path, pod.before(path))


def _holds(node: Manifest, resource: str) -> bool:
    """Has a node devices, whether it offers them or not?"""
    return amount((node.get("status", {}).get("capacity") or {}).get(resource)) > 0


def _request_path(pod: Turned, resource: str) -> str:
    """Where the request stands; a limit alone is one."""
    place = f"containers[{asking_container(pod.spec, resource)}].resources"
    name = f"[{resource}]" if "/" in resource or "." in resource else f".{resource}"
    part = "requests" if read(pod.spec, f"{place}.requests{name}") is not None else "limits"
    return f"{place}.{part}{name}"


def _outgrown(pod: Turned, *resources: str) -> bool:
    """Does it ask for more than its revision before?"""
    names = resources or ("cpu", "memory")
    return any(requested(pod.spec, name) > requested(spec, name) for spec in pod.former[:1] for name in names)


def _node(node: Manifest, mechanism: Mechanism, strength: float, field: str) -> Hypothesis:
    entity = Entity(kind="Node", name=node["metadata"]["name"])
    return Hypothesis(subject=entity, mechanism=mechanism, strength=strength, field=field)


_BLAME: dict[str, Blame] = {
    "selector": _selector,
    "cordon": _cordon,
    "taint": _taint,
    "apart": _apart,
    "spread": _spread,
    "together": _together,
    "others": _others,
    "port": _port,
    "resource": _resource,
}

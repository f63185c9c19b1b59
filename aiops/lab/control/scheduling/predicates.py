"""Why a pod does not fit on a node, in the scheduler's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiops.core.entity import Manifest
from aiops.core.quantity import parse_quantity
from aiops.lab.kube.objects import condition_is, labels_of
from aiops.lab.kube.selectors import requirement_of

HARD_EFFECTS = ("NoSchedule", "NoExecute")


@dataclass(slots=True)
class NodeInfo:
    """A node with what its pods have requested, in cores, bytes and counts."""

    node: Manifest
    requested: dict[str, float] = field(default_factory=dict)
    pods: list[Manifest] = field(default_factory=list)

    def add(self, pod: Manifest) -> None:
        self.pods.append(pod)
        for name, amount in requests(pod).items():
            self.requested[name] = self.requested.get(name, 0.0) + amount

    def allocatable(self, resource: str) -> float:
        status = self.node.get("status", {})
        return parse_quantity((status.get("allocatable") or status.get("capacity") or {}).get(resource, 0))


def requests(pod: Manifest) -> dict[str, float]:
    """What a pod asks of its node: the sum of its containers, or the largest init container where that is more."""
    spec = pod["spec"]
    total: dict[str, float] = {}
    for container in spec["containers"]:
        for name, text in ((container.get("resources") or {}).get("requests") or {}).items():
            total[name] = total.get(name, 0.0) + parse_quantity(text)
    for container in spec.get("initContainers") or ():
        for name, text in ((container.get("resources") or {}).get("requests") or {}).items():
            total[name] = max(total.get(name, 0.0), parse_quantity(text))
    return total


def why_not(pod: Manifest, info: NodeInfo) -> list[str]:
    """Every reason of the first test that fails; empty where the pod fits."""
    node, spec = info.node, pod["spec"]
    if node["spec"].get("unschedulable") and not tolerates(spec, _UNSCHEDULABLE):
        return ["node(s) were unschedulable"]
    if not condition_is(node, "Ready"):
        return ["node(s) had untolerated taint {node.kubernetes.io/not-ready: }"]
    for taint in node["spec"].get("taints") or ():
        if taint.get("effect") in HARD_EFFECTS and not tolerates(spec, taint):
            return [f"node(s) had untolerated taint {{{taint['key']}: {taint.get('value', '')}}}"]
    if not matches_node(spec, node):
        return ["node(s) didn't match Pod's node affinity/selector"]
    return list(_short_of(pod, info))


_UNSCHEDULABLE = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}


def _short_of(pod: Manifest, info: NodeInfo) -> Iterable[str]:
    if len(info.pods) + 1 > (info.allocatable("pods") or 110):
        yield "Too many pods"
    for name, amount in requests(pod).items():
        if amount and info.requested.get(name, 0.0) + amount > info.allocatable(name) + 1e-9:
            yield f"Insufficient {name}"


def tolerates(spec: Mapping[str, Any], taint: Mapping[str, Any]) -> bool:
    """Does one of a pod's tolerations cover the taint?"""
    for toleration in spec.get("tolerations") or ():
        if toleration.get("effect") not in (None, "", taint.get("effect")):
            continue
        exists = toleration.get("operator", "Equal") == "Exists"
        if exists and not toleration.get("key"):
            return True
        same_value = exists or toleration.get("value", "") == taint.get("value", "")
        if toleration.get("key") == taint["key"] and same_value:
            return True
    return False


def matches_node(spec: Mapping[str, Any], node: Manifest) -> bool:
    """Do `nodeSelector` and the required node affinity allow the node?"""
    labels = labels_of(node)
    if any(labels.get(key) != value for key, value in (spec.get("nodeSelector") or {}).items()):
        return False
    affinity = ((spec.get("affinity") or {}).get("nodeAffinity") or {}).get(
        "requiredDuringSchedulingIgnoredDuringExecution"
    )
    if not affinity:
        return True
    return any(_term_matches(term, node) for term in affinity["nodeSelectorTerms"])


def _term_matches(term: Mapping[str, Any], node: Manifest) -> bool:
    expressions, fields = term.get("matchExpressions") or (), term.get("matchFields") or ()
    if not expressions and not fields:
        return False
    name = {"metadata.name": node["metadata"]["name"]}
    return all(requirement_of(entry).matches(labels_of(node)) for entry in expressions) and all(
        requirement_of(entry).matches(name) for entry in fields
    )

"""On which nodes a DaemonSet has a pod, and what its pods need for that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control.scheduling.taints import HARD_EFFECTS, untolerated
from aiops.lab.control.scheduling.terms import NodeTerm, node_term
from aiops.lab.kube.objects import labels_of

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_TAINTS = (
    ("not-ready", "NoExecute"),
    ("unreachable", "NoExecute"),
    ("disk-pressure", "NoSchedule"),
    ("memory-pressure", "NoSchedule"),
    ("pid-pressure", "NoSchedule"),
    ("unschedulable", "NoSchedule"),
)


@dataclass(frozen=True, slots=True)
class Placement:
    """What of a template decides on which nodes it runs."""

    node: str
    labels: dict[str, str]
    terms: tuple[NodeTerm, ...] | None
    tolerations: list[dict[str, Any]]

    def on(self, node: Manifest) -> tuple[bool, bool]:
        """Should a pod be started on the node, and may one that is there go on?"""
        name = node["metadata"]["name"]
        if self.node not in ("", name) or not self.labels.items() <= labels_of(node).items():
            return False, False
        if self.terms is not None and not any(term.matches(node) for term in self.terms):
            return False, False
        taints = (node.get("spec") or {}).get("taints") or ()
        if not taints or not untolerated(self.tolerations, taints, HARD_EFFECTS):
            return True, True
        return False, not untolerated(self.tolerations, taints, ("NoExecute",))


def placement(owner: Manifest) -> Placement:
    """Where the pods of a DaemonSet's template may run."""
    spec = owner["spec"]["template"]["spec"]
    required = ((spec.get("affinity") or {}).get("nodeAffinity") or {}).get(_REQUIRED)
    terms = tuple(node_term(term) for term in required["nodeSelectorTerms"]) if required else None
    return Placement(spec.get("nodeName", ""), spec.get("nodeSelector") or {}, terms, _tolerations(spec))


def spec_for(spec: Manifest, node: str) -> Manifest:
    """The spec of a pod that is to run on this node and stays there when the node is in trouble."""
    affinity = spec.get("affinity") or {}
    near = affinity.get("nodeAffinity") or {}
    field = {"key": "metadata.name", "operator": "In", "values": [node]}
    wanted = {**(near.get(_REQUIRED) or {}), "nodeSelectorTerms": [{"matchFields": [field]}]}
    return {
        **spec,
        "affinity": {**affinity, "nodeAffinity": {**near, _REQUIRED: wanted}},
        "tolerations": _tolerations(spec),
    }


def _tolerations(spec: Manifest) -> list[dict[str, Any]]:
    added = [*_TAINTS, ("network-unavailable", "NoSchedule")] if spec.get("hostNetwork") else _TAINTS
    tolerations = list(spec.get("tolerations") or ())
    for name, effect in added:
        wanted = {"key": f"node.kubernetes.io/{name}", "operator": "Exists", "effect": effect}
        # One for the same taint is replaced, whatever it says besides.
        same = [index for index, entry in enumerate(tolerations) if _for_same_taint(entry, wanted)]
        if not same:
            tolerations.append(wanted)
        for index in same:
            tolerations[index] = wanted
    return tolerations


def _for_same_taint(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(one.get(field) == other.get(field) for field in ("key", "effect", "operator", "value"))


def target_node(pod: Manifest) -> str:
    """The node on which a daemon pod runs or is to run; empty where nothing says so."""
    if pod["spec"].get("nodeName"):
        return str(pod["spec"]["nodeName"])
    required = ((pod["spec"].get("affinity") or {}).get("nodeAffinity") or {}).get(_REQUIRED) or {}
    for term in required.get("nodeSelectorTerms") or ():
        for entry in term.get("matchFields") or ():
            if entry["key"] == "metadata.name" and entry["operator"] == "In" and len(entry["values"]) == 1:
                return str(entry["values"][0])
    return ""

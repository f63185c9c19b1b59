"""Topology spread constraints as the scheduler reads them, those of every cluster's default among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control.scheduling.terms import with_label_keys
from aiops.lab.kube.objects import controller_of, labels_of
from aiops.lab.kube.selectors import matches_map, matches_selector
from aiops.lab.kube.storage.store import ObjectStore

HOSTNAME, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
_DEFAULTS = ((HOSTNAME, 3), (ZONE, 5))
"""(key, maxSkew) of the scheduler's own constraints for pods that have none (`systemDefaultConstraints`)."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """One constraint. `minimum` is minDomains; the flags are the policies for the nodes that count."""

    key: str
    max_skew: int
    selector: Mapping[str, Any]
    minimum: int = 1
    honours_affinity: bool = True
    honours_taints: bool = False
    matches_self: bool = False

    def matches(self, labels: Mapping[str, str]) -> bool:
        return matches_selector(self.selector, labels)


def constraints(pod: Manifest, when: str) -> tuple[Constraint, ...]:
    """The pod's own constraints for `DoNotSchedule` or `ScheduleAnyway`."""
    return tuple(
        _constraint(pod, each)
        for each in pod["spec"].get("topologySpreadConstraints") or ()
        if each.get("whenUnsatisfiable") == when
    )


def _constraint(pod: Manifest, each: Mapping[str, Any]) -> Constraint:
    # A selector that is left out matches no pod.
    nothing = {"matchExpressions": [{"key": "", "operator": "Exists"}]}
    selector = with_label_keys(each.get("labelSelector"), pod, each.get("matchLabelKeys")) or nothing
    if each.get("labelSelector") == {} and not each.get("matchLabelKeys"):
        selector = {}
    return Constraint(
        each["topologyKey"],
        int(each["maxSkew"]),
        selector,
        int(each.get("minDomains") or 1),
        each.get("nodeAffinityPolicy", "Honor") != "Ignore",
        each.get("nodeTaintsPolicy", "Ignore") == "Honor",
        matches_selector(selector, labels_of(pod)),
    )


def default_constraints(store: ObjectStore, pod: Manifest) -> tuple[Constraint, ...]:
    """The constraints of a pod without any: spread with the pods of its Services and of its owner."""
    selector = _default_selector(store, pod)
    if not selector:
        return ()
    own = matches_selector(selector, labels_of(pod))
    return tuple(Constraint(key, skew, selector, matches_self=own) for key, skew in _DEFAULTS)


def _default_selector(store: ObjectStore, pod: Manifest) -> dict[str, Any]:
    """As `helper.DefaultSelector`: the selectors of all Services and of the ReplicaSet or StatefulSet together."""
    namespace, labels = pod["metadata"]["namespace"], labels_of(pod)
    merged: dict[str, str] = {}
    for service in store.objects("Service", namespace):
        selector = service["spec"].get("selector")
        if matches_map(selector, labels):
            merged |= selector
    found: dict[str, Any] = {"matchLabels": merged} if merged else {}
    owner = controller_of(pod)
    if owner and owner["kind"] in ("ReplicaSet", "StatefulSet", "ReplicationController"):
        workload = store.find(owner["kind"], namespace, owner["name"])
        if workload is not None:
            chosen = workload["spec"].get("selector") or {}
            if owner["kind"] == "ReplicationController":
                chosen = {"matchLabels": chosen}
            found["matchLabels"] = merged | (chosen.get("matchLabels") or {})
            found["matchExpressions"] = chosen.get("matchExpressions") or []
    return found

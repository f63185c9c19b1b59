"""The terms of selectors that a pod's spec holds: nodes that it wants, pods that it wants near or far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.objects import labels_of
from aiops.lab.kube.selectors import Requirement, matches_selector, requirement_of

NamespaceReader = Callable[[Mapping[str, Any]], frozenset[str]]
"""The names of the namespaces that a label selector matches."""


@dataclass(frozen=True, slots=True)
class NodeTerm:
    """One term of a node affinity: all of its expressions and fields hold. An empty one matches nothing."""

    expressions: tuple[Requirement, ...]
    fields: tuple[Requirement, ...]

    def matches(self, node: Manifest) -> bool:
        if not self.expressions and not self.fields:
            return False
        labels, name = labels_of(node), {"metadata.name": node["metadata"]["name"]}
        return all(entry.matches(labels) for entry in self.expressions) and all(
            entry.matches(name) for entry in self.fields
        )


def node_term(term: Mapping[str, Any]) -> NodeTerm:
    return NodeTerm(
        tuple(requirement_of(entry) for entry in term.get("matchExpressions") or ()),
        tuple(requirement_of(entry) for entry in term.get("matchFields") or ()),
    )


def named_nodes(terms: tuple[NodeTerm, ...] | None) -> frozenset[str] | None:
    """The nodes that all terms name by `matchFields`; None where one of them names none."""
    if not terms:
        return None
    found: frozenset[str] = frozenset()
    for term in terms:
        names: frozenset[str] | None = None
        for entry in term.fields:
            if entry.key == "metadata.name" and entry.operator == "In":
                names = frozenset(entry.values) if names is None else names & frozenset(entry.values)
        if names is None:
            return None
        found |= names
    return found


@dataclass(frozen=True, slots=True)
class PodTerm:
    """One term of a pod affinity or anti-affinity. `namespaces` None stands for all of them."""

    selector: Mapping[str, Any] | None
    namespaces: frozenset[str] | None
    topology_key: str
    weight: int = 0

    def matches(self, namespace: str, labels: Mapping[str, str]) -> bool:
        if self.selector is None or (self.namespaces is not None and namespace not in self.namespaces):
            return False
        return matches_selector(self.selector, labels)


@dataclass(frozen=True, slots=True)
class PodTerms:
    """Every pod affinity term of a pod: what must be near, must be far, should be near, should be far."""

    near: tuple[PodTerm, ...] = ()
    far: tuple[PodTerm, ...] = ()
    rather_near: tuple[PodTerm, ...] = ()
    rather_far: tuple[PodTerm, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.near or self.far or self.rather_near or self.rather_far)


NO_TERMS = PodTerms()


def pod_terms(pod: Manifest, namespaces: NamespaceReader) -> PodTerms:
    """Read the terms of `podAffinity` and `podAntiAffinity`."""
    affinity = pod["spec"].get("affinity") or {}
    near, far = affinity.get("podAffinity") or {}, affinity.get("podAntiAffinity") or {}
    if not near and not far:
        return NO_TERMS

    def required(part: Mapping[str, Any]) -> tuple[PodTerm, ...]:
        listed = part.get("requiredDuringSchedulingIgnoredDuringExecution") or ()
        return tuple(_pod_term(pod, term, namespaces) for term in listed)

    def preferred(part: Mapping[str, Any]) -> tuple[PodTerm, ...]:
        listed = part.get("preferredDuringSchedulingIgnoredDuringExecution") or ()
        return tuple(_pod_term(pod, each["podAffinityTerm"], namespaces, each["weight"]) for each in listed)

    return PodTerms(required(near), required(far), preferred(near), preferred(far))


def _pod_term(pod: Manifest, term: Mapping[str, Any], namespaces: NamespaceReader, weight: int = 0) -> PodTerm:
    """A term without namespaces and without a selector of them means the pod's own namespace."""
    listed, selector = term.get("namespaces") or (), term.get("namespaceSelector")
    names: frozenset[str] | None = frozenset(listed)
    if selector is None and not listed:
        names = frozenset((pod["metadata"]["namespace"],))
    elif selector is not None and not selector:
        names = None
    elif selector is not None:
        names = frozenset(listed) | namespaces(selector)
    chosen = with_label_keys(term.get("labelSelector"), pod, term.get("matchLabelKeys"), term.get("mismatchLabelKeys"))
    return PodTerm(chosen, names, term["topologyKey"], weight)


def with_label_keys(
    selector: Mapping[str, Any] | None, pod: Manifest, same: Any = None, other: Any = None
) -> Mapping[str, Any] | None:
    """The selector with the pod's own values of `matchLabelKeys`, and without those of `mismatchLabelKeys`."""
    if selector is None or not (same or other):
        return selector
    labels = labels_of(pod)
    added = [{"key": key, "operator": "In", "values": [labels[key]]} for key in same or () if key in labels]
    added += [{"key": key, "operator": "NotIn", "values": [labels[key]]} for key in other or () if key in labels]
    return {**selector, "matchExpressions": [*(selector.get("matchExpressions") or ()), *added]}

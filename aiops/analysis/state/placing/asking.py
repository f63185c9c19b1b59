"""What a pod asks of a node, and what nodes offer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiops.analysis.selectors import subset
from aiops.core.entity import Manifest
from aiops.core.errors import InvalidInputError
from aiops.core.quantity import parse_quantity


def amount(value: Any) -> float:
    """A quantity in its base unit; 0 where there is none or it cannot be read."""
    try:
        return parse_quantity(value) if value is not None else 0.0
    except InvalidInputError:
        return 0.0


def requested(spec: Manifest, resource: str) -> float:
    """What a pod with this spec asks for: the sum of its containers, or its largest init container."""
    together = sum(_request(container, resource) for container in spec.get("containers") or ())
    first = max((_request(container, resource) for container in spec.get("initContainers") or ()), default=0.0)
    return max(together, first) + amount((spec.get("overhead") or {}).get(resource))


def _request(container: Manifest, resource: str) -> float:
    """A limit without a request asks for as much."""
    resources = container.get("resources") or {}
    value = (resources.get("requests") or {}).get(resource, (resources.get("limits") or {}).get(resource))
    return amount(value)


def asking_container(spec: Manifest, resource: str) -> str:
    """The container that asks for the most of it."""
    asked = {c["name"]: _request(c, resource) for c in spec.get("containers") or ()}
    return max(asked, key=lambda name: (asked[name], name)) if asked else ""


def allocatable(node: Manifest, resource: str) -> float:
    """What a node offers to pods."""
    return amount((node.get("status", {}).get("allocatable") or {}).get(resource))


def tolerates(spec: Manifest, taint: Manifest) -> bool:
    """Does a pod with this spec tolerate a taint, as the scheduler sees it?"""
    return any(_tolerates(toleration, taint) for toleration in spec.get("tolerations") or ())


def _tolerates(toleration: Mapping[str, Any], taint: Manifest) -> bool:
    if toleration.get("effect") and toleration["effect"] != taint.get("effect"):
        return False
    if toleration.get("key") and toleration["key"] != taint.get("key"):
        return False
    if toleration.get("operator", "Equal") == "Exists":
        return True
    return bool(toleration.get("key")) and (toleration.get("value") or "") == (taint.get("value") or "")


def is_chosen(spec: Manifest, node: Manifest) -> bool:
    """Does a node meet the node selector and the required node affinity of a pod with this spec?"""
    labels = node["metadata"].get("labels") or {}
    if not subset(spec.get("nodeSelector") or {}, labels):
        return False
    terms = required_terms(spec)
    return not terms or any(_term(term, labels, node["metadata"]["name"]) for term in terms)


def required_terms(spec: Manifest) -> list[Manifest]:
    """The terms of the required node affinity, of which one must hold."""
    affinity = ((spec.get("affinity") or {}).get("nodeAffinity") or {}).get(
        "requiredDuringSchedulingIgnoredDuringExecution"
    ) or {}
    return list(affinity.get("nodeSelectorTerms") or ())


def _term(term: Manifest, labels: Mapping[str, str], name: str) -> bool:
    fields = {"metadata.name": name}
    return all(_holds(e, labels) for e in term.get("matchExpressions") or ()) and all(
        _holds(e, fields) for e in term.get("matchFields") or ()
    )


def _holds(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    value, values = labels.get(expression["key"]), list(expression.get("values") or ())
    match expression["operator"]:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt" | "Lt" as way:
            try:
                apart = int(value or "") - int(values[0])
                return apart > 0 if way == "Gt" else apart < 0
            except (ValueError, IndexError):
                return False
        case _:
            return False


def host_ports(spec: Manifest) -> list[tuple[str, int]]:
    """(container, port) of every port of the node that a pod with this spec takes."""
    return [
        (container["name"], port["hostPort"])
        for container in spec.get("containers") or ()
        for port in container.get("ports") or ()
        if port.get("hostPort")
    ]

"""Which objects a quota is about: its scopes, as the evaluators of Kubernetes match them."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.kinds.resources import Resource


def selectors(quota: Manifest) -> list[dict[str, Any]]:
    """The scopes of a quota, each with its operator."""
    spec = quota["spec"]
    plain = [{"scopeName": name, "operator": "Exists"} for name in spec.get("scopes") or ()]
    return plain + list((spec.get("scopeSelector") or {}).get("matchExpressions") or ())


def in_scope(resource: Resource, manifest: Manifest, quota: Manifest) -> bool:
    """Is the object in every scope of the quota? Only pods and claims have scopes."""
    return all(_matches(resource, manifest, selector) for selector in selectors(quota))


def _matches(resource: Resource, manifest: Manifest, selector: dict[str, Any]) -> bool:
    spec = manifest.get("spec") or {}
    if resource.shelf == "PersistentVolumeClaim":
        name = spec.get("volumeAttributesClassName")
        return selector["scopeName"] == "VolumeAttributesClass" and _selects(selector, name)
    if resource.shelf != "Pod":
        return False
    terminating = spec.get("activeDeadlineSeconds") is not None
    best_effort = _best_effort(spec)
    answers = {
        "Terminating": terminating,
        "NotTerminating": not terminating,
        "BestEffort": best_effort,
        "NotBestEffort": not best_effort,
        "CrossNamespacePodAffinity": _crosses_namespaces(spec.get("affinity") or {}),
    }
    if selector["scopeName"] == "PriorityClass":
        return _selects(selector, spec.get("priorityClassName"))
    return answers.get(selector["scopeName"], False)


def _selects(selector: dict[str, Any], value: str | None) -> bool:
    operator, values = selector["operator"], selector.get("values") or ()
    if operator == "Exists":
        return bool(value)
    if operator == "DoesNotExist":
        return not value
    if operator == "In":
        return bool(value) and value in values
    return not value or value not in values


def _best_effort(spec: dict[str, Any]) -> bool:
    parts = [*(spec.get("containers") or ()), *(spec.get("initContainers") or ()), spec]
    amounts = [(part.get("resources") or {}).get(field) or {} for part in parts for field in ("requests", "limits")]
    return not any(each.get(name) not in (None, "0", 0) for each in amounts for name in ("cpu", "memory"))


def _crosses_namespaces(affinity: dict[str, Any]) -> bool:
    for kind in ("podAffinity", "podAntiAffinity"):
        part = affinity.get(kind) or {}
        terms = list(part.get("requiredDuringSchedulingIgnoredDuringExecution") or ())
        preferred = part.get("preferredDuringSchedulingIgnoredDuringExecution") or ()
        terms += [term.get("podAffinityTerm") or {} for term in preferred]
        if any(term.get("namespaces") or term.get("namespaceSelector") is not None for term in terms):
            return True
    return False

"""The Scale of an object: how many replicas it has and is to have, in the same form for every kind."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.objects import clone
from aiops.lab.kube.selectors import selector_text

_METADATA = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")


def scale_of(resource: Resource, item: Manifest) -> Manifest:
    """The `autoscaling/v1` Scale of an object of a kind with that subresource."""
    replicas, status = _custom(resource, item) if resource.custom is not None else _built_in(item)
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {field: item["metadata"][field] for field in _METADATA if field in item["metadata"]},
        "spec": {"replicas": replicas} if replicas or resource.custom is not None else {},
        "status": status,
    }


def replicas_of(resource: Resource, item: Manifest) -> int:
    """How many replicas it is to have."""
    return int(scale_of(resource, item)["spec"].get("replicas", 0))


def with_replicas(resource: Resource, item: Manifest, replicas: int) -> Manifest:
    """The object with another wished number of replicas."""
    if resource.custom is None:
        return {**item, "spec": {**(item.get("spec") or {}), "replicas": replicas}}
    changed: Manifest = clone(item)
    resource.custom.assign_replicas(changed, replicas)
    return changed


def _built_in(item: Manifest) -> tuple[int, dict[str, Any]]:
    spec = item["spec"]
    selector = spec.get("selector") or {}
    if item["kind"] == "ReplicationController":
        selector = {"matchLabels": selector}
    counted = (item.get("status") or {}).get("replicas", 0)
    return spec.get("replicas", 1), {"replicas": counted, "selector": selector_text(selector)}


def _custom(resource: Resource, item: Manifest) -> tuple[int, dict[str, Any]]:
    wished, counted, selector = resource.custom.scale_fields(item)
    status: dict[str, Any] = {"replicas": _number(counted)}
    if isinstance(selector, str) and selector:
        status["selector"] = selector
    return _number(wished), status


def _number(value: Any) -> int:
    """What a custom object says, where it is a number."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0

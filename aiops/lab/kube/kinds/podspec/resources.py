"""Requests and limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import NEGATIVE, forbidden, invalid_value, required
from aiops.lab.kube.kinds.checks.formats import label_key
from aiops.lab.kube.kinds.checks.numbers import amount

HUGE = "hugepages-"
_CONTAINER = ("cpu", "memory", "ephemeral-storage")
_STANDARD = frozenset(
    (*_CONTAINER, "storage", "requests.cpu", "requests.memory", "requests.storage", "requests.ephemeral-storage",
     "limits.cpu", "limits.memory", "limits.ephemeral-storage", "pods", "resourcequotas", "services",
     "replicationcontrollers", "secrets", "persistentvolumeclaims", "configmaps", "services.nodeports",
     "services.loadbalancers")
)  # fmt: skip
_INTEGER = frozenset(
    ("pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps",
     "persistentvolumeclaims", "services.nodeports", "services.loadbalancers")
)  # fmt: skip


def resource_requirements(resources: dict[str, Any], path: str, *, whole_pod: bool = False) -> Iterator[Cause]:
    """Names and amounts; no request is above its limit."""
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    for field, amounts in (("limits", limits), ("requests", requests)):
        for name in sorted(amounts):
            where = f"{path}.{field}[{name}]"
            yield from (_pod_name if whole_pod else container_resource_name)(name, where)
            yield from quantity(name, amounts[name], where)
            if field == "requests":
                yield from _against_limit(name, amounts[name], limits, path)
    names = {*limits, *requests}
    if any(name.startswith(HUGE) for name in names) and not names & {"cpu", "memory"}:
        yield forbidden(path, "HugePages require cpu or memory")


def _against_limit(name: str, request: Any, limits: dict[str, Any], path: str) -> Iterator[Cause]:
    overcommit = name in _CONTAINER
    if name not in limits:
        if not overcommit:
            yield required(f"{path}.limits", "Limit must be set for non overcommitable resources")
        return
    asked, limit = amount(request), amount(limits[name])
    if asked != limit and not overcommit:
        yield invalid_value(f"{path}.requests", request, f"must be equal to {name} limit of {limits[name]}")
    elif asked > limit:
        why = f"must be less than or equal to {name} limit of {limits[name]}"
        yield invalid_value(f"{path}.requests", request, why)


def quantity(name: str, value: Any, path: str) -> Iterator[Cause]:
    """Not negative, and whole where it counts objects."""
    number = amount(value)
    if number < 0:
        yield invalid_value(path, str(value), NEGATIVE)
    if is_integer(name) and number != int(number):
        yield invalid_value(path, str(value), "must be an integer")


def is_integer(name: str) -> bool:
    return name in _INTEGER or _is_extended(name)


def _is_extended(name: str) -> bool:
    prefix, slash, _ = name.partition("/")
    return bool(slash) and not prefix.endswith("kubernetes.io") and not name.startswith("requests.")


def resource_name(name: str, path: str) -> list[Cause]:
    wrong = [invalid_value(path, name, why) for why in label_key(name)]
    if not wrong and "/" not in name and name not in _STANDARD and not name.startswith(HUGE):
        wrong.append(invalid_value(path, name, "must be a standard resource type or fully qualified"))
    return wrong


def container_resource_name(name: str, path: str) -> list[Cause]:
    if name in _CONTAINER:
        return []
    wrong = resource_name(name, path)
    if "/" not in name:
        if not name.startswith(HUGE):
            wrong.append(invalid_value(path, name, "must be a standard resource for containers"))
    elif "kubernetes.io/" not in name and not _is_extended(name):
        wrong.append(invalid_value(path, name, "doesn't follow extended resource name standard"))
    return wrong


def _pod_name(name: str, path: str) -> list[Cause]:
    if name in ("cpu", "memory") or name.startswith(HUGE):
        return []
    return [*resource_name(name, path), invalid_value(path, name, "must be a standard resource for pod")]

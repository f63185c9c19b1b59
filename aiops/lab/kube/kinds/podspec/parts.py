"""Writes of a pod through `ephemeralcontainers` and `resize`: what they take over, and what may not change.

As the registry's `podEphemeralContainersStrategy` and `podResizeStrategy`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import forbidden, invalid_value
from aiops.lab.kube.kinds.podspec.defaults import qos_class

EPHEMERAL, RESIZE = "ephemeralcontainers", "resize"
_RESIZABLE = ("cpu", "memory")


def only_ephemeral_containers(new: Manifest, old: Manifest) -> None:
    """Take over the ephemeral containers, in place."""
    wanted = (new.get("spec") or {}).get("ephemeralContainers")
    _keep_metadata(new, old)
    new["spec"] = {key: value for key, value in old["spec"].items() if key != "ephemeralContainers"}
    if wanted:
        new["spec"]["ephemeralContainers"] = wanted


def only_resources(new: Manifest, old: Manifest) -> None:
    """Take over the resources of each container, in place."""
    spec = dict(old["spec"])
    for field in ("containers", "initContainers"):
        wanted = {item.get("name"): item for item in (new.get("spec") or {}).get(field) or ()}
        if field in spec:
            spec[field] = [_resized(item, wanted.get(item["name"], item)) for item in spec[field]]
    _keep_metadata(new, old)
    new["spec"] = spec


def ephemeral_update(new: Manifest, old: Manifest) -> Iterator[Cause]:
    """Ephemeral containers are added and never changed or removed."""
    now = {item.get("name"): item for item in new["spec"].get("ephemeralContainers") or ()}
    for item in old["spec"].get("ephemeralContainers") or ():
        name = item["name"]
        if name not in now:
            yield forbidden("spec.ephemeralContainers", f'existing ephemeral containers "{name}" may not be removed\n')
        elif now[name] != item:
            yield forbidden("spec.ephemeralContainers", f'existing ephemeral containers "{name}" may not be changed\n')


def resize(new: Manifest, old: Manifest) -> Iterator[Cause]:
    """CPU and memory of a running pod, within its class."""
    if qos_class(new["spec"]) != qos_class(old["spec"]):
        why = "Pod QOS Class may not change as a result of resizing"
        yield invalid_value("spec", qos_class(new["spec"]), why)
    for field in ("containers", "initContainers"):
        for now, before in zip(new["spec"].get(field) or (), old["spec"].get(field) or (), strict=True):
            if _others(now) != _others(before):
                yield forbidden("spec", "only cpu and memory resources are mutable")


def _others(container: dict[str, Any]) -> dict[str, dict[str, Any]]:
    resources = container.get("resources") or {}
    return {
        field: {name: amount for name, amount in (resources.get(field) or {}).items() if name not in _RESIZABLE}
        for field in ("requests", "limits")
    }


def _resized(item: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    return {**item, "resources": wanted.get("resources") or {}}


def _keep_metadata(new: Manifest, old: Manifest) -> None:
    """Labels and annotations are written by an ordinary update."""
    for field in ("labels", "annotations", "finalizers", "ownerReferences"):
        new["metadata"].pop(field, None)
        if field in old["metadata"]:
            new["metadata"][field] = old["metadata"][field]

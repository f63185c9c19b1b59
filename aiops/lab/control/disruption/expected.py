"""How many pods a disruption budget has to count on: the scale of the controllers of the pods that it selects."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.kinds.catalog import Catalog
from aiops.lab.kube.kinds.scale import replicas_of
from aiops.lab.kube.objects import controller_of, uid_of
from aiops.lab.kube.storage.store import ObjectStore

_SCALED = ("ReplicaSet", "StatefulSet", "ReplicationController", "Deployment")


class ExpectedCountError(Exception):
    """The number can't be worked out; the text is what the server says of it."""


@dataclass(slots=True)
class Expected:
    """How many pods there should be, how many of them healthy; `unmanaged` have no controller."""

    pods: int
    healthy: int
    unmanaged: list[str] = field(default_factory=list)


def expected(store: ObjectStore, budget: Manifest, pods: list[Manifest]) -> Expected:
    """As `getExpectedPodCount`. Raises `ExpectedCountError`."""
    spec = budget["spec"]
    most, least = spec.get("maxUnavailable"), spec.get("minAvailable")
    if most is not None:
        count, unmanaged = _scale(store, pods)
        return Expected(count, max(count - _share(most, count), 0), unmanaged)
    if isinstance(least, str):
        count, unmanaged = _scale(store, pods)
        return Expected(count, _share(least, count), unmanaged)
    return Expected(len(pods), int(least or 0)) if least is not None else Expected(0, 0)


def _share(value: Any, of: int) -> int:
    """A number, or a percentage of one, rounded up."""
    return ceil(int(value.rstrip("%")) * of / 100) if isinstance(value, str) else int(value)


def _scale(store: ObjectStore, pods: list[Manifest]) -> tuple[int, list[str]]:
    scales: dict[str, int] = {}
    unmanaged = []
    for pod in pods:
        owner = controller_of(pod)
        if owner is None:
            unmanaged.append(pod["metadata"]["name"])
        elif owner["uid"] not in scales:
            uid, count = _controller_scale(store, pod, owner)
            scales[uid] = count
    return sum(scales.values()), unmanaged


def _controller_scale(store: ObjectStore, pod: Manifest, owner: dict[str, Any]) -> tuple[str, int]:
    """The uid and the scale of a pod's controller; of a ReplicaSet that a Deployment controls, that Deployment's."""
    kind, namespace = owner["kind"], pod["metadata"]["namespace"]
    found = _owner(store, namespace, owner)
    if kind == "ReplicaSet" and found is not None and (above := controller_of(found)):
        higher = _owner(store, namespace, above)
        if higher is not None and above["kind"] == "Deployment":
            found = higher
    if found is None:
        raise ExpectedCountError(f'found no controllers for pod "{pod["metadata"]["name"]}"')
    resource = store.catalog.of(found)
    if kind not in _SCALED and (resource is None or "scale" not in resource.subresources):
        raise ExpectedCountError(f"{_qualified(store.catalog, found)} does not implement the scale subresource")
    return uid_of(found), replicas_of(resource, found) if resource is not None else 0


def _owner(store: ObjectStore, namespace: str, owner: dict[str, Any]) -> Manifest | None:
    found = store.by_uid(owner["uid"])
    return found if found is not None and found["metadata"].get("namespace", "") == namespace else None


def _qualified(catalog: Catalog, item: Manifest) -> str:
    resource = catalog.of(item)
    return resource.qualified if resource else str(item["kind"])

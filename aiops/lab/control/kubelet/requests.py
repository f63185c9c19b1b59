"""What a pod asks of its node: containers and sidecars together, or the largest moment of its start, plus overhead.

As Kubernetes' `resourcehelper.PodRequests`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aiops.core.entity import Manifest
from aiops.core.quantity import parse_quantity


def pod_requests(pod: Manifest) -> dict[str, float]:
    """By resource, in cores, bytes and counts."""
    spec = pod["spec"]
    total = _sum(map(container_requests, spec["containers"]))
    sidecars: dict[str, float] = {}
    most: dict[str, float] = {}
    for container in spec.get("initContainers") or ():
        own = container_requests(container)
        if container.get("restartPolicy") == "Always":
            total, sidecars = _sum((total, own)), _sum((sidecars, own))
            moment = sidecars
        else:
            moment = _sum((sidecars, own))
        most = {name: max(most.get(name, 0.0), moment.get(name, 0.0)) for name in {**most, **moment}}
    found = {name: max(total.get(name, 0.0), most.get(name, 0.0)) for name in {**total, **most}}
    found |= _amounts((spec.get("resources") or {}).get("requests"))
    return _sum((found, _amounts(spec.get("overhead"))))


def container_requests(container: Manifest) -> dict[str, float]:
    return _amounts((container.get("resources") or {}).get("requests"))


def _amounts(texts: Mapping[str, str] | None) -> dict[str, float]:
    return {name: parse_quantity(text) for name, text in (texts or {}).items()}


def _sum(parts: Iterable[Mapping[str, float]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for part in parts:
        for name, amount in part.items():
            total[name] = total.get(name, 0.0) + amount
    return total

"""What pods ask of their nodes and what nodes have, in whole numbers: millicores for cpu, else bytes or counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import ceil
from typing import Any

from aiops.core.entity import Manifest
from aiops.core.quantity import parse_quantity

Amounts = dict[str, int]

MISSING_CPU, MISSING_MEMORY = 100, 200 * 1024 * 1024
"""What a container without a request counts for when nodes are compared (`schedutil.DefaultMilliCPURequest`)."""

_POD_LEVEL = ("cpu", "memory")


@lru_cache(maxsize=8192)
def amount(name: str, text: str | int | float) -> int:
    """A quantity in the unit of its resource, rounded up."""
    value = parse_quantity(text) * (1000 if name == "cpu" else 1)
    return ceil(value - 1e-6)


def amounts(quantities: Mapping[str, Any] | None) -> Amounts:
    return {name: amount(name, text) for name, text in (quantities or {}).items()}


def pod_requests(pod: Manifest) -> Amounts:
    """What a pod takes from its node, as `resourcehelper.PodRequests` counts it: containers and sidecars together, or
    an init container with the sidecars before it where that is more; the pod's own requests instead where it has them;
    and its overhead."""
    spec = pod["spec"]
    total = _sum(_asked(container) for container in spec["containers"])
    _include_init(total, [(container, _asked(container)) for container in spec.get("initContainers") or ()])
    own = amounts((spec.get("resources") or {}).get("requests"))
    total |= {name: value for name, value in own.items() if name in _POD_LEVEL or name.startswith("hugepages-")}
    return _sum([total, amounts(spec.get("overhead"))])


def comparable_requests(pod: Manifest) -> tuple[int, int]:
    """Millicores and bytes for comparing nodes: containers that ask for nothing count for a little."""
    spec = pod["spec"]
    least = {"cpu": MISSING_CPU, "memory": MISSING_MEMORY}
    total = _sum({**least, **_asked(container)} for container in spec["containers"])
    _include_init(total, [(c, {**least, **_asked(c)}) for c in spec.get("initContainers") or ()])
    total |= amounts((spec.get("resources") or {}).get("requests"))
    overhead = amounts(spec.get("overhead"))
    return total["cpu"] + overhead.get("cpu", 0), total["memory"] + overhead.get("memory", 0)


def _asked(container: Manifest) -> Amounts:
    return amounts((container.get("resources") or {}).get("requests"))


def _sum(parts: Iterable[Amounts]) -> Amounts:
    total: Amounts = {}
    for part in parts:
        for name, value in part.items():
            total[name] = total.get(name, 0) + value
    return total


def _include_init(total: Amounts, init: list[tuple[Manifest, Amounts]]) -> None:
    """Add sidecars, which go on beside the containers, and raise to the largest of the others."""
    sidecars: Amounts = {}
    largest: Amounts = {}
    for container, asked in init:
        if container.get("restartPolicy") == "Always":
            sidecars = _sum([sidecars, asked])
            needed = sidecars
        else:
            needed = _sum([sidecars, asked])
        for name, value in needed.items():
            largest[name] = max(largest.get(name, 0), value)
    for name, value in sidecars.items():
        total[name] = total.get(name, 0) + value
    for name, value in largest.items():
        total[name] = max(total.get(name, 0), value)

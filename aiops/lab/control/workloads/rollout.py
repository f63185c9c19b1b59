"""The arithmetic of a rolling update: how many replicas each ReplicaSet of a Deployment should have.

Follows the rules of Kubernetes' deployment controller. Numbers in, numbers out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any


@dataclass(frozen=True, slots=True)
class Size:
    """One ReplicaSet: replicas asked for and pods that are available."""

    replicas: int
    available: int


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many pods a rolling update may have too many and too few."""

    surge: int
    unavailable: int


def bounds(strategy: dict[str, Any], replicas: int) -> Bounds:
    """Percentages of the replicas: a surge is rounded up, unavailability down; one of them is at least 1."""
    if strategy.get("type") == "Recreate":
        return Bounds(0, 0)
    rolling = strategy.get("rollingUpdate") or {}
    surge = _scaled(rolling.get("maxSurge", "25%"), replicas, up=True)
    unavailable = _scaled(rolling.get("maxUnavailable", "25%"), replicas, up=False)
    if surge == 0 and unavailable == 0:
        unavailable = 1
    return Bounds(surge, min(unavailable, max(replicas, 1)))


def _scaled(value: int | str, replicas: int, *, up: bool) -> int:
    if isinstance(value, int):
        return value
    share = float(value.rstrip("%")) * replicas / 100
    return ceil(share) if up else floor(share)


def new_replicas(wanted: int, limit: Bounds, new: int, total: int) -> int:
    """The new ReplicaSet's size, where `total` is the size of all together."""
    if new >= wanted:
        return wanted
    room = wanted + limit.surge - total
    return new + min(room, wanted - new) if room > 0 else new


def shrink_old(wanted: int, limit: Bounds, new: Size, old: Sequence[Size]) -> list[int]:
    """The old ReplicaSets' sizes: first pods that do not work are taken away, then as many as may be missing."""
    sizes = [item.replicas for item in old]
    least = wanted - limit.unavailable
    total = sum(sizes) + new.replicas
    budget = total - least - (new.replicas - new.available)
    if budget <= 0:
        return sizes
    for index, item in enumerate(old):
        broken = min(budget, max(item.replicas - item.available, 0))
        sizes[index] -= broken
        budget -= broken
    spare = sum(item.available for item in old) + new.available - least
    for index in range(len(sizes)):
        taken = max(min(spare, sizes[index]), 0)
        sizes[index] -= taken
        spare -= taken
    return sizes


def spread(sizes: Sequence[int], target: int) -> list[int]:
    """Scale several ReplicaSets in proportion to their sizes, so that together they have `target` replicas.

    Rounding goes to the largest, which comes first.
    """
    total = sum(sizes)
    if not sizes or total == 0:
        return list(sizes)
    scaled = [round(size * target / total) for size in sizes]
    largest = max(range(len(sizes)), key=lambda index: (sizes[index], -index))
    scaled[largest] = max(scaled[largest] + target - sum(scaled), 0)
    return scaled

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
    surge = scaled(rolling.get("maxSurge", "25%"), replicas, up=True)
    unavailable = scaled(rolling.get("maxUnavailable", "25%"), replicas, up=False)
    if surge == 0 and unavailable == 0:
        unavailable = 1
    return Bounds(surge, min(unavailable, replicas))


def scaled(value: int | str, total: int, *, up: bool) -> int:
    """A number, or a percentage of `total`."""
    if isinstance(value, int):
        return value
    share = int(value.rstrip("%")) * total / 100
    return ceil(share) if up else floor(share)


def new_replicas(wanted: int, limit: Bounds, new: int, total: int) -> int:
    """The new ReplicaSet's size, where `total` is the size of all together."""
    if new >= wanted:
        return wanted
    room = wanted + limit.surge - total
    return new + min(room, wanted - new) if room > 0 else new


def removable(wanted: int, limit: Bounds, new: Size, old: Sequence[Size]) -> int:
    """How many old pods may go while the new ones that are not available yet count as missing."""
    total = sum(item.replicas for item in old) + new.replicas
    return total - (wanted - limit.unavailable) - (new.replicas - new.available)


def without_broken(old: Sequence[Size], most: int) -> list[int]:
    """The old ReplicaSets' sizes after at most `most` pods that are not available were taken away, oldest first."""
    sizes = []
    for item in old:
        taken = max(min(most, item.replicas - item.available), 0)
        sizes.append(item.replicas - taken)
        most -= taken
    return sizes


def without_spare(sizes: Sequence[int], spare: int) -> list[int]:
    """The old ReplicaSets' sizes after `spare` pods were taken away, oldest first."""
    shrunk = []
    for size in sizes:
        taken = max(min(size, spare), 0)
        shrunk.append(size - taken)
        spare -= taken
    return shrunk


def in_proportion(sizes: Sequence[tuple[int, int]], wanted: int, limit: Bounds) -> list[int]:
    """Scale several ReplicaSets in the midst of a rollout.

    Each entry is a ReplicaSet's size and the largest total for which it was last sized (0: not known); the first is
    the one that takes what rounding leaves over.
    """
    allowed = wanted + limit.surge if wanted else 0
    to_add = allowed - sum(size for size, _ in sizes)
    added = 0
    result = []
    for size, before in sizes:
        share = _share(size, before, wanted, allowed)
        left = to_add - added
        share = 0 if not size or not left else (min(share, left) if to_add > 0 else max(share, left))
        result.append(size + share)
        added += share
    if result and to_add:
        result[0] = max(result[0] + to_add - added, 0)
    return result


def _share(size: int, before: int, wanted: int, allowed: int) -> int:
    if not wanted:
        return -size
    if not before:
        return 0
    return floor(size * allowed / before + 0.5) - size

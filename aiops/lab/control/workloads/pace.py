"""How fast a controller can write: its client lets so many requests a second through, and a large burst takes long."""

from __future__ import annotations

from aiops.lab.kube.objects import Key

BURST = 500
"""Pods that one look at a workload creates or deletes at most, as `BurstReplicas` of the ReplicaSet controller."""

QPS = 20.0
"""Requests a second that a controller's client lets through (`--kube-api-qps` of kube-controller-manager)."""


class Pace:
    """Until when the last look at each workload keeps its controller busy. A small one takes no time, as a step."""

    def __init__(self) -> None:
        self._busy: dict[Key, float] = {}

    def free_at(self, key: Key, now: float) -> float | None:
        """When the workload is looked after again; None where that is now."""
        moment = self._busy.get(key)
        if moment is None or moment <= now:
            self._busy.pop(key, None)
            return None
        return moment

    def spent(self, key: Key, writes: int, now: float) -> None:
        """One look has made so many pods, or removed them."""
        if writes >= BURST:
            self._busy[key] = now + writes / QPS


def earliest(*moments: float | None) -> float | None:
    """The first of those that there are."""
    return min((moment for moment in moments if moment is not None), default=None)

"""Who pushed other pods out, as the scheduler's events tell."""

from __future__ import annotations

import re

from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.events import events
from aiops.analysis.state.makers import maker_of
from aiops.core.entity import Entity, Manifest

PREEMPTED = "Preempted"
_PUSHER = re.compile(r"by pod (?P<uid>[0-9a-f-]{36})")


def pushers(state: ClusterState, priority: int) -> list[Entity]:
    """What made the pods that pushed others out and are above this priority. Where the events name pods that are gone,
    whatever has the highest priority of the pods that run."""
    told = events(state, PREEMPTED)
    if not told:
        return []
    pods = {pod["metadata"].get("uid", ""): pod for pod in state.of("Pod")}
    named = [found["uid"] for event in told if (found := _PUSHER.search(event.message))]
    known = [pods[uid] for uid in dict.fromkeys(named) if uid in pods]
    above = [pod for pod in known or _highest(state) if _priority(pod) > priority]
    return list(dict.fromkeys(maker_of(state, pod) for pod in above))


def _highest(state: ClusterState) -> list[Manifest]:
    running = [pod for pod in state.of("Pod") if pod["spec"].get("nodeName")]
    most = max(map(_priority, running), default=0)
    return [pod for pod in running if _priority(pod) == most]


def _priority(pod: Manifest) -> int:
    return int(pod["spec"].get("priority") or 0)

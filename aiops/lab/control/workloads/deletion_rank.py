"""Which pods go first when there are too many, as the controllers' `ActivePodsWithRanks` sorts them."""

from __future__ import annotations

import re
from functools import cmp_to_key
from math import log2
from typing import Any

from aiops.core.clock import from_rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.workloads.pods import is_ready, phase, ready_since
from aiops.lab.kube.objects import annotations_of, uid_of

DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"

_COST = re.compile(r"[+-]?(0|[1-9]\d*)")
_LEAST, _MOST = -(2**31), 2**31 - 1
_PHASES = {"Pending": 0, "Unknown": 1}


def by_deletion_rank(pods: list[Manifest], siblings: list[Manifest], now: float) -> list[Manifest]:
    """The pods in the order in which they are deleted: unassigned, pending, not ready, cheap, on a node with many
    of their `siblings`, ready for a short time, often restarted, young."""
    crowd: dict[str, int] = {}
    for pod in siblings:
        node = pod["spec"].get("nodeName", "")
        crowd[node] = crowd.get(node, 0) + 1
    ranked = [(_key(pod, crowd), pod) for pod in pods]

    def compare(a: tuple[tuple[Any, ...], Manifest], b: tuple[tuple[Any, ...], Manifest]) -> int:
        if a[0] != b[0]:
            return -1 if a[0] < b[0] else 1
        return _compare_ages(a[1], b[1], now)

    return [pod for _, pod in sorted(ranked, key=cmp_to_key(compare))]


def _key(pod: Manifest, crowd: dict[str, int]) -> tuple[Any, ...]:
    node = pod["spec"].get("nodeName", "")
    return bool(node), _PHASES.get(phase(pod), 2), is_ready(pod), deletion_cost(pod), -crowd.get(node, 0)


def deletion_cost(pod: Manifest) -> int:
    """The cost that an annotation gives a pod; 0 where it is no 32-bit integer."""
    text = annotations_of(pod).get(DELETION_COST, "0")
    cost = int(text) if _COST.fullmatch(text) and not text.startswith("+0") else 0
    return cost if _LEAST <= cost <= _MOST else 0


def _compare_ages(a: Manifest, b: Manifest, now: float) -> int:
    since = ready_since(a), ready_since(b)
    if since[0] != since[1]:
        return _by_age(a, b, since, now)
    restarts = _restarts(a), _restarts(b)
    if restarts[0] != restarts[1]:
        return -1 if restarts[0] > restarts[1] else 1
    created = _created(a), _created(b)
    return _by_age(a, b, created, now) if created[0] != created[1] else 0


def _by_age(a: Manifest, b: Manifest, moments: tuple[float, float], now: float) -> int:
    """Younger first, but on a logarithmic scale: pods of about the same age go in random order."""
    left, right = (_magnitude(now - moment) for moment in moments)
    if left != right:
        return left - right
    return -1 if uid_of(a) < uid_of(b) else 1


def _magnitude(seconds: float) -> int:
    return int(log2(seconds * 1e9)) if seconds > 0 else -1


def _created(pod: Manifest) -> float:
    return from_rfc3339(pod["metadata"]["creationTimestamp"])


def _restarts(pod: Manifest) -> tuple[int, int]:
    """The most restarts of a container, and of a sidecar."""
    status = pod.get("status", {})
    sidecars = {c["name"] for c in pod["spec"].get("initContainers") or () if c.get("restartPolicy") == "Always"}
    main = [entry.get("restartCount", 0) for entry in status.get("containerStatuses") or ()]
    side = [e.get("restartCount", 0) for e in status.get("initContainerStatuses") or () if e["name"] in sidecars]
    return max(main, default=0), max(side, default=0)

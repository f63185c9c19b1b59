"""Which pod is next: by priority, then by age; those that fit nowhere wait for something that can help them."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush

from aiops.lab.kube.objects import Key

INITIAL_BACKOFF, MAX_BACKOFF = 1.0, 10.0
"""Seconds between two attempts for a pod, doubled each time."""

LEFT_OVER_SECONDS = 300.0
"""How long a pod waits at most until it is tried again whatever happened."""

QUICK_ATTEMPTS = 3
"""Attempts for a pod at one moment: with nothing else to do, a pod that something can help need not wait."""


@dataclass(slots=True)
class QueuedPod:
    """A pod that has no node. `helps` are the kinds of events that can get it one."""

    key: Key
    uid: str
    priority: int
    order: int
    attempts: int = 0
    tried_at: float = 0.0
    quick: int = 0
    helps: frozenset[str] = field(default_factory=frozenset)
    """Empty while the pod is to be tried."""
    woken: bool = False

    def backoff_ends(self) -> float:
        return self.tried_at + min(INITIAL_BACKOFF * 2.0 ** max(self.attempts - 1, 0), MAX_BACKOFF)


class SchedulingQueue:
    """Pods without a node: to be tried now, later, or after an event."""

    def __init__(self) -> None:
        self._pods: dict[str, QueuedPod] = {}
        self._active: list[tuple[int, int, str]] = []
        self._later: list[tuple[float, int, str]] = []
        self._waiting: dict[str, dict[str, None]] = {}
        self._order = 0

    def __contains__(self, uid: str) -> bool:
        return uid in self._pods

    def add(self, key: Key, uid: str, priority: int) -> None:
        """A new pod, or one that changed itself so that it is to be tried at once."""
        known = self._pods.get(uid)
        if known is None:
            self._order += 1
            known = self._pods[uid] = QueuedPod(key, uid, priority, self._order)
        elif known.priority != priority:
            known.priority = priority
        self._stop_waiting(known)
        self._push(known)

    def remove(self, uid: str) -> None:
        known = self._pods.pop(uid, None)
        if known is not None:
            self._stop_waiting(known)

    def pending(self, now: float) -> tuple[int, int, int]:
        """How many pods are (tried now, tried again after a while, waiting for something that can help them)."""
        active = sum(not pod.helps for pod in self._pods.values())
        backoff = sum(bool(pod.helps) and pod.woken and now < pod.backoff_ends() for pod in self._pods.values())
        return active, backoff, len(self._pods) - active - backoff

    def pop(self, now: float) -> QueuedPod | None:
        """The next pod to try."""
        while self._later and self._later[0][0] <= now:
            uid = heappop(self._later)[2]
            pod = self._pods.get(uid)
            if pod is not None and (pod.woken or now >= pod.tried_at + LEFT_OVER_SECONDS):
                self._stop_waiting(pod)
                self._push(pod)
        while self._active:
            pod = self._pods.get(heappop(self._active)[2])
            if pod is not None and not pod.helps:
                if pod.tried_at != now:
                    pod.quick = 0
                pod.attempts, pod.quick, pod.tried_at, pod.woken = pod.attempts + 1, pod.quick + 1, now, False
                return pod
        return None

    def wait(self, pod: QueuedPod, helps: frozenset[str]) -> None:
        """Put back a pod that fits nowhere until one of these kinds of events happens."""
        pod.helps = helps
        for kind in sorted(helps):
            self._waiting.setdefault(kind, {})[pod.uid] = None
        self._schedule(pod.tried_at + LEFT_OVER_SECONDS, pod)

    def wake(self, kinds: frozenset[str], now: float) -> bool:
        """Something of these kinds happened. Is a pod to be tried for it?"""
        found: dict[str, None] = {}
        for kind in sorted(kinds):
            found |= self._waiting.get(kind) or {}
        for uid in found:
            pod = self._pods[uid]
            pod.woken = True
            if pod.tried_at == now and pod.quick >= QUICK_ATTEMPTS:
                self._schedule(max(pod.backoff_ends(), now + INITIAL_BACKOFF), pod)
            else:
                self._stop_waiting(pod)
                self._push(pod)
        return bool(found)

    def next_moment(self) -> float | None:
        return self._later[0][0] if self._later else None

    def _push(self, pod: QueuedPod) -> None:
        heappush(self._active, (-pod.priority, pod.order, pod.uid))

    def _schedule(self, moment: float, pod: QueuedPod) -> None:
        heappush(self._later, (moment, pod.order, pod.uid))

    def _stop_waiting(self, pod: QueuedPod) -> None:
        for kind in pod.helps:
            self._waiting[kind].pop(pod.uid, None)
        pod.helps = frozenset()

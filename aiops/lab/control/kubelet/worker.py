"""What the kubelet remembers of a pod between two looks at it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from aiops.core.entity import Manifest

INFINITY = float("inf")
INITIAL_BACKOFF = 10.0
MAX_BACKOFF = 300.0
"""Seconds; the kubelet's own for restarts and for image pulls. Twice the most without trouble starts anew."""


@dataclass(slots=True)
class Backoff:
    """A delay that doubles each time it is used."""

    delay: float = 0.0
    used_at: float = 0.0

    def until(self, since: float) -> float:
        """When the next try may be, after a failure at `since`."""
        return since if self._expired(since) else since + self.delay

    def use(self, now: float) -> None:
        """Count one more try."""
        if self._expired(now):
            self.delay = 0.0
        self.delay = min(self.delay * 2, MAX_BACKOFF) if self.delay else INITIAL_BACKOFF
        self.used_at = now

    def _expired(self, now: float) -> bool:
        return now - self.used_at > 2 * MAX_BACKOFF


@dataclass(slots=True)
class ProbeState:
    """One probe of a running container: what it asks, by port number; when it runs next and how it has gone."""

    asks: Manifest
    next_at: float
    passed: int = 0
    failed: int = 0
    good: bool = False


@dataclass(slots=True)
class ContainerState:
    """One container. `state` and `last_state` are as in the pod's status; `id` is that of the latest process."""

    name: str
    id: str = ""
    image: str = ""
    state: dict[str, Any] = field(default_factory=lambda: waiting("ContainerCreating"))
    last_state: dict[str, Any] = field(default_factory=dict)
    restarts: int = 0
    started_at: float = 0.0
    finished_at: float = 0.0
    pulled_at: float | None = None
    pull_failed_at: float = 0.0
    pull_backoff: Backoff = field(default_factory=Backoff)
    restart_backoff: Backoff = field(default_factory=Backoff)
    probes: dict[str, ProbeState] = field(default_factory=dict)
    next_probe_at: float = INFINITY

    @property
    def running(self) -> bool:
        return "running" in self.state

    @property
    def ended(self) -> bool:
        return "terminated" in self.state

    @property
    def exit_code(self) -> int | None:
        terminated = self.state.get("terminated")
        return int(terminated["exitCode"]) if terminated else None


@dataclass(slots=True)
class PodWorker:
    """One pod on its node."""

    uid: str
    ip: str
    containers: dict[str, ContainerState] = field(default_factory=dict)
    terminating_since: float | None = None

    def container(self, name: str) -> ContainerState:
        return self.containers.setdefault(name, ContainerState(name))


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    """A container's state before it runs."""
    return {"waiting": {"reason": reason, "message": message} if message else {"reason": reason}}

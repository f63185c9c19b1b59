"""What the kubelet remembers of a pod between two looks at it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control.kubelet.backoff import MOUNT_INITIAL, MOUNT_MAX, Backoff

INFINITY = float("inf")
CREATING, INITIALIZING = "ContainerCreating", "PodInitializing"


@dataclass(slots=True)
class ProbeState:
    """One probe of a running container: what it asks, by port number; when it runs next and how it has gone."""

    asks: Manifest
    next_at: float
    passed: int = 0
    failed: int = 0
    good: bool = False

    @property
    def steady(self) -> bool:
        return self.next_at == INFINITY or (self.good and self.passed > 0 and "exec" not in self.asks)

    def skip(self, until: float) -> None:
        """Count the rounds up to a moment as run: they found what the last one found."""
        if self.next_at <= until:
            period = self.asks["periodSeconds"]
            self.next_at += (until - self.next_at) // period * period + period


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    """A container's state before it runs."""
    return {"waiting": {"reason": reason, "message": message} if message else {"reason": reason}}


@dataclass(slots=True)
class ContainerState:
    """One container. `state` and `last_state` are as in the pod's status; `id` is that of the latest process.

    `stopping` is set once its process has been asked to end."""

    name: str
    id: str = ""
    image: str = ""
    resources: dict[str, Any] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=lambda: waiting(CREATING))
    last_state: dict[str, Any] = field(default_factory=dict)
    restarts: int = 0
    started_at: float = 0.0
    finished_at: float = 0.0
    stopping: bool = False
    pull_started_at: float = 0.0
    pulled_at: float | None = None
    pull_failed_at: float = 0.0
    pull_error: str = ""
    pull_backoff: Backoff = field(default_factory=Backoff)
    restart_backoff: Backoff = field(default_factory=Backoff)
    probes: dict[str, ProbeState] = field(default_factory=dict)

    @property
    def running(self) -> bool:
        return "running" in self.state

    @property
    def ended(self) -> bool:
        return "terminated" in self.state

    @property
    def exit_code(self) -> int | None:
        """How its latest process ended, also while it waits for the next one; None while it runs or never ran."""
        ended = self.state.get("terminated") or (None if self.running else self.last_state.get("terminated"))
        return int(ended["exitCode"]) if ended else None

    @property
    def started(self) -> bool:
        """Runs, and its startup probe (where it has one) has passed."""
        startup = self.probes.get("startupProbe")
        return self.running and (startup is None or startup.good)

    @property
    def ready(self) -> bool:
        """Has started, and its readiness probe (where it has one) passes."""
        readiness = self.probes.get("readinessProbe")
        return self.started and (readiness is None or readiness.good)

    @property
    def steady(self) -> bool:
        """Whether every probe passes, and goes on doing so while nothing changes: a command may say anything."""
        return not self.stopping and all(probe.steady for probe in self.probes.values())

    @property
    def next_probe_at(self) -> float:
        return min((probe.next_at for probe in self.probes.values()), default=INFINITY)


@dataclass(slots=True)
class Ending:
    """Why a pod's containers are being ended. `until` is when they are killed; the texts go into the pod's status.

    `shortened`: they have less time than they were told."""

    until: float
    phase: str = ""
    reason: str = ""
    message: str = ""
    condition: dict[str, Any] | None = None
    shortened: bool = False


@dataclass(slots=True)
class PodWorker:
    """One pod on its node. It has an address once its sandbox is there."""

    uid: str
    node: str
    ip: str = ""
    initialized: bool = False
    containers: dict[str, ContainerState] = field(default_factory=dict)
    mount_failed_at: float = 0.0
    mount_backoff: Backoff = field(default_factory=lambda: Backoff(initial=MOUNT_INITIAL, most=MOUNT_MAX))
    ending: Ending | None = None

    def container(self, name: str) -> ContainerState:
        return self.containers.setdefault(name, ContainerState(name))

    @property
    def running(self) -> list[ContainerState]:
        return [container for container in self.containers.values() if container.running]

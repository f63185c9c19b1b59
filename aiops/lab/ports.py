"""What the parts of the lab ask of each other. The world (`world.py`) joins them and owns the time.

One tick: controllers, scheduler and kubelet act (`control`); traffic flows and processes use memory and CPU
(`traffic`); exporters are scraped into the time series store; alert rules are evaluated (`telemetry`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from aiops.core.entity import Manifest

TICK = 5.0
"""Simulated seconds between two steps of the world."""

SCRAPE_INTERVAL = 15.0
"""Simulated seconds between two scrapes of every exporter, and between two evaluations of the alert rules."""


class ClusterView(Protocol):
    """Reads the cluster's objects. What it returns belongs to the store and must not be changed."""

    @property
    def revision(self) -> int:
        """Rises with every write; equal revisions mean equal objects."""
        ...

    def objects(self, kind: str, namespace: str = "") -> Iterable[Manifest]:
        """All objects of a kind, by namespace and name; every namespace where none is given."""
        ...

    def find(self, kind: str, namespace: str, name: str) -> Manifest | None: ...


@dataclass(frozen=True, slots=True)
class ContainerStart:
    """A container that the kubelet starts. `env` and `files` (path -> content) are resolved from config and secrets;
    limits are bytes and cores, None where there is none."""

    id: str
    pod: Manifest
    name: str
    image: str
    started_at: float
    env: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    memory_limit: float | None = None
    cpu_limit: float | None = None


@dataclass(frozen=True, slots=True)
class ProcessStatus:
    """How a container's process does. `exit_code` and `reason` (`OOMKilled`, `Error`, `Completed`) once it ended."""

    running: bool
    exit_code: int | None = None
    reason: str = ""
    finished_at: float | None = None


class Runtime(Protocol):
    """The container runtime and the processes in it; the kubelet drives it, the traffic model implements it."""

    def pull(self, image: str) -> str | None:
        """None where the image can be pulled, else the registry's error message."""
        ...

    def start(self, container: ContainerStart) -> None: ...

    def stop(self, container_id: str) -> None:
        """End a process and forget it; its log is kept for a while."""
        ...

    def status(self, container_id: str) -> ProcessStatus: ...

    def probe(self, container_id: str, probe: Manifest) -> str | None:
        """Run a Kubernetes probe (httpGet, tcpSocket, exec, grpc): None on success, else the kubelet's message."""
        ...

    def logs(self, container_id: str, since: float | None, tail: int | None) -> list[tuple[float, str]]:
        """(unix seconds, line) in time order. Empty for an unknown container."""
        ...

"""What a container runtime knows as long as there is no traffic model beside it."""

from __future__ import annotations

from aiops.lab.ports import ContainerUse
from aiops.lab.traffic.network.interference import Paths
from aiops.lab.traffic.processes.process import Plight, Process


def known_answer(process: Process, method: str, path: str) -> tuple[int, float]:
    """Every listening process answers what it knows: (HTTP status, seconds)."""
    known = path in process.program.health_paths or f"{method} {path}" in process.program.routes
    return (200 if known else 404), 0.002


def no_use(container_id: str) -> ContainerUse | None:
    """Nothing is known of what containers use."""
    del container_id
    return None


def no_paths() -> Paths | None:
    """Nothing disturbs packets."""
    return None


def well(process: Process) -> Plight:
    """Nothing ails anybody."""
    del process
    return Plight()

"""What a container runtime asks of the world around its processes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from aiops.lab.ports import ContainerUse
from aiops.lab.traffic.network.interference import Paths
from aiops.lab.traffic.processes.process import Plight, Process


class Surroundings(Protocol):
    """The traffic model implements it."""

    def answer(self, process: Process, method: str, path: str) -> tuple[int, float]:
        """(HTTP status, seconds) that one request to a process gets now."""
        ...

    def paths(self) -> Paths | None:
        """What disturbs packets; None where nothing does."""
        ...

    def plight(self, process: Process) -> Plight:
        """What ails a process that starts now."""
        ...

    def wait(self, container_id: str) -> float:
        """Seconds that a request waits at a process before anything is done about it."""
        ...

    def longest_wait(self) -> float:
        """That of the process where it is longest; 0 where there are none."""
        ...

    def use(self, container_id: str) -> ContainerUse | None:
        """What a running container uses; None where there is no sample of it yet."""
        ...

    def node_use(self) -> Mapping[str, ContainerUse]:
        """What all processes of a node use, by the node's name."""
        ...


class Alone:
    """The surroundings as long as there is no traffic model: nothing is disturbed, and nobody measures."""

    def answer(self, process: Process, method: str, path: str) -> tuple[int, float]:
        """Every listening process answers what it knows."""
        known = path in process.program.health_paths or f"{method} {path}" in process.program.routes
        return (200 if known else 404), 0.002

    def paths(self) -> Paths | None:
        return None

    def plight(self, process: Process) -> Plight:
        del process
        return Plight()

    def wait(self, container_id: str) -> float:
        del container_id
        return 0.0

    def longest_wait(self) -> float:
        return 0.0

    def use(self, container_id: str) -> ContainerUse | None:
        del container_id
        return None

    def node_use(self) -> Mapping[str, ContainerUse]:
        return {}

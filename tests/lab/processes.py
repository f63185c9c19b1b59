"""A small container runtime for tests of the control plane: processes run until a test says otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiops.core.entity import Manifest
from aiops.lab.ports import ContainerStart, ProcessStatus

RUNNING = ProcessStatus(running=True)


@dataclass
class Processes:
    """`missing` images cannot be pulled; `exits` maps an image to how its processes end at once; `sick` images fail
    their probes."""

    missing: dict[str, str] = field(default_factory=dict)
    exits: dict[str, ProcessStatus] = field(default_factory=dict)
    sick: dict[str, str] = field(default_factory=dict)
    started: dict[str, ContainerStart] = field(default_factory=dict)
    running: dict[str, ContainerStart] = field(default_factory=dict)
    probed: list[tuple[str, Manifest]] = field(default_factory=list)

    def pull(self, image: str) -> str | None:
        return self.missing.get(image)

    def start(self, container: ContainerStart) -> None:
        assert container.id not in self.started
        self.started[container.id] = self.running[container.id] = container

    def stop(self, container_id: str) -> None:
        self.running.pop(container_id, None)

    def status(self, container_id: str) -> ProcessStatus:
        return self.exits.get(self.running[container_id].image, RUNNING)

    def probe(self, container_id: str, probe: Manifest) -> str | None:
        self.probed.append((container_id, probe))
        return self.sick.get(self.running[container_id].image)

    def logs(self, container_id: str, since: float | None, tail: int | None) -> list[tuple[float, str]]:
        container = self.started.get(container_id)
        if container is None:
            return []
        lines = [(container.started_at + i, f"{container.name} line {i}") for i in range(5)]
        lines = [line for line in lines if since is None or line[0] >= since]
        return lines[-tail:] if tail else lines if tail is None else []

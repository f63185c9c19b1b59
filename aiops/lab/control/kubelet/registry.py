"""The processes that kubelets look after, and when each is probed next."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush

from aiops.core.entity import Manifest
from aiops.lab.control.kubelet.worker import INFINITY, ContainerState
from aiops.lab.kube.objects import Key


@dataclass(frozen=True, slots=True)
class Running:
    """A process that is looked after."""

    key: Key
    node: str
    spec: Manifest
    container: ContainerState


class RunningContainers:
    """By the container's id. What has no probe costs nothing while it runs."""

    def __init__(self) -> None:
        self._running: dict[str, Running] = {}
        self._probes: list[tuple[float, str]] = []
        self._asleep: dict[str, Running] = {}

    def add(self, running: Running) -> None:
        if running.container.id not in self._running:
            self._running[running.container.id] = running
            self.probe_again(running)

    def get(self, container_id: str) -> Running | None:
        return self._running.get(container_id)

    def remove(self, container_id: str) -> Running | None:
        self._asleep.pop(container_id, None)
        return self._running.pop(container_id, None)

    def probe_again(self, running: Running) -> None:
        """Note when the container's next probe is. Steady ones sleep until they are woken."""
        moment = running.container.next_probe_at
        if moment < INFINITY and running.container.steady:
            self._asleep[running.container.id] = running
        elif moment < INFINITY:
            heappush(self._probes, (moment, running.container.id))

    def wake(self, until: float) -> None:
        """Probes may find something else from now on; those up to a moment did not."""
        asleep, self._asleep = self._asleep, {}
        for container_id, running in asleep.items():
            for probe in running.container.probes.values():
                probe.skip(until)
            moment = running.container.next_probe_at
            if moment < INFINITY:
                heappush(self._probes, (moment, container_id))

    def due(self, now: float) -> list[Running]:
        """The containers with a probe that is due, in the order of its moment; they have to be noted again."""
        found = []
        while self._probes and self._probes[0][0] <= now:
            running = self._running.get(heappop(self._probes)[1])
            if running is not None:
                found.append(running)
        return found

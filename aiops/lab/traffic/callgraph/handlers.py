"""The draft handlers of one moment, and where they are found: by process and route, by pod and port."""

from __future__ import annotations

from collections.abc import Sequence

from aiops.lab.apps.program import Route
from aiops.lab.traffic.callgraph.drafts import DraftHandler
from aiops.lab.traffic.callgraph.graph import STATUSES, HandlerInfo
from aiops.lab.traffic.network.policies import Peer
from aiops.lab.traffic.processes.process import Process

_NOT_FOUND = STATUSES.index(404)


class Handlers:
    """`listening` are the places of those processes that listen now."""

    def __init__(self, processes: Sequence[Process], now: float) -> None:
        self.processes = tuple(processes)
        self.drafts: list[DraftHandler] = []
        self.listening = [i for i, process in enumerate(self.processes) if process.listening(now)]
        self._by_route: dict[tuple[int, str], int] = {}
        self._by_pod: dict[tuple[str, str], list[int]] = {}
        for index in self.listening:
            process = self.processes[index]
            self._by_pod.setdefault((process.namespace, process.pod), []).append(index)

    def add(self, process: int, name: str, route: Route, consumes: str = "") -> int:
        """A handler for what comes to a process under `METHOD /path`; returns its place."""
        method, _, path = name.partition(" ")
        self._by_route[process, name] = len(self.drafts)
        status = STATUSES.index(route.error_status)
        return self.put(DraftHandler(HandlerInfo(process, method, path, consumes=consumes), route, status))

    def put(self, draft: DraftHandler) -> int:
        """A handler that no route leads to; returns its place."""
        self.drafts.append(draft)
        return len(self.drafts) - 1

    def of(self, process: int, name: str) -> int | None:
        return self._by_route.get((process, name))

    def unknown(self, process: int) -> int:
        """The handler of a process that answers 404 to what it does not know."""
        found = self.of(process, "")
        if found is not None:
            return found
        index = self.add(process, "", Route(cpu_ms=0.1, error_ratio=1.0))
        self.drafts[index].error_status = _NOT_FOUND
        return index

    def listener(self, peer: Peer, port: int) -> int | None:
        """The process that listens on a port of a pod."""
        for index in self._by_pod.get((peer.namespace, peer.name), ()):
            if port == self.processes[index].program.port:
                return index
        return None

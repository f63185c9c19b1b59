"""Lines written down by a test, as a container runtime would give them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.logs.entries import LogStream, Stream, Written


class Shelf:
    """A source of lines; `now` gives the present moment, and no line of the future."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.lines: dict[str, list[Written]] = {}
        self.streams: list[LogStream] = []

    def put(self, pod: str, lines: list[Written], namespace: str = "shop", run: int = 0) -> None:
        name = f"{pod}#{run}"
        self.streams.append(LogStream(name, namespace, pod, "main", pod.partition("-")[0], "node-1"))
        self.lines[name] = lines

    def log_streams(self) -> list[LogStream]:
        return self.streams

    def written(
        self, container_id: str, since: float, until: float, tail: int | None = None, stream: Stream | None = None
    ) -> list[Written]:
        del tail
        until = min(until, self._now())
        found = [line for line in self.lines[container_id] if since <= line.time <= until]
        return [line for line in found if stream in (None, line.stream)]

    def moments(self, container_id: str, since: float, until: float, stream: Stream) -> FloatArray:
        return np.array([line.time for line in self.written(container_id, since, until, stream=stream)])

    def stdio(self, container_id: str, since: float, until: float) -> frozenset[Stream]:
        return frozenset(line.stream for line in self.written(container_id, since, until))

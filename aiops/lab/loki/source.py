"""Where Loki gets its lines, and the labels that the collector gives them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.logs.entries import LogStream, Stream, Written
from aiops.lab.loki.logql.ast import Matcher
from aiops.lab.loki.logql.pipeline import matches

STREAMS: tuple[Stream, ...] = ("stderr", "stdout")


class LogSource(Protocol):
    """The container runtime as a collector of logs sees it."""

    def log_streams(self) -> list[LogStream]: ...

    def written(
        self, container_id: str, since: float, until: float, tail: int | None = None, stream: Stream | None = None
    ) -> list[Written]: ...

    def moments(self, container_id: str, since: float, until: float, stream: Stream) -> FloatArray:
        """When a container wrote the lines of one stream, rising."""
        ...

    def stdio(self, container_id: str, since: float, until: float) -> frozenset[Stream]:
        """Where a container has written to between two moments."""
        ...


class LabelledStream:
    """One stream of Loki: what the runs of one container wrote to one of its outputs."""

    def __init__(self, labels: dict[str, str], stream: Stream) -> None:
        self.labels = labels
        self.stream = stream
        self.containers: list[str] = []


LABELS = ("app", "container", "job", "namespace", "node_name", "pod", "service_name", "stream")
"""The labels of a stream."""


def labels_of(stream: LogStream, output: Stream) -> dict[str, str]:
    """The labels of promtail's and Alloy's usual configuration, and the name of a service that Loki finds in them."""
    job = f"{stream.namespace}/{stream.app}"
    values = (stream.app, stream.container, job, stream.namespace, stream.node, stream.pod, stream.app, output)
    return dict(zip(LABELS, values, strict=True))


class StreamIndex:
    """The streams of a source."""

    def __init__(self, source: LogSource) -> None:
        self._source = source

    def select(self, matchers: Sequence[Matcher]) -> list[LabelledStream]:
        """The streams that meet all conditions, by their labels; some may have no line."""
        conditions = [(matcher.name, matches(matcher.operator, matcher.value)) for matcher in matchers]
        found: dict[tuple[str, ...], LabelledStream] = {}
        for container in self._source.log_streams():
            for output in STREAMS:
                labels = labels_of(container, output)
                if all(condition(labels.get(name, "")) for name, condition in conditions):
                    key = tuple(labels.values())
                    stream = found.setdefault(key, LabelledStream(labels, output))
                    stream.containers.append(container.container_id)
        return [found[key] for key in sorted(found)]

    def written_between(self, matchers: Sequence[Matcher], start: float, end: float) -> list[LabelledStream]:
        """The streams that have a line between two moments."""
        return [
            stream
            for stream in self.select(matchers)
            if any(stream.stream in self._source.stdio(one, start, end) for one in stream.containers)
        ]

    def moments(self, stream: LabelledStream, start: float, end: float) -> FloatArray:
        """When the lines of a stream between two moments were written, rising."""
        parts = [self._source.moments(one, start, end, stream.stream) for one in stream.containers]
        return np.sort(np.concatenate(parts))

    def lines(self, stream: LabelledStream, start: float, end: float) -> Iterator[Written]:
        """The lines of a stream between two moments, in time order."""
        for container in stream.containers:
            yield from self._source.written(container, start, end, stream=stream.stream)

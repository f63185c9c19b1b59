"""What containers have written, by the clocks of their nodes: the lines of requests, of events and of commands."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.logs.book import LogBook, split
from aiops.lab.logs.entries import LogEntry, LogStream, Stream, Written
from aiops.lab.logs.phrases import Phrases
from aiops.lab.logs.stamps import Stamps, Window
from aiops.lab.traffic.processes.process import Process, stream_of

_KEPT_LOGS = 512


@dataclass(frozen=True, slots=True)
class _OldLog:
    """What is left of the log of a container that is gone: the lines that no request left, and when it ended."""

    stream: LogStream
    entries: Sequence[LogEntry]
    ended: float


class ContainerLogs:
    """Logs as kubelets and collectors read them; `book` has the lines that requests left, `stamps` the nodes' clocks.

    `processes` are those that are there, by their containers' ids, and `entries` what one of them wrote that no request
    left."""

    def __init__(
        self,
        processes: Mapping[str, Process],
        entries: Callable[[Process], Sequence[LogEntry]],
        phrases: Phrases,
        now: Callable[[], float],
    ) -> None:
        self.book = LogBook()
        self.stamps = Stamps()
        self._processes = processes
        self._entries = entries
        self._phrases = phrases
        self._now = now
        self._gone: OrderedDict[str, _OldLog] = OrderedDict()

    def keep(self, process: Process) -> None:
        """Keep the log of a container that is removed now, for a while."""
        ended = self._now() if process.ends_at is None else min(process.ends_at, self._now())
        self._gone[process.container.id] = _OldLog(stream_of(process), self._entries(process), ended)
        if len(self._gone) > _KEPT_LOGS:
            self._gone.popitem(last=False)

    def written(
        self, container_id: str, since: float, until: float, tail: int | None = None, stream: Stream | None = None
    ) -> list[Written]:
        """The lines of a container stamped from `since` to `until` (unix seconds) by its node's clock, in the order
        of their stamps; of `tail`, at least the last so many where there are more; of one stream where it is named.
        Empty for an unknown container."""
        entries, windows = self._kept(container_id, since, until)
        lines = []
        for window in windows:
            own = self.book.written(container_id, window.since, window.until, tail, stream)
            for entry in entries:
                if window.since <= entry.time <= window.until and stream in (None, entry.stream):
                    own += split(entry.time, entry.stream, self._phrases.line(entry))
            lines += [line._replace(time=line.time + window.ahead) for line in own] if window.ahead else own
        lines.sort(key=lambda line: line.time)
        return lines

    def moments(self, container_id: str, since: float, until: float, stream: Stream) -> FloatArray:
        """The stamps of the lines of one stream, rising: what `written` tells of, without its texts."""
        entries, windows = self._kept(container_id, since, until)
        found = [np.zeros(0)]
        for window in windows:
            own = [
                entry.time
                for entry in entries
                if window.since <= entry.time <= window.until and entry.stream == stream
                for _ in range(entry.template.count("\n") + 1)
            ]
            found += [np.array(own) + window.ahead]
            found += [self.book.moments(container_id, window.since, window.until, stream) + window.ahead]
        return np.sort(np.concatenate(found))

    def stdio(self, container_id: str, since: float, until: float) -> frozenset[Stream]:
        """Where a container has written to between two stamps."""
        entries, windows = self._kept(container_id, since, until)
        found: frozenset[Stream] = frozenset()
        for window in windows:
            found |= frozenset(entry.stream for entry in entries if window.since <= entry.time <= window.until)
            found |= self.book.streams(container_id, window.since, window.until)
        return found

    def log_streams(self) -> list[LogStream]:
        """The containers whose lines are kept: those that are gone, then those that are there, each in the order of
        their start."""
        return [old.stream for old in self._gone.values()] + [stream_of(p) for p in self._processes.values()]

    def _kept(self, container_id: str, since: float, until: float) -> tuple[Sequence[LogEntry], list[Window]]:
        """What a container wrote that no request left, and when it wrote what is stamped between two times."""
        process, old = self._processes.get(container_id), self._gone.get(container_id)
        if process is not None:
            entries: Sequence[LogEntry] = self._entries(process)
            ended, node = process.ends_at, stream_of(process).node
        elif old is not None:
            entries, ended, node = old.entries, old.ended, old.stream.node
        else:
            return (), []
        last = min(self._now(), inf if ended is None else ended)
        windows = [w._replace(until=min(w.until, last)) for w in self.stamps.windows(node, since, until)]
        return entries, [window for window in windows if window.since <= window.until]

"""Logs and traces are made when somebody reads them: until then a step is kept as the arrays that it consists of.

Each step draws its random numbers by its own moment, so what is read is the same whenever that happens.
"""

from __future__ import annotations

from aiops.lab.traffic.demand.arrivals import Streams
from aiops.lab.traffic.inside.brokers import Brokers
from aiops.lab.traffic.inside.collectors import Collectors
from aiops.lab.traffic.solving.flow import Conditions, Flow
from aiops.lab.traffic.telemetry.journal import LogWriter
from aiops.lab.traffic.telemetry.sampling import TraceSampler
from aiops.lab.traffic.telemetry.snapshot import Peers, Settled, Snapshot, settled_of, snapshot

_LOGS, _TRACES = 1, 2
"""Streams of random numbers beside that of the flow itself, so that a new log line moves no metric."""

_MOST_NUMBERS = 8_000_000
"""Numbers of steps that nobody has read, at most: 64 MB."""

_NUMBERS_OF_GRAPH = 100
"""About how many numbers a row of a graph that is kept takes as much memory as."""


class Recorder:
    """Keeps steps for the book of logs and the store of traces."""

    def __init__(self, logs: LogWriter, sampler: TraceSampler, seed: int) -> None:
        self._logs = logs
        self._sampler = sampler
        self._streams = Streams(seed)
        self._unread: list[Snapshot] = []
        self._numbers = 0
        self._last: tuple[int, Settled] | None = None

    def record(
        self,
        flow: Flow,
        conditions: Conditions,
        brokers: Brokers,
        collectors: Collectors,
        peers: Peers,
        now: float,
        dt: float,
    ) -> None:
        """Keep the step of `dt` seconds up to `now`."""
        taken = snapshot(self._settled(flow), flow, conditions, brokers, collectors, peers, now, dt)
        self._unread.append(taken)
        self._numbers += len(taken.requests) + len(taken.attempts) + 3 * len(conditions.rejected)
        if self._numbers > _MOST_NUMBERS:
            self.catch_up()

    def catch_up(self) -> None:
        """Make the lines and spans of the steps that nobody has read."""
        unread, self._unread, self._numbers = self._unread, [], 0
        for taken in unread:
            self._sampler.sample(taken, self._streams.at(taken.now, _TRACES))
            self._logs.write(taken, self._sampler.lines, self._streams.at(taken.now, _LOGS))

    def _settled(self, flow: Flow) -> Settled:
        """The present solution, taken once."""
        known = self._last
        if known is not None and known[1].graph is flow.graph and known[0] == flow.version:
            return known[1]
        found = settled_of(flow)
        rows = len(flow.requests) + len(flow.attempts)
        new_graph = known is None or known[1].graph is not flow.graph
        self._numbers += rows * (_NUMBERS_OF_GRAPH if new_graph else 16)
        self._last = (flow.version, found)
        return found

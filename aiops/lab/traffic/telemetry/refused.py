"""How often servers refuse clients: attempts by what is said of them, and what servers have counted."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.callgraph.admitting import Refusal
from aiops.lab.traffic.callgraph.carrying import carried, rows_of
from aiops.lab.traffic.callgraph.graph import UNANSWERED, Graph, IntArray, TurnedAway
from aiops.lab.traffic.solving.flow import Flow


class Refused:
    """Some of a graph's refusals."""

    def __init__(self, refusals: Sequence[TurnedAway]) -> None:
        self.refusals = tuple(refusals)
        kinds = ["reset" if r.why is Refusal.PLAINTEXT else "denied" for r in self.refusals]
        self._kinds: IntArray = np.array([UNANSWERED.index(kind) for kind in kinds], dtype=np.int64)
        self._calls: IntArray = np.array([r.call for r in self.refusals], dtype=np.int64)
        self._share: FloatArray = np.array([r.share for r in self.refusals])

    def of(self, attempts: FloatArray, call_unanswered: FloatArray) -> FloatArray:
        """How many attempts each refusal meets, of so many `attempts` (calls,)."""
        found: FloatArray = attempts[self._calls] * call_unanswered[self._kinds, self._calls] * self._share
        return found


class RefusedTally:
    """What servers have counted since they started, each (processes,): `logins` refused, and all `connections`."""

    def __init__(self) -> None:
        self._keys: tuple[Hashable, ...] = ()
        self._counted: FloatArray = np.zeros((2, 0))
        self._refused = Refused(())
        self._rows: tuple[IntArray, IntArray] = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))

    @property
    def logins(self) -> FloatArray:
        found: FloatArray = self._counted[0]
        return found

    @property
    def connections(self) -> FloatArray:
        found: FloatArray = self._counted[1]
        return found

    def adopt(self, graph: Graph) -> None:
        """Take over a new graph."""
        keys = tuple(process.container.id for process in graph.processes)
        self._counted = carried(rows_of(self._keys), keys, self._counted, 0.0)
        self._keys = keys
        self._refused = Refused(graph.refusals)
        of_logins = [number for number, r in enumerate(graph.refusals) if r.why is not Refusal.PLAINTEXT]
        servers = [r.server for r in graph.refusals]
        self._rows = np.array(of_logins, dtype=np.int64), np.array(servers, dtype=np.int64)

    def count(self, flow: Flow) -> None:
        """Add the untold attempts."""
        if not self._refused.refusals:
            return
        found = self._refused.of(flow.untold.attempts, flow.call_unanswered)
        logins, servers = self._rows
        np.add.at(self._counted[0], servers[logins], found[logins])
        np.add.at(self._counted[1], servers, found)

"""What is said beside requests: by stores of locks, disks, rights, logins and pages that they cannot trust, by readers
of answers that cannot be right. Each remark has a place in one row of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.logs.phrases import Phrasebook
from aiops.lab.traffic.callgraph.graph import STATUSES, Graph, IntArray
from aiops.lab.traffic.processes.process import address_of
from aiops.lab.traffic.telemetry.refused import Refused
from aiops.lab.traffic.telemetry.snapshot import Settled

CORRUPT_SHARE, IMPLAUSIBLE_SHARE = 0.002, 0.01
"""Shares of wrong answers for which a store says that it read a bad page, and whose reader sees that they cannot be
right: most of what is wrong looks as good as what is right."""

_SAID_OF = {423: "locked", 507: "full", 403: "forbidden"}
_OF_STATUS = np.array([STATUSES.index(status) for status in _SAID_OF])


class Remark(NamedTuple):
    """An event of a process' phrasebook, and the values of its template."""

    process: int
    event: str
    given: dict[str, Any]


class Remarks:
    """The remarks of a graph's processes, of which `books` are the phrasebooks. Those of handlers come first: for each
    of `stores` what it says of its statuses, one status after the other."""

    def __init__(self, graph: Graph, books: Sequence[Phrasebook]) -> None:
        self._graph = graph
        texts = [books[int(process)].texts for process in graph.process]
        speaking = [row for row in range(1, len(texts)) if not texts[row].keys().isdisjoint(_SAID_OF.values())]
        self.stores: IntArray = np.array(speaking, dtype=np.int64)
        told = [r for r in graph.refusals if f"refused_{r.why}" in books[r.server].texts]
        self._refused = Refused(told)
        self._corrupt: IntArray = np.array(list(self._with_bad_pages(texts)), dtype=np.int64)
        wrong = list(self._wrongly_answered(books))
        self._readers: IntArray = np.array([call for call, _ in wrong], dtype=np.int64)
        self._seen: FloatArray = np.array([share * IMPLAUSIBLE_SHARE for _, share in wrong])
        self.count = len(_SAID_OF) * len(self.stores) + len(told) + len(self._corrupt) + len(self._readers)

    def expected(self, settled: Settled, requests: FloatArray, attempts: FloatArray) -> FloatArray:
        """How many times each is said in a step with so many `requests` (handlers,) and `attempts` (calls,)."""
        failing = requests[self.stores] * settled.fails[self.stores]
        parts = [(failing * settled.statuses[_OF_STATUS[:, None], self.stores]).ravel()]
        if self._refused.refusals:
            parts.append(self._refused.of(attempts, settled.call_unanswered))
        if len(self._corrupt):
            wrong = self._graph.wrong[self._corrupt] * (1.0 - settled.fails[self._corrupt])
            parts.append(requests[self._corrupt] * wrong * CORRUPT_SHARE)
        if len(self._readers):
            parts.append(attempts[self._readers] * settled.call_ok[self._readers] * self._seen)
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def remark(self, place: int) -> Remark:
        """What is said at a place."""
        stores = len(_SAID_OF) * len(self.stores)
        if place < stores:
            status, number = divmod(place, len(self.stores))
            return self._of_handler(int(self.stores[number]), list(_SAID_OF.values())[status])
        place -= stores
        if place < len(self._refused.refusals):
            return self._of_refusal(place)
        place -= len(self._refused.refusals)
        if place < len(self._corrupt):
            return self._of_handler(int(self._corrupt[place]), "corrupt")
        info = self._graph.calls[int(self._readers[place - len(self._corrupt)])]
        given = {"route": info.route, "target": info.host, "host": info.host, "address": info.shown}
        return Remark(info.process, "implausible", given)

    def _of_handler(self, row: int, event: str) -> Remark:
        handler = self._graph.handlers[row]
        return Remark(handler.process, event, {"method": handler.method, "path": handler.path})

    def _of_refusal(self, number: int) -> Remark:
        refused = self._refused.refusals[number]
        client = self._graph.processes[self._graph.calls[refused.call].process]
        return Remark(refused.server, f"refused_{refused.why}", {"peer": address_of(client)})

    def _with_bad_pages(self, texts: Sequence[dict[str, str] | Any]) -> Iterator[int]:
        return (row for row in np.flatnonzero(self._graph.wrong).tolist() if "corrupt" in texts[row])

    def _wrongly_answered(self, books: Sequence[Phrasebook]) -> Iterator[tuple[int, float]]:
        """(call, share of its answers that are wrong) of those whose callers look at answers."""
        graph = self._graph
        if not graph.wrong.any():
            return
        for call, info in enumerate(graph.calls):
            share = sum(weight * graph.wrong[target] for target, weight in graph.endpoints(call))
            if share and "implausible" in books[info.process].texts:
                yield call, float(share)

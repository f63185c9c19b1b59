"""The statements that a graph's processes can reach, each with a slot: a place in one row of numbers.

The slots are, one part after the other: requests answered (a slot for each handler), requests failed, errors of the
program's own, what stores say of locks and of full disks, failed calls (for each call a slot for each kind of failure),
what is written at random, and what is written at fixed times.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from heapq import heapify, heappop, heappush
from typing import Any
from zlib import crc32

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.logs.book import Statement
from aiops.lab.logs.phrases import Background, Phrasebook, Phrases
from aiops.lab.traffic.callgraph.graph import STATUSES, Graph, IntArray
from aiops.lab.traffic.processes.process import facts, own_error
from aiops.lab.traffic.telemetry.attempts import KINDS, event_of

ACCESS_SHARE = 0.005
"""Share of the requests that are answered well and leave an access line: the programs sample their access logs."""

LOCKED, FULL = STATUSES.index(423), STATUSES.index(507)
_BETWEEN = 0.07
"""Seconds between two lines that are written at the same fixed times."""

_OWN_EVENTS = ("access", "access_failed", "exception")
_STORE_EVENTS = ("locked", "full")


class Statements:
    """The slots of one graph, and what they expect of lines as arrays over handlers (h,) and calls (c,)."""

    def __init__(self, graph: Graph, phrases: Phrases, now: float) -> None:
        self.graph = graph
        books = [phrases.of(process.program.language) for process in graph.processes]
        owners = [books[handler.process] for handler in graph.handlers[1:]]
        self._books = books
        self._known: dict[int, tuple[Statement, Hashable] | None] = {}
        loud = [0.0, *(float("access" in book.texts and book.slow_seconds is None) for book in owners)]
        self.failed: FloatArray = np.array(loud)
        self.access: FloatArray = self.failed * ACCESS_SHARE
        self.raises: FloatArray = np.array([0.0, *(float("exception" in book.texts) for book in owners)])
        self.slow: IntArray = _rows(owners, lambda book: book.slow_seconds is not None and "access" in book.texts)
        self.slow_seconds: FloatArray = np.array([owners[row - 1].slow_seconds or 1.0 for row in self.slow.tolist()])
        self.slow_log: FloatArray = np.log(self.slow_seconds)
        self.stores: IntArray = _rows(owners, lambda book: any(event in book.texts for event in _STORE_EVENTS))
        self.tells: FloatArray = np.array([float("refused" in books[call.process].texts) for call in graph.calls])
        self._set_background(books, now)
        handlers = len(graph.handlers)
        self.first_own, self.first_store = 2 * handlers, 3 * handlers
        self.first_call = self.first_store + len(_STORE_EVENTS) * len(self.stores)
        self.first_background = self.first_call + len(graph.calls) * len(KINDS)
        self.first_periodic = self.first_background + len(self._background)
        self.count = self.first_periodic + len(self._periodic)

    def _set_background(self, books: list[Phrasebook], now: float) -> None:
        found = [(number, item) for number, book in enumerate(books) for item in book.background]
        self._background = [(number, item) for number, item in found if not item.every]
        self._periodic = [(number, item) for number, item in found if item.every]
        self.rates: FloatArray = np.array([item.per_hour / 3600 for _, item in self._background])
        collecting = [place for place, (_, item) in enumerate(self._background) if item.collection]
        self.collecting: IntArray = np.array(collecting, dtype=np.int64)
        self.collector: IntArray = np.array([self._background[i][0] for i in collecting], dtype=np.int64)
        self._due: list[tuple[float, int]] = []
        for place, (number, item) in enumerate(self._periodic):
            drawn = crc32(self.graph.processes[number].container.id.encode())
            # what belongs together stands together in a phrasebook, and comes in that order
            phase = drawn % round(item.every * 1000) / 1000 + _BETWEEN * _place(books[number], item)
            self._due.append((now - (now - phase) % item.every + item.every, place))
        heapify(self._due)

    def due(self, now: float) -> list[tuple[float, int]]:
        """(moment, slot) of what is written at fixed times and has come since the last call."""
        found = []
        while self._due and self._due[0][0] <= now:
            moment, place = heappop(self._due)
            found.append((moment, self.first_periodic + place))
            heappush(self._due, (moment + self._periodic[place][1].every, place))
        return found

    def of_answer(self, handler: int, status: int) -> int:
        """The slot of a request that was answered so."""
        return handler + (len(self.graph.handlers) if status >= 500 else 0)

    def of_failure(self, call: int, kind: str) -> int:
        """The slot of an attempt that failed so."""
        return self.first_call + call * len(KINDS) + KINDS.index(kind)

    def statement(self, slot: int) -> tuple[Statement, Hashable] | None:
        """What is written at a slot, and its key; None where the program says nothing there."""
        if slot not in self._known:
            self._known[slot] = self._statement(slot)
        return self._known[slot]

    def _statement(self, slot: int) -> tuple[Statement, Hashable] | None:
        if slot >= self.first_background:
            return self._of_background(slot)
        if slot >= self.first_call:
            call, kind = divmod(slot - self.first_call, len(KINDS))
            info = self.graph.calls[call]
            given = {"route": info.route, "target": info.host, "host": info.host, "address": info.shown}
            return self._made(info.process, event_of(KINDS[kind]), given)
        if slot >= self.first_store:
            event, place = divmod(slot - self.first_store, len(self.stores))
            return self._of_handler(int(self.stores[place]), _STORE_EVENTS[event])
        event, row = divmod(slot, len(self.graph.handlers))
        return self._of_handler(row, _OWN_EVENTS[event])

    def _of_handler(self, row: int, event: str) -> tuple[Statement, Hashable] | None:
        handler = self.graph.handlers[row]
        if handler.consumes and event != "exception":
            return self._of_message(row, event)
        if event == "exception":
            event = own_error(self.graph.processes[handler.process])
        if event == "access_failed" and event not in self._books[handler.process].texts:
            event = "access"
        return self._made(
            handler.process, event, {"method": handler.method, "path": handler.path, **_upstream(self.graph, row)}
        )

    def _of_message(self, row: int, event: str) -> tuple[Statement, Hashable] | None:
        handler = self.graph.handlers[row]
        event = "message_failed" if event == "access_failed" else "message"
        return self._made(handler.process, event, {"topic": handler.consumes})

    def _of_background(self, slot: int) -> tuple[Statement, Hashable]:
        items: list[tuple[int, Background]] = [*self._background, *self._periodic]
        number, item = items[slot - self.first_background]
        process = self.graph.processes[number]
        ahead = float(self.graph.clock_offset[number])
        statement = Statement(process.container.id, item.text, facts(process), item.stream, process.listens_at, ahead)
        return statement, (process.container.id, ahead, item.text)

    def _made(self, process: int, event: str, given: dict[str, Any]) -> tuple[Statement, Hashable] | None:
        book, owner = self._books[process], self.graph.processes[process]
        text = book.texts.get(event, "")
        if not text:
            return None
        values = {**facts(owner), **given}
        ahead = float(self.graph.clock_offset[process])
        statement = Statement(owner.container.id, text, values, book.stream(event), owner.listens_at, ahead)
        return statement, (owner.container.id, ahead, event, *given.values())


def _place(book: Phrasebook, item: Background) -> int:
    """Where a statement stands in its phrasebook."""
    return book.background.index(item)


def _rows(owners: list[Phrasebook], wanted: Callable[[Phrasebook], bool]) -> IntArray:
    return np.array([row for row, book in enumerate(owners, 1) if wanted(book)], dtype=np.int64)


def _upstream(graph: Graph, row: int) -> dict[str, Any]:
    """What a gateway's access line says of where it sent the request."""
    handler = graph.handlers[row]
    if not handler.ingress:
        return {"upstream": "", "backend": "-"}
    container = graph.processes[handler.process].container.id
    backend = next((call.shown for call in graph.calls if call.key == (container, handler.route)), "")
    return {"upstream": f"{handler.ingress[0]}-{handler.ingress[3]}-http", "backend": backend or "-"}

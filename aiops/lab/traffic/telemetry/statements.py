"""The statements that a graph's processes can reach, each with a slot: a place in one row of numbers.

The slots are, one part after the other: requests answered (a slot for each handler), requests failed, errors of the
program's own, remarks beside requests, failed calls (for each call a slot for each kind of failure), what is written at
random, and what is written at fixed times.
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
from aiops.lab.logs.wording import quoting
from aiops.lab.traffic.callgraph.admitting import Refusal
from aiops.lab.traffic.callgraph.graph import STATUSES, Graph, IntArray
from aiops.lab.traffic.processes.process import address_of, facts, own_error
from aiops.lab.traffic.processes.syncing import SLOW, fsync_seconds, sync_facts
from aiops.lab.traffic.telemetry.attempts import KINDS, event_of
from aiops.lab.traffic.telemetry.remarks import Remarks

ACCESS_SHARE = 0.005
"""Share of the requests that are answered well and leave an access line: the programs sample their access logs."""

_BETWEEN = 0.07
"""Seconds between two lines that are written at the same fixed times."""

_OWN_EVENTS = ("access", "access_failed", "exception")
_NOT_RAISED = frozenset(STATUSES.index(status) for status in (403, 404, 423, 507))
"""Statuses that a program answers with and that are no exceptions of its own."""


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
        self.remarks = Remarks(graph, books)
        self.raises: FloatArray = np.array([float(row > 0 and self._raises(row)) for row in range(len(graph.handlers))])
        self.slow: IntArray = _rows(owners, lambda book: book.slow_seconds is not None and "access" in book.texts)
        self.slow_seconds: FloatArray = np.array([owners[row - 1].slow_seconds or 1.0 for row in self.slow.tolist()])
        self.slow_log: FloatArray = np.log(self.slow_seconds)
        self.tells: FloatArray = np.array([float("refused" in books[call.process].texts) for call in graph.calls])
        self._set_background(books, now)
        handlers = len(graph.handlers)
        self.first_own, self.first_remark = 2 * handlers, 3 * handlers
        self.first_call = self.first_remark + self.remarks.count
        self.first_background = self.first_call + len(graph.calls) * len(KINDS)
        self.first_periodic = self.first_background + len(self._background)
        self.count = self.first_periodic + len(self._periodic)

    def _set_background(self, books: list[Phrasebook], now: float) -> None:
        disks = ["slow" if fsync_seconds(process) > SLOW else "fine" for process in self.graph.processes]
        found = [
            (number, item)
            for number, book in enumerate(books)
            for item in book.background
            if item.disk in ("", disks[number])
        ]
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
            return self._of_call(*divmod(slot - self.first_call, len(KINDS)))
        if slot >= self.first_remark:
            return self._made(*self.remarks.remark(slot - self.first_remark))
        event, row = divmod(slot, len(self.graph.handlers))
        return self._of_handler(row, _OWN_EVENTS[event])

    def _of_handler(self, row: int, event: str) -> tuple[Statement, Hashable] | None:
        handler = self.graph.handlers[row]
        if handler.consumes and event != "exception":
            return self._of_message(row, event)
        if event == "exception":
            event = self._own_error(handler.process)
        if event == "access_failed" and event not in self._books[handler.process].texts:
            event = "access"
        return self._made(
            handler.process, event, {"method": handler.method, "path": handler.path, **_upstream(self.graph, row)}
        )

    def _own_error(self, process: int) -> str:
        event = own_error(self.graph.processes[process])
        return event if event in self._books[process].texts else "exception"

    def _raises(self, row: int) -> bool:
        """Whether a handler that fails by itself says so as an exception."""
        process = self.graph.handlers[row].process
        told = self._own_error(process) in self._books[process].texts
        return told and int(self.graph.error_status[row]) not in _NOT_RAISED

    def _of_call(self, call: int, kind: int) -> tuple[Statement, Hashable] | None:
        info, event = self.graph.calls[call], event_of(KINDS[kind])
        given = {"route": info.route, "target": info.host, "host": info.host, "address": info.shown}
        answer = self._answer(call, KINDS[kind])
        passed_on = self._books[info.process].texts.get("answered", "")
        if not answer or not passed_on:
            return self._made(info.process, event, given)
        given["peer"] = address_of(self.graph.processes[info.process])
        return self._written(info.process, event, quoting(passed_on, answer), given)

    def _answer(self, call: int, kind: str) -> str:
        """What a store says to a client whose attempt fails so; empty where the client has words of its own."""
        graph = self.graph
        if kind in ("denied", "reset"):
            refused = (
                r for r in graph.refusals if r.call == call and (r.why is Refusal.PLAINTEXT) == (kind == "reset")
            )
            return next((self._books[r.server].texts.get(f"answer_{r.why}", "") for r in refused), "")
        if kind not in ("403", "500"):
            return ""
        for target, _ in graph.endpoints(call):
            process = int(graph.process[target])
            broken = graph.processes[process].program.error_cause == "io"
            if kind == "403" or broken:
                return self._books[process].texts.get("answer_forbidden" if kind == "403" else "answer_io", "")
        return ""

    def _of_message(self, row: int, event: str) -> tuple[Statement, Hashable] | None:
        handler = self.graph.handlers[row]
        event = "message_failed" if event == "access_failed" else "message"
        return self._made(handler.process, event, {"topic": handler.consumes})

    def _of_background(self, slot: int) -> tuple[Statement, Hashable]:
        items: list[tuple[int, Background]] = [*self._background, *self._periodic]
        number, item = items[slot - self.first_background]
        process = self.graph.processes[number]
        ahead = float(self.graph.clock_offset[number])
        values = {**facts(process), **sync_facts(process)}
        statement = Statement(process.container.id, item.text, values, item.stream, process.listens_at, ahead)
        return statement, (process.container.id, ahead, item.text, values["fsync"])

    def _made(self, process: int, event: str, given: dict[str, Any]) -> tuple[Statement, Hashable] | None:
        text = self._books[process].texts.get(event, "")
        return self._written(process, event, text, given) if text else None

    def _written(self, process: int, event: str, text: str, given: dict[str, Any]) -> tuple[Statement, Hashable]:
        book, owner = self._books[process], self.graph.processes[process]
        values = {**facts(owner), **given}
        ahead = float(self.graph.clock_offset[process])
        statement = Statement(owner.container.id, text, values, book.stream(event), owner.listens_at, ahead)
        return statement, (owner.container.id, ahead, event, text, *given.values())


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

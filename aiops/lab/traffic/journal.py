"""What processes log in a step: some of the requests, failed calls as the client reports them, errors of their own,
and what belongs to no request.

How many lines a statement gets is one Poisson draw for all of them together, then each line finds its statement by its
share: the same as a draw for each, at a fraction of the cost. Failed calls are told by those who see them fail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

from aiops.core.telemetry import FloatArray
from aiops.lab.logs.book import LogBook, Statement
from aiops.lab.logs.phrases import Background, Phrases
from aiops.lab.traffic.attempts import KINDS, event_of, failures
from aiops.lab.traffic.flow import Conditions, Flow
from aiops.lab.traffic.graph import STATUSES, Graph, IntArray
from aiops.lab.traffic.moments import normal_cdf
from aiops.lab.traffic.process import Process, facts

ACCESS_SHARE = 0.005
"""Share of the requests that are answered well and leave an access line: the programs sample their access logs."""

_MOST_OF_ONE = 5.0
"""Lines that a statement is expected to write in a step at most: loggers thin out what repeats itself."""

_MOST = 4000
_LARGEST_KEY = np.iinfo(np.uint64).max


class TracedLine(NamedTuple):
    """A line that a sampled request left: `row` is a handler, or a call where `kind` says how it failed."""

    row: int
    kind: str
    time: float
    seconds: float
    status: int
    key: int


@dataclass(frozen=True, slots=True)
class _Layout:
    """What a graph's processes can write, as arrays: over handlers (h,), calls (c,), and statements of no request."""

    graph: Graph
    access: FloatArray
    failed: FloatArray
    raises: FloatArray
    slow: IntArray
    slow_log: FloatArray
    tells: FloatArray
    background: tuple[tuple[int, Background], ...]
    rates: FloatArray
    periodic: tuple[tuple[int, Background], ...]
    periods: FloatArray
    phases: FloatArray


class LogWriter:
    """Writes to the book. A line's number of the statement is looked up in a table, filled as lines come."""

    def __init__(self, phrases: Phrases, book: LogBook) -> None:
        self._phrases = phrases
        self._book = book
        self._layout: _Layout | None = None
        self._table: npt.NDArray[np.int32] = np.zeros(0, dtype=np.int32)
        self._generation = -1

    def write(
        self,
        flow: Flow,
        conditions: Conditions,
        traced: Sequence[TracedLine],
        now: float,
        dt: float,
        rng: np.random.Generator,
    ) -> None:
        """The lines of the step of `dt` seconds up to `now`; `traced` are those of sampled requests."""
        layout = self._layout
        if layout is None or layout.graph is not flow.graph:
            layout = self._layout = _compiled(flow.graph, self._phrases)
            self._generation = -1
        expected = _expected(layout, flow, conditions, dt)
        total = np.cumsum(expected)
        count = min(int(rng.poisson(total[-1])), _MOST)
        due = np.flatnonzero(np.floor((now + layout.phases) / layout.periods) > _before(layout, now, dt))
        drawn = np.searchsorted(total, rng.random(count) * total[-1], side="right").clip(0, len(total) - 1)
        slots, seconds, statuses = _details(layout, flow, drawn, rng)
        first_periodic = _first_background(flow.graph) + len(layout.rates)
        traced_slots = [_traced_slot(flow.graph, item) for item in traced]
        slots = np.concatenate([slots, first_periodic + due, np.array(traced_slots, dtype=np.int64)])
        extra = np.zeros(len(due))
        times = [np.sort(now - dt * rng.random(count + len(due))), np.array([item.time for item in traced])]
        keys = rng.integers(0, _LARGEST_KEY, count + len(due), dtype=np.uint64)
        self._keep(
            flow.graph,
            np.concatenate(times),
            slots,
            np.concatenate([seconds, extra, np.array([item.seconds for item in traced])]),
            np.concatenate([statuses, extra.astype(np.int64), np.array([t.status for t in traced], dtype=np.int64)]),
            np.concatenate([keys, np.array([item.key for item in traced], dtype=np.uint64)]),
            now,
        )

    def _keep(
        self,
        graph: Graph,
        times: FloatArray,
        slots: IntArray,
        seconds: FloatArray,
        statuses: IntArray,
        keys: npt.NDArray[np.uint64],
        now: float,
    ) -> None:
        self._book.make_room(len(times), now)
        if self._generation != self._book.generation:
            self._generation = self._book.generation
            self._table = np.full(self._slots(graph), -1, dtype=np.int32)
        numbers = self._table[slots]
        if (numbers == -1).any():
            for slot in sorted(set(slots[numbers == -1].tolist())):
                self._table[slot] = self._number(graph, slot)
            numbers = self._table[slots]
        told = numbers >= 0
        if told.all():
            self._book.add(times, numbers, seconds, statuses, keys)
        else:
            self._book.add(times[told], numbers[told], seconds[told], statuses[told], keys[told])

    def _slots(self, graph: Graph) -> int:
        layout = self._layout
        assert layout is not None
        return _first_background(graph) + len(layout.background) + len(layout.periodic)

    def _number(self, graph: Graph, slot: int) -> int:
        """The number of the statement of a slot; -2 where its program says nothing there."""
        process, event, values, text, stream = self._statement(graph, slot)
        if not text:
            return -2
        key = (process.container.id, event, *values.values(), text if event == "background" else "")
        since = process.listens_at
        return self._book.number(
            Statement(process.container.id, text, {**facts(process), **values}, stream, since), key
        )

    def _statement(self, graph: Graph, slot: int) -> tuple[Process, str, dict[str, Any], str, Any]:
        handlers, layout = len(graph.handlers), self._layout
        assert layout is not None
        if slot >= _first_background(graph):
            place, item = (*layout.background, *layout.periodic)[slot - _first_background(graph)]
            return graph.processes[place], "background", {}, item.text, item.stream
        if slot >= 3 * handlers:
            call, kind = divmod(slot - 3 * handlers, len(KINDS))
            info = graph.calls[call]
            values: dict[str, Any] = {"route": info.route, "target": info.host, "host": info.host}
            values |= {"address": info.shown}
            process, event = graph.processes[info.process], event_of(KINDS[kind])
        else:
            kind, row = divmod(slot, handlers)
            handler = graph.handlers[row]
            process = graph.processes[handler.process]
            event = ("access", "access_failed", "exception")[kind]
            values = {"method": handler.method, "path": handler.path, **_upstream(graph, row)}
        book = self._phrases.of(process.program.language)
        if event == "access_failed" and event not in book.texts:
            event = "access"
        return process, event, values, book.texts.get(event, ""), book.stream(event)


def _first_background(graph: Graph) -> int:
    return 3 * len(graph.handlers) + len(graph.calls) * len(KINDS)


def _traced_slot(graph: Graph, item: TracedLine) -> int:
    if item.kind:
        return 3 * len(graph.handlers) + item.row * len(KINDS) + KINDS.index(item.kind)
    return item.row + (len(graph.handlers) if item.status >= 500 else 0)


def _before(layout: _Layout, now: float, dt: float) -> FloatArray:
    before: FloatArray = np.floor((now - dt + layout.phases) / layout.periods)
    return before


def _compiled(graph: Graph, phrases: Phrases) -> _Layout:
    books = [phrases.of(process.program.language) for process in graph.processes]
    owners = [books[handler.process] for handler in graph.handlers[1:]]
    tells = [float(any(event in books[call.process].texts for event in ("status", "refused"))) for call in graph.calls]
    background = [(number, item) for number, book in enumerate(books) for item in book.background]
    random = tuple((number, item) for number, item in background if not item.every)
    periodic = tuple((number, item) for number, item in background if item.every)
    slow = [row for row, book in enumerate(owners, 1) if book.slow_seconds is not None and book.texts.get("access")]
    quiet = [not book.texts.get("access") or book.slow_seconds is not None for book in owners]
    return _Layout(
        graph=graph,
        access=np.array([0.0, *(0.0 if still else ACCESS_SHARE for still in quiet)]),
        failed=np.array([0.0, *(0.0 if still else 1.0 for still in quiet)]),
        raises=np.array([0.0, *(float("exception" in book.texts) for book in owners)]),
        slow=np.array(slow, dtype=np.int64),
        slow_log=np.log(np.array([owners[row - 1].slow_seconds or 1.0 for row in slow])),
        tells=np.array(tells),
        background=random,
        rates=np.array([item.per_hour / 3600 for _, item in random]),
        periodic=periodic,
        periods=np.array([item.every for _, item in periodic]),
        phases=np.array([crc32(graph.processes[number].container.id.encode()) % 3600 for number, _ in periodic]),
    )


def _expected(layout: _Layout, flow: Flow, conditions: Conditions, dt: float) -> FloatArray:
    """Lines to be expected, by statement: answered, failed, own errors (h,) each, calls (c,), background."""
    handlers = len(layout.access)
    first_call = 3 * handlers
    expected: FloatArray = np.empty(first_call + len(layout.tells) + len(layout.rates))
    failing = flow.requests * flow.fails
    answered = flow.requests - failing
    expected[:handlers] = answered * layout.access
    if len(layout.slow):
        late = normal_cdf((flow.ok_mu[layout.slow] - layout.slow_log) / flow.ok_sigma[layout.slow])
        expected[layout.slow] = answered[layout.slow] * late
    expected[handlers : 2 * handlers] = failing * layout.failed
    accepted = 1.0 - conditions.rejected[flow.graph.process]
    expected[2 * handlers : first_call] = flow.requests * accepted * flow.graph.error * layout.raises
    calls = slice(first_call, first_call + len(layout.tells))
    expected[calls] = flow.attempts * (1.0 - flow.call_ok) * layout.tells
    np.clip(expected, 0.0, _MOST_OF_ONE, out=expected)
    expected[calls.stop :] = layout.rates * dt
    return expected


def _details(
    layout: _Layout, flow: Flow, drawn: IntArray, rng: np.random.Generator
) -> tuple[IntArray, FloatArray, IntArray]:
    """(slot, seconds, status) of each drawn line."""
    handlers, calls = len(layout.access), len(layout.tells)
    slots, seconds, statuses = drawn.copy(), np.zeros(len(drawn)), np.full(len(drawn), 200, dtype=np.int64)
    normal, uniform = rng.standard_normal(len(drawn)), rng.random(len(drawn))
    good, bad = drawn < handlers, (drawn >= handlers) & (drawn < 2 * handlers)
    row = drawn[good]
    seconds[good] = np.exp(flow.ok_mu[row] + flow.ok_sigma[row] * normal[good])
    if len(layout.slow):
        least = np.zeros(handlers)
        least[layout.slow] = np.exp(layout.slow_log)
        seconds[good] = np.maximum(seconds[good], least[row])
    if bad.any():
        row = drawn[bad] - handlers
        seconds[bad] = np.exp(flow.fail_mu[row] + flow.fail_sigma[row] * normal[bad])
        statuses[bad] = np.array(STATUSES)[_choice(flow.statuses[:, row], uniform[bad])]
    asking = (drawn >= 3 * handlers) & (drawn < 3 * handlers + calls)
    if asking.any():
        call = drawn[asking] - 3 * handlers
        kind = _choice(failures(flow, call), uniform[asking])
        slots[asking] = 3 * handlers + call * len(KINDS) + kind
        statuses[asking] = np.array([int(name) if name.isdigit() else 0 for name in KINDS])[kind]
    rest = drawn >= 3 * handlers + calls
    slots[rest] += calls * (len(KINDS) - 1)
    return slots, seconds, statuses


def _choice(shares: FloatArray, uniform: FloatArray) -> IntArray:
    """One row of `shares` (k, n) for each column, by its share of the column."""
    total = np.cumsum(shares, axis=0)
    chosen: IntArray = (total < uniform * total[-1]).sum(axis=0).clip(0, len(shares) - 1)
    return chosen


def _upstream(graph: Graph, row: int) -> dict[str, Any]:
    """What a gateway's access line says of where it sent the request."""
    handler = graph.handlers[row]
    if not handler.ingress:
        return {"upstream": "", "backend": "-"}
    container = graph.processes[handler.process].container.id
    backend = next((call.shown for call in graph.calls if call.key == (container, handler.route)), "")
    return {"upstream": f"{handler.ingress[0]}-{handler.ingress[3]}-http", "backend": backend or "-"}

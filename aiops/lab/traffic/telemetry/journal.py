"""What processes log in a step: some of the requests, failed calls as the client reports them, errors of their own,
and what belongs to no request.

How many lines all statements get together is one Poisson draw, then each line finds its statement by its share: the
same as a draw for each, at a fraction of the cost. Failed calls are told by those who see them fail.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.logs.book import NOBODY, LogBook, Rows
from aiops.lab.logs.phrases import Phrases
from aiops.lab.traffic.callgraph.graph import STATUSES, IntArray
from aiops.lab.traffic.solving.moments import normal_cdf
from aiops.lab.traffic.telemetry.attempts import KINDS, failures
from aiops.lab.traffic.telemetry.snapshot import Settled, Snapshot
from aiops.lab.traffic.telemetry.statements import Statements

_MOST_OF_ONE = 5.0
"""Lines that a statement is expected to write in a step at most: loggers thin out what repeats itself."""

_MOST = 4000
_LARGEST_KEY = np.iinfo(np.uint64).max
_STATUSES = np.array(STATUSES)
_KIND_STATUSES = np.array([int(kind) if kind.isdigit() else 0 for kind in KINDS])


class TracedLine(NamedTuple):
    """A line that a sampled request left: `row` is a handler, or a call where `kind` says how it failed."""

    row: int
    kind: str
    time: float
    seconds: float
    status: int
    key: int


class LogWriter:
    """Writes to the book. The number of a slot's statement is looked up in a table, filled as lines come."""

    def __init__(self, phrases: Phrases, book: LogBook) -> None:
        self._phrases = phrases
        self._book = book
        self._statements: Statements | None = None
        self._numbers: IntArray = np.zeros(0, dtype=np.int64)
        self._generation = -1
        self._collections: tuple[tuple[str, ...], FloatArray] = ((), np.zeros(0))

    def write(self, snapshot: Snapshot, traced: Sequence[TracedLine], rng: np.random.Generator) -> None:
        """The lines of a step; `traced` are those of sampled requests. Steps must come in their order."""
        settled, now, dt = snapshot.settled, snapshot.now, snapshot.dt
        known = self._statements
        if known is None or known.graph is not settled.graph:
            known = self._statements = Statements(settled.graph, self._phrases, now)
            self._generation = -1
        expected = _expected(known, snapshot, self._collected(known, snapshot))
        total = np.cumsum(expected)
        count = min(int(rng.poisson(total[-1])), _MOST)
        due = known.due(now)
        self._book.make_room(count + len(due) + len(traced), now)
        latest = max([now, *(item.time for item in traced)])
        rows = self._book.append(count + len(due) + len(traced), now - dt, latest)
        slots = np.empty(len(rows), dtype=np.int64)
        drawn = np.sort(rng.random(count)) * total[-1]
        _fill(known, settled, np.minimum(np.searchsorted(total, drawn, side="right"), len(total) - 1), rows, slots, rng)
        rows["time"][:count] = now - dt * rng.random(count)
        rows["key"][: count + len(due)] = rng.integers(0, _LARGEST_KEY, count + len(due), dtype=np.uint64)
        if due:
            rows["time"][count : count + len(due)] = [moment for moment, _ in due]
            slots[count : count + len(due)] = [slot for _, slot in due]
        if traced:
            _fill_traced(known, traced, rows[count + len(due) :], slots[count + len(due) :])
        rows["statement"] = self._numbered(known, slots)

    def _collected(self, known: Statements, snapshot: Snapshot) -> FloatArray:
        """How often the heaps whose collections are told were collected in this step."""
        if not len(known.collecting):
            return np.zeros(0)
        keys, before = self._collections
        self._collections = (snapshot.heap_ids, snapshot.collected)
        by_process = np.zeros(len(known.graph.processes))
        if keys == snapshot.heap_ids:
            by_process[snapshot.heaps] = np.maximum(snapshot.collected - before, 0.0)
        return by_process[known.collector]

    def _numbered(self, known: Statements, slots: IntArray) -> IntArray:
        """The book's numbers of the statements of slots."""
        if self._generation != self._book.generation:
            self._generation = self._book.generation
            self._numbers = np.full(known.count, -1, dtype=np.int64)
        numbers = self._numbers[slots]
        if len(numbers) and numbers.min() < 0:
            for slot in sorted(set(slots[numbers < 0].tolist())):
                found = known.statement(slot)
                self._numbers[slot] = NOBODY if found is None else self._book.number(*found)
            numbers = self._numbers[slots]
        return numbers


def _expected(known: Statements, snapshot: Snapshot, collected: FloatArray) -> FloatArray:
    """Lines to be expected by statement, calls with all their kinds of failure together."""
    settled, requests = snapshot.settled, snapshot.requests
    handlers, calls = len(known.access), len(known.tells)
    first_call = known.first_call
    first_background = first_call + calls
    expected: FloatArray = np.empty(first_background + len(known.rates))
    failing = requests * settled.fails
    answered = requests - failing
    np.multiply(answered, known.access, out=expected[:handlers])
    slow = known.slow
    if len(slow):
        expected[slow] = answered[slow] * normal_cdf((settled.ok_mu[slow] - known.slow_log) / settled.ok_sigma[slow])
    np.multiply(failing, known.failed, out=expected[handlers : known.first_own])
    accepted = 1.0 - snapshot.conditions.rejected[settled.graph.process]
    expected[known.first_own : known.first_remark] = requests * accepted * settled.error * known.raises
    if known.remarks.count:
        expected[known.first_remark : first_call] = known.remarks.expected(settled, requests, snapshot.attempts)
    np.multiply(snapshot.attempts * (1.0 - settled.call_ok), known.tells, out=expected[first_call:first_background])
    np.multiply(known.rates, snapshot.dt, out=expected[first_background:])
    if len(collected):
        expected[first_background + known.collecting] = collected
    np.minimum(expected, _MOST_OF_ONE, out=expected)
    np.maximum(expected, 0.0, out=expected)
    return expected


def _fill(
    known: Statements, settled: Settled, drawn: IntArray, rows: Rows, slots: IntArray, rng: np.random.Generator
) -> None:
    """Slot, seconds and status of each drawn line; `drawn` are rising places among the expected ones."""
    handlers, count = len(known.access), len(drawn)
    slots[:count] = drawn
    bounds = (handlers, known.first_own, known.first_call, known.first_call + len(known.tells))
    good, bad, own, asked = np.searchsorted(drawn, bounds).tolist()
    normal = rng.standard_normal(bad)
    rows["status"][:good] = 200
    place = drawn[:good]
    seconds = np.exp(settled.ok_mu[place] + settled.ok_sigma[place] * normal[:good])
    if len(known.slow):
        least = np.zeros(handlers)
        least[known.slow] = known.slow_seconds
        np.maximum(seconds, least[place], out=seconds)
    rows["seconds"][:good] = seconds
    if bad > good:
        place = drawn[good:bad] - handlers
        rows["seconds"][good:bad] = np.exp(settled.fail_mu[place] + settled.fail_sigma[place] * normal[good:])
        rows["status"][good:bad] = _STATUSES[_choice(settled.statuses[:, place], rng)]
    if asked > own:
        call = drawn[own:asked] - known.first_call
        kind = _choice(failures(settled, call), rng)
        slots[own:asked] = known.first_call + call * len(KINDS) + kind
        rows["status"][own:asked] = _KIND_STATUSES[kind]
    slots[asked:count] += known.first_background - (known.first_call + len(known.tells))


def _fill_traced(known: Statements, traced: Sequence[TracedLine], rows: Rows, slots: IntArray) -> None:
    places, kinds, times, seconds, statuses, keys = zip(*traced, strict=True)
    rows["time"], rows["seconds"], rows["status"], rows["key"] = times, seconds, statuses, keys
    slots[:] = [
        known.of_failure(place, kind) if kind else known.of_answer(place, status)
        for place, kind, status in zip(places, kinds, statuses, strict=True)
    ]


def _choice(shares: FloatArray, rng: np.random.Generator) -> IntArray:
    """One row of `shares` (k, n) for each column, by its share of the column."""
    total = np.cumsum(shares, axis=0)
    chosen: IntArray = (total < rng.random(shares.shape[1]) * total[-1]).sum(axis=0)
    return np.minimum(chosen, len(shares) - 1)

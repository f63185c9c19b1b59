"""Whose own time and whose own errors the spans of the trouble hold more of than before.

Self time finds what computes slowly, the time between caller and callee finds the network, and an error begins at the
deepest span that erred. A call whose callee used to be recorded and is not, is blamed on that callee: it never
answered.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aiops.analysis.rootcause.from_recordings.recording import IntArray, Spans
from aiops.analysis.traces.calls import NOBODY, called, lost_on_calls, totals, unanswered
from aiops.analysis.traces.columns import MIN_SPANS, Flags, error_begins, is_call, self_times
from aiops.core.telemetry import FloatArray

NOISE = 3.0
"""Standard errors that an operation's mean time may move by chance."""

HALF_SLOW = 0.05
"""Excess time, as a share of the usual, that scores one half; it is more than chance makes already."""

PASSED = 0.2
"""Share of an operation's excess self time that goes to whom it calls, where calls have no spans of their own: time on
the way cannot be told from its own then."""

ERRORS_FELT = 5.0
"""A fifth of the requests failing is as bad as all of them, for where to look."""


@dataclass(frozen=True, slots=True)
class SpanBlame:
    """Shares in 0..1 of each of m entities: (m,). They sum to how much of the trouble the spans tell of, at most 1.

    `slow` is excess self time, `network` excess time on calls from and to the entity, `failing` errors that began
    there.
    """

    slow: FloatArray
    network: FloatArray
    failing: FloatArray

    @property
    def total(self) -> FloatArray:
        return self.slow + self.network + self.failing


def span_blame(spans: Spans, since: float, before: float, workload: IntArray) -> SpanBlame | None:
    """Blame of each entity for what spans show from `since` on, against spans from before `before` (unix seconds).

    `workload` (m,) is the number of each entity's workload. None where one of the two times has no spans.
    """
    old, new = spans.start < before, spans.start >= since
    if not old.any() or not new.any():
        return None
    count = len(workload)
    own = self_times(spans.parent, spans.start, spans.duration)
    operation = np.unique(spans.entity * (int(spans.operation.max()) + 1) + spans.operation, return_inverse=True)[1]
    calls = is_call(spans.entity, spans.parent)
    missed = unanswered(operation, workload[spans.entity], spans.parent, old)
    missed = np.where(_waited(own, operation, calls, old), missed, NOBODY)
    extra = _extra_seconds(own, operation, old, new)
    callee = called(spans.entity, spans.parent)
    alone = new & ~calls & (missed < 0)
    passed = np.where(alone & (callee >= 0), PASSED * extra, 0.0)
    slow = totals(spans.entity[alone], (extra - passed)[alone], count)
    slow += totals(callee[alone & (callee >= 0)], passed[alone & (callee >= 0)], count)
    silent = _silent(spans, missed, extra, old, new, workload)
    network = lost_on_calls(spans.entity, callee, extra, calls & new & (missed < 0), calls & old, count)
    failing = _failing(spans.entity[missed < 0], _begins(spans)[missed < 0], old[missed < 0], new[missed < 0], count)
    usual = float(own[new].sum() - extra.sum())
    requests = max(1, int(np.sum(new & (spans.parent < 0))))
    return _shares(slow + silent[0], network, failing + silent[1], usual, requests)


def _begins(spans: Spans) -> Flags:
    return error_begins(spans.parent, spans.error)


def _silent(
    spans: Spans, missed: IntArray, extra: FloatArray, old: Flags, new: Flags, workload: IntArray
) -> tuple[FloatArray, FloatArray]:
    """(seconds, errors) of calls that nobody answered, for each entity (m,): those of a workload go to its pods by how
    many answers they give less."""
    count = len(workload)
    usual = np.bincount(spans.entity[old], minlength=count) / max(float(np.ptp(spans.start[old])), 1.0)
    now = np.bincount(spans.entity[new], minlength=count) / max(float(np.ptp(spans.start[new])), 1.0)
    less = np.maximum(usual - now, 0.0) + 1e-9 * (1 + usual)
    share = less / totals(workload, less, count)[workload]
    waiting = new & (missed >= 0)
    seconds = totals(missed[waiting], extra[waiting], count)
    errors = _failing(missed[missed >= 0], _begins(spans)[missed >= 0], old[missed >= 0], new[missed >= 0], count)
    return seconds[workload] * share, errors[workload] * share


def _waited(own: FloatArray, operation: IntArray, calls: Flags, old: Flags) -> Flags:
    """Which spans (n,) waited for whom they call: those of the calling side, and those that took longer than usual.

    A span that ended early failed by itself, and made no more calls.
    """
    size = int(operation.max()) + 1
    spans = np.maximum(np.bincount(operation[old], minlength=size), 1)
    calling = np.bincount(operation[old & calls], minlength=size) / spans
    usual = totals(operation[old], own[old], size) / spans
    return np.asarray((calling[operation] > 0.5) | (own > 2 * usual[operation]))


def _shares(slow: FloatArray, network: FloatArray, failing: FloatArray, usual: float, requests: int) -> SpanBlame:
    """Seconds and errors to shares: time counts by how much of all time is excess, errors by how many requests fail."""
    lost, errors = float(slow.sum() + network.sum()), float(failing.sum())
    slowness = lost / (lost + max(HALF_SLOW * usual, 1e-12)) if lost > 0 else 0.0
    badness = min(1.0, ERRORS_FELT * errors / requests)
    scale = max(1.0, slowness + badness)
    by_time = slowness / scale / max(lost, 1e-12)
    return SpanBlame(slow * by_time, network * by_time, failing * (badness / scale / max(errors, 1e-12)))


def _extra_seconds(own: FloatArray, operation: IntArray, old: Flags, new: Flags) -> FloatArray:
    """Seconds (n,) by which new spans' self times exceed their operation's mean of before: the excess of an operation,
    by how much each span is over that mean; 0 for operations that are no slower than chance makes them."""
    size = int(operation.max()) + 1
    n_old, n_new = (np.bincount(operation[rows], minlength=size).astype(float) for rows in (old, new))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_old = totals(operation[old], own[old], size) / n_old
        mean_new = totals(operation[new], own[new], size) / n_new
        spread = np.sqrt(np.maximum(totals(operation[old], own[old] ** 2, size) / n_old - mean_old**2, 0.0))
        noise = NOISE * spread * np.sqrt(1 / n_old + 1 / n_new)
        extra = np.where((n_old >= MIN_SPANS) & (mean_new - mean_old > noise), mean_new - mean_old, 0.0)
        over = np.where(new, np.maximum(own - mean_old[operation], 0.0), 0.0)
        part = np.nan_to_num(extra * n_new / totals(operation, np.nan_to_num(over), size))
    return np.asarray(np.nan_to_num(over) * part[operation], dtype=float)


def _failing(entity: IntArray, begins: Flags, old: Flags, new: Flags, count: int) -> FloatArray:
    """Errors that began in the new spans of each of `count` entities, beyond what as many spans held before."""
    spans = np.bincount(entity[old], minlength=count)
    before = np.bincount(entity[old & begins], minlength=count) / np.maximum(spans, 1)
    now = np.bincount(entity[new & begins], minlength=count)
    return np.asarray(np.maximum(now - before * np.bincount(entity[new], minlength=count), 0.0))

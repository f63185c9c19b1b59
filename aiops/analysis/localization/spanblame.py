"""Whose own time and whose own errors the spans of the trouble hold more of than before.

Self time finds what computes slowly, the time between caller and callee finds the network, and an error begins at the
deepest span that erred. A call whose callee used to be recorded and is not, is blamed on that callee: it never
answered.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aiops.analysis.localization.recording import IntArray, Spans
from aiops.analysis.traces.calls import NOBODY, called, lost_on_calls, totals, unanswered
from aiops.analysis.traces.columns import MIN_SPANS, Flags, error_begins, is_call, self_times
from aiops.core.telemetry import FloatArray

NOISE = 3.0
"""Standard errors that an operation's mean time may move by chance."""

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


def span_blame(spans: Spans, since: float, before: float, count: int) -> SpanBlame | None:
    """Blame of `count` entities for what spans show from `since` on, against spans from before `before` (unix seconds).

    None where one of the two times has no spans.
    """
    old, new = spans.start < before, spans.start >= since
    if not old.any() or not new.any():
        return None
    own = self_times(spans.parent, spans.start, spans.duration)
    operation = np.unique(spans.entity * (int(spans.operation.max()) + 1) + spans.operation, return_inverse=True)[1]
    calls = is_call(spans.entity, spans.parent)
    callee = called(spans.entity, spans.parent)
    missed = unanswered(operation, spans.entity, spans.parent, old)
    missed = np.where(_waited(own, operation, calls, old), missed, NOBODY)
    extra = _extra_seconds(own, operation, old, new)
    blamed = np.where(missed >= 0, missed, spans.entity)
    on_the_way = calls & (missed < 0)
    slow = totals(blamed[new & ~on_the_way], extra[new & ~on_the_way], count)
    network = lost_on_calls(spans.entity, callee, extra, on_the_way & new, calls & old, count)
    failing = _failing(spans, blamed, old, new, count)
    usual = float(own[new].sum() - extra.sum())
    return _shares(slow, network, failing, usual, requests=max(1, int(np.sum(new & (spans.parent < 0)))))


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
    slowness = lost / (lost + max(usual, 1e-12)) if lost > 0 else 0.0
    badness = min(1.0, ERRORS_FELT * errors / requests)
    scale = max(1.0, slowness + badness)
    by_time = slowness / scale / max(lost, 1e-12)
    return SpanBlame(slow * by_time, network * by_time, failing * (badness / scale / max(errors, 1e-12)))


def _extra_seconds(own: FloatArray, operation: IntArray, old: Flags, new: Flags) -> FloatArray:
    """Seconds (n,) by which each new span's self time exceeds its operation's mean of before, spread evenly over the
    spans of an operation; 0 for operations that are no slower than chance makes them."""
    size = int(operation.max()) + 1
    n_old, n_new = (np.bincount(operation[rows], minlength=size).astype(float) for rows in (old, new))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_old = totals(operation[old], own[old], size) / n_old
        mean_new = totals(operation[new], own[new], size) / n_new
        spread = np.sqrt(np.maximum(totals(operation[old], own[old] ** 2, size) / n_old - mean_old**2, 0.0))
        noise = NOISE * spread * np.sqrt(1 / n_old + 1 / n_new)
        extra = np.where((n_old >= MIN_SPANS) & (mean_new - mean_old > noise), mean_new - mean_old, 0.0)
    return np.where(new, np.nan_to_num(extra)[operation], 0.0)


def _failing(spans: Spans, blamed: IntArray, old: Flags, new: Flags, count: int) -> FloatArray:
    """Errors that began at each entity, beyond what as many spans held before."""
    begins = error_begins(spans.parent, spans.error)
    before = np.bincount(blamed[old & begins], minlength=count) / np.maximum(
        np.bincount(blamed[old], minlength=count), 1
    )
    now = np.bincount(blamed[new & begins], minlength=count)
    return np.asarray(np.maximum(now - before * np.bincount(blamed[new], minlength=count), 0.0))

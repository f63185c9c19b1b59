"""What instrumented processes have counted since they started: requests by status or outcome, and their durations."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.flow import Flow
from aiops.lab.traffic.graph import OUTCOMES, STATUSES, UNANSWERED, Graph, IntArray
from aiops.lab.traffic.moments import lognormal, shares_below

BOUNDS = np.array([0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0])
"""Upper bounds of the duration histograms in seconds: OpenTelemetry's advice for HTTP durations."""

_LOG_BOUNDS = np.log(BOUNDS)
_OUTCOME = {reason: OUTCOMES.index("timeout" if reason == "dropped" else reason) for reason in UNANSWERED}
_AT_ONCE = 0.002
_VARIATION = 0.3


class Tallies:
    """Arrays (rows, outcomes, bounds + 2): requests within each bound, all of them, and the sum of their seconds.

    A row is a handler or a call; it lives as long as its process."""

    def __init__(self, outcomes: int) -> None:
        self._keys: dict[Hashable, int] = {}
        self.values: FloatArray = np.zeros((0, outcomes, len(BOUNDS) + 2))

    def adopt(self, keys: Sequence[Hashable]) -> None:
        """Take over a new set of rows; those known already keep what they have counted."""
        taken = np.array([self._keys.get(key, -1) for key in keys], dtype=np.int64)
        empty = np.zeros((1, *self.values.shape[1:]))
        self.values = np.concatenate([self.values, empty])[taken]
        self._keys = {key: row for row, key in enumerate(keys)}


def count_answers(tallies: Tallies, flow: Flow) -> None:
    """Add the untold answers of every handler: outcome 0 is success, then one for each status."""
    ok = flow.untold.requests * (1.0 - flow.fails)
    _add(tallies.values[:, 0], ok, shares_below(_LOG_BOUNDS, flow.ok_mu, flow.ok_sigma), flow.ok_mean)
    failing = flow.untold.requests * flow.fails
    below = shares_below(_LOG_BOUNDS, flow.fail_mu, flow.fail_sigma)
    for number in range(len(STATUSES)):
        count = failing * flow.statuses[number]
        rows = np.flatnonzero(count)
        if len(rows):
            _add_rows(tallies.values[:, 1 + number], rows, count[rows], below[rows], flow.fail_mean[rows])


def count_attempts(tallies: Tallies, flow: Flow) -> None:
    """Add the untold attempts of every call, by what its caller saw."""
    graph, attempts = flow.graph, flow.untold.attempts
    link, mean = graph.call_link, flow.link_ok_mean
    mu, sigma = lognormal(mean, np.maximum(flow.link_ok_m2 - mean * mean, 0.0))
    _add(tallies.values[:, 0], attempts * flow.call_ok, shares_below(_LOG_BOUNDS, mu, sigma)[link], mean[link])
    sent = attempts * flow.sent_share
    for number in range(len(STATUSES)):
        count = sent * flow.link_statuses[number, link]
        rows = np.flatnonzero(count)
        if len(rows):
            mean = flow.link_error_mean[link[rows]]
            mu, sigma = lognormal(mean, (_VARIATION * mean) ** 2)
            _add_rows(tallies.values[:, 1 + number], rows, count[rows], shares_below(_LOG_BOUNDS, mu, sigma), mean)
    for number, reason in enumerate(UNANSWERED):
        rows = np.flatnonzero(flow.call_unanswered[number])
        if len(rows):
            late = _seconds(graph, reason, rows) * 1.003  # a timer fires a little after its time
            below = (late[:, None] <= BOUNDS[None, :]).astype(np.float64)
            count = attempts[rows] * flow.call_unanswered[number, rows]
            _add_rows(tallies.values[:, _OUTCOME[reason]], rows, count, below, late)


def _seconds(graph: Graph, reason: str, rows: IntArray) -> FloatArray:
    """How long a caller waits until it knows that there is no answer."""
    if reason == "timeout":
        return graph.timeout[rows]
    if reason == "dropped":
        return graph.connect_timeout[rows]
    if reason == "unresolved":
        return graph.name_seconds[rows]
    return np.full(len(rows), _AT_ONCE)


def _add(values: FloatArray, count: FloatArray, below: FloatArray, mean: FloatArray) -> None:
    values[:, :-2] += count[:, None] * below
    values[:, -2] += count
    values[:, -1] += count * mean


def _add_rows(values: FloatArray, rows: IntArray, count: FloatArray, below: FloatArray, mean: FloatArray) -> None:
    values[rows, :-2] += count[:, None] * below
    values[rows, -2] += count
    values[rows, -1] += count * mean

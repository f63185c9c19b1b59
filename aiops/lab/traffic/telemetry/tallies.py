"""What instrumented processes have counted since they started: requests by status or outcome, and their durations."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.callgraph.graph import OUTCOMES, UNANSWERED, Graph, IntArray
from aiops.lab.traffic.solving.flow import Flow
from aiops.lab.traffic.solving.moments import lognormal, shares_below

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
    failing = flow.untold.requests * flow.fails
    good, bad = _shapes((flow.ok_mu, flow.fail_mu), (flow.ok_sigma, flow.fail_sigma), (flow.ok_mean, flow.fail_mean))
    _add(tallies.values, 0, flow.untold.requests * (1.0 - flow.fails), good)
    for number in np.flatnonzero(flow.statuses.any(axis=1)).tolist():
        _add(tallies.values, 1 + number, failing * flow.statuses[number], bad)


def count_attempts(tallies: Tallies, flow: Flow) -> None:
    """Add the untold attempts of every call, by what its caller saw."""
    graph, attempts = flow.graph, flow.untold.attempts
    link, mean, bad_mean = graph.call_link, flow.link_ok_mean, flow.link_error_mean
    mu, sigma = lognormal(
        np.concatenate([mean, bad_mean]),
        np.concatenate([np.maximum(flow.link_ok_m2 - mean * mean, 0.0), (_VARIATION * bad_mean) ** 2]),
    )
    links = len(mean)
    good, bad = _shapes((mu[:links], mu[links:]), (sigma[:links], sigma[links:]), (mean, bad_mean))
    _add(tallies.values, 0, attempts * flow.call_ok, good.take(link, axis=0))
    sent, bad = attempts * flow.sent_share, bad.take(link, axis=0)
    for number in np.flatnonzero(flow.link_statuses.any(axis=1)).tolist():
        _add(tallies.values, 1 + number, sent * flow.link_statuses[number].take(link), bad)
    for number in np.flatnonzero(flow.call_unanswered.any(axis=1)).tolist():
        reason = UNANSWERED[number]
        rows = np.flatnonzero(flow.call_unanswered[number])
        late = _seconds(graph, reason, rows) * 1.003  # a timer fires a little after its time
        shape = np.empty((len(rows), len(BOUNDS) + 2))
        np.less_equal(late[:, None], BOUNDS, out=shape[:, :-2])
        shape[:, -2], shape[:, -1] = 1.0, late
        count = attempts[rows] * flow.call_unanswered[number, rows]
        tallies.values[rows, _OUTCOME[reason]] += count[:, None] * shape


def _seconds(graph: Graph, reason: str, rows: IntArray) -> FloatArray:
    """How long a caller waits until it knows that there is no answer."""
    if reason == "timeout":
        return graph.timeout[rows]
    if reason == "dropped":
        return graph.connect_timeout[rows]
    if reason == "unresolved":
        return graph.name_seconds[rows]
    return np.full(len(rows), _AT_ONCE)


def _shapes(
    mu: Sequence[FloatArray], sigma: Sequence[FloatArray], mean: Sequence[FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """What one request of two kinds of lognormal times adds to a row on average, each (n, bounds + 2)."""
    count = len(mu[0])
    shape = np.empty((2 * count, len(BOUNDS) + 2))
    shape[:, :-2] = shares_below(_LOG_BOUNDS, np.concatenate(mu), np.concatenate(sigma))
    shape[:, -2] = 1.0
    shape[:count, -1], shape[count:, -1] = mean
    return shape[:count], shape[count:]


def _add(values: FloatArray, outcome: int, count: FloatArray, shape: FloatArray) -> None:
    values[:, outcome] += count[:, None] * shape

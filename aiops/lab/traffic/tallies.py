"""What instrumented processes have counted since they started: requests by status or outcome, and their durations."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.flow import Flow
from aiops.lab.traffic.graph import OUTCOMES, STATUSES
from aiops.lab.traffic.moments import lognormal, shares_below

BOUNDS = np.array([0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0])
"""Upper bounds of the duration histograms in seconds: OpenTelemetry's advice for HTTP durations."""

_LOG_BOUNDS = np.log(BOUNDS)
_TIMEOUT, _REFUSED, _UNRESOLVED, _DENIED = (OUTCOMES.index(o) for o in ("timeout", "refused", "unresolved", "denied"))
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
    """Add a step's answers of every handler: outcome 0 is success, then one for each status."""
    ok = flow.requests * (1.0 - flow.fails)
    _add(tallies.values[:, 0], ok, shares_below(_LOG_BOUNDS, flow.ok_mu, flow.ok_sigma), flow.ok_mean)
    failing = flow.requests * flow.fails
    below = shares_below(_LOG_BOUNDS, flow.fail_mu, flow.fail_sigma)
    for number in range(len(STATUSES)):
        count = failing * flow.statuses[number]
        rows = np.flatnonzero(count)
        _add_rows(tallies.values[:, 1 + number], rows, count, below, flow.fail_mean)


def count_attempts(tallies: Tallies, flow: Flow) -> None:
    """Add a step's attempts of every call, by what its caller saw."""
    graph, attempts = flow.graph, flow.attempts
    mean = flow.call_ok_mean
    mu, sigma = lognormal(mean, np.maximum(flow.call_ok_m2 - mean * mean, 0.0))
    _add(tallies.values[:, 0], attempts * flow.call_ok, shares_below(_LOG_BOUNDS, mu, sigma), mean)
    mean = flow.call_error_mean
    mu, sigma = lognormal(mean, (_VARIATION * mean) ** 2)
    below = shares_below(_LOG_BOUNDS, mu, sigma)
    for number in range(len(STATUSES)):
        count = attempts * flow.call_statuses[number]
        _add_rows(tallies.values[:, 1 + number], np.flatnonzero(count), count, below, mean)
    at_once = np.full(len(attempts), 0.002)
    for outcome, share, seconds in (
        (_TIMEOUT, flow.call_timeout, graph.timeout),
        (_TIMEOUT, graph.dropped, graph.connect_timeout),
        (_REFUSED, graph.refused, at_once),
        (_UNRESOLVED, graph.unresolved, graph.name_seconds),
        (_DENIED, graph.denied, at_once),
    ):
        count = attempts * share
        late = seconds * 1.003  # a timer fires a little after its time
        below = (late[:, None] <= BOUNDS[None, :]).astype(np.float64)
        _add_rows(tallies.values[:, outcome], np.flatnonzero(count), count, below, late)


def _add(values: FloatArray, count: FloatArray, below: FloatArray, mean: FloatArray) -> None:
    values[:, :-2] += count[:, None] * below
    values[:, -2] += count
    values[:, -1] += count * mean


def _add_rows(values: FloatArray, rows: object, count: FloatArray, below: FloatArray, mean: FloatArray) -> None:
    index = np.asarray(rows)
    if not len(index):
        return
    values[index, :-2] += count[index, None] * below[index]
    values[index, -2] += count[index]
    values[index, -1] += count[index] * mean[index]

"""The arrays in which a step of the traffic is settled, over handlers (h,), links (l,), calls (c,) and stages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.callgraph.carrying import row
from aiops.lab.traffic.callgraph.graph import STATUSES, UNANSWERED, Graph, IntArray

REFUSED_SECONDS, DENIED_SECONDS, REJECTED_SECONDS = 0.001, 0.004, 0.001
"""How long it takes to hear a no."""

FAIL_SIGMA = float(np.sqrt(np.log1p(0.3**2)))
"""Of the lognormal times of failures, whose standard deviation is 0.3 of their mean."""

TINY = 1e-12


@dataclass(slots=True)
class Conditions:
    """What requests meet at processes in this step.

    Each (processes,): share of requests rejected at once, seconds that a request waits for its turn, by how much its
    own work is slower than unhindered, by how many times more than on average rare errors happen. Each (handlers,):
    seconds of delay for other reasons (locks, disks), the share that fails for them, and with which status (an index
    into `STATUSES`)."""

    rejected: FloatArray
    waiting: FloatArray
    slowdown: FloatArray
    errors: FloatArray
    delay: FloatArray | float = 0.0
    broken: FloatArray | float = 0.0
    broken_status: IntArray | None = None


@dataclass(slots=True)
class Limits:
    """What calls meet on the side of their caller, each (calls,): share of the attempts that get no connection of their
    pool, share that an open breaker stops, seconds spent waiting for a connection by those that get one and by those
    that don't, share of the wished retries that the budget allows."""

    unpooled: FloatArray
    stopped: FloatArray
    waiting: FloatArray
    gave_up_seconds: FloatArray
    allowed: FloatArray


@dataclass(slots=True)
class Span:
    """The `requests` (handlers,) and `attempts` (calls,) of the `seconds` for which one solution held."""

    requests: FloatArray
    attempts: FloatArray
    seconds: float = 0.0

    def add(self, requests: FloatArray, attempts: FloatArray, seconds: float) -> None:
        self.requests += requests
        self.attempts += attempts
        self.seconds += seconds

    def clear(self) -> None:
        self.requests[:] = 0.0
        self.attempts[:] = 0.0
        self.seconds = 0.0


class Solution:
    """`ok_*` and `fail_*` are the lognormal times of good and bad answers; `statuses` are shares of the failures.

    A handler's rows are `handler_rows`, a link's (what one attempt meets) `link_rows`, a call's (what it meets with its
    retries: success, mean and second moment of the time to success, mean time to failure) `done`; `error` is the share
    of a handler's requests that fails for reasons of its own program, `wrong` the share of its good answers that is
    wrong.

    Rows are properties and no attributes, because a copy of the world would part an attribute from its array.
    `requests` and `attempts` are those of the last step; `span` are those since the parts of processes were told,
    `untold` those that are in no tally yet."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        handlers, calls, links = len(graph.handlers), len(graph.calls), len(graph.link_timeout)
        self.handler_rows: FloatArray = np.zeros((6, handlers))
        self.ok_mu[:], self.ok_sigma[:] = np.log(0.001), 0.5
        self.ok_mean[:], self.ok_m2[:], self.fail_mean[:] = 0.001, 1.3e-6, 0.001
        self.fail_mu: FloatArray = np.full(handlers, np.log(0.001))
        self.fail_sigma: FloatArray = np.full(handlers, FAIL_SIGMA)
        self.statuses: FloatArray = np.zeros((len(STATUSES), handlers))
        self.works: FloatArray = np.ones(handlers)
        self.error: FloatArray = graph.error
        self.wrong: FloatArray = graph.wrong
        self.accepted_seconds: FloatArray = np.zeros(handlers)
        self.requests: FloatArray = np.zeros(handlers)

        self.link_rows: FloatArray = np.zeros((4, links))
        self.link_error: FloatArray = np.zeros(links)
        self.link_error_mean: FloatArray = np.full(links, 0.001)
        self.link_late: FloatArray = np.zeros(links)
        self.link_statuses: FloatArray = np.zeros((len(STATUSES), links))

        self.call_ok: FloatArray = np.ones(calls)
        self.call_unanswered: FloatArray = np.zeros((len(UNANSWERED), calls))
        self.done: FloatArray = np.zeros((4, calls))
        self.done[0] = 1.0
        self.tries: FloatArray = np.ones(calls)
        self.sent_share: FloatArray = np.ones(calls)
        self.probability: FloatArray = graph.probability
        self.attempts: FloatArray = np.zeros(calls)
        self.span = Span(np.zeros(handlers), np.zeros(calls))
        self.untold = Span(np.zeros(handlers), np.zeros(calls))
        self.stage_rows: FloatArray = np.zeros((4, graph.stages + 1))
        self.stage_rows[0, -1] = 1.0
        self.reach: FloatArray = np.ones(graph.stages + 1)
        self.weights: FloatArray = graph.edge_weight

    @property
    def ok_mu(self) -> FloatArray:
        return row(self.handler_rows, 0)

    @property
    def ok_sigma(self) -> FloatArray:
        return row(self.handler_rows, 1)

    @property
    def ok_mean(self) -> FloatArray:
        return row(self.handler_rows, 2)

    @property
    def ok_m2(self) -> FloatArray:
        return row(self.handler_rows, 3)

    @property
    def fails(self) -> FloatArray:
        return row(self.handler_rows, 4)

    @property
    def fail_mean(self) -> FloatArray:
        return row(self.handler_rows, 5)

    @property
    def link_ok(self) -> FloatArray:
        return row(self.link_rows, 0)

    @property
    def link_ok_mean(self) -> FloatArray:
        return row(self.link_rows, 1)

    @property
    def link_ok_m2(self) -> FloatArray:
        return row(self.link_rows, 2)

    @property
    def link_lost(self) -> FloatArray:
        return row(self.link_rows, 3)

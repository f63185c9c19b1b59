"""What each handler answers: failure probability, latency and statuses, from its own work and its calls."""

from __future__ import annotations

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.callgraph.graph import STATUSES, UNANSWERED, Graph, Level
from aiops.lab.traffic.solving.moments import lognormal
from aiops.lab.traffic.solving.solution import FAIL_SIGMA, REJECTED_SECONDS, TINY, Conditions, Solution

_OWN_VARIATION = 0.6
"""Standard deviation of a handler's own time as a share of its mean."""

_RARE = 2e-4
"""Up to here a share of errors is an accident of the program, and comes in clumps."""

_S502, _S503, _S504 = (STATUSES.index(status) for status in (502, 503, 504))
_GATEWAY_SAYS = {
    "timeout": _S504,
    "refused": _S502,
    "dropped": _S504,
    "unresolved": _S503,
    "denied": _S502,
    "reset": _S502,
    "pool_timeout": _S503,
    "circuit_open": _S503,
}


class Answers:
    """Settles the handlers of a graph under the conditions of one step."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._rows = np.arange(len(graph.handlers))
        self._optional: FloatArray = 1.0 - graph.required
        self._passing = np.flatnonzero(graph.passes_status[graph.call_handler])
        self._rare = graph.error <= _RARE
        self._own: FloatArray = np.zeros((4, len(graph.handlers)))

    def begin(self, s: Solution, conditions: Conditions) -> None:
        """What is known of handlers before their calls are: own time, its variance, who is let in, who breaks."""
        g = self._graph
        waiting = conditions.waiting.take(g.process) + conditions.delay
        work = g.cpu * conditions.slowdown.take(g.process) + g.wait
        accept = 1.0 - conditions.rejected.take(g.process)
        s.error = np.where(self._rare, g.error * conditions.errors.take(g.process), g.error)
        breaks = s.error + conditions.broken * (1.0 - s.error)
        self._own[0] = work + waiting
        self._own[1] = (_OWN_VARIATION * work) ** 2 + waiting * waiting
        self._own[2] = accept
        self._own[3] = breaks
        s.works = accept * (1.0 - breaks)

    def settle(self, s: Solution, level: Level) -> None:
        """The answers of one level's handlers, by what their calls meet."""
        h = level.handlers
        own, variance, accept, breaks = self._own[:, h]
        works = s.works[h]
        reached, seconds, deps_variance, failed_seconds = self._stages(s, level)
        ok = works * reached
        fails = 1.0 - ok
        lost = (accept * breaks + works - ok) * own + works * failed_seconds
        mean = own + seconds
        variance = variance + deps_variance
        s.fails[h] = fails
        s.ok_mean[h] = mean
        s.ok_m2[h] = mean * mean + variance
        s.ok_mu[h], s.ok_sigma[h] = lognormal(mean, variance)
        s.accepted_seconds[h] = (ok * mean + lost) / np.maximum(accept, TINY)
        rejected = (1.0 - accept) * REJECTED_SECONDS
        s.fail_mean[h] = np.maximum((lost + rejected) / np.maximum(fails, TINY), 1e-6)

    def statuses(self, s: Solution, conditions: Conditions) -> None:
        """Which failures those of all handlers are, but for gateways."""
        g = self._graph
        breaks = self._own[2] * self._own[3]
        mix = np.zeros((len(STATUSES), len(self._rows)))
        mix[_S503] = np.maximum(s.fails - breaks, 0.0)
        if conditions.broken_status is None:
            mix[g.error_status, self._rows] += breaks
        else:
            own = self._own[2] * s.error
            mix[g.error_status, self._rows] += own
            mix[conditions.broken_status, self._rows] += np.maximum(breaks - own, 0.0)
        s.statuses = _shares(mix, np.zeros_like(mix))
        s.fail_mu = np.log(s.fail_mean) - 0.5 * FAIL_SIGMA**2

    def pass_on(self, s: Solution) -> None:
        """A gateway answers with its upstream's status, or with 502, 503, 504 where it got none."""
        calls = self._passing
        if not len(calls):
            return
        seen = s.link_statuses.take(self._graph.call_link[calls], axis=1) * s.sent_share[calls]
        for reason, status in _GATEWAY_SAYS.items():
            seen[status] += s.call_unanswered[UNANSWERED.index(reason), calls]
        own = self._graph.call_handler[calls]
        rejected, breaks = 1.0 - self._own[2, own], self._own[2, own] * self._own[3, own]
        share = np.maximum(1.0 - rejected - breaks, 0.0) * (1.0 - s.done[0, calls])
        seen *= share / np.maximum(seen.sum(axis=0), TINY)
        seen[_S503] += rejected
        seen[self._graph.error_status[own], np.arange(len(own))] += breaks
        s.statuses[:, own] = _shares(seen, s.statuses[:, own])

    def _stages(self, s: Solution, level: Level) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """For each handler: success of all stages, mean and variance of their time, seconds of failures (weighted)."""
        g, c, rows = self._graph, level.calls, s.stage_rows
        if len(level.call_starts):
            self._stage_rows(s, level)
        table = g.stage_table[:, level.handlers]
        works, mean, variance, fail_mean = rows.take(table, axis=1)
        before = np.empty_like(works)
        reached, lost = np.ones(works.shape[1]), np.zeros(works.shape[1])
        elapsed, spread = mean[0], variance[0]
        for stage in range(len(works)):
            if stage:
                elapsed, spread = elapsed + mean[stage], spread + variance[stage]
            before[stage] = reached
            reached = reached * works[stage]
            lost = lost + (before[stage] - reached) * (elapsed - mean[stage] + fail_mean[stage])
        if c.stop > c.start:
            s.reach[table] = before
        return reached, elapsed, spread, lost

    def _stage_rows(self, s: Solution, level: Level) -> None:
        """For each stage of a level: success, mean and variance of its time, mean time to its failure."""
        g, c, starts, rows = self._graph, level.calls, level.call_starts, s.stage_rows
        success, ok_mean, ok_m2, fail_mean = s.done[:, c]
        missing = 1.0 - success
        probability = s.probability[c]
        mean = ok_mean + self._optional[c] * missing * (fail_mean - ok_mean)
        missed = probability * missing * g.required[c]
        misses = np.add.reduceat(missed, starts)
        slowest = np.maximum.reduceat(probability * mean, starts)
        m2 = np.maximum.reduceat(probability * np.maximum(ok_m2, mean * mean), starts)
        rows[0, level.stages] = np.multiply.reduceat(1.0 - missed, starts)
        rows[1, level.stages] = slowest
        rows[2, level.stages] = np.maximum(m2 - slowest * slowest, 0.0)
        rows[3, level.stages] = np.add.reduceat(missed * fail_mean, starts) / np.maximum(misses, TINY)


def _shares(parts: FloatArray, otherwise: FloatArray) -> FloatArray:
    """Each column as shares of its sum; the column of `otherwise` where there is nothing to share."""
    total = parts.sum(axis=0)
    shares: FloatArray = np.where(total > TINY, parts / np.maximum(total, TINY), otherwise)
    return shares

"""One step of the traffic: what each request would meet (from the leaves up), then how many there are (from the top).

The failure probabilities and latencies of a step are settled before its requests are counted, so that what callers
and callees count agrees exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.graph import STATUSES, Graph, Level
from aiops.lab.traffic.moments import lognormal, normal_cdf

_REFUSED_SECONDS = 0.001
_DENIED_SECONDS = 0.004
_REJECTED_SECONDS = 0.001
_OWN_VARIATION = 0.6
"""Standard deviation of a handler's own time as a share of its mean."""
_FAILURE_VARIATION = 0.3
_IMBALANCE = 0.06
_MAX_RETRIES = 3
_TINY = 1e-12

_S500, _S502, _S503, _S504 = (STATUSES.index(status) for status in (500, 502, 503, 504))


@dataclass(slots=True)
class Conditions:
    """What processes are like in this step, each (processes,): share of requests rejected at once, seconds that a
    request waits for its turn, and by how much its own work is slower than unhindered."""

    rejected: FloatArray
    waiting: FloatArray
    slowdown: FloatArray


class Flow:
    """The solution of one step. Arrays over handlers (h,), calls (c,); `statuses` are shares of the failures."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        handlers, calls = len(graph.handlers), len(graph.calls)
        self.fails: FloatArray = np.zeros(handlers)
        self.ok_mean: FloatArray = np.full(handlers, 0.001)
        self.ok_mu: FloatArray = np.full(handlers, np.log(0.001))
        self.ok_sigma: FloatArray = np.full(handlers, 0.5)
        self.fail_mean: FloatArray = np.full(handlers, 0.001)
        self.fail_mu: FloatArray = np.full(handlers, np.log(0.001))
        self.fail_sigma: FloatArray = np.full(handlers, 0.3)
        self.statuses: FloatArray = np.zeros((len(STATUSES), handlers))
        self.works: FloatArray = np.ones(handlers)
        self.accepted_seconds: FloatArray = np.zeros(handlers)
        self.requests: FloatArray = np.zeros(handlers)

        self.call_ok: FloatArray = np.ones(calls)
        self.call_ok_mean: FloatArray = np.full(calls, 0.001)
        self.call_ok_m2: FloatArray = np.full(calls, 1e-6)
        self.call_error: FloatArray = np.zeros(calls)
        self.call_error_mean: FloatArray = np.full(calls, 0.001)
        self.call_statuses: FloatArray = np.zeros((len(STATUSES), calls))
        self.call_timeout: FloatArray = np.zeros(calls)
        self.tries: FloatArray = np.ones(calls)
        self.attempts: FloatArray = np.zeros(calls)
        self._done = np.zeros((4, calls))
        self._reach: FloatArray = np.ones(graph.stages)
        self._log_timeout: FloatArray = np.log(graph.timeout)
        self._weights = graph.edge_weight
        self._edge_starts = np.flatnonzero(np.diff(graph.edge_call, prepend=-1))

    def solve(self, arrivals: list[FloatArray], conditions: Conditions, rng: np.random.Generator) -> None:
        """Settle one step; `arrivals[i]` are the requests of user operation i at each of its gateway handlers."""
        self._balance(rng)
        for level in self.graph.levels:
            if len(level.edge_starts):
                self._attempt(level)
                self._retry(level.calls)
            self._answer(level, conditions)
        self._count(arrivals)

    def _balance(self, rng: np.random.Generator) -> None:
        """Connections are spread at random, so no two endpoints get quite the same; each call's sum stays."""
        base = self.graph.edge_weight
        if not len(base):
            return
        drawn = base * np.maximum(1.0 + _IMBALANCE * rng.standard_normal(len(base)), 0.1)
        scale = np.add.reduceat(base, self._edge_starts) / np.maximum(np.add.reduceat(drawn, self._edge_starts), _TINY)
        self._weights = drawn * scale[self.graph.edge_call]

    def _attempt(self, level: Level) -> None:
        """What one attempt of each call meets: answer, error or timeout, and how long that takes."""
        g, e, c = self.graph, level.edges, level.calls
        target, call = g.edge_target[e], g.edge_call[e]
        limit = self._log_timeout[call]
        z = (limit - self.ok_mu[target]) / self.ok_sigma[target]
        sigma, mean = self.ok_sigma[target], self.ok_mean[target]
        fails = self.fails[target]
        works = 1.0 - fails
        z_fail = (limit - self.fail_mu[target]) / self.fail_sigma[target]
        rows = np.empty((5 + len(STATUSES), len(target)))
        rows[0] = works * normal_cdf(z)
        rows[1] = works * mean * normal_cdf(z - sigma)
        rows[2] = works * mean * mean * np.exp(sigma * sigma) * normal_cdf(z - 2 * sigma)
        rows[3] = fails * normal_cdf(z_fail)
        rows[4] = fails * self.fail_mean[target] * normal_cdf(z_fail - self.fail_sigma[target])
        rows[5:] = rows[3] * self.statuses[:, target]
        rows *= self._weights[e]
        total = np.add.reduceat(rows, level.edge_starts, axis=1)
        ok, error = total[0], total[3]
        self.call_ok[c] = ok
        self.call_ok_mean[c] = total[1] / np.maximum(ok, _TINY)
        self.call_ok_m2[c] = total[2] / np.maximum(ok, _TINY)
        self.call_error[c] = error
        self.call_error_mean[c] = total[4] / np.maximum(error, _TINY)
        self.call_statuses[:, c] = total[5:]
        unconnected = g.refused[c] + g.dropped[c] + g.unresolved[c] + g.denied[c]
        self.call_timeout[c] = np.maximum(1.0 - unconnected - ok - error, 0.0)

    def _retry(self, c: slice) -> None:
        """What a call meets with its retries: success, and mean and second moment of the time to either end."""
        g = self.graph
        ok = np.minimum(self.call_ok[c], 1.0)
        failing = 1.0 - ok
        connecting = g.refused[c] + g.dropped[c]
        failed_seconds = (
            self.call_error[c] * self.call_error_mean[c]
            + self.call_timeout[c] * g.timeout[c]
            + g.refused[c] * _REFUSED_SECONDS
            + g.dropped[c] * g.connect_timeout[c]
            + g.unresolved[c] * g.name_seconds[c]
            + g.denied[c] * _DENIED_SECONDS
        ) / np.maximum(failing, _TINY)
        again = np.where(g.retries_answers[c], failing, connecting)
        power, tries, before = np.ones_like(ok), np.ones_like(ok), np.zeros_like(ok)
        for number in range(1, _MAX_RETRIES + 1):
            power = power * again * (g.retries[c] >= number)
            tries = tries + power
            before = before + number * power
        success = np.minimum(tries * ok, 1.0)
        wasted = before / tries * failed_seconds
        spent = np.clip(
            (tries - success * (1.0 + before / tries)) / np.maximum(1.0 - success, _TINY), 1.0, 1.0 + g.retries[c]
        )
        self.tries[c] = tries
        self._done[0, c] = success
        self._done[1, c] = self.call_ok_mean[c] + wasted
        self._done[2, c] = self.call_ok_m2[c] + 2.0 * self.call_ok_mean[c] * wasted + 2.0 * wasted * wasted
        self._done[3, c] = failed_seconds * spent

    def _answer(self, level: Level, conditions: Conditions) -> None:
        """Each handler's failure probability, latency and statuses, from its own work and its stages."""
        g, h = self.graph, level.handlers
        process = g.process[h]
        accept = 1.0 - conditions.rejected[process]
        own = g.cpu[h] * conditions.slowdown[process] + g.wait[h] + conditions.waiting[process]
        variance = (_OWN_VARIATION * (own - conditions.waiting[process])) ** 2 + conditions.waiting[process] ** 2
        works = accept * (1.0 - g.error[h])
        deps_ok, seconds, deps_variance, failed_seconds = self._stages(level)
        ok = works * deps_ok
        rejected, broken, dependency = 1.0 - accept, accept * g.error[h], works - ok
        fails = 1.0 - ok
        lost = broken * own + dependency * own + works * failed_seconds
        self.works[h] = works
        self.fails[h] = fails
        self.ok_mean[h] = own + seconds
        self.ok_mu[h], self.ok_sigma[h] = lognormal(own + seconds, variance + deps_variance)
        self.accepted_seconds[h] = (ok * (own + seconds) + lost) / np.maximum(accept, _TINY)
        fail_mean = np.maximum((lost + rejected * _REJECTED_SECONDS) / np.maximum(fails, _TINY), 1e-6)
        self.fail_mean[h] = fail_mean
        self.fail_mu[h], self.fail_sigma[h] = lognormal(fail_mean, (_FAILURE_VARIATION * fail_mean) ** 2)
        mix = np.zeros((len(STATUSES), len(fails)))
        mix[_S503] = rejected + dependency
        mix[g.error_status[h], np.arange(len(fails))] += broken
        if g.passes_status[h].any():
            self._pass_on(level, mix, rejected, broken)
        self.statuses[:, h] = mix / np.maximum(mix.sum(axis=0), _TINY)

    def _stages(self, level: Level) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """For each handler: success of all stages, mean and variance of their time, seconds of failures (weighted)."""
        g, c, count = self.graph, level.calls, level.handlers.stop - level.handlers.start
        if not len(level.call_starts):
            return np.ones(count), np.zeros(count), np.zeros(count), np.zeros(count)
        success, ok_mean, ok_m2, fail_mean = self._done[:, c]
        probability, required = g.probability[c], g.required[c]
        mean = required * ok_mean + (1.0 - required) * (success * ok_mean + (1.0 - success) * fail_mean)
        missed = probability * (1.0 - success) * required
        starts = level.call_starts
        stage = np.zeros((4, len(starts) + 1))
        stage[0, -1] = 1.0
        stage[0, :-1] = np.multiply.reduceat(1.0 - missed, starts)
        stage[1, :-1] = np.maximum.reduceat(probability * mean, starts)
        stage[2, :-1] = np.maximum.reduceat(probability * np.maximum(ok_m2, mean * mean), starts)
        stage[3, :-1] = np.add.reduceat(missed * fail_mean, starts) / np.maximum(np.add.reduceat(missed, starts), _TINY)
        table = stage[:, level.stage_table]
        reached = np.cumprod(table[0], axis=1)
        before = np.concatenate([np.ones((count, 1)), reached[:, :-1]], axis=1)
        elapsed = np.cumsum(table[1], axis=1)
        failing = before * (1.0 - table[0])
        own_stages = np.zeros(len(starts) + 1)
        own_stages[level.stage_table] = before
        self._reach[level.stages] = own_stages[:-1]
        variance = np.maximum(table[2] - table[1] ** 2, 0.0).sum(axis=1)
        lost = (failing * (elapsed - table[1] + table[3])).sum(axis=1)
        return reached[:, -1], elapsed[:, -1], variance, lost

    def _pass_on(self, level: Level, mix: FloatArray, rejected: FloatArray, broken: FloatArray) -> None:
        """A gateway answers with its upstream's status, or with 502, 503, 504 where it got none."""
        g, c = self.graph, level.calls
        passing = g.passes_status[g.call_handler[c]]
        calls = np.arange(c.start, c.stop)[passing]
        seen = self.call_statuses[:, calls].copy()
        seen[_S502] += g.refused[calls]
        seen[_S504] += g.dropped[calls] + self.call_timeout[calls]
        seen[_S503] += g.unresolved[calls]
        own = g.call_handler[calls] - level.handlers.start
        share = np.maximum(1.0 - rejected[own] - broken[own], 0.0) * (1.0 - self._done[0, calls])
        seen *= share / np.maximum(seen.sum(axis=0), _TINY)
        seen[_S503] += rejected[own]
        mix[:, own] = seen

    def _count(self, arrivals: list[FloatArray]) -> None:
        g = self.graph
        self.requests[:] = 0.0
        for entry, number in zip(g.entries, arrivals, strict=True):
            self.requests[entry] += number
        for level in reversed(g.levels):
            c, e = level.calls, level.edges
            if not len(level.edge_starts):
                continue
            caller = g.call_handler[c]
            made = self.requests[caller] * self.works[caller] * g.probability[c]
            made *= self._reach[level.stages][level.stage_of_call]
            self.attempts[c] = made * self.tries[c]
            sent = self.attempts[g.edge_call[e]] * self._weights[e]
            self.requests += np.bincount(g.edge_target[e], weights=sent, minlength=len(self.requests))
        self.requests[0] = 0.0

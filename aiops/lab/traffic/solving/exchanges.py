"""One exchange on each link: an answer, an error, or nothing in time, and how long that takes."""

from __future__ import annotations

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.callgraph.graph import STATUSES, UNANSWERED, Graph
from aiops.lab.traffic.solving.moments import lognormal, normal_cdf
from aiops.lab.traffic.solving.solution import DENIED_SECONDS, FAIL_SIGMA, REFUSED_SECONDS, TINY, Solution

_IMBALANCE = 0.06
_TROUBLE = 5e-4
"""From this share of errors on it is worked out which ones they are."""


class Exchanges:
    """Settles the links of a graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._log_timeout: FloatArray = np.log(graph.link_timeout)
        self._connected: FloatArray = graph.edge_weight.sum(axis=0)
        self._lost: FloatArray = (
            graph.refused * REFUSED_SECONDS
            + graph.dropped * graph.link_connect_timeout
            + graph.unresolved * graph.link_name_seconds
            + graph.denied * DENIED_SECONDS
            + graph.reset * REFUSED_SECONDS
        )
        self._edge_process = graph.process[graph.edge_target]
        usual = np.eye(len(STATUSES))[:, graph.error_status[graph.edge_target]] * graph.edge_weight
        self._usual: FloatArray = usual.sum(axis=1) / np.maximum(self._connected, TINY)
        none = np.zeros_like(graph.refused)
        rows = (none, graph.refused, graph.dropped, graph.unresolved, graph.denied, graph.reset)
        self.unanswered: FloatArray = np.zeros((len(UNANSWERED), len(graph.calls)))
        self.unanswered[: len(rows)] = np.stack(rows)[:, graph.call_link]

    def balance(self, s: Solution, rng: np.random.Generator) -> None:
        """Connections are spread at random, so no two endpoints get quite the same; each link's sum stays."""
        drawn = np.maximum(1.0 + _IMBALANCE * rng.standard_normal(len(self._graph.processes)), 0.1)
        weights = self._graph.edge_weight * drawn[self._edge_process]
        weights *= self._connected / np.maximum(weights.sum(axis=0), TINY)
        s.weights = weights

    def settle(self, s: Solution, links: slice) -> None:
        """One attempt on each of these links, by the present answers of the handlers behind them.

        The moments are those of lognormal times cut off at the timeout (Aitchison and Brown, The Lognormal
        Distribution, 1957, chapter 2)."""
        target, weight, limit = self._graph.edge_target[:, links], s.weights[:, links], self._log_timeout[links]
        if not target.shape[1]:
            return
        mu, sigma, mean, m2, fails, fail_mean = s.handler_rows.take(target, axis=1)
        if self._graph.ways is not None:
            delay = self._graph.ways.delay[:, links] + self._graph.ways.queued[:, links]
            m2 = m2 + 2.0 * delay * mean + delay * delay + self._graph.ways.variance[:, links]
            mean, fail_mean = mean + delay, fail_mean + delay
            mu, sigma = lognormal(mean, m2 - mean * mean)
        z = np.empty((5, *target.shape))
        z[0] = (limit - mu) / sigma
        z[1] = z[0] - sigma
        z[2] = z[1] - sigma
        z[3] = (limit - np.log(fail_mean) + 0.5 * FAIL_SIGMA**2) / FAIL_SIGMA
        z[4] = z[3] - FAIL_SIGMA
        bad = weight * fails
        shares = normal_cdf(z)
        shares[:3] *= weight - bad
        shares[1] *= mean
        shares[2] *= m2
        shares[3:] *= bad
        shares[4] *= fail_mean
        ok, ok_seconds, ok_m2, error, error_seconds = shares.sum(axis=1)
        rest = self._connected[links] - ok
        error = np.minimum(error, np.maximum(rest, 0.0))
        late = np.maximum(rest - error, 0.0)
        answered = np.maximum(ok, TINY)
        s.link_ok[links] = ok
        s.link_ok_mean[links] = ok_seconds / answered
        s.link_ok_m2[links] = ok_m2 / answered
        s.link_error[links] = error
        s.link_error_mean[links] = error_seconds / np.maximum(error, TINY)
        s.link_late[links] = late
        s.link_lost[links] = error_seconds + late * self._graph.link_timeout[links] + self._lost[links]

    def statuses(self, s: Solution) -> None:
        """Which errors the bad answers on all links are."""
        s.link_statuses = self._usual * s.link_error
        rows = np.flatnonzero(s.link_error > _TROUBLE)
        if not len(rows):
            return
        target = self._graph.edge_target[:, rows]
        mixed = (s.statuses[:, target] * (s.weights[:, rows] * s.fails[target])).sum(axis=1)
        s.link_statuses[:, rows] = mixed * (s.link_error[rows] / np.maximum(mixed.sum(axis=0), TINY))

"""How many requests there are in a step, from the users down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.callgraph.graph import Graph, IntArray
from aiops.lab.traffic.solving.solution import Solution


@dataclass(frozen=True, slots=True)
class _Step:
    """A level on the way down: its calls with their handlers and links, then the edges of links that end there;
    `bottom` is its first handler."""

    calls: slice
    callers: IntArray
    links: IntArray
    ended: slice
    targets: IntArray
    bottom: int


class Counting:
    """Counts the requests of a graph. Whatever callers send arrives."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._factor: FloatArray = np.zeros(0)
        self._sent: FloatArray = np.zeros(0)
        self._version = -1
        self._steps = [
            _Step(
                level.calls,
                graph.call_handler[level.calls],
                graph.call_link[level.calls],
                level.links,
                graph.edge_target[:, level.links].ravel(),
                level.handlers.start,
            )
            for level in reversed(graph.levels)
        ]

    def count(self, s: Solution, version: int, rows: IntArray, arrivals: FloatArray) -> None:
        """`arrivals` are the requests that come to the handlers `rows` from outside, under the solution that has this
        number."""
        requests = np.bincount(rows, weights=arrivals, minlength=len(s.requests)).astype(np.float64, copy=False)
        if version != self._version:
            g, self._version = self._graph, version
            self._factor = s.works.take(g.call_handler) * s.probability * s.reach.take(g.stage_of_call) * s.tries
            self._sent = self._factor * s.sent_share
        self._flow_down(s, requests, self._steps)
        self._keep(s, requests)

    def add(self, s: Solution, rows: IntArray, arrivals: FloatArray) -> None:
        """Count more arrivals, at other handlers, of the same step."""
        requests = np.bincount(rows, weights=arrivals, minlength=len(s.requests)).astype(np.float64, copy=False)
        first = int(rows.max(initial=-1))
        self._flow_down(s, requests, [step for step in self._steps if step.bottom <= first])
        self._keep(s, s.requests + requests)

    def _flow_down(self, s: Solution, requests: FloatArray, steps: Sequence[_Step]) -> None:
        """Add to `requests` those that they cause, level by level."""
        handlers, links = len(requests), len(self._graph.link_timeout)
        arriving = np.zeros(links)
        for step in steps:
            if len(step.callers):
                made = requests.take(step.callers) * self._sent[step.calls]
                arriving += np.bincount(step.links, weights=made, minlength=links)
            if len(step.targets):
                carried = (arriving[step.ended] * s.weights[:, step.ended]).ravel()
                requests += np.bincount(step.targets, weights=carried, minlength=handlers)

    def _keep(self, s: Solution, requests: FloatArray) -> None:
        requests[0] = 0.0
        s.requests = requests
        s.attempts = requests.take(self._graph.call_handler) * self._factor

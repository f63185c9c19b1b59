"""How many requests there are in a step, from the users down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.graph import Graph, IntArray
from aiops.lab.traffic.solution import Solution


@dataclass(frozen=True, slots=True)
class _Step:
    """A level on the way down: its calls with their handlers and links, then the edges of links that end there."""

    calls: slice
    callers: IntArray
    links: IntArray
    ended: slice
    targets: IntArray


class Counting:
    """Counts the requests of a graph. Whatever callers send arrives."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._steps = [
            _Step(
                level.calls,
                graph.call_handler[level.calls],
                graph.call_link[level.calls],
                level.links,
                graph.edge_target[:, level.links].ravel(),
            )
            for level in reversed(graph.levels)
        ]

    def count(self, s: Solution, rows: IntArray, arrivals: FloatArray) -> None:
        """`arrivals` are the requests that come to the handlers `rows` from outside."""
        g = self._graph
        handlers, links = len(s.requests), len(g.link_timeout)
        requests = np.bincount(rows, weights=arrivals, minlength=handlers).astype(np.float64, copy=False)
        factor = s.works.take(g.call_handler) * s.probability * s.reach.take(g.stage_of_call) * s.tries
        sent = factor * s.sent_share
        arriving = np.zeros(links)
        for step in self._steps:
            if len(step.callers):
                made = requests.take(step.callers) * sent[step.calls]
                arriving += np.bincount(step.links, weights=made, minlength=links)
            if len(step.targets):
                carried = (arriving[step.ended] * s.weights[:, step.ended]).ravel()
                requests += np.bincount(step.targets, weights=carried, minlength=handlers)
        requests[0] = 0.0
        s.requests = requests
        s.attempts = requests.take(g.call_handler) * factor

"""One step of the traffic: what each request would meet (from the leaves up), then how many there are (from the top).

The failure probabilities and latencies of a step are settled before its requests are counted, so that callers and
callees count the same requests and the same errors.
"""

from __future__ import annotations

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.callgraph.graph import BoolArray, Graph, IntArray, Level
from aiops.lab.traffic.solving.answers import Answers
from aiops.lab.traffic.solving.counting import Counting
from aiops.lab.traffic.solving.exchanges import Exchanges
from aiops.lab.traffic.solving.retries import Retries, unanswered
from aiops.lab.traffic.solving.solution import Conditions, Limits, Solution
from aiops.lab.traffic.solving.wrongness import wrong_answers

__all__ = ["Conditions", "Flow", "Limits"]

_FAILS_MOVED, _TIME_MOVED, _SECONDS_MOVED = 0.004, 0.35, 0.03
"""A change of a handler's failures (share), or of its time (share, and seconds), from which on callers are told in the
same step."""


class Flow(Solution):
    """The solution of one step.

    Where little moves, everything is settled at once and a change rises by one level a step; what calls something that
    moves is settled level by level, so that users feel it in the same step. `version` rises with each solution."""

    def __init__(self, graph: Graph) -> None:
        super().__init__(graph)
        self._exchanges = Exchanges(graph)
        self._retries = Retries(graph)
        self._answers = Answers(graph)
        self._counting = Counting(graph)
        self._settled = False
        self._errs = bool(graph.wrong.any())
        self.version = 0

    def balance(self, rng: np.random.Generator) -> None:
        """Spread the connections anew."""
        self._exchanges.balance(self, rng)

    def settle(self, conditions: Conditions, limits: Limits | None = None) -> None:
        """What each request meets in this step."""
        self.version += 1
        self._answers.begin(self, conditions)
        self.sent_share = np.ones_like(self.tries) if limits is None else 1.0 - limits.unpooled - limits.stopped
        if not self._settled:
            self._rise(limits)
            self._settled = True
        else:
            moved = self._settle_handlers(self.graph.whole)
            if moved.any():
                self._rise_from(moved, limits)
            self._settle_rest(limits)
        self._answers.statuses(self, conditions)
        self._exchanges.statuses(self)
        unanswered(self, self._exchanges.unanswered, limits)
        self._answers.pass_on(self)
        if self._errs:
            self.wrong = wrong_answers(self)

    def count(self, rows: IntArray, arrivals: FloatArray) -> None:
        """How many requests there are; `arrivals` come from outside to the handlers `rows`."""
        self._counting.count(self, self.version, rows, arrivals)

    def count_more(self, rows: IntArray, arrivals: FloatArray) -> None:
        """More requests of the same step, from outside to other handlers."""
        self._counting.add(self, rows, arrivals)

    def gather(self, dt: float) -> None:
        """Keep what was counted in a step of `dt` seconds for those who are told of it later."""
        self.span.add(self.requests, self.attempts, dt)
        self.untold.add(self.requests, self.attempts, dt)

    @property
    def settled(self) -> bool:
        return self._settled

    def _settle_handlers(self, level: Level) -> BoolArray:
        """Settle the handlers of a level by what their calls meet; for which of them that changed much."""
        h = level.handlers
        fails, mean = self.fails[h].copy(), self.ok_mean[h].copy()
        self._answers.settle(self, level)
        slower: BoolArray = np.abs(self.ok_mean[h] - mean) > _TIME_MOVED * mean + _SECONDS_MOVED
        return slower | (np.abs(self.fails[h] - fails) > _FAILS_MOVED)

    def _rise_from(self, moved: BoolArray, limits: Limits | None) -> None:
        """Settle, level by level, what calls the handlers that moved, and in turn what calls those that move by it."""
        graph = self.graph
        links = np.zeros(len(graph.link_timeout), dtype=bool)
        for level in graph.levels:
            below = moved[graph.edge_target[:, level.links]].any(axis=0)
            if below.any():
                links[level.links] = below
                self._exchanges.settle(self, level.links)
            if links[graph.call_link[level.calls]].any():
                self._retries.settle(self, level.calls, limits)
                moved[level.handlers] |= self._settle_handlers(level)

    def _rise(self, limits: Limits | None) -> None:
        for level in self.graph.levels:
            if level.links.stop > level.links.start:
                self._exchanges.settle(self, level.links)
            if level.calls.stop > level.calls.start:
                self._retries.settle(self, level.calls, limits)
            self._answers.settle(self, level)

    def _settle_rest(self, limits: Limits | None) -> None:
        self._exchanges.settle(self, self.graph.whole.links)
        if len(self.tries):
            self._retries.settle(self, self.graph.whole.calls, limits)

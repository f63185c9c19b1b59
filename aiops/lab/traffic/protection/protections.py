"""How callers protect themselves: pools, breakers and retry budgets together, as limits on their calls."""

from __future__ import annotations

import numpy as np

from aiops.lab.traffic.callgraph.graph import Graph
from aiops.lab.traffic.protection.breakers import Breakers
from aiops.lab.traffic.protection.budgets import Budgets
from aiops.lab.traffic.protection.pools import Pools
from aiops.lab.traffic.solving.flow import Flow
from aiops.lab.traffic.solving.solution import Limits

_FEW = 1e-3


class Protections:
    """The protections of every call of a graph."""

    def __init__(self) -> None:
        self.pools = Pools()
        self.breakers = Breakers()
        self.budgets = Budgets()
        self._limits: Limits | None = None

    def adopt(self, graph: Graph) -> None:
        self.pools.adopt(graph)
        self.breakers.adopt(graph)
        self.budgets.adopt(graph)
        self._limits = None
        if self.pools.keys or self.breakers.keys or self.budgets.keys:
            calls = len(graph.calls)
            self._limits = Limits(np.zeros(calls), np.zeros(calls), np.zeros(calls), np.zeros(calls), np.ones(calls))
            if self.pools.keys:
                self._limits.gave_up_seconds[self.pools.calls] = self.pools.wait_timeout[self.pools.pool_of_call]
            self._fill(self._limits)

    def limits(self) -> Limits | None:
        """What the next step's calls meet; None where nobody is protected."""
        return self._limits

    @property
    def calm(self) -> bool:
        """Whether nobody is stopped, goes without a connection or is short of retries."""
        found = self._limits
        return found is None or not (found.stopped.any() or found.allowed.min() < 1.0 or found.unpooled.max() > _FEW)

    def step(self, flow: Flow, dt: float, rng: np.random.Generator) -> None:
        if self._limits is None:
            return
        self.pools.step(flow, self._limits.stopped, dt)
        self.breakers.step(flow, dt, rng)
        self.budgets.step(flow, dt)
        self._fill(self._limits)

    def _fill(self, limits: Limits) -> None:
        if self.breakers.keys:
            limits.stopped[self.breakers.calls] = self.breakers.stopped
        if self.pools.keys:
            pools, calls = self.pools, self.pools.calls
            limits.unpooled[calls] = pools.unpooled[pools.pool_of_call] * (1.0 - limits.stopped[calls])
            limits.waiting[calls] = pools.waiting[pools.pool_of_call]
        if self.budgets.keys:
            limits.allowed[self.budgets.calls] = self.budgets.allowed

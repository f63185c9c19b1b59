"""Users: they come, are spread over the gateways, get an answer or fail, and some try again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.apps.model import Application
from aiops.lab.traffic.callgraph.graph import Graph
from aiops.lab.traffic.demand.arrivals import arrivals
from aiops.lab.traffic.demand.demand import Demand
from aiops.lab.traffic.network.front_door import FrontDoor
from aiops.lab.traffic.network.interference import Interference, Undisturbed
from aiops.lab.traffic.solving.flow import Flow
from aiops.lab.traffic.solving.moments import normal_cdf

_UNEVEN = 0.1
_COME_BACK = 0.5
"""Share of those who will try again that do so within a step."""


@dataclass(slots=True)
class Users:
    """What all users met since the start: requests made, answered well, failed; of the answered, those too late, and
    those in time that were wrong."""

    requests: float = 0.0
    answered: float = 0.0
    failed: float = 0.0
    slow: float = 0.0
    wrong: float = 0.0


class Visitors:
    """`users` are all of them; `tenants` (tenants, operations) have asked so often since the start; `waiting`
    (operations,) will try again. Nobody comes until they are `invited`."""

    def __init__(
        self, application: Application, front_door: FrontDoor, seed: int, interference: Interference | None = None
    ) -> None:
        self.users = Users()
        self.invited = True
        self._interference = interference or Undisturbed()
        operations = application.operations
        self.demand = Demand(application, seed)
        self.tenants: FloatArray = np.zeros((len(self.demand.mixes), len(operations)))
        self.waiting: FloatArray = np.zeros(len(operations))
        self._impatience = application.impatience
        self._front_door = front_door
        self._operations = [operation.name for operation in operations]
        self._hosts = [operation.host or application.host for operation in operations]
        self._names = tuple(dict.fromkeys(self._hosts))
        objectives = [operation.objective or application.objective for operation in operations]
        self._promised: FloatArray = np.log(np.array([objective.latency_seconds for objective in objectives]))

    def come(self, now: float, dt: float, rng: np.random.Generator) -> FloatArray:
        """Requests for each operation that get through the front door; the others fail there."""
        if not self.invited:
            return np.zeros(len(self._operations))
        names = [name for name, *_ in self.demand.mixes]
        surge = self._interference.surge(now, names, self._operations)
        fresh = arrivals(self.demand, now, dt, rng, surge)
        self.tenants += fresh
        back = self.waiting * _COME_BACK
        self.waiting -= back
        asked: FloatArray = fresh.sum(axis=0) + back
        self.users.requests += float(asked.sum())
        trusted = {host: self._front_door.trusted(host, now) for host in self._names}
        if all(trusted.values()):
            return asked
        let_in = np.where([trusted[host] for host in self._hosts], asked, 0.0)
        self._fail(asked - let_in)
        return let_in

    def spread(self, come: FloatArray, graph: Graph, rng: np.random.Generator) -> FloatArray:
        """The requests at each of the graph's `entry_rows`; where an operation has no gateway they fail."""
        operation, count = graph.entry_operations, len(come)
        weights = np.maximum(1.0 + _UNEVEN * rng.standard_normal(len(operation)), 0.1)
        total = np.bincount(operation, weights=weights, minlength=count)
        if not total.all():
            self._fail(np.where(total > 0, 0.0, come))
        spread: FloatArray = (come / np.maximum(total, 1e-9))[operation] * weights
        return spread

    def account(self, flow: Flow) -> None:
        """Count what the users of a step got."""
        rows, operation = flow.graph.entry_rows, flow.graph.entry_operations
        requests = flow.requests[rows]
        failed = requests * flow.fails[rows]
        answered = requests - failed
        late = 1.0 - normal_cdf((self._promised[operation] - flow.ok_mu[rows]) / flow.ok_sigma[rows])
        self._fail(np.bincount(operation, weights=failed, minlength=len(self.waiting)).astype(np.float64))
        self.users.answered += float(answered.sum())
        self.users.slow += float(answered @ late)
        self.users.wrong += float((answered * (1.0 - late)) @ flow.wrong[rows])

    def _fail(self, requests: FloatArray) -> None:
        """Requests of each operation that failed."""
        self.users.failed += float(requests.sum())
        if self._impatience:
            self.waiting += self._impatience * requests

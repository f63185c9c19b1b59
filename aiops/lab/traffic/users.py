"""Users: they come, are spread over the gateways, get an answer or fail, and some try again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.apps.model import Application
from aiops.lab.traffic.arrivals import arrivals
from aiops.lab.traffic.demand import Demand
from aiops.lab.traffic.flow import Flow
from aiops.lab.traffic.front_door import FrontDoor
from aiops.lab.traffic.graph import IntArray
from aiops.lab.traffic.interference import Interference, Undisturbed
from aiops.lab.traffic.moments import normal_cdf

_COME_BACK = 0.5
"""Share of those who will try again that do so within a step."""


@dataclass(slots=True)
class Users:
    """What all users met since the start: requests made, answered well, failed; of the answered, those too late."""

    requests: float = 0.0
    answered: float = 0.0
    failed: float = 0.0
    slow: float = 0.0


class Visitors:
    """`users` are all of them; `tenants` (tenants, operations) have asked so often since the start; `waiting`
    (operations,) will try again."""

    def __init__(
        self, application: Application, front_door: FrontDoor, seed: int, interference: Interference | None = None
    ) -> None:
        self.users = Users()
        self._interference = interference or Undisturbed()
        operations = application.operations
        self.demand = Demand(application, seed)
        self.tenants: FloatArray = np.zeros((len(self.demand.mixes), len(operations)))
        self.waiting: FloatArray = np.zeros(len(operations))
        self._impatience = application.impatience
        self._front_door = front_door
        self._operations = [operation.name for operation in operations]
        self._hosts = [operation.host or application.host for operation in operations]
        objectives = [operation.objective or application.objective for operation in operations]
        self._promised: FloatArray = np.log(np.array([objective.latency_seconds for objective in objectives]))

    def come(self, now: float, dt: float, rng: np.random.Generator) -> FloatArray:
        """Requests for each operation that get through the front door; the others fail there."""
        names = [name for name, *_ in self.demand.mixes]
        surge = self._interference.surge(now, names, self._operations)
        fresh = arrivals(self.demand, now, dt, rng, surge)
        self.tenants += fresh
        back = self.waiting * _COME_BACK
        self.waiting -= back
        asked: FloatArray = fresh.sum(axis=0) + back
        self.users.requests += float(asked.sum())
        trusted = {host: self._front_door.trusted(host, now) for host in dict.fromkeys(self._hosts)}
        if all(trusted.values()):
            return asked
        let_in = np.where([trusted[host] for host in self._hosts], asked, 0.0)
        self._fail(asked - let_in)
        return let_in

    def spread(self, come: FloatArray, entries: Sequence[IntArray], rng: np.random.Generator) -> list[FloatArray]:
        """The requests at each gateway handler of each operation; where there is none they fail."""
        found, lost = [], np.zeros(len(come))
        for number, (count, entry) in enumerate(zip(come.tolist(), entries, strict=True)):
            weights = np.maximum(1.0 + 0.1 * rng.standard_normal(max(len(entry), 1))[: len(entry)], 0.1)
            found.append(count * weights / weights.sum() if len(entry) else np.zeros(0))
            lost[number] = 0.0 if len(entry) else count
        if lost.any():
            self._fail(lost)
        return found

    def account(self, flow: Flow) -> None:
        """Count what the users of a step got."""
        entries = flow.graph.entries
        sizes = np.array([len(entry) for entry in entries], dtype=np.int64)
        rows = np.concatenate([*entries, np.zeros(0, dtype=np.int64)])
        operation = np.repeat(np.arange(len(entries)), sizes)
        requests = flow.requests[rows]
        failed = requests * flow.fails[rows]
        answered = requests - failed
        z = (self._promised[operation] - flow.ok_mu[rows]) / flow.ok_sigma[rows]
        in_time = normal_cdf(z)
        self._fail(np.bincount(operation, weights=failed, minlength=len(entries)).astype(np.float64))
        self.users.answered += float(answered.sum())
        self.users.slow += float((answered * (1.0 - in_time)).sum())

    def _fail(self, requests: FloatArray) -> None:
        """Requests of each operation that failed."""
        self.users.failed += float(requests.sum())
        if self._impatience:
            self.waiting += self._impatience * requests

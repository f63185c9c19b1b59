"""What an application's load comes to at each workload: requests and CPU, followed down the calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from aiops.core.errors import InvalidInputError
from aiops.lab.apps.calling import Call
from aiops.lab.apps.model import Application

Place = tuple[str, str]
"""(workload, route)."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Requests a second by workload and route, and cores by workload."""

    requests: dict[Place, float]
    cores: dict[str, float]


class Callgraph:
    """Who calls whom, by the addresses that are written down. Raises `InvalidInputError` where a call leads nowhere."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._by_service = {
            (application.namespace_of(name), workload.service or name): name
            for name, workload in application.workloads.items()
        }
        self._consumers: dict[str, list[Place]] = defaultdict(list)
        self._batches: dict[Place, int] = {}
        for name, workload in application.workloads.items():
            for consumer in application.programs[workload.program].consumers:
                self._consumers[consumer.topic].append((name, consumer.route))
                self._batches[name, consumer.route] = consumer.batch

    def target(self, workload: str, call: Call) -> str:
        """The workload that a call leads to."""
        return self.reached(workload, call.to)

    def reached(self, workload: str, variable: str) -> str:
        """The workload at the address in a variable of another one."""
        address = self._application.workloads[workload].addresses[variable]
        host = address.rpartition(":")[0]
        name, _, rest = host.partition(".")
        place = rest.partition(".")[0] or self._application.namespace_of(workload)
        found = self._by_service.get((place, name))
        if found is None:
            raise InvalidInputError(f"{self._application.name}: {workload}: {address} leads nowhere")
        return found

    def below(self, place: Place) -> Iterator[tuple[Place, float]]:
        """(place, requests for each of this one); cold caches: every call behind one is made."""
        program = self._application.programs[self._application.workloads[place[0]].program]
        for stage in program.routes[place[1]].calls:
            for call in stage:
                yield (self.target(place[0], call), call.route), call.probability
                consumers = self._consumers[call.topic] if call.topic else []
                for consumer in consumers:
                    yield consumer, call.probability / len(consumers) / self._batches[consumer]

    def ordered(self) -> list[Place]:
        """Every place that users reach, callers first. Raises `InvalidInputError` where calls go in a circle."""
        found: list[Place] = []
        open_places: set[Place] = set()
        done: set[Place] = set()
        for operation in self._application.operations:
            self._visit((self._application.entry_of(operation), operation.route), open_places, done, found)
        return found[::-1]

    def _visit(self, start: Place, path: set[Place], done: set[Place], found: list[Place]) -> None:
        if start in done:
            return
        if start in path:
            raise InvalidInputError(f"{self._application.name}: calls go in a circle at {start[0]} {start[1]}")
        path.add(start)
        for place, _ in self.below(start):
            self._visit(place, path, done, found)
        path.discard(start)
        done.add(start)
        found.append(start)


def expected(application: Application) -> Expected:
    """The load at the application's plain rate, without retries and with cold caches: the most of a normal day."""
    graph = Callgraph(application)
    requests: dict[Place, float] = defaultdict(float)
    for operation in application.operations:
        requests[application.entry_of(operation), operation.route] += application.rate * operation.share
    cores: dict[str, float] = defaultdict(float)
    for place in graph.ordered():
        program = application.programs[application.workloads[place[0]].program]
        cores[place[0]] += requests[place] * program.routes[place[1]].cpu_ms / 1000
        for target, share in graph.below(place):
            requests[target] += requests[place] * share
    return Expected(dict(requests), dict(cores))

"""The metrics of instrumented programs: OpenTelemetry's HTTP server, HTTP client and database client durations."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.exporters.exposition.forms import FormJob
from aiops.lab.exporters.exposition.histograms import Histograms
from aiops.lab.exporters.exposition.samples import Sheet, Target
from aiops.lab.exporters.exposition.together import Together
from aiops.lab.exporters.programs.runtimes import Runtimes
from aiops.lab.exporters.readings.figures import Figures
from aiops.lab.exporters.scraping.discovery import Discovery, Place
from aiops.lab.exporters.scraping.job import Mine
from aiops.lab.traffic import Traffic
from aiops.lab.traffic.callgraph.graph import OUTCOMES, STATUSES
from aiops.lab.tsdb import TimeSeriesStore

_NO_ANSWER = {
    "timeout": "timeout",
    "refused": "connection_refused",
    "unresolved": "name_not_resolved",
    "denied": "authentication_failed",
    "reset": "connection_reset",
    "pool_timeout": "connection_pool_timeout",
    "circuit_open": "circuit_open",
}
_STORE_ERRORS = {
    "403": "permission_denied",
    "423": "lock_timeout",
    "500": "server_error",
    "503": "too_many_connections",
    "507": "no_space_left_on_device",
}

_ANSWERS = [{"http_response_status_code": str(status)} for status in (200, *STATUSES)]


def _client_outcome(outcome: str) -> dict[str, str]:
    if not outcome:
        return {"http_response_status_code": "200"}
    if outcome in _NO_ANSWER:
        return {"error_type": _NO_ANSWER[outcome]}
    return {"http_response_status_code": outcome, "error_type": outcome}


def _store_outcome(outcome: str) -> dict[str, str]:
    return {"error_type": _NO_ANSWER.get(outcome) or _STORE_ERRORS.get(outcome, outcome)}


class OpenTelemetry:
    """A target is every discovered pod; samples come from programs of the role `service`, for data stores and gateways
    are not instrumented this way."""

    def __init__(
        self, traffic: Traffic, figures: Figures, discovery: Discovery, store: TimeSeriesStore, mine: Mine
    ) -> None:
        self.targets: Sequence[Target] = ()
        self._traffic = traffic
        self._discovery = discovery
        self._mine = mine
        self._owners: dict[Place, int] = {}
        self._server = Histograms(store, "http_server_request_duration_seconds", _ANSWERS)
        outcomes = [_client_outcome(outcome) for outcome in OUTCOMES]
        self._client = Histograms(store, "http_client_request_duration_seconds", outcomes)
        outcomes = [_store_outcome(outcome) for outcome in OUTCOMES]
        self._database = Histograms(store, "db_client_operation_duration_seconds", outcomes)
        self._runtimes = FormJob(figures, Runtimes(traffic, store, self.served))
        self._together = Together()

    @property
    def sheet(self) -> Sheet:
        parts = (self._server, self._client, self._database, self._runtimes)
        return self._together.of([part.sheet for part in parts])

    def version(self) -> Hashable:
        return self._discovery.look(), self._traffic.layout

    def lay_out(self) -> None:
        found = [(place, t) for place, t in self._discovery.programs.items() if self._mine(t.labels)]
        self.targets = [target for _, target in found]
        self._owners = {place: owner for owner, (place, _) in enumerate(found)}
        self._adopt_handlers()
        self._adopt_calls()
        self._runtimes.lay_out()

    def values(self, now: float) -> FloatArray:
        answers, attempts = self._traffic.engine.answers.values, self._traffic.engine.attempts.values
        parts = [self._server.values(answers), self._client.values(attempts), self._database.values(attempts)]
        return np.concatenate([*parts, self._runtimes.values(now)])

    def served(self) -> Iterator[tuple[int, int, Target]]:
        """(row of a process, owner, target) of everything that is instrumented here."""
        for row, process in enumerate(self._traffic.flow.graph.processes):
            owner = self._owners.get(process.place)
            if owner is not None and process.program.role == "service":
                yield row, owner, self.targets[owner]

    def _adopt_handlers(self) -> None:
        graph, owners = self._traffic.flow.graph, {row: owner for row, owner, _ in self.served()}
        rows, labels, owned = [], [], []
        for row, handler in enumerate(graph.handlers[1:], 1):
            owner = owners.get(handler.process)
            if owner is not None and not handler.consumes:
                route = {"http_request_method": handler.method or "GET", "http_route": handler.path}
                rows.append(row)
                labels.append({**self.targets[owner].labels, **route})
                owned.append(owner)
        self._server.adopt(rows, labels, owned)

    def _adopt_calls(self) -> None:
        graph, owners = self._traffic.flow.graph, {row: owner for row, owner, _ in self.served()}
        found: dict[bool, list[tuple[int, dict[str, str], int]]] = {True: [], False: []}
        for row, call in enumerate(graph.calls):
            owner = owners.get(call.process)
            if owner is not None:
                asked = {"server_address": call.host, "server_port": str(call.port)}
                if call.system:
                    asked |= {"db_system_name": call.system, "db_operation_name": call.route}
                found[bool(call.system)].append((row, {**self.targets[owner].labels, **asked}, owner))
        for metric, of_store in ((self._client, False), (self._database, True)):
            rows = found[of_store]
            metric.adopt([r for r, _, _ in rows], [labels for _, labels, _ in rows], [owner for _, _, owner in rows])

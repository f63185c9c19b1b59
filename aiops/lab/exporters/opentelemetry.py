"""The metrics of instrumented programs: OpenTelemetry's HTTP server, HTTP client and database client durations."""

from __future__ import annotations

from aiops.lab.exporters.histograms import Histograms
from aiops.lab.exporters.samples import Samples, join
from aiops.lab.traffic import Traffic
from aiops.lab.traffic.graph import OUTCOMES, STATUSES
from aiops.lab.tsdb import TimeSeriesStore

_NO_ANSWER = {
    "timeout": "timeout",
    "refused": "connection_refused",
    "unresolved": "name_not_resolved",
    "denied": "authentication_failed",
    "pool_timeout": "connection_pool_timeout",
    "circuit_open": "circuit_open",
}
_STORE_ERRORS = {
    "423": "lock_timeout",
    "500": "server_error",
    "503": "too_many_connections",
    "507": "disk_full",
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
    """Scrapes every program of the role `service`; data stores and gateways are not instrumented this way."""

    def __init__(self, traffic: Traffic, store: TimeSeriesStore) -> None:
        self._traffic = traffic
        self._server = Histograms(store, "http_server_request_duration_seconds", _ANSWERS)
        outcomes = [_client_outcome(outcome) for outcome in OUTCOMES]
        self._client = Histograms(store, "http_client_request_duration_seconds", outcomes)
        outcomes = [_store_outcome(outcome) for outcome in OUTCOMES]
        self._database = Histograms(store, "db_client_operation_duration_seconds", outcomes)
        self._layout = -1

    def collect(self) -> Samples:
        if self._layout != self._traffic.layout:
            self._layout = self._traffic.layout
            self._adopt()
        answers, attempts = self._traffic.answers.values, self._traffic.attempts.values
        return join([self._server.collect(answers), self._client.collect(attempts), self._database.collect(attempts)])

    def _adopt(self) -> None:
        graph = self._traffic.flow.graph
        rows, labels = [], []
        for row, handler in enumerate(graph.handlers[1:], 1):
            if graph.processes[handler.process].program.role == "service":
                rows.append(row)
                route = {"http_request_method": handler.method or "GET", "http_route": handler.path}
                labels.append({**self._target(handler.process), **route})
        self._server.adopt(rows, labels)
        self._adopt_calls()

    def _adopt_calls(self) -> None:
        graph = self._traffic.flow.graph
        found: dict[bool, list[tuple[int, dict[str, str]]]] = {True: [], False: []}
        for row, call in enumerate(graph.calls):
            if graph.processes[call.process].program.role == "service":
                labels = {**self._target(call.process), "server_address": call.host, "server_port": str(call.port)}
                if call.system:
                    labels |= {"db_system_name": call.system, "db_operation_name": call.route}
                found[bool(call.system)].append((row, labels))
        for metric, of_store in ((self._client, False), (self._database, True)):
            metric.adopt([row for row, _ in found[of_store]], [labels for _, labels in found[of_store]])

    def _target(self, process: int) -> dict[str, str]:
        found = self._traffic.flow.graph.processes[process]
        address = self._traffic.address(found)
        return {
            "namespace": found.namespace,
            "pod": found.pod,
            "service": found.name,
            "job": f"{found.namespace}/{found.name}",
            "instance": f"{address}:{found.program.port}",
        }

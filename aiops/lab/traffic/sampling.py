"""Head-sampled traces: single requests that walk through the solved flow and leave spans."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp

import numpy as np

from aiops.lab.jaeger.store import TracedSpan, TraceStore
from aiops.lab.traffic.flow import Conditions, Flow
from aiops.lab.traffic.graph import STATUSES, Graph

_TRACES_PER_STEP = 3
_SIGMA = 0.55


@dataclass(frozen=True, slots=True)
class _Answer:
    seconds: float
    status: int


class TraceSampler:
    """Samples a few user requests a step."""

    def __init__(self, store: TraceStore) -> None:
        self._store = store
        self._graph: Graph | None = None
        self._stages: list[list[list[int]]] = []
        self._edges: list[list[tuple[int, float]]] = []

    def sample(self, flow: Flow, conditions: Conditions, now: float, dt: float, rng: np.random.Generator) -> None:
        """Trace a few of the requests that came in the `dt` seconds before `now`."""
        if flow.graph is not self._graph:
            self._index(flow.graph)
        entries = np.concatenate([*flow.graph.entries, np.zeros(0, dtype=np.int64)])
        total = np.cumsum(flow.requests[entries])
        if not len(total) or total[-1] <= 0:
            return
        for _ in range(_TRACES_PER_STEP):
            gateway = int(
                entries[np.searchsorted(total, rng.random() * total[-1], side="right").clip(0, len(total) - 1)]
            )
            walk = _Walk(flow, conditions, self._stages, self._edges, rng)
            walk.request(gateway, now - dt * rng.random())
            if walk.spans:
                self._store.add(walk.trace_id, walk.spans)
        self._store.drop_before(now)

    def _index(self, graph: Graph) -> None:
        self._graph = graph
        self._stages = [[] for _ in graph.handlers]
        self._edges = [[] for _ in graph.calls]
        for level in graph.levels:
            last = -1
            for call, stage in zip(
                range(level.calls.start, level.calls.stop), level.stage_of_call.tolist(), strict=True
            ):
                stages = self._stages[int(graph.call_handler[call])]
                if stage != last:
                    stages.append([])
                stages[-1].append(call)
                last = stage
        for call, target, weight in zip(
            graph.edge_call.tolist(), graph.edge_target.tolist(), graph.edge_weight.tolist(), strict=True
        ):
            self._edges[call].append((target, weight))


class _Walk:
    """One request and everything that it causes."""

    def __init__(
        self,
        flow: Flow,
        conditions: Conditions,
        stages: list[list[list[int]]],
        edges: list[list[tuple[int, float]]],
        rng: np.random.Generator,
    ) -> None:
        self._flow, self._graph, self._conditions = flow, flow.graph, conditions
        self._stages, self._edges = stages, edges
        self._uniform: Iterator[float] = iter(rng.random(400).tolist())
        self._normal: Iterator[float] = iter(rng.standard_normal(200).tolist())
        high, low = rng.integers(0, 2**63, 2).tolist()
        self.trace_id = f"{high:016x}{low:016x}"
        self._next_id = int(rng.integers(1, 2**62))
        self.spans: list[TracedSpan] = []

    def request(self, handler: int, start: float, parent: str = "") -> _Answer:
        """Serve one request at a handler; its span is kept where the process is instrumented."""
        graph, info = self._graph, self._graph.handlers[handler]
        process = graph.processes[info.process]
        traced = process.program.role == "service"
        span_id = self._span_id()
        answer = self._serve(handler, start, span_id)
        if traced:
            tags = {
                "span.kind": "server",
                "http.request.method": info.method,
                "http.route": info.path,
                "http.response.status_code": str(answer.status),
            }
            self._keep(info.process, span_id, parent, info.route, start, answer.seconds, tags, answer.status >= 500)
        return answer

    def _serve(self, handler: int, start: float, span_id: str) -> _Answer:
        graph, process = self._graph, int(self._graph.process[handler])
        if self._chance(float(self._conditions.rejected[process])):
            return _Answer(0.001, 503)
        waiting = float(self._conditions.waiting[process])
        work = float(graph.cpu[handler] * self._conditions.slowdown[process] + graph.wait[handler])
        own = waiting + work * self._variation()
        if self._chance(float(graph.error[handler])):
            return _Answer(own, STATUSES[int(graph.error_status[handler])])
        elapsed = own * 0.4
        for stage in self._stages[handler]:
            slowest, bad = 0.0, 0
            for call in stage:
                if not self._chance(float(graph.probability[call])):
                    continue
                seconds, status = self._call(call, start + elapsed, span_id)
                slowest = max(slowest, seconds)
                if status and graph.required[call]:
                    bad = status
            elapsed += slowest
            if bad:
                return _Answer(elapsed + own * 0.2, bad if graph.passes_status[handler] else 503)
        return _Answer(elapsed + own * 0.6, 200)

    def _call(self, call: int, start: float, parent: str) -> tuple[float, int]:
        """(seconds until it ends, 0 or the status that a gateway would pass on) with all attempts."""
        elapsed, status = 0.0, 0
        for _ in range(1 + int(self._graph.retries[call])):
            seconds, status, connected = self._attempt(call, start + elapsed, parent)
            elapsed += seconds
            if not status or (connected and not self._graph.retries_answers[call]):
                break
        return elapsed, status

    def _attempt(self, call: int, start: float, parent: str) -> tuple[float, int, bool]:
        graph, info = self._graph, self._graph.calls[call]
        span_id, drawn = self._span_id(), self._draw()
        limit = float(graph.timeout[call])
        seconds, status, error = float(graph.connect_timeout[call]), 504, "timeout"
        connected = False
        for target, weight in self._edges[call]:
            drawn -= weight
            if drawn < 0:
                traced = graph.processes[info.process].program.role == "service"
                answer = self.request(target, start + 0.0003, span_id if traced else "")
                late = answer.seconds + 0.0006 > limit
                seconds = limit if late else answer.seconds + 0.0006
                status = 504 if late else (0 if answer.status < 400 else answer.status)
                error = "timeout" if late else (str(answer.status) if status else "")
                connected = True
                break
        else:
            for share, took, code, name in (
                (graph.refused[call], 0.001, 502, "connection_refused"),
                (graph.unresolved[call], float(graph.name_seconds[call]), 503, "name_not_resolved"),
                (graph.denied[call], 0.004, 503, "authentication_failed"),
            ):
                drawn -= float(share)
                if drawn < 0:
                    seconds, status, error = took, code, name
                    break
        self._client_span(call, span_id, parent, start, seconds, error)
        return seconds, status, connected

    def _client_span(self, call: int, span_id: str, parent: str, start: float, seconds: float, error: str) -> None:
        info = self._graph.calls[call]
        if self._graph.processes[info.process].program.role != "service":
            return
        tags = {"span.kind": "client", "server.address": info.host, "server.port": str(info.port)}
        if info.system:
            tags |= {"db.system.name": info.system, "db.operation.name": info.route}
        else:
            tags["http.request.method"] = info.route.partition(" ")[0]
            if not error or error.isdigit():
                tags["http.response.status_code"] = error or "200"
        if error:
            tags["error.type"] = error
        self._keep(info.process, span_id, parent, info.route, start, seconds, tags, bool(error))

    def _keep(
        self,
        process: int,
        span_id: str,
        parent: str,
        operation: str,
        start: float,
        seconds: float,
        tags: dict[str, str],
        error: bool,
    ) -> None:
        owner = self._graph.processes[process]
        self.spans.append(
            TracedSpan(span_id, parent, owner.name, owner.namespace, owner.pod, operation, start, seconds, error, tags)
        )

    def _span_id(self) -> str:
        self._next_id = (self._next_id * 6364136223846793005 + 1442695040888963407) % 2**64
        return f"{self._next_id:016x}"

    def _draw(self) -> float:
        return next(self._uniform, 0.5)

    def _chance(self, probability: float) -> bool:
        """Whether something of this probability happens; what is certain costs no random number."""
        return probability >= 1.0 or (probability > 0.0 and self._draw() < probability)

    def _variation(self) -> float:
        return exp(_SIGMA * next(self._normal, 0.0) - _SIGMA * _SIGMA / 2)

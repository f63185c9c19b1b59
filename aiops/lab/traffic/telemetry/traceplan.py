"""What a walk of a traced request needs of a graph, as plain Python values: made once for each graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from aiops.lab.apps.calling import Backoff
from aiops.lab.jaeger.store import Place, Resource
from aiops.lab.logs.wording import mixed
from aiops.lab.traffic.callgraph.graph import STATUSES, UNANSWERED, CallInfo, Graph
from aiops.lab.traffic.network.policies import Peer
from aiops.lab.traffic.processes.process import Process, own_error
from aiops.lab.traffic.telemetry.attempts import KINDS

BLOCKED = slice(1, len(UNANSWERED))
"""The rows of `failures` that are no answer for another reason than time."""

_LARGEST_SKEW = 4e-4
"""Seconds by which a node's clock is off at most: what chrony keeps within one data centre."""

_STATUS_OF = {"refused": 502, "dropped": 504}
"""What a gateway answers for a call that got no answer; 503 for the rest."""

_SDK = {"nodejs": "nodejs", "go": "go", "java": "java", "python": "python", "cpp": "cpp", "dotnet": "dotnet"}


_CALLED = {"s3": ("aws-api", "S3"), "grpc": ("grpc", "inference"), "nccl": ("nccl", "collective")}
"""Protocols whose spans are remote calls and not of a database: `rpc.system` and `rpc.service`."""


@dataclass(frozen=True, slots=True)
class HandlerPlan:
    """A handler. `place` is None where its process is not instrumented; `skew` is how far off its clock is."""

    row: int
    process: int
    place: Place | None
    skew: float
    http: bool
    cpu: float
    wait: float
    error: float
    error_status: int
    passes_status: bool
    own_error: str
    stages: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class CallPlan:
    """A call. `endpoints` are (handler, share of the connections), `share` is their sum."""

    row: int
    place: Place | None
    skew: float
    http: bool
    timeout: float
    connect_timeout: float
    name_seconds: float
    attempts: int
    retries_answers: bool
    required: bool
    endpoints: tuple[tuple[int, float], ...]
    share: float
    topic: str = ""
    pool_timeout: float = 0.0
    backoff: Backoff | None = None

    def pause(self, number: int, drawn: float) -> float:
        """Seconds before the retry of this number (from 1); `drawn` is uniform in 0..1."""
        if self.backoff is None:
            return 0.0
        pause = min(self.backoff.base_seconds * self.backoff.factor ** (number - 1), self.backoff.longest_seconds)
        return pause * (1.0 - self.backoff.jitter * drawn)

    def seconds_of(self, kind: str) -> float:
        """How long an attempt takes that gets no answer for such a reason."""
        match kind:
            case "dropped":
                return self.connect_timeout
            case "unresolved":
                return self.name_seconds
            case "denied":
                return 0.004
            case "pool_timeout":
                return self.pool_timeout
        return 0.001


class TracePlan:
    """The plans of a graph's handlers and calls, by their rows."""

    def __init__(self, graph: Graph, peers: Mapping[tuple[str, str], Peer]) -> None:
        self.graph = graph
        self.entries = np.concatenate([*graph.entries, np.zeros(0, dtype=np.int64)])
        self.gateways = frozenset(self.entries.tolist())
        self.blocked_kinds = [(kind, _STATUS_OF.get(kind, 503)) for kind in KINDS[BLOCKED]]
        offsets = graph.clock_offset.tolist()
        places = [_owner(p, peers, ahead) for p, ahead in zip(graph.processes, offsets, strict=True)]
        self.handlers = [_handler_plan(graph, row, places) for row in range(len(graph.handlers))]
        self.calls = [_call_plan(graph, row, places) for row in range(len(graph.calls))]
        self.consumers: dict[str, list[int]] = {}
        for row, info in enumerate(graph.handlers):
            if info.consumes:
                self.consumers.setdefault(info.consumes, []).append(row)


def clock_skew(node: str) -> float:
    """Seconds by which a node's clock is ahead of the true time: the same for a name at all times."""
    return (mixed(crc32(node.encode())) % 2001 - 1000) / 1000 * _LARGEST_SKEW


def _owner(process: Process, peers: Mapping[tuple[str, str], Peer], ahead: float) -> tuple[Resource | None, float]:
    """(resource, clock skew) of a process that sees a clock so many seconds ahead; no resource where it is not
    instrumented."""
    peer = peers.get((process.namespace, process.pod))
    node = peer.node if peer else ""
    skew = clock_skew(node) + ahead
    if process.program.role != "service":
        return None, skew
    return Resource(process.name, _attributes(process, node)), skew


def _attributes(process: Process, node: str) -> dict[str, str]:
    image, container = process.container.image, process.container
    return {
        "service.namespace": process.namespace,
        "service.version": image.rpartition(":")[2],
        "service.instance.id": f"{process.namespace}.{process.pod}.{container.name}",
        "k8s.namespace.name": process.namespace,
        "k8s.pod.name": process.pod,
        "k8s.container.name": container.name,
        "k8s.node.name": node,
        "telemetry.sdk.name": "opentelemetry",
        "telemetry.sdk.language": _SDK.get(process.program.language, process.program.language),
    }


def _handler_plan(graph: Graph, row: int, owners: list[tuple[Resource | None, float]]) -> HandlerPlan:
    info, process = graph.handlers[row], int(graph.process[row])
    resource, skew = owners[process] if row else (None, 0.0)
    place = None
    if resource is not None and info.consumes:
        place = Place(resource, f"process {info.consumes}", "consumer", _messaging(info.consumes, "", "process"))
    elif resource is not None:
        tags = {
            "http.request.method": info.method,
            "http.route": info.path,
            "url.path": info.path,
            "url.scheme": "http",
            "server.port": str(graph.processes[process].program.port),
            "network.protocol.version": "1.1",
        }
        place = Place(resource, info.route, "server", tags)
    return HandlerPlan(
        row=row,
        process=process,
        place=place,
        skew=skew,
        http=not info.consumes,
        cpu=float(graph.cpu[row]),
        wait=float(graph.wait[row]),
        error=float(graph.error[row]),
        error_status=STATUSES[int(graph.error_status[row])],
        passes_status=bool(graph.passes_status[row]),
        own_error=own_error(graph.processes[process]),
        stages=tuple(tuple(stage) for stage in graph.stages_of(row)),
    )


def _call_plan(graph: Graph, row: int, owners: list[tuple[Resource | None, float]]) -> CallPlan:
    info = graph.calls[row]
    resource, skew = owners[info.process]
    endpoints, want = graph.endpoints(row), graph.wants[row]
    pool = graph.processes[info.process].program.pools.get(want.to)
    return CallPlan(
        row=row,
        place=None if resource is None else _client_place(resource, info),
        skew=skew,
        http=not info.system,
        timeout=float(graph.timeout[row]),
        connect_timeout=float(graph.connect_timeout[row]),
        name_seconds=float(graph.name_seconds[row]),
        attempts=1 + int(graph.retries[row]),
        retries_answers=bool(graph.retries_answers[row]),
        required=bool(graph.required[row]),
        endpoints=tuple(endpoints),
        share=sum(weight for _, weight in endpoints),
        topic=info.topic,
        pool_timeout=min(pool.wait_timeout, float(graph.timeout[row])) if pool else 0.0,
        backoff=want.backoff,
    )


def _client_place(resource: Resource, info: CallInfo) -> Place:
    tags = {"server.address": info.host, "server.port": str(info.port)}
    if info.topic:
        return Place(
            resource, f"send {info.topic}", "producer", {**tags, **_messaging(info.topic, info.system, "send")}
        )
    if info.system in _CALLED:
        system, service = _CALLED[info.system]
        tags |= {"rpc.system": system, "rpc.service": service, "rpc.method": info.route}
    elif info.system:
        tags |= {"db.system.name": info.system, "db.operation.name": info.route}
    else:
        method, _, path = info.route.partition(" ")
        tags |= {"http.request.method": method, "url.full": f"http://{info.host}:{info.port}{path}"}
    return Place(resource, info.route, "client", tags)


def _messaging(topic: str, protocol: str, operation: str) -> dict[str, str]:
    tags = {"messaging.destination.name": topic, "messaging.operation.type": operation}
    if protocol:
        tags["messaging.system"] = "rabbitmq" if protocol == "amqp" else protocol
    return tags

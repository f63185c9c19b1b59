"""The call graph of one moment as flat arrays, sorted so that each level is a slice.

A *handler* is one kind of request at one process; a *call* is a place in a handler that sends requests; a *link* is a
way to a set of endpoints, shared by all calls that see the same handlers behind it within the same time. Level 0 calls
nobody; each level calls lower ones only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from aiops.core.telemetry import FloatArray
from aiops.lab.apps.calling import Call
from aiops.lab.apps.program import Route
from aiops.lab.traffic.callgraph.admitting import Refusal
from aiops.lab.traffic.processes.process import Process

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

STATUSES = (403, 404, 423, 500, 502, 503, 504, 507)
"""Error statuses of answers, in the order of every array that has them. Stores say 403 where a user may not do what
it asks for, 423 where a lock was not free in time, and 507 where their disk is full."""

UNANSWERED = ("timeout", "refused", "dropped", "unresolved", "denied", "reset", "pool_timeout", "circuit_open")
"""How an attempt ends that gets no answer, in the order of every array that has them."""

OUTCOMES = (
    "",
    *(str(status) for status in STATUSES),
    *(reason for reason in UNANSWERED if reason != "dropped"),
)
"""What a caller sees of one attempt: the empty one is success. Dropped packets are a timeout to it."""


@dataclass(frozen=True, slots=True)
class HandlerInfo:
    """What a handler is. `method` is a store's operation; `ingress` names a gateway's rule (ingress, path, service).

    `consumes` is the topic whose messages it handles; empty for requests."""

    process: int
    method: str
    path: str
    ingress: tuple[str, str, str, str] | None = None
    consumes: str = ""

    @property
    def route(self) -> str:
        return f"{self.method} {self.path}".rstrip()


@dataclass(frozen=True, slots=True)
class CallInfo:
    """What a call is, for telemetry: the address as configured, and `shown` as an error message names it.

    `system` is the kind of data store or broker that is asked, empty for services; `key` stays while the process lives;
    `topic` is the one that it publishes to. `names` are the complete names that the cluster's DNS is asked for in turn
    where it is; of these `name_exists` says that the last one has an address."""

    process: int
    host: str
    port: int
    shown: str
    route: str
    system: str
    key: tuple[str, ...]
    topic: str = ""
    names: tuple[str, ...] = ()
    name_exists: bool = False


@dataclass(frozen=True, slots=True)
class Consumption:
    """Messages that a handler takes: the broker's topics by (namespace, program, topic), and how."""

    handler: int
    workers: int
    batch: int
    poison: float
    topics: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """A call whose connections a server, a process, refuses: for what, and which share of those that are refused so."""

    call: int
    server: int
    why: Refusal
    share: float


@dataclass(frozen=True, slots=True)
class Level:
    """Slices of one level's handlers, calls, links and stages; `call_starts` are relative to its calls."""

    handlers: slice
    calls: slice
    links: slice
    stages: slice
    call_starts: IntArray


@dataclass(frozen=True, slots=True)
class Ways:
    """What happens to packets, each (most endpoints, links): seconds of `delay` and their `variance`, and for how long
    they are `queued` now. `unsound` (3, most endpoints, links) are the shares that come twice, not at all, and broken.
    `narrow` are the bandwidths (bytes a second) that several edges go through together, each with its edges: (rows,
    links)."""

    delay: FloatArray
    variance: FloatArray
    queued: FloatArray
    unsound: FloatArray
    narrow: tuple[tuple[float, IntArray, IntArray], ...]


@dataclass(frozen=True)
class Graph:
    """All arrays: handlers (h,), calls (c,), links (l,), edges (most endpoints, l) with weight 0 where there are fewer.
    `ways` is None where nothing slows packets down. `dns_servers` are the processes that the cluster's names are asked,
    `refusals` what servers have against clients.

    Times in seconds; shares and probabilities in 0..1. `clock_offset` (processes,) is how far ahead the clocks are that
    processes see. `stage_table` (most stages, h) holds each handler's stages, the
    number of stages meaning none. `whole` is one level of everything."""

    processes: tuple[Process, ...]
    handlers: tuple[HandlerInfo, ...]
    routes: tuple[Route, ...]
    calls: tuple[CallInfo, ...]
    wants: tuple[Call, ...]
    consumptions: tuple[Consumption, ...]
    levels: tuple[Level, ...]
    whole: Level
    entries: tuple[IntArray, ...]

    clock_offset: FloatArray
    process: IntArray
    cpu: FloatArray
    wait: FloatArray
    memory: FloatArray
    error: FloatArray
    wrong: FloatArray
    error_status: IntArray
    passes_status: BoolArray

    call_handler: IntArray
    call_link: IntArray
    stage_of_call: IntArray
    stage_table: IntArray
    retries: FloatArray
    retries_answers: BoolArray
    required: FloatArray
    probability: FloatArray

    link_timeout: FloatArray
    link_connect_timeout: FloatArray
    link_name_seconds: FloatArray
    refused: FloatArray
    dropped: FloatArray
    unresolved: FloatArray
    denied: FloatArray
    reset: FloatArray
    edge_target: IntArray
    edge_weight: FloatArray
    dns_servers: IntArray
    refusals: tuple[TurnedAway, ...] = ()
    ways: Ways | None = None

    @property
    def stages(self) -> int:
        return len(self.whole.call_starts)

    @cached_property
    def timeout(self) -> FloatArray:
        """(c,) as `connect_timeout` and `name_seconds`, which are those of each call's link."""
        return self.link_timeout[self.call_link]

    @cached_property
    def connect_timeout(self) -> FloatArray:
        return self.link_connect_timeout[self.call_link]

    @cached_property
    def name_seconds(self) -> FloatArray:
        return self.link_name_seconds[self.call_link]

    @cached_property
    def entry_rows(self) -> IntArray:
        """The gateway handlers of all user operations, one operation after the other."""
        return np.concatenate([*self.entries, np.zeros(0, dtype=np.int64)])

    @cached_property
    def entry_operations(self) -> IntArray:
        """The user operation of each of `entry_rows`."""
        return np.repeat(np.arange(len(self.entries)), [len(entry) for entry in self.entries])

    @cached_property
    def _endpoints(self) -> list[list[tuple[int, float]]]:
        columns = zip(self.edge_target.T.tolist(), self.edge_weight.T.tolist(), strict=True)
        return [[(t, w) for t, w in zip(ts, ws, strict=True) if w > 0] for ts, ws in columns]

    def endpoints(self, call: int) -> list[tuple[int, float]]:
        """(handler, share of the connections) of everything that answers a call."""
        return self._endpoints[int(self.call_link[call])]

    @cached_property
    def _stages(self) -> list[list[list[int]]]:
        found: list[list[list[int]]] = [[] for _ in self.handlers]
        last = -1
        for call, (handler, stage) in enumerate(
            zip(self.call_handler.tolist(), self.stage_of_call.tolist(), strict=True)
        ):
            if stage != last:
                found[handler].append([])
                last = stage
            found[handler][-1].append(call)
        return found

    def stages_of(self, handler: int) -> list[list[int]]:
        """The calls of a handler by stage."""
        return self._stages[handler]

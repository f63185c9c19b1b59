"""The call graph of one moment as flat arrays, sorted so that each level is a slice.

A *handler* is one kind of request at one process; a *call* is a place in a handler that sends requests; an *edge*
leads from a call to a handler of one pod that may answer it. Level 0 calls nobody; each level calls lower ones only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.process import Process

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

STATUSES = (404, 500, 502, 503, 504)
"""Error statuses of answers, in the order of every array that has them."""

OUTCOMES = ("", *(str(status) for status in STATUSES), "timeout", "refused", "unresolved", "denied")
"""What a caller sees of one attempt: the empty one is success; the last four are no answer at all."""


@dataclass(frozen=True, slots=True)
class HandlerInfo:
    """What a handler is. `method` is a store's operation; `ingress` names a gateway's rule (ingress, path, service)."""

    process: int
    method: str
    path: str
    ingress: tuple[str, str, str, str] | None = None

    @property
    def route(self) -> str:
        return f"{self.method} {self.path}".rstrip()


@dataclass(frozen=True, slots=True)
class CallInfo:
    """What a call is, for telemetry: the address as configured, and `shown` as an error message names it.

    `system` is the kind of data store that is asked, empty for services; `key` stays while the process lives."""

    process: int
    host: str
    port: int
    shown: str
    route: str
    system: str
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """Slices of one level's handlers, calls, edges and stages; starts of groups are relative to their slice.

    `stage_table` (handlers, most stages) holds each handler's stages, the index after the last stage meaning none."""

    handlers: slice
    calls: slice
    edges: slice
    stages: slice
    edge_starts: IntArray
    call_starts: IntArray
    stage_of_call: IntArray
    stage_table: IntArray


@dataclass(frozen=True, slots=True)
class Graph:
    """All arrays: handlers (h,), calls (c,), edges (e,). Times in seconds; shares and probabilities in 0..1."""

    processes: tuple[Process, ...]
    handlers: tuple[HandlerInfo, ...]
    calls: tuple[CallInfo, ...]
    levels: tuple[Level, ...]

    process: IntArray
    cpu: FloatArray
    wait: FloatArray
    error: FloatArray
    error_status: IntArray
    passes_status: BoolArray
    entries: tuple[IntArray, ...]

    call_handler: IntArray
    timeout: FloatArray
    connect_timeout: FloatArray
    name_seconds: FloatArray
    retries: FloatArray
    retries_answers: BoolArray
    required: FloatArray
    probability: FloatArray
    refused: FloatArray
    dropped: FloatArray
    unresolved: FloatArray
    denied: FloatArray

    edge_call: IntArray
    edge_target: IntArray
    edge_weight: FloatArray
    stages: int

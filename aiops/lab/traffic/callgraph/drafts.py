"""Handlers, calls and consumptions before they have a place in the arrays of a `Graph`."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiops.lab.apps.calling import Call
from aiops.lab.apps.program import Consumer, Route
from aiops.lab.traffic.callgraph.admitting import Refusal
from aiops.lab.traffic.callgraph.graph import STATUSES, CallInfo, HandlerInfo
from aiops.lab.traffic.network.interference import Path
from aiops.lab.traffic.network.network import Obstacle


@dataclass(slots=True)
class DraftCall:
    """A call. `edges` are (draft handler, share of the connections); `ways` are the paths to those handlers that are
    not clear; `turned_away` are (process, what it has against the client, share of the connections)."""

    info: CallInfo
    stage: int
    call: Call
    edges: list[tuple[int, float]] = field(default_factory=list)
    refused: float = 0.0
    dropped: float = 0.0
    unresolved: float = 0.0
    denied: float = 0.0
    reset: float = 0.0
    connect_timeout: float = 0.0
    name_seconds: float = 0.005
    retries_answers: bool = True
    ways: dict[int, Path] = field(default_factory=dict)
    turned_away: list[tuple[int, Refusal, float]] = field(default_factory=list)

    def block(self, obstacle: Obstacle, share: float = 1.0) -> None:
        if obstacle is Obstacle.REFUSED:
            self.refused += share
        elif obstacle is Obstacle.DROPPED:
            self.dropped += share
        else:
            self.unresolved += share


@dataclass(frozen=True, slots=True)
class DraftConsumption:
    """What a process takes from a broker: `handler` is the draft handler of a message, `topics` the broker's by
    (namespace, program, topic)."""

    handler: int
    consumer: Consumer
    topics: tuple[tuple[str, str, str], ...]


@dataclass(slots=True)
class DraftHandler:
    """A handler."""

    info: HandlerInfo
    route: Route
    error_status: int = STATUSES.index(500)
    passes_status: bool = False
    calls: list[DraftCall] = field(default_factory=list)

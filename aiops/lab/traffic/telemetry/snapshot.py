"""What the logs and traces of one step are made of, kept until somebody reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.callgraph.carrying import row
from aiops.lab.traffic.callgraph.graph import Graph, IntArray
from aiops.lab.traffic.inside.brokers import Brokers
from aiops.lab.traffic.inside.collectors import Collectors
from aiops.lab.traffic.network.policies import Peer
from aiops.lab.traffic.solving.flow import Conditions, Flow

Peers = Mapping[tuple[str, str], Peer]
"""Pods, by namespace and name."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What a solution says of requests, in arrays of its own; each is named as in `Flow`."""

    graph: Graph
    error: FloatArray
    fails: FloatArray
    ok_mu: FloatArray
    ok_sigma: FloatArray
    fail_mu: FloatArray
    fail_sigma: FloatArray
    statuses: FloatArray
    call_ok: FloatArray
    call_unanswered: FloatArray
    link_statuses: FloatArray
    sent_share: FloatArray
    probability: FloatArray


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One step of `dt` seconds up to `now`. `requests` (handlers,) and `attempts` (calls,) are its own, `conditions`
    those under which the next step begins; `topics` are brokers' by (namespace, broker, topic), each with its depth;
    `collected` are the collections of heaps since the start of their processes, by the rows `heaps` of processes, whose
    containers are `heap_ids`."""

    settled: Settled
    requests: FloatArray
    attempts: FloatArray
    conditions: Conditions
    topics: tuple[tuple[str, str, str], ...]
    depths: FloatArray
    heap_ids: tuple[str, ...]
    heaps: IntArray
    collected: FloatArray
    peers: Peers
    now: float
    dt: float


def settled_of(flow: Flow) -> Settled:
    """The present solution. Only what the next one is written into is copied."""
    rows = flow.handler_rows.copy()
    return Settled(
        graph=flow.graph,
        error=flow.error,
        fails=row(rows, 4),
        ok_mu=row(rows, 0),
        ok_sigma=row(rows, 1),
        fail_mu=flow.fail_mu,
        fail_sigma=flow.fail_sigma,
        statuses=flow.statuses,
        call_ok=flow.call_ok.copy(),
        call_unanswered=flow.call_unanswered.copy(),
        link_statuses=flow.link_statuses,
        sent_share=flow.sent_share,
        probability=flow.probability,
    )


def snapshot(
    settled: Settled,
    flow: Flow,
    conditions: Conditions,
    brokers: Brokers,
    collectors: Collectors,
    peers: Peers,
    now: float,
    dt: float,
) -> Snapshot:
    """The step that ends now."""
    return Snapshot(
        settled=settled,
        requests=flow.requests,
        attempts=flow.attempts,
        conditions=conditions,
        topics=brokers.keys,
        depths=brokers.depth.copy(),
        heap_ids=collectors.keys,
        heaps=collectors.process,
        collected=collectors.collections.copy(),
        peers=peers,
        now=now,
        dt=dt,
    )

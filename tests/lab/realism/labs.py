"""What labs look like to the same queries: normal hours, and what is seen when something is disturbed."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from random import Random
from typing import Any

import numpy as np

from aiops.core.disturbance import disturbance_of
from aiops.core.errors import NotPossibleError
from aiops.core.telemetry import FloatArray
from aiops.lab.promql.engine import Engine
from aiops.lab.world import SETTLING, START, World
from tests.lab.realism.recordings import Columns, Trouble

STEP = 300.0
"""Seconds of a sample, as in the recordings."""

FAULTY_SECONDS = 5 * STEP
_ALL = "http_server_request_duration_seconds"
_FAILED = f'sum by (service) (rate({_ALL}_count{{http_response_status_code=~"5.."}}[5m]))'
_RATE = f"sum by (service) (rate({_ALL}_count[5m]))"
QUERIES = {
    "requests": f"sum by (service) (increase({_ALL}_count[5m]))",
    "latency": f"sum by (service) (rate({_ALL}_sum[5m])) / {_RATE}",
    "p99": f"histogram_quantile(0.99, sum by (service, le) (rate({_ALL}_bucket[5m])))",
    "availability": f"1 - ({_FAILED} or 0 * {_RATE}) / {_RATE}",
}
CLOUD_QUERIES = {
    "cpu": "sum by (node) (rate(node_cpu_seconds_total{mode!~'idle|iowait'}[5m]))",
    "network": "sum by (node) (rate(node_network_receive_bytes_total[5m]))",
    "requests": "sum(increase(nginx_ingress_controller_requests[5m]))",
}


def lived(application: str, seed: int, hours: float) -> World:
    """A lab after so many hours in which nothing was broken; the first of them begins at `START`."""
    world = World(application, seed=seed, start=START - SETTLING)
    world.settle()
    for _ in world.ticks(hours * 3600):
        pass
    return world


def columns(world: World, start: float = START + STEP) -> Columns:
    """What services answered since a moment (unix seconds)."""
    found: Columns = {}
    for measure, query in QUERIES.items():
        for labels, values in _asked(world, query, start):
            found[labels.get("service", ""), measure] = values
    return found


def cloud_metrics(world: World) -> dict[str, list[FloatArray]]:
    """What machines and the gateway did, by what is measured."""
    start = START + STEP
    return {kind: [values for _, values in _asked(world, query, start)] for kind, query in CLOUD_QUERIES.items()}


def troubles(world: World, seed: int) -> Iterator[Trouble]:
    """What is seen when one thing at a time is disturbed in a copy of a world."""
    normal = columns(world)
    frozen = pickle.dumps(world)
    for number, case in enumerate(_cases(world, Random(f"{seed}:cases"))):
        copy: World = pickle.loads(frozen)
        try:
            copy.disturbances.begin(f"case-{number}", disturbance_of(case))
        except NotPossibleError:
            continue
        for _ in copy.ticks(FAULTY_SECONDS):
            pass
        yield Trouble(normal, columns(copy, world.now + STEP))


def _cases(world: World, rng: Random) -> list[dict[str, Any]]:
    """Ten things that go wrong at one service, one machine, or among the users."""
    services: dict[tuple[str, str], list[str]] = {}
    for process in world.runtime.running():
        if process.program.role == "service":
            services.setdefault((process.namespace, process.name), []).append(process.pod)

    def pods() -> dict[str, Any]:
        namespace, name = rng.choice(sorted(services))
        return {"namespace": namespace, "names": services[namespace, name]}

    def wrong(**behaviour: Any) -> dict[str, Any]:
        return {"kind": "misbehaviour", "pods": pods(), "behaviours": [behaviour]}

    node = rng.choice([item["metadata"]["name"] for item in world.cluster.objects("Node")])
    return [
        {"kind": "network.delay", "pods": pods(), "seconds": 0.25, "jitter_seconds": 0.05},
        {"kind": "network.loss", "pods": pods(), "percent": 15},
        {"kind": "stress.cpu", "pods": pods(), "cores": 2.0},
        wrong(kind="operation_errors", percent=30),
        wrong(kind="operation_cost", wait_seconds=1.0),
        wrong(kind="operation_cost", cpu_factor=4.0),
        wrong(kind="memory_leak", bytes_per_request=200_000),
        wrong(kind="connection_leak", per_second=0.5),
        {"kind": "node.cpu", "nodes": {"names": [node]}, "cores": 7},
        {"kind": "load.increase", "factor": 2.0},
    ]


def _asked(world: World, query: str, start: float) -> Iterator[tuple[dict[str, str], FloatArray]]:
    steps = np.arange(start, world.now + 1e-3, STEP)
    for series in Engine(world.series).range(query, float(steps[0]), float(steps[-1]), STEP).series:
        values = np.full(len(steps), np.nan)
        values[np.rint((series.times - steps[0]) / STEP).astype(int)] = series.values
        yield dict(series.labels), values

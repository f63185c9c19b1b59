"""How fast a lab runs, how long it takes to start, and how much memory it needs."""

from __future__ import annotations

import resource
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from aiops.core.clock import cpu_seconds
from aiops.lab.apps import Application, load_application
from aiops.lab.apps.model import Workload
from aiops.lab.fork_timing import fork_seconds
from aiops.lab.world import World

WARM_UP = 300.0
"""Simulated seconds before the measurement, in which pods start and caches fill."""

_MIB = 2.0**20


@dataclass(frozen=True, slots=True)
class Measurement:
    """CPU time of one core counts as seconds; `memory_mb` is the most that the whole process held (MiB).
    `fork_milliseconds` are wall time, until a fork has taken its first tick."""

    application: str
    pods: int
    simulated_seconds: float
    simulated_seconds_per_second: float
    start_seconds: float
    memory_mb: float
    fork_milliseconds: float


def measure(application: str, *, replicas: int | None, seconds: float, seed: int) -> Measurement:
    """Run a lab for some simulated seconds, after it has settled, with so many `replicas` of each service."""
    app = load_application(application, seed=seed)
    before = cpu_seconds()
    world = World(app if replicas is None else with_replicas(app, replicas), seed=seed)
    started = cpu_seconds()
    _run(world, WARM_UP)
    settled = cpu_seconds()
    _run(world, seconds)
    used = cpu_seconds() - settled
    return Measurement(
        application=application,
        pods=len(list(world.cluster.objects("Pod"))),
        simulated_seconds=seconds,
        simulated_seconds_per_second=round(seconds / used, 1),
        start_seconds=round(started - before, 3),
        memory_mb=round(_peak_bytes() / _MIB, 1),
        fork_milliseconds=round(fork_seconds(world) * 1000.0, 1),
    )


def with_replicas(application: Application, replicas: int) -> Application:
    """The application with so many pods of each of its services, and as many more nodes; the rest stays as it is."""
    workloads = {
        name: workload.model_copy(update={"replicas": replicas, "autoscaler": None})
        if workload.kind == "Deployment" and application.programs[workload.program].role == "service"
        else workload
        for name, workload in application.workloads.items()
    }
    grown = _pods(workloads) / _pods(application.workloads)
    plain = [node for node in application.nodes if not node.taints and not node.accelerators]
    more = [
        plain[0].model_copy(update={"name": f"extra-{i + 1}", "address": f"10.1.{i // 200}.{i % 200 + 11}"})
        for i in range(ceil(len(plain) * (grown - 1.0)))
    ]
    return application.model_copy(update={"workloads": workloads, "nodes": (*application.nodes, *more)})


def _pods(workloads: Mapping[str, Workload]) -> int:
    return sum(workload.replicas for workload in workloads.values())


def _run(world: World, seconds: float) -> None:
    for _ in world.ticks(seconds):
        pass


def _peak_bytes() -> float:
    """Linux counts it in KiB, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(peak if sys.platform == "darwin" else peak * 1024)

"""Gives every workload of an application the replicas and resources that its load asks for, and the cluster nodes."""

from __future__ import annotations

from math import ceil

from aiops.core.quantity import parse_quantity
from aiops.lab.apps.expected import Expected
from aiops.lab.apps.model import Application, Node, Resources, Workload

BUSY = 0.35
"""The share of its CPU limit that a workload uses at its plain load."""

_LIMITS = (0.3, 0.6, 1.0, 2.0, 4.0)
_FEW = 6
"""Replicas that are better than pods of the next size."""
_MACHINES = ((8, 32), (16, 64), (32, 128))
"""(cores, GiB) of the nodes of small, larger and large clusters."""
_FILLED = 0.65
"""The share of the nodes that requests take: an update needs room beside what runs."""
_GIB = 2**30
_PODS = 110
"""How many pods a kubelet runs at most."""


def sized(application: Application, load: Expected) -> Application:
    """The same application with replicas, resources and nodes for a load. What the platform brings stays."""
    workloads = {
        name: _sized(application, name, load.cores[name]) if name in load.cores else workload
        for name, workload in application.workloads.items()
    }
    made = application.model_copy(update={"workloads": workloads})
    return made.model_copy(update={"nodes": _nodes(made)})


def _sized(application: Application, name: str, cores: float) -> Workload:
    workload = application.workloads[name]
    wanted = cores / BUSY
    if application.programs[workload.program].role != "service":
        limit = next((size for size in _LIMITS if size >= wanted), float(ceil(wanted)))
        return workload.model_copy(update={"resources": _resources(workload.resources, max(limit, 1.0))})
    limit = next((size for size in _LIMITS if size * _FEW >= wanted), _LIMITS[-1])
    replicas = max(2, ceil(wanted / limit))
    return workload.model_copy(update={"replicas": replicas, "resources": _resources(workload.resources, limit)})


def _resources(old: Resources, limit: float) -> Resources:
    return old.model_copy(update={"cpu_request": f"{limit / 2 * 1000:.0f}m", "cpu_limit": f"{limit * 1000:.0f}m"})


def _nodes(application: Application) -> tuple[Node, ...]:
    cpu = sum(parse_quantity(w.resources.cpu_request) * w.replicas for w in application.workloads.values())
    memory = sum(parse_quantity(w.resources.memory_request) * w.replicas for w in application.workloads.values())
    cores, gib = next((m for m in _MACHINES if cpu <= m[0] * 12), _MACHINES[-1])
    pods = sum(w.replicas for w in application.workloads.values())
    count = max(3, *(ceil(share / _FILLED) for share in (cpu / cores, memory / (gib * _GIB), pods / _PODS)))
    return tuple(
        Node(name=f"node-{i + 1}", address=f"10.0.{i // 200}.{i % 200 + 11}", cpu=cores, memory=gib * _GIB)
        for i in range(count)
    )

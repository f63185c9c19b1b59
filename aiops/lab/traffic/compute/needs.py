"""What processes need and may use: what does not change while they run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from aiops.core.entity import Manifest
from aiops.core.quantity import parse_quantity
from aiops.core.telemetry import FloatArray
from aiops.lab.apps.model import Application
from aiops.lab.traffic.callgraph.graph import IntArray
from aiops.lab.traffic.processes.process import Process

_PLAIN_MEMORY = (3.0 * 2**20, 8.0 * 2**20)
"""Bytes at the start and when warm of a program that the application does not have."""

_LEAST_SHARES = 0.002
"""CPU shares, in cores, of a container that requests none."""


@dataclass(frozen=True, slots=True)
class Needs:
    """Each (processes,). No limit is infinite; `limited` is 1 where there is a CPU limit; `cpu_shares` are what is
    requested, in cores; `pace` scales the warm-up; `held` are connections that slow clients keep. `queues` and `leaks`
    say whether any process has such a thing."""

    node: IntArray
    cpu_limit: FloatArray
    limited: FloatArray
    cpu_shares: FloatArray
    memory_limit: FloatArray
    memory_base: FloatArray
    memory_warm: FloatArray
    concurrency: FloatArray
    queue_length: FloatArray
    idle_cpu: FloatArray
    startup_work: FloatArray
    leak_a_request: FloatArray
    leak_a_second: FloatArray
    pace: FloatArray
    held: FloatArray
    queues: bool
    leaks: bool


def needs_of(processes: Sequence[Process], nodes: Sequence[int], memory: Mapping[str, tuple[float, float]]) -> Needs:
    """The needs of processes on these nodes (rows); `memory` are (bytes at the start, when warm) by program."""
    programs = [process.program for process in processes]
    starts = [process.container for process in processes]
    sizes = [memory.get(process.name, _PLAIN_MEMORY) for process in processes]
    leaks = [program.leak for program in programs]
    return Needs(
        node=np.array(nodes, dtype=np.int64),
        cpu_limit=_floats([s.cpu_limit or np.inf for s in starts]),
        limited=_floats([1.0 if s.cpu_limit else 0.0 for s in starts]),
        cpu_shares=_floats([_requested(process) for process in processes]),
        memory_limit=_floats([s.memory_limit or np.inf for s in starts]),
        memory_base=_floats([base + p.resident_bytes for p, (base, _) in zip(programs, sizes, strict=True)]),
        memory_warm=_floats([warm + p.resident_bytes for p, (_, warm) in zip(programs, sizes, strict=True)]),
        concurrency=_floats([p.concurrency for p in programs]),
        queue_length=_floats([p.queue_length for p in programs]),
        idle_cpu=_floats([p.idle_cpu for p in programs]),
        startup_work=_floats([p.startup_cpu_seconds for p in programs]),
        leak_a_request=_floats([leak.bytes_per_request for leak in leaks]),
        leak_a_second=_floats([leak.bytes_per_second for leak in leaks]),
        pace=_floats([_pace(s.id) for s in starts]),
        held=_floats([process.plight.held for process in processes]),
        queues=any(p.queue_length for p in programs),
        leaks=any(leak.bytes_per_request or leak.bytes_per_second for leak in leaks),
    )


def memory_of_programs(application: Application) -> dict[str, tuple[float, float]]:
    """(bytes at the start, bytes when warm) of each program: what its largest workload was sized for."""
    found: dict[str, tuple[float, float]] = {}
    for workload in application.workloads.values():
        sizes = workload.resources
        limit = parse_quantity(sizes.memory_limit)
        need = (limit * sizes.memory_base, limit * sizes.memory_warm)
        found[workload.program] = max(found.get(workload.program, need), need)
    return found


def _requested(process: Process) -> float:
    spec = process.container.pod["spec"]
    own: Manifest = next((c for c in spec.get("containers") or () if c["name"] == process.container.name), {})
    requested = ((own.get("resources") or {}).get("requests") or {}).get("cpu")
    return max(parse_quantity(requested), _LEAST_SHARES) if requested else _LEAST_SHARES


def _pace(container_id: str) -> float:
    """How fast a process warms up, 0.75 to 1.25: no two get quite the same requests."""
    return 0.75 + (crc32(container_id.encode()) % 1024) / 2048


def _floats(values: Sequence[float]) -> FloatArray:
    return np.array(values, dtype=np.float64)

"""What disturbances do to single processes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from aiops.core.disturbance import Behaviour, Disturbance, Pods
from aiops.core.disturbance.behaviour import CpuBurnt, Hang, MemoryHeld, PlaintextRefused, RefusedUser
from aiops.core.disturbance.load import SlowClients
from aiops.core.disturbance.machine import AcceleratorThrottled, NodeClock, NodeDiskSlow
from aiops.core.disturbance.network import HttpAbort, HttpDelay, HttpReplace, NetworkBandwidth
from aiops.core.disturbance.process import (
    ClockOffset,
    CpuStress,
    DiskFill,
    IoDelay,
    IoErrors,
    MemoryStress,
    Misbehaviour,
    Release,
)
from aiops.core.disturbance.scope import Nodes, OnNodes, OnPods, fits
from aiops.core.entity import Manifest
from aiops.lab.apps.images import split_reference
from aiops.lab.apps.program import DISK_BANDWIDTH, LINK_BANDWIDTH, Program, Route
from aiops.lab.disturbances.book import Entry, behaviours_of
from aiops.lab.disturbances.programs import behave, failing, slower_accelerator, waiting, with_routes_of
from aiops.lab.ports import ClusterView
from aiops.lab.traffic.processes.process import Plight, Process

_BAD_GATEWAY, _FULL, _BROKEN = 502, 507, 500


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the effects of a moment depend on: the cluster, the time, and how many users a second each gateway has."""

    view: ClusterView
    now: float
    users: float


def afflict(process: Process, entries: Iterable[Entry], around: Surroundings) -> None:
    """Give a process the program and the plight that all disturbances together make of it."""
    process.program, process.plight = state_of(process, entries, around)


def state_of(process: Process, entries: Iterable[Entry], around: Surroundings) -> tuple[Program, Plight]:
    """What all disturbances together make of a process."""
    program, plight = process.built, Plight()
    for entry in entries:
        if concerns(entry, process, around.view):
            program, plight = _affected(program, plight, entry, around, _elapsed(process, entry, around))
            plight = _busy(plight, entry.disturbance, process)
    return program, plight


def _busy(plight: Plight, disturbance: Disturbance, process: Process) -> Plight:
    """What a process does with the disk or the link of which it leaves little to others."""
    if not isinstance(disturbance, NodeDiskSlow | NetworkBandwidth) or disturbance.while_running is None:
        return plight
    if not chosen(disturbance.while_running, process):
        return plight
    if isinstance(disturbance, NetworkBandwidth):
        return replace(plight, sent=plight.sent + max(LINK_BANDWIDTH - disturbance.bytes_per_second, 0.0))
    return replace(plight, moved=plight.moved + DISK_BANDWIDTH * (1.0 - disturbance.percent / 100))


def _elapsed(process: Process, entry: Entry, around: Surroundings) -> float:
    """Seconds for which a process has behaved so: no longer than it lives, for what it used up is free at its end."""
    return around.now - max(entry.since, process.container.started_at)


def changes(process: Process, entry: Entry, around: Surroundings) -> bool:
    """Whether a disturbance changes anything about a process."""
    if not concerns(entry, process, around.view):
        return False
    program, plight = _affected(process.built, Plight(), entry, around, _elapsed(process, entry, around))
    return program is not process.built or plight != Plight()


def concerns(entry: Entry, process: Process, view: ClusterView) -> bool:
    """Whether a process is one of those that a disturbance is done to."""
    disturbance = entry.disturbance
    if entry.bound is not None:
        return process.container.id in entry.bound
    if isinstance(disturbance, Release | Misbehaviour) and not fits(disturbance.settings, process.container.env):
        return False
    if isinstance(disturbance, Release):
        return split_reference(process.container.image) == (disturbance.image, disturbance.version)
    if isinstance(disturbance, SlowClients):
        return process.built.role == "gateway"
    if isinstance(disturbance, OnPods):
        return chosen(disturbance.pods, process)
    return isinstance(disturbance, OnNodes) and node_of(process) in nodes_of(disturbance.nodes, view)


def chosen(pods: Pods, process: Process) -> bool:
    """Whether a process runs in one of these pods, and in the container where one is named."""
    meta = process.container.pod["metadata"]
    return (
        pods.container in ("", process.container.name)
        and pods.image in ("", process.container.image)
        and pods.chooses(process.namespace, process.pod, meta.get("labels") or {}, node_of(process))
    )


def chosen_pod(pods: Pods, pod: Manifest) -> bool:
    """Whether a pod is one of these."""
    meta, node = pod["metadata"], str(pod["spec"].get("nodeName", ""))
    return pods.chooses(meta["namespace"], meta["name"], meta.get("labels") or {}, node) and (
        not pods.image
        or any(
            pods.image == container["image"] and pods.container in ("", container["name"])
            for container in pod["spec"]["containers"]
        )
    )


def runs(pods: Pods, view: ClusterView) -> bool:
    """Whether a container of one of these pods runs, as the cluster says."""
    return any(
        "running" in (status.get("state") or {})
        for pod in view.objects("Pod", pods.namespace)
        if chosen_pod(pods, pod)
        for status in (pod.get("status") or {}).get("containerStatuses") or ()
        if pods.container in ("", status["name"])
    )


def node_of(process: Process) -> str:
    return str(process.container.pod["spec"].get("nodeName", ""))


def nodes_of(nodes: Nodes, view: ClusterView) -> list[str]:
    """The nodes of the cluster that are chosen."""
    metas = [node["metadata"] for node in view.objects("Node")]
    return [meta["name"] for meta in metas if nodes.chooses(meta["name"], meta.get("labels") or {})]


def _affected(
    program: Program, plight: Plight, entry: Entry, around: Surroundings, elapsed: float
) -> tuple[Program, Plight]:
    disturbance = entry.disturbance
    match disturbance:
        case Misbehaviour() | Release():
            for behaviour in behaviours_of(disturbance):
                program, plight = behave(program, behaviour, elapsed), _plight(plight, behaviour)
        case CpuStress():
            program = behave(program, CpuBurnt(cores=disturbance.cores), 0.0)
        case MemoryStress():
            program = behave(program, MemoryHeld(bytes=disturbance.bytes), 0.0)
        case ClockOffset() | NodeClock():
            plight = replace(plight, clock_offset=plight.clock_offset + disturbance.seconds)
        case DiskFill():
            if program.disk is not None:
                plight = replace(plight, foreign_bytes=plight.foreign_bytes + disturbance.bytes)
        case SlowClients():
            held = min(around.users * disturbance.percent / 100 * disturbance.seconds, program.concurrency - 1.0)
            program = program.model_copy(update={"concurrency": int(program.concurrency - held)})
            plight = replace(plight, held=plight.held + held)
        case IoDelay() if _kept_at(program, disturbance.volume):
            program = _reprogrammed(program, disturbance)
            seconds = disturbance.seconds * disturbance.percent / 100
            plight = replace(plight, io_seconds=plight.io_seconds + seconds)
        case _:
            program = _reprogrammed(program, disturbance)
    return program, plight


def _reprogrammed(program: Program, disturbance: Disturbance) -> Program:
    """What happens to requests, disks and accelerators."""
    if isinstance(disturbance, IoDelay | IoErrors) and not _kept_at(program, disturbance.volume):
        return program
    if isinstance(disturbance, HttpAbort | HttpReplace | HttpDelay) and disturbance.port not in (0, program.port):
        return program
    match disturbance:
        case HttpAbort():
            return _failing(program, disturbance.operation, disturbance.percent, _BAD_GATEWAY)
        case HttpReplace():
            return _failing(program, disturbance.operation, disturbance.percent, disturbance.status)
        case HttpDelay():
            seconds = disturbance.seconds * disturbance.percent / 100
            return with_routes_of(program, disturbance.operation, lambda route: waiting(route, seconds))
        case IoDelay():
            seconds = disturbance.seconds * disturbance.percent / 100
            return with_routes_of(program, "", lambda route: waiting(route, seconds) if _io(program, route) else route)
        case IoErrors():
            share, full = disturbance.percent / 100, disturbance.no_space

            def broken(route: Route) -> Route:
                hit = _writes(program, route) if full else _io(program, route)
                return failing(route, share, _FULL if full else _BROKEN) if hit else route

            made = with_routes_of(program, "", broken)
            return made if full or made is program else made.model_copy(update={"error_cause": "io"})
        case NodeDiskSlow() if program.disk is not None:
            bandwidth = program.disk.bandwidth * disturbance.percent / 100
            return program.model_copy(update={"disk": program.disk.model_copy(update={"bandwidth": bandwidth})})
        case AcceleratorThrottled():
            return slower_accelerator(program, disturbance.factor)
    return program


def _failing(program: Program, operation: str, percent: float, status: int) -> Program:
    return with_routes_of(program, operation, lambda route: failing(route, percent / 100, status))


def _kept_at(program: Program, volume: str) -> bool:
    """Whether a program keeps its data below a path."""
    return not volume or (program.disk is not None and program.disk.path.startswith(volume.rstrip("/")))


def _io(program: Program, route: Route) -> bool:
    """Whether a route uses the disk. Of a store that says nothing of its bytes, every route does."""
    return bool(route.read_bytes) or _writes(program, route)


def _writes(program: Program, route: Route) -> bool:
    if route.written_bytes or route.stored_bytes:
        return True
    silent = all(not (r.read_bytes or r.written_bytes or r.stored_bytes) for r in program.routes.values())
    return silent and program.role in ("store", "queue")


def _plight(plight: Plight, behaviour: Behaviour) -> Plight:
    if isinstance(behaviour, Hang) and not behaviour.operation:
        return replace(plight, hung=True)
    if isinstance(behaviour, RefusedUser):
        return replace(plight, refused=(*plight.refused, behaviour.user))
    if isinstance(behaviour, PlaintextRefused):
        return replace(plight, encrypted=(*plight.encrypted, behaviour.clients))
    return plight

"""Disturbances as objects of Chaos Mesh. Source: the reference of `chaos-mesh.org/v1alpha1`.

Chaos Mesh disturbs packets by who sends them, whoever opened the connection: of one that is disturbed on its way to a
server, the answers come back unhindered.
"""

from __future__ import annotations

from math import ceil
from typing import Any

from aiops.core.disturbance import Disturbance, Pods
from aiops.core.disturbance.network import (
    DnsFailure,
    HttpAbort,
    HttpDelay,
    HttpReplace,
    NetworkBandwidth,
    NetworkCorruption,
    NetworkDelay,
    NetworkDuplication,
    NetworkLoss,
    NetworkPartition,
    Packets,
)
from aiops.core.disturbance.process import ClockOffset, ContainerKill, CpuStress, IoDelay, IoErrors, MemoryStress
from aiops.core.entity import Manifest
from aiops.core.errors import NotSupportedError

GROUP, API_VERSION = "chaos-mesh.org", "chaos-mesh.org/v1alpha1"

KINDS = {
    "NetworkChaos": "networkchaos",
    "StressChaos": "stresschaos",
    "IOChaos": "iochaos",
    "DNSChaos": "dnschaos",
    "TimeChaos": "timechaos",
    "HTTPChaos": "httpchaos",
    "PodChaos": "podchaos",
}
"""The kinds that are made, with their names in paths and in RBAC rules."""

_WHOLE = 100.0
_EIO, _ENOSPC = 5, 28
_BURST, _QUEUE = 10_000, 20_971_520
"""Bytes: of the token bucket that limits a bandwidth, and of what may wait for it."""

Made = tuple[str, dict[str, Any]]


def chaos_object(name: str, namespace: str, disturbance: Disturbance) -> Manifest:
    """The object, which does what it says from when it is created until it is deleted.

    Raises `NotSupportedError` for what Chaos Mesh cannot carry."""
    if disturbance.while_running is not None:
        raise NotSupportedError(f"{disturbance.kind}: Chaos Mesh cannot tie it to pods that run")
    kind, spec = _made(disturbance)
    return {
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }


def _made(disturbance: Disturbance) -> Made:
    match disturbance:
        case Packets():
            return "NetworkChaos", _network(disturbance)
        case CpuStress() | MemoryStress():
            return "StressChaos", {**_selected(disturbance.pods, disturbance.kind), **_stress(disturbance)}
        case IoDelay() | IoErrors():
            return "IOChaos", _io(disturbance)
        case DnsFailure():
            _whole(disturbance.kind, disturbance.percent)
            patterns = [f"{name}.*" for name in disturbance.names]
            spec = {"action": "error", **({"patterns": patterns} if patterns else {})}
            return "DNSChaos", {**_selected(disturbance.pods, disturbance.kind), **spec}
        case ClockOffset():
            spec = {"timeOffset": _seconds(disturbance.seconds)}
            return "TimeChaos", {**_selected(disturbance.pods, disturbance.kind), **spec}
        case HttpAbort() | HttpDelay() | HttpReplace():
            return "HTTPChaos", _http(disturbance)
        case ContainerKill():
            if not disturbance.pods.container:
                raise NotSupportedError(f"{disturbance.kind}: Chaos Mesh kills containers that are named")
            spec = {"action": "container-kill", "containerNames": [disturbance.pods.container]}
            return "PodChaos", {**_selected(disturbance.pods, disturbance.kind, container=True), **spec}
    raise NotSupportedError(f"{disturbance.kind}: Chaos Mesh has nothing that does this")


def _network(packets: Packets) -> dict[str, Any]:
    spec: dict[str, Any] = {**_selected(packets.pods, "network"), "direction": packets.direction}
    match packets:
        case NetworkDelay():
            spec |= {"action": "delay"}
            spec["delay"] = {"latency": _seconds(packets.seconds), "jitter": _seconds(packets.jitter_seconds)}
        case NetworkLoss():
            spec |= {"action": "loss", "loss": {"loss": f"{packets.percent:g}"}}
        case NetworkCorruption():
            spec |= {"action": "corrupt", "corrupt": {"corrupt": f"{packets.percent:g}"}}
        case NetworkDuplication():
            spec |= {"action": "duplicate", "duplicate": {"duplicate": f"{packets.percent:g}"}}
        case NetworkBandwidth():
            rate = f"{round(packets.bytes_per_second)}bps"  # tc's word for bytes a second
            spec |= {"action": "bandwidth", "bandwidth": {"rate": rate, "limit": _QUEUE, "buffer": _BURST}}
        case NetworkPartition():
            spec |= {"action": "partition"}
    if packets.peers is not None:
        spec["target"] = _selected(packets.peers, "network")
    elif not isinstance(packets, NetworkPartition):
        if packets.direction == "from":
            raise NotSupportedError("network: Chaos Mesh has to be told from whom packets come")
        spec["direction"] = "to"  # without a target there are rules on what a pod sends alone, which every answer needs
    return spec


def _stress(stress: CpuStress | MemoryStress) -> dict[str, Any]:
    if isinstance(stress, MemoryStress):
        return {"stressors": {"memory": {"workers": 1, "size": f"{round(stress.bytes / 2**20)}MB"}}}
    workers = ceil(stress.cores)
    return {"stressors": {"cpu": {"workers": workers, "load": max(round(100 * stress.cores / workers), 1)}}}


def _io(io: IoDelay | IoErrors) -> dict[str, Any]:
    if not io.volume:
        raise NotSupportedError(f"{io.kind}: Chaos Mesh has to be told at which path the volume is mounted")
    spec = {**_selected(io.pods, io.kind), "volumePath": io.volume, "percent": max(round(io.percent), 1)}
    if isinstance(io, IoDelay):
        return {**spec, "action": "latency", "delay": _seconds(io.seconds), "methods": ["READ", "WRITE"]}
    methods = ["WRITE"] if io.no_space else ["READ", "WRITE"]
    return {**spec, "action": "fault", "errno": _ENOSPC if io.no_space else _EIO, "methods": methods}


def _http(requests: HttpAbort | HttpDelay | HttpReplace) -> dict[str, Any]:
    _whole(requests.kind, requests.percent)
    if not requests.port:
        raise NotSupportedError(f"{requests.kind}: Chaos Mesh has to be told on which port")
    method, _, path = requests.operation.partition(" ")
    spec: dict[str, Any] = {**_selected(requests.pods, requests.kind), "port": requests.port, "path": path or "*"}
    if method:
        spec["method"] = method
    match requests:
        case HttpAbort():
            return {**spec, "target": "Request", "abort": True}
        case HttpDelay():
            return {**spec, "target": "Request", "delay": _seconds(requests.seconds)}
        case HttpReplace():
            return {**spec, "target": "Response", "replace": {"code": requests.status}}


def _selected(pods: Pods, kind: str, *, container: bool = False) -> dict[str, Any]:
    """`mode` and `selector`: every pod that is chosen when the object is created."""
    if not pods.namespace:
        raise NotSupportedError(f"{kind}: Chaos Mesh has to be told in which namespace")
    if pods.image:
        raise NotSupportedError(f"{kind}: Chaos Mesh cannot choose pods by the image that they run")
    selector: dict[str, Any] = {"namespaces": [pods.namespace]}
    if pods.labels:
        selector["labelSelectors"] = dict(pods.labels)
    if pods.names:
        selector["pods"] = {pods.namespace: list(pods.names)}
    if pods.nodes:
        selector["nodes"] = list(pods.nodes)
    found: dict[str, Any] = {"mode": "all", "selector": selector}
    if pods.container and not container and kind.startswith(("stress.", "io.", "clock.")):
        found["containerNames"] = [pods.container]
    return found


def _whole(kind: str, percent: float) -> None:
    if percent != _WHOLE:
        raise NotSupportedError(f"{kind}: Chaos Mesh does this to all requests or to none")


def _seconds(seconds: float) -> str:
    return f"{round(seconds * 1000)}ms"

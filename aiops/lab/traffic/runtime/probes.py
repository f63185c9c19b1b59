"""What a kubelet's probe of a process finds."""

from __future__ import annotations

from zlib import crc32

from aiops.core.entity import Manifest
from aiops.lab.traffic.network.interference import Path
from aiops.lab.traffic.network.policies import Peer
from aiops.lab.traffic.network.trips import Trip
from aiops.lab.traffic.processes.process import Process

_CLEAR = Path()


def kubelet(node: str) -> Peer:
    """Who opens the connections of a node's probes: no pod."""
    return Peer(namespace="", name="", address="", node=node, labels=())


def probe(process: Process, pod: Manifest, spec: Manifest, now: float, wait: float, way: Path = _CLEAR) -> str | None:
    """None on success, else the kubelet's message. `wait` is how many seconds a request waits at the process, `way`
    what packets meet on the way to it. A probe opens a connection of its own, then asks: two round trips."""
    address = pod.get("status", {}).get("podIP", "") or "127.0.0.1"
    limit = float(spec.get("timeoutSeconds", 1))
    trip = Trip(way, crc32(f"{process.container.id}/{now}/{sorted(spec)}".encode()) if way is not _CLEAR else 0)
    unconnected = trip.lost or trip.seconds(0) > limit
    late = wait + trip.seconds(0) + trip.seconds(1) > limit
    if "httpGet" in spec:
        return _http(process, address, spec["httpGet"], now, unconnected, late)
    if "tcpSocket" in spec:
        port = _port(process, spec["tcpSocket"].get("port", 0))
        return _timed_out(address, port) if unconnected else _refused(process, address, port, now)
    if "grpc" in spec:
        port = _port(process, spec["grpc"].get("port", 0))
        if unconnected or late or _refused(process, address, port, now):
            return f'timeout: failed to connect service "{address}:{port}" within {spec.get("timeoutSeconds", 1)}s'
        return None
    if process.listening(now) and wait <= limit:
        return None
    return "command terminated with exit code 1"


def _http(process: Process, address: str, action: Manifest, now: float, unconnected: bool, late: bool) -> str | None:
    port = _port(process, action.get("port", 0))
    host = action.get("host") or address
    path = "/" + str(action.get("path", "/")).lstrip("/")
    asked = f'Get "{str(action.get("scheme", "HTTP")).lower()}://{host}:{port}{path}"'
    if unconnected:
        return f"{asked}: {_timed_out(host, port)} (Client.Timeout exceeded while awaiting headers)"
    refused = _refused(process, host, port, now)
    if refused:
        return f"{asked}: {refused}"
    if process.program.role == "store" or (process.program.role == "dns" and port == process.program.port):
        return f"{asked}: EOF"
    if asked.startswith('Get "https:'):
        return f"{asked}: http: server gave HTTP response to HTTPS client"
    if late:
        return f"{asked}: context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
    if path not in process.program.health_paths and f"GET {path}" not in process.program.routes:
        return "HTTP probe failed with statuscode: 404"
    return None


def _timed_out(host: str, port: int) -> str:
    return f"dial tcp {host}:{port}: i/o timeout"


def _refused(process: Process, host: str, port: int, now: float) -> str | None:
    if process.listening(now) and port in process.ports:
        return None
    return f"dial tcp {host}:{port}: connect: connection refused"


def _port(process: Process, port: str | int) -> int:
    """The number of a port that may be named; 0 where the container has no port of that name."""
    if isinstance(port, int) or str(port).isdigit():
        return int(port)
    for container in process.container.pod["spec"]["containers"]:
        for declared in container.get("ports", []):
            if declared.get("name") == port and container["name"] == process.container.name:
                return int(declared["containerPort"])
    return 0

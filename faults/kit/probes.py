"""What probes ask, and how one gets it wrong."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest
from aiops.core.target import Target
from aiops.faults.kit.workloads import container_in, pods_of

CHECKS = ("httpGet", "tcpSocket", "grpc", "exec")
PROBES = ("readinessProbe", "livenessProbe", "startupProbe")

Question = tuple[Any, ...]
"""(check, port, path or command, scheme)."""


def question(container: Manifest, probe: Manifest) -> Question:
    """What a probe asks."""
    check = next((name for name in CHECKS if probe.get(name)), "")
    action = probe.get(check) or {}
    if check == "exec":
        return check, None, tuple(action.get("command") or ()), None
    path = action.get("path", "/") if check == "httpGet" else action.get("service")
    return check, port_number(container, action.get("port")), path, action.get("scheme", "HTTP") if path else None


def sound_questions(container: Manifest) -> list[Question]:
    """What the probes of a container ask that works, and whether its serving ports can be connected to."""
    known = [question(container, container[probe]) for probe in PROBES if container.get(probe)]
    return known + [("tcpSocket", port["containerPort"], None, None) for port in container.get("ports") or ()]


async def passed(target: Target, deployment: Manifest, name: str, probe: str) -> list[Question]:
    """What this probe asks of the containers of a Deployment's pods that are ready."""
    ready = [
        container_in(pod["spec"], name)
        for pod in await pods_of(target, deployment)
        for status in (pod.get("status") or {}).get("containerStatuses") or ()
        if status["name"] == name and status.get("ready") and not status.get("restartCount")
    ]
    return [question(spec, spec[probe]) for spec in ready if spec and spec.get(probe)]


def mistaken(action: Manifest, container: Manifest, form: str) -> Manifest:
    """The action of a probe with another `path`, `scheme` or port (any other form) than is served."""
    if form == "path":
        return {**action, "path": f"{action.get('path', '/').rstrip('/')}/v2"}
    if form == "scheme" and action.get("scheme", "HTTP") == "HTTP":
        return {**action, "scheme": "HTTPS"}
    return {**action, "port": int(port_number(container, action["port"])) + 1000}


def port_number(container: Manifest, port: Any) -> Any:
    """The number of a port that may be named."""
    named = {entry.get("name"): entry["containerPort"] for entry in container.get("ports") or ()}
    return named.get(port, port)


def network_check(probe: Manifest) -> tuple[str, Manifest] | None:
    """(check, action) of a probe over the network; None for another one."""
    return next(((name, probe[name]) for name in ("httpGet", "tcpSocket") if probe.get(name)), None)

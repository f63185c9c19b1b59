"""What probes ask, and how one gets it wrong."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.target import Target
from aiops.faults.kit.workloads import (
    container_in,
    container_named,
    containers,
    find,
    for_container,
    original,
    pods_of,
)
from aiops.faults.registry import Before

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


async def asks_amiss(target: Target, before: Before, deployment: Entity, probe: str, *, seen: bool = True) -> bool:
    """Whether a probe of the Deployment's first container is not right. It is where it asks what a probe asked before,
    where the serving port is enough for it, where a pod is `seen` to pass it, or where there is none."""
    container, now = containers(original(before, deployment))[0], await find(target, deployment)
    changed = container_named(now, container["name"]) if now else None
    if now is None or changed is None:
        return True
    if not changed.get(probe):
        return False
    known = sound_questions(container)
    if seen:
        known += await passed(target, now, container["name"], probe)
    return question(changed, changed[probe]) not in known


async def only_connect(target: Target, before: Before, deployment: Entity, probe: str) -> None:
    """A connection to the serving port is enough for the probe."""
    container = containers(original(before, deployment))[0]
    check = {"httpGet": None, "tcpSocket": {"port": container["ports"][0]["containerPort"]}}
    await target.patch(deployment, for_container(container["name"], **{probe: check}))


async def ask_amiss(target: Target, deployment: Entity, probe: str, form: str, threshold: int) -> str:
    """Give a Deployment's first container a probe that asks for another `path` or port than its readiness probe does.
    The path of its field. Raises `NotPossibleError` where that one asks nothing over the network."""
    container = containers(await target.get(deployment))[0]
    found = network_check(container.get("readinessProbe") or {})
    if found is None:
        raise NotPossibleError(f"{deployment}: container {container['name']} has no probe over the network")
    check, action = found
    asked = mistaken(action, container, form if check == "httpGet" else "port")
    timing = {"periodSeconds": 5, "timeoutSeconds": 2, "failureThreshold": threshold}
    await target.patch(deployment, for_container(container["name"], **{probe: {check: asked, **timing}}))
    return f"spec.template.spec.containers[{container['name']}].{probe}"

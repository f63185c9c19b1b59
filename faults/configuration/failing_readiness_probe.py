"""Fault: a readiness probe that asks a healthy process for the wrong thing."""

from __future__ import annotations

from typing import Annotated, Any

from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.fields import differences
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.workloads import container_in, container_named, containers, find, for_container, original, pods_of
from aiops.faults.parameters import one_of, pick
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

CHECKS = ("httpGet", "tcpSocket", "grpc", "exec")
PROBES = ("readinessProbe", "livenessProbe", "startupProbe")


async def _present(target: Target, before: Before, deployment: Entity, form: str) -> bool:
    """A probe is right when it asks what a probe asked before, when the serving port is enough for it, when a pod that
    has it is ready, or when there is none."""
    container, now = containers(original(before, deployment))[0], await find(target, deployment)
    changed = container_named(now, container["name"]) if now else None
    if now is None or changed is None:
        return True
    if not changed.get("readinessProbe"):
        return False
    known = [_asks(container, container[probe]) for probe in PROBES if container.get(probe)]
    known += [("tcpSocket", port["containerPort"], None, None) for port in container.get("ports") or ()]
    asked = _asks(changed, changed["readinessProbe"])
    return asked not in [*known, *await _passed(target, now, container["name"])]


async def _other_fix(target: Target, before: Before, deployment: Entity, form: str) -> None:
    """A connection to the serving port is enough."""
    container = containers(original(before, deployment))[0]
    probe = {"httpGet": None, "tcpSocket": {"port": container["ports"][0]["containerPort"]}}
    await target.patch(deployment, for_container(container["name"], readinessProbe=probe))


@fault(
    Mechanism.CONFIG_PROBE,
    entities=("Deployment",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "rollout"}),
)
async def failing_readiness_probe(
    target: Target,
    deployment: Annotated[Entity, pick("Deployment")],
    form: Annotated[str, one_of("path", "port", "scheme")],
) -> GroundTruth:
    """A Deployment's readiness probe asks for a path, a port or a protocol that is not served: no new pod is ready."""
    container = containers(await target.get(deployment))[0]
    probe = container.get("readinessProbe") or {}
    if "httpGet" in probe:
        check, action = "httpGet", _mistaken(probe["httpGet"], container, form)
    elif "tcpSocket" in probe:
        check, action = "tcpSocket", _mistaken(probe["tcpSocket"], container, "port")
    else:
        raise NotPossibleError(f"{deployment}: container {container['name']} has no probe over the network")
    await target.patch(deployment, for_container(container["name"], readinessProbe={check: action}))
    place = f"spec.template.spec.containers[{container['name']}].readinessProbe.{check}"
    changed = next(differences(probe[check], action, place))
    return GroundTruth(subject=deployment, mechanism=Mechanism.CONFIG_PROBE, field=changed.path)


async def _passed(target: Target, deployment: Manifest, name: str) -> list[tuple[Any, ...]]:
    """What the readiness probes of a Deployment's pods ask that are ready."""
    ready = [
        container_in(pod["spec"], name)
        for pod in await pods_of(target, deployment)
        for status in (pod.get("status") or {}).get("containerStatuses") or ()
        if status["name"] == name and status.get("ready")
    ]
    return [_asks(spec, spec["readinessProbe"]) for spec in ready if spec and spec.get("readinessProbe")]


def _mistaken(action: Manifest, container: Manifest, form: str) -> Manifest:
    if form == "path":
        return {**action, "path": f"{action.get('path', '/').rstrip('/')}/v2"}
    if form == "scheme" and action.get("scheme", "HTTP") == "HTTP":
        return {**action, "scheme": "HTTPS"}
    return {**action, "port": int(_number(container, action["port"])) + 1000}


def _asks(container: Manifest, probe: Manifest) -> tuple[Any, ...]:
    """What a probe asks: (check, port, path or command, scheme)."""
    check = next((name for name in CHECKS if probe.get(name)), "")
    action = probe.get(check) or {}
    if check == "exec":
        return check, None, tuple(action.get("command") or ()), None
    path = action.get("path", "/") if check == "httpGet" else action.get("service")
    return check, _number(container, action.get("port")), path, action.get("scheme", "HTTP") if path else None


def _number(container: Manifest, port: Any) -> Any:
    """The number of a port that may be named."""
    named = {entry.get("name"): entry["containerPort"] for entry in container.get("ports") or ()}
    return named.get(port, port)

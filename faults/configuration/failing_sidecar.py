"""Fault: a second container of the pod that never gets ready."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.readiness import works
from aiops.faults.kit.workloads import container_in, container_named, find, for_container
from aiops.faults.parameters import one_of, pick
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

ENDING = {"image": "docker.io/library/busybox:1.36", "command": ["sh", "-c", "cat /etc/agent/agent.conf"]}
UNREADY = {
    "image": "docker.io/library/nginx:1.27",
    "readinessProbe": {"httpGet": {"path": "/healthz", "port": 80}, "periodSeconds": 5},
}


async def _present(target: Target, before: Before, deployment: Entity, name: str, form: str) -> bool:
    """The container must be gone or be another one, or pods be seen to be ready with it."""
    now = await find(target, deployment)
    if now is None:
        return True
    sidecar = container_named(now, name)
    if sidecar is None or not _same(sidecar, form):
        return False
    return not await works(target, now, lambda spec: (container_in(spec, name) or {}).get("image"))


async def _other_fix(target: Target, before: Before, deployment: Entity, name: str, form: str) -> None:
    """It is asked what it answers, or runs what does not end."""
    if form == "unready":
        change: Manifest = {"readinessProbe": {"httpGet": {"path": "/", "port": 80}}}
    else:
        change = {"command": ["sh", "-c", "tail -f /dev/null"]}
    await target.patch(deployment, for_container(name, **change))


@fault(
    Mechanism.CONFIG_SIDECAR,
    entities=("Deployment",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "restarts"}),
)
async def failing_sidecar(
    target: Target,
    deployment: Annotated[Entity, pick("Deployment")],
    name: Annotated[str, one_of("log-shipper", "metrics-agent", "reloader", "local-proxy", "audit")],
    form: Annotated[str, one_of("ending", "unready")],
) -> GroundTruth:
    """A container is added beside a Deployment's own that ends at once or is never ready: no new pod is."""
    if container_named(await target.get(deployment), name):
        raise NotPossibleError(f"{deployment} has a container {name}")
    await target.patch(deployment, for_container(name, **_sidecar(form)))
    return GroundTruth(
        subject=deployment, mechanism=Mechanism.CONFIG_SIDECAR, field=f"spec.template.spec.containers[{name}]"
    )


def _sidecar(form: str) -> Manifest:
    return UNREADY if form == "unready" else ENDING


def _same(sidecar: Manifest, form: str) -> bool:
    """Whether the container is still the one that fails."""
    if form == "ending":
        return bool(sidecar["image"] == ENDING["image"] and sidecar.get("command") == ENDING["command"])
    asked = (sidecar.get("readinessProbe") or {}).get("httpGet") or {}
    return bool(sidecar["image"] == UNREADY["image"] and asked.get("path") == "/healthz")

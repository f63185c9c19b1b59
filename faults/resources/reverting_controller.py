"""Fault: a controller that writes a limit again that is too low, whoever raises it."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.controllers import Reconciliation
from aiops.core.disturbance.scope import Pods
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.fields import read
from aiops.core.mechanism import Mechanism
from aiops.core.quantity import memory, parse_quantity
from aiops.core.target import Target
from aiops.faults.kit.culprits import batch_deployment, runs, stop
from aiops.faults.kit.limits import PLENTY, limit_of, original_limit, set_limit, too_low
from aiops.faults.kit.workloads import find
from aiops.faults.parameters import one_of, pick, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

IMAGE = "docker.io/library/python:3.12-slim"
SCRIPT = "while true; do sleep 30; done"


async def _present(target: Target, before: Before, deployment: Entity, name: str, percent: int) -> bool:
    """The controller must be gone or asleep, and the limit be about what it was."""
    return bool(await runs(target, _controller(deployment, name))) or await too_low(
        target, before, deployment, "memory"
    )


async def _other_fix(target: Target, before: Before, deployment: Entity, name: str, percent: int) -> None:
    """The controller goes to sleep, and its pod goes at once; then the limit is raised."""
    controller = _controller(deployment, name)
    await stop(target, controller)
    for pod in await target.list("Pod", deployment.namespace):
        if (pod["metadata"].get("labels") or {}).get("app") == name:
            await target.delete(Entity(kind="Pod", namespace=deployment.namespace, name=pod["metadata"]["name"]))
    container, limit = original_limit(before, deployment, "memory")
    await set_limit(target, deployment, container, "memory", memory(limit * PLENTY))


@fault(
    Mechanism.RESOURCE_REAPPLIED,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"data-plane", "restarts"}),
)
async def reverting_controller(
    target: Target,
    deployment: Annotated[Entity, pick("Deployment")],
    name: Annotated[str, one_of("sizing-operator", "config-sync", "stack-manager", "app-operator")],
    percent: Annotated[int, whole(36, 43)],
) -> GroundTruth:
    """A controller keeps a Deployment's memory limit at a share of what it was: processes are OOM-killed once warm."""
    controller = _controller(deployment, name)
    if await find(target, controller):
        raise NotPossibleError(f"there is a Deployment {name}")
    container, limit = limit_of(await target.get(deployment), "memory")
    low = memory(limit * percent / 100)
    await target.disturb(
        Reconciliation(
            object_kind="Deployment",
            namespace=deployment.namespace,
            name=deployment.name,
            fields=_fields(container, low),
            user=f"system:serviceaccount:{deployment.namespace}:default",
            manager=name,
            while_running=Pods(namespace=deployment.namespace, labels={"app": name}),
        )
    )
    await set_limit(target, deployment, container, "memory", low)
    watching = {"image": IMAGE, "command": ["sh", "-c", SCRIPT]}
    await target.create(batch_deployment(controller, watching, 1))
    return GroundTruth(subject=controller, mechanism=Mechanism.RESOURCE_REAPPLIED)


def _controller(deployment: Entity, name: str) -> Entity:
    return Entity(kind="Deployment", namespace=deployment.namespace, name=name)


def _fields(container: Manifest, low: str) -> dict[str, str]:
    """The paths that the controller keeps; the request with the limit, where it is above it."""
    place = f"spec.template.spec.containers[{container['name']}].resources"
    request = read(container, "resources.requests.memory")
    above = request is not None and parse_quantity(request) > parse_quantity(low)
    return {f"{place}.limits.memory": low} | ({f"{place}.requests.memory": low} if above else {})

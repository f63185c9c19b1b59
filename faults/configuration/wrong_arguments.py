"""Fault: an argument that the program does not know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import callers
from aiops.faults.kit.readiness import works
from aiops.faults.kit.workloads import container_in, container_named, containers, find, for_container, original
from aiops.faults.parameters import choose, one_of
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _own_programs(target: Target, namespace: str) -> Sequence[Entity]:
    """Deployments that call others and are given no arguments: data stores know many."""
    found = [await target.get(entity) for entity in await callers(target, namespace)]
    return [Entity.of(item) for item in found if not containers(item)[0].get("args")]


async def _present(target: Target, before: Before, deployment: Entity, argument: str) -> bool:
    """The argument must be gone, or a pod work with it."""
    container, now = containers(original(before, deployment))[0], await find(target, deployment)
    changed = container_named(now, container["name"]) if now else None
    if now is None or changed is None:
        return True
    if argument not in (changed.get("args") or ()):
        return False
    return not await works(target, now, lambda spec: (container_in(spec, container["name"]) or {}).get("args"))


async def _other_fix(target: Target, before: Before, deployment: Entity, argument: str) -> None:
    """The same wish as a variable of the environment, which a program that does not know it passes over."""
    container = containers(original(before, deployment))[0]
    flag, _, value = argument.lstrip("-").partition("=")
    entry = {"name": flag.replace("-", "_").upper(), "value": value}
    await target.patch(deployment, for_container(container["name"], args=None, env=[entry]))


@fault(
    Mechanism.CONFIG_COMMAND,
    entities=("Deployment",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "restarts"}),
)
async def wrong_arguments(
    target: Target,
    deployment: Annotated[Entity, choose("a Deployment that calls Services", _own_programs, Entity.parse)],
    argument: Annotated[
        str,
        one_of(
            "--max-connections=500",
            "--log-level=warn",
            "--request-timeout=5s",
            "--workers=8",
            "--enable-compression=true",
            "--cache-size=2048",
        ),
    ],
) -> GroundTruth:
    """A Deployment is rolled out with an argument that its program does not know: new processes end with usage."""
    container = containers(await target.get(deployment))[0]
    await target.patch(deployment, for_container(container["name"], args=[argument]))
    return GroundTruth(
        subject=deployment,
        mechanism=Mechanism.CONFIG_COMMAND,
        field=f"spec.template.spec.containers[{container['name']}].args",
    )

"""Fault: a container's command names a program that its image does not have."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.readiness import works
from aiops.faults.kit.workloads import container_in, container_named, containers, find, for_container, original
from aiops.faults.parameters import one_of, pick
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, deployment: Entity, command: str) -> bool:
    """A command is right when it is the one before the fault, the image's own, or when a pod works with it."""
    container, now = containers(original(before, deployment))[0], await find(target, deployment)
    changed = container_named(now, container["name"]) if now else None
    if now is None or changed is None:
        return True
    if not changed.get("command") or changed["command"] == container.get("command"):
        return False
    return not await works(target, now, lambda spec: (container_in(spec, container["name"]) or {}).get("command"))


async def _other_fix(target: Target, before: Before, deployment: Entity, command: str) -> None:
    """The image's own command, and nothing added to it."""
    container = containers(original(before, deployment))[0]
    await target.patch(deployment, for_container(container["name"], command=None, args=None))


@fault(
    Mechanism.CONFIG_COMMAND,
    entities=("Deployment",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "restarts"}),
)
async def wrong_command(
    target: Target,
    deployment: Annotated[Entity, pick("Deployment")],
    command: Annotated[
        str,
        one_of(
            "/app/bin/start",
            "/app/run",
            "/opt/app/bin/launch",
            "/usr/local/bin/start-app",
            "./start.sh",
            "/entrypoint.sh",
            "run-app",
        ),
    ],
) -> GroundTruth:
    """A Deployment is rolled out with a command that its image does not have: new containers cannot be started."""
    container = containers(await target.get(deployment))[0]
    await target.patch(deployment, for_container(container["name"], command=[command]))
    return GroundTruth(
        subject=deployment,
        mechanism=Mechanism.CONFIG_COMMAND,
        field=f"spec.template.spec.containers[{container['name']}].command",
    )

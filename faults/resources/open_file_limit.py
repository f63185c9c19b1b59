"""Fault: a limit of open files that does not even let a program start."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import callers
from aiops.faults.kit.workloads import container_named, containers, find, for_container, original
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

ENOUGH = 1024
"""Files from which on any of these programs serves: the usual soft limit."""

LIMIT = re.compile(r"ulimit\s+-n\s+(\d+)")


async def _own_programs(target: Target, namespace: str) -> Sequence[Entity]:
    """Deployments that call others and start with their image's own command."""
    found = [await target.get(entity) for entity in await callers(target, namespace)]
    return [Entity.of(item) for item in found if not containers(item)[0].get("command")]


async def _present(target: Target, before: Before, deployment: Entity, files: int) -> bool:
    """The command may not set a small limit."""
    container, now = containers(original(before, deployment))[0], await find(target, deployment)
    changed = container_named(now, container["name"]) if now else None
    if changed is None:
        return True
    set_to = LIMIT.search(" ".join([*(changed.get("command") or ()), *(changed.get("args") or ())]))
    return set_to is not None and int(set_to[1]) < ENOUGH


async def _other_fix(target: Target, before: Before, deployment: Entity, files: int) -> None:
    """A large limit."""
    await _limit(target, deployment, containers(original(before, deployment))[0]["name"], 65536)


@fault(
    Mechanism.CONFIG_COMMAND,
    entities=("Deployment",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "restarts"}),
)
async def open_file_limit(
    target: Target,
    deployment: Annotated[Entity, choose("a Deployment that calls Services", _own_programs, Entity.parse)],
    files: Annotated[int, whole(6, 12)],
) -> GroundTruth:
    """A Deployment's command allows its program so few open files that it cannot begin to serve."""
    container = containers(await target.get(deployment))[0]
    await _limit(target, deployment, container["name"], files)
    return GroundTruth(
        subject=deployment,
        mechanism=Mechanism.CONFIG_COMMAND,
        field=f"spec.template.spec.containers[{container['name']}].command",
    )


async def _limit(target: Target, deployment: Entity, container: str, files: int) -> None:
    script = f"ulimit -n {files}; exec /app/server"
    await target.patch(deployment, for_container(container, command=["sh", "-c", script]))

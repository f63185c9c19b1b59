"""Fault: a startup probe that asks a healthy process for the wrong thing."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.probes import ask_amiss, asks_amiss, only_connect
from aiops.faults.parameters import one_of, pick, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

PROBE = "startupProbe"


async def _present(target: Target, before: Before, deployment: Entity, form: str, threshold: int) -> bool:
    return await asks_amiss(target, before, deployment, PROBE)


async def _other_fix(target: Target, before: Before, deployment: Entity, form: str, threshold: int) -> None:
    await only_connect(target, before, deployment, PROBE)


@fault(
    Mechanism.CONFIG_PROBE,
    entities=("Deployment",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "restarts"}),
)
async def failing_startup_probe(
    target: Target,
    deployment: Annotated[Entity, pick("Deployment")],
    form: Annotated[str, one_of("path", "port")],
    threshold: Annotated[int, whole(6, 9)],
) -> GroundTruth:
    """A startup probe asks for what is not served: no new container is seen to have started, and each is killed."""
    field = await ask_amiss(target, deployment, PROBE, form, threshold)
    return GroundTruth(subject=deployment, mechanism=Mechanism.CONFIG_PROBE, field=field)

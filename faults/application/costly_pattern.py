"""Fault: an expression that takes far too long for some inputs."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.behaviour import OperationCost
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.draws import BusyService
from aiops.faults.kit.options import set_variable, still_on, turn_on, variable_of
from aiops.faults.kit.workloads import original
from aiops.faults.parameters import one_of, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

_PATTERN = r"^([\w.-]+)*@([\w-]+\.)+[a-z]{2,}$"
_PLAIN = r"^[^@\s]+@[^@\s]+$"


async def _present(target: Target, before: Before, deployment: Entity, option: str, factor: int) -> bool:
    return await still_on(target, before, deployment, option, _PATTERN)


async def _other_fix(target: Target, before: Before, deployment: Entity, option: str, factor: int) -> None:
    """A pattern that needs no backtracking."""
    await set_variable(target, variable_of(original(before, deployment), option), _PLAIN)


@fault(
    Mechanism.APP_COSTLY_PATTERN,
    entities=("Deployment", "ConfigMap"),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"application", "configuration"}),
)
async def costly_pattern(
    target: Target,
    deployment: BusyService,
    option: Annotated[
        str, one_of("INPUT_PATTERN", "ADDRESS_PATTERN", "NAME_FILTER", "REQUEST_ID_PATTERN", "BLOCK_RULE")
    ],
    factor: Annotated[int, whole(60, 200)],
) -> GroundTruth:
    """An option gets an expression whose matching backtracks: requests take many times the CPU."""
    subject, changed = await turn_on(target, deployment, option, _PATTERN, OperationCost(cpu_factor=factor))
    return GroundTruth(subject=subject, mechanism=Mechanism.APP_COSTLY_PATTERN, field=changed)

"""Fault: a client that gives up too early and tries again at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance.behaviour import HastyCalls
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.options import set_variable, still_on, turn_on, variable_of
from aiops.faults.kit.pairs import pairs
from aiops.faults.kit.workloads import original
from aiops.faults.parameters import choose, one_of, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

_RETRIES = 3
_PATIENT = "attempts=1,timeout=2s"


async def _calling(target: Target, namespace: str) -> Sequence[Entity]:
    """Callers of other services: stores mostly answer in time."""
    return sorted({pair.source for pair in await pairs(target, namespace)}, key=str)


def _hasty(milliseconds: int) -> str:
    return f"attempts={_RETRIES + 1},timeout={milliseconds}ms"


async def _present(target: Target, before: Before, deployment: Entity, option: str, milliseconds: int) -> bool:
    return await still_on(target, before, deployment, option, _hasty(milliseconds))


async def _other_fix(target: Target, before: Before, deployment: Entity, option: str, milliseconds: int) -> None:
    """One attempt, and time enough for it."""
    await set_variable(target, variable_of(original(before, deployment), option), _PATIENT)


@fault(
    Mechanism.LOAD_RETRIES,
    entities=("Deployment", "ConfigMap"),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"load", "configuration"}),
)
async def eager_retries(
    target: Target,
    deployment: Annotated[Entity, choose("a Deployment that calls another one", _calling, Entity.parse)],
    option: Annotated[str, one_of("UPSTREAM_POLICY", "CLIENT_RETRY", "CALL_POLICY", "RETRY_POLICY", "HEDGING_POLICY")],
    milliseconds: Annotated[int, whole(4, 9)],
) -> GroundTruth:
    """An option lets calls be given up after milliseconds and made again: others get the load several times over."""
    calls = HastyCalls(timeout_seconds=milliseconds / 1000, retries=_RETRIES)
    subject, changed = await turn_on(target, deployment, option, _hasty(milliseconds), calls)
    return GroundTruth(subject=subject, mechanism=Mechanism.LOAD_RETRIES, field=changed)

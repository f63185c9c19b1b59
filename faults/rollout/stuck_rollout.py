"""Fault: a Deployment that was paused, and got a new version."""

from __future__ import annotations

from aiops.core.disturbance.process import Release
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.draws import Bump, BusyService
from aiops.faults.kit.releases import reference, run_version, version_after
from aiops.faults.kit.workloads import containers, find, original
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, deployment: Entity, bump: str) -> bool:
    """Whether something is asked for that a paused Deployment never brings."""
    present = await find(target, deployment)
    if present is None:
        return True
    asked = containers(original(before, deployment)) != containers(present)
    return bool(present["spec"].get("paused")) and asked


async def _other_fix(target: Target, before: Before, deployment: Entity, bump: str) -> None:
    """It is resumed, so that the new version comes."""
    await target.patch(deployment, {"spec": {"paused": False}}, "merge")


@fault(
    Mechanism.ROLLOUT_STRATEGY,
    entities=("Deployment",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "rollout"}),
)
async def stuck_rollout(target: Target, deployment: BusyService, bump: Bump) -> GroundTruth:
    """A Deployment is paused, and forgotten: the new version that it is given next never comes."""
    container = containers(await target.get(deployment))[0]
    repository, version = reference(container["image"])
    new = version_after(version, bump)
    await target.disturb(Release(image=repository, version=new))
    await target.patch(deployment, {"spec": {"paused": True}}, "merge")
    await run_version(target, deployment, container, new)
    return GroundTruth(subject=deployment, mechanism=Mechanism.ROLLOUT_STRATEGY, field="spec.paused")

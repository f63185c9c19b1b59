"""Fault: of two Deployments that were upgraded together, only one was rolled back."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.behaviour import OperationErrors
from aiops.core.disturbance.process import Release
from aiops.core.entity import Edge
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.draws import Bump
from aiops.faults.kit.pairs import Pair, pods_with_image
from aiops.faults.kit.releases import asks_for, image_field, reference, run_version, version_after
from aiops.faults.kit.workloads import containers, original
from aiops.faults.parameters import whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, pair: Edge, bump: str, percent: int) -> bool:
    """Whether the new version still calls the old one."""
    caller, called = (containers(original(before, end))[0] for end in (pair.source, pair.target))
    new, old = version_after(reference(caller["image"])[1], bump), reference(called["image"])[1]
    return await asks_for(target, pair.source, caller, new) and await asks_for(target, pair.target, called, old)


async def _other_fix(target: Target, before: Before, pair: Edge, bump: str, percent: int) -> None:
    """The one that was rolled back gets its new version again."""
    called = containers(original(before, pair.target))[0]
    await run_version(target, pair.target, called, version_after(reference(called["image"])[1], bump))


@fault(
    Mechanism.ROLLOUT_PARTIAL,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"rollout"}),
)
async def partial_rollback(
    target: Target, pair: Pair, bump: Bump, percent: Annotated[int, whole(50, 95)]
) -> GroundTruth:
    """Two Deployments get new versions, and the called one is rolled back: the new caller cannot read what it says."""
    caller, called = await target.get(pair.source), await target.get(pair.target)
    ours, theirs = containers(caller)[0], containers(called)[0]
    (ours_at, old), (theirs_at, good) = reference(ours["image"]), reference(theirs["image"])
    new, newer = version_after(old, bump), version_after(good, bump)
    errors = OperationErrors(percent=percent, cause="protocol")
    while_old = pods_with_image(called, theirs["image"])
    await target.disturb(Release(image=theirs_at, version=newer))
    await target.disturb(Release(image=ours_at, version=new, behaviours=(errors,), while_running=while_old))
    await run_version(target, pair.target, theirs, newer)
    await run_version(target, pair.source, ours, new)
    await run_version(target, pair.target, theirs, good)
    return GroundTruth(subject=pair.source, mechanism=Mechanism.ROLLOUT_PARTIAL, field=image_field(ours))

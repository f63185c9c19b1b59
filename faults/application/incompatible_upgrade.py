"""Fault: a service was upgraded to a version that its caller does not fit yet."""

from __future__ import annotations

from aiops.core.disturbance.behaviour import OperationErrors
from aiops.core.disturbance.process import Release
from aiops.core.entity import Edge
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.draws import Bump
from aiops.faults.kit.pairs import Pair, pods_with_image
from aiops.faults.kit.releases import asks_for, image_field, reference, run_version, version_after
from aiops.faults.kit.workloads import containers, original
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, pair: Edge, bump: str) -> bool:
    """Whether the new version still answers the old one."""
    caller, called = (containers(original(before, end))[0] for end in (pair.source, pair.target))
    old, new = reference(caller["image"])[1], version_after(reference(called["image"])[1], bump)
    return await asks_for(target, pair.target, called, new) and await asks_for(target, pair.source, caller, old)


async def _other_fix(target: Target, before: Before, pair: Edge, bump: str) -> None:
    """The caller gets the version that belongs to the new one."""
    caller = containers(original(before, pair.source))[0]
    repository, old = reference(caller["image"])
    new = version_after(old, bump)
    await target.disturb(Release(image=repository, version=new))
    await run_version(target, pair.source, caller, new)


@fault(
    Mechanism.ROLLOUT_PARTIAL,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"application", "rollout"}),
)
async def incompatible_upgrade(target: Target, pair: Pair, bump: Bump) -> GroundTruth:
    """A Deployment is upgraded and no longer has the operations that its caller, which stays as it is, asks for."""
    caller, called = await target.get(pair.source), await target.get(pair.target)
    container = containers(called)[0]
    repository, old = reference(container["image"])
    new = version_after(old, bump)
    gone = OperationErrors(percent=100, status=404)
    while_old = pods_with_image(caller, containers(caller)[0]["image"])
    await target.disturb(Release(image=repository, version=new, behaviours=(gone,), while_running=while_old))
    await run_version(target, pair.target, container, new)
    return GroundTruth(subject=pair.target, mechanism=Mechanism.ROLLOUT_PARTIAL, field=image_field(container))

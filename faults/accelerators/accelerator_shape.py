"""Fault: pods ask for accelerators in a shape that no node offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.accelerated import ACCELERATOR, accelerated, first_accelerated
from aiops.faults.kit.places import admits
from aiops.faults.kit.workloads import containers, find, for_container, original
from aiops.faults.parameters import choose, one_of
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _accelerated(target: Target, namespace: str) -> Sequence[Entity]:
    return await accelerated(target, namespace)


async def _present(target: Target, before: Before, deployment: Entity, shape: str) -> bool:
    """No node on which the pods may run has what they ask for."""
    manifest = await find(target, deployment)
    if manifest is None:
        return True
    spec = manifest["spec"]["template"]["spec"]
    wanted = {
        name: int(amount)
        for container in containers(manifest)
        for name, amount in (container["resources"].get("limits") or {}).items()
        if name.startswith("nvidia.com/")
    }
    return not any(
        all(int(node["status"]["capacity"].get(name, 0)) >= amount for name, amount in wanted.items())
        for node in await target.list("Node", "")
        if admits(node, spec)
    )


async def _other_fix(target: Target, before: Before, deployment: Entity, shape: str) -> None:
    """As many whole devices as before, for pods that make way for each other."""
    old = original(before, deployment)
    container = first_accelerated(old)
    amount = container["resources"]["limits"][ACCELERATOR]
    name, _, _ = shape.partition("=")
    shares = {ACCELERATOR: amount} if name == ACCELERATOR else {ACCELERATOR: amount, name: None}
    body = for_container(container["name"], resources={"limits": shares, "requests": shares})
    body["spec"]["strategy"] = {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}
    await target.patch(deployment, body)


@fault(
    Mechanism.ACCELERATOR_SHAPE,
    entities=("Deployment",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"accelerator", "rollout"}),
)
async def accelerator_shape(
    target: Target,
    deployment: Annotated[Entity, choose("a Deployment with accelerators", _accelerated, Entity.parse)],
    shape: Annotated[
        str,
        one_of(
            "nvidia.com/gpu=4",
            "nvidia.com/gpu=8",
            "nvidia.com/mig-1g.10gb=1",
            "nvidia.com/mig-3g.40gb=1",
            "nvidia.com/gpu.shared=1",
        ),
    ],
) -> GroundTruth:
    """A Deployment is rolled out for more devices than a node has, or for slices that none offers: its pods wait."""
    container = first_accelerated(await target.get(deployment))
    name, _, amount = shape.partition("=")
    shares = {name: amount} if name == ACCELERATOR else {ACCELERATOR: None, name: amount}
    await target.patch(deployment, for_container(container["name"], resources={"limits": shares, "requests": shares}))
    return GroundTruth(
        subject=deployment,
        mechanism=Mechanism.ACCELERATOR_SHAPE,
        field=f"spec.template.spec.containers[{container['name']}].resources.limits",
    )

"""Fault: an image that is built for other processors."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.process import Release
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import callers
from aiops.faults.kit.images import next_version, pin_what_ran, repository_of, tag_of, without_digest
from aiops.faults.kit.workloads import container_named, containers, find, for_container, original
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, deployment: Entity, step: int) -> bool:
    """The image may not be the one that was built elsewhere."""
    image, now = containers(original(before, deployment))[0], await find(target, deployment)
    changed = container_named(now, image["name"]) if now else None
    return changed is None or without_digest(changed["image"]) == _new(image["image"], step)


async def _other_fix(target: Target, before: Before, deployment: Entity, step: int) -> None:
    await pin_what_ran(target, before, deployment)


@fault(
    Mechanism.IMAGE_ARCHITECTURE,
    entities=("Deployment",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"data-plane", "rollout"}),
)
async def wrong_architecture(
    target: Target,
    deployment: Annotated[Entity, choose("a Deployment that calls Services", callers, Entity.parse)],
    step: Annotated[int, whole(1, 4)],
) -> GroundTruth:
    """A Deployment is rolled out with a version that was built for arm64 alone: new processes cannot be executed."""
    container = containers(await target.get(deployment))[0]
    image = _new(container["image"], step)
    await target.disturb(Release(image=repository_of(image), version=tag_of(image), architecture="arm64"))
    await target.patch(deployment, for_container(container["name"], image=image))
    return GroundTruth(
        subject=deployment,
        mechanism=Mechanism.IMAGE_ARCHITECTURE,
        field=f"spec.template.spec.containers[{container['name']}].image",
    )


def _new(image: str, step: int) -> str:
    return f"{repository_of(image)}:{next_version(tag_of(image), step)}"

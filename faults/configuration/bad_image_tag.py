"""Fault: an image reference that no registry has."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.images import pin_what_ran, running, without_digest
from aiops.faults.kit.workloads import container_named, containers, find, for_container, original
from aiops.faults.parameters import one_of, pick
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, deployment: Entity, suffix: str) -> bool:
    """An image is good when it is the one before the fault, by tag or digest, or when a pod runs it."""
    container, present = containers(original(before, deployment))[0], await find(target, deployment)
    if present is None:
        return True
    changed = container_named(present, container["name"])
    if changed is None:
        return True
    known = {without_digest(container["image"])}
    known |= {without_digest(image) for image, _ in await running(target, present, container["name"])}
    return without_digest(changed["image"]) not in known


async def _other_fix(target: Target, before: Before, deployment: Entity, suffix: str) -> None:
    await pin_what_ran(target, before, deployment)


@fault(
    Mechanism.IMAGE_UNAVAILABLE,
    entities=("Deployment",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "rollout"}),
)
async def bad_image_tag(
    target: Target,
    deployment: Annotated[Entity, pick("Deployment")],
    suffix: Annotated[str, one_of("-rc1", "-rc2", "-hotfix", "-slim", "-build7", ".post1", "-amd64")],
) -> GroundTruth:
    """A Deployment is rolled out with a tag that was never pushed: new pods cannot pull their image."""
    container = containers(await target.get(deployment))[0]
    await target.patch(deployment, for_container(container["name"], image=_with_suffix(container["image"], suffix)))
    return GroundTruth(
        subject=deployment,
        mechanism=Mechanism.IMAGE_UNAVAILABLE,
        field=f"spec.template.spec.containers[{container['name']}].image",
    )


def _with_suffix(image: str, suffix: str) -> str:
    """The reference with a longer tag; a digest is dropped, because it would win over the tag."""
    name = without_digest(image)
    has_tag = ":" in name.rpartition("/")[2]
    return f"{name}{suffix}" if has_tag else f"{name}:latest{suffix}"

"""Fault: the image of another program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance.process import Release
from aiops.core.entity import Edge
from aiops.core.errors import NotPossibleError
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import serving
from aiops.faults.kit.images import pin_what_ran, repository_of
from aiops.faults.kit.releases import reference, version_after
from aiops.faults.kit.workloads import container_named, containers, find, for_container, original
from aiops.faults.parameters import choose, read_edge
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _neighbours(target: Target, namespace: str) -> Sequence[Edge]:
    """A Deployment and another one whose image stands beside its own in the registry."""
    found = {entity: await target.get(entity) for entity in await serving(target, "Deployment", namespace)}
    images = {entity: repository_of(containers(item)[0]["image"]) for entity, item in found.items()}
    return [
        Edge(source=entity, target=other)
        for entity, image in images.items()
        for other, beside in images.items()
        if beside != image and beside.rpartition("/")[0] == image.rpartition("/")[0]
    ]


async def _present(target: Target, before: Before, pair: Edge) -> bool:
    """The image must be one of the program that it was, of whatever version."""
    container, now = containers(original(before, pair.source))[0], await find(target, pair.source)
    changed = container_named(now, container["name"]) if now else None
    return changed is None or repository_of(changed["image"]) != repository_of(container["image"])


async def _other_fix(target: Target, before: Before, pair: Edge) -> None:
    """What old pods still run, by its digest; where none does, the next version of the program."""
    try:
        await pin_what_ran(target, before, pair.source)
    except NotPossibleError:
        container = containers(original(before, pair.source))[0]
        repository, version = reference(container["image"])
        following = version_after(version, "patch")
        await target.disturb(Release(image=repository, version=following))
        changes = {"image": f"{repository}:{following}"}
        await target.patch(pair.source, for_container(container["name"], **changes))


@fault(
    Mechanism.IMAGE_WRONG,
    entities=("Deployment",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "rollout"}),
)
async def wrong_image(
    target: Target,
    pair: Annotated[Edge, choose("a Deployment, and one whose image it gets", _neighbours, read_edge)],
) -> GroundTruth:
    """A Deployment is rolled out with the image of its neighbour: another program starts, or fails, in its place."""
    container, other = containers(await target.get(pair.source))[0], containers(await target.get(pair.target))[0]
    await target.patch(pair.source, for_container(container["name"], image=other["image"]))
    return GroundTruth(
        subject=pair.source,
        mechanism=Mechanism.IMAGE_WRONG,
        field=f"spec.template.spec.containers[{container['name']}].image",
    )
